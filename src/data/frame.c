#include "data/frame.h"
#include <stdlib.h>

bool isb_frame_index(isb_frame *frame) {
    const char **names = calloc(frame->column_count + 1, sizeof *names);
    isb_name_index_free(&frame->index);
    for (size_t i = 0; names != NULL && i < frame->column_count; i++)
        names[i] = frame->columns[i].name;
    const bool made =
        names != NULL && isb_name_index_make(&frame->index, names, frame->column_count);
    free(names);
    return made;
}

size_t isb_frame_find(const isb_frame *frame, const char *name) {
    return isb_name_index_find(&frame->index, name);
}

size_t isb_frame_line(const isb_frame *frame, size_t row) {
    return frame->lines != NULL ? frame->lines[row] : row + 1 + frame->header + frame->line_offset;
}

void isb_column_free(isb_column *column) {
    free(column->name);
    free(column->numbers);
    free(column->codes);
    free(column->texts);
    free(column->texts_block);
    free(column->too_large);
    *column = (isb_column){0};
}

void isb_frame_free(isb_frame *frame) {
    for (size_t i = 0; i < frame->column_count; i++)
        isb_column_free(&frame->columns[i]);
    free(frame->columns);
    isb_name_index_free(&frame->index);
    free(frame->lines);
    free(frame->file);
    *frame = (isb_frame){0};
}
