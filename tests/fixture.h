/* Small training runs for tests: an experiment, a model and seeded synthetic data in one piece. */
#ifndef ISB_TESTS_FIXTURE_H
#define ISB_TESTS_FIXTURE_H

#include <isobit/trainer.h>

enum { FIXTURE_LAYERS = 8 };

typedef struct fixture {
    isb_experiment experiment;
    isb_layer layers[FIXTURE_LAYERS];
    isb_model model;
    isb_dataset dataset;
    isb_split split;
} fixture;

/* `rows` examples of `width` bytes (or floats in [0, 1) with scale none) in `classes` classes, all
 * trained on; Adam with its defaults, batch 32, no layers yet. */
void fixture_make(fixture *f, isb_dtype dtype, size_t rows, size_t width, size_t classes);
void fixture_free(fixture *f);

/* Blackens four fifths of the features, so that the first layer looks for zeros. */
void fixture_blacken(fixture *f);

/* Makes it a regression: targets instead of labels, each a sum of features with noise, about
 * uniform in [-2, 2]. */
void fixture_targets(fixture *f, isb_loss_kind loss, size_t width);

/* Append a layer; fixture_ready then builds the model. */
void fixture_dense(fixture *f, size_t units, isb_activation activation);
void fixture_dropout(fixture *f, double rate);
void fixture_ready(fixture *f);

isb_trainer *fixture_trainer(const fixture *f, size_t threads, const char *isa);

/* Trains some epochs and gives the FNV-1a hash of all weights' bits and of the epochs' losses. */
uint64_t fixture_digest(const fixture *f, size_t threads, const char *isa, size_t epochs);

/* FNV-1a over bytes. */
uint64_t fixture_hash(uint64_t hash, const void *data, size_t size);

/* The next of a seeded sequence of random bits, uniform floats in [-1, 1). */
uint32_t fixture_random(uint64_t *state);
float fixture_uniform(uint64_t *state);

#endif
