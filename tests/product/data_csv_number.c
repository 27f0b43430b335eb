/* Decimals become the float32 that is nearest: compared with the C library's own reading, bit for
 * bit. */
#include "check.h"
#include "data/csv_number.h"
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 1;

static uint64_t draw(void) { /* splitmix64 */
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void check_one(const char *text) {
    char padded[512] = "";
    float value;
    const size_t length = strlen(text);
    CHECK(length + ISB_CSV_BEYOND < sizeof padded);
    memcpy(padded, text, length);
    padded[length] = ',';
    const char *end = isb_csv_number(padded, &value);
    CHECKF(end == padded + length, "%s: ends elsewhere", text);
    const float expected = strtof(text, NULL);
    CHECKF(bits_of(value) == bits_of(expected), "%s: %.9g, not %.9g", text, (double)value,
           (double)expected);
    end = isb_csv_short_number(padded, &value);
    CHECKF(end != padded + length || bits_of(value) == bits_of(expected), "%s: %.9g, not %.9g",
           text, (double)value, (double)expected);
}

CASE(data_csv_number, chosen) {
    static const char *const texts[] = {
        "0",
        "-0",
        "+0",
        "0.0",
        "1",
        "+1",
        "-1",
        "1.",
        ".5",
        "-.5e1",
        "0e999999999999999999999",
        "16777215",
        "16777216",
        "16777217",
        "16777218",
        "16777219",
        "16777217.0",
        "33554434",
        "16777217.000000000000000000000000000000000000000001",
        "16777216.999999999999999999999",
        "9007199254740993",
        "18446744073709551615",
        "18446744073709551616",
        "1e19",
        "1e38",
        "3.4028234e38",
        "3.4028235e38",
        "3.40282356e38",
        "3.4028235677973366e38",
        "3.4028236e38",
        "1e39",
        "-1e39",
        "1e400",
        "1e-400",
        "1e99999999999999999999",
        "1e-99999999999999999999",
        "1.1754944e-38",
        "1.1754943e-38",
        "1.17549429e-38",
        "1.4e-45",
        "7.0064923216240853546e-46",
        "7.0064923216240853547e-46",
        "7e-46",
        "2.8e-45",
        "1e-45",
        "1e-44",
        "1e-30",
        "1e-37",
        "0.00000000000000000000000000000000000000000000000000000000001e59",
        "1E5",
        "1e+05",
        "1.00000017881393432617187499",
        "1.00000017881393432617187500",
        "1.00000017881393432617187501",
        "1.000000178813934326171875",
        "8388608.5",
        "8388609.5",
        "0.1",
        "0.2",
        "0.3",
        "123456789",
        "1234567890123456789",
        "12345678901234567890",
        "00000000000000000000000000000001.5",
        "000.00000000000000000000000000015e29",
        "4503599627370497.5",
        "0.500000029802322387695312500000000000000000000000000000000000000",
        "0."
        "5000000298023223876953125000000000000000000000000000000000000000000000000000000000000000"
        "1"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_one(texts[i]);
}

CASE(data_csv_number, half_ways) {
    for (size_t i = 0; i < 100000; i++) {
        const uint32_t bits = (uint32_t)(draw() % 0x7f000000);
        float low, high;
        const uint32_t above = bits + 1;
        memcpy(&low, &bits, sizeof low);
        memcpy(&high, &above, sizeof high);
        const double half = ((double)low + (double)high) / 2;
        char text[400];
        snprintf(text, sizeof text, "%.160e", half);
        check_one(text);
        snprintf(text, sizeof text, "%.17e", half);
        check_one(text);
        snprintf(text, sizeof text, "%.17e", nextafter(half, 0));
        check_one(text);
        snprintf(text, sizeof text, "%.9g", (double)low);
        check_one(text);
    }
}

CASE(data_csv_number, random_decimals) {
    for (size_t i = 0; i < 1000000; i++) {
        char text[128];
        const uint64_t digits = draw() >> (draw() % 64);
        const int exponent = (int)(draw() % 120) - 70;
        switch (i % 4) {
        case 0: snprintf(text, sizeof text, "%" PRIu64, digits); break;
        case 1: snprintf(text, sizeof text, "-%" PRIu64 "e%d", digits, exponent); break;
        case 2:
            snprintf(text, sizeof text, "%" PRIu64 ".%0*" PRIu64, digits % 100000,
                     (int)(draw() % 22), draw() >> (draw() % 64));
            break;
        default:
            snprintf(text, sizeof text, "%.*g", 1 + (int)(draw() % 18),
                     (double)digits / 18446744073709551616.0);
        }
        check_one(text);
    }
}

/* Up to eight digits on either side of the point. */
CASE(data_csv_number, short_ones) {
    size_t tried = 0, taken = 0;
    for (size_t i = 0; i < 1000000; i++) {
        char text[64], digits[32];
        snprintf(digits, sizeof digits, "%08" PRIu64 "%08" PRIu64, draw() % 100000000,
                 draw() % 100000000);
        const int whole = (int)(draw() % 9), fraction = (int)(draw() % 9);
        const bool point = draw() % 4 > 0;
        snprintf(text, sizeof text, "%s%.*s%s%.*s,", draw() % 2 > 0 ? "-" : "", whole, digits,
                 point ? "." : "", point ? fraction : 0, digits + 8);
        float value = 0, expected;
        const char *end = isb_csv_short_number(text, &value);
        const bool is_number = whole > 0 || (point && fraction > 0);
        tried += is_number && whole < 8 && (!point || (fraction > 0 && fraction < 8));
        if (end == NULL)
            continue;
        taken++;
        CHECKF(is_number && *end == ',' && end[1] == '\0', "%s ends elsewhere", text);
        expected = strtof(text, NULL);
        CHECKF(bits_of(value) == bits_of(expected), "%s: %.9g", text, (double)value);
    }
    CHECKF(taken <= tried && taken > tried / 100 * 99, "%zu of %zu", taken, tried);
}

CASE(data_csv_number, what_is_none) {
    static const char *const texts[] = {"",    "+", "-",  ".",   "e1",  "1e",  "1e+",
                                        ".e1", "x", " 1", "--1", "nan", "inf", "\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char padded[64] = "";
        float value;
        strcpy(padded, texts[i]);
        CHECKF(isb_csv_number(padded, &value) == NULL, "'%s' is taken for a number", texts[i]);
    }
}
