#include "data/csv_commas.h"
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Fields stand between any of these, whatever the separator is. */
static bool is_bound(char c) { return c != '\0' && strchr(";|\t\n\r\"", c) != NULL; }

/* Digits before the mark, where a field begins with them; SIZE_MAX: it does not. */
static size_t count_before(const char *mark) {
    const char *at = mark;
    while (is_digit(at[-1]))
        at--;
    const size_t digits = (size_t)(mark - at);
    at -= at[-1] == '-' || at[-1] == '+';
    while (at[-1] == ' ')
        at--;
    return is_bound(at[-1]) ? digits : SIZE_MAX;
}

static const char *skip_digits(const char *at) {
    while (is_digit(*at))
        at++;
    return at;
}

static const char *skip_exponent(const char *at) {
    const char *digits = at + 1 + (at[0] != '\0' && (at[1] == '-' || at[1] == '+'));
    const bool exponent = (*at == 'e' || *at == 'E') && is_digit(*digits);
    return exponent ? skip_digits(digits) : at;
}

/* Digits behind the mark, where a field ends with them and an exponent; 0: it does not. */
static size_t count_behind(const char *mark, bool *exponent) {
    const char *end = skip_digits(mark + 1), *at = skip_exponent(end);
    *exponent = at != end;
    while (*at == ' ')
        at++;
    return is_bound(*at) ? (size_t)(end - mark - 1) : 0;
}

void isb_csv_commas_to_points(char *text, size_t length) {
    for (char *at = text; at < text + length; at++) {
        bool exponent;
        if (*at != ',' && *at != '.')
            continue;
        const size_t before = count_before(at), behind = count_behind(at, &exponent);
        if (before == SIZE_MAX || behind == 0)
            continue;
        if (*at == ',')
            *at = '.';
        else if (before >= 1 && before <= 3 && behind == 3 && !exponent)
            *at = ',';
    }
}
