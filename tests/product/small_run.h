/* A run of a few hundred bytes of data: the program trains it in milliseconds and its checkpoint
 * has two to three KiB. */
#ifndef ISB_TESTS_SMALL_RUN_H
#define ISB_TESTS_SMALL_RUN_H

#include "program.h"
#include "temporary.h"
#include <stdint.h>

enum { SMALL_ROWS = 24 };

/* Where a file of the place lies; one of eight buffers in turn. */
static inline const char *small_path(const place *p, const char *name) {
    temporary directory;
    memcpy(directory.path, p->path, sizeof directory.path);
    return temporary_path(&directory, name);
}

/* data/, 24 images of 2 x 2 bytes in three classes, and small.yaml, which trains on them. */
static inline place small_open(void) {
    const place p = place_open();
    uint8_t images[16 + 4 * SMALL_ROWS] = {0, 0, 8, 3, 0, 0, 0, SMALL_ROWS, 0, 0, 0, 2, 0, 0, 0, 2};
    uint8_t labels[8 + SMALL_ROWS] = {0, 0, 8, 1, 0, 0, 0, SMALL_ROWS};
    for (size_t i = 0; i < 4 * SMALL_ROWS; i++)
        images[16 + i] = (uint8_t)(i * 37 + 11);
    for (size_t i = 0; i < SMALL_ROWS; i++)
        labels[8 + i] = (uint8_t)(i % 3);
    CHECK(mkdir(small_path(&p, "data"), 0700) == 0);
    temporary_put(small_path(&p, "data/train-images-idx3-ubyte"), images, sizeof images);
    temporary_put(small_path(&p, "data/train-labels-idx1-ubyte"), labels, sizeof labels);
    place_write(&p, "small.yaml",
                "data: {source: data}\n"
                "model:\n"
                "  - flatten\n"
                "  - dense: {units: 3, activation: relu}\n"
                "  - dropout: {rate: 0.5}\n"
                "  - dense: {units: 3, activation: softmax}\n"
                "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\n"
                "fit: {batch_size: 8}\n");
    return p;
}

/* `isobit train small.yaml --threads 1 --run RUN --set fit.epochs=EPOCHS [MORE]`. */
static inline output small_train(const place *p, const char *run, const char *epochs,
                                 const char *more) {
    char setting[64];
    snprintf(setting, sizeof setting, "fit.epochs=%s", epochs);
    const char *const arguments[] = {"train", "small.yaml", "--threads", "1",  "--run",
                                     run,     "--set",      setting,     more, NULL};
    return program_run(p, &(request){.arguments = arguments});
}

static inline void small_train_well(const place *p, const char *run, const char *epochs) {
    output o = small_train(p, run, epochs, NULL);
    CHECKF(o.status == 0, "status %d: %s", o.status, o.err);
    output_free(&o);
}

#endif
