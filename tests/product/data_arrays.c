/* The program on arrays: what it trains on in one container, it trains on in every other. */
#include "npy_files.h"
#include "program.h"

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

enum { ROWS = 24 };

static void put_in(const place *p, const char *name, npy_bytes file) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", p->path, name);
    npy_put(path, file);
}

static output run(const place *p, const char *const *arguments, int status) {
    output o = program_run(p, &(request){.arguments = arguments});
    CHECKF(o.status == status, "status %d: %s", o.status, o.err);
    return o;
}

/* x.npy, y.npy and both.npz, 24 rows of four bytes in three classes, and a.yaml, which trains on
 * the two files. */
static place open_arrays(void) {
    const place p = place_open();
    uint8_t values[4 * ROWS];
    int64_t classes[ROWS];
    for (size_t i = 0; i < 4 * ROWS; i++)
        values[i] = (uint8_t)(i * 37 + 11);
    for (size_t i = 0; i < ROWS; i++)
        classes[i] = (int64_t)(i % 3);
    npy_bytes x = npy_make("|u1", "False", "(24, 2, 2)", values, sizeof values);
    npy_bytes y = npy_make("<i8", "False", "(24,)", classes, sizeof classes);
    const zip_member members[] = {zip_stored("x_train.npy", &x), zip_stored("y_train.npy", &y)};
    put_in(&p, "x.npy", x);
    put_in(&p, "y.npy", y);
    put_in(&p, "both.npz", zip_make(members, 2, false));
    place_write(&p, "a.yaml",
                "data: {source: {x: x.npy, y: y.npy}, validation: 0.25}\n"
                "model: [flatten, dense: {units: 3, activation: softmax}]\n"
                "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n"
                "fit: {batch_size: 8}\n");
    return p;
}

/* Everything that is printed but for times: the last line, which is the weights' digest. */
static const char *last_line(const output *o) {
    const char *at = strstr(o->out, "weights sha256:");
    CHECKF(at != NULL, "%s", o->out);
    return at;
}

CASE(data_arrays, a_run_keeps_its_arrays) {
    const place p = open_arrays();
    char wanted[256];
    output trained = run(&p, ARGS("train", "a.yaml", "--run", "run", "-q"), 0);
    char *resolved = place_read(&p, "run/experiment.yaml");
    snprintf(wanted, sizeof wanted, "  source: {x: %s/x.npy, y: %s/y.npy}\n", p.path, p.path);
    CHECKF(resolved != NULL && strstr(resolved, wanted) != NULL, "%s", resolved);
    free(resolved);

    output verified = run(&p, ARGS("verify", "run"), 0);
    output_free(&verified);
    output scored = run(&p, ARGS("evaluate", "run", "--split", "validation"), 0);
    CHECK(strcmp(last_line(&scored), last_line(&trained)) == 0);
    output_free(&scored);
    output own = run(&p, ARGS("predict", "run", "--split", "train"), 0);
    output other = run(&p, ARGS("predict", "run", "--split", "train", "--data", "both.npz"), 0);
    CHECK(strlen(own.out) > 18 * 10 && strcmp(own.out, other.out) == 0);
    output_free(&own);
    output_free(&other);

    output archive =
        run(&p, ARGS("train", "a.yaml", "--run", "run2", "-q", "--data", "both.npz"), 0);
    CHECK(strcmp(last_line(&archive), last_line(&trained)) == 0);
    CHECK(place_same(&p, "run/history.csv", "run2/history.csv"));
    output_free(&archive);
    output_free(&trained);
    place_close(&p);
}

CASE(data_arrays, a_run_refuses_other_arrays) {
    const place p = open_arrays();
    output trained = run(&p, ARGS("train", "a.yaml", "--run", "run", "-q"), 0);
    output_free(&trained);
    int64_t classes[ROWS] = {1};
    put_in(&p, "y.npy", npy_make("<i8", "False", "(24,)", classes, sizeof classes));
    output o = run(&p, ARGS("evaluate", "run", "--split", "validation"), 3);
    CHECKF(strstr(o.err, "is not what run was trained on") != NULL, "%s", o.err);
    output_free(&o);
    put_in(&p, "y.npy", npy_make("<i8", "False", "(23,)", classes, 23 * 8));
    o = run(&p, ARGS("train", "a.yaml", "--run", "run3"), 3);
    CHECKF(strstr(o.err, "/y.npy: has 23 labels, but ") != NULL, "%s", o.err);
    CHECK(!place_has(&p, "run3"));
    output_free(&o);
    place_close(&p);
}
