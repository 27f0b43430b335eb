/* Quantities as people read them. */
#ifndef ISB_CLI_QUANTITY_H
#define ISB_CLI_QUANTITY_H

#include <stddef.h>

enum { ISB_COUNT_SIZE = 32 };

/* "101,770" */
const char *isb_count_text(size_t count, char out[ISB_COUNT_SIZE]);

/* Memory of so many float32 parameters, by 1024 as Keras has it: "397.54 KB". */
const char *isb_bytes_text(size_t parameters, char out[ISB_COUNT_SIZE]);

#endif
