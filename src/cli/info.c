#include "cli/commands.h"
#include "cli/page.h"
#include "cpu/features.h"
#include "cpu/nodes.h"
#include "cpu/threads.h"
#include "io/json.h"
#include "simd/dispatch.h"
#include <isobit/version.h>
#include <stdint.h>
#include <string.h>

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

typedef struct machine {
    char cpu[128];
    isb_isa isa;
    isb_thread_plan plan;
    isb_nodes nodes;
} machine;

static isb_status gather(machine *out, const isb_options *options, isb_error *error) {
    isb_cpu_name(out->cpu, sizeof out->cpu);
    isb_thread_plan_make(&out->plan, options->threads, 0);
    out->isa = isb_isa_best();
    if (strcmp(options->isa, "auto") != 0 && isb_isa_by_name(options->isa, &out->isa) &&
        !isb_isa_available(out->isa))
        return isb_fail(error, ISB_USAGE, "this machine cannot run %s; the best it runs is %s",
                        options->isa, isb_isa_name(isb_isa_best()));
    isb_nodes_make(&out->nodes);
    return ISB_OK;
}

static isb_status print_json(const machine *facts, isb_error *error) {
    const isb_thread_plan *plan = &facts->plan;
    isb_json json = ISB_JSON_INIT;
    isb_json_object(&json, NULL);
    isb_json_string(&json, "version", ISB_VERSION);
    isb_json_unsigned(&json, "numerics", ISB_NUMERICS);
    isb_json_string(&json, "compiler", COMPILER);
    isb_json_string(&json, "cpu", facts->cpu);
    isb_json_string(&json, "isa", isb_isa_name(facts->isa));
    isb_json_array(&json, "isa_available");
    for (size_t i = 0; i < ISB_ISA_COUNT; i++) {
        if (isb_isa_available((isb_isa)i))
            isb_json_string(&json, NULL, isb_isa_name((isb_isa)i));
    }
    isb_json_end_array(&json);
    isb_json_array(&json, "isa_known");
    for (size_t i = 0; i < ISB_ISA_COUNT; i++)
        isb_json_string(&json, NULL, isb_isa_name((isb_isa)i));
    isb_json_end_array(&json);
    isb_json_unsigned(&json, "threads", plan->threads);
    isb_json_string(&json, "threads_reason", plan->reason);
    isb_json_unsigned(&json, "cpus", plan->logical);
    isb_json_unsigned(&json, "cpus_allowed", plan->affinity);
    isb_json_unsigned(&json, "physical_cores", plan->physical_cores);
    if (plan->quota != 0)
        isb_json_unsigned(&json, "cgroup_quota", plan->quota);
    else
        isb_json_null(&json, "cgroup_quota");
    isb_json_array(&json, "nodes"); /* CPUs allowed on each */
    for (size_t i = 0; i < facts->nodes.count; i++)
        isb_json_unsigned(&json, NULL, isb_cpus_count(&facts->nodes.cpus[i]));
    isb_json_end_array(&json);
    isb_json_end_object(&json);
    char *text;
    isb_status status = isb_json_finish(&json, &text, error);
    return status == ISB_OK ? isb_print_json(text, error) : status;
}

static void print_nodes(isb_page *page, const isb_nodes *nodes) {
    size_t least = SIZE_MAX, most = 0;
    for (size_t i = 0; i < nodes->count; i++) {
        const size_t cpus = isb_cpus_count(&nodes->cpus[i]);
        least = cpus < least ? cpus : least;
        most = cpus > most ? cpus : most;
    }
    if (nodes->count == 0)
        isb_page_row(page, "nodes", "not known");
    else if (least == most)
        isb_page_row(page, "nodes", "%zu memory node%s of %zu CPU%s", nodes->count,
                     nodes->count == 1 ? "" : "s", most, most == 1 ? "" : "s");
    else
        isb_page_row(page, "nodes", "%zu memory nodes of %zu to %zu CPUs", nodes->count, least,
                     most);
}

static isb_status print_table(const machine *facts, isb_error *error) {
    const isb_thread_plan *plan = &facts->plan;
    isb_page page;
    isb_status status = isb_page_open(&page, error);
    if (status != ISB_OK)
        return status;
    isb_page_row(&page, "version", "%s, numerics %d", ISB_VERSION, ISB_NUMERICS);
    isb_page_row(&page, "compiler", "%s", COMPILER);
    isb_page_row(&page, "cpu", "%s", facts->cpu);
    isb_page_row(&page, "isa", "%s", isb_isa_name(facts->isa));
    for (size_t i = 0; i < ISB_ISA_COUNT; i++)
        isb_page_row(&page, "", "%-8s %s", isb_isa_name((isb_isa)i),
                     isb_isa_available((isb_isa)i) ? "available" : "not available here");
    isb_page_row(&page, "threads", "%s", plan->reason);
    isb_page_row(&page, "cpus", "%zu, %zu allowed to this process, %zu physical core%s",
                 plan->logical, plan->affinity, plan->physical_cores,
                 plan->physical_cores == 1 ? "" : "s");
    if (plan->quota != 0)
        isb_page_row(&page, "quota", "%zu CPUs by cgroup", plan->quota);
    else
        isb_page_row(&page, "quota", "none");
    print_nodes(&page, &facts->nodes);
    return isb_page_print(&page, error);
}

isb_status isb_command_info(const isb_options *options, isb_error *error) {
    machine facts;
    isb_status status = gather(&facts, options, error);
    if (status != ISB_OK)
        return status;
    status =
        options->given[ISB_OPTION_JSON] ? print_json(&facts, error) : print_table(&facts, error);
    isb_nodes_free(&facts.nodes);
    return status;
}
