/* An independent reference in double: the loss of a network written down as naively as can be, and
 * its gradient by central differences, which shares no formula with the program's backward pass. */
#ifndef ISB_TESTS_ORACLE_H
#define ISB_TESTS_ORACLE_H

#include "fixture.h"

/* The parameters of a fixture's network in canonical order, kernel, bias, kernel, ... */
typedef struct oracle {
    const fixture *f;
    size_t count; /* of all parameters */
    double *parameters;
    double *gradient;
    uint64_t step; /* whose dropout masks apply, from 1 */
} oracle;

void oracle_make(oracle *o, const fixture *f);
void oracle_free(oracle *o);

/* Takes the values of the tensors whose names do not begin with "optimizer.". */
void oracle_load(oracle *o, const isb_tensors *tensors);

/* Mean loss of rows first .. first + rows - 1 of the table, dropouts of the step applied. */
double oracle_loss(const oracle *o, size_t first, size_t rows);

/* Fills `gradient` for those rows. */
void oracle_differentiate(oracle *o, size_t first, size_t rows);

#endif
