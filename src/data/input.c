#include "data/input.h"
#include "data/unpacking.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { PACKED_SIZE = 1 << 16 };

struct isb_input {
    const char *path;
    int file;             /* -1: none */
    bool borrowed;        /* the file stays open */
    const uint8_t *bytes; /* in memory; NULL: they are in the file */
    uint64_t position;    /* in them */
    uint64_t file_size;
    struct timespec written;
    bool gzip;
    bool at_end;       /* of the last gzip member */
    uint64_t unpacked; /* bytes so far, */
    uint64_t most;     /* and at most; of a stream, which is not kept, any number */
    z_stream inflater; /* of a stream: what has come of it, packed or not */
    uint8_t packed[PACKED_SIZE];
};

static isb_status fail_system(const isb_input *input, const char *what, isb_error *error) {
    return isb_fail(error, ISB_DATA,
                    "%s: cannot be %s: %s; make it a regular file that may be read", input->path,
                    what, strerror(errno));
}

static void read_bytes(isb_input *input, uint8_t *to, size_t wanted, size_t *got) {
    const uint64_t left = input->file_size - input->position;
    *got = left < wanted ? (size_t)left : wanted;
    memcpy(to, input->bytes + input->position, *got);
    input->position += *got;
}

/* What one read(2) gives; nothing at the end of the file. */
static isb_status read_once(isb_input *input, uint8_t *to, size_t most, size_t *got,
                            isb_error *error) {
    ssize_t count;
    do {
        count = read(input->file, to, most);
    } while (count < 0 && errno == EINTR);
    *got = count < 0 ? 0 : (size_t)count;
    return count < 0 ? fail_system(input, "read", error) : ISB_OK;
}

/* Up to `wanted` bytes or the end of the file. */
static isb_status read_file(isb_input *input, uint8_t *to, size_t wanted, size_t *got,
                            isb_error *error) {
    isb_status status = ISB_OK;
    size_t count = 1;
    *got = 0;
    if (input->bytes != NULL)
        read_bytes(input, to, wanted, got);
    while (input->bytes == NULL && status == ISB_OK && count > 0 && *got < wanted) {
        status = read_once(input, to + *got, wanted - *got, &count, error);
        *got += count;
    }
    return status;
}

static const char *kind_of_file(mode_t mode) {
    return S_ISDIR(mode)    ? "directory"
           : S_ISFIFO(mode) ? "pipe"
           : S_ISSOCK(mode) ? "socket"
                            : "device";
}

/* Non-blocking, so that a pipe without a writer cannot hold us up. */
static isb_status open_regular(isb_input *input, isb_error *error) {
    input->file = open(input->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (input->file < 0)
        return fail_system(input, "opened", error);
    struct stat about;
    if (fstat(input->file, &about) != 0)
        return fail_system(input, "examined", error);
    if (!S_ISREG(about.st_mode))
        return isb_fail(error, ISB_DATA, "%s: is a %s; put a regular file there", input->path,
                        kind_of_file(about.st_mode));
    input->file_size = (uint64_t)about.st_size;
    input->written = about.st_mtim;
    input->most = isb_unpacked_most(input->file_size);
    return ISB_OK;
}

enum { MAGIC_SIZE = 2 };

static isb_status start_inflater(isb_input *input, const uint8_t *start, size_t length,
                                 isb_error *error) {
    if (length < MAGIC_SIZE || start[0] != 0x1f || start[1] != 0x8b)
        return ISB_OK;
    if (inflateInit2(&input->inflater, 16 + MAX_WBITS) != Z_OK)
        return isb_fail_memory(error, "unpacking gzip data");
    input->gzip = true;
    return ISB_OK;
}

static isb_status look_at_start(isb_input *input, isb_error *error) {
    uint8_t start[MAGIC_SIZE];
    const ssize_t count = pread(input->file, start, sizeof start, 0);
    return count < 0 ? fail_system(input, "read", error)
                     : start_inflater(input, start, (size_t)count, error);
}

isb_status isb_input_open(isb_input **out, const char *path, isb_error *error) {
    *out = NULL;
    isb_input *input = calloc(1, sizeof *input);
    if (input == NULL)
        return isb_fail_memory(error, "reading a file");
    input->path = path;
    isb_status status = open_regular(input, error);
    if (status == ISB_OK)
        status = look_at_start(input, error);
    if (status != ISB_OK) {
        isb_input_close(input);
        return status;
    }
    *out = input;
    return ISB_OK;
}

isb_status isb_input_of_stream(isb_input **out, const char *name, int file, isb_error *error) {
    size_t got;
    *out = NULL;
    isb_input *input = calloc(1, sizeof *input);
    if (input == NULL)
        return isb_fail_memory(error, "reading a stream");
    input->path = name;
    input->file = file;
    input->borrowed = true;
    input->most = UINT64_MAX;
    isb_status status = read_file(input, input->packed, MAGIC_SIZE, &got, error);
    if (status == ISB_OK)
        status = start_inflater(input, input->packed, got, error);
    input->inflater.next_in = input->packed;
    input->inflater.avail_in = (uInt)got;
    if (status == ISB_OK)
        *out = input;
    else
        isb_input_close(input);
    return status;
}

isb_status isb_input_of_bytes(isb_input **out, const char *name, const void *bytes, size_t length,
                              isb_error *error) {
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return isb_fail_memory(error, "reading a table");
    (*out)->path = name;
    (*out)->file = -1;
    (*out)->bytes = bytes;
    (*out)->file_size = length;
    return ISB_OK;
}

void isb_input_close(isb_input *input) {
    if (input == NULL)
        return;
    if (input->gzip)
        inflateEnd(&input->inflater);
    if (input->file >= 0 && !input->borrowed)
        close(input->file);
    free(input);
}

bool isb_input_gzip(const isb_input *input) { return input->gzip; }

uint64_t isb_input_file_size(const isb_input *input) { return input->file_size; }

isb_status isb_input_rewind(isb_input *input, isb_error *error) {
    input->position = 0;
    if (input->bytes == NULL && lseek(input->file, 0, SEEK_SET) != 0)
        return fail_system(input, "read again", error);
    input->at_end = false;
    input->unpacked = 0;
    input->inflater.avail_in = 0;
    if (input->gzip)
        inflateReset(&input->inflater);
    return ISB_OK;
}

isb_status isb_input_check_unchanged(const isb_input *input, isb_error *error) {
    struct stat about;
    if (input->bytes != NULL)
        return ISB_OK;
    if (fstat(input->file, &about) != 0)
        return fail_system(input, "examined", error);
    if ((uint64_t)about.st_size == input->file_size &&
        about.st_mtim.tv_sec == input->written.tv_sec &&
        about.st_mtim.tv_nsec == input->written.tv_nsec)
        return ISB_OK;
    return isb_fail(error, ISB_DATA, "%s: was changed while it was read; leave it alone meanwhile",
                    input->path);
}

int isb_input_descriptor(const isb_input *input) { return input->file; }

void isb_input_forget(isb_input *input) { input->file = -1; }

static isb_status refill(isb_input *input, isb_error *error) {
    z_stream *inflater = &input->inflater;
    if (inflater->avail_in > 0)
        return ISB_OK;
    size_t got;
    isb_status status = read_once(input, input->packed, PACKED_SIZE, &got, error);
    inflater->next_in = input->packed;
    inflater->avail_in = (uInt)got;
    return status;
}

/* Behind a gzip member: the end of the file, or another member. */
static isb_status next_member(isb_input *input, isb_error *error) {
    z_stream *inflater = &input->inflater;
    isb_status status = refill(input, error);
    if (status != ISB_OK)
        return status;
    if (inflater->avail_in == 0) {
        input->at_end = true;
        return ISB_OK;
    }
    if (inflater->next_in[0] != 0x1f)
        return isb_fail(error, ISB_DATA,
                        "%s: something else stands behind the end of the gzip data; cut it off, or "
                        "download or copy the file again",
                        input->path);
    inflateReset(inflater);
    return ISB_OK;
}

static isb_status fail_inflate(const isb_input *input, int result, isb_error *error) {
    if (result == Z_MEM_ERROR)
        return isb_fail_memory(error, "unpacking gzip data");
    if (result == Z_BUF_ERROR)
        return isb_fail(error, ISB_DATA,
                        "%s: the gzip data are cut short, after %llu bytes unpacked; download or "
                        "copy the file again",
                        input->path, (unsigned long long)input->unpacked);
    return isb_fail(error, ISB_DATA,
                    "%s: the gzip data are damaged (%s); download or copy the file again",
                    input->path, input->inflater.msg != NULL ? input->inflater.msg : "no reason");
}

static isb_status inflate_some(isb_input *input, isb_error *error) {
    z_stream *inflater = &input->inflater;
    isb_status status = refill(input, error);
    if (status != ISB_OK)
        return status;
    uInt room = inflater->avail_out;
    int result = inflate(inflater, Z_NO_FLUSH);
    input->unpacked += room - inflater->avail_out;
    if (input->unpacked > input->most)
        return isb_fail_unpacked(input->path, ISB_UNPACK_GZIP, ISB_DATA, error);
    if (result == Z_STREAM_END)
        return next_member(input, error);
    return result == Z_OK ? ISB_OK : fail_inflate(input, result, error);
}

/* Up to `most` bytes unpacked; there may be none yet. */
static isb_status inflate_to(isb_input *input, uint8_t *to, size_t most, size_t *got,
                             isb_error *error) {
    const uInt room = most < 1u << 30 ? (uInt)most : 1u << 30;
    input->inflater.next_out = to;
    input->inflater.avail_out = room;
    const isb_status status = inflate_some(input, error);
    *got = room - input->inflater.avail_out;
    return status;
}

isb_status isb_input_read(isb_input *input, void *to, size_t wanted, size_t *got,
                          isb_error *error) {
    if (!input->gzip)
        return read_file(input, to, wanted, got, error);
    isb_status status = ISB_OK;
    for (*got = 0; *got < wanted && !input->at_end && status == ISB_OK;) {
        size_t more;
        status = inflate_to(input, (uint8_t *)to + *got, wanted - *got, &more, error);
        *got += more;
    }
    return status;
}

/* Of a stream that is not packed. */
static isb_status take_come(isb_input *input, void *to, size_t most, size_t *got,
                            isb_error *error) {
    z_stream *come = &input->inflater;
    const isb_status status = refill(input, error);
    *got = come->avail_in < most ? come->avail_in : most;
    memcpy(to, come->next_in, *got);
    come->next_in += *got;
    come->avail_in -= (uInt)*got;
    return status;
}

isb_status isb_input_read_some(isb_input *input, void *to, size_t most, size_t *got,
                               isb_error *error) {
    isb_status status = ISB_OK;
    *got = 0;
    if (!input->gzip)
        return take_come(input, to, most, got, error);
    while (status == ISB_OK && *got == 0 && !input->at_end)
        status = inflate_to(input, to, most, got, error);
    return status;
}

bool isb_input_ready(const isb_input *input) {
    struct pollfd file = {.fd = input->file, .events = POLLIN};
    return input->inflater.avail_in > 0 || poll(&file, 1, 0) != 0;
}
