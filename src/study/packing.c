#include "study/packing.h"
#include "cpu/threads.h"
#include "study/sharing.h"
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
    isb_sharing sharing;
    bool failed;          /* nothing is begun any more */
    pthread_mutex_t lock; /* of the three above */
    isb_status status;
    isb_error *error;
    pthread_mutex_t finishing; /* of these two: a run that is recorded keeps no other waiting */
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

/* A run under way. */
typedef struct job {
    work *of;
    size_t task;
    size_t held, most; /* threads */
} job;

size_t isb_threads_fed(const isb_study_cost *cost) {
    const size_t fed = cost->step_work / ISB_WORK_PER_THREAD;
    return fed > 0 ? fed : 1;
}

/* With the lock. */
static size_t take_threads(job *j) {
    isb_sharing *sharing = &j->of->sharing;
    const size_t threads = isb_thread_share(sharing, j->held, j->most);
    sharing->held += threads - j->held;
    j->held = threads;
    return threads;
}

static size_t share(void *context) {
    job *j = context;
    pthread_mutex_lock(&j->of->lock);
    const size_t threads = take_threads(j);
    pthread_mutex_unlock(&j->of->lock);
    return threads;
}

static bool begin(work *w, job *j) {
    pthread_mutex_lock(&w->lock);
    const bool found = !w->failed && !stopped(w->pack) && w->next < w->pack->count;
    if (found) {
        *j = (job){.of = w, .task = w->queue[w->next++].task};
        j->most = isb_threads_fed(&w->pack->costs[j->task]);
        w->sharing.running++;
        w->sharing.waiting--;
        take_threads(j);
    }
    pthread_mutex_unlock(&w->lock);
    return found;
}

static void end(job *j) {
    isb_sharing *sharing = &j->of->sharing;
    pthread_mutex_lock(&j->of->lock);
    sharing->running--;
    sharing->held -= j->held;
    pthread_mutex_unlock(&j->of->lock);
}

static void hand_over(work *w, size_t task, isb_outcome *outcome) {
    pthread_mutex_lock(&w->finishing);
    if (w->status == ISB_OK)
        w->status = w->pack->finished(w->pack->context, task, outcome, w->error);
    else
        isb_outcome_free(outcome);
    const bool failed = w->status != ISB_OK;
    pthread_mutex_unlock(&w->finishing);
    pthread_mutex_lock(&w->lock);
    w->failed = failed;
    pthread_mutex_unlock(&w->lock);
}

static void *run_worker(void *argument) {
    work *w = argument;
    job j;
    while (begin(w, &j)) {
        isb_study_task task = w->pack->tasks[j.task];
        isb_outcome outcome;
        task.threads = j.held;
        task.share = share;
        task.context = &j;
        const bool ended = isb_study_run(&outcome, &task);
        end(&j);
        if (ended)
            hand_over(w, j.task, &outcome);
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

static void run_all(work *w, pthread_t *threads, size_t runs) {
    w->sharing =
        (isb_sharing){.threads = w->pack->threads, .most_runs = runs, .waiting = w->pack->count};
    pthread_mutex_init(&w->lock, NULL);
    pthread_mutex_init(&w->finishing, NULL);
    const size_t started = start_workers(w, threads, runs > 1 ? runs - 1 : 0);
    run_worker(w);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&w->lock);
    pthread_mutex_destroy(&w->finishing);
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

isb_status isb_pack_run(const isb_pack *pack, isb_error *error) {
    const size_t runs = smaller(smaller(pack->most_runs, pack->threads), pack->count);
    work w = {.pack = pack, .error = error, .status = ISB_OK};
    pthread_t *threads = calloc(runs + 1, sizeof *threads);
    w.queue = calloc(pack->count + 1, sizeof *w.queue);
    if (threads == NULL || w.queue == NULL) {
        w.status = isb_fail_memory(error, "the runs of a study");
    } else {
        for (size_t i = 0; i < pack->count; i++)
            w.queue[i] = (place){i, pack->costs[i].multiply_adds};
        qsort(w.queue, pack->count, sizeof *w.queue, dearer);
        run_all(&w, threads, runs);
    }
    free(threads);
    free(w.queue);
    return w.status;
}
