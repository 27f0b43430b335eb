#include "data/table_rows.h"
#include "base/suggest.h"
#include "io/text.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_LISTED = 40 }; /* columns that a message names */

/* Why the columns may be others than expected. */
static const char *explain_columns(const isb_frame *frame) {
    return isb_frame_wants_separator(frame) ? "; " ISB_SPACES_MEND
           : frame->header
               ? ""
               : "; the first line was taken for data: data.header: true takes it for names";
}

static isb_status fail_listing(const isb_frame *frame, const isb_text *start, isb_error *error) {
    isb_text text = {0};
    char clipped[ISB_CLIP_SIZE];
    isb_text_add(&text, start->data != NULL ? start->data : "");
    for (size_t i = 0; i < frame->column_count && i < MOST_LISTED; i++) {
        isb_text_add(&text, i > 0 ? ", " : "");
        isb_text_add(&text, isb_clip(clipped, frame->columns[i].name));
    }
    isb_text_add(&text, frame->column_count > MOST_LISTED ? ", ..." : "");
    isb_text_add(&text, explain_columns(frame));
    const isb_status status = start->failed || text.failed
                                  ? isb_fail_memory(error, "a message")
                                  : isb_fail(error, ISB_USAGE, "%s", text.data);
    free(text.data);
    return status;
}

static const char *nearest_column(const isb_frame *frame, const char *name) {
    const char **names = calloc(frame->column_count + 1, sizeof *names);
    for (size_t i = 0; names != NULL && i < frame->column_count; i++)
        names[i] = frame->columns[i].name;
    const char *nearest = names != NULL ? isb_nearest_word(name, names, frame->column_count) : NULL;
    free(names);
    return nearest;
}

isb_status isb_fail_no_column(const isb_frame *frame, const char *what, const char *name,
                              isb_error *error) {
    char clipped[ISB_CLIP_SIZE], near[ISB_CLIP_SIZE];
    const char *nearest = nearest_column(frame, name);
    if (nearest != NULL)
        return isb_fail(error, ISB_USAGE, "%s: %s has no column '%s'; did you mean '%s'?", what,
                        frame->file, isb_clip(clipped, name), isb_clip(near, nearest));
    isb_text start = {0};
    isb_text_format(&start, "%s: %s has no column '%s'; it has: ", what, frame->file,
                    isb_clip(clipped, name));
    const isb_status status = fail_listing(frame, &start, error);
    free(start.data);
    return status;
}

bool isb_column_counts_rows(const isb_column *column, size_t rows) {
    bool found = column->kind == ISB_COLUMN_NUMBER && column->whole && column->missing == 0;
    for (size_t row = 1; found && row < rows; row++) /* from 2^24 on x + 1 may be x */
        found =
            column->numbers[row] == column->numbers[row - 1] + 1 && column->numbers[row] <= 0x1p24f;
    return found && rows > 2;
}

bool isb_column_names_rows(const isb_frame *frame, const isb_column *column) {
    return column == frame->columns && column->kind == ISB_COLUMN_NUMBER && column->whole &&
           (frame->corner || strcmp(column->name, "Unnamed: 0") == 0);
}

bool isb_frame_wants_separator(const isb_frame *frame) {
    return frame->column_count == 1 && strchr(frame->columns[0].name, ' ') != NULL;
}

isb_status isb_fail_no_label(const isb_frame *frame, isb_error *error) {
    isb_text start = {0};
    isb_text_format(&start,
                    "data.label: is needed for a table, to say which column is to be predicted; "
                    "%s has: ",
                    frame->file);
    const isb_status status = fail_listing(frame, &start, error);
    free(start.data);
    return status;
}
