/* Bombs, and archives that lie: what gzip and zip files are made of to hurt. */
#include "data/csv.h"
#include "export/archive.h"
#include "export/hdf5_write.h"
#include "export/keras_import.h"
#include "npy_files.h"
#include <isobit/dataset.h>
#include <sys/resource.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#define BOMB                                                                                       \
    "unpacks to more than 1 GiB and more than 100 times its size, as files do that are made to "   \
    "fill memory; if it is meant so, "
#define GZIP_BOMB BOMB "unpack it (gunzip -k), and name the file that it makes"

/* Whatever is done needs less address space than this. */
static struct rlimit limit_memory(size_t bytes) {
    struct rlimit old, low;
    CHECK(getrlimit(RLIMIT_AS, &old) == 0);
    low = old;
    low.rlim_cur = SANITIZED ? old.rlim_cur : bytes;
    CHECK(setrlimit(RLIMIT_AS, &low) == 0);
    return old;
}

/* --- gzip --- */

/* `first` once, then 16 MiB of `rest` again and again, `members` gzip members in all. */
static void put_members(const char *name, const void *first, size_t length, const char *rest,
                        size_t members) {
    enum { MEMBER = 16 << 20 };
    char *text = malloc(MEMBER);
    CHECK(text != NULL);
    const size_t period = strlen(rest) + (rest[0] == '\0');
    for (size_t i = 0; i < MEMBER; i++)
        text[i] = rest[i % period];
    put_gzip("member", text, MEMBER);
    free(text);
    static uint8_t packed[1 << 20];
    const size_t size = get("member", packed, sizeof packed);
    CHECK(size < sizeof packed);
    put_gzip(name, first, length);
    FILE *file = fopen(name, "ab");
    CHECK(file != NULL);
    for (size_t i = 0; i < members; i++)
        CHECK(fwrite(packed, 1, size, file) == size);
    CHECK(fclose(file) == 0 && remove("member") == 0);
}

enum { TEN_GIGABYTES = 640 }; /* members */

static void refuse_table(const char *name, const char *message) {
    const isb_frame_options options = {.header = -1, .threads = 2};
    isb_frame frame;
    isb_error error = ISB_ERROR_INIT;
    const isb_status status = isb_csv_read(&frame, name, &options, &error);
    CHECKF(status == ISB_DATA && strcmp(isb_error_text(&error), message) == 0, "status %d: %s",
           (int)status, isb_error_text(&error));
    isb_error_clear(&error);
}

CASE(hostile_packed, ten_gigabytes_of_zeros_in_ten_megabytes) {
    enter_directory();
    put_members("t.csv.gz", "a,b\n", 4, "", TEN_GIGABYTES);
    const struct rlimit old = limit_memory((size_t)1 << 30);
    refuse_table(
        "t.csv.gz",
        "t.csv.gz:2:1: a byte 0 stands here; this is no file of text, or UTF-16: save it as UTF-8");
    CHECK(setrlimit(RLIMIT_AS, &old) == 0);
    leave_directory();
}

/* A line has 64 KiB, so that it is the unpacking that ends it, and not the memory of the cells. */
CASE(hostile_packed, ten_gigabytes_of_numbers_in_ten_megabytes) {
    if (SANITIZED)
        SKIP("unpacking 1 GiB takes too long under a sanitizer");
    enum { LINE = 1 << 16 };
    enter_directory();
    static char line[LINE + 1];
    memset(line, '0', LINE - 1);
    line[LINE - 1] = '\n';
    put_members("t.csv.gz", "1\n", 2, line, TEN_GIGABYTES);
    const struct rlimit old = limit_memory((size_t)1 << 30);
    refuse_table("t.csv.gz", "t.csv.gz: " GZIP_BOMB);
    CHECK(setrlimit(RLIMIT_AS, &old) == 0);
    leave_directory();
}

static void refuse(const char *source, const char *message) {
    isb_error error = ISB_ERROR_INIT;
    isb_dataset data;
    const isb_status status = isb_dataset_open(&data, source, &error);
    CHECKF(status == ISB_DATA && strncmp(isb_error_text(&error), message, strlen(message)) == 0,
           "status %d\ngot:  %s\nwant: %s", (int)status, isb_error_text(&error), message);
    isb_error_clear(&error);
}

CASE(hostile_packed, arrays_of_ten_gigabytes_in_ten_megabytes) {
    enter_directory();
    const npy_bytes x = npy_make("|u1", "False", "(10737418240, 1)", "", 0);
    const uint8_t idx[] = {0, 0, 8, 3, 0xa0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2};
    const npy_bytes y = npy_make("|u1", "False", "(1,)", "\0", 1);
    npy_put("y.npy", y);
    put_members("x.npy.gz", x.data, x.length, "", TEN_GIGABYTES);
    put_members("x.idx.gz", idx, sizeof idx, "", TEN_GIGABYTES);
    const struct rlimit old = limit_memory((size_t)1 << 30);
    refuse("{x: x.npy.gz, y: y.npy}", "x.npy.gz: " GZIP_BOMB);
    refuse("{x: x.idx.gz, y: y.npy}", "x.idx.gz: " GZIP_BOMB);
    CHECK(setrlimit(RLIMIT_AS, &old) == 0);
    leave_directory();
}

/* --- zip --- */

/* An archive with one member of ten gigabytes in eleven megabytes, as its directory has it; the
 * file is that long, too. */
static void put_zip_bomb(const char *path, const char *name, const npy_bytes *start,
                         uint64_t size) {
    enum { PACKED = 11 << 20 };
    npy_bytes packed = {.length = 0}, file = {.length = 0};
    zip_member m = zip_deflated(name, start, &packed);
    m.size = size;
    m.length = PACKED;
    npy_add(&file, "PK\3\4", 4);
    zip_add_about(&file, &m, true);
    npy_add(&file, name, strlen(name));
    zip_add_zip64(&file, &m);
    npy_add(&file, packed.data, packed.length);
    const size_t begin = file.length - packed.length, at = begin + PACKED;
    npy_put(path, file);
    CHECK(truncate(path, (off_t)at) == 0);
    file.length = 0;
    npy_add(&file, "PK\1\2", 4);
    npy_add_integer(&file, 45, 2);
    zip_add_about(&file, &m, true);
    npy_add_integer(&file, 0, 14);
    npy_add(&file, name, strlen(name));
    zip_add_zip64(&file, &m);
    const size_t directory = file.length;
    npy_add(&file, "PK\5\6", 4);
    npy_add_integer(&file, 0, 4);
    npy_add_integer(&file, 1, 2);
    npy_add_integer(&file, 1, 2);
    npy_add_integer(&file, directory, 4);
    npy_add_integer(&file, at, 4);
    npy_add_integer(&file, 0, 2);
    FILE *out = fopen(path, "ab");
    CHECK(out != NULL && fwrite(file.data, 1, file.length, out) == file.length);
    CHECK(fclose(out) == 0);
}

CASE(hostile_packed, a_zip_member_of_ten_gigabytes_in_ten_megabytes) {
    enter_directory();
    npy_bytes x = npy_make("|u1", "False", "(10737418240, 1)", "", 0);
    const size_t header = x.length;
    npy_add_integer(&x, 0, 4096);
    put_zip_bomb("d.npz", "x.npy", &x, header + ((uint64_t)10 << 30));
    const struct rlimit old = limit_memory((size_t)1 << 30);
    refuse("d.npz", "d.npz: x: " BOMB
                    "unpack the archive (unzip), and name its arrays as {x: x.npy, y: y.npy}");
    CHECK(setrlimit(RLIMIT_AS, &old) == 0);
    leave_directory();
}

/* Both members of the directory lie in the same place. */
static npy_bytes overlap(npy_bytes file) {
    static const uint8_t entry[] = {'P', 'K', 1, 2};
    for (size_t i = 0; i + 46 < file.length; i++)
        if (memcmp(file.data + i, entry, sizeof entry) == 0)
            memset(file.data + i + 42, 0, 4);
    return file;
}

CASE(hostile_packed, archives_whose_members_overlap) {
    enter_directory();
    const npy_bytes x = npy_make("|u1", "False", "(2, 1)", "\1\0", 2);
    const zip_member members[] = {zip_stored("x.npy", &x), zip_stored("y.npy", &x)};
    npy_put("d.npz", overlap(zip_make(members, 2, false)));
    isb_dataset data;
    isb_error error = ISB_ERROR_INIT;
    const isb_status status = isb_dataset_open(&data, "d.npz", &error);
    CHECKF(status == ISB_DATA ? strstr(isb_error_text(&error), "d.npz") != NULL
                              : status == ISB_OK && data.train.rows == 2,
           "status %d: %s", (int)status, isb_error_text(&error));
    isb_dataset_free(&data);
    isb_error_clear(&error);
    leave_directory();
}

/* Sizes, places and counts of zip64 that lead beyond the file, or around. */
CASE(hostile_packed, archives_whose_zip64_lies) {
    enter_directory();
    static const uint64_t lies[] = {0,         1,          UINT32_MAX,       (uint64_t)1 << 32,
                                    INT64_MAX, UINT64_MAX, UINT64_MAX - 100, (uint64_t)1 << 40};
    const npy_bytes x = npy_make("|u1", "False", "(2, 1)", "\1\0", 2);
    const zip_member good[] = {zip_stored("x.npy", &x), zip_stored("y.npy", &x)};
    const struct rlimit old = limit_memory((size_t)1 << 30);
    for (size_t i = 0; i < 2 * sizeof lies / sizeof *lies; i++) {
        zip_member members[] = {good[0], good[1]};
        isb_dataset data;
        isb_error error = ISB_ERROR_INIT;
        if (i % 2 == 0)
            members[0].size = lies[i / 2];
        npy_bytes file = zip_make(members, 2, true);
        if (i % 2 == 1) { /* the end record says: zip64 has it; its locator leads astray */
            const size_t end = file.length - 22;
            npy_bytes tail = {.length = 0};
            npy_add(&tail, "PK\6\7\0\0\0\0", 8);
            npy_add_integer(&tail, lies[i / 2], 8);
            npy_add_integer(&tail, 1, 4);
            npy_add(&tail, "PK\5\6\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0",
                    22);
            file.length = end;
            npy_add(&file, tail.data, tail.length);
        }
        npy_put("d.npz", file);
        const isb_status status = isb_dataset_open(&data, "d.npz", &error);
        CHECKF(status == ISB_DATA ? strstr(isb_error_text(&error), "d.npz") != NULL
                                  : status == ISB_OK && i % 2 == 0 && data.train.rows == 2,
               "lie %zu: status %d: %s", i, (int)status, isb_error_text(&error));
        isb_dataset_free(&data);
        isb_error_clear(&error);
    }
    CHECK(setrlimit(RLIMIT_AS, &old) == 0);
    leave_directory();
}

/* --- .keras --- */

static const char CONFIG[] =
    "{\"class_name\":\"Sequential\",\"config\":{\"layers\":["
    "{\"class_name\":\"InputLayer\",\"config\":{\"name\":\"i\",\"batch_shape\":[null,32]}},"
    "{\"class_name\":\"Dense\",\"config\":{\"name\":\"d\",\"units\":32,\"use_bias\":false}},"
    "{\"class_name\":\"Dense\",\"config\":{\"name\":\"e\",\"units\":32,\"use_bias\":false}}]}}";

static uint64_t group_of(isb_hdf5 *h, const char *name, uint64_t address) {
    isb_hdf5_link link = {.address = address};
    strcpy(link.name, name);
    return isb_hdf5_group(h, &link, 1);
}

/* One kernel of 32 x 32, to which both layers lead; or one for each. */
static npy_bytes make_weights(bool shared) {
    static const float kernel[32 * 32];
    const isb_shape shape = {.rank = 2, .sizes = {32, 32}};
    isb_hdf5 h;
    isb_hdf5_open(&h);
    const uint64_t first = isb_hdf5_dataset(&h, ISB_HDF5_FLOAT32, shape, kernel);
    const uint64_t second = shared ? first : isb_hdf5_dataset(&h, ISB_HDF5_FLOAT32, shape, kernel);
    const isb_hdf5_link dense[] = {{"dense", group_of(&h, "vars", group_of(&h, "0", first))},
                                   {"dense_1", group_of(&h, "vars", group_of(&h, "0", second))}};
    isb_hdf5_close(&h, group_of(&h, "layers", isb_hdf5_group(&h, dense, 2)));
    npy_bytes file = {.length = 0};
    npy_add(&file, h.file.data, h.file.length);
    free(h.file.data);
    return file;
}

static void import_good(const char *path) {
    isb_imported imported;
    isb_error error = ISB_ERROR_INIT;
    CHECKF(isb_keras_import(&imported, path, &error) == ISB_OK, "%s", isb_error_text(&error));
    CHECK(imported.layer_count == 2 && imported.weights.count == 2);
    isb_imported_free(&imported);
}

static void import_refused(const char *path, const char *message) {
    isb_imported imported;
    isb_error error = ISB_ERROR_INIT;
    CHECK(isb_keras_import(&imported, path, &error) == ISB_CORRUPT);
    CHECKF(strstr(isb_error_text(&error), message) != NULL, "got:  %s\nwant: %s",
           isb_error_text(&error), message);
    isb_error_clear(&error);
}

/* A small file whose layers all lead to the same bytes must not become as large as memory. */
CASE(hostile_packed, layers_that_share_their_weights) {
    enter_directory();
    npy_bytes config = {.length = 0}, shared = make_weights(true), own = make_weights(false);
    npy_add(&config, CONFIG, sizeof CONFIG - 1);
    zip_member members[] = {zip_stored("config.json", &config),
                            zip_stored("model.weights.h5", &own)};
    npy_put("m.keras", zip_make(members, 2, false));
    import_good("m.keras");
    members[1] = zip_stored("model.weights.h5", &shared);
    npy_put("m.keras", zip_make(members, 2, false));
    import_refused("m.keras", "m.keras: model.weights.h5: layers/dense_1/vars/0 is damaged");
    leave_directory();
}

CASE(hostile_packed, keras_archives_that_lie) {
    enter_directory();
    npy_bytes config = {.length = 0}, weights = make_weights(false), packed = {.length = 0};
    npy_add(&config, CONFIG, sizeof CONFIG - 1);
    const zip_member good[] = {zip_stored("config.json", &config),
                               zip_stored("../../model.weights.h5", &weights),
                               zip_deflated("model.weights.h5", &weights, &packed)};
    zip_member bad[3] = {good[0], good[1], good[2]};
    npy_put("m.keras", zip_make(good, 3, false)); /* a name that leads out is only a name */
    import_good("m.keras");
    npy_put("m.keras", zip_make(good, 3, true));
    import_good("m.keras");
    npy_put("m.keras", zip_make(good, 2, false));
    import_refused("m.keras", "m.keras: there is no 'model.weights.h5' in it");
    bad[1].name = "model.weights.h5";
    npy_put("m.keras", zip_make(bad, 3, false));
    import_refused("m.keras", "m.keras: cannot be read as a zip archive: ");
    bad[1] = good[1];
    bad[2].crc ^= 1;
    npy_put("m.keras", zip_make(bad, 3, false));
    import_refused("m.keras", "m.keras: cannot be read as a zip archive: CRC error");
    bad[2].crc ^= 1;
    bad[2].size++;
    npy_put("m.keras", zip_make(bad, 3, false));
    import_refused("m.keras", "m.keras: ");
    bad[2].size--;
    bad[2].flags = 1;
    npy_put("m.keras", zip_make(bad, 3, false));
    import_refused("m.keras", "m.keras: model.weights.h5: is encrypted");
    bad[2].flags = 0;
    bad[2].method = 12;
    npy_put("m.keras", zip_make(bad, 3, false));
    import_refused("m.keras", "m.keras: model.weights.h5: is packed by another method");
    npy_put("m.keras", overlap(zip_make(good, 3, false)));
    import_refused("m.keras", "m.keras: cannot be read as a zip archive: ");
    leave_directory();
}

/* Read as the reader of models does. */
CASE(hostile_packed, a_member_of_a_keras_archive_that_is_a_bomb) {
    enter_directory();
    npy_bytes zeros = {.length = 0};
    isb_archive archive;
    isb_error error = ISB_ERROR_INIT;
    char *data = NULL;
    size_t length = 0;
    npy_add_integer(&zeros, 0, 4096);
    put_zip_bomb("m.keras", "model.weights.h5", &zeros, ((uint64_t)1 << 30) + ((uint64_t)1 << 29));
    const struct rlimit old = limit_memory((size_t)1 << 30);
    CHECKF(isb_archive_open(&archive, "m.keras", &error) == ISB_OK, "%s", isb_error_text(&error));
    CHECK(isb_archive_read(&archive, "model.weights.h5", (size_t)1 << 31, &data, &length, &error) ==
          ISB_CORRUPT);
    CHECKF(strcmp(isb_error_text(&error),
                  "m.keras: model.weights.h5: " BOMB
                  "unpack the archive (unzip), and pack it again without compression (zip -0)") ==
               0,
           "%s", isb_error_text(&error));
    isb_archive_close(&archive);
    isb_error_clear(&error);
    CHECK(setrlimit(RLIMIT_AS, &old) == 0);
    leave_directory();
}
