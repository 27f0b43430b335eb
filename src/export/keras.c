/* Keras 3's archive: metadata.json, config.json and the weights in HDF5. */
#include "base/number.h"
#include "export/archive.h"
#include "export/exported.h"
#include "export/hdf5_write.h"
#include "export/keras_config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A group "vars" with the variables "0", "1". */
static uint64_t put_variables(isb_hdf5 *hdf5, const uint64_t *variables, size_t count) {
    isb_hdf5_link links[2] = {{.name = "0"}, {.name = "1"}};
    for (size_t i = 0; i < count; i++)
        links[i].address = variables[i];
    const isb_hdf5_link vars = {"vars", isb_hdf5_group(hdf5, links, count)};
    return isb_hdf5_group(hdf5, &vars, 1);
}

static uint64_t put_dense(isb_hdf5 *hdf5, const isb_exported_dense *dense) {
    const isb_shape kernel = {.rank = 2, .sizes = {dense->inputs, dense->units}};
    const isb_shape bias = {.rank = 1, .sizes = {dense->units}};
    uint64_t variables[2] = {isb_hdf5_dataset(hdf5, ISB_HDF5_FLOAT32, kernel, dense->kernel)};
    if (dense->bias != NULL)
        variables[1] = isb_hdf5_dataset(hdf5, ISB_HDF5_FLOAT32, bias, dense->bias);
    return put_variables(hdf5, variables, dense->bias != NULL ? 2 : 1);
}

/* Keras keeps the state of a dropout's generator; one that drops nothing has none. */
static uint64_t put_dropout(isb_hdf5 *hdf5, uint32_t seed) {
    const uint32_t state[2] = {seed, 0};
    const uint64_t variable =
        isb_hdf5_dataset(hdf5, ISB_HDF5_UINT32, (isb_shape){.rank = 1, .sizes = {2}}, state);
    const isb_hdf5_link generator = {"seed_generator", put_variables(hdf5, &variable, 1)};
    return isb_hdf5_group(hdf5, &generator, 1);
}

/* `links` has room for every layer. */
static void put_layers(isb_hdf5 *hdf5, const isb_exported *from, isb_hdf5_link *links) {
    const isb_model *model = from->model;
    size_t count = 0, dense_count = 0;
    for (size_t i = 0; i < model->count; i++) {
        const isb_layer *layer = &model->layers[i];
        isb_hdf5_link *link = &links[count];
        if (layer->kind == ISB_DENSE) {
            const isb_exported_dense dense = isb_exported_at(from, dense_count++);
            link->address = put_dense(hdf5, &dense);
        } else if (layer->kind == ISB_DROPOUT && layer->rate > 0) {
            link->address = put_dropout(hdf5, (uint32_t)i);
        } else {
            continue;
        }
        snprintf(link->name, sizeof link->name, "%s", model->info[i].name);
        count++;
    }
    const isb_hdf5_link layers = {"layers", isb_hdf5_group(hdf5, links, count)};
    isb_hdf5_close(hdf5, isb_hdf5_group(hdf5, &layers, 1));
}

static isb_status make_weights(isb_hdf5 *out, const isb_exported *from, isb_error *error) {
    isb_hdf5_link *links = calloc(from->model->count, sizeof *links);
    isb_hdf5_open(out);
    if (links != NULL)
        put_layers(out, from, links);
    const bool failed = links == NULL || out->file.failed;
    free(links);
    return failed ? isb_fail_memory(error, "the weights") : ISB_OK;
}

/* Keras takes a deviation below its epsilon for that, and has the variance in float32. */
static isb_status check_scaling(const isb_exported_scaling *scaling, const char *path,
                                isb_error *error) {
    static const double least = 1e-7, most = 1e18;
    char number[ISB_NUMBER_SIZE];
    for (size_t i = 0; i < scaling->width; i++)
        if (scaling->divisor[i] < least || scaling->divisor[i] > most) {
            isb_format_double(number, scaling->divisor[i]);
            return isb_fail(error, ISB_USAGE,
                            "%s: feature %zu (counted from 0) is divided by %s, and Keras's "
                            "Normalization divides by 1e-7 to 1e18; export as .onnx, or bring the "
                            "data nearer to 1 and train again",
                            path, i, number);
        }
    return ISB_OK;
}

isb_status isb_export_keras(const isb_exported *from, const char *path, isb_error *error) {
    isb_hdf5 weights = {0};
    char *metadata = NULL, *config = NULL;
    isb_status status = check_scaling(&from->scaling, path, error);
    if (status == ISB_OK)
        status = isb_keras_metadata(from, &metadata, error);
    if (status == ISB_OK)
        status = isb_keras_config(from, &config, error);
    if (status == ISB_OK)
        status = make_weights(&weights, from, error);
    if (status == ISB_OK) {
        const isb_member members[] = {
            {"metadata.json", {metadata, strlen(metadata)}, {0}},
            {"config.json", {config, strlen(config)}, {0}},
            {"model.weights.h5", {weights.file.data, weights.file.length}, {0}},
        };
        status = isb_archive_write(path, members, sizeof members / sizeof *members, error);
    }
    free(weights.file.data);
    free(config);
    free(metadata);
    return status;
}
