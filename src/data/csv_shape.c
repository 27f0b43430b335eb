#include "data/csv_shape.h"
#include "data/csv_cells.h"
#include "io/text.h"
#include "io/utf8.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SEPARATORS "take a comma, a semicolon, a tab or |"
enum { SAMPLE = 100 }; /* records that the separator is told from */

/* Where the first record is that is no blank line; `limit` where there is none. */
static const char *skip_blank_lines(const char *text, const char *limit) {
    while (text < limit && (text[0] == '\n' || (text[0] == '\r' && text[1] == '\n')))
        text += 1 + (text[0] == '\r');
    return text;
}

/* The separator that a first line "sep=;" names, as spreadsheets write it; 0: no such line. */
static char named_separator(const char *text, const char *limit) {
    static const char key[] = "sep=";
    const size_t length = strlen(key);
    if ((size_t)(limit - text) < length + 2 || strncasecmp(text, key, length) != 0 ||
        text[length] == '\n' || text[length] == '\r')
        return '\0';
    const char *end = text + length + 1;
    return *end == '\n' || (*end == '\r' && end + 1 < limit && end[1] == '\n') ? text[length]
                                                                               : '\0';
}

bool isb_csv_names_separator(const char *text, size_t length) {
    const size_t mark = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    const char *record = skip_blank_lines(text + mark, text + length);
    return named_separator(record, text + length) != '\0';
}

/* Fields of a record, 0 where it breaks the rules. *text goes behind it. */
static size_t count_fields(const char **text, const char *limit, const isb_csv_format *format) {
    isb_csv_field field;
    size_t count = 0;
    do {
        isb_csv_field_read(&field, *text, limit, format);
        if (field.bad != NULL)
            return 0;
        *text = field.end + 1;
        count++;
    } while (*field.end != '\n');
    return count;
}

/* Fields of each of the first records, where it is the same number; else 0. */
static size_t count_alike(const char *text, const char *limit, char separator) {
    const isb_csv_format format = isb_csv_format_make(separator);
    size_t count = 0;
    for (size_t i = 0; i < SAMPLE && (text = skip_blank_lines(text, limit)) < limit; i++) {
        const size_t here = count_fields(&text, limit, &format);
        if (here == 0 || (i > 0 && here != count))
            return 0;
        count = here;
    }
    return count;
}

/* The comma comes last but for spaces: decimal commas stand in files with another separator, and
 * spaces in texts. Where no separator does for all records, the one that the first of them has most
 * of. */
static char find_separator(const char *text, const char *limit) {
    static const char candidates[] = "\t;|,";
    char best = ',';
    size_t most = 1;
    for (const char *c = candidates; *c != '\0'; c++) {
        if (count_alike(text, limit, *c) > 1)
            return *c;
    }
    if (isb_csv_has_words_alike(text, limit, SAMPLE))
        return ' ';
    for (const char *c = candidates; *c != '\0'; c++) {
        const isb_csv_format format = isb_csv_format_make(*c);
        const char *record = text;
        const size_t count = count_fields(&record, limit, &format);
        if (count >= most) {
            best = *c;
            most = count;
        }
    }
    return best;
}

static bool can_separate(char c) {
    return (c == '\t' || isprint((unsigned char)c)) && !isalnum((unsigned char)c) &&
           strchr(" \"'+-._", c) == NULL;
}

static char *name_of(const isb_csv_field *field, size_t column) {
    char *name = NULL;
    if (field->length == 0)
        return asprintf(&name, "column_%zu", column + 1) < 0 ? NULL : name;
    name = malloc(field->length + 1);
    if (name != NULL)
        name[isb_csv_field_copy(name, field)] = '\0';
    return name;
}

/* The first record, field by field. */
typedef struct first_record {
    const char *text, *limit;
    size_t line;
    isb_csv_field *fields;
    size_t count, capacity;
} first_record;

static isb_status read_fields(first_record *record, const isb_csv_format *format, const char *path,
                              isb_csv_problems *problems, isb_error *error) {
    const char *text = record->text;
    for (;; text++) {
        if (record->count == ISB_CSV_MOST_COLUMNS)
            return isb_fail(error, ISB_DATA,
                            "%s:%zu: has more than %d columns; is the separator the right one?",
                            path, record->line, ISB_CSV_MOST_COLUMNS);
        if (record->count == record->capacity) {
            const size_t capacity = 2 * record->capacity + 16;
            isb_csv_field *grown = realloc(record->fields, capacity * sizeof *grown);
            if (grown == NULL)
                return isb_fail_memory(error, "the columns of a table");
            record->fields = grown;
            record->capacity = capacity;
        }
        isb_csv_field *field = &record->fields[record->count++];
        isb_csv_field_read(field, text, record->limit, format);
        if (field->bad != NULL) {
            const isb_csv_place begin = {record->line, 1};
            isb_csv_problems_break(problems, isb_csv_place_behind(begin, record->text, field->bad),
                                   field->why);
            return ISB_OK;
        }
        text = field->end;
        if (*text == '\n')
            return ISB_OK;
    }
}

static bool make_names(isb_csv_shape *shape, const first_record *record) {
    shape->names = calloc(record->count, sizeof *shape->names);
    if (shape->names == NULL)
        return false;
    shape->columns = record->count;
    for (size_t i = 0; i < record->count; i++) {
        const isb_csv_field none = {.length = 0};
        shape->names[i] = name_of(shape->header ? &record->fields[i] : &none, i);
        if (shape->names[i] == NULL)
            return false;
    }
    return isb_name_index_make(&shape->index, (const char *const *)shape->names, shape->columns);
}

/* The first column of the same name. */
static size_t first_of_name(const isb_csv_shape *shape, size_t column) {
    return isb_name_index_find(&shape->index, shape->names[column]);
}

static bool is_utf8(const char *text) {
    const size_t length = strlen(text);
    for (size_t i = 0, size; i < length; i += size) {
        if (isb_utf8_decode(text + i, length - i, &size) == ISB_UTF8_INVALID)
            return false;
    }
    return true;
}

/* Names are UTF-8, and each stands once. */
static void check_names(const isb_csv_shape *shape, const first_record *record,
                        isb_csv_problems *problems) {
    const char *seen = record->text;
    isb_csv_place place = {record->line, 1};
    for (size_t i = 0; i < shape->columns; i++) {
        char name[ISB_CLIP_SIZE];
        place = isb_csv_place_behind(place, seen, record->fields[i].text);
        seen = record->fields[i].text;
        if (!is_utf8(shape->names[i]))
            isb_csv_problems_add(problems, place,
                                 "the name of this column is not UTF-8; convert the file, as by "
                                 "iconv -f latin1 -t utf-8");
        else if (first_of_name(shape, i) < i)
            isb_csv_problems_add(problems, place,
                                 "column '%s' stands twice, as columns %zu and %zu; give each its "
                                 "own name",
                                 isb_clip(name, shape->names[i]), first_of_name(shape, i) + 1,
                                 i + 1);
    }
}

/* Whether a record holds a number. */
static bool has_number(const char *text, const char *limit, const isb_csv_format *format) {
    isb_csv_field field;
    float value;
    bool found = false;
    for (; text < limit; text = field.end + 1) {
        isb_csv_field_read(&field, text, limit, format);
        if (field.bad != NULL)
            return false;
        found = found || isb_csv_field_number(&field, &value);
        if (*field.end == '\n')
            break;
    }
    return found;
}

/* Whether the names are numbers above a column of row names, as R and pandas write it: the corner
 * is empty, and nothing below it is. */
static bool has_corner(const first_record *record, const isb_csv_format *format) {
    if (record->count < 2 || record->fields[0].length > 0)
        return false;
    for (size_t i = 1; i < record->count; i++)
        if (record->fields[i].length == 0)
            return false;
    const char *text = record->fields[record->count - 1].end + 1;
    size_t rows = 0;
    for (; rows < SAMPLE && (text = skip_blank_lines(text, record->limit)) < record->limit;
         rows++) {
        isb_csv_field field;
        isb_csv_field_read(&field, text, record->limit, format);
        if (field.bad != NULL || field.length == 0 ||
            count_fields(&text, record->limit, format) == 0)
            return false;
    }
    return rows > 0;
}

static bool are_names(const first_record *record) {
    bool any = false;
    float value;
    for (size_t i = 0; i < record->count; i++) {
        if (isb_csv_field_number(&record->fields[i], &value))
            return false;
        any = any || record->fields[i].length > 0;
    }
    return any;
}

/* A first record is a header where no field of it is a number, or its corner is empty; and each
 * name stands once, or the next record holds a number. */
static isb_status find_header(isb_csv_shape *shape, const first_record *record, isb_error *error) {
    const bool names = are_names(record);
    shape->header = names || has_corner(record, &shape->format);
    if (!shape->header)
        return ISB_OK;
    if (!make_names(shape, record))
        return isb_fail_memory(error, "the columns of a table");
    for (size_t i = 0; i < record->count && shape->header; i++)
        shape->header = first_of_name(shape, i) == i;
    const char *next = skip_blank_lines(record->fields[record->count - 1].end + 1, record->limit);
    shape->header = shape->header || (names && has_number(next, record->limit, &shape->format));
    isb_csv_shape_free(shape);
    return ISB_OK;
}

static isb_status describe(isb_csv_shape *out, const first_record *record,
                           const isb_frame_options *options, isb_csv_problems *problems,
                           isb_error *error) {
    out->header = options->header == 1;
    if (options->header < 0) {
        const isb_status status = find_header(out, record, error);
        if (status != ISB_OK)
            return status;
    }
    if (!make_names(out, record))
        return isb_fail_memory(error, "the columns of a table");
    if (!out->header)
        return ISB_OK;
    out->corner = record->fields[0].length == 0;
    while (out->unnamed < out->columns &&
           record->fields[out->columns - 1 - out->unnamed].length == 0)
        out->unnamed++;
    check_names(out, record, problems);
    return ISB_OK;
}

static size_t count_lines(const char *from, const char *to) {
    size_t count = 0;
    for (; from < to; from++)
        count += *from == '\n';
    return count;
}

isb_status isb_csv_shape_find(isb_csv_shape *out, const isb_csv_block *block, const char *path,
                              const isb_frame_options *options, isb_csv_problems *problems,
                              isb_error *error) {
    *out = (isb_csv_shape){.columns = 0};
    const char *limit = block->text + block->length;
    first_record record = {.text = skip_blank_lines(block->text, limit), .limit = limit};
    if (record.text == limit)
        return isb_fail(error, ISB_DATA, "%s: holds no record; a table has at least one row", path);
    const char told = named_separator(record.text, limit);
    record.line = block->line + count_lines(block->text, record.text);
    if (told != '\0' && !can_separate(told))
        return isb_fail(error, ISB_DATA, "%s:%zu: '%c' cannot separate fields; " SEPARATORS, path,
                        record.line, told);
    if (told != '\0') {
        record.text = skip_blank_lines((const char *)memchr(record.text, '\n', 8) + 1, limit);
        if (record.text == limit)
            return isb_fail(error, ISB_DATA, "%s: holds no record; a table has at least one row",
                            path);
    }
    char separator = options->separator != '\0' ? options->separator : told;
    if (separator != '\0' && options->separator != ' ' && !can_separate(separator))
        return isb_fail(error, ISB_USAGE, "%s: '%c' cannot separate fields; " SEPARATORS, path,
                        separator);
    if (block->squeezed)
        separator = ' ';
    if (separator == '\0')
        separator = find_separator(record.text, limit);
    out->separator = separator;
    if (separator == ' ' && !block->squeezed)
        return ISB_OK;
    out->format = isb_csv_format_make(separator == ' ' ? '\t' : separator);
    record.line = block->line + count_lines(block->text, record.text);
    isb_status status = read_fields(&record, &out->format, path, problems, error);
    if (status == ISB_OK && !problems->broken) {
        status = describe(out, &record, options, problems, error);
        const char *begin = out->header ? record.fields[record.count - 1].end + 1 : record.text;
        out->begin = (size_t)(begin - block->text);
        out->header_lines = count_lines(block->text, begin);
        out->records = (told != '\0') + (size_t)out->header;
    }
    free(record.fields);
    return status;
}

void isb_csv_shape_free(isb_csv_shape *shape) {
    for (size_t i = 0; shape->names != NULL && i < shape->columns; i++)
        free(shape->names[i]);
    free(shape->names);
    isb_name_index_free(&shape->index);
    shape->names = NULL;
    shape->columns = 0;
}
