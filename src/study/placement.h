/* Where dropout stands relative to every hidden dense layer: every dense layer but the last. */
#ifndef ISB_STUDY_PLACEMENT_H
#define ISB_STUDY_PLACEMENT_H

#include <isobit/experiment.h>

typedef enum isb_placement {
    ISB_PLACEMENT_NONE,
    ISB_PLACEMENT_BEFORE, /* directly in front of it, behind a flatten */
    ISB_PLACEMENT_AFTER,  /* directly behind it */
    ISB_PLACEMENT_BOTH,   /* both; between two hidden layers these are one place */
    ISB_PLACEMENTS,       /* how many there are */
} isb_placement;

/* The words of the study file: "none", "before", "after", "both". */
extern const char *const isb_placement_words[ISB_PLACEMENTS];

/* Removes every dropout of the model, then puts one of this rate in each place. A NaN stands for
 * the rate that the dropouts have; ISB_USAGE where they have none or several, and where there is
 * no hidden dense layer. After a failure the model is as it was. */
isb_status isb_placement_apply(isb_experiment *experiment, isb_placement placement, double rate,
                               isb_error *error);

/* Gives every dropout of the model this rate; ISB_USAGE where there is none. */
isb_status isb_rate_apply(isb_experiment *experiment, double rate, isb_error *error);

#endif
