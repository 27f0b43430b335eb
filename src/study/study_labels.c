#include "study/study_labels.h"
#include "io/yaml.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_VALUE = 40 }; /* that a label holds */

static bool is_one_line(const char *text) {
    while (*text != '\0' && (unsigned char)*text >= 0x20)
        text++;
    return *text == '\0';
}

char *isb_axis_value(const isb_node *value) {
    isb_text text = {0};
    isb_text_add(&text, "");
    if (value->kind == ISB_NODE_SCALAR && value->plain && is_one_line(value->text))
        isb_text_add(&text, value->text);
    else
        isb_yaml_add_node(&text, value);
    if (!text.failed)
        return text.data;
    free(text.data);
    return NULL;
}

static const char *last_part(const char *key) {
    const char *dot = strrchr(key, '.');
    return dot != NULL ? dot + 1 : key;
}

/* The last part of the key where no other axis ends in it. */
static const char *short_name(const isb_study_form *form, size_t axis) {
    const char *name = last_part(form->axes[axis].key);
    for (size_t i = 0; i < form->axis_count; i++)
        if (i != axis && strcmp(last_part(form->axes[i].key), name) == 0)
            return form->axes[axis].key;
    return name;
}

/* What is the same in every variant names none, but where nothing varies at all. */
static bool tells_apart(const isb_study_form *form, size_t axis) {
    if (form->axes[axis].kind != ISB_AXIS_KEY || form->axes[axis].values->count > 1)
        return true;
    for (size_t i = 0; i < form->axis_count; i++)
        if (form->axes[i].kind != ISB_AXIS_KEY || form->axes[i].values->count > 1)
            return false;
    return true;
}

char *isb_variant_label(const isb_study_form *form, char *const *values, const size_t *at) {
    isb_text text = {0};
    isb_text_add(&text, "");
    for (size_t i = 0; i < form->axis_count; i++) {
        char number[32];
        if (values[i][0] == '\0' || !tells_apart(form, i))
            continue;
        if (text.length > 0)
            isb_text_add(&text, ", ");
        if (form->axes[i].kind != ISB_AXIS_PLACEMENT) {
            isb_text_add(&text, short_name(form, i));
            isb_text_add(&text, " ");
        }
        snprintf(number, sizeof number, "#%zu", at[i] + 1);
        isb_text_add(&text, strlen(values[i]) > LONGEST_VALUE ? number : values[i]);
    }
    if (!text.failed)
        return text.data;
    free(text.data);
    return NULL;
}
