/* A safetensors file with PyTorch's names and shapes: layers.0.weight (units, inputs),
 * layers.0.bias. */
#include "base/number.h"
#include "export/exported.h"
#include "io/file.h"
#include "io/json.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* PyTorch's kernel is the transposed one; `out` has room for it. */
static void transpose(float *out, const isb_exported_dense *dense) {
    for (size_t u = 0; u < dense->units; u++)
        for (size_t i = 0; i < dense->inputs; i++)
            out[u * dense->inputs + i] = dense->kernel[i * dense->units + u];
}

static void describe(isb_json *json, const char *name, size_t bytes, const size_t *shape,
                     size_t rank, size_t *offset) {
    isb_json_object(json, name);
    isb_json_string(json, "dtype", bytes == sizeof(double) ? "F64" : "F32");
    isb_json_array(json, "shape");
    for (size_t i = 0; i < rank; i++) {
        isb_json_unsigned(json, NULL, shape[i]);
        bytes *= shape[i];
    }
    isb_json_end_array(json);
    isb_json_array(json, "data_offsets");
    isb_json_unsigned(json, NULL, *offset);
    isb_json_unsigned(json, NULL, *offset + bytes);
    isb_json_end_array(json);
    isb_json_end_object(json);
    *offset += bytes;
}

static void describe_layer(isb_json *json, const isb_exported_dense *dense, size_t index,
                           size_t *offset) {
    char name[48];
    snprintf(name, sizeof name, "layers.%zu.weight", index);
    describe(json, name, sizeof(float), (const size_t[]){dense->units, dense->inputs}, 2, offset);
    snprintf(name, sizeof name, "layers.%zu.bias", index);
    if (dense->bias != NULL)
        describe(json, name, sizeof(float), &dense->units, 1, offset);
}

/* What stands beside the tensors: how to build the layers around them. */
static void put_metadata(isb_json *json, const isb_exported *from) {
    char number[ISB_NUMBER_SIZE];
    isb_text activations = {0};
    for (size_t i = 0; i < isb_exported_count(from); i++) {
        const isb_exported_dense dense = isb_exported_at(from, i);
        isb_text_add(&activations, i > 0 ? "," : "");
        isb_text_add(&activations, isb_activation_name(dense.activation));
    }
    json->text.failed |= activations.failed;
    isb_format_float(number, from->scale);
    isb_json_object(json, "__metadata__");
    isb_json_string(json, "format", "pt");
    isb_json_string(json, "activations", activations.data);
    isb_json_string(json, "scale", number);
    if (isb_exported_is_table(from))
        isb_json_string(json, "preprocessing", from->preprocessing);
    isb_json_end_object(json);
    free(activations.data);
}

/* The header, padded so that the data are aligned. */
static isb_status make_header(const isb_exported *from, char **text, isb_error *error) {
    isb_json json = ISB_JSON_INIT;
    size_t offset = 0;
    isb_json_object(&json, NULL);
    put_metadata(&json, from);
    for (size_t i = 0; i < isb_exported_count(from); i++) {
        const isb_exported_dense dense = isb_exported_at(from, i);
        describe_layer(&json, &dense, i, &offset);
    }
    if (from->scaling.width > 0) {
        const size_t bytes = from->scaling.wide ? sizeof(double) : sizeof(float);
        describe(&json, ISB_SCALING_OFFSET, bytes, &from->scaling.width, 1, &offset);
        describe(&json, ISB_SCALING_DIVISOR, bytes, &from->scaling.width, 1, &offset);
    }
    isb_json_end_object(&json);
    while (json.text.length % 8 != 0 && !json.text.failed)
        isb_text_add(&json.text, " ");
    return isb_json_finish(&json, text, error);
}

typedef struct pieces {
    isb_bytes *items;
    size_t count;
    float *kernels;          /* transposed ones, one after the other */
    float *offset, *divisor; /* of a scaling in float32 */
} pieces;

static isb_status add_scaling(pieces *out, const isb_exported_scaling *scaling, isb_error *error) {
    const size_t bytes = scaling->width * (scaling->wide ? sizeof(double) : sizeof(float));
    if (scaling->width == 0)
        return ISB_OK;
    if (!scaling->wide) {
        out->offset = isb_exported_floats(scaling->offset, scaling->width);
        out->divisor = isb_exported_floats(scaling->divisor, scaling->width);
        if (out->offset == NULL || out->divisor == NULL)
            return isb_fail_memory(error, "the tensors");
    }
    const void *offset = scaling->wide ? (const void *)scaling->offset : out->offset;
    const void *divisor = scaling->wide ? (const void *)scaling->divisor : out->divisor;
    out->items[out->count++] = (isb_bytes){offset, bytes};
    out->items[out->count++] = (isb_bytes){divisor, bytes};
    return ISB_OK;
}

static isb_status make_pieces(pieces *out, const isb_exported *from, isb_error *error) {
    const size_t layers = isb_exported_count(from);
    size_t values = 0;
    for (size_t i = 0; i < layers; i++) {
        const isb_exported_dense dense = isb_exported_at(from, i);
        values += dense.inputs * dense.units;
    }
    *out = (pieces){.items = calloc(2 * layers + 4, sizeof *out->items),
                    .count = 2, /* the header comes before the data */
                    .kernels = calloc(values, sizeof *out->kernels)};
    if (out->items == NULL || out->kernels == NULL)
        return isb_fail_memory(error, "the tensors");
    float *kernel = out->kernels;
    for (size_t i = 0; i < layers; i++) {
        const isb_exported_dense dense = isb_exported_at(from, i);
        const size_t size = dense.inputs * dense.units;
        transpose(kernel, &dense);
        out->items[out->count++] = (isb_bytes){kernel, size * sizeof(float)};
        if (dense.bias != NULL)
            out->items[out->count++] = (isb_bytes){dense.bias, dense.units * sizeof(float)};
        kernel += size;
    }
    return add_scaling(out, &from->scaling, error);
}

isb_status isb_export_safetensors(const isb_exported *from, const char *path, isb_error *error) {
    pieces p;
    char *header = NULL;
    isb_status status = make_pieces(&p, from, error);
    if (status == ISB_OK)
        status = make_header(from, &header, error);
    if (status == ISB_OK) {
        const uint64_t length = strlen(header);
        p.items[0] = (isb_bytes){&length, sizeof length};
        p.items[1] = (isb_bytes){header, (size_t)length};
        status = isb_file_write(path, p.items, p.count, error);
    }
    free(header);
    free(p.items);
    free(p.kernels);
    free(p.offset);
    free(p.divisor);
    return status;
}
