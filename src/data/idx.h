/* IDX files of unsigned bytes, the format of MNIST (Y. LeCun, "The MNIST database"): two zero
 * bytes, the type of the elements (0x08), the number of axes, the size of each axis as a 32-bit
 * big-endian integer, then the elements, row-major. Gzipped or not. */
#ifndef ISB_DATA_IDX_H
#define ISB_DATA_IDX_H

#include <isobit/error.h>
#include <isobit/model.h>
#include <stdint.h>

enum { ISB_IDX_MAX_RANK = ISB_MAX_RANK + 1 };

typedef enum isb_idx_kind {
    ISB_IDX_IMAGES, /* 2 to ISB_IDX_MAX_RANK axes, the first of them rows */
    ISB_IDX_LABELS, /* 1 axis */
} isb_idx_kind;

typedef struct isb_idx {
    size_t rank;
    size_t sizes[ISB_IDX_MAX_RANK]; /* at least 1 each */
    uint8_t *elements;              /* owned */
} isb_idx;

/* Every damage is ISB_DATA with its own message. Memory grows with the data that really arrive,
 * whatever the header announces. `out` is released by isb_idx_free, also after a failure. */
isb_status isb_idx_read(isb_idx *out, const char *path, isb_idx_kind kind, isb_error *error);
void isb_idx_free(isb_idx *idx);

#endif
