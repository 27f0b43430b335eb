/* NumPy arrays as features and as labels. */
#include "data/npy.h"
#include "memory_file.h"
#include <math.h>

static void check_error(isb_status status, isb_error *error) {
    REQUIRE(status == ISB_OK || (status == ISB_DATA && error->status == status));
    REQUIRE((status == ISB_OK) == (error->count == 0));
    isb_error_clear(error);
}

static void use_features(const void *features, isb_dtype dtype, size_t count) {
    static volatile uint8_t sink;
    for (size_t i = 0; i < count; i++)
        if (dtype == ISB_F32)
            REQUIRE(isfinite(((const float *)features)[i]));
        else
            sink = ((const uint8_t *)features)[i];
    (void)sink;
}

static void read_array(const char *path, bool labels) {
    isb_error error = ISB_ERROR_INIT;
    isb_input *input;
    isb_npy array;
    isb_dtype dtype;
    void *features = NULL;
    uint32_t *classes = NULL;
    isb_status status = isb_input_open(&input, path, &error);
    if (status == ISB_OK) {
        const isb_feed feed = isb_feed_of_input(input, "file");
        status = isb_npy_open(&array, &feed, &error);
        if (status == ISB_OK)
            status = labels ? isb_npy_labels(&array, &feed, &classes, &error)
                            : isb_npy_features(&array, &feed, &dtype, &features, &error);
    }
    isb_input_close(input);
    REQUIRE((features != NULL || classes != NULL) == (status == ISB_OK));
    if (features != NULL)
        use_features(features, dtype, array.count);
    for (size_t i = 0; classes != NULL && i < array.count; i++)
        REQUIRE(classes[i] < UINT32_MAX);
    free(features);
    free(classes);
    check_error(status, &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = memory_file(data, size);
    read_array(path, false);
    read_array(path, true);
    return 0;
}
