#include "cpu/threads.h"
#include "check.h"
#include "cpu/cgroup.h"
#include "cpu/memory.h"
#include <errno.h>
#include <ftw.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A made-up /proc and /sys in a temporary directory. */
typedef struct fake {
    char root[64];
} fake;

static fake fake_open(void) {
    fake f;
    strcpy(f.root, "/tmp/isobit-threads-XXXXXX");
    CHECK(mkdtemp(f.root) != NULL);
    return f;
}

static void fake_write(const fake *f, const char *path, const char *text) {
    char full[512];
    snprintf(full, sizeof full, "%s%s", f->root, path);
    for (char *slash = full + strlen(f->root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        CHECK(mkdir(full, 0700) == 0 || errno == EEXIST);
        *slash = '/';
    }
    FILE *file = fopen(full, "w");
    CHECK(file != NULL);
    fputs(text, file);
    fclose(file);
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk) {
    (void)info, (void)type, (void)walk;
    return remove(path);
}

static void fake_close(const fake *f) {
    CHECK(nftw(f->root, remove_entry, 8, FTW_DEPTH | FTW_PHYS) == 0);
}

CASE(threads, no_cgroup_is_no_quota) {
    fake f = fake_open();
    CHECK(isb_cgroup_quota(f.root) == 0);
    fake_write(&f, "/proc/self/cgroup", "0::/a\n");
    CHECK(isb_cgroup_quota(f.root) == 0);
    fake_close(&f);
}

CASE(threads, quota_of_cgroup_2_is_rounded_up) {
    fake f = fake_open();
    fake_write(&f, "/proc/self/cgroup", "0::/user/job\n");
    fake_write(&f, "/sys/fs/cgroup/user/job/cpu.max", "250000 100000\n");
    CHECK(isb_cgroup_quota(f.root) == 3);
    fake_write(&f, "/sys/fs/cgroup/user/job/cpu.max", "max 100000\n");
    CHECK(isb_cgroup_quota(f.root) == 0);
    fake_close(&f);
}

CASE(threads, the_tightest_group_around_counts) {
    fake f = fake_open();
    fake_write(&f, "/proc/self/cgroup", "0::/user/job\n");
    fake_write(&f, "/sys/fs/cgroup/user/job/cpu.max", "800000 100000\n");
    fake_write(&f, "/sys/fs/cgroup/user/cpu.max", "200000 100000\n");
    CHECK(isb_cgroup_quota(f.root) == 2);
    fake_write(&f, "/sys/fs/cgroup/cpu.max", "50000 100000\n");
    CHECK(isb_cgroup_quota(f.root) == 1);
    fake_close(&f);
}

CASE(threads, quota_of_cgroup_1) {
    fake f = fake_open();
    fake_write(&f, "/proc/self/cgroup",
               "7:cpuset:/other\n4:cpu,cpuacct:/docker/abc\n0::/elsewhere\n");
    fake_write(&f, "/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us", "-1\n");
    fake_write(&f, "/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us", "100000\n");
    fake_write(&f, "/sys/fs/cgroup/cpuset/other/cpu.cfs_quota_us", "100000\n");
    fake_write(&f, "/sys/fs/cgroup/cpuset/other/cpu.cfs_period_us", "100000\n");
    CHECK(isb_cgroup_quota(f.root) == 0);
    fake_write(&f, "/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us", "400000\n");
    CHECK(isb_cgroup_quota(f.root) == 4);
    fake_close(&f);
}

CASE(threads, a_path_of_the_host_finds_the_container_mount) {
    fake f = fake_open();
    fake_write(&f, "/proc/self/cgroup", "4:cpu:/docker/abc\n0::/../outside\n");
    fake_write(&f, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "600000\n");
    fake_write(&f, "/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    CHECK(isb_cgroup_quota(f.root) == 6);
    fake_write(&f, "/sys/fs/cgroup/cpu.max", "500000 100000\n");
    CHECK(isb_cgroup_quota(f.root) == 5);
    fake_close(&f);
}

CASE(threads, malformed_files_are_no_quota) {
    fake f = fake_open();
    static const char *const texts[] = {"", "\n", "100000\n", "100000 0\n", "100000 -5\n", "x y\n"};
    fake_write(&f, "/proc/self/cgroup", "nonsense\n0:\n0::/a\n");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        fake_write(&f, "/sys/fs/cgroup/a/cpu.max", texts[i]);
        CHECKF(isb_cgroup_quota(f.root) == 0, "text %zu", i);
    }
    fake_close(&f);
}

CASE(threads, memory_is_what_machine_and_groups_leave) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    fake f = fake_open();
    CHECK(isb_memory_available(f.root) == SIZE_MAX);
    fake_write(&f, "/proc/meminfo", "MemTotal:  9000 kB\nMemFree: 10 kB\nMemAvailable:  8000 kB\n");
    CHECK(isb_memory_available(f.root) == 8000 * 1024);
    fake_write(&f, "/proc/self/statm", "500 100 20 1 0 1 0\n");
    fake_write(&f, "/proc/self/cgroup", "9:memory:/x\n0::/user/job\n");
    fake_write(&f, "/sys/fs/cgroup/user/job/memory.max", "max\n");
    CHECK(isb_memory_available(f.root) == 8000 * 1024);
    fake_write(&f, "/sys/fs/cgroup/user/memory.max", "4096000\n");
    CHECK(isb_memory_available(f.root) == 4096000 - 100 * page);
    fake_write(&f, "/sys/fs/cgroup/memory/x/memory.limit_in_bytes", "2048000\n");
    CHECK(isb_memory_available(f.root) == 2048000 - 100 * page);
    fake_write(&f, "/sys/fs/cgroup/memory/x/memory.limit_in_bytes", "1000\n");
    CHECK(isb_memory_available(f.root) == 0);
    fake_close(&f);
}

CASE(threads, siblings_share_a_core) {
    fake f = fake_open();
    static const char *const lists[] = {"0,2\n", "1,3\n", "0,2\n", "1,3\n"};
    for (int cpu = 0; cpu < 4; cpu++) {
        char path[96];
        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/%s", cpu,
                 cpu < 2 ? "thread_siblings_list" : "core_cpus_list");
        fake_write(&f, path, lists[cpu]);
    }
    CHECK(isb_physical_cores(f.root, (bool[]){true, true, true, true}, 4) == 2);
    CHECK(isb_physical_cores(f.root, (bool[]){true, false, true, false}, 4) == 1);
    CHECK(isb_physical_cores(f.root, (bool[]){false, false, true, true}, 4) == 2);
    CHECK(isb_physical_cores(f.root, (bool[]){false, false, true, false}, 4) == 1);
    fake_write(&f, "/sys/devices/system/cpu/cpu0/topology/thread_siblings_list", "0-3\n");
    fake_write(&f, "/sys/devices/system/cpu/cpu1/topology/thread_siblings_list", "0-3\n");
    CHECK(isb_physical_cores(f.root, (bool[]){true, true, false, false}, 4) == 1);
    fake_close(&f);
}

CASE(threads, cpus_of_unknown_topology_are_cores) {
    fake f = fake_open();
    CHECK(isb_physical_cores(f.root, (bool[]){true, false, true}, 3) == 2);
    fake_close(&f);
}

static void check_plan(isb_thread_plan plan, size_t requested, size_t threads, const char *reason) {
    isb_thread_plan_decide(&plan, requested);
    CHECKF(plan.threads == threads, "%zu threads", plan.threads);
    CHECKF(strcmp(plan.reason, reason) == 0, "%s", plan.reason);
}

CASE(threads, the_smallest_limit_decides) {
    isb_thread_plan plan = {.logical = 64, .affinity = 64, .physical_cores = 32};
    check_plan(plan, 0, 32, "32 threads: 32 physical cores");
    plan.quota = 8;
    check_plan(plan, 0, 8, "8 threads: cgroup quota 8 of 64 CPUs");
    plan.work = 900000;
    check_plan(plan, 0, 1, "1 thread: the network is small (0.9 M multiply-adds a step)");
    plan.work = 6500000;
    check_plan(plan, 0, 4, "4 threads: the network is small (6.5 M multiply-adds a step)");
    plan.work = 12000000; /* feeds exactly what the quota grants */
    check_plan(plan, 0, 8, "8 threads: cgroup quota 8 of 64 CPUs");
    plan.quota = 40;
    plan.work = 0;
    plan.affinity = 4;
    plan.physical_cores = 2;
    check_plan(plan, 0, 2, "2 threads: 2 physical cores among the 4 of 64 CPUs allowed");
    plan = (isb_thread_plan){.logical = 1, .affinity = 1, .physical_cores = 1, .work = 900000};
    check_plan(plan, 0, 1, "1 thread: 1 physical core");
    plan = (isb_thread_plan){.logical = 4096, .affinity = 4096, .physical_cores = 4096};
    check_plan(plan, 0, 1024, "1024 threads: 4096 physical cores");
}

CASE(threads, a_request_is_met) {
    isb_thread_plan plan = {
        .logical = 2, .affinity = 2, .physical_cores = 2, .quota = 1, .work = 1};
    check_plan(plan, 7, 7, "7 threads: as asked");
    check_plan(plan, 1, 1, "1 thread: as asked");
    check_plan(plan, 5000, 1024, "1024 threads: as asked");
}

CASE(threads, this_machine) {
    isb_thread_plan plan;
    isb_thread_plan_make(&plan, 0, 0);
    cpu_set_t mask;
    CHECK(sched_getaffinity(0, sizeof mask, &mask) == 0);
    CHECK(plan.affinity == (size_t)CPU_COUNT(&mask));
    CHECK(plan.physical_cores >= 1 && plan.physical_cores <= plan.affinity);
    CHECK(plan.threads >= 1 && plan.threads <= plan.physical_cores);
}
