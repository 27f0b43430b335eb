/* Drawing in SVG. Colours are classes, so that a page has them in one place, light and dark. */
#ifndef ISB_STUDY_SVG_H
#define ISB_STUDY_SVG_H

#include "io/text.h"

/* One drawing. Coordinates are pixels from the upper left corner. */
typedef struct isb_svg {
    isb_text *out;
    double width, height;
} isb_svg;

typedef struct isb_svg_head {
    const char *id;                  /* of the drawing in its page; letters, digits and hyphens */
    const char *kind;                /* more classes */
    const char *title, *description; /* for those who cannot see it */
    bool standalone;                 /* a file of its own, with the colours in it */
} isb_svg_head;

typedef struct isb_point {
    double x, y;
} isb_point;

typedef enum isb_marker {
    ISB_CIRCLE,
    ISB_SQUARE,
    ISB_DIAMOND,
    ISB_TRIANGLE,
    ISB_WEDGE, /* a triangle on its tip */
    ISB_CROSS,
    ISB_MARKERS,
} isb_marker;

/* How many classes "c0", "c1", ... there are for series: Okabe and Ito's colours, told apart by
 * people who see colours in any of the common ways. */
enum { ISB_SVG_COLORS = 7 };

/* The style sheet: of a page's drawings (all within class "plot"), and the colours themselves. */
extern const char isb_svg_style[];
extern const char isb_svg_light[], isb_svg_dark[];

void isb_svg_open(isb_svg *svg, const isb_svg_head *head);
void isb_svg_close(isb_svg *svg);

void isb_svg_line(isb_svg *svg, const char *classes, isb_point from, isb_point to);
void isb_svg_rectangle(isb_svg *svg, const char *classes, isb_point corner, isb_point opposite);
void isb_svg_marker(isb_svg *svg, const char *classes, isb_marker marker, isb_point at,
                    double radius);
void isb_svg_path(isb_svg *svg, const char *classes, const isb_point *points, size_t count);
/* Closed. */
void isb_svg_area(isb_svg *svg, const char *classes, const isb_point *points, size_t count);

/* The text is escaped here. Class "end" or "middle" says which of its points lies at `at`. */
void isb_svg_text(isb_svg *svg, const char *classes, isb_point at, const char *text);

/* The width of a text of so many columns, in the size that drawings have: an estimate. */
double isb_svg_text_width(size_t columns);

#endif
