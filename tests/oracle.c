#include "oracle.h"
#include "random/stream.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void oracle_make(oracle *o, const fixture *f) {
    *o = (oracle){.f = f, .step = 1};
    size_t width = f->dataset.shape.sizes[0];
    for (size_t i = 0; i < f->experiment.layer_count; i++) {
        if (f->layers[i].kind != ISB_DENSE)
            continue;
        o->count += (width + 1) * f->layers[i].units;
        width = f->layers[i].units;
    }
    o->parameters = calloc(o->count, sizeof *o->parameters);
    o->gradient = calloc(o->count, sizeof *o->gradient);
}

void oracle_free(oracle *o) {
    free(o->parameters);
    free(o->gradient);
}

void oracle_load(oracle *o, const isb_tensors *tensors) {
    double *next = o->parameters;
    for (size_t i = 0; i < tensors->count; i++) {
        if (strncmp(tensors->items[i].name, "optimizer.", 10) == 0)
            continue;
        for (size_t j = 0; j < isb_shape_size(tensors->items[i].shape); j++)
            *next++ = (double)tensors->items[i].data[j];
    }
}

static void activate(double *y, size_t n, isb_activation activation) {
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        switch (activation) {
        case ISB_LINEAR: break;
        case ISB_RELU: y[i] = y[i] > 0.0 ? y[i] : 0.0; break;
        case ISB_SIGMOID: y[i] = 1.0 / (1.0 + exp(-y[i])); break;
        case ISB_TANH: y[i] = tanh(y[i]); break;
        case ISB_SOFTMAX: y[i] = exp(y[i]); break;
        }
        sum += y[i];
    }
    for (size_t i = 0; activation == ISB_SOFTMAX && i < n; i++)
        y[i] /= sum;
}

/* The mask as rule 8 says it: draw of row r, unit u is lane u % 16 of iteration r % 64. */
static void drop(const oracle *o, double *y, size_t n, size_t row, double rate, uint64_t site) {
    for (size_t u = 0; u < n; u++) {
        isb_stream stream;
        isb_stream_open(&stream, o->f->experiment.seed, ISB_PURPOSE_DROPOUT, o->step, site,
                        row / 64, u / 16);
        uint32_t draw = 0;
        for (size_t i = 0; i <= row % 64 * 16 + u % 16; i++)
            draw = isb_stream_next(&stream);
        y[u] = (double)draw < ceil(rate * 4294967296.0) ? 0.0 : y[u] / (1.0 - rate);
    }
}

static double feature(const isb_table *table, size_t i) {
    return table->dtype == ISB_U8 ? ((const uint8_t *)table->features)[i] / 255.0
                                  : (double)((const float *)table->features)[i];
}

/* Leaves the outputs of the network, before the softmax of the loss, in y. */
static void forward(const oracle *o, size_t from, size_t row, double y[256]) {
    const fixture *f = o->f;
    size_t width = f->dataset.shape.sizes[0], dense = 0, dropouts = 0;
    const double *p = o->parameters;
    for (size_t i = 0; i < width; i++)
        y[i] = feature(&f->dataset.train, from * width + i);
    for (size_t l = 0; l < f->experiment.layer_count; l++) {
        const isb_layer *layer = &f->layers[l];
        if (layer->kind == ISB_DROPOUT && layer->rate > 0.0)
            drop(o, y, width, row, layer->rate, (uint64_t)dense << 32 | dropouts++);
        if (layer->kind != ISB_DENSE)
            continue;
        double z[256];
        for (size_t u = 0; u < layer->units; u++) {
            z[u] = p[width * layer->units + u];
            for (size_t i = 0; i < width; i++)
                z[u] += y[i] * p[i * layer->units + u];
        }
        p += (width + 1) * layer->units;
        width = layer->units;
        const bool output = l + 1 == f->experiment.layer_count && !f->experiment.from_logits;
        activate(z, width, output ? ISB_LINEAR : layer->activation);
        memcpy(y, z, width * sizeof *y);
        dense++;
        dropouts = 0;
    }
}

static double cross_entropy(const double *y, size_t classes, uint32_t label) {
    double sum = 0.0;
    for (size_t u = 0; u < classes; u++)
        sum += exp(y[u]);
    return log(sum) - y[label];
}

static double regression(const isb_experiment *experiment, double e) {
    const double delta = experiment->delta;
    if (experiment->loss == ISB_SQUARED_ERROR)
        return e * e;
    if (experiment->loss == ISB_ABSOLUTE_ERROR)
        return fabs(e);
    return fabs(e) <= delta ? 0.5 * e * e : delta * fabs(e) - 0.5 * delta * delta;
}

static double loss_of_row(const oracle *o, const double *y, size_t row) {
    const isb_table *table = &o->f->dataset.train;
    const size_t outputs = o->f->model.outputs;
    double sum = 0.0;
    if (o->f->experiment.loss == ISB_CROSS_ENTROPY)
        return cross_entropy(y, outputs, table->labels[row]);
    for (size_t u = 0; u < outputs; u++)
        sum += regression(&o->f->experiment, y[u] - (double)table->targets[row * outputs + u]);
    return sum / (double)outputs;
}

double oracle_loss(const oracle *o, size_t first, size_t rows) {
    double loss = 0.0;
    for (size_t r = 0; r < rows; r++) {
        double y[256];
        forward(o, first + r, r, y);
        loss += loss_of_row(o, y, first + r);
    }
    return loss / (double)rows;
}

void oracle_differentiate(oracle *o, size_t first, size_t rows) {
    const double h = 1e-5;
    for (size_t i = 0; i < o->count; i++) {
        const double at = o->parameters[i];
        o->parameters[i] = at + h;
        const double above = oracle_loss(o, first, rows);
        o->parameters[i] = at - h;
        const double below = oracle_loss(o, first, rows);
        o->parameters[i] = at;
        o->gradient[i] = (above - below) / (2.0 * h);
    }
}
