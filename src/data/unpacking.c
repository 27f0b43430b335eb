#include "data/unpacking.h"

enum { MOST_TIMES = 100 };

uint64_t isb_unpacked_most(uint64_t packed) {
    const uint64_t always = UINT64_C(1) << 30;
    if (packed > UINT64_MAX / MOST_TIMES)
        return UINT64_MAX;
    return packed * MOST_TIMES > always ? packed * MOST_TIMES : always;
}

isb_status isb_fail_unpacked(const char *name, const char *mend, isb_status status,
                             isb_error *error) {
    return isb_fail(error, status,
                    "%s: unpacks to more than 1 GiB and more than %d times its size, as files do "
                    "that are made to fill memory; if it is meant so, %s",
                    name, MOST_TIMES, mend);
}
