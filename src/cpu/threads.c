#include "cpu/threads.h"
#include <limits.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first line of a small file, without its end. */
static bool read_line(const char *path, char *line, size_t size) {
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    bool read = fgets(line, (int)size, file) != NULL;
    fclose(file);
    if (read)
        line[strcspn(line, "\n")] = '\0';
    return read;
}

/* A positive decimal number at the start of `text`; 0 for anything else, as "max" and "-1". */
static uint64_t positive(const char *text) {
    if (*text < '0' || *text > '9')
        return 0;
    return strtoull(text, NULL, 10);
}

/* quota / period in whole CPUs, rounded up; 0: no limit. */
static size_t whole_cpus(uint64_t quota, uint64_t period) {
    if (quota == 0 || period == 0)
        return 0;
    uint64_t cpus = quota / period + (quota % period != 0);
    return cpus > SIZE_MAX ? 0 : (size_t)cpus;
}

/* Version 2: "max 100000" or "50000 100000" in cpu.max. */
static size_t quota_v2(const char *folder) {
    char path[PATH_MAX], line[128];
    if (snprintf(path, sizeof path, "%s/cpu.max", folder) >= (int)sizeof path ||
        !read_line(path, line, sizeof line))
        return 0;
    char *space = strchr(line, ' ');
    return space == NULL ? 0 : whole_cpus(positive(line), positive(space + 1));
}

/* Version 1: a file for each number; a quota of -1 is no limit. */
static size_t quota_v1(const char *folder) {
    char path[PATH_MAX], quota[64], period[64];
    if (snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder) >= (int)sizeof path ||
        !read_line(path, quota, sizeof quota))
        return 0;
    if (snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder) >= (int)sizeof path ||
        !read_line(path, period, sizeof period))
        return 0;
    return whole_cpus(positive(quota), positive(period));
}

static size_t tighter(size_t a, size_t b) { return a == 0 || (b != 0 && b < a) ? b : a; }

/* The smallest quota of `group` and every group around it, up to the mount. Inside a container the
 * path may be the host's and not exist below the mount; the levels that exist still count. */
static size_t quota_upward(const char *root, const char *mount, const char *group,
                           size_t (*quota_of)(const char *folder)) {
    char folder[PATH_MAX];
    int base = snprintf(folder, sizeof folder, "%s/sys/fs/cgroup%s", root, mount);
    if (base < 0 || (size_t)base + strlen(group) >= sizeof folder)
        return 0;
    if (strstr(group, "..") == NULL) /* a group outside of this namespace shows as "/../x" */
        memcpy(folder + base, group, strlen(group) + 1);
    size_t quota = 0;
    for (;;) {
        quota = tighter(quota, quota_of(folder));
        char *slash = strrchr(folder + base, '/');
        if (slash == NULL)
            return quota;
        *slash = '\0';
    }
}

static bool in_list(const char *list, const char *word) {
    size_t length = strlen(word);
    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

size_t isb_cgroup_quota(const char *root) {
    char path[PATH_MAX], line[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/proc/self/cgroup", root) >= (int)sizeof path)
        return 0;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    size_t quota = 0;
    while (fgets(line, sizeof line, file) != NULL) { /* "4:cpu,cpuacct:/group", "0::/group" */
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':');
        char *group = controllers == NULL ? NULL : strchr(controllers + 1, ':');
        if (group == NULL)
            continue;
        *group++ = '\0';
        if (strcmp(group, "/") == 0)
            group++;
        if (controllers[1] == '\0') {
            quota = tighter(quota, quota_upward(root, "", group, quota_v2));
            quota = tighter(quota, quota_upward(root, "/unified", group, quota_v2));
        } else if (in_list(controllers + 1, "cpu")) {
            quota = tighter(quota, quota_upward(root, "/cpu", group, quota_v1));
            quota = tighter(quota, quota_upward(root, "/cpu,cpuacct", group, quota_v1));
        }
    }
    fclose(file);
    return quota;
}

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
                    read_line(path, siblings, sizeof siblings);
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
