/* A C header without dependencies: the weights as arrays, exact to the bit, and a function that
 * predicts. */
#include "export/c_columns.h"
#include "export/c_text.h"
#include "export/exported.h"
#include "io/file.h"
#include "io/path.h"
#include "io/text.h"
#include <isobit/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLOATS_A_LINE = 6, DOUBLES_A_LINE = 4 };

static void add_array(isb_text *text, const char *name, const char *what, const float *values,
                      size_t count) {
    isb_text_format(text, "\nstatic const float %s_%s[%zu] = {", name, what, count);
    for (size_t i = 0; i < count; i++) {
        isb_c_part(text, i, FLOATS_A_LINE);
        isb_c_add_float(text, values[i]);
    }
    isb_text_add(text, "\n};\n");
}

static void add_scaling_array(isb_text *text, const isb_exported_scaling *scaling, const char *name,
                              const char *what, const double *values) {
    isb_text_format(text, "\nstatic const %s %s_%s[%zu] = {", scaling->wide ? "double" : "float",
                    name, what, scaling->width);
    for (size_t i = 0; i < scaling->width; i++) {
        isb_c_part(text, i, scaling->wide ? DOUBLES_A_LINE : FLOATS_A_LINE);
        if (scaling->wide)
            isb_c_add_double(text, values[i]);
        else
            isb_c_add_float(text, (float)values[i]);
    }
    isb_text_add(text, "\n};\n");
}

static const char introduction[] =
    "/* A trained network, written by isobit " ISB_VERSION ". C99; link with -lm.\n"
    " *\n";

static const char usage[] =
    " *     float x[@_inputs], y[@_outputs];\n"
    " *     @_predict(x, y);\n"
    " *\n"
    " * x has the raw values of one example, row by row where it has several axes; they are "
    "scaled\n"
    " * here. y gets the network's outputs. */\n";

static const char table_usage[] =
    " *     float numbers[@_columns], x[@_inputs], y[@_outputs];\n"
    " *     const char *texts[@_columns];\n"
    " *     if (@_encode(numbers, texts, x))\n"
    " *         @_predict(x, y);\n"
    " *\n"
    " * numbers[i] is the cell of column i, called @_column_names[i], where the column is of\n"
    " * numbers, and NAN where it is missing; texts[i], where it is of texts, is UTF-8, and NULL "
    "or\n"
    " * empty where it is missing. What belongs to a column of the other kind is not looked at.\n"
    " * @_encode gives 0 where a cell is missing that the model has nothing for, else 1, and x.\n"
    " * @_predict scales x. y gets the network's outputs. */\n";

static const char includes[] = "#ifndef @_NETWORK_H\n"
                               "#define @_NETWORK_H\n"
                               "\n"
                               "#include <math.h>\n"
                               "#include <stddef.h>\n";

static const char dense_function[] =
    "\n"
    "static void @_dense(const float *x, float *y, const float *kernel, const float *bias,\n"
    "                    size_t inputs, size_t units) {\n"
    "    for (size_t u = 0; u < units; u++)\n"
    "        y[u] = bias != NULL ? bias[u] : 0.0f;\n"
    "    for (size_t i = 0; i < inputs; i++)\n"
    "        for (size_t u = 0; u < units; u++)\n"
    "            y[u] += x[i] * kernel[i * units + u];\n"
    "}\n";

static const char *const activation_functions[] = {
    [ISB_RELU] = "\n"
                 "static void @_relu(float *y, size_t units) {\n"
                 "    for (size_t u = 0; u < units; u++)\n"
                 "        y[u] = y[u] > 0.0f ? y[u] : 0.0f;\n"
                 "}\n",
    [ISB_SIGMOID] = "\n"
                    "static void @_sigmoid(float *y, size_t units) {\n"
                    "    for (size_t u = 0; u < units; u++)\n"
                    "        y[u] = 1.0f / (1.0f + expf(-y[u]));\n"
                    "}\n",
    [ISB_TANH] = "\n"
                 "static void @_tanh(float *y, size_t units) {\n"
                 "    for (size_t u = 0; u < units; u++)\n"
                 "        y[u] = tanhf(y[u]);\n"
                 "}\n",
    [ISB_SOFTMAX] = "\n"
                    "static void @_softmax(float *y, size_t units) {\n"
                    "    float largest = y[0], sum = 0.0f;\n"
                    "    for (size_t u = 1; u < units; u++)\n"
                    "        largest = y[u] > largest ? y[u] : largest;\n"
                    "    for (size_t u = 0; u < units; u++)\n"
                    "        sum += y[u] = expf(y[u] - largest);\n"
                    "    for (size_t u = 0; u < units; u++)\n"
                    "        y[u] /= sum;\n"
                    "}\n",
};

/* Only those that are used: a compiler warns of others. */
static void add_functions(isb_text *text, const isb_exported *from, const char *name) {
    bool used[ISB_SOFTMAX + 1] = {false};
    for (size_t i = 0; i < isb_exported_count(from); i++)
        used[isb_exported_at(from, i).activation] = true;
    isb_c_add(text, dense_function, name);
    for (size_t a = ISB_RELU; a <= ISB_SOFTMAX; a++)
        if (used[a])
            isb_c_add(text, activation_functions[a], name);
}

static void add_layer(isb_text *text, const isb_exported_dense *dense, size_t index, bool last,
                      const char *input, const char *name) {
    char output[24] = "y", bias[160] = "NULL";
    if (!last) {
        snprintf(output, sizeof output, "y%zu", index);
        isb_text_format(text, "    float %s[%zu];\n", output, dense->units);
    }
    if (dense->bias != NULL)
        snprintf(bias, sizeof bias, "%s_bias_%zu", name, index);
    isb_text_format(text, "    %s_dense(%s, %s, %s_kernel_%zu, %s, %zu, %zu);\n", name, input,
                    output, name, index, bias, dense->inputs, dense->units);
    if (dense->activation != ISB_LINEAR)
        isb_text_format(text, "    %s_%s(%s, %zu);\n", name, isb_activation_name(dense->activation),
                        output, dense->units);
}

/* Gives the name of what the first layer takes. */
static const char *add_scaling(isb_text *text, const isb_exported *from, const char *name) {
    const size_t inputs = isb_shape_size(from->model->input);
    const bool features = from->scaling.width > 0;
    if (from->scale == 1.0f && !features)
        return "x";
    isb_text_format(text,
                    "    float scaled[%zu];\n"
                    "    for (size_t i = 0; i < %zu; i++)\n"
                    "        scaled[i] = ",
                    inputs, inputs);
    if (features) {
        isb_c_add(text, "(float)((x[i] - @_offset[i]) / @_divisor[i]);\n", name);
    } else {
        isb_text_add(text, "x[i] / ");
        isb_c_add_float(text, from->scale);
        isb_text_add(text, ";\n");
    }
    return "scaled";
}

static void add_predict(isb_text *text, const isb_exported *from, const char *name) {
    const size_t layers = isb_exported_count(from);
    char input[24];
    isb_c_add(text, "\nstatic void @_predict(const float *x, float *y) {\n", name);
    snprintf(input, sizeof input, "%s", add_scaling(text, from, name));
    for (size_t i = 0; i < layers; i++) {
        const isb_exported_dense dense = isb_exported_at(from, i);
        add_layer(text, &dense, i, i + 1 == layers, input, name);
        snprintf(input, sizeof input, "y%zu", i);
    }
    isb_text_add(text, "}\n");
}

static void add_head(isb_text *text, const isb_exported *from, const char *name) {
    const bool table = isb_exported_is_table(from);
    isb_text_add(text, introduction);
    isb_c_add(text, table ? table_usage : usage, name);
    isb_c_add(text, includes, name);
    isb_text_format(text, "%s\nenum { %s_inputs = %zu, %s_outputs = %zu };\n",
                    table ? "#include <string.h>\n" : "", name, isb_shape_size(from->model->input),
                    name, from->model->outputs);
    if (table)
        isb_c_add_columns(text, from, name);
    if (from->scaling.width == 0)
        return;
    add_scaling_array(text, &from->scaling, name, "offset", from->scaling.offset);
    add_scaling_array(text, &from->scaling, name, "divisor", from->scaling.divisor);
}

static void add_all(isb_text *text, const isb_exported *from, const char *name) {
    char what[32];
    add_head(text, from, name);
    for (size_t i = 0; i < isb_exported_count(from); i++) {
        const isb_exported_dense dense = isb_exported_at(from, i);
        snprintf(what, sizeof what, "kernel_%zu", i);
        add_array(text, name, what, dense.kernel, dense.inputs * dense.units);
        snprintf(what, sizeof what, "bias_%zu", i);
        if (dense.bias != NULL)
            add_array(text, name, what, dense.bias, dense.units);
    }
    add_functions(text, from, name);
    add_predict(text, from, name);
    isb_text_add(text, "\n#endif\n");
}

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* The file's name without its suffix, as an identifier of C can begin; NULL without memory. */
static char *make_name(const char *path) {
    const char *base = isb_path_base(path);
    const size_t length = strlen(base) - strlen(".h");
    const char *prefix = is_letter(base[0]) ? "" : "n";
    char *name = malloc(length + 2);
    if (name == NULL)
        return NULL;
    snprintf(name, length + 2, "%s%.*s", prefix, (int)length, base);
    for (char *c = name; *c != '\0'; c++)
        if (!is_letter(*c) && !(*c >= '0' && *c <= '9'))
            *c = '_';
    return name;
}

isb_status isb_export_header(const isb_exported *from, const char *path, isb_error *error) {
    isb_text text = {0};
    isb_status status = ISB_OK;
    char *name = make_name(path);
    if (name != NULL)
        add_all(&text, from, name);
    if (name == NULL || text.failed)
        status = isb_fail_memory(error, path);
    else
        status = isb_file_write(path, &(isb_bytes){text.data, text.length}, 1, error);
    free(text.data);
    free(name);
    return status;
}
