/* ONNX, opset 13: float "x" (N, inputs) with raw values, or the columns of a table -> scaling ->
 * Gemm, activation, ... -> "y". */
#include "export/exported.h"
#include "export/onnx_columns.h"
#include "export/onnx_graph.h"
#include "io/json.h"
#include <stdio.h>
#include <stdlib.h>

/* Texts of missing cells times columns: each column lists them. */
static const size_t MOST_MISSING = (size_t)1 << 22;

static const char *activation_type(isb_activation activation) {
    switch (activation) {
    case ISB_LINEAR: break;
    case ISB_RELU: return "Relu";
    case ISB_SIGMOID: return "Sigmoid";
    case ISB_TANH: return "Tanh";
    case ISB_SOFTMAX: return "Softmax"; /* along the last axis, as opset 13 has it */
    }
    return NULL;
}

static char *add_layer(isb_onnx *g, const isb_exported_dense *dense, char *value) {
    char stem[64];
    snprintf(stem, sizeof stem, "%s.kernel", dense->name);
    char *kernel =
        isb_onnx_constant(g, stem, ISB_ONNX_FLOAT, dense->kernel, dense->inputs, dense->units);
    snprintf(stem, sizeof stem, "%s.bias", dense->name);
    char *bias = dense->bias == NULL
                     ? NULL
                     : isb_onnx_constant(g, stem, ISB_ONNX_FLOAT, dense->bias, 0, dense->units);
    value = isb_onnx_node(g, "Gemm", dense->name, (char *[]){value, kernel, bias, NULL});
    const char *type = activation_type(dense->activation);
    return type == NULL ? value : isb_onnx_node(g, type, dense->name, (char *[]){value, NULL});
}

/* A value of the scaling of each input. */
static char *add_values(isb_onnx *g, const char *name, const double *values, size_t count) {
    float *floats = isb_onnx_claim(g, count, sizeof *floats);
    for (size_t i = 0; floats != NULL && i < count; i++)
        floats[i] = (float)values[i];
    return isb_onnx_constant(g, name, ISB_ONNX_FLOAT, floats, 0, count);
}

/* Inputs that are no columns, scaled. */
static char *add_inputs(isb_onnx *g, const isb_exported *from) {
    static char name[] = "x";
    const isb_exported_scaling *scaling = &from->scaling;
    char *value = name;
    isb_onnx_input(g, name, ISB_ONNX_FLOAT, isb_shape_size(from->model->input));
    if (from->scale != 1.0f) {
        char *scale = isb_onnx_constant(g, "scale", ISB_ONNX_FLOAT, &from->scale, 0, 0);
        value = isb_onnx_node(g, "Div", "scale", (char *[]){value, scale, NULL});
    }
    if (scaling->width > 0) {
        char *offset = add_values(g, ISB_SCALING_OFFSET, scaling->offset, scaling->width);
        char *divisor = add_values(g, ISB_SCALING_DIVISOR, scaling->divisor, scaling->width);
        value = isb_onnx_node(g, "Sub", "scaling", (char *[]){value, offset, NULL});
        value = isb_onnx_node(g, "Div", "scaling", (char *[]){value, divisor, NULL});
    }
    return value;
}

/* The class of each row, by its name. */
static void add_label(isb_onnx *g, const isb_preprocessing *columns, char *y) {
    int64_t *places = isb_onnx_claim(g, columns->class_count, sizeof *places);
    if (places == NULL)
        return;
    for (size_t i = 0; i < columns->class_count; i++)
        places[i] = (int64_t)i;
    char *place = isb_onnx_node(g, "ArgMax", "label", (char *[]){y, NULL});
    isb_onnx_set_int(g, "axis", 1);
    isb_onnx_set_int(g, "keepdims", 0);
    char *label = isb_onnx_node(g, "ai.onnx.ml.LabelEncoder", "label", (char *[]){place, NULL});
    isb_onnx_set_ints(g, "keys_int64s", places, columns->class_count);
    isb_onnx_set_strings(g, "values_strings", (const char *const *)columns->classes,
                         columns->class_count);
    isb_onnx_output(g, label, "label", ISB_ONNX_STRING, 0);
}

static void fill(isb_onnx *g, const isb_exported *from) {
    const isb_preprocessing *columns = &from->columns;
    const bool table = isb_exported_is_table(from);
    char *x = table ? isb_onnx_columns(g, from) : add_inputs(g, from);
    char *y = x;
    for (size_t i = 0; i < isb_exported_count(from); i++) {
        const isb_exported_dense dense = isb_exported_at(from, i);
        y = add_layer(g, &dense, y);
    }
    if (table)
        y = isb_onnx_refuse_missing(g, columns, x, y);
    isb_onnx_output(g, y, "y", ISB_ONNX_FLOAT, from->model->outputs);
    if (columns->class_count > 0)
        add_label(g, columns, y);
}

/* A JSON list of the names of the classes, in the order of y. */
static isb_status name_classes(char **text, const isb_preprocessing *columns, isb_error *error) {
    isb_json json = ISB_JSON_INIT;
    isb_json_array(&json, NULL);
    for (size_t i = 0; i < columns->class_count; i++)
        isb_json_string(&json, NULL, columns->classes[i]);
    isb_json_end_array(&json);
    return isb_json_finish(&json, text, error);
}

isb_status isb_export_onnx(const isb_exported *from, const char *path, isb_error *error) {
    char *classes = NULL;
    if (from->columns.count > MOST_MISSING / (from->missing->count + 1))
        return isb_fail(error, ISB_USAGE,
                        "%s: the model's table has too many columns with too many texts of missing "
                        "cells for ONNX; export the weights as .safetensors",
                        path);
    isb_onnx *g = isb_onnx_open();
    if (g == NULL)
        return isb_fail_memory(error, "the graph");
    isb_status status = ISB_OK;
    fill(g, from);
    if (from->columns.class_count > 0) {
        status = name_classes(&classes, &from->columns, error);
        isb_onnx_describe(g, "classes", classes);
    }
    if (status == ISB_OK)
        status = isb_onnx_write(g, path, error);
    isb_onnx_close(g);
    free(classes);
    return status;
}
