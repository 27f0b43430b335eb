/* An experiment out of a tree, for those who change the tree before. */
#ifndef ISB_IO_EXPERIMENT_TREE_H
#define ISB_IO_EXPERIMENT_TREE_H

#include "io/document.h"
#include "io/schema.h"
#include <isobit/experiment.h>

extern const isb_document isb_experiment_document;

/* Reads and checks the map `root`; out->file names where it comes from, the rest of `out` is empty.
 * Errors go to the reader's problems; `out` is to be freed then, too. */
void isb_experiment_from_tree(isb_reader *reader, isb_experiment *out, const isb_node *root);

#endif
