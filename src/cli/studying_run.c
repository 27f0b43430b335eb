/* The runs of a study: what is done already, then the rounds. */
#include "base/clock.h"
#include "cli/note.h"
#include "cli/studying_rounds.h"
#include "io/file.h"
#include <stdlib.h>

/* --- time --- */

/* Leaves the outcomes of the first `seeds` seeds: every variant has the same ones. */
static void keep_seeds(isb_studying *s, size_t seeds) {
    const size_t all = s->study.seed_count;
    for (size_t place = 0; place < s->outcomes.count; place++) {
        isb_outcome *outcome = &s->outcomes.items[place];
        if (place % all < seeds)
            s->outcomes.items[place / all * seeds + place % all] = *outcome;
        else
            isb_outcome_free(outcome);
    }
    s->study.seed_count = seeds;
    s->outcomes.count = s->study.variant_count * seeds;
}

/* Seed by seed, as long as another round as long as the longest so far fits into the time. */
static isb_status run_time_box(isb_studying *s, isb_error *error) {
    const double start = isb_clock_seconds();
    double longest = 0;
    size_t done = 0;
    isb_status status = ISB_OK;
    while (status == ISB_OK && done < s->study.seed_count) {
        const double begin = isb_clock_seconds();
        if (done > 0 && begin - start + longest > s->study.seconds)
            break;
        status = isb_studying_round(s, done, done + 1, 0, error);
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

/* --- all --- */

/* What is to be done, for the display: the work that is left is known where no round decides of the
 * next one. */
static isb_status count_work(isb_studying *s, isb_error *error) {
    isb_study_display *display = &s->display;
    const bool halving = s->study.halving.epochs > 0;
    isb_status status = ISB_OK;
    display->runs = halving ? isb_studying_halving_runs(s) : s->outcomes.count;
    for (size_t place = 0; !halving && place < s->outcomes.count && status == ISB_OK; place++) {
        const size_t variant = place / s->study.seed_count, seed = place % s->study.seed_count;
        const isb_study_task task = isb_studying_task(s, variant, seed, 0);
        const isb_outcome *known;
        status = isb_studying_known(s, &task, &known, error);
        if (known != NULL)
            display->finished++;
        else
            display->work += s->costs[variant].multiply_adds;
    }
    return status;
}

static isb_status read_journal(isb_studying *s, isb_error *error) {
    s->journal_path = isb_path_join(s->directory.path, ISB_STUDY_JOURNAL);
    return s->journal_path == NULL ? isb_fail_memory(error, s->directory.path)
                                   : isb_journal_read(&s->journal, s->journal_path, error);
}

/* What a kill or a power failure left of the last line goes. */
static isb_status open_journal(isb_studying *s, isb_error *error) {
    const isb_status status = read_journal(s, error);
    return status == ISB_OK ? isb_file_cut(s->journal_path, s->journal.length, error) : status;
}

isb_status isb_studying_run(isb_studying *s, isb_error *error) {
    isb_study_display_open(&s->display, s->options);
    isb_status status = open_journal(s, error);
    if (status == ISB_OK)
        status = count_work(s, error);
    if (status == ISB_OK && s->display.finished > 0)
        isb_note(s->options, "%zu of %zu runs are done already", s->display.finished,
                 s->display.runs);
    if (status == ISB_OK && s->study.halving.epochs > 0)
        status = isb_studying_halving(s, error);
    else if (status == ISB_OK && s->study.seconds > 0)
        status = run_time_box(s, error);
    else if (status == ISB_OK)
        status = isb_studying_round(s, 0, s->study.seed_count, 0, error);
    isb_study_display_clear(&s->display);
    return status;
}

/* Of a time box those seeds count that some variant has begun. */
static size_t seeds_begun(const isb_studying *s) {
    const size_t all = s->study.seed_count;
    size_t begun = 1;
    for (size_t place = 0; place < s->outcomes.count; place++)
        if (s->outcomes.items[place].state != ISB_OUTCOME_MISSING && place % all >= begun)
            begun = place % all + 1;
    return begun;
}

isb_status isb_studying_collect(isb_studying *s, isb_error *error) {
    s->only_look = true;
    isb_status status = read_journal(s, error);
    if (status == ISB_OK && s->study.halving.epochs > 0)
        return isb_studying_halving(s, error);
    if (status == ISB_OK)
        status = isb_studying_round(s, 0, s->study.seed_count, 0, error);
    if (status == ISB_OK && s->study.seconds > 0)
        keep_seeds(s, seeds_begun(s));
    return status;
}
