#include "train/divergence.h"
#include "cpu/fpenv.h"
#include "layers/dense.h"
#include "layers/gather.h"
#include <string.h>

enum { BLOCK_ROWS = 2 * ISB_LEAF };

static bool finite(float x) { return x - x == 0.0f; }

/* The first of `rows` rows of a panel matrix that holds a value which is not finite; `rows`: none.
 */
static size_t first_bad_row(const float *matrix, size_t stride, size_t columns, size_t rows) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            if (!finite(matrix[c / 16 * stride + r * 16 + c % 16]))
                return r;
    return rows;
}

static bool all_finite(const isb_parameter *parameter) {
    for (size_t i = 0; parameter->values != NULL && i < parameter->size; i++)
        if (!finite(parameter->values[i]))
            return false;
    return true;
}

/* What is before the dot of "dense_1.kernel". */
static void name_layer(const isb_dense *dense, isb_divergence *out) {
    const size_t length = strcspn(dense->kernel.name, ".");
    memcpy(out->layer, dense->kernel.name, length);
    out->layer[length] = '\0';
    out->weights = !all_finite(&dense->kernel) || !all_finite(&dense->bias);
}

/* Passes a block through the layers before `most`; returns the first one that gave a bad value. */
static size_t find_in_block(const isb_context *c, size_t most, size_t *row) {
    const isb_range all = {0, c->rows};
    isb_gather(c, all);
    for (size_t l = 0; l < most; l++) {
        isb_dense_forward(c, l, all, (isb_range){0, c->network->dense[l].unit_panels});
        *row = first_bad_row(c->buffers->activation[l + 1], c->buffers->stride,
                             c->network->dense[l].units, c->rows);
        if (*row < c->rows)
            return l;
    }
    return most;
}

static void find(const isb_context *batch, isb_buffers *buffers, isb_divergence *out) {
    size_t layer = batch->network->count, row;
    for (size_t first = 0; first < batch->batch_rows && layer > 0; first += BLOCK_ROWS) {
        const size_t left = batch->batch_rows - first;
        isb_context c = *batch;
        c.buffers = buffers;
        c.order = batch->order + first;
        c.upcoming = 0;
        c.first = first;
        c.rows = left < BLOCK_ROWS ? left : BLOCK_ROWS;
        const size_t found = find_in_block(&c, layer, &row);
        if (found < layer) {
            layer = found;
            out->row = c.order[row];
        }
    }
    if (layer < batch->network->count)
        name_layer(&batch->network->dense[layer], out);
}

isb_status isb_divergence_find(const isb_context *batch, isb_divergence *out, isb_error *error) {
    isb_buffers buffers;
    isb_status status = isb_buffers_build(&buffers, batch->network, BLOCK_ROWS, true, error);
    if (status == ISB_OK) {
        const isb_fpenv before = isb_fpenv_enter();
        find(batch, &buffers, out);
        isb_fpenv_leave(before);
    }
    isb_buffers_free(&buffers, batch->network);
    return status;
}
