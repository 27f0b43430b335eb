/* Damaged checkpoints: whatever a disk or a copy does to the bytes is noticed, and a run with a
 * damaged state goes on to the same bits. */
#include "io/safetensors.h"
#include "small_run.h"

#define FILE_NAME "last.safetensors"

typedef struct checkpoint {
    char *bytes;
    size_t length;
} checkpoint;

/* What the program saves after an epoch: weights, state of the optimizer, all metadata. */
static checkpoint make_checkpoint(void) {
    const place p = small_open();
    small_train_well(&p, "run", "1");
    checkpoint whole;
    whole.bytes = temporary_get(small_path(&p, "run/" FILE_NAME), &whole.length);
    CHECK(whole.bytes != NULL && whole.length > 1000 && whole.length < 4096);
    place_close(&p);
    return whole;
}

static isb_status status_of(const char *bytes, size_t length, isb_error *error) {
    isb_tensors tensors;
    isb_metadata metadata;
    isb_status status =
        isb_safetensors_parse(&tensors, &metadata, bytes, length, FILE_NAME, true, error);
    bool empty = tensors.items == NULL && tensors.count == 0 && metadata.items == NULL;
    CHECK(empty == (status != ISB_OK));
    isb_tensors_free(&tensors);
    isb_metadata_free(&metadata);
    return status;
}

/* Refused with one message, which names the file. */
static void check_refused(const char *bytes, size_t length, const char *what, size_t which) {
    isb_error error = ISB_ERROR_INIT;
    isb_status status = status_of(bytes, length, &error);
    const char *text = isb_error_text(&error);
    CHECKF(status == ISB_CORRUPT && error.status == ISB_CORRUPT && error.count == 1,
           "%s %zu: status %d, %zu messages", what, which, (int)status, error.count);
    CHECKF(strncmp(text, FILE_NAME ": ", strlen(FILE_NAME ": ")) == 0 && strchr(text, '\n') == NULL,
           "%s %zu: '%s'", what, which, text);
    isb_error_clear(&error);
}

CASE(corruption, the_whole_checkpoint_is_read) {
    checkpoint whole = make_checkpoint();
    CHECK(status_of(whole.bytes, whole.length, NULL) == ISB_OK);
    free(whole.bytes);
}

/* Each in memory of just its length, so that a sanitizer sees a byte read too many. */
CASE(corruption, every_truncation_is_refused) {
    checkpoint whole = make_checkpoint();
    for (size_t length = 0; length < whole.length; length++) {
        char *cut = malloc(length > 0 ? length : 1);
        CHECK(cut != NULL);
        memcpy(cut, whole.bytes, length);
        check_refused(cut, length, "length", length);
        free(cut);
    }
    free(whole.bytes);
}

CASE(corruption, every_flipped_bit_is_refused) {
    checkpoint whole = make_checkpoint();
    for (size_t bit = 0; bit < whole.length * 8; bit++) {
        char flip = (char)(1 << bit % 8);
        whole.bytes[bit / 8] ^= flip;
        check_refused(whole.bytes, whole.length, "bit", bit);
        whole.bytes[bit / 8] ^= flip;
    }
    CHECK(status_of(whole.bytes, whole.length, NULL) == ISB_OK);
    free(whole.bytes);
}

CASE(corruption, every_overwritten_byte_is_refused) {
    static const char values[] = {0, '\xff', ' '};
    checkpoint whole = make_checkpoint();
    for (size_t i = 0; i < whole.length * sizeof values; i++) {
        char *byte = &whole.bytes[i / sizeof values], kept = *byte;
        *byte = values[i % sizeof values];
        if (*byte != kept)
            check_refused(whole.bytes, whole.length, "byte", i / sizeof values);
        *byte = kept;
    }
    CHECK(status_of(whole.bytes, whole.length, NULL) == ISB_OK);
    free(whole.bytes);
}

CASE(corruption, every_length_of_appended_bytes_is_refused) {
    static const char values[] = {0, '\xff', ' ', '}'};
    enum { MOST = 64 };
    checkpoint whole = make_checkpoint();
    char *longer = malloc(2 * whole.length + MOST);
    CHECK(longer != NULL);
    memcpy(longer, whole.bytes, whole.length);
    for (size_t i = 0; i < sizeof values; i++) {
        memset(longer + whole.length, values[i], MOST);
        for (size_t more = 1; more <= MOST; more++)
            check_refused(longer, whole.length + more, "appended", more);
    }
    memcpy(longer + whole.length, whole.bytes, whole.length);
    check_refused(longer, 2 * whole.length, "twice the file", whole.length);
    free(longer);
    free(whole.bytes);
}

/* A block of the file that lies where another belongs, as after a torn or misdirected write. */
CASE(corruption, every_misplaced_block_is_refused) {
    enum { BLOCK = 64 };
    checkpoint whole = make_checkpoint();
    char *other = malloc(whole.length);
    CHECK(other != NULL);
    const size_t blocks = whole.length / BLOCK;
    for (size_t i = 0; i < blocks * blocks; i++) {
        size_t from = i / blocks * BLOCK, to = i % blocks * BLOCK;
        memcpy(other, whole.bytes, whole.length);
        memcpy(other + to, whole.bytes + from, BLOCK);
        if (memcmp(other, whole.bytes, whole.length) != 0)
            check_refused(other, whole.length, "block", i);
    }
    free(other);
    free(whole.bytes);
}

/* --- through the program --- */

typedef void damage(const char *path, const char *bytes, size_t length);

static void flip_a_bit(const char *path, const char *bytes, size_t length) {
    char *copy = malloc(length);
    CHECK(copy != NULL);
    memcpy(copy, bytes, length);
    copy[length - 5] ^= 16;
    temporary_put(path, copy, length);
    free(copy);
}

static void cut_in_half(const char *path, const char *bytes, size_t length) {
    temporary_put(path, bytes, length / 2);
}

static void make_empty(const char *path, const char *bytes, size_t length) {
    (void)length;
    temporary_put(path, bytes, 0);
}

static void append_a_byte(const char *path, const char *bytes, size_t length) {
    char *copy = calloc(1, length + 1);
    CHECK(copy != NULL);
    memcpy(copy, bytes, length);
    temporary_put(path, copy, length + 1);
    free(copy);
}

static void fill_with_zeros(const char *path, const char *bytes, size_t length) {
    char *zeros = calloc(1, length);
    (void)bytes;
    CHECK(zeros != NULL);
    temporary_put(path, zeros, length);
    free(zeros);
}

static damage *const damages[] = {flip_a_bit, cut_in_half, make_empty, append_a_byte,
                                  fill_with_zeros};
enum { DAMAGES = sizeof damages / sizeof damages[0] };

static void spoil(const place *p, const char *name, damage *how) {
    size_t length;
    char *bytes = temporary_get(small_path(p, name), &length);
    CHECKF(bytes != NULL && length > 0, "%s is missing", name);
    how(small_path(p, name), bytes, length);
    free(bytes);
}

/* The last line of a run's output names its weights. */
static void check_weights(const output *a, const output *b) {
    const char *first = strstr(a->out, "weights sha256:"), *second = strstr(b->out, "weights sha");
    CHECK(first != NULL && second != NULL);
    CHECKF(strcmp(first, second) == 0, "%s is not %s", first, second);
}

CASE(corruption, a_run_with_a_damaged_state_ends_with_the_same_bits) {
    const place p = small_open();
    output whole = small_train(&p, "whole", "3", NULL);
    CHECKF(whole.status == 0, "%s", whole.err);
    for (size_t i = 0; i < DAMAGES; i++) {
        char run[16], last[64], history[64];
        snprintf(run, sizeof run, "run%zu", i);
        snprintf(last, sizeof last, "%s/" FILE_NAME, run);
        snprintf(history, sizeof history, "%s/history.csv", run);
        small_train_well(&p, run, "2");
        spoil(&p, last, damages[i]);
        output o = small_train(&p, run, "3", "--resume");
        CHECKF(o.status == 0, "%zu: status %d: %s", i, o.status, o.err);
        CHECKF(strstr(o.err, last) != NULL && strstr(o.err, "previous.safetensors") != NULL,
               "%zu: %s", i, o.err);
        check_weights(&whole, &o);
        CHECK(place_same(&p, "whole/history.csv", history));
        output_free(&o);
    }
    output_free(&whole);
    place_close(&p);
}

CASE(corruption, a_run_without_a_good_state_says_the_way_out) {
    const place p = small_open();
    for (size_t i = 0; i < DAMAGES; i++) {
        char run[16], last[64], previous[64], way_out[160];
        snprintf(run, sizeof run, "run%zu", i);
        snprintf(last, sizeof last, "%s/" FILE_NAME, run);
        snprintf(previous, sizeof previous, "%s/previous.safetensors", run);
        snprintf(way_out, sizeof way_out,
                 "train small.yaml --threads 1 --run %s --set fit.epochs=3 "
                 "--force",
                 run);
        small_train_well(&p, run, "2");
        spoil(&p, last, damages[i]);
        spoil(&p, previous, damages[DAMAGES - 1 - i]);
        output o = small_train(&p, run, "3", "--resume");
        CHECKF(o.status == 6 && strcmp(o.out, "") == 0, "%zu: status %d", i, o.status);
        CHECKF(strstr(o.err, last) != NULL && strstr(o.err, previous) != NULL, "%zu: %s", i, o.err);
        CHECKF(strstr(o.err, way_out) != NULL, "%zu: %s", i, o.err);
        output_free(&o);
    }
    place_close(&p);
}

CASE(corruption, a_damaged_model_has_status_6) {
    static const char *const commands[] = {"summary", "evaluate", "predict"};
    const place p = small_open();
    small_train_well(&p, "run", "1");
    size_t length;
    char *bytes = temporary_get(small_path(&p, "run/model.safetensors"), &length);
    CHECK(bytes != NULL);
    for (size_t i = 0; i < DAMAGES * 3; i++) {
        const char *const arguments[] = {commands[i % 3], "model.safetensors", NULL};
        damages[i / 3](small_path(&p, "model.safetensors"), bytes, length);
        output o = program_run(&p, &(request){.arguments = arguments});
        CHECKF(o.status == 6 && strcmp(o.out, "") == 0, "%zu: status %d: %s", i, o.status, o.err);
        CHECKF(strncmp(o.err, "error: model.safetensors: ", 26) == 0, "%zu: %s", i, o.err);
        output_free(&o);
    }
    free(bytes);
    place_close(&p);
}
