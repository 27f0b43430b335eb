#include "base/number.h"
#include "cpu/fpenv.h"
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DIGITS = 17 }; /* any double reads back from 17 significant digits */

/* glibc and musl hand out a constant object for "C": nothing is allocated, nothing can fail. */
static locale_t c_locale(void) { return newlocale(LC_ALL_MASK, "C", (locale_t)0); }

/* What strtod and printf obey: the locale's decimal point and the direction of rounding. */
typedef struct host {
    locale_t locale;
    isb_fpenv arithmetic;
} host;

static host leave_host(void) { return (host){uselocale(c_locale()), isb_fpenv_enter()}; }

static void return_to(host before) {
    isb_fpenv_leave(before.arithmetic);
    uselocale(before.locale);
}

static bool digit(char c) { return c >= '0' && c <= '9'; }

static const char *skip_digits(const char *text) {
    while (digit(*text))
        text++;
    return text;
}

/* [+-] digits [. digits] [e [+-] digits], with digits on at least one side of the point. */
static bool is_decimal(const char *text) {
    if (*text == '+' || *text == '-')
        text++;
    const char *end = skip_digits(text);
    bool digits = end > text;
    if (*end == '.') {
        text = end + 1;
        end = skip_digits(text);
        digits = digits || end > text;
    }
    if (!digits)
        return false;
    if (*end == 'e' || *end == 'E') {
        text = end + 1;
        if (*text == '+' || *text == '-')
            text++;
        end = skip_digits(text);
        if (end == text)
            return false;
    }
    return *end == '\0';
}

bool isb_parse_double(const char *text, double *value) {
    if (!is_decimal(text))
        return false;
    const host before = leave_host();
    const double parsed = strtod(text, NULL);
    return_to(before);
    if (!isfinite(parsed))
        return false;
    *value = parsed;
    return true;
}

bool isb_parse_unsigned(const char *text, uint64_t *value) {
    if (!digit(text[0]) || (text[0] == '0' && text[1] != '\0'))
        return false;
    uint64_t parsed = 0;
    for (; digit(*text); text++) {
        uint64_t next = (uint64_t)(*text - '0');
        if (parsed > (UINT64_MAX - next) / 10)
            return false;
        parsed = parsed * 10 + next;
    }
    if (*text != '\0')
        return false;
    *value = parsed;
    return true;
}

/* The next decimal of as many digits; false where that would need another digit in front. */
static bool step_up(char *text) {
    for (char *last = strchr(text, 'e') - 1; last >= text; last--) {
        if (!digit(*last))
            continue;
        if (*last != '9') {
            ++*last;
            return true;
        }
        *last = '0';
    }
    return false;
}

/* Writes d.ddde+xx with as few digits as read back to `value`, a finite number. Above a power of
 * two doubles lie twice as far apart as below it: there a decimal above may read back where the
 * nearest one, below, does not. */
static void shortest_exponent_form(char out[ISB_NUMBER_SIZE], double value) {
    for (int digits = 1; digits <= MOST_DIGITS; digits++) {
        snprintf(out, ISB_NUMBER_SIZE, "%.*e", digits - 1, fabs(value));
        if (strtod(out, NULL) == fabs(value) || (step_up(out) && strtod(out, NULL) == fabs(value)))
            return;
    }
}

/* The significant digits and the exponent of the first one. */
typedef struct decimal {
    char digits[MOST_DIGITS + 1];
    int count;
    int exponent;
} decimal;

static decimal take_apart(const char *text) {
    decimal parts = {"", 0, 0};
    for (; *text != 'e'; text++)
        if (digit(*text))
            parts.digits[parts.count++] = *text;
    parts.exponent = (int)strtol(text + 1, NULL, 10);
    while (parts.count > 1 && parts.digits[parts.count - 1] == '0')
        parts.count--;
    return parts;
}

static char *put(char *out, const char *digits, int count) {
    memcpy(out, digits, (size_t)count);
    return out + count;
}

static char *put_zeros(char *out, int count) {
    memset(out, '0', (size_t)count);
    return out + count;
}

/* 1.5e-07: a sign and at least two digits in the exponent, as Python's repr has. */
static char *put_exponent_form(char *out, const decimal *parts) {
    out = put(out, parts->digits, 1);
    if (parts->count > 1) {
        *out++ = '.';
        out = put(out, parts->digits + 1, parts->count - 1);
    }
    return out + sprintf(out, "e%+03d", parts->exponent);
}

static char *put_plain(char *out, const decimal *parts) {
    int whole = parts->exponent + 1; /* digits before the point */
    if (whole <= 0) {
        out = put_zeros(put(out, "0.", 2), -whole);
        return put(out, parts->digits, parts->count);
    }
    if (whole >= parts->count)
        return put_zeros(put(out, parts->digits, parts->count), whole - parts->count);
    out = put(out, parts->digits, whole);
    *out++ = '.';
    return put(out, parts->digits + whole, parts->count - whole);
}

static size_t special(char out[ISB_NUMBER_SIZE], const char *text) {
    size_t length = strlen(text);
    memcpy(out, text, length + 1);
    return length;
}

size_t isb_format_double(char out[ISB_NUMBER_SIZE], double value) {
    if (isnan(value))
        return special(out, "nan");
    if (isinf(value))
        return special(out, value < 0 ? "-inf" : "inf");
    char text[ISB_NUMBER_SIZE];
    const host before = leave_host();
    shortest_exponent_form(text, value);
    return_to(before);
    decimal parts = take_apart(text);
    char *end = out;
    if (signbit(value))
        *end++ = '-';
    bool plain = parts.exponent >= -4 && parts.exponent < 16;
    end = plain ? put_plain(end, &parts) : put_exponent_form(end, &parts);
    *end = '\0';
    return (size_t)(end - out);
}
