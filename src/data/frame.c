#include "data/frame.h"
#include <stdlib.h>
#include <string.h>

size_t isb_frame_find(const isb_frame *frame, const char *name) {
    size_t i = 0;
    while (i < frame->column_count && strcmp(frame->columns[i].name, name) != 0)
        i++;
    return i;
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
    *column = (isb_column){0};
}

void isb_frame_free(isb_frame *frame) {
    for (size_t i = 0; i < frame->column_count; i++)
        isb_column_free(&frame->columns[i]);
    free(frame->columns);
    free(frame->lines);
    free(frame->file);
    *frame = (isb_frame){0};
}
