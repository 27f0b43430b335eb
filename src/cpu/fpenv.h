/* The floating-point environment of docs/numerics.md, rule 1: round to nearest even, gradual
 * underflow. A host program or library may have set another; every thread that computes, or turns
 * numbers into text or back, enters this one. */
#ifndef ISB_CPU_FPENV_H
#define ISB_CPU_FPENV_H

#include <stdint.h>

typedef uint64_t isb_fpenv;

/* Sets the environment of the calling thread and gives the one before. */
isb_fpenv isb_fpenv_enter(void);
void isb_fpenv_leave(isb_fpenv before);

#endif
