#include <isobit/tensors.h>
#include <stdlib.h>
#include <string.h>

void isb_tensors_free(isb_tensors *tensors) {
    for (size_t i = 0; i < tensors->count; i++)
        free(tensors->items[i].data);
    free(tensors->items);
    *tensors = (isb_tensors){0};
}

const isb_tensor *isb_tensors_find(const isb_tensors *tensors, const char *name) {
    for (size_t i = 0; i < tensors->count; i++)
        if (strcmp(tensors->items[i].name, name) == 0)
            return &tensors->items[i];
    return NULL;
}

bool isb_tensor_is_weights(const char *name) {
    static const char *const others[] = {"optimizer.", "callback.", "scaling."};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strncmp(name, others[i], strlen(others[i])) == 0)
            return false;
    return true;
}
