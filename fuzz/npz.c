/* NumPy archives, by Keras's keys and by x and y, of classes and of a regression.
 *
 * Input: a byte of switches; with RAW the archive as it lies, else the arrays one after the other,
 * each with two bytes of length before it: x and y, or with TEST also x_test and y_test. */
#include "data/arrays.h"
#include "memory_file.h"
#include "zip.h"
#include <isobit/dataset.h>
#include <math.h>

enum { RAW = 1, DEFLATED = 2, TEST = 4, REGRESSION = 8 };

static void use_features(const isb_table *table, size_t width) {
    static volatile uint8_t sink;
    for (size_t i = 0; i < table->rows * width; i++)
        if (table->dtype == ISB_F32)
            REQUIRE(isfinite(((const float *)table->features)[i]));
        else
            sink = ((const uint8_t *)table->features)[i];
    (void)sink;
}

static void use_targets(const isb_table *table) {
    for (size_t i = 0; table->targets != NULL && i < table->rows * table->target_width; i++)
        REQUIRE(isfinite(table->targets[i]));
    for (size_t i = 0; table->labels != NULL && i < table->rows; i++)
        REQUIRE(table->labels[i] < UINT32_MAX);
    REQUIRE(table->rows == 0 || (table->targets == NULL) != (table->labels == NULL));
}

static void read_archive(const char *path, bool regression) {
    isb_error error = ISB_ERROR_INIT;
    isb_dataset data = {.source = NULL};
    const isb_status status = isb_arrays_read_archive(&data, path, regression, &error);
    REQUIRE(status == ISB_OK || (status == ISB_DATA && error.status == status));
    REQUIRE((status == ISB_OK) == (error.count == 0));
    if (status == ISB_OK) {
        use_features(&data.train, isb_shape_size(data.shape));
        use_features(&data.test, isb_shape_size(data.shape));
        use_targets(&data.train);
        use_targets(&data.test);
    }
    isb_dataset_free(&data);
    isb_error_clear(&error);
}

static const char *make_archive(const uint8_t *data, size_t size, int switches) {
    static const char *const names[] = {"x_train.npy", "y_train.npy", "x_test.npy", "y_test.npy"};
    static zip_writer zip;
    zip.length = zip.directory_length = zip.count = 0;
    const size_t count = (switches & TEST) != 0 ? 4 : 2;
    for (size_t i = 0; i < count && size >= 2; i++) {
        size_t length = (size_t)(data[0] | data[1] << 8);
        data += 2, size -= 2;
        length = length < size ? length : size;
        zip_add(&zip, names[i], data, length, (switches & DEFLATED) != 0);
        data += length, size -= length;
    }
    zip_end(&zip);
    return memory_file(zip.bytes, zip.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0 || size > ZIP_MOST / 8)
        return 0;
    const int switches = *data++;
    const char *path = (switches & RAW) != 0 ? memory_file(data, size - 1)
                                             : make_archive(data, size - 1, switches);
    read_archive(path, (switches & REGRESSION) != 0);
    return 0;
}
