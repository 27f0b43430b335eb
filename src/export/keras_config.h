/* The text files in a .keras archive. */
#ifndef ISB_EXPORT_KERAS_CONFIG_H
#define ISB_EXPORT_KERAS_CONFIG_H

#include "export/exported.h"

/* metadata.json and config.json, to be released by free(). */
isb_status isb_keras_metadata(const isb_exported *from, char **text, isb_error *error);
isb_status isb_keras_config(const isb_exported *from, char **text, isb_error *error);

#endif
