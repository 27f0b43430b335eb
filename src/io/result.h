/* What a training run came to: the object of `train --json` and of result.json. */
#ifndef ISB_IO_RESULT_H
#define ISB_IO_RESULT_H

#include "io/sha256.h"
#include "train/metric.h"
#include <isobit/trainer.h>
#include <time.h>

typedef struct isb_result {
    char weights_sha256[ISB_SHA256_SIZE]; /* "": none, as where weights are not finite */
    size_t params;
    size_t epochs;     /* done in all */
    size_t steps;      /* done in all */
    isb_measure_set measures; /* what is not among them is null */
    isb_score train;
    isb_score validation;
    isb_score test;
    double seconds;
    double samples_per_second; /* NaN: null */
    double step_microseconds;  /* NaN: null */
    size_t threads;
    const char *isa; /* borrowed */
    uint64_t seed;
    size_t restored;     /* the epoch whose weights these are, by early_stopping; 0: the last */
    const char *stopped; /* why it ended before its last epoch; NULL: it did not; borrowed */
    bool diverged;       /* adds "diverged": true, as a value that is not finite does */
} isb_result;

/* What result.json has beyond that. */
typedef struct isb_result_details {
    const char *name; /* of the experiment */
    const char *data_sha256;
    time_t started;
    time_t finished;
} isb_result_details;

/* `details` may be NULL. One line without its newline; *text is released by free(). */
isb_status isb_result_json(const isb_result *result, const isb_result_details *details, char **text,
                           isb_error *error);

#endif
