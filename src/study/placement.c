#include "study/placement.h"
#include "base/number.h"
#include <math.h>
#include <stdlib.h>

const char *const isb_placement_words[ISB_PLACEMENTS] = {
    [ISB_PLACEMENT_NONE] = "none",
    [ISB_PLACEMENT_BEFORE] = "before",
    [ISB_PLACEMENT_AFTER] = "after",
    [ISB_PLACEMENT_BOTH] = "both",
};

static size_t count_dense(const isb_experiment *experiment) {
    size_t count = 0;
    for (size_t i = 0; i < experiment->layer_count; i++)
        count += experiment->layers[i].kind == ISB_DENSE;
    return count;
}

/* The one rate that all dropouts have. */
static isb_status find_rate(const isb_experiment *experiment, double *rate, isb_error *error) {
    char first[ISB_NUMBER_SIZE], other[ISB_NUMBER_SIZE];
    *rate = NAN;
    for (size_t i = 0; i < experiment->layer_count; i++) {
        const isb_layer *layer = &experiment->layers[i];
        if (layer->kind != ISB_DROPOUT || layer->rate == *rate)
            continue;
        isb_format_double(first, *rate);
        isb_format_double(other, layer->rate);
        if (!isnan(*rate))
            return isb_fail(error, ISB_USAGE,
                            "placement needs a rate, and the dropouts of the model have several: "
                            "%s and %s; add an axis, such as rate: [%s, %s]",
                            first, other, first, other);
        *rate = layer->rate;
    }
    if (isnan(*rate))
        return isb_fail(error, ISB_USAGE,
                        "placement needs a rate, and the model has no dropout to take it from; add "
                        "an axis, such as rate: [0.2, 0.5]");
    return ISB_OK;
}

static isb_layer *append_dropout(isb_layer *to, double rate) {
    *to = (isb_layer){.kind = ISB_DROPOUT, .rate = rate};
    return to + 1;
}

/* Moves the layers to `to`, dropouts replaced; the number that stand there then. */
static size_t place(isb_layer *to, const isb_experiment *experiment, isb_placement placement,
                    double rate) {
    const size_t hidden = count_dense(experiment) - 1;
    const bool after = placement == ISB_PLACEMENT_AFTER || placement == ISB_PLACEMENT_BOTH;
    isb_layer *next = to;
    size_t dense = 0;
    for (size_t i = 0; i < experiment->layer_count; i++) {
        const isb_layer *layer = &experiment->layers[i];
        if (layer->kind == ISB_DROPOUT) {
            free(layer->where);
            continue;
        }
        const bool is_hidden = layer->kind == ISB_DENSE && dense < hidden;
        /* Behind the layer before is in front of this one. */
        if (is_hidden &&
            (placement == ISB_PLACEMENT_BEFORE || (placement == ISB_PLACEMENT_BOTH && dense == 0)))
            next = append_dropout(next, rate);
        *next++ = *layer;
        dense += layer->kind == ISB_DENSE;
        if (is_hidden && after)
            next = append_dropout(next, rate);
    }
    return (size_t)(next - to);
}

isb_status isb_placement_apply(isb_experiment *experiment, isb_placement placement, double rate,
                               isb_error *error) {
    const size_t dense = count_dense(experiment);
    const bool some = placement != ISB_PLACEMENT_NONE;
    if (some && dense < 2)
        return isb_fail(error, ISB_USAGE,
                        "placement is relative to hidden dense layers, and the model has none but "
                        "the output; add one, or leave placement out");
    if (some && isnan(rate)) {
        isb_status status = find_rate(experiment, &rate, error);
        if (status != ISB_OK)
            return status;
    }
    isb_layer *layers = calloc(experiment->layer_count + dense, sizeof *layers);
    if (layers == NULL)
        return isb_fail_memory(error, "the layers of a variant");
    /* It belongs to whichever layer is the first one. */
    const isb_shape input = experiment->layers[0].input_shape;
    experiment->layers[0].input_shape = (isb_shape){0};
    const size_t count = place(layers, experiment, placement, rate);
    layers[0].input_shape = input;
    free(experiment->layers);
    experiment->layers = layers;
    experiment->layer_count = count;
    return ISB_OK;
}

isb_status isb_rate_apply(isb_experiment *experiment, double rate, isb_error *error) {
    size_t dropouts = 0;
    for (size_t i = 0; i < experiment->layer_count; i++) {
        if (experiment->layers[i].kind != ISB_DROPOUT)
            continue;
        experiment->layers[i].rate = rate;
        dropouts++;
    }
    if (dropouts == 0)
        return isb_fail(error, ISB_USAGE,
                        "the model has no dropout to give a rate; add one, or an axis, such as "
                        "placement: [none, before, after]");
    return ISB_OK;
}
