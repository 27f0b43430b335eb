#include "cpu/threads.h"
#include "cpu/cgroup.h"
#include "cpu/line.h"
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether `cpu` is the first allowed one of its core: `siblings` is a list as "0,32" or "0-1". */
static bool first_of_core(const char *siblings, size_t cpu, const bool *allowed, size_t count) {
    const char *at = siblings;
    while (*at >= '0' && *at <= '9') {
        char *end;
        unsigned long first = strtoul(at, &end, 10), last = first;
        if (*end == '-')
            last = strtoul(end + 1, &end, 10);
        for (unsigned long c = first; c <= last && c < count; c++) {
            if (allowed[c])
                return c == cpu;
        }
        at = end + (*end == ',');
    }
    return true;
}

size_t isb_physical_cores(const char *root, const bool *allowed, size_t count) {
    size_t cores = 0;
    for (size_t cpu = 0; cpu < count; cpu++) {
        if (!allowed[cpu])
            continue;
        char path[PATH_MAX], siblings[4096];
        static const char *const names[] = {"core_cpus_list", "thread_siblings_list"};
        bool known = false;
        for (size_t i = 0; i < 2 && !known; i++)
            known = snprintf(path, sizeof path, "%s/sys/devices/system/cpu/cpu%zu/topology/%s",
                             root, cpu, names[i]) < (int)sizeof path &&
                    isb_read_line(path, siblings, sizeof siblings);
        cores += !known || first_of_core(siblings, cpu, allowed, count);
    }
    return cores;
}

/* Fills in `affinity` and `physical_cores`. The kernel wants a mask as wide as its own. */
static void read_affinity(isb_thread_plan *plan) {
    for (size_t cpus = 1024; cpus <= (size_t)1 << 20; cpus *= 2) {
        cpu_set_t *mask = CPU_ALLOC(cpus);
        bool *allowed = calloc(cpus, sizeof *allowed);
        size_t size = CPU_ALLOC_SIZE(cpus);
        bool read = mask != NULL && allowed != NULL && sched_getaffinity(0, size, mask) == 0;
        if (read) {
            for (size_t cpu = 0; cpu < cpus; cpu++) {
                allowed[cpu] = CPU_ISSET_S(cpu, size, mask);
                plan->affinity += allowed[cpu];
            }
            plan->physical_cores = isb_physical_cores("", allowed, cpus);
        }
        CPU_FREE(mask);
        free(allowed);
        if (read)
            return;
    }
    plan->affinity = plan->physical_cores = plan->logical;
}

static const char *plural(size_t n) { return n == 1 ? "" : "s"; }

void isb_thread_plan_decide(isb_thread_plan *plan, size_t requested) {
    char *out = plan->reason;
    size_t room = sizeof plan->reason;
    if (requested != 0) {
        plan->threads = requested < ISB_MAX_THREADS ? requested : ISB_MAX_THREADS;
        snprintf(out, room, "%zu thread%s: as asked", plan->threads, plural(plan->threads));
        return;
    }
    size_t cores = plan->physical_cores == 0 ? 1 : plan->physical_cores;
    size_t threads = cores < ISB_MAX_THREADS ? cores : ISB_MAX_THREADS;
    bool by_quota = plan->quota != 0 && plan->quota < threads;
    if (by_quota)
        threads = plan->quota;
    size_t fed = plan->work / ISB_WORK_PER_THREAD;
    bool by_work = plan->work != 0 && fed < threads;
    if (by_work)
        threads = fed == 0 ? 1 : fed;
    by_work = by_work && threads < (by_quota ? plan->quota : cores);
    plan->threads = threads;

    int used = snprintf(out, room, "%zu thread%s: ", threads, plural(threads));
    out += used;
    room -= (size_t)used;
    if (by_work)
        snprintf(out, room, "the network is small (%.1f M multiply-adds a step)",
                 (double)plan->work / 1e6);
    else if (by_quota)
        snprintf(out, room, "cgroup quota %zu of %zu CPUs", plan->quota, plan->logical);
    else if (plan->affinity < plan->logical)
        snprintf(out, room, "%zu physical core%s among the %zu of %zu CPUs allowed", cores,
                 plural(cores), plan->affinity, plan->logical);
    else
        snprintf(out, room, "%zu physical core%s", cores, plural(cores));
}

void isb_thread_plan_make(isb_thread_plan *plan, size_t requested, size_t work) {
    *plan = (isb_thread_plan){.work = work};
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    plan->logical = online < 1 ? 1 : (size_t)online;
    read_affinity(plan);
    plan->quota = isb_cgroup_quota("");
    isb_thread_plan_decide(plan, requested);
}
