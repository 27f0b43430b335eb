/* What a pass over a batch works with. A large batch is taken in chunks of whole leaves; rows are
 * counted within the chunk, which is the whole of a small batch. */
#ifndef ISB_LAYERS_CONTEXT_H
#define ISB_LAYERS_CONTEXT_H

#include "model/network.h"
#include "simd/kernels.h"
#include <isobit/dataset.h>

typedef struct isb_range {
    size_t begin, end;
} isb_range;

/* Panel matrices (simd/kernels.def) of `capacity` rows; all have the same stride. */
typedef struct isb_buffers {
    size_t capacity;
    size_t stride; /* floats between panels: an odd number of cache lines, so that the panels of a
                      row do not all fall on one set of a cache */
    float **activation; /* [0] inputs; [l + 1] output of dense l, dropouts applied; at the end the
                           logits */
    float **gradient;   /* [l] with respect to dense l before its activation; [count - 1] is the
                           logits' buffer */
    float **unscaled;   /* [l] output of dense l before its dropouts, where the backward pass needs
                           it; else NULL */
    uint16_t **kept;    /* [l] masks of the dropouts before dense l, [count] behind the last;
                           [dropout][panel][row] */
    uint32_t *labels;
    float *targets; /* of a regression: a panel matrix, too; else NULL */
} isb_buffers;

/* An odd number of cache lines. */
static inline size_t isb_panel_stride(size_t rows) { return (rows | 1) * 16; }

/* Without `training` there is room for a forward pass alone. */
isb_status isb_buffers_build(isb_buffers *out, const isb_network *network, size_t capacity,
                             bool training, isb_error *error);
void isb_buffers_free(isb_buffers *buffers, const isb_network *network);

/* Where the rows of the batch come from and how they are scaled. */
typedef struct isb_source {
    const isb_table *table;
    size_t width;  /* elements of a row */
    float scale;   /* x / scale */
    float inverse; /* of 8-bit data: 1 / scale where the correction is exact for all 256 values,
                      else 0 */
    bool sparse;   /* most elements are 0, as far as a sample tells */
} isb_source;

/* What the loss says of each row. */
typedef struct isb_row_scores {
    float *losses;
    uint8_t *hits;             /* of the cross entropy, else NULL */
    float *absolute, *squared; /* of a regression, the mean over the outputs, else NULL */
} isb_row_scores;

/* Those from row `first` on. */
static inline isb_row_scores isb_row_scores_from(const isb_row_scores *scores, size_t first) {
    return (isb_row_scores){
        .losses = scores->losses + first,
        .hits = scores->hits != NULL ? scores->hits + first : NULL,
        .absolute = scores->absolute != NULL ? scores->absolute + first : NULL,
        .squared = scores->squared != NULL ? scores->squared + first : NULL,
    };
}

typedef struct isb_context {
    const isb_kernels *kernels;
    const isb_network *network;
    isb_buffers *buffers;
    const isb_source *source;
    const uint32_t *order;      /* row of the table of each row of the chunk */
    size_t upcoming;            /* rows that order holds beyond the chunk */
    size_t first;               /* row of the batch where the chunk begins, a multiple of 64 */
    size_t rows;                /* of the chunk */
    size_t batch_rows;          /* of the batch: what its mean divides by */
    isb_row_scores scores;      /* of the chunk's rows */
    const float *class_weights; /* one a class; NULL: all are 1 */
    float *inputs; /* a thread's own activation[0] and kept[0]; NULL: those of the buffers */
    uint16_t *input_kept;
    uint64_t seed;
    uint64_t step; /* from 1; keys the dropouts */
    bool training;
    bool sparse; /* the kernels of dense 0 look for zeros of the inputs; no bit depends on it */
} isb_context;

/* The end of the 64-row leaf that `row` lies in, or `end` if that comes first. */
static inline size_t isb_leaf_end(size_t row, size_t end) {
    const size_t leaf_end = (row / ISB_LEAF + 1) * ISB_LEAF;
    return leaf_end < end ? leaf_end : end;
}

/* What dense layer l takes in. */
static inline float *isb_layer_input(const isb_context *c, size_t l) {
    return l == 0 && c->inputs != NULL ? c->inputs : c->buffers->activation[l];
}

/* The dropouts in front of dense layer l; l == count: behind the last. */
static inline const isb_dropouts *isb_dropouts_before(const isb_network *network, size_t l) {
    return l == 0 ? &network->input_dropouts : &network->dense[l - 1].after;
}

#endif
