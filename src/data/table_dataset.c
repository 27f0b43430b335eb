#include "data/table_dataset.h"
#include "base/number.h"
#include "cpu/memory.h"
#include "data/split.h"
#include "data/table_labels.h"
#include "data/table_rows.h"
#include "io/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows of the frame that a part has, and their labels. */
typedef struct part {
    uint32_t *rows, *labels;
    size_t count;
} part;

typedef struct making {
    isb_dataset *out;
    const isb_frame *frame;
    const isb_experiment *experiment;
    const isb_table_use *use;
    isb_preprocessing *preprocessing; /* the data set's */
    bool fitting, regression;
    const isb_column *label; /* NULL: not looked at */
    part train, test;        /* all rows are of train until the test part is split off */
} making;

static isb_status make_part(part *out, size_t count, isb_error *error) {
    out->rows = calloc(count + 1, sizeof *out->rows);
    out->labels = calloc(count + 1, sizeof *out->labels);
    if (out->rows == NULL || out->labels == NULL)
        return isb_fail_memory(error, "the rows of a table");
    return ISB_OK;
}

static void free_part(part *of) {
    free(of->rows);
    free(of->labels);
}

/* --- rows --- */

static isb_status take_rows(making *m, isb_error *error) {
    const size_t rows = m->frame->rows;
    if (rows == 0)
        return isb_fail(error, ISB_DATA, "%s: has no rows", m->frame->file);
    if (rows > UINT32_MAX)
        return isb_fail(error, ISB_DATA,
                        "%s: has %zu rows, and at most 4294967295 can be used; take some away",
                        m->frame->file, rows);
    const isb_status status = make_part(&m->train, rows, error);
    for (size_t i = 0; status == ISB_OK && i < rows; i++)
        m->train.rows[i] = (uint32_t)i;
    m->train.count = rows;
    return status;
}

static isb_status treat_missing(making *m, isb_error *error) {
    const isb_preprocessing *p = m->preprocessing;
    part *all = &m->train;
    const bool drop = p->policy == ISB_MISSING_DROP_ROW;
    if (drop && m->use->rows_may_go) {
        const isb_status status =
            isb_preprocessing_drop_missing(p, m->frame, all->rows, &all->count, error);
        if (status == ISB_OK && all->count == 0)
            return isb_fail(error, ISB_DATA,
                            "%s: every row has a missing cell, and missing_policy: drop_row leaves "
                            "none",
                            m->frame->file);
        return status;
    }
    if (drop || p->policy == ISB_MISSING_ERROR)
        return isb_preprocessing_refuse_missing(p, m->frame, all->rows, all->count, error);
    return ISB_OK;
}

/* --- labels --- */

/* The first one that is no number. */
static isb_status fail_text_label(const making *m, isb_error *error) {
    const isb_column *label = m->label;
    const char *text = NULL;
    char name[ISB_CLIP_SIZE], clipped[ISB_CLIP_SIZE];
    size_t row = 0;
    for (; row < m->frame->rows; row++) {
        double value;
        text = label->codes[row] != ISB_FRAME_MISSING ? label->texts[label->codes[row]] : NULL;
        if (text != NULL && !isb_parse_double(text, &value))
            break;
    }
    row = row < m->frame->rows ? row : 0;
    return isb_fail(error, ISB_DATA,
                    "%s:%zu: the label, column '%s', is '%s', but loss: %s needs numbers; mend the "
                    "cells, name texts for missing ones in data.missing, or take loss: "
                    "sparse_categorical_crossentropy",
                    m->frame->file, isb_frame_line(m->frame, row), isb_clip(name, label->name),
                    isb_clip(clipped, text != NULL ? text : ""),
                    isb_loss_name(m->experiment->loss));
}

static isb_status find_label(making *m, isb_error *error) {
    const char *name = m->preprocessing->label;
    if (name == NULL)
        return isb_fail(error, ISB_CORRUPT,
                        "the model knows no labels of a table; it was trained "
                        "on another kind of data");
    const size_t index = isb_frame_find(m->frame, name);
    if (index == m->frame->column_count)
        return isb_fail_no_column(m->frame, "data.label", name, error);
    m->label = &m->frame->columns[index];
    if (m->label->too_large != NULL)
        return isb_fail(error, ISB_DATA, "%s", m->label->too_large);
    if (m->label->kind == (m->regression ? ISB_COLUMN_NUMBER : ISB_COLUMN_TEXT))
        return ISB_OK;
    if (m->regression)
        return fail_text_label(m, error);
    return isb_fail(error, ISB_DATA, "%s: the label, column '%s', has no value in any row",
                    m->frame->file, name);
}

static isb_status require_labels(making *m, isb_error *error) {
    part *all = &m->train;
    const bool drop = m->preprocessing->policy == ISB_MISSING_DROP_ROW && m->use->rows_may_go;
    size_t kept = 0;
    for (size_t i = 0; i < all->count; i++) {
        const uint32_t row = all->rows[i];
        if (!isb_cell_missing(m->label, row))
            all->rows[kept++] = row;
        else if (!drop)
            return isb_fail(error, ISB_DATA,
                            "%s:%zu: the label, column '%s', has no value here; put one there, or "
                            "take the row away, as data.missing_policy: drop_row does",
                            m->frame->file, isb_frame_line(m->frame, row), m->label->name);
    }
    all->count = kept;
    if (kept == 0)
        return isb_fail(error, ISB_DATA, "%s: no row has a label", m->frame->file);
    return ISB_OK;
}

static isb_status take_labels(making *m, isb_error *error) {
    part *all = &m->train;
    if (!m->use->labels)
        return ISB_OK;
    isb_status status = find_label(m, error);
    if (status == ISB_OK)
        status = require_labels(m, error);
    if (m->regression)
        return status;
    if (status == ISB_OK && m->fitting)
        status = isb_labels_fit(m->preprocessing, m->frame, m->label, all->rows, all->count, error);
    if (status == ISB_OK)
        status = isb_labels_of(all->labels, m->preprocessing, m->frame, m->label, all->rows,
                               all->count, error);
    return status;
}

/* Labels have been taken, but for the targets of a regression, and columns that are dropped are not
 * looked at. */
static isb_status forget_other_columns(const making *m, isb_error *error) {
    isb_frame *spent = m->use->spent;
    if (spent == NULL)
        return ISB_OK;
    bool *needed = calloc(spent->column_count + 1, sizeof *needed);
    if (needed == NULL)
        return isb_fail_memory(error, "the columns of a table");
    for (size_t i = 0; i < m->preprocessing->count; i++)
        needed[isb_frame_find(spent, m->preprocessing->features[i].name)] = true;
    for (size_t i = 0; i < spent->column_count; i++)
        if (!needed[i] && !(m->regression && &m->frame->columns[i] == m->label))
            isb_column_forget_all(&spent->columns[i]);
    free(needed);
    return ISB_OK;
}

/* --- parts --- */

/* Moves the rows held out from the one part to the other, which has room for them. */
static void move_held(part *test, part *train, const bool *held) {
    const size_t count = train->count;
    train->count = 0;
    for (size_t i = 0; i < count; i++) {
        part *to = held[i] ? test : train;
        to->rows[to->count] = train->rows[i];
        to->labels[to->count++] = train->labels[i];
    }
}

static isb_status split_test(making *m, isb_error *error) {
    bool *held = NULL;
    size_t count = 0;
    part *train = &m->train;
    if (m->use->whole || m->experiment->test_fraction == 0)
        return ISB_OK;
    isb_status status =
        isb_split_test(&held, &count, train->labels, train->count, m->experiment, error);
    if (status == ISB_OK)
        status = make_part(&m->test, count, error);
    if (status == ISB_OK)
        move_held(&m->test, train, held);
    free(held);
    return status;
}

static isb_status take_targets(isb_table *table, const making *m, const part *from,
                               isb_error *error) {
    table->targets = malloc((from->count + 1) * sizeof *table->targets);
    if (table->targets == NULL)
        return isb_fail_memory(error, "the targets of a table");
    table->target_width = 1;
    for (size_t i = 0; i < from->count; i++)
        table->targets[i] = m->label->numbers[from->rows[i]];
    return ISB_OK;
}

/* The labels become the table's, whose rows can then be split. */
static isb_status hand_labels_over(isb_table *table, const making *m, part *from,
                                   isb_error *error) {
    *table = (isb_table){.rows = from->count, .dtype = ISB_F32};
    table->labels_from = strdup(m->frame->file);
    if (table->labels_from == NULL)
        return isb_fail_memory(error, "a path");
    if (m->regression && m->label != NULL)
        return take_targets(table, m, from, error);
    table->labels = from->labels;
    from->labels = NULL;
    return ISB_OK;
}

static isb_status fit_on_training_rows(making *m, isb_error *error) {
    isb_split split;
    isb_status status = isb_split_make(&split, m->out, m->experiment, error);
    if (status != ISB_OK)
        return status;
    for (size_t i = 0; i < split.train_rows; i++)
        split.train[i] = m->train.rows[split.train[i]];
    status = isb_preprocessing_fit(m->preprocessing, m->frame, &m->experiment->table, split.train,
                                   split.train_rows, error);
    isb_split_free(&split);
    return status;
}

/* The column that becomes the most features. */
static const isb_feature *widest_feature(const isb_preprocessing *p) {
    const isb_feature *widest = &p->features[0];
    for (size_t i = 1; i < p->count; i++)
        if (p->features[i].category_count > widest->category_count)
            widest = &p->features[i];
    return widest;
}

/* One column of texts may become 10,000 features. */
static isb_status fail_features(const making *m, size_t rows, isb_error *error) {
    const isb_preprocessing *p = m->preprocessing;
    const isb_feature *widest = widest_feature(p);
    char most[ISB_CLIP_SIZE + 128] = "", name[ISB_CLIP_SIZE];
    if (widest->category_count > 1)
        snprintf(most, sizeof most,
                 "; column '%s' alone becomes %zu features, one for each of its texts: leave it "
                 "out with data.features.drop",
                 isb_clip(name, widest->name), widest->category_count);
    return isb_fail(error, ISB_NO_MEMORY,
                    "%s: out of memory for %zu rows of %zu features, %.1f GB%s, or take fewer rows",
                    m->frame->file, rows, p->width, 4e-9 * (double)rows * (double)p->width, most);
}

static isb_status make_features(isb_table *table, const making *m, const part *from,
                                isb_error *error) {
    enum { LOOKED_UP_FROM = 64 << 20 }; /* less is not worth the look */
    size_t size;
    if (__builtin_mul_overflow(from->count, m->preprocessing->width * sizeof(float), &size) ||
        (size > LOOKED_UP_FROM && size > isb_memory_available("")))
        return fail_features(m, from->count, error);
    table->features = malloc(size > 0 ? size : 1);
    return table->features != NULL ? ISB_OK : fail_features(m, from->count, error);
}

/* Those rows of the part, from `first` on, that come before row `end` of the table. */
static isb_status put_features(isb_table *table, const making *m, const part *from, size_t *first,
                               size_t end, isb_error *error) {
    const size_t width = m->preprocessing->width, begin = *first;
    size_t next = begin;
    while (next < from->count && from->rows[next] < end)
        next++;
    *first = next;
    return next == begin ? ISB_OK
                         : isb_preprocessing_apply(m->preprocessing, m->frame, from->rows + begin,
                                                   next - begin,
                                                   (float *)table->features + begin * width, error);
}

/* Nobody needs the cells of these rows any longer. */
static void forget_cells(const making *m, size_t begin, size_t end) {
    isb_frame *spent = m->use->spent;
    for (size_t i = 0; spent != NULL && i < m->preprocessing->count; i++) {
        const size_t column = isb_frame_find(spent, m->preprocessing->features[i].name);
        if (column < spent->column_count)
            isb_column_forget(&spent->columns[column], begin, end);
    }
}

/* Some rows at a time, so that a table and its features are never both there as a whole. */
static isb_status put_all_features(making *m, isb_error *error) {
    enum { BLOCK_BYTES = 4 << 20, LEAST_ROWS = 1024 };
    const size_t fit = BLOCK_BYTES / sizeof(float) / (m->preprocessing->width + 1);
    const size_t block = fit > LEAST_ROWS ? fit : LEAST_ROWS;
    const size_t rows = m->frame->rows;
    isb_dataset *out = m->out;
    size_t train = 0, test = 0;
    isb_status status = make_features(&out->train, m, &m->train, error);
    if (status == ISB_OK && m->test.count > 0)
        status = make_features(&out->test, m, &m->test, error);
    for (size_t begin = 0; begin < rows && status == ISB_OK; begin += block) {
        const size_t end = rows - begin < block ? rows : begin + block;
        status = put_features(&out->train, m, &m->train, &train, end, error);
        if (status == ISB_OK)
            status = put_features(&out->test, m, &m->test, &test, end, error);
        forget_cells(m, begin, end);
    }
    return status;
}

static isb_status make_parts(making *m, isb_error *error) {
    isb_dataset *out = m->out;
    isb_status status = forget_other_columns(m, error);
    if (status == ISB_OK)
        status = split_test(m, error);
    if (status == ISB_OK)
        status = hand_labels_over(&out->train, m, &m->train, error);
    if (status == ISB_OK && m->test.count > 0)
        status = hand_labels_over(&out->test, m, &m->test, error);
    if (status == ISB_OK && m->fitting)
        status = fit_on_training_rows(m, error);
    if (status != ISB_OK)
        return status;
    out->shape = (isb_shape){1, {m->preprocessing->width}};
    return put_all_features(m, error);
}

/* --- all --- */

static isb_status begin(making *m, isb_error *error) {
    const isb_table_form *form = &m->experiment->table;
    if (!m->fitting)
        return ISB_OK;
    if (form->label == NULL)
        return isb_fail_no_label(m->frame, error);
    m->preprocessing->label = strdup(form->label);
    if (m->preprocessing->label == NULL)
        return isb_fail_memory(error, "the label's column");
    return isb_preprocessing_choose(m->preprocessing, m->frame, form, error);
}

static isb_status make(making *m, isb_error *error) {
    isb_status status = begin(m, error);
    if (status == ISB_OK)
        status = take_rows(m, error);
    if (status == ISB_OK)
        status = treat_missing(m, error);
    if (status == ISB_OK)
        status = take_labels(m, error);
    return status == ISB_OK ? make_parts(m, error) : status;
}

isb_status isb_table_dataset(isb_dataset *out, const isb_frame *frame,
                             const isb_experiment *experiment, isb_preprocessing *preprocessing,
                             const isb_table_use *use, isb_error *error) {
    making m = {.out = out,
                .frame = frame,
                .experiment = experiment,
                .use = use,
                .fitting = preprocessing == NULL,
                .regression = isb_is_regression(experiment->loss)};
    out->preprocessing = calloc(1, sizeof *out->preprocessing);
    if (out->preprocessing == NULL) {
        if (preprocessing != NULL)
            isb_preprocessing_free(preprocessing);
        return isb_fail_memory(error, "the columns of a table");
    }
    m.preprocessing = out->preprocessing;
    if (preprocessing != NULL) {
        *out->preprocessing = *preprocessing;
        *preprocessing = (isb_preprocessing){0};
    }
    const isb_status status = make(&m, error);
    free_part(&m.train);
    free_part(&m.test);
    return status;
}
