#include "study/markup.h"
#include "io/utf8.h"
#include "study/figures.h"
#include <stdlib.h>
#include <string.h>

static const char *entity_of(uint32_t point) {
    switch (point) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

void isb_put_escaped(isb_text *out, const char *text) {
    size_t size;
    for (size_t left = strlen(text); left > 0; left -= size, text += size) {
        const uint32_t point = isb_utf8_decode(text, left, &size);
        const char *entity = entity_of(point);
        const bool plain = point == '\n' || point == '\t' || !isb_unfit(point);
        if (point == '\r' && text[1] == '\n')
            continue; /* the end of a line elsewhere */
        if (entity != NULL)
            isb_text_add(out, entity);
        else if (plain)
            isb_text_add_bytes(out, text, size);
        else
            isb_text_add(out, "\xef\xbf\xbd");
    }
}

void isb_put_escaped_name(isb_text *out, const char *name, size_t columns) {
    isb_text fit = {0};
    isb_put_name(&fit, name, columns, true);
    isb_put_escaped(out, fit.data == NULL ? "" : fit.data);
    out->failed = out->failed || fit.failed;
    free(fit.data);
}
