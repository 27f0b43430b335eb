/* Writes JSON on one line, doubles as the shortest decimals that read back to the same bits. */
#ifndef ISB_IO_JSON_H
#define ISB_IO_JSON_H

#include "io/text.h"
#include <isobit/error.h>
#include <isobit/model.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Start with ISB_JSON_INIT. Lack of memory is remembered and reported by isb_json_finish. */
typedef struct isb_json {
    isb_text text;
} isb_json;

#define ISB_JSON_INIT                                                                              \
    {                                                                                              \
        { NULL, 0, 0, false }                                                                      \
    }

/* `key` is the name inside an object, NULL inside an array and at the top. */
void isb_json_object(isb_json *json, const char *key); /* opens one */
void isb_json_end_object(isb_json *json);
void isb_json_array(isb_json *json, const char *key); /* opens one */
void isb_json_end_array(isb_json *json);

/* NULL becomes null; each byte that is no part of valid UTF-8 becomes U+FFFD. */
void isb_json_string(isb_json *json, const char *key, const char *value);
void isb_json_unsigned(isb_json *json, const char *key, uint64_t value);
void isb_json_boolean(isb_json *json, const char *key, bool value);
void isb_json_null(isb_json *json, const char *key);

/* Of a batch: its axis comes first and is null, as Keras's None. */
void isb_json_shape(isb_json *json, const char *key, isb_shape shape);

/* NaN and infinities, which JSON lacks, become null. */
void isb_json_double(isb_json *json, const char *key, double value);

/* Hands the text over, to be released by free(), and makes `json` empty. */
isb_status isb_json_finish(isb_json *json, char **text, isb_error *error);

bool isb_utf8_valid(const char *text);

#endif
