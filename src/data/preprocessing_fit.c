/* What the rows trained on say: means, deviations, categories. */
#include "base/square_root.h"
#include "base/suggest.h"
#include "cpu/fpenv.h"
#include "data/preprocessing.h"
#include "data/table_notation.h"
#include "data/table_rows.h"
#include "io/json.h"
#include "io/text.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEW_ROWS = 20 }; /* in fewer, texts that differ say nothing */

typedef struct fit {
    const isb_frame *frame;
    const isb_table_form *form;
    const uint32_t *rows;
    size_t count;
    isb_name_index drop, standardize, one_hot; /* of the form's lists */
} fit;

static bool index_names(isb_name_index *out, const isb_names *names) {
    return isb_name_index_make(out, (const char *const *)names->items, names->count);
}

static isb_status open_fit(fit *f, isb_error *error) {
    return index_names(&f->drop, &f->form->drop) &&
                   index_names(&f->standardize, &f->form->standardize.names) &&
                   index_names(&f->one_hot, &f->form->one_hot.names)
               ? ISB_OK
               : isb_fail_memory(error, "the columns of a table");
}

static void close_fit(fit *f) {
    isb_name_index_free(&f->drop);
    isb_name_index_free(&f->standardize);
    isb_name_index_free(&f->one_hot);
}

static bool is_named(const isb_name_index *names, const char *name) {
    return isb_name_index_find(names, name) < names->count;
}

/* --- what the form asks for --- */

static isb_status check_names(const fit *f, const isb_names *names, const char *key,
                              isb_error *error) {
    for (size_t i = 0; i < names->count; i++) {
        if (f->form->label != NULL && strcmp(names->items[i], f->form->label) == 0)
            return isb_fail(error, ISB_USAGE,
                            "data.features.%s: '%s' is the label, which is no feature; take it out",
                            key, names->items[i]);
        if (isb_frame_find(f->frame, names->items[i]) == f->frame->column_count) {
            char what[64];
            snprintf(what, sizeof what, "data.features.%s", key);
            return isb_fail_no_column(f->frame, what, names->items[i], error);
        }
    }
    return ISB_OK;
}

static isb_status check_form(const fit *f, isb_error *error) {
    const isb_table_form *form = f->form;
    isb_status status = check_names(f, &form->drop, "drop", error);
    if (status == ISB_OK)
        status = check_names(f, &form->standardize.names, "standardize", error);
    return status == ISB_OK ? check_names(f, &form->one_hot.names, "one_hot", error) : status;
}

static bool is_feature(const fit *f, const isb_column *column) {
    const char *label = f->form->label;
    return (label == NULL || strcmp(column->name, label) != 0) && !is_named(&f->drop, column->name);
}

/* --- numbers --- */

/* The mean of the cells that are there, the smallest and the largest of them. */
typedef struct spread {
    size_t count;
    float low, high;
    double mean;
} spread;

static spread spread_of(const fit *f, const float *numbers) {
    spread s = {0, INFINITY, -INFINITY, 0};
    double sum = 0;
    for (size_t i = 0; i < f->count; i++) {
        const float x = numbers[f->rows[i]];
        if (isnan(x))
            continue;
        s.count++;
        s.low = x < s.low ? x : s.low;
        s.high = x > s.high ? x : s.high;
        sum += (double)x;
    }
    if (s.count > 0)
        s.mean = s.low == s.high ? (double)s.low : sum / (double)s.count;
    return s;
}

static double deviation_of(const fit *f, const float *numbers, const spread *s) {
    double sum = 0;
    if (s->low == s->high)
        return 1;
    for (size_t i = 0; i < f->count; i++) {
        const double d = (double)numbers[f->rows[i]] - s->mean;
        if (!isnan(d))
            sum += d * d;
    }
    return isb_square_root(sum / (double)s->count);
}

static isb_status fail_all_missing(const fit *f, const isb_column *column, isb_error *error) {
    char clipped[ISB_CLIP_SIZE];
    return isb_fail(error, ISB_DATA,
                    "%s: column '%s' has no value in any row that is trained on; leave it out with "
                    "data.features.drop",
                    f->frame->file, isb_clip(clipped, column->name));
}

static isb_status fit_number(isb_feature *out, const fit *f, const isb_column *column,
                             isb_error *error) {
    if (column->too_large != NULL)
        return isb_fail(error, ISB_DATA, "%s", column->too_large);
    const spread s = spread_of(f, column->numbers);
    if (s.count == 0)
        return fail_all_missing(f, column, error);
    if (isb_column_counts_rows(column, f->frame->rows))
        out->doubt = "counts the rows";
    else if (isb_column_names_rows(f->frame, column))
        out->doubt = "has no name of its own, as the numbers of rows that pandas and R write";
    out->offset = 0;
    out->divisor = 1;
    out->fill = s.mean;
    if (f->form->standardize.all || is_named(&f->standardize, column->name)) {
        out->offset = s.mean;
        out->divisor = deviation_of(f, column->numbers, &s);
    }
    return ISB_OK;
}

/* --- texts --- */

static isb_status take_categories(isb_feature *out, const fit *f, const isb_column *column,
                                  const size_t *counts, isb_error *error) {
    size_t most = 0;
    out->categories = calloc(column->text_count + 1, sizeof *out->categories);
    if (out->categories == NULL)
        return isb_fail_memory(error, "the categories of a column");
    for (size_t code = 0; code < column->text_count; code++) {
        if (counts[code] == 0)
            continue;
        if (out->category_count == ISB_MOST_CATEGORIES)
            return isb_fail(error, ISB_DATA,
                            "%s: column '%s' has more than %d different texts, which is no "
                            "category; leave it out with data.features.drop",
                            f->frame->file, column->name, ISB_MOST_CATEGORIES);
        char *text = strdup(column->texts[code]);
        if (text == NULL)
            return isb_fail_memory(error, "the categories of a column");
        if (counts[code] > most) {
            most = counts[code];
            out->mode = out->category_count;
        }
        out->categories[out->category_count++] = text;
        if (!isb_utf8_valid(text))
            return isb_fail(error, ISB_DATA, "%s: a text of column '%s' is not valid UTF-8",
                            f->frame->file, column->name);
    }
    if (isb_holds_dates(column, counts))
        out->doubt = "holds dates or times, each a category of its own";
    else if (f->count >= FEW_ROWS && out->category_count > f->count / 2)
        out->doubt = "has another text in most rows";
    return out->category_count > 0 ? ISB_OK : fail_all_missing(f, column, error);
}

/* The first row trained on that has the text. */
static uint32_t find_text(const fit *f, const isb_column *column, size_t code) {
    size_t i = 0;
    while (column->codes[f->rows[i]] != code)
        i++;
    return f->rows[i];
}

/* What is meant to be numbers is no category, unless the form says so by name. */
static isb_status refuse_numbers(const fit *f, const isb_column *column, const size_t *counts,
                                 isb_error *error) {
    const isb_notation notation = isb_notation_of(column, counts);
    char name[ISB_CLIP_SIZE], text[ISB_CLIP_SIZE], more[64] = "";
    if (notation.kind == ISB_NOTATION_TEXT)
        return ISB_OK;
    if (notation.cells > 1)
        snprintf(more, sizeof more, " and in %zu more row%s", notation.cells - 1,
                 notation.cells == 2 ? "" : "s");
    return isb_fail(error, ISB_DATA,
                    "%s:%zu: column '%s' %s, as '%s' here%s; %s, or leave the column out with "
                    "data.features.drop (where they are categories, name all columns of texts in "
                    "data.features.one_hot)",
                    f->frame->file, isb_frame_line(f->frame, find_text(f, column, notation.code)),
                    isb_clip(name, column->name), isb_notation_what(notation.kind),
                    isb_clip(text, notation.text), more, isb_notation_mend(notation.kind));
}

static isb_status fit_texts(isb_feature *out, const fit *f, const isb_column *column,
                            isb_error *error) {
    if (!f->form->one_hot.all && !is_named(&f->one_hot, column->name))
        return isb_fail(error, ISB_USAGE,
                        "%s: column '%s' holds texts; name it in data.features.one_hot, or leave "
                        "it out with data.features.drop",
                        f->frame->file, column->name);
    if (is_named(&f->standardize, column->name))
        return isb_fail(error, ISB_USAGE,
                        "data.features.standardize: column '%s' of %s holds texts; take it out",
                        column->name, f->frame->file);
    size_t *counts = isb_column_count_texts(column, f->rows, f->count);
    if (counts == NULL)
        return isb_fail_memory(error, "the categories of a column");
    isb_status status = f->form->one_hot.all ? refuse_numbers(f, column, counts, error) : ISB_OK;
    if (status == ISB_OK)
        status = take_categories(out, f, column, counts, error);
    free(counts);
    return status;
}

/* --- both --- */

static bool has_missing(const fit *f, const isb_column *column) {
    for (size_t i = 0; column->missing > 0 && i < f->count; i++)
        if (isb_cell_missing(column, f->rows[i]))
            return true;
    return false;
}

static isb_status fit_feature(isb_feature *out, const fit *f, isb_error *error) {
    const isb_column *column = &f->frame->columns[isb_frame_find(f->frame, out->name)];
    out->indicator = f->form->missing_policy == ISB_MISSING_INDICATOR && has_missing(f, column);
    return column->kind == ISB_COLUMN_NUMBER ? fit_number(out, f, column, error)
                                             : fit_texts(out, f, column, error);
}

isb_status isb_preprocessing_fit(isb_preprocessing *out, const isb_frame *frame,
                                 const isb_table_form *form, const uint32_t *rows, size_t count,
                                 isb_error *error) {
    fit f = {.frame = frame, .form = form, .rows = rows, .count = count};
    const isb_fpenv before = isb_fpenv_enter();
    isb_status status = open_fit(&f, error);
    for (size_t i = 0; i < out->count && status != ISB_NO_MEMORY; i++) { /* all errors in one go */
        const isb_status here = fit_feature(&out->features[i], &f, error);
        status = here == ISB_OK || (status != ISB_OK && here != ISB_NO_MEMORY) ? status : here;
    }
    isb_fpenv_leave(before);
    close_fit(&f);
    if (status == ISB_OK && !isb_preprocessing_measure(out))
        status = isb_fail(error, ISB_DATA, "%s: its columns give too many features", frame->file);
    return status;
}

static isb_status take_name(isb_preprocessing *out, const isb_frame *frame, const char *name,
                            isb_error *error) {
    isb_feature *feature = &out->features[out->count++];
    feature->name = strdup(name);
    if (feature->name == NULL)
        return isb_fail_memory(error, "the names of the columns");
    if (!isb_utf8_valid(name))
        return isb_fail(error, ISB_DATA, "%s: the name of a column is not valid UTF-8",
                        frame->file);
    return ISB_OK;
}

isb_status isb_preprocessing_choose(isb_preprocessing *out, const isb_frame *frame,
                                    const isb_table_form *form, isb_error *error) {
    fit f = {.frame = frame, .form = form};
    out->policy = form->missing_policy;
    isb_status status = open_fit(&f, error);
    if (status == ISB_OK)
        status = check_form(&f, error);
    if (status == ISB_OK &&
        (out->features = calloc(frame->column_count + 1, sizeof *out->features)) == NULL)
        status = isb_fail_memory(error, "the columns of a table");
    for (size_t i = 0; i < frame->column_count && status == ISB_OK; i++)
        if (is_feature(&f, &frame->columns[i]))
            status = take_name(out, frame, frame->columns[i].name, error);
    close_fit(&f);
    if (status == ISB_OK && out->count == 0)
        status = isb_fail(error, ISB_DATA, "%s: no column is left to learn from", frame->file);
    return status;
}
