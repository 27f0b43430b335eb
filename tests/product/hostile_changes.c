/* Files that grow, shrink and change while they are read: what is read is what was there at one
 * time, or refused. */
#include "data/csv.h"
#include "npy_files.h"
#include "study/journal.h"
#include <isobit/dataset.h>
#include <pthread.h>
#include <stdatomic.h>

/* What is written again and again; half of it, all of it, and more than all. */
typedef struct changing {
    const char *path;
    const uint8_t *bytes;
    size_t length;
    atomic_bool over;
} changing;

static void *change(void *context) {
    changing *c = context;
    for (size_t turn = 0; !c->over; turn++) {
        FILE *file = fopen(c->path, turn % 3 == 0 ? "wb" : "r+b");
        if (file == NULL)
            continue;
        fwrite(c->bytes, 1, c->length, file);
        if (turn % 3 == 1)
            fwrite(c->bytes, 1, c->length, file);
        fclose(file);
        if (turn % 3 == 2 && truncate(c->path, (off_t)(c->length / 2)) != 0)
            break;
    }
    return NULL;
}

typedef isb_status reading(const char *path, isb_error *error);

static void check(const char *path, const void *bytes, size_t length, reading *read,
                  isb_status bad) {
    enum { TIMES = 400 };
    changing c = {.path = path, .bytes = bytes, .length = length};
    pthread_t thread;
    put(path, bytes, length);
    CHECK(pthread_create(&thread, NULL, change, &c) == 0);
    for (size_t i = 0; i < TIMES; i++) {
        isb_error error = ISB_ERROR_INIT;
        const isb_status status = read(path, &error);
        CHECKF(status == ISB_OK || status == bad, "%s: status %d: %s", path, (int)status,
               isb_error_text(&error));
        isb_error_clear(&error);
    }
    c.over = true;
    CHECK(pthread_join(thread, NULL) == 0);
    put(path, bytes, length);
    CHECK(read(path, NULL) == ISB_OK);
}

static isb_status read_csv(const char *path, isb_error *error) {
    const isb_frame_options options = {.header = -1, .threads = 2};
    isb_frame frame;
    const isb_status status = isb_csv_read(&frame, path, &options, error);
    isb_frame_free(&frame);
    return status;
}

static isb_status read_dataset(const char *source, isb_error *error) {
    isb_dataset data;
    const isb_status status = isb_dataset_open(&data, source, error);
    isb_dataset_free(&data);
    return status;
}

static isb_status read_npy(const char *path, isb_error *error) {
    char source[64];
    snprintf(source, sizeof source, "{x: %s, y: y.npy}", path);
    return read_dataset(source, error);
}

static isb_status read_journal(const char *path, isb_error *error) {
    isb_journal journal;
    const isb_status status = isb_journal_read(&journal, path, error);
    isb_journal_free(&journal);
    return status;
}

enum { ROWS = 40000 };

CASE(hostile_changes, tables) {
    enter_directory();
    static char text[ROWS * 16];
    size_t length = (size_t)sprintf(text, "a,b\n");
    for (size_t i = 0; i < ROWS; i++)
        length += (size_t)sprintf(text + length, "%zu,t%zu\n", i, i % 9);
    check("t.csv", text, length, read_csv, ISB_DATA);
    put_gzip("g", text, length);
    static uint8_t packed[ROWS * 16];
    const size_t size = get("g", packed, sizeof packed);
    check("t.csv.gz", packed, size, read_csv, ISB_DATA);
    leave_directory();
}

CASE(hostile_changes, arrays) {
    enter_directory();
    static uint8_t values[30000];
    npy_bytes x = npy_make("|u1", "False", "(30000, 1)", values, sizeof values);
    npy_bytes y = npy_make("|u1", "False", "(30000,)", values, sizeof values);
    npy_put("y.npy", y);
    check("x.npy", x.data, x.length, read_npy, ISB_DATA);
    const zip_member members[] = {zip_stored("x.npy", &x), zip_stored("y.npy", &y)};
    const npy_bytes archive = zip_make(members, 2, false);
    check("d.npz", archive.data, archive.length, read_dataset, ISB_DATA);
    static uint8_t idx[64 + 30000];
    memcpy(idx, (const uint8_t[]){0, 0, 8, 2, 0, 0, 0x75, 0x30, 0, 0, 0, 1}, 12);
    check("x.idx", idx, 12 + sizeof values, read_npy, ISB_DATA);
    leave_directory();
}

CASE(hostile_changes, journals) {
    enter_directory();
    static const char line[] =
        "{\"event\": \"run\", \"key\": "
        "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\", \"state\": "
        "\"failed\", \"epochs\": 0, \"best_epoch\": 0, \"seconds\": 1, \"curve\": []}\n";
    static char text[200 * sizeof line];
    size_t length = 0;
    for (size_t i = 0; i < 200; i++)
        length += (size_t)sprintf(text + length, "%s", line);
    check("runs.jsonl", text, length, read_journal, ISB_CORRUPT);
    leave_directory();
}
