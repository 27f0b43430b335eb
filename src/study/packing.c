#include "study/packing.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

typedef struct place {
    size_t task;
    double cost;
} place;

typedef struct work {
    const isb_pack *pack;
    place *queue; /* the most expensive first */
    size_t next;
    isb_status status;
    isb_error *error;
    pthread_mutex_t lock;
} work;

static int dearer(const void *a, const void *b) {
    const place *x = a, *y = b;
    if (x->cost != y->cost)
        return x->cost < y->cost ? 1 : -1;
    return (x->task > y->task) - (x->task < y->task);
}

static bool stopped(const isb_pack *pack) {
    return pack->stop != NULL && __atomic_load_n(pack->stop, __ATOMIC_RELAXED) != 0;
}

static bool take(work *w, size_t *task) {
    pthread_mutex_lock(&w->lock);
    const bool found = w->status == ISB_OK && !stopped(w->pack) && w->next < w->pack->count;
    if (found)
        *task = w->queue[w->next++].task;
    pthread_mutex_unlock(&w->lock);
    return found;
}

static void hand_over(work *w, size_t task, isb_outcome *outcome) {
    pthread_mutex_lock(&w->lock);
    if (w->status == ISB_OK) {
        w->status = w->pack->finished(w->pack->context, task, outcome, w->error);
    } else {
        free(outcome->message);
        free(outcome->curve);
    }
    pthread_mutex_unlock(&w->lock);
}

static void *run_worker(void *argument) {
    work *w = argument;
    size_t task;
    while (take(w, &task)) {
        isb_outcome outcome;
        if (isb_study_run(&outcome, &w->pack->tasks[task]))
            hand_over(w, task, &outcome);
    }
    return NULL;
}

/* Signals are for the thread that called. */
static size_t start_workers(work *w, pthread_t *threads, size_t count) {
    sigset_t all, before;
    size_t started = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (started < count && pthread_create(&threads[started], NULL, run_worker, w) == 0)
        started++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static void run_all(work *w, pthread_t *threads) {
    const size_t workers = w->pack->workers < w->pack->count ? w->pack->workers : w->pack->count;
    const size_t started = start_workers(w, threads, workers > 1 ? workers - 1 : 0);
    run_worker(w);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

isb_status isb_pack_run(const isb_pack *pack, isb_error *error) {
    work w = {.pack = pack, .error = error, .status = ISB_OK};
    pthread_t *threads = calloc(pack->workers + 1, sizeof *threads);
    w.queue = calloc(pack->count + 1, sizeof *w.queue);
    if (threads == NULL || w.queue == NULL) {
        w.status = isb_fail_memory(error, "the runs of a study");
    } else {
        for (size_t i = 0; i < pack->count; i++)
            w.queue[i] = (place){i, pack->costs[i]};
        qsort(w.queue, pack->count, sizeof *w.queue, dearer);
        pthread_mutex_init(&w.lock, NULL);
        run_all(&w, threads);
        pthread_mutex_destroy(&w.lock);
    }
    free(threads);
    free(w.queue);
    return w.status;
}
