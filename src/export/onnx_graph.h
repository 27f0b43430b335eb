/* An ONNX model put together: inputs first, then constants and nodes, outputs at the end. Constants
 * and nodes are named by a stem, each by another one; where an input is called so, a number is
 * added. The same calls give the same bytes. Too little memory is remembered and reported by
 * isb_onnx_write; names are NULL then, which every function takes. */
#ifndef ISB_EXPORT_ONNX_GRAPH_H
#define ISB_EXPORT_ONNX_GRAPH_H

#include <isobit/error.h>
#include <stddef.h>
#include <stdint.h>

typedef struct isb_onnx isb_onnx;

/* The numbers are ONNX's. */
typedef enum isb_onnx_type {
    ISB_ONNX_FLOAT = 1,
    ISB_ONNX_INT64 = 7,
    ISB_ONNX_STRING = 8,
    ISB_ONNX_DOUBLE = 11,
} isb_onnx_type;

/* NULL: no memory. Released by isb_onnx_close. Names and data that functions are given are
 * borrowed until then, but for the beginning (`stem`) of a new name. */
isb_onnx *isb_onnx_open(void);
void isb_onnx_close(isb_onnx *graph);

/* Zeroed memory that lasts as long as the graph, for its data; NULL: none is left. */
void *isb_onnx_claim(isb_onnx *graph, size_t count, size_t size);

/* A tensor (N, columns). */
void isb_onnx_input(isb_onnx *graph, const char *name, isb_onnx_type type, size_t columns);

/* Gives the constant's name. Without rows it is a vector, without columns a scalar. */
char *isb_onnx_constant(isb_onnx *graph, const char *stem, isb_onnx_type type, const void *data,
                        size_t rows, size_t columns);

/* Gives the name of what the node gives. An operator of the domain ai.onnx.ml is named so:
 * "ai.onnx.ml.LabelEncoder". Inputs end with a NULL. */
char *isb_onnx_node(isb_onnx *graph, const char *operator, const char * stem, char *const *inputs);

/* Attributes of the node made last; at most ISB_ONNX_ATTRIBUTES. */
enum { ISB_ONNX_ATTRIBUTES = 3 };
void isb_onnx_set_int(isb_onnx *graph, const char *name, int64_t value);
void isb_onnx_set_float(isb_onnx *graph, const char *name, float value);
void isb_onnx_set_ints(isb_onnx *graph, const char *name, const int64_t *values, size_t count);
void isb_onnx_set_floats(isb_onnx *graph, const char *name, const float *values, size_t count);
void isb_onnx_set_strings(isb_onnx *graph, const char *name, const char *const *values,
                          size_t count);

/* Makes what a node gives an output, (N, columns), without columns (N), and gives it this name, or
 * the next that no input has. */
void isb_onnx_output(isb_onnx *graph, char *value, const char *name, isb_onnx_type type,
                     size_t columns);

/* An entry of the model's metadata; at most one. */
void isb_onnx_describe(isb_onnx *graph, const char *key, const char *value);

/* Writes the file in one go. ISB_NO_MEMORY; ISB_FAILURE: also a model of more than 2 GiB;
 * ISB_USAGE: two inputs of the same name, or one without a name. */
isb_status isb_onnx_write(isb_onnx *graph, const char *path, isb_error *error);

#endif
