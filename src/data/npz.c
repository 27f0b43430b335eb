#include "data/npz.h"
#include "io/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#define MEND "download or copy the file again"

enum { MOST_LISTED = 20 };

struct isb_npz {
    const char *path;
    uint64_t file_size;
    zip_t *zip;
};

struct isb_npz_member {
    char *name; /* "mnist.npz: x_train" */
    zip_file_t *file;
};

static isb_status fail_zip(const char *name, zip_error_t *reason, isb_error *error) {
    if (zip_error_code_zip(reason) == ZIP_ER_MEMORY)
        return isb_fail_memory(error, name);
    return isb_fail(error, ISB_DATA, "%s: cannot be read as a zip archive: %s; " MEND, name,
                    zip_error_strerror(reason));
}

/* The descriptor belongs to the archive then; after a failure it is still the input's. */
static isb_status open_archive(isb_npz *npz, isb_input *input, isb_error *error) {
    int code = 0;
    npz->zip = zip_fdopen(isb_input_descriptor(input), 0, &code);
    if (npz->zip != NULL) {
        isb_input_forget(input);
        return ISB_OK;
    }
    zip_error_t reason;
    zip_error_init_with_code(&reason, code);
    const isb_status status = fail_zip(npz->path, &reason, error);
    zip_error_fini(&reason);
    return status;
}

isb_status isb_npz_open(isb_npz **out, const char *path, isb_error *error) {
    *out = NULL;
    isb_input *input;
    isb_status status = isb_input_open(&input, path, error);
    if (status != ISB_OK)
        return status;
    isb_npz *npz = calloc(1, sizeof *npz);
    if (npz == NULL) {
        status = isb_fail_memory(error, path);
    } else {
        npz->path = path;
        npz->file_size = isb_input_file_size(input);
        status = open_archive(npz, input, error);
    }
    isb_input_close(input);
    if (status == ISB_OK)
        *out = npz;
    else
        isb_npz_close(npz);
    return status;
}

void isb_npz_close(isb_npz *npz) {
    if (npz == NULL)
        return;
    if (npz->zip != NULL)
        zip_discard(npz->zip);
    free(npz);
}

/* --- members --- */

static zip_uint64_t member_count(const isb_npz *npz) {
    const zip_int64_t count = zip_get_num_entries(npz->zip, 0);
    return count > 0 ? (zip_uint64_t)count : 0;
}

/* The bytes of KEY in "KEY.npy"; 0 for what is no array. */
static size_t key_length(const char *name) {
    const size_t length = name == NULL ? 0 : strlen(name);
    return length > 4 && strcmp(name + length - 4, ".npy") == 0 ? length - 4 : 0;
}

static bool is_key(const char *name, const char *key) {
    const size_t length = key_length(name);
    return length > 0 && length == strlen(key) && memcmp(name, key, length) == 0;
}

/* How many members have that key; *index is that of the first. */
static size_t find(const isb_npz *npz, const char *key, zip_uint64_t *index) {
    size_t found = 0;
    for (zip_uint64_t i = 0, count = member_count(npz); i < count; i++)
        if (is_key(zip_get_name(npz->zip, i, ZIP_FL_ENC_RAW), key) && found++ == 0)
            *index = i;
    return found;
}

bool isb_npz_has(const isb_npz *npz, const char *key) {
    zip_uint64_t index;
    return find(npz, key, &index) > 0;
}

isb_status isb_npz_keys_list(isb_npz_keys *out, const isb_npz *npz, isb_error *error) {
    const zip_uint64_t members = member_count(npz);
    *out = (isb_npz_keys){.items = calloc(members + 1, sizeof *out->items)};
    if (out->items == NULL)
        return isb_fail_memory(error, npz->path);
    for (zip_uint64_t i = 0; i < members; i++) {
        const char *name = zip_get_name(npz->zip, i, ZIP_FL_ENC_RAW);
        const size_t length = key_length(name);
        if (length == 0)
            continue;
        out->items[out->count] = strndup(name, length);
        if (out->items[out->count++] == NULL)
            return isb_fail_memory(error, npz->path);
    }
    return ISB_OK;
}

void isb_npz_keys_free(isb_npz_keys *keys) {
    for (size_t i = 0; i < keys->count; i++)
        free(keys->items[i]);
    free(keys->items);
    *keys = (isb_npz_keys){0};
}

static void list_keys(const isb_npz *npz, isb_text *text) {
    size_t arrays = 0;
    for (zip_uint64_t i = 0, count = member_count(npz); i < count; i++) {
        const char *name = zip_get_name(npz->zip, i, ZIP_FL_ENC_RAW);
        const size_t length = key_length(name);
        char clipped[ISB_CLIP_SIZE], key[ISB_CLIP_SIZE + 1];
        if (length == 0 || ++arrays > MOST_LISTED)
            continue;
        snprintf(key, sizeof key, "%.*s", length < ISB_CLIP_SIZE ? (int)length : ISB_CLIP_SIZE,
                 name);
        isb_text_add(text, arrays > 1 ? ", " : "");
        isb_text_add(text, isb_clip(clipped, key));
    }
    if (arrays > MOST_LISTED)
        isb_text_format(text, " and %zu more", arrays - MOST_LISTED);
    if (arrays == 0)
        isb_text_add(text, "no arrays");
}

isb_status isb_npz_fail_missing(const isb_npz *npz, const char *wanted, isb_error *error) {
    char clipped[ISB_CLIP_SIZE];
    isb_text keys = {0};
    list_keys(npz, &keys);
    const isb_status status =
        keys.failed ? isb_fail_memory(error, npz->path)
                    : isb_fail(error, ISB_DATA,
                               "%s: has no %s; it has %s; say which are which, such as source: "
                               "{file: FILE.npz, x: KEY, y: KEY}",
                               npz->path, isb_clip(clipped, wanted), keys.data);
    free(keys.data);
    return status;
}

/* --- the bytes of a member --- */

static isb_status read_member(void *from, void *to, size_t wanted, size_t *got, isb_error *error) {
    isb_npz_member *member = from;
    for (*got = 0; *got < wanted;) {
        const zip_int64_t count =
            zip_fread(member->file, (char *)to + *got, (zip_uint64_t)(wanted - *got));
        if (count < 0)
            return fail_zip(member->name, zip_file_get_error(member->file), error);
        if (count == 0)
            break;
        *got += (size_t)count;
    }
    return ISB_OK;
}

static isb_status check_packing(const isb_npz_member *member, const zip_stat_t *about,
                                isb_error *error) {
    const zip_uint64_t needed =
        ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if ((about->valid & needed) != needed)
        return isb_fail(error, ISB_DATA, "%s: its place in the archive is damaged; " MEND,
                        member->name);
    if (about->encryption_method != ZIP_EM_NONE)
        return isb_fail(error, ISB_DATA,
                        "%s: is encrypted; save it without a password, as numpy.savez does",
                        member->name);
    if (about->comp_method != ZIP_CM_STORE && about->comp_method != ZIP_CM_DEFLATE)
        return isb_fail(error, ISB_DATA,
                        "%s: is packed by method %u of the zip format; stored and deflated members "
                        "are read: save it again with numpy.savez or numpy.savez_compressed",
                        member->name, (unsigned)about->comp_method);
    return ISB_OK;
}

static isb_feed feed_of(isb_npz_member *member, const isb_npz *npz, const zip_stat_t *about) {
    isb_feed feed = {.name = member->name,
                     .mend = MEND,
                     .from = member,
                     .read = read_member,
                     .unpack = "unpack the archive (unzip), and name its arrays as {x: x.npy, "
                               "y: y.npy}"};
    const uint64_t size = about->comp_size, whole = npz->file_size;
    const bool packed = about->comp_method == ZIP_CM_DEFLATE;
    isb_feed_measure(&feed, packed && size > whole ? whole : size, packed);
    return feed;
}

static isb_status open_member(isb_npz_member *member, isb_npz *npz, zip_uint64_t index,
                              isb_feed *feed, isb_error *error) {
    zip_stat_t about;
    zip_stat_init(&about);
    if (zip_stat_index(npz->zip, index, 0, &about) != 0)
        return fail_zip(member->name, zip_get_error(npz->zip), error);
    isb_status status = check_packing(member, &about, error);
    if (status != ISB_OK)
        return status;
    member->file = zip_fopen_index(npz->zip, index, 0);
    if (member->file == NULL)
        return fail_zip(member->name, zip_get_error(npz->zip), error);
    *feed = feed_of(member, npz, &about);
    return ISB_OK;
}

isb_status isb_npz_member_open(isb_npz_member **out, isb_npz *npz, const char *key, isb_feed *feed,
                               isb_error *error) {
    char clipped[ISB_CLIP_SIZE];
    zip_uint64_t index = 0;
    *out = NULL;
    const size_t found = find(npz, key, &index);
    if (found == 0)
        return isb_npz_fail_missing(npz, key, error);
    if (found > 1)
        return isb_fail(error, ISB_DATA, "%s: has %zu arrays called %s; save it again with one",
                        npz->path, found, isb_clip(clipped, key));
    isb_npz_member *member = calloc(1, sizeof *member);
    if (member == NULL ||
        asprintf(&member->name, "%s: %s", npz->path, isb_clip(clipped, key)) < 0) {
        free(member);
        return isb_fail_memory(error, npz->path);
    }
    const isb_status status = open_member(member, npz, index, feed, error);
    if (status == ISB_OK)
        *out = member;
    else
        isb_npz_member_close(member);
    return status;
}

void isb_npz_member_close(isb_npz_member *member) {
    if (member == NULL)
        return;
    if (member->file != NULL)
        zip_fclose(member->file);
    free(member->name);
    free(member);
}
