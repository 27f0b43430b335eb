#include "cli/studying.h"
#include "study/study_file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

isb_study_task isb_studying_task(const isb_studying *s, size_t variant, size_t seed,
                                 size_t epochs) {
    return (isb_study_task){.experiment = s->study.variants[variant].experiment,
                            .seed = s->study.seeds[seed],
                            .epochs = epochs,
                            .dataset = &s->data.sets[s->data.of_variant[variant]],
                            .threads = s->threads,
                            .isa = s->options->isa};
}

/* Every variant's model must fit its data, and every split have rows, before the first run. */
static isb_status check_variants(const isb_studying *s, isb_error *error) {
    isb_status status = ISB_OK;
    for (size_t v = 0; v < s->study.variant_count && status == ISB_OK; v++) {
        const isb_study_task task = isb_studying_task(s, v, 0, 0);
        isb_error reasons = ISB_ERROR_INIT;
        status = isb_study_check(&task, &reasons);
        if (status != ISB_OK)
            isb_fail(error, status, "variant '%s': %s", s->study.variants[v].label,
                     isb_error_text(&reasons));
        isb_error_clear(&reasons);
    }
    return status;
}

isb_status isb_studying_make_outcomes(isb_studying *s, isb_error *error) {
    const size_t count = s->study.variant_count * s->study.seed_count;
    s->outcomes.items = calloc(count, sizeof *s->outcomes.items);
    s->eliminated = calloc(s->study.variant_count, sizeof *s->eliminated);
    if (s->outcomes.items == NULL || s->eliminated == NULL)
        return isb_fail_memory(error, "the outcomes of the study");
    s->outcomes.count = count;
    return ISB_OK;
}

/* One run a thread; where there are fewer runs than threads, the runs share them. */
static void choose_threads(isb_studying *s) {
    const size_t runs = s->study.variant_count * s->study.seed_count;
    isb_thread_plan_make(&s->plan, s->options->threads, 0);
    s->workers = s->plan.threads < runs ? s->plan.threads : runs;
    s->threads = s->plan.threads / s->workers;
}

isb_status isb_studying_prepare(isb_studying *s, isb_error *error) {
    isb_status status = isb_study_read(&s->study, s->options->file, s->options->settings,
                                       s->options->setting_count, error);
    if (status != ISB_OK)
        return status;
    if (s->options->given[ISB_OPTION_TIME])
        s->study.seconds = s->options->time;
    choose_threads(s);
    status = isb_study_data_open(&s->data, &s->study, error);
    if (status == ISB_OK)
        status = check_variants(s, error);
    return status == ISB_OK ? isb_studying_make_outcomes(s, error) : status;
}
