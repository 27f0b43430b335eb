/* Regression: its kernels against their formulas bit for bit, its scores against double, and the
 * same bits at any threads, batch and instruction set. */
#include "kernels.h"
#include "oracle.h"
#include <isobit/predictor.h>
#include <math.h>

enum { ROWS = 19, MOST = 70 };

typedef void slot(float *D, size_t d_stride, float *losses, const float *Z, size_t z_stride,
                  const float *T, size_t t_stride, size_t rows, size_t columns,
                  const isb_regression *by);

typedef struct formula {
    float (*add)(float sum, float e, float delta);
    float (*slope)(float e, float delta);
} formula;

static float add_square(float sum, float e, float delta) {
    (void)delta;
    return fmaf(e, e, sum);
}
static float square_slope(float e, float delta) {
    (void)delta;
    return 2.0f * e;
}

static float add_size(float sum, float e, float delta) {
    (void)delta;
    return sum + fabsf(e);
}
static float size_slope(float e, float delta) {
    (void)delta;
    return e > 0.0f ? 1.0f : e < 0.0f ? -1.0f : e;
}

static float add_huber(float sum, float e, float delta) {
    return sum + (fabsf(e) > delta ? delta * (fabsf(e) - 0.5f * delta) : 0.5f * e * e);
}
static float huber_slope(float e, float delta) {
    return e > delta ? delta : e < -delta ? -delta : e;
}

static const formula formulas[] = {
    {add_square, square_slope}, {add_size, size_slope}, {add_huber, huber_slope}};

static slot *slot_of(const isb_kernels *kernels, size_t i) {
    slot *const slots[] = {kernels->squared_error, kernels->absolute_error, kernels->huber};
    return slots[i];
}

static size_t at(size_t r, size_t c) { return c / 16 * ROWS * 16 + r * 16 + c % 16; }

static guarded matrix(size_t columns, uint64_t seed) {
    guarded g = guarded_make((columns + 15) / 16 * ROWS * 16);
    fill_uniform(g.data, g.count, seed);
    for (size_t i = 0; i < g.count; i++)
        g.data[i] *= 3.0f;
    return g;
}

static float fold(float lanes[16]) {
    for (size_t half = 8; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            lanes[i] += lanes[i + half];
    return lanes[0];
}

static bool same_value(float a, float b) { return same_bits(a, b) || (isnan(a) && isnan(b)); }

static void check_rows(const formula *f, const guarded *z, const guarded *t, const guarded *d,
                       const float *losses, size_t columns, const isb_regression *by) {
    for (size_t r = 0; r < ROWS; r++) {
        float lanes[16] = {0.0f};
        for (size_t c = 0; c < columns; c++) {
            const float e = z->data[at(r, c)] - t->data[at(r, c)];
            lanes[c % 16] = f->add(lanes[c % 16], e, by->delta);
            CHECKF(same_value(d->data[at(r, c)], f->slope(e, by->delta) / by->divisor),
                   "(%zu, %zu) of %zu: %.9g", r, c, columns, (double)d->data[at(r, c)]);
        }
        CHECKF(same_value(losses[r], fold(lanes) / (float)columns), "row %zu of %zu columns: %.9g",
               r, columns, (double)losses[r]);
    }
}

/* On every instruction set, so that all give the same bits; then in place, then without D. */
static void check_slot(isb_isa isa, size_t i, size_t columns) {
    const isb_regression by = {.divisor = 19.0f * (float)columns, .delta = 0.75f};
    const size_t stride = ROWS * 16;
    guarded z = matrix(columns, 1), t = matrix(columns, 2), d = guarded_make(z.count);
    guarded losses = guarded_make(ROWS), again = guarded_make(ROWS);
    z.data[at(3, 0)] = t.data[at(3, 0)]; /* a slope of 0 */
    z.data[at(4, 0)] = t.data[at(4, 0)] + 0.75f;
    z.data[at(5, 0)] = INFINITY;
    t.data[at(6, columns - 1)] = NAN;
    t.data[at(7, 0)] = -3.4e38f;
    slot *kernel = slot_of(isb_kernels_for(isa), i);
    kernel(d.data, stride, losses.data, z.data, stride, t.data, stride, ROWS, columns, &by);
    check_rows(&formulas[i], &z, &t, &d, losses.data, columns, &by);
    kernel(NULL, 0, again.data, z.data, stride, t.data, stride, ROWS, columns, &by);
    CHECK(memcmp(losses.data, again.data, ROWS * sizeof(float)) == 0);
    kernel(z.data, stride, again.data, z.data, stride, t.data, stride, ROWS, columns, &by);
    CHECK(memcmp(losses.data, again.data, ROWS * sizeof(float)) == 0);
    for (size_t r = 0; r < ROWS; r++)
        for (size_t c = 0; c < columns; c++)
            CHECK(same_bits(z.data[at(r, c)], d.data[at(r, c)]));
    guarded *all[] = {&z, &t, &d, &losses, &again};
    for (size_t g = 0; g < 5; g++) {
        guarded_check(all[g]);
        guarded_free(all[g]);
    }
}

CASE(regression_loss, kernels_follow_their_formulas) {
    FOR_EACH_ISA(isa) {
        for (size_t i = 0; i < 3; i++)
            for (size_t columns = 1; columns <= MOST; columns += columns < 20 ? 1 : 7)
                check_slot(isa, i, columns);
    }
}

/* Of Keras 3.15.1: keras.losses.Huber()([[0.0], [2.0]], [[0.6], [0.4]]) is 0.64, of 0.18 and 1.1.
 */
CASE(regression_loss, huber_is_keras) {
    _Alignas(64) float z[32] = {0.6f, [16] = 0.4f}, t[32] = {0.0f, [16] = 2.0f};
    const isb_regression by = {2.0f, 1.0f};
    FOR_EACH_ISA(isa) {
        float losses[2];
        _Alignas(64) float d[32];
        isb_kernels_for(isa)->huber(d, 32, losses, z, 32, t, 32, 2, 1, &by);
        CHECK(fabsf(losses[0] - 0.18f) < 1e-7f && fabsf(losses[1] - 1.1f) < 1e-6f);
        CHECK(d[0] == 0.3f && d[16] == -0.5f);
    }
}

/* --- networks --- */

static void make(fixture *f, isb_loss_kind loss, size_t rows, size_t width, double rate) {
    fixture_make(f, ISB_U8, rows, 21, 3);
    fixture_targets(f, loss, width);
    fixture_dense(f, 33, ISB_RELU);
    fixture_dropout(f, rate);
    fixture_dense(f, width, ISB_LINEAR);
    fixture_ready(f);
}

CASE(regression, same_bits_at_any_threads_isa_and_batch) {
    static const size_t batches[] = {1, 32, 65, 203, 1100};
    static const isb_loss_kind losses[] = {ISB_SQUARED_ERROR, ISB_ABSOLUTE_ERROR, ISB_HUBER};
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
        fixture f;
        make(&f, losses[b % 3], batches[b] > 500 ? 2500 : 203, b % 2 ? 18 : 1, 0.3);
        f.experiment.batch_size = batches[b];
        const uint64_t expected = fixture_digest(&f, 1, "scalar", 2);
        FOR_EACH_ISA(isa) {
            for (size_t threads = 1; threads <= 5; threads += 2)
                CHECKF(fixture_digest(&f, threads, isb_isa_name(isa), 2) == expected,
                       "batch %zu, %zu threads, %s", batches[b], threads, isb_isa_name(isa));
        }
        fixture_free(&f);
    }
}

/* What double makes of the outputs for these rows. */
static isb_score reference(const isb_table *table, const uint32_t *rows, size_t count,
                           const float *outputs) {
    const size_t width = table->target_width;
    const double n = (double)(count * width);
    isb_score score = {.present = true};
    double spread = 0.0;
    for (size_t c = 0; c < width; c++) {
        double mean = 0.0;
        for (size_t i = 0; i < count; i++)
            mean += (double)table->targets[rows[i] * width + c] / (double)count;
        for (size_t i = 0; i < count; i++) {
            const double target = (double)table->targets[rows[i] * width + c];
            const double e = (double)outputs[i * width + c] - target;
            spread += pow(target - mean, 2.0);
            score.mae += fabs(e) / n;
            score.mse += e * e / n;
            score.loss += (fabs(e) <= 0.5 ? 0.5 * e * e : 0.5 * fabs(e) - 0.125) / n;
        }
    }
    score.r2 = 1.0 - score.mse * n / spread;
    return score;
}

static void check_close(double found, double expected) {
    CHECKF(fabs(found - expected) < 1e-6 * (1.0 + fabs(expected)), "%.17g, not %.17g", found,
           expected);
}

static isb_predictor *predictor_of(const fixture *f, const isb_tensors *weights, size_t threads,
                                   const char *isa) {
    const isb_predictor_config config = {.experiment = &f->experiment,
                                         .model = &f->model,
                                         .weights = weights,
                                         .from = "here",
                                         .threads = threads,
                                         .isa = isa};
    isb_predictor *predictor;
    CHECK(isb_predictor_create(&predictor, &config, NULL) == ISB_OK);
    return predictor;
}

static void check_scores(size_t width) {
    enum { ALL = 203, COUNT = 150 };
    fixture f;
    uint32_t rows[COUNT];
    make(&f, ISB_HUBER, ALL, width, 0.0);
    for (uint32_t i = 0; i < COUNT; i++)
        rows[i] = i * 5 % ALL; /* 5 and 203 have no divisor in common */
    isb_trainer *trainer = fixture_trainer(&f, 2, "auto");
    isb_epoch_result epoch;
    isb_score score;
    isb_tensors weights;
    CHECK(isb_trainer_epoch(trainer, NULL, NULL, &epoch, NULL) == ISB_OK);
    CHECK(isb_trainer_evaluate(trainer, &f.dataset.train, rows, COUNT, &score, NULL) == ISB_OK);
    CHECK(isb_trainer_export(trainer, false, &weights, NULL) == ISB_OK);
    isb_predictor *one = predictor_of(&f, &weights, 1, "scalar");
    isb_predictor *many = predictor_of(&f, &weights, 3, "auto");
    float *outputs = calloc(COUNT * width, sizeof *outputs);
    float *again = calloc(COUNT * width, sizeof *again);
    isb_predictor_outputs(one, &f.dataset.train, rows, COUNT, outputs);
    isb_predictor_outputs(many, &f.dataset.train, rows, COUNT, again);
    CHECK(memcmp(outputs, again, COUNT * width * sizeof *outputs) == 0);
    const isb_score expected = reference(&f.dataset.train, rows, COUNT, outputs);
    check_close(score.loss, expected.loss);
    check_close(score.mae, expected.mae);
    check_close(score.mse, expected.mse);
    check_close(score.r2, expected.r2);
    isb_evaluation e;
    CHECK(isb_predictor_evaluate(many, &f.dataset.train, rows, COUNT, &e, NULL) == ISB_OK);
    CHECK(e.rows == COUNT && e.classes == 0 && e.by_class == NULL && e.confusion == NULL);
    CHECK(e.loss == score.loss && e.mae == score.mae && e.mse == score.mse && e.r2 == score.r2);
    isb_evaluation_free(&e);
    isb_predictor_free(one);
    isb_predictor_free(many);
    isb_tensors_free(&weights);
    isb_trainer_free(trainer);
    free(outputs);
    free(again);
    fixture_free(&f);
}

CASE(regression, scores_are_those_of_the_outputs) {
    check_scores(1);
    check_scores(3);
    check_scores(17);
}

/* A learning rate of 0 leaves the weights alone, so that training scores are an evaluation's. */
CASE(regression, training_shows_the_scores_of_its_rows) {
    fixture f;
    make(&f, ISB_SQUARED_ERROR, 203, 2, 0.0);
    f.experiment.optimizer.learning_rate = 0.0;
    f.experiment.metric_train_eval = true;
    isb_trainer *trainer = fixture_trainer(&f, 2, "auto");
    isb_epoch_result epoch;
    CHECK(isb_trainer_epoch(trainer, NULL, NULL, &epoch, NULL) == ISB_OK);
    CHECK(epoch.train.loss == epoch.train.mse && epoch.train_eval.loss == epoch.train_eval.mse);
    CHECK(epoch.train.mae > 0.1 && epoch.train.accuracy == 0.0);
    check_close(epoch.train.loss, epoch.train_eval.loss);
    check_close(epoch.train.mae, epoch.train_eval.mae);
    check_close(epoch.train.r2, epoch.train_eval.r2);
    isb_trainer_free(trainer);
    fixture_free(&f);
}

CASE(regression, learns) {
    fixture f;
    make(&f, ISB_SQUARED_ERROR, 500, 1, 0.0);
    f.experiment.metric_train_eval = true;
    isb_trainer *trainer = fixture_trainer(&f, 2, "auto");
    isb_epoch_result first, last;
    CHECK(isb_trainer_epoch(trainer, NULL, NULL, &first, NULL) == ISB_OK);
    for (size_t e = 0; e < 100; e++)
        CHECK(isb_trainer_epoch(trainer, NULL, NULL, &last, NULL) == ISB_OK);
    CHECK(last.train_eval.loss < 0.5 * first.train_eval.loss);
    CHECK(last.train_eval.r2 > first.train_eval.r2);
    isb_trainer_free(trainer);
    fixture_free(&f);
}

/* Nothing varies: R2 is 0, or 1 where it is hit. */
CASE(regression, r2_of_constant_targets) {
    fixture f;
    make(&f, ISB_ABSOLUTE_ERROR, 70, 1, 0.0);
    f.experiment.optimizer.learning_rate = 0.0;
    for (size_t i = 0; i < 70; i++)
        f.dataset.train.targets[i] = 2.5f;
    isb_trainer *trainer = fixture_trainer(&f, 1, "auto");
    isb_tensors weights;
    isb_score score;
    CHECK(isb_trainer_evaluate(trainer, &f.dataset.train, NULL, 70, &score, NULL) == ISB_OK);
    CHECK(score.r2 == 0.0 && score.mse > 0.0 && score.loss == score.mae);
    CHECK(isb_trainer_export(trainer, false, &weights, NULL) == ISB_OK);
    for (size_t i = 0; i < weights.count; i++)
        memset(weights.items[i].data, 0,
               isb_shape_size(weights.items[i].shape) * sizeof *weights.items[i].data);
    isb_tensors_find(&weights, "dense_1.bias")->data[0] = 2.5f;
    CHECK(isb_trainer_import(trainer, &weights, false, "here", NULL) == ISB_OK);
    CHECK(isb_trainer_evaluate(trainer, &f.dataset.train, NULL, 70, &score, NULL) == ISB_OK);
    CHECK(score.r2 == 1.0 && score.mse == 0.0 && score.loss == 0.0);
    isb_tensors_free(&weights);
    isb_trainer_free(trainer);
    fixture_free(&f);
}

CASE(regression, divergence_stops_at_its_step) {
    fixture f;
    make(&f, ISB_ABSOLUTE_ERROR, 100, 1, 0.0);
    f.experiment.shuffle = false;
    f.experiment.batch_size = 10;
    f.dataset.train.targets[25] = INFINITY;
    isb_trainer *trainer = fixture_trainer(&f, 2, "auto");
    isb_epoch_result result;
    CHECK(isb_trainer_epoch(trainer, NULL, NULL, &result, NULL) == ISB_OK);
    CHECK(result.diverged && result.steps == 2 && result.divergence.step == 3);
    CHECK(result.divergence.layer[0] == '\0');
    isb_trainer_free(trainer);
    fixture_free(&f);
}
