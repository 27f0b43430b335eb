/* What the report says of how the study was made, and how it is made again. */
#include "study/figures.h"
#include "study/markup.h"
#include "study/report_parts.h"
#include <inttypes.h>
#include <isobit/version.h>
#include <math.h>

static void put_fact(isb_text *html, const char *name, const char *value) {
    if (value == NULL || value[0] == '\0')
        return;
    isb_text_format(html, "<dt>%s</dt><dd>", name);
    isb_put_escaped(html, value);
    isb_text_add(html, "</dd>\n");
}

static void put_pre(isb_text *html, const char *classes, const char *name, const char *text) {
    isb_text_format(html, "<pre class=\"%s\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">",
                    classes, name);
    isb_put_escaped(html, text);
    isb_text_add(html, "</pre>\n");
}

/* A variant's experiment, and the command that trains it once more. */
static void put_variant(isb_text *html, const isb_study *study, const isb_study_record *record,
                        size_t v) {
    isb_text_add(html, "<details><summary>");
    isb_report_label(html, study, v);
    isb_text_add(html, "</summary>\n");
    if (record->run_commands != NULL && record->run_commands[v] != NULL)
        put_pre(html, "command", "The command of this run", record->run_commands[v]);
    if (study->variants[v].experiment != NULL)
        put_pre(html, "tall", "The experiment of this variant", study->variants[v].experiment);
    isb_text_add(html, "</details>\n");
}

static void put_single_runs(isb_text *html, const isb_study *study,
                            const isb_study_record *record) {
    isb_text_add(html, "<h3>A single run</h3>\n");
    if (record->run_commands != NULL)
        isb_text_format(html,
                        "<p>Each variant below has the command of its run with seed %" PRIu64
                        "; another seed takes its place. The digest of the weights is the one in "
                        "the table of runs.</p>\n",
                        study->seeds[0]);
    else
        isb_text_format(html,
                        "<p>Save a variant's experiment from below as <code>run.yaml</code>, and "
                        "train it with any of the seeds. The digest of the weights is the one in "
                        "the table of runs.</p>\n<pre class=\"command\">isobit train run.yaml "
                        "--seed %" PRIu64 "</pre>\n",
                        study->seeds[0]);
    for (size_t v = 0; v < study->variant_count; v++)
        put_variant(html, study, record, v);
}

void isb_report_repeat(isb_text *html, const isb_findings *findings,
                       const isb_study_record *record) {
    isb_text_add(html, "<section id=\"repeat\">\n<h2>How to repeat it</h2>\n");
    if (record->command != NULL)
        put_pre(html, "command", "The command of the study", record->command);
    isb_text_format(html,
                    "<p>The same files and the same numerics version give the same bits, on any "
                    "machine, instruction set and number of threads.</p>\n<dl>\n"
                    "<dt>isobit</dt><dd>%s, numerics %d</dd>\n",
                    ISB_VERSION, ISB_NUMERICS);
    put_fact(html, "data", record->data_source);
    put_fact(html, "data sha256", record->data_sha256);
    isb_text_add(html, "</dl>\n");
    if (record->study_text != NULL) {
        isb_text_add(html, "<h3>The study file</h3>\n");
        put_pre(html, "tall", "The study file", record->study_text);
    }
    if (record->base_text != NULL) {
        isb_text_add(html, "<h3>The base experiment, with every default</h3>\n");
        put_pre(html, "tall", "The base experiment", record->base_text);
    }
    put_single_runs(html, findings->study, record);
    isb_text_add(html, "</section>\n");
}

void isb_report_made(isb_text *html, const isb_study_record *record) {
    char time[ISB_TIME_SIZE], host[ISB_HOST_SIZE];
    isb_text_add(html, "<section id=\"made\">\n<h2>Where and when it was made</h2>\n<dl>\n");
    put_fact(html, "host", isb_host_text(host));
    put_fact(html, "cpu", record->cpu);
    put_fact(html, "instructions", record->isa);
    if (record->threads > 0)
        isb_text_format(html, "<dt>threads</dt><dd>%zu</dd>\n", record->threads);
    put_fact(html, "compiler", isb_compiler_text());
    put_fact(html, "started", isb_time_text(time, record->started));
    put_fact(html, "finished", isb_time_text(time, record->finished));
    if (!isnan(record->seconds)) {
        isb_text_add(html, "<dt>time</dt><dd>");
        isb_put_fixed(html, record->seconds, 1);
        isb_text_add(html, " s of training, all runs together</dd>\n");
    }
    isb_text_add(html, "</dl>\n</section>\n");
}
