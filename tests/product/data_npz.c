#include "npy_files.h"
#include <isobit/dataset.h>

#define MEND "download or copy the file again"
#define SAY "; say which are which, such as source: {file: FILE.npz, x: KEY, y: KEY}"

/* Three rows of 2 x 1 bytes, 0 to 5, and labels 0 to 2, as tests/product/data_dataset.c has them.
 */
static npy_bytes images(void) { return npy_make("|u1", "False", "(3, 2, 1)", "\0\1\2\3\4\5", 6); }

static npy_bytes labels(void) { return npy_make("<i8", "False", "(3,)", (int64_t[]){0, 1, 2}, 24); }

#define CONTENT "abd772faac6b84b64e502e5230330054cffbb281414757ca79666a6bc6a950dd"

static void put_archive(const zip_member *members, size_t count) {
    npy_put("f.npz", zip_make(members, count, false));
}

static isb_dataset open_good(const char *source) {
    isb_error error = ISB_ERROR_INIT;
    isb_dataset data;
    const isb_status status = isb_dataset_open(&data, source, &error);
    CHECKF(status == ISB_OK, "%s", isb_error_text(&error));
    return data;
}

static void refuse(const char *source, const char *message) {
    isb_error error = ISB_ERROR_INIT;
    isb_dataset data;
    const isb_status status = isb_dataset_open(&data, source, &error);
    CHECKF(strcmp(isb_error_text(&error), message) == 0, "got:  %s\nwant: %s",
           isb_error_text(&error), message);
    CHECK(status == ISB_DATA && data.source == NULL && data.train.features == NULL);
    isb_error_clear(&error);
}

static void check_content(const char *source) {
    isb_dataset data = open_good(source);
    CHECKF(strcmp(data.sha256, CONTENT) == 0, "%s: %s", source, data.sha256);
    CHECK(data.train.rows == 3 && data.test.rows == 0 && data.train.dtype == ISB_U8);
    CHECK(data.shape.rank == 2 && data.shape.sizes[0] == 2 && data.shape.sizes[1] == 1);
    isb_dataset_free(&data);
}

/* The same arrays have the same digest in every container. */
CASE(data_npz, reads_every_form_of_the_same_content) {
    enter_directory();
    npy_bytes x = images(), y = labels(), packed_x = {.length = 0}, packed_y = {.length = 0};
    const zip_member stored[] = {zip_stored("x_train.npy", &x), zip_stored("y_train.npy", &y)};
    const zip_member deflated[] = {zip_deflated("y.npy", &y, &packed_y),
                                   zip_deflated("x.npy", &x, &packed_x)};
    const zip_member named[] = {zip_stored("../../pictures.npy", &x), zip_stored("notes.txt", &y),
                                zip_stored("/etc/none, {of}: this.npy", &y)};
    put_archive(stored, 2);
    check_content("f.npz");
    check_content("{file: f.npz, x: x_train, y: y_train}");
    npy_put("f.npz", zip_make(stored, 2, true)); /* zip64 */
    check_content("f.npz");
    put_archive(deflated, 2);
    check_content("f.npz");
    put_archive(named, 3);
    check_content("{file: f.npz, x: ../../pictures, y: \"/etc/none, {of}: this\"}");
    CHECK(access("../../pictures.npy", F_OK) != 0);
    npy_put("x.npy", x);
    npy_put("y.npy", y);
    check_content("{x: x.npy, y: y.npy}");
    put_gzip("x.npy.gz", x.data, x.length);
    check_content("{x: x.npy.gz, y: y.npy}");
    uint8_t idx[64];
    put("x.idx", idx, make_idx(idx, SIZES(3, 2, 1)));
    put("y.idx", idx, make_idx(idx, SIZES(3)));
    check_content("{x: x.idx, y: y.npy}");
    check_content("{x: x.npy, y: y.idx}");
    npy_put("x.npy", npy_make("|u1", "True", "(3, 2, 1)", "\0\2\4\1\3\5", 6));
    npy_put("y.npy", npy_make(">f4", "False", "(3, 1)", "\0\0\0\0\x3f\x80\0\0\x40\0\0\0", 12));
    check_content("{x: x.npy, y: y.npy}");
    leave_directory();
}

/* The digests are those of Python's hashlib by the definition in digest.h. */
CASE(data_npz, reads_test_parts_and_floats) {
    enter_directory();
    npy_bytes x = npy_make("<f8", "False", "(2, 2)", (double[]){0.5, -1, 2, 0.1}, 32);
    npy_bytes y = npy_make("|u1", "False", "(2,)", "\1\0", 2);
    npy_bytes x_test = npy_make("<f4", "False", "(1, 2)", (float[]){3, 4}, 8);
    npy_bytes y_test = npy_make("<i4", "False", "(1, 1)", (int32_t[]){1}, 4);
    const zip_member members[] = {zip_stored("x_train.npy", &x), zip_stored("y_train.npy", &y),
                                  zip_stored("x_test.npy", &x_test),
                                  zip_stored("y_test.npy", &y_test)};
    put_archive(members, 4);
    isb_dataset data = open_good("f.npz");
    CHECK(data.train.rows == 2 && data.test.rows == 1);
    CHECK(data.train.dtype == ISB_F32 && data.test.dtype == ISB_F32);
    CHECK(memcmp(data.train.features, (float[]){0.5f, -1, 2, 0.1f}, 16) == 0);
    CHECK(memcmp(data.test.features, (float[]){3, 4}, 8) == 0);
    CHECK(data.train.labels[0] == 1 && data.test.labels[0] == 1);
    CHECK(strcmp(data.train.labels_from, "f.npz: y_train") == 0);
    CHECK(strcmp(data.test.labels_from, "f.npz: y_test") == 0);
    CHECKF(strcmp(data.sha256,
                  "56cc91820189bb654ba7941378bd4e87fb0e6c5b46fd1fb8121d48aea6e5728c") == 0,
           "%s", data.sha256);
    isb_dataset_free(&data);
    put_archive(members, 3);
    refuse("f.npz", "f.npz: has no y_test; it has x_train, y_train, x_test" SAY);
    refuse("{file: f.npz, x: x_train, y: y_train, x_test: x_train, y_test: y}",
           "f.npz: has no y; it has x_train, y_train, x_test" SAY);
    leave_directory();
}

CASE(data_npz, names_keys_that_are_missing) {
    enter_directory();
    npy_bytes x = images(), y = labels();
    const zip_member odd[] = {zip_stored("images.npy", &x), zip_stored("labels.npy", &y),
                              zip_stored("read.me", &y), zip_stored(".npy", &y)};
    put_archive(odd, 4);
    refuse("f.npz", "f.npz: has no x_train or x; it has images, labels" SAY);
    refuse("{file: f.npz, x: images, y: read.me}",
           "f.npz: has no read.me; it has images, labels" SAY);
    put_archive(odd + 2, 2);
    refuse("f.npz", "f.npz: has no x_train or x; it has no arrays" SAY);
    const zip_member half[] = {zip_stored("x.npy", &x)};
    put_archive(half, 1);
    refuse("f.npz", "f.npz: has no y; it has x" SAY);
    const zip_member twice[] = {zip_stored("x.npy", &x), zip_stored("y.npy", &y),
                                zip_stored("x.npy", &x)};
    put_archive(twice, 3);
    refuse("f.npz", "f.npz: has 2 arrays called x; save it again with one");
    leave_directory();
}

CASE(data_npz, names_arrays_that_do_not_fit) {
    enter_directory();
    npy_bytes x = images(), y = labels(), flat = npy_make("|u1", "False", "(3, 2)", "abcdef", 6);
    npy_bytes floats = npy_make("<f4", "False", "(1, 2, 1)", (float[]){1, 2}, 8);
    npy_bytes one = npy_make("|u1", "False", "(1,)", "\0", 1);
    npy_bytes bad = npy_make("<i2", "False", "(1,)", "\xff\xff", 2);
    npy_put("x", x);
    npy_put("y", y);
    npy_put("flat", flat);
    npy_put("floats", floats);
    npy_put("one", one);
    npy_put("bad", bad);
    refuse("{x: x, y: one}", "one: has 1 label, but x has 3 rows; use two that belong together");
    refuse("{x: floats, y: y}",
           "y: has 3 labels, but floats has 1 row; use two that belong together");
    refuse("{x: x, y: y, x_test: flat, y_test: y}",
           "flat: its rows are 2 (8-bit), those of x are 2 x 1 (8-bit); both parts need the same "
           "shape and type");
    refuse("{x: x, y: y, x_test: floats, y_test: one}",
           "floats: its rows are 2 x 1 (float32), those of x are 2 x 1 (8-bit); both parts need "
           "the same shape and type");
    put("text", "a,b\n", 4);
    refuse("{x: text, y: bad, x_test: nothing, y_test: x}",
           "text: is neither a NumPy array (.npy) nor an IDX file; save it with numpy.save\n"
           "bad: row 0 (counted from 0) has label -1; labels are whole numbers from 0 to "
           "4294967294\n"
           "nothing: cannot be opened: No such file or directory; make it a regular file that may "
           "be read\n"
           "x: has shape (3, 2, 1), where labels have (rows,) or (rows, 1)");
    const zip_member members[] = {zip_stored("x.npy", &x)};
    put_archive(members, 1);
    refuse("{x: f.npz, y: y}",
           "f.npz: is an archive; name its arrays, such as source: {file: FILE.npz, x: x_train, y: "
           "y_train}");
    refuse("{file: x, x: x, y: y}", "x: cannot be read as a zip archive: Not a zip archive; " MEND);
    leave_directory();
}

CASE(data_npz, refuses_sources_that_are_no_maps) {
    enter_directory();
    refuse("{x: a}", "data source: source needs 'y', such as y: y_train.npy");
    refuse("{x: a, y: b, x_test: c}",
           "data source: x_test stands without y_test; a test part has both");
    leave_directory();
}

CASE(data_npz, refuses_hostile_members) {
    enter_directory();
    npy_bytes x = images(), y = labels(), packed = {.length = 0};
    zip_member members[] = {zip_deflated("x.npy", &x, &packed), zip_stored("y.npy", &y)};
    members[0].method = 12;
    put_archive(members, 2);
    refuse("f.npz", "f.npz: x: is packed by method 12 of the zip format; stored and deflated "
                    "members are read: save it again with numpy.savez or numpy.savez_compressed");
    members[0].method = 8;
    members[0].flags = 1;
    put_archive(members, 2);
    refuse("f.npz", "f.npz: x: is encrypted; save it without a password, as numpy.savez does");
    members[0].flags = 0;
    members[0].crc ^= 1;
    put_archive(members, 2);
    refuse("f.npz", "f.npz: x: cannot be read as a zip archive: CRC error; " MEND);
    members[0].crc ^= 1;
    packed.data[0] |= 6;
    put_archive(members, 2);
    refuse("f.npz", "f.npz: x: cannot be read as a zip archive: Zlib error: data error; " MEND);
    npy_bytes objects = npy_make("|O", "False", "(3,)", "\x80\4.", 3);
    const zip_member pickled[] = {zip_stored("x.npy", &x), zip_stored("y.npy", &objects)};
    put_archive(pickled, 2);
    refuse("f.npz", "f.npz: y: holds Python objects, which are pickled, and unpickling may run any "
                    "code; save plain numbers, such as numpy.save(FILE, x.astype('float32'))");
    npy_bytes text = {.length = 0};
    npy_add(&text, "hello", 5);
    const zip_member none[] = {zip_stored("x.npy", &text), zip_stored("y.npy", &y)};
    put_archive(none, 2);
    refuse("f.npz", "f.npz: x: is not an array as NumPy saves it; save it with numpy.save or "
                    "numpy.savez");
    leave_directory();
}

/* A member may unpack to 1032 times its size: more than that is no data, and less costs no more
 * than its header says. */
CASE(data_npz, bounds_zip_bombs) {
    enter_directory();
    char wanted[300];
    npy_bytes y = labels(), packed = {.length = 0};
    npy_bytes bomb = npy_make("|u1", "False", "(1000000000000, 1)", "", 0);
    memset(bomb.data + bomb.length, 0, 60000);
    bomb.length += 60000;
    zip_member members[] = {zip_deflated("x.npy", &bomb, &packed), zip_stored("y.npy", &y)};
    members[0].size = 1000000000082;
    npy_put("f.npz", zip_make(members, 2, true));
    snprintf(wanted, sizeof wanted,
             "f.npz: x: is cut short: shape (1000000000000, 1) and the header make 1000000000082 "
             "bytes, and at most %zu are there; " MEND,
             packed.length * 1032);
    refuse("f.npz", wanted);
    npy_bytes small = npy_make("|u1", "False", "(3, 1)", "", 0);
    memset(small.data + small.length, 0, 60000);
    small.length += 60000;
    const zip_member longer[] = {zip_deflated("x.npy", &small, &packed), zip_stored("y.npy", &y)};
    put_archive(longer, 2);
    refuse("f.npz", "f.npz: x: goes on after its end: shape (3, 1) and the header make 73 bytes, "
                    "and more are there; " MEND);
    leave_directory();
}

CASE(data_npz, survives_every_cut_and_flip) {
    enter_directory();
    npy_bytes x = images(), y = labels(), packed = {.length = 0};
    const zip_member members[] = {zip_deflated("x.npy", &x, &packed), zip_stored("y.npy", &y)};
    const npy_bytes good = zip_make(members, 2, false);
    for (size_t i = 2; i < good.length; i++)
        for (int cut = 0; cut < 2; cut++) {
            npy_bytes file = good;
            if (cut)
                file.length = i;
            else
                file.data[i] ^= 0x15;
            isb_dataset data;
            npy_put("f.npz", file);
            const isb_status status = isb_dataset_open(&data, "f.npz", NULL);
            CHECKF(status == ISB_DATA || (status == ISB_OK && !cut && data.train.rows == 3),
                   "%s at %zu: %d", cut ? "cut" : "flipped", i, (int)status);
            isb_dataset_free(&data);
        }
    leave_directory();
}
