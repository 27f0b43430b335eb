/* events.jsonl read back: what a run recorded of itself. */
#ifndef ISB_IO_RECORDED_H
#define ISB_IO_RECORDED_H

#include "io/sha256.h"
#include <stdbool.h>

typedef struct isb_recorded_tensor {
    char name[64];
    char sha256[ISB_SHA256_SIZE];
} isb_recorded_tensor;

typedef struct isb_recorded_epoch {
    char weights_sha256[ISB_SHA256_SIZE];
    isb_recorded_tensor *tensors;
    size_t tensor_count;
    size_t stretch; /* steps a mark of the trace stands for */
    char *trace;    /* io/trace.h */
} isb_recorded_epoch;

typedef struct isb_recorded {
    char start_sha256[ISB_SHA256_SIZE]; /* of the weights before the first step */
    isb_recorded_epoch *epochs;         /* 1, 2, ... without a gap */
    size_t count;
    bool finished; /* the finish is there */
    size_t cut;    /* the number of the line at which a kill or a power failure cut it; 0: none */
} isb_recorded;

/* Reads events.jsonl, of which `sure` bytes are known to have reached the disk; SIZE_MAX: all of
 * it, and its run has come to its end. ISB_CORRUPT: missing, damaged, or epochs that do not follow
 * one another; the message names the line. What a kill or a power failure left behind the sure
 * bytes ends the record. Released by isb_recorded_free, also after a failure. */
isb_status isb_recorded_read(isb_recorded *out, const char *path, size_t sure, isb_error *error);
void isb_recorded_free(isb_recorded *recorded);

#endif
