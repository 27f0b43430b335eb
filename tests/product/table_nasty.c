/* Tables as they come from spreadsheets, exports and hands: trained on as they stand where that is
 * right, refused with what mends them where it is not. */
#include "people.h"
#include <stdarg.h>

enum { ROWS = 60 };

/* A table that grows row by row. */
typedef struct table {
    char text[1 << 16];
    size_t length;
} table;

static void add(table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(table *t, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const int length =
        vsnprintf(t->text + t->length, sizeof t->text - t->length, format, arguments);
    va_end(arguments);
    CHECK(length >= 0 && (size_t)length < sizeof t->text - t->length);
    t->length += (size_t)length;
}

static const char *answer(int i) { return i % 3 > 0 ? "yes" : "no"; }

/* `row` takes a number and the answer. */
#define TABLE(header, row, ...)                                                                    \
    table t = {.length = 0};                                                                       \
    add(&t, header);                                                                               \
    for (int i = 0; i < ROWS; i++)                                                                 \
    add(&t, row, __VA_ARGS__)

static const char two_classes[] =
    "data: {source: t.csv, label: y, test: 0.2}\n"
    "model: [dense: {units: 4, activation: relu}, dense: {units: 2, activation: softmax}]\n"
    "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n";

static output train(const place *p, const table *t, const char *experiment) {
    place_write(p, "t.csv", t->text);
    place_write(p, "t.yaml", experiment);
    return RUN(p, "train", "t.yaml", "--force", "--no-progress");
}

/* What it says is `message`, with the table's path for @. */
static void refuses(const place *p, const table *t, const char *experiment, int status,
                    const char *message) {
    char expected[2048] = "error: ";
    size_t length = strlen(expected);
    for (const char *c = message; *c != '\0'; c++) {
        if (*c == '@')
            length += (size_t)sprintf(expected + length, "%s/t.csv", p->path);
        else
            expected[length++] = *c;
        expected[length] = '\0';
    }
    strcat(expected, "\n");
    output o = train(p, t, experiment);
    check_output(&o, status, "", expected);
}

/* `inputs` is what the network's first layer sees. */
static void trains(const place *p, const table *t, const char *experiment, const char *inputs,
                   const char *notes) {
    output o = train(p, t, experiment);
    char model[64];
    snprintf(model, sizeof model, "\nmodel       %s-", inputs);
    CHECKF(o.status == 0 && strstr(o.out, model) != NULL, "%s%s", o.out, o.err);
    CHECKF(strncmp(o.err, notes, strlen(notes)) == 0 &&
               strncmp(o.err + strlen(notes), "written: ", strlen("written: ")) == 0,
           "%s", o.err);
    output_free(&o);
}

/* What every refusal of numbers among categories ends with. */
#define OR_DROP                                                                                    \
    "or leave the column out with data.features.drop (where they are categories, name all "        \
    "columns "                                                                                     \
    "of texts in data.features.one_hot)"

CASE(table_nasty, numbers_in_another_notation_are_no_categories) {
    place p = place_open();
    {
        TABLE("a;b;y\n", "%d,5;%d;%s\n", i, i % 7, answer(i));
        refuses(
            &p, &t, two_classes, 3,
            "@:2: column 'a' holds numbers with commas or spaces in them, as '0,5' here; write "
            "nothing between thousands, and a decimal point (or say data.decimal: ','), " OR_DROP);
        output o = train(&p, &t,
                         "data: {source: t.csv, label: y, features: {one_hot: [a]}}\n"
                         "model: [dense: {units: 2, activation: softmax}]\n"
                         "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n");
        CHECKF(o.status == 0 && strstr(o.out, "model       61-2,") != NULL, "%s%s", o.out, o.err);
        output_free(&o);
    }
    {
        TABLE("a,b,y\n", "\"1,%03d\",%d%%,%s\n", i * 7, i, answer(i));
        refuses(
            &p, &t, two_classes, 3,
            "@:2: column 'a' holds numbers with commas or spaces in them, as '1,000' here; write "
            "nothing between thousands, and a decimal point (or say data.decimal: ','), " OR_DROP
            "\nerror: @:2: column 'b' holds numbers with a percent sign, as '0%' here; write the "
            "bare numbers, " OR_DROP);
    }
    {
        TABLE("a,b,y\n", "$%d.50,%d kg,%s\n", i, i, answer(i));
        refuses(
            &p, &t, two_classes, 3,
            "@:2: column 'a' holds numbers with a currency sign, as '$0.50' here; write the bare "
            "numbers, " OR_DROP
            "\nerror: @:2: column 'b' holds numbers with a unit, as '0 kg' here; write the bare "
            "numbers, " OR_DROP);
    }
    place_close(&p);
}

CASE(table_nasty, numbers_spoilt_by_a_few_texts_are_no_categories) {
    place p = place_open();
    TABLE("a,b,y\n", i == 17 ? "1.%d,some,%s\n" : "2,%d.5,%s\n", i, answer(i));
    add(&t, "3,4,no\n");
    refuses(&p, &t, two_classes, 3,
            "@:19: column 'b' would be numbers but for a few texts, as 'some' "
            "here; mend them, or name them in data.missing, " OR_DROP);
    place_close(&p);
}

CASE(table_nasty, markers_of_missing_cells_are_no_categories) {
    place p = place_open();
    TABLE("a,y\n", i % 30 == 7 ? "NA,%.0d%s\n" : "%d.5,%s\n", i % 30 == 7 ? 0 : i, answer(i));
    refuses(&p, &t,
            "data: {source: t.csv, label: y}\n"
            "model: [dense: {units: 2, activation: softmax}]\n"
            "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n",
            3,
            "@:9: column 'a' would be numbers but for a few texts, as 'NA' here and in 1 more row; "
            "name it in data.missing, " OR_DROP);
    refuses(&p, &t,
            "data: {source: t.csv, label: y, missing: [NA]}\n"
            "model: [dense: {units: 2, activation: softmax}]\n"
            "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n",
            3,
            "@:9: column 'a' has no value here; put one there, or say what stands for it with "
            "data.missing_policy: mean, indicator or drop_row");
    place_close(&p);
}

CASE(table_nasty, what_is_probably_no_feature_is_noted) {
    place p = place_open();
    TABLE(",name,b,y\n", "%d,user %d,%d,%s\n", i, i, i % 7, answer(i));
    trains(
        &p, &t, two_classes, "50",
        "note: column 'column_1' counts the rows; where it is no feature, leave it out with "
        "data.features.drop\n"
        "note: column 'name' has another text in most rows; where it is no feature, leave it out "
        "with data.features.drop\n");
    place_close(&p);
}

CASE(table_nasty, dates_and_row_names_are_noted) {
    place p = place_open();
    TABLE(",when,y\n", "%d,2024-%02d-28,%s\n", i * 7 % ROWS, 1 + i % 12, answer(i));
    trains(&p, &t, two_classes, "13",
           "note: column 'column_1' has no name of its own, as the numbers of rows that pandas and "
           "R write; where it is no feature, leave it out with data.features.drop\n"
           "note: column 'when' holds dates or times, each a category of its own; where it is no "
           "feature, leave it out with data.features.drop\n");
    place_close(&p);
}

CASE(table_nasty, decimal_commas) {
    static const char experiment[] =
        "data: {source: t.csv, label: y, decimal: ',', features: {drop: [a]}}\n"
        "model: [dense: {units: 2, activation: softmax}]\n"
        "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n";
    place p = place_open();
    {
        TABLE("a;b;y\n", "%d;%d,5;%s\n", i % 9, i % 7, answer(i));
        trains(&p, &t, experiment, "1", "");
    }
    output file = RUN(&p, "predict", "runs/t", "--data", "t.csv");
    output o = run_shell(&p, ISB_PROGRAM " predict runs/t --data - < t.csv");
    CHECKF(file.status == 0, "%s", file.err);
    check_output(&o, 0, file.out, "");
    o = RUN(&p, "inspect", "t.yaml");
    CHECKF(o.status == 0 && strstr(o.out, "0.5 to 6.5\n") != NULL, "%s%s", o.out, o.err);
    output_free(&o);
    {
        TABLE("a;b;y\n", "%d;0.5;%s\n", i % 9, answer(i));
        place_write(&p, "t.csv", t.text);
        o = RUN(&p, "predict", "runs/t", "--data", "t.csv");
        CHECKF(o.status == 0 && strcmp(o.out, file.out) != 0, "%s", o.err);
        output_free(&o);
    }
    output_free(&file);
    {
        TABLE("a;b;y\n", "%d;1.%03d;%s\n", i % 9, i, answer(i));
        refuses(&p, &t, experiment, 3,
                "@:2: column 'b' holds numbers with commas or spaces in them, as '1,000' here; "
                "write nothing between thousands, and a decimal point (or say data.decimal: "
                "','), " OR_DROP);
    }
    place_close(&p);
}

/* As statistics programs print tables: numbers in columns of a fixed width. */
CASE(table_nasty, spaces_between_columns) {
    place p = place_open();
    TABLE("  a   b  y\n", "%3d %3d  %s\n", i, i % 7, answer(i));
    trains(&p, &t, two_classes, "2",
           "note: column 'a' counts the rows; where it is no feature, leave it out with "
           "data.features.drop\n");
    output file = RUN(&p, "predict", "runs/t", "--data", "t.csv");
    output o = run_shell(&p, ISB_PROGRAM " predict runs/t --data - < t.csv");
    CHECKF(file.status == 0, "%s", file.err);
    check_output(&o, 0, file.out, "");
    output_free(&file);
    place_close(&p);
}

CASE(table_nasty, columns_that_are_others_than_expected) {
    place p = place_open();
    {
        TABLE("a b y\n", "r%d %d %d %s\n", i, i, i % 7, answer(i));
        refuses(&p, &t, two_classes, 2,
                "data.label: @ has no column 'y'; it has: a b y; if spaces separate its columns, "
                "say data.separator: space");
        output o = train(&p, &t,
                         "data: {source: t.csv, label: y, separator: space}\n"
                         "model: [dense: {units: 2, activation: softmax}]\n"
                         "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n");
        CHECKF(o.status == 3 &&
                   strstr(o.err, "t.csv:2:8: the record has 4 fields, where the first one has 3; "
                                 "put fields that hold a separator in quotes; where each record "
                                 "begins with a row name, give that column a name, too\n") != NULL,
               "%s", o.err);
        output_free(&o);
    }
    {
        TABLE("1,2\n", "%d,%d\n", i, i % 2);
        refuses(&p, &t, two_classes, 2,
                "data.label: @ has no column 'y'; it has: column_1, column_2; the first line was "
                "taken for data: data.header: true takes it for names");
    }
    {
        TABLE("a,y\n", "%s,%s\n", i == 3 ? "inf" : "1", answer(i));
        refuses(&p, &t, two_classes, 3,
                "@:5: column 'a' has no value here (nan and inf are none); put one there, or say "
                "what stands for it with data.missing_policy: mean, indicator or drop_row");
    }
    place_close(&p);
}

CASE(table_nasty, columns_that_hold_nothing) {
    place p = place_open();
    TABLE("a,b,y\n", "%d,,%s\n", i % 7, answer(i));
    refuses(&p, &t, two_classes, 3,
            "@: column 'b' has no value in any row; leave it out with data.features.drop");
    place_close(&p);
}

CASE(table_nasty, labels_of_all_kinds) {
    place p = place_open();
    {
        TABLE("a,y\n", "%d,%s\n", i % 7, i % 2 > 0 ? "True" : "False");
        trains(&p, &t, two_classes, "1", "");
    }
    {
        TABLE("a,y\n", "%d,%d.0\n", i % 7, 1 + i % 2);
        trains(&p, &t, two_classes, "1", "");
    }
    {
        TABLE("a,y\n", "%d,%g\n", i % 7, i * 1.25);
        refuses(
            &p, &t, two_classes, 2,
            "@: column 'y' has 60 classes, but the output layer has 2 units; give it units: 60; "
            "where it is a number to come near to, take loss: mean_squared_error and a linear "
            "output of units: 1");
    }
    {
        TABLE("a,y\n", "%d,%s\n", i % 7, i == 7 ? "" : answer(i));
        refuses(&p, &t, two_classes, 3,
                "@:9: the label, column 'y', has no value here; put one there, or take the row "
                "away, as "
                "data.missing_policy: drop_row does");
    }
    {
        TABLE("a,Y\n", "%d,%s\n", i % 7, answer(i));
        refuses(&p, &t, two_classes, 2, "data.label: @ has no column 'y'; did you mean 'Y'?");
    }
    {
        TABLE("a,y\n", "%d,%s\n", i % 7, i < ROWS ? "same" : "");
        refuses(
            &p, &t, two_classes, 3,
            "@: the label, column 'y', is 'same' in every row; there is nothing to tell apart, so "
            "choose another data.label");
    }
    {
        TABLE("a,y\n", i > 0 ? "%d,%d %%\n" : "%d,%d\n", i % 7, i);
        refuses(&p, &t,
                "data: {source: t.csv, label: y}\n"
                "model: [dense: {units: 1}]\n"
                "compile: {optimizer: adam, loss: mean_squared_error}\n",
                3,
                "@:3: the label, column 'y', is '1 %', but loss: mean_squared_error needs numbers; "
                "mend the cells, name texts for missing ones in data.missing, or take loss: "
                "sparse_categorical_crossentropy");
    }
    place_close(&p);
}

/* The same error of many lines, up to ten of them. */
static void refuses_lines(const place *p, const table *t, const char *start, const char *mend) {
    output o = train(p, t, two_classes);
    CHECKF(o.status == 3 && strstr(o.err, start) != NULL && strstr(o.err, mend) != NULL, "%s",
           o.err);
    CHECKF(strstr(o.err, "t.csv: and 50 more errors\n") != NULL, "%s", o.err);
    output_free(&o);
}

CASE(table_nasty, spreadsheets) {
    place p = place_open();
    {
        TABLE("sep=;\r\na;b;y\r\n", "%d;%d;%s\r\n", i % 7, i % 5, answer(i));
        trains(&p, &t, two_classes, "2", "");
    }
    {
        TABLE("\xef\xbb\xbfL\xc3\xa4nge in cm,\"Ort, Land\",y,\n", "%d,\"Ulm, %d\",%s,\n", i % 7,
              i % 5, answer(i));
        trains(&p, &t, two_classes, "6", "");
    }
    {
        TABLE("a,b,y\n", "%d,%d,%s,\n", i % 7, i % 5, answer(i));
        refuses_lines(&p, &t, "t.csv:2:8: the record has 4 fields, where the first one has 3; ",
                      "take the separator at its end away, or end the header with one, too\n");
    }
    {
        TABLE("a,b,y\n", "%d,%d,%s,,\n", i % 7, i % 5, answer(i));
        refuses_lines(&p, &t, "t.csv:2:8: the record has 5 fields, where the first one has 3; ",
                      "put fields that hold a separator in quotes; where the first line is no part "
                      "of the table, take it away\n");
    }
    {
        TABLE("Report\n", "%d,%d,%s\n", i % 7, i % 5, answer(i));
        refuses_lines(&p, &t, "t.csv:2:3: the record has 3 fields, where the first one has 1; ",
                      "take away what stands in front of the names of the columns, or name the "
                      "separator\n");
    }
    {
        TABLE("a,a,y\n", "%d,%d,%s\n", i % 7, i % 5, answer(i));
        refuses(&p, &t, two_classes, 3,
                "@:1:3: column 'a' stands twice, as columns 1 and 2; give each its own name");
    }
    {
        TABLE("L\xe4nge,y\n", "%d,%s\n", i % 7, answer(i));
        refuses(
            &p, &t, two_classes, 3,
            "@:1:1: the name of this column is not UTF-8; convert the file, as by iconv -f latin1 "
            "-t utf-8");
    }
    place_close(&p);
}

#define TOO_LARGE                                                                                  \
    "@:2:3: 1e39 is beyond what a float32 holds (3.4e38); scale the column down, leave the cell "  \
    "empty, or leave the column out with data.features.drop"

CASE(table_nasty, numbers_beyond_float32) {
    static const char rest[] =
        "model: [dense: {units: 4, activation: relu}, dense: {units: 2, activation: softmax}]\n"
        "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n";
    char dropped[512], categories[512];
    snprintf(dropped, sizeof dropped,
             "data: {source: t.csv, label: y, features: {drop: [b]}, test: 0.2}\n%s", rest);
    snprintf(categories, sizeof categories,
             "data: {source: t.csv, label: y, features: {one_hot: [b]}}\n%s", rest);
    place p = place_open();
    output o;
    {
        TABLE("a,b,y\n", "%d,%de39,%s\n", i % 7, i + 1, answer(i));
        trains(&p, &t, categories, "61",
               "note: column 'b' has another text in most rows; where it is no feature, leave it "
               "out with data.features.drop\n");
        trains(&p, &t, dropped, "1", "");
        o = RUN(&p, "predict", "runs/t", "--data", "t.csv", "--top", "1");
        CHECKF(o.status == 0 && o.err[0] == '\0', "%s", o.err);
        output_free(&o);
        refuses(&p, &t, two_classes, 3, TOO_LARGE);
        refuses(&p, &t,
                "data: {source: t.csv, label: b}\n"
                "model: [dense: {units: 1}]\n"
                "compile: {optimizer: adam, loss: mean_squared_error}\n",
                3, TOO_LARGE);
        o = RUN(&p, "inspect", "t.csv");
        CHECKF(o.status == 0 && strstr(o.out, "column 'b': ") != NULL &&
                   strstr(o.out, "t.csv:2:3: 1e39 is beyond what a float32 holds") != NULL,
               "%s%s", o.out, o.err);
        output_free(&o);
    }
    {
        TABLE("a,y\n", "%d,%s\n", i % 7, answer(i));
        trains(&p, &t, two_classes, "1", "");
    }
    {
        TABLE("a,y\n", "%de39,%s\n", i + 1, answer(i));
        place_write(&p, "t.csv", t.text);
        o = RUN(&p, "predict", "runs/t", "--data", "t.csv");
        CHECKF(o.status == 3 && strstr(o.err, "t.csv:2:1: 1e39 is beyond what") != NULL, "%s",
               o.err);
        output_free(&o);
    }
    place_close(&p);
}

CASE(table_nasty, small_and_wide) {
    place p = place_open();
    table t = {.length = 0};
    add(&t, "a,b,y\n1,2,yes\n2,3,no\n4,5,yes\n");
    trains(&p, &t,
           "data: {source: t.csv, label: y}\n"
           "model: [dense: {units: 2, activation: softmax}]\n"
           "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n",
           "2", "");
    t.length = 0;
    for (int i = 0; i < 300; i++)
        add(&t, "x%d,", i);
    add(&t, "y\n");
    for (int row = 0; row < 20; row++) {
        for (int i = 0; i < 300; i++)
            add(&t, "%d,", i * row % 17);
        add(&t, "%s\n", answer(row));
    }
    trains(&p, &t, two_classes, "300", "");
    place_close(&p);
}
