/* runs.jsonl: the outcome of every finished run of a study, a line each, in the order in which they
 * were finished. What a killed study goes on from. */
#ifndef ISB_STUDY_JOURNAL_H
#define ISB_STUDY_JOURNAL_H

#include "io/sha256.h"
#include "study/study_run.h"

/* Names a run by everything that decides its outcome: experiment, seed, epochs, data, the weights
 * that it starts from, numerics. */
typedef struct isb_run_key {
    char text[ISB_SHA256_SIZE];
} isb_run_key;

isb_status isb_run_key_of(isb_run_key *out, const isb_study_task *task, isb_error *error);

typedef struct isb_journal_entry {
    isb_run_key key;
    isb_outcome outcome;
} isb_journal_entry;

typedef struct isb_journal {
    isb_journal_entry *entries; /* sorted by key */
    size_t count;
    size_t length; /* bytes of their lines */
} isb_journal;

/* Reads the file; one that is missing is empty. What a kill or a power failure leaves of the last
 * line is passed over; any other line that is no outcome is ISB_CORRUPT. Released by
 * isb_journal_free; empty after a failure. */
isb_status isb_journal_read(isb_journal *out, const char *path, isb_error *error);
void isb_journal_free(isb_journal *journal);

/* NULL where there is none. A run that failed and was done again later is done. */
const isb_outcome *isb_journal_find(const isb_journal *journal, const isb_run_key *key);

/* Appends a line and syncs it. `label` is for people who read the file. */
isb_status isb_journal_append(const char *path, const isb_run_key *key, const char *label,
                              uint64_t seed, const isb_outcome *outcome, isb_error *error);

/* A copy that is released as a whole by isb_outcomes_free; false without memory. */
bool isb_outcome_copy(isb_outcome *to, const isb_outcome *from);

#endif
