/* The memory nodes (NUMA) that the CPUs of this process belong to. Memory is near to the CPUs of
 * its node: a thread that stays on one node keeps the pages that it touched first near. */
#ifndef ISB_CPU_NODES_H
#define ISB_CPU_NODES_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>

enum { ISB_MAX_CPUS = 8192 }; /* the most that Linux is built for */

/* A set of CPUs, for the macros CPU_SET_S and the like with sizeof(isb_cpus). */
typedef struct isb_cpus {
    cpu_set_t words[ISB_MAX_CPUS / CPU_SETSIZE];
} isb_cpus;

size_t isb_cpus_count(const isb_cpus *cpus);

typedef struct isb_nodes {
    size_t count;   /* nodes with CPUs that the process may run on; 0 where that is not known */
    isb_cpus *cpus; /* those of each, none empty */
} isb_nodes;

/* This machine's nodes, as the calling thread may use them. */
void isb_nodes_make(isb_nodes *nodes);
void isb_nodes_free(isb_nodes *nodes);

/* Binds the calling thread, one of `threads`, to the CPUs of its node: to all of them, so that two
 * programs do not meet on one core. Gives the CPUs that it was bound to before. False where nothing
 * was changed: one node, one thread, or a thread that is bound to fewer CPUs already. */
bool isb_nodes_bind(const isb_nodes *nodes, size_t thread, size_t threads, isb_cpus *before);

/* Undoes an isb_nodes_bind that gave true. */
void isb_nodes_unbind(const isb_cpus *before);

/* The parts of it. */

/* The nodes that `root`/sys/devices/system/node tells of, with those of their CPUs that are in
 * `allowed`. Root is "" for the machine's own. */
void isb_nodes_read(isb_nodes *nodes, const char *root, const isb_cpus *allowed);

/* The node of a thread: consecutive threads share one, each node has threads in proportion to its
 * CPUs. There is at least one node. */
size_t isb_nodes_of(const isb_nodes *nodes, size_t thread, size_t threads);

#endif
