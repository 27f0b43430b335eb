/* What a disk may hold after the power failed, by the record of a program (hostile/recorder.c).
 *
 * Nothing but what was synced is sure to be there. Of a file that was written to and not synced any
 * part may be there, also its length alone, with zeros for what never came. Of names that were
 * made, changed or removed in a directory that was not synced since then, any may have come about
 * and any not, whatever their order. */
#ifndef ISB_TESTS_DISK_H
#define ISB_TESTS_DISK_H

#include "program.h"
#include <stddef.h>
#include <stdint.h>

enum { DISK_FILES = 4096, DISK_NAMES = 96, DISK_NAME_SIZE = 160 };

typedef struct disk_bytes {
    char *data;
    size_t length;
} disk_bytes;

typedef struct disk_file {
    bool directory;
    disk_bytes now, synced;
} disk_file;

typedef struct disk_names {
    size_t count;
    struct {
        char path[DISK_NAME_SIZE]; /* relative to the place */
        size_t file;
    } items[DISK_NAMES];
} disk_names;

/* Of names, not synced: `from` is no more, `to` is the file; "": none. */
typedef struct disk_change {
    char from[DISK_NAME_SIZE], to[DISK_NAME_SIZE];
    size_t file;
} disk_change;

typedef struct disk {
    char *record, *next; /* call in it */
    bool forgetful;      /* no sync of a file reaches it */
    disk_file files[DISK_FILES];
    size_t file_count;
    disk_names now, synced;
    disk_change changes[DISK_NAMES];
    size_t change_count;
} disk;

/* Begins with what the place holds in `directory`, all of it synced. */
disk *disk_open(const place *p, const char *directory);
void disk_close(disk *d);

/* Takes the record that the place has as a file of that name. */
void disk_take(disk *d, const place *p, const char *record);

/* Does the next call of the record; false after the last. */
bool disk_step(disk *d);

/* Fails where the place holds in `directory` anything else than what the calls so far made of it.
 */
void disk_check(const disk *d, const place *p, const char *directory);

/* What was synced of the file that now has the name; NULL where there is none. */
const disk_bytes *disk_synced(const disk *d, const char *path);

/* How many files are not synced. */
size_t disk_unsure(const disk *d);

/* How a failure falls out: change i came about where bit i of `names` is set; the digits of
 * `contents` choose for each file that is not synced what it holds, `seed` where it is torn. */
typedef struct disk_failure {
    uint64_t names, contents, seed;
} disk_failure;

enum { DISK_CONTENTS = 6 };

/* What is found then. */
typedef struct disk_state {
    disk_names names;
    disk_bytes contents[DISK_NAMES];
    uint64_t hash; /* tells states apart; of temporary files only the names count */
} disk_state;

disk_state *disk_fail(const disk *d, const disk_failure *failure);
void disk_state_free(disk_state *state);

/* Makes `directory` of the place what was found. */
void disk_state_put(const disk_state *state, const place *p, const char *directory);

#endif
