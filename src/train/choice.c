#include "train/choice.h"
#include <string.h>

isb_status isb_choose_isa(isb_isa *out, const char *name, isb_error *error) {
    *out = isb_isa_best();
    if (strcmp(name, "auto") != 0 && !isb_isa_by_name(name, out))
        return isb_fail(error, ISB_USAGE, "no instruction set '%s' is known", name);
    if (!isb_isa_available(*out))
        return isb_fail(error, ISB_USAGE,
                        "this machine cannot run %s; leave the choice to auto (here %s)", name,
                        isb_isa_name(isb_isa_best()));
    return ISB_OK;
}

double isb_choose_scale(const isb_experiment *experiment, const isb_table *table) {
    if (experiment->scale_kind == ISB_SCALE_BY)
        return experiment->scale;
    const bool by_default = experiment->scale_kind == ISB_SCALE_DEFAULT;
    return by_default && table->dtype == ISB_U8 ? 255.0 : 1.0;
}
