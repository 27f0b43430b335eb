/* HDF5 files of groups and contiguous data sets, put together in memory. The same calls give the
 * same bytes. Format: superblock 0, object headers 1, links as messages. */
#ifndef ISB_EXPORT_HDF5_WRITE_H
#define ISB_EXPORT_HDF5_WRITE_H

#include "io/text.h"
#include <isobit/model.h>
#include <stdint.h>

/* Start with isb_hdf5_open. `file.failed` tells of too little memory; addresses mean nothing then.
 */
typedef struct isb_hdf5 {
    isb_text file;
} isb_hdf5;

typedef enum isb_hdf5_type { ISB_HDF5_FLOAT32, ISB_HDF5_UINT32 } isb_hdf5_type;

/* What stands in a group: a name and the address that one of the functions below gave. */
typedef struct isb_hdf5_link {
    char name[40];
    uint64_t address;
} isb_hdf5_link;

void isb_hdf5_open(isb_hdf5 *out);
uint64_t isb_hdf5_dataset(isb_hdf5 *hdf5, isb_hdf5_type type, isb_shape shape, const void *data);

/* At most 65 000 links. */
uint64_t isb_hdf5_group(isb_hdf5 *hdf5, const isb_hdf5_link *links, size_t count);

/* `file` then is the file; its data are released by free(). */
void isb_hdf5_close(isb_hdf5 *hdf5, uint64_t root);

#endif
