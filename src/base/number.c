#include "base/decimal.h"
#include "cpu/fpenv.h"
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

bool isb_parse_float(const char *text, float *value) {
    if (!is_decimal(text))
        return false;
    const host before = leave_host();
    const float parsed = strtof(text, NULL);
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
    for (int digits = 1; digits <= ISB_DECIMAL_DIGITS; digits++) {
        snprintf(out, ISB_NUMBER_SIZE, "%.*e", digits - 1, fabs(value));
        if (strtod(out, NULL) == fabs(value) || (step_up(out) && strtod(out, NULL) == fabs(value)))
            return;
    }
}

static isb_decimal take_apart(const char *text) {
    isb_decimal parts = {"", 0, 0};
    for (; *text != 'e'; text++)
        if (digit(*text))
            parts.digits[parts.count++] = *text;
    parts.exponent = (int)strtol(text + 1, NULL, 10);
    return parts;
}

size_t isb_format_double(char out[ISB_NUMBER_SIZE], double value) {
    if (!isfinite(value))
        return isb_special_put(out, value);
    char text[ISB_NUMBER_SIZE];
    const host before = leave_host();
    shortest_exponent_form(text, value);
    return_to(before);
    const isb_decimal parts = take_apart(text);
    return isb_decimal_put(out, signbit(value), &parts);
}

size_t isb_format_fixed(char out[ISB_NUMBER_SIZE], double value, int decimals) {
    if (!(fabs(value) < 1e15))
        return isb_format_double(out, value);
    const host before = leave_host();
    int length = snprintf(out, ISB_NUMBER_SIZE, "%.*f", decimals, value);
    return_to(before);
    if (out[0] == '-' && strspn(out, "-0.") == (size_t)length)
        memmove(out, out + 1, (size_t)length--); /* with the NUL */
    return (size_t)length;
}
