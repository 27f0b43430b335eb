#include "data/npy.h"
#include "npy_files.h"
#include "sanitized.h"
#include <math.h>

#define PLAIN(type, shape, ...) npy_make(type, "False", shape, __VA_ARGS__)
#define MEND "download or copy the file again"
#define AGAIN "save it again with numpy.save"

/* Reads `path` as features (`labels` NULL) or labels. */
static isb_status read_file(const char *path, isb_npy *array, isb_dtype *dtype, void **features,
                            uint32_t **labels, isb_error *error) {
    isb_input *input;
    isb_status status = isb_input_open(&input, path, error);
    if (status != ISB_OK)
        return status;
    const isb_feed feed = isb_feed_of_input(input, path);
    status = isb_npy_open(array, &feed, error);
    if (status == ISB_OK && labels != NULL)
        status = isb_npy_labels(array, &feed, labels, error);
    else if (status == ISB_OK)
        status = isb_npy_features(array, &feed, dtype, features, error);
    isb_input_close(input);
    return status;
}

static void accept(npy_bytes file, isb_dtype dtype, const void *expected, size_t bytes) {
    isb_error error = ISB_ERROR_INIT;
    isb_npy array;
    isb_dtype got = ISB_U8;
    void *features = NULL;
    npy_put("f", file);
    const isb_status status = read_file("f", &array, &got, &features, NULL, &error);
    CHECKF(status == ISB_OK, "%s", isb_error_text(&error));
    CHECK(got == dtype && array.count * (dtype == ISB_U8 ? 1 : 4) == bytes);
    CHECK(memcmp(features, expected, bytes) == 0);
    free(features);
}

static void accept_labels(npy_bytes file, const uint32_t *expected, size_t count) {
    isb_error error = ISB_ERROR_INIT;
    isb_npy array;
    uint32_t *labels = NULL;
    npy_put("f", file);
    const isb_status status = read_file("f", &array, NULL, NULL, &labels, &error);
    CHECKF(status == ISB_OK, "%s", isb_error_text(&error));
    CHECK(array.count == count && memcmp(labels, expected, count * sizeof *labels) == 0);
    free(labels);
}

static void refuse_as(npy_bytes file, bool labels, const char *message) {
    isb_error error = ISB_ERROR_INIT;
    isb_npy array;
    isb_dtype dtype;
    void *features = NULL;
    uint32_t *read_labels = NULL;
    npy_put("f", file);
    const isb_status status =
        read_file("f", &array, &dtype, &features, labels ? &read_labels : NULL, &error);
    CHECKF(strcmp(isb_error_text(&error), message) == 0, "got:  %s\nwant: %s",
           isb_error_text(&error), message);
    CHECK(status == ISB_DATA && error.status == ISB_DATA);
    CHECK(features == NULL && read_labels == NULL);
    isb_error_clear(&error);
}

static void refuse(npy_bytes file, const char *message) { refuse_as(file, false, message); }

CASE(data_npy, reads_bytes_and_truths_as_bytes) {
    enter_directory();
    accept(PLAIN("|u1", "(2, 3)", "\0\1\2\xfd\xfe\xff", 6), ISB_U8, "\0\1\2\xfd\xfe\xff", 6);
    accept(PLAIN("|b1", "(2, 3)", "\0\1\2\xfd\xfe\0", 6), ISB_U8, "\0\1\1\1\1\0", 6);
    accept(npy_make("|u1", "True", "(2, 3)", "\0\3\1\4\2\5", 6), ISB_U8, "\0\1\2\3\4\5", 6);
    leave_directory();
}

/* Every other type, in both orders of bytes. */
CASE(data_npy, rounds_other_numbers_to_float32) {
    enter_directory();
    accept(PLAIN("|i1", "(2, 1)", "\x80\x7f", 2), ISB_F32, (float[]){-128, 127}, 8);
    accept(PLAIN("<i2", "(2, 1)", "\0\x80\xff\x7f", 4), ISB_F32, (float[]){-32768, 32767}, 8);
    accept(PLAIN(">i2", "(2, 1)", "\x80\0\x7f\xff", 4), ISB_F32, (float[]){-32768, 32767}, 8);
    accept(PLAIN("<u2", "(2, 1)", "\0\x80\xff\xff", 4), ISB_F32, (float[]){32768, 65535}, 8);
    accept(PLAIN("<i4", "(2, 1)", "\1\0\0\1\xff\xff\xff\xff", 8), ISB_F32, (float[]){16777216, -1},
           8); /* 2^24 + 1, a tie: to even */
    accept(PLAIN(">u4", "(2, 1)", "\1\0\0\3\xff\xff\xff\xff", 8), ISB_F32,
           (float[]){16777220, 4294967296.0f}, 8);
    const int64_t wide[] = {INT64_MIN, (1ll << 53) + 1, INT64_MAX};
    accept(PLAIN("<i8", "(3, 1)", wide, 24), ISB_F32, (float[]){-0x1p63f, 0x1p53f, 0x1p63f}, 12);
    accept(PLAIN("<u8", "(3, 1)", (uint64_t[]){UINT64_MAX, 0, 1}, 24), ISB_F32,
           (float[]){0x1p64f, 0, 1}, 12);
    /* Rounded once: through double the first would end at 2^40 + 2^17 * 2. */
    accept(PLAIN("<i8", "(1, 1)", (int64_t[]){(1ll << 60) + (1ll << 36) + 1}, 8), ISB_F32,
           (float[]){0x1.000002p60f}, 4);
    accept(PLAIN("<f4", "(2, 1)", (float[]){-0.0f, 0x1p-149f}, 8), ISB_F32,
           (float[]){-0.0f, 0x1p-149f}, 8);
    accept(PLAIN(">f4", "(1, 1)", "\xc0\x49\x0f\xdb", 4), ISB_F32, (float[]){-0x1.921fb6p1f}, 4);
    accept(PLAIN("<f8", "(3, 1)", (double[]){0.1, 0x1p-149, 0x1.fffffep127}, 24), ISB_F32,
           (float[]){0.1f, 0x1p-149f, 0x1.fffffep127f}, 12);
    accept(PLAIN(">f8", "(1, 1)", "\x40\x09\x21\xfb\x54\x44\x2d\x18", 8), ISB_F32,
           (float[]){0x1.921fb6p1f}, 4);
    leave_directory();
}

/* All finite halves against their value by definition. */
CASE(data_npy, reads_every_half) {
    enter_directory();
    static uint16_t halves[4096];
    static float expected[4096];
    for (unsigned start = 0; start < 1u << 16; start += 4096) {
        for (unsigned i = 0; i < 4096; i++) {
            const unsigned half = start + i, exponent = half >> 10 & 31, fraction = half & 1023;
            const double sign = half >> 15 != 0 ? -1.0 : 1.0;
            halves[i] = (uint16_t)(exponent == 31 ? 0 : half);
            expected[i] = exponent == 31 ? 0
                          : exponent == 0
                              ? (float)(sign * ldexp(fraction, -24))
                              : (float)(sign * ldexp(1024 + fraction, (int)exponent - 25));
        }
        accept(PLAIN("<f2", "(64, 64)", halves, sizeof halves), ISB_F32, expected, sizeof expected);
    }
    leave_directory();
}

CASE(data_npy, reads_fortran_order) {
    enter_directory();
    /* element (i, j, k) of shape (2, 3, 4) is 100 i + 10 j + k */
    float rows_first[24], columns_first[24];
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 3; j++)
            for (size_t k = 0; k < 4; k++) {
                const float value = (float)(100 * i + 10 * j + k);
                rows_first[(i * 3 + j) * 4 + k] = value;
                columns_first[i + 2 * (j + 3 * k)] = value;
            }
    accept(npy_make("<f4", "True", "(2, 3, 4)", columns_first, 96), ISB_F32, rows_first, 96);
    accept(npy_make("<f4", "False", "(2, 3, 4)", rows_first, 96), ISB_F32, rows_first, 96);
    leave_directory();
}

/* Blocks end within columns. */
CASE(data_npy, reads_fortran_order_of_more_than_a_block) {
    enter_directory();
    enum { ROWS = 20001, COLUMNS = 3 };
    static uint8_t file[128 + ROWS * COLUMNS];
    const npy_bytes head = npy_make("|u1", "True", "(20001, 3)", "", 0);
    memcpy(file, head.data, head.length);
    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        file[head.length + i] = (uint8_t)(i * 7 / 5);
    put("f", file, head.length + ROWS * COLUMNS);
    isb_npy array;
    isb_dtype dtype;
    void *features;
    CHECK(read_file("f", &array, &dtype, &features, NULL, NULL) == ISB_OK && dtype == ISB_U8);
    const uint8_t *got = features;
    for (size_t row = 0; row < ROWS; row++)
        for (size_t column = 0; column < COLUMNS; column++)
            CHECK(got[row * COLUMNS + column] == (uint8_t)((column * ROWS + row) * 7 / 5));
    free(features);
    leave_directory();
}

CASE(data_npy, reads_versions_and_spellings) {
    enter_directory();
    const char *const headers[] = {
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1), }          \n",
        "{\"shape\":(2L,1L),\"descr\":\"u1\",\"fortran_order\":False}",
        " { 'fortran_order' : False , 'descr' : '=u1' , 'shape' : ( 2 , 1 , ) , } ",
    };
    for (int version = 1; version <= 3; version++)
        for (size_t i = 0; i < 3; i++)
            accept(npy_raw(version, headers[i], "\5\6", 2), ISB_U8, "\5\6", 2);
    leave_directory();
}

CASE(data_npy, reads_gzip) {
    enter_directory();
    const npy_bytes file = PLAIN("|u1", "(2, 2)", "\1\2\3\4", 4);
    npy_bytes packed = {.length = 0};
    put_gzip("f.gz", file.data, file.length);
    packed.length = get("f.gz", packed.data, sizeof packed.data);
    accept(packed, ISB_U8, "\1\2\3\4", 4);
    leave_directory();
}

CASE(data_npy, reads_labels) {
    enter_directory();
    accept_labels(PLAIN("<i8", "(3,)", (int64_t[]){0, 7, 4294967294}, 24),
                  (uint32_t[]){0, 7, 4294967294u}, 3);
    accept_labels(PLAIN("<i4", "(3, 1)", (int32_t[]){2, 1, 0}, 12), (uint32_t[]){2, 1, 0}, 3);
    accept_labels(PLAIN("|u1", "(2,)", "\xff\0", 2), (uint32_t[]){255, 0}, 2);
    accept_labels(PLAIN("|b1", "(2,)", "\1\0", 2), (uint32_t[]){1, 0}, 2);
    accept_labels(PLAIN("<f4", "(3,)", (float[]){-0.0f, 1, 3}, 12), (uint32_t[]){0, 1, 3}, 3);
    accept_labels(PLAIN("<f8", "(1,)", (double[]){4294967294.0}, 8), (uint32_t[]){4294967294u}, 1);
    leave_directory();
}

#define NO_LABEL "; labels are whole numbers from 0 to 4294967294"

CASE(data_npy, names_wrong_labels) {
    enter_directory();
    refuse_as(PLAIN("<i8", "(4,)", (int64_t[]){-1, 2, -1, 4294967295}, 32), true,
              "f: row 0 (counted from 0) has label -1, as in 1 more row" NO_LABEL "\n"
              "f: row 3 (counted from 0) has label 4294967295" NO_LABEL);
    refuse_as(PLAIN("<f8", "(5,)", (double[]){1.5, 1, NAN, -INFINITY, 1e300}, 40), true,
              "f: row 0 (counted from 0) has label 1.5" NO_LABEL "\n"
              "f: row 2 (counted from 0) has label nan" NO_LABEL "\n"
              "f: row 3 (counted from 0) has label -inf" NO_LABEL "\n"
              "f: row 4 (counted from 0) has label 1e+300" NO_LABEL);
    refuse_as(PLAIN("|i1", "(1,)", "\x80", 1), true,
              "f: row 0 (counted from 0) has label -128" NO_LABEL);
    refuse_as(PLAIN("<u8", "(1,)", (uint64_t[]){UINT64_MAX}, 8), true,
              "f: row 0 (counted from 0) has label 18446744073709551615" NO_LABEL);
    refuse_as(
        PLAIN("|u1", "(2, 2)", "\0\1\1\0", 4), true,
        "f: has shape (2, 2), where labels have (rows,) or (rows, 1); for one-hot labels save "
        "y.argmax(1)");
    refuse_as(PLAIN("|u1", "()", "\0", 1), true,
              "f: has shape (), where labels have (rows,) or (rows, 1)");
    leave_directory();
}

#define NO_FEATURE "; features are finite numbers of single precision (up to 3.4e38)"

CASE(data_npy, names_wrong_features_by_column) {
    enter_directory();
    const float values[] = {1, NAN, 2, NAN, INFINITY, NAN};
    refuse(PLAIN("<f4", "(3, 2)", values, 24),
           "f: row 0, column 1 (counted from 0) is nan, as in 2 more rows" NO_FEATURE "\n"
           "f: row 2, column 0 (counted from 0) is inf" NO_FEATURE);
    refuse(PLAIN("<f8", "(1, 2)", (double[]){0x1.ffffffp127, -1e39}, 16),
           "f: row 0, column 0 (counted from 0) is 3.4028235677973366e+38" NO_FEATURE "\n"
           "f: row 0, column 1 (counted from 0) is -1e+39" NO_FEATURE);
    refuse(PLAIN("<f2", "(1, 2, 2)", "\0\0\0\0\0\0\0\x7c", 8),
           "f: row 0, column [1, 1] (counted from 0) is inf" NO_FEATURE);
    refuse(npy_make("<f4", "True", "(3, 2)", values, 24),
           "f: row 1, column 0 (counted from 0) is nan" NO_FEATURE "\n"
           "f: row 0, column 1 (counted from 0) is nan, as in 1 more row" NO_FEATURE "\n"
           "f: row 1, column 1 (counted from 0) is inf" NO_FEATURE);
    leave_directory();
}

CASE(data_npy, names_ten_problems_and_counts_the_others) {
    enter_directory();
    float values[13];
    char wanted[2048] = "";
    for (size_t i = 0; i < 13; i++)
        values[i] = NAN;
    for (int i = 0; i < 10; i++)
        sprintf(wanted + strlen(wanted), "f: row 0, column %d (counted from 0) is nan%s\n", i,
                NO_FEATURE);
    strcat(wanted, "f: 3 more values are no finite numbers either");
    refuse(PLAIN("<f4", "(1, 13)", values, sizeof values), wanted);
    leave_directory();
}

CASE(data_npy, refuses_what_is_no_number) {
    enter_directory();
    refuse(
        PLAIN("|O", "(2,)", "\x80\4.", 3),
        "f: holds Python objects, which are pickled, and unpickling may run any code; save plain "
        "numbers, such as numpy.save(FILE, x.astype('float32'))");
    refuse(npy_raw(1, "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (2,), }", "", 0),
           "f: is a structured array, a table with named fields; save its numbers as a plain one, "
           "such as numpy.lib.recfunctions.structured_to_unstructured(x)");
    static const struct {
        const char *type, *what;
    } others[] = {{"<c8", "complex numbers"},
                  {"<U5", "text"},
                  {"|S3", "text"},
                  {"<M8[ns]", "dates or times"},
                  {"|V8", "raw bytes"},
                  {"<f16", "something else than numbers"},
                  {"", "something else than numbers"}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char wanted[300];
        snprintf(wanted, sizeof wanted,
                 "f: holds elements of type '%s' (%s); integers of 1 to 8 bytes, floats of 2, 4 or "
                 "8 bytes and bool are read: save it again, such as x.astype('float32')",
                 others[i].type, others[i].what);
        refuse(PLAIN(others[i].type, "(2, 2)", "", 0), wanted);
    }
    leave_directory();
}

CASE(data_npy, refuses_shapes) {
    enter_directory();
    refuse(PLAIN("|u1", "(3,)", "abc", 3),
           "f: has shape (3,), where features have 2 to 5 axes, the first of them rows; for one "
           "feature a row save x.reshape(-1, 1)");
    refuse(PLAIN("|u1", "(1, 1, 1, 1, 1, 1)", "a", 1),
           "f: has 6 axes; at most 5 are read, the first of them rows");
    refuse(PLAIN("|u1", "(0, 3)", "", 0),
           "f: has shape (0, 3); a data set needs at least one row, of at least one value");
    refuse(PLAIN("|u1", "(3, 0)", "", 0),
           "f: has shape (3, 0); a data set needs at least one row, of at least one value");
    refuse(PLAIN("|u1", "(4294967296, 4294967296)", "", 0),
           "f: its header announces the shape (4294967296, 4294967296), more than any memory "
           "holds; " MEND);
    refuse(PLAIN("<f8", "(2305843009213693952, 1)", "", 0),
           "f: its header announces the shape (2305843009213693952, 1), more than any memory "
           "holds; " MEND);
    leave_directory();
}

#define SYNTAX "f: its header is not what NumPy writes, at '"

CASE(data_npy, refuses_headers) {
    enter_directory();
    static const struct {
        const char *header, *at;
    } cases[] = {
        {"", ""},
        {"{", ""},
        {"{}", ""},
        {"[1]", "[1]"},
        {"{'descr': '|u1', 'fortran_order': 0, 'shape': (2, 1)}", "0, 'shape': (2, 1)}"},
        {"{'descr': '|u1', 'fortran_order': False}", ""},
        {"{'descr': '|u1', 'descr': '|u1'}", "'descr': '|u1'}"},
        {"{'descr': '|u1' 'shape': (2, 1)}", "'shape': (2, 1)}"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (2 1)}", "1)}"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (-2,)}", "-2,)}"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': 2}", "2}"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}", "9,)}"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1)} x", "x"},
        {"{'desc\\x72': '|u1'}", ": '|u1'}"},
        {"{'extra': 1}", "'extra': 1}"},
        {"{'descr", "'descr"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char wanted[256];
        snprintf(wanted, sizeof wanted, SYNTAX "%s'; save the array again with numpy.save",
                 cases[i].at);
        refuse(npy_raw(1, cases[i].header, "ab", 2), wanted);
    }
    leave_directory();
}

CASE(data_npy, refuses_damaged_files) {
    enter_directory();
    npy_bytes good = PLAIN("|u1", "(2, 2)", "abcd", 4), file = good;
    const char *no_array = "f: is not an array as NumPy saves it; save it with numpy.save or "
                           "numpy.savez";
    file.length = 0;
    refuse(file, no_array);
    file.length = 5;
    refuse(file, no_array);
    for (file.length = 6; file.length < good.length - 4; file.length++)
        refuse(file, "f: ends within its header; " MEND);
    file.length = good.length - 1;
    refuse(file,
           "f: is cut short: shape (2, 2) and the header make 74 bytes, and 73 are there; " MEND);
    file = good;
    npy_add(&file, "e", 1);
    refuse(file, "f: goes on after its end: shape (2, 2) and the header make 74 bytes, and 75 are "
                 "there; " MEND);
    file = good;
    file.data[6] = 4;
    refuse(file, "f: has version 4 of the npy format; 1, 2 and 3 are read: " AGAIN);
    file.data[6] = 2;
    memcpy(file.data + 8, "\xff\xff\xff\xff", 4);
    refuse(file, "f: its header has 4294967295 bytes, where that of an array of numbers has about "
                 "100 (at most 65536 are read); " AGAIN);
    refuse(npy_raw(1, "{'descr': '|u1', \1\xff}", "", 0),
           SYNTAX " \xff}'; save the array again with numpy.save");
    file = good;
    file.data[20] = 0;
    refuse(file, "f: its header has a zero byte; " MEND);
    leave_directory();
}

static npy_bytes gzip_of(npy_bytes file) {
    put_gzip("f.gz", file.data, file.length);
    file.length = get("f.gz", file.data, sizeof file.data);
    return file;
}

CASE(data_npy, refuses_damaged_gzip) {
    enter_directory();
    refuse(gzip_of(PLAIN("|u1", "(2, 2)", "abc", 3)),
           "f: is cut short: shape (2, 2) and the header make 74 bytes, and 73 are there; " MEND);
    refuse(gzip_of(PLAIN("|u1", "(2, 2)", "abcde", 5)),
           "f: goes on after its end: shape (2, 2) and the header make 74 bytes, and more are "
           "there; " MEND);
    npy_bytes file = gzip_of(PLAIN("|u1", "(2, 2)", "abcd", 4));
    file.data[file.length - 8] ^= 1;
    refuse(file, "f: the gzip data are damaged (incorrect data check); " MEND);
    leave_directory();
}

/* What a header claims and cannot be there allocates nothing: 1 GiB of address space does. */
CASE(data_npy, allocates_no_mere_claim) {
    enter_directory();
    const struct rlimit old = limit_memory((size_t)1 << 30);
    refuse(PLAIN("<f4", "(1000000000, 4)", "abcd", 4),
           "f: is cut short: shape (1000000000, 4) and the header make 16000000079 bytes, and 83 "
           "are there; " MEND);
    char wanted[300];
    const npy_bytes packed = gzip_of(PLAIN("<f4", "(1000000000, 4)", "abcd", 4));
    snprintf(wanted, sizeof wanted,
             "f: is cut short: shape (1000000000, 4) and the header make 16000000079 bytes, and at "
             "most %zu are there; " MEND,
             packed.length * 1032);
    refuse(packed, wanted);
    CHECK(setrlimit(RLIMIT_AS, &old) == 0);
    leave_directory();
}

CASE(data_npy, survives_every_cut_and_flip) {
    enter_directory();
    npy_bytes good = PLAIN("<f4", "(2, 2)", "abcdefghijklmnop", 16);
    for (size_t i = 0; i < good.length; i++)
        for (int cut = 0; cut < 2; cut++) {
            npy_bytes file = good;
            if (cut)
                file.length = i;
            else
                file.data[i] ^= 0x15;
            isb_npy array;
            isb_dtype dtype;
            void *features = NULL;
            npy_put("f", file);
            const isb_status status = read_file("f", &array, &dtype, &features, NULL, NULL);
            CHECK(status == ISB_DATA || (status == ISB_OK && !cut && array.count > 0));
            free(features);
        }
    leave_directory();
}
