#include "data/table_notation.h"
#include "base/number.h"
#include <stdlib.h>
#include <string.h>

enum {
    FEWEST = 3,         /* distinct numbers in another notation that make a column of numbers */
    FEWEST_MARKED = 10, /* the same with signs and units, which categories have, too */
    STRAY_SHARE = 10,   /* numbers for each text that is none */
    MOST_NUMBER = 64,   /* bytes of a number in another notation */
};

bool isb_is_marker(const char *text) {
    static const char *const markers[] = {
        "?", "NA", "N/A", "n/a",  "na",   "null", "NULL",   "Null",    "None",    "nan",  "NaN",
        "-", "--", ".",   "#N/A", "<NA>", "\\N",  "(null)", "#DIV/0!", "#VALUE!", "#REF!"};
    for (size_t i = 0; i < sizeof markers / sizeof *markers; i++)
        if (strcmp(text, markers[i]) == 0)
            return true;
    return false;
}

static bool is_number(const char *text) {
    double value;
    return isb_parse_double(text, &value);
}

/* --- one text --- */

/* Bytes of what stands between groups of digits; 0: something else. */
static size_t group_mark(const char *text) {
    static const char *const marks[] = {",", " ", "'", ".", "\xc2\xa0", "\xe2\x80\xaf"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strncmp(text, marks[i], strlen(marks[i])) == 0)
            return strlen(marks[i]);
    return 0;
}

static size_t count_digits(const char *text) { return strspn(text, "0123456789"); }

/* 3,14 and ,5; 1,234,567.8 and 1.234.567,8; 1 234: one comma, or groups of three digits. */
static bool has_groups(const char *text) {
    text += *text == '-' || *text == '+';
    size_t marks = 0, commas = 0, digits = count_digits(text), first = digits, last = digits;
    bool threes = true;
    for (text += digits; *text != '\0'; text += digits) {
        const size_t mark = group_mark(text);
        if (mark == 0)
            return false;
        threes = threes && (marks == 0 ? first >= 1 && first <= 3 : last == 3);
        commas += *text == ',';
        marks++;
        text += mark;
        last = digits = count_digits(text);
        if (digits == 0)
            return false;
    }
    return (marks == 1 && commas == 1) || (marks > 0 && threes && (last == 3 || marks > 1));
}

static isb_notation_kind kind_of_number(const char *text) {
    return is_number(text)    ? ISB_NOTATION_TEXT
           : has_groups(text) ? ISB_NOTATION_GROUPS
                              : ISB_NOTATION_STRAY;
}

static bool is_currency(const char *text, size_t length) {
    static const char *const signs[] = {"$", "\xe2\x82\xac", "\xc2\xa3", "\xc2\xa5"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (length == strlen(signs[i]) && memcmp(text, signs[i], length) == 0)
            return true;
    return false;
}

/* A number with something in front of it or behind it. */
typedef struct dressed {
    char number[MOST_NUMBER];
    const char *front, *behind;
    size_t front_length, behind_length; /* without spaces */
} dressed;

static bool is_dress(char c) {
    return c != ' ' && c != '+' && c != '-' && c != '.' && c != ',' && c != '\'' &&
           !(c >= '0' && c <= '9');
}

static bool undress(dressed *out, const char *text) {
    const char *end = text + strlen(text), *begin = text;
    while (is_dress(*begin) && *begin != '\0')
        begin++;
    *out = (dressed){.front = text, .front_length = (size_t)(begin - text)};
    while (*begin == ' ')
        begin++;
    out->behind = end;
    while (out->behind > begin && is_dress(out->behind[-1]))
        out->behind--;
    out->behind_length = (size_t)(end - out->behind);
    end = out->behind;
    while (end > begin && end[-1] == ' ')
        end--;
    if (end == begin || (size_t)(end - begin) >= sizeof out->number)
        return false;
    memcpy(out->number, begin, (size_t)(end - begin));
    return kind_of_number(out->number) != ISB_NOTATION_STRAY;
}

/* TEXT: a number as it should be; STRAY: none. */
static isb_notation_kind kind_of(const char *text) {
    const isb_notation_kind plain = kind_of_number(text);
    dressed number;
    if (plain != ISB_NOTATION_STRAY)
        return plain;
    if (!undress(&number, text))
        return ISB_NOTATION_STRAY;
    if (number.front_length == 0 && number.behind_length == 1 && *number.behind == '%')
        return ISB_NOTATION_PERCENT;
    if ((number.front_length == 0 && is_currency(number.behind, number.behind_length)) ||
        (number.behind_length == 0 && is_currency(number.front, number.front_length)))
        return ISB_NOTATION_MONEY;
    return number.front_length == 0 ? ISB_NOTATION_UNIT : ISB_NOTATION_STRAY;
}

/* --- a column --- */

/* What its texts are, and the first one that is no number as it should be. */
typedef struct tally {
    size_t distinct, numbers, markers, kinds[ISB_NOTATION_UNIT + 1];
    size_t first;
    bool same_unit;
} tally;

static bool same_unit(const char *a, const char *b) {
    dressed left, right;
    return undress(&left, a) && undress(&right, b) && left.behind_length == right.behind_length &&
           memcmp(left.behind, right.behind, left.behind_length) == 0;
}

static void add(tally *t, const isb_column *column, size_t code) {
    const char *text = column->texts[code];
    const isb_notation_kind kind = isb_is_marker(text) ? ISB_NOTATION_STRAY : kind_of(text);
    t->distinct++;
    if (kind == ISB_NOTATION_TEXT) {
        t->numbers++;
        return;
    }
    t->first = t->first == SIZE_MAX ? code : t->first;
    t->markers += isb_is_marker(text);
    t->kinds[kind]++;
    if (kind == ISB_NOTATION_UNIT)
        t->same_unit = t->same_unit && same_unit(column->texts[t->first], text);
}

static isb_notation_kind judge(const tally *t) {
    const size_t others = t->distinct - t->numbers, strays = t->kinds[ISB_NOTATION_STRAY];
    if (others == 0)
        return ISB_NOTATION_TEXT;
    if (strays == 0 && t->kinds[ISB_NOTATION_UNIT] == 0 && t->distinct >= FEWEST) {
        if (t->kinds[ISB_NOTATION_GROUPS] == others)
            return ISB_NOTATION_GROUPS;
        if (t->kinds[ISB_NOTATION_PERCENT] == others && t->distinct >= FEWEST_MARKED)
            return ISB_NOTATION_PERCENT;
        if (t->kinds[ISB_NOTATION_MONEY] == others && t->distinct >= FEWEST_MARKED)
            return ISB_NOTATION_MONEY;
    }
    if (t->kinds[ISB_NOTATION_UNIT] == t->distinct && t->same_unit && others >= FEWEST_MARKED)
        return ISB_NOTATION_UNIT;
    if (t->markers == others && t->numbers >= FEWEST)
        return ISB_NOTATION_MARKER;
    return t->numbers >= STRAY_SHARE * others ? ISB_NOTATION_STRAY : ISB_NOTATION_TEXT;
}

isb_notation isb_notation_of(const isb_column *column, const size_t *counts) {
    tally t = {.first = SIZE_MAX, .same_unit = true};
    for (size_t code = 0; code < column->text_count; code++)
        if (counts[code] > 0)
            add(&t, column, code);
    const isb_notation_kind kind = judge(&t);
    if (kind == ISB_NOTATION_TEXT)
        return (isb_notation){.kind = kind};
    return (isb_notation){kind, column->texts[t.first], t.first, counts[t.first]};
}

/* --- dates --- */

/* 23:59, 23:59:01.5, 11:59 PM, 23:59Z */
static bool is_time(const char *text) {
    const size_t hours = count_digits(text);
    if (hours < 1 || hours > 2 || text[hours] != ':' || count_digits(text + hours + 1) != 2)
        return false;
    const char *rest = text + hours + 3;
    return rest[strspn(rest, "0123456789:. APMapmZ+-")] == '\0';
}

/* Three groups of digits; where no / stands between them, one at the ends is a year of four. */
static bool is_date_or_time(const char *text) {
    const size_t first = count_digits(text), second = first + 1;
    const char mark = text[first];
    if (first == 0 || mark == '\0' || strchr("-/.", mark) == NULL)
        return is_time(text);
    const size_t middle = count_digits(text + second);
    if (middle < 1 || middle > 2 || text[second + middle] != mark)
        return false;
    const char *third = text + second + middle + 1;
    const size_t last = count_digits(third);
    const bool year = (first == 4 && last <= 2) || (last == 4 && first <= 2);
    if (last == 0 || !(year || (mark == '/' && first <= 2 && last <= 2)))
        return false;
    const char *rest = third + last;
    return *rest == '\0' || ((*rest == ' ' || *rest == 'T') && is_time(rest + 1));
}

bool isb_holds_dates(const isb_column *column, const size_t *counts) {
    size_t dates = 0;
    for (size_t code = 0; code < column->text_count; code++) {
        if (counts[code] == 0)
            continue;
        if (!is_date_or_time(column->texts[code]))
            return false;
        dates++;
    }
    return dates >= FEWEST;
}

const char *isb_notation_what(isb_notation_kind kind) {
    switch (kind) {
    case ISB_NOTATION_MARKER:
    case ISB_NOTATION_STRAY: return "would be numbers but for a few texts";
    case ISB_NOTATION_GROUPS: return "holds numbers with commas or spaces in them";
    case ISB_NOTATION_PERCENT: return "holds numbers with a percent sign";
    case ISB_NOTATION_MONEY: return "holds numbers with a currency sign";
    case ISB_NOTATION_UNIT: return "holds numbers with a unit";
    default: return "holds texts";
    }
}

const char *isb_notation_mend(isb_notation_kind kind) {
    switch (kind) {
    case ISB_NOTATION_MARKER: return "name it in data.missing";
    case ISB_NOTATION_STRAY: return "mend them, or name them in data.missing";
    case ISB_NOTATION_GROUPS:
        return "write nothing between thousands, and a decimal point (or say data.decimal: ',')";
    default: return "write the bare numbers";
    }
}

size_t *isb_column_count_texts(const isb_column *column, const uint32_t *rows, size_t count) {
    size_t *counts = calloc(column->text_count + 1, sizeof *counts);
    for (size_t i = 0; counts != NULL && i < count; i++) {
        const uint32_t code = column->codes[rows != NULL ? rows[i] : i];
        if (code != ISB_FRAME_MISSING)
            counts[code]++;
    }
    return counts;
}
