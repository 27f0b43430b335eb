/* NumPy archives (.npz): zip files whose members are arrays, KEY.npy each; stored or deflated. */
#ifndef ISB_DATA_NPZ_H
#define ISB_DATA_NPZ_H

#include "data/feed.h"

typedef struct isb_npz isb_npz;
typedef struct isb_npz_member isb_npz_member;

/* `path` is borrowed. Nothing is ever unpacked to a file, so that members may be called what they
 * will. Errors are ISB_DATA. `*out` is released by isb_npz_close. */
isb_status isb_npz_open(isb_npz **out, const char *path, isb_error *error);
void isb_npz_close(isb_npz *npz);

bool isb_npz_has(const isb_npz *npz, const char *key);

/* The keys of its arrays, in their order; released by isb_npz_keys_free, also after a failure. */
typedef struct isb_npz_keys {
    char **items;
    size_t count;
} isb_npz_keys;

isb_status isb_npz_keys_list(isb_npz_keys *out, const isb_npz *npz, isb_error *error);
void isb_npz_keys_free(isb_npz_keys *keys);

/* ISB_DATA: the archive lacks `wanted`, and what it has. */
isb_status isb_npz_fail_missing(const isb_npz *npz, const char *wanted, isb_error *error);

/* The array of that key, of which there must be one. The feed is good until isb_npz_member_close.
 */
isb_status isb_npz_member_open(isb_npz_member **out, isb_npz *npz, const char *key, isb_feed *feed,
                               isb_error *error);
void isb_npz_member_close(isb_npz_member *member);

#endif
