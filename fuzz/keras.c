/* Models of Keras's: what is in the archive, and the archive.
 *
 * Input: a byte of switches; with RAW the archive as it lies, else two bytes of length, config.json
 * of that length, and model.weights.h5: as they are, or with ARCHIVE in an archive with right
 * checksums. */
#include "export/keras_import.h"
#include "memory_file.h"
#include "zip.h"
#include <isobit/experiment.h>
#include <math.h>

enum { RAW = 1, ARCHIVE = 2, DEFLATED = 4 };

/* Of a value of two bytes: four as a float32, the same again where one sigmoid becomes two classes,
 * and what inputs are scaled by. */
enum { MOST_GROWTH = 8 };

/* What is made of it is an experiment, or one that says why it cannot be trained. */
static void use(const isb_imported *imported, size_t size) {
    isb_text text = {0};
    isb_experiment experiment;
    isb_error error = ISB_ERROR_INIT;
    size_t bytes = 0;
    for (size_t i = 0; i < imported->weights.count; i++) {
        const isb_tensor *tensor = &imported->weights.items[i];
        const size_t values = isb_shape_size(tensor->shape);
        for (size_t k = 0; k < values; k++)
            REQUIRE(isfinite(tensor->data[k]));
        REQUIRE(isb_tensors_find(&imported->weights, tensor->name) == tensor);
        bytes += values * sizeof(float);
    }
    REQUIRE(bytes / MOST_GROWTH <= size);
    isb_imported_experiment(imported, "name", "weights.safetensors", &text);
    REQUIRE(!text.failed);
    const isb_status status =
        isb_experiment_parse(&experiment, text.data, text.length, "/e.yaml", NULL, 0, &error);
    REQUIRE(status == ISB_OK || (status == ISB_USAGE && error.count > 0));
    isb_experiment_free(&experiment);
    isb_error_clear(&error);
    free(text.data);
}

static void check(isb_imported *imported, isb_status status, isb_error *error, size_t size) {
    if (status == ISB_OK)
        use(imported, size);
    else
        REQUIRE(status == ISB_CORRUPT && error->status == status && error->count == 1);
    REQUIRE(status == ISB_OK || (imported->layers == NULL && imported->weights.items == NULL));
    isb_imported_free(imported);
    isb_error_clear(error);
}

/* Weights and scaling come from so many bytes. */
static void import_file(const char *path, size_t size) {
    isb_imported imported;
    isb_error error = ISB_ERROR_INIT;
    check(&imported, isb_keras_import(&imported, path, &error), &error, size);
}

static void import_members(const uint8_t *config, size_t config_size, const uint8_t *weights,
                           size_t weights_size) {
    isb_imported imported;
    isb_error error = ISB_ERROR_INIT;
    /* no byte more: one read too many shows */
    char *copies[2] = {malloc(config_size + 1), malloc(weights_size > 0 ? weights_size : 1)};
    REQUIRE(copies[0] != NULL && copies[1] != NULL);
    memcpy(copies[0], config, config_size);
    copies[0][config_size] = '\0';
    memcpy(copies[1], weights, weights_size);
    const isb_status status =
        isb_keras_parse(&imported, copies[0], config_size, copies[1], weights_size, "file", &error);
    check(&imported, status, &error, config_size + weights_size);
    free(copies[0]);
    free(copies[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 3 || size > ZIP_MOST / 8)
        return 0;
    const int switches = *data++;
    size--;
    if ((switches & RAW) != 0) {
        import_file(memory_file(data, size), SIZE_MAX);
        return 0;
    }
    size_t length = (size_t)(data[0] | data[1] << 8);
    data += 2, size -= 2;
    length = length < size ? length : size;
    if ((switches & ARCHIVE) == 0) {
        import_members(data, length, data + length, size - length);
        return 0;
    }
    static zip_writer zip;
    zip.length = zip.directory_length = zip.count = 0;
    zip_add(&zip, "config.json", data, length, (switches & DEFLATED) != 0);
    zip_add(&zip, "model.weights.h5", data + length, size - length, (switches & DEFLATED) != 0);
    zip_end(&zip);
    import_file(memory_file(zip.bytes, zip.length), size);
    return 0;
}
