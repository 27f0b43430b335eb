/* A round of a study: the runs of it that are not done yet. */
#include "cli/signals.h"
#include "cli/studying_rounds.h"
#include "study/packing.h"
#include <stdlib.h>

typedef struct round_work {
    isb_studying *studying;
    size_t *places; /* of the outcome of each task */
    isb_study_task *tasks;
    isb_study_cost *costs;
    size_t count;
    size_t epochs; /* 0: all */
} round_work;

static isb_study_task task_at(const isb_studying *s, size_t place, size_t epochs) {
    isb_study_task task =
        isb_studying_task(s, place / s->study.seed_count, place % s->study.seed_count, epochs);
    task.stop = &isb_signals_flag;
    task.state = s->states == NULL ? NULL : &s->states[place];
    return task;
}

isb_status isb_studying_known(const isb_studying *s, const isb_study_task *task,
                              const isb_outcome **out, isb_error *error) {
    isb_run_key key;
    const isb_status status = isb_run_key_of(&key, task, error);
    *out = status == ISB_OK ? isb_journal_find(&s->journal, &key) : NULL;
    if (*out != NULL && (*out)->state == ISB_OUTCOME_FAILED && !s->only_look)
        *out = NULL;
    return status;
}

static isb_status finished(void *context, size_t task, isb_outcome *outcome, isb_error *error) {
    round_work *w = context;
    isb_studying *s = w->studying;
    const size_t place = w->places[task];
    const char *label = s->study.variants[place / s->study.seed_count].label;
    const uint64_t seed = w->tasks[task].seed;
    isb_run_key key;
    isb_status status = isb_run_key_of(&key, &w->tasks[task], error);
    if (status == ISB_OK)
        status = isb_journal_append(s->journal_path, &key, label, seed, outcome, error);
    isb_outcome_free(&s->outcomes.items[place]);
    s->outcomes.items[place] = *outcome;
    isb_study_display_run(&s->display, label, seed, outcome, s->study.metric,
                          w->costs[task].multiply_adds);
    return status;
}

static void add_task(round_work *w, size_t place, const isb_study_task *task) {
    if (w->studying->only_look)
        return;
    w->tasks[w->count] = *task;
    w->costs[w->count] = w->studying->costs[place / w->studying->study.seed_count];
    w->places[w->count++] = place;
}

/* Takes the outcome from the journal where it has one, else adds a task. */
static isb_status look_up(round_work *w, size_t place, isb_error *error) {
    isb_studying *s = w->studying;
    const isb_study_task task = task_at(s, place, w->epochs);
    const isb_outcome *known;
    isb_status status = isb_studying_known(s, &task, &known, error);
    if (status != ISB_OK)
        return status;
    if (known == NULL) {
        add_task(w, place, &task);
        return ISB_OK;
    }
    isb_outcome *outcome = &s->outcomes.items[place];
    isb_outcome_free(outcome);
    s->display.finished += s->study.halving.epochs > 0;
    return isb_outcome_copy(outcome, known) ? ISB_OK : isb_fail_memory(error, "an outcome");
}

static isb_status make_room(round_work *w, size_t places, isb_error *error) {
    w->places = calloc(places, sizeof *w->places);
    w->tasks = calloc(places, sizeof *w->tasks);
    w->costs = calloc(places, sizeof *w->costs);
    return w->places != NULL && w->tasks != NULL && w->costs != NULL
               ? ISB_OK
               : isb_fail_memory(error, "the runs of a study");
}

static isb_status run_tasks(round_work *w, isb_error *error) {
    const isb_studying *s = w->studying;
    const isb_pack pack = {.tasks = w->tasks,
                           .count = w->count,
                           .costs = w->costs,
                           .threads = s->plan.threads,
                           .most_runs = s->most_runs,
                           .stop = &isb_signals_flag,
                           .finished = finished,
                           .context = w};
    isb_status status = isb_pack_run(&pack, error);
    return status == ISB_OK ? isb_signals_status() : status;
}

isb_status isb_studying_round(isb_studying *s, size_t first, size_t end, size_t epochs,
                              isb_error *error) {
    round_work w = {.studying = s, .epochs = epochs};
    isb_status status = make_room(&w, s->outcomes.count, error);
    /* Seed by seed: of runs of one length, every variant has some early. */
    for (size_t seed = first; seed < end; seed++)
        for (size_t v = 0; v < s->study.variant_count && status == ISB_OK; v++)
            if (!s->eliminated[v])
                status = look_up(&w, v * s->study.seed_count + seed, error);
    if (status == ISB_OK && w.count > 0)
        status = run_tasks(&w, error);
    free(w.places);
    free(w.tasks);
    free(w.costs);
    return status;
}

isb_status isb_studying_round_whole(const isb_studying *s, size_t epochs, bool *whole,
                                    isb_error *error) {
    isb_status status = ISB_OK;
    *whole = true;
    for (size_t place = 0; place < s->outcomes.count && *whole && status == ISB_OK; place++) {
        const isb_study_task task = task_at(s, place, epochs);
        const isb_outcome *known;
        if (s->eliminated[place / s->study.seed_count])
            continue;
        status = isb_studying_known(s, &task, &known, error);
        *whole = known != NULL;
    }
    return status;
}
