/* isobit inspect: what it prints of tables and data sets, and what it refuses. */
#include "check.h"
#include "program.h"
#include <isobit/version.h>
#include <stdlib.h>
#include <string.h>

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void check(const place *p, const char *const *arguments, int status, const char *out,
                  const char *err) {
    output o = program_run(p, &(request){.arguments = arguments});
    CHECKF(o.status == status && strcmp(o.err, err) == 0, "status %d: %s", o.status, o.err);
    CHECKF(strcmp(o.out, out) == 0, "stdout: %s", o.out);
    output_free(&o);
}

static const char table[] = "age,city,id,same,kind\n"
                            "31,Ulm,n1,5,yes\n"
                            "?,Bonn,n2,5,no\n"
                            "45.5,Ulm,n3,5,yes\n"
                            "17,,n4,5,yes\n"
                            "18,Ulm,n5,5,yes\n";

CASE(inspect, a_table) {
    const place p = place_open();
    place_write(&p, "t.csv", table);
    check(&p, ARGS("inspect", "t.csv", "--label", "kind"), 0,
          "file        t.csv\n"
          "format      table of text, separator ',', a header\n"
          "rows        5\n"
          "columns     5\n"
          "sha256      39b8708250b4cb11d53efea16caf4e910dcbba2b5ea1a945c5f3e37d0b180889\n"
          "\n"
          "column                   type         missing  holds\n"
          "age                      texts              0  5 distinct: 17, 18, 31, 45.5, ...\n"
          "city                     texts              1  2 distinct: Bonn, Ulm\n"
          "id                       texts              0  5 distinct: n1, n2, n3, n4, ...\n"
          "same                     numbers            0  5 to 5, whole\n"
          "kind                     texts              0  2 distinct: no, yes\n"
          "\n"
          "label 'kind', 2 classes\n"
          "  no                                  1   20.0 %\n"
          "  yes                                 4   80.0 %\n"
          "\n"
          "worth a look\n"
          "  column 'age' has another text in every row: a name, no class\n"
          "  column 'age': '?' stands in 1 cell; data.missing makes it a gap\n"
          "  column 'id' has another text in every row: a name, no class\n"
          "  column 'same' is constant\n",
          "");
    place_close(&p);
}

CASE(inspect, a_table_as_json) {
    const place p = place_open();
    place_write(&p, "t.tsv", "x\ty\n1\ta\n-2.5\ta\nnan\tb\n");
    check(&p, ARGS("inspect", "t.tsv", "--json", "--label=y"), 0,
          "{\"path\": \"t.tsv\", \"format\": \"text\", \"separator\": \"\\t\", \"header\": true, "
          "\"rows\": 3, \"columns\": [{\"name\": \"x\", \"type\": \"numbers\", \"missing\": 1, "
          "\"whole\": "
          "false, \"min\": -2.5, \"max\": 1, \"not_finite\": 1}, {\"name\": \"y\", \"type\": "
          "\"texts\", "
          "\"missing\": 0, \"distinct\": 2, \"texts\": [\"a\", \"b\"]}], \"repeated_rows\": 0, "
          "\"label\": \"y\", "
          "\"classes\": "
          "[{\"class\": \"a\", \"rows\": 2}, {\"class\": \"b\", \"rows\": 1}], \"notes\": "
          "[\"column 'x': nan "
          "or inf stands in 1 cell, first in line 4; they count as missing\"], \"sha256\": "
          "\"03fc09ed7e1c4848a23ab9a4a62f7d89b4aa8e248432d1cb575daaca850b2da1\", \"version\": "
          "\"" ISB_VERSION "\"}\n",
          "");
    place_close(&p);
}

/* One line of what is worth a look. */
static void check_note(const place *p, const char *text, const char *label, const char *note) {
    place_write(p, "t.csv", text);
    output o =
        label != NULL
            ? program_run(p, &(request){.arguments = ARGS("inspect", "t.csv", "--label", label)})
            : program_run(p, &(request){.arguments = ARGS("inspect", "t.csv")});
    char line[512];
    snprintf(line, sizeof line, "\n  %s\n", note);
    CHECKF(o.status == 0 && strstr(o.out, line) != NULL, "want %s\n%s%s", line, o.out, o.err);
    output_free(&o);
}

CASE(inspect, what_is_worth_a_look) {
    const place p = place_open();
    check_note(&p, "when,a\n2024-01-02,5\n2024-01-03,6\n2024-01-04,5\n", NULL,
               "column 'when' holds dates or times, each a category of its own; columns of their "
               "parts, such as year and month, say more");
    check_note(&p, ",a\n7,5\n3,6\n5,5\n", NULL,
               "column 'column_1' has no name of its own, as the numbers of rows that pandas and R "
               "write: no feature");
    check_note(&p, "Unnamed: 0,a\n7,5\n3,6\n5,5\n", NULL,
               "column 'Unnamed: 0' has no name of its own, as the numbers of rows that pandas and "
               "R write: no feature");
    check_note(&p, "at,a\n1700000001,5\n1700000003,6\n1700000002,5\n", NULL,
               "column 'at' holds whole numbers beyond 16777216, which float32 rounds");
    check_note(&p, "a,y\n1,1\n2,2\n3,1.0\n", "y", "classes '1' and '1.0' are the same number");
    check_note(&p, "a,y\n1,no\n2,yes\n3,No\n", "y",
               "classes 'No' and 'no' differ in upper and lower case alone");
    check_note(&p, "a b y\n1 1 2 no\n2 2 3 yes\n", NULL,
               "the table has one column; if spaces separate its columns, say data.separator: "
               "space");
    place_close(&p);
}

/* Neighbours that float32 cannot tell apart; and 0, however it is written. */
CASE(inspect, numbers_at_the_edge) {
    const place p = place_open();
    place_write(&p, "t.csv",
                "id,zero\n12345678901234567890,-0\n12345678901234567891,0\n"
                "12345678901234567892,-0\n");
    output o = program_run(&p, &(request){.arguments = ARGS("inspect", "t.csv")});
    CHECKF(o.status == 0 && strstr(o.out, "counts the rows") == NULL &&
               strstr(o.out, " 0 to 0, whole\n") != NULL,
           "%s%s", o.out, o.err);
    output_free(&o);
    place_close(&p);
}

CASE(inspect, what_is_refused) {
    const place p = place_open();
    place_write(&p, "t.csv", table);
    place_write(&p, "bad.csv", "a,b\n1,2\n3\n");
    check(&p, ARGS("inspect", "t.csv", "--label", "kinds"), 2, "",
          "error: --label: t.csv has no column 'kinds'; did you mean 'kind'?\n");
    check(&p, ARGS("inspect", "digits", "--label", "x"), 2, "",
          "error: --label names a column of a table; digits brings its labels with it\n");
    check(&p, ARGS("inspect", "bad.csv"), 3, "",
          "error: bad.csv:3:2: the record ends after 1 field, where the first one has 2; add what "
          "is missing, an empty field too needs its separator\n");
    check(&p, ARGS("inspect", "absent.csv"), 3, "",
          "error: absent.csv: cannot be opened: No such file or directory; make it a regular file "
          "that may be read\n");
    place_close(&p);
}

/* An IDX file of two-pixel images. */
static void put_images(const place *p, const char *name, const char *pixels, size_t rows) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", p->path, name);
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    const char header[] = {0, 0, 8, 3, 0, 0, 0, (char)rows, 0, 0, 0, 1, 0, 0, 0, 2};
    CHECK(fwrite(header, 1, sizeof header, file) == sizeof header);
    CHECK(fwrite(pixels, 1, 2 * rows, file) == 2 * rows && fclose(file) == 0);
}

static void put_labels(const place *p, const char *name, const char *labels, size_t rows) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", p->path, name);
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    const char header[] = {0, 0, 8, 1, 0, 0, 0, (char)rows};
    CHECK(fwrite(header, 1, sizeof header, file) == sizeof header);
    CHECK(fwrite(labels, 1, rows, file) == rows && fclose(file) == 0);
}

CASE(inspect, a_directory_of_idx_files) {
    const place p = place_open();
    put_images(&p, "train-images-idx3-ubyte", "AaBaCa", 3);
    put_labels(&p, "train-labels-idx1-ubyte", "\0\1\1", 3);
    put_images(&p, "t10k-images-idx3-ubyte", "BaXaCaBa", 4);
    put_labels(&p, "t10k-labels-idx1-ubyte", "\1\0\1\2", 4);
    output o = program_run(&p, &(request){.arguments = ARGS("inspect", ".")});
    CHECKF(o.status == 0, "%s", o.err);
    CHECKF(strstr(o.out, "constant    1 of 2 features are the same in all rows of train\n"), "%s",
           o.out);
    CHECKF(strstr(o.out, "\ntrain: 3 rows of 2 features, uint8, 65 to 97\n"
                         "  0                                   1   33.3 %\n"
                         "  1                                   2   66.7 %\n"
                         "\n"
                         "test: 4 rows of 2 features, uint8, 66 to 97\n"),
           "%s", o.out);
    CHECKF(strstr(o.out, "\nworth a look\n"
                         "  test has 1 class that train lacks, first 2\n"
                         "  3 rows of test stand in train, too\n"),
           "%s", o.out);
    output_free(&o);
    place_close(&p);
}
