/* Each input scaled by its own numbers: the kernel, what is fitted and on which rows, and the same
 * bits as of data that were scaled before. */
#include "model/scaling.h"
#include "kernels.h"
#include "train/scaling_fit.h"
#include <isobit/predictor.h>
#include <math.h>

enum { ROWS = 300, WIDTH = 37, CLASSES = 4 };

CASE(scaling, every_width_is_scaled_and_no_more) {
    FOR_EACH_ISA(isa) {
        for (size_t n = 1; n <= 70; n++) {
            const size_t panels = (n + 15) / 16, stride = 48;
            guarded y = guarded_make((panels - 1) * stride + 16);
            isb_scaling scaling;
            CHECK(isb_scaling_make(&scaling, n, NULL) == ISB_OK);
            fill_uniform(scaling.offset, n, n);
            for (size_t i = 0; i < n; i++)
                scaling.divisor[i] = 0.1f + (float)i;
            for (size_t i = 0; i < panels * 16; i++)
                y.data[i / 16 * stride + i % 16] = i < n ? (float)i * 0.3f : 0.0f;
            isb_kernels_for(isa)->normalize(y.data, stride, scaling.offset, scaling.divisor, n);
            for (size_t i = 0; i < n; i++)
                CHECK(same_bits(y.data[i / 16 * stride + i % 16],
                                ((float)i * 0.3f - scaling.offset[i]) / scaling.divisor[i]));
            for (size_t i = n; i < panels * 16; i++)
                CHECK(same_bits(y.data[i / 16 * stride + i % 16], 0.0f));
            for (size_t p = 0; p + 1 < panels; p++)
                for (size_t i = 16; i < stride; i++)
                    CHECK(guarded_untouched(y.data + p * stride + i));
            guarded_check(&y);
            guarded_free(&y);
            isb_scaling_free(&scaling);
        }
    }
}

/* --- what is fitted --- */

static isb_status fit(isb_scaling *out, isb_scale_kind kind, void *features, isb_dtype dtype,
                      size_t width, isb_error *error) {
    static const uint32_t rows[] = {0, 1, 3}; /* row 2 is held out */
    const isb_table table = {.rows = 4, .dtype = dtype, .features = features};
    CHECK(isb_scaling_make(out, width, NULL) == ISB_OK);
    return isb_scaling_fit(out, kind, &table, rows, 3, error);
}

CASE(scaling, means_and_deviations_are_those_of_the_rows_trained_on) {
    uint8_t bytes[] = {1, 7, 250, 2, 7, 250, 100, 100, 100, 6, 7, 251};
    isb_scaling s;
    CHECK(fit(&s, ISB_SCALE_STANDARDIZE, bytes, ISB_U8, 3, NULL) == ISB_OK);
    CHECK(s.offset[0] == 3 && s.divisor[0] == (float)sqrt(14.0 / 3));
    CHECK(s.offset[1] == 7 && s.divisor[1] == 1);
    CHECK(s.offset[2] == (float)(751.0 / 3));
    isb_scaling_free(&s);
    CHECK(fit(&s, ISB_SCALE_MINMAX, bytes, ISB_U8, 3, NULL) == ISB_OK);
    CHECK(s.offset[0] == 1 && s.divisor[0] == 5 && s.offset[1] == 7 && s.divisor[1] == 1);
    CHECK(s.offset[2] == 250 && s.divisor[2] == 1);
    isb_scaling_free(&s);
}

CASE(scaling, sums_are_in_double_and_equal_values_stay_exact) {
    float floats[] = {0.1f, 1e8f, 0.1f, 1.0f, 5.0f, 5.0f, 0.1f, 1.0f};
    isb_scaling s;
    CHECK(fit(&s, ISB_SCALE_STANDARDIZE, floats, ISB_F32, 2, NULL) == ISB_OK);
    CHECK(s.offset[0] == 0.1f && s.divisor[0] == 1);
    CHECK(s.offset[1] == (float)(100000002.0 / 3));
    isb_scaling_free(&s);
}

CASE(scaling, a_divisor_that_would_round_to_0_is_1) {
    float floats[] = {0.0f, 0.0f, 0.0f, 0x1p-149f};
    isb_scaling s;
    CHECK(fit(&s, ISB_SCALE_STANDARDIZE, floats, ISB_F32, 1, NULL) == ISB_OK);
    CHECK(s.divisor[0] == 1);
    isb_scaling_free(&s);
    CHECK(fit(&s, ISB_SCALE_MINMAX, floats, ISB_F32, 1, NULL) == ISB_OK);
    CHECK(s.divisor[0] == 0x1p-149f);
    isb_scaling_free(&s);
}

static void check_refused(isb_scale_kind kind, float first, float last, const char *message) {
    float floats[] = {1.0f, first, 1.0f, last, NAN, NAN, 1.0f, last};
    isb_scaling s;
    isb_error error = ISB_ERROR_INIT;
    CHECK(fit(&s, kind, floats, ISB_F32, 2, &error) == ISB_DATA);
    CHECKF(strcmp(isb_error_text(&error), message) == 0, "%s", isb_error_text(&error));
    isb_error_clear(&error);
    isb_scaling_free(&s);
}

CASE(scaling, what_cannot_be_fitted_is_named) {
    static const char not_finite[] =
        "data.scale: feature 1 of row 1 of train (both counted from 0) is no finite number, so "
        "that nothing can be fitted; mend the data";
    static const char apart[] =
        "data.scale: the values of feature 1 (counted from 0) lie further apart than a float32 "
        "holds; mend the data, or divide them by a number";
    check_refused(ISB_SCALE_STANDARDIZE, 1.0f, NAN, not_finite);
    check_refused(ISB_SCALE_MINMAX, 1.0f, INFINITY, not_finite);
    check_refused(ISB_SCALE_STANDARDIZE, -3e38f, 3e38f, apart);
    check_refused(ISB_SCALE_MINMAX, -3e38f, 3e38f, apart);
}

/* --- training --- */

static void make(fixture *f, isb_dtype dtype, isb_scale_kind kind) {
    fixture_make(f, dtype, ROWS, WIDTH, CLASSES);
    for (size_t r = 0; r < ROWS && dtype == ISB_U8; r++)
        ((uint8_t *)f->dataset.train.features)[r * WIDTH + 5] = 9; /* constant */
    f->experiment.scale_kind = kind;
    fixture_dropout(f, 0.1);
    fixture_dense(f, 20, ISB_RELU);
    fixture_dense(f, CLASSES, ISB_SOFTMAX);
    f->split.train_rows = ROWS - 60; /* the others are held out */
    fixture_ready(f);
}

/* Losses and weights of two epochs, without the scaling. */
static uint64_t digest(const fixture *f, size_t threads, const char *isa) {
    isb_trainer *trainer = fixture_trainer(f, threads, isa);
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t e = 0; e < 2; e++) {
        isb_epoch_result result;
        CHECK(isb_trainer_epoch(trainer, NULL, NULL, &result, NULL) == ISB_OK && !result.diverged);
        hash = fixture_hash(hash, &result.train.loss, sizeof result.train.loss);
    }
    isb_tensors tensors;
    CHECK(isb_trainer_export(trainer, false, &tensors, NULL) == ISB_OK);
    for (size_t i = 0; i < tensors.count; i++)
        if (isb_tensor_is_weights(tensors.items[i].name))
            hash = fixture_hash(hash, tensors.items[i].data,
                                isb_shape_size(tensors.items[i].shape) * sizeof(float));
    isb_tensors_free(&tensors);
    isb_trainer_free(trainer);
    return hash;
}

/* The same data, scaled here, by formulas written down again. */
static void scale_by_hand(fixture *to, const fixture *from) {
    const uint8_t *x = from->dataset.train.features;
    float *y = to->dataset.train.features;
    const size_t rows = from->split.train_rows;
    for (size_t c = 0; c < WIDTH; c++) {
        double sum = 0, squares = 0, low = 255, high = 0;
        for (size_t r = 0; r < rows; r++) {
            sum += x[r * WIDTH + c];
            low = fmin(low, x[r * WIDTH + c]);
            high = fmax(high, x[r * WIDTH + c]);
        }
        const double mean = sum / (double)rows;
        for (size_t r = 0; r < rows; r++)
            squares += (x[r * WIDTH + c] - mean) * (x[r * WIDTH + c] - mean);
        const bool standardized = from->experiment.scale_kind == ISB_SCALE_STANDARDIZE;
        const float offset = (float)(standardized ? mean : low);
        float divisor = (float)(standardized ? sqrt(squares / (double)rows) : high - low);
        divisor = low == high ? 1.0f : divisor;
        for (size_t r = 0; r < ROWS; r++)
            y[r * WIDTH + c] = ((float)x[r * WIDTH + c] - offset) / divisor;
    }
}

CASE(scaling, trains_as_on_data_scaled_before_on_all_threads_and_instruction_sets) {
    static const isb_scale_kind kinds[] = {ISB_SCALE_STANDARDIZE, ISB_SCALE_MINMAX};
    for (size_t k = 0; k < 2; k++) {
        fixture f, scaled;
        make(&f, ISB_U8, kinds[k]);
        make(&scaled, ISB_F32, ISB_SCALE_NONE);
        scale_by_hand(&scaled, &f);
        const uint64_t expected = digest(&scaled, 1, "scalar");
        FOR_EACH_ISA(isa) {
            for (size_t threads = 1; threads <= 5; threads += 2)
                CHECKF(digest(&f, threads, isb_isa_name(isa)) == expected, "%s, %zu threads",
                       isb_isa_name(isa), threads);
        }
        fixture_free(&f);
        fixture_free(&scaled);
    }
}

static isb_status predict(const fixture *f, const isb_tensors *weights, float *out,
                          isb_error *error) {
    const isb_predictor_config config = {.experiment = &f->experiment,
                                         .model = &f->model,
                                         .weights = weights,
                                         .from = "w",
                                         .threads = 1,
                                         .isa = "auto"};
    isb_predictor *predictor;
    uint32_t classes[ROWS], rows[ROWS];
    const isb_status status = isb_predictor_create(&predictor, &config, error);
    if (status != ISB_OK)
        return status;
    for (uint32_t i = 0; i < ROWS; i++)
        rows[i] = i;
    isb_predictor_predict(predictor, &f->dataset.train, rows, ROWS, classes, out);
    isb_predictor_free(predictor);
    return ISB_OK;
}

CASE(scaling, goes_with_the_weights) {
    static float scaled[ROWS * CLASSES], expected[ROWS * CLASSES];
    fixture f, by_hand;
    make(&f, ISB_U8, ISB_SCALE_STANDARDIZE);
    make(&by_hand, ISB_F32, ISB_SCALE_NONE);
    scale_by_hand(&by_hand, &f);
    isb_trainer *trainer = fixture_trainer(&f, 1, "auto");
    isb_tensors weights;
    isb_error error = ISB_ERROR_INIT;
    CHECK(isb_trainer_export(trainer, true, &weights, NULL) == ISB_OK);
    CHECK(strcmp(weights.items[weights.count - 2].name, "scaling.offset") == 0);
    CHECK(strcmp(weights.items[weights.count - 1].name, "scaling.divisor") == 0);
    CHECK(predict(&f, &weights, scaled, NULL) == ISB_OK);
    CHECK(predict(&by_hand, &weights, expected, NULL) == ISB_OK);
    CHECK(memcmp(scaled, expected, sizeof scaled) == 0);
    CHECK(isb_trainer_import_scaling(trainer, &weights, "w", NULL) == ISB_OK);
    weights.items[weights.count - 1].data[3] = 0;
    CHECK(predict(&f, &weights, scaled, &error) == ISB_CORRUPT);
    CHECKF(strcmp(isb_error_text(&error),
                  "w: tensor 'scaling.divisor' holds a value that is not above 0") == 0,
           "%s", isb_error_text(&error));
    isb_error_clear(&error);
    strcpy(weights.items[weights.count - 1].name, "other");
    CHECK(isb_trainer_import_scaling(trainer, &weights, "w", &error) == ISB_CORRUPT);
    CHECKF(strcmp(isb_error_text(&error),
                  "w: no tensor 'scaling.divisor', which the model needs with shape (37); use a "
                  "file of this model, or change the model to match") == 0,
           "%s", isb_error_text(&error));
    isb_error_clear(&error);
    isb_tensors_free(&weights);
    isb_trainer_free(trainer);
    fixture_free(&f);
    fixture_free(&by_hand);
}
