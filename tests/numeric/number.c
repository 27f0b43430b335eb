#include "base/number.h"
#include "base/suggest.h"
#include "check.h"
#include <locale.h>
#include <math.h>
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
