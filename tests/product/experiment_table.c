/* The keys of tables in the experiment file. */
#include "check.h"
#include <isobit/experiment.h>
#include <stdlib.h>
#include <string.h>

#define REST                                                                                       \
    "model:\n  - dense: {units: 2, activation: softmax}\n"                                         \
    "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n"

static isb_experiment parse(const char *text) {
    isb_experiment e;
    isb_error error = ISB_ERROR_INIT;
    CHECKF(isb_experiment_parse(&e, text, strlen(text), "/dir/exp.yaml", NULL, 0, &error) == ISB_OK,
           "%s", isb_error_text(&error));
    return e;
}

/* Writing, and writing what was read of that, give the same text, with `lines` in it. */
static void check_written(const isb_experiment *e, const char *lines) {
    char *text, *again;
    CHECK(isb_experiment_write(e, &text, NULL) == ISB_OK);
    CHECKF(strstr(text, lines) != NULL, "%s", text);
    isb_experiment second = parse(text);
    CHECK(isb_experiment_write(&second, &again, NULL) == ISB_OK);
    CHECKF(strcmp(text, again) == 0, "%s\n%s", text, again);
    isb_experiment_free(&second);
    free(text);
    free(again);
}

CASE(experiment_table, defaults_are_written_out) {
    isb_experiment e = parse("data: {source: t.csv, label: income}\n" REST);
    CHECK(strcmp(e.table.label, "income") == 0 && e.table.standardize.all && e.table.one_hot.all);
    CHECK(e.table.drop.count == 0 && e.table.missing.count == 0);
    CHECK(e.table.missing_policy == ISB_MISSING_ERROR && e.test_fraction == 0 && !e.balanced);
    CHECK(e.table.separator == 0 && e.table.header == 0);
    check_written(&e, "  label: income\n"
                      "  features: {drop: none, standardize: numeric, one_hot: categorical}\n"
                      "  missing: [\"\"]\n"
                      "  missing_policy: error\n"
                      "  separator: none\n"
                      "  header: none\n");
    isb_experiment_free(&e);
}

CASE(experiment_table, every_key_is_read_and_written_back) {
    isb_experiment e = parse("seed: 3\n"
                             "data:\n"
                             "  source: t.tsv\n"
                             "  label: 'a, b'\n"
                             "  test: 0.25\n"
                             "  seed: 9\n"
                             "  features: {drop: [id, 'x:y'], standardize: [age], one_hot: none}\n"
                             "  missing: ['?', '']\n"
                             "  missing_policy: drop_row\n"
                             "  separator: tab\n"
                             "  header: false\n" REST "fit: {class_weight: balanced}\n");
    CHECK(strcmp(e.table.label, "a, b") == 0 && e.test_fraction == 0.25 && e.test_seed == 9);
    CHECK(e.table.drop.count == 2 && strcmp(e.table.drop.items[1], "x:y") == 0);
    CHECK(!e.table.standardize.all && e.table.standardize.names.count == 1);
    CHECK(!e.table.one_hot.all && e.table.one_hot.names.count == 0);
    CHECK(e.table.missing.count == 2 && strcmp(e.table.missing.items[0], "?") == 0);
    CHECK(e.table.missing.items[1][0] == '\0');
    CHECK(e.table.missing_policy == ISB_MISSING_DROP_ROW);
    CHECK(e.table.separator == '\t' && e.table.header == -1 && e.balanced);
    check_written(&e, "  test: 0.25\n  seed: 9\n");
    check_written(&e, "  features: {drop: [id, \"x:y\"], standardize: [age], one_hot: none}\n"
                      "  missing: [\"?\", \"\"]\n"
                      "  missing_policy: drop_row\n"
                      "  separator: tab\n"
                      "  header: false\n");
    check_written(&e, "  class_weight: balanced\n");
    isb_experiment_free(&e);
}

CASE(experiment_table, commas_may_be_decimal) {
    isb_experiment e = parse("data: {source: t.csv, label: x, decimal: ','}\n" REST);
    CHECK(e.table.decimal_comma);
    check_written(&e, "  header: none\n  decimal: \",\"\n");
    isb_experiment_free(&e);
    e = parse("data: {source: t.csv, label: x, decimal: '.'}\n" REST);
    CHECK(!e.table.decimal_comma);
    isb_experiment_free(&e);
}

CASE(experiment_table, separators_have_names) {
    isb_experiment e = parse("data: {source: t.csv, label: x, separator: space}\n" REST);
    CHECK(e.table.separator == ' ');
    check_written(&e, "  separator: space\n");
    isb_experiment_free(&e);
    e = parse("data: {source: t.csv, label: x, separator: '|'}\n" REST);
    CHECK(e.table.separator == '|');
    check_written(&e, "  separator: \"|\"\n");
    isb_experiment_free(&e);
}

CASE(experiment_table, the_test_part_keeps_the_seed_it_was_drawn_with) {
    const isb_setting other = {"--seed 5", "seed", "5"};
    isb_experiment e = parse("seed: 3\ndata: {source: t.csv, label: x, test: 0.1}\n" REST), later;
    char *text;
    CHECK(e.test_seed == 3);
    CHECK(isb_experiment_write(&e, &text, NULL) == ISB_OK);
    CHECK(isb_experiment_parse(&later, text, strlen(text), "r.yaml", &other, 1, NULL) == ISB_OK);
    CHECK(later.seed == 5 && later.test_seed == 3);
    free(text);
    isb_experiment_free(&e);
    isb_experiment_free(&later);
}
