/* Files made to hurt: for each the status and a part of the message that docs/cli.md promises, in
 * little memory. */
#include "data/idx.h"
#include "hostile_makers.h"
#include "io/safetensors.h"
#include "sanitized.h"
#include <isobit/dataset.h>
#include <isobit/experiment.h>
#include <pthread.h>
#include <stdatomic.h>
#include <zlib.h>

/* What a reader may take beyond what the process had before. */
static const size_t MOST_MEMORY = (size_t)384 << 20;

typedef struct hostile {
    const char *what;
    isb_status (*read)(const char *path, isb_error *error);
    hostile_maker *make;
    const char *text;
    isb_status status;
    const char *message; /* a part of it; "" where the file is good */
    bool limited;        /* only the limit on memory ends it */
} hostile;

/* --- limits --- */

static size_t size_of_process(void) {
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL && fscanf(file, "%lu", &pages) == 1);
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void check_one(const hostile *h, const char *path) {
    isb_error error = ISB_ERROR_INIT;
    h->make(path, h->text);
    struct rlimit old = limit_memory(size_of_process() + MOST_MEMORY);
    isb_status status = h->read(path, &error);
    CHECK(setrlimit(RLIMIT_AS, &old) == 0);
    const char *text = isb_error_text(&error);
    CHECKF(status == h->status && error.status == h->status, "%s: status %d: %s", h->what,
           (int)status, text);
    CHECKF((error.count == 0) == (status == ISB_OK) && strstr(text, h->message) != NULL, "%s: %s",
           h->what, text);
    isb_error_clear(&error);
}

static void check_all(const hostile *rows, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++) {
        if (rows[i].limited && sanitized()) {
            fprintf(stderr, "SKIPPED %s: no limit on memory under a sanitizer\n", rows[i].what);
            continue;
        }
        temporary directory = temporary_make();
        check_one(&rows[i], temporary_path(&directory, name));
        temporary_remove(&directory);
    }
}

#define CHECK_ALL(rows, name) check_all(rows, sizeof(rows) / sizeof(rows)[0], name)

static void put_nothing(const char *path, const char *text) { (void)path, (void)text; }

/* --- safetensors --- */

static isb_status read_tensors(const char *path, bool own, isb_error *error) {
    isb_tensors tensors;
    isb_metadata metadata;
    isb_status status = isb_safetensors_read(&tensors, &metadata, path, own, error);
    CHECK(status == ISB_OK || (tensors.items == NULL && metadata.items == NULL));
    isb_tensors_free(&tensors);
    isb_metadata_free(&metadata);
    return status;
}

static isb_status foreign(const char *path, isb_error *error) {
    return read_tensors(path, false, error);
}

static isb_status own(const char *path, isb_error *error) {
    return read_tensors(path, true, error);
}

static void put_header_bytes(const char *path, const char *header, uint64_t length) {
    static const char data[8];
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    CHECK(fwrite(&length, sizeof length, 1, file) == 1);
    CHECK(fwrite(header, 1, length, file) == length);
    CHECK(fwrite(data, sizeof data, 1, file) == 1);
    CHECK(fclose(file) == 0);
}

/* The header `text` and 8 bytes of data. */
static void put_header(const char *path, const char *text) {
    put_header_bytes(path, text, strlen(text));
}

static void put_header_with_nul(const char *path, const char *text) {
    char *at, *copy = strdup(text);
    CHECK(copy != NULL);
    while ((at = strchr(copy, '@')) != NULL)
        *at = '\0';
    put_header_bytes(path, copy, strlen(text));
    free(copy);
}

/* A header of `text` bytes is announced, and 64 are there. */
static void put_length(const char *path, const char *text) {
    char bytes[72];
    uint64_t length = strtoull(text, NULL, 10);
    memset(bytes, ' ', sizeof bytes);
    memcpy(bytes, &length, sizeof length);
    bytes[8] = '{';
    temporary_put(path, bytes, sizeof bytes);
}

/* `text` entries, of which the first takes all data. */
static void put_entries(const char *path, const char *text) {
    const size_t count = strtoul(text, NULL, 10), room = 80 * count + 16;
    char *header = malloc(room);
    CHECK(header != NULL);
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        length += (size_t)snprintf(header + length, room - length,
                                   "%s\"t%zu\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":"
                                   "[0,8]}",
                                   i == 0 ? "{" : ",", i);
    length += (size_t)snprintf(header + length, room - length, "}");
    put_header_bytes(path, header, length);
    free(header);
}

/* A good file, its header padded to `text` bytes. */
static void put_padded(const char *path, const char *text) {
    const size_t length = strtoul(text, NULL, 10);
    static const char start[] = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    char *header = malloc(length);
    CHECK(header != NULL);
    memset(header, ' ', length);
    memcpy(header, start, sizeof start - 1);
    put_header_bytes(path, header, length);
    free(header);
}

/* A tensor whose name has `text` bytes. */
static void put_long_name(const char *path, const char *text) {
    const size_t length = strtoul(text, NULL, 10);
    char *header = malloc(length + 100);
    CHECK(header != NULL);
    header[0] = '{', header[1] = '"';
    memset(header + 2, 'n', length);
    strcpy(header + 2 + length, "\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}");
    put_header(path, header);
    free(header);
}

/* `text` opening brackets. */
static void put_deep_header(const char *path, const char *text) {
    const size_t depth = strtoul(text, NULL, 10);
    char *header = malloc(depth + 6);
    CHECK(header != NULL);
    memcpy(header, "{\"a\":", 5);
    memset(header + 5, '[', depth);
    header[depth + 5] = '\0';
    put_header(path, header);
    free(header);
}

/* The beginning of a file of ours, and 10 GB of nothing behind it. */
static void put_sparse_own(const char *path, const char *text) {
    (void)text;
    temporary_put(path, "\x40\0\0\0\0\0\0\0{\"__metadata__\":{\"sha256\":\"0", 35);
    CHECK(truncate(path, (off_t)10 << 30) == 0);
}

#define ENTRY(shape, offsets) "{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":" offsets "}"
#define ONE(shape) "{\"a\":" ENTRY(shape, "[0,8]") "}"
#define GOOD_ENTRY "\"a\":" ENTRY("[2]", "[0,8]")

static const hostile tensor_files[] = {
    {"a good file", foreign, put_header, "{" GOOD_ENTRY "}", ISB_OK, "", false},
    {"a shape whose product wraps to 4", foreign, put_header,
     ONE("[4194305,4194305,211106198978564]"), ISB_CORRUPT, "data_offsets and shape disagree",
     false},
    {"a shape whose bytes wrap to 8", foreign, put_header, ONE("[4611686018427387906]"),
     ISB_CORRUPT, "data_offsets and shape disagree", false},
    {"a negative size", foreign, put_header, ONE("[-2]"), ISB_CORRUPT,
     "shape holds something else than a size", false},
    {"two negative sizes", foreign, put_header, ONE("[-1,-2]"), ISB_CORRUPT,
     "shape holds something else than a size", false},
    {"a size with a point", foreign, put_header, ONE("[2.0]"), ISB_CORRUPT,
     "shape holds something else than a size", false},
    {"a size with an exponent", foreign, put_header, ONE("[2e0]"), ISB_CORRUPT,
     "shape holds something else than a size", false},
    {"a size of 2^63 - 1", foreign, put_header, ONE("[9223372036854775807]"), ISB_CORRUPT,
     "data_offsets and shape disagree", false},
    {"a size of 2^63", foreign, put_header, ONE("[9223372036854775808]"), ISB_CORRUPT,
     "too big integer", false},
    {"a size of 2^64 + 2", foreign, put_header, ONE("[18446744073709551618]"), ISB_CORRUPT,
     "too big integer", false},
    {"a size of 1e400", foreign, put_header, ONE("[1e400]"), ISB_CORRUPT, "header: byte", false},
    {"a size as text", foreign, put_header, ONE("[\"2\"]"), ISB_CORRUPT,
     "shape holds something else than a size", false},
    {"five axes", foreign, put_header, ONE("[1,1,1,1,2]"), ISB_CORRUPT, "more than 4 sizes", false},
    {"an empty tensor", foreign, put_header, "{\"z\":" ENTRY("[0]", "[0,0]") "," GOOD_ENTRY "}",
     ISB_CORRUPT, "shape holds a 0", false},
    {"an empty tensor of huge sizes", foreign, put_header,
     "{\"z\":" ENTRY("[9223372036854775807,0]", "[8,8]") "," GOOD_ENTRY "}", ISB_CORRUPT,
     "shape holds a 0", false},
    {"offsets beyond the file", foreign, put_header, "{\"a\":" ENTRY("[3]", "[0,12]") "}",
     ISB_CORRUPT, "data_offsets lie outside the data", false},
    {"offsets in the wrong order", foreign, put_header, "{\"a\":" ENTRY("[2]", "[8,0]") "}",
     ISB_CORRUPT, "data_offsets lie outside the data", false},
    {"negative offsets", foreign, put_header, "{\"a\":" ENTRY("[2]", "[-8,0]") "}", ISB_CORRUPT,
     "data_offsets is not a list of two offsets", false},
    {"overlapping tensors", foreign, put_header, "{\"b\":" ENTRY("[1]", "[4,8]") "," GOOD_ENTRY "}",
     ISB_CORRUPT, "overlap another tensor's", false},
    {"tensors in the same place", foreign, put_header,
     "{\"b\":" ENTRY("[2]", "[0,8]") "," GOOD_ENTRY "}", ISB_CORRUPT, "overlap another tensor's",
     false},
    {"a hole", foreign, put_header, "{\"a\":" ENTRY("[1]", "[4,8]") "}", ISB_CORRUPT,
     "a hole in the data", false},
    {"trailing bytes", foreign, put_header, "{\"a\":" ENTRY("[1]", "[0,4]") "}", ISB_CORRUPT,
     "4 bytes of data belong to no tensor", false},
    {"a duplicate tensor", foreign, put_header, "{" GOOD_ENTRY "," GOOD_ENTRY "}", ISB_CORRUPT,
     "duplicate object key", false},
    {"a duplicate tensor behind an escape", foreign, put_header,
     "{" GOOD_ENTRY ",\"\\u0061\":" ENTRY("[2]", "[0,8]") "}", ISB_CORRUPT, "duplicate object key",
     false},
    {"a duplicate __metadata__", foreign, put_header,
     "{\"__metadata__\":{}," GOOD_ENTRY ",\"__metadata__\":{\"a\":\"b\"}}", ISB_CORRUPT,
     "duplicate object key", false},
    {"a duplicate dtype", foreign, put_header,
     "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,8]}}",
     ISB_CORRUPT, "duplicate object key", false},
    {"doubles", foreign, put_header,
     "{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}", ISB_CORRUPT,
     "dtype is F64; convert it to float32", false},
    {"a number as dtype", foreign, put_header,
     "{\"a\":{\"dtype\":32,\"shape\":[2],\"data_offsets\":[0,8]}}", ISB_CORRUPT,
     "dtype is missing or not a string", false},
    {"numbers in the metadata", foreign, put_header, "{\"__metadata__\":{\"a\":1}," GOOD_ENTRY "}",
     ISB_CORRUPT, "'a' is not a string", false},
    {"an escaped NUL in a name", foreign, put_header, "{\"a\\u0000b\":" ENTRY("[2]", "[0,8]") "}",
     ISB_CORRUPT, "header: byte", false},
    {"a NUL in a name", foreign, put_header_with_nul, "{\"a@b\":" ENTRY("[2]", "[0,8]") "}",
     ISB_CORRUPT, "header: byte", false},
    {"a NUL behind the header", foreign, put_header_with_nul, "{" GOOD_ENTRY "}@", ISB_CORRUPT,
     "header: byte", false},
    {"invalid UTF-8 in a name", foreign, put_header, "{\"\xc3\":" ENTRY("[2]", "[0,8]") "}",
     ISB_CORRUPT, "header: byte", false},
    {"half a surrogate in a name", foreign, put_header, "{\"\\ud800\":" ENTRY("[2]", "[0,8]") "}",
     ISB_CORRUPT, "header: byte", false},
    {"control characters in a name", foreign, put_header, "{\"\\u001b[2J\\n\":3}", ISB_CORRUPT,
     "tensor ' [2J '", false},
    {"a name of 1 MB", foreign, put_long_name, "1000000", ISB_CORRUPT,
     "nnn...': the name has more than 63 bytes", false},
    {"two values", foreign, put_header, "{" GOOD_ENTRY "}{}", ISB_CORRUPT, "header: byte", false},
    {"an open string", foreign, put_header, "{\"a", ISB_CORRUPT, "header: byte", false},
    {"a string that ends in a backslash", foreign, put_header, "{\"a\\", ISB_CORRUPT,
     "header: byte", false},
    {"brackets 10 million deep", foreign, put_deep_header, "10000000", ISB_CORRUPT,
     "nested too deeply", false},
    {"100,000 entries", foreign, put_entries, "100000", ISB_CORRUPT, "has more than 65536 tensors",
     false},
    {"60,000 entries in the same place", foreign, put_entries, "60000", ISB_CORRUPT,
     "overlap another tensor's", false},
    {"a header padded to 16 MiB", foreign, put_padded, "16777216", ISB_OK, "", false},
    {"a header padded beyond 16 MiB", foreign, put_padded, "16777217", ISB_CORRUPT,
     "longer than 16 MiB", false},
    {"a header of 0 bytes", foreign, put_length, "0", ISB_CORRUPT, "does not begin with '{'",
     false},
    {"a header of 1 byte", foreign, put_length, "1", ISB_CORRUPT, "header: byte", false},
    {"a header a byte beyond the file", foreign, put_length, "65", ISB_CORRUPT,
     "its header does not fit it", false},
    {"a header of 2^32 bytes", foreign, put_length, "4294967296", ISB_CORRUPT,
     "its header does not fit it", false},
    {"a header of 2^63 bytes", foreign, put_length, "9223372036854775808", ISB_CORRUPT,
     "its header does not fit it", false},
    {"a header of 2^64 - 8 bytes", foreign, put_length, "18446744073709551608", ISB_CORRUPT,
     "its header does not fit it", false},
    {"an empty file", foreign, put_text, "", ISB_CORRUPT, "too short", false},
    {"an empty file of ours", own, put_text, "", ISB_CORRUPT, "not a file that isobit wrote",
     false},
    {"a file of another tool as ours", own, put_header, "{" GOOD_ENTRY "}", ISB_CORRUPT,
     "not a file that isobit wrote", false},
    {"no file", foreign, put_nothing, "", ISB_CORRUPT, "does not exist", false},
    {"a directory", foreign, put_directory, "", ISB_CORRUPT, "is a directory", false},
    {"a pipe", foreign, put_pipe, "", ISB_CORRUPT, "is a pipe", false},
    {"a pipe as ours", own, put_pipe, "", ISB_CORRUPT, "is a pipe", false},
    {"a link to itself", foreign, put_link, "", ISB_CORRUPT, "Too many levels of symbolic links",
     false},
    {"a link to nothing", foreign, put_link, "nothing", ISB_CORRUPT, "does not exist", false},
    {"/dev/zero", foreign, put_link, "/dev/zero", ISB_CORRUPT, "is a device", false},
    {"/dev/zero as ours", own, put_link, "/dev/zero", ISB_CORRUPT, "is a device", false},
    {"a file of /proc, longer than it says", foreign, put_link, "/proc/self/status", ISB_CORRUPT,
     "too short", false},
    {"10 GB of nothing", foreign, put_sparse, "", ISB_CORRUPT, "does not begin with '{'", false},
    {"10 GB of nothing as ours", own, put_sparse, "", ISB_CORRUPT, "not a file that isobit wrote",
     false},
    {"10 GB that begin like ours", own, put_sparse_own, "", ISB_NO_MEMORY, "out of memory", true},
};

CASE(hostile_files, safetensors) { CHECK_ALL(tensor_files, "x.safetensors"); }

static isb_status any_kind(const char *path, isb_error *error);

/* Root may read everything: nothing to see there. */
CASE(hostile_files, without_permission) {
    if (geteuid() == 0)
        SKIP("root may read every file");
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "x");
    put_text(path, "x");
    CHECK(chmod(path, 0) == 0);
    any_kind(path, NULL);
    temporary_remove(&directory);
}

/* Every reader refuses it with a reason. */
static isb_status any_kind(const char *path, isb_error *error) {
    isb_idx idx;
    isb_experiment experiment;
    CHECK(foreign(path, error) == ISB_CORRUPT && own(path, error) == ISB_CORRUPT);
    CHECK(isb_idx_read(&idx, path, ISB_IDX_IMAGES, error) == ISB_DATA);
    CHECK(isb_experiment_read(&experiment, path, NULL, 0, error) == ISB_USAGE);
    return ISB_OK;
}

/* --- a file that changes while it is read --- */

static const char *growing_path;
static atomic_bool grown_enough;

static void *grow(void *unused) {
    (void)unused;
    while (!grown_enough) {
        FILE *file = fopen(growing_path, "ab");
        if (file != NULL) {
            fputs("more", file);
            fclose(file);
        }
        if (truncate(growing_path, 80) != 0)
            break;
    }
    return NULL;
}

/* The good file of 80 bytes is read, or refused where it just had more. */
CASE(hostile_files, growing_and_shrinking) {
    temporary directory = temporary_make();
    growing_path = temporary_path(&directory, "x.safetensors");
    put_header(growing_path, "{" GOOD_ENTRY "}          ");
    struct stat about;
    CHECK(stat(growing_path, &about) == 0);
    CHECKF(about.st_size == 80, "%jd bytes", (intmax_t)about.st_size);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, grow, NULL) == 0);
    for (size_t i = 0; i < 2000; i++) {
        isb_status status = foreign(growing_path, NULL);
        CHECKF(status == ISB_OK || status == ISB_CORRUPT, "status %d", (int)status);
    }
    grown_enough = true;
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(foreign(growing_path, NULL) == ISB_OK);
    temporary_remove(&directory);
}

/* --- the experiment file --- */

/* A block of a megabyte of such lines. */
static void put_block(const char *path, const char *line) {
    static char text[1 << 20] = "x: |\n";
    const size_t size = strlen(line);
    for (size_t i = 5; i + size < sizeof text; i += size)
        memcpy(text + i, line, size);
    put_text(path, text);
}

static isb_status read_experiment(const char *path, isb_error *error) {
    isb_experiment experiment;
    isb_status status = isb_experiment_read(&experiment, path, NULL, 0, error);
    isb_experiment_free(&experiment);
    return status;
}

/* `text` maps, each a column further in. */
static void put_deep_blocks(const char *path, const char *text) {
    const size_t depth = strtoul(text, NULL, 10);
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    for (size_t i = 0; i < depth; i++)
        fprintf(file, "%*sa:\n", (int)i, "");
    CHECK(fclose(file) == 0);
}

/* `text` keys, no two alike. */
static void put_keys(const char *path, const char *text) {
    const size_t count = strtoul(text, NULL, 10);
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    for (size_t i = 0; i < count; i++)
        fprintf(file, "k%zu: 1\n", i);
    CHECK(fclose(file) == 0);
}

#define SOURCE "data: {source: digits}\n"
#define MODEL "model: [flatten, {dense: {units: 10, activation: softmax}}]\n"
#define COMPILE "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n"
#define GOOD SOURCE MODEL COMPILE
#define UNITS(units) SOURCE COMPILE "model: [flatten, {dense: {units: " units "}}]\n"
#define RATE(rate)                                                                                 \
    SOURCE COMPILE "model: [flatten, dropout: {rate: " rate                                        \
                   "}, dense: {units: 2, activation: softmax}]\n"
#define LEARN(rate)                                                                                \
    SOURCE MODEL "compile: {optimizer: {adam: {learning_rate: " rate "}}, "                        \
                 "loss: sparse_categorical_crossentropy}\n"

static const hostile experiments[] = {
    {"a good file", read_experiment, put_text, GOOD, ISB_OK, "", false},
    {"a byte order mark", read_experiment, put_text, "\xef\xbb\xbf" GOOD, ISB_OK, "", false},
    {"CRLF", read_experiment, put_text,
     "data: {source: digits}\r\nmodel: [flatten, dense: {units: 2}]\r\n"
     "compile: {optimizer: adam,\r\n loss: {sparse_categorical_crossentropy: {from_logits: "
     "true}}}\r\n",
     ISB_OK, "", false},
    {"UTF-16", read_experiment, put_with_nul,
     "\xff\xfe"
     "d@a@t@a@",
     ISB_USAGE, ":1:1: not valid UTF-8", false},
    {"a NUL", read_experiment, put_with_nul, GOOD "name: a@b\n", ISB_USAGE,
     ":4:8: control character U+0000", false},
    {"an escaped NUL", read_experiment, put_text, GOOD "name: \"a\\0b\"\n", ISB_USAGE,
     "an escape stands for no character", false},
    {"half a surrogate as an escape", read_experiment, put_text, GOOD "name: \"\\ud800\"\n",
     ISB_USAGE, ":4:", false},
    {"an escape character", read_experiment, put_text, GOOD "name: \x1b[2J\n", ISB_USAGE,
     "control character U+001B", false},
    {"invalid UTF-8", read_experiment, put_text, GOOD "name: \xc3(\n", ISB_USAGE,
     ":4:7: not valid UTF-8", false},
    {"overlong UTF-8", read_experiment, put_text, GOOD "name: \xc0\xaf\n", ISB_USAGE,
     ":4:7: not valid UTF-8", false},
    {"a tab as indentation", read_experiment, put_text, "data:\n\tsource: digits\n", ISB_USAGE,
     "not valid YAML", false},
    {"an anchor", read_experiment, put_text, GOOD "name: &a x\n", ISB_USAGE,
     "anchors (&name) are not supported", false},
    {"a bomb of aliases", read_experiment, put_text,
     "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b]\n"
     "d: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e]\n",
     ISB_USAGE, "aliases (*name) are not supported", false},
    {"an alias to itself", read_experiment, put_text, "a: &a [*a]\n", ISB_USAGE,
     "aliases (*name) are not supported", false},
    {"a tag", read_experiment, put_text, GOOD "seed: !!python/object/apply:os.system 3\n",
     ISB_USAGE, "tags (!name) are not supported", false},
    {"a merge key", read_experiment, put_text, GOOD "<<: {seed: 3}\n", ISB_USAGE,
     "merge keys (<<) are not supported", false},
    {"a second document", read_experiment, put_text, GOOD "---\n" GOOD, ISB_USAGE,
     "a second document", false},
    {"a directive of another version", read_experiment, put_text, "%YAML 3.0\n---\n" GOOD,
     ISB_USAGE, ":1:1: directives (%NAME) are not supported", false},
    {"a directive in the middle", read_experiment, put_text, GOOD "...\r%TAG ! x\n--- a\n",
     ISB_USAGE, ":5:1: directives (%NAME) are not supported", false},
    {"a duplicate key", read_experiment, put_text, GOOD SOURCE, ISB_USAGE, "duplicate key 'data'",
     false},
    {"a list as a key", read_experiment, put_text, GOOD "? [a, b]\n: 3\n", ISB_USAGE,
     "a key must be a single word", false},
    {"brackets a million deep", read_experiment, put_run, "[ 1000000", ISB_USAGE, ":1:", false},
    {"braces a million deep", read_experiment, put_run, "{ 1000000", ISB_USAGE, ":1:", false},
    {"dashes a million deep", read_experiment, put_repeated, "300000 \n- ", ISB_USAGE, "x.yaml",
     false},
    {"lists in lists in one line", read_experiment, put_repeated, "500000 - ", ISB_USAGE, "x.yaml",
     false},
    {"blocks 1000 deep", read_experiment, put_deep_blocks, "1000", ISB_USAGE,
     "nested more than 32 levels deep", false},
    {"questions a million deep", read_experiment, put_run, "? 1000000", ISB_USAGE, "x.yaml", false},
    {"colons", read_experiment, put_run, ": 1000000", ISB_USAGE, "x.yaml", false},
    {"quotes", read_experiment, put_run, "\" 1000001", ISB_USAGE, "x.yaml", false},
    {"backslashes", read_experiment, put_repeated, "500000 \\\"", ISB_USAGE, "x.yaml", false},
    {"exclamation marks", read_experiment, put_run, "! 1000000", ISB_USAGE, "x.yaml", false},
    {"ampersands", read_experiment, put_repeated, "300000 &a ", ISB_USAGE, "x.yaml", false},
    {"percent signs", read_experiment, put_run, "% 1000000", ISB_USAGE, "x.yaml", false},
    {"a million spaces", read_experiment, put_run, "  1000000", ISB_USAGE, "the file is empty",
     false},
    {"a million empty lines", read_experiment, put_run, "\n 1000000", ISB_USAGE,
     "the file is empty", false},
    {"a block of a million blank lines", read_experiment, put_block, "\n", ISB_USAGE,
     "x.yaml:1002:1: more than 1000 blank lines in a row", false},
    {"a folded block of blank lines", read_experiment, put_block, " \n", ISB_USAGE,
     "more than 1000 blank lines in a row", false},
    {"documents", read_experiment, put_repeated, "250000 \n---", ISB_USAGE, "x.yaml", false},
    {"comments", read_experiment, put_repeated, "300000 \n#!", ISB_USAGE, "x.yaml", false},
    {"flow keys", read_experiment, put_repeated, "200000 {a: ", ISB_USAGE, "x.yaml", false},
    {"100,000 keys", read_experiment, put_keys, "90000", ISB_USAGE, "unknown key 'k0'", false},
    {"one key 100,000 times", read_experiment, put_repeated, "99000 y\ny: ", ISB_USAGE,
     "duplicate key 'y'", false},
    {"200,000 values", read_experiment, put_repeated, "200000 \n - a", ISB_USAGE,
     "more than 100000 values", false},
    {"a word of 1 MB", read_experiment, put_run, "a 1000000", ISB_USAGE, "not a single value",
     false},
    {"1 MiB and a byte", read_experiment, put_run, "# 1048577", ISB_USAGE, "at most 1048576",
     false},
    {"10 GB of nothing", read_experiment, put_sparse, "", ISB_USAGE, "at most 1048576", false},
    {"an empty file", read_experiment, put_text, "", ISB_USAGE, "the file is empty", false},
    {"no file", read_experiment, put_nothing, "", ISB_USAGE, "does not exist", false},
    {"a directory", read_experiment, put_directory, "", ISB_USAGE, "is a directory", false},
    {"a pipe", read_experiment, put_pipe, "", ISB_USAGE, "is a pipe", false},
    {"a link to itself", read_experiment, put_link, "", ISB_USAGE, "Too many levels", false},
    {"/dev/zero", read_experiment, put_link, "/dev/zero", ISB_USAGE, "is a device", false},
    {"a file of /proc, longer than it says", read_experiment, put_link, "/proc/self/status",
     ISB_USAGE, "changed while it was read", false},
    {"units of 2^31", read_experiment, put_text, UNITS("2147483648"), ISB_USAGE,
     "units must be an integer from 1 to 2147483647", false},
    {"units of 2^64 + 2", read_experiment, put_text, UNITS("18446744073709551618"), ISB_USAGE,
     "units must be an integer from 1", false},
    {"units of -1", read_experiment, put_text, UNITS("-1"), ISB_USAGE,
     "units must be an integer from 1", false},
    {"units of -0", read_experiment, put_text, UNITS("-0"), ISB_USAGE,
     "units must be an integer from 1", false},
    {"units of 0x10", read_experiment, put_text, UNITS("0x10"), ISB_USAGE,
     "units must be an integer from 1", false},
    {"units of 1e400", read_experiment, put_text, UNITS("1e400"), ISB_USAGE,
     "units must be an integer from 1", false},
    {"units of 1_000", read_experiment, put_text, UNITS("1_000"), ISB_USAGE,
     "units must be an integer from 1", false},
    {"a seed of -0", read_experiment, put_text, GOOD "seed: -0\n", ISB_USAGE,
     "seed must be an integer from 0", false},
    {"a seed of 2^63", read_experiment, put_text, GOOD "seed: 9223372036854775808\n", ISB_USAGE,
     "seed must be an integer from 0", false},
    {"a seed of 30 digits", read_experiment, put_text, GOOD "seed: 100000000000000000000000000000",
     ISB_USAGE, "seed must be an integer from 0", false},
    {"a rate of -0", read_experiment, put_text, RATE("-0"), ISB_OK, "", false},
    {"a rate of -1e-400", read_experiment, put_text, RATE("-1e-400"), ISB_OK, "", false},
    {"a rate of 0x1p-1", read_experiment, put_text, RATE("0x1p-1"), ISB_USAGE,
     "rate must be a number", false},
    {"a rate of nan", read_experiment, put_text, RATE("nan"), ISB_USAGE, "rate must be a number",
     false},
    {"a rate of .nan", read_experiment, put_text, RATE(".nan"), ISB_USAGE, "rate must be a number",
     false},
    {"a rate of 0,5", read_experiment, put_text, RATE("'0,5'"), ISB_USAGE, "rate must be a number",
     false},
    {"a learning rate of 1e400", read_experiment, put_text, LEARN("1e400"), ISB_USAGE,
     "learning_rate must be a number", false},
    {"a learning rate of .inf", read_experiment, put_text, LEARN(".inf"), ISB_USAGE,
     "learning_rate must be a number", false},
    {"an exponent of 20 digits", read_experiment, put_text, LEARN("1e99999999999999999999"),
     ISB_USAGE, "learning_rate must be a number", false},
};

CASE(hostile_files, experiment) { CHECK_ALL(experiments, "x.yaml"); }

/* --- IDX --- */

static isb_status images(const char *path, isb_error *error) {
    isb_idx idx;
    isb_status status = isb_idx_read(&idx, path, ISB_IDX_IMAGES, error);
    isb_idx_free(&idx);
    return status;
}

static isb_status labels(const char *path, isb_error *error) {
    isb_idx idx;
    isb_status status = isb_idx_read(&idx, path, ISB_IDX_LABELS, error);
    isb_idx_free(&idx);
    return status;
}

/* Bytes as hex, and after a `+` how many zeros follow. */
static uint8_t *from_hex(const char *text, size_t *length) {
    const char *plus = strchr(text, '+');
    const size_t zeros = plus != NULL ? strtoul(plus + 1, NULL, 10) : 0;
    uint8_t *bytes = calloc(1, strlen(text) + zeros + 1);
    CHECK(bytes != NULL);
    *length = 0;
    for (int used = 0; text[0] != '+' && sscanf(text, " %2hhx%n", &bytes[*length], &used) == 1;
         text += used)
        ++*length;
    *length += zeros;
    return bytes;
}

static void put_hex(const char *path, const char *text) {
    size_t length;
    uint8_t *bytes = from_hex(text, &length);
    temporary_put(path, bytes, length);
    free(bytes);
}

static void put_hex_sparse(const char *path, const char *text) {
    put_hex(path, text);
    CHECK(truncate(path, (off_t)10 << 30) == 0);
}

static void add_gzip(const char *path, const char *text, size_t cut, const char *rest) {
    size_t length;
    uint8_t *bytes = from_hex(text, &length);
    gzFile file = gzopen(path, "wb9");
    CHECK(file != NULL && gzwrite(file, bytes, (unsigned)length) == (int)length);
    CHECK(gzclose(file) == Z_OK);
    free(bytes);
    struct stat about;
    CHECK(stat(path, &about) == 0);
    CHECK(truncate(path, about.st_size - (off_t)cut) == 0);
    FILE *more = fopen(path, "ab");
    CHECK(more != NULL && fputs(rest, more) >= 0 && fclose(more) == 0);
}

static void put_gzip(const char *path, const char *text) { add_gzip(path, text, 0, ""); }
static void put_gzip_cut(const char *path, const char *text) { add_gzip(path, text, 9, ""); }
static void put_gzip_rest(const char *path, const char *text) { add_gzip(path, text, 0, "rest"); }

/* The header `text`, and 4 GiB of zeros in 4 MB, as 256 members of 16 MiB. */
static void put_bomb(const char *path, const char *text) {
    enum { MEMBERS = 256, MEMBER = 16 << 20 };
    static char packed[65536];
    char *zeros = calloc(1, MEMBER);
    z_stream stream = {0};
    CHECK(zeros != NULL &&
          deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY) == Z_OK);
    stream.next_in = (Bytef *)zeros;
    stream.avail_in = MEMBER;
    stream.next_out = (Bytef *)packed;
    stream.avail_out = sizeof packed;
    CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    size_t length = sizeof packed - stream.avail_out;
    deflateEnd(&stream);
    free(zeros);
    put_gzip(path, text);
    FILE *file = fopen(path, "ab");
    CHECK(file != NULL);
    for (size_t i = 0; i < MEMBERS; i++)
        CHECK(fwrite(packed, 1, length, file) == length);
    CHECK(fclose(file) == 0);
}

/* Gzip members with nothing in them, `text` times. */
static void put_empty_members(const char *path, const char *text) {
    const size_t count = strtoul(text, NULL, 10);
    uint8_t member[64];
    add_gzip(path, "", 0, "");
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    const size_t length = fread(member, 1, sizeof member, file);
    fclose(file);
    file = fopen(path, "wb");
    CHECK(file != NULL && length > 0);
    for (size_t i = 0; i < count; i++)
        CHECK(fwrite(member, 1, length, file) == length);
    CHECK(fclose(file) == 0);
}

#define SIX "00000803 00000006 00000002 00000002"
#define FOUR_GIGABYTES "00000803 ffffffff 00000001 00000001"

static const hostile idx_files[] = {
    {"a good file", images, put_hex, SIX "+24", ISB_OK, "", false},
    {"a good gzip file", images, put_gzip, SIX "+24", ISB_OK, "", false},
    {"a wrong start", images, put_hex, "01000803 00000006", ISB_DATA,
     "where an IDX file starts with 00 00", false},
    {"floats", images, put_hex, "00000d03 00000006 00000002 00000002+96", ISB_DATA,
     "type 0x0d (float)", false},
    {"an unknown type", images, put_hex, "0000ff03 00000006 00000002 00000002+24", ISB_DATA,
     "type 0xff (unknown)", false},
    {"no axes", images, put_hex, "00000800+1", ISB_DATA, "has 0 axes", false},
    {"255 axes", images, put_hex, "000008ff+1020", ISB_DATA, "has 255 axes", false},
    {"labels as images", images, put_hex, "00000801 00000006+6", ISB_DATA,
     "are images and labels swapped?", false},
    {"images as labels", labels, put_hex, SIX "+24", ISB_DATA, "are images and labels swapped?",
     false},
    {"sizes whose product wraps to 0", images, put_hex,
     "00000805 00010000 00010000 00010000 00010000 00000001+24", ISB_DATA,
     "more than any memory holds", false},
    {"sizes whose product wraps to 24", images, put_hex,
     "00000804 80000003 80000000 00000004 00000008+24", ISB_DATA, "more than any memory holds",
     false},
    {"a product of 2^63", images, put_hex, "00000804 80000000 80000000 00000002 00000001+24",
     ISB_DATA, "more than any memory holds", false},
    {"sizes of 2^32 - 1", images, put_hex, "00000803 ffffffff ffffffff ffffffff+24", ISB_DATA,
     "more than any memory holds", false},
    {"no rows", images, put_hex, "00000803 00000000 00000002 00000002", ISB_DATA,
     "axis 0 (the rows) has size 0", false},
    {"no columns", images, put_hex, "00000803 00000006 00000002 00000000", ISB_DATA,
     "axis 2 has size 0", false},
    {"a byte too few", images, put_hex, SIX "+23", ISB_DATA, "is cut short", false},
    {"a byte too many", images, put_hex, SIX "+25", ISB_DATA, "goes on after its end", false},
    {"half a header", images, put_hex, "00000803 00000006 0000", ISB_DATA,
     "ends after 10 bytes, within its header", false},
    {"an empty file", images, put_text, "", ISB_DATA, "is empty", false},
    {"a byte too few in gzip", images, put_gzip, SIX "+23", ISB_DATA, "is cut short", false},
    {"a byte too many in gzip", images, put_gzip, SIX "+25", ISB_DATA, "goes on after its end",
     false},
    {"gzip without its end", images, put_gzip_cut, SIX "+24", ISB_DATA,
     "the gzip data are cut short", false},
    {"gzip and something else", images, put_gzip_rest, SIX "+24", ISB_DATA,
     "something else stands behind the end of the gzip data", false},
    {"gzip of nothing", images, put_gzip, "", ISB_DATA, "is empty when unpacked", false},
    {"100,000 gzip members of nothing", images, put_empty_members, "100000", ISB_DATA,
     "is empty when unpacked", false},
    {"the first two bytes of gzip", images, put_hex, "1f8b", ISB_DATA,
     "the gzip data are cut short", false},
    {"an unknown method of gzip", images, put_hex, "1f8b09 00000000 0000ff", ISB_DATA,
     "unknown compression method", false},
    {"4 GiB in 4 MB behind 24 bytes", images, put_bomb, SIX "+24", ISB_DATA,
     "goes on after its end", false},
    {"4 GiB in 4 MB, as announced", images, put_bomb, FOUR_GIGABYTES, ISB_DATA,
     "unpacks to more than 1 GiB", false},
    {"4 GiB announced, in gzip", images, put_gzip, FOUR_GIGABYTES "+1000", ISB_DATA, "is cut short",
     false},
    {"10 GB of nothing", images, put_sparse, "", ISB_DATA, "type 0x00 (unknown)", false},
    {"10 GB behind 24 bytes", images, put_hex_sparse, SIX, ISB_DATA, "goes on after its end",
     false},
    {"a directory", images, put_directory, "", ISB_DATA, "is a directory", false},
    {"a pipe", labels, put_pipe, "", ISB_DATA, "is a pipe", false},
    {"a link to itself", images, put_link, "", ISB_DATA, "Too many levels", false},
    {"/dev/zero", images, put_link, "/dev/zero", ISB_DATA, "is a device", false},
    {"a file of /proc, longer than it says", labels, put_link, "/proc/self/status", ISB_DATA,
     "where an IDX file starts with 00 00", false},
};

CASE(hostile_files, idx) { CHECK_ALL(idx_files, "x-ubyte"); }
