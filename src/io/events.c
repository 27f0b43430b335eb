#include "io/events.h"
#include "io/file.h"
#include "io/sha256.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* "2026-01-31T12:00:00.123Z" */
static void put_time(isb_json *json) {
    struct timespec now;
    struct tm utc;
    char date[40], text[64];
    clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &utc) == NULL || strftime(date, sizeof date, "%FT%T", &utc) == 0) {
        isb_json_null(json, "time");
        return;
    }
    snprintf(text, sizeof text, "%s.%03ldZ", date, now.tv_nsec / 1000000);
    isb_json_string(json, "time", text);
}

void isb_event_begin(isb_json *json, const char *event) {
    *json = (isb_json)ISB_JSON_INIT;
    isb_json_object(json, NULL);
    isb_json_string(json, "event", event);
    put_time(json);
}

isb_status isb_event_end(isb_json *json, isb_text *lines, isb_error *error) {
    char *text;
    isb_json_end_object(json);
    isb_status status = isb_json_finish(json, &text, error);
    if (status != ISB_OK)
        return status;
    isb_text_add(lines, text);
    isb_text_add(lines, "\n");
    free(text);
    return lines->failed ? isb_fail_memory(error, "the events of the run") : ISB_OK;
}

static void put_score(isb_json *json, const char *prefix, const isb_score *score,
                      isb_measure_set measures) {
    char key[40];
    for (int m = 0; score->present && m < ISB_MEASURES; m++) {
        const isb_measure measure = (isb_measure)m;
        snprintf(key, sizeof key, "%s%s", prefix, isb_measure_name(measure));
        if (isb_measures_have(measures, measure))
            isb_json_double(json, key, isb_score_value(score, measure));
    }
}

static isb_status put_digests(isb_json *json, const isb_tensors *state, isb_error *error) {
    char hex[ISB_SHA256_SIZE];
    isb_sha256 hash;
    isb_sha256_open(&hash);
    isb_json_object(json, "tensors");
    for (size_t i = 0; i < state->count; i++) {
        const isb_tensor *tensor = &state->items[i];
        if (!isb_tensor_is_weights(tensor->name))
            continue;
        isb_sha256_add(&hash, tensor->data, isb_shape_size(tensor->shape) * sizeof(float));
        isb_sha256_peek(&hash, hex);
        isb_json_string(json, tensor->name, hex);
    }
    isb_json_end_object(json);
    isb_status status = isb_sha256_close(&hash, hex, error);
    isb_json_string(json, "weights_sha256", hex);
    return status;
}

isb_status isb_event_epoch(const isb_epoch_event *epoch, const isb_tensors *state, isb_text *lines,
                           isb_error *error) {
    const isb_epoch_result *result = epoch->result;
    isb_json json;
    isb_event_begin(&json, "epoch");
    isb_json_unsigned(&json, "epoch", result->epoch);
    isb_json_unsigned(&json, "steps", result->steps);
    put_score(&json, "", &result->train, epoch->measures);
    put_score(&json, "train_eval_", &result->train_eval, epoch->measures);
    put_score(&json, "val_", &result->validation, epoch->measures);
    isb_json_double(&json, "learning_rate", result->learning_rate);
    isb_json_double(&json, "seconds", epoch->seconds);
    isb_status status = put_digests(&json, state, error);
    isb_json_object(&json, "losses");
    isb_json_unsigned(&json, "stretch", epoch->stretch);
    isb_json_string(&json, "crc32", epoch->trace);
    isb_json_end_object(&json);
    if (status == ISB_OK)
        return isb_event_end(&json, lines, error);
    free(json.text.data);
    return status;
}

/* The file. */

static isb_status fail(const char *path, const char *what, int code, isb_error *error) {
    return isb_fail(error, ISB_FAILURE, "%s: cannot be %s: %s%s", path, what, strerror(code),
                    code == ENOSPC || code == EDQUOT || code == EFBIG
                        ? "; free space there, or choose another directory with --run DIR"
                        : "");
}

static int write_all(int file, const char *data, size_t length) {
    while (length > 0) {
        const ssize_t put = write(file, data, length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return put < 0 ? errno : EIO;
        data += put;
        length -= (size_t)put;
    }
    return 0;
}

/* Half a line must not stay behind. */
static int append(int file, const isb_text *lines, size_t *length) {
    struct stat about;
    if (fstat(file, &about) != 0)
        return errno;
    if (!S_ISREG(about.st_mode))
        return EINVAL;
    int code = write_all(file, lines->data, lines->length);
    if (code == 0 && fsync(file) != 0)
        code = errno;
    if (code != 0 && ftruncate(file, about.st_size) != 0)
        return code;
    *length = (size_t)about.st_size + lines->length;
    return code;
}

isb_status isb_events_append(const char *path, const isb_text *lines, size_t *length,
                             isb_error *error) {
    const int file =
        open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
    if (file < 0)
        return fail(path, "written", errno, error);
    int code = append(file, lines, length);
    if (close(file) != 0 && code == 0)
        code = errno;
    return code == 0 ? ISB_OK : fail(path, "written", code, error);
}

static int read_all(int file, char *bytes, size_t length, off_t from) {
    while (length > 0) {
        const ssize_t got = pread(file, bytes, length, from);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? errno : EIO;
        bytes += got;
        length -= (size_t)got;
        from += got;
    }
    return 0;
}

/* The end of the last whole line within the first `length` bytes. */
static int end_of_lines(int file, off_t *length) {
    char bytes[512];
    while (*length > 0) {
        const off_t from = *length > (off_t)sizeof bytes ? *length - (off_t)sizeof bytes : 0;
        const size_t wanted = (size_t)(*length - from);
        const int code = read_all(file, bytes, wanted, from);
        if (code != 0)
            return code;
        const char *newline = memrchr(bytes, '\n', wanted);
        if (newline != NULL) {
            *length = from + (newline - bytes) + 1;
            return 0;
        }
        *length = from;
    }
    return 0;
}

static int cut(int file, size_t length) {
    struct stat about;
    if (fstat(file, &about) != 0)
        return errno;
    if (!S_ISREG(about.st_mode))
        return EINVAL;
    off_t end = (uintmax_t)about.st_size < length ? about.st_size : (off_t)length;
    int code = end_of_lines(file, &end);
    if (code == 0 && end != about.st_size && ftruncate(file, end) != 0)
        code = errno;
    return code;
}

isb_status isb_events_cut(const char *path, size_t length, isb_error *error) {
    const int file = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0 && errno == ENOENT)
        return ISB_OK;
    if (file < 0)
        return fail(path, "cut back", errno, error);
    int code = cut(file, length);
    if (close(file) != 0 && code == 0)
        code = errno;
    return code == 0 ? ISB_OK : fail(path, "cut back", code, error);
}
