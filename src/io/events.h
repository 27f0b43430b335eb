/* events.jsonl: what happened in a run and when, one JSON object a line. */
#ifndef ISB_IO_EVENTS_H
#define ISB_IO_EVENTS_H

#include "io/json.h"
#include "train/metric.h"
#include <isobit/tensors.h>
#include <isobit/trainer.h>

/* A line is begun, gets members by isb_json_*, and is ended: its text is added to `lines`. */
void isb_event_begin(isb_json *json, const char *event);
isb_status isb_event_end(isb_json *json, isb_text *lines, isb_error *error);

/* A finished epoch. */
typedef struct isb_epoch_event {
    const isb_epoch_result *result;
    isb_measure_set measures;
    double seconds;    /* with evaluation and saving of the one before */
    const char *trace; /* of its losses (io/trace.h) */
    size_t stretch;    /* steps a mark of the trace stands for */
} isb_epoch_event;

/* Adds its line, with the digest of the weights (those among `state`), and for each of their
 * tensors that of all up to and with it: the first one to differ is the first tensor that does. */
isb_status isb_event_epoch(const isb_epoch_event *epoch, const isb_tensors *state, isb_text *lines,
                           isb_error *error);

#endif
