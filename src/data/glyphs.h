/* How each digit is written: the strokes that the built-in data set is drawn from. */
#ifndef ISB_DATA_GLYPHS_H
#define ISB_DATA_GLYPHS_H

enum { ISB_GLYPH_CLASSES = 10, ISB_GLYPH_VARIANTS = 4, ISB_GLYPH_POINTS = 16 };

/* isb_glyphs[digit][variant]: points as pairs of letters, 'A' to 'U' for 0 to 20, x to the right
 * and y down (so K is the middle). A smooth curve runs through the points in order; a point given
 * twice is a corner; '/' lifts the pen. Spaces mean nothing. A stretch between corners has at most
 * ISB_GLYPH_POINTS points. */
extern const char *const isb_glyphs[ISB_GLYPH_CLASSES][ISB_GLYPH_VARIANTS];

#endif
