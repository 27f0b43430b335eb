/* No table takes more memory than twice its data, which are the larger of its text and of what is
 * trained on, and a constant. */
#include "sanitized.h"
#include "trained.h"
#include <sys/resource.h>

enum { CONSTANT = 4 << 20 };

/* A file of so many rows. */
typedef struct kind {
    const char *header;
    void (*write_row)(FILE *file, size_t row);
    size_t rows, trained; /* bytes of a row's features and label */
    const char *data;     /* what the experiment says of the data besides */
    double most;          /* times the data that may be taken */
} kind;

/* Of the largest of the programs that have ended. */
static size_t peak(void) {
    struct rusage usage;
    CHECK(getrusage(RUSAGE_CHILDREN, &usage) == 0);
    return (size_t)usage.ru_maxrss * 1024;
}

static size_t write_table(const place *p, const kind *k, size_t rows) {
    char path[128];
    snprintf(path, sizeof path, "%s/t.csv", p->path);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL);
    fprintf(file, "%s\n", k->header);
    for (size_t row = 0; row < rows; row++)
        k->write_row(file, row);
    const long size = ftell(file);
    CHECK(size > 0 && fclose(file) == 0);
    return (size_t)size;
}

/* Inspects, trains and predicts; the largest of the three, less what it was before. */
static size_t use_table(const place *p, const kind *k, size_t before) {
    static const char *const commands[][6] = {
        {"inspect", "t.csv"},
        {"train", "t.yaml", "-q", "--force", "--threads", "2"},
        {"predict", "runs/t", "--data", "t.csv", "--threads", "2"}};
    size_t most = before;
    for (size_t i = 0; i < 3; i++) {
        const char *arguments[7] = {NULL};
        memcpy(arguments, commands[i], sizeof commands[i]);
        output o =
            program_run(p, &(request){.arguments = arguments, .out = i == 2 ? "/dev/null" : NULL});
        CHECKF(o.status == 0, "%s: %s", commands[i][0], o.err);
        output_free(&o);
        const size_t now = peak();
        if (before > 0)
            fprintf(stderr, "%s %s: %zu kB at most\n", commands[i][0], k->header,
                    (now - before) >> 10);
        most = now > most ? now : most;
    }
    return most - before;
}

static void check_memory(const kind *k) {
    if (sanitized())
        SKIP("a sanitizer keeps memory that was released");
    char experiment[512];
    place p = place_open();
    snprintf(experiment, sizeof experiment,
             "data: {source: t.csv, label: y%s}\n"
             "model: [dense: {units: 2, activation: softmax}]\n"
             "compile: {optimizer: sgd, loss: sparse_categorical_crossentropy}\n"
             "fit: {batch_size: 1024}\n",
             k->data);
    place_write(&p, "t.yaml", experiment);
    write_table(&p, k, 100);
    const size_t before = use_table(&p, k, 0);
    const size_t text = write_table(&p, k, k->rows), trained = k->rows * k->trained;
    const size_t data = text > trained ? text : trained, taken = use_table(&p, k, before);
    CHECKF((double)taken <= k->most * (double)data + CONSTANT, "%zu kB for %zu kB of data",
           taken >> 10, data >> 10);
    place_close(&p);
}

static void write_narrow(FILE *file, size_t row) { fprintf(file, "%zu,%zu\n", row % 10, row % 2); }

CASE(table_memory, one_number_a_row) {
    check_memory(&(kind){"x,y", write_narrow, 3000000, 8, "", 2});
}

/* The split needs a list of all rows, besides those of the parts. */
CASE(table_memory, one_number_a_row_and_a_test_part) {
    check_memory(&(kind){"x,y", write_narrow, 3000000, 8, ", test: 0.2, validation: 0.2", 2.25});
}

/* The numbers and the features of a table are never both there as a whole. */
static void write_digits(FILE *file, size_t row) {
    for (size_t i = 0; i < 20; i++)
        fprintf(file, "%zu,", (row >> i) % 10);
    fprintf(file, "%zu\n", row % 2);
}

CASE(table_memory, numbers) {
    check_memory(&(kind){"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,y", write_digits, 300000, 84,
                         ", test: 0.2", 1.25});
}

static void write_name(FILE *file, size_t row) {
    fprintf(file, "name%zu,%zu.%zu,%zu\n", row, row % 1000, row % 7, row % 2);
}

CASE(table_memory, another_text_in_every_row) {
    check_memory(&(kind){"name,x,y", write_name, 1000000, 8, ", features: {drop: [name]}", 2.5});
}

static void write_long(FILE *file, size_t row) {
    fprintf(file, "%0200zu,%zu,%zu\n", row, row % 1000, row % 2);
    if (row == 7)
        fputs("\n", file);
}

static void write_long_text(FILE *file, size_t row) {
    fputs("t", file);
    write_long(file, row);
}

CASE(table_memory, long_texts) {
    check_memory(&(kind){"t,x,y", write_long_text, 100000, 8, ", features: {drop: [t]}", 1.25});
}

/* A blank line, and lines within cells. */
static void write_lines(FILE *file, size_t row) {
    fprintf(file, "%zu,\"%zu\n\",%zu\n%s", row % 10, row % 3, row % 2, row % 100 == 7 ? "\n" : "");
}

CASE(table_memory, more_lines_than_rows) {
    check_memory(&(kind){"x,t,y", write_lines, 1000000, 20, "", 1.75});
}
