/* Tables as data sets: what is fitted, on which rows, and what it makes of others. */
#include "check.h"
#include "data/csv.h"
#include "data/preprocessing.h"
#include "data/split.h"
#include "data/table_dataset.h"
#include <isobit/dataset.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- frames by hand --- */

enum { MOST_COLUMNS = 6 };

/* A frame whose columns borrow what they are given. */
typedef struct hand {
    isb_frame frame;
    isb_column columns[MOST_COLUMNS];
} hand;

static void *borrow(const void *constant) { return (void *)(uintptr_t)constant; }

static void start(hand *h, size_t rows) {
    *h = (hand){.frame = {.file = borrow("people.csv"), .rows = rows, .header = true}};
    h->frame.columns = h->columns;
}

static void numbers(hand *h, const char *name, const float *cells) {
    isb_column *column = &h->columns[h->frame.column_count++];
    *column =
        (isb_column){.name = borrow(name), .kind = ISB_COLUMN_NUMBER, .numbers = borrow(cells)};
    for (size_t i = 0; i < h->frame.rows; i++)
        column->missing += isnan(cells[i]) != 0;
    CHECK(isb_frame_index(&h->frame));
}

/* `texts` ascend; a cell of -1 is missing. */
static void texts(hand *h, const char *name, const char *const *of, size_t count,
                  const int *cells) {
    isb_column *column = &h->columns[h->frame.column_count++];
    *column = (isb_column){.name = borrow(name),
                           .kind = ISB_COLUMN_TEXT,
                           .texts = borrow(of),
                           .text_count = count,
                           .codes = malloc(h->frame.rows * sizeof(uint32_t))};
    CHECK(column->codes != NULL);
    for (size_t i = 0; i < h->frame.rows; i++) {
        column->codes[i] = (uint32_t)cells[i];
        column->missing += cells[i] < 0;
    }
    CHECK(isb_frame_index(&h->frame));
}

static void end(hand *h) {
    for (size_t i = 0; i < h->frame.column_count; i++)
        free(h->columns[i].codes);
    isb_name_index_free(&h->frame.index);
}

static const char *const jobs[] = {"baker", "cook", "smith"};
static const char *const answers[] = {"no", "yes"};

/* Eight rows: age, job, answer. */
static void people(hand *h) {
    static const float ages[] = {20, 30, 40, 50, 20, 30, 40, 50};
    static const int job_cells[] = {0, 1, 0, 1, 0, 1, 0, 2};
    static const int answer_cells[] = {0, 1, 0, 1, 0, 1, 0, 1};
    start(h, 8);
    numbers(h, "age", ages);
    texts(h, "job", jobs, 3, job_cells);
    texts(h, "answer", answers, 2, answer_cells);
}

static isb_experiment experiment_of(const char *label) {
    return (isb_experiment){
        .seed = 1,
        .test_seed = 1,
        .table = {.label = borrow(label), .standardize = {.all = true}, .one_hot = {.all = true}}};
}

static const isb_table_use training = {.labels = true, .rows_may_go = true};
static const isb_table_use predicting = {.whole = true};

static void check_row(const isb_table *table, size_t row, size_t width, const float *expected) {
    const float *cells = (const float *)table->features + row * width;
    for (size_t i = 0; i < width; i++)
        CHECKF(cells[i] == expected[i], "row %zu, feature %zu: %.9g, not %.9g", row, i,
               (double)cells[i], (double)expected[i]);
}

/* --- what is fitted --- */

CASE(data_table, numbers_and_texts_become_features_in_the_order_of_the_columns) {
    hand h;
    isb_dataset d = {0};
    people(&h);
    const isb_experiment e = experiment_of("answer");
    CHECK(isb_table_dataset(&d, &h.frame, &e, NULL, &training, NULL) == ISB_OK);
    CHECK(d.shape.rank == 1 && d.shape.sizes[0] == 4 && d.train.rows == 8 && d.test.rows == 0);
    /* mean 35, squared deviations 225 and 25 */
    const double deviation = sqrt(125);
    const float low = (float)(-15 / deviation), high = (float)(15 / deviation);
    check_row(&d.train, 0, 4, (const float[]){low, 1, 0, 0});
    check_row(&d.train, 1, 4, (const float[]){(float)(-5 / deviation), 0, 1, 0});
    check_row(&d.train, 7, 4, (const float[]){high, 0, 0, 1});
    for (size_t i = 0; i < 8; i++)
        CHECK(d.train.labels[i] == i % 2);
    CHECK(strcmp(isb_dataset_class(&d, 0), "no") == 0);
    CHECK(strcmp(isb_dataset_class(&d, 1), "yes") == 0);
    CHECK(isb_dataset_class(&d, 2) == NULL);
    isb_dataset_free(&d);
    end(&h);
}

/* The table and its features go by blocks of rows. */
CASE(data_table, cells_that_go_leave_the_same_features) {
    enum { ROWS = 300000, ROW_SIZE = 24 };
    char *text = malloc((size_t)ROWS * ROW_SIZE + 16);
    CHECK(text != NULL);
    size_t length = (size_t)sprintf(text, "a,b,c,y\n");
    for (size_t i = 0; i < ROWS; i++)
        length += (size_t)sprintf(text + length, "%zu,t%zu,%zu.5,%zu\n", i * 7919 % 100003,
                                  i * 31 % 9, i % 1000, i % 3);
    isb_experiment e = experiment_of("y");
    e.test_fraction = 0.2;
    isb_dataset d[2] = {{0}, {0}};
    const isb_frame_options options = {
        .header = -1, .threads = 2, .texts = (const char *[]){"y"}, .text_count = 1};
    for (size_t i = 0; i < 2; i++) {
        isb_frame frame;
        CHECK(isb_csv_parse(&frame, "t.csv", text, length, &options, NULL) == ISB_OK);
        const isb_table_use use = {.labels = true, .spent = i > 0 ? &frame : NULL};
        CHECK(isb_table_dataset(&d[i], &frame, &e, NULL, &use, NULL) == ISB_OK);
        isb_frame_free(&frame);
    }
    const size_t width = d[0].shape.sizes[0];
    CHECK(width == 11 && d[0].train.rows == 240000 && d[0].test.rows == 60000);
    CHECK(memcmp(d[0].train.features, d[1].train.features, 240000 * width * sizeof(float)) == 0);
    CHECK(memcmp(d[0].test.features, d[1].test.features, 60000 * width * sizeof(float)) == 0);
    CHECK(memcmp(d[0].test.labels, d[1].test.labels, 60000 * sizeof(uint32_t)) == 0);
    isb_dataset_free(&d[0]);
    isb_dataset_free(&d[1]);
    free(text);
}

CASE(data_table, a_constant_column_becomes_zeros) {
    static const float same[] = {0.1f, 0.1f, 0.1f};
    static const float other[] = {1, 2, 3};
    static const int cells[] = {0, 1, 1};
    hand h;
    isb_dataset d = {0};
    start(&h, 3);
    numbers(&h, "same", same);
    numbers(&h, "other", other);
    texts(&h, "answer", answers, 2, cells);
    const isb_experiment e = experiment_of("answer");
    CHECK(isb_table_dataset(&d, &h.frame, &e, NULL, &training, NULL) == ISB_OK);
    const isb_feature *feature = &d.preprocessing->features[0];
    CHECK(feature->offset == (double)0.1f && feature->divisor == 1);
    for (size_t i = 0; i < 3; i++)
        CHECK(((const float *)d.train.features)[i * 2] == 0);
    isb_dataset_free(&d);
    end(&h);
}

CASE(data_table, only_the_rows_trained_on_are_fitted) {
    hand h;
    isb_dataset d = {0};
    people(&h);
    isb_experiment e = experiment_of("answer");
    e.validation = ISB_VALIDATION_TAIL;
    e.validation_fraction = 0.5; /* the first four rows are trained on */
    CHECK(isb_table_dataset(&d, &h.frame, &e, NULL, &training, NULL) == ISB_OK);
    const isb_feature *age = &d.preprocessing->features[0], *job = &d.preprocessing->features[1];
    CHECK(age->offset == 35 && age->divisor == sqrt(125) && job->category_count == 2);
    CHECK(d.shape.sizes[0] == 3);
    /* the smith, whom no row trained on knows */
    check_row(&d.train, 7, 3, (const float[]){(float)(15 / sqrt(125)), 0, 0});
    isb_dataset_free(&d);
    end(&h);
}

CASE(data_table, what_is_not_standardized_stays_as_it_is) {
    hand h;
    isb_dataset d = {0};
    people(&h);
    isb_experiment e = experiment_of("answer");
    e.table.standardize.all = false;
    CHECK(isb_table_dataset(&d, &h.frame, &e, NULL, &training, NULL) == ISB_OK);
    check_row(&d.train, 3, 4, (const float[]){50, 0, 1, 0});
    isb_dataset_free(&d);
    end(&h);
}

CASE(data_table, dropped_columns_are_no_features) {
    hand h;
    isb_dataset d = {0};
    people(&h);
    isb_experiment e = experiment_of("answer");
    char *drop[] = {borrow("job")};
    e.table.drop = (isb_names){drop, 1};
    CHECK(isb_table_dataset(&d, &h.frame, &e, NULL, &training, NULL) == ISB_OK);
    CHECK(d.shape.sizes[0] == 1 && strcmp(d.preprocessing->features[0].name, "age") == 0);
    isb_dataset_free(&d);
    end(&h);
}

CASE(data_table, numbers_are_classes_in_the_order_of_their_values) {
    static const char *const classes[] = {"-1", "10", "9"};
    static const int cells[] = {1, 2, 0, 1};
    static const float x[] = {1, 2, 3, 4};
    hand h;
    isb_dataset d = {0};
    start(&h, 4);
    numbers(&h, "x", x);
    texts(&h, "class", classes, 3, cells);
    const isb_experiment e = experiment_of("class");
    CHECK(isb_table_dataset(&d, &h.frame, &e, NULL, &training, NULL) == ISB_OK);
    CHECK(strcmp(isb_dataset_class(&d, 0), "-1") == 0);
    CHECK(strcmp(isb_dataset_class(&d, 1), "9") == 0);
    CHECK(strcmp(isb_dataset_class(&d, 2), "10") == 0);
    const uint32_t expected[] = {2, 1, 0, 2};
    CHECK(memcmp(d.train.labels, expected, sizeof expected) == 0);
    isb_dataset_free(&d);
    end(&h);
}

/* --- missing cells --- */

/* age misses row 1, job rows 2 and 3. */
static void gaps(hand *h) {
    static const float ages[] = {1, NAN, 3, 5};
    static const int job_cells[] = {1, 1, -1, -1};
    static const int answer_cells[] = {0, 1, 0, 1};
    start(h, 4);
    numbers(h, "age", ages);
    texts(h, "job", jobs, 3, job_cells);
    texts(h, "answer", answers, 2, answer_cells);
}

static void check_fails(const hand *h, const isb_experiment *e, isb_preprocessing *p,
                        const isb_table_use *use, isb_status status, const char *message) {
    isb_dataset d = {0};
    isb_error error = ISB_ERROR_INIT;
    const isb_status got = isb_table_dataset(&d, &h->frame, e, p, use, &error);
    CHECKF(got == status && strcmp(isb_error_text(&error), message) == 0, "%d: %s", got,
           isb_error_text(&error));
    isb_error_clear(&error);
    isb_dataset_free(&d);
}

CASE(data_table, a_missing_cell_is_an_error_that_names_line_and_column) {
    hand h;
    gaps(&h);
    const isb_experiment e = experiment_of("answer");
    check_fails(&h, &e, NULL, &training, ISB_DATA,
                "people.csv:3: column 'age' has no value here; put one there, or say what stands "
                "for it with data.missing_policy: mean, indicator or drop_row");
    end(&h);
}

CASE(data_table, the_mean_or_the_most_frequent_text_stands_for_a_missing_cell) {
    hand h;
    isb_dataset d = {0};
    gaps(&h);
    isb_experiment e = experiment_of("answer");
    e.table.missing_policy = ISB_MISSING_MEAN;
    e.table.standardize.all = false;
    CHECK(isb_table_dataset(&d, &h.frame, &e, NULL, &training, NULL) == ISB_OK);
    CHECK(d.shape.sizes[0] == 2);
    check_row(&d.train, 0, 2, (const float[]){1, 1});
    check_row(&d.train, 1, 2, (const float[]){3, 1});
    check_row(&d.train, 3, 2, (const float[]){5, 1});
    isb_dataset_free(&d);
    end(&h);
}

CASE(data_table, an_indicator_says_that_a_cell_is_missing) {
    hand h;
    isb_dataset d = {0};
    gaps(&h);
    isb_experiment e = experiment_of("answer");
    e.table.missing_policy = ISB_MISSING_INDICATOR;
    CHECK(isb_table_dataset(&d, &h.frame, &e, NULL, &training, NULL) == ISB_OK);
    CHECK(d.shape.sizes[0] == 4);
    const double deviation = sqrt((4.0 + 0 + 4) / 3);
    check_row(&d.train, 0, 4, (const float[]){(float)(-2 / deviation), 0, 1, 0});
    check_row(&d.train, 1, 4, (const float[]){0, 1, 1, 0});
    check_row(&d.train, 2, 4, (const float[]){0, 0, 1, 1});
    isb_dataset_free(&d);
    end(&h);
}

CASE(data_table, rows_with_missing_cells_are_left_out_but_not_of_predictions) {
    hand h;
    isb_dataset d = {0};
    gaps(&h);
    isb_experiment e = experiment_of("answer");
    e.table.missing_policy = ISB_MISSING_DROP_ROW;
    char *drop[] = {borrow("job")};
    e.table.drop = (isb_names){drop, 1};
    CHECK(isb_table_dataset(&d, &h.frame, &e, NULL, &training, NULL) == ISB_OK);
    CHECK(d.train.rows == 3 && d.preprocessing->features[0].offset == 3);
    CHECK(d.train.labels[0] == 0 && d.train.labels[1] == 0 && d.train.labels[2] == 1);
    isb_preprocessing fitted = *d.preprocessing;
    *d.preprocessing = (isb_preprocessing){0};
    isb_dataset_free(&d);
    check_fails(&h, &e, &fitted, &predicting, ISB_DATA,
                "people.csv:3: column 'age' has no value here; missing_policy: drop_row leaves "
                "such rows out of training, but no row can be left out of predictions");
    end(&h);
}

/* --- the test part --- */

CASE(data_table, a_test_part_is_split_off_by_its_own_seed) {
    enum { ROWS = 40 };
    float x[ROWS];
    int cells[ROWS];
    for (int i = 0; i < ROWS; i++) {
        x[i] = (float)i;
        cells[i] = i % 4 == 0;
    }
    hand h;
    start(&h, ROWS);
    numbers(&h, "x", x);
    texts(&h, "answer", answers, 2, cells);
    isb_experiment e = experiment_of("answer");
    e.table.standardize.all = false;
    e.test_fraction = 0.2;
    float first[8];
    for (uint64_t seed = 1; seed <= 3; seed++) {
        isb_dataset d = {0};
        e.seed = seed == 3 ? 1 : seed;   /* other weights and shuffles: the same part */
        e.test_seed = seed == 3 ? 2 : 1; /* another part */
        CHECK(isb_table_dataset(&d, &h.frame, &e, NULL, &training, NULL) == ISB_OK);
        CHECK(d.train.rows == 32 && d.test.rows == 8);
        size_t yes = 0;
        bool seen[ROWS] = {false};
        for (size_t i = 0; i < 8; i++) {
            yes += d.test.labels[i];
            seen[(size_t)((const float *)d.test.features)[i]] = true;
        }
        CHECK(yes == 2); /* a quarter, as of all */
        for (size_t i = 0; i < 32; i++) {
            const size_t row = (size_t)((const float *)d.train.features)[i];
            CHECK(!seen[row] && d.train.labels[i] == (row % 4 == 0));
        }
        if (seed == 1)
            memcpy(first, d.test.features, sizeof first);
        else
            CHECK((memcmp(first, d.test.features, sizeof first) == 0) == (seed == 2));
        isb_dataset_free(&d);
    }
    end(&h);
}

/* --- other tables --- */

static void fit_people(isb_preprocessing *out) {
    hand h;
    isb_dataset d = {0};
    people(&h);
    const isb_experiment e = experiment_of("answer");
    CHECK(isb_table_dataset(&d, &h.frame, &e, NULL, &training, NULL) == ISB_OK);
    *out = *d.preprocessing;
    *d.preprocessing = (isb_preprocessing){0};
    isb_dataset_free(&d);
    end(&h);
}

CASE(data_table, other_tables_may_have_their_columns_in_any_order_and_no_label) {
    static const char *const here[] = {"astronaut", "smith"};
    static const int cells[] = {1, 0};
    static const float ages[] = {35, 20}, more[] = {1, 2};
    isb_preprocessing fitted;
    isb_dataset d = {0};
    hand h;
    fit_people(&fitted);
    start(&h, 2);
    numbers(&h, "more", more);
    texts(&h, "job", here, 2, cells);
    numbers(&h, "age", ages);
    const isb_experiment e = experiment_of("answer");
    CHECK(isb_table_dataset(&d, &h.frame, &e, &fitted, &predicting, NULL) == ISB_OK);
    CHECK(d.train.rows == 2 && d.test.rows == 0 && d.shape.sizes[0] == 4);
    check_row(&d.train, 0, 4, (const float[]){0, 0, 0, 1});
    check_row(&d.train, 1, 4, (const float[]){(float)(-15 / sqrt(125)), 0, 0, 0});
    isb_dataset_free(&d);
    end(&h);
}

CASE(data_table, what_another_table_lacks_is_named) {
    static const float ages[] = {35, 20};
    static const char *const words[] = {"12", "old"};
    static const int cells[] = {0, 1};
    const isb_experiment e = experiment_of("answer");
    isb_preprocessing fitted;
    hand h;
    fit_people(&fitted);
    start(&h, 2);
    numbers(&h, "age", ages);
    check_fails(&h, &e, &fitted, &predicting, ISB_DATA,
                "the model's features: people.csv has no column 'job'; it has: age");
    end(&h);
    fit_people(&fitted);
    start(&h, 2);
    texts(&h, "age", words, 2, cells);
    check_fails(&h, &e, &fitted, &predicting, ISB_DATA,
                "people.csv:3: column 'age' must be a number, not 'old'");
    end(&h);
}

CASE(data_table, a_label_that_the_model_does_not_know_is_named) {
    static const char *const others[] = {"maybe", "yes"};
    static const int job_cells[] = {0, 0}, cells[] = {1, 0};
    static const float ages[] = {35, 20};
    const isb_experiment e = experiment_of("answer");
    isb_preprocessing fitted;
    hand h;
    fit_people(&fitted);
    start(&h, 2);
    numbers(&h, "age", ages);
    texts(&h, "job", jobs, 3, job_cells);
    texts(&h, "answer", others, 2, cells);
    check_fails(&h, &e, &fitted, &training, ISB_DATA,
                "people.csv:3: the label, column 'answer', is 'maybe', which the model does not "
                "know; it was trained without such rows");
    end(&h);
}

/* --- what a user gets wrong --- */

CASE(data_table, without_a_label_the_columns_are_listed) {
    hand h;
    people(&h);
    isb_experiment e = experiment_of(NULL);
    check_fails(&h, &e, NULL, &training, ISB_USAGE,
                "data.label: is needed for a table, to say which column is to be predicted; "
                "people.csv has: age, job, answer");
    e = experiment_of("anser");
    check_fails(&h, &e, NULL, &training, ISB_USAGE,
                "data.label: people.csv has no column 'anser'; did you mean 'answer'?");
    end(&h);
}

CASE(data_table, a_column_that_is_not_there_is_named) {
    hand h;
    people(&h);
    isb_experiment e = experiment_of("answer");
    char *names[] = {borrow("jbo")};
    e.table.drop = (isb_names){names, 1};
    check_fails(&h, &e, NULL, &training, ISB_USAGE,
                "data.features.drop: people.csv has no column 'jbo'; did you mean 'job'?");
    names[0] = borrow("answer");
    check_fails(&h, &e, NULL, &training, ISB_USAGE,
                "data.features.drop: 'answer' is the label, which is no feature; take it out");
    e.table.drop.count = 0;
    e.table.one_hot.all = false;
    check_fails(&h, &e, NULL, &training, ISB_USAGE,
                "people.csv: column 'job' holds texts; name it in data.features.one_hot, or leave "
                "it out with data.features.drop");
    end(&h);
}

CASE(data_table, labels_must_be_there_and_differ) {
    static const float x[] = {1, 2};
    static const int same[] = {1, 1}, gap[] = {1, -1};
    const isb_experiment e = experiment_of("answer");
    hand h;
    start(&h, 2);
    numbers(&h, "x", x);
    texts(&h, "answer", answers, 2, same);
    check_fails(&h, &e, NULL, &training, ISB_DATA,
                "people.csv: the label, column 'answer', is 'yes' in every row; there is nothing "
                "to tell apart, so choose another data.label");
    end(&h);
    start(&h, 2);
    numbers(&h, "x", x);
    texts(&h, "answer", answers, 2, gap);
    check_fails(&h, &e, NULL, &training, ISB_DATA,
                "people.csv:3: the label, column 'answer', has no value here; put one there, or "
                "take the row away, as data.missing_policy: drop_row does");
    end(&h);
}

CASE(data_table, a_column_without_a_value_cannot_be_fitted) {
    static const float x[] = {NAN, NAN};
    static const int cells[] = {0, 1};
    isb_experiment e = experiment_of("answer");
    hand h;
    e.table.missing_policy = ISB_MISSING_MEAN;
    start(&h, 2);
    numbers(&h, "x", x);
    texts(&h, "answer", answers, 2, cells);
    check_fails(&h, &e, NULL, &training, ISB_DATA,
                "people.csv: column 'x' has no value in any row that is trained on; leave it out "
                "with data.features.drop");
    end(&h);
}

/* --- in the model file --- */

CASE(data_table, what_was_fitted_reads_back_the_same) {
    isb_preprocessing fitted, again;
    char *text, *text_again;
    fit_people(&fitted);
    fitted.features[0].fill = 0.1;
    CHECK(isb_preprocessing_write(&fitted, &text, NULL) == ISB_OK);
    CHECK(isb_preprocessing_read(&again, text, "model", NULL) == ISB_OK);
    CHECK(isb_preprocessing_write(&again, &text_again, NULL) == ISB_OK);
    CHECKF(strcmp(text, text_again) == 0, "%s\n%s", text, text_again);
    CHECK(again.width == 4 && again.features[0].divisor == sqrt(125));
    CHECK(again.features[0].fill == 0.1 && strcmp(again.label, "answer") == 0);
    free(text);
    free(text_again);
    isb_preprocessing_free(&fitted);
    isb_preprocessing_free(&again);
}

CASE(data_table, what_makes_no_sense_in_a_model_file_is_refused) {
#define START "{\"format\":1,\"missing_policy\":\"mean\",\"features\":["
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "[[[[[[[[[[",
        "{\"format\":2,\"missing_policy\":\"mean\",\"features\":[]}",
        "{\"format\":1,\"missing_policy\":\"median\",\"features\":[]}",
        "{\"format\":1,\"missing_policy\":\"mean\"}",
        START "{}]}",
        START "{\"name\":\"a\",\"indicator\":1,\"offset\":0,\"divisor\":1,\"fill\":0}]}",
        START "{\"name\":\"a\",\"indicator\":false,\"offset\":0,\"divisor\":0,\"fill\":0}]}",
        START "{\"name\":\"a\",\"indicator\":false,\"offset\":null,\"divisor\":1,\"fill\":0}]}",
        START "{\"name\":\"a\",\"indicator\":false,\"categories\":[],\"mode\":0}]}",
        START "{\"name\":\"a\",\"indicator\":false,\"categories\":[\"x\"],\"mode\":1}]}",
        START "{\"name\":\"a\",\"indicator\":false,\"categories\":[\"x\"],\"mode\":-1}]}",
        START "{\"name\":\"a\",\"indicator\":false,\"categories\":[\"y\",\"x\"],\"mode\":0}]}",
        START "{\"name\":\"a\",\"indicator\":false,\"categories\":[\"x\",\"x\"],\"mode\":0}]}",
        START "{\"name\":\"a\",\"indicator\":false,\"categories\":[1],\"mode\":0}]}",
    };
#undef START
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        isb_preprocessing p;
        isb_error error = ISB_ERROR_INIT;
        CHECKF(isb_preprocessing_read(&p, bad[i], "m.safetensors", &error) == ISB_CORRUPT, "%s",
               bad[i]);
        CHECK(strcmp(isb_error_text(&error),
                     "m.safetensors: what it says of the columns of its table makes no sense; use "
                     "another copy") == 0);
        CHECK(p.features == NULL && p.classes == NULL);
        isb_error_clear(&error);
    }
}
