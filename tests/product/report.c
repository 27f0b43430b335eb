/* Tables, files and report of a study. */
#include "study/report.h"
#include "check.h"
#include "sample_study.h"
#include "study/figures.h"
#include "study/markup.h"
#include "study/plots.h"
#include "study/results.h"
#include "study/table.h"
#include <jansson.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BAD "\xef\xbf\xbd"

static void check_text(char *text, const char *expected) {
    CHECKF(strcmp(text, expected) == 0, "got\n%s\nexpected\n%s", text, expected);
    free(text);
}

static bool contains(const char *text, const char *part) { return strstr(text, part) != NULL; }

/* Two seeds; none, before, and one with a name of its own that never came to its end. */
static void open_small(sample *s) {
    sample_open(s, "small", 2);
    sample_axis(s, "placement", "none;before");
    sample_axis(s, "rate", "0.2");
    sample_variant(s, "none", "none;");
    sample_variant(s, "before, rate 0.2", "before;0.2");
    sample_variant(s, "a \"wide\" one, twice", ";");
    sample_ready(s);
    for (size_t v = 0; v < 2; v++)
        for (size_t seed = 0; seed < 2; seed++) {
            isb_outcome *run =
                sample_run(s, v, seed, 0.96 + 0.01 * (double)v + 0.001 * (double)seed, 0.955);
            run->metrics[ISB_METRIC_LOSS] = 0.25;
            run->metrics[ISB_METRIC_ACCURACY] = 0.1 + 0.2;
            run->metrics[ISB_METRIC_VAL_LOSS] = 1e-7;
            run->test_loss = 0.125;
            run->epochs = 3;
            memset(run->weights_sha256, '0' + (int)v, 64);
        }
    s->outcomes.items[4].state = ISB_OUTCOME_DIVERGED;
    s->outcomes.items[4].metrics[ISB_METRIC_LOSS] = INFINITY;
    s->outcomes.items[4].epochs = 1;
    s->outcomes.items[4].message = strdup("epoch 1: <inf>");
    s->summary.variants[2].failures = 1;
    sample_mean(s, 0, 2, 0.9605, 0.0064);
    sample_mean(s, 1, 1, 0.9705, 0.0064);
    sample_difference(s, 1, 0.01, 0.0, 0.5);
    s->summary.variants[0].test = s->summary.variants[1].test =
        (isb_estimate){0.955, 0, 0.955, 0.955};
    s->summary.variants[0].like_best = s->summary.variants[1].like_best = true;
    s->summary.variants[1].seeds_needed = 6;
    s->summary.smallest_p = 0.5;
}

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define ONES "1111111111111111111111111111111111111111111111111111111111111111"

CASE(results, a_row_a_run) {
    sample s;
    char *text;
    open_small(&s);
    CHECK(isb_study_results_csv(&s.findings, &text, NULL) == ISB_OK);
    check_text(text,
               "placement,rate,variant,seed,status,loss,accuracy,val_loss,val_accuracy,"
               "test_loss,test_accuracy,epochs,weights_sha256\n"
               "none,,,1,done,0.25,0.30000000000000004,1e-07,0.96,0.125,0.955,3," ZEROS "\n"
               "none,,,2,done,0.25,0.30000000000000004,1e-07,0.961,0.125,0.955,3," ZEROS "\n"
               "before,0.2,,1,done,0.25,0.30000000000000004,1e-07,0.97,0.125,0.955,3," ONES "\n"
               "before,0.2,,2,done,0.25,0.30000000000000004,1e-07,0.971,0.125,0.955,3," ONES "\n"
               ",,\"a \"\"wide\"\" one, twice\",1,diverged,inf,,,,,,1,\n"
               ",,\"a \"\"wide\"\" one, twice\",2,missing,,,,,,,,\n");
    sample_close(&s);
}

CASE(results, only_columns_that_something_computes) {
    sample s;
    char *text;
    sample_open(&s, "plain", 1);
    s.study.base.metric_accuracy = false;
    s.study.base.validation = ISB_VALIDATION_NONE;
    s.study.base.metric_train_eval = true;
    s.study.metric = ISB_METRIC_TRAIN_EVAL_LOSS;
    s.study.seeds[0] = 9223372036854775807u;
    sample_axis(&s, "a,\nb", "1");
    sample_variant(&s, "1", "1");
    sample_ready(&s);
    CHECK(isb_study_results_csv(&s.findings, &text, NULL) == ISB_OK);
    check_text(text, "\"a,\nb\",seed,status,loss,train_eval_loss,epochs,weights_sha256\n"
                     "1,9223372036854775807,missing,,,,\n");
    sample_run(&s, 0, 0, 0.5, NAN)->metrics[ISB_METRIC_VAL_LOSS] =
        2; /* one of its own computes it */
    CHECK(isb_study_results_csv(&s.findings, &text, NULL) == ISB_OK);
    check_text(text, "\"a,\nb\",seed,status,loss,val_loss,train_eval_loss,epochs,weights_sha256\n"
                     "1,9223372036854775807,done,,2,0.5,0,\n");
    sample_close(&s);
}

CASE(results, a_row_a_variant) {
    sample s;
    char *text;
    open_small(&s);
    s.summary.variants[1].p = 0.25;
    s.summary.variants[1].test.deviation = 0.5;
    s.summary.variants[0].metric = (isb_estimate){0.9605, 0.0005, 0.75, 1.25};
    s.summary.variants[1].metric = (isb_estimate){0.9705, 0.0005, 0.5, 1.5};
    CHECK(isb_study_summary_csv(&s.findings, &text, NULL) == ISB_OK);
    check_text(text,
               "placement,rate,variant,runs,failures,mean,sd,ci_low,ci_high,difference,"
               "difference_low,difference_high,p,p_holm,rank,verdict,seeds_needed,test_mean,"
               "test_sd\n"
               "none,,,2,0,0.9605,0.0005,0.75,1.25,,,,,,2,indistinguishable from best,,0.955,0\n"
               "before,0.2,,2,0,0.9705,0.0005,0.5,1.5,0.01,0.01,0.01,0.25,0.5,1,best,6,0.955,0.5\n"
               ",,\"a \"\"wide\"\" one, twice\",0,1,,,,,,,,,,,,,,\n");
    sample_close(&s);
}

CASE(results, json_reads_back) {
    sample s;
    char *text;
    open_small(&s);
    const isb_study_record record = {.data_sha256 = ZEROS, .started = 1, .seconds = NAN};
    CHECK(isb_study_json(&s.findings, &record, &text, NULL) == ISB_OK);
    CHECK(strchr(text, '\n') == NULL);
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    CHECK(object != NULL);
    const char *answer = json_string_value(json_object_get(object, "answer"));
    CHECK(answer != NULL && strchr(answer, '\n') == NULL);
    CHECK(contains(answer, "This study is not complete: 1 of 6 runs is missing. On this data, "));
    json_t *variants = json_object_get(object, "variants");
    CHECK(json_array_size(variants) == 3);
    json_t *best = json_array_get(variants, 1);
    CHECK(json_real_value(json_object_get(json_object_get(best, "metric"), "mean")) == 0.9705);
    CHECK(json_integer_value(json_object_get(best, "rank")) == 1);
    CHECK(strcmp(json_string_value(json_object_get(best, "verdict")), "best") == 0);
    CHECK(strcmp(json_string_value(json_object_get(json_object_get(best, "axes"), "rate")),
                 "0.2") == 0);
    json_t *never = json_array_get(variants, 2);
    CHECK(json_is_null(json_object_get(never, "rank")));
    CHECK(json_is_null(json_object_get(json_object_get(never, "axes"), "rate")));
    CHECK(json_is_null(json_object_get(never, "p_holm")));
    CHECK(json_is_null(json_object_get(object, "seconds")));
    CHECK(json_is_null(json_object_get(object, "finished")));
    CHECK(strcmp(json_string_value(json_object_get(object, "started")), "1970-01-01T00:00:01Z") ==
          0);
    json_t *runs = json_object_get(object, "runs");
    CHECK(json_integer_value(json_object_get(runs, "all")) == 6);
    CHECK(json_integer_value(json_object_get(runs, "done")) == 4);
    CHECK(json_integer_value(json_object_get(runs, "diverged")) == 1);
    CHECK(json_integer_value(json_object_get(runs, "missing")) == 1);
    json_decref(object);
    free(text);
    sample_close(&s);
}

CASE(table, ranks_the_variants) {
    sample s;
    char *text;
    open_small(&s);
    CHECK(isb_study_table(&s.findings, false, &text, NULL) == ISB_OK);
    static const char *const lines[] = {
        "                               val_accuracy     difference                  test accuracy",
        "   variant              runs        mean, %  from baseline  p (Holm)     (looked at once)",
        "1  before, rate 0.2      2/2  97.05 +- 0.64  +1.00 +- 0.00      0.50  *     95.50 +- 0.00",
        "2  none                  2/2  96.05 +- 0.64       baseline            =     95.50 +- 0.00",
        ("   a \"wide\" one, twice   0/2              -              -         -                    "
         "-"),
        "* best; = not to be told apart from the best; +- half of the 95 % interval",
    };
    const char *at = text;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        const size_t length = strcspn(at, "\n");
        CHECKF(length == strlen(lines[i]) && strncmp(at, lines[i], length) == 0,
               "got\n%.*s\nexpected\n%s", (int)length, at, lines[i]);
        at += length + 1;
    }
    CHECK(*at == '\0');
    free(text);
    sample_close(&s);
}

/* No line is wider than 100 columns, whatever the names. */
CASE(table, fits_a_terminal) {
    static char lengthy[5001];
    memset(lengthy, 'w', sizeof lengthy - 1);
    static const char *const labels[] = {
        lengthy,
        "\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6"
        "\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8"
        "\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87",
        "\x1b[31mred\n"};
    sample s;
    sample_open(&s, "wide", 1000);
    s.study.metric = ISB_METRIC_TRAIN_EVAL_ACCURACY;
    for (size_t v = 0; v < 3; v++)
        sample_variant(&s, labels[v], "");
    sample_ready(&s);
    for (size_t v = 0; v < 3; v++) {
        sample_run(&s, v, 0, 0.9, 0.9);
        sample_mean(&s, v, v + 1, 0.9, 0.00001);
        sample_difference(&s, v, -0.1, 0.00001, 0.0499);
        s.summary.variants[v].test = s.summary.variants[v].metric;
        s.summary.variants[v].runs = 999;
    }
    for (int utf8 = 0; utf8 < 2; utf8++) {
        char *text;
        CHECK(isb_study_table(&s.findings, utf8 != 0, &text, NULL) == ISB_OK);
        size_t widest = 0, lines = 0;
        for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
            *end = '\0';
            widest = isb_columns(line) > widest ? isb_columns(line) : widest;
            lines++;
            CHECKF(strpbrk(line, "\x1b\r\t") == NULL, "%s", line);
        }
        CHECKF(widest == 100, "%zu columns", widest);
        CHECKF(lines == 6, "%zu lines", lines);
        free(text);
    }
    sample_close(&s);
}

static void check_name(const char *name, size_t columns, bool utf8, const char *expected) {
    isb_text text = {0};
    isb_put_name(&text, name, columns, utf8);
    CHECKF(strcmp(text.data == NULL ? "" : text.data, expected) == 0, "got %s", text.data);
    free(text.data);
}

CASE(figures, names_are_made_fit) {
    check_name("plain", 5, true, "plain");
    check_name("plainer", 5, true, "pla\xe2\x80\xa6r");
    check_name("plainest", 7, false, "pla...t");
    check_name("plainest", 3, false, "...");
    check_name("\xe4\xb8\xad\xe6\x96\x87", 4, true, "\xe4\xb8\xad\xe6\x96\x87");
    check_name("\xe4\xb8\xad\xe6\x96\x87", 3, true, "\xe4\xb8\xad\xe2\x80\xa6");
    check_name("e\xcc\x81", 1, true, "e\xcc\x81");
    check_name("\xc3\xa9", 4, false, "?");
    check_name("a\x01\xc2\x85\xe2\x80\x8b\xef\xbb\xbf\xf3\xa0\x81\x81z", 20, true,
               "a" BAD BAD BAD BAD BAD "z");
}

CASE(figures, p_says_on_which_side_of_a_twentieth_it_lies) {
    static const struct {
        double p;
        const char *text;
    } cases[] = {{1, "1.00"},      {0.41, "0.41"},       {0.0994, "0.099"}, {0.0996, "0.10"},
                 {0.002, "0.002"}, {0.0009, "<0.001"},   {0.05, "0.05000"}, {0.0500004, "0.05000"},
                 {0.049, "0.049"}, {0.04997, "0.04997"}, {0, "<0.001"},     {(double)NAN, "-"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        isb_text text = {0};
        isb_put_p(&text, cases[i].p);
        CHECKF(strcmp(text.data, cases[i].text) == 0, "got %s for %g", text.data, cases[i].p);
        free(text.data);
    }
}

CASE(figures, text_is_escaped) {
    isb_text text = {0};
    isb_put_escaped(&text, "<a b='c' d=\"e\">&amp;\n\t\r\n\r\x01\x1b\x7f\xff\xc2\x85\xef\xbf\xbe"
                           "\xe2\x80\xae\xc3\xa9]]>");
    CHECKF(strcmp(text.data, "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;amp;\n\t\n" BAD BAD BAD
                                 BAD BAD BAD BAD BAD "\xc3\xa9]]&gt;") == 0,
           "got %s", text.data);
    free(text.data);
}

static void make_report(const sample *s, time_t started, char **text) {
    const isb_study_record record = {.study_text = "name: <small> & 'more'\r\n",
                                     .command = "isobit study 'a b.yaml'",
                                     .data_sha256 = ZEROS,
                                     .started = started,
                                     .finished = started + 60,
                                     .seconds = 59.5};
    CHECK(isb_study_report(&s->findings, &record, text, NULL) == ISB_OK);
}

CASE(report, has_all_its_parts) {
    sample s;
    open_small(&s);
    char *text;
    make_report(&s, 0, &text);
    static const char *const parts[] = {
        "<!DOCTYPE html>\n",
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>",
        "<title>small: a study</title>",
        "<h1>small</h1>",
        "<p>This study is not complete: 1 of 6 runs is missing.</p>",
        "3 variants, 2 seeds each, 4 of 6 runs done; compared by validation accuracy with "
        "\xe2\x80\x9cnone\xe2\x80\x9d",
        "<tr class=\"best\"><td>1</td><td class=\"name\">before, rate 0.2</td><td>2</td>"
        "<td>97.05 \xc2\xb1 0.64</td><td>0.64</td><td>+1.00 \xc2\xb1 0.00</td><td>0.50</td>"
        "<td class=\"word\">best</td><td>6</td><td class=\"apart\">95.50 \xc2\xb1 0.00</td></tr>",
        "<td class=\"name\">a &quot;wide&quot; one, twice</td><td>1</td>"
        "<td class=\"word reason\">diverged: epoch 1: &lt;inf&gt;</td><td>inf</td>",
        "<code>" ONES "</code>",
        "isobit study &#39;a b.yaml&#39;</pre>",
        ">name: &lt;small&gt; &amp; &#39;more&#39;\n</pre>",
        "<dd>" ZEROS "</dd>",
        "isobit train run.yaml --seed 1</pre>",
        "<dt>finished</dt><dd>1970-01-01T00:01:00Z</dd>",
        "<dd>59.5 s of training, all runs together</dd>",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"888.0\"",
        "dropout on and weights still changing", /* there is no train_eval */
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        CHECKF(contains(text, parts[i]), "no %s", parts[i]);
    CHECK(!contains(text, "id=\"axis-1\"")); /* words, not numbers */
    CHECK(!contains(text, "id=\"curves\"")); /* no run kept its curve */
    free(text);
    sample_close(&s);
}

/* What stands outside the section "made" is the same at every time. */
CASE(report, is_the_same_but_for_time_and_host) {
    sample s;
    open_small(&s);
    char *one, *other;
    make_report(&s, 0, &one);
    make_report(&s, 1764000000, &other);
    const char *made = strstr(one, "<section id=\"made\">");
    CHECK(made != NULL);
    const size_t before = (size_t)(made - one);
    CHECK(strncmp(one, other, before) == 0);
    CHECK(strcmp(one, other) != 0);
    CHECK(strcmp(strstr(one, "</section>\n</main>"), strstr(other, "</section>\n</main>")) == 0);
    free(one);
    free(other);
    sample_close(&s);
}

CASE(report, does_not_obey_the_locale) {
    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL)
        SKIP("no locale with a decimal comma is installed");
    sample s;
    open_small(&s);
    char *german, *plain;
    make_report(&s, 0, &german);
    setlocale(LC_ALL, "C");
    make_report(&s, 0, &plain);
    check_text(german, plain);
    free(plain);
    sample_close(&s);
}

/* Where something is drawn, by numbers worked out by hand: the axis runs from 0 to 1 over 280 px.
 */
CASE(plots, marks_stand_where_their_values_are) {
    sample s;
    sample_open(&s, "plot", 2);
    s.study.metric = ISB_METRIC_VAL_LOSS;
    s.summary.higher_is_better = false;
    sample_axis(&s, "rate", "0;1");
    sample_variant(&s, "0", "0");
    sample_variant(&s, "1", "1");
    sample_ready(&s);
    for (size_t v = 0; v < 2; v++) {
        sample_mean(&s, v, v + 1, (double)v, 0);
        sample_run(&s, v, 0, (double)v, NAN);
    }
    char *text;
    const isb_plot axis = {ISB_PLOT_AXIS, 0, 400, "p", "", true};
    CHECK(isb_plot_possible(&s.findings, ISB_PLOT_AXIS, 0));
    CHECK(isb_study_plot(&s.findings, &axis, &text, NULL) == ISB_OK);
    /* From x 52 + 28 to 396 - 28; 4 % of margin above and below
     * the 236 px from 30 on, where the name of the axis stands; one line needs no legend. */
    CHECKF(contains(text, "<polyline class=\"c0 color\" points=\"80.0,257.3 368.0,38.7\"/>"), "%s",
           text);
    CHECK(contains(text, "<title id=\"p-title\">Mean validation loss by rate</title>"));
    CHECK(contains(text, "prefers-color-scheme"));
    free(text);
    const isb_plot means = {ISB_PLOT_MEANS, 0, 300, "p", "fit", false};
    CHECK(isb_study_plot(&s.findings, &means, &text, NULL) == ISB_OK);
    /* Too narrow for labels beside the rows: from x 10 to 290, 4 % of margin. */
    CHECKF(contains(text, "<circle class=\"cq color marker\" cx=\"279.6\""), "%s", text);
    CHECKF(contains(text, " cx=\"20.4\""), "%s", text);
    CHECK(contains(text, "class=\"plot fit\" role=\"img\" aria-labelledby=\"p-title p-text\""));
    CHECK(!contains(text, "<style>"));
    free(text);
    CHECK(!isb_plot_possible(&s.findings, ISB_PLOT_DIFFERENCES, 0));
    sample_difference(&s, 1, 1, 0, 0.05);
    const isb_plot differences = {ISB_PLOT_DIFFERENCES, 0, 300, "p", "", false};
    CHECK(isb_plot_possible(&s.findings, ISB_PLOT_DIFFERENCES, 0));
    CHECK(isb_study_plot(&s.findings, &differences, &text, NULL) == ISB_OK);
    CHECKF(contains(text, "<line class=\"dashed\" x1=\"20.4\""), "%s", text);
    CHECKF(contains(text, "<circle class=\"c0 color marker\" cx=\"279.6\""), "%s", text);
    CHECKF(contains(text, "<circle class=\"cq color seed\" cx=\"279.6\""), "%s", text);
    CHECK(contains(text, ">+1.0000 \xc2\xb1 0.0000</text>"));
    free(text);
    CHECK(!isb_plot_possible(&s.findings, ISB_PLOT_CURVES, 0));
    CHECK(isb_plot_possible(&s.findings, ISB_PLOT_GAP, 0));
    s.study.base.validation = ISB_VALIDATION_NONE;
    s.outcomes.items[0].metrics[ISB_METRIC_VAL_LOSS] = NAN;
    s.outcomes.items[2].metrics[ISB_METRIC_VAL_LOSS] = NAN;
    CHECK(!isb_plot_possible(&s.findings, ISB_PLOT_GAP, 0));
    sample_close(&s);
}

/* Numbers that no axis can hold: drawn without a hang, and without a word that SVG does not know.
 */
CASE(plots, survive_any_number) {
    static const double values[] = {0,    -0.0,    5e-324,   1e-300,   1,
                                    1e16, 1.7e308, -1.7e308, INFINITY, NAN};
    enum { VALUES = sizeof values / sizeof values[0] };
    sample s;
    sample_open(&s, "any", 1);
    s.study.metric = ISB_METRIC_VAL_LOSS;
    sample_axis(&s, "lr", "1e-300;1e300");
    for (size_t v = 0; v < 2; v++)
        sample_variant(&s, v == 0 ? "1e-300" : "1e300", v == 0 ? "1e-300" : "1e300");
    sample_ready(&s);
    isb_curve_point *curves = calloc(4, sizeof *curves);
    CHECK(curves != NULL);
    for (size_t v = 0; v < 2; v++) {
        isb_outcome *run = sample_run(&s, v, 0, 0, 0);
        run->curve = curves + 2 * v;
        run->epochs = 2;
    }
    for (size_t i = 0; i < VALUES; i++)
        for (size_t j = 0; j < VALUES; j++)
            for (size_t kind = 0; kind < 5; kind++) {
                const double pair[] = {values[i], values[j]};
                for (size_t v = 0; v < 2; v++) {
                    sample_mean(&s, v, v + 1, pair[v], 1);
                    for (size_t m = 0; m < ISB_METRICS; m++)
                        s.outcomes.items[v].metrics[m] = curves[2 * v].metrics[m] =
                            curves[2 * v + 1].metrics[m] = pair[v];
                }
                char *text;
                const isb_plot plot = {(isb_plot_kind)kind, 0, 400, "p", "", false};
                CHECK(isb_study_plot(&s.findings, &plot, &text, NULL) == ISB_OK);
                CHECKF(!contains(text, "\"nan") && !contains(text, "\"inf") &&
                           !contains(text, "\"-inf") && !contains(text, ",nan") &&
                           !contains(text, ",inf") && !contains(text, ",-inf"),
                       "%zu, %zu: %s", i, j, text);
                free(text);
            }
    s.outcomes.items[0].curve = s.outcomes.items[1].curve = NULL;
    free(curves);
    sample_close(&s);
}
