#include <isobit/predictor.h>

#include "base/memory.h"
#include "cpu/fpenv.h"
#include "layers/gather.h"
#include "train/choice.h"
#include "train/class_scores.h"
#include "train/evaluate.h"
#include "train/state.h"
#include <stdlib.h>

struct isb_predictor {
    const isb_experiment *experiment;
    isb_isa isa;
    isb_network network;
    isb_inference inference;
};

/* Before anything is allocated for it: a few bytes of text can ask for a model of any size. */
static isb_status check_size(const isb_predictor_config *config, isb_error *error) {
    size_t values = 0;
    for (size_t i = 0; i < config->weights->count; i++)
        values += isb_shape_size(config->weights->items[i].shape);
    if (values >= config->model->parameters)
        return ISB_OK;
    return isb_fail(error, ISB_CORRUPT,
                    "%s: holds %zu values, but its model has %zu parameters; use a file of this "
                    "model",
                    config->from, values, config->model->parameters);
}

static isb_status build(isb_predictor *p, const isb_predictor_config *config, isb_error *error) {
    isb_status status = isb_choose_isa(&p->isa, config->isa, error);
    if (status == ISB_OK)
        status = check_size(config, error);
    if (status == ISB_OK)
        status = isb_network_build(&p->network, config->model, 0, 0, error);
    p->network.loss = config->experiment->loss;
    p->network.delta = (float)config->experiment->delta;
    if (status == ISB_OK)
        status = isb_state_import(&p->network, NULL, config->weights, config->from, error);
    if (status == ISB_OK && isb_scales_features(config->experiment->scale_kind))
        status = isb_scaling_import(&p->network, config->weights, config->from, error);
    if (status == ISB_OK)
        status = isb_inference_open(&p->inference, isb_kernels_for(p->isa), &p->network,
                                    config->threads, error);
    return status;
}

isb_status isb_predictor_create(isb_predictor **out, const isb_predictor_config *config,
                                isb_error *error) {
    *out = NULL;
    isb_predictor *p = calloc(1, sizeof *p);
    if (p == NULL)
        return isb_fail_memory(error, "the model");
    p->experiment = config->experiment;
    const isb_fpenv before = isb_fpenv_enter();
    const isb_status status = build(p, config, error);
    isb_fpenv_leave(before);
    if (status != ISB_OK) {
        isb_predictor_free(p);
        return status;
    }
    *out = p;
    return ISB_OK;
}

void isb_predictor_free(isb_predictor *p) {
    if (p == NULL)
        return;
    isb_inference_close(&p->inference);
    isb_network_free(&p->network);
    free(p);
}

const char *isb_predictor_isa(const isb_predictor *p) { return isb_isa_name(p->isa); }

static isb_source source_of(const isb_predictor *p, const isb_table *table) {
    const isb_fpenv before = isb_fpenv_enter();
    const isb_source source = isb_source_make(p->inference.kernels, table, p->network.inputs,
                                              isb_choose_scale(p->experiment, table));
    isb_fpenv_leave(before);
    return source;
}

void isb_predictor_predict(const isb_predictor *p, const isb_table *table, const uint32_t *rows,
                           size_t count, uint32_t *classes, float *probabilities) {
    const isb_source source = source_of(p, table);
    const isb_row_results results = {.classes = classes, .probabilities = probabilities};
    isb_inference_run(&p->inference, &source, rows, count, &results);
}

void isb_predictor_outputs(const isb_predictor *p, const isb_table *table, const uint32_t *rows,
                           size_t count, float *outputs) {
    const isb_source source = source_of(p, table);
    const isb_row_results results = {.outputs = outputs};
    isb_inference_run(&p->inference, &source, rows, count, &results);
}

static void put_score(isb_evaluation *out, const isb_score *score) {
    out->loss = score->loss;
    out->accuracy = score->accuracy;
    out->mae = score->mae;
    out->mse = score->mse;
    out->r2 = score->r2;
}

static isb_status evaluate_regression(const isb_predictor *p, const isb_table *table,
                                      const uint32_t *rows, size_t count, isb_evaluation *out,
                                      isb_error *error) {
    const isb_source source = source_of(p, table);
    isb_score score;
    *out = (isb_evaluation){.rows = count};
    const isb_status status =
        isb_score_rows(&p->inference, &source, rows, count, NULL, &score, error);
    if (status == ISB_OK)
        put_score(out, &score);
    return status;
}

isb_status isb_predictor_evaluate(const isb_predictor *p, const isb_table *table,
                                  const uint32_t *rows, size_t count, isb_evaluation *out,
                                  isb_error *error) {
    if (isb_is_regression(p->network.loss))
        return evaluate_regression(p, table, rows, count, out, error);
    *out = (isb_evaluation){.rows = count, .classes = p->network.outputs};
    uint32_t *classes = isb_allocate(count, sizeof *classes);
    if (classes == NULL)
        return isb_fail_memory(error, "an evaluation");
    const isb_source source = source_of(p, table);
    isb_score score;
    isb_status status = isb_score_rows(&p->inference, &source, rows, count, classes, &score, error);
    if (status == ISB_OK) {
        put_score(out, &score);
        status = isb_class_scores_make(out, table->labels, rows, classes, count, error);
    }
    isb_release(classes);
    if (status != ISB_OK)
        isb_evaluation_free(out);
    return status;
}
