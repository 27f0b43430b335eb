/* events.jsonl as verify reads it, with the traces in it; and cut back, as a run that goes on does.
 *
 * Input: two bytes of a length to cut back to, then the file. */
#include "io/file.h"
#include "folder.h"
#include "io/recorded.h"
#include "io/trace.h"

static void use(const isb_recorded *recorded) {
    static const size_t steps[] = {1, 7, 4096, 5000};
    for (size_t i = 0; i < recorded->count; i++) {
        const isb_recorded_epoch *epoch = &recorded->epochs[i];
        REQUIRE(epoch->stretch > 0 && epoch->tensor_count > 0);
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
            isb_trace trace;
            REQUIRE(isb_trace_open(&trace, steps[k], NULL) == ISB_OK);
            if (isb_trace_read(&trace, epoch->trace, steps[k])) {
                char *text = isb_trace_text(&trace);
                REQUIRE(text != NULL && strlen(text) == strlen(epoch->trace));
                free(text);
            }
            isb_trace_free(&trace);
        }
    }
}

/* Whole lines stay, as many as fit. */
static void check_cut(const char *path, const char *text, size_t size, size_t length) {
    struct stat about;
    REQUIRE(isb_file_cut(path, length, NULL) == ISB_OK && stat(path, &about) == 0);
    const size_t kept = (size_t)about.st_size, most = size < length ? size : length;
    REQUIRE(kept <= most && (kept == 0 || text[kept - 1] == '\n'));
    REQUIRE(memchr(text + kept, '\n', most - kept) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    const size_t length = (size_t)(data[0] | data[1] << 8);
    data += 2, size -= 2;
    isb_recorded recorded;
    isb_error error = ISB_ERROR_INIT;
    const char *path = folder_put("events.jsonl", data, size);
    const isb_status status = isb_recorded_read(&recorded, path, length, &error);
    if (status == ISB_OK)
        use(&recorded);
    else
        REQUIRE(status == ISB_CORRUPT && error.count == 1);
    isb_recorded_free(&recorded);
    isb_error_clear(&error);
    check_cut(path, (const char *)data, size, length);
    return 0;
}
