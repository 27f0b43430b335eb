#include "selftest/selftest.h"
#include "cli/commands.h"
#include "cli/page.h"
#include "io/json.h"
#include <isobit/version.h>

static isb_status print_json(const isb_selftest *test, isb_error *error) {
    isb_json json = ISB_JSON_INIT;
    isb_json_object(&json, NULL);
    isb_json_boolean(&json, "passed", test->failed == 0);
    isb_json_string(&json, "version", ISB_VERSION);
    isb_json_unsigned(&json, "numerics", ISB_NUMERICS);
    isb_json_array(&json, "checks");
    for (size_t i = 0; i < test->count; i++) {
        isb_json_object(&json, NULL);
        isb_json_string(&json, "name", test->checks[i].name);
        isb_json_boolean(&json, "passed", test->checks[i].passed);
        isb_json_string(&json, "detail", test->checks[i].detail);
        isb_json_end_object(&json);
    }
    isb_json_end_array(&json);
    isb_json_end_object(&json);
    char *text;
    isb_status status = isb_json_finish(&json, &text, error);
    return status == ISB_OK ? isb_print_json(text, error) : status;
}

static isb_status print_table(const isb_selftest *test, isb_error *error) {
    isb_page page;
    isb_status status = isb_page_open(&page, error);
    if (status != ISB_OK)
        return status;
    for (size_t i = 0; i < test->count; i++)
        isb_page_row(&page, test->checks[i].name, "%-8s %s",
                     test->checks[i].passed ? "ok" : "FAILED", test->checks[i].detail);
    return isb_page_print(&page, error);
}

isb_status isb_command_selftest(const isb_options *options, isb_error *error) {
    isb_selftest test;
    isb_status status = isb_selftest_run(&test, error);
    if (status == ISB_OK)
        status =
            options->given[ISB_OPTION_JSON] ? print_json(&test, error) : print_table(&test, error);
    if (status == ISB_OK && test.failed > 0)
        status = isb_fail(error, ISB_FAILURE,
                          "%zu of %zu checks failed: do not trust what this machine computes; "
                          "please report the table and the output of isobit info",
                          test.failed, test.count);
    return status;
}
