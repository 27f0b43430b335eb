/* The experiment file and its settings. What is accepted must be written, read again, and written
 * again as the same text.
 *
 * Input: the file; behind a NUL pairs of key and value of --set, each ended by a NUL. */
#include "fuzz.h"
#include <isobit/experiment.h>
#include <stdbool.h>
#include <string.h>

enum { MOST_SETTINGS = 4 };

static void check_comparison(const char *text) {
    char *keys = NULL;
    REQUIRE(isb_experiment_compare(text, text, &keys, NULL) == ISB_OK);
    REQUIRE(strcmp(keys, "") == 0);
    free(keys);
}

static void check_round_trip(const isb_experiment *experiment) {
    isb_experiment again;
    isb_error error = ISB_ERROR_INIT;
    char *first, *second;
    REQUIRE(isb_experiment_write(experiment, &first, NULL) == ISB_OK);
    isb_status status =
        isb_experiment_parse(&again, first, strlen(first), "/again.yaml", NULL, 0, &error);
    if (status != ISB_OK)
        fprintf(stderr, "%s\n%s\n", first, isb_error_text(&error));
    REQUIRE(status == ISB_OK);
    REQUIRE(isb_experiment_write(&again, &second, NULL) == ISB_OK);
    if (strcmp(first, second) != 0)
        fprintf(stderr, "%s\n%s\n", first, second);
    REQUIRE(strcmp(first, second) == 0);
    check_comparison(first);
    free(first);
    free(second);
    isb_experiment_free(&again);
    isb_error_clear(&error);
}

static void read_file(const char *text, size_t length, const isb_setting *settings, size_t count) {
    isb_experiment experiment;
    isb_error error = ISB_ERROR_INIT;
    isb_status status =
        isb_experiment_parse(&experiment, text, length, "/file.yaml", settings, count, &error);
    if (status == ISB_OK)
        check_round_trip(&experiment);
    else
        REQUIRE(status == ISB_USAGE && error.status == status && error.count > 0);
    isb_experiment_free(&experiment);
    isb_error_clear(&error);
}

/* The text of a record, which nobody has looked at before. */
static void compare_with_itself(const char *text) {
    char *keys = NULL;
    isb_status status = isb_experiment_compare(text, text, &keys, NULL);
    REQUIRE(status == ISB_OK || status == ISB_CORRUPT);
    REQUIRE((keys == NULL) == (status != ISB_OK));
    free(keys);
}

/* The next NUL-terminated text; NULL behind the last. */
static const char *next_text(const char **at, const char *end) {
    const char *text = *at;
    if (text >= end)
        return NULL;
    *at += strlen(text) + 1;
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = malloc(size + 1);
    REQUIRE(copy != NULL);
    if (size > 0)
        memcpy(copy, data, size);
    copy[size] = '\0';
    const char *at = copy, *end = copy + size;
    isb_setting settings[MOST_SETTINGS];
    size_t count = 0;
    next_text(&at, end);
    while (count < MOST_SETTINGS) {
        const char *key = next_text(&at, end), *value = next_text(&at, end);
        if (value == NULL)
            break;
        settings[count++] = (isb_setting){"--set", key, value};
    }
    read_file(copy, strlen(copy), settings, count);
    read_file(copy, size, NULL, 0); /* with the NULs in it */
    compare_with_itself(copy);
    free(copy);
    return 0;
}
