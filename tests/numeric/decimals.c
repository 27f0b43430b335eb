/* Short decimals, several at a time: compared with the C library's own reading, bit for bit, on
 * every instruction set that has them. */
#include "simd/decimals.h"
#include "check.h"
#include "random/xoshiro.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TEXT = 4096, LONGEST = 80 };

static uint64_t state;

static uint64_t draw(uint64_t below) { return isb_splitmix64(state++) % below; }

/* A record of fields with its line feed, and no byte more readable than is asked for. */
typedef struct record {
    char *memory, *text;
    size_t count;
    char fields[ISB_DECIMALS_MOST][LONGEST];
} record;

static void put_together(record *r, char separator, char last) {
    char text[MOST_TEXT];
    size_t length = 0;
    for (size_t i = 0; i < r->count; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%c", r->fields[i],
                                   i + 1 < r->count ? separator : last);
    if (last != '\n')
        text[length++] = '\n';
    r->memory = malloc(ISB_DECIMALS_BEFORE + length + ISB_DECIMALS_BEHIND);
    CHECK(r->memory != NULL);
    memset(r->memory, '7', ISB_DECIMALS_BEFORE + length + ISB_DECIMALS_BEHIND);
    r->text = memcpy(r->memory + ISB_DECIMALS_BEFORE, text, length);
}

/* Up to seven digits, up to eight behind a point; at least one digit, and at the end. */
static void make_short(char *field) {
    char digits[32];
    const int whole = (int)draw(8), fraction = draw(4) > 0 ? (int)draw(9) : 0;
    snprintf(digits, sizeof digits, "%07d%08d", (int)draw(10000000), (int)draw(100000000));
    if (fraction > 0)
        snprintf(field, LONGEST, "%s%.*s.%.*s", draw(2) > 0 && whole + fraction < 15 ? "-" : "",
                 whole, digits, fraction, digits + 7);
    else
        snprintf(field, LONGEST, "%s%.*s", draw(2) > 0 ? "-" : "", whole > 0 ? whole : 1, digits);
}

static bool same_bits(float x, float y) { return memcmp(&x, &y, sizeof x) == 0; }

/* Reads the record; what comes out is right. Gives how many numbers that is. */
static size_t read_record(isb_decimals *decimals, const record *r, char separator, char last) {
    float values[ISB_DECIMALS_MOST + 1];
    values[r->count] = 0.5f;
    const char *end = r->text;
    const size_t found = decimals(values, r->count, &end, separator, last);
    const char *expected_end = r->text;
    CHECKF(found <= r->count && values[r->count] == 0.5f, "%zu of %zu", found, r->count);
    for (size_t i = 0; i < found; i++) {
        char *behind;
        const float expected = strtof(r->fields[i], &behind);
        CHECKF(*behind == '\0' && behind > r->fields[i] &&
                   strspn(r->fields[i], "-.0123456789") == strlen(r->fields[i]),
               "'%s' is taken for a number", r->fields[i]);
        CHECKF(same_bits(values[i], expected), "%s: %.9g", r->fields[i], (double)values[i]);
        expected_end += strlen(r->fields[i]) + 1;
    }
    CHECKF(end == expected_end, "ends elsewhere: %.20s", end);
    return found;
}

static void for_each_isa(void (*check)(isb_decimals *)) {
    for (int i = 0; i < ISB_ISA_COUNT; i++) {
        isb_decimals *decimals = isb_decimals_for((isb_isa)i);
        state = 1;
        if (isb_isa_available((isb_isa)i) && decimals != NULL)
            check(decimals);
    }
}

static void check_short(isb_decimals *decimals) {
    for (size_t trial = 0; trial < 20000; trial++) {
        record r = {.count = 1 + (size_t)draw(ISB_DECIMALS_MOST)};
        const char separator = ",;\t|"[draw(4)], last = draw(2) > 0 ? '\n' : separator;
        for (size_t i = 0; i < r.count; i++)
            make_short(r.fields[i]);
        put_together(&r, separator, last);
        const size_t found = read_record(decimals, &r, separator, last);
        CHECKF(r.count >= ISB_DECIMALS_LEAST || found == 0, "%zu of %zu", found, r.count);
        CHECKF(r.count < ISB_DECIMALS_LEAST || found == r.count, "%zu of %.60s", found, r.text);
        free(r.memory);
    }
}

CASE(decimals, short_ones_are_read) { for_each_isa(check_short); }

static const char *const others[] = {
    "",
    "-",
    ".",
    "-.",
    "1.",
    "-1.",
    "1..2",
    "1.2.3",
    "1.2.",
    "..",
    "--1",
    "1-",
    "-1-2",
    "+1",
    " 1",
    "1 ",
    "1e5",
    "1e-3",
    "nan",
    "inf",
    "x",
    "12345678",
    "123456789",
    "1\r",
    "\"1\"",
    "0x1",
    "1/2",
    "1:2",
    "12345678.5",
    "1.123456789",
    "123456789012345",
    "1234567890123456",
    "0.12345678901234",
    "1234567.12345678901234567890",
    ("\xc2\xa0"
     "1"),
    "1\xb2",
    "........",
    "1.......2",
    "-1234567.12345678",
    "1'000",
    "0.0.",
    "-.-5",
    ".-5",
};

static void check_others(isb_decimals *decimals) {
    for (size_t trial = 0; trial < 40000; trial++) {
        const char *other = others[trial % (sizeof others / sizeof *others)];
        record r = {.count = 4 + (size_t)draw(20)};
        const size_t place = (size_t)draw(r.count);
        for (size_t i = 0; i < r.count; i++)
            snprintf(r.fields[i], LONGEST, "%d.%d", (int)draw(100), (int)draw(1000));
        snprintf(r.fields[place], LONGEST, "%s", other);
        put_together(&r, ',', '\n');
        const size_t found = read_record(decimals, &r, ',', '\n');
        CHECKF(found <= place, "'%s' is read", other);
        CHECKF(found + 4 > place, "%zu, not %zu: %s", found, place, other);
        free(r.memory);
    }
}

CASE(decimals, others_are_left_alone) { for_each_isa(check_others); }

/* Floats, what lies half way between two, and the decimals around that. */
static void check_half_ways(isb_decimals *decimals) {
    for (size_t trial = 0; trial < 50000; trial++) {
        record r = {.count = 8};
        for (size_t i = 0; i < r.count; i++) {
            const int fraction = draw(2) > 0 ? 8 : 1 + (int)draw(8);
            const double scale = (double)(1u << draw(draw(2) > 0 ? 8 : 23));
            const float low = (float)((double)draw(1 << 24) / scale);
            uint32_t bits;
            float high;
            memcpy(&bits, &low, sizeof bits);
            bits++;
            memcpy(&high, &bits, sizeof high);
            const double half = ((double)low + (double)high) / 2;
            const double near = (half < 9e6 ? half : 0.5) + ((double)draw(3) - 1) * 1e-8;
            snprintf(r.fields[i], LONGEST, "%.*f", fraction, near);
        }
        put_together(&r, ',', '\n');
        const size_t found = read_record(decimals, &r, ',', '\n');
        CHECKF(found == r.count, "%zu: %.60s", found, r.text);
        free(r.memory);
    }
}

CASE(decimals, half_ways_are_rounded_correctly) { for_each_isa(check_half_ways); }

/* A record of fewer fields, or of more, is not read beyond its end. */
static void check_lengths(isb_decimals *decimals) {
    for (size_t fields = 1; fields <= 40; fields++) {
        record r = {.count = fields};
        for (size_t i = 0; i < fields; i++)
            snprintf(r.fields[i], LONGEST, "%zu.5", i);
        put_together(&r, ',', '\n');
        for (size_t count = 1; count <= ISB_DECIMALS_MOST; count++) {
            float values[ISB_DECIMALS_MOST];
            const char *end = r.text;
            const size_t found = decimals(values, count, &end, ',', '\n');
            const size_t fitting = count == fields  ? fields
                                   : count < fields ? count - 1
                                                    : fields - 1;
            const size_t expected = fitting >= ISB_DECIMALS_LEAST ? fitting : 0;
            CHECKF(found == expected, "%zu of %zu, asked for %zu", found, fields, count);
            for (size_t i = 0; i < found; i++)
                CHECK(values[i] == (float)i + 0.5f);
        }
        free(r.memory);
    }
}

CASE(decimals, other_lengths_are_not_read_to_the_end) { for_each_isa(check_lengths); }
