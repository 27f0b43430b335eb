/* Which rows of a data set evaluate and predict look at. */
#ifndef ISB_CLI_PART_H
#define ISB_CLI_PART_H

#include "cli/options.h"
#include <isobit/dataset.h>

typedef struct isb_part {
    const char *name;       /* "train", "validation" or "test" */
    const isb_table *table; /* of the data set; borrowed */
    uint32_t *rows;         /* of that table, ascending; owned */
    size_t count;           /* at least 1 */
} isb_part;

/* What --split says. Without it: the test part, else the validation part; of data given by --data
 * the test part, else the whole of the train part. ISB_USAGE where there is no such part. `out` is
 * released by isb_part_free. */
isb_status isb_part_choose(isb_part *out, const isb_dataset *dataset,
                           const isb_experiment *experiment, const isb_options *options,
                           isb_error *error);
void isb_part_free(isb_part *part);

#endif
