/* Columns of texts that are meant to be numbers. */
#include "check.h"
#include "data/table_notation.h"
#include <stdlib.h>
#include <string.h>

enum { MOST = 32 };

/* Texts as a column has them, each in one cell, but the first in two. */
static isb_notation notation_of(const char *const *texts) {
    static isb_column column;
    static size_t counts[MOST];
    column = (isb_column){.kind = ISB_COLUMN_TEXT, .texts = (char **)(uintptr_t)texts};
    for (; texts[column.text_count] != NULL; column.text_count++)
        counts[column.text_count] = 1;
    counts[0] = 2;
    return isb_notation_of(&column, counts);
}

#define CHECK_KIND(expected, first, ...)                                                           \
    do {                                                                                           \
        const isb_notation n = notation_of((const char *const[]){__VA_ARGS__, NULL});              \
        CHECKF(n.kind == (expected), "kind %d of %s", (int)n.kind, #__VA_ARGS__);                  \
        CHECKF(n.kind == ISB_NOTATION_TEXT || strcmp(n.text, first) == 0, "%s", n.text);           \
    } while (0)

#define TEN "10", "11", "12", "13", "14", "15", "16", "17", "18", "19"

CASE(data_notation, numbers_otherwise) {
    CHECK_KIND(ISB_NOTATION_GROUPS, "1,5", "1,5", "2", "2,25");
    CHECK_KIND(ISB_NOTATION_GROUPS, "-0,5", "-0,5", ",5", "+3,25");
    CHECK_KIND(ISB_NOTATION_GROUPS, "1,234", "1,234", "12", "12,345,678.5");
    CHECK_KIND(ISB_NOTATION_GROUPS, "1.234,5", "1.234,5", "1.234.567", "12");
    CHECK_KIND(ISB_NOTATION_GROUPS, "1 234", "1 234",
               "1\xc2\xa0"
               "234",
               "1'234");
    CHECK_KIND(ISB_NOTATION_PERCENT, "20 %", TEN, "20 %", "3,5%");
    CHECK_KIND(ISB_NOTATION_MONEY, "$ 1,234.50", "$ 1,234.50", TEN, "12 \xe2\x82\xac");
    CHECK_KIND(ISB_NOTATION_UNIT, "1 kg", "1 kg", "2kg", "3 kg", "4 kg", "5 kg", "6 kg", "7 kg",
               "8 kg", "9 kg", "9.5 kg");
    CHECK_KIND(ISB_NOTATION_STRAY, "136A", TEN, "136A");
    CHECK_KIND(ISB_NOTATION_MARKER, "?", "1", "2", "3", "?", "NA");
    CHECK_KIND(ISB_NOTATION_STRAY, "unknown", TEN, "unknown");
}

CASE(data_notation, texts_stay_texts) {
    CHECK_KIND(ISB_NOTATION_TEXT, "", "a", "b", "c");
    CHECK_KIND(ISB_NOTATION_TEXT, "", "1", "2", "3"); /* named as categories */
    CHECK_KIND(ISB_NOTATION_TEXT, "", "1", "2", "3", "other");
    CHECK_KIND(ISB_NOTATION_TEXT, "", "1,5", "2,5"); /* two classes */
    CHECK_KIND(ISB_NOTATION_TEXT, "", "10%", "20%", "30%");
    CHECK_KIND(ISB_NOTATION_TEXT, "", "4cyl", "6cyl", "8cyl");
    CHECK_KIND(ISB_NOTATION_TEXT, "", "1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th",
               "10th");
    CHECK_KIND(ISB_NOTATION_TEXT, "", "2024-01-02", "2024-01-03", "2024-01-04");
    CHECK_KIND(ISB_NOTATION_TEXT, "", "1/2/2024", "1/3/2024", "1/4/2024");
    CHECK_KIND(ISB_NOTATION_TEXT, "", "10:30", "10:45", "11:00");
    CHECK_KIND(ISB_NOTATION_TEXT, "", "1,2,3", "2,3", "1,2,3,4");
    CHECK_KIND(ISB_NOTATION_TEXT, "", "18-25", "26-35", "36-50");
    CHECK_KIND(ISB_NOTATION_TEXT, "", "1.2.3", "1.10.1", "2.0.0");
    CHECK_KIND(ISB_NOTATION_TEXT, "", "?", "a", "b", "1");
    CHECK_KIND(ISB_NOTATION_TEXT, "", "", ",", "$", "%", " ", "-", "+");
}

CASE(data_notation, cells_are_counted) {
    const isb_notation n = notation_of((const char *const[]){"1,5", "2,5", "3,5", NULL});
    CHECK(n.kind == ISB_NOTATION_GROUPS && n.code == 0 && n.cells == 2);
}

static bool holds_dates(const char *const *texts) {
    static const size_t counts[MOST] = {1, 1, 1, 1};
    isb_column column = {.kind = ISB_COLUMN_TEXT, .texts = (char **)(uintptr_t)texts};
    while (texts[column.text_count] != NULL)
        column.text_count++;
    return isb_holds_dates(&column, counts);
}

#define DATES(...) holds_dates((const char *const[]){__VA_ARGS__, NULL})

CASE(data_notation, dates_and_times) {
    CHECK(DATES("2024-01-02", "2024-1-3", "1999/12/31"));
    CHECK(DATES("2.1.2024", "31.12.2024 23:59", "1.1.1970"));
    CHECK(DATES("1/2/24", "12/31/2024", "1/4/99 1:05 PM"));
    CHECK(DATES("2024-01-02T03:04:05Z", "2024-01-02 03:04:05.678", "2024-01-02T03:04:05+01:00"));
    CHECK(DATES("10:30", "9:45:01", "11:59 pm"));
    CHECK(!DATES("2024-01-02", "2024-01-03"));
    CHECK(!DATES("2024-01-02", "2024-01-03", "later"));
    CHECK(!DATES("1.2.3", "1.2.4", "1.2.5"));
    CHECK(!DATES("10-20", "20-30", "30-40"));
    CHECK(!DATES("1:2", "3:4", "5:6"));
    CHECK(!DATES("2024-01-", "2024-01-3", "2024-01-4"));
    CHECK(!DATES("192.168.1.1", "192.168.1.2", "192.168.1.3"));
    CHECK(!DATES("10", "11", "12"));
    CHECK(!DATES("", "-", "/"));
}
