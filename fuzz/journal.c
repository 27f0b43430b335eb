/* runs.jsonl, which a study goes on from. */
#include "study/journal.h"
#include "memory_file.h"
#include <string.h>

static void use(const isb_journal *journal) {
    for (size_t i = 0; i < journal->count; i++) {
        const isb_outcome *outcome = &journal->entries[i].outcome;
        static volatile double sink;
        REQUIRE(i == 0 ||
                strcmp(journal->entries[i - 1].key.text, journal->entries[i].key.text) <= 0);
        REQUIRE(isb_journal_find(journal, &journal->entries[i].key) != NULL);
        REQUIRE(outcome->best_epoch <= outcome->epochs);
        for (size_t e = 0; e < outcome->epochs; e++)
            sink = outcome->curve[e].metrics[0];
        (void)sink;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    isb_journal journal;
    isb_error error = ISB_ERROR_INIT;
    const isb_status status = isb_journal_read(&journal, memory_file(data, size), &error);
    if (status == ISB_OK)
        use(&journal);
    else
        REQUIRE(status == ISB_CORRUPT && error.count == 1 && journal.entries == NULL);
    isb_journal_free(&journal);
    isb_error_clear(&error);
    return 0;
}
