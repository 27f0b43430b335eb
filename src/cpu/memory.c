#include "cpu/memory.h"
#include "cpu/cgroup.h"
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

static FILE *open_below(const char *root, const char *name) {
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s%s", root, name);
    return length < (int)sizeof path ? fopen(path, "re") : NULL;
}

size_t isb_memory_held(const char *root) {
    unsigned long long pages = 0;
    FILE *file = open_below(root, "/proc/self/statm");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*u %llu", &pages) != 1)
        pages = 0;
    fclose(file);
    return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* "MemAvailable:   12345 kB" */
static size_t of_machine(const char *root) {
    char line[128];
    unsigned long long kilobytes;
    size_t available = SIZE_MAX;
    FILE *file = open_below(root, "/proc/meminfo");
    if (file == NULL)
        return SIZE_MAX;
    while (fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "MemAvailable: %llu kB", &kilobytes) == 1)
            available = (size_t)kilobytes * 1024;
    fclose(file);
    return available;
}

size_t isb_memory_available(const char *root) {
    const size_t machine = of_machine(root), limit = isb_cgroup_memory(root);
    const size_t held = isb_memory_held(root);
    if (limit == 0)
        return machine;
    const size_t left = limit > held ? limit - held : 0;
    return left < machine ? left : machine;
}
