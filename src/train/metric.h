/* Metrics: measures of parts of the data, and where an epoch's result holds them. */
#ifndef ISB_TRAIN_METRIC_H
#define ISB_TRAIN_METRIC_H

#include <isobit/trainer.h>

/* Bit m: measure m is computed. The loss always is, whatever its bit. */
typedef uint32_t isb_measure_set;

isb_measure_set isb_measures_of(const isb_experiment *experiment);

static inline bool isb_measures_have(isb_measure_set set, isb_measure measure) {
    return measure == ISB_MEASURE_LOSS || (set >> measure & 1) != 0;
}

/* As metrics are called: "loss", "mean_absolute_error". */
const char *isb_measure_name(isb_measure measure);

/* Whether higher is better. */
bool isb_measure_rises(isb_measure measure);

double isb_score_value(const isb_score *score, isb_measure measure);

isb_measure isb_metric_measure(isb_metric metric);

/* That of the part of the data which the metric is of. */
const isb_score *isb_metric_score(const isb_epoch_result *result, isb_metric metric);

#endif
