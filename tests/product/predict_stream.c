/* isobit predict --data -: tables on standard input. */
#include "people.h"
#include "sanitized.h"
#include <sys/resource.h>

/* More than a piece of rows, one of them with a line end within quotes. */
static void write_many(const place *p, const char *path) {
    enum { ROWS = 100000, ROW_SIZE = 32 };
    char *text = malloc((size_t)ROWS * ROW_SIZE + 64);
    CHECK(text != NULL);
    size_t length = (size_t)sprintf(text, "age,job,note\n");
    for (int i = 0; i < ROWS; i++)
        length += (size_t)sprintf(text + length, "%d,%s,%s\n", 20 + i % 40,
                                  i % 2 == 0 ? "baker" : "\"cook, chief\"",
                                  i % 1000 == 7 ? "\"a\nb\"" : "x");
    place_write(p, path, text);
    free(text);
}

CASE(predict_stream, standard_input_gives_what_the_file_gives) {
    place p = place_with_people();
    write_many(&p, "many.csv");
    output file = RUN(&p, "predict", "runs/people", "--data", "many.csv");
    CHECKF(file.status == 0 && strstr(file.out, "\n99999,") != NULL, "%s", file.err);
    output o = run_shell(&p, "cat many.csv | " ISB_PROGRAM " predict runs/people --data -");
    check_output(&o, 0, file.out, "");
    output_free(&file);
    o = run_shell(&p, "{ cat many.csv; echo 'old,baker,x'; } | " ISB_PROGRAM
                      " predict runs/people --data - > /dev/null");
    CHECKF(o.status == 3 && strstr(o.err, "standard input:100102:1: 'old' is no number") != NULL,
           "%s", o.err);
    output_free(&o);
    o = run_shell(&p, ISB_PROGRAM " predict runs/people --data - < /dev/null");
    check_output(&o, 3, "", "error: standard input: is empty; pipe a table into it\n");
    o = run_shell(&p, ISB_PROGRAM " predict runs/people --data - --split test < many.csv");
    check_output(&o, 2, "", "error: --split: standard input has no parts; take it out\n");
    place_close(&p);
}

static void check_like_file(const place *p, const char *path, const char *command) {
    output file = RUN(p, "predict", "runs/people", "--data", path);
    CHECKF(file.status == 0, "%s", file.err);
    output o = run_shell(p, command);
    check_output(&o, 0, file.out, "");
    output_free(&file);
}

#define PREDICT ISB_PROGRAM " predict runs/people --data - "

CASE(predict_stream, a_table_in_other_shapes) {
    static const char *const tables[] = {
        "job,age\nsmith,20\nbaker,59\n",                            /* no label */
        "answer,note,job,age\nno,x,smith,20\n,\"a\nb\",baker,59\n", /* and more */
        "age,job\r\n20,smith\r\n59,baker\r\n",
        "\n\r\nage,job\n\n20,smith\n59,baker\n\n", /* blank lines */
        ("\xef\xbb\xbf"
         "age;job\n20;smith\n59;baker\n"),
        "sep=;\nage;job\n20;smith\n59;baker\n",
        "age\tjob\n20\tsmith\n59\tbaker", /* no end of the last line */
    };
    place p = place_with_people();
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        place_write(&p, "t.csv", tables[i]);
        check_like_file(&p, "t.csv", "cat t.csv | " PREDICT);
        check_like_file(&p, "t.csv", "gzip -c t.csv | " PREDICT);
    }
    place_close(&p);
}

CASE(predict_stream, lines_of_pieces_keep_their_header) {
    place p = place_with_people();
    output o = run_shell(
        &p, "{ printf '\\nsep=;\\nage;job\\n'; yes '30;baker' | head -n 300000; } > t.csv;"
            "{ cat t.csv; echo 'old;baker'; } | " PREDICT " > out.csv");
    CHECKF(o.status == 3 && strstr(o.err, "standard input:300004:1: 'old' is no number") != NULL,
           "%s", o.err);
    output_free(&o);
    check_like_file(&p, "t.csv", "cat t.csv | " PREDICT);
    check_like_file(&p, "t.csv", "gzip -1 -c t.csv | " PREDICT);
    place_close(&p);
}

CASE(predict_stream, a_table_without_header) {
    place p = place_open();
    place_write(&p, "t.csv", "1,2,a\n2,1,b\n3,5,a\n4,1,b\n5,9,a\n6,2,b\n");
    place_write(&p, "people.yaml",
                "data: {source: t.csv, label: column_3}\n"
                "model: [dense: {units: 2, activation: softmax}]\n"
                "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n");
    output o = RUN(&p, "train", "people.yaml", "-q");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    check_like_file(&p, "t.csv", "cat t.csv | " PREDICT);
    check_like_file(&p, "t.csv", "{ head -n 1 t.csv; sleep 0.2; tail -n 5 t.csv; } | " PREDICT);
    place_close(&p);
}

CASE(predict_stream, a_row_is_answered_before_the_next_one_comes) {
    place p = place_with_people();
    /* The second row is sent when the first one's answer is there. */
    output o =
        run_shell(&p, "mkfifo rows && { " PREDICT "--top 1 < rows > out & } ; exec 3> rows;"
                      "printf 'age,job\\n20,smith\\n' >&3;"
                      "for i in $(seq 500); do [ $(wc -l < out) -ge 2 ] && break; sleep 0.02; done;"
                      "wc -l < out; printf '59,baker\\n' >&3; exec 3>&-; wait; wc -l < out");
    check_output(&o, 0, "2\n3\n", "");
    place_close(&p);
}

CASE(predict_stream, a_reader_that_leaves_is_no_trouble) {
    place p = place_with_people();
    write_many(&p, "many.csv");
    output o = run_shell(&p, "cat many.csv | " PREDICT "--top 1 | head -n 2 | cut -d, -f1,2");
    check_output(&o, 0, "row,prediction_1\n0,no\n", "");
    place_close(&p);
}

CASE(predict_stream, damaged_gzip_is_told) {
    place p = place_with_people();
    write_many(&p, "many.csv");
    output o = run_shell(&p, "gzip -c many.csv | head -c 3000 | " PREDICT "> out");
    CHECKF(o.status == 3 && strstr(o.err, "standard input: the gzip data are cut short") != NULL,
           "%s", o.err);
    output_free(&o);
    o = run_shell(&p, PREDICT "< /");
    CHECKF(o.status == 3 &&
               strstr(o.err, "error: standard input: cannot be read: Is a directory") == o.err,
           "%s", o.err);
    output_free(&o);
    place_close(&p);
}

/* The largest of the programs that have ended, in kB. */
static long peak(void) {
    struct rusage usage;
    CHECK(getrusage(RUSAGE_CHILDREN, &usage) == 0);
    return usage.ru_maxrss;
}

static void predict_rows(const place *p, size_t rows) {
    char command[256], expected[32];
    snprintf(command, sizeof command,
             "{ echo age,job; yes 30,baker | head -n %zu; } | " PREDICT
             "--top 1 > out; wc -l < out",
             rows);
    snprintf(expected, sizeof expected, "%zu\n", rows + 1);
    output o = run_shell(p, command);
    check_output(&o, 0, expected, "");
}

CASE(predict_stream, memory_does_not_grow_with_the_table) {
    if (sanitized())
        SKIP("a sanitizer keeps memory that was released");
    place p = place_with_people();
    predict_rows(&p, 300000);
    const long before = peak();
    predict_rows(&p, 1000000); /* 20 MB of features */
    CHECKF(peak() < before + 4096, "%ld kB more", peak() - before);
    place_close(&p);
}

CASE(predict_stream, proba_is_what_is_printed_anyway) {
    place p = place_with_people();
    output plain = RUN(&p, "predict", "runs/people");
    output o = RUN(&p, "predict", "runs/people", "--proba");
    check_output(&o, 0, plain.out, "");
    output_free(&plain);
    plain = RUN(&p, "predict", "runs/people", "--top", "1");
    o = RUN(&p, "predict", "runs/people", "--top", "1", "--proba");
    check_output(&o, 0, plain.out, "");
    output_free(&plain);
    place_write(&p, "age.yaml",
                "data: {source: people.csv, label: age, missing: ['?'], "
                "missing_policy: mean}\n"
                "model: [dense: {units: 1}]\n"
                "compile: {optimizer: adam, loss: mean_squared_error}\n");
    o = RUN(&p, "train", "age.yaml", "-q");
    CHECKF(o.status == 0, "%s", o.err);
    output_free(&o);
    check_fails(&p, 2, "--proba: is of classes, and the model gives numbers; take it out",
                ARGS("predict", "runs/age", "--data", "people.csv", "--proba"));
    place_close(&p);
}
