/* report_samples DIRECTORY: writes reports, tables and plots of made-up studies, for tests that
 * look at them from outside: with an XML parser, with a browser, with eyes. */
#include "base/number.h"
#include "check.h"
#include "sample_study.h"
#include "study/answer.h"
#include "study/plots.h"
#include "study/report.h"
#include "study/results.h"
#include "study/table.h"
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void check_fail(const char *file, int line, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

/* About normal, from a fixed sequence. */
static double noise(void) {
    static uint64_t state = 1;
    double sum = 0;
    for (int i = 0; i < 12; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        sum += (double)(state >> 11) / 9007199254740992.0;
    }
    return sum - 6;
}

/* A run of `epochs` epochs that ends near `level`; what is shared by all runs of a seed is `luck`.
 */
static void train(sample *s, size_t variant, size_t seed, size_t epochs, double level, double luck,
                  bool train_eval) {
    const double end = level + luck + 0.0012 * noise();
    isb_outcome *run = sample_run(s, variant, seed, end, end - 0.001 + 0.001 * noise());
    memset(run->weights_sha256, 'a' + (int)(variant % 6), 64);
    run->epochs = run->best_epoch = epochs;
    run->curve = calloc(epochs, sizeof *run->curve);
    CHECK(run->curve != NULL);
    for (size_t e = 0; e < epochs; e++) {
        double *at = run->curve[e].metrics;
        const double way = 0.1 / (1.0 + (double)e) - 0.1 / (double)epochs;
        at[ISB_METRIC_VAL_ACCURACY] = end - way + 0.001 * noise();
        at[ISB_METRIC_ACCURACY] = end - 1.6 * way + 0.004;
        at[ISB_METRIC_TRAIN_EVAL_ACCURACY] = train_eval ? end - way + 0.012 : NAN;
        at[ISB_METRIC_TRAIN_EVAL_LOSS] = train_eval ? 0.05 + way : NAN;
        at[ISB_METRIC_VAL_LOSS] = 0.12 + 3 * way;
        at[ISB_METRIC_LOSS] = 0.08 + 4 * way;
    }
    memcpy(run->metrics, run->curve[epochs - 1].metrics, sizeof run->metrics);
    run->metrics[ISB_METRIC_VAL_ACCURACY] = end;
    run->test_loss = 0.13;
}

static void fail_run(sample *s, size_t variant, size_t seed, isb_outcome_state state,
                     const char *message) {
    isb_outcome *run = &s->outcomes.items[variant * s->study.seed_count + seed];
    free(run->curve);
    *run = (isb_outcome){.state = state, .test_loss = NAN, .test_accuracy = NAN};
    for (size_t m = 0; m < ISB_METRICS; m++)
        run->metrics[m] = NAN;
    run->message = strdup(message);
}

static void write_file(const char *directory, const char *name, const char *text) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    CHECK(fwrite(text, 1, strlen(text), file) == strlen(text));
    CHECK(fclose(file) == 0);
}

static void write_plots(const sample *s, const char *directory, const char *name) {
    static const char *const kinds[] = {"means", "axis", "curves", "gap", "differences"};
    for (size_t kind = 0; kind < 5; kind++) {
        char file[128], *text;
        const isb_plot plot = {(isb_plot_kind)kind, s->study.axis_count - 1, 732, "plot", "", true};
        if (!isb_plot_possible(&s->findings, plot.kind, plot.axis))
            continue;
        CHECK(isb_study_plot(&s->findings, &plot, &text, NULL) == ISB_OK);
        snprintf(file, sizeof file, "%s-%s.svg", name, kinds[kind]);
        write_file(directory, file, text);
        free(text);
    }
}

static void write_all(sample *s, const char *directory, const char *name) {
    isb_error error = ISB_ERROR_INIT;
    free(s->summary.variants);
    CHECK(isb_study_summarize(&s->summary, &s->study, &s->outcomes, &error) == ISB_OK);
    const isb_study_record record = {
        .data_source = "digits",
        .data_sha256 = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9",
        .study_text = "name: where-to-drop\nexperiment: after.yaml\nseeds: 10\nvary:\n"
                      "  placement: [none, before, after, both]\n  rate: [0.1, 0.2, 0.3, 0.5]\n"
                      "compare: {metric: val_accuracy, against: {placement: none}}\n",
        .base_text = "name: after\nseed: 1\n",
        .command = "isobit study examples/study.yaml --data '/data/my digits'",
        .cpu = "A CPU & its <name>",
        .isa = "avx512",
        .threads = 2,
        .started = 1764000000,
        .finished = 1764000123,
        .seconds = 210.25,
    };
    static const struct {
        const char *suffix;
        isb_status (*write)(const isb_findings *, bool, char **, isb_error *);
    } texts[] = {{"answer.txt", isb_study_answer}, {"table.txt", isb_study_table}};
    char file[128], *text;
    for (size_t i = 0; i < 2; i++) {
        CHECK(texts[i].write(&s->findings, true, &text, &error) == ISB_OK);
        snprintf(file, sizeof file, "%s-%s", name, texts[i].suffix);
        write_file(directory, file, text);
        free(text);
    }
    static const struct {
        const char *suffix;
        isb_status (*write)(const isb_findings *, char **, isb_error *);
    } tables[] = {{"results.csv", isb_study_results_csv}, {"summary.csv", isb_study_summary_csv}};
    for (size_t i = 0; i < 2; i++) {
        CHECK(tables[i].write(&s->findings, &text, &error) == ISB_OK);
        snprintf(file, sizeof file, "%s-%s", name, tables[i].suffix);
        write_file(directory, file, text);
        free(text);
    }
    CHECK(isb_study_report(&s->findings, &record, &text, &error) == ISB_OK);
    snprintf(file, sizeof file, "%s.html", name);
    write_file(directory, file, text);
    free(text);
    CHECK(isb_study_json(&s->findings, &record, &text, &error) == ISB_OK);
    snprintf(file, sizeof file, "%s.json", name);
    write_file(directory, file, text);
    free(text);
    write_plots(s, directory, name);
}

/* Four placements, four rates, ten seeds; `full`: with train_eval, and all runs done. */
static void make_placements(sample *s, bool full) {
    static const char *const rates[] = {"0.1", "0.2", "0.3", "0.5"};
    static const struct {
        const char *name;
        double gain, cost;
    } places[] = {{"before", 0.003, 0.03}, {"after", 0.0035, 0.004}, {"both", 0.004, 0.05}};
    sample_open(s, "where-to-drop", 10);
    s->study.base.metric_train_eval = full;
    sample_axis(s, "placement", "none;before;after;both");
    sample_axis(s, "rate", "0.1;0.2;0.3;0.5");
    sample_variant(s, "none", "none;");
    for (size_t p = 0; p < 3; p++)
        for (size_t r = 0; r < 4; r++) {
            char label[64], values[64];
            snprintf(label, sizeof label, "%s, rate %s", places[p].name, rates[r]);
            snprintf(values, sizeof values, "%s;%s", places[p].name, rates[r]);
            sample_variant(s, label, values);
        }
    sample_ready(s);
    for (size_t seed = 0; seed < 10; seed++) {
        const double luck = 0.003 * noise();
        for (size_t v = 0; v < s->study.variant_count; v++) {
            double rate = 0, level = 0.965;
            const size_t p = v == 0 ? 0 : (v - 1) / 4;
            if (v > 0 && isb_parse_double(rates[(v - 1) % 4], &rate))
                level += places[p].gain * (rate > 0.15 ? 1 : 0.5) - places[p].cost * rate * rate;
            train(s, v, seed, 12, level, luck, full);
        }
    }
    for (size_t v = 0; v < s->study.variant_count; v++)
        s->study.variants[v].experiment = strdup("name: after\nseed: 1\nmodel:\n  - flatten\n");
    if (full)
        return;
    fail_run(s, 12, 3, ISB_OUTCOME_DIVERGED, "epoch 3: the loss is not finite");
    fail_run(s, 12, 4, ISB_OUTCOME_FAILED, "out of memory");
    for (size_t i = 0; i < 10; i++)
        fail_run(s, 11, i, ISB_OUTCOME_DIVERGED, "epoch 1: the loss is not finite");
    free(s->outcomes.items[9].curve);
    s->outcomes.items[9] = (isb_outcome){.state = ISB_OUTCOME_MISSING};
}

/* One axis that is not dropout's, over orders of magnitude, and two epochs. */
static void make_learning_rates(sample *s) {
    static const char *const rates[] = {"0.0001", "0.001", "1e-2"};
    sample_open(s, "learning-rate", 5);
    sample_axis(s, "compile.optimizer.adam.learning_rate", "0.0001;0.001;1e-2");
    for (size_t v = 0; v < 3; v++) {
        char label[64];
        snprintf(label, sizeof label, "learning_rate %s", rates[v]);
        sample_variant(s, label, rates[v]);
    }
    s->study.baseline = 1;
    sample_ready(s);
    for (size_t v = 0; v < 3; v++)
        for (size_t seed = 0; seed < 5; seed++)
            train(s, v, seed, 2, v == 1 ? 0.97 : 0.95, 0, false);
}

/* Names that try to get out of their place. */
static void make_hostile(sample *s) {
    static const char *const names[] = {
        "<script>document.title='stolen'</script>",
        "\"><img src=x onerror=\"document.title='stolen'\">",
        "</title></svg></style><style>*{display:none}</style>",
        "&lt;&amp;&#60; ]]> <!-- -->",
        "\x1b[31mred\x07\x01\x7f\tand\nmore\r\n",
        "\xff\xfe\xc3(\xed\xa0\x80\xf5",
        "\xe2\x80\xae"
        "desrever \xe2\x80\xa8 \xef\xbf\xbf",
        "\xe4\xb8\xad\xe6\x96\x87 \xd7\xa2\xd7\x91\xd7\xa8\xd7\x99\xd7\xaa \xf0\x9f\x90\xb1 "
        "e\xcc\x81",
    };
    enum { NAMES = sizeof names / sizeof names[0] };
    static char lengthy[5001];
    memset(lengthy, 'w', sizeof lengthy - 1);
    sample_open(s, names[0], 3);
    sample_axis(s, "<axis name=\"1\">", "1;2");
    for (size_t v = 0; v < NAMES; v++)
        sample_variant(s, names[v], "");
    sample_variant(s, lengthy, "1");
    sample_variant(s, "plain", "2");
    sample_ready(s);
    for (size_t v = 0; v < s->study.variant_count; v++) {
        s->study.variants[v].experiment = strdup(names[v % NAMES]);
        for (size_t seed = 0; seed < 3; seed++)
            train(s, v, seed, 3, 0.9, 0, false);
    }
    fail_run(s, 2, 1, ISB_OUTCOME_FAILED, names[1]);
}

int main(int count, char **arguments) {
    sample s;
    if (count != 2) {
        fprintf(stderr, "usage: report_samples DIRECTORY\n");
        return 2;
    }
    make_placements(&s, true);
    write_all(&s, arguments[1], "placements");
    sample_close(&s);
    make_placements(&s, false);
    write_all(&s, arguments[1], "gaps");
    sample_close(&s);
    make_learning_rates(&s);
    write_all(&s, arguments[1], "rates");
    sample_close(&s);
    make_hostile(&s);
    write_all(&s, arguments[1], "hostile");
    sample_close(&s);
    return 0;
}
