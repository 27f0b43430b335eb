/* The features of a table by a fitted preprocessing. */
#include "base/number.h"
#include "cpu/fpenv.h"
#include "data/preprocessing.h"
#include "data/table_rows.h"
#include "io/text.h"
#include <stdlib.h>
#include <string.h>

static const uint32_t UNKNOWN = UINT32_MAX; /* a text that is no category */

static isb_status find_column(const isb_column **out, const isb_frame *frame, const char *name,
                              isb_error *error) {
    const size_t index = isb_frame_find(frame, name);
    if (index == frame->column_count) {
        isb_fail_no_column(frame, "the model's features", name, error);
        return ISB_DATA;
    }
    *out = &frame->columns[index];
    return ISB_OK;
}

/* --- missing cells --- */

static isb_status fail_missing(const isb_preprocessing *p, const isb_frame *frame, uint32_t row,
                               const isb_column *column, isb_error *error) {
    char clipped[ISB_CLIP_SIZE];
    isb_clip(clipped, column->name);
    if (p->policy == ISB_MISSING_DROP_ROW)
        return isb_fail(error, ISB_DATA,
                        "%s:%zu: column '%s' has no value here; missing_policy: drop_row leaves "
                        "such rows out of training, but no row can be left out of predictions",
                        frame->file, isb_frame_line(frame, row), clipped);
    if (column->missing == frame->rows)
        return isb_fail(error, ISB_DATA,
                        "%s: column '%s' has no value in any row; leave it out with "
                        "data.features.drop",
                        frame->file, clipped);
    return isb_fail(error, ISB_DATA,
                    "%s:%zu: column '%s' has no value here%s; put one there, or say what stands "
                    "for it with data.missing_policy: mean, indicator or drop_row",
                    frame->file, isb_frame_line(frame, row), clipped,
                    column->not_finite > 0 ? " (nan and inf are none)" : "");
}

/* The columns of features that have a missing cell anywhere; ends with NULL. */
static const isb_column **gappy_columns(const isb_preprocessing *p, const isb_frame *frame) {
    const isb_column **columns = calloc(p->count + 1, sizeof *columns);
    size_t found = 0;
    for (size_t i = 0; columns != NULL && i < p->count; i++) {
        const size_t index = isb_frame_find(frame, p->features[i].name);
        if (index < frame->column_count && frame->columns[index].missing > 0)
            columns[found++] = &frame->columns[index];
    }
    return columns;
}

static const isb_column *first_missing(const isb_column *const *columns, uint32_t row) {
    while (*columns != NULL && !isb_cell_missing(*columns, row))
        columns++;
    return *columns;
}

isb_status isb_preprocessing_refuse_missing(const isb_preprocessing *p, const isb_frame *frame,
                                            const uint32_t *rows, size_t count, isb_error *error) {
    const isb_column **gappy = gappy_columns(p, frame);
    isb_status status = gappy != NULL ? ISB_OK : isb_fail_memory(error, "the columns of a table");
    for (size_t i = 0; status == ISB_OK && gappy[0] != NULL && i < count; i++) {
        const isb_column *column = first_missing(gappy, rows[i]);
        if (column != NULL)
            status = fail_missing(p, frame, rows[i], column, error);
    }
    free(gappy);
    return status;
}

isb_status isb_preprocessing_drop_missing(const isb_preprocessing *p, const isb_frame *frame,
                                          uint32_t *rows, size_t *count, isb_error *error) {
    const isb_column **gappy = gappy_columns(p, frame);
    if (gappy == NULL)
        return isb_fail_memory(error, "the columns of a table");
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++)
        if (first_missing(gappy, rows[i]) == NULL)
            rows[kept++] = rows[i];
    free(gappy);
    *count = kept;
    return ISB_OK;
}

/* --- numbers --- */

/* Where one cell of a column holds a text, the reader takes all of them for texts. */
static isb_status fail_text(const isb_frame *frame, const isb_column *column, isb_error *error) {
    char name[ISB_CLIP_SIZE], text[ISB_CLIP_SIZE];
    isb_clip(name, column->name);
    for (size_t row = 0; row < frame->rows; row++) {
        const uint32_t code = column->codes[row];
        double value;
        if (code != ISB_FRAME_MISSING && !isb_parse_double(column->texts[code], &value))
            return isb_fail(error, ISB_DATA, "%s:%zu: column '%s' must be a number, not '%s'",
                            frame->file, isb_frame_line(frame, row), name,
                            isb_clip(text, column->texts[code]));
    }
    return isb_fail(error, ISB_DATA,
                    "%s: column '%s' must be numbers that a float32 holds, as those the model was "
                    "trained on",
                    frame->file, name);
}

static isb_status put_numbers(const isb_feature *feature, const isb_frame *frame,
                              const isb_column *column, const uint32_t *rows, size_t count,
                              float *to, size_t width, isb_error *error) {
    const bool texts = column->kind == ISB_COLUMN_TEXT;
    if (texts && column->missing < frame->rows)
        return fail_text(frame, column, error);
    if (column->too_large != NULL)
        return isb_fail(error, ISB_DATA, "%s", column->too_large);
    for (size_t i = 0; i < count; i++) {
        const bool missing = isb_cell_missing(column, rows[i]);
        const double x = missing ? feature->fill : (double)column->numbers[rows[i]];
        to[i * width] = (float)((x - feature->offset) / feature->divisor);
        if (feature->indicator)
            to[i * width + 1] = missing ? 1.0f : 0.0f;
    }
    return ISB_OK;
}

/* --- texts --- */

/* The category of each text of the column; both are in byte order. */
static void match_categories(uint32_t *category, const isb_feature *feature,
                             const isb_column *column) {
    size_t next = 0;
    for (size_t code = 0; code < column->text_count; code++) {
        int order = 1;
        while (next < feature->category_count &&
               (order = strcmp(feature->categories[next], column->texts[code])) < 0)
            next++;
        category[code] = next < feature->category_count && order == 0 ? (uint32_t)next : UNKNOWN;
    }
}

static isb_status put_texts(const isb_feature *feature, const isb_frame *frame,
                            const isb_column *column, const uint32_t *rows, size_t count, float *to,
                            size_t width, isb_error *error) {
    if (column->kind == ISB_COLUMN_NUMBER && column->missing < frame->rows)
        return isb_fail(error, ISB_DATA,
                        "%s: column '%s' must be texts, as those the model was trained on",
                        frame->file, column->name);
    uint32_t *category = calloc(column->text_count + 1, sizeof *category);
    if (category == NULL)
        return isb_fail_memory(error, "the categories of a column");
    match_categories(category, feature, column);
    for (size_t i = 0; i < count; i++) {
        const bool missing = isb_cell_missing(column, rows[i]);
        const uint32_t own = missing ? (uint32_t)feature->mode : category[column->codes[rows[i]]];
        float *cells = to + i * width;
        memset(cells, 0, feature->category_count * sizeof *cells);
        if (own != UNKNOWN)
            cells[own] = 1.0f;
        if (feature->indicator)
            cells[feature->category_count] = missing ? 1.0f : 0.0f;
    }
    free(category);
    return ISB_OK;
}

/* --- both --- */

static isb_status put_columns(const isb_preprocessing *p, const isb_frame *frame,
                              const uint32_t *rows, size_t count, float *to, isb_error *error) {
    isb_status status = ISB_OK;
    for (size_t i = 0; i < p->count && status == ISB_OK; i++) {
        const isb_feature *feature = &p->features[i];
        const isb_column *column;
        status = find_column(&column, frame, feature->name, error);
        if (status != ISB_OK)
            break;
        if (feature->categories == NULL)
            status = put_numbers(feature, frame, column, rows, count, to, p->width, error);
        else
            status = put_texts(feature, frame, column, rows, count, to, p->width, error);
        to += feature->categories == NULL ? 1 : feature->category_count;
        to += feature->indicator;
    }
    return status;
}

isb_status isb_preprocessing_apply(const isb_preprocessing *p, const isb_frame *frame,
                                   const uint32_t *rows, size_t count, float *features,
                                   isb_error *error) {
    const isb_fpenv before = isb_fpenv_enter();
    const isb_status status = put_columns(p, frame, rows, count, features, error);
    isb_fpenv_leave(before);
    return status;
}
