/* The SHA-256 that names the content of a data set, whatever its files are called or packed with.
 * It is taken over these bytes, all integers little-endian:
 *
 *     "isobit dataset 1"                      16 bytes of ASCII
 *     then, for the train part and again for the test part:
 *       u32 type of the features              0 uint8, 1 float32; both parts have one type
 *       u32 rank of one example
 *       u64 size of each of its axes
 *       u64 rows                              0 where there is no test part
 *       the features, row-major               as they lie in memory
 *       u32 label of each row                 nothing where there are targets alone
 *       u64 targets of a row, float32 targets nothing where there are none
 *
 * In Python, x being a NumPy array of uint8 or float32 in C's order, y one of labels:
 *
 *     def part(x, y):
 *         return (struct.pack(f"<II{x.ndim}Q", x.dtype == "float32", x.ndim - 1, *x.shape[1:], len(x))
 *                 + x.tobytes() + y.astype("<u4").tobytes())
 *     sha256(b"isobit dataset 1" + part(x_train, y_train) + part(x_test, y_test)).hexdigest()
 */
#ifndef ISB_DATA_DIGEST_H
#define ISB_DATA_DIGEST_H

#include <isobit/dataset.h>

/* Fills dataset->sha256. ISB_FAILURE where libcrypto fails. */
isb_status isb_dataset_digest(isb_dataset *dataset, isb_error *error);

#endif
