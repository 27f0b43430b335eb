/* isobit selftest: every check there is, each with its verdict. */
#include "selftest/selftest.h"
#include "check.h"
#include "program.h"
#include "selftest/checks.h"
#include "simd/dispatch.h"
#include <isobit/version.h>
#include <jansson.h>
#include <string.h>
#include <time.h>

static size_t available(void) {
    size_t count = 0;
    for (int isa = 0; isa < ISB_ISA_COUNT; isa++)
        count += isb_isa_available((isb_isa)isa);
    return count;
}

static bool has(const json_t *checks, const char *name, const char *begin) {
    size_t i;
    json_t *check;
    json_array_foreach(checks, i, check) {
        const char *detail = json_string_value(json_object_get(check, "detail"));
        if (strcmp(json_string_value(json_object_get(check, "name")), name) == 0 &&
            strncmp(detail, begin, strlen(begin)) == 0)
            return json_is_true(json_object_get(check, "passed"));
    }
    return false;
}

CASE(selftest, every_check_passes) {
    const place p = place_open();
    output o =
        program_run(&p, &(request){.arguments = (const char *[]){"selftest", "--json", NULL}});
    CHECKF(o.status == 0 && strcmp(o.err, "") == 0, "status %d: %s%s", o.status, o.out, o.err);
    json_t *result = json_loads(o.out, JSON_REJECT_DUPLICATES, NULL);
    CHECK(result != NULL && json_is_true(json_object_get(result, "passed")));
    CHECK(json_integer_value(json_object_get(result, "numerics")) == ISB_NUMERICS);
    const json_t *checks = json_object_get(result, "checks");
    CHECK(json_array_size(checks) == 2 * available() - 1 + 4);
    for (int isa = 0; isa < ISB_ISA_COUNT; isa++) {
        char begin[32];
        if (!isb_isa_available((isb_isa)isa))
            continue;
        snprintf(begin, sizeof begin, "%s, ", isb_isa_name((isb_isa)isa));
        CHECKF(has(checks, "training", begin), "no training on %s", begin);
        snprintf(begin, sizeof begin, "%s: ", isb_isa_name((isb_isa)isa));
        CHECKF(isa == 0 || has(checks, "kernels", begin), "no kernels of %s", begin);
    }
    CHECK(has(checks, "generators", "splitmix64"));
    CHECK(has(checks, "dropout", "rate 0.2 keeps 79.9") ||
          has(checks, "dropout", "rate 0.2 keeps 80.0"));
    CHECK(has(checks, "dropout", "rate 0.7 keeps "));
    CHECK(has(checks, "gradient", "102 parameters"));
    json_decref(result);
    output_free(&o);
    place_close(&p);
}

CASE(selftest, the_table_has_a_verdict_a_line) {
    const place p = place_open();
    output o = program_run(&p, &(request){.arguments = (const char *[]){"selftest", NULL}});
    CHECKF(o.status == 0 && strcmp(o.err, "") == 0, "status %d: %s%s", o.status, o.out, o.err);
    size_t lines = 0;
    for (const char *line = o.out; *line != '\0'; line = strchr(line, '\n') + 1, lines++)
        CHECKF(strncmp(line + 12, "ok       ", 9) == 0, "%s", line);
    CHECK(lines == 2 * available() - 1 + 4);
    output_free(&o);
    place_close(&p);
}

CASE(selftest, a_failed_check_counts) {
    isb_selftest test = {0};
    isb_selftest_add(&test, true, "one", "fine");
    isb_selftest_add(&test, false, "two", "%d is not %d", 1, 2);
    CHECK(test.count == 2 && test.failed == 1);
    CHECK(test.checks[0].passed && !test.checks[1].passed);
    CHECK(strcmp(test.checks[1].detail, "1 is not 2") == 0);
}
