#include "cpu/cgroup.h"
#include "cpu/line.h"
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
        !isb_read_line(path, line, sizeof line))
        return 0;
    char *space = strchr(line, ' ');
    return space == NULL ? 0 : whole_cpus(positive(line), positive(space + 1));
}

/* Version 1: a file for each number; a quota of -1 is no limit. */
static size_t quota_v1(const char *folder) {
    char path[PATH_MAX], quota[64], period[64];
    if (snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder) >= (int)sizeof path ||
        !isb_read_line(path, quota, sizeof quota))
        return 0;
    if (snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder) >= (int)sizeof path ||
        !isb_read_line(path, period, sizeof period))
        return 0;
    return whole_cpus(positive(quota), positive(period));
}

static size_t tighter(size_t a, size_t b) { return a == 0 || (b != 0 && b < a) ? b : a; }

/* Version 2: "max" or bytes. */
static size_t memory_v2(const char *folder) {
    char path[PATH_MAX], line[64];
    if (snprintf(path, sizeof path, "%s/memory.max", folder) >= (int)sizeof path ||
        !isb_read_line(path, line, sizeof line))
        return 0;
    return (size_t)positive(line);
}

/* Version 1: no limit is a number beyond any memory. */
static size_t memory_v1(const char *folder) {
    char path[PATH_MAX], line[64];
    if (snprintf(path, sizeof path, "%s/memory.limit_in_bytes", folder) >= (int)sizeof path ||
        !isb_read_line(path, line, sizeof line))
        return 0;
    return (size_t)positive(line);
}

/* What a group is limited in, by both versions; each function gives a folder's limit, 0: none. */
typedef struct limit {
    const char *controller;
    const char *mounts[2]; /* of version 1; NULL: one alone */
    size_t (*of_v1)(const char *folder);
    size_t (*of_v2)(const char *folder);
} limit;

/* The tightest limit of `group` and every group around it, up to the mount. Inside a container the
 * path may be the host's and not exist below the mount; the levels that exist still count. */
static size_t limit_upward(const char *root, const char *mount, const char *group,
                           size_t (*limit_of)(const char *folder)) {
    char folder[PATH_MAX];
    int base = snprintf(folder, sizeof folder, "%s/sys/fs/cgroup%s", root, mount);
    if (base < 0 || (size_t)base + strlen(group) >= sizeof folder)
        return 0;
    if (strstr(group, "..") == NULL) /* a group outside of this namespace shows as "/../x" */
        memcpy(folder + base, group, strlen(group) + 1);
    size_t tightest = 0;
    for (;;) {
        tightest = tighter(tightest, limit_of(folder));
        char *slash = strrchr(folder + base, '/');
        if (slash == NULL)
            return tightest;
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

/* Of the process's group as a line of /proc/self/cgroup has it: "4:cpu,cpuacct:/group" of version
 * 1, "0::/group" of version 2. */
static size_t limit_of_line(const limit *l, const char *root, char *line) {
    line[strcspn(line, "\n")] = '\0';
    char *controllers = strchr(line, ':');
    char *group = controllers == NULL ? NULL : strchr(controllers + 1, ':');
    if (group == NULL)
        return 0;
    *group++ = '\0';
    if (strcmp(group, "/") == 0)
        group++;
    if (controllers[1] == '\0')
        return tighter(limit_upward(root, "", group, l->of_v2),
                       limit_upward(root, "/unified", group, l->of_v2));
    size_t tightest = 0;
    for (size_t i = 0; i < 2 && l->mounts[i] != NULL && in_list(controllers + 1, l->controller);
         i++)
        tightest = tighter(tightest, limit_upward(root, l->mounts[i], group, l->of_v1));
    return tightest;
}

static size_t find(const limit *l, const char *root) {
    char path[PATH_MAX], line[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/proc/self/cgroup", root) >= (int)sizeof path)
        return 0;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    size_t tightest = 0;
    while (fgets(line, sizeof line, file) != NULL)
        tightest = tighter(tightest, limit_of_line(l, root, line));
    fclose(file);
    return tightest;
}

size_t isb_cgroup_quota(const char *root) {
    static const limit cpu = {"cpu", {"/cpu", "/cpu,cpuacct"}, quota_v1, quota_v2};
    return find(&cpu, root);
}

size_t isb_cgroup_memory(const char *root) {
    static const limit memory = {"memory", {"/memory", NULL}, memory_v1, memory_v2};
    return find(&memory, root);
}
