/* IDX files, gzipped or not, as images and as labels. */
#include "data/idx.h"
#include "memory_file.h"

static void read_file(const char *path, isb_idx_kind kind) {
    isb_idx idx;
    isb_error error = ISB_ERROR_INIT;
    isb_status status = isb_idx_read(&idx, path, kind, &error);
    if (status == ISB_OK) {
        static volatile uint8_t sink;
        size_t count = 1;
        for (size_t i = 0; i < idx.rank; i++)
            count *= idx.sizes[i];
        for (size_t i = 0; i < count; i++)
            sink = idx.elements[i];
        (void)sink;
    } else {
        REQUIRE(status == ISB_DATA && error.status == status && error.count == 1);
        REQUIRE(idx.elements == NULL);
    }
    isb_idx_free(&idx);
    isb_error_clear(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = memory_file(data, size);
    read_file(path, ISB_IDX_IMAGES);
    read_file(path, ISB_IDX_LABELS);
    return 0;
}
