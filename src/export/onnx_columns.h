/* The columns of a table as inputs of an ONNX graph, and what turns them into features. */
#ifndef ISB_EXPORT_ONNX_COLUMNS_H
#define ISB_EXPORT_ONNX_COLUMNS_H

#include "export/exported.h"
#include "export/onnx_graph.h"

/* Adds an input (N, 1) for each column, of floats or strings, under the column's name. A missing
 * number is NaN, a missing text "" or one of those that the experiment names. Gives the features
 * (N, width): the bits that isobit itself makes of them. Where the model has nothing for a missing
 * cell, its row has a NaN. */
char *isb_onnx_columns(isb_onnx *graph, const isb_exported *from);

/* Makes all outputs of a row NaN whose features have one, which an activation could hide. */
char *isb_onnx_refuse_missing(isb_onnx *graph, const isb_preprocessing *columns, char *features,
                              char *outputs);

#endif
