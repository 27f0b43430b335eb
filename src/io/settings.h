/* Settings laid over an experiment: --set KEY=VALUE, --data and --seed, and what varies in a study.
 */
#ifndef ISB_IO_SETTINGS_H
#define ISB_IO_SETTINGS_H

#include "io/schema.h"
#include <isobit/experiment.h>

/* Puts the setting's value where its key says. `root` is a map, `source` the setting's in places.
 * The value of --set is YAML, those of other options are taken as they are. */
void isb_setting_apply(isb_pool *pool, isb_problems *problems, isb_node *root, const isb_map *map,
                       const isb_setting *setting, uint32_t source);

/* Puts `value` where `key` says, which stands at `place`. The tree keeps the value. */
void isb_key_set(isb_pool *pool, isb_problems *problems, isb_node *root, const isb_map *map,
                 const char *key, isb_place place, isb_node *value);

#endif
