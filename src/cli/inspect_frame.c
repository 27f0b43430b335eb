#include "base/number.h"
#include "base/suggest.h"
#include "cli/inspecting.h"
#include "cli/quantity.h"
#include "cpu/threads.h"
#include "data/csv.h"
#include "data/input.h"
#include "io/sha256.h"
#include <isobit/version.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS_LISTED = 20, ODD_TEXTS = 3 };

/* All there is to say of a table. */
typedef struct subject {
    const isb_options *options;
    isb_frame frame;
    size_t label;        /* a column; column_count: none */
    isb_classes classes; /* of the label, where it has classes */
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
    return found;
}

/* As the file lies on the disk, so that sha256sum says the same. */
static isb_status hash_file(const char *path, char hex[ISB_SHA256_SIZE], isb_error *error) {
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return isb_fail(error, ISB_DATA, "%s: cannot be opened again; leave it alone meanwhile",
                        path);
    isb_sha256 hash;
    char block[1 << 16];
    isb_sha256_open(&hash);
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;)
        isb_sha256_add(&hash, block, got);
    const bool failed = ferror(file) != 0;
    fclose(file);
    const isb_status status = isb_sha256_close(&hash, hex, error);
    return status == ISB_OK && failed
               ? isb_fail(error, ISB_DATA, "%s: cannot be read; check the disk", path)
               : status;
}

static size_t *count_texts(const isb_column *column, size_t rows) {
    size_t *counts = calloc(column->text_count + 1, sizeof *counts);
    for (size_t row = 0; counts != NULL && row < rows; row++) {
        if (column->codes[row] != ISB_FRAME_MISSING)
            counts[column->codes[row]]++;
    }
    return counts;
}

static bool is_marker(const char *text) {
    static const char *const markers[] = {"?",    "NA",  "N/A", "n/a", "null", "NULL",
                                          "None", "nan", "NaN", "-",   "--"};
    bool found = false;
    for (size_t i = 0; i < sizeof markers / sizeof *markers; i++)
        found = found || strcmp(text, markers[i]) == 0;
    return found;
}

/* Texts that probably stand for missing cells: by their name, or because all others are numbers. */
static void note_texts(subject *s, const isb_column *column) {
    size_t *counts = count_texts(column, s->frame.rows), odd = 0, first = 0;
    if (counts == NULL) {
        s->notes.no_memory = true;
        return;
    }
    for (size_t i = 0; i < column->text_count; i++) {
        float value;
        if (isb_parse_float(column->texts[i], &value))
            continue;
        first = odd++ == 0 ? i : first;
    }
    const bool numbers = odd > 0 && odd <= ODD_TEXTS && column->text_count > 3 * odd;
    for (size_t i = 0; i < column->text_count; i++) {
        if (is_marker(column->texts[i]))
            isb_notes_add(&s->notes,
                          "column '%s': '%s' stands in %zu cell%s; data.missing makes it a gap",
                          column->name, column->texts[i], counts[i], counts[i] == 1 ? "" : "s");
    }
    if (numbers && !is_marker(column->texts[first]))
        isb_notes_add(&s->notes, "column '%s' would be numbers but for '%s', in %zu cell%s",
                      column->name, column->texts[first], counts[first],
                      counts[first] == 1 ? "" : "s");
    free(counts);
}

static void note_column(subject *s, const isb_column *column) {
    const size_t rows = s->frame.rows;
    if (column->missing == rows) {
        isb_notes_add(&s->notes, "column '%s' holds nothing", column->name);
    } else if (column->kind == ISB_COLUMN_TEXT) {
        if (column->text_count == 1 && column->missing == 0)
            isb_notes_add(&s->notes, "column '%s' is constant", column->name);
        if (column->text_count == rows && rows > 1)
            isb_notes_add(&s->notes, "column '%s' has another text in every row: a name, no class",
                          column->name);
        note_texts(s, column);
    } else {
        const range found = range_of(column, rows);
        if (found.least == found.most && column->missing == 0)
            isb_notes_add(&s->notes, "column '%s' is constant", column->name);
    }
    if (column->not_finite > 0)
        isb_notes_add(&s->notes,
                      "column '%s': nan or inf stands in %zu cell%s, first in line %zu; they count "
                      "as missing",
                      column->name, column->not_finite, column->not_finite == 1 ? "" : "s",
                      isb_frame_line(&s->frame, column->first_not_finite));
}

static isb_status find_label(subject *s, isb_error *error) {
    const isb_frame *frame = &s->frame;
    const char *name = s->options->label;
    s->label = name == NULL ? frame->column_count : isb_frame_find(frame, name);
    if (name == NULL)
        return ISB_OK;
    if (s->label < frame->column_count) {
        const isb_column *column = &frame->columns[s->label];
        return column->kind == ISB_COLUMN_NUMBER
                   ? ISB_OK
                   : isb_classes_count(&s->classes, column->codes, frame->rows, error);
    }
    const char **names = malloc(frame->column_count * sizeof *names);
    if (names == NULL)
        return isb_fail_memory(error, "the columns of a table");
    for (size_t i = 0; i < frame->column_count; i++)
        names[i] = frame->columns[i].name;
    const char *near = isb_nearest_word(name, names, frame->column_count);
    if (near != NULL)
        isb_fail(error, ISB_USAGE, "--label: %s has no column '%s'; did you mean '%s'?",
                 frame->file, name, near);
    else
        isb_fail(error, ISB_USAGE, "--label: %s has no column '%s'; its last one is '%s'",
                 frame->file, name, names[frame->column_count - 1]);
    free(names);
    return ISB_USAGE;
}

/* Labels that are few whole numbers are classes, too: they are read as texts. */
static isb_status read_frame(subject *s, isb_error *error) {
    isb_thread_plan plan;
    isb_thread_plan_make(&plan, s->options->threads, 0);
    const char *texts[] = {s->options->label};
    const isb_frame_options how = {.header = -1,
                                   .threads = plan.threads,
                                   .texts = texts,
                                   .text_count = s->options->label != NULL};
    return isb_csv_read(&s->frame, s->options->file, &how, error);
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
    return separator == '\t' ? "tab" : out;
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
        fprintf(page.out, "\nlabel '%s', %zu classes\n", frame->columns[s->label].name,
                s->classes.count);
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
    isb_json_string(&json, "label", s->options->label);
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

isb_status isb_inspect_frame(const isb_options *options, isb_error *error) {
    subject s = {.options = options};
    isb_status status = read_frame(&s, error);
    if (status == ISB_OK)
        status = find_label(&s, error);
    if (status == ISB_OK)
        status = hash_file(options->file, s.sha256, error);
    for (size_t i = 0; status == ISB_OK && i < s.frame.column_count; i++)
        note_column(&s, &s.frame.columns[i]);
    if (status == ISB_OK && s.notes.no_memory)
        status = isb_fail_memory(error, "the output");
    if (status == ISB_OK)
        status = options->given[ISB_OPTION_JSON] ? print_json(&s, error) : print_table(&s, error);
    isb_notes_free(&s.notes);
    isb_classes_free(&s.classes);
    isb_frame_free(&s.frame);
    return status;
}
