/* Which rows are trained on and which are held out. */
#ifndef ISB_DATA_SPLIT_H
#define ISB_DATA_SPLIT_H

#include <isobit/trainer.h>

/* What experiment->validation says, for the n rows of the data set's train part:
 *
 * none        all rows are trained on.
 * test        all rows are trained on; validation holds all rows of the test part.
 * tail        the first floor(n * (1.0 - fraction)) rows, in double, are trained on and the others
 * held out, as Keras's validation_split does. stratified  h = floor(n * fraction + 0.5) rows, in
 * double, are held out: of a class (label) with m rows, floor(m * h / n), and one more in the
 * classes with the largest remainders m * h mod n, in integers, of equal ones in the lower class,
 * until there are h. Which rows of a class: its rows, ascending, are shuffled by the stream (seed,
 * ISB_PURPOSE_VALIDATION, class, 0, 0, 0); the first ones are held out.
 *
 * Nothing but seed, labels and fraction has a say. Of a regression all rows are of class 0. Both
 * parts are ascending. ISB_USAGE where a part that must have rows has none; ISB_DATA beyond 2^32-1
 * rows. `out` is released by isb_split_free, also after a failure. */
isb_status isb_split_make(isb_split *out, const isb_dataset *dataset,
                          const isb_experiment *experiment, isb_error *error);
void isb_split_free(isb_split *split);

/* Which of n rows become the test part that experiment->test_fraction splits off, as under
 * `stratified`, but by the streams (test_seed, ISB_PURPOSE_TEST, class, 0, 0, 0). *held, one a row,
 * is released by free(); *count of them are true. ISB_USAGE where one of the parts would be empty,
 * ISB_DATA beyond 2^32-1 rows. */
isb_status isb_split_test(bool **held, size_t *count, const uint32_t *labels, size_t n,
                          const isb_experiment *experiment, isb_error *error);

#endif
