#include "data/csv_number.h"
#include "base/number.h"
#include <float.h>
#include <math.h>
#include <stdio.h>

enum {
    MOST_DIGITS = 19,      /* any decimal of so many fits 64 bits */
    DECISIVE_DIGITS = 120, /* more than any float32 and any half way between two has (113) */
    LARGEST_POWER = 64,
};

/* A number taken apart: its digits, with a point among them, times a power of ten that counts from
 * the last of them. */
typedef struct decimal {
    const char *first, *end;
    int64_t exponent;
} decimal;

static bool is_digit(char c) { return (unsigned char)(c - '0') < 10; }

static const char *read_digits(const char *text, uint64_t *value) {
    static const uint32_t powers[] = {1,      10,      100,      1000,     10000,
                                      100000, 1000000, 10000000, 100000000};
    for (;;) {
        uint64_t eight;
        memcpy(&eight, text, sizeof eight);
        const unsigned count = isb_csv_count_digits(eight);
        if (count > 0)
            *value = *value * powers[count] + isb_csv_digits(eight, count);
        text += count;
        if (count < 8)
            return text;
    }
}

/* Behind the e; NULL without a digit. */
static const char *read_exponent(const char *text, int64_t *exponent) {
    const bool negative = *text == '-';
    text += *text == '-' || *text == '+';
    if (!is_digit(*text))
        return NULL;
    int64_t value = 0;
    for (; is_digit(*text); text++) /* beyond any number of digits that a record holds */
        value = value < INT64_C(1000000000000) ? value * 10 + (*text - '0') : value;
    *exponent += negative ? -value : value;
    return text;
}

/* Without the digits that cannot decide: of these only whether one of them is not 0. */
static float round_exactly(const decimal *number) {
    char digits[DECISIVE_DIGITS + 2], text[DECISIVE_DIGITS + 32];
    size_t kept = 0;
    int64_t exponent = number->exponent;
    bool more = false;
    for (const char *p = number->first; p < number->end; p++) {
        if (*p == '.' || (kept == 0 && *p == '0'))
            continue;
        if (kept < DECISIVE_DIGITS) {
            digits[kept++] = *p;
        } else {
            exponent++;
            more = more || *p != '0';
        }
    }
    if (more) {
        digits[kept++] = '1';
        exponent--;
    }
    digits[kept] = '\0';
    exponent = exponent < -9999 ? -9999 : exponent > 9999 ? 9999 : exponent;
    snprintf(text, sizeof text, "%se%d", digits, (int)exponent);
    float value;
    return isb_parse_float(text, &value) ? value : INFINITY;
}

/* Whether a double that is off by less than eight units in its last place rounds to the same float
 * as what it stands for: it lies in the range of normal floats and half way between no two. */
static bool rounds_safely(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint64_t beyond = bits & 0x1fffffff, half = 0x10000000;
    return value >= FLT_MIN && beyond + 8 - half > 16;
}

static float round_value(uint64_t value, const decimal *number, int64_t exponent) {
    static const double powers[2 * LARGEST_POWER + 1] = {
        1e-64, 1e-63, 1e-62, 1e-61, 1e-60, 1e-59, 1e-58, 1e-57, 1e-56, 1e-55, 1e-54, 1e-53, 1e-52,
        1e-51, 1e-50, 1e-49, 1e-48, 1e-47, 1e-46, 1e-45, 1e-44, 1e-43, 1e-42, 1e-41, 1e-40, 1e-39,
        1e-38, 1e-37, 1e-36, 1e-35, 1e-34, 1e-33, 1e-32, 1e-31, 1e-30, 1e-29, 1e-28, 1e-27, 1e-26,
        1e-25, 1e-24, 1e-23, 1e-22, 1e-21, 1e-20, 1e-19, 1e-18, 1e-17, 1e-16, 1e-15, 1e-14, 1e-13,
        1e-12, 1e-11, 1e-10, 1e-9,  1e-8,  1e-7,  1e-6,  1e-5,  1e-4,  1e-3,  1e-2,  1e-1,  1e0,
        1e1,   1e2,   1e3,   1e4,   1e5,   1e6,   1e7,   1e8,   1e9,   1e10,  1e11,  1e12,  1e13,
        1e14,  1e15,  1e16,  1e17,  1e18,  1e19,  1e20,  1e21,  1e22,  1e23,  1e24,  1e25,  1e26,
        1e27,  1e28,  1e29,  1e30,  1e31,  1e32,  1e33,  1e34,  1e35,  1e36,  1e37,  1e38,  1e39,
        1e40,  1e41,  1e42,  1e43,  1e44,  1e45,  1e46,  1e47,  1e48,  1e49,  1e50,  1e51,  1e52,
        1e53,  1e54,  1e55,  1e56,  1e57,  1e58,  1e59,  1e60,  1e61,  1e62,  1e63,  1e64};
    if (value == 0)
        return 0;
    if (exponent == 0 && value <= UINT64_C(1) << 53)
        return (float)(double)value; /* the double is exact */
    if (exponent >= -LARGEST_POWER && exponent <= LARGEST_POWER) {
        const double near = (double)value * powers[exponent + LARGEST_POWER];
        if (rounds_safely(near))
            return (float)near;
    }
    return round_exactly(number);
}

/* With more digits than fit: the first ones are near enough for all but exact rounding. */
static float round_long(const decimal *number) {
    uint64_t value = 0;
    int64_t exponent = number->exponent;
    size_t kept = 0;
    for (const char *p = number->first; p < number->end; p++) {
        if (*p == '.' || (kept == 0 && *p == '0'))
            continue;
        if (kept < MOST_DIGITS) {
            value = value * 10 + (uint64_t)(*p - '0');
            kept++;
        } else {
            exponent++;
        }
    }
    return round_value(value, number, exponent);
}

/* Signs come at random: no branch. */
static float with_sign(float size, uint32_t negative) {
    uint32_t bits;
    memcpy(&bits, &size, sizeof bits);
    bits |= negative << 31;
    memcpy(&size, &bits, sizeof size);
    return size;
}

const char *isb_csv_number(const char *text, float *value) {
    const uint32_t negative = *text == '-';
    text += (*text == '-') | (*text == '+');
    decimal number = {.first = text};
    uint64_t digits = 0;
    for (; is_digit(*text); text++)
        digits = digits * 10 + (uint64_t)(*text - '0');
    int64_t count = text - number.first;
    if (*text == '.') {
        const char *fraction = text + 1;
        text = read_digits(fraction, &digits);
        number.exponent = fraction - text;
        count += text - fraction;
    }
    if (count == 0)
        return NULL;
    number.end = text;
    if (*text == 'e' || *text == 'E') {
        text = read_exponent(text + 1, &number.exponent);
        if (text == NULL)
            return NULL;
    }
    const float size =
        count <= MOST_DIGITS ? round_value(digits, &number, number.exponent) : round_long(&number);
    *value = with_sign(size, negative);
    return text;
}
