/* NumPy's archive of arrays: numpy.load gives them by the names of Keras's layers. */
#include "export/archive.h"
#include "export/exported.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_SIZE = 128, NAME_SIZE = 80 };

typedef struct array {
    char name[NAME_SIZE];
    char head[HEAD_SIZE];
} array;

/* Version 1.0 of the format: magic, length, a dictionary padded with spaces to a line's end. */
static void put_head(char head[HEAD_SIZE], const char *type, const char *shape) {
    static const char magic[] = "\x93NUMPY\x01";
    memset(head, ' ', HEAD_SIZE);
    memcpy(head, magic, sizeof magic);
    head[8] = (char)(HEAD_SIZE - 10);
    head[9] = 0;
    char text[HEAD_SIZE];
    const int length = snprintf(
        text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", type, shape);
    memcpy(head + 10, text, (size_t)length);
    head[HEAD_SIZE - 1] = '\n';
}

static void put(array *to, isb_member *member, const isb_exported_dense *dense, bool kernel) {
    char shape[48];
    if (kernel)
        snprintf(shape, sizeof shape, "(%zu, %zu)", dense->inputs, dense->units);
    else
        snprintf(shape, sizeof shape, "(%zu,)", dense->units);
    put_head(to->head, "<f4", shape);
    snprintf(to->name, sizeof to->name, "%s.%s.npy", dense->name, kernel ? "kernel" : "bias");
    const size_t values = kernel ? dense->inputs * dense->units : dense->units;
    *member = (isb_member){
        to->name,
        {to->head, HEAD_SIZE},
        {kernel ? dense->kernel : dense->bias, values * sizeof(float)},
    };
}

/* Values of a scaling. */
static void put_values(array *to, isb_member *member, const char *name, const double *values,
                       size_t count) {
    char shape[48];
    snprintf(shape, sizeof shape, "(%zu,)", count);
    put_head(to->head, "<f8", shape);
    snprintf(to->name, sizeof to->name, "%s.npy", name);
    *member = (isb_member){to->name, {to->head, HEAD_SIZE}, {values, count * sizeof *values}};
}

/* The bytes of a text: numpy.load(file)["preprocessing"].tobytes(). */
static void put_text(array *to, isb_member *member, const char *name, const char *text) {
    char shape[48];
    snprintf(shape, sizeof shape, "(%zu,)", strlen(text));
    put_head(to->head, "|u1", shape);
    snprintf(to->name, sizeof to->name, "%s.npy", name);
    *member = (isb_member){to->name, {to->head, HEAD_SIZE}, {text, strlen(text)}};
}

/* What turns columns into inputs, and what inputs are scaled by, where there is such a thing; gives
 * the number of members. */
static size_t put_inputs(array *arrays, isb_member *members, const isb_exported *from) {
    const isb_exported_scaling *scaling = &from->scaling;
    size_t count = 0;
    if (isb_exported_is_table(from)) {
        put_text(&arrays[count], &members[count], "preprocessing", from->preprocessing);
        count++;
    }
    if (scaling->width > 0) {
        put_values(&arrays[count], &members[count], ISB_SCALING_OFFSET, scaling->offset,
                   scaling->width);
        count++;
        put_values(&arrays[count], &members[count], ISB_SCALING_DIVISOR, scaling->divisor,
                   scaling->width);
        count++;
    }
    return count;
}

isb_status isb_export_npz(const isb_exported *from, const char *path, isb_error *error) {
    const size_t layers = isb_exported_count(from);
    array *arrays = calloc(2 * layers + 3, sizeof *arrays);
    isb_member *members = calloc(2 * layers + 3, sizeof *members);
    size_t count = 0;
    isb_status status = ISB_OK;
    if (arrays == NULL || members == NULL)
        status = isb_fail_memory(error, path);
    for (size_t i = 0; i < layers && status == ISB_OK; i++) {
        const isb_exported_dense dense = isb_exported_at(from, i);
        put(&arrays[count], &members[count], &dense, true);
        count++;
        if (dense.bias == NULL)
            continue;
        put(&arrays[count], &members[count], &dense, false);
        count++;
    }
    if (status == ISB_OK) {
        count += put_inputs(arrays + count, members + count, from);
        status = isb_archive_write(path, members, count, error);
    }
    free(members);
    free(arrays);
    return status;
}
