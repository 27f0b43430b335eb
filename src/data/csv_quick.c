#include "data/csv_quick.h"
#include "data/csv_number.h"

enum { LONGEST_PAUSE = 255 }; /* records, or parts of them */

static void put(const isb_csv_reader *reader, size_t column, size_t row, float value) {
    isb_csv_tally *tally = &reader->tallies[column];
    if (!tally->fraction)
        tally->fraction = !isb_csv_is_whole(value);
    ((float *)reader->table->cells[column])[row] = value;
}

/* How many columns of numbers follow one another; a last one with a carriage return behind it is
 * none of them. */
static size_t count_run(const isb_csv_reader *reader, size_t column) {
    const isb_csv_table *table = reader->table;
    const size_t left = table->columns - column;
    const size_t most = left < ISB_DECIMALS_MOST ? left : ISB_DECIMALS_MOST;
    size_t run = 0;
    while (run < most && table->roles[column + run] == ISB_CSV_NUMBER)
        run++;
    return run == left && run > 0 && reader->carriage_returns ? run - 1 : run;
}

/* Where few numbers are read at once, it does not pay; then it is tried less and less often. */
static void note_success(isb_csv_reader *reader, bool success) {
    if (success)
        reader->pause = 0;
    else if (reader->pause < LONGEST_PAUSE)
        reader->pause = 2 * reader->pause + 1;
    reader->wait = reader->pause;
}

/* Several at a time. */
static const char *read_runs(isb_csv_reader *reader, size_t *column, size_t row, const char *text) {
    const isb_csv_table *table = reader->table;
    float values[ISB_DECIMALS_MOST];
    size_t run, found;
    do {
        if (reader->wait > 0) {
            reader->wait--;
            return text;
        }
        run = count_run(reader, *column);
        if (run < ISB_DECIMALS_LEAST)
            return text;
        const char separator = table->format.separator;
        const char last = *column + run == table->columns ? '\n' : separator;
        found = table->decimals(values, run, &text, separator, last);
        for (size_t i = 0; i < found; i++)
            put(reader, *column + i, row, values[i]);
        *column += found;
        note_success(reader, 2 * found >= run);
    } while (found == run);
    return text;
}

/* One after the other, where another cell stands behind. */
static const char *read_singly(const isb_csv_reader *reader, size_t *column, size_t row,
                               const char *text) {
    const isb_csv_table *table = reader->table;
    size_t i = *column;
    for (; i + 1 < table->columns && table->roles[i] == ISB_CSV_NUMBER; i++) {
        float value;
        const char *end = isb_csv_short_number(text, &value);
        if (end == NULL || *end != table->format.separator)
            break;
        put(reader, i, row, value);
        text = end + 1;
    }
    *column = i;
    return text;
}

const char *isb_csv_read_quickly(isb_csv_reader *reader, size_t *column, size_t row,
                                 const char *text) {
    if (reader->table->decimals != NULL)
        text = read_runs(reader, column, row, text);
    return read_singly(reader, column, row, text);
}
