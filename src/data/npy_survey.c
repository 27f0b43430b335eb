#include "data/npy_survey.h"
#include <math.h>
#include <stdlib.h>

/* On the way through the array. */
typedef struct surveying {
    isb_npy_survey *out;
    isb_npy_wide *first; /* of each column, its value in row 0 */
    bool *differs;       /* another row's is another */
    isb_npy_elements elements;
} surveying;

static bool is_less(const isb_npy *array, isb_npy_wide a, isb_npy_wide b) {
    return array->kind == ISB_NPY_FLOAT    ? isb_npy_double(a) < isb_npy_double(b)
           : array->kind == ISB_NPY_SIGNED ? (int64_t)a < (int64_t)b
                                           : a < b;
}

static void add_oddity(isb_npy_oddity *odd, size_t row, size_t column) {
    if (odd->count++ > 0 && (row > odd->row || (row == odd->row && column > odd->column)))
        return;
    odd->row = row;
    odd->column = column;
}

static void add_finite(isb_npy_survey *out, const isb_npy *array, isb_npy_wide value) {
    if (out->finite++ == 0)
        out->least = out->most = value;
    out->least = is_less(array, value, out->least) ? value : out->least;
    out->most = is_less(array, out->most, value) ? value : out->most;
    if (array->kind == ISB_NPY_FLOAT) {
        const double real = isb_npy_double(value);
        out->whole = out->whole && (fabs(real) >= 0x1p53 || (double)(int64_t)real == real);
    }
}

static void add_value(surveying *s, isb_npy_wide value, size_t row, size_t column) {
    const isb_npy *array = s->elements.array;
    const double real = array->kind == ISB_NPY_FLOAT ? isb_npy_double(value) : 0.0;
    if (row == 0)
        s->first[column] = value;
    s->differs[column] = s->differs[column] || s->first[column] != value;
    if (isnan(real))
        add_oddity(&s->out->nan, row, column);
    else if (isinf(real))
        add_oddity(&s->out->infinite, row, column);
    else
        add_finite(s->out, array, value);
}

static void look_at_block(isb_npy_elements *e) {
    surveying *s = e->context;
    for (size_t i = 0; i < e->count;) {
        const isb_npy_run at = isb_npy_next_run(e, i);
        for (size_t k = 0; k < at.count; k++) {
            const size_t place = at.place + k * at.step;
            add_value(s, isb_npy_widen(e->array, e->block + (i + k) * e->array->size),
                      place / e->width, place % e->width);
        }
        i += at.count;
    }
}

static void count_constant(surveying *s) {
    const size_t width = s->elements.width;
    for (size_t i = 0; s->elements.array->count > width && i < width; i++)
        s->out->constant += !s->differs[i];
}

isb_status isb_npy_survey_make(isb_npy_survey *out, const isb_npy *array, const isb_feed *feed,
                               isb_error *error) {
    const size_t width = array->rank > 0 ? array->count / array->sizes[0] : 1;
    surveying *s = calloc(1, sizeof *s);
    isb_status status = ISB_OK;
    *out = (isb_npy_survey){.columns = width, .whole = true};
    if (s != NULL) {
        s->out = out;
        s->elements.context = s;
        s->first = calloc(width, sizeof *s->first);
        s->differs = calloc(width, sizeof *s->differs);
    }
    if (s == NULL || s->first == NULL || s->differs == NULL)
        status = isb_fail_memory(error, feed->name);
    if (status == ISB_OK)
        status = isb_npy_elements_read(&s->elements, array, feed, look_at_block, error);
    if (status == ISB_OK)
        count_constant(s);
    if (s != NULL) {
        free(s->first);
        free(s->differs);
    }
    free(s);
    return status;
}

const char *isb_npy_type(const isb_npy *array) {
    static const char *const names[4][9] = {
        [ISB_NPY_BOOL] = {[1] = "bool"},
        [ISB_NPY_SIGNED] = {[1] = "int8", [2] = "int16", [4] = "int32", [8] = "int64"},
        [ISB_NPY_UNSIGNED] = {[1] = "uint8", [2] = "uint16", [4] = "uint32", [8] = "uint64"},
        [ISB_NPY_FLOAT] = {[2] = "float16", [4] = "float32", [8] = "float64"},
    };
    return names[array->kind][array->size];
}
