#include "data/csv_cells.h"
#include "data/csv_number.h"
#include "data/csv_quick.h"
#include "io/text.h"
#include "io/utf8.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool isb_csv_reader_open(isb_csv_reader *reader, isb_csv_table *table) {
    *reader = (isb_csv_reader){.table = table, .problems = &table->problems};
    reader->tallies = calloc(table->columns, sizeof *reader->tallies);
    return reader->tallies != NULL;
}

void isb_csv_reader_close(isb_csv_reader *reader) {
    for (size_t i = 0; reader->tallies != NULL && i < reader->table->columns; i++) {
        isb_csv_texts_free(&reader->tallies[i].texts);
        free(reader->tallies[i].too_large);
    }
    free(reader->tallies);
    free(reader->copy);
    *reader = (isb_csv_reader){0};
}

/* Where a byte of the record stands; asked for one after the other, so that a record of many
 * problems is gone through once. */
static isb_csv_place place_of(isb_csv_reader *reader, const char *at) {
    reader->seen_at = isb_csv_place_behind(reader->seen_at, reader->seen, at);
    reader->seen = at;
    return reader->seen_at;
}

/* The field as a string, valid until the next one; NULL without memory. */
static const char *copy_field(isb_csv_reader *reader, const isb_csv_field *field, size_t *length) {
    if (reader->copy_capacity <= field->length) {
        char *grown = realloc(reader->copy, 2 * field->length + 64);
        if (grown == NULL) {
            reader->no_memory = true;
            return NULL;
        }
        reader->copy = grown;
        reader->copy_capacity = 2 * field->length + 64;
    }
    *length = isb_csv_field_copy(reader->copy, field);
    reader->copy[*length] = '\0';
    return reader->copy;
}

static bool stands_for_missing(const isb_frame_options *options, const char *text, size_t length) {
    bool found = length == 0;
    for (size_t i = 0; !found && i < options->missing_count; i++)
        found =
            strlen(options->missing[i]) == length && memcmp(options->missing[i], text, length) == 0;
    return found;
}

bool isb_csv_field_number(const isb_csv_field *field, float *value) {
    const char *text = field->text, *limit = text + field->length;
    while (text < limit && *text == ' ')
        text++;
    text = text < limit ? isb_csv_number(text, value) : NULL;
    while (text != NULL && text < limit && *text == ' ')
        text++;
    return text == limit;
}

static bool is_missing_value(const isb_csv_table *table, float value) {
    bool found = false;
    for (size_t i = 0; i < table->missing_value_count; i++)
        found = found || table->missing_values[i] == value;
    return found;
}

static void put_number(const isb_csv_reader *reader, size_t column, size_t row, float value) {
    const isb_csv_table *table = reader->table;
    isb_csv_tally *tally = &reader->tallies[column];
    if (table->missing_value_count > 0 && is_missing_value(table, value)) {
        tally->missing++;
        value = NAN;
    } else if (!tally->fraction) {
        tally->fraction = !isb_csv_is_whole(value);
    }
    ((float *)table->cells[column])[row] = value;
}

/* "nan" and "inf", as programs spell them. */
static bool is_not_finite(const char *text) {
    static const char *const words[] = {"nan", "inf", "infinity"};
    bool found = false;
    text += *text == '-' || *text == '+';
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        found = found || strcasecmp(text, words[i]) == 0;
    return found;
}

static void note_too_large(isb_csv_reader *reader, size_t column, const isb_csv_field *field) {
    isb_csv_tally *tally = &reader->tallies[column];
    isb_csv_too_large *note = tally->too_large;
    if (note != NULL && note->place.line <= reader->line)
        return;
    if (note == NULL)
        note = tally->too_large = malloc(sizeof *note);
    if (note == NULL) {
        reader->no_memory = true;
        return;
    }
    note->place = place_of(reader, field->text);
    const size_t shown = field->length < sizeof note->text ? field->length : sizeof note->text - 1;
    memcpy(note->text, field->text, shown);
    note->text[shown] = '\0';
}

static void note_text(isb_csv_reader *reader, size_t column, const isb_csv_field *field,
                      const char *text) {
    char cell[ISB_CLIP_SIZE], name[ISB_CLIP_SIZE];
    reader->tallies[column].text = true;
    if (reader->table->numbers[column])
        isb_csv_problems_add(reader->problems, place_of(reader, field->text),
                             "'%s' is no number, as column '%s' needs it; mend the cell, or leave "
                             "it empty",
                             isb_clip(cell, text), isb_clip(name, reader->table->names[column]));
}

/* A cell that is not simply a number. */
static void read_odd_number(isb_csv_reader *reader, size_t column, size_t row,
                            const isb_csv_field *field) {
    isb_csv_tally *tally = &reader->tallies[column];
    float *cell = (float *)reader->table->cells[column] + row;
    float value;
    const bool number = isb_csv_field_number(field, &value);
    if (number && isfinite(value)) {
        put_number(reader, column, row, value);
        return;
    }
    *cell = NAN;
    size_t length;
    const char *text = copy_field(reader, field, &length);
    if (text == NULL)
        return;
    if (stands_for_missing(reader->table->options, text, length)) {
        tally->missing++;
    } else if (number) {
        *cell = value;
        note_too_large(reader, column, field);
    } else if (is_not_finite(text)) {
        tally->missing++;
        if (tally->not_finite++ == 0 || row < tally->first_not_finite)
            tally->first_not_finite = row;
    } else {
        note_text(reader, column, field, text);
    }
}

static void check_text(isb_csv_reader *reader, const isb_csv_field *field, const char *text,
                       size_t length) {
    for (size_t i = 0, size; i < length; i += size) {
        if (isb_utf8_decode(text + i, length - i, &size) != ISB_UTF8_INVALID)
            continue;
        isb_csv_problems_add(reader->problems, place_of(reader, field->text),
                             "the text is not UTF-8; convert the file, as by iconv -f latin1 -t "
                             "utf-8");
        return;
    }
}

static void read_text(isb_csv_reader *reader, size_t column, size_t row,
                      const isb_csv_field *field) {
    const isb_csv_table *table = reader->table;
    isb_csv_tally *tally = &reader->tallies[column];
    uint32_t *cell = (uint32_t *)table->cells[column] + row;
    size_t length = field->length;
    const char *text = field->doubled ? copy_field(reader, field, &length) : field->text;
    *cell = ISB_FRAME_MISSING;
    if (text == NULL)
        return;
    if (stands_for_missing(table->options, text, length)) {
        tally->missing++;
        return;
    }
    const uint32_t before = tally->texts.count;
    if (!isb_csv_texts_find(&tally->texts, text, length, cell))
        reader->no_memory = true;
    else if (tally->texts.count > before)
        check_text(reader, field, text, length);
}

/* The usual case. Gives the end of the cell, or NULL where it is anything else. */
static const char *read_plain_number(const char *text, char separator, float *value) {
    while (*text == ' ')
        text++;
    text = isb_csv_number(text, value);
    if (text == NULL || !isfinite(*value))
        return NULL;
    while (*text == ' ')
        text++;
    text += text[0] == '\r' && text[1] == '\n';
    return *text == separator || *text == '\n' ? text : NULL;
}

/* A field, with its end; NULL where what follows cannot be told any more. */
static const char *read_field(isb_csv_reader *reader, isb_csv_field *field, const char *text,
                              const char *limit) {
    isb_csv_field_read(field, text, limit, &reader->table->format);
    if (field->bad == NULL)
        return field->end;
    isb_csv_problems_break(reader->problems, place_of(reader, field->bad), field->why);
    return NULL;
}

static const char *read_cell(isb_csv_reader *reader, size_t column, size_t row, const char *text,
                             const char *limit) {
    const isb_csv_table *table = reader->table;
    const isb_csv_role role = table->roles[column];
    if (role == ISB_CSV_NUMBER) {
        float value;
        const char *end = read_plain_number(text, table->format.separator, &value);
        if (end != NULL) {
            put_number(reader, column, row, value);
            return end;
        }
    }
    isb_csv_field field;
    const char *end = read_field(reader, &field, text, limit);
    if (end == NULL)
        return NULL;
    if (role == ISB_CSV_NUMBER)
        read_odd_number(reader, column, row, &field);
    else if (role == ISB_CSV_TEXT)
        read_text(reader, column, row, &field);
    return end;
}

/* Lines that programs mark as comments hold no record. */
static const char without_comments[] =
    "is the line with the # a comment? take such lines away, as by grep -v '^#'";

/* `begin` is the record's. */
static void too_few(isb_csv_reader *reader, const char *begin, const char *end, size_t found) {
    const size_t columns = reader->table->columns;
    isb_csv_problems_add(reader->problems, place_of(reader, end - (end[-1] == '\r')),
                         "the record ends after %zu field%s, where the first one has %zu; %s",
                         found, found == 1 ? "" : "s", columns,
                         *begin == '#' ? without_comments
                                       : "add what is missing, an empty field too needs its "
                                         "separator");
}

/* `empty`: the record's last field is. */
static const char *mend_of_too_many(const isb_csv_reader *reader, size_t found, bool empty) {
    const isb_csv_table *table = reader->table;
    if (table->columns == 1 && table->names[0][0] == '#')
        return without_comments;
    if (table->columns == 1)
        return "take away what stands in front of the names of the columns, or name the separator";
    if (found != table->columns + 1)
        return "put fields that hold a separator in quotes; where the first line is no part of "
               "the table, take it away";
    return empty ? "take the separator at its end away, or end the header with one, too"
                 : "put fields that hold a separator in quotes; where each record begins with a "
                   "row name, give that column a name, too";
}

/* `text` is the separator behind the last column. Gives the end of the record. */
static const char *too_many(isb_csv_reader *reader, const char *text, const char *limit) {
    size_t found = reader->table->columns;
    const isb_csv_place first = place_of(reader, text + 1);
    bool empty = false;
    while (text != NULL && *text != '\n') {
        isb_csv_field field;
        text = read_field(reader, &field, text + 1, limit);
        empty = field.length == 0;
        found++;
    }
    if (text != NULL)
        isb_csv_problems_add(reader->problems, first,
                             "the record has %zu fields, where the first one has %zu; %s", found,
                             reader->table->columns, mend_of_too_many(reader, found, empty));
    return text;
}

/* Gives what stands behind the record; NULL where that cannot be told. */
static const char *read_record(isb_csv_reader *reader, const char *text, const char *limit,
                               size_t row) {
    const bool quick = reader->table->missing_value_count == 0;
    const char *begin = text;
    for (size_t column = 0;; column++, text++) {
        if (quick)
            text = isb_csv_read_quickly(reader, &column, row, text);
        if (column == reader->table->columns)
            return text;
        text = read_cell(reader, column, row, text, limit);
        if (text == NULL)
            return NULL;
        if (*text == '\n') {
            if (column + 1 < reader->table->columns)
                too_few(reader, begin, text, column + 1);
            return text + 1;
        }
        if (column + 1 == reader->table->columns) {
            text = too_many(reader, text, limit);
            return text == NULL ? NULL : text + 1;
        }
    }
}

static size_t lines_between(const char *from, const char *to) {
    size_t count = 0;
    for (; (from = memchr(from, '\n', (size_t)(to - from))) != NULL; from++)
        count++;
    return count;
}

void isb_csv_reader_block(isb_csv_reader *reader, const isb_csv_block *block, uint32_t *offsets) {
    const char *text = block->text, *limit = text + block->length;
    size_t row = 0;
    reader->line = block->line;
    reader->carriage_returns = block->length > 1 && limit[-2] == '\r';
    while (text != NULL && text < limit && !reader->no_memory) {
        const char *begin = text;
        reader->seen = text;
        reader->seen_at = (isb_csv_place){reader->line, 1};
        if (text[0] == '\n' || (text[0] == '\r' && text[1] == '\n')) {
            text += 1 + (text[0] == '\r');
            reader->line++;
            continue;
        }
        if (row == block->rows)
            break; /* cannot be: the block was cut by the same rules */
        if (offsets != NULL)
            offsets[row] = (uint32_t)(reader->line - block->line);
        text = read_record(reader, text, limit, block->row + row++);
        if (text != NULL)
            reader->line += offsets == NULL ? 1 : lines_between(begin, text);
    }
    if (block->cut && text != NULL)
        isb_csv_problems_break(reader->problems, (isb_csv_place){block->line, 1},
                               "the record that begins here is larger than 16 MiB; is this a table "
                               "of text?");
}
