/* A fitted preprocessing as JSON, written and read back. */
#include "cpu/fpenv.h"
#include "data/preprocessing.h"
#include "io/json.h"
#include "io/json_bounds.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DEPTH = 4, MOST_PARTS = 1 << 22 }; /* a part is a category, or less */

static const char *const policies[] = {
    [ISB_MISSING_ERROR] = "error",
    [ISB_MISSING_MEAN] = "mean",
    [ISB_MISSING_INDICATOR] = "indicator",
    [ISB_MISSING_DROP_ROW] = "drop_row",
};

/* --- writing --- */

static void put_texts(isb_json *json, const char *key, char *const *texts, size_t count) {
    isb_json_array(json, key);
    for (size_t i = 0; i < count; i++)
        isb_json_string(json, NULL, texts[i]);
    isb_json_end_array(json);
}

static void put_feature(isb_json *json, const isb_feature *feature) {
    isb_json_object(json, NULL);
    isb_json_string(json, "name", feature->name);
    isb_json_boolean(json, "indicator", feature->indicator);
    if (feature->categories != NULL) {
        put_texts(json, "categories", feature->categories, feature->category_count);
        isb_json_unsigned(json, "mode", feature->mode);
    } else {
        isb_json_double(json, "offset", feature->offset);
        isb_json_double(json, "divisor", feature->divisor);
        isb_json_double(json, "fill", feature->fill);
    }
    isb_json_end_object(json);
}

isb_status isb_preprocessing_write(const isb_preprocessing *p, char **text, isb_error *error) {
    isb_json json = ISB_JSON_INIT;
    isb_json_object(&json, NULL);
    isb_json_unsigned(&json, "format", 1);
    isb_json_string(&json, "missing_policy", policies[p->policy]);
    if (p->label != NULL)
        isb_json_string(&json, "label", p->label);
    if (p->classes != NULL)
        put_texts(&json, "classes", p->classes, p->class_count);
    isb_json_array(&json, "features");
    for (size_t i = 0; i < p->count; i++)
        put_feature(&json, &p->features[i]);
    isb_json_end_array(&json);
    isb_json_end_object(&json);
    return isb_json_finish(&json, text, error);
}

/* --- reading --- */

/* What reading came to. */
typedef enum verdict { GOOD, WRONG, NO_MEMORY } verdict;

static verdict get_text(char **out, json_t *value) {
    const char *text = json_string_value(value);
    if (text == NULL)
        return WRONG;
    *out = strdup(text);
    return *out != NULL ? GOOD : NO_MEMORY;
}

static verdict get_texts(char ***out, size_t *count, json_t *array) {
    if (!json_is_array(array) || json_array_size(array) == 0)
        return WRONG;
    *out = calloc(json_array_size(array), sizeof **out);
    if (*out == NULL)
        return NO_MEMORY;
    verdict result = GOOD;
    for (size_t i = 0; i < json_array_size(array) && result == GOOD; i++) {
        result = get_text(&(*out)[i], json_array_get(array, i));
        *count += result == GOOD;
    }
    return result;
}

static bool get_number(double *out, json_t *object, const char *key) {
    json_t *value = json_object_get(object, key);
    *out = json_number_value(value);
    return json_is_number(value) && isfinite(*out);
}

static bool ascending(char *const *texts, size_t count) {
    for (size_t i = 1; i < count; i++)
        if (strcmp(texts[i - 1], texts[i]) >= 0)
            return false;
    return true;
}

static verdict get_categories(isb_feature *out, json_t *object) {
    const verdict result =
        get_texts(&out->categories, &out->category_count, json_object_get(object, "categories"));
    double mode;
    if (result != GOOD)
        return result;
    if (!ascending(out->categories, out->category_count) ||
        out->category_count > ISB_MOST_CATEGORIES || !get_number(&mode, object, "mode") ||
        mode < 0 || mode >= (double)out->category_count)
        return WRONG;
    out->mode = (size_t)mode;
    return GOOD;
}

static verdict get_feature(isb_feature *out, json_t *object) {
    json_t *indicator = json_object_get(object, "indicator");
    verdict result = get_text(&out->name, json_object_get(object, "name"));
    if (result != GOOD || !json_is_boolean(indicator))
        return result == GOOD ? WRONG : result;
    out->indicator = json_is_true(indicator);
    if (json_object_get(object, "categories") != NULL)
        return get_categories(out, object);
    return get_number(&out->offset, object, "offset") &&
                   get_number(&out->divisor, object, "divisor") &&
                   get_number(&out->fill, object, "fill") && out->divisor != 0
               ? GOOD
               : WRONG;
}

static verdict get_features(isb_preprocessing *out, json_t *array) {
    if (!json_is_array(array))
        return WRONG;
    out->features = calloc(json_array_size(array) + 1, sizeof *out->features);
    if (out->features == NULL)
        return NO_MEMORY;
    verdict result = GOOD;
    for (size_t i = 0; i < json_array_size(array) && result == GOOD; i++)
        result = get_feature(&out->features[out->count++], json_array_get(array, i));
    if (result == GOOD && !isb_preprocessing_measure(out))
        result = WRONG;
    return result;
}

static bool get_policy(isb_missing_policy *out, json_t *value) {
    const char *word = json_string_value(value);
    for (size_t i = 0; word != NULL && i < sizeof policies / sizeof policies[0]; i++) {
        if (strcmp(word, policies[i]) == 0) {
            *out = (isb_missing_policy)i;
            return true;
        }
    }
    return false;
}

static verdict get_all(isb_preprocessing *out, json_t *root) {
    json_t *label = json_object_get(root, "label"), *classes = json_object_get(root, "classes");
    verdict result = GOOD;
    double format;
    if (!get_number(&format, root, "format") || format != 1 ||
        !get_policy(&out->policy, json_object_get(root, "missing_policy")))
        return WRONG;
    if (label != NULL)
        result = get_text(&out->label, label);
    if (result == GOOD && classes != NULL)
        result = get_texts(&out->classes, &out->class_count, classes);
    return result == GOOD ? get_features(out, json_object_get(root, "features")) : result;
}

isb_status isb_preprocessing_read(isb_preprocessing *out, const char *text, const char *from,
                                  isb_error *error) {
    *out = (isb_preprocessing){0};
    json_error_t problem = {0};
    verdict result = WRONG;
    if (isb_json_excess(text, strlen(text), MOST_DEPTH, MOST_PARTS) == NULL) {
        const isb_fpenv before = isb_fpenv_enter(); /* numbers are rounded */
        json_t *root = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &problem);
        isb_fpenv_leave(before);
        if (root != NULL)
            result = get_all(out, root);
        else if (json_error_code(&problem) == json_error_out_of_memory)
            result = NO_MEMORY;
        json_decref(root);
    }
    if (result == GOOD)
        return ISB_OK;
    isb_preprocessing_free(out);
    if (result == NO_MEMORY)
        return isb_fail_memory(error, "the columns of a model");
    return isb_fail(error, ISB_CORRUPT,
                    "%s: what it says of the columns of its table makes no sense; use another copy",
                    from);
}
