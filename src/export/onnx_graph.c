#include "export/onnx_graph.h"
#include "io/file.h"
#include "io/text.h"
#include "onnx.pb-c.h"
#include <isobit/version.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IR_VERSION = 7, OPSET = 13, ML_OPSET = 2, NAME_SIZE = 64 };
static const size_t MOST_BYTES = INT32_MAX; /* of a protobuf message */
static const char ML_DOMAIN[] = "ai.onnx.ml";

/* protobuf-c takes text and data that it does not change as pointers that could change them. */
static void *unchanged(const void *constant) { return (void *)(uintptr_t)constant; }

typedef struct constant {
    Onnx__TensorProto message;
    char name[NAME_SIZE];
    int64_t sizes[2];
    struct constant *next;
} constant;

typedef struct node {
    Onnx__NodeProto message;
    char name[NAME_SIZE], *output;
    Onnx__AttributeProto attributes[ISB_ONNX_ATTRIBUTES], *attribute_list[ISB_ONNX_ATTRIBUTES];
    struct node *next;
} node;

/* An input or an output. */
typedef struct port {
    Onnx__ValueInfoProto message;
    Onnx__TypeProto type;
    Onnx__TypeProto__Tensor tensor;
    Onnx__TensorShapeProto shape;
    Onnx__TensorShapeProto__Dimension sizes[2], *size_list[2];
    struct port *next;
} port;

typedef struct block {
    struct block *next;
    alignas(max_align_t) char data[];
} block;

struct isb_onnx {
    block *blocks;
    bool failed;
    bool uses_ml;
    constant *constants, **next_constant;
    node *nodes, *last_node, **next_node;
    port *inputs, **next_input;
    port *outputs, **next_output;
    size_t constant_count, node_count, input_count, output_count;
    const char **names; /* of the inputs, sorted, as soon as something else is named */
    Onnx__StringStringEntryProto entry;
    bool described;
};

isb_onnx *isb_onnx_open(void) {
    isb_onnx *g = calloc(1, sizeof *g);
    if (g == NULL)
        return NULL;
    g->next_constant = &g->constants;
    g->next_node = &g->nodes;
    g->next_input = &g->inputs;
    g->next_output = &g->outputs;
    return g;
}

void isb_onnx_close(isb_onnx *g) {
    while (g != NULL && g->blocks != NULL) {
        block *next = g->blocks->next;
        free(g->blocks);
        g->blocks = next;
    }
    free(g);
}

void *isb_onnx_claim(isb_onnx *g, size_t count, size_t size) {
    size_t bytes;
    block *made = NULL;
    if (!g->failed && !__builtin_mul_overflow(count, size, &bytes) &&
        !__builtin_add_overflow(bytes, sizeof *made, &bytes))
        made = calloc(1, bytes);
    if (made == NULL) {
        g->failed = true;
        return NULL;
    }
    made->next = g->blocks;
    g->blocks = made;
    return made->data;
}

/* --- names --- */

static int compare(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort_names(isb_onnx *g) {
    g->names = isb_onnx_claim(g, g->input_count + 1, sizeof *g->names);
    if (g->names == NULL)
        return;
    size_t count = 0;
    for (const port *p = g->inputs; p != NULL; p = p->next)
        g->names[count++] = p->message.name;
    qsort(g->names, count, sizeof *g->names, compare);
}

/* The stem, with a number behind it where an input is called so. */
static void choose_name(isb_onnx *g, char out[NAME_SIZE], const char *stem) {
    const char *name = out;
    snprintf(out, NAME_SIZE, "%.40s", stem);
    if (g->names == NULL)
        sort_names(g);
    for (size_t i = 1; g->names != NULL &&
                       bsearch(&name, g->names, g->input_count, sizeof *g->names, compare) != NULL;
         i++)
        snprintf(out, NAME_SIZE, "%.40s#%zu", stem, i);
}

static isb_status check_names(isb_onnx *g, const char *path, isb_error *error) {
    char clipped[ISB_CLIP_SIZE];
    for (size_t i = 0; i < g->input_count; i++)
        if (g->names[i][0] == '\0' || (i > 0 && strcmp(g->names[i - 1], g->names[i]) == 0))
            return isb_fail(error, ISB_USAGE,
                            "%s: an input of ONNX has a name of its own, but columns of the model "
                            "are called '%s'",
                            path, isb_clip(clipped, g->names[i]));
    return ISB_OK;
}

/* --- inputs and outputs --- */

static port *make_port(isb_onnx *g, const char *name, isb_onnx_type type, size_t columns) {
    port *p = isb_onnx_claim(g, 1, sizeof *p);
    if (p == NULL)
        return NULL;
    onnx__value_info_proto__init(&p->message);
    onnx__type_proto__init(&p->type);
    onnx__type_proto__tensor__init(&p->tensor);
    onnx__tensor_shape_proto__init(&p->shape);
    for (size_t i = 0; i < 2; i++) {
        onnx__tensor_shape_proto__dimension__init(&p->sizes[i]);
        p->size_list[i] = &p->sizes[i];
    }
    p->sizes[0].value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
    p->sizes[0].dim_param = unchanged("N");
    p->sizes[1].value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
    p->sizes[1].dim_value = (int64_t)columns;
    p->shape.n_dim = columns > 0 ? 2 : 1;
    p->shape.dim = p->size_list;
    p->tensor.has_elem_type = 1;
    p->tensor.elem_type = (int32_t)type;
    p->tensor.shape = &p->shape;
    p->type.value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    p->type.tensor_type = &p->tensor;
    p->message.name = unchanged(name);
    p->message.type = &p->type;
    return p;
}

void isb_onnx_input(isb_onnx *g, const char *name, isb_onnx_type type, size_t columns) {
    port *p = make_port(g, name, type, columns);
    if (p == NULL)
        return;
    *g->next_input = p;
    g->next_input = &p->next;
    g->input_count++;
}

void isb_onnx_output(isb_onnx *g, char *value, const char *name, isb_onnx_type type,
                     size_t columns) {
    port *p = make_port(g, value, type, columns);
    if (p == NULL || value == NULL)
        return;
    choose_name(g, value, name); /* nodes have the pointer, and so the new name */
    *g->next_output = p;
    g->next_output = &p->next;
    g->output_count++;
}

/* --- constants and nodes --- */

static size_t type_size(isb_onnx_type type) { return type == ISB_ONNX_FLOAT ? 4 : 8; }

char *isb_onnx_constant(isb_onnx *g, const char *stem, isb_onnx_type type, const void *data,
                        size_t rows, size_t columns) {
    constant *c = isb_onnx_claim(g, 1, sizeof *c);
    if (c == NULL)
        return NULL;
    onnx__tensor_proto__init(&c->message);
    choose_name(g, c->name, stem);
    size_t values = 1;
    for (size_t i = 0; i < 2; i++) {
        const size_t size = i == 0 ? rows : columns;
        if (size == 0)
            continue;
        c->sizes[c->message.n_dims++] = (int64_t)size;
        values *= size;
    }
    c->message.dims = c->sizes;
    c->message.has_data_type = 1;
    c->message.data_type = (int32_t)type;
    c->message.name = c->name;
    c->message.has_raw_data = 1;
    c->message.raw_data.data = unchanged(data);
    c->message.raw_data.len = values * type_size(type);
    *g->next_constant = c;
    g->next_constant = &c->next;
    g->constant_count++;
    return c->name;
}

/* Names of values, copied, since the list that was given is not the graph's. */
static void take_inputs(isb_onnx *g, node *n, char *const *inputs) {
    size_t count = 0;
    while (inputs[count] != NULL)
        count++;
    n->message.input = isb_onnx_claim(g, count + 1, sizeof *n->message.input);
    if (n->message.input == NULL)
        return;
    memcpy(n->message.input, inputs, count * sizeof *inputs);
    n->message.n_input = count;
}

char *isb_onnx_node(isb_onnx *g, const char *operator, const char * stem, char *const *inputs) {
    char name[NAME_SIZE];
    node *n = isb_onnx_claim(g, 1, sizeof *n);
    if (n == NULL)
        return NULL;
    onnx__node_proto__init(&n->message);
    const size_t domain = strlen(ML_DOMAIN);
    if (strncmp(operator, ML_DOMAIN, domain) == 0) {
        n->message.domain = unchanged(ML_DOMAIN);
        operator+= domain + 1;
        g->uses_ml = true;
    }
    snprintf(name, sizeof name, "%.20s.%.20s", stem, operator);
    choose_name(g, n->name, name);
    take_inputs(g, n, inputs);
    n->output = n->name;
    n->message.n_output = 1;
    n->message.output = &n->output;
    n->message.name = n->name;
    n->message.op_type = unchanged(operator);
    n->message.attribute = n->attribute_list;
    *g->next_node = n;
    g->next_node = &n->next;
    g->last_node = n;
    g->node_count++;
    return n->name;
}

/* A new one of the last node; NULL after a failure. */
static Onnx__AttributeProto *add_attribute(isb_onnx *g, const char *name,
                                           Onnx__AttributeProto__AttributeType type) {
    if (g->failed)
        return NULL;
    node *n = g->last_node;
    Onnx__AttributeProto *a = &n->attributes[n->message.n_attribute];
    onnx__attribute_proto__init(a);
    a->name = unchanged(name);
    a->has_type = 1;
    a->type = type;
    n->attribute_list[n->message.n_attribute++] = a;
    return a;
}

void isb_onnx_set_int(isb_onnx *g, const char *name, int64_t value) {
    Onnx__AttributeProto *a = add_attribute(g, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);
    if (a == NULL)
        return;
    a->has_i = 1;
    a->i = value;
}

void isb_onnx_set_float(isb_onnx *g, const char *name, float value) {
    Onnx__AttributeProto *a = add_attribute(g, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT);
    if (a == NULL)
        return;
    a->has_f = 1;
    a->f = value;
}

void isb_onnx_set_ints(isb_onnx *g, const char *name, const int64_t *values, size_t count) {
    Onnx__AttributeProto *a = add_attribute(g, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
    if (a == NULL)
        return;
    a->n_ints = count;
    a->ints = unchanged(values);
}

void isb_onnx_set_floats(isb_onnx *g, const char *name, const float *values, size_t count) {
    Onnx__AttributeProto *a = add_attribute(g, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS);
    if (a == NULL)
        return;
    a->n_floats = count;
    a->floats = unchanged(values);
}

void isb_onnx_set_strings(isb_onnx *g, const char *name, const char *const *values, size_t count) {
    Onnx__AttributeProto *a =
        add_attribute(g, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRINGS);
    ProtobufCBinaryData *strings = isb_onnx_claim(g, count, sizeof *strings);
    if (a == NULL || strings == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        strings[i] = (ProtobufCBinaryData){strlen(values[i]), unchanged(values[i])};
    a->n_strings = count;
    a->strings = strings;
}

void isb_onnx_describe(isb_onnx *g, const char *key, const char *value) {
    onnx__string_string_entry_proto__init(&g->entry);
    g->entry.key = unchanged(key);
    g->entry.value = unchanged(value);
    g->described = true;
}

/* --- writing --- */

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

static Onnx__ValueInfoProto **list_ports(isb_onnx *g, port *first, size_t count) {
    Onnx__ValueInfoProto **list = isb_onnx_claim(g, count, sizeof *list);
    for (size_t i = 0; list != NULL && first != NULL; first = first->next)
        list[i++] = &first->message;
    return list;
}

static void fill_graph(isb_onnx *g, Onnx__GraphProto *out) {
    out->name = unchanged("isobit");
    out->n_node = g->node_count;
    out->node = isb_onnx_claim(g, g->node_count, sizeof *out->node);
    size_t i = 0;
    for (node *n = g->nodes; out->node != NULL && n != NULL; n = n->next)
        out->node[i++] = &n->message;
    out->n_initializer = g->constant_count;
    out->initializer = isb_onnx_claim(g, g->constant_count, sizeof *out->initializer);
    i = 0;
    for (constant *c = g->constants; out->initializer != NULL && c != NULL; c = c->next)
        out->initializer[i++] = &c->message;
    out->n_input = g->input_count;
    out->input = list_ports(g, g->inputs, g->input_count);
    out->n_output = g->output_count;
    out->output = list_ports(g, g->outputs, g->output_count);
}

isb_status isb_onnx_write(isb_onnx *g, const char *path, isb_error *error) {
    Onnx__GraphProto graph = ONNX__GRAPH_PROTO__INIT;
    Onnx__OperatorSetIdProto opset = ONNX__OPERATOR_SET_ID_PROTO__INIT,
                             ml = ONNX__OPERATOR_SET_ID_PROTO__INIT, *opsets[] = {&opset, &ml};
    Onnx__ModelProto model = ONNX__MODEL_PROTO__INIT;
    Onnx__StringStringEntryProto *entry = &g->entry;
    fill_graph(g, &graph);
    if (g->failed)
        return isb_fail_memory(error, "the graph");
    const isb_status status = check_names(g, path, error);
    if (status != ISB_OK)
        return status;
    opset.domain = unchanged("");
    ml.domain = unchanged(ML_DOMAIN);
    opset.has_version = ml.has_version = 1;
    opset.version = OPSET;
    ml.version = ML_OPSET;
    model.has_ir_version = 1;
    model.ir_version = IR_VERSION;
    model.producer_name = unchanged("isobit");
    model.producer_version = unchanged(ISB_VERSION);
    model.n_opset_import = g->uses_ml ? 2 : 1;
    model.opset_import = opsets;
    model.n_metadata_props = g->described ? 1 : 0;
    model.metadata_props = &entry;
    model.graph = &graph;
    return write_model(&model, path, error);
}
