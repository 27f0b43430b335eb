/* Where a run stands, beside its tensors: what a state file says in its metadata. */
#ifndef ISB_IO_CHECKPOINT_H
#define ISB_IO_CHECKPOINT_H

#include "io/safetensors.h"
#include "train/callbacks.h"
#include <isobit/trainer.h>

typedef struct isb_checkpoint {
    isb_position position;
    size_t steps; /* done in all */
    isb_callback_state callbacks[ISB_CALLBACK_KINDS];
    bool stopped;  /* early_stopping has ended training */
    size_t events; /* bytes of events.jsonl that tell what led here */
    char *trace;   /* of the epoch under way (io/trace.h); owned */
} isb_checkpoint;

/* "callback.early_stopping.": the names of what a callback keeps in a state begin so, its best
 * weights too. */
enum { ISB_CALLBACK_PREFIX_SIZE = 48 };
const char *isb_callback_prefix(isb_callback_kind kind, char out[ISB_CALLBACK_PREFIX_SIZE]);

void isb_checkpoint_free(isb_checkpoint *checkpoint);

isb_status isb_checkpoint_describe(const isb_checkpoint *checkpoint, isb_metadata *metadata,
                                   isb_error *error);

/* False: something is missing or makes no sense. Without memory `trace` is NULL and it is true. */
bool isb_checkpoint_read(isb_checkpoint *out, const isb_metadata *metadata);

#endif
