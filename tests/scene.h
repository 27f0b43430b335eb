/* A small run that tests disturb: data of a few rows, an experiment of some milliseconds, and what
 * the run comes to when nothing disturbs it. */
#ifndef ISB_TESTS_SCENE_H
#define ISB_TESTS_SCENE_H

#include "program.h"
#include <stddef.h>
#include <stdint.h>

typedef struct scene {
    place place; /* with data/, e.yaml, and whole/, the undisturbed run */
    size_t epochs;
    char digest[65];
} scene;

/* Four steps an epoch, saved after every third step. */
enum { SCENE_STEPS = 4 };
scene scene_open(size_t epochs);
void scene_close(const scene *s);

/* `isobit train` with its run directory, and more arguments ended by NULL; in the environment, NULL
 * for an empty one. */
output scene_train(const scene *s, const char *run, const char *const *more,
                   const char *const *environment);
process scene_start(const scene *s, const char *run, const char *const *more,
                    const char *const *environment);

/* The output is that of a run that came to its end, and its directory holds what that of the
 * undisturbed one does. `about` names the disturbance where a check fails. */
void scene_check_whole(const scene *s, const char *run, const output *o, const char *about);

/* The steps that were done, as the program says behind `word` ("going on after"),
 * in what it printed; 0 where it says nothing. */
size_t scene_steps(const char *err, const char *word);

/* The instruction sets that the machine has; their number. */
size_t scene_isas(const scene *s, char isas[8][16]);

/* A number below `bound`. */
size_t scene_random(uint64_t *state, size_t bound);

/* The environment variable as a number; `otherwise` where there is none. */
size_t scene_setting(const char *variable, size_t otherwise);

#endif
