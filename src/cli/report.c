#include "cli/report.h"
#include "cli/page.h"
#include "cli/quantity.h"
#include <math.h>

/* "784-128-d.2-10": inputs, units of the dense layers, rates of the dropouts. */
static void print_layers(FILE *out, const isb_model *model) {
    fprintf(out, "%zu", isb_shape_size(model->input));
    for (size_t i = 0; i < model->count; i++) {
        const isb_layer *layer = &model->layers[i];
        if (layer->kind == ISB_DENSE)
            fprintf(out, "-%zu", layer->units);
        else if (layer->kind == ISB_DROPOUT)
            fprintf(out, "-d%g", layer->rate);
    }
}

static void print_model(isb_page *page, const isb_model *model) {
    char count[ISB_COUNT_SIZE], bytes[ISB_COUNT_SIZE];
    fprintf(page->out, "%-*s", ISB_PAGE_LABEL, "model");
    print_layers(page->out, model);
    fprintf(page->out, ", %s parameters (%s)\n", isb_count_text(model->parameters, count),
            isb_bytes_text(model->parameters, bytes));
}

static void print_data(isb_page *page, const isb_report *report) {
    const isb_split *split = report->split;
    fprintf(page->out, "%-*s%s: %zu rows to train on", ISB_PAGE_LABEL, "data",
            report->dataset->source, split->train_rows);
    if (split->validation_rows > 0)
        fprintf(page->out, ", %zu to validate", split->validation_rows);
    if (report->dataset->test.rows > 0)
        fprintf(page->out, ", %zu to test", report->dataset->test.rows);
    fputc('\n', page->out);
}

static void print_score(isb_page *page, const char *label, const isb_score *score,
                        isb_measure_set measures) {
    if (!score->present)
        return;
    fprintf(page->out, "%-*sloss %.4f", ISB_PAGE_LABEL, label, score->loss);
    for (int m = ISB_MEASURE_LOSS + 1; m < ISB_MEASURES; m++)
        if (isb_measures_have(measures, (isb_measure)m))
            fprintf(page->out, "  %s %.4f", isb_measure_name((isb_measure)m),
                    isb_score_value(score, (isb_measure)m));
    fputc('\n', page->out);
}

static void print_time(isb_page *page, const isb_result *result) {
    char rate[ISB_COUNT_SIZE];
    if (isfinite(result->step_microseconds))
        isb_page_row(page, "time", "%.2f s, %.1f us a step, %s samples/s", result->seconds,
                     result->step_microseconds,
                     isb_count_text((size_t)result->samples_per_second, rate));
    else
        isb_page_row(page, "time", "%.2f s, no step to do", result->seconds);
}

static void print_trained(isb_page *page, const isb_result *result) {
    char restored[64] = "";
    if (result->restored > 0)
        snprintf(restored, sizeof restored, "; weights of epoch %zu restored", result->restored);
    isb_page_row(page, "trained", "%zu epoch%s, %zu steps%s%s%s", result->epochs,
                 result->epochs == 1 ? "" : "s", result->steps,
                 result->stopped != NULL ? "; ended by " : "",
                 result->stopped != NULL ? result->stopped : "", restored);
}

isb_status isb_report_table(const isb_report *report, isb_error *error) {
    const isb_result *result = report->result;
    isb_page page;
    isb_status status = isb_page_open(&page, error);
    if (status != ISB_OK)
        return status;
    isb_page_row(&page, "name", "%s", report->experiment->name);
    print_data(&page, report);
    print_model(&page, report->model);
    print_trained(&page, result);
    print_score(&page, "train", &result->train, result->measures);
    print_score(&page, "validation", &result->validation, result->measures);
    print_score(&page, "test", &result->test, result->measures);
    print_time(&page, result);
    isb_page_row(&page, "threads", "%s; %s", report->plan->reason, result->isa);
    isb_page_row(&page, "run", "%s", report->run);
    fprintf(page.out, "weights sha256:%s\n", result->weights_sha256);
    return isb_page_print(&page, error);
}

isb_status isb_report_json(const isb_report *report, isb_error *error) {
    char *text;
    isb_status status = isb_result_json(report->result, NULL, &text, error);
    return status == ISB_OK ? isb_print_json(text, error) : status;
}
