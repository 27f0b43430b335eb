/* The layers of a Keras model's configuration, read into Isobit's. */
#ifndef ISB_EXPORT_KERAS_LAYERS_H
#define ISB_EXPORT_KERAS_LAYERS_H

#include "export/keras_import.h"

/* Fills layers and steps out of the text of config.json. ISB_CORRUPT; `out` is to be freed then,
 * too. */
isb_status isb_keras_layers(isb_imported *out, const char *config, size_t length, const char *path,
                            isb_error *error);

#endif
