/* Saves the states of a run from a thread of its own, so that training does not wait for the disk.
 * One save is under way at most; the next one waits for it. */
#ifndef ISB_IO_SAVER_H
#define ISB_IO_SAVER_H

#include "io/run_directory.h"
#include <pthread.h>

typedef struct isb_saver {
    const isb_run *run;
    bool threaded; /* false: no thread could be made; saves are done by the caller */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    isb_save save;  /* under way */
    double seconds; /* of a processor that the last save took */
    bool busy;
    bool closing;
    isb_error error; /* of the first save that failed; none is tried after it */
} isb_saver;

/* `run` is borrowed and must stay as it is until isb_saver_close. */
void isb_saver_open(isb_saver *saver, const isb_run *run);

/* Takes `save` over, which is empty on return. Fails where an earlier save did. */
isb_status isb_saver_save(isb_saver *saver, isb_save *save, isb_error *error);

/* What the last finished save took of a processor; 0 before. */
double isb_saver_seconds(isb_saver *saver);

/* Waits until everything is saved. */
isb_status isb_saver_wait(isb_saver *saver, isb_error *error);

void isb_saver_close(isb_saver *saver);

#endif
