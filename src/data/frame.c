#include "data/frame.h"
#include "base/memory.h"
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
    size_t low = 0, high = frame->stretch_count;
    if (high == 0)
        return row + 1 + frame->header;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (frame->stretches[middle].row <= row)
            low = middle;
        else
            high = middle;
    }
    const isb_frame_stretch *s = &frame->stretches[low];
    return s->line + (s->offsets != NULL ? s->offsets[row - s->row] : row - s->row);
}

/* With the page that holds the last row before `begin`, too: it was not forgotten as a whole. */
void isb_column_forget(isb_column *column, size_t begin, size_t end) {
    enum { CELL = sizeof(float), PAGE_CELLS = 65536 / CELL }; /* of the largest pages in use */
    void *cells = column->numbers != NULL ? (void *)column->numbers : column->codes;
    begin = begin > PAGE_CELLS ? begin - PAGE_CELLS : 0;
    isb_forget(cells, begin * CELL, end * CELL);
}

void isb_column_forget_all(isb_column *column) {
    free(column->numbers);
    free(column->codes);
    free(column->texts);
    for (size_t i = 0; i < column->text_block_count; i++)
        free(column->text_blocks[i]);
    free(column->text_blocks);
    column->numbers = NULL;
    column->codes = NULL;
    column->texts = NULL;
    column->text_blocks = NULL;
    column->text_block_count = 0;
    column->text_count = 0;
}

void isb_column_free(isb_column *column) {
    isb_column_forget_all(column);
    free(column->name);
    free(column->too_large);
    *column = (isb_column){0};
}

void isb_frame_free(isb_frame *frame) {
    for (size_t i = 0; i < frame->column_count; i++)
        isb_column_free(&frame->columns[i]);
    free(frame->columns);
    isb_name_index_free(&frame->index);
    for (size_t i = 0; i < frame->stretch_count; i++)
        free(frame->stretches[i].offsets);
    free(frame->stretches);
    free(frame->file);
    *frame = (isb_frame){0};
}
