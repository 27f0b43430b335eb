/* NumPy arrays as features and as labels, and the file as an archive of them, by Keras's keys and
 * by x and y. */
#include "data/npy.h"
#include "data/arrays.h"
#include "fuzz.h"
#include <isobit/dataset.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

static void use_targets(const isb_table *table) {
    for (size_t i = 0; table->targets != NULL && i < table->rows * table->target_width; i++)
        REQUIRE(isfinite(table->targets[i]));
    REQUIRE(table->rows == 0 || (table->targets == NULL) != (table->labels == NULL));
}

static void read_archive(const char *path, bool regression) {
    isb_error error = ISB_ERROR_INIT;
    isb_dataset data = {.source = NULL};
    const isb_status status = isb_arrays_read_archive(&data, path, regression, &error);
    if (status == ISB_OK) {
        use_features(data.train.features, data.train.dtype,
                     data.train.rows * isb_shape_size(data.shape));
        use_features(data.test.features, data.test.dtype,
                     data.test.rows * isb_shape_size(data.shape));
        use_targets(&data.train);
        use_targets(&data.test);
    }
    isb_dataset_free(&data);
    check_error(status, &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int file = -1;
    static char path[64];
    if (file < 0) {
        file = memfd_create("npy", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    REQUIRE(file >= 0 && ftruncate(file, 0) == 0);
    REQUIRE(pwrite(file, data, size, 0) == (ssize_t)size);
    if (size >= 2 && memcmp(data, "PK", 2) == 0) {
        read_archive(path, false);
        read_archive(path, true);
    } else {
        read_array(path, false);
        read_array(path, true);
    }
    return 0;
}
