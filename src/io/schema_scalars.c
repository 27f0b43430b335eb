#include "base/number.h"
#include "io/schema.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

_Static_assert(sizeof(isb_node_kind) == sizeof(int), "choices are stored as int");

static const char take_quotes_away[] = "; take the quotes away";

/* --- none --- */

const char *isb_nothing_hint(const isb_node *node) {
    static const char *const words[] = {"null", "~", "Null", "NULL", "None"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (isb_node_is(node, words[i]))
            return "; nothing is written none";
    return "";
}

/* --- true and false --- */

static const char *bool_hint(const char *text) {
    static const char *const yes[] = {"yes", "on", "true", "y", "1"};
    static const char *const no[] = {"no", "off", "false", "n", "0"};
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (strcasecmp(text, yes[i]) == 0)
            return "; did you mean 'true'?";
        if (strcasecmp(text, no[i]) == 0)
            return "; did you mean 'false'?";
    }
    return "";
}

static void read_bool(isb_reader *reader, const isb_field *field, const isb_node *node,
                      void *base) {
    bool *value = isb_field_at(field, base);
    if (isb_node_is(node, "true"))
        *value = true;
    else if (isb_node_is(node, "false"))
        *value = false;
    else if (node->kind != ISB_NODE_SCALAR)
        isb_wrong_value(reader, field, node, "");
    else
        isb_wrong_value(reader, field, node,
                        node->plain ? bool_hint(node->text) : take_quotes_away);
}

static void write_bool(isb_text *text, const isb_field *field, const void *base) {
    const bool *value = isb_field_of(field, base);
    isb_text_add(text, *value ? "true" : "false");
}

const isb_kind isb_kind_bool = {read_bool, write_bool, NULL, false};

/* --- integers --- */

static bool has_leading_zero(const char *text) {
    if (*text == '-' || *text == '+')
        text++;
    return text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

/* 010, 10.0 and 1e1 can only mean one integer: says how it is written. */
static void integer_hint(char *hint, size_t size, const char *text, uint64_t low, uint64_t high) {
    double value = 0;
    hint[0] = '\0';
    if (!isb_parse_double(text, &value) || value < (double)low || value > 0x1p53 ||
        value > (double)high || value != (double)(uint64_t)value)
        return;
    snprintf(hint, size, "%s; write %" PRIu64, has_leading_zero(text) ? " (no leading zeros)" : "",
             (uint64_t)value);
}

bool isb_read_integer(isb_reader *reader, const isb_field *field, const isb_node *node,
                      uint64_t low, uint64_t high, uint64_t *value) {
    char hint[64] = "";
    if (node->kind == ISB_NODE_SCALAR && !node->plain) {
        isb_wrong_value(reader, field, node, take_quotes_away);
        return false;
    }
    if (node->kind == ISB_NODE_SCALAR) {
        if (isb_parse_unsigned(node->text, value) && *value >= low && *value <= high)
            return true;
        integer_hint(hint, sizeof hint, node->text, low, high);
    }
    isb_wrong_value(reader, field, node, hint);
    return false;
}

static void read_count(isb_reader *reader, const isb_field *field, const isb_node *node,
                       void *base) {
    uint64_t value = 0;
    size_t *count = isb_field_at(field, base);
    if (isb_read_integer(reader, field, node, (uint64_t)field->low, (uint64_t)field->high, &value))
        *count = (size_t)value;
}

static void write_count(isb_text *text, const isb_field *field, const void *base) {
    const size_t *count = isb_field_of(field, base);
    char digits[ISB_NUMBER_SIZE];
    snprintf(digits, sizeof digits, "%zu", *count);
    isb_text_add(text, digits);
}

const isb_kind isb_kind_count = {read_count, write_count, NULL, false};

static void read_seed(isb_reader *reader, const isb_field *field, const isb_node *node,
                      void *base) {
    uint64_t value = 0;
    uint64_t *seed = isb_field_at(field, base);
    if (isb_read_integer(reader, field, node, 0, INT64_MAX, &value))
        *seed = value;
}

static void write_seed(isb_text *text, const isb_field *field, const void *base) {
    const uint64_t *seed = isb_field_of(field, base);
    char digits[ISB_NUMBER_SIZE];
    snprintf(digits, sizeof digits, "%" PRIu64, *seed);
    isb_text_add(text, digits);
}

const isb_kind isb_kind_seed = {read_seed, write_seed, NULL, false};

/* --- numbers --- */

static bool in_bounds(const isb_field *field, double value) {
    bool above = field->low_open ? value > field->low : value >= field->low;
    bool below = field->high_open ? value < field->high : value <= field->high;
    return above && below;
}

bool isb_read_number(isb_reader *reader, const isb_field *field, const isb_node *node,
                     double *value) {
    const char *hint = "";
    double parsed = 0;
    if (node->kind == ISB_NODE_SCALAR && !node->plain) {
        hint = take_quotes_away;
    } else if (node->kind == ISB_NODE_SCALAR) {
        if (has_leading_zero(node->text)) {
            hint = "; write it without leading zeros";
        } else if (isb_parse_double(node->text, &parsed) && in_bounds(field, parsed)) {
            *value = parsed + 0.0; /* -0 is 0 */
            return true;
        }
    }
    isb_wrong_value(reader, field, node, hint);
    return false;
}

static void read_real(isb_reader *reader, const isb_field *field, const isb_node *node,
                      void *base) {
    isb_read_number(reader, field, node, isb_field_at(field, base));
}

static void write_real(isb_text *text, const isb_field *field, const void *base) {
    const double *value = isb_field_of(field, base);
    char number[ISB_NUMBER_SIZE];
    isb_format_double(number, *value);
    isb_text_add(text, number);
}

const isb_kind isb_kind_real = {read_real, write_real, NULL, false};

/* --- one of several words --- */

static void read_choice(isb_reader *reader, const isb_field *field, const isb_node *node,
                        void *base) {
    if (node->kind != ISB_NODE_SCALAR || isb_node_empty(node)) {
        isb_wrong_value(reader, field, node, "");
        return;
    }
    for (size_t i = 0; i < field->words->count; i++) {
        int value = (int)i;
        if (strcmp(node->text, field->words->items[i]) == 0) {
            memcpy(isb_field_at(field, base), &value, sizeof value);
            return;
        }
    }
    isb_unknown_word(reader->problems, node->place, field->key, node->text, field->words->items,
                     field->words->count);
}

static void write_choice(isb_text *text, const isb_field *field, const void *base) {
    int value = 0;
    memcpy(&value, isb_field_of(field, base), sizeof value);
    isb_text_add(text, field->words->items[value]);
}

const isb_kind isb_kind_choice = {read_choice, write_choice, NULL, false};
