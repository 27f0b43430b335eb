#include "study/svg.h"
#include "base/number.h"
#include "study/markup.h"

const char isb_svg_light[] =
    "--ink:#1a1a1a;--quiet:#5c5c5c;--grid:#e2e2e2;--paper:#fff;--c0:#0072b2;--c1:#d55e00;"
    "--c2:#009e73;--c3:#cc79a7;--c4:#e69f00;--c5:#56b4e9;--c6:#1a1a1a";

/* The same colours, in the order in which they stand out from black. */
const char isb_svg_dark[] =
    "--ink:#e8e8e8;--quiet:#a6a6a6;--grid:#3a3a3a;--paper:#151515;--c0:#56b4e9;--c1:#e69f00;"
    "--c2:#2fc79a;--c3:#e39bc5;--c4:#f0e442;--c5:#d55e00;--c6:#e8e8e8";

const char isb_svg_style[] =
    ".plot{font:12px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}\n"
    ".plot text{fill:var(--ink);font-variant-numeric:tabular-nums}\n"
    ".plot text.quiet{fill:var(--quiet)}\n"
    ".plot text.strong{font-weight:600}\n"
    ".plot text.label,.plot text.end{paint-order:stroke;stroke:var(--paper);stroke-width:3px}\n"
    ".plot .end{text-anchor:end}\n"
    ".plot .middle{text-anchor:middle}\n"
    ".plot .paper{fill:var(--paper)}\n"
    ".plot .grid{stroke:var(--grid)}\n"
    ".plot .axis{stroke:var(--quiet)}\n"
    ".plot .dashed{stroke:var(--ink);stroke-dasharray:4 3;fill:none}\n"
    ".plot .shade{fill:var(--grid);opacity:.55}\n"
    ".plot .c0{--c:var(--c0)}.plot .c1{--c:var(--c1)}.plot .c2{--c:var(--c2)}.plot "
    ".c3{--c:var(--c3)}"
    ".plot .c4{--c:var(--c4)}.plot .c5{--c:var(--c5)}.plot .c6{--c:var(--c6)}"
    ".plot .cq{--c:var(--quiet)}\n"
    ".plot .color{stroke:var(--c);fill:var(--c)}\n"
    ".plot polyline.color{fill:none;stroke-width:1.75;stroke-linejoin:round}\n"
    ".plot .whisker{stroke-width:2}\n"
    ".plot .marker{stroke-width:1.75}\n"
    ".plot .color.hollow{fill:var(--paper)}\n"
    ".plot .color.seed{opacity:.38;stroke:none}\n"
    ".plot .color.band{opacity:.2;stroke:none}\n";

/* The parts of a number's attribute. */
static void put_number(isb_svg *svg, const char *before, double value, const char *after) {
    char number[ISB_NUMBER_SIZE];
    isb_format_fixed(number, value, 1);
    isb_text_add(svg->out, before);
    isb_text_add(svg->out, number);
    isb_text_add(svg->out, after);
}

static void put_class(isb_svg *svg, const char *element, const char *classes) {
    isb_text_format(svg->out, "<%s class=\"%s\"", element, classes);
}

static void put_standalone_style(isb_text *out) {
    isb_text_format(out, "<style>\n.plot{%s}\n@media (prefers-color-scheme:dark){.plot{%s}}\n",
                    isb_svg_light, isb_svg_dark);
    isb_text_add(out, isb_svg_style);
    isb_text_add(out, "</style>\n");
}

enum { MARGIN = 14 }; /* around a drawing that is a file of its own */

void isb_svg_open(isb_svg *svg, const isb_svg_head *head) {
    isb_text *out = svg->out;
    const double margin = head->standalone ? MARGIN : 0;
    const double width = svg->width + 2 * margin, height = svg->height + 2 * margin;
    put_number(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", width, "\"");
    put_number(svg, " height=\"", height, "\"");
    put_number(svg, " viewBox=\"", -margin, " ");
    put_number(svg, "", -margin, " ");
    put_number(svg, "", width, " ");
    put_number(svg, "", height, "\"");
    isb_text_format(out,
                    " class=\"plot%s%s\" role=\"img\" aria-labelledby=\"%s-title %s-text\">\n"
                    "<title id=\"%s-title\">",
                    head->kind[0] != '\0' ? " " : "", head->kind, head->id, head->id, head->id);
    isb_put_escaped(out, head->title);
    isb_text_format(out, "</title>\n<desc id=\"%s-text\">", head->id);
    isb_put_escaped(out, head->description);
    isb_text_add(out, "</desc>\n");
    if (head->standalone) {
        put_standalone_style(out);
        isb_svg_rectangle(svg, "paper", (isb_point){-margin, -margin},
                          (isb_point){svg->width + margin, svg->height + margin});
    }
}

void isb_svg_close(isb_svg *svg) { isb_text_add(svg->out, "</svg>\n"); }

void isb_svg_line(isb_svg *svg, const char *classes, isb_point from, isb_point to) {
    put_class(svg, "line", classes);
    put_number(svg, " x1=\"", from.x, "\"");
    put_number(svg, " y1=\"", from.y, "\"");
    put_number(svg, " x2=\"", to.x, "\"");
    put_number(svg, " y2=\"", to.y, "\"/>\n");
}

void isb_svg_rectangle(isb_svg *svg, const char *classes, isb_point corner, isb_point opposite) {
    put_class(svg, "rect", classes);
    put_number(svg, " x=\"", corner.x, "\"");
    put_number(svg, " y=\"", corner.y, "\"");
    put_number(svg, " width=\"", opposite.x - corner.x, "\"");
    put_number(svg, " height=\"", opposite.y - corner.y, "\"/>\n");
}

static void put_points(isb_svg *svg, const isb_point *points, size_t count) {
    for (size_t i = 0; i < count; i++) {
        put_number(svg, i > 0 ? " " : "", points[i].x, ",");
        put_number(svg, "", points[i].y, "");
    }
}

void isb_svg_path(isb_svg *svg, const char *classes, const isb_point *points, size_t count) {
    put_class(svg, "polyline", classes);
    isb_text_add(svg->out, " points=\"");
    put_points(svg, points, count);
    isb_text_add(svg->out, "\"/>\n");
}

void isb_svg_area(isb_svg *svg, const char *classes, const isb_point *points, size_t count) {
    put_class(svg, "polygon", classes);
    isb_text_add(svg->out, " points=\"");
    put_points(svg, points, count);
    isb_text_add(svg->out, "\"/>\n");
}

void isb_svg_marker(isb_svg *svg, const char *classes, isb_marker marker, isb_point at,
                    double radius) {
    const double r = radius, x = at.x, y = at.y;
    if (marker == ISB_CIRCLE) {
        put_class(svg, "circle", classes);
        put_number(svg, " cx=\"", x, "\"");
        put_number(svg, " cy=\"", y, "\"");
        put_number(svg, " r=\"", r, "\"/>\n");
    } else if (marker == ISB_SQUARE) {
        isb_svg_rectangle(svg, classes, (isb_point){x - 0.9 * r, y - 0.9 * r},
                          (isb_point){x + 0.9 * r, y + 0.9 * r});
    } else if (marker == ISB_DIAMOND) {
        const double d = 1.3 * r;
        isb_svg_area(svg, classes, (isb_point[]){{x, y - d}, {x + d, y}, {x, y + d}, {x - d, y}},
                     4);
    } else if (marker == ISB_CROSS) {
        const double d = 1.2 * r, e = 0.4 * r; /* a plus sign with arms 2 e wide */
        isb_svg_area(svg, classes,
                     (isb_point[]){{x - e, y - d},
                                   {x + e, y - d},
                                   {x + e, y - e},
                                   {x + d, y - e},
                                   {x + d, y + e},
                                   {x + e, y + e},
                                   {x + e, y + d},
                                   {x - e, y + d},
                                   {x - e, y + e},
                                   {x - d, y + e},
                                   {x - d, y - e},
                                   {x - e, y - e}},
                     12);
    } else {
        const double tip = marker == ISB_TRIANGLE ? -1.2 * r : 1.2 * r;
        isb_svg_area(
            svg, classes,
            (isb_point[]){{x, y + tip}, {x + 1.2 * r, y - 0.8 * tip}, {x - 1.2 * r, y - 0.8 * tip}},
            3);
    }
}

void isb_svg_text(isb_svg *svg, const char *classes, isb_point at, const char *text) {
    put_class(svg, "text", classes);
    put_number(svg, " x=\"", at.x, "\"");
    put_number(svg, " y=\"", at.y, "\">");
    isb_put_escaped(svg->out, text);
    isb_text_add(svg->out, "</text>\n");
}

double isb_svg_text_width(size_t columns) { return 6.7 * (double)columns; }
