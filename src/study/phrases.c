#include "study/phrases.h"
#include <string.h>

enum { LABEL_COLUMNS = 60, NAMED_IN_LISTS = 3 };

static const struct {
    const char *placement, *words;
} placements[] = {{"before", "before"}, {"after", "after"}, {"both", "before and after"}};

enum { PLACEMENTS = sizeof placements / sizeof placements[0] };

static size_t hidden_layers(const isb_experiment *base) {
    size_t dense = 0;
    for (size_t i = 0; i < base->layer_count; i++)
        dense += base->layers[i].kind == ISB_DENSE;
    return dense > 0 ? dense - 1 : 0;
}

/* The value of the axis `name` in this variant; "" where there is none. */
static const char *value_of(const isb_study *study, size_t variant, const char *name) {
    const size_t axis = isb_axis_find(study, name);
    return axis < study->axis_count ? study->variants[variant].values[axis] : "";
}

/* "dropout of 0.2 before the dense layer"; false where the variant is not that. */
static bool put_dropout(isb_text *out, const isb_study *study, size_t variant, bool utf8) {
    const char *placement = value_of(study, variant, "placement");
    const char *rate = value_of(study, variant, "rate");
    if (strcmp(placement, "none") == 0) {
        isb_text_add(out, "no dropout");
        return true;
    }
    size_t found = 0;
    while (found < PLACEMENTS && strcmp(placement, placements[found].placement) != 0)
        found++;
    if (found == PLACEMENTS)
        return false;
    isb_text_add(out, "dropout ");
    if (rate[0] != '\0') {
        isb_text_add(out, "of ");
        isb_put_name(out, rate, LABEL_COLUMNS, utf8);
        isb_text_add(out, " ");
    }
    isb_text_format(out, "%s %s", placements[found].words,
                    hidden_layers(&study->base) > 1 ? "every hidden dense layer"
                                                    : "the dense layer");
    return true;
}

/* What else varies: " with units 64 and learning_rate 0.001". */
static void put_other_axes(isb_text *out, const isb_study *study, size_t variant, bool utf8) {
    const char *between = " with ";
    for (size_t a = 0; a < study->axis_count; a++) {
        const isb_axis *axis = &study->axes[a];
        const char *value = study->variants[variant].values[a];
        if (strcmp(axis->name, "placement") == 0 || strcmp(axis->name, "rate") == 0 ||
            value[0] == '\0')
            continue;
        isb_text_add(out, between);
        isb_put_name(out, isb_axis_short_name(axis), LABEL_COLUMNS, utf8);
        isb_text_add(out, " ");
        isb_put_name(out, value, LABEL_COLUMNS, utf8);
        between = " and ";
    }
}

void isb_put_label(isb_text *out, const isb_study *study, size_t variant, bool utf8) {
    isb_text_add(out, utf8 ? "\xe2\x80\x9c" : "\"");
    isb_put_name(out, study->variants[variant].label, LABEL_COLUMNS, utf8);
    isb_text_add(out, utf8 ? "\xe2\x80\x9d" : "\"");
}

void isb_put_variant(isb_text *out, const isb_study *study, size_t variant, bool utf8) {
    if (put_dropout(out, study, variant, utf8))
        put_other_axes(out, study, variant, utf8);
    else
        isb_put_label(out, study, variant, utf8);
}

void isb_put_labels(isb_text *out, const isb_study *study, const size_t *variants, size_t count,
                    bool utf8) {
    const size_t named = count > NAMED_IN_LISTS + 1 ? NAMED_IN_LISTS : count;
    for (size_t i = 0; i < named; i++) {
        if (i > 0)
            isb_text_add(out, i + 1 == count ? " and " : ", ");
        isb_put_label(out, study, variants[i], utf8);
    }
    if (named < count)
        isb_text_format(out, " and %zu more", count - named);
}

void isb_capitalize(isb_text *out, size_t start) {
    if (start < out->length && out->data[start] >= 'a' && out->data[start] <= 'z')
        out->data[start] = (char)(out->data[start] - 'a' + 'A');
}
