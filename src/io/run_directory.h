/* The directory of a training run, and what the same command may do to it a second time.
 *
 * A run's identity is its resolved experiment less name and fit.epochs, plus the data's SHA-256. */
#ifndef ISB_IO_RUN_DIRECTORY_H
#define ISB_IO_RUN_DIRECTORY_H

#include "io/checkpoint.h"
#include "io/events.h"
#include "io/history.h"
#include "io/recorded.h"
#include <isobit/tensors.h>

#define ISB_RUN_RECORD "run.json" /* marks a run directory */
#define ISB_RUN_EXPERIMENT "experiment.yaml"
#define ISB_RUN_HISTORY "history.csv"
#define ISB_RUN_EVENTS "events.jsonl"
#define ISB_RUN_LAST "last.safetensors"
#define ISB_RUN_PREVIOUS "previous.safetensors"
#define ISB_RUN_BEST "best.safetensors"
#define ISB_RUN_MODEL "model.safetensors"
#define ISB_RUN_RESULT "result.json"
#define ISB_RUN_DONE "DONE"

/* What a run directory says of itself. */
typedef struct isb_run_record {
    char *experiment; /* resolved, as text */
    char *data_sha256;
    char *command; /* that wrote it */
    char *version;
    size_t numerics;
    bool finished; /* DONE is there */
} isb_run_record;

/* ISB_CORRUPT: not a run directory, or a damaged one. Released by isb_run_record_free. */
isb_status isb_run_record_read(isb_run_record *out, const char *path, isb_error *error);
void isb_run_record_free(isb_run_record *record);

/* The experiment of the record of the run at `path`; ISB_CORRUPT where it cannot be read any more.
 * Released by isb_experiment_free. */
isb_status isb_run_record_experiment(const isb_run_record *record, const char *path,
                                     isb_experiment *out, isb_error *error);

/* Reads what the run recorded in events.jsonl: of a finished run all must be there, of another one
 * what was there when it was last saved; nothing where nothing is recorded yet. Released by
 * isb_recorded_free, also after a failure. */
isb_status isb_run_recorded(isb_recorded *out, const isb_run_record *record, const char *path,
                            isb_error *error);

typedef enum isb_run_mode { ISB_RUN_NORMAL, ISB_RUN_FORCE, ISB_RUN_RESUME } isb_run_mode;

typedef struct isb_run_request {
    const char *path;
    isb_run_mode mode;
    const char *experiment; /* resolved, by isb_experiment_write */
    const char *data_sha256;
    size_t epochs;       /* asked for in all */
    const char *command; /* the command line less --force and --resume, quoted for a shell */
    const char *preprocessing; /* by isb_preprocessing_write; NULL: none */
} isb_run_request;

typedef enum isb_run_start {
    ISB_RUN_NEW,
    ISB_RUN_REPLACE,  /* an own run, to be trained again */
    ISB_RUN_CONTINUE, /* a run of the same identity goes on from its checkpoint, if it has one */
} isb_run_start;

typedef struct isb_run {
    isb_run_start start;
    char *path;
    isb_checkpoint checkpoint; /* zeros where nothing was saved */
    isb_tensors state; /* weights, optimizer's state, best weights; empty where nothing was saved */
    char *state_file;  /* its path, for messages; NULL where nothing was saved */
    char *note;        /* worth telling the user (a damaged file stood aside); mostly NULL */
    char *experiment;  /* copies of the request's */
    char *preprocessing;
    char *data_sha256;
    char *command;
    int lock; /* the directory, locked; -1: not there yet */
} isb_run;

/* Decides whether and how the run may start; changes nothing on the disk. A directory that is there
 * is locked until isb_run_close. Where `state` is not empty, the caller imports it and reads the
 * history of the checkpoint's epochs; when all else is ready it calls isb_run_begin. After a
 * failure `run` is empty. ISB_USAGE    refused: unfinished, of another identity, not ours, more
 * epochs done than asked ISB_FAILURE  used by another process; not accessible ISB_CORRUPT  to go on
 * from, but damaged or of another numerics version */
isb_status isb_run_open(isb_run *run, const isb_run_request *request, isb_error *error);
void isb_run_close(isb_run *run);

/* Makes the directory (and its parents) what the decision says: the files of a replaced run are
 * removed, DONE first, never a file that is not of ours; where a run goes on, events.jsonl,
 * history.csv (to what `history` has) and best.safetensors are cut back to the checkpoint; then
 * run.json and experiment.yaml. */
isb_status isb_run_begin(isb_run *run, const isb_history *history, isb_error *error);

/* What is saved at once. */
typedef struct isb_save {
    isb_checkpoint checkpoint;
    isb_tensors state; /* the model, the optimizer's state, then best weights of callbacks; owned */
    isb_text history;  /* the whole of history.csv; empty: it stays as it is; owned */
    isb_text events;   /* lines that events.jsonl is to get; owned */
    bool best;         /* the best weights changed: best.safetensors is written */
} isb_save;

void isb_save_free(isb_save *save);

/* Writes history.csv, events.jsonl, best.safetensors, and at last last.safetensors, whose
 * predecessor stays as previous. `run` is not changed: another thread may use it meanwhile. Sets
 * the checkpoint's `events`. */
isb_status isb_run_save(const isb_run *run, isb_save *save, isb_error *error);

/* Adds lines to events.jsonl at once. */
isb_status isb_run_tell(const isb_run *run, const isb_text *lines, isb_error *error);

/* At the end: model.safetensors with the weights after `epochs` epochs and `steps` steps,
 * result.json, the lines of `events`, and DONE with the digest of the weights. */
typedef struct isb_ending {
    const isb_tensors *weights;
    size_t epochs, steps;
    const char *weights_sha256;
    const char *result_json;
    const isb_text *events;
} isb_ending;

isb_status isb_run_finish(const isb_run *run, const isb_ending *ending, isb_error *error);

/* The path of a file in the run directory; NULL without memory; released by free(). */
char *isb_run_file(const isb_run *run, const char *name);

#endif
