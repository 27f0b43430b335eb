#include "cli/studying.h"
#include "cpu/memory.h"
#include "study/study_file.h"
#include "train/choice.h"
#include <stdlib.h>

isb_study_task isb_studying_task(const isb_studying *s, size_t variant, size_t seed,
                                 size_t epochs) {
    return (isb_study_task){.experiment = s->study.variants[variant].experiment,
                            .seed = s->study.seeds[seed],
                            .epochs = epochs,
                            .input = &s->data.of_variant[variant],
                            .threads = 1,
                            .isa = s->options->isa};
}

/* Every variant's model must fit its data and its weights, and every split have rows, before the
 * first run. */
static isb_status check_variants(isb_studying *s, isb_error *error) {
    isb_status status = ISB_OK;
    s->costs = calloc(s->study.variant_count, sizeof *s->costs);
    if (s->costs == NULL)
        return isb_fail_memory(error, "the variants");
    for (size_t v = 0; v < s->study.variant_count && status == ISB_OK; v++) {
        const isb_study_task task = isb_studying_task(s, v, 0, 0);
        isb_error reasons = ISB_ERROR_INIT;
        status = isb_study_cost_of(&s->costs[v], &task, &reasons);
        if (status != ISB_OK)
            isb_fail(error, status, "variant '%s': %s", s->study.variants[v].label,
                     isb_error_text(&reasons));
        isb_error_clear(&reasons);
    }
    return status;
}

/* As many runs at a time as there are threads, and as have room in three quarters of the memory. */
static void choose_packing(isb_studying *s) {
    const size_t room = isb_memory_available("") / 4 * 3;
    const size_t runs = s->study.variant_count * s->study.seed_count;
    size_t bytes = 1;
    for (size_t v = 0; v < s->study.variant_count; v++)
        bytes = s->costs[v].bytes > bytes ? s->costs[v].bytes : bytes;
    const size_t held = room / bytes > 0 ? room / bytes : 1;
    s->most_runs = s->plan.threads < runs ? s->plan.threads : runs;
    s->most_runs = held < s->most_runs ? held : s->most_runs;
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

static isb_status check_course(const isb_studying *s, isb_error *error) {
    if (s->study.halving.epochs == 0 || s->study.seconds == 0)
        return ISB_OK;
    return isb_fail(error, ISB_USAGE,
                    "--time: adds seeds round by round, but under halving every round has all "
                    "seeds; take --time out, or halving out of %s",
                    s->study.file);
}

isb_status isb_studying_prepare(isb_studying *s, isb_error *error) {
    isb_status status = isb_study_read(&s->study, s->options->file, s->options->settings,
                                       s->options->setting_count, error);
    if (status != ISB_OK)
        return status;
    if (s->options->given[ISB_OPTION_TIME])
        s->study.seconds = s->options->time;
    isb_isa isa;
    isb_thread_plan_make(&s->plan, s->options->threads, 0);
    status = isb_choose_isa(&isa, s->options->isa, error);
    if (status == ISB_OK)
        status = check_course(s, error);
    if (status != ISB_OK)
        return status;
    status = isb_study_data_open(&s->data, &s->study, s->plan.threads, error);
    if (status == ISB_OK)
        status = check_variants(s, error);
    if (status != ISB_OK)
        return status;
    choose_packing(s);
    return isb_studying_make_outcomes(s, error);
}
