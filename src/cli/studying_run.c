#include "cli/note.h"
/* The runs of a study: rounds of them, what is done already, time and halving. */
#include "base/clock.h"
#include "cli/signals.h"
#include "cli/studying.h"
#include "io/events.h"
#include "io/file.h"
#include "study/packing.h"
#include "train/metric.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The runs of a round that are still to be done. */
typedef struct round_work {
    isb_studying *studying;
    const char *journal; /* path */
    size_t *places;      /* of the outcome of each task */
    isb_study_task *tasks;
    double *costs;
    size_t count;
    size_t epochs; /* 0: all */
} round_work;

static isb_status key_of(const isb_studying *s, size_t place, size_t epochs, isb_run_key *key,
                         isb_error *error) {
    const size_t variant = place / s->study.seed_count, seed = place % s->study.seed_count;
    const isb_study_task task = isb_studying_task(s, variant, seed, epochs);
    return isb_run_key_of(key, task.experiment, task.seed, epochs, task.dataset->sha256, error);
}

static isb_status finished(void *context, size_t task, isb_outcome *outcome, isb_error *error) {
    round_work *w = context;
    isb_studying *s = w->studying;
    const size_t place = w->places[task], variant = place / s->study.seed_count;
    const uint64_t seed = s->study.seeds[place % s->study.seed_count];
    isb_run_key key;
    isb_status status = key_of(s, place, w->epochs, &key, error);
    if (status == ISB_OK)
        status = isb_journal_append(w->journal, &key, s->study.variants[variant].label, seed,
                                    outcome, error);
    free(s->outcomes.items[place].message);
    free(s->outcomes.items[place].curve);
    s->outcomes.items[place] = *outcome;
    isb_study_display_run(&s->display, s->study.variants[variant].label, seed, outcome,
                          s->study.metric, w->costs[task]);
    return status;
}

static isb_status add_task(round_work *w, size_t place, isb_error *error) {
    isb_studying *s = w->studying;
    isb_study_task task =
        isb_studying_task(s, place / s->study.seed_count, place % s->study.seed_count, w->epochs);
    isb_study_cost cost;
    task.stop = &isb_signals_flag;
    isb_status status = isb_study_cost_of(&cost, &task, error);
    if (status != ISB_OK)
        return status;
    w->tasks[w->count] = task;
    w->costs[w->count] = cost.multiply_adds;
    w->places[w->count++] = place;
    return ISB_OK;
}

/* Takes the outcome from the journal where it has one, else adds a task. */
static isb_status look_up(round_work *w, const isb_journal *journal, size_t place,
                          isb_error *error) {
    isb_outcome *outcome = &w->studying->outcomes.items[place];
    isb_run_key key;
    isb_status status = key_of(w->studying, place, w->epochs, &key, error);
    if (status != ISB_OK)
        return status;
    const isb_outcome *known = isb_journal_find(journal, &key);
    if (known == NULL)
        return add_task(w, place, error);
    free(outcome->message);
    free(outcome->curve);
    w->studying->display.finished += w->studying->study.halving.epochs > 0;
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
                           .workers = s->workers,
                           .stop = &isb_signals_flag,
                           .finished = finished,
                           .context = w};
    isb_status status = isb_pack_run(&pack, error);
    return status == ISB_OK ? isb_signals_status() : status;
}

/* Runs seeds first .. end - 1 of all variants that are left, those that are not done yet. */
static isb_status run_round(isb_studying *s, const isb_journal *journal, const char *path,
                            size_t first, size_t end, size_t epochs, isb_error *error) {
    round_work w = {.studying = s, .journal = path, .epochs = epochs};
    isb_status status = make_room(&w, s->outcomes.count, error);
    for (size_t v = 0; v < s->study.variant_count && status == ISB_OK; v++)
        for (size_t seed = first; !s->eliminated[v] && seed < end && status == ISB_OK; seed++)
            status = look_up(&w, journal, v * s->study.seed_count + seed, error);
    if (status == ISB_OK)
        status = run_tasks(&w, error);
    free(w.places);
    free(w.tasks);
    free(w.costs);
    return status;
}

/* --- time --- */

/* Leaves the outcomes of the first `seeds` seeds: every variant has the same ones. */
static void keep_seeds(isb_studying *s, size_t seeds) {
    const size_t all = s->study.seed_count;
    for (size_t place = 0; place < s->outcomes.count; place++) {
        isb_outcome *outcome = &s->outcomes.items[place];
        if (place % all < seeds) {
            s->outcomes.items[place / all * seeds + place % all] = *outcome;
        } else {
            free(outcome->message);
            free(outcome->curve);
        }
    }
    s->study.seed_count = seeds;
    s->outcomes.count = s->study.variant_count * seeds;
}

/* Seed by seed, as long as another round as long as the longest so far fits into the time. */
static isb_status run_time_box(isb_studying *s, const isb_journal *journal, const char *path,
                               isb_error *error) {
    const double start = isb_clock_seconds();
    double longest = 0;
    size_t done = 0;
    isb_status status = ISB_OK;
    while (status == ISB_OK && done < s->study.seed_count) {
        const double begin = isb_clock_seconds();
        if (done > 0 && begin - start + longest > s->study.seconds)
            break;
        status = run_round(s, journal, path, done, done + 1, 0, error);
        const double took = isb_clock_seconds() - begin;
        longest = took > longest ? took : longest;
        done += status == ISB_OK;
    }
    if (status == ISB_OK && done < s->study.seed_count) {
        isb_note(s->options, "the time is up: %zu of %zu seeds are done for every variant", done,
                 s->study.seed_count);
        keep_seeds(s, done);
    }
    return status;
}

/* --- halving --- */

/* The mean of the metric to compare by, so that less is better; failures come last. */
static double badness(const isb_studying *s, size_t variant) {
    const bool rises = isb_measure_rises(isb_metric_measure(s->study.metric));
    double sum = 0;
    for (size_t seed = 0; seed < s->study.seed_count; seed++) {
        const isb_outcome *outcome = &s->outcomes.items[variant * s->study.seed_count + seed];
        if (outcome->state != ISB_OUTCOME_DONE)
            return INFINITY;
        sum += outcome->metrics[s->study.metric];
    }
    return rises ? -sum : sum;
}

/* Keeps the best 1 / reduce of the variants that are left, and the baseline to compare with. */
static void halve(isb_studying *s) {
    size_t left = 0;
    for (size_t v = 0; v < s->study.variant_count; v++)
        left += !s->eliminated[v];
    size_t keep = (left + s->study.halving.reduce - 1) / s->study.halving.reduce;
    for (; left > keep; left--) {
        size_t worst = s->study.variant_count;
        for (size_t v = 0; v < s->study.variant_count; v++)
            if (!s->eliminated[v] && v != s->study.baseline &&
                (worst == s->study.variant_count || badness(s, v) >= badness(s, worst)))
                worst = v;
        if (worst == s->study.variant_count)
            return;
        s->eliminated[worst] = true;
        for (size_t seed = 0; seed < s->study.seed_count; seed++) {
            isb_outcome *outcome = &s->outcomes.items[worst * s->study.seed_count + seed];
            if (outcome->state == ISB_OUTCOME_DONE)
                outcome->state = ISB_OUTCOME_ELIMINATED;
        }
    }
}

static isb_status run_halving(isb_studying *s, const isb_journal *journal, const char *path,
                              isb_error *error) {
    const isb_halving *halving = &s->study.halving;
    const size_t most = s->study.base.epochs;
    isb_status status = ISB_OK;
    for (size_t epochs = halving->epochs; status == ISB_OK; epochs *= halving->reduce) {
        const bool last = epochs >= most;
        status = run_round(s, journal, path, 0, s->study.seed_count, last ? 0 : epochs, error);
        if (last || status != ISB_OK)
            return status;
        halve(s);
    }
    return status;
}

/* --- all --- */

/* Runs of all rounds of a halving, which do not depend on what comes out. */
static size_t count_halving(const isb_studying *s) {
    const isb_halving *halving = &s->study.halving;
    size_t left = s->study.variant_count, runs = left * s->study.seed_count;
    for (size_t epochs = halving->epochs; epochs < s->study.base.epochs;
         epochs *= halving->reduce) {
        left = (left + halving->reduce - 1) / halving->reduce;
        runs += left * s->study.seed_count;
    }
    return runs;
}

/* What is to be done, for the display: the work that is left is known where no round decides of the
 * next one. */
static isb_status count_work(isb_studying *s, const isb_journal *journal, isb_error *error) {
    isb_study_display *display = &s->display;
    isb_study_cost cost = {0};
    isb_status status = ISB_OK;
    display->runs = s->study.halving.epochs > 0 ? count_halving(s) : s->outcomes.count;
    for (size_t place = 0; place < s->outcomes.count && s->study.halving.epochs == 0; place++) {
        const size_t variant = place / s->study.seed_count, seed = place % s->study.seed_count;
        const isb_study_task task = isb_studying_task(s, variant, seed, 0);
        isb_run_key key;
        if (seed == 0)
            status = isb_study_cost_of(&cost, &task, error);
        if (status == ISB_OK)
            status = key_of(s, place, 0, &key, error);
        if (status != ISB_OK)
            return status;
        if (isb_journal_find(journal, &key) != NULL)
            display->finished++;
        else
            display->work += cost.multiply_adds;
    }
    return ISB_OK;
}

static isb_status run_all(isb_studying *s, const char *path, isb_error *error) {
    isb_journal journal;
    isb_status status = isb_events_cut(path, SIZE_MAX >> 1, error); /* half a line at its end */
    if (status == ISB_OK)
        status = isb_journal_read(&journal, path, error);
    if (status != ISB_OK)
        return status;
    status = count_work(s, &journal, error);
    if (status == ISB_OK && s->display.finished > 0)
        isb_note(s->options, "%zu of %zu runs are done already", s->display.finished,
                 s->display.runs);
    if (status == ISB_OK && s->study.halving.epochs > 0)
        status = run_halving(s, &journal, path, error);
    else if (status == ISB_OK && s->study.seconds > 0)
        status = run_time_box(s, &journal, path, error);
    else if (status == ISB_OK)
        status = run_round(s, &journal, path, 0, s->study.seed_count, 0, error);
    isb_journal_free(&journal);
    return status;
}

isb_status isb_studying_run(isb_studying *s, isb_error *error) {
    char *path = isb_path_join(s->directory.path, ISB_STUDY_JOURNAL);
    if (path == NULL)
        return isb_fail_memory(error, s->directory.path);
    isb_study_display_open(&s->display, s->options);
    isb_status status = run_all(s, path, error);
    isb_study_display_clear(&s->display);
    free(path);
    return status;
}

isb_status isb_studying_collect(isb_studying *s, isb_error *error) {
    char *path = isb_path_join(s->directory.path, ISB_STUDY_JOURNAL);
    if (path == NULL)
        return isb_fail_memory(error, s->directory.path);
    isb_journal journal;
    isb_status status = isb_journal_read(&journal, path, error);
    free(path);
    if (status != ISB_OK)
        return status;
    for (size_t place = 0; place < s->outcomes.count && status == ISB_OK; place++) {
        isb_run_key key;
        status = key_of(s, place, 0, &key, error);
        const isb_outcome *known = status == ISB_OK ? isb_journal_find(&journal, &key) : NULL;
        if (known != NULL && !isb_outcome_copy(&s->outcomes.items[place], known))
            status = isb_fail_memory(error, "an outcome");
    }
    isb_journal_free(&journal);
    return status;
}
