#include "cpu/nodes.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NODES = 1024 }; /* the most that Linux is built for */

size_t isb_cpus_count(const isb_cpus *cpus) {
    return (size_t)CPU_COUNT_S(sizeof *cpus, cpus->words);
}

static bool has(const isb_cpus *cpus, size_t cpu) {
    return CPU_ISSET_S(cpu, sizeof *cpus, cpus->words);
}

static void keep_common(isb_cpus *cpus, const isb_cpus *others) {
    CPU_AND_S(sizeof *cpus, cpus->words, cpus->words, others->words);
}

/* Reads digits up to the first other character, which it leaves in *c. False where there is no
 * digit, or the number is not below ISB_MAX_CPUS. */
static bool read_number(FILE *file, int *c, size_t *number) {
    bool any = false;
    *number = 0;
    for (; *c >= '0' && *c <= '9'; *c = getc(file)) {
        any = true;
        *number = *number * 10 + (size_t)(*c - '0');
        if (*number >= ISB_MAX_CPUS)
            return false;
    }
    return any;
}

/* A list as "0-3,8,10-11"; an empty one is an empty line. Numbers ascend, so that its length is
 * bounded. */
static bool parse_list(FILE *file, isb_cpus *out) {
    size_t next = 0; /* the least that may follow */
    CPU_ZERO_S(sizeof *out, out->words);
    int c = getc(file);
    if (c == '\n' || c == EOF)
        return true;
    for (;; c = getc(file)) {
        size_t first, last;
        if (!read_number(file, &c, &first))
            return false;
        last = first;
        if (c == '-') {
            c = getc(file);
            if (!read_number(file, &c, &last))
                return false;
        }
        if (first < next || last < first)
            return false;
        for (size_t i = first; i <= last; i++)
            CPU_SET_S(i, sizeof *out, out->words);
        next = last + 1;
        if (c != ',')
            return c == '\n' || c == EOF;
    }
}

static bool read_list(const char *root, const char *name, isb_cpus *out) {
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/sys/devices/system/node/%s", root, name) >=
        (int)sizeof path)
        return false;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    const bool read = parse_list(file, out);
    fclose(file);
    return read;
}

static bool append(isb_nodes *nodes, const isb_cpus *cpus) {
    isb_cpus *grown = realloc(nodes->cpus, (nodes->count + 1) * sizeof *grown);
    if (grown == NULL)
        return false;
    nodes->cpus = grown;
    grown[nodes->count++] = *cpus;
    return true;
}

void isb_nodes_read(isb_nodes *nodes, const char *root, const isb_cpus *allowed) {
    *nodes = (isb_nodes){0};
    isb_cpus online; /* numbers of nodes; their files are written in the same way */
    if (!read_list(root, "online", &online))
        return;
    for (size_t node = 0; node < MAX_NODES; node++) {
        char name[32];
        isb_cpus cpus;
        if (!has(&online, node))
            continue;
        snprintf(name, sizeof name, "node%zu/cpulist", node);
        bool known = read_list(root, name, &cpus);
        if (known)
            keep_common(&cpus, allowed);
        if (!known || (isb_cpus_count(&cpus) > 0 && !append(nodes, &cpus))) {
            isb_nodes_free(nodes); /* half of the nodes would draw all threads to them */
            return;
        }
    }
}

void isb_nodes_make(isb_nodes *nodes) {
    isb_cpus allowed = {0};
    *nodes = (isb_nodes){0};
    if (sched_getaffinity(0, sizeof allowed, allowed.words) == 0)
        isb_nodes_read(nodes, "", &allowed);
}

void isb_nodes_free(isb_nodes *nodes) {
    free(nodes->cpus);
    *nodes = (isb_nodes){0};
}

size_t isb_nodes_of(const isb_nodes *nodes, size_t thread, size_t threads) {
    size_t all = 0, node = 0;
    for (size_t i = 0; i < nodes->count; i++)
        all += isb_cpus_count(&nodes->cpus[i]);
    /* The CPU that falls to the thread's middle when all CPUs stand in a row. */
    const size_t place = (2 * thread + 1) * all / (2 * threads);
    for (size_t end = isb_cpus_count(&nodes->cpus[0]); end <= place;)
        end += isb_cpus_count(&nodes->cpus[++node]);
    return node;
}

bool isb_nodes_bind(const isb_nodes *nodes, size_t thread, size_t threads, isb_cpus *before) {
    if (nodes->count < 2 || threads < 2)
        return false;
    *before = (isb_cpus){0};
    if (sched_getaffinity(0, sizeof *before, before->words) != 0)
        return false;
    isb_cpus wanted = nodes->cpus[isb_nodes_of(nodes, thread, threads)];
    keep_common(&wanted, before);
    if (isb_cpus_count(&wanted) == 0 || CPU_EQUAL_S(sizeof wanted, wanted.words, before->words))
        return false;
    return sched_setaffinity(0, sizeof wanted, wanted.words) == 0;
}

void isb_nodes_unbind(const isb_cpus *before) {
    sched_setaffinity(0, sizeof *before, before->words);
}
