#include "cli/inspecting.h"
#include "cli/quantity.h"
#include "data/npy_survey.h"
#include "data/npz.h"
#include "io/sha256.h"
#include "io/text.h"
#include <isobit/version.h>
#include <math.h>
#include <stdlib.h>

/* An array: a file of its own, or a member of an archive. */
typedef struct array {
    const char *name;
    isb_npy about;
    isb_npy_survey survey;
    isb_classes classes; /* where it could be labels */
    bool bad;            /* it cannot be read; a note says why */
} array;

typedef struct subject {
    const char *path;
    isb_npz *archive; /* NULL: a single array */
    isb_npz_keys keys;
    array *arrays;
    size_t count;
    char sha256[ISB_SHA256_SIZE];
    isb_notes notes;
} subject;

/* An array that is being read. */
typedef struct opened {
    isb_input *input;
    isb_npz_member *member;
    isb_feed feed;
} opened;

static isb_status open_array(opened *out, array *a, const subject *s, isb_error *error) {
    *out = (opened){0};
    isb_status status;
    if (s->archive != NULL) {
        status = isb_npz_member_open(&out->member, s->archive, a->name, &out->feed, error);
    } else {
        status = isb_input_open(&out->input, s->path, error);
        if (status == ISB_OK)
            out->feed = isb_feed_of_input(out->input, s->path);
    }
    return status == ISB_OK ? isb_npy_open(&a->about, &out->feed, error) : status;
}

static void close_array(opened *it) {
    isb_input_close(it->input);
    isb_npz_member_close(it->member);
}

static isb_status survey(array *a, const subject *s, isb_error *error) {
    opened it;
    isb_status status = open_array(&it, a, s, error);
    if (status == ISB_OK)
        status = isb_npy_survey_make(&a->survey, &a->about, &it.feed, error);
    close_array(&it);
    return status;
}

/* Whole numbers from 0, one a row. */
static bool are_labels(const array *a) {
    const isb_npy_survey *survey = &a->survey;
    const bool negative = a->about.kind == ISB_NPY_FLOAT ? isb_npy_double(survey->least) < 0
                                                         : (int64_t)survey->least < 0;
    const bool large = a->about.kind == ISB_NPY_FLOAT ? isb_npy_double(survey->most) >= UINT32_MAX
                                                      : survey->most >= UINT32_MAX;
    return a->about.rank > 0 && survey->columns == 1 && survey->whole && !negative && !large &&
           survey->finite == a->about.count;
}

static isb_status count_classes(array *a, const subject *s, isb_error *error) {
    opened it;
    uint32_t *labels = NULL;
    isb_status status = open_array(&it, a, s, error);
    if (status == ISB_OK)
        status = isb_npy_labels(&a->about, &it.feed, &labels, error);
    if (status == ISB_OK)
        status = isb_classes_count(&a->classes, labels, a->about.count, error);
    free(labels);
    close_array(&it);
    return status;
}

static void note_oddity(subject *s, const array *a, const isb_npy_oddity *odd, const char *what) {
    char column[ISB_NPY_SHAPE_SIZE], name[ISB_CLIP_SIZE];
    if (odd->count > 0)
        isb_notes_add(&s->notes, "%s: %zu value%s %s %s, first in row %zu, column %s (from 0)",
                      isb_clip(name, a->name), odd->count, odd->count == 1 ? "" : "s",
                      odd->count == 1 ? "is" : "are", what, odd->row,
                      isb_npy_column_text(&a->about, odd->column, column));
}

static void note(subject *s, const array *a) {
    char name[ISB_CLIP_SIZE];
    isb_clip(name, a->name);
    note_oddity(s, a, &a->survey.nan, "NaN");
    note_oddity(s, a, &a->survey.infinite, "infinite");
    if (a->survey.constant > 0 && a->survey.columns == 1)
        isb_notes_add(&s->notes, "%s: the same value in all rows", name);
    else if (a->survey.constant > 0)
        isb_notes_add(&s->notes, "%s: %zu of %zu columns are the same in all rows", name,
                      a->survey.constant, a->survey.columns);
}

/* A member of an archive that cannot be read is noted, and the others are shown; a file is an
 * error. */
static isb_status look_at(subject *s, array *a, isb_error *error) {
    isb_error reasons = ISB_ERROR_INIT;
    isb_status status = survey(a, s, &reasons);
    if (status == ISB_OK && are_labels(a))
        status = count_classes(a, s, &reasons);
    if (status == ISB_OK)
        note(s, a);
    a->bad = status == ISB_DATA && s->archive != NULL;
    if (a->bad)
        isb_notes_add(&s->notes, "%s", isb_error_text(&reasons));
    else if (status != ISB_OK)
        isb_fail(error, status, "%s", isb_error_text(&reasons));
    isb_error_clear(&reasons);
    return a->bad ? ISB_OK : status;
}

static isb_status list(subject *s, bool archive, isb_error *error) {
    isb_status status = archive ? isb_npz_open(&s->archive, s->path, error) : ISB_OK;
    if (status == ISB_OK && archive)
        status = isb_npz_keys_list(&s->keys, s->archive, error);
    if (status == ISB_OK && archive && s->keys.count == 0)
        status = isb_fail(error, ISB_DATA, "%s: holds no arrays; numpy.savez writes such archives",
                          s->path);
    if (status != ISB_OK)
        return status;
    s->count = archive ? s->keys.count : 1;
    s->arrays = calloc(s->count, sizeof *s->arrays);
    if (s->arrays == NULL)
        return isb_fail_memory(error, s->path);
    for (size_t i = 0; status == ISB_OK && i < s->count; i++) {
        s->arrays[i].name = archive ? s->keys.items[i] : s->path;
        status = look_at(s, &s->arrays[i], error);
    }
    return status;
}

/* --- as a table --- */

static void print_range(FILE *out, const array *a) {
    char least[ISB_NUMBER_SIZE], most[ISB_NUMBER_SIZE];
    const isb_npy_survey *survey = &a->survey;
    if (survey->finite == 0)
        fputs("no finite number\n", out);
    else
        fprintf(out, "%s to %s%s\n", isb_npy_value_text(&a->about, survey->least, least),
                isb_npy_value_text(&a->about, survey->most, most),
                survey->whole && a->about.kind == ISB_NPY_FLOAT ? ", whole" : "");
}

static void print_file(isb_page *page, const array *a) {
    char shape[ISB_NPY_SHAPE_SIZE];
    isb_page_row(page, "format", "NumPy array, %s%s%s", isb_npy_type(&a->about),
                 a->about.swapped ? ", big-endian" : "",
                 a->about.fortran && a->about.rank > 1 ? ", Fortran's order" : "");
    isb_page_row(page, "shape", "%s", isb_npy_shape(&a->about, shape));
    fprintf(page->out, "%-*s", ISB_PAGE_LABEL, "holds");
    print_range(page->out, a);
}

static void print_member(FILE *out, const array *a) {
    char name[ISB_CLIP_SIZE], shape[ISB_NPY_SHAPE_SIZE];
    fprintf(out, "%-24s ", isb_clip(name, a->name));
    if (a->bad) {
        fputs("cannot be read\n", out);
        return;
    }
    fprintf(out, "%-8s %-20s ", isb_npy_type(&a->about), isb_npy_shape(&a->about, shape));
    print_range(out, a);
}

static void print_classes(FILE *out, const subject *s) {
    for (size_t i = 0; i < s->count; i++) {
        const array *a = &s->arrays[i];
        char name[ISB_CLIP_SIZE];
        if (a->classes.count == 0 || a->classes.count == a->about.count)
            continue;
        fprintf(out, "\nas labels%s%s, %zu class%s\n", s->archive != NULL ? " " : "",
                s->archive != NULL ? isb_clip(name, a->name) : "", a->classes.count,
                a->classes.count == 1 ? "" : "es");
        isb_classes_print(out, &a->classes, NULL);
    }
}

static isb_status print_table(const subject *s, isb_error *error) {
    isb_page page;
    char count[ISB_COUNT_SIZE];
    const isb_status status = isb_page_open(&page, error);
    if (status != ISB_OK)
        return status;
    isb_page_row(&page, "file", "%s", s->path);
    if (s->archive != NULL)
        isb_page_row(&page, "format", "NumPy archive, %s array%s", isb_count_text(s->count, count),
                     s->count == 1 ? "" : "s");
    else
        print_file(&page, &s->arrays[0]);
    isb_page_row(&page, "sha256", "%s", s->sha256);
    if (s->archive != NULL)
        fprintf(page.out, "\n%-24s %-8s %-20s %s\n", "array", "type", "shape", "holds");
    for (size_t i = 0; s->archive != NULL && i < s->count; i++)
        print_member(page.out, &s->arrays[i]);
    print_classes(page.out, s);
    isb_notes_print(page.out, &s->notes);
    return isb_page_print(&page, error);
}

/* --- as JSON --- */

static void add_value(isb_json *json, const char *key, const array *a, isb_npy_wide value) {
    if (a->about.kind == ISB_NPY_FLOAT)
        isb_json_double(json, key, a->survey.finite > 0 ? isb_npy_double(value) : NAN);
    else if (a->about.kind == ISB_NPY_SIGNED && (int64_t)value < 0)
        isb_json_double(json, key, (double)(int64_t)value);
    else
        isb_json_unsigned(json, key, value);
}

static void add_oddity(isb_json *json, const char *key, const isb_npy_oddity *odd) {
    isb_json_object(json, key);
    isb_json_unsigned(json, "count", odd->count);
    if (odd->count > 0) {
        isb_json_unsigned(json, "first_row", odd->row);
        isb_json_unsigned(json, "first_column", odd->column);
    }
    isb_json_end_object(json);
}

static void add_array(isb_json *json, const array *a) {
    isb_json_object(json, NULL);
    isb_json_string(json, "name", a->name);
    isb_json_string(json, "type", a->bad ? NULL : isb_npy_type(&a->about));
    if (!a->bad) {
        isb_json_array(json, "shape");
        for (size_t i = 0; i < a->about.rank; i++)
            isb_json_unsigned(json, NULL, a->about.sizes[i]);
        isb_json_end_array(json);
        add_value(json, "min", a, a->survey.least);
        add_value(json, "max", a, a->survey.most);
        isb_json_boolean(json, "whole", a->survey.whole);
        add_oddity(json, "nan", &a->survey.nan);
        add_oddity(json, "infinite", &a->survey.infinite);
        isb_json_unsigned(json, "constant_columns", a->survey.constant);
        if (a->classes.count > 0)
            isb_classes_json(json, &a->classes, NULL);
        else
            isb_json_null(json, "classes");
    }
    isb_json_end_object(json);
}

static isb_status print_json(const subject *s, isb_error *error) {
    isb_json json = ISB_JSON_INIT;
    isb_json_object(&json, NULL);
    isb_json_string(&json, "path", s->path);
    isb_json_string(&json, "format", s->archive != NULL ? "npz" : "npy");
    isb_json_array(&json, "arrays");
    for (size_t i = 0; i < s->count; i++)
        add_array(&json, &s->arrays[i]);
    isb_json_end_array(&json);
    isb_notes_json(&json, &s->notes);
    isb_json_string(&json, "sha256", s->sha256);
    isb_json_string(&json, "version", ISB_VERSION);
    isb_json_end_object(&json);
    char *text;
    const isb_status status = isb_json_finish(&json, &text, error);
    return status == ISB_OK ? isb_print_json(text, error) : status;
}

/* --- all --- */

static isb_status print(const subject *s, bool as_json, isb_error *error) {
    if (s->notes.no_memory)
        return isb_fail_memory(error, "the output");
    return as_json ? print_json(s, error) : print_table(s, error);
}

isb_status isb_inspect_arrays(const isb_inspection *inspection, bool archive, isb_error *error) {
    subject s = {.path = inspection->source};
    isb_status status = list(&s, archive, error);
    if (status == ISB_OK)
        status = isb_hash_file(s.path, s.sha256, error);
    if (status == ISB_OK)
        status = print(&s, inspection->json, error);
    for (size_t i = 0; i < s.count && s.arrays != NULL; i++)
        isb_classes_free(&s.arrays[i].classes);
    free(s.arrays);
    isb_npz_keys_free(&s.keys);
    isb_npz_close(s.archive);
    isb_notes_free(&s.notes);
    return status;
}
