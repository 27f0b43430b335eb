#include "export/onnx_columns.h"
#include "base/number.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEM_SIZE = 32 };

/* What is concatenated, piece by piece, and where each feature of the model lies in it. */
typedef struct pieces {
    char **values; /* ends with NULL */
    size_t count;
    int64_t *places; /* one a feature */
    size_t end;      /* columns of all pieces so far */
} pieces;

static bool fills(const isb_preprocessing *p) {
    return p->policy == ISB_MISSING_MEAN || p->policy == ISB_MISSING_INDICATOR;
}

static size_t count_numbers(const isb_preprocessing *p) {
    size_t count = 0;
    for (size_t i = 0; i < p->count; i++)
        count += p->features[i].categories == NULL;
    return count;
}

static size_t features_of(const isb_feature *feature) {
    return (feature->categories == NULL ? 1 : feature->category_count) + feature->indicator;
}

static void add_inputs(isb_onnx *g, const isb_preprocessing *p) {
    for (size_t i = 0; i < p->count; i++)
        isb_onnx_input(g, p->features[i].name,
                       p->features[i].categories == NULL ? ISB_ONNX_FLOAT : ISB_ONNX_STRING, 1);
}

static char *cast(isb_onnx *g, const char *stem, char *value, isb_onnx_type type) {
    char *result = isb_onnx_node(g, "Cast", stem, (char *[]){value, NULL});
    isb_onnx_set_int(g, "to", (int64_t)type);
    return result;
}

/* --- numbers, all columns of them at once --- */

/* Numbers that the experiment names as missing become NaN. */
static char *mark_missing(isb_onnx *g, const isb_names *missing, char *numbers) {
    for (size_t i = 0; i < missing->count; i++) {
        char stem[STEM_SIZE], nan_stem[STEM_SIZE];
        double parsed;
        if (!isb_parse_double(missing->items[i], &parsed))
            continue;
        float *values = isb_onnx_claim(g, 2, sizeof *values);
        if (values == NULL)
            return NULL;
        values[0] = (float)parsed;
        values[1] = NAN;
        snprintf(stem, sizeof stem, "missing_%zu", i);
        snprintf(nan_stem, sizeof nan_stem, "nan_%zu", i);
        char *number = isb_onnx_constant(g, stem, ISB_ONNX_FLOAT, &values[0], 0, 0);
        char *nan = isb_onnx_constant(g, nan_stem, ISB_ONNX_FLOAT, &values[1], 0, 0);
        char *equal = isb_onnx_node(g, "Equal", stem, (char *[]){numbers, number, NULL});
        numbers = isb_onnx_node(g, "Where", stem, (char *[]){equal, nan, numbers, NULL});
    }
    return numbers;
}

/* A member of each column of numbers. */
static char *vector(isb_onnx *g, const char *stem, const isb_preprocessing *p, size_t count,
                    double (*member)(const isb_feature *)) {
    double *values = isb_onnx_claim(g, count, sizeof *values);
    if (values == NULL)
        return NULL;
    for (size_t i = 0, n = 0; i < p->count; i++)
        if (p->features[i].categories == NULL)
            values[n++] = member(&p->features[i]);
    return isb_onnx_constant(g, stem, ISB_ONNX_DOUBLE, values, 0, count);
}

static double fill_of(const isb_feature *feature) { return feature->fill; }
static double offset_of(const isb_feature *feature) { return feature->offset; }
static double divisor_of(const isb_feature *feature) { return feature->divisor; }

/* In double, as isobit has it. */
static char *scale(isb_onnx *g, const isb_preprocessing *p, size_t count, char *numbers,
                   char *absent) {
    char *x = cast(g, "double", numbers, ISB_ONNX_DOUBLE);
    if (absent != NULL) {
        char *fill = vector(g, "fill", p, count, fill_of);
        x = isb_onnx_node(g, "Where", "fill", (char *[]){absent, fill, x, NULL});
    }
    char *offset = vector(g, "offset", p, count, offset_of);
    x = isb_onnx_node(g, "Sub", "offset", (char *[]){x, offset, NULL});
    char *divisor = vector(g, "divisor", p, count, divisor_of);
    x = isb_onnx_node(g, "Div", "divisor", (char *[]){x, divisor, NULL});
    return cast(g, "features", x, ISB_ONNX_FLOAT);
}

static char *join_numbers(isb_onnx *g, const isb_preprocessing *p, size_t count) {
    char **names = isb_onnx_claim(g, count + 1, sizeof *names);
    if (names == NULL)
        return NULL;
    for (size_t i = 0, n = 0; i < p->count; i++)
        if (p->features[i].categories == NULL)
            names[n++] = p->features[i].name;
    char *numbers = isb_onnx_node(g, "Concat", "numbers", names);
    isb_onnx_set_int(g, "axis", 1);
    return numbers;
}

static void add_numbers(isb_onnx *g, const isb_exported *from, pieces *to) {
    const isb_preprocessing *p = &from->columns;
    const size_t count = count_numbers(p);
    if (count == 0)
        return;
    char *numbers = mark_missing(g, from->missing, join_numbers(g, p, count));
    char *absent =
        fills(p) ? isb_onnx_node(g, "IsNaN", "numbers", (char *[]){numbers, NULL}) : NULL;
    to->values[to->count++] = scale(g, p, count, numbers, absent);
    if (absent != NULL)
        to->values[to->count++] = cast(g, "absent", absent, ISB_ONNX_FLOAT);
    size_t feature = 0, number = 0;
    for (size_t i = 0; i < p->count; feature += features_of(&p->features[i++])) {
        if (p->features[i].categories != NULL)
            continue;
        to->places[feature] = (int64_t)number;
        if (p->features[i].indicator)
            to->places[feature + 1] = (int64_t)(count + number);
        number++;
    }
    to->end = absent != NULL ? 2 * count : count;
}

/* --- texts, column by column --- */

/* A column of texts. */
typedef struct text_column {
    const isb_feature *feature;
    size_t index; /* of the column */
    const isb_names *missing;
} text_column;

static int compare(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_category(const isb_feature *feature, const char *text) {
    return bsearch(&text, feature->categories, feature->category_count, sizeof *feature->categories,
                   compare) != NULL;
}

/* Puts the texts of a missing cell, the empty one and those that the experiment names; gives their
 * number. */
static size_t put_missing(const char **out, const text_column *of) {
    const isb_feature *feature = of->feature;
    const isb_names *missing = of->missing;
    size_t count = 0;
    if (!is_category(feature, ""))
        out[count++] = "";
    for (size_t i = 0; i < missing->count; i++)
        if (missing->items[i][0] != '\0' && !is_category(feature, missing->items[i]))
            out[count++] = missing->items[i];
    return count;
}

/* 0, and `value` for a missing cell. */
static char *flag_missing(isb_onnx *g, const char *what, const text_column *of, float value) {
    char stem[STEM_SIZE];
    const char **keys = isb_onnx_claim(g, of->missing->count + 1, sizeof *keys);
    float *values = isb_onnx_claim(g, of->missing->count + 1, sizeof *values);
    if (keys == NULL || values == NULL)
        return NULL;
    const size_t count = put_missing(keys, of);
    snprintf(stem, sizeof stem, "%s_%zu", what, of->index);
    for (size_t i = 0; i < count; i++)
        values[i] = value;
    char *flags =
        isb_onnx_node(g, "ai.onnx.ml.LabelEncoder", stem, (char *[]){of->feature->name, NULL});
    isb_onnx_set_strings(g, "keys_strings", keys, count);
    isb_onnx_set_floats(g, "values_floats", values, count);
    isb_onnx_set_float(g, "default_float", 0.0f);
    return flags;
}

/* The place of the text's category; -1 for a text that is none. */
static char *encode(isb_onnx *g, const text_column *of, bool filled, const char *stem) {
    const isb_feature *feature = of->feature;
    const size_t categories = feature->category_count, most = categories + of->missing->count + 1;
    const char **keys = isb_onnx_claim(g, most, sizeof *keys);
    int64_t *values = isb_onnx_claim(g, most, sizeof *values);
    if (keys == NULL || values == NULL)
        return NULL;
    size_t count = categories;
    for (size_t i = 0; i < categories; i++) {
        keys[i] = feature->categories[i];
        values[i] = (int64_t)i;
    }
    if (filled)
        count += put_missing(keys + categories, of);
    for (size_t i = categories; i < count; i++)
        values[i] = (int64_t)feature->mode;
    char *place =
        isb_onnx_node(g, "ai.onnx.ml.LabelEncoder", stem, (char *[]){feature->name, NULL});
    isb_onnx_set_strings(g, "keys_strings", keys, count);
    isb_onnx_set_ints(g, "values_int64s", values, count);
    isb_onnx_set_int(g, "default_int64", -1);
    return place;
}

/* A column for each category. */
static char *one_hot(isb_onnx *g, const text_column *of, char *place, const char *stem) {
    const size_t count = of->feature->category_count;
    char places_stem[STEM_SIZE];
    int64_t *all = isb_onnx_claim(g, count, sizeof *all);
    if (all == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        all[i] = (int64_t)i;
    snprintf(places_stem, sizeof places_stem, "places_%zu", of->index);
    char *places = isb_onnx_constant(g, places_stem, ISB_ONNX_INT64, all, 0, count);
    char *own = isb_onnx_node(g, "Equal", stem, (char *[]){place, places, NULL});
    return cast(g, stem, own, ISB_ONNX_FLOAT);
}

/* `first` is the place of its first feature. */
static void add_texts(isb_onnx *g, const text_column *of, bool filled, size_t first, pieces *to) {
    char stem[STEM_SIZE];
    snprintf(stem, sizeof stem, "text_%zu", of->index);
    char *hot = one_hot(g, of, encode(g, of, filled, stem), stem);
    if (!filled) {
        char *nan = flag_missing(g, "refused", of, NAN);
        hot = isb_onnx_node(g, "Add", stem, (char *[]){hot, nan, NULL});
    }
    to->values[to->count++] = hot;
    if (of->feature->indicator)
        to->values[to->count++] = flag_missing(g, "absent", of, 1.0f);
    const size_t count = features_of(of->feature);
    for (size_t i = 0; i < count; i++)
        to->places[first + i] = (int64_t)to->end++;
}

/* --- all --- */

/* Concatenates the pieces, and puts the features in their order. */
static char *join(isb_onnx *g, const pieces *of, size_t width) {
    bool ordered = true;
    char *all = isb_onnx_node(g, "Concat", "features", of->values);
    isb_onnx_set_int(g, "axis", 1);
    for (size_t i = 0; i < width; i++)
        ordered = ordered && of->places[i] == (int64_t)i;
    if (ordered && of->end == width)
        return all;
    char *order = isb_onnx_constant(g, "order", ISB_ONNX_INT64, of->places, 0, width);
    char *features = isb_onnx_node(g, "Gather", "features", (char *[]){all, order, NULL});
    isb_onnx_set_int(g, "axis", 1);
    return features;
}

char *isb_onnx_columns(isb_onnx *g, const isb_exported *from) {
    const isb_preprocessing *p = &from->columns;
    pieces all = {.values = isb_onnx_claim(g, 2 * p->count + 3, sizeof *all.values),
                  .places = isb_onnx_claim(g, p->width, sizeof *all.places)};
    if (all.values == NULL || all.places == NULL)
        return NULL;
    add_inputs(g, p);
    add_numbers(g, from, &all);
    size_t first = 0;
    for (size_t i = 0; i < p->count; first += features_of(&p->features[i++])) {
        const text_column column = {&p->features[i], i, from->missing};
        if (p->features[i].categories != NULL)
            add_texts(g, &column, fills(p), first, &all);
    }
    return join(g, &all, p->width);
}

char *isb_onnx_refuse_missing(isb_onnx *g, const isb_preprocessing *p, char *features,
                              char *outputs) {
    static const float zero = 0.0f;
    static const int64_t columns = 1;
    if (fills(p))
        return outputs;
    char *nothing = isb_onnx_constant(g, "nothing", ISB_ONNX_FLOAT, &zero, 0, 0);
    char *axes = isb_onnx_constant(g, "columns", ISB_ONNX_INT64, &columns, 0, 1);
    char *zeros = isb_onnx_node(g, "Mul", "refused", (char *[]){features, nothing, NULL});
    char *sum = isb_onnx_node(g, "ReduceSum", "refused", (char *[]){zeros, axes, NULL});
    return isb_onnx_node(g, "Add", "refused", (char *[]){outputs, sum, NULL});
}
