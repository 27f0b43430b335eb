/* The gradient of a network with one hidden layer of tanh, against central differences of its loss,
 * written down in double and as naively as can be. */
#include "selftest/checks.h"
#include "selftest/problem.h"
#include <math.h>
#include <string.h>

enum { ROWS = 70, INPUTS = 9, HIDDEN = 7, CLASSES = 4 };
enum { PARAMETERS = INPUTS * HIDDEN + HIDDEN + HIDDEN * CLASSES + CLASSES };

/* out = in W + b; the parameters are W, row by row, then b. Gives where the next ones are. */
static const double *dense(double *out, const double *in, const double *parameters, size_t inputs,
                           size_t units) {
    for (size_t u = 0; u < units; u++) {
        out[u] = parameters[inputs * units + u];
        for (size_t i = 0; i < inputs; i++)
            out[u] += in[i] * parameters[i * units + u];
    }
    return parameters + (inputs + 1) * units;
}

static double loss_of_row(const double *parameters, const uint8_t *bytes, uint32_t label) {
    double x[INPUTS], hidden[HIDDEN], logits[CLASSES], sum = 0.0;
    for (size_t i = 0; i < INPUTS; i++)
        x[i] = bytes[i] / 255.0;
    const double *rest = dense(hidden, x, parameters, INPUTS, HIDDEN);
    for (size_t i = 0; i < HIDDEN; i++)
        hidden[i] = tanh(hidden[i]);
    dense(logits, hidden, rest, HIDDEN, CLASSES);
    for (size_t i = 0; i < CLASSES; i++)
        sum += exp(logits[i]);
    return log(sum) - logits[label];
}

static double loss(const double *parameters, const isb_table *table) {
    const uint8_t *bytes = table->features;
    double sum = 0.0;
    for (size_t r = 0; r < table->rows; r++)
        sum += loss_of_row(parameters, bytes + r * INPUTS, table->labels[r]);
    return sum / (double)table->rows;
}

/* Copies the tensors whose names begin so, in order. */
static void take(double *out, const isb_tensors *tensors, const char *prefix) {
    for (size_t i = 0; i < tensors->count; i++) {
        const isb_tensor *tensor = &tensors->items[i];
        if (strncmp(tensor->name, prefix, strlen(prefix)) != 0)
            continue;
        for (size_t k = 0; k < isb_shape_size(tensor->shape); k++)
            *out++ = (double)tensor->data[k];
    }
}

/* One step of momentum from a velocity of 0, rate 1, leaves the gradient, negated, in it. */
static isb_status step(isb_trainer *trainer, double *before, double *velocity, isb_error *error) {
    isb_tensors tensors;
    isb_epoch_result result;
    isb_status status = isb_trainer_export(trainer, false, &tensors, error);
    if (status != ISB_OK)
        return status;
    take(before, &tensors, "dense");
    isb_tensors_free(&tensors);
    status = isb_trainer_epoch(trainer, NULL, NULL, &result, error);
    if (status == ISB_OK)
        status = isb_trainer_export(trainer, true, &tensors, error);
    if (status != ISB_OK)
        return status;
    take(velocity, &tensors, "optimizer.velocity.");
    isb_tensors_free(&tensors);
    return ISB_OK;
}

static void compare(isb_selftest *out, double *parameters, const double *velocity,
                    const isb_table *table) {
    const double h = 1e-5;
    double worst = 0.0, largest = 0.0;
    for (size_t i = 0; i < PARAMETERS; i++) {
        const double at = parameters[i];
        parameters[i] = at + h;
        const double above = loss(parameters, table);
        parameters[i] = at - h;
        const double below = loss(parameters, table);
        parameters[i] = at;
        const double exact = (above - below) / (2.0 * h);
        worst = fmax(worst, fabs(-velocity[i] - exact));
        largest = fmax(largest, fabs(exact));
    }
    isb_selftest_add(out, largest > 1e-3 && worst <= 1e-6 * (1.0 + largest), "gradient",
                     "%d parameters against double differences: off by %.1e at most, largest %.2g",
                     (int)PARAMETERS, worst, largest);
}

isb_status isb_check_gradient(isb_selftest *out, isb_error *error) {
    const isb_layer layers[] = {{.kind = ISB_DENSE,
                                 .units = HIDDEN,
                                 .activation = ISB_TANH,
                                 .use_bias = true,
                                 .bias_initializer = ISB_ZEROS},
                                {.kind = ISB_DENSE,
                                 .units = CLASSES,
                                 .activation = ISB_SOFTMAX,
                                 .use_bias = true,
                                 .bias_initializer = ISB_ZEROS}};
    isb_problem problem;
    isb_trainer *trainer = NULL;
    double parameters[PARAMETERS], velocity[PARAMETERS];
    isb_status status = isb_problem_make(&problem, layers, 2, ROWS, INPUTS, error);
    problem.experiment.optimizer =
        (isb_optimizer){.kind = ISB_SGD, .learning_rate = 1.0, .momentum = 0.5};
    if (status == ISB_OK)
        status = isb_problem_trainer(&problem, 1, "auto", &trainer, error);
    if (status == ISB_OK)
        status = step(trainer, parameters, velocity, error);
    if (status == ISB_OK)
        compare(out, parameters, velocity, &problem.dataset.train);
    isb_trainer_free(trainer);
    isb_problem_free(&problem);
    return status;
}
