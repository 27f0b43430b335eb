/* Runs of a study side by side: how they share threads, and that it changes no bit. */
#include "check.h"
#include "few_digits.h"
#include "study/sharing.h"
#include "study/study_run.h"
#include <stdlib.h>
#include <string.h>

enum { ENOUGH = 1000 };

CASE(study_packing, runs_as_many_as_threads_have_one_each) {
    const isb_sharing s = {.threads = 4, .most_runs = 4, .running = 1, .waiting = 9};
    CHECK(isb_thread_share(&s, 0, ENOUGH) == 1);
    const isb_sharing last = {.threads = 4, .most_runs = 4, .running = 4, .waiting = 0, .held = 3};
    CHECK(isb_thread_share(&last, 0, ENOUGH) == 1);
}

/* 3 runs on 8 threads: 3, 3 and 2, one after the other. */
CASE(study_packing, fewer_runs_share_all_threads) {
    isb_sharing s = {.threads = 8, .most_runs = 8, .waiting = 3};
    static const size_t wanted[] = {3, 3, 2};
    for (size_t i = 0; i < 3; i++) {
        s.running++;
        s.waiting--;
        const size_t threads = isb_thread_share(&s, 0, ENOUGH);
        CHECKF(threads == wanted[i], "%zu: %zu", i, threads);
        s.held += threads;
    }
    CHECK(s.held == 8);
}

/* 5 runs on 8: those still to begin find a thread each. */
CASE(study_packing, the_first_ones_leave_room_for_the_others) {
    isb_sharing s = {.threads = 8, .most_runs = 8, .waiting = 5};
    for (size_t i = 0; i < 5; i++) {
        s.running++;
        s.waiting--;
        s.held += isb_thread_share(&s, 0, ENOUGH);
        CHECKF(s.held + s.waiting <= 8, "%zu: %zu", i, s.held);
    }
    CHECK(s.held == 8);
}

CASE(study_packing, the_last_one_takes_what_falls_idle) {
    const isb_sharing s = {.threads = 4, .most_runs = 4, .running = 1, .held = 1};
    CHECK(isb_thread_share(&s, 1, ENOUGH) == 4);
    CHECK(isb_thread_share(&s, 1, 3) == 3); /* its network feeds no more */
    const isb_sharing pair = {.threads = 4, .most_runs = 4, .running = 2, .held = 3};
    CHECK(isb_thread_share(&pair, 1, ENOUGH) == 2);
    CHECK(isb_thread_share(&pair, 2, ENOUGH) == 2); /* half of them: it has that already */
}

/* What a run has it keeps, also where its share is smaller now. */
CASE(study_packing, no_thread_is_taken_away) {
    const isb_sharing s = {.threads = 4, .most_runs = 4, .running = 2, .held = 4};
    CHECK(isb_thread_share(&s, 3, ENOUGH) == 3);
    CHECK(isb_thread_share(&s, 3, 1) == 3);
}

/* --- a run --- */

static const char text[] =
    "name: t\ndata: {source: few, validation: 0.1}\n"
    "model: [flatten, {dense: {units: 16, activation: relu}}, {dropout: {rate: 0.3}}, "
    "{dense: {units: 10, activation: softmax}}]\n"
    "compile: {optimizer: adam, loss: sparse_categorical_crossentropy, metrics: [accuracy]}\n"
    "fit:\n  epochs: 6\n  batch_size: 50\n  callbacks:\n"
    "    - early_stopping: {patience: 1, restore_best_weights: true, min_delta: 0.05}\n"
    "    - reduce_lr_on_plateau: {patience: 0, factor: 0.5, min_delta: 0.2}\n";

static isb_study_set few_digits(void) {
    const place p = place_open();
    few_digits_write(&p);
    const isb_study_set set = {.dataset = few_digits_open(&p)};
    place_close(&p);
    return set;
}

static isb_outcome run(const isb_study_task *task) {
    isb_outcome outcome;
    CHECK(isb_study_run(&outcome, task));
    CHECKF(outcome.state == ISB_OUTCOME_DONE, "%s", outcome.message);
    return outcome;
}

static void check_same(const isb_outcome *a, const isb_outcome *b) {
    CHECKF(strcmp(a->weights_sha256, b->weights_sha256) == 0, "%s %s", a->weights_sha256,
           b->weights_sha256);
    CHECKF(a->epochs == b->epochs && a->best_epoch == b->best_epoch, "%zu %zu, %zu %zu", a->epochs,
           b->epochs, a->best_epoch, b->best_epoch);
    CHECK(memcmp(a->metrics, b->metrics, sizeof a->metrics) == 0);
    CHECK(a->test_loss == b->test_loss && a->test_accuracy == b->test_accuracy);
    CHECK(memcmp(a->curve, b->curve, a->epochs * sizeof *a->curve) == 0);
}

static size_t one_more(void *context) {
    size_t *asked = context;
    return ++*asked;
}

CASE(study_packing, threads_that_come_while_it_runs_change_no_bit) {
    isb_study_set set = few_digits();
    const isb_study_input input = {.set = &set};
    isb_study_task task = {
        .experiment = text, .seed = 3, .input = &input, .threads = 1, .isa = "auto"};
    isb_outcome alone = run(&task);
    size_t asked = 0;
    task.share = one_more;
    task.context = &asked;
    isb_outcome shared = run(&task);
    CHECK(asked == shared.epochs && asked > 2);
    check_same(&alone, &shared);
    isb_outcome_free(&alone);
    isb_outcome_free(&shared);
    isb_dataset_free(&set.dataset);
}

/* Epoch 2, then 4, then all: callbacks, best weights and the curve go on as well. */
CASE(study_packing, a_run_goes_on_from_its_state) {
    isb_study_set set = few_digits();
    const isb_study_input input = {.set = &set};
    isb_study_task task = {
        .experiment = text, .seed = 3, .input = &input, .threads = 1, .isa = "auto"};
    isb_outcome whole = run(&task);
    isb_study_state state = {0};
    for (size_t epochs = 1; epochs < 6; epochs += 2) {
        task.state = NULL;
        task.epochs = epochs;
        isb_outcome some = run(&task);
        task.state = &state;
        isb_outcome more = run(&task);
        check_same(&some, &more);
        CHECKF(state.epochs == more.epochs && state.position.epochs == more.epochs, "%zu %zu",
               state.epochs, state.position.epochs);
        isb_outcome_free(&some);
        isb_outcome_free(&more);
    }
    task.epochs = 0;
    isb_outcome last = run(&task);
    check_same(&whole, &last);
    isb_outcome_free(&whole);
    isb_outcome_free(&last);
    isb_study_state_free(&state);
    isb_dataset_free(&set.dataset);
}
