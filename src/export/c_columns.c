#include "export/c_columns.h"
#include "base/number.h"
#include "export/c_text.h"

enum { STRINGS_A_LINE = 4, NUMBERS_A_LINE = 6 };

static void begin_list(isb_text *text, const char *declaration, const char *name, size_t count) {
    isb_c_add(text, declaration, name);
    isb_text_format(text, "[%zu] = {", count);
}

static void end_list(isb_text *text) { isb_text_add(text, "\n};\n"); }

static void add_strings(isb_text *text, const char *declaration, const char *name,
                        char *const *strings, size_t count) {
    begin_list(text, declaration, name, count);
    for (size_t i = 0; i < count; i++) {
        isb_c_part(text, i, STRINGS_A_LINE);
        isb_c_add_string(text, strings[i]);
    }
    end_list(text);
}

static void add_column_names(isb_text *text, const isb_preprocessing *p, const char *name) {
    begin_list(text, "\nstatic const char *const @_column_names", name, p->count);
    for (size_t i = 0; i < p->count; i++) {
        isb_c_part(text, i, STRINGS_A_LINE);
        isb_c_add_string(text, p->features[i].name);
    }
    end_list(text);
}

/* Those of all columns, one behind the other. */
static void add_categories(isb_text *text, const isb_preprocessing *p, const char *name) {
    size_t count = 0, index = 0;
    for (size_t i = 0; i < p->count; i++)
        count += p->features[i].category_count;
    begin_list(text, "\nstatic const char *const @_categories", name, count + 1);
    for (size_t i = 0; i < p->count; i++) {
        for (size_t c = 0; c < p->features[i].category_count; c++) {
            isb_c_part(text, index++, STRINGS_A_LINE);
            isb_c_add_string(text, p->features[i].categories[c]);
        }
    }
    isb_c_part(text, index, STRINGS_A_LINE);
    isb_text_add(text, "NULL");
    end_list(text);
}

static size_t category_count(const isb_feature *feature) { return feature->category_count; }
static size_t mode_of(const isb_feature *feature) { return feature->mode; }
static size_t indicator_of(const isb_feature *feature) { return feature->indicator; }

static void add_counts(isb_text *text, const isb_preprocessing *p, const char *declaration,
                       const char *name, size_t (*member)(const isb_feature *)) {
    begin_list(text, declaration, name, p->count);
    for (size_t i = 0; i < p->count; i++) {
        isb_c_part(text, i, NUMBERS_A_LINE);
        isb_text_format(text, "%zu", member(&p->features[i]));
    }
    end_list(text);
}

static void add_fills(isb_text *text, const isb_preprocessing *p, const char *name) {
    begin_list(text, "\nstatic const float @_fills", name, p->count);
    for (size_t i = 0; i < p->count; i++) {
        isb_c_part(text, i, NUMBERS_A_LINE);
        isb_c_add_float(text, (float)p->features[i].fill);
    }
    end_list(text);
}

/* Whether a cell is missing: by itself, or as the experiment says. */
static void add_missing(isb_text *text, const isb_names *missing, const char *name) {
    double value;
    isb_c_add(text,
              "\n"
              "static inline int @_number_is_missing(float number) {\n"
              "    return number != number",
              name);
    for (size_t i = 0; i < missing->count; i++) {
        if (!isb_parse_double(missing->items[i], &value) || value - value != 0 ||
            (float)value - (float)value != 0)
            continue;
        isb_text_add(text, " || number == ");
        isb_c_add_float(text, (float)value);
    }
    isb_c_add(text,
              ";\n}\n"
              "\n"
              "static inline int @_text_is_missing(const char *text) {\n"
              "    return text == NULL || text[0] == '\\0'",
              name);
    for (size_t i = 0; i < missing->count; i++) {
        if (missing->items[i][0] == '\0')
            continue;
        isb_text_add(text, " ||\n           strcmp(text, ");
        isb_c_add_string(text, missing->items[i]);
        isb_text_add(text, ") == 0");
    }
    isb_text_add(text, ";\n}\n");
}

static const char encode[] =
    "\n"
    "static inline int @_encode(const float *numbers, const char *const *texts, float *x) {\n"
    "    const char *const *categories = @_categories;\n"
    "    for (size_t i = 0; i < @_columns; i++) {\n"
    "        const size_t count = @_category_counts[i];\n"
    "        const int missing =\n"
    "            count > 0 ? @_text_is_missing(texts[i]) : @_number_is_missing(numbers[i]);\n";
static const char refuse[] = "        if (missing)\n"
                             "            return 0;\n";
static const char encode_cell[] =
    "        if (count == 0)\n"
    "            *x++ = missing ? @_fills[i] : numbers[i];\n"
    "        for (size_t c = 0; c < count; c++)\n"
    "            *x++ = missing ? c == @_modes[i] : strcmp(texts[i], categories[c]) == 0;\n"
    "        if (@_indicators[i])\n"
    "            *x++ = missing;\n"
    "        categories += count;\n"
    "    }\n"
    "    return 1;\n"
    "}\n";

void isb_c_add_columns(isb_text *text, const isb_exported *from, const char *name) {
    const isb_preprocessing *p = &from->columns;
    const bool filled = p->policy == ISB_MISSING_MEAN || p->policy == ISB_MISSING_INDICATOR;
    isb_text_format(text, "enum { %s_columns = %zu };\n", name, p->count);
    add_column_names(text, p, name);
    if (p->class_count > 0)
        add_strings(text, "\n/* In the order of y. */\nstatic const char *const @_class_names",
                    name, p->classes, p->class_count);
    isb_text_add(text, "\n/* Of each column: 0 for one of numbers. */");
    add_counts(text, p, "\nstatic const size_t @_category_counts", name, category_count);
    add_categories(text, p, name);
    isb_text_add(text, "\n/* What a missing cell is taken for, and whether that is told. */");
    add_counts(text, p, "\nstatic const size_t @_modes", name, mode_of);
    add_fills(text, p, name);
    add_counts(text, p, "\nstatic const unsigned char @_indicators", name, indicator_of);
    add_missing(text, from->missing, name);
    isb_c_add(text, encode, name);
    if (!filled)
        isb_text_add(text, refuse);
    isb_c_add(text, encode_cell, name);
}
