#include "io/saver.h"
#include "base/clock.h"
#include <signal.h>

static void save_now(isb_saver *saver) {
    if (saver->error.count == 0)
        isb_run_save(saver->run, &saver->save, &saver->error);
    isb_save_free(&saver->save);
}

static void *run_thread(void *argument) {
    isb_saver *saver = argument;
    pthread_mutex_lock(&saver->lock);
    for (;;) {
        while (!saver->busy && !saver->closing)
            pthread_cond_wait(&saver->changed, &saver->lock);
        if (!saver->busy)
            break;
        pthread_mutex_unlock(&saver->lock);
        const double start = isb_clock_thread_seconds();
        save_now(saver);
        const double seconds = isb_clock_thread_seconds() - start;
        pthread_mutex_lock(&saver->lock);
        saver->seconds = seconds;
        saver->busy = false;
        pthread_cond_broadcast(&saver->changed);
    }
    pthread_mutex_unlock(&saver->lock);
    return NULL;
}

/* Signals are for the threads that train. */
static int start_thread(isb_saver *saver) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int code = pthread_create(&saver->thread, NULL, run_thread, saver);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

void isb_saver_open(isb_saver *saver, const isb_run *run) {
    *saver = (isb_saver){.run = run, .error = ISB_ERROR_INIT};
    pthread_mutex_init(&saver->lock, NULL);
    pthread_cond_init(&saver->changed, NULL);
    saver->threaded = start_thread(saver) == 0;
}

double isb_saver_seconds(isb_saver *saver) {
    pthread_mutex_lock(&saver->lock);
    const double seconds = saver->seconds;
    pthread_mutex_unlock(&saver->lock);
    return seconds;
}

isb_status isb_saver_wait(isb_saver *saver, isb_error *error) {
    pthread_mutex_lock(&saver->lock);
    while (saver->busy)
        pthread_cond_wait(&saver->changed, &saver->lock);
    pthread_mutex_unlock(&saver->lock);
    if (saver->error.count == 0)
        return ISB_OK;
    return isb_fail(error, saver->error.status, "%s", isb_error_text(&saver->error));
}

isb_status isb_saver_save(isb_saver *saver, isb_save *save, isb_error *error) {
    const isb_status status = isb_saver_wait(saver, error);
    if (status != ISB_OK) {
        isb_save_free(save);
        return status;
    }
    saver->save = *save;
    *save = (isb_save){0};
    if (!saver->threaded) {
        save_now(saver);
        return isb_saver_wait(saver, error);
    }
    pthread_mutex_lock(&saver->lock);
    saver->busy = true;
    pthread_cond_broadcast(&saver->changed);
    pthread_mutex_unlock(&saver->lock);
    return ISB_OK;
}

void isb_saver_close(isb_saver *saver) {
    if (saver->threaded) {
        pthread_mutex_lock(&saver->lock);
        saver->closing = true;
        pthread_cond_broadcast(&saver->changed);
        pthread_mutex_unlock(&saver->lock);
        pthread_join(saver->thread, NULL);
    }
    pthread_cond_destroy(&saver->changed);
    pthread_mutex_destroy(&saver->lock);
    isb_error_clear(&saver->error);
}
