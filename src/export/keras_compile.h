/* How a Keras model was compiled: optimizer and loss, as far as Isobit has them. */
#ifndef ISB_EXPORT_KERAS_COMPILE_H
#define ISB_EXPORT_KERAS_COMPILE_H

#include "export/keras_import.h"

struct json_t;

/* Fills compiled, optimizer and loss out of the model's configuration. What is not there, or not
 * known, stays as it is. */
void isb_keras_read_compile(isb_imported *out, const struct json_t *model);

/* Adds the value of `optimizer` of an experiment: what differs from the defaults. */
void isb_keras_add_optimizer(isb_text *out, const isb_imported *from);

#endif
