/* What cannot be tested where a sanitizer or valgrind watches the tests: they need all of the
 * address space, and to be the first library loaded. */
#ifndef ISB_TESTS_SANITIZED_H
#define ISB_TESTS_SANITIZED_H

#include "check.h"
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COMPILED_SANITIZED true
#elif defined(__has_feature)
#define COMPILED_SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define COMPILED_SANITIZED false
#endif

static inline bool sanitized(void) {
    const char *preloaded = getenv("LD_PRELOAD");
    return COMPILED_SANITIZED || (preloaded != NULL && strstr(preloaded, "vgpreload") != NULL);
}

#define SKIP_SANITIZED()                                                                           \
    do {                                                                                           \
        if (sanitized())                                                                           \
            SKIP("a sanitizer must be the first library loaded");                                  \
    } while (0)

/* Limits the address space, also of programs that are started; the old limit is to be set again. */
static inline struct rlimit limit_memory(size_t bytes) {
    struct rlimit old, low;
    CHECK(getrlimit(RLIMIT_AS, &old) == 0);
    low = old;
    if (!sanitized())
        low.rlim_cur = bytes;
    CHECK(setrlimit(RLIMIT_AS, &low) == 0);
    return old;
}

#endif
