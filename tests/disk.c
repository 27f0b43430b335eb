#include "disk.h"
#include "check.h"
#include "fixture.h"
#include "io/file.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- bytes --- */

static void resize(disk_bytes *bytes, size_t length) {
    char *data = realloc(bytes->data, length + 1);
    CHECK(data != NULL);
    if (length > bytes->length)
        memset(data + bytes->length, 0, length - bytes->length);
    *bytes = (disk_bytes){data, length};
}

static void copy(disk_bytes *to, const disk_bytes *from) {
    resize(to, from->length);
    if (from->length > 0)
        memcpy(to->data, from->data, from->length);
}

static bool equal(const disk_bytes *a, const disk_bytes *b) {
    return a->length == b->length && (a->length == 0 || memcmp(a->data, b->data, a->length) == 0);
}

static disk_bytes read_bytes(const place *p, const char *path) {
    char full[512];
    disk_bytes bytes = {0};
    snprintf(full, sizeof full, "%s/%s", p->path, path);
    FILE *file = fopen(full, "rb");
    CHECKF(file != NULL, "%s", full);
    for (int c; (c = getc(file)) != EOF;) {
        if ((bytes.length & (bytes.length + 1)) == 0)
            CHECK((bytes.data = realloc(bytes.data, 2 * bytes.length + 2)) != NULL);
        bytes.data[bytes.length++] = (char)c;
    }
    CHECK(fclose(file) == 0);
    return bytes;
}

/* --- names --- */

static size_t place_of(const disk_names *names, const char *path) {
    size_t i = 0;
    while (i < names->count && strcmp(names->items[i].path, path) != 0)
        i++;
    return i;
}

static void put_name(disk_names *names, const char *path, size_t file) {
    const size_t i = place_of(names, path);
    CHECKF(i < DISK_NAMES && strlen(path) < DISK_NAME_SIZE, "%s", path);
    names->count += i == names->count;
    strcpy(names->items[i].path, path);
    names->items[i].file = file;
}

static void remove_name(disk_names *names, const char *path) {
    const size_t i = place_of(names, path);
    if (i < names->count)
        names->items[i] = names->items[--names->count];
}

static void apply(disk_names *names, const disk_change *change) {
    if (change->from[0] != '\0')
        remove_name(names, change->from);
    if (change->to[0] != '\0')
        put_name(names, change->to, change->file);
}

static bool is_temporary(const char *path) {
    const char *slash = strrchr(path, '/');
    return isb_file_is_temporary(slash == NULL ? path : slash + 1);
}

/* Whether the path stands directly in the directory ("." is that of the place). */
static bool stands_in(const char *path, const char *directory) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return strcmp(directory, ".") == 0;
    return strlen(directory) == (size_t)(slash - path) &&
           strncmp(path, directory, strlen(directory)) == 0;
}

/* --- the disk --- */

static size_t add_file(disk *d, bool directory) {
    CHECK(d->file_count < DISK_FILES);
    d->files[d->file_count] = (disk_file){.directory = directory};
    return d->file_count++;
}

/* What lies there, synced. */
static void load(disk *d, const place *p, const char *path) {
    char full[512], below[DISK_NAME_SIZE];
    struct stat about;
    snprintf(full, sizeof full, "%s/%s", p->path, path);
    if (stat(full, &about) != 0)
        return;
    const size_t file = add_file(d, S_ISDIR(about.st_mode));
    put_name(&d->now, path, file);
    if (!S_ISDIR(about.st_mode)) {
        d->files[file].now = read_bytes(p, path);
        copy(&d->files[file].synced, &d->files[file].now);
        return;
    }
    DIR *entries = opendir(full);
    CHECK(entries != NULL);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        CHECK(snprintf(below, sizeof below, "%s/%s", path, entry->d_name) < (int)sizeof below);
        load(d, p, below);
    }
    closedir(entries);
}

disk *disk_open(const place *p, const char *directory) {
    disk *d = calloc(1, sizeof *d);
    CHECK(d != NULL);
    load(d, p, directory);
    d->synced = d->now;
    return d;
}

void disk_close(disk *d) {
    for (size_t i = 0; i < d->file_count; i++) {
        free(d->files[i].now.data);
        free(d->files[i].synced.data);
    }
    free(d->record);
    free(d);
}

void disk_take(disk *d, const place *p, const char *record) {
    disk_bytes bytes = read_bytes(p, record);
    resize(&bytes, bytes.length);
    bytes.data[bytes.length] = '\0';
    d->record = d->next = bytes.data;
}

static void change_names(disk *d, const char *from, const char *to, size_t file) {
    CHECK(d->change_count < DISK_NAMES);
    disk_change *change = &d->changes[d->change_count++];
    snprintf(change->from, sizeof change->from, "%s", from);
    snprintf(change->to, sizeof change->to, "%s", to);
    change->file = file;
    apply(&d->now, change);
}

static void sync_directory(disk *d, const char *path) {
    size_t left = 0;
    for (size_t i = 0; i < d->change_count; i++) {
        const disk_change *change = &d->changes[i];
        if (stands_in(change->to[0] != '\0' ? change->to : change->from, path))
            apply(&d->synced, change);
        else
            d->changes[left++] = *change;
    }
    d->change_count = left;
}

static void change_file(disk *d, const char *call, disk_file *file, size_t a, size_t b,
                        const char *data) {
    if (strcmp(call, "write") == 0) {
        if (a + b > file->now.length)
            resize(&file->now, a + b);
        memcpy(file->now.data + a, data, b);
    } else if (strcmp(call, "truncate") == 0) {
        resize(&file->now, a);
    } else if (strcmp(call, "allocate") == 0) {
        if (a > file->now.length)
            resize(&file->now, a);
    } else {
        CHECKF(strcmp(call, "sync") == 0, "%s", call);
        if (!d->forgetful)
            copy(&file->synced, &file->now);
    }
}

bool disk_step(disk *d) {
    char call[16], path[DISK_NAME_SIZE], to[DISK_NAME_SIZE] = "";
    size_t a, b;
    int length;
    if (*d->next == '\0')
        return false;
    char *end = strchr(d->next, '\n');
    CHECK(end != NULL);
    *end = '\0';
    CHECKF(sscanf(d->next, "%15s %zu %zu %159s%n", call, &a, &b, path, &length) == 4, "%s",
           d->next);
    sscanf(d->next + length, "%159s", to);
    d->next = end + 1;
    const size_t at = place_of(&d->now, path);
    const size_t file = at < d->now.count ? d->now.items[at].file : d->file_count;
    if (strcmp(call, "create") == 0 || strcmp(call, "mkdir") == 0)
        change_names(d, "", path, add_file(d, call[0] == 'm'));
    else if (strcmp(call, "rename") == 0 && file < d->file_count)
        change_names(d, path, to, file);
    else if (strcmp(call, "unlink") == 0)
        change_names(d, path, "", 0);
    else if (strcmp(path, ".") == 0 || (file < d->file_count && d->files[file].directory))
        sync_directory(d, path);
    else if (file < d->file_count)
        change_file(d, call, &d->files[file], a, b, d->next);
    d->next += strcmp(call, "write") == 0 ? b : 0;
    return true;
}

void disk_check(const disk *d, const place *p, const char *directory) {
    disk *found = disk_open(p, directory);
    for (size_t i = 0; i < d->now.count; i++) {
        const char *path = d->now.items[i].path;
        const size_t at = place_of(&found->now, path);
        CHECKF(at < found->now.count, "recorded, and not there: %s", path);
        CHECKF(equal(&d->files[d->now.items[i].file].now,
                     &found->files[found->now.items[at].file].now),
               "recorded otherwise: %s", path);
    }
    CHECKF(found->now.count == d->now.count, "%zu names, %zu recorded", found->now.count,
           d->now.count);
    disk_close(found);
}

const disk_bytes *disk_synced(const disk *d, const char *path) {
    const size_t at = place_of(&d->now, path);
    return at < d->now.count ? &d->files[d->now.items[at].file].synced : NULL;
}

/* Whether its content is open, and matters. */
static bool unsure(const disk *d, const char *path, size_t file) {
    return !is_temporary(path) && !equal(&d->files[file].now, &d->files[file].synced);
}

size_t disk_unsure(const disk *d) {
    size_t count = 0;
    for (size_t i = 0; i < d->now.count; i++)
        count += unsure(d, d->now.items[i].path, d->now.items[i].file);
    return count;
}

/* --- after the failure --- */

static size_t common(const disk_bytes *a, const disk_bytes *b) {
    size_t i = 0;
    while (i < a->length && i < b->length && a->data[i] == b->data[i])
        i++;
    return i;
}

static disk_bytes content(const disk_file *file, size_t kind, uint64_t *state) {
    enum { NOTHING, ALL, LENGTH_ALONE, BEGINNING, END, HOLE };
    disk_bytes out = {0};
    copy(&out, kind == NOTHING ? &file->synced : &file->now);
    const size_t first = common(&file->synced, &file->now), more = out.length - first;
    if (kind <= ALL || more == 0)
        return out;
    const size_t a = first + fixture_random(state) % more, b = first + fixture_random(state) % more;
    const size_t low = a < b ? a : b, high = a < b ? b : a;
    if (kind == LENGTH_ALONE)
        memset(out.data + first, 0, more);
    else if (kind == BEGINNING)
        resize(&out, low);
    else if (kind == END)
        memset(out.data + first, 0, low - first);
    else
        memset(out.data + low, 0, high - low);
    return out;
}

static bool parent_is_there(const disk_names *names, const char *path) {
    char parent[DISK_NAME_SIZE];
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return true;
    snprintf(parent, sizeof parent, "%.*s", (int)(slash - path), path);
    return place_of(names, parent) < names->count && parent_is_there(names, parent);
}

/* In an order that does not depend on how it came about. */
static int by_path(const void *a, const void *b) { return strcmp(a, b); }

disk_state *disk_fail(const disk *d, const disk_failure *failure) {
    disk_state *state = calloc(1, sizeof *state);
    CHECK(state != NULL);
    disk_names names = d->synced;
    for (size_t i = 0; i < d->change_count; i++)
        if ((failure->names >> i) & 1)
            apply(&names, &d->changes[i]);
    qsort(names.items, names.count, sizeof names.items[0], by_path);
    uint64_t contents = failure->contents, random = failure->seed;
    state->hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < names.count; i++) {
        const char *path = names.items[i].path;
        const disk_file *file = &d->files[names.items[i].file];
        if (!parent_is_there(&names, path))
            continue;
        state->hash = fixture_hash(state->hash, path, strlen(path) + 1);
        disk_bytes *out = &state->contents[state->names.count];
        state->names.items[state->names.count++] = names.items[i];
        if (file->directory)
            out->data = NULL;
        else if (unsure(d, path, names.items[i].file)) {
            *out = content(file, contents % DISK_CONTENTS, &random);
            contents /= DISK_CONTENTS;
        } else {
            copy(out, &file->now);
        }
        if (!is_temporary(path))
            state->hash = fixture_hash(state->hash, out->data, out->length);
    }
    return state;
}

void disk_state_free(disk_state *state) {
    for (size_t i = 0; i < state->names.count; i++)
        free(state->contents[i].data);
    free(state);
}

void disk_state_put(const disk_state *state, const place *p, const char *directory) {
    char full[512];
    place_remove(p, directory);
    for (size_t i = 0; i < state->names.count; i++) { /* a directory stands before what is in it */
        snprintf(full, sizeof full, "%s/%s", p->path, state->names.items[i].path);
        if (state->contents[i].data == NULL) {
            CHECK(mkdir(full, 0777) == 0);
            continue;
        }
        FILE *file = fopen(full, "wb");
        CHECKF(file != NULL, "%s", full);
        CHECK(fwrite(state->contents[i].data, 1, state->contents[i].length, file) ==
              state->contents[i].length);
        CHECK(fclose(file) == 0);
    }
}
