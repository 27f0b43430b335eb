#include "cli/inspecting.h"
#include "cli/quantity.h"
#include "io/text.h"
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b) {
    const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

isb_status isb_classes_count(isb_classes *out, const uint32_t *labels, size_t rows,
                             isb_error *error) {
    *out = (isb_classes){.labels = malloc((rows + 1) * sizeof *out->labels),
                         .rows = calloc(rows + 1, sizeof *out->rows)};
    if (out->labels == NULL || out->rows == NULL)
        return isb_fail_memory(error, "the labels");
    if (rows > 0)
        memcpy(out->labels, labels, rows * sizeof *labels);
    qsort(out->labels, rows, sizeof *out->labels, compare);
    for (size_t i = 0; i < rows; i++) {
        if (out->count == 0 || out->labels[out->count - 1] != out->labels[i])
            out->labels[out->count++] = out->labels[i];
        out->rows[out->count - 1]++;
    }
    return ISB_OK;
}

void isb_classes_free(isb_classes *classes) {
    free(classes->labels);
    free(classes->rows);
    *classes = (isb_classes){0};
}

static const char *name_of(uint32_t label, char *const *names, char number[ISB_CLIP_SIZE]) {
    if (label == ISB_FRAME_MISSING && names != NULL)
        return NULL;
    if (names != NULL)
        return names[label];
    snprintf(number, ISB_CLIP_SIZE, "%u", label);
    return number;
}

void isb_classes_json(isb_json *json, const isb_classes *classes, char *const *names) {
    if (classes->count > ISB_CLASSES_LISTED) {
        isb_json_null(json, "classes");
        return;
    }
    isb_json_array(json, "classes");
    for (size_t i = 0; i < classes->count; i++) {
        char number[ISB_CLIP_SIZE];
        isb_json_object(json, NULL);
        isb_json_string(json, "class", name_of(classes->labels[i], names, number));
        isb_json_unsigned(json, "rows", classes->rows[i]);
        isb_json_end_object(json);
    }
    isb_json_end_array(json);
}

void isb_classes_print(FILE *out, const isb_classes *classes, char *const *names) {
    size_t all = 0;
    for (size_t i = 0; i < classes->count; i++)
        all += classes->rows[i];
    for (size_t i = 0; i < classes->count && i < ISB_CLASSES_SHOWN; i++) {
        char number[ISB_CLIP_SIZE], shown[ISB_CLIP_SIZE], rows[ISB_COUNT_SIZE];
        const char *name = name_of(classes->labels[i], names, number);
        fprintf(out, "  %-24s %12s  %5.1f %%\n", name == NULL ? "(missing)" : isb_clip(shown, name),
                isb_count_text(classes->rows[i], rows),
                100 * (double)classes->rows[i] / (double)all);
    }
    if (classes->count > ISB_CLASSES_SHOWN)
        fprintf(out, "  and %zu more classes\n", classes->count - ISB_CLASSES_SHOWN);
}
