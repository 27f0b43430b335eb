#include "train/class_scores.h"
#include "cpu/fpenv.h"
#include <math.h>
#include <stdlib.h>

static double ratio(size_t a, size_t b) { return b == 0 ? NAN : (double)a / (double)b; }

static double or_zero(double value) { return isnan(value) ? 0 : value; }

static void count_rows(isb_evaluation *out, const uint32_t *labels, const uint32_t *rows,
                       const uint32_t *classes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const size_t label = labels[rows[i]], predicted = classes[i];
        out->by_class[label].support++;
        out->by_class[predicted].predicted++;
        out->by_class[label].hits += label == predicted;
        if (out->confusion != NULL)
            out->confusion[label * out->classes + predicted]++;
    }
}

static void take_ratios(isb_evaluation *out) {
    out->precision = out->recall = out->f1 = 0;
    for (size_t i = 0; i < out->classes; i++) {
        isb_class_score *one = &out->by_class[i];
        one->precision = ratio(one->hits, one->predicted);
        one->recall = ratio(one->hits, one->support);
        one->f1 = ratio(2 * one->hits, one->predicted + one->support);
        out->precision += or_zero(one->precision);
        out->recall += or_zero(one->recall);
        out->f1 += or_zero(one->f1);
    }
    out->precision /= (double)out->classes;
    out->recall /= (double)out->classes;
    out->f1 /= (double)out->classes;
}

isb_status isb_class_scores_make(isb_evaluation *out, const uint32_t *labels, const uint32_t *rows,
                                 const uint32_t *classes, size_t count, isb_error *error) {
    const bool small = out->classes <= ISB_CONFUSION_CLASSES;
    out->by_class = calloc(out->classes, sizeof *out->by_class);
    out->confusion = small ? calloc(out->classes * out->classes, sizeof *out->confusion) : NULL;
    if (out->by_class == NULL || (small && out->confusion == NULL))
        return isb_fail_memory(error, "the scores of the classes");
    count_rows(out, labels, rows, classes, count);
    const isb_fpenv before = isb_fpenv_enter();
    take_ratios(out);
    isb_fpenv_leave(before);
    return ISB_OK;
}

void isb_evaluation_free(isb_evaluation *evaluation) {
    free(evaluation->by_class);
    free(evaluation->confusion);
    *evaluation = (isb_evaluation){0};
}
