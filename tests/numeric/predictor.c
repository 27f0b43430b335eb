/* A trained network applied to rows: what training says of them, a row like any other, and what the
 * scores of the classes are when there is nothing to divide by. */
#include "kernels.h"
#include "train/class_scores.h"
#include <isobit/predictor.h>
#include <math.h>

enum { ROWS = 300, WIDTH = 37, CLASSES = 5 };

typedef struct bench {
    fixture f;
    isb_trainer *trainer;
    isb_tensors weights;
    uint32_t rows[ROWS]; /* 0, 1, 2, ... */
} bench;

static void bench_open(bench *b, isb_dtype dtype) {
    fixture_make(&b->f, dtype, ROWS, WIDTH, CLASSES);
    fixture_dropout(&b->f, 0.1);
    fixture_dense(&b->f, 20, ISB_RELU);
    fixture_dropout(&b->f, 0.5);
    fixture_dense(&b->f, 33, ISB_SOFTMAX);
    fixture_dense(&b->f, CLASSES, ISB_SOFTMAX);
    fixture_ready(&b->f);
    b->trainer = fixture_trainer(&b->f, 2, "auto");
    isb_epoch_result result;
    CHECK(isb_trainer_epoch(b->trainer, NULL, NULL, &result, NULL) == ISB_OK);
    CHECK(isb_trainer_export(b->trainer, false, &b->weights, NULL) == ISB_OK);
    for (uint32_t i = 0; i < ROWS; i++)
        b->rows[i] = i;
}

static void bench_close(bench *b) {
    isb_tensors_free(&b->weights);
    isb_trainer_free(b->trainer);
    fixture_free(&b->f);
}

static isb_status create(isb_predictor **out, const bench *b, size_t threads, const char *isa,
                         isb_error *error) {
    const isb_predictor_config config = {.experiment = &b->f.experiment,
                                         .model = &b->f.model,
                                         .weights = &b->weights,
                                         .from = "here",
                                         .threads = threads,
                                         .isa = isa};
    return isb_predictor_create(out, &config, error);
}

static isb_predictor *predictor_of(const bench *b, size_t threads, const char *isa) {
    isb_predictor *predictor;
    isb_error error = ISB_ERROR_INIT;
    CHECKF(create(&predictor, b, threads, isa, &error) == ISB_OK, "%s", isb_error_text(&error));
    CHECK(strcmp(isa, "auto") == 0 || strcmp(isb_predictor_isa(predictor), isa) == 0);
    return predictor;
}

static void check_score(const bench *b, const isb_predictor *p, size_t count) {
    isb_score expected;
    isb_evaluation e;
    CHECK(isb_trainer_evaluate(b->trainer, &b->f.dataset.train, b->rows, count, &expected, NULL) ==
          ISB_OK);
    CHECK(isb_predictor_evaluate(p, &b->f.dataset.train, b->rows, count, &e, NULL) == ISB_OK);
    CHECK(e.rows == count && e.classes == CLASSES);
    CHECKF(e.loss == expected.loss, "%zu rows: %.17g, not %.17g", count, e.loss, expected.loss);
    CHECK(e.accuracy == expected.accuracy);
    isb_evaluation_free(&e);
    CHECK(e.by_class == NULL && e.confusion == NULL);
}

CASE(predictor, scores_as_training_does) {
    static const size_t counts[] = {1, 63, 64, 65, 128, 129, ROWS};
    for (int dtype = ISB_U8; dtype <= ISB_F32; dtype++) {
        bench b;
        bench_open(&b, (isb_dtype)dtype);
        FOR_EACH_ISA(isa) {
            for (size_t threads = 1; threads <= 5; threads += 2) {
                isb_predictor *p = predictor_of(&b, threads, isb_isa_name(isa));
                for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
                    check_score(&b, p, counts[i]);
                isb_predictor_free(p);
            }
        }
        bench_close(&b);
    }
}

/* Results of all rows by the scalar kernels, each row alone. */
static void predict_alone(const bench *b, uint32_t *classes, float *probabilities) {
    isb_predictor *p = predictor_of(b, 1, "scalar");
    for (uint32_t i = 0; i < ROWS; i++)
        isb_predictor_predict(p, &b->f.dataset.train, &i, 1, classes + i,
                              probabilities + i * CLASSES);
    isb_predictor_free(p);
}

CASE(predictor, a_row_is_its_own) {
    static uint32_t alone[ROWS], classes[ROWS], order[ROWS];
    static float each[ROWS][CLASSES], probabilities[ROWS][CLASSES];
    bench b;
    bench_open(&b, ISB_U8);
    predict_alone(&b, alone, each[0]);
    for (uint32_t i = 0; i < ROWS; i++)
        order[i] = i * 7 % ROWS; /* 7 and 300 have no divisor in common */
    FOR_EACH_ISA(isa) {
        for (size_t threads = 1; threads <= 3; threads++) {
            isb_predictor *p = predictor_of(&b, threads, isb_isa_name(isa));
            isb_predictor_predict(p, &b.f.dataset.train, order, ROWS, classes, probabilities[0]);
            for (size_t i = 0; i < ROWS; i++) {
                CHECKF(classes[i] == alone[order[i]], "row %u", order[i]);
                CHECKF(memcmp(probabilities[i], each[order[i]], sizeof each[0]) == 0, "row %u",
                       order[i]);
            }
            isb_predictor_free(p);
        }
    }
    bench_close(&b);
}

CASE(predictor, the_class_is_that_of_the_largest_probability) {
    static uint32_t classes[ROWS];
    static float probabilities[ROWS][CLASSES];
    bench b;
    bench_open(&b, ISB_F32);
    predict_alone(&b, classes, probabilities[0]);
    size_t seen[CLASSES] = {0};
    for (size_t i = 0; i < ROWS; i++) {
        float sum = 0;
        for (size_t c = 0; c < CLASSES; c++) {
            CHECK(probabilities[i][c] >= 0 && probabilities[i][c] <= probabilities[i][classes[i]]);
            sum += probabilities[i][c];
        }
        CHECKF(fabsf(sum - 1) < 1e-6f, "%.9g", (double)sum);
        seen[classes[i]]++;
    }
    CHECK(seen[0] < ROWS);
    bench_close(&b);
}

CASE(predictor, of_equal_outputs_the_first_wins) {
    bench b;
    bench_open(&b, ISB_U8);
    const isb_tensor *last = isb_tensors_find(&b.weights, "dense_2.kernel");
    const isb_tensor *bias = isb_tensors_find(&b.weights, "dense_2.bias");
    memset(last->data, 0, isb_shape_size(last->shape) * sizeof(float));
    memcpy(bias->data, (const float[CLASSES]){-1, 2, 0, 2, 2}, CLASSES * sizeof(float));
    isb_predictor *p = predictor_of(&b, 1, "auto");
    uint32_t class;
    float probabilities[CLASSES];
    isb_predictor_predict(p, &b.f.dataset.train, b.rows, 1, &class, probabilities);
    CHECK(class == 1);
    CHECK(probabilities[1] == probabilities[3] && probabilities[1] == probabilities[4]);
    isb_predictor_free(p);
    bench_close(&b);
}

static void check_refused(const bench *b, const char *isa, isb_status status, const char *message) {
    isb_predictor *p;
    isb_error error = ISB_ERROR_INIT;
    CHECK(create(&p, b, 1, isa, &error) == status && p == NULL);
    CHECKF(strcmp(isb_error_text(&error), message) == 0, "%s", isb_error_text(&error));
    isb_error_clear(&error);
}

CASE(predictor, weights_must_be_the_models) {
    bench b;
    bench_open(&b, ISB_U8);
    check_refused(&b, "sse9", ISB_USAGE, "no instruction set 'sse9' is known");
    b.weights.items[5].data[2] = NAN;
    check_refused(&b, "auto", ISB_CORRUPT,
                  "here: tensor 'dense_2.bias' holds NaN or Inf; use weights that are finite");
    strcpy(b.weights.items[5].name, "dense_2.bais");
    check_refused(&b, "auto", ISB_CORRUPT,
                  "here: no tensor 'dense_2.bias', which the model needs with shape (5); use a "
                  "file of this model, or change the model to match");
    b.weights.count--;
    check_refused(&b, "auto", ISB_CORRUPT,
                  "here: holds 1618 values, but its model has 1623 parameters; use a file of this "
                  "model");
    b.weights.count++;
    bench_close(&b);
}

static void check_class(const isb_evaluation *e, size_t class, size_t support, size_t predicted,
                        size_t hits) {
    const isb_class_score *one = &e->by_class[class];
    CHECK(one->support == support && one->predicted == predicted && one->hits == hits);
}

/* Of the table's seven rows five are looked at; class 3 is neither there nor predicted. */
CASE(predictor, class_scores) {
    static const uint32_t labels[7] = {0, 9, 0, 1, 9, 1, 2}, rows[5] = {0, 2, 3, 5, 6};
    static const uint32_t classes[5] = {0, 1, 1, 1, 1};
    isb_evaluation e = {.classes = 4};
    CHECK(isb_class_scores_make(&e, labels, rows, classes, 5, NULL) == ISB_OK);
    check_class(&e, 0, 2, 1, 1);
    check_class(&e, 1, 2, 4, 2);
    check_class(&e, 2, 1, 0, 0);
    check_class(&e, 3, 0, 0, 0);
    CHECK(e.by_class[0].precision == 1 && e.by_class[0].recall == 0.5);
    CHECK(e.by_class[0].f1 == 2.0 / 3);
    CHECK(e.by_class[1].precision == 0.5 && e.by_class[1].recall == 1);
    CHECK(isnan(e.by_class[2].precision) && e.by_class[2].recall == 0 && e.by_class[2].f1 == 0);
    CHECK(isnan(e.by_class[3].precision) && isnan(e.by_class[3].recall));
    CHECK(isnan(e.by_class[3].f1));
    CHECK(e.precision == 1.5 / 4 && e.recall == 1.5 / 4 && e.f1 == (2.0 / 3 + 2.0 / 3) / 4);
    static const uint32_t confusion[16] = {1, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    CHECK(memcmp(e.confusion, confusion, sizeof confusion) == 0);
    isb_evaluation_free(&e);
}

CASE(predictor, no_confusion_matrix_of_very_many_classes) {
    static const uint32_t labels[2] = {1024, 3}, rows[2] = {0, 1}, classes[2] = {1024, 0};
    isb_evaluation e = {.classes = ISB_CONFUSION_CLASSES + 1};
    CHECK(isb_class_scores_make(&e, labels, rows, classes, 2, NULL) == ISB_OK);
    CHECK(e.confusion == NULL);
    check_class(&e, 1024, 1, 1, 1);
    check_class(&e, 3, 1, 0, 0);
    isb_evaluation_free(&e);
    e = (isb_evaluation){.classes = ISB_CONFUSION_CLASSES};
    CHECK(isb_class_scores_make(&e, labels, rows + 1, classes + 1, 1, NULL) == ISB_OK);
    CHECK(e.confusion != NULL && e.confusion[3 * ISB_CONFUSION_CLASSES] == 1);
    isb_evaluation_free(&e);
}
