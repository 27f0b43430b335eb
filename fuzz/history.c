/* history.csv.
 *
 * Input: a byte of measures, a byte of epochs with two switches, then the file. */
#include "io/history.h"
#include "memory_file.h"
#include <string.h>

enum { TRAIN_EVAL = 64, VALIDATION = 128, EPOCHS = 63 };

/* Rows that were read are written as the same text. */
static void use(isb_history *history, const uint8_t *data, size_t size) {
    const isb_text *text = &history->text;
    isb_epoch_result last;
    REQUIRE(text->length <= size && memcmp(text->data, data, text->length) == 0);
    REQUIRE(isb_history_find(history, history->epochs, &last, NULL) == ISB_OK);
    REQUIRE(last.epoch == history->epochs && history->last.epoch == history->epochs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    isb_history history = {.measures = data[0] | 1u << ISB_MEASURE_LOSS,
                           .train_eval = (data[1] & TRAIN_EVAL) != 0,
                           .validation = (data[1] & VALIDATION) != 0};
    const size_t epochs = data[1] & EPOCHS;
    isb_error error = ISB_ERROR_INIT;
    data += 2, size -= 2;
    const isb_status status = isb_history_read(&history, memory_file(data, size), epochs, &error);
    if (status == ISB_OK && epochs > 0)
        use(&history, data, size);
    else
        REQUIRE(status == ISB_OK || (status == ISB_CORRUPT && error.count == 1));
    isb_history_free(&history);
    isb_error_clear(&error);
    return 0;
}
