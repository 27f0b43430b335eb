/* digests [THREADS...]: trains the networks of the examples on every instruction set of the
 * machine, with each number of threads given (default: 1 to 64) and batches of odd sizes, and
 * prints a digest for each network and batch: "after 77 0123456789abcdef". Status 1 where one
 * differs from that of scalar on one thread. scripts/matrix.sh compares the lines of several
 * builds. */
#include "check.h"
#include "fixture.h"
#include "simd/dispatch.h"
#include <stdarg.h>
#include <stdlib.h>

enum { WIDTH = 77, CLASSES = 10, MOST_THREADS = 32 };

void check_fail(const char *file, int line, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(EXIT_FAILURE);
}

static void after(fixture *f) {
    fixture_dense(f, 128, ISB_RELU);
    fixture_dropout(f, 0.2);
}

static void before(fixture *f) {
    fixture_dropout(f, 0.2);
    fixture_dense(f, 128, ISB_RELU);
}

static void none(fixture *f) { fixture_dense(f, 128, ISB_RELU); }

static void deep(fixture *f) {
    fixture_dense(f, 256, ISB_RELU);
    fixture_dropout(f, 0.3);
    fixture_dense(f, 128, ISB_RELU);
    fixture_dropout(f, 0.2);
}

/* All activations, and widths that no vector divides. */
static void odd(fixture *f) {
    fixture_dense(f, 37, ISB_TANH);
    fixture_dropout(f, 0.5);
    fixture_dense(f, 51, ISB_SIGMOID);
    fixture_dense(f, 19, ISB_SOFTMAX);
    fixture_dropout(f, 0.1);
}

static const struct {
    const char *name;
    void (*layers)(fixture *f);
    bool black; /* images of which a fifth is lit */
} networks[] = {
    {"after", after, false},        {"before", before, false}, {"none", none, false},
    {"deep", deep, false},          {"odd", odd, false},       {"after-black", after, true},
    {"before-black", before, true}, {"deep-black", deep, true}};

/* With rows for some steps and a smaller last batch. */
static const struct {
    size_t size, rows;
} batches[] = {{1, 12}, {31, 65}, {32, 67}, {77, 157}, {200, 403}, {1000, 1013}};

static uint64_t check_batch(const fixture *f, const char *network, const size_t *threads,
                            size_t count) {
    const uint64_t expected = fixture_digest(f, 1, "scalar", 1);
    for (isb_isa isa = (isb_isa)0; isa < ISB_ISA_COUNT; isa = (isb_isa)(isa + 1)) {
        for (size_t i = 0; isb_isa_available(isa) && i < count; i++) {
            const uint64_t digest = fixture_digest(f, threads[i], isb_isa_name(isa), 1);
            CHECKF(digest == expected,
                   "%s, batch %zu: %s on %zu threads gives %016llx, not %016llx", network,
                   f->experiment.batch_size, isb_isa_name(isa), threads[i],
                   (unsigned long long)digest, (unsigned long long)expected);
        }
    }
    return expected;
}

static void check_network(size_t n, const size_t *threads, size_t count) {
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
        fixture f;
        fixture_make(&f, ISB_U8, batches[b].rows, WIDTH, CLASSES);
        if (networks[n].black)
            fixture_blacken(&f);
        networks[n].layers(&f);
        fixture_dense(&f, CLASSES, ISB_SOFTMAX);
        fixture_ready(&f);
        f.experiment.batch_size = batches[b].size;
        const uint64_t digest = check_batch(&f, networks[n].name, threads, count);
        printf("%s %zu %016llx\n", networks[n].name, batches[b].size, (unsigned long long)digest);
        fixture_free(&f);
    }
}

int main(int argument_count, char **arguments) {
    size_t threads[MOST_THREADS] = {1, 2, 3, 4, 5, 7, 8, 16, 64}, count = 9;
    if (argument_count > 1)
        for (count = 0; count < MOST_THREADS && (int)count + 1 < argument_count; count++)
            threads[count] = strtoul(arguments[count + 1], NULL, 10);
    for (size_t i = 0; i < count; i++)
        CHECKF(threads[i] > 0, "'%s' is no number of threads", arguments[i + 1]);
    for (size_t n = 0; n < sizeof networks / sizeof *networks; n++)
        check_network(n, threads, count);
    return EXIT_SUCCESS;
}
