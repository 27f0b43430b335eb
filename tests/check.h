/* CASE(suite, name) { ... } is a test case: a Criterion test where ISB_CRITERION is defined, else
 * an entry of the driver's list. A failed CHECK ends its case. */
#ifndef ISB_TESTS_CHECK_H
#define ISB_TESTS_CHECK_H

#include <stdbool.h>
#include <stdio.h>

#ifdef ISB_CRITERION

#include <criterion/criterion.h>
#define CASE(suite, name) Test(suite, name)
#define CHECK_FAIL(...) cr_assert_fail(__VA_ARGS__)
#define CHECK_END_SKIP() cr_skip_test("skipped")

#else

typedef struct check_case {
    const char *suite, *name;
    void (*run)(void);
    struct check_case *next;
} check_case;

void check_register(check_case *entry);
_Noreturn void check_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
_Noreturn void check_skip(void);

#define CASE(suite, name)                                                                          \
    static void suite##_##name(void);                                                              \
    __attribute__((constructor)) static void register_##suite##_##name(void) {                     \
        static check_case entry = {#suite, #name, suite##_##name, NULL};                           \
        check_register(&entry);                                                                    \
    }                                                                                              \
    static void suite##_##name(void)
#define CHECK_FAIL(...) check_fail(__FILE__, __LINE__, __VA_ARGS__)
#define CHECK_END_SKIP() check_skip()

#endif

/* CHECK(condition); CHECKF(condition, "i = %zu", i). */
#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            CHECK_FAIL("%s", #condition);                                                          \
    } while (0)
#define CHECKF(condition, ...)                                                                     \
    do {                                                                                           \
        if (!(condition))                                                                          \
            CHECK_FAIL(__VA_ARGS__);                                                               \
    } while (0)

/* Leaves the case, visibly. */
#define SKIP(reason)                                                                               \
    do {                                                                                           \
        fprintf(stderr, "SKIPPED %s: %s\n", __func__, reason);                                     \
        CHECK_END_SKIP();                                                                          \
    } while (0)

#endif
