/* The nearest right word for a wrong one. */
#ifndef ISB_BASE_SUGGEST_H
#define ISB_BASE_SUGGEST_H

#include <stddef.h>

/* The word with the smallest Damerau-Levenshtein distance to `wrong`, or NULL where none is near
 * enough to be what was meant (case counts little: "ReLU" is near "relu"). */
const char *isb_nearest_word(const char *wrong, const char *const *words, size_t count);

#endif
