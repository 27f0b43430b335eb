/* Successive halving: the variants that do worse end early. */
#include "cli/note.h"
#include "cli/studying_rounds.h"
#include "train/metric.h"
#include <math.h>
#include <stdlib.h>

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

static void eliminate(isb_studying *s, size_t variant) {
    s->eliminated[variant] = true;
    for (size_t seed = 0; seed < s->study.seed_count; seed++) {
        const size_t place = variant * s->study.seed_count + seed;
        isb_outcome *outcome = &s->outcomes.items[place];
        if (outcome->state == ISB_OUTCOME_DONE)
            outcome->state = ISB_OUTCOME_ELIMINATED;
        if (s->states != NULL)
            isb_study_state_free(&s->states[place]);
    }
}

/* Of so many variants beside the baseline, those that go on. */
static size_t keep_of(const isb_studying *s, size_t others) {
    return (others + s->study.halving.reduce - 1) / s->study.halving.reduce;
}

/* Keeps the best 1 / reduce of the variants that are left, and the baseline to compare with. */
static void halve(isb_studying *s) {
    size_t others = 0;
    for (size_t v = 0; v < s->study.variant_count; v++)
        others += !s->eliminated[v] && v != s->study.baseline;
    for (const size_t keep = keep_of(s, others); others > keep; others--) {
        size_t worst = s->study.variant_count;
        for (size_t v = 0; v < s->study.variant_count; v++)
            if (!s->eliminated[v] && v != s->study.baseline &&
                (worst == s->study.variant_count || badness(s, v) >= badness(s, worst)))
                worst = v;
        eliminate(s, worst);
    }
}

/* A survivor goes on from where it stands if the states of all runs have room in memory; else it
 * trains again from the beginning, to the same bits. */
static isb_status make_states(isb_studying *s, isb_error *error) {
    static const double most = 1 << 30;
    double bytes = 0;
    if (s->only_look)
        return ISB_OK;
    for (size_t v = 0; v < s->study.variant_count; v++)
        bytes += (double)s->costs[v].state_bytes * (double)s->study.seed_count;
    if (bytes > most)
        return ISB_OK;
    s->states = calloc(s->outcomes.count, sizeof *s->states);
    return s->states == NULL ? isb_fail_memory(error, "the states of the runs") : ISB_OK;
}

static void free_states(isb_studying *s) {
    for (size_t i = 0; s->states != NULL && i < s->outcomes.count; i++)
        isb_study_state_free(&s->states[i]);
    free(s->states);
    s->states = NULL;
}

/* Whether it is only looked at, and this round is under way. */
static isb_status is_under_way(const isb_studying *s, size_t epochs, bool *under_way,
                               isb_error *error) {
    bool whole = true;
    isb_status status = ISB_OK;
    if (s->only_look)
        status = isb_studying_round_whole(s, epochs, &whole, error);
    *under_way = !whole;
    return status;
}

/* Half a round behind a whole one would compare variants after different numbers of epochs. */
static void note_round(const isb_studying *s, size_t before) {
    isb_note(s->options, "halving is under way; the table is of the runs of %zu epoch%s", before,
             before == 1 ? "" : "s");
}

isb_status isb_studying_halving(isb_studying *s, isb_error *error) {
    const isb_halving *halving = &s->study.halving;
    isb_status status = make_states(s, error);
    size_t before = 0; /* epochs of the last whole round */
    for (size_t epochs = halving->epochs; status == ISB_OK; epochs *= halving->reduce) {
        const bool last = epochs >= s->study.base.epochs;
        const size_t limit = last ? 0 : epochs;
        bool under_way = false;
        status = is_under_way(s, limit, &under_way, error);
        if (under_way && before > 0)
            note_round(s, before);
        else if (status == ISB_OK)
            status = isb_studying_round(s, 0, s->study.seed_count, limit, error);
        if (last || under_way)
            break;
        if (status == ISB_OK)
            halve(s);
        before = epochs;
    }
    free_states(s);
    return status;
}

size_t isb_studying_halving_runs(const isb_studying *s) {
    const isb_halving *halving = &s->study.halving;
    size_t others = s->study.variant_count - 1, runs = s->study.variant_count;
    for (size_t epochs = halving->epochs; epochs < s->study.base.epochs;
         epochs *= halving->reduce) {
        others = keep_of(s, others);
        runs += others + 1;
    }
    return runs * s->study.seed_count;
}

double isb_studying_halving_share(const isb_studying *s) {
    const isb_halving *halving = &s->study.halving;
    const double all = (double)s->study.variant_count * (double)s->study.base.epochs;
    size_t others = s->study.variant_count - 1, before = 0;
    double trained = 0;
    if (halving->epochs == 0)
        return 1;
    for (size_t epochs = halving->epochs; before < s->study.base.epochs;
         epochs *= halving->reduce) {
        const size_t end = epochs < s->study.base.epochs ? epochs : s->study.base.epochs;
        trained += (double)(others + 1) * (double)(end - before);
        others = keep_of(s, others);
        before = end;
    }
    return trained / all;
}
