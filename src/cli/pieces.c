#include "cli/pieces.h"
#include "data/csv_shape.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE_SIZE = 1 << 20 };

isb_status isb_pieces_open(isb_pieces *p, isb_error *error) {
    return isb_input_of_stream(&p->input, ISB_PIECES_NAME, STDIN_FILENO, error);
}

void isb_pieces_close(isb_pieces *p) {
    isb_input_close(p->input);
    free(p->text);
}

static isb_status reserve(isb_pieces *p, size_t capacity, isb_error *error) {
    char *grown = p->capacity >= capacity ? p->text : realloc(p->text, capacity);
    if (grown == NULL)
        return isb_fail_memory(error, "a piece of the table");
    p->text = grown;
    p->capacity = p->capacity >= capacity ? p->capacity : capacity;
    return ISB_OK;
}

/* On the way through what is held. */
typedef struct scan {
    size_t at, end; /* end: behind the last record that ends, not counting blank lines */
    bool quoted, blank;
} scan;

/* Goes to the end, or behind the first record. */
static void scan_on(scan *s, const isb_pieces *p, bool first) {
    const size_t begin = s->end;
    while (s->at < p->held && !(first && s->end > begin)) {
        const char c = p->text[s->at++];
        s->quoted ^= c == '"';
        s->blank = s->blank && (c == '\n' || c == '\r');
        if (c != '\n' || s->quoted)
            continue;
        s->end = s->blank ? s->end : s->at;
        s->blank = true;
    }
}

/* Adds what has come; at the end a line end that is not there. */
static isb_status add_some(isb_pieces *p, isb_error *error) {
    size_t got;
    const isb_status status =
        isb_input_read_some(p->input, p->text + p->held, p->capacity - 1 - p->held, &got, error);
    if (status != ISB_OK)
        return status;
    p->held += got;
    p->ended = got == 0;
    if (p->ended && p->held > 0 && p->text[p->held - 1] != '\n')
        p->text[p->held++] = '\n';
    return ISB_OK;
}

/* So much is held that a record ends in it, and more as long as more is there, up to a piece. Where
 * no record ends, *end is that of the table, or of what is wrong with it. */
static isb_status fill(isb_pieces *p, size_t from, bool first, size_t *end, isb_error *error) {
    scan s = {.at = from, .end = from, .blank = true};
    isb_status status = ISB_OK;
    scan_on(&s, p, first);
    while (status == ISB_OK && !p->ended && (s.end == from || p->held < from + PIECE_SIZE)) {
        if (s.end > from && (first || !isb_input_ready(p->input)))
            break;
        if (p->held - from > ISB_CSV_LARGEST_RECORD)
            return isb_fail(error, ISB_DATA,
                            ISB_PIECES_NAME ": a record has more than 16 MiB; is a quote missing?");
        status = reserve(p, p->held + PIECE_SIZE / 2, error);
        if (status == ISB_OK)
            status = add_some(p, error);
        scan_on(&s, p, first);
    }
    *end = s.end > from ? s.end : p->held;
    return status;
}

static size_t count_lines(const char *text, size_t length) {
    size_t lines = 0;
    for (size_t i = 0; i < length; i++)
        lines += text[i] == '\n';
    return lines;
}

static bool is_blank(const char *text, size_t length) {
    size_t i = 0;
    while (i < length && (text[i] == '\n' || text[i] == '\r'))
        i++;
    return i == length;
}

/* What stands behind the piece at hand moves up behind the header. */
static void close_up(isb_pieces *p) {
    if (!p->started)
        return;
    p->line_offset += count_lines(p->text + p->header, p->length - p->header);
    memmove(p->text + p->header, p->text + p->length, p->held - p->length);
    p->held -= p->length - p->header;
}

void isb_pieces_have_no_header(isb_pieces *p) { p->header = 0; }

isb_status isb_pieces_next(isb_pieces *p, isb_error *error) {
    isb_status status = ISB_OK;
    close_up(p);
    const bool first = !p->started;
    if (first)
        status = fill(p, 0, true, &p->header, error);
    if (first && status == ISB_OK && isb_csv_names_separator(p->text, p->header))
        status = fill(p, p->header, true, &p->header, error);
    if (status == ISB_OK)
        status = fill(p, p->header, false, &p->length, error);
    p->started = true;
    if (status != ISB_OK)
        return status;
    if (first && p->held == 0)
        return isb_fail(error, ISB_DATA, ISB_PIECES_NAME ": is empty; pipe a table into it");
    if (!first && is_blank(p->text + p->header, p->length - p->header))
        p->length = 0;
    return ISB_OK;
}
