#include "data/table_labels.h"
#include "base/number.h"
#include "io/text.h"
#include <stdlib.h>
#include <string.h>

typedef struct class {
    const char *text;
    double value;
    uint32_t index;
} class;

static int by_text(const void *left, const void *right) {
    const class *a = left, *b = right;
    return strcmp(a->text, b->text);
}

/* "1" and "01" have the same value, and are two classes. */
static int by_value(const void *left, const void *right) {
    const class *a = left, *b = right;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return by_text(left, right);
}

static isb_status copy_classes(isb_preprocessing *out, const class *classes, size_t count,
                               isb_error *error) {
    out->classes = calloc(count + 1, sizeof *out->classes);
    if (out->classes == NULL)
        return isb_fail_memory(error, "the classes of a table");
    for (; out->class_count < count; out->class_count++) {
        out->classes[out->class_count] = strdup(classes[out->class_count].text);
        if (out->classes[out->class_count] == NULL)
            return isb_fail_memory(error, "the classes of a table");
    }
    return ISB_OK;
}

static isb_status fail_single(const isb_frame *frame, const isb_column *column, const char *text,
                              isb_error *error) {
    char name[ISB_CLIP_SIZE], clipped[ISB_CLIP_SIZE];
    return isb_fail(error, ISB_DATA,
                    "%s: the label, column '%s', is '%s' in every row; there is nothing to tell "
                    "apart, so choose another data.label",
                    frame->file, isb_clip(name, column->name), isb_clip(clipped, text));
}

/* The classes among the texts of the column that stand in these rows. */
static size_t collect(class *classes, const isb_column *column, const bool *seen) {
    size_t count = 0;
    bool numbers = true;
    for (size_t code = 0; code < column->text_count; code++) {
        if (!seen[code])
            continue;
        classes[count].text = column->texts[code];
        numbers = isb_parse_double(column->texts[code], &classes[count].value) && numbers;
        count++;
    }
    qsort(classes, count, sizeof *classes, numbers ? by_value : by_text);
    return count;
}

isb_status isb_labels_fit(isb_preprocessing *out, const isb_frame *frame, const isb_column *column,
                          const uint32_t *rows, size_t count, isb_error *error) {
    bool *seen = calloc(column->text_count + 1, sizeof *seen);
    class *classes = calloc(column->text_count + 1, sizeof *classes);
    isb_status status = ISB_OK;
    if (seen == NULL || classes == NULL) {
        status = isb_fail_memory(error, "the classes of a table");
    } else {
        for (size_t i = 0; i < count; i++)
            seen[column->codes[rows[i]]] = true;
        const size_t found = collect(classes, column, seen);
        status = found < 2 ? fail_single(frame, column, classes[0].text, error)
                           : copy_classes(out, classes, found, error);
    }
    free(seen);
    free(classes);
    return status;
}

/* The class of each text of the column; UINT32_MAX: none. Texts and sorted classes ascend. */
static isb_status match(uint32_t *class_of, const isb_preprocessing *p, const isb_column *column,
                        isb_error *error) {
    class *classes = calloc(p->class_count + 1, sizeof *classes);
    if (classes == NULL)
        return isb_fail_memory(error, "the classes of a table");
    for (size_t i = 0; i < p->class_count; i++)
        classes[i] = (class){.text = p->classes[i], .index = (uint32_t)i};
    qsort(classes, p->class_count, sizeof *classes, by_text);
    for (size_t code = 0; code < column->text_count; code++) {
        const class wanted = {.text = column->texts[code]};
        const class *found = bsearch(&wanted, classes, p->class_count, sizeof *classes, by_text);
        class_of[code] = found != NULL ? found->index : UINT32_MAX;
    }
    free(classes);
    return ISB_OK;
}

static isb_status fail_unknown(const isb_frame *frame, const isb_column *column, uint32_t row,
                               isb_error *error) {
    char name[ISB_CLIP_SIZE], text[ISB_CLIP_SIZE];
    return isb_fail(error, ISB_DATA,
                    "%s:%zu: the label, column '%s', is '%s', which the model does not know; it "
                    "was trained without such rows",
                    frame->file, isb_frame_line(frame, row), isb_clip(name, column->name),
                    isb_clip(text, column->texts[column->codes[row]]));
}

isb_status isb_labels_of(uint32_t *labels, const isb_preprocessing *p, const isb_frame *frame,
                         const isb_column *column, const uint32_t *rows, size_t count,
                         isb_error *error) {
    uint32_t *class_of = calloc(column->text_count + 1, sizeof *class_of);
    if (class_of == NULL)
        return isb_fail_memory(error, "the classes of a table");
    isb_status status = match(class_of, p, column, error);
    for (size_t i = 0; i < count && status == ISB_OK; i++) {
        labels[i] = class_of[column->codes[rows[i]]];
        if (labels[i] == UINT32_MAX)
            status = fail_unknown(frame, column, rows[i], error);
    }
    free(class_of);
    return status;
}
