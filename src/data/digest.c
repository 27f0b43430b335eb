#include "data/digest.h"
#include "io/sha256.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "integers are hashed as they lie in memory");

static void add_u32(isb_sha256 *hash, uint32_t value) {
    isb_sha256_add(hash, &value, sizeof value);
}

static void add_u64(isb_sha256 *hash, uint64_t value) {
    isb_sha256_add(hash, &value, sizeof value);
}

static void add_table(isb_sha256 *hash, const isb_table *table, isb_shape shape, isb_dtype dtype) {
    add_u32(hash, dtype == ISB_F32 ? 1 : 0);
    add_u32(hash, (uint32_t)shape.rank);
    for (size_t i = 0; i < shape.rank; i++)
        add_u64(hash, shape.sizes[i]);
    add_u64(hash, table->rows);
    if (table->rows == 0)
        return;
    size_t element = dtype == ISB_F32 ? sizeof(float) : 1;
    isb_sha256_add(hash, table->features, table->rows * isb_shape_size(shape) * element);
    if (table->labels != NULL)
        isb_sha256_add(hash, table->labels, table->rows * sizeof *table->labels);
    if (table->targets != NULL) {
        add_u64(hash, table->target_width);
        isb_sha256_add(hash, table->targets,
                       table->rows * table->target_width * sizeof *table->targets);
    }
}

isb_status isb_dataset_digest(isb_dataset *dataset, isb_error *error) {
    isb_sha256 hash;
    isb_sha256_open(&hash);
    isb_sha256_add(&hash, "isobit dataset 1", 16);
    add_table(&hash, &dataset->train, dataset->shape, dataset->train.dtype);
    add_table(&hash, &dataset->test, dataset->shape, dataset->train.dtype);
    return isb_sha256_close(&hash, dataset->sha256, error);
}
