#include "io/trace.h"
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "marks are written as they lie in memory");

enum { WORD = sizeof(uint32_t), TEXT_SIZE = (ISB_TRACE_MARKS * WORD + 2) / 3 * 4 + 1 };

static size_t divide_up(size_t n, size_t parts) { return (n + parts - 1) / parts; }

static size_t used(const isb_trace *trace, size_t steps) {
    return divide_up(steps, trace->stretch);
}

isb_status isb_trace_open(isb_trace *trace, size_t steps, isb_error *error) {
    *trace = (isb_trace){.stretch = divide_up(steps, ISB_TRACE_MARKS)};
    trace->most = divide_up(steps, trace->stretch);
    trace->marks = calloc(trace->most, sizeof *trace->marks);
    return trace->marks != NULL ? ISB_OK : isb_fail_memory(error, "the trace of an epoch");
}

void isb_trace_free(isb_trace *trace) {
    free(trace->marks);
    *trace = (isb_trace){0};
}

void isb_trace_restart(isb_trace *trace) {
    memset(trace->marks, 0, trace->most * sizeof *trace->marks);
    trace->steps = 0;
}

size_t isb_trace_add(isb_trace *trace, float loss) {
    const size_t mark = trace->steps++ / trace->stretch;
    unsigned char bytes[sizeof loss];
    memcpy(bytes, &loss, sizeof loss);
    trace->marks[mark] = (uint32_t)crc32(trace->marks[mark], bytes, sizeof bytes);
    return mark;
}

char *isb_trace_text(const isb_trace *trace) {
    const size_t bytes = used(trace, trace->steps) * WORD;
    char *text = malloc(divide_up(bytes, 3) * 4 + 1);
    if (text == NULL)
        return NULL;
    text[0] = '\0';
    EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)trace->marks, (int)bytes);
    return text;
}

bool isb_trace_read(isb_trace *trace, const char *text, size_t steps) {
    const size_t marks = used(trace, steps), bytes = marks * WORD, length = strlen(text);
    unsigned char decoded[TEXT_SIZE];
    if (marks > trace->most || length != divide_up(bytes, 3) * 4)
        return false;
    if (length > 0 &&
        EVP_DecodeBlock(decoded, (const unsigned char *)text, (int)length) < (int)bytes)
        return false;
    isb_trace_restart(trace);
    memcpy(trace->marks, decoded, bytes);
    trace->steps = steps;
    return true;
}
