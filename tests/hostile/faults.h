/* The rules of a preloaded saboteur: which calls of the program fail, fall short, or end it.
 *
 *   FAULTS=RULE;RULE...   RULE = PLACE:CALLS:FIRST-LAST:ACTION
 *   PLACE    run        files in the directory FAULTS_RUN, and that directory
 *            other      all other files, standard streams among them
 *            memory     asked for by the program's own code, or by the C library on its behalf
 *            libraries  the same of other libraries, but for those that nothing can be asked of
 * when memory is short: of threads, of YAML, the loader threads    started by the program's own
 * code CALLS    *, or names with commas: write,pwrite FIRST-LAST  which of the calls that match the
 * rule, counted from 1 ACTION   error=N       not done, fails with errno N late-error=N  done, and
 * fails all the same short=2       reads or writes a half, =3 a third, ... signal=N      the
 * process gets signal N, before the call late-signal=N after it
 *
 * To the file FAULTS_REPORT goes a line for the first call that a rule met, "met CALL OBJECT", and
 * when the program exits one for each rule, "counted N". Nothing here allocates. */
#ifndef ISB_HOSTILE_FAULTS_H
#define ISB_HOSTILE_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum fault_place {
    FAULT_RUN,
    FAULT_OTHER,
    FAULT_MEMORY,
    FAULT_LIBRARIES,
    FAULT_THREADS
} fault_place;

typedef struct fault {
    int error; /* to fail with; 0: none */
    bool late; /* the call is done before it fails */
    size_t divide;
    int late_signal;
} fault;

/* Counts a call and says what shall become of it; signals that come before it come here. Leaves
 * errno alone. */
fault fault_meet(fault_place place, const char *call, const char *object);

/* The result of a call that was done, -1 and errno where it fails late. */
long fault_end(const fault *f, long result);

/* Whether the call fails without being done; sets errno. */
bool fault_prevents(const fault *f);

/* Whose code an address is; for the C library's, whose call came there. False for what is left
 * alone. */
bool fault_place_of_code(const void *address, fault_place *place);

#endif
