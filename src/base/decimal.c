#include "base/decimal.h"
#include <math.h>
#include <string.h>

static char *put(char *out, const char *digits, int count) {
    memcpy(out, digits, (size_t)count);
    return out + count;
}

static char *put_zeros(char *out, int count) {
    memset(out, '0', (size_t)count);
    return out + count;
}

/* 1.5e-07: a sign and at least two digits in the exponent, as Python's repr has. */
static char *put_exponent_form(char *out, const char *digits, int count, int exponent) {
    out = put(out, digits, 1);
    if (count > 1) {
        *out++ = '.';
        out = put(out, digits + 1, count - 1);
    }
    const int size = exponent < 0 ? -exponent : exponent;
    *out++ = 'e';
    *out++ = exponent < 0 ? '-' : '+';
    if (size >= 100)
        *out++ = (char)('0' + size / 100);
    *out++ = (char)('0' + size / 10 % 10);
    *out++ = (char)('0' + size % 10);
    return out;
}

static char *put_plain(char *out, const char *digits, int count, int exponent) {
    const int whole = exponent + 1; /* digits before the point */
    if (whole <= 0) {
        out = put_zeros(put(out, "0.", 2), -whole);
        return put(out, digits, count);
    }
    if (whole >= count)
        return put_zeros(put(out, digits, count), whole - count);
    out = put(out, digits, whole);
    *out++ = '.';
    return put(out, digits + whole, count - whole);
}

size_t isb_decimal_put(char out[ISB_NUMBER_SIZE], bool negative, const isb_decimal *decimal) {
    const bool plain = decimal->exponent >= -4 && decimal->exponent < 16;
    int count = decimal->count;
    while (count > 1 && decimal->digits[count - 1] == '0')
        count--;
    char *end = out;
    if (negative)
        *end++ = '-';
    end = plain ? put_plain(end, decimal->digits, count, decimal->exponent)
                : put_exponent_form(end, decimal->digits, count, decimal->exponent);
    *end = '\0';
    return (size_t)(end - out);
}

size_t isb_special_put(char out[ISB_NUMBER_SIZE], double value) {
    if (isfinite(value))
        return 0;
    const char *text = isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
    strcpy(out, text);
    return strlen(text);
}
