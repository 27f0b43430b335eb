/* isobit inspect of NumPy arrays, of archives of them, and of an experiment's data. */
#include "npy_files.h"
#include "temporary.h"
#include "trained.h"
#include <math.h>

static const char *path_in(const place *p, const char *name) {
    temporary directory;
    memcpy(directory.path, p->path, sizeof directory.path);
    return temporary_path(&directory, name);
}

static void check_page(const place *p, const char *page, const char *const *arguments) {
    output o = program_run(p, &(request){.arguments = arguments});
    CHECKF(o.status == 0 && o.err[0] == '\0', "%d: %s", o.status, o.err);
    char *hash = strstr(o.out, "sha256      "), *end = hash == NULL ? NULL : strchr(hash, '\n');
    CHECK(end != NULL);
    memmove(hash + strlen("sha256"), end, strlen(end) + 1);
    CHECKF(strcmp(o.out, page) == 0, "%s", o.out);
    output_free(&o);
}

/* Column 1 is constant; row 2 has a NaN, rows 0 and 1 infinities. */
static const float odd[4][3] = {
    {1.5f, 7, INFINITY}, {-2, 7, -INFINITY}, {NAN, 7, 3}, {0.25f, 7, NAN}};

/* The same, rows running fastest. */
static void transpose(float out[12]) {
    for (size_t row = 0; row < 4; row++)
        for (size_t column = 0; column < 3; column++)
            out[column * 4 + row] = odd[row][column];
}

CASE(inspect_arrays, nan_and_infinities_have_their_places) {
    static const char page[] = "file        x.npy\n"
                               "format      NumPy array, float32%s\n"
                               "shape       (4, 3)\n"
                               "holds       -2 to 7\n"
                               "sha256\n"
                               "\n"
                               "worth a look\n"
                               "  x.npy: 2 values are NaN, first in row 2, column 0 (from 0)\n"
                               "  x.npy: 2 values are infinite, first in row 0, column 2 (from 0)\n"
                               "  x.npy: 1 of 3 columns are the same in all rows\n";
    const place p = place_open();
    char expected[1024];
    float other[12];
    npy_put(path_in(&p, "x.npy"), npy_make("<f4", "False", "(4, 3)", odd, sizeof odd));
    snprintf(expected, sizeof expected, page, "");
    check_page(&p, expected, ARGS("inspect", "x.npy"));
    transpose(other);
    npy_put(path_in(&p, "x.npy"), npy_make("<f4", "True", "(4, 3)", other, sizeof other));
    snprintf(expected, sizeof expected, page, ", Fortran's order");
    check_page(&p, expected, ARGS("inspect", "x.npy"));
    place_close(&p);
}

CASE(inspect_arrays, labels_are_counted) {
    static const int64_t labels[] = {2, 0, 2, 2, 1};
    static const int16_t others[] = {2, 0, -2, 2, 1};
    const place p = place_open();
    npy_put(path_in(&p, "y.npy"), npy_make("<i8", "False", "(5,)", labels, sizeof labels));
    check_page(&p,
               "file        y.npy\n"
               "format      NumPy array, int64\n"
               "shape       (5,)\n"
               "holds       0 to 2\n"
               "sha256\n"
               "\n"
               "as labels, 3 classes\n"
               "  0                                   1   20.0 %\n"
               "  1                                   1   20.0 %\n"
               "  2                                   3   60.0 %\n",
               ARGS("inspect", "y.npy"));
    npy_put(path_in(&p, "y.npy"), npy_make("<i2", "False", "(5,)", others, sizeof others));
    json_t *json = run_json(&p, ARGS("inspect", "y.npy", "--json"));
    const json_t *array = json_array_get(json_object_get(json, "arrays"), 0);
    CHECK(number(array, "min") == -2 && number(array, "max") == 2);
    CHECK(json_is_null(json_object_get(array, "classes")));
    CHECK(strcmp(string(array, "type"), "int16") == 0);
    json_decref(json);
    place_close(&p);
}

static void put_archive(const place *p, const char *name, const zip_member *members, size_t count) {
    npy_put(path_in(p, name), zip_make(members, count, false));
}

CASE(inspect_arrays, an_archive_of_any_arrays) {
    static const uint8_t images[] = {0, 9, 3, 255, 9, 3};
    static const int64_t labels[] = {1, 0};
    const npy_bytes a = npy_make("|u1", "False", "(2, 3)", images, sizeof images);
    const npy_bytes b = npy_make("<i8", "False", "(2,)", labels, sizeof labels);
    const npy_bytes c = npy_make("<f4", "False", "(4, 3)", odd, sizeof odd);
    const npy_bytes d = npy_make("|O", "False", "(2,)", labels, sizeof labels);
    const zip_member members[] = {zip_stored("images.npy", &a), zip_stored("y.npy", &b),
                                  zip_stored("odd.npy", &c), zip_stored("objects.npy", &d)};
    const place p = place_open();
    put_archive(&p, "a.npz", members, 4);
    output o = RUN(&p, "inspect", "a.npz");
    CHECKF(o.status == 0 && o.err[0] == '\0', "%s", o.err);
    CHECKF(strstr(o.out, "\narray                    type     shape                holds\n"
                         "images                   uint8    (2, 3)               0 to 255\n"
                         "y                        int64    (2,)                 0 to 1\n"
                         "odd                      float32  (4, 3)               -2 to 7\n"
                         "objects                  cannot be read\n"),
           "%s", o.out);
    CHECKF(strstr(o.out, "  images: 2 of 3 columns are the same in all rows\n"
                         "  odd: 2 values are NaN, first in row 2, column 0 (from 0)\n"),
           "%s", o.out);
    CHECKF(strstr(o.out, "  a.npz: objects: holds Python objects, which are pickled"), "%s", o.out);
    output_free(&o);
    place_close(&p);
}

CASE(inspect_arrays, a_data_set_is_shown_as_one) {
    static const uint8_t images[] = {0, 9, 3, 255, 9, 3};
    static const int64_t labels[] = {1, 0};
    const npy_bytes x = npy_make("|u1", "False", "(2, 3)", images, sizeof images);
    const npy_bytes y = npy_make("<i8", "False", "(2,)", labels, sizeof labels);
    const zip_member members[] = {zip_stored("x.npy", &x), zip_stored("y.npy", &y)};
    const place p = place_open();
    put_archive(&p, "a.npz", members, 2);
    npy_put(path_in(&p, "x.npy"), x);
    npy_put(path_in(&p, "y.npy"), y);
    place_write(&p, "e.yaml",
                "data: {source: {x: x.npy, y: y.npy}}\n"
                "model: [flatten, dense: {units: 2, activation: softmax}]\n"
                "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n");
    static const char *const sources[] = {"a.npz", "{x: x.npy, y: y.npy}", "e.yaml"};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        output o = RUN(&p, "inspect", sources[i]);
        CHECKF(o.status == 0, "%s", o.err);
        CHECKF(strstr(o.out, "constant    2 of 3 features are the same in all rows of train\n") &&
                   strstr(o.out, "train: 2 rows of 3 features, uint8, 0 to 255\n"),
               "%s", o.out);
        output_free(&o);
    }
    place_close(&p);
}

CASE(inspect_arrays, an_experiment_says_how_its_table_is_read) {
    const place p = place_open();
    place_write(&p, "t.txt", "1.5|?|b\n2|3|a\n7|?|b\n7|?|b\n");
    place_write(&p, "e.yaml",
                "data: {source: t.txt, label: column_3, missing: ['?'], missing_policy: mean}\n"
                "model: [dense: {units: 2, activation: softmax}]\n"
                "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n");
    output o = RUN(&p, "inspect", "e.yaml");
    CHECKF(o.status == 0, "%s", o.err);
    CHECKF(strstr(o.out, "column_1                 numbers            0  1.5 to 7\n"
                         "column_2                 numbers            3  3 to 3, whole\n"
                         "column_3                 texts              0  2 distinct: a, b\n"
                         "\n"
                         "label 'column_3', 2 classes\n"
                         "  a                                   1   25.0 %\n"
                         "  b                                   3   75.0 %\n"
                         "\n"
                         "worth a look\n"
                         "  1 row repeats an earlier one; parts that are split off share them\n"),
           "%s", o.out);
    output_free(&o);
    place_write(&p, "e.yaml",
                "data: {source: t.txt, label: column_9}\n"
                "model: [dense: {units: 2, activation: softmax}]\n"
                "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n");
    char expected[512];
    snprintf(expected, sizeof expected,
             "data.label: %s/t.txt has no column 'column_9'; did you mean 'column_1'?", p.path);
    check_fails(&p, 2, expected, ARGS("inspect", "e.yaml"));
    place_close(&p);
}
