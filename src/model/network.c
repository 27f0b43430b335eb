#include "model/network.h"
#include "base/memory.h"
#include "base/room.h"
#include "model/initialize.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The smallest integer T >= rate * 2^32; the product is exact. */
static uint64_t dropout_threshold(double rate) {
    const double scaled = rate * 0x1p32;
    const uint64_t below = (uint64_t)scaled;
    return below + ((double)below < scaled ? 1 : 0);
}

static isb_status add_dropout(isb_dropouts *dropouts, double rate, size_t dense_before,
                              isb_error *error) {
    isb_dropout *grown = isb_room_for_more(dropouts->items, dropouts->count, sizeof *grown);
    if (grown == NULL)
        return isb_fail_memory(error, "the model");
    dropouts->items = grown;
    dropouts->items[dropouts->count] = (isb_dropout){
        .last_dropped = (uint32_t)(dropout_threshold(rate) - 1),
        .scale = (float)(1.0 / (1.0 - rate)),
        .site = (uint64_t)dense_before << 32 | dropouts->count,
    };
    dropouts->count++;
    return ISB_OK;
}

static isb_status allocate_parameter(isb_parameter *parameter, size_t states, isb_error *error) {
    parameter->panels = isb_panels(parameter->columns);
    parameter->size = parameter->panels * parameter->rows * 16;
    parameter->values = isb_allocate(parameter->size, sizeof(float));
    bool complete = parameter->values != NULL;
    for (size_t s = 0; s < states; s++) {
        parameter->state[s] = isb_allocate(parameter->size, sizeof(float));
        complete = complete && parameter->state[s] != NULL;
    }
    return complete ? ISB_OK : isb_fail_memory(error, "the model's weights");
}

static isb_status add_dense(isb_network *network, const isb_layer *layer, const char *name,
                            size_t inputs, uint64_t seed, size_t states, isb_error *error) {
    const size_t ordinal = network->count;
    isb_dense *dense = &network->dense[network->count++];
    *dense = (isb_dense){.inputs = inputs,
                         .units = layer->units,
                         .input_panels = isb_panels(inputs),
                         .unit_panels = isb_panels(layer->units),
                         .activation = layer->activation,
                         .use_bias = layer->use_bias};
    snprintf(dense->kernel.name, sizeof dense->kernel.name, "%s.kernel", name);
    snprintf(dense->bias.name, sizeof dense->bias.name, "%s.bias", name);
    dense->kernel.rows = inputs;
    dense->bias.rows = 1;
    dense->kernel.columns = dense->bias.columns = layer->units;
    dense->kernel.rank = 2;
    dense->bias.rank = 1;
    isb_status status = allocate_parameter(&dense->kernel, states, error);
    if (status != ISB_OK)
        return status;
    isb_initialize(&dense->kernel, layer->kernel_initializer, seed, ordinal, 0);
    if (layer->use_bias) {
        status = allocate_parameter(&dense->bias, states, error);
        if (status != ISB_OK)
            return status;
        isb_initialize(&dense->bias, layer->bias_initializer, seed, ordinal, 1);
    }
    network->multiply_adds += inputs * layer->units;
    network->outputs = layer->units;
    return ISB_OK;
}

isb_status isb_network_build(isb_network *out, const isb_model *model, uint64_t seed, size_t states,
                             isb_error *error) {
    *out = (isb_network){.inputs = isb_shape_size(model->input)};
    out->dense = calloc(model->count, sizeof *out->dense);
    if (out->dense == NULL)
        return isb_fail_memory(error, "the model");
    size_t width = out->inputs;
    for (size_t i = 0; i < model->count; i++) {
        const isb_layer *layer = &model->layers[i];
        isb_status status = ISB_OK;
        if (layer->kind == ISB_DENSE) {
            status = add_dense(out, layer, model->info[i].name, width, seed, states, error);
            width = layer->units;
        } else if (layer->kind == ISB_DROPOUT && layer->rate > 0.0) {
            isb_dropouts *place =
                out->count == 0 ? &out->input_dropouts : &out->dense[out->count - 1].after;
            status = add_dropout(place, layer->rate, out->count, error);
        }
        if (status != ISB_OK)
            return status;
    }
    return ISB_OK;
}

static void free_parameter(isb_parameter *parameter) {
    isb_release(parameter->values);
    isb_release(parameter->state[0]);
    isb_release(parameter->state[1]);
}

void isb_network_free(isb_network *network) {
    isb_scaling_free(&network->scaling);
    for (size_t l = 0; l < network->count; l++) {
        free_parameter(&network->dense[l].kernel);
        free_parameter(&network->dense[l].bias);
        free(network->dense[l].after.items);
    }
    free(network->dense);
    free(network->input_dropouts.items);
    *network = (isb_network){0};
}

isb_parameter *isb_network_parameter(const isb_network *network, size_t index) {
    for (size_t l = 0; l < network->count; l++) {
        isb_dense *dense = &network->dense[l];
        if (index-- == 0)
            return &dense->kernel;
        if (dense->use_bias && index-- == 0)
            return &dense->bias;
    }
    return NULL;
}

void isb_parameter_to_rows(const isb_parameter *parameter, const float *panels, float *rows) {
    for (size_t r = 0; r < parameter->rows; r++)
        for (size_t c = 0; c < parameter->columns; c++)
            *rows++ = panels[(c / 16 * parameter->rows + r) * 16 + c % 16];
}

void isb_parameter_from_rows(const isb_parameter *parameter, const float *rows, float *panels) {
    for (size_t r = 0; r < parameter->rows; r++)
        for (size_t c = 0; c < parameter->columns; c++)
            panels[(c / 16 * parameter->rows + r) * 16 + c % 16] = *rows++;
}
