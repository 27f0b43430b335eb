/* A C header without dependencies: the weights as arrays, exact to the bit, and a function that
 * predicts. */
#include "export/exported.h"
#include "io/file.h"
#include "io/path.h"
#include "io/text.h"
#include <isobit/version.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLOAT_SIZE = 32, FLOATS_A_LINE = 6 };

/* A hexadecimal literal, the same in every locale. */
static size_t format_float(char out[FLOAT_SIZE], float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const char *sign = bits >> 31 ? "-" : "";
    const int exponent = (int)(bits >> 23 & 0xff);
    const uint32_t fraction = (bits & 0x7fffff) << 1;
    if (exponent == 0 && fraction == 0)
        return (size_t)snprintf(out, FLOAT_SIZE, "%s0.0f", sign);
    return (size_t)snprintf(out, FLOAT_SIZE, "%s0x%d.%06xp%df", sign, exponent > 0, fraction,
                            exponent > 0 ? exponent - 127 : -126);
}

/* Adds a template, in which @ stands for the network's name. */
static void add(isb_text *text, const char *template, const char *name) {
    for (const char *at; (at = strchr(template, '@')) != NULL; template = at + 1) {
        isb_text_add_bytes(text, template, (size_t)(at - template));
        isb_text_add(text, name);
    }
    isb_text_add(text, template);
}

static void add_array(isb_text *text, const char *name, const char *what, size_t index,
                      const float *values, size_t count) {
    char number[FLOAT_SIZE];
    isb_text_format(text, "\nstatic const float %s_%s_%zu[%zu] = {", name, what, index, count);
    for (size_t i = 0; i < count; i++) {
        isb_text_add(text, i % FLOATS_A_LINE == 0 ? "\n    " : " ");
        isb_text_add_bytes(text, number, format_float(number, values[i]));
        isb_text_add(text, i + 1 < count ? "," : "");
    }
    isb_text_add(text, "\n};\n");
}

static const char head[] =
    "/* A trained network, written by isobit " ISB_VERSION ". C99; link with -lm.\n"
    " *\n"
    " *     float x[@_inputs], y[@_outputs];\n"
    " *     @_predict(x, y);\n"
    " *\n"
    " * x has the raw values of one example, row by row where it has several axes; they are "
    "scaled\n"
    " * here. y gets the network's outputs. */\n"
    "#ifndef @_NETWORK_H\n"
    "#define @_NETWORK_H\n"
    "\n"
    "#include <math.h>\n"
    "#include <stddef.h>\n"
    "\n";

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
    add(text, dense_function, name);
    for (size_t a = ISB_RELU; a <= ISB_SOFTMAX; a++)
        if (used[a])
            add(text, activation_functions[a], name);
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

static void add_predict(isb_text *text, const isb_exported *from, const char *name) {
    const size_t layers = isb_exported_count(from);
    char input[24] = "x", scale[FLOAT_SIZE];
    add(text, "\nstatic void @_predict(const float *x, float *y) {\n", name);
    if (from->scale != 1.0f) {
        strcpy(input, "scaled");
        format_float(scale, from->scale);
        isb_text_format(text,
                        "    float scaled[%zu];\n"
                        "    for (size_t i = 0; i < %zu; i++)\n"
                        "        scaled[i] = x[i] / %s;\n",
                        isb_shape_size(from->model->input), isb_shape_size(from->model->input),
                        scale);
    }
    for (size_t i = 0; i < layers; i++) {
        const isb_exported_dense dense = isb_exported_at(from, i);
        add_layer(text, &dense, i, i + 1 == layers, input, name);
        snprintf(input, sizeof input, "y%zu", i);
    }
    isb_text_add(text, "}\n");
}

static void add_all(isb_text *text, const isb_exported *from, const char *name) {
    add(text, head, name);
    isb_text_format(text, "enum { %s_inputs = %zu, %s_outputs = %zu };\n", name,
                    isb_shape_size(from->model->input), name, from->model->outputs);
    for (size_t i = 0; i < isb_exported_count(from); i++) {
        const isb_exported_dense dense = isb_exported_at(from, i);
        add_array(text, name, "kernel", i, dense.kernel, dense.inputs * dense.units);
        if (dense.bias != NULL)
            add_array(text, name, "bias", i, dense.bias, dense.units);
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
