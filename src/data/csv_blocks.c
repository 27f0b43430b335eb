#include "data/csv_blocks.h"
#include "data/csv_commas.h"
#include "data/csv_number.h"
#include "simd/decimals.h"
#include <stdlib.h>
#include <string.h>

enum {
    BEFORE = ISB_DECIMALS_BEFORE, /* line ends in front of a block, as if a line had ended there */
    READABLE = ISB_DECIMALS_BEHIND,
    BEHIND = 1 + READABLE /* a line end that the file lacks, and what must be readable */
};

_Static_assert(BEFORE >= 2 && (int)READABLE >= (int)ISB_CSV_BEYOND,
               "who reads a block looks around");

/* What a piece of text holds. */
typedef struct extent {
    size_t length; /* up to the end of its last record */
    size_t rows, line_ends;
} extent;

void isb_csv_blocks_open(isb_csv_blocks *blocks, isb_input *input, const char *path, bool squeeze,
                         bool commas) {
    *blocks = (isb_csv_blocks){
        .path = path, .input = input, .line = 1, .squeeze = squeeze, .commas = commas};
    blocks->left = isb_input_file_size(input);
}

void isb_csv_blocks_close(isb_csv_blocks *blocks) {
    free(blocks->carry.memory);
    *blocks = (isb_csv_blocks){0};
}

/* Room for so many bytes of text. */
static isb_status reserve(isb_csv_buffer *buffer, size_t length, isb_error *error) {
    if (buffer->capacity >= length)
        return ISB_OK;
    char *grown = realloc(buffer->memory, BEFORE + length + BEHIND);
    if (grown == NULL)
        return isb_fail_memory(error, "a block of the file");
    memset(grown, '\n', BEFORE);
    buffer->memory = grown;
    buffer->capacity = length;
    return ISB_OK;
}

/* What of the file comes next; less than `wanted` only at its end. */
static isb_status read_more(isb_csv_blocks *blocks, char *to, size_t wanted, size_t *got,
                            isb_error *error) {
    const bool gzip = isb_input_gzip(blocks->input);
    const size_t asked = !gzip && blocks->left < wanted ? (size_t)blocks->left : wanted;
    const isb_status status = isb_input_read(blocks->input, to, asked, got, error);
    if (status != ISB_OK)
        return status;
    if (!gzip && *got < asked)
        return isb_fail(error, ISB_DATA,
                        "%s: became shorter while it was read; leave it alone meanwhile",
                        blocks->path);
    blocks->left -= gzip ? 0 : *got;
    blocks->at_end = *got < wanted || (!gzip && blocks->left == 0);
    return ISB_OK;
}

/* Files of other kinds that are met where a table of text is expected. */
static isb_status check_start(const isb_csv_blocks *blocks, const char *text, size_t length,
                              isb_error *error) {
    static const struct {
        const char *start;
        size_t length;
        const char *what;
    } kinds[] = {
        {"\xff\xfe", 2, "UTF-16; save it as UTF-8, as by iconv -f utf-16 -t utf-8"},
        {"\xfe\xff", 2, "UTF-16; save it as UTF-8, as by iconv -f utf-16 -t utf-8"},
        {"PK\3\4", 4, "a zip archive or a spreadsheet; unzip it, or save the sheet as CSV"},
        {"PAR1", 4, "Parquet; write it as CSV or .npy"},
        {"\x1f\x8b", 2, "gzip within gzip; gunzip it once"},
        {"\x93NUMPY", 6, "a NumPy array, not text"},
        {"BZh91AY&SY", 10, "packed by bzip2; unpack it with bunzip2"},
        {"\xfd"
         "7zXZ",
         5, "packed by xz; unpack it with unxz"},
        {"\x28\xb5\x2f\xfd", 4, "packed by Zstandard; unpack it with unzstd"},
        {"\xd0\xcf\x11\xe0", 4, "a spreadsheet of Excel's; save the sheet as CSV"},
        {"\x89HDF", 4, "HDF5; write it as CSV or .npy"},
        {"ARROW1", 6, "Arrow (Feather); write it as CSV or .npy"},
        {"SQLite format 3", 15, "an SQLite database; write the table as CSV"},
        {"%PDF-", 5, "a PDF, not text"},
        {"<!DOCTYPE", 9, "a page of HTML, perhaps an error in place of a download"},
        {"<!doctype", 9, "a page of HTML, perhaps an error in place of a download"},
        {"<html", 5, "a page of HTML, perhaps an error in place of a download"},
        {"{\"", 2, "JSON; write it as CSV"},
        {"[{\"", 3, "JSON; write it as CSV"},
        {"@relation", 9,
         "ARFF; put the names of the columns in the place of all lines up to @data"},
        {"@RELATION", 9,
         "ARFF; put the names of the columns in the place of all lines up to @DATA"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (length >= kinds[i].length && memcmp(text, kinds[i].start, kinds[i].length) == 0)
            return isb_fail(error, ISB_DATA, "%s: is %s", blocks->path, kinds[i].what);
    }
    return ISB_OK;
}

enum { STRIDE = 240 }; /* whole vectors, and few enough for a count of eight bits */

static size_t count_line_ends(const char *text, size_t length) {
    size_t count = 0;
    for (size_t i = 0; i < length;) {
        const size_t stop = length - i < STRIDE ? length : i + STRIDE;
        uint8_t few = 0;
        for (; i < stop; i++)
            few = (uint8_t)(few + (text[i] == '\n'));
        count += few;
    }
    return count;
}

/* Records are the ends of lines, but of those that hold nothing. Two bytes in front of the text are
 * readable. */
static extent measure_plain(const char *text, size_t length) {
    const char *last = memrchr(text, '\n', length);
    if (last == NULL)
        return (extent){0};
    extent found = {.length = (size_t)(last - text) + 1};
    for (size_t i = 0; i < found.length;) {
        const size_t stop = found.length - i < STRIDE ? found.length : i + STRIDE;
        uint8_t ends = 0, blank = 0; /* as wide as the text, for the sake of the vectors */
        for (; i < stop; i++) {
            const char *at = text + i;
            const bool end = at[0] == '\n';
            const bool none = (at[-1] == '\n') | ((at[-1] == '\r') & (at[-2] == '\n'));
            ends = (uint8_t)(ends + end);
            blank = (uint8_t)(blank + (end & none));
        }
        found.line_ends += ends;
        found.rows += (size_t)(ends - blank);
    }
    return found;
}

static extent measure_quoted(const char *text, size_t length) {
    extent found = {0};
    size_t line_ends = 0;
    bool quoted = false;
    for (size_t i = 0; i < length; i++) {
        quoted ^= text[i] == '"';
        if (text[i] != '\n')
            continue;
        line_ends++;
        if (quoted)
            continue;
        const size_t held = i - found.length;
        found.rows += held > 1 || (held == 1 && text[i - 1] != '\r');
        found.length = i + 1;
        found.line_ends = line_ends;
    }
    return found;
}

/* A text always begins at a record. */
static extent measure(const char *text, size_t length) {
    return memchr(text, '"', length) == NULL ? measure_plain(text, length)
                                             : measure_quoted(text, length);
}

/* What was read before the records began. */
static isb_status start(isb_csv_blocks *blocks, char *text, size_t length, size_t *skipped,
                        isb_error *error) {
    *skipped = 0;
    if (blocks->started)
        return ISB_OK;
    blocks->started = true;
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark */
        memset(text, '\n', 3);
        *skipped = 3;
    }
    return check_start(blocks, text + *skipped, length - *skipped, error);
}

/* Adds the line end that the last record lacks. */
static void end_line(char *text, size_t *end, size_t begin) {
    if (*end > begin && text[*end - 1] != '\n')
        text[(*end)++] = '\n';
}

/* Text from `begin` to `end` of the buffer. */
typedef struct span {
    size_t begin, end;
} span;

/* The bytes from `begin` on have just come. */
static void squeeze(isb_csv_blocks *blocks, char *text, size_t begin, span *where) {
    if (!blocks->squeeze)
        return;
    begin = begin > where->begin ? begin : where->begin;
    where->end = isb_csv_squeeze(&blocks->spaces, text, begin, where->end);
    if (blocks->at_end)
        where->end = isb_csv_squeeze_end(&blocks->spaces, where->end);
}

/* Adds what comes next of the file, up to `room` bytes in all. */
static isb_status add_text(isb_csv_blocks *blocks, isb_csv_buffer *buffer, size_t room, span *where,
                           isb_error *error) {
    isb_status status = reserve(buffer, room, error);
    if (status != ISB_OK || blocks->at_end)
        return status;
    char *text = buffer->memory + BEFORE;
    const size_t before = where->end;
    size_t got = 0, skipped = 0;
    status = read_more(blocks, text + where->end, room - where->end, &got, error);
    where->end += got;
    if (status == ISB_OK)
        status = start(blocks, text, where->end, &skipped, error);
    where->begin += skipped;
    squeeze(blocks, text, before, where);
    if (blocks->at_end)
        end_line(text, &where->end, where->begin);
    return status;
}

/* Reads until there is a whole record, the end, or a record that is too large. */
static isb_status fill(isb_csv_blocks *blocks, isb_csv_buffer *buffer, span *where, extent *found,
                       isb_error *error) {
    size_t room = blocks->carried + ISB_CSV_BLOCK_SIZE;
    *where = (span){0, blocks->carried};
    isb_status status = reserve(buffer, room, error);
    if (status == ISB_OK && blocks->carried > 0)
        memcpy(buffer->memory + BEFORE, blocks->carry.memory + BEFORE, blocks->carried);
    for (; status == ISB_OK; room = 2 * where->end > room ? 2 * where->end : room) {
        status = add_text(blocks, buffer, room, where, error);
        if (status != ISB_OK)
            break;
        const char *text = buffer->memory + BEFORE + where->begin;
        *found = measure(text, where->end - where->begin);
        if (found->length > 0 || blocks->at_end ||
            where->end - where->begin >= ISB_CSV_LARGEST_RECORD)
            break;
    }
    return status;
}

/* The text is one record that does not end: all of it, and nothing behind it. */
static void take_rest(isb_csv_blocks *blocks, isb_csv_buffer *buffer, span *where, extent *found,
                      isb_csv_block *out) {
    out->cut = !blocks->at_end;
    blocks->at_end = true;
    end_line(buffer->memory + BEFORE, &where->end, where->begin);
    const size_t length = where->end - where->begin;
    const char *text = buffer->memory + BEFORE + where->begin;
    *found = (extent){length, length > 0, count_line_ends(text, length)};
}

/* Keeps what stands behind the last whole record for the next block. */
static isb_status carry_over(isb_csv_blocks *blocks, const char *text, size_t length,
                             isb_error *error) {
    blocks->carried = 0;
    const isb_status status = reserve(&blocks->carry, length, error);
    if (status != ISB_OK)
        return status;
    if (length > 0)
        memcpy(blocks->carry.memory + BEFORE, text, length);
    blocks->carried = length;
    return ISB_OK;
}

isb_status isb_csv_blocks_next(isb_csv_blocks *blocks, isb_csv_buffer *buffer, isb_csv_block *out,
                               isb_error *error) {
    *out = (isb_csv_block){.row = blocks->row, .line = blocks->line, .squeezed = blocks->squeeze};
    span where;
    extent found;
    isb_status status = fill(blocks, buffer, &where, &found, error);
    if (status != ISB_OK)
        return status;
    if (found.length == 0)
        take_rest(blocks, buffer, &where, &found, out);
    char *text = buffer->memory + BEFORE + where.begin;
    status = carry_over(blocks, text + found.length, where.end - where.begin - found.length, error);
    if (status != ISB_OK)
        return status;
    memset(buffer->memory + BEFORE + where.end, 0, READABLE);
    if (blocks->commas)
        isb_csv_commas_to_points(text, found.length);
    out->text = text;
    out->length = found.length;
    out->rows = found.rows;
    out->line_ends = found.line_ends;
    blocks->row += found.rows;
    blocks->line += found.line_ends;
    return ISB_OK;
}
