/* Tables of text: what is read, exactly; what is refused, with its place. */
#include "data/csv.h"
#include "data_files.h"
#include "sanitized.h"
#include <math.h>
#include <stdarg.h>
#include <sys/resource.h>

static const isb_frame_options usual = {.header = -1, .threads = 2};

static isb_frame read_with(const char *path, const isb_frame_options *options) {
    isb_frame frame;
    isb_error error = ISB_ERROR_INIT;
    const isb_status status = isb_csv_read(&frame, path, options, &error);
    CHECKF(status == ISB_OK && error.count == 0, "%s: %s", path, isb_error_text(&error));
    return frame;
}

static isb_frame read_text(const char *text, const isb_frame_options *options) {
    put("f.csv", text, strlen(text));
    return read_with("f.csv", options);
}

/* "a|b|c": the header as it was understood. */
static void check_names(const isb_frame *frame, const char *names) {
    char text[512] = "";
    for (size_t i = 0; i < frame->column_count; i++) {
        strcat(text, i > 0 ? "|" : "");
        strcat(text, frame->columns[i].name);
    }
    CHECKF(strcmp(text, names) == 0, "names: %s", text);
}

static void check_numbers(const isb_frame *frame, size_t column, const float *numbers) {
    const isb_column *c = &frame->columns[column];
    CHECKF(c->kind == ISB_COLUMN_NUMBER && c->codes == NULL, "column %zu holds texts", column);
    size_t missing = 0;
    for (size_t row = 0; row < frame->rows; row++) {
        missing += isnan(numbers[row]) != 0;
        CHECKF(isnan(numbers[row]) ? isnan(c->numbers[row]) : c->numbers[row] == numbers[row],
               "column %zu, row %zu: %.9g", column, row, (double)c->numbers[row]);
    }
    CHECKF(c->missing == missing, "column %zu: %zu missing", column, c->missing);
}

#define NUMBERS(...) ((const float[]){__VA_ARGS__})

/* NULL: missing. */
static void check_texts(const isb_frame *frame, size_t column, const char *const *texts) {
    const isb_column *c = &frame->columns[column];
    CHECKF(c->kind == ISB_COLUMN_TEXT && c->numbers == NULL, "column %zu holds numbers", column);
    size_t missing = 0;
    for (size_t row = 0; row < frame->rows; row++) {
        const uint32_t code = c->codes[row];
        missing += texts[row] == NULL;
        if (texts[row] == NULL)
            CHECKF(code == ISB_FRAME_MISSING, "column %zu, row %zu is there", column, row);
        else
            CHECKF(code < c->text_count && strcmp(c->texts[code], texts[row]) == 0,
                   "column %zu, row %zu: '%s'", column, row,
                   code < c->text_count ? c->texts[code] : "?");
    }
    for (size_t i = 1; i < c->text_count; i++)
        CHECK(strcmp(c->texts[i - 1], c->texts[i]) < 0);
    CHECKF(c->missing == missing, "column %zu: %zu missing", column, c->missing);
}

#define TEXTS(...) ((const char *const[]){__VA_ARGS__})

static void refuse_bytes(const char *text, size_t length, const isb_frame_options *options,
                         isb_status status, const char *message) {
    isb_frame frame;
    isb_error error = ISB_ERROR_INIT;
    put("f.csv", text, length);
    const isb_status got = isb_csv_read(&frame, "f.csv", options, &error);
    CHECKF(strcmp(isb_error_text(&error), message) == 0, "got:  %s\nwant: %s",
           isb_error_text(&error), message);
    CHECKF(got == status, "status %d: %s", (int)got, message);
    CHECK(frame.columns == NULL && frame.rows == 0 && frame.file == NULL);
    isb_error_clear(&error);
}

static void refuse(const char *text, const char *message) {
    refuse_bytes(text, strlen(text), &usual, ISB_DATA, message);
}

CASE(data_csv, numbers_and_texts) {
    enter_directory();
    isb_frame f = read_text("a,b,c\n1,x,0.5\n2,y,\n-3,x,1e2\n", &usual);
    CHECK(f.rows == 3 && f.column_count == 3 && f.header && f.separator == ',');
    CHECK(strcmp(f.file, "f.csv") == 0);
    check_names(&f, "a|b|c");
    check_numbers(&f, 0, NUMBERS(1, 2, -3));
    check_texts(&f, 1, TEXTS("x", "y", "x"));
    check_numbers(&f, 2, NUMBERS(0.5f, NAN, 100));
    CHECK(f.columns[0].whole && !f.columns[2].whole);
    CHECK(f.stretch_count == 1 && f.stretches->offsets == NULL && isb_frame_line(&f, 2) == 4);
    CHECK(isb_frame_find(&f, "b") == 1 && isb_frame_find(&f, "d") == 3);
    isb_frame_free(&f);
    leave_directory();
}

/* RFC 4180, and what is usual around it. */
CASE(data_csv, quotes) {
    enter_directory();
    isb_frame f = read_text("\"a \"\"b\"\"\",\"c,d\",e\n"
                            "\"x\ny\",\"p,q\",\"1\"\n"
                            "\"\"\"\",\" z \",\" 2.5 \"\n"
                            "  plain  ,  \"quoted\"  ,\"\"\n",
                            &usual);
    check_names(&f, "a \"b\"|c,d|e");
    check_texts(&f, 0, TEXTS("x\ny", "\"", "plain"));
    check_texts(&f, 1, TEXTS("p,q", " z ", "quoted"));
    check_numbers(&f, 2, NUMBERS(1, 2.5f, NAN));
    CHECK(f.rows == 3 && f.stretches->offsets != NULL);
    CHECK(isb_frame_line(&f, 0) == 2 && isb_frame_line(&f, 1) == 4 && isb_frame_line(&f, 2) == 5);
    isb_frame_free(&f);
    leave_directory();
}

static void check_small(const char *text) {
    isb_frame f = read_text(text, &usual);
    CHECKF(f.rows == 2, "%s: %zu rows", text, f.rows);
    check_names(&f, "a|b");
    check_numbers(&f, 0, NUMBERS(1, 3));
    check_texts(&f, 1, TEXTS("x", "y"));
    isb_frame_free(&f);
}

CASE(data_csv, ends_of_lines) {
    enter_directory();
    check_small("a,b\n1,x\n3,y\n");
    check_small("a,b\n1,x\n3,y");
    check_small("a,b\r\n1,x\r\n3,y\r\n");
    check_small("a,b\r\n1,x\r\n3,y");
    check_small("\xef\xbb\xbf"
                "a,b\n1,x\n3,y\n");
    check_small("\xef\xbb\xbf"
                "a,b\r\n\r\n1,x\n\n\n3,y\r\n\r\n");
    check_small("\n\na,b\n1,x\n3,y\n\n");
    check_small("a,b\n1 ,x\n 3, y \n");
    check_small("\"a\",\"b\"\r\n\"1\",\"x\"\r\n\"3\",\"y\"\r\n");
    check_small("a\tb\n1\tx\n3\ty\n");
    check_small("a;b\n1;x\n3;y\n");
    check_small("a|b\n1|x\n3|y\n");
    check_small("a,b,\n1,x,\n3,y,\n");
    check_small("a,b,,\n1,x,,\n3,y,,\n");
    leave_directory();
}

CASE(data_csv, blank_lines_count_as_lines) {
    enter_directory();
    isb_frame f = read_text("\na,b\n1,2\n\n3,4\n", &usual);
    CHECK(f.rows == 2 && isb_frame_line(&f, 0) == 3 && isb_frame_line(&f, 1) == 5);
    isb_frame_free(&f);
    leave_directory();
}

CASE(data_csv, empty_fields_at_the_end) {
    enter_directory();
    isb_frame f = read_text("a,b,c\n1,,\n,2,\n,,3\n", &usual);
    check_numbers(&f, 0, NUMBERS(1, NAN, NAN));
    check_numbers(&f, 1, NUMBERS(NAN, 2, NAN));
    check_numbers(&f, 2, NUMBERS(NAN, NAN, 3));
    isb_frame_free(&f);
    f = read_text(",a,\n0,5,7\n1,6,\n", &usual); /* an index, and a last name that is not there */
    check_names(&f, "column_1|a|column_3");
    check_numbers(&f, 2, NUMBERS(7, NAN));
    isb_frame_free(&f);
    leave_directory();
}

CASE(data_csv, one_column) {
    enter_directory();
    isb_frame f = read_text("x\n1\n\"\"\n3\n", &usual);
    check_names(&f, "x");
    check_numbers(&f, 0, NUMBERS(1, NAN, 3));
    isb_frame_free(&f);
    leave_directory();
}

static void check_header(const char *text, int given, bool header, const char *names) {
    isb_frame_options options = usual;
    options.header = given;
    isb_frame f = read_text(text, &options);
    CHECKF(f.header == header, "%s", text);
    check_names(&f, names);
    CHECK(isb_frame_line(&f, 0) == (header ? 2 : 1));
    isb_frame_free(&f);
}

CASE(data_csv, a_header_is_found_out) {
    enter_directory();
    check_header("a,b\n1,2\n", -1, true, "a|b");
    check_header("a,b\nx,y\n", -1, true, "a|b");
    check_header("1,b\n1,2\n", -1, false, "column_1|column_2");
    check_header("5.1,3.5,setosa\n4.9,3.0,setosa\n", -1, false, "column_1|column_2|column_3");
    check_header("p,x,p\ne,y,n\n", -1, false, "column_1|column_2|column_3");
    check_header(",1940,1945\nfood,2,3\nrent,4,5\n", -1, true, "column_1|1940|1945");
    check_header(",1940,1945\n1,2,3\n,4,5\n", -1, false, "column_1|column_2|column_3");
    check_header(",1940,\n1,2,3\n", -1, false, "column_1|column_2|column_3");
    check_header(",2,2\n1,2,3\n", -1, false, "column_1|column_2|column_3");
    check_header("0,1\n7,8\n", 1, true, "0|1");
    check_header("a,b\n1,2\n", 0, false, "column_1|column_2");
    leave_directory();
}

static void check_separator(const char *text, char given, char found, size_t columns) {
    isb_frame_options options = usual;
    options.separator = given;
    isb_frame f = read_text(text, &options);
    CHECKF(f.separator == found && f.column_count == columns, "%s: '%c', %zu columns", text,
           f.separator, f.column_count);
    isb_frame_free(&f);
}

CASE(data_csv, a_separator_is_found_out) {
    enter_directory();
    check_separator("a;b\n1,5;2,5\n", 0, ';', 2);
    check_separator("1,5;2,5\n3,5;4,5\n", 0, ';', 2);
    check_separator("a,b\n\"x;y\",1\n", 0, ',', 2);
    check_separator("a,b\nx;y,1\n", 0, ',', 2);
    check_separator("a\n1\n2\n", 0, ',', 1);
    check_separator("a;b,c\n1;2,3\n", ',', ',', 2);
    check_separator("a:b\n1:2\n", ':', ':', 2);
    check_separator("a b\tc\n1 2\t3\n", 0, '\t', 2);
    refuse_bytes("a\n1\n", 4, &(isb_frame_options){.separator = '"', .header = -1, .threads = 1},
                 ISB_USAGE,
                 "f.csv: '\"' cannot separate fields; take a comma, a semicolon, a tab or |");
    leave_directory();
}

CASE(data_csv, commas_may_be_decimal) {
    enter_directory();
    isb_frame_options options = usual;
    options.decimal_comma = true;
    isb_frame f = read_text("a;b;c;d\n1,5; -2,25 ;Ulm, 5,5;1,5e3\n"
                            "+,5;\"3,0\";1,2,3;2\n;4;7,5 km;0,125\r\n",
                            &options);
    check_names(&f, "a|b|c|d");
    check_numbers(&f, 0, NUMBERS(1.5f, 0.5f, NAN));
    check_numbers(&f, 1, NUMBERS(-2.25f, 3, 4));
    check_texts(&f, 2, TEXTS("Ulm, 5,5", "1,2,3", "7,5 km"));
    check_numbers(&f, 3, NUMBERS(1500, 2, 0.125f));
    isb_frame_free(&f);
    f = read_text("1,5;1\n2,5;2", &options); /* no header */
    CHECK(!f.header && f.rows == 2);
    check_numbers(&f, 0, NUMBERS(1.5f, 2.5f));
    isb_frame_free(&f);
    f = read_text("a\tb\tc\n1.234\t1.5\t1.234.567\n", &options); /* thousands are none */
    check_texts(&f, 0, TEXTS("1,234"));
    check_numbers(&f, 1, NUMBERS(1.5f));
    check_texts(&f, 2, TEXTS("1.234.567"));
    isb_frame_free(&f);
    f = read_text("a  b\n 1,5   2\n-2,5  3\n", &options);
    check_numbers(&f, 0, NUMBERS(1.5f, -2.5f));
    isb_frame_free(&f);
    leave_directory();
}

/* Texts in `b`; numbers in `a`, 1 and -3. */
static void check_spaces(const char *text) {
    isb_frame f = read_text(text, &usual);
    CHECKF(f.separator == ' ' && f.rows == 2, "%s: '%c', %zu rows", text, f.separator, f.rows);
    check_names(&f, "a|b");
    check_numbers(&f, 0, NUMBERS(1, -3));
    check_texts(&f, 1, TEXTS("x y", "z"));
    isb_frame_free(&f);
}

CASE(data_csv, spaces_separate) {
    enter_directory();
    check_spaces("a b\n1 \"x y\"\n-3 z\n");
    check_spaces("   a    b\n   1\t\"x y\"\n  -3    z");
    check_spaces("a b  \r\n1 \"x y\" \r\n\r\n  \r\n-3   z \t ");
    check_spaces("\xef\xbb\xbf  a b\n1 \"x y\"\n-3\t\tz\t\n");
    check_separator("a b\n1 2\n3 4\n", ',', ',', 1);
    check_separator("a b\n1 2\n3\n", 0, ',', 1);
    check_separator("a b\n1 2\n", ' ', ' ', 2);
    check_separator("name, note\nA, b\nC, d\n", 0, ',', 2);
    refuse("name, note\nA, b\nC, d,e\n",
           "f.csv:3:6: the record has 3 fields, where the first one has 2; put fields that hold a "
           "separator in quotes; where each record begins with a row name, give that column a "
           "name, too");
    refuse_bytes("a b\n1 2 3\n", 10,
                 &(isb_frame_options){.separator = ' ', .header = -1, .threads = 1}, ISB_DATA,
                 "f.csv:2:5: the record has 3 fields, where the first one has 2; put fields that "
                 "hold a separator in quotes; where each record begins with a row name, give that "
                 "column a name, too");
    leave_directory();
}

/* Runs of spaces as long as a block, which end it anywhere. */
CASE(data_csv, spaces_over_many_blocks) {
    enum { ROWS = 40, MOST_SPACES = 60000 };
    enter_directory();
    FILE *file = fopen("f.csv", "w");
    CHECK(file != NULL && fprintf(file, "a b\n") > 0);
    for (int row = 0; row < ROWS; row++)
        CHECK(fprintf(file, "%*d%*d%*s\n", 1 + row * 7919 % MOST_SPACES, row,
                      9 + row * 104729 % MOST_SPACES, 2 * row, row * 31337 % MOST_SPACES, "") > 0);
    CHECK(fclose(file) == 0);
    isb_frame f = read_with("f.csv", &usual);
    CHECK(f.rows == ROWS && f.column_count == 2 && f.separator == ' ');
    for (size_t row = 0; row < ROWS; row++) {
        CHECK(f.columns[0].numbers[row] == (float)row);
        CHECK(f.columns[1].numbers[row] == (float)(2 * row));
        CHECK(isb_frame_line(&f, row) == row + 2);
    }
    isb_frame_free(&f);
    leave_directory();
}

CASE(data_csv, a_first_line_names_the_separator) {
    enter_directory();
    isb_frame f = read_text("\r\nsep=;\r\n\r\na;b,c\r\n1;x\r\n\r\n2;y\r\n", &usual);
    check_names(&f, "a|b,c");
    check_numbers(&f, 0, NUMBERS(1, 2));
    CHECK(isb_frame_line(&f, 0) == 5 && isb_frame_line(&f, 1) == 7);
    isb_frame_free(&f);
    f = read_text("SEP=,\n1,2\n3,4", &usual); /* no header */
    CHECK(!f.header && f.rows == 2 && isb_frame_line(&f, 0) == 2);
    check_numbers(&f, 1, NUMBERS(2, 4));
    isb_frame_free(&f);
    refuse_bytes("sep=;\n", 6, &usual, ISB_DATA,
                 "f.csv: holds no record; a table has at least one row");
    refuse_bytes("\nsep=x\naxb\n1x2\n", 15, &usual, ISB_DATA,
                 "f.csv:2: 'x' cannot separate fields; take a comma, a semicolon, a tab or |");
    f = read_text("sep=\n1\n", &usual); /* a column of that name */
    check_names(&f, "sep=");
    isb_frame_free(&f);
    leave_directory();
}

CASE(data_csv, missing_cells) {
    enter_directory();
    isb_frame_options options = usual;
    options.missing = TEXTS("?", "NA", "-999");
    options.missing_count = 3;
    isb_frame f = read_text("a,b,c\n1, ?,x\n?,5,NA\nNA,-999.0,\"?\"\n-999,,-999\n", &options);
    check_numbers(&f, 0, NUMBERS(1, NAN, NAN, NAN));
    check_numbers(&f, 1, NUMBERS(NAN, 5, NAN, NAN));
    check_texts(&f, 2, TEXTS("x", NULL, NULL, NULL));
    isb_frame_free(&f);
    f = read_text("a,b\n1,?\n2,3\n", &usual);
    check_texts(&f, 1, TEXTS("?", "3"));
    isb_frame_free(&f);
    f = read_text("a,b\n1,\n2,\n", &usual);
    check_numbers(&f, 1, NUMBERS(NAN, NAN));
    isb_frame_free(&f);
    leave_directory();
}

CASE(data_csv, nan_and_inf_are_missing_among_numbers) {
    enter_directory();
    isb_frame f = read_text("a,b,c\n1,nan,x\nNaN,2,inf\n-Inf,3,nan\n+infinity,4,y\n", &usual);
    check_numbers(&f, 0, NUMBERS(1, NAN, NAN, NAN));
    check_numbers(&f, 1, NUMBERS(NAN, 2, 3, 4));
    check_texts(&f, 2, TEXTS("x", "inf", "nan", "y"));
    CHECK(f.columns[0].not_finite == 3 && f.columns[0].first_not_finite == 1);
    CHECK(f.columns[1].not_finite == 1 && f.columns[1].first_not_finite == 0);
    CHECK(f.columns[2].not_finite == 0);
    isb_frame_free(&f);
    leave_directory();
}

CASE(data_csv, columns_may_be_told_to_hold_texts_or_numbers) {
    enter_directory();
    isb_frame_options options = usual;
    options.texts = TEXTS("b", "absent");
    options.text_count = 2;
    isb_frame f = read_text("a,b\n1,01\n2,1\n", &options);
    check_numbers(&f, 0, NUMBERS(1, 2));
    check_texts(&f, 1, TEXTS("01", "1"));
    isb_frame_free(&f);
    options = usual;
    options.numbers = TEXTS("a");
    options.number_count = 1;
    static const char text[] = "a,b\n1,x\nyes,y\n3,z\n 4x,z\n";
    refuse_bytes(text, strlen(text), &options, ISB_DATA,
                 "f.csv:3:1: 'yes' is no number, as column 'a' needs it; mend the cell, or leave "
                 "it empty\n"
                 "f.csv:5:2: '4x' is no number, as column 'a' needs it; mend the cell, or leave it "
                 "empty");
    leave_directory();
}

CASE(data_csv, what_is_no_number_makes_texts) {
    enter_directory();
    static const char *const words[] = {"1e",
                                        "e5",
                                        ".",
                                        "+",
                                        "1.2.3",
                                        "0x10",
                                        "1,5",
                                        "1_000",
                                        "--1",
                                        "1-",
                                        "1 2",
                                        ("\xc2\xa0"
                                         "1")};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char text[64];
        snprintf(text, sizeof text, "a;b\n1;2\n%s;3\n", words[i]);
        isb_frame f = read_text(text, &usual);
        check_texts(&f, 0, TEXTS("1", words[i]));
        isb_frame_free(&f);
    }
    leave_directory();
}

#define COMMENT "is the line with the # a comment? take such lines away, as by grep -v '^#'"

CASE(data_csv, comments_are_no_records) {
    enter_directory();
    refuse("# by hand\na,b\n",
           "f.csv:2:3: the record has 2 fields, where the first one has 1; " COMMENT);
    refuse("a,b\n1,2\n# by hand\n",
           "f.csv:3:10: the record ends after 1 field, where the first one has 2; " COMMENT);
    leave_directory();
}

CASE(data_csv, every_problem_has_its_place) {
    enter_directory();
    refuse("", "f.csv: holds no record; a table has at least one row");
    refuse("\n\r\n\n", "f.csv: holds no record; a table has at least one row");
    refuse("a,b\n", "f.csv: holds a header and no row; a table has at least one row");
    refuse("a,b,c\n1,2,3\n4,5\n6,7,8,9\n\xc3\xa4,2\n",
           "f.csv:3:4: the record ends after 2 fields, where the first one has 3; add what is "
           "missing, an empty field too needs its separator\n"
           "f.csv:4:7: the record has 4 fields, where the first one has 3; put fields that hold a "
           "separator in quotes; where each record begins with a row name, give that column a "
           "name, too\n"
           "f.csv:5:4: the record ends after 2 fields, where the first one has 3; add what is "
           "missing, an empty field too needs its separator");
    refuse("a,b\r\n1\r\n",
           "f.csv:2:2: the record ends after 1 field, where the first one has 2; add what is "
           "missing, an empty field too needs its separator");
    refuse("a,caf\xe9\n1,2\n", "f.csv:1:3: the name of this column is not UTF-8; convert the file, "
                               "as by iconv -f latin1 -t utf-8");
    refuse("a,b\n1,x\n2,\xfc"
           "ber\n",
           "f.csv:3:3: the text is not UTF-8; convert the file, as by iconv -f latin1 -t utf-8");
    refuse("a,b\n1,5\" disk\n2,x\n",
           "f.csv:2:4: a quote stands within a field that begins without one; put the field in "
           "quotes and double those within it");
    refuse("a,b\n1,\"x\"y\n2,x\n3\n",
           "f.csv:2:6: something stands behind the quote that closes the field; double the quotes "
           "within the field");
    refuse("a,b\n1,x\n2,\"y\n3,z\n", "f.csv:3:3: a quote is opened here and never closed");
    refuse("\"a,b\n1,2\n", "f.csv:1:1: a quote is opened here and never closed");
    refuse("a,b\n1,x\ry\n", "f.csv:2:4: a carriage return stands here without a line feed; end "
                            "lines with \\n or \\r\\n");
    refuse_bytes(
        "a,b\n1,x\0y\n", 10, &usual, ISB_DATA,
        "f.csv:2:4: a byte 0 stands here; this is no file of text, or UTF-16: save it as UTF-8");
    refuse_bytes(
        "a,b\n1,\"x\0y\"\n", 12, &usual, ISB_DATA,
        "f.csv:2:5: a byte 0 stands here; this is no file of text, or UTF-16: save it as UTF-8");
    leave_directory();
}

/* It is an error where the column is used. What only begins as such a number is a text. */
CASE(data_csv, numbers_beyond_float32) {
    enter_directory();
    isb_frame f = read_text("a,b,c\n1,2,1e39\n3,1e39,1e39f\n5,-4e38,1\n", &usual);
    check_numbers(&f, 1, NUMBERS(2, INFINITY, -INFINITY));
    CHECKF(strcmp(f.columns[1].too_large,
                  "f.csv:3:3: 1e39 is beyond what a float32 holds (3.4e38); scale the column down, "
                  "leave the cell empty, or leave the column out with data.features.drop") == 0,
           "%s", f.columns[1].too_large);
    CHECK(f.columns[0].too_large == NULL);
    check_texts(&f, 2, TEXTS("1e39", "1e39f", "1"));
    CHECK(f.columns[2].too_large == NULL);
    isb_frame_free(&f);
    leave_directory();
}

/* Without the last of the names that stand twice the first record is a header; with it, it is data
 * like the second. */
CASE(data_csv, names_that_stand_twice_are_an_error_of_a_given_header) {
    enter_directory();
    isb_frame_options options = usual;
    options.header = 1;
    static const char text[] = "a,b,a\n1,2,3\n";
    refuse_bytes(text, strlen(text), &options, ISB_DATA,
                 "f.csv:1:5: column 'a' stands twice, as columns 1 and 3; give each its own name");
    leave_directory();
}

CASE(data_csv, ten_problems_at_once) {
    enter_directory();
    char text[2048] = "a,b\n", message[4096] = "", line[256];
    for (int i = 0; i < 14; i++)
        strcat(text, "1\n");
    for (int i = 0; i < 10; i++) {
        snprintf(line, sizeof line,
                 "f.csv:%d:2: the record ends after 1 field, where the first one has 2; add what "
                 "is missing, an empty field too needs its separator\n",
                 i + 2);
        strcat(message, line);
    }
    strcat(message, "f.csv: and 4 more errors");
    refuse(text, message);
    leave_directory();
}

CASE(data_csv, other_kinds_of_files) {
    enter_directory();
    refuse("PK\3\4 and more\n",
           "f.csv: is a zip archive or a spreadsheet; unzip it, or save the sheet as CSV");
    refuse("\xff\xfe"
           "a\n",
           "f.csv: is UTF-16; save it as UTF-8, as by iconv -f utf-16 -t utf-8");
    refuse("BZh91AY&SY and more\n", "f.csv: is packed by bzip2; unpack it with bunzip2");
    refuse("\x28\xb5\x2f\xfd and more\n", "f.csv: is packed by Zstandard; unpack it with unzstd");
    refuse("<!DOCTYPE html>\n",
           "f.csv: is a page of HTML, perhaps an error in place of a download");
    refuse("[{\"a\": 1}]\n", "f.csv: is JSON; write it as CSV");
    refuse("@relation x\n@data\n", "f.csv: is ARFF; put the names of the columns in the place of "
                                   "all lines up to @data");
    refuse("\x93NUMPY\n", "f.csv: is a NumPy array, not text");
    leave_directory();
}

/* A table of many blocks: numbers, texts that only late prove to be texts, gaps, quotes, blank
 * lines. */
static char *make_large(size_t rows, size_t *length) {
    char *text = malloc(rows * 96 + 64);
    CHECK(text != NULL);
    size_t used = (size_t)sprintf(text, "n,t,late,q,gap\n");
    for (size_t i = 0; i < rows; i++) {
        used += (size_t)sprintf(text + used, "%zu.25,text %zu,", i, i * 7919 % 1009);
        used += (size_t)sprintf(text + used, i + 10 == rows ? "word," : "%zu,", i % 3);
        used += (size_t)sprintf(text + used, "\"a,%s%zu\"\"\",", i % 97 == 0 ? "\n" : "", i % 5);
        used += (size_t)sprintf(text + used, i % 4 == 0 ? "\n" : "1e%zu\n", i % 9);
        if (i % 1001 == 0)
            used += (size_t)sprintf(text + used, "\r\n\n");
    }
    *length = used;
    return text;
}

static void check_large(const isb_frame *f, size_t rows) {
    static const float powers[] = {1, 10, 100, 1e3f, 1e4f, 1e5f, 1e6f, 1e7f, 1e8f};
    CHECKF(f->rows == rows && f->column_count == 5, "%zu rows", f->rows);
    size_t line = 2;
    for (size_t i = 0; i < rows; i++) {
        char text[64];
        const isb_column *c = f->columns;
        CHECK(c[0].numbers[i] == (float)((double)i + 0.25));
        sprintf(text, "text %zu", i * 7919 % 1009);
        CHECK(strcmp(c[1].texts[c[1].codes[i]], text) == 0);
        sprintf(text, i + 10 == rows ? "word" : "%zu", i % 3);
        CHECK(strcmp(c[2].texts[c[2].codes[i]], text) == 0);
        sprintf(text, "a,%s%zu\"", i % 97 == 0 ? "\n" : "", i % 5);
        CHECK(strcmp(c[3].texts[c[3].codes[i]], text) == 0);
        CHECK(i % 4 == 0 ? isnan(c[4].numbers[i]) : c[4].numbers[i] == powers[i % 9]);
        CHECKF(isb_frame_line(f, i) == line, "row %zu: line %zu", i, isb_frame_line(f, i));
        line += (size_t)1 + (i % 97 == 0) + (i % 1001 == 0 ? 2 : 0);
    }
    CHECK(f->columns[1].text_count == 1009 && f->columns[2].text_count == 4);
    CHECK(f->columns[4].missing == (rows + 3) / 4);
}

static void check_same(const isb_frame *a, const isb_frame *b) {
    for (size_t i = 0; i < a->column_count; i++) {
        const isb_column *x = &a->columns[i], *y = &b->columns[i];
        const void *left = x->kind == ISB_COLUMN_TEXT ? (void *)x->codes : x->numbers;
        const void *right = y->kind == ISB_COLUMN_TEXT ? (void *)y->codes : y->numbers;
        CHECK(x->kind == y->kind && memcmp(left, right, a->rows * 4) == 0);
        CHECK(x->text_count == y->text_count && x->missing == y->missing && x->whole == y->whole);
    }
}

CASE(data_csv, any_number_of_threads_gives_the_same) {
    enum { ROWS = 60000 };
    enter_directory();
    size_t length;
    char *text = make_large(ROWS, &length);
    CHECK(length > 6 * (256 << 10));
    put("f.csv", text, length);
    put_gzip("f.csv.gz", text, length);
    isb_frame_options options = usual;
    options.threads = 1;
    isb_frame one = read_with("f.csv", &options);
    check_large(&one, ROWS);
    static const size_t counts[] = {2, 3, 5, 16};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        options.threads = counts[i];
        isb_frame many = read_with(i % 2 == 0 ? "f.csv" : "f.csv.gz", &options);
        check_large(&many, ROWS);
        check_same(&one, &many);
        isb_frame_free(&many);
    }
    isb_frame_free(&one);
    free(text);
    leave_directory();
}

/* Records of every length up to some bytes, so that blocks end everywhere in them. */
CASE(data_csv, blocks_end_anywhere_in_a_record) {
    enum { SIZE = 256 << 10 };
    enter_directory();
    static const char record[] = "12,\"a\"\"\r\nb\",3\r\n";
    for (size_t shift = 0; shift < sizeof record; shift++) {
        char *text = malloc(2 * SIZE);
        CHECK(text != NULL);
        size_t rows = 0, used = (size_t)sprintf(text, "a,%.*s,c\r\n", (int)shift + 1,
                                                "nnnnnnnnnnnnnnnnnnnnnnnn");
        while (used + sizeof record < 2 * SIZE) {
            memcpy(text + used, record, sizeof record - 1);
            used += sizeof record - 1;
            rows++;
        }
        put("f.csv", text, used);
        isb_frame f = read_with("f.csv", &usual);
        CHECKF(f.rows == rows, "%zu rows of %zu", f.rows, rows);
        CHECK(f.columns[1].text_count == 1 && strcmp(f.columns[1].texts[0], "a\"\r\nb") == 0);
        CHECK(isb_frame_line(&f, rows - 1) == 2 * rows);
        for (size_t i = 0; i < rows; i++)
            CHECK(f.columns[0].numbers[i] == 12 && f.columns[2].numbers[i] == 3);
        isb_frame_free(&f);
        free(text);
    }
    leave_directory();
}

enum { MIXED_ROWS = 8000, MIXED_COLUMNS = 21 };

/* Now and then something else than a short number; `number` is what it stands for. */
static void make_mixed_cell(char cell[128], char number[128], size_t row, size_t column) {
    static const char *const before[] = {" ", "\"", "", "000", "", ""};
    static const char *const behind[] = {" ", "\"", "e-3", "", "000000000001", ""};
    const size_t mix = (row * 2654435761u + column * 40503u) >> 7;
    const bool mixed = column == 12 || column + 1 == MIXED_COLUMNS;
    const double value = (double)(mix % 2000003) / 1000 - (mixed ? 0 : 1000);
    char digits[64];
    if (column == 10)
        snprintf(digits, sizeof digits, "%.17g", value / 7);
    else if (column == 17)
        snprintf(digits, sizeof digits, "%zu", mix % 10000000);
    else
        snprintf(digits, sizeof digits, "%.*f", 1 + (int)(mix % 7), value);
    const bool odd = mixed && mix % 19 == 0;
    const size_t way = odd ? mix / 19 % 5 : 5;
    snprintf(cell, 128, "%s%s%s", before[way], digits, behind[way]);
    snprintf(number, 128, "%s", way == 1 ? digits : cell);
    if (odd && mix % 3 == 0)
        cell[0] = number[0] = '\0';
}

static size_t make_mixed(char *text, float *expected, const char *line_end) {
    size_t used = 0;
    for (size_t row = 0; row < MIXED_ROWS; row++) {
        for (size_t column = 0; column < MIXED_COLUMNS; column++) {
            char cell[128], number[128];
            make_mixed_cell(cell, number, row, column);
            expected[row * MIXED_COLUMNS + column] = *number == '\0' ? NAN : strtof(number, NULL);
            used += (size_t)sprintf(text + used, "%s%s", cell,
                                    column + 1 < MIXED_COLUMNS ? "," : line_end);
        }
    }
    return used;
}

static void check_mixed(const isb_frame *f, const float *expected) {
    CHECK(f->rows == MIXED_ROWS && f->column_count == MIXED_COLUMNS);
    for (size_t column = 0; column < MIXED_COLUMNS; column++) {
        const isb_column *c = &f->columns[column];
        CHECKF(c->kind == ISB_COLUMN_NUMBER && c->whole == (column == 17), "column %zu", column);
        for (size_t row = 0; row < MIXED_ROWS; row++) {
            const float x = expected[row * MIXED_COLUMNS + column], y = c->numbers[row];
            CHECKF(isnan(x) ? isnan(y) : memcmp(&x, &y, sizeof x) == 0,
                   "column %zu, row %zu: %.9g, not %.9g", column, row, (double)y, (double)x);
        }
    }
}

/* Short numbers, which are read several at a time, and others between them; with blocks that end
 * at each byte of a cell. */
CASE(data_csv, short_numbers_among_others) {
    enter_directory();
    char *text = malloc(MIXED_ROWS * MIXED_COLUMNS * 32 + 4096);
    float *expected = malloc(MIXED_ROWS * MIXED_COLUMNS * sizeof *expected);
    CHECK(text != NULL && expected != NULL);
    static const size_t threads[] = {1, 2, 3, 7};
    for (size_t shift = 0; shift < 24; shift++) {
        size_t used = (size_t)sprintf(text, "%.*sa", (int)shift, "nnnnnnnnnnnnnnnnnnnnnnnn");
        for (size_t i = 1; i < MIXED_COLUMNS; i++)
            used += (size_t)sprintf(text + used, ",c%zu", i);
        const char *line_end = shift % 2 > 0 ? "\r\n" : "\n";
        used += (size_t)sprintf(text + used, "%s", line_end);
        used += make_mixed(text + used, expected, line_end);
        CHECK(used > 4 * (256 << 10));
        put("f.csv", text, used);
        isb_frame_options options = usual;
        options.threads = threads[shift / 2 % 4];
        isb_frame f = read_with("f.csv", &options);
        check_mixed(&f, expected);
        isb_frame_free(&f);
    }
    free(expected);
    free(text);
    leave_directory();
}

/* A problem far behind the first block, found by any thread, is told with its place. */
CASE(data_csv, a_problem_far_into_the_file) {
    enter_directory();
    char *text = malloc(4 << 20);
    CHECK(text != NULL);
    size_t used = (size_t)sprintf(text, "a,b\n");
    for (size_t i = 0; i < 300000; i++)
        used += (size_t)sprintf(text + used, i == 200000 ? "7\n" : "%zu,1\n", i % 1000);
    refuse_bytes(text, used, &usual, ISB_DATA,
                 "f.csv:200002:2: the record ends after 1 field, where the first one has 2; add "
                 "what is missing, an empty field too needs its separator");
    free(text);
    leave_directory();
}

/* A header larger than a block, and one record larger than many. */
CASE(data_csv, long_records) {
    enum { COLUMNS = 40000 };
    enter_directory();
    char *text = malloc(COLUMNS * 20);
    CHECK(text != NULL);
    size_t used = 0;
    for (size_t i = 0; i < COLUMNS; i++)
        used += (size_t)sprintf(text + used, "%sname_%zu", i > 0 ? "," : "", i);
    for (size_t i = 0; i < COLUMNS; i++)
        used += (size_t)sprintf(text + used, "%s%zu", i > 0 ? "," : "\n", i);
    CHECK(used > 2 * (256 << 10));
    put("f.csv", text, used);
    isb_frame f = read_with("f.csv", &usual);
    CHECK(f.rows == 1 && f.column_count == COLUMNS);
    for (size_t i = 0; i < COLUMNS; i++)
        CHECK(f.columns[i].numbers[0] == (float)i);
    isb_frame_free(&f);
    memset(text, ',', 1 << 16);
    refuse_bytes(text, 1 << 16, &usual, ISB_DATA,
                 "f.csv:1: has more than 65536 columns; is the separator the right one?");
    free(text);
    leave_directory();
}

static void refuse_path(const char *path, const char *message) {
    isb_frame frame;
    isb_error error = ISB_ERROR_INIT;
    CHECK(isb_csv_read(&frame, path, &usual, &error) == ISB_DATA);
    CHECKF(strcmp(isb_error_text(&error), message) == 0, "got:  %s\nwant: %s",
           isb_error_text(&error), message);
    isb_error_clear(&error);
}

CASE(data_csv, what_is_no_file_of_text) {
    enter_directory();
    CHECK(mkfifo("pipe", 0600) == 0 && mkdir("folder", 0700) == 0 && symlink("loop", "loop") == 0);
    refuse_path("pipe", "pipe: is a pipe; put a regular file there");
    refuse_path("folder", "folder: is a directory; put a regular file there");
    refuse_path("loop", "loop: cannot be opened: Too many levels of symbolic links; make it a "
                        "regular file that may be read");
    refuse_path("absent", "absent: cannot be opened: No such file or directory; make it a regular "
                          "file that may be read");
    put("sparse", "a,b\n1,2\n", 8);
    CHECK(truncate("sparse", (off_t)10 << 30) == 0);
    refuse_path(
        "sparse",
        "sparse:3:1: a byte 0 stands here; this is no file of text, or UTF-16: save it as UTF-8");
    put("empty", "", 0);
    CHECK(truncate("empty", (off_t)10 << 30) == 0);
    refuse_path(
        "empty",
        "empty:1:1: a byte 0 stands here; this is no file of text, or UTF-16: save it as UTF-8");
    leave_directory();
}

/* Within a bound, whatever follows. */
CASE(data_csv, a_record_without_end) {
    enum { SIZE = 40 << 20 };
    enter_directory();
    char *text = malloc(SIZE);
    CHECK(text != NULL);
    memset(text, 'x', SIZE);
    memcpy(text, "a,b\n1,2\n", 8);
    refuse_bytes(text, SIZE, &usual, ISB_DATA,
                 "f.csv:3:1: the record that begins here is larger than 16 MiB; is this a table of "
                 "text?");
    memcpy(text, "a,b\n1,\"2\n", 9);
    refuse_bytes(text, SIZE, &usual, ISB_DATA,
                 "f.csv:2:3: a quote is opened here and never closed");
    free(text);
    leave_directory();
}

CASE(data_csv, damaged_gzip) {
    enter_directory();
    uint8_t packed[4096];
    put_gzip("whole.gz", "a,b\n1,2\n3,4\n", 12);
    const size_t length = get("whole.gz", packed, sizeof packed);
    put("short.gz", packed, length - 9);
    refuse_path("short.gz", "short.gz: the gzip data are cut short, after 12 bytes unpacked; "
                            "download or copy the file again");
    leave_directory();
}

/* Four bytes a number, and half as many besides. */
CASE(data_csv, memory_is_bounded_by_that_of_the_numbers) {
    enum { ROWS = 1000000, COLUMNS = 8, HALF = 2 };
    if (sanitized())
        SKIP("a sanitizer keeps memory that was released");
    enter_directory();
    FILE *file = fopen("f.csv", "w");
    CHECK(file != NULL);
    for (size_t i = 0; i < ROWS; i++)
        CHECK(fprintf(file, "%zu.5,1,2,3,4,5,6,%zu\n", i, i % 10) > 0);
    CHECK(fclose(file) == 0);
    struct rusage before, after;
    CHECK(getrusage(RUSAGE_SELF, &before) == 0);
    isb_frame f = read_with("f.csv", &usual);
    CHECK(getrusage(RUSAGE_SELF, &after) == 0);
    const size_t numbers = ROWS * COLUMNS * sizeof(float) / 1024;
    const size_t grown = (size_t)(after.ru_maxrss - before.ru_maxrss);
    fprintf(stderr, "%zu kB of numbers, %zu kB of memory\n", numbers, grown);
    CHECK(f.rows == ROWS && f.columns[0].numbers[ROWS - 1] == ROWS - 0.5f);
    CHECKF(grown < numbers + numbers / HALF, "%zu kB for %zu kB of numbers", grown, numbers);
    isb_frame_free(&f);
    leave_directory();
}
