/* Settings laid over an experiment file: --set KEY=VALUE, --data and --seed. */
#ifndef ISB_IO_SETTINGS_H
#define ISB_IO_SETTINGS_H

#include "io/schema.h"
#include <isobit/experiment.h>

/* Puts the value of setting `index` where its key says. `root` is a map. The value of --set is
 * YAML, those of other options are taken as they are. */
void isb_setting_apply(isb_pool *pool, isb_problems *problems, isb_node *root, const isb_map *map,
                       const isb_setting *setting, size_t index);

#endif
