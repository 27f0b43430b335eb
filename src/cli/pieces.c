#include "cli/pieces.h"
#include "data/csv_blocks.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE_SIZE = 1 << 20 };

static isb_status reserve(isb_pieces *p, size_t capacity, isb_error *error) {
    char *grown = p->capacity >= capacity ? p->text : realloc(p->text, capacity);
    if (grown == NULL)
        return isb_fail_memory(error, "a piece of the table");
    p->text = grown;
    p->capacity = p->capacity >= capacity ? p->capacity : capacity;
    return ISB_OK;
}

/* Reads until so many bytes are held, or to the end, where a line end is put that is not there. */
static isb_status fill(isb_pieces *p, size_t wanted, isb_error *error) {
    isb_status status = reserve(p, wanted + 1, error);
    while (status == ISB_OK && !p->ended && p->held < wanted) {
        const ssize_t got = read(STDIN_FILENO, p->text + p->held, wanted - p->held);
        if (got > 0)
            p->held += (size_t)got;
        else if (got == 0)
            p->ended = true;
        else if (errno != EINTR)
            status =
                isb_fail(error, ISB_DATA, ISB_PIECES_NAME ": cannot be read: %s", strerror(errno));
    }
    if (status == ISB_OK && p->ended && p->held > 0 && p->text[p->held - 1] != '\n')
        p->text[p->held++] = '\n';
    return status;
}

/* Behind the last record that ends before `end`, or behind the first; `from` where none does. */
static size_t find_end(const isb_pieces *p, size_t from, bool first) {
    size_t found = from;
    bool quoted = false;
    for (size_t i = from; i < p->held; i++) {
        quoted ^= p->text[i] == '"';
        if (p->text[i] != '\n' || quoted)
            continue;
        found = i + 1;
        if (first)
            break;
    }
    return found;
}

/* So much is held that a record ends in it. */
static isb_status fill_record(isb_pieces *p, size_t from, bool first, size_t *end,
                              isb_error *error) {
    isb_status status = fill(p, from + PIECE_SIZE, error);
    *end = status == ISB_OK ? find_end(p, from, first) : from;
    while (status == ISB_OK && *end == from && !p->ended) {
        if (p->held - from > ISB_CSV_LARGEST_RECORD)
            return isb_fail(error, ISB_DATA,
                            ISB_PIECES_NAME ": a record has more than 16 MiB; is a quote missing?");
        status = fill(p, p->held + PIECE_SIZE, error);
        *end = status == ISB_OK ? find_end(p, from, first) : from;
    }
    if (*end == from)
        *end = p->held; /* the end of the table, or what is wrong with it */
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

isb_status isb_pieces_next(isb_pieces *p, isb_error *error) {
    isb_status status = ISB_OK;
    close_up(p);
    if (!p->started && p->has_header)
        status = fill_record(p, 0, true, &p->header, error);
    if (status == ISB_OK)
        status = fill_record(p, p->header, false, &p->length, error);
    const bool first = !p->started;
    p->started = true;
    if (status != ISB_OK)
        return status;
    if (first && p->held == 0)
        return isb_fail(error, ISB_DATA, ISB_PIECES_NAME ": is empty; pipe a table into it");
    if (!first && p->ended && is_blank(p->text + p->header, p->held - p->header))
        p->length = 0;
    else if (!first && is_blank(p->text + p->header, p->length - p->header))
        return isb_pieces_next(p, error);
    return ISB_OK;
}
