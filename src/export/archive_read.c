#include "data/unpacking.h"
#include "export/archive.h"
#include "io/text.h"
#include <stdlib.h>
#include <string.h>
#include <zip.h>

static const size_t MOST_FILE = (size_t)1 << 32;

static isb_status fail_zip(const char *path, zip_error_t *reason, isb_error *error) {
    if (zip_error_code_zip(reason) == ZIP_ER_MEMORY)
        return isb_fail_memory(error, path);
    return isb_fail(error, ISB_CORRUPT, "%s: cannot be read as a zip archive: %s", path,
                    zip_error_strerror(reason));
}

isb_status isb_archive_open(isb_archive *out, const char *path, isb_error *error) {
    *out = (isb_archive){.path = path};
    size_t length = 0;
    isb_status status = isb_file_read(path, MOST_FILE, &out->bytes, &length, ISB_CORRUPT, error);
    if (status != ISB_OK)
        return status;
    zip_error_t reason;
    zip_error_init(&reason);
    zip_source_t *source = zip_source_buffer_create(out->bytes, length, 0, &reason);
    if (source != NULL)
        out->zip = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &reason);
    if (out->zip == NULL) {
        zip_source_free(source);
        status = fail_zip(path, &reason, error);
    }
    zip_error_fini(&reason);
    return status;
}

void isb_archive_close(isb_archive *archive) {
    if (archive->zip != NULL)
        zip_discard(archive->zip);
    free(archive->bytes);
    *archive = (isb_archive){0};
}

static isb_status find(const isb_archive *a, const char *name, zip_uint64_t *index,
                       isb_error *error) {
    const zip_int64_t count = zip_get_num_entries(a->zip, 0);
    size_t found = 0;
    for (zip_int64_t i = 0; i < count; i++) {
        const char *member = zip_get_name(a->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);
        if (member == NULL || strcmp(member, name) != 0)
            continue;
        *index = (zip_uint64_t)i;
        found++;
    }
    return found == 1 ? ISB_OK
                      : isb_fail(error, ISB_CORRUPT, "%s: there is %s '%s' in it", a->path,
                                 found == 0 ? "no" : "more than one", name);
}

static isb_status fail_unpacked(const char *path, const char *name, isb_error *error) {
    isb_text member = {0};
    isb_text_format(&member, "%s: %s", path, name);
    const isb_status status =
        member.failed ? isb_fail_memory(error, "a message")
                      : isb_fail_unpacked(member.data,
                                          "unpack the archive (unzip), and pack it again without "
                                          "compression (zip -0)",
                                          ISB_CORRUPT, error);
    free(member.data);
    return status;
}

/* Its size, where it is one that the bytes in the archive can make. */
static isb_status find_size(const isb_archive *a, const char *name, zip_uint64_t index,
                            size_t limit, size_t *size, isb_error *error) {
    zip_stat_t about;
    zip_stat_init(&about);
    if (zip_stat_index(a->zip, index, 0, &about) != 0)
        return fail_zip(a->path, zip_get_error(a->zip), error);
    if ((about.valid & ZIP_STAT_ENCRYPTION_METHOD) == 0 || about.encryption_method != ZIP_EM_NONE)
        return isb_fail(error, ISB_CORRUPT, "%s: %s: is encrypted", a->path, name);
    if (about.comp_method != ZIP_CM_STORE && about.comp_method != ZIP_CM_DEFLATE)
        return isb_fail(error, ISB_CORRUPT, "%s: %s: is packed by another method than deflate",
                        a->path, name);
    if (about.size > limit || about.size / ISB_DEFLATE_MOST > about.comp_size)
        return isb_fail(error, ISB_CORRUPT, "%s: %s: has an impossible size", a->path, name);
    if (about.size > isb_unpacked_most(about.comp_size))
        return fail_unpacked(a->path, name, error);
    *size = (size_t)about.size;
    return ISB_OK;
}

/* The read beyond the end makes libzip compare the checksum. */
static isb_status read_into(char *out, size_t size, const isb_archive *a, const char *name,
                            zip_uint64_t index, isb_error *error) {
    zip_file_t *file = zip_fopen_index(a->zip, index, 0);
    if (file == NULL)
        return fail_zip(a->path, zip_get_error(a->zip), error);
    isb_status status = ISB_OK;
    size_t done = 0;
    zip_int64_t got = 1;
    while (done <= size && (got = zip_fread(file, out + done, size + 1 - done)) > 0)
        done += (size_t)got;
    if (got < 0)
        status = fail_zip(a->path, zip_file_get_error(file), error);
    else if (done != size)
        status =
            isb_fail(error, ISB_CORRUPT, "%s: %s: has another size than it says", a->path, name);
    zip_fclose(file);
    return status;
}

isb_status isb_archive_read(const isb_archive *a, const char *name, size_t limit, char **data,
                            size_t *length, isb_error *error) {
    zip_uint64_t index = 0;
    size_t size = 0;
    isb_status status = find(a, name, &index, error);
    if (status == ISB_OK)
        status = find_size(a, name, index, limit, &size, error);
    if (status != ISB_OK)
        return status;
    char *content = malloc(size + 1);
    if (content == NULL)
        return isb_fail_memory(error, a->path);
    status = read_into(content, size, a, name, index, error);
    if (status != ISB_OK) {
        free(content);
        return status;
    }
    content[size] = '\0';
    *data = content;
    *length = size;
    return ISB_OK;
}
