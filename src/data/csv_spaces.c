#include "data/csv_spaces.h"

static bool is_space(char c) { return c == ' ' || c == '\t'; }

static size_t end_line(isb_csv_spaces *state, size_t end) {
    end -= state->tab;
    *state = (isb_csv_spaces){.begun = false};
    return end;
}

size_t isb_csv_squeeze(isb_csv_spaces *state, char *text, size_t begin, size_t end) {
    size_t to = begin;
    for (size_t i = begin; i < end; i++) {
        const char c = text[i];
        if (!state->quoted && is_space(c)) {
            if (state->begun && !state->tab)
                text[to++] = '\t';
            state->tab = state->begun;
            continue;
        }
        if (!state->quoted && (c == '\n' || c == '\r')) {
            to = end_line(state, to);
        } else {
            state->begun = true;
            state->tab = false;
            state->quoted ^= c == '"';
        }
        text[to++] = c;
    }
    return to;
}

size_t isb_csv_squeeze_end(isb_csv_spaces *state, size_t end) { return end_line(state, end); }

/* Words of a line; *text goes behind it. */
static size_t count_words(const char **text, const char *limit) {
    bool quoted = false, within = false;
    size_t count = 0;
    const char *at = *text;
    for (; at < limit && (quoted || *at != '\n'); at++) {
        const bool space = !quoted && (is_space(*at) || *at == '\r');
        count += !space && !within;
        within = !space;
        quoted ^= *at == '"';
    }
    *text = at < limit ? at + 1 : limit;
    return count;
}

static bool has_separator(const char *text, const char *end) {
    for (; text < end; text++)
        if (*text == ',' || *text == ';' || *text == '|')
            return true;
    return false;
}

bool isb_csv_has_words_alike(const char *text, const char *limit, size_t lines) {
    const char *begin = text;
    size_t words = 0, found = 0;
    while (text < limit && found < lines) {
        const size_t here = count_words(&text, limit);
        if (here == 0)
            continue;
        if (here == 1 || (found == 0 ? has_separator(begin, text) : here != words))
            return false;
        words = here;
        found++;
    }
    return found > 1;
}
