/* ONNX, opset 13: float "x" (N, inputs) with raw values -> Div -> Gemm, activation, ... -> "y". */
#include "export/exported.h"
#include "io/file.h"
#include "onnx.pb-c.h"
#include <isobit/version.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IR_VERSION = 7, OPSET = 13, NAME_SIZE = 48, ELEMENT = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT };
static const size_t MOST_BYTES = INT32_MAX; /* of a protobuf message */

/* protobuf-c takes text that it does not change as `char *`. */
static char *text(const char *constant) { return (char *)(uintptr_t)constant; }

/* A tensor of the model's weights. */
typedef struct constant {
    Onnx__TensorProto message;
    char name[NAME_SIZE];
    int64_t sizes[2];
} constant;

/* A step of the graph; it takes up to three values and gives one. */
typedef struct step {
    Onnx__NodeProto message;
    char *inputs[3], *output;
    char name[NAME_SIZE];
} step;

/* The graph's input or output. */
typedef struct port {
    Onnx__ValueInfoProto message;
    Onnx__TypeProto type;
    Onnx__TypeProto__Tensor tensor;
    Onnx__TensorShapeProto shape;
    Onnx__TensorShapeProto__Dimension sizes[2], *size_list[2];
} port;

typedef struct graph {
    constant *constants;
    step *steps;
    Onnx__TensorProto **constant_list;
    Onnx__NodeProto **step_list;
    size_t constant_count, step_count;
    port x, y;
} graph;

static void free_graph(graph *g) {
    free(g->constants);
    free(g->steps);
    free(g->constant_list);
    free(g->step_list);
}

/* Room for kernel, bias, Gemm and activation of each layer, and for the scale. */
static isb_status make_graph(graph *g, size_t layers, isb_error *error) {
    *g = (graph){.constants = calloc(2 * layers + 1, sizeof *g->constants),
                 .steps = calloc(2 * layers + 1, sizeof *g->steps),
                 .constant_list = calloc(2 * layers + 1, sizeof *g->constant_list),
                 .step_list = calloc(2 * layers + 1, sizeof *g->step_list)};
    return g->constants == NULL || g->steps == NULL || g->constant_list == NULL ||
                   g->step_list == NULL
               ? isb_fail_memory(error, "the graph")
               : ISB_OK;
}

/* Gives the constant's name. Without units it is a scalar, without inputs a vector. */
static char *add_constant(graph *g, const char *layer, const char *what, const float *data,
                          size_t inputs, size_t units) {
    constant *c = &g->constants[g->constant_count];
    g->constant_list[g->constant_count++] = &c->message;
    onnx__tensor_proto__init(&c->message);
    snprintf(c->name, sizeof c->name, "%s%s", layer, what);
    size_t values = 1;
    for (size_t i = 0; i < 2; i++) {
        const size_t size = i == 0 ? inputs : units;
        if (size == 0)
            continue;
        c->sizes[c->message.n_dims++] = (int64_t)size;
        values *= size;
    }
    c->message.dims = c->sizes;
    c->message.has_data_type = 1;
    c->message.data_type = ELEMENT;
    c->message.name = c->name;
    c->message.has_raw_data = 1;
    c->message.raw_data.data = (uint8_t *)(uintptr_t)data;
    c->message.raw_data.len = values * sizeof(float);
    return c->name;
}

/* Gives the name of the value that comes out. */
static char *add_step(graph *g, const char *type, const char *layer, char *a, char *b, char *c) {
    step *s = &g->steps[g->step_count];
    g->step_list[g->step_count++] = &s->message;
    onnx__node_proto__init(&s->message);
    snprintf(s->name, sizeof s->name, "%s.%s", layer, type);
    s->inputs[0] = a;
    s->inputs[1] = b;
    s->inputs[2] = c;
    s->output = s->name;
    s->message.n_input = b == NULL ? 1 : c == NULL ? 2 : 3;
    s->message.input = s->inputs;
    s->message.n_output = 1;
    s->message.output = &s->output;
    s->message.name = s->name;
    s->message.op_type = text(type);
    return s->name;
}

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

static char *add_layer(graph *g, const isb_exported_dense *dense, char *value) {
    char *kernel =
        add_constant(g, dense->name, ".kernel", dense->kernel, dense->inputs, dense->units);
    char *bias = dense->bias == NULL
                     ? NULL
                     : add_constant(g, dense->name, ".bias", dense->bias, 0, dense->units);
    value = add_step(g, "Gemm", dense->name, value, kernel, bias);
    const char *type = activation_type(dense->activation);
    return type == NULL ? value : add_step(g, type, dense->name, value, NULL, NULL);
}

static void make_port(port *p, const char *name, size_t columns) {
    onnx__value_info_proto__init(&p->message);
    onnx__type_proto__init(&p->type);
    onnx__type_proto__tensor__init(&p->tensor);
    onnx__tensor_shape_proto__init(&p->shape);
    for (size_t i = 0; i < 2; i++) {
        onnx__tensor_shape_proto__dimension__init(&p->sizes[i]);
        p->size_list[i] = &p->sizes[i];
    }
    p->sizes[0].value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
    p->sizes[0].dim_param = text("N");
    p->sizes[1].value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
    p->sizes[1].dim_value = (int64_t)columns;
    p->shape.n_dim = 2;
    p->shape.dim = p->size_list;
    p->tensor.has_elem_type = 1;
    p->tensor.elem_type = ELEMENT;
    p->tensor.shape = &p->shape;
    p->type.value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    p->type.tensor_type = &p->tensor;
    p->message.name = text(name);
    p->message.type = &p->type;
}

static void fill_graph(graph *g, Onnx__GraphProto *message, const isb_exported *from) {
    char *value = text("x");
    if (from->scale != 1.0f)
        value = add_step(g, "Div", "scale", value, add_constant(g, "scale", "", &from->scale, 0, 0),
                         NULL);
    for (size_t i = 0; i < isb_exported_count(from); i++) {
        const isb_exported_dense dense = isb_exported_at(from, i);
        value = add_layer(g, &dense, value);
    }
    strcpy(value, "y"); /* what the last step gives */
    make_port(&g->x, "x", isb_shape_size(from->model->input));
    make_port(&g->y, "y", from->model->outputs);
    message->name = text("isobit");
    message->n_node = g->step_count;
    message->node = g->step_list;
    message->n_initializer = g->constant_count;
    message->initializer = g->constant_list;
}

static isb_status write_model(const Onnx__ModelProto *model, const char *path, isb_error *error) {
    const size_t size = onnx__model_proto__get_packed_size(model);
    if (size > MOST_BYTES)
        return isb_fail(error, ISB_FAILURE,
                        "%s: ONNX holds at most 2 GiB; export the weights as .safetensors", path);
    uint8_t *bytes = malloc(size);
    if (bytes == NULL)
        return isb_fail_memory(error, path);
    onnx__model_proto__pack(model, bytes);
    const isb_status status = isb_file_write(path, &(isb_bytes){bytes, size}, 1, error);
    free(bytes);
    return status;
}

static isb_status write_graph(graph *g, const isb_exported *from, const char *path,
                              isb_error *error) {
    Onnx__GraphProto message = ONNX__GRAPH_PROTO__INIT;
    Onnx__OperatorSetIdProto opset = ONNX__OPERATOR_SET_ID_PROTO__INIT, *opsets = &opset;
    Onnx__ModelProto model = ONNX__MODEL_PROTO__INIT;
    Onnx__ValueInfoProto *x = &g->x.message, *y = &g->y.message;
    fill_graph(g, &message, from);
    message.n_input = message.n_output = 1;
    message.input = &x;
    message.output = &y;
    opset.domain = text("");
    opset.has_version = 1;
    opset.version = OPSET;
    model.has_ir_version = 1;
    model.ir_version = IR_VERSION;
    model.producer_name = text("isobit");
    model.producer_version = text(ISB_VERSION);
    model.n_opset_import = 1;
    model.opset_import = &opsets;
    model.graph = &message;
    return write_model(&model, path, error);
}

isb_status isb_export_onnx(const isb_exported *from, const char *path, isb_error *error) {
    graph g;
    isb_status status = make_graph(&g, isb_exported_count(from), error);
    if (status == ISB_OK)
        status = write_graph(&g, from, path, error);
    free_graph(&g);
    return status;
}
