#include "cli/evaluation_report.h"
#include "cli/page.h"
#include "io/json.h"
#include "io/text.h"
#include <isobit/version.h>
#include <math.h>
#include <stdio.h>

enum { WIDEST_MATRIX = 20 }; /* classes that still fit a terminal */

/* --- names of classes --- */

/* The name, cut where it is long, or the number. */
static const char *label_of(const isb_applied *a, size_t class, char out[ISB_CLIP_SIZE]) {
    const char *name = isb_dataset_class(&a->dataset, class);
    if (name != NULL)
        return isb_clip(out, name);
    snprintf(out, ISB_CLIP_SIZE, "%zu", class);
    return out;
}

/* Columns of a terminal, a character one. */
static int columns_of(const char *text) {
    int columns = 0;
    for (; *text != '\0'; text++)
        columns += ((unsigned char)*text & 0xc0) != 0x80;
    return columns;
}

static int widest_label(const isb_applied *a, size_t classes) {
    char label[ISB_CLIP_SIZE];
    int widest = 0;
    for (size_t i = 0; i < classes; i++) {
        const int columns = columns_of(label_of(a, i, label));
        widest = columns > widest ? columns : widest;
    }
    return widest;
}

static void print_padding(FILE *out, const char *text, int width) {
    fprintf(out, "%*s", width > columns_of(text) ? width - columns_of(text) : 0, "");
}

/* --- the table --- */

static void print_ratio(FILE *out, double ratio) {
    if (isnan(ratio))
        fprintf(out, "%11s", "-");
    else
        fprintf(out, "%11.4f", ratio);
}

static void print_ratios(FILE *out, double precision, double recall, double f1, size_t rows) {
    print_ratio(out, precision);
    print_ratio(out, recall);
    print_ratio(out, f1);
    fprintf(out, "%12zu\n", rows);
}

static void print_classes(FILE *out, const isb_applied *a, const isb_evaluation *e) {
    const int label = widest_label(a, e->classes), width = label > 13 ? label : 13;
    char text[ISB_CLIP_SIZE];
    fprintf(out, "\n%-*s%11s%11s%11s%12s\n", width, "class", "precision", "recall", "F1", "rows");
    for (size_t i = 0; i < e->classes; i++) {
        const isb_class_score *one = &e->by_class[i];
        fputs(label_of(a, i, text), out);
        print_padding(out, text, width);
        print_ratios(out, one->precision, one->recall, one->f1, one->support);
    }
    fprintf(out, "%-*s", width, "macro average");
    print_ratios(out, e->precision, e->recall, e->f1, e->rows);
}

static int digits(size_t number) { return snprintf(NULL, 0, "%zu", number); }

static int widest_entry(const isb_evaluation *e) {
    size_t largest = e->classes - 1;
    for (size_t i = 0; i < e->classes * e->classes; i++)
        largest = e->confusion[i] > largest ? e->confusion[i] : largest;
    return digits(largest);
}

static void print_matrix(FILE *out, const isb_applied *a, const isb_evaluation *e) {
    const int entry = widest_entry(e), label = widest_label(a, e->classes);
    const int width = (entry > label ? entry : label) + 2;
    char text[ISB_CLIP_SIZE];
    fputs("\nconfusion matrix: a line for each true class, a column for each predicted one\n", out);
    fprintf(out, "%*s", label, "");
    for (size_t i = 0; i < e->classes; i++) {
        print_padding(out, label_of(a, i, text), width);
        fputs(text, out);
    }
    for (size_t i = 0; i < e->classes; i++) {
        fputc('\n', out);
        print_padding(out, label_of(a, i, text), label);
        fputs(text, out);
        for (size_t k = 0; k < e->classes; k++)
            fprintf(out, "%*u", width, e->confusion[i * e->classes + k]);
    }
    fputc('\n', out);
}

static void print_confusion(FILE *out, const isb_applied *a, const isb_evaluation *e) {
    if (e->confusion == NULL)
        fprintf(out, "\nconfusion matrix: not made for more than %d classes\n",
                ISB_CONFUSION_CLASSES);
    else if (e->classes > WIDEST_MATRIX)
        fprintf(out, "\nconfusion matrix: with %zu classes too wide for a page; --json has it\n",
                e->classes);
    else
        print_matrix(out, a, e);
}

static void print_classification(isb_page *page, const isb_applied *a, const isb_evaluation *e) {
    isb_page_row(page, "accuracy", "%.4f", e->accuracy);
    print_classes(page->out, a, e);
    print_confusion(page->out, a, e);
}

/* Targets are of any size. */
static void print_regression(isb_page *page, const isb_evaluation *e) {
    isb_page_row(page, "MAE", "%.6g", e->mae);
    isb_page_row(page, "MSE", "%.6g", e->mse);
    isb_page_row(page, "R2", "%.4f", e->r2);
}

isb_status isb_evaluation_table(const isb_applied *a, const isb_evaluation *e, isb_error *error) {
    isb_page page;
    isb_status status = isb_page_open(&page, error);
    if (status != ISB_OK)
        return status;
    isb_page_row(&page, "name", "%s", a->trained.experiment.name);
    isb_page_row(&page, "data", "%s, %s part", a->dataset.source, a->part.name);
    isb_page_row(&page, "rows", "%zu", e->rows);
    isb_page_row(&page, "loss", "%.4f", e->loss);
    if (e->classes == 0)
        print_regression(&page, e);
    else
        print_classification(&page, a, e);
    fprintf(page.out, "\nweights sha256:%s\n", a->trained.weights_sha256);
    return isb_page_print(&page, error);
}

static void put_ratios(isb_json *json, double precision, double recall, double f1, size_t support) {
    isb_json_double(json, "precision", precision);
    isb_json_double(json, "recall", recall);
    isb_json_double(json, "f1", f1);
    isb_json_unsigned(json, "support", support);
}

static void put_classes(isb_json *json, const isb_applied *a, const isb_evaluation *e) {
    isb_json_array(json, "classes");
    for (size_t i = 0; i < e->classes; i++) {
        const isb_class_score *one = &e->by_class[i];
        isb_json_object(json, NULL);
        isb_json_unsigned(json, "class", i);
        if (isb_dataset_class(&a->dataset, i) != NULL)
            isb_json_string(json, "name", isb_dataset_class(&a->dataset, i));
        put_ratios(json, one->precision, one->recall, one->f1, one->support);
        isb_json_end_object(json);
    }
    isb_json_end_array(json);
    isb_json_object(json, "macro");
    put_ratios(json, e->precision, e->recall, e->f1, e->rows);
    isb_json_end_object(json);
}

static void put_confusion(isb_json *json, const isb_evaluation *e) {
    if (e->confusion == NULL) {
        isb_json_null(json, "confusion");
        return;
    }
    isb_json_array(json, "confusion");
    for (size_t i = 0; i < e->classes; i++) {
        isb_json_array(json, NULL);
        for (size_t k = 0; k < e->classes; k++)
            isb_json_unsigned(json, NULL, e->confusion[i * e->classes + k]);
        isb_json_end_array(json);
    }
    isb_json_end_array(json);
}

static void put_classification(isb_json *json, const isb_applied *a, const isb_evaluation *e) {
    isb_json_double(json, "accuracy", e->accuracy);
    put_classes(json, a, e);
    put_confusion(json, e);
}

static void put_regression(isb_json *json, const isb_evaluation *e) {
    isb_json_double(json, "mean_absolute_error", e->mae);
    isb_json_double(json, "mean_squared_error", e->mse);
    isb_json_double(json, "r2_score", e->r2);
}

isb_status isb_evaluation_json(const isb_applied *a, const isb_evaluation *e, isb_error *error) {
    isb_json json = ISB_JSON_INIT;
    isb_json_object(&json, NULL);
    isb_json_string(&json, "weights_sha256", a->trained.weights_sha256);
    isb_json_unsigned(&json, "numerics", ISB_NUMERICS);
    isb_json_string(&json, "split", a->part.name);
    isb_json_unsigned(&json, "rows", e->rows);
    isb_json_double(&json, "loss", e->loss);
    if (e->classes == 0)
        put_regression(&json, e);
    else
        put_classification(&json, a, e);
    isb_json_string(&json, "data_sha256", a->dataset.sha256);
    isb_json_string(&json, "version", ISB_VERSION);
    isb_json_end_object(&json);
    char *text;
    const isb_status status = isb_json_finish(&json, &text, error);
    return status == ISB_OK ? isb_print_json(text, error) : status;
}
