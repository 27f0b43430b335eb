#include "study/table.h"
#include "study/figures.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_COLUMNS = 100, GAP = 2 };

typedef enum column { RANK, LABEL, RUNS, MEAN, DIFFERENCE, P, MARK, TEST, COLUMNS } column;

/* Cells as text, two lines of head first, and the width of each column; 0: there is none. */
typedef struct table {
    const isb_findings *findings;
    bool utf8;
    size_t rows;
    isb_text *cells; /* row by row */
    size_t widths[COLUMNS];
    bool failed;
} table;

enum { HEAD_ROWS = 2 };

static isb_text *cell(table *t, size_t row, column c) { return &t->cells[row * COLUMNS + c]; }

/* Some variant lacks a run. */
static bool has_gaps(const isb_findings *findings) {
    for (size_t v = 0; v < findings->study->variant_count; v++)
        if (findings->summary->variants[v].runs != findings->study->seed_count)
            return true;
    return false;
}

static bool has_test(const isb_findings *findings) {
    return isb_test_loss_is_computed(findings) || isb_test_accuracy_is_computed(findings);
}

static void put_head(table *t) {
    const isb_findings *findings = t->findings;
    const char *unit = isb_unit_of(findings).symbol;
    isb_text_add(cell(t, 1, LABEL), "variant");
    isb_text_add(cell(t, 0, MEAN), isb_metric_name(findings->study->metric));
    isb_text_format(cell(t, 1, MEAN), "mean%s%s", unit[0] != '\0' ? ", " : "", unit);
    isb_text_add(cell(t, 0, DIFFERENCE), "difference");
    isb_text_add(cell(t, 1, DIFFERENCE), "from baseline");
    isb_text_add(cell(t, 1, P), "p (Holm)");
    if (has_gaps(findings))
        isb_text_add(cell(t, 1, RUNS), "runs");
    if (has_test(findings)) {
        isb_text_add(cell(t, 0, TEST), isb_test_words(findings));
        isb_text_add(cell(t, 1, TEST), "(looked at once)");
    }
}

static const char *mark(const table *t, size_t v) {
    const isb_variant_summary *of = &t->findings->summary->variants[v];
    if (of->best)
        return "*";
    return of->like_best ? "=" : "";
}

static void put_row(table *t, size_t row, size_t v, isb_unit unit, isb_unit test) {
    const isb_study *study = t->findings->study;
    const isb_variant_summary *of = &t->findings->summary->variants[v];
    if (of->rank > 0)
        isb_text_format(cell(t, row, RANK), "%zu", of->rank);
    isb_put_name(cell(t, row, LABEL), study->variants[v].label, MOST_COLUMNS, t->utf8);
    if (has_gaps(t->findings))
        isb_text_format(cell(t, row, RUNS), "%zu/%zu", of->runs, study->seed_count);
    isb_put_mean(cell(t, row, MEAN), unit, of->metric, t->utf8);
    if (v == study->baseline)
        isb_text_add(cell(t, row, DIFFERENCE), "baseline");
    else
        isb_put_difference(cell(t, row, DIFFERENCE), unit, of->difference, t->utf8);
    if (v != study->baseline)
        isb_put_p(cell(t, row, P), of->p_holm);
    isb_text_add(cell(t, row, MARK), mark(t, v));
    if (has_test(t->findings))
        isb_put_mean(cell(t, row, TEST), test, of->test, t->utf8);
}

/* A cell's text; "" where it has none. */
static const char *text_of(table *t, size_t row, column c) {
    const char *text = cell(t, row, c)->data;
    return text == NULL ? "" : text;
}

static void measure(table *t) {
    size_t all = 0;
    for (size_t c = 0; c < COLUMNS; c++) {
        for (size_t row = 0; row < t->rows; row++) {
            const size_t width = isb_columns(text_of(t, row, (column)c));
            t->widths[c] = width > t->widths[c] ? width : t->widths[c];
            t->failed = t->failed || cell(t, row, (column)c)->failed;
        }
        all += t->widths[c] > 0 ? t->widths[c] + GAP : 0;
    }
    if (all - GAP > MOST_COLUMNS) {
        const size_t over = all - GAP - MOST_COLUMNS;
        const size_t least = isb_columns("variant");
        t->widths[LABEL] = t->widths[LABEL] > over + least ? t->widths[LABEL] - over : least;
    }
}

static void put_spaces(isb_text *out, size_t count) {
    while (count-- > 0)
        isb_text_add(out, " ");
}

/* Names stand to the left, numbers to the right. */
static void put_cell(table *t, isb_text *out, size_t row, column c) {
    isb_text shown = {0};
    isb_put_name(&shown, text_of(t, row, c), t->widths[c], t->utf8);
    const char *text = shown.data == NULL ? "" : shown.data;
    const size_t width = isb_columns(text);
    const size_t spaces = t->widths[c] > width ? t->widths[c] - width : 0;
    const bool left = c == LABEL || c == MARK;
    put_spaces(out, left ? 0 : spaces);
    isb_text_add(out, text);
    put_spaces(out, left ? spaces : 0);
    out->failed = out->failed || shown.failed;
    free(shown.data);
}

static void put_line(table *t, isb_text *out, size_t row) {
    bool first = true;
    for (size_t c = 0; c < COLUMNS; c++) {
        if (t->widths[c] == 0)
            continue;
        put_spaces(out, first ? 0 : GAP);
        put_cell(t, out, row, (column)c);
        first = false;
    }
    while (out->length > 0 && out->data[out->length - 1] == ' ')
        out->data[--out->length] = '\0';
    isb_text_add(out, "\n");
}

static void put_legend(table *t, isb_text *out) {
    bool alike = false;
    for (size_t v = 0; v < t->findings->study->variant_count; v++)
        alike = alike || mark(t, v)[0] == '=';
    isb_text_format(out, "* best;%s %s half of the 95 %% interval\n",
                    alike ? " = not to be told apart from the best;" : "", isb_plus_minus(t->utf8));
}

static void fill(table *t, const size_t *order) {
    const isb_unit unit = isb_unit_of(t->findings), test = isb_test_unit_of(t->findings);
    put_head(t);
    for (size_t i = 0; i < t->findings->study->variant_count; i++)
        put_row(t, HEAD_ROWS + i, order[i], unit, test);
    measure(t);
}

isb_status isb_study_table(const isb_findings *findings, bool utf8, char **text, isb_error *error) {
    table t = {findings, utf8, findings->study->variant_count + HEAD_ROWS, NULL, {0}, false};
    size_t *order = isb_ranking(findings);
    t.cells = calloc(t.rows, COLUMNS * sizeof *t.cells);
    isb_text out = {0};
    if (order != NULL && t.cells != NULL) {
        fill(&t, order);
        for (size_t row = 0; row < t.rows; row++)
            put_line(&t, &out, row);
        put_legend(&t, &out);
        for (size_t i = 0; i < t.rows * COLUMNS; i++)
            free(t.cells[i].data);
    }
    const bool good = order != NULL && t.cells != NULL && !t.failed && !out.failed;
    free(t.cells);
    free(order);
    if (!good)
        free(out.data);
    *text = good ? out.data : NULL;
    return good ? ISB_OK : isb_fail_memory(error, "the table of the study");
}
