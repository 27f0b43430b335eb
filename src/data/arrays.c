#include "data/arrays.h"
#include "data/idx.h"
#include "data/npy.h"
#include "data/npz.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where arrays lie. */
typedef struct origin {
    isb_npz *archive; /* NULL: each in a file */
    bool idx;         /* the files are IDX */
    bool regression;  /* labels may be any numbers */
} origin;

/* An array of NumPy's that was opened. */
typedef struct opened {
    isb_input *input;
    isb_npz_member *member;
    isb_feed feed;
    isb_npy array;
} opened;

static void close_array(opened *it) {
    isb_input_close(it->input);
    isb_npz_member_close(it->member);
}

static isb_status open_array(opened *out, const origin *from, const char *name, isb_error *error) {
    *out = (opened){0};
    isb_status status;
    if (from->archive != NULL) {
        status = isb_npz_member_open(&out->member, from->archive, name, &out->feed, error);
    } else {
        status = isb_input_open(&out->input, name, error);
        if (status == ISB_OK)
            out->feed = isb_feed_of_input(out->input, name);
    }
    return status == ISB_OK ? isb_npy_open(&out->array, &out->feed, error) : status;
}

static isb_status fail_format(const char *path, const uint8_t start[], size_t length,
                              isb_error *error) {
    if (length >= 4 && memcmp(start, "PK\3\4", 4) == 0)
        return isb_fail(error, ISB_DATA,
                        "%s: is an archive; name its arrays, such as source: {file: FILE.npz, x: "
                        "x_train, y: y_train}",
                        path);
    return isb_fail(error, ISB_DATA,
                    "%s: is neither a NumPy array (.npy) nor an IDX file; save it with numpy.save",
                    path);
}

/* Looks at the first bytes of a file. */
static isb_status tell_format(const origin *from, const char *path, bool *idx, isb_error *error) {
    uint8_t start[ISB_NPY_MAGIC_SIZE];
    size_t got;
    isb_input *input;
    *idx = from->idx;
    if (from->archive != NULL || from->idx)
        return ISB_OK;
    isb_status status = isb_input_open(&input, path, error);
    if (status != ISB_OK)
        return status;
    status = isb_input_read(input, start, sizeof start, &got, error);
    isb_input_close(input);
    if (status != ISB_OK || (got == sizeof start && memcmp(start, ISB_NPY_MAGIC, got) == 0))
        return status;
    *idx = got >= 2 && start[0] == 0 && start[1] == 0;
    return *idx ? ISB_OK : fail_format(path, start, got, error);
}

/* --- features --- */

static void take_shape(isb_table *table, isb_shape *shape, const size_t *sizes, size_t rank) {
    table->rows = sizes[0];
    *shape = (isb_shape){rank - 1, {0}};
    for (size_t i = 1; i < rank; i++)
        shape->sizes[i - 1] = sizes[i];
}

static isb_status read_idx_features(isb_table *table, isb_shape *shape, const char *path,
                                    isb_error *error) {
    isb_idx images;
    const isb_status status = isb_idx_read(&images, path, ISB_IDX_IMAGES, error);
    if (status != ISB_OK)
        return status;
    table->dtype = ISB_U8;
    table->features = images.elements;
    take_shape(table, shape, images.sizes, images.rank);
    return ISB_OK;
}

static isb_status read_features(isb_table *table, isb_shape *shape, const origin *from,
                                const char *name, isb_error *error) {
    bool idx;
    isb_status status = tell_format(from, name, &idx, error);
    if (status != ISB_OK || idx)
        return status == ISB_OK ? read_idx_features(table, shape, name, error) : status;
    opened it;
    status = open_array(&it, from, name, error);
    if (status == ISB_OK)
        status = isb_npy_features(&it.array, &it.feed, &table->dtype, &table->features, error);
    if (status == ISB_OK)
        take_shape(table, shape, it.array.sizes, it.array.rank);
    close_array(&it);
    return status;
}

/* --- labels --- */

static isb_status read_idx_labels(uint32_t **labels, size_t *count, const char *path,
                                  isb_error *error) {
    isb_idx idx;
    isb_status status = isb_idx_read(&idx, path, ISB_IDX_LABELS, error);
    if (status != ISB_OK)
        return status;
    *count = idx.sizes[0];
    *labels = malloc(*count * sizeof **labels);
    if (*labels == NULL)
        status = isb_fail_memory(error, path);
    for (size_t i = 0; status == ISB_OK && i < *count; i++)
        (*labels)[i] = idx.elements[i];
    isb_idx_free(&idx);
    return status;
}

/* Whole numbers from 0, up to where float32 counts by ones. */
static bool are_labels(const float *targets, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!(targets[i] >= 0 && targets[i] < 0x1p24f && targets[i] == (float)(uint32_t)targets[i]))
            return false;
    return true;
}

/* What could be labels are labels, so that the content is the same whatever the loss. */
static isb_status read_targets(isb_table *table, const opened *it, isb_error *error) {
    const size_t rows = it->array.sizes[0];
    const isb_status status =
        isb_npy_targets(&it->array, &it->feed, &table->target_width, &table->targets, error);
    if (status != ISB_OK || table->target_width != 1 || !are_labels(table->targets, rows))
        return status;
    table->labels = malloc(rows * sizeof *table->labels);
    if (table->labels == NULL)
        return isb_fail_memory(error, "labels");
    for (size_t i = 0; i < rows; i++)
        table->labels[i] = (uint32_t)table->targets[i];
    free(table->targets);
    table->targets = NULL;
    table->target_width = 0;
    return ISB_OK;
}

static isb_status read_labels(isb_table *table, size_t *count, const origin *from, const char *name,
                              isb_error *error) {
    bool idx;
    isb_status status = tell_format(from, name, &idx, error);
    if (status != ISB_OK)
        return status;
    if (idx) {
        status = read_idx_labels(&table->labels, count, name, error);
        table->labels_from = strdup(name);
    } else {
        opened it;
        status = open_array(&it, from, name, error);
        if (status == ISB_OK)
            status = from->regression ? read_targets(table, &it, error)
                                      : isb_npy_labels(&it.array, &it.feed, &table->labels, error);
        if (status == ISB_OK)
            *count = it.array.sizes[0];
        table->labels_from = strdup(it.feed.name != NULL ? it.feed.name : name);
        close_array(&it);
    }
    if (status == ISB_OK && table->labels_from == NULL)
        status = isb_fail_memory(error, "labels");
    return status;
}

/* --- parts --- */

static isb_status check_rows(const isb_table *table, size_t labels, const char *x,
                             isb_error *error) {
    if (labels == table->rows)
        return ISB_OK;
    return isb_fail(error, ISB_DATA,
                    "%s: has %zu label%s, but %s has %zu row%s; use two that belong together",
                    table->labels_from, labels, labels == 1 ? "" : "s", x, table->rows,
                    table->rows == 1 ? "" : "s");
}

static isb_status read_part(isb_table *table, isb_shape *shape, const origin *from, const char *x,
                            const char *y, isb_error *error) {
    size_t labels = 0;
    const isb_status status = read_features(table, shape, from, x, error);
    if (status != ISB_OK && status != ISB_DATA)
        return status;
    const isb_status of_labels = read_labels(table, &labels, from, y, error);
    if (status != ISB_OK || of_labels != ISB_OK)
        return status != ISB_OK ? status : of_labels;
    return check_rows(table, labels, x, error);
}

/* "28 x 28, 8-bit" */
static const char *describe(isb_shape shape, isb_dtype dtype, char text[128]) {
    size_t length = 0;
    for (size_t i = 0; i < shape.rank; i++)
        length += (size_t)snprintf(text + length, 128 - length, "%s%zu", i > 0 ? " x " : "",
                                   shape.sizes[i]);
    snprintf(text + length, 128 - length, dtype == ISB_U8 ? " (8-bit)" : " (float32)");
    return text;
}

static isb_status check_parts(const isb_dataset *data, isb_shape test,
                              const isb_data_source *source, isb_error *error) {
    char here[128], there[128];
    if (isb_shape_equal(test, data->shape) && data->test.dtype == data->train.dtype)
        return ISB_OK;
    return isb_fail(error, ISB_DATA,
                    "%s: its rows are %s, those of %s are %s; both parts need the same shape and "
                    "type",
                    source->x_test, describe(test, data->test.dtype, here), source->x,
                    describe(data->shape, data->train.dtype, there));
}

static isb_status read_parts(isb_dataset *out, const isb_data_source *source, const origin *from,
                             isb_error *error) {
    isb_shape test;
    isb_status status = read_part(&out->train, &out->shape, from, source->x, source->y, error);
    if (source->x_test == NULL || (status != ISB_OK && status != ISB_DATA))
        return status;
    const isb_status of_test =
        read_part(&out->test, &test, from, source->x_test, source->y_test, error);
    if (status != ISB_OK || of_test != ISB_OK)
        return status != ISB_OK ? status : of_test;
    return check_parts(out, test, source, error);
}

isb_status isb_arrays_read(isb_dataset *out, const isb_data_source *source, bool idx,
                           bool regression, isb_error *error) {
    origin from = {.idx = idx, .regression = regression};
    isb_status status =
        source->file == NULL ? ISB_OK : isb_npz_open(&from.archive, source->file, error);
    if (status == ISB_OK)
        status = read_parts(out, source, &from, error);
    isb_npz_close(from.archive);
    return status;
}

isb_status isb_arrays_read_archive(isb_dataset *out, const char *path, bool regression,
                                   isb_error *error) {
    static char x[] = "x", y[] = "y", x_train[] = "x_train", y_train[] = "y_train";
    static char x_test[] = "x_test", y_test[] = "y_test";
    origin from = {.regression = regression};
    isb_data_source source = {.x = x, .y = y};
    isb_status status = isb_npz_open(&from.archive, path, error);
    if (status != ISB_OK)
        return status;
    if (isb_npz_has(from.archive, x_train)) {
        source = (isb_data_source){.x = x_train, .y = y_train};
        if (isb_npz_has(from.archive, x_test) || isb_npz_has(from.archive, y_test)) {
            source.x_test = x_test;
            source.y_test = y_test;
        }
    } else if (!isb_npz_has(from.archive, x)) {
        status = isb_npz_fail_missing(from.archive, "x_train or x", error);
    }
    if (status == ISB_OK)
        status = read_parts(out, &source, &from, error);
    isb_npz_close(from.archive);
    return status;
}
