#include "data/preprocessing.h"
#include <stdlib.h>

static void free_texts(char **texts, size_t count) {
    for (size_t i = 0; texts != NULL && i < count; i++)
        free(texts[i]);
    free(texts);
}

void isb_preprocessing_free(isb_preprocessing *p) {
    for (size_t i = 0; i < p->count; i++) {
        free(p->features[i].name);
        free_texts(p->features[i].categories, p->features[i].category_count);
    }
    free(p->features);
    free(p->label);
    free_texts(p->classes, p->class_count);
    *p = (isb_preprocessing){0};
}

bool isb_preprocessing_measure(isb_preprocessing *p) {
    p->width = 0;
    for (size_t i = 0; i < p->count; i++) {
        const isb_feature *feature = &p->features[i];
        const size_t own = feature->categories == NULL ? 1 : feature->category_count;
        if (__builtin_add_overflow(p->width, own + feature->indicator, &p->width))
            return false;
    }
    return p->width <= INT32_MAX;
}
