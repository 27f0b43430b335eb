/* What the control groups of the process, version 1 or 2, and those around them grant it. Files are
 * looked up below `root`, "" for the machine's own. */
#ifndef ISB_CPU_CGROUP_H
#define ISB_CPU_CGROUP_H

#include <stddef.h>

/* The smallest CPU quota in whole CPUs, rounded up; 0 where there is none. */
size_t isb_cgroup_quota(const char *root);

/* The smallest limit of memory in bytes; 0 where there is none. */
size_t isb_cgroup_memory(const char *root);

#endif
