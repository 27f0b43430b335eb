#include "data/split.h"
#include "base/number.h"
#include "cpu/fpenv.h"
#include "random/stream.h"
#include <stdlib.h>
#include <string.h>

/* Rows of one label: `count` of the rows sorted by label, from `first` on. */
typedef struct group {
    uint32_t label;
    uint32_t first, count;
    uint32_t held_out;
    uint64_t remainder;
} group;

typedef struct groups {
    uint32_t *rows; /* by label, ascending within one */
    group *items;
    size_t count;
} groups;

static isb_status fail_memory(isb_error *error) {
    return isb_fail_memory(error, "splitting the data");
}

/* The experiment's name in messages. */
static const char *name_of(const isb_experiment *experiment) {
    return experiment->file != NULL ? experiment->file : "experiment";
}

static isb_status fail_fraction(const isb_experiment *experiment, isb_error *error) {
    char fraction[ISB_NUMBER_SIZE];
    isb_format_double(fraction, experiment->validation_fraction);
    return isb_fail(
        error, ISB_USAGE,
        "%s: data.validation: the fraction %s is not between 0 and 1, both excluded; 0.1 "
        "holds out a tenth",
        name_of(experiment), fraction);
}

/* Where there are no labels, all rows are of label 0. */
static uint32_t label_of(const uint32_t *labels, uint32_t row) {
    return labels != NULL ? labels[row] : 0;
}

/* One stable pass of a radix sort, by eight bits of the label. `from` NULL: rows 0, 1, 2, ... */
static void sort_pass(uint32_t *to, const uint32_t *from, const uint32_t *labels, uint32_t n,
                      unsigned shift) {
    uint32_t next[257] = {0};
    for (uint32_t i = 0; i < n; i++)
        next[(label_of(labels, i) >> shift & 255) + 1]++;
    for (size_t i = 1; i < 256; i++)
        next[i] += next[i - 1];
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t row = from != NULL ? from[i] : i;
        to[next[label_of(labels, row) >> shift & 255]++] = row;
    }
}

static uint32_t highest_label(const uint32_t *labels, uint32_t n) {
    uint32_t highest = 0;
    for (uint32_t i = 0; i < n; i++)
        highest = label_of(labels, i) > highest ? label_of(labels, i) : highest;
    return highest;
}

/* Sorts rows 0 to n-1 by label; equal ones stay ascending. False without memory, which more than
 * 256 labels need besides. */
static bool sort_by_label(uint32_t *rows, const uint32_t *labels, uint32_t n) {
    const uint32_t highest = highest_label(labels, n);
    sort_pass(rows, NULL, labels, n, 0);
    if (highest < 256)
        return true;
    uint32_t *scratch = malloc(n * sizeof *scratch);
    for (unsigned shift = 8; scratch != NULL && shift < 32 && highest >> shift > 0; shift += 8) {
        sort_pass(scratch, rows, labels, n, shift);
        memcpy(rows, scratch, n * sizeof *rows);
    }
    free(scratch);
    return scratch != NULL;
}

static size_t count_groups(const uint32_t *rows, const uint32_t *labels, uint32_t n) {
    size_t count = 1;
    for (uint32_t i = 1; i < n; i++)
        count += label_of(labels, rows[i]) != label_of(labels, rows[i - 1]);
    return count;
}

static isb_status make_groups(groups *out, const uint32_t *labels, uint32_t n, isb_error *error) {
    out->rows = malloc(n * sizeof *out->rows);
    if (out->rows != NULL && sort_by_label(out->rows, labels, n))
        out->items = calloc(count_groups(out->rows, labels, n), sizeof *out->items);
    if (out->items == NULL)
        return fail_memory(error);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t label = label_of(labels, out->rows[i]);
        if (i == 0 || label != label_of(labels, out->rows[i - 1]))
            out->items[out->count++] = (group){.label = label, .first = i};
        out->items[out->count - 1].count++;
    }
    return ISB_OK;
}

static void free_groups(groups *of) {
    free(of->rows);
    free(of->items);
}

/* The larger remainder first, then the lower label: no two groups are equal. */
static int compare_remainders(const void *left, const void *right) {
    const group *a = left, *b = right;
    if (a->remainder != b->remainder)
        return a->remainder > b->remainder ? -1 : 1;
    return a->label < b->label ? -1 : a->label > b->label;
}

/* Shares `held_out` of n rows out over the groups. No product exceeds 64 bits. */
static void share_out(groups *over, uint32_t held_out, uint32_t n) {
    uint32_t left = held_out;
    for (size_t i = 0; i < over->count; i++) {
        group *one = &over->items[i];
        uint64_t share = (uint64_t)one->count * held_out;
        one->held_out = (uint32_t)(share / n);
        one->remainder = share % n;
        left -= one->held_out;
    }
    qsort(over->items, over->count, sizeof *over->items, compare_remainders);
    for (size_t i = 0; i < left; i++)
        over->items[i].held_out++;
}

/* Sets held[row] for the rows that are held out. */
static void draw_held_out(bool *held, groups *from, uint64_t seed, isb_purpose purpose) {
    for (size_t i = 0; i < from->count; i++) {
        const group *one = &from->items[i];
        uint32_t *rows = from->rows + one->first;
        isb_stream stream;
        isb_stream_open(&stream, seed, purpose, one->label, 0, 0, 0);
        isb_stream_shuffle(&stream, rows, one->count);
        for (uint32_t j = 0; j < one->held_out; j++)
            held[rows[j]] = true;
    }
}

static isb_status choose_stratified(bool *held, const uint32_t *labels, uint32_t n,
                                    uint32_t held_out, uint64_t seed, isb_purpose purpose,
                                    isb_error *error) {
    groups by_label = {NULL, NULL, 0};
    isb_status status = make_groups(&by_label, labels, n, error);
    if (status == ISB_OK) {
        share_out(&by_label, held_out, n);
        draw_held_out(held, &by_label, seed, purpose);
    }
    free_groups(&by_label);
    return status;
}

static isb_status allocate_rows(uint32_t **rows, size_t count, isb_error *error) {
    *rows = malloc(count * sizeof **rows);
    return *rows == NULL ? fail_memory(error) : ISB_OK;
}

static isb_status all_rows(uint32_t **rows, size_t *count, size_t n, isb_error *error) {
    isb_status status = allocate_rows(rows, n, error);
    if (status != ISB_OK)
        return status;
    for (uint32_t i = 0; i < n; i++)
        (*rows)[i] = i;
    *count = n;
    return ISB_OK;
}

/* Both parts from the marks, ascending. */
static isb_status collect(isb_split *out, const bool *held, size_t n, size_t held_out,
                          isb_error *error) {
    isb_status status = allocate_rows(&out->train, n - held_out, error);
    if (status == ISB_OK)
        status = allocate_rows(&out->validation, held_out, error);
    for (uint32_t i = 0; status == ISB_OK && i < n; i++) {
        if (held[i])
            out->validation[out->validation_rows++] = i;
        else
            out->train[out->train_rows++] = i;
    }
    return status;
}

static isb_status hold_out_fraction(isb_split *out, const isb_table *table,
                                    const isb_experiment *experiment, isb_error *error) {
    size_t n = table->rows;
    double fraction = experiment->validation_fraction;
    if (!(fraction > 0 && fraction < 1))
        return fail_fraction(experiment, error);
    bool tail = experiment->validation == ISB_VALIDATION_TAIL;
    size_t held_out =
        tail ? n - (size_t)((double)n * (1.0 - fraction)) : (size_t)((double)n * fraction + 0.5);
    if (held_out == 0 || held_out >= n) {
        char text[ISB_NUMBER_SIZE];
        isb_format_double(text, fraction);
        return isb_fail(
            error, ISB_USAGE,
            "%s: data.validation: the fraction %s of %zu rows holds out %zu and leaves %zu "
            "to train on; neither may be 0, so choose another fraction, or none",
            name_of(experiment), text, n, held_out, n - held_out);
    }
    bool *held = calloc(n, sizeof *held);
    if (held == NULL)
        return fail_memory(error);
    isb_status status = ISB_OK;
    if (tail)
        memset(held + n - held_out, true, held_out);
    else
        status = choose_stratified(held, isb_is_regression(experiment->loss) ? NULL : table->labels,
                                   (uint32_t)n, (uint32_t)held_out, experiment->seed,
                                   ISB_PURPOSE_VALIDATION, error);
    if (status == ISB_OK)
        status = collect(out, held, n, held_out, error);
    free(held);
    return status;
}

static isb_status check_rows(size_t rows, const char *part, isb_error *error) {
    if (rows > UINT32_MAX)
        return isb_fail(error, ISB_DATA,
                        "the %s part has %zu rows, and at most 4294967295 can be used; take some "
                        "away",
                        part, rows);
    return ISB_OK;
}

static isb_status use_test_part(isb_split *out, const isb_dataset *dataset,
                                const isb_experiment *experiment, isb_error *error) {
    if (dataset->test.rows == 0)
        return isb_fail(error, ISB_USAGE,
                        "%s: data.validation: test needs a test part, and %s brings none; choose a "
                        "fraction such as 0.1, or none",
                        name_of(experiment), dataset->source);
    isb_status status = check_rows(dataset->test.rows, "test", error);
    if (status == ISB_OK)
        status = all_rows(&out->validation, &out->validation_rows, dataset->test.rows, error);
    return status;
}

static isb_status make(isb_split *out, const isb_dataset *dataset, const isb_experiment *experiment,
                       isb_error *error) {
    isb_status status = check_rows(dataset->train.rows, "train", error);
    if (status != ISB_OK)
        return status;
    if (dataset->train.rows == 0)
        return isb_fail(error, ISB_USAGE, "%s: data.source: %s has no rows to train on",
                        name_of(experiment), dataset->source);
    switch (experiment->validation) {
    case ISB_VALIDATION_STRATIFIED:
    case ISB_VALIDATION_TAIL: return hold_out_fraction(out, &dataset->train, experiment, error);
    case ISB_VALIDATION_TEST: status = use_test_part(out, dataset, experiment, error); break;
    case ISB_VALIDATION_NONE: break;
    }
    if (status == ISB_OK)
        status = all_rows(&out->train, &out->train_rows, dataset->train.rows, error);
    return status;
}

isb_status isb_split_make(isb_split *out, const isb_dataset *dataset,
                          const isb_experiment *experiment, isb_error *error) {
    *out = (isb_split){.train = NULL};
    const isb_fpenv before = isb_fpenv_enter(); /* the fraction of the rows is a rounded product */
    isb_status status = make(out, dataset, experiment, error);
    isb_fpenv_leave(before);
    if (status != ISB_OK)
        isb_split_free(out);
    return status;
}

void isb_split_free(isb_split *split) {
    free(split->train);
    free(split->validation);
    *split = (isb_split){.train = NULL};
}

static isb_status draw_test(bool *held, size_t count, const uint32_t *labels, size_t n,
                            const isb_experiment *experiment, isb_error *error) {
    if (count == 0 || count >= n) {
        char fraction[ISB_NUMBER_SIZE];
        isb_format_double(fraction, experiment->test_fraction);
        return isb_fail(error, ISB_USAGE,
                        "%s: data.test: the fraction %s of %zu rows holds out %zu and leaves %zu; "
                        "neither may be 0, so choose another fraction, or none",
                        name_of(experiment), fraction, n, count, n - count);
    }
    return choose_stratified(held, isb_is_regression(experiment->loss) ? NULL : labels, (uint32_t)n,
                             (uint32_t)count, experiment->test_seed, ISB_PURPOSE_TEST, error);
}

isb_status isb_split_test(bool **held, size_t *count, const uint32_t *labels, size_t n,
                          const isb_experiment *experiment, isb_error *error) {
    isb_status status = check_rows(n, "train", error);
    *held = NULL;
    if (status != ISB_OK)
        return status;
    *held = calloc(n + 1, sizeof **held);
    if (*held == NULL)
        return fail_memory(error);
    const isb_fpenv before = isb_fpenv_enter();
    *count = (size_t)((double)n * experiment->test_fraction + 0.5);
    status = draw_test(*held, *count, labels, n, experiment, error);
    isb_fpenv_leave(before);
    return status;
}
