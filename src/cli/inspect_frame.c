#include "base/number.h"
#include "cli/inspecting.h"
#include "cli/quantity.h"
#include "data/csv.h"
#include "data/repeats.h"
#include "data/table_notation.h"
#include "data/table_rows.h"
#include "io/sha256.h"
#include "io/text.h"
#include <isobit/version.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TEXTS_LISTED = 20 };

/* All there is to say of a table. */
typedef struct subject {
    const isb_inspection *inspection;
    isb_frame frame;
    size_t label;        /* a column; column_count: none */
    isb_classes classes; /* of the label, where it has classes */
    size_t repeated;     /* rows that an earlier one is equal to */
    char sha256[ISB_SHA256_SIZE];
    isb_notes notes;
} subject;

typedef struct range {
    float least, most;
} range;

/* NaN twice where nothing is present. */
static range range_of(const isb_column *column, size_t rows) {
    range found = {NAN, NAN};
    for (size_t row = 0; row < rows; row++) {
        const float value = column->numbers[row];
        if (isnan(value))
            continue;
        found.least = value >= found.least ? found.least : value;
        found.most = value <= found.most ? found.most : value;
    }
    found.least += 0.0f; /* -0 is 0 */
    found.most += 0.0f;
    return found;
}

/* Texts that stand for missing cells by their name. */
static void note_markers(subject *s, const isb_column *column, const size_t *counts) {
    for (size_t i = 0; i < column->text_count; i++)
        if (isb_is_marker(column->texts[i]))
            isb_notes_add(&s->notes,
                          "column '%s': '%s' stands in %zu cell%s; data.missing makes it a gap",
                          column->name, column->texts[i], counts[i], counts[i] == 1 ? "" : "s");
}

static void note_texts(subject *s, const isb_column *column) {
    size_t *counts = isb_column_count_texts(column, NULL, s->frame.rows);
    char shown[ISB_CLIP_SIZE];
    if (counts == NULL) {
        s->notes.no_memory = true;
        return;
    }
    if (isb_holds_dates(column, counts))
        isb_notes_add(&s->notes,
                      "column '%s' holds dates or times, each a category of its own; columns of "
                      "their parts, such as year and month, say more",
                      column->name);
    else if (column->text_count == s->frame.rows && s->frame.rows > 1)
        isb_notes_add(&s->notes, "column '%s' has another text in every row: a name, no class",
                      column->name);
    note_markers(s, column, counts);
    const isb_notation notation = isb_notation_of(column, counts);
    if (notation.kind != ISB_NOTATION_TEXT && notation.kind != ISB_NOTATION_MARKER)
        isb_notes_add(&s->notes, "column '%s' %s, as '%s' in %zu cell%s; %s", column->name,
                      isb_notation_what(notation.kind), isb_clip(shown, notation.text),
                      notation.cells, notation.cells == 1 ? "" : "s",
                      isb_notation_mend(notation.kind));
    free(counts);
}

/* The first pair of classes that are probably one. */
static void note_classes(subject *s) {
    const isb_column *label = &s->frame.columns[s->label];
    const size_t count = s->classes.count < ISB_CLASSES_LISTED ? label->text_count : 0;
    char left[ISB_CLIP_SIZE], right[ISB_CLIP_SIZE];
    for (size_t a = 0; a < count; a++) {
        for (size_t b = a + 1; b < count; b++) {
            const char *first = label->texts[a], *second = label->texts[b];
            double x, y;
            const bool number = isb_parse_double(first, &x) && isb_parse_double(second, &y);
            if (number ? x != y : strcasecmp(first, second) != 0)
                continue;
            isb_notes_add(&s->notes, "classes '%s' and '%s' %s", isb_clip(left, first),
                          isb_clip(right, second),
                          number ? "are the same number" : "differ in upper and lower case alone");
            return;
        }
    }
}

static void note_repeats(subject *s) {
    if (s->repeated > 0)
        isb_notes_add(&s->notes,
                      "%zu row%s repeat%s an earlier one; parts that are split off share them",
                      s->repeated, s->repeated == 1 ? "" : "s", s->repeated == 1 ? "s" : "");
}

static void note_column(subject *s, const isb_column *column) {
    const size_t rows = s->frame.rows;
    if (column->missing == rows) {
        isb_notes_add(&s->notes, "column '%s' holds nothing", column->name);
    } else if (column->kind == ISB_COLUMN_TEXT) {
        if (column->text_count == 1 && column->missing == 0)
            isb_notes_add(&s->notes, "column '%s' is constant", column->name);
        note_texts(s, column);
    } else {
        const range found = range_of(column, rows);
        if (found.least == found.most && column->missing == 0)
            isb_notes_add(&s->notes, "column '%s' is constant", column->name);
        if (isb_column_counts_rows(column, rows))
            isb_notes_add(&s->notes, "column '%s' counts the rows: no feature", column->name);
        else if (isb_column_names_rows(&s->frame, column))
            isb_notes_add(&s->notes,
                          "column '%s' has no name of its own, as the numbers of rows that pandas "
                          "and R write: no feature",
                          column->name);
        if (column->whole && column->too_large == NULL && fmaxf(-found.least, found.most) > 0x1p24f)
            isb_notes_add(&s->notes,
                          "column '%s' holds whole numbers beyond 16777216, which float32 rounds",
                          column->name);
    }
    if (column->too_large != NULL)
        isb_notes_add(&s->notes, "column '%s': %s", column->name, column->too_large);
    if (column->not_finite > 0)
        isb_notes_add(&s->notes,
                      "column '%s': nan or inf stands in %zu cell%s, first in line %zu; they count "
                      "as missing",
                      column->name, column->not_finite, column->not_finite == 1 ? "" : "s",
                      isb_frame_line(&s->frame, column->first_not_finite));
}

static isb_status find_label(subject *s, isb_error *error) {
    const isb_frame *frame = &s->frame;
    const char *name = s->inspection->label;
    s->label = name == NULL ? frame->column_count : isb_frame_find(frame, name);
    if (name == NULL)
        return ISB_OK;
    if (s->label == frame->column_count)
        return isb_fail_no_column(frame, s->inspection->label_from, name, error);
    const isb_column *column = &frame->columns[s->label];
    return column->kind == ISB_COLUMN_NUMBER
               ? ISB_OK
               : isb_classes_count(&s->classes, column->codes, frame->rows, error);
}

/* "17 to 90, whole" */
static void print_range(FILE *out, const isb_column *column, size_t rows) {
    const range found = range_of(column, rows);
    char least[ISB_NUMBER_SIZE], most[ISB_NUMBER_SIZE];
    isb_format_float(least, found.least);
    isb_format_float(most, found.most);
    if (column->missing == rows)
        fputs("nothing\n", out);
    else
        fprintf(out, "%s to %s%s\n", least, most, column->whole ? ", whole" : "");
}

/* "3 distinct: high, low, middle" */
static void print_texts(FILE *out, const isb_column *column) {
    enum { SHOWN = 4 };
    fprintf(out, "%zu distinct:", column->text_count);
    for (size_t i = 0; i < column->text_count && i < SHOWN; i++) {
        char text[ISB_CLIP_SIZE];
        fprintf(out, "%s %s", i > 0 ? "," : "", isb_clip(text, column->texts[i]));
    }
    fputs(column->text_count > SHOWN ? ", ...\n" : "\n", out);
}

static void print_column(FILE *out, const isb_column *column, size_t rows) {
    char name[ISB_CLIP_SIZE], missing[ISB_COUNT_SIZE];
    const bool text = column->kind == ISB_COLUMN_TEXT;
    fprintf(out, "%-24s %-7s %12s  ", isb_clip(name, column->name), text ? "texts" : "numbers",
            isb_count_text(column->missing, missing));
    if (text)
        print_texts(out, column);
    else
        print_range(out, column, rows);
}

static const char *separator_name(char separator, char out[4]) {
    snprintf(out, 4, "'%c'", separator);
    return separator == '\t' ? "tab" : separator == ' ' ? "spaces" : out;
}

static isb_status print_table(const subject *s, isb_error *error) {
    const isb_frame *frame = &s->frame;
    isb_page page;
    isb_status status = isb_page_open(&page, error);
    if (status != ISB_OK)
        return status;
    char count[ISB_COUNT_SIZE], separator[4];
    isb_page_row(&page, "file", "%s", frame->file);
    isb_page_row(&page, "format", "table of text, separator %s, %s header",
                 separator_name(frame->separator, separator), frame->header ? "a" : "no");
    isb_page_row(&page, "rows", "%s", isb_count_text(frame->rows, count));
    isb_page_row(&page, "columns", "%s", isb_count_text(frame->column_count, count));
    isb_page_row(&page, "sha256", "%s", s->sha256);
    fprintf(page.out, "\n%-24s %-7s %12s  %s\n", "column", "type", "missing", "holds");
    for (size_t i = 0; i < frame->column_count; i++)
        print_column(page.out, &frame->columns[i], frame->rows);
    if (s->classes.count > 0) {
        fprintf(page.out, "\nlabel '%s', %zu class%s\n", frame->columns[s->label].name,
                s->classes.count, s->classes.count == 1 ? "" : "es");
        isb_classes_print(page.out, &s->classes, frame->columns[s->label].texts);
    }
    isb_notes_print(page.out, &s->notes);
    return isb_page_print(&page, error);
}

static void add_column(isb_json *json, const isb_column *column, size_t rows) {
    const bool text = column->kind == ISB_COLUMN_TEXT;
    isb_json_object(json, NULL);
    isb_json_string(json, "name", column->name);
    isb_json_string(json, "type", text ? "texts" : "numbers");
    isb_json_unsigned(json, "missing", column->missing);
    if (text) {
        isb_json_unsigned(json, "distinct", column->text_count);
        isb_json_array(json, "texts"); /* the first ones */
        for (size_t i = 0; i < column->text_count && i < TEXTS_LISTED; i++)
            isb_json_string(json, NULL, column->texts[i]);
        isb_json_end_array(json);
    } else {
        const range found = range_of(column, rows);
        isb_json_boolean(json, "whole", column->whole);
        isb_json_double(json, "min", (double)found.least);
        isb_json_double(json, "max", (double)found.most);
        isb_json_unsigned(json, "not_finite", column->not_finite);
    }
    isb_json_end_object(json);
}

static isb_status print_json(const subject *s, isb_error *error) {
    const isb_frame *frame = &s->frame;
    isb_json json = ISB_JSON_INIT;
    isb_json_object(&json, NULL);
    isb_json_string(&json, "path", frame->file);
    isb_json_string(&json, "format", "text");
    isb_json_string(&json, "separator", (char[]){frame->separator, '\0'});
    isb_json_boolean(&json, "header", frame->header);
    isb_json_unsigned(&json, "rows", frame->rows);
    isb_json_array(&json, "columns");
    for (size_t i = 0; i < frame->column_count; i++)
        add_column(&json, &frame->columns[i], frame->rows);
    isb_json_end_array(&json);
    isb_json_unsigned(&json, "repeated_rows", s->repeated);
    isb_json_string(&json, "label", s->inspection->label);
    if (s->classes.count > 0)
        isb_classes_json(&json, &s->classes, frame->columns[s->label].texts);
    else
        isb_json_null(&json, "classes");
    isb_notes_json(&json, &s->notes);
    isb_json_string(&json, "sha256", s->sha256);
    isb_json_string(&json, "version", ISB_VERSION);
    isb_json_end_object(&json);
    char *text;
    const isb_status status = isb_json_finish(&json, &text, error);
    return status == ISB_OK ? isb_print_json(text, error) : status;
}

isb_status isb_inspect_frame(const isb_inspection *inspection, isb_error *error) {
    subject s = {.inspection = inspection};
    isb_status status = isb_csv_read(&s.frame, inspection->source, &inspection->how, error);
    if (status == ISB_OK)
        status = find_label(&s, error);
    if (status == ISB_OK)
        status = isb_hash_file(inspection->source, s.sha256, error);
    if (status == ISB_OK)
        status = isb_frame_count_repeats(&s.frame, &s.repeated, error);
    for (size_t i = 0; status == ISB_OK && i < s.frame.column_count; i++)
        note_column(&s, &s.frame.columns[i]);
    if (status == ISB_OK && s.classes.count > 0)
        note_classes(&s);
    if (status == ISB_OK)
        note_repeats(&s);
    if (status == ISB_OK && isb_frame_wants_separator(&s.frame))
        isb_notes_add(&s.notes, "the table has one column; %s", ISB_SPACES_MEND);
    if (status == ISB_OK && s.notes.no_memory)
        status = isb_fail_memory(error, "the output");
    if (status == ISB_OK)
        status = inspection->json ? print_json(&s, error) : print_table(&s, error);
    isb_notes_free(&s.notes);
    isb_classes_free(&s.classes);
    isb_frame_free(&s.frame);
    return status;
}
