/* A small training problem with made-up data, for the self-test. */
#ifndef ISB_SELFTEST_PROBLEM_H
#define ISB_SELFTEST_PROBLEM_H

#include <isobit/trainer.h>

typedef struct isb_problem {
    isb_experiment experiment;
    isb_model model;
    isb_dataset dataset;
    isb_split split;
} isb_problem;

/* `rows` examples of `width` bytes in as many classes as the model has outputs, all trained on,
 * unshuffled, with Adam. `layers` is borrowed. Released by isb_problem_free, also after a failure.
 */
isb_status isb_problem_make(isb_problem *out, const isb_layer *layers, size_t layer_count,
                            size_t rows, size_t width, isb_error *error);
void isb_problem_free(isb_problem *problem);

isb_status isb_problem_trainer(const isb_problem *problem, size_t threads, const char *isa,
                               isb_trainer **out, isb_error *error);

#endif
