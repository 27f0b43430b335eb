#include "layers/gather.h"
#include "layers/dropout.h"
#include "parallel/team.h"

/* Whether the two-fma quotient is the correctly rounded one for every byte (rule 12). */
static bool correction_is_exact(const isb_kernels *kernels, float scale, float inverse) {
    uint8_t bytes[256];
    _Alignas(64) float corrected[256], divided[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    kernels->gather_u8(corrected, 16, bytes, 256, scale, inverse);
    kernels->gather_u8(divided, 16, bytes, 256, scale, 0.0f);
    for (int i = 0; i < 256; i++)
        if (corrected[i] != divided[i])
            return false;
    return true;
}

static size_t zeros_of_row(const isb_table *table, size_t row, size_t width) {
    size_t zeros = 0;
    for (size_t i = row * width; i < (row + 1) * width; i++)
        zeros += table->dtype == ISB_U8 ? ((const uint8_t *)table->features)[i] == 0
                                        : ((const float *)table->features)[i] == 0.0f;
    return zeros;
}

/* More than three fifths, in rows from all over the table: from there on finding them pays on every
 * instruction set, however they are spread. */
static bool mostly_zeros(const isb_table *table, size_t width) {
    enum { SAMPLE = 64 };
    const size_t rows = table->rows < SAMPLE ? table->rows : SAMPLE;
    size_t zeros = 0;
    for (size_t i = 0; i < rows; i++)
        zeros += zeros_of_row(table, isb_part(table->rows, rows, i), width);
    return 5 * zeros > 3 * rows * width;
}

bool isb_inputs_are_sparse(const isb_network *network, const isb_source *source) {
    enum { FEW_PANELS = 3 };
    return source->sparse && network->scaling.width == 0 &&
           network->dense[0].unit_panels > FEW_PANELS;
}

isb_source isb_source_make(const isb_kernels *kernels, const isb_table *table, size_t width,
                           double scale) {
    isb_source source = {.table = table, .width = width, .scale = (float)scale};
    const float inverse = 1.0f / source.scale;
    if (table->dtype == ISB_U8 && correction_is_exact(kernels, source.scale, inverse))
        source.inverse = inverse;
    source.sparse = mostly_zeros(table, width);
    return source;
}

static size_t row_bytes(const isb_source *source) {
    return source->width * (source->table->dtype == ISB_U8 ? sizeof(uint8_t) : sizeof(float));
}

enum { CACHE_LINE = 64 };

/* GCC takes a function that only prefetches for one without effect, and drops calls of it unless
 * they are inlined. */
static inline __attribute__((always_inline)) void prefetch_line(const isb_source *source,
                                                                size_t row, size_t line) {
    const isb_table *table = source->table;
    __builtin_prefetch((const char *)table->features + row * row_bytes(source) + line * CACHE_LINE,
                       0, 2);
    if (line == 0 && table->labels != NULL)
        __builtin_prefetch(&table->labels[row], 0, 2);
    if (line == 0 && table->targets != NULL)
        __builtin_prefetch(&table->targets[row * table->target_width], 0, 2);
}

void isb_gather_ahead(const isb_context *c, isb_range rows, size_t part, size_t parts) {
    if (c->upcoming == 0)
        return;
    const size_t lines = (row_bytes(c->source) + CACHE_LINE - 1) / CACHE_LINE;
    const size_t all = lines * (rows.end - rows.begin), end = isb_part(all, parts, part + 1);
    size_t i = isb_part(all, parts, part), row = rows.begin + i / lines, line = i % lines;
    for (; i < end && row < c->upcoming; i++) {
        prefetch_line(c->source, c->order[c->rows + row], line);
        if (++line == lines) {
            line = 0;
            row++;
        }
    }
}

static void gather_row(const isb_context *c, size_t row) {
    const isb_source *source = c->source;
    const isb_table *table = source->table;
    const size_t from = c->order[row];
    float *to = isb_layer_input(c, 0) + row * 16;
    if (table->dtype == ISB_U8)
        c->kernels->gather_u8(to, c->buffers->stride,
                              (const uint8_t *)table->features + from * source->width,
                              source->width, source->scale, source->inverse);
    else
        c->kernels->gather_f32(to, c->buffers->stride,
                               (const float *)table->features + from * source->width, source->width,
                               source->scale);
    const isb_scaling *scaling = &c->network->scaling;
    if (scaling->width > 0)
        c->kernels->normalize(to, c->buffers->stride, scaling->offset, scaling->divisor,
                              scaling->width);
}

void isb_gather(const isb_context *c, isb_range rows) {
    for (size_t r = rows.begin; r < rows.end; r++)
        gather_row(c, r);
    if (!c->training || c->network->input_dropouts.count == 0)
        return;
    const size_t panels = isb_panels(c->network->inputs);
    for (size_t first = rows.begin; first < rows.end;) {
        const size_t end = isb_leaf_end(first, rows.end);
        for (size_t p = 0; p < panels; p++)
            isb_dropout_forward(c, 0, isb_layer_input(c, 0), p, first, end - first);
        first = end;
    }
}

void isb_gather_labels(const isb_context *c, isb_range rows) {
    for (size_t r = rows.begin; r < rows.end; r++)
        c->buffers->labels[r] = c->source->table->labels[c->order[r]];
}

void isb_gather_targets(const isb_context *c, isb_range rows) {
    const isb_table *table = c->source->table;
    for (size_t r = rows.begin; r < rows.end; r++)
        c->kernels->gather_f32(c->buffers->targets + r * 16, c->buffers->stride,
                               table->targets + c->order[r] * table->target_width,
                               table->target_width, 1.0f);
}
