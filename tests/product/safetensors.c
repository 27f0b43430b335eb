#include "io/safetensors.h"
#include "io/sha256.h"
#include "temporary.h"
#include <fcntl.h>
#include <math.h>
#include <stdint.h>

static float kernel[] = {1, -2.5f, 0, 3e-41f, INFINITY, NAN};
static float bias[] = {-0.0f, 7};
static isb_tensor items[] = {
    {.name = "dense.kernel", .shape = {2, {3, 2}}, .data = kernel},
    {.name = "dense.bias", .shape = {1, {2}}, .data = bias},
    {.name = "optimizer.m.dense.bias", .shape = {1, {2}}, .data = bias},
};
static const isb_tensors sample = {3, items};

static void write_sample(const char *path) {
    isb_metadata metadata = ISB_METADATA_INIT;
    CHECK(isb_metadata_add(&metadata, "format", "isobit", NULL) == ISB_OK);
    CHECK(isb_metadata_add_integer(&metadata, "epochs", 12, NULL) == ISB_OK);
    CHECK(isb_metadata_add(&metadata, "experiment", "name: \"\xc3\xa9\"\n", NULL) == ISB_OK);
    CHECK(isb_safetensors_write(path, &sample, &metadata, NULL) == ISB_OK);
    isb_metadata_free(&metadata);
}

CASE(safetensors, own_files_come_back_bit_for_bit) {
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "x.safetensors");
    write_sample(path);
    for (int own = 0; own < 2; own++) {
        isb_tensors tensors;
        isb_metadata metadata;
        CHECK(isb_safetensors_read(&tensors, &metadata, path, own, NULL) == ISB_OK);
        CHECK(tensors.count == 3);
        for (size_t i = 0; i < 3; i++) {
            CHECK(strcmp(tensors.items[i].name, items[i].name) == 0);
            CHECK(isb_shape_equal(tensors.items[i].shape, items[i].shape));
            CHECK(memcmp(tensors.items[i].data, items[i].data,
                         isb_shape_size(items[i].shape) * sizeof(float)) == 0);
        }
        CHECK(isb_tensors_find(&tensors, "dense.bias") == &tensors.items[1]);
        CHECK(isb_tensors_find(&tensors, "dense") == NULL);
        size_t epochs;
        CHECK(metadata.count == 3 && isb_metadata_integer(&metadata, "epochs", &epochs));
        CHECK(epochs == 12 && !isb_metadata_integer(&metadata, "format", &epochs));
        CHECK(strcmp(isb_metadata_find(&metadata, "experiment"), "name: \"\xc3\xa9\"\n") == 0);
        CHECK(isb_metadata_find(&metadata, "sha256") == NULL);
        isb_tensors_free(&tensors);
        isb_metadata_free(&metadata);
    }
    temporary_remove(&directory);
}

/* The digest is that of Python's hashlib over the file with 64 zeros in its place. */
CASE(safetensors, a_small_file_has_these_bytes) {
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "x.safetensors");
    float one[] = {1, 2};
    isb_tensor item = {.name = "dense.bias", .shape = {1, {2}}, .data = one};
    isb_tensors tensors = {1, &item};
    CHECK(isb_safetensors_write(path, &tensors, NULL, NULL) == ISB_OK);
    static const char expected[] =
        "\xa0\0\0\0\0\0\0\0"
        "{\"__metadata__\":{\"sha256\":"
        "\"89eb002cfbe986734d5ef5010eab7dd6bfa4618e08ff8a46d9386eb238ea7a12\"},"
        "\"dense.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}    "
        "\0\0\x80\x3f\0\0\0\x40";
    size_t length = 0;
    char *bytes = temporary_get(path, &length);
    CHECKF(length == sizeof expected - 1, "%zu bytes", length);
    CHECKF(memcmp(bytes, expected, length) == 0, "header: %s", bytes + 8);
    free(bytes);
    temporary_remove(&directory);
}

static isb_status status_of(const char *path, bool own, isb_error *error) {
    isb_tensors tensors;
    isb_metadata metadata;
    isb_status status = isb_safetensors_read(&tensors, &metadata, path, own, error);
    if (status != ISB_OK)
        CHECK(tensors.count == 0 && tensors.items == NULL && metadata.items == NULL);
    isb_tensors_free(&tensors);
    isb_metadata_free(&metadata);
    return status;
}

CASE(safetensors, every_truncation_is_refused) {
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "x.safetensors");
    write_sample(path);
    size_t length = 0;
    char *bytes = temporary_get(path, &length);
    CHECK(status_of(path, true, NULL) == ISB_OK);
    for (size_t cut = 0; cut < length; cut++) {
        temporary_put(path, bytes, cut);
        CHECKF(status_of(path, true, NULL) == ISB_CORRUPT, "own, %zu bytes", cut);
        CHECKF(status_of(path, false, NULL) == ISB_CORRUPT, "any, %zu bytes", cut);
    }
    temporary_put(path, bytes, length + 1);
    CHECK(status_of(path, true, NULL) == ISB_CORRUPT);
    CHECK(status_of(path, false, NULL) == ISB_CORRUPT);
    free(bytes);
    temporary_remove(&directory);
}

CASE(safetensors, every_flipped_bit_is_refused) {
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "x.safetensors");
    write_sample(path);
    size_t length = 0;
    char *bytes = temporary_get(path, &length);
    int file = open(path, O_WRONLY);
    CHECK(file >= 0);
    for (size_t bit = 0; bit < length * 8; bit++) {
        size_t at = bit / 8;
        char flipped = (char)(bytes[at] ^ (1 << bit % 8));
        CHECK(pwrite(file, &flipped, 1, (off_t)at) == 1);
        CHECKF(status_of(path, true, NULL) == ISB_CORRUPT, "bit %zu", bit);
        status_of(path, false, NULL); /* may pass, must not crash */
        CHECK(pwrite(file, &bytes[at], 1, (off_t)at) == 1);
    }
    close(file);
    CHECK(status_of(path, true, NULL) == ISB_OK);
    free(bytes);
    temporary_remove(&directory);
}

/* A file of any tool: the header and `data` bytes of zeros. */
static void put_file(const char *path, const char *header, size_t header_length, size_t data) {
    size_t length = 8 + header_length + data;
    char *bytes = calloc(1, length);
    CHECK(bytes != NULL);
    uint64_t size = header_length;
    memcpy(bytes, &size, 8);
    memcpy(bytes + 8, header, header_length);
    temporary_put(path, bytes, length);
    free(bytes);
}

static void check_message(const char *path, bool own, const char *message) {
    isb_error error = ISB_ERROR_INIT;
    char expected[700];
    CHECKF(status_of(path, own, &error) == ISB_CORRUPT, "%s was not refused", message);
    snprintf(expected, sizeof expected, "%s: %s", path, message);
    CHECKF(strcmp(isb_error_text(&error), expected) == 0, "got '%s'", isb_error_text(&error));
    isb_error_clear(&error);
}

/* A header with 8 bytes of data is refused so. */
static void check_header(const char *header, const char *message) {
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "x.safetensors");
    put_file(path, header, strlen(header), 8);
    check_message(path, false, message);
    temporary_remove(&directory);
}

#define ENTRY(shape, offsets) "{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":" offsets "}"
#define A ENTRY("[1]", "[0,4]")
#define B ENTRY("[1]", "[4,8]")

CASE(safetensors, files_of_other_tools_are_read) {
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "x.safetensors");
    const char *header = "{\"b\":" B ",\"__metadata__\":{\"a\":\"b\"},\"a\":" A "}  ";
    put_file(path, header, strlen(header), 8);
    isb_tensors tensors;
    CHECK(isb_safetensors_read(&tensors, NULL, path, false, NULL) == ISB_OK);
    CHECK(tensors.count == 2 && strcmp(tensors.items[0].name, "a") == 0);
    isb_tensors_free(&tensors);
    check_message(path, true,
                  "not a file that isobit wrote, or damaged: it has no SHA-256 at its beginning");
    temporary_remove(&directory);
}

CASE(safetensors, hostile_shapes_and_offsets_are_refused) {
    check_header("{\"a\":" ENTRY("[4194305,4194305,211106198978564]", "[0,4]") ",\"b\":" B "}",
                 "tensor 'a': data_offsets and shape disagree");
    check_header("{\"a\":" ENTRY("[4611686018427387905]", "[0,4]") ",\"b\":" B "}",
                 "tensor 'a': data_offsets and shape disagree");
    check_header("{\"a\":" ENTRY("[2]", "[0,4]") ",\"b\":" B "}",
                 "tensor 'a': data_offsets and shape disagree");
    check_header("{\"a\":" A ",\"b\":" A "}", "tensor 'b': its data overlap another tensor's");
    check_header("{\"b\":" B "}", "tensor 'b': there is a hole in the data before it");
    check_header("{\"a\":" A "}", "4 bytes of data belong to no tensor");
    check_header("{}", "8 bytes of data belong to no tensor");
    check_header("{\"a\":" ENTRY("[3]", "[0,12]") "}",
                 "tensor 'a': data_offsets lie outside the data");
    check_header("{\"a\":" ENTRY("[1]", "[4,0]") "}",
                 "tensor 'a': data_offsets lie outside the data");
    const char *not_offsets[] = {"[-4,0]", "[0.0,8.0]", "[0]", "[0,4,8]", "8", "null", "[\"0\",8]"};
    for (size_t i = 0; i < sizeof not_offsets / sizeof not_offsets[0]; i++) {
        char header[200];
        snprintf(header, sizeof header, "{\"a\":" ENTRY("[2]", "%s") "}", not_offsets[i]);
        check_header(header, "tensor 'a': data_offsets is not a list of two offsets");
    }
    check_header("{\"a\":" ENTRY("[0]", "[0,0]") ",\"b\":" ENTRY("[2]", "[0,8]") "}",
                 "tensor 'a': shape holds a 0");
    check_header("{\"a\":" ENTRY("[1,1,1,1,2]", "[0,8]") "}",
                 "tensor 'a': shape has more than 4 sizes");
    check_header("{\"a\":" ENTRY("[-2]", "[0,8]") "}",
                 "tensor 'a': shape holds something else than a size");
    check_header("{\"a\":" ENTRY("[2.0]", "[0,8]") "}",
                 "tensor 'a': shape holds something else than a size");
    check_header("{\"a\":" ENTRY("2", "[0,8]") "}", "tensor 'a': shape is not a list");
}

CASE(safetensors, hostile_headers_are_refused) {
    check_header("", "header: does not begin with '{'");
    check_header(" {}", "header: does not begin with '{'");
    check_header("{\"a\":" A ",\"a\":" B "}", "header: byte 57: duplicate object key near '\"a\"'");
    check_header("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"I32\"}}",
                 "header: byte 27: duplicate object key near '\"dtype\"'");
    check_header("{\"a\":[[[[1]]]]}", "header: nested too deeply");
    check_header("{\"__metadata__\":{\"epochs\":3}}",
                 "header: __metadata__: 'epochs' is not a string");
    check_header("{\"__metadata__\":[]}", "header: __metadata__ is not an object");
    check_header("{\"a\":3}", "tensor 'a': its description is not an object");
    check_header("{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}",
                 "tensor 'a': dtype is missing or not a string");
    check_header("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}",
                 "tensor 'a': shape is not a list");
    check_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}",
                 "tensor 'a': data_offsets is not a list of two offsets");
    check_header("{\"a\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[0,8]}}",
                 "tensor 'a': dtype is BF16; convert it to float32 (F32)");
    check_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":1}}",
                 "tensor 'a': unknown key 'x'");
    check_header("{\"\\u001b[2J\":3}", "tensor ' [2J': its description is not an object");
#define TEN "0123456789"
    check_header("{\"" TEN TEN TEN TEN TEN TEN "0123\":" ENTRY("[2]", "[0,8]") "}",
                 "tensor '" TEN TEN TEN TEN TEN TEN "...': the name has more than 63 bytes");
}

CASE(safetensors, broken_json_is_refused) {
    const char *headers[] = {"{",      "{\"a\"",       "{\"a\":}",
                             "{} x",   "{\"a\":1,}",   "{\"a\\u0000\":1}",
                             "{\xff}", "{\"\xff\":1}", "{\"a\":1e999}"};
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "x.safetensors");
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        isb_error error = ISB_ERROR_INIT;
        put_file(path, headers[i], strlen(headers[i]), 8);
        CHECK(status_of(path, false, &error) == ISB_CORRUPT);
        const char *text = isb_error_text(&error) + strlen(path);
        CHECKF(strncmp(text, ": header: byte ", 15) == 0, "got '%s'", text);
        isb_error_clear(&error);
    }
    put_file(path, "{}\0", 3, 0);
    CHECK(status_of(path, false, NULL) == ISB_CORRUPT);
    temporary_remove(&directory);
}

CASE(safetensors, wrong_lengths_are_refused) {
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "x.safetensors");
    check_message(path, false, "does not exist");
    check_message(path, true, "does not exist");
    temporary_put(path, "", 0);
    check_message(path, false, "too short for a safetensors file");
    const uint64_t sizes[] = {1, UINT64_MAX, UINT64_MAX - 7, INT64_MAX, (uint64_t)1 << 32};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        temporary_put(path, &sizes[i], 8);
        check_message(path, false,
                      "cut off, or not a safetensors file: its header does not fit it");
    }
    check_message(directory.path, false, "is a directory, not a file");
    temporary_remove(&directory);
}

/* Headers of 16 MiB whose parts would fill the memory when parsed. */
CASE(safetensors, large_headers_are_bounded) {
    temporary directory = temporary_make();
    const char *path = temporary_path(&directory, "x.safetensors");
    size_t length = (16 << 20) + 1;
    char *header = malloc(length);
    CHECK(header != NULL);
    memset(header, ' ', length);
    header[0] = '{';
    header[length - 2] = '}';
    put_file(path, header, length - 1, 0);
    CHECK(status_of(path, false, NULL) == ISB_OK);
    put_file(path, header, length, 0);
    check_message(path, false, "header: longer than 16 MiB");
    for (size_t i = 0; i + 4 < length; i += 3)
        memcpy(header + i, "[],", 3);
    memcpy(header, "{\"a\":[", 6);
    put_file(path, header, length - 1, 0);
    check_message(path, false, "header: has too many parts");
    free(header);
    temporary_remove(&directory);
}

CASE(safetensors, metadata_keys_are_unique_and_utf8) {
    isb_metadata metadata = ISB_METADATA_INIT;
    isb_error error = ISB_ERROR_INIT;
    CHECK(isb_metadata_add(&metadata, "sha256", "x", &error) == ISB_FAILURE);
    CHECK(isb_metadata_add(&metadata, "a", "x", &error) == ISB_OK);
    CHECK(isb_metadata_add(&metadata, "a", "y", &error) == ISB_FAILURE);
    CHECK(isb_metadata_add(&metadata, "b", "\xff", &error) == ISB_FAILURE);
    CHECK(metadata.count == 1);
    CHECK(strcmp(isb_error_text(&error), "metadata: the key 'sha256' is taken\n"
                                         "metadata: the key 'a' is taken\n"
                                         "metadata: 'b' is not valid UTF-8") == 0);
    isb_error_clear(&error);
    isb_metadata_free(&metadata);
}

/* Python: hashlib.sha256(struct.pack("<8f", 1, -2.5, 0, 0.5, 3, 4, -0.0, 7)). */
CASE(safetensors, the_weights_digest_leaves_out_the_optimizer) {
    float values[] = {1, -2.5f, 0, 0.5f, 3, 4};
    isb_tensor list[] = {items[0], items[2], items[1]};
    list[0].data = values;
    isb_tensors tensors = {3, list};
    char hex[ISB_SHA256_SIZE];
    CHECK(isb_weights_sha256(&tensors, hex, NULL) == ISB_OK);
    CHECKF(strcmp(hex, "f31f0ca6f1a32d5a9ba84fc989b5aa8d52814df87ed33339376b4b5892b13535") == 0,
           "got %s", hex);
}

CASE(safetensors, sha256_has_its_known_answer) {
    char hex[ISB_SHA256_SIZE];
    isb_sha256 hash;
    isb_sha256_open(&hash);
    isb_sha256_add(&hash, "a", 1);
    isb_sha256_add(&hash, "bc", 2);
    CHECK(isb_sha256_close(&hash, hex, NULL) == ISB_OK);
    CHECK(strcmp(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") == 0);
    CHECK(isb_sha256_valid(hex) && !isb_sha256_valid(hex + 1));
    hex[3] = 'A';
    CHECK(!isb_sha256_valid(hex));
}
