#include "base/number.h"
#include "cli/inspecting.h"
#include "cli/quantity.h"
#include "data/repeats.h"
#include <isobit/version.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What the features of a part hold. */
typedef struct contents {
    double least, most; /* of the finite ones */
    size_t not_finite, first_row, first_feature;
} contents;

typedef struct part {
    const char *name;
    const isb_table *table;
    isb_classes classes;
    contents contents;
} part;

typedef struct subject {
    isb_dataset dataset;
    size_t features; /* of a row */
    part parts[2];
    size_t part_count;
    size_t constant; /* features that are the same in all rows of train */
    size_t repeated; /* rows of test that train has, too */
    isb_notes notes;
} subject;

static double feature(const isb_table *table, size_t at) {
    return table->dtype == ISB_F32 ? (double)((const float *)table->features)[at]
                                   : ((const uint8_t *)table->features)[at];
}

static contents contents_of(const isb_table *table, size_t features) {
    contents found = {.least = INFINITY, .most = -INFINITY};
    for (size_t i = 0; i < table->rows * features; i++) {
        const double value = feature(table, i);
        if (isfinite(value)) {
            found.least = value < found.least ? value : found.least;
            found.most = value > found.most ? value : found.most;
        } else if (found.not_finite++ == 0) {
            found.first_row = i / features;
            found.first_feature = i % features;
        }
    }
    return found;
}

static size_t count_constant(const isb_table *table, size_t features, bool *same) {
    memset(same, true, features);
    for (size_t row = 1; row < table->rows; row++)
        for (size_t i = 0; i < features; i++)
            same[i] = same[i] && feature(table, row * features + i) == feature(table, i);
    size_t count = 0;
    for (size_t i = 0; i < features; i++)
        count += same[i];
    return count;
}

static isb_status look_at_part(subject *s, const char *name, const isb_table *table,
                               isb_error *error) {
    if (table->rows == 0)
        return ISB_OK;
    part *p = &s->parts[s->part_count++];
    *p = (part){.name = name, .table = table, .contents = contents_of(table, s->features)};
    if (p->contents.not_finite > 0)
        isb_notes_add(
            &s->notes,
            "%s: %zu features are NaN or infinite, first in row %zu, feature %zu (from 0)", name,
            p->contents.not_finite, p->contents.first_row, p->contents.first_feature);
    return table->labels == NULL
               ? ISB_OK
               : isb_classes_count(&p->classes, table->labels, table->rows, error);
}

/* Both are sorted. */
static void note_absent_classes(subject *s) {
    const isb_classes *train = &s->parts[0].classes, *test = &s->parts[1].classes;
    size_t absent = 0, at = 0;
    uint32_t first = 0;
    for (size_t i = 0; i < test->count; i++) {
        while (at < train->count && train->labels[at] < test->labels[i])
            at++;
        if (at < train->count && train->labels[at] == test->labels[i])
            continue;
        first = absent++ == 0 ? test->labels[i] : first;
    }
    if (absent > 0)
        isb_notes_add(&s->notes, "test has %zu class%s that train lacks, first %u", absent,
                      absent == 1 ? "" : "es", first);
}

static isb_status look(subject *s, isb_error *error) {
    const isb_dataset *dataset = &s->dataset;
    s->features = isb_shape_size(dataset->shape);
    isb_status status = look_at_part(s, "train", &dataset->train, error);
    if (status == ISB_OK)
        status = look_at_part(s, "test", &dataset->test, error);
    bool *same = malloc(s->features);
    if (status == ISB_OK && same == NULL)
        status = isb_fail_memory(error, "the features");
    if (status == ISB_OK)
        s->constant = count_constant(&dataset->train, s->features, same);
    free(same);
    if (status != ISB_OK || s->part_count < 2)
        return status;
    note_absent_classes(s);
    status = isb_repeats_count(&dataset->train, &dataset->test, s->features, &s->repeated, error);
    if (s->repeated > 0)
        isb_notes_add(&s->notes, "%zu rows of test stand in train, too", s->repeated);
    return status;
}

static const char *type_name(const isb_table *table) {
    return table->dtype == ISB_F32 ? "float32" : "uint8";
}

static void print_part(isb_page *page, const subject *s, const part *p) {
    char rows[ISB_COUNT_SIZE], least[ISB_NUMBER_SIZE], most[ISB_NUMBER_SIZE];
    isb_format_double(least, p->contents.least);
    isb_format_double(most, p->contents.most);
    fprintf(page->out, "\n%s: %s rows of %zu features, %s, %s to %s\n", p->name,
            isb_count_text(p->table->rows, rows), s->features, type_name(p->table), least, most);
    isb_classes_print(page->out, &p->classes, NULL);
}

static isb_status print_table(const subject *s, isb_error *error) {
    isb_page page;
    isb_status status = isb_page_open(&page, error);
    if (status != ISB_OK)
        return status;
    const isb_shape shape = s->dataset.shape;
    isb_page_row(&page, "source", "%s", s->dataset.source);
    fprintf(page.out, "%-*s", ISB_PAGE_LABEL, "shape");
    for (size_t i = 0; i < shape.rank; i++)
        fprintf(page.out, "%s%zu", i > 0 ? " x " : "", shape.sizes[i]);
    fputc('\n', page.out);
    isb_page_row(&page, "constant", "%zu of %zu features are the same in all rows of train",
                 s->constant, s->features);
    isb_page_row(&page, "sha256", "%s", s->dataset.sha256);
    for (size_t i = 0; i < s->part_count; i++)
        print_part(&page, s, &s->parts[i]);
    isb_notes_print(page.out, &s->notes);
    return isb_page_print(&page, error);
}

static void add_part(isb_json *json, const part *p) {
    isb_json_object(json, p->name);
    isb_json_unsigned(json, "rows", p->table->rows);
    isb_json_string(json, "type", type_name(p->table));
    isb_json_double(json, "min", p->contents.least);
    isb_json_double(json, "max", p->contents.most);
    isb_json_unsigned(json, "not_finite", p->contents.not_finite);
    isb_classes_json(json, &p->classes, NULL);
    isb_json_end_object(json);
}

static isb_status print_json(const subject *s, isb_error *error) {
    isb_json json = ISB_JSON_INIT;
    isb_json_object(&json, NULL);
    isb_json_string(&json, "path", s->dataset.source);
    isb_json_string(&json, "format", "arrays");
    isb_json_array(&json, "shape");
    for (size_t i = 0; i < s->dataset.shape.rank; i++)
        isb_json_unsigned(&json, NULL, s->dataset.shape.sizes[i]);
    isb_json_end_array(&json);
    isb_json_unsigned(&json, "constant_features", s->constant);
    add_part(&json, &s->parts[0]);
    if (s->part_count > 1) {
        add_part(&json, &s->parts[1]);
        isb_json_unsigned(&json, "rows_in_both", s->repeated);
    } else {
        isb_json_null(&json, "test");
        isb_json_null(&json, "rows_in_both");
    }
    isb_notes_json(&json, &s->notes);
    isb_json_string(&json, "sha256", s->dataset.sha256);
    isb_json_string(&json, "version", ISB_VERSION);
    isb_json_end_object(&json);
    char *text;
    const isb_status status = isb_json_finish(&json, &text, error);
    return status == ISB_OK ? isb_print_json(text, error) : status;
}

isb_status isb_inspect_dataset(const isb_inspection *inspection, isb_error *error) {
    subject s = {0};
    if (inspection->label != NULL)
        return isb_fail(error, ISB_USAGE,
                        "%s names a column of a table; %s brings its labels with it",
                        inspection->label_from, inspection->source);
    isb_status status =
        isb_dataset_open_for(&s.dataset, inspection->source, inspection->regression, error);
    if (status == ISB_OK)
        status = look(&s, error);
    if (status == ISB_OK && s.notes.no_memory)
        status = isb_fail_memory(error, "the output");
    if (status == ISB_OK)
        status = inspection->json ? print_json(&s, error) : print_table(&s, error);
    for (size_t i = 0; i < s.part_count; i++)
        isb_classes_free(&s.parts[i].classes);
    isb_notes_free(&s.notes);
    isb_dataset_free(&s.dataset);
    return status;
}
