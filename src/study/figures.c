#include "study/figures.h"
#include "base/number.h"
#include <math.h>
#include <string.h>

/* Units. */

/* The smallest half-width above 0 of the variants' intervals; 1 where there is none. */
static double smallest_half(const isb_findings *findings, bool test) {
    double smallest = INFINITY;
    for (size_t v = 0; v < findings->study->variant_count; v++) {
        const isb_variant_summary *of = &findings->summary->variants[v];
        const isb_estimate *estimate = test ? &of->test : &of->metric;
        const double half = (estimate->high - estimate->low) / 2;
        if (half > 0 && half < smallest)
            smallest = half;
    }
    return isinf(smallest) ? 1 : smallest;
}

/* One decimal more where intervals would else come out as 0. */
static isb_unit unit_for(bool accuracy, double half) {
    if (accuracy)
        return (isb_unit){100, half < 0.00005 ? 3 : 2, "%"};
    return (isb_unit){1, half < 0.00005 ? 5 : 4, ""};
}

isb_unit isb_unit_of(const isb_findings *findings) {
    return unit_for(isb_metric_is_accuracy(findings->study->metric),
                    smallest_half(findings, false));
}

isb_unit isb_test_unit_of(const isb_findings *findings) {
    return unit_for(findings->summary->test_accuracy, smallest_half(findings, true));
}

/* Numbers. */

const char *isb_plus_minus(bool utf8) { return utf8 ? "\xc2\xb1" : "+-"; }

void isb_put_fixed(isb_text *out, double value, int decimals) {
    char number[ISB_NUMBER_SIZE];
    if (isnan(value)) {
        isb_text_add(out, "-");
        return;
    }
    isb_format_fixed(number, value, decimals);
    isb_text_add(out, number);
}

void isb_put_value(isb_text *out, isb_unit unit, double value) {
    isb_put_fixed(out, value * unit.factor, unit.decimals);
}

void isb_put_signed(isb_text *out, isb_unit unit, double value) {
    if (value >= 0)
        isb_text_add(out, "+");
    isb_put_value(out, unit, value);
}

void isb_put_half(isb_text *out, isb_unit unit, isb_estimate of) {
    isb_put_value(out, unit, (of.high - of.low) / 2);
}

static void put_interval(isb_text *out, isb_unit unit, isb_estimate of, bool utf8) {
    if (isnan(of.low) || isnan(of.high))
        return;
    isb_text_format(out, " %s ", isb_plus_minus(utf8));
    isb_put_half(out, unit, of);
}

void isb_put_mean(isb_text *out, isb_unit unit, isb_estimate of, bool utf8) {
    isb_put_value(out, unit, of.mean);
    put_interval(out, unit, of, utf8);
}

void isb_put_difference(isb_text *out, isb_unit unit, isb_estimate of, bool utf8) {
    isb_put_signed(out, unit, of.mean);
    put_interval(out, unit, of, utf8);
}

/* Near 0.05 a digit more, so that it shows on which side it lies. */
static int p_decimals(double p) {
    if (p >= 0.0495 && p < 0.0505)
        return 5;
    return p >= 0.0995 ? 2 : 3;
}

void isb_put_p(isb_text *out, double p) {
    if (p < 0.001)
        isb_text_add(out, "<0.001");
    else
        isb_put_fixed(out, p, p_decimals(p));
}

void isb_put_p_equals(isb_text *out, double p) {
    isb_text_add(out, p < 0.001 ? "p < 0.001" : "p = ");
    if (!(p < 0.001))
        isb_put_p(out, p);
}

/* Words. */

const char *isb_metric_words(isb_metric metric) {
    static const char *const words[ISB_METRICS] = {
        [ISB_METRIC_LOSS] = "training loss",
        [ISB_METRIC_ACCURACY] = "training accuracy",
        [ISB_METRIC_MAE] = "training mean absolute error",
        [ISB_METRIC_MSE] = "training mean squared error",
        [ISB_METRIC_R2] = "training R2",
        [ISB_METRIC_VAL_LOSS] = "validation loss",
        [ISB_METRIC_VAL_ACCURACY] = "validation accuracy",
        [ISB_METRIC_VAL_MAE] = "validation mean absolute error",
        [ISB_METRIC_VAL_MSE] = "validation mean squared error",
        [ISB_METRIC_VAL_R2] = "validation R2",
        [ISB_METRIC_TRAIN_EVAL_LOSS] = "training loss with dropout off",
        [ISB_METRIC_TRAIN_EVAL_ACCURACY] = "training accuracy with dropout off",
        [ISB_METRIC_TRAIN_EVAL_MAE] = "training mean absolute error with dropout off",
        [ISB_METRIC_TRAIN_EVAL_MSE] = "training mean squared error with dropout off",
        [ISB_METRIC_TRAIN_EVAL_R2] = "training R2 with dropout off",
    };
    return words[metric];
}

const char *isb_test_words(const isb_findings *findings) {
    return findings->summary->test_accuracy ? "test accuracy" : "test loss";
}

const char *isb_axis_short_name(const isb_axis *axis) {
    const char *dot = strrchr(axis->name, '.');
    return dot == NULL || dot[1] == '\0' ? axis->name : dot + 1;
}
