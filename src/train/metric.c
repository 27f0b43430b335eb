#include "train/metric.h"

isb_measure_set isb_measures_of(const isb_experiment *experiment) {
    return (isb_measure_set)experiment->metric_accuracy << ISB_MEASURE_ACCURACY |
           (isb_measure_set)experiment->metric_mae << ISB_MEASURE_MAE |
           (isb_measure_set)experiment->metric_mse << ISB_MEASURE_MSE |
           (isb_measure_set)experiment->metric_r2 << ISB_MEASURE_R2;
}

const char *isb_measure_name(isb_measure measure) {
    static const char *const names[ISB_MEASURES] = {
        [ISB_MEASURE_LOSS] = "loss",
        [ISB_MEASURE_ACCURACY] = "accuracy",
        [ISB_MEASURE_MAE] = "mean_absolute_error",
        [ISB_MEASURE_MSE] = "mean_squared_error",
        [ISB_MEASURE_R2] = "r2_score",
    };
    return names[measure];
}

bool isb_measure_rises(isb_measure measure) {
    return measure == ISB_MEASURE_ACCURACY || measure == ISB_MEASURE_R2;
}

double isb_score_value(const isb_score *score, isb_measure measure) {
    const double values[ISB_MEASURES] = {
        [ISB_MEASURE_LOSS] = score->loss, [ISB_MEASURE_ACCURACY] = score->accuracy,
        [ISB_MEASURE_MAE] = score->mae,   [ISB_MEASURE_MSE] = score->mse,
        [ISB_MEASURE_R2] = score->r2,
    };
    return values[measure];
}

isb_measure isb_metric_measure(isb_metric metric) { return (isb_measure)(metric % ISB_MEASURES); }

const isb_score *isb_metric_score(const isb_epoch_result *result, isb_metric metric) {
    const isb_score *const scores[] = {&result->train, &result->validation, &result->train_eval};
    return scores[metric / ISB_MEASURES];
}
