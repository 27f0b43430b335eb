#include "base/number.h"
#include "base/suggest.h"
#include "check.h"
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void check_format(double value, const char *expected) {
    char text[ISB_NUMBER_SIZE];
    size_t length = isb_format_double(text, value);
    CHECKF(strcmp(text, expected) == 0, "'%s', expected '%s'", text, expected);
    CHECK(length == strlen(expected));
}

/* What Python's repr prints, less a trailing ".0". */
static const struct {
    double value;
    const char *text;
} formats[] = {
    {0, "0"},
    {-0.0, "-0"},
    {5, "5"},
    {60000, "60000"},
    {-255, "-255"},
    {0.1, "0.1"},
    {0.001, "0.001"},
    {0.0001, "0.0001"},
    {0.00001, "1e-05"},
    {1e-7, "1e-07"},
    {1.5e-7, "1.5e-07"},
    {0.30000000000000004, "0.30000000000000004"},
    {1.0 / 3, "0.3333333333333333"},
    {123456.789, "123456.789"},
    {9007199254740993.0, "9007199254740992"},
    {1e15, "1000000000000000"},
    {1e16, "1e+16"},
    {1.7976931348623157e308, "1.7976931348623157e+308"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {4.9406564584124654e-324, "5e-324"},
    /* Powers of two whose shortest decimal is not the nearest one of its length. */
    {7.120236347223045e-307, "7.120236347223045e-307"},
    {8.209073602596753e-289, "8.209073602596753e-289"},
    {5.858190679279809e-244, "5.858190679279809e-244"},
    {(double)INFINITY, "inf"},
    {-(double)INFINITY, "-inf"},
    {(double)NAN, "nan"},
};

CASE(number, formats_shortest) {
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        check_format(formats[i].value, formats[i].text);
}

CASE(number, formats_fixed) {
    static const struct {
        double value;
        int decimals;
        const char *text;
    } cases[] = {
        {0, 2, "0.00"},
        {-0.0, 0, "0"},
        {-0.004, 2, "0.00"},
        {-0.006, 2, "-0.01"},
        {97.525, 2, "97.53"}, /* lies above the half */
        {0.125, 2, "0.12"},   /* a half: to even */
        {12.5, 0, "12"},
        {1e-300, 9, "0.000000000"},
        {999999999999999, 9, "999999999999999.000000000"},
        {1e15, 2, "1000000000000000"},
        {-1.5e300, 2, "-1.5e+300"},
        {(double)INFINITY, 2, "inf"},
        {(double)NAN, 2, "nan"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[ISB_NUMBER_SIZE];
        size_t length = isb_format_fixed(text, cases[i].value, cases[i].decimals);
        CHECKF(strcmp(text, cases[i].text) == 0, "'%s', expected '%s'", text, cases[i].text);
        CHECK(length == strlen(cases[i].text));
    }
}

CASE(number, reads_back_to_the_same_bits) {
    uint64_t state = 1;
    for (int i = 0; i < 20000; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        double value, back = 0;
        memcpy(&value, &state, sizeof value);
        if (!isfinite(value))
            continue;
        char text[ISB_NUMBER_SIZE];
        isb_format_double(text, value);
        CHECKF(isb_parse_double(text, &back), "%s", text);
        CHECKF(memcmp(&value, &back, sizeof value) == 0, "%s", text);
    }
}

static const struct {
    float value;
    const char *text;
} float_formats[] = {
    {0, "0"},
    {-0.0f, "-0"},
    {1, "1"},
    {-255, "-255"},
    {0.1f, "0.1"},
    {0.3f, "0.3"},
    {1.0f / 3, "0.33333334"},
    {0.0001f, "0.0001"},
    {0.00001f, "1e-05"},
    {16777216, "16777216"},
    {1e15f, "1000000000000000"},
    {1e16f, "1e+16"},
    {0x1p-100f, "7.888609e-31"}, /* a power of two: the float below is nearer */
    {0x1p-24f, "5.9604645e-08"},
    {9.5e-9f, "9.5e-09"},
    {3.4028235e38f, "3.4028235e+38"},
    {1.1754944e-38f, "1.1754944e-38"},
    {1e-45f, "1e-45"},
    {INFINITY, "inf"},
    {-INFINITY, "-inf"},
    {NAN, "nan"},
};

CASE(number, formats_shortest_floats) {
    for (size_t i = 0; i < sizeof float_formats / sizeof float_formats[0]; i++) {
        char text[ISB_NUMBER_SIZE];
        const size_t length = isb_format_float(text, float_formats[i].value);
        CHECKF(strcmp(text, float_formats[i].text) == 0, "'%s', expected '%s'", text,
               float_formats[i].text);
        CHECK(length == strlen(text));
    }
}

/* Significant digits, zeros at the end not counted. */
static int count_digits(const char *text) {
    int count = 0, zeros = 0;
    for (; *text != '\0' && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (*text == '0' && count == 0))
            continue;
        count++;
        zeros = *text == '0' ? zeros + 1 : 0;
    }
    return count - zeros;
}

/* Whether the nearest decimal of so many digits, or one of its two neighbours, reads back. */
static bool reads_back(float value, int digits) {
    char text[64];
    snprintf(text, sizeof text, "%.*e", digits - 1, (double)value);
    const double nearest = strtod(text, NULL);
    char *exponent = strchr(text, 'e');
    const double step = pow(10, atoi(exponent + 1) - digits + 1);
    for (int i = -1; i <= 1; i++) {
        snprintf(text, sizeof text, "%.*e", digits - 1, nearest + i * step);
        if (strtof(text, NULL) == value)
            return true;
    }
    return false;
}

static void check_float(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    char text[ISB_NUMBER_SIZE], nearest[64];
    isb_format_float(text, value);
    CHECKF(strtof(text, NULL) == value, "%08x: %s", bits, text);
    const int digits = count_digits(text);
    CHECKF(digits == 1 || !reads_back(value, digits - 1), "%08x: %s is not shortest", bits, text);
    snprintf(nearest, sizeof nearest, "%.*e", digits - 1, (double)value);
    CHECKF(strtof(nearest, NULL) != value || strtod(nearest, NULL) == strtod(text, NULL),
           "%08x: %s, but %s is nearer", bits, text, nearest);
}

CASE(number, floats_read_back_from_shortest) {
    for (uint32_t exponent = 1; exponent < 255; exponent++) {
        check_float((exponent << 23) - 1);
        check_float(exponent << 23);
        check_float((exponent << 23) + 1);
    }
    for (uint32_t bits = 1; bits < 0x7f800000; bits += 19997)
        check_float(bits);
}

CASE(number, parses_decimals_only) {
    static const char *const right[] = {"0",  "1",   "-1",   "+1",   "1.5", ".5",
                                        "5.", "1e3", "1e-3", "1E+3", "00",  "1.5e-07"};
    static const char *const wrong[] = {"",    ".",   "e3",  "1e",  "1e+", "1 ",    " 1",    "0x10",
                                        "inf", "nan", "1_0", "1,5", "--1", "1.2.3", "1e999", "1f"};
    double value = 0;
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        CHECKF(isb_parse_double(right[i], &value), "'%s'", right[i]);
    CHECK(value == 1.5e-7);
    value = 7;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CHECKF(!isb_parse_double(wrong[i], &value), "'%s'", wrong[i]);
    CHECK(value == 7);
}

CASE(number, parses_unsigned) {
    static const char *const wrong[] = {
        "", "-1", "+1", "01", "00", "1.0", "1e3", " 1", "1 ", "x", "18446744073709551616"};
    uint64_t value = 1;
    CHECK(isb_parse_unsigned("0", &value) && value == 0);
    CHECK(isb_parse_unsigned("60000", &value) && value == 60000);
    CHECK(isb_parse_unsigned("18446744073709551615", &value) && value == UINT64_MAX);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CHECKF(!isb_parse_unsigned(wrong[i], &value), "'%s'", wrong[i]);
    CHECK(value == UINT64_MAX);
}

CASE(number, locale_does_not_matter) {
    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL && setlocale(LC_ALL, "fr_FR.UTF-8") == NULL)
        SKIP("no locale with a decimal comma is installed");
    double value = 0;
    check_format(0.25, "0.25");
    check_format(1.5e-7, "1.5e-07");
    char text[ISB_NUMBER_SIZE];
    isb_format_float(text, 0.25f);
    CHECKF(strcmp(text, "0.25") == 0, "%s", text);
    CHECK(isb_format_fixed(text, 0.25, 2) == 4 && strcmp(text, "0.25") == 0);
    CHECK(isb_parse_double("0.25", &value) && value == 0.25);
    CHECK(!isb_parse_double("0,25", &value));
    CHECK(strcmp(localeconv()->decimal_point, ",") == 0);
    setlocale(LC_ALL, "C");
}

static const char *const words[] = {"linear", "relu", "sigmoid", "tanh", "softmax", "adam", "sgd"};

static void check_nearest(const char *wrong, const char *expected) {
    const char *nearest = isb_nearest_word(wrong, words, sizeof words / sizeof words[0]);
    bool same = nearest == expected ||
                (nearest != NULL && expected != NULL && strcmp(nearest, expected) == 0);
    CHECKF(same, "'%s' gives '%s'", wrong, nearest != NULL ? nearest : "nothing");
}

CASE(suggest, finds_the_nearest_word) {
    check_nearest("rleu", "relu");
    check_nearest("ReLU", "relu");
    check_nearest("relu6", "relu");
    check_nearest("sofmax", "softmax");
    check_nearest("sfotmxa", "softmax");
    check_nearest("tan", "tanh");
    check_nearest("SGD", "sgd");
    check_nearest("adma", "adam");
}

CASE(suggest, is_silent_where_nothing_is_near) {
    char endless[1000];
    memset(endless, 'a', sizeof endless);
    endless[sizeof endless - 1] = '\0';
    check_nearest("", NULL);
    check_nearest("swish", NULL);
    check_nearest("x", NULL);
    check_nearest("ab", NULL);
    check_nearest(endless, NULL);
    CHECK(isb_nearest_word("relu", words, 0) == NULL);
}
