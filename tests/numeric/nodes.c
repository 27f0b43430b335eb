#include "cpu/nodes.h"
#include "check.h"
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A made-up /sys in a temporary directory. */
typedef struct fake {
    char root[64];
} fake;

static fake fake_open(void) {
    fake f;
    strcpy(f.root, "/tmp/isobit-nodes-XXXXXX");
    CHECK(mkdtemp(f.root) != NULL);
    return f;
}

/* A file below /sys/devices/system/node. */
static void fake_write(const fake *f, const char *name, const char *text) {
    char full[512];
    snprintf(full, sizeof full, "%s/sys/devices/system/node/%s", f->root, name);
    for (char *slash = full + strlen(f->root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        CHECK(mkdir(full, 0700) == 0 || errno == EEXIST);
        *slash = '/';
    }
    FILE *file = fopen(full, "w");
    CHECK(file != NULL);
    CHECK(fputs(text, file) >= 0 && fclose(file) == 0);
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk) {
    (void)info, (void)type, (void)walk;
    return remove(path);
}

static void fake_close(const fake *f) {
    CHECK(nftw(f->root, remove_entry, 8, FTW_DEPTH | FTW_PHYS) == 0);
}

static isb_cpus cpus_range(size_t first, size_t last) {
    isb_cpus cpus = {0};
    for (size_t i = first; i <= last; i++)
        CPU_SET_S(i, sizeof cpus, cpus.words);
    return cpus;
}

static bool same_cpus(const isb_cpus *a, const isb_cpus *b) {
    return CPU_EQUAL_S(sizeof *a, a->words, b->words);
}

static isb_nodes read_all(const fake *f) {
    const isb_cpus all = cpus_range(0, ISB_MAX_CPUS - 1);
    isb_nodes nodes;
    isb_nodes_read(&nodes, f->root, &all);
    return nodes;
}

CASE(nodes, an_unknown_machine_has_none) {
    fake f = fake_open();
    isb_nodes nodes = read_all(&f);
    CHECK(nodes.count == 0 && nodes.cpus == NULL);
    fake_write(&f, "online", "0\n"); /* but no list of its CPUs */
    nodes = read_all(&f);
    CHECK(nodes.count == 0 && nodes.cpus == NULL);
    fake_close(&f);
}

CASE(nodes, each_has_the_cpus_of_its_list) {
    fake f = fake_open();
    fake_write(&f, "online", "0-1,5\n");
    fake_write(&f, "node0/cpulist", "0-3,8-11\n");
    fake_write(&f, "node1/cpulist", "4,6\n");
    fake_write(&f, "node5/cpulist", "8190-8191");
    isb_nodes nodes = read_all(&f);
    CHECK(nodes.count == 3);
    isb_cpus expected = cpus_range(0, 3);
    for (size_t i = 8; i <= 11; i++)
        CPU_SET_S(i, sizeof expected, expected.words);
    CHECK(same_cpus(&nodes.cpus[0], &expected));
    CHECK(isb_cpus_count(&nodes.cpus[1]) == 2);
    CHECK(CPU_ISSET_S(4, sizeof(isb_cpus), nodes.cpus[1].words));
    CHECK(CPU_ISSET_S(6, sizeof(isb_cpus), nodes.cpus[1].words));
    expected = cpus_range(8190, 8191);
    CHECK(same_cpus(&nodes.cpus[2], &expected));
    isb_nodes_free(&nodes);
    CHECK(nodes.count == 0 && nodes.cpus == NULL);
    fake_close(&f);
}

/* Memory without CPUs, and CPUs that the process may not use, are no node. */
CASE(nodes, only_those_with_allowed_cpus_count) {
    fake f = fake_open();
    fake_write(&f, "online", "0-3\n");
    fake_write(&f, "node0/cpulist", "0-3\n");
    fake_write(&f, "node1/cpulist", "\n");
    fake_write(&f, "node2/cpulist", "4-7\n");
    fake_write(&f, "node3/cpulist", "");
    const isb_cpus some = cpus_range(3, 5), one = cpus_range(6, 6), none = {0};
    isb_nodes nodes;
    isb_nodes_read(&nodes, f.root, &some);
    CHECK(nodes.count == 2);
    const isb_cpus third = cpus_range(3, 3), fourth = cpus_range(4, 5);
    CHECK(same_cpus(&nodes.cpus[0], &third) && same_cpus(&nodes.cpus[1], &fourth));
    isb_nodes_free(&nodes);
    isb_nodes_read(&nodes, f.root, &one);
    CHECK(nodes.count == 1 && same_cpus(&nodes.cpus[0], &one));
    isb_nodes_free(&nodes);
    isb_nodes_read(&nodes, f.root, &none);
    CHECK(nodes.count == 0);
    fake_close(&f);
}

CASE(nodes, a_malformed_list_makes_all_unknown) {
    static const char *const texts[] = {"x\n",
                                        "0-\n",
                                        "-3\n",
                                        "0,,1\n",
                                        "0,\n",
                                        "3-1\n",
                                        "1,1\n",
                                        "0-4,2",
                                        " 0\n",
                                        "0 1\n",
                                        "0-8192\n",
                                        "8192\n",
                                        "0x3\n",
                                        "99999999999999999999\n",
                                        "0-1-2",
                                        ",\n",
                                        "0,1,x ",
                                        "+1\n",
                                        "1,0-18446744073709551615\n"};
    fake f = fake_open();
    fake_write(&f, "online", "0-1\n");
    fake_write(&f, "node0/cpulist", "0-1\n");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        fake_write(&f, "node1/cpulist", texts[i]);
        isb_nodes nodes = read_all(&f);
        CHECKF(nodes.count == 0 && nodes.cpus == NULL, "'%s'", texts[i]);
    }
    fake_write(&f, "node1/cpulist", "2-3\n");
    isb_nodes nodes = read_all(&f);
    CHECK(nodes.count == 2);
    isb_nodes_free(&nodes);
    fake_write(&f, "online", "0-\n");
    nodes = read_all(&f);
    CHECK(nodes.count == 0);
    fake_close(&f);
}

static void check_spread(const isb_nodes *nodes, size_t threads, const char *expected) {
    char spread[32] = "";
    for (size_t t = 0; t < threads; t++)
        spread[t] = (char)('0' + isb_nodes_of(nodes, t, threads));
    CHECKF(strcmp(spread, expected) == 0, "%zu threads: %s", threads, spread);
}

CASE(nodes, threads_are_spread_in_proportion) {
    isb_cpus two[] = {cpus_range(0, 3), cpus_range(4, 7)};
    isb_cpus uneven[] = {cpus_range(0, 0), cpus_range(1, 6), cpus_range(7, 8)};
    const isb_nodes even = {2, two}, odd = {3, uneven};
    check_spread(&even, 1, "1");
    check_spread(&even, 2, "01");
    check_spread(&even, 3, "011");
    check_spread(&even, 4, "0011");
    check_spread(&even, 8, "00001111");
    check_spread(&even, 16, "0000000011111111");
    check_spread(&odd, 3, "112");
    check_spread(&odd, 9, "011111122");
    check_spread(&odd, 18, "001111111111112222");
}

CASE(nodes, no_node_and_a_node_of_others_bind_nothing) {
    isb_cpus allowed = {0}, before, after = {0};
    CHECK(sched_getaffinity(0, sizeof allowed, allowed.words) == 0);
    isb_cpus foreign = cpus_range(0, ISB_MAX_CPUS - 1);
    CPU_XOR_S(sizeof foreign, foreign.words, foreign.words, allowed.words);
    isb_cpus pair[] = {allowed, foreign};
    CHECK(!isb_nodes_bind(&(isb_nodes){0, NULL}, 0, 4, &before));
    CHECK(!isb_nodes_bind(&(isb_nodes){2, pair}, 3, 4, &before));
    CHECK(sched_getaffinity(0, sizeof after, after.words) == 0);
    CHECK(same_cpus(&after, &allowed));
}

CASE(nodes, a_thread_is_bound_to_its_node_and_back) {
    isb_cpus allowed = {0}, before, now = {0};
    CHECK(sched_getaffinity(0, sizeof allowed, allowed.words) == 0);
    if (isb_cpus_count(&allowed) < 2)
        SKIP("one CPU only");
    isb_cpus halves[2] = {0};
    for (size_t cpu = 0, n = 0; cpu < ISB_MAX_CPUS; cpu++)
        if (CPU_ISSET_S(cpu, sizeof allowed, allowed.words))
            CPU_SET_S(cpu, sizeof(isb_cpus), halves[n++ % 2].words);
    const isb_nodes nodes = {2, halves};
    for (size_t thread = 0; thread < 2; thread++) {
        CHECK(isb_nodes_bind(&nodes, thread, 2, &before));
        CHECK(same_cpus(&before, &allowed));
        CHECK(sched_getaffinity(0, sizeof now, now.words) == 0);
        CHECK(same_cpus(&now, &halves[thread]));
        CHECK(!isb_nodes_bind(&nodes, thread, 2, &before)); /* it is there already */
        isb_nodes_unbind(&allowed);
        CHECK(sched_getaffinity(0, sizeof now, now.words) == 0);
        CHECK(same_cpus(&now, &allowed));
    }
}

/* The first allowed CPU alone. */
static isb_cpus first_of(const isb_cpus *allowed) {
    size_t cpu = 0;
    while (!CPU_ISSET_S(cpu, sizeof *allowed, allowed->words))
        cpu++;
    return cpus_range(cpu, cpu);
}

CASE(nodes, neither_one_node_nor_one_thread_is_bound) {
    isb_cpus allowed = {0}, before, now = {0};
    CHECK(sched_getaffinity(0, sizeof allowed, allowed.words) == 0);
    isb_cpus parts[] = {first_of(&allowed), first_of(&allowed)};
    CHECK(!isb_nodes_bind(&(isb_nodes){1, parts}, 0, 4, &before));
    CHECK(!isb_nodes_bind(&(isb_nodes){2, parts}, 0, 1, &before));
    CHECK(sched_getaffinity(0, sizeof now, now.words) == 0);
    CHECK(same_cpus(&now, &allowed));
}

CASE(nodes, a_thread_bound_more_tightly_stays_so) {
    isb_cpus allowed = {0}, before, now = {0};
    CHECK(sched_getaffinity(0, sizeof allowed, allowed.words) == 0);
    const isb_cpus one = first_of(&allowed);
    isb_cpus wide[] = {allowed, allowed};
    CHECK(sched_setaffinity(0, sizeof one, one.words) == 0);
    CHECK(!isb_nodes_bind(&(isb_nodes){2, wide}, 1, 2, &before));
    CHECK(sched_getaffinity(0, sizeof now, now.words) == 0);
    CHECK(sched_setaffinity(0, sizeof allowed, allowed.words) == 0);
    CHECK(same_cpus(&now, &one));
}

CASE(nodes, this_machine) {
    isb_cpus allowed = {0};
    CHECK(sched_getaffinity(0, sizeof allowed, allowed.words) == 0);
    isb_nodes nodes;
    isb_nodes_make(&nodes);
    size_t all = 0;
    for (size_t i = 0; i < nodes.count; i++) {
        CHECK(isb_cpus_count(&nodes.cpus[i]) > 0);
        all += isb_cpus_count(&nodes.cpus[i]);
    }
    CHECK(nodes.count == 0 || all == isb_cpus_count(&allowed));
    isb_nodes_free(&nodes);
}
