#include "data/digits.h"
#include "data/glyphs.h"
#include "random/stream.h"
#include <stdlib.h>
#include <string.h>

/* Lengths are in 1/256 pixel, factors in 1/256; a pixel's centre has whole coordinates. */
enum {
    ONE = 256,
    MARGIN = 8, /* around the image, so that no stamp needs clipping */
    STRIDE = ISB_DIGITS_SIDE + 2 * MARGIN,
    STAMP = 8,    /* side of a stamp, in pixels */
    STEPS = 8,    /* positions of a stamp within a pixel, in x and in y */
    THINNEST = 5, /* radius of pen 0, in 1/8 pixel; the next pen is 1/8 wider */
    PENS = 20,
    GAP = ONE / 2, /* between two stamps of a stroke */
};

struct isb_pens {
    uint8_t stamps[PENS][STEPS][STEPS][STAMP]
                  [STAMP]; /* pen, y and x within the pixel, row, column */
};

typedef struct point {
    int32_t x, y;
    int32_t radius; /* in 1/256 pixel */
} point;

typedef struct canvas {
    const isb_pens *pens;
    uint8_t ink[STRIDE][STRIDE];
} canvas;

static int32_t clamp(int32_t value, int32_t low, int32_t high) {
    return value < low ? low : value > high ? high : value;
}

/* Uniform in [-range, range]. */
static int32_t spread(isb_stream *stream, int32_t range) {
    return (int32_t)isb_stream_below(stream, (uint32_t)(2 * range + 1)) - range;
}

/* In [-range, range], nearer to 0 more often. */
static int32_t lean(isb_stream *stream, int32_t range) {
    int32_t first = spread(stream, range);
    return (first + spread(stream, range)) / 2;
}

static int32_t square_root(int32_t square) {
    int32_t root = 0;
    for (int32_t bit = 1 << 15; bit > 0; bit >>= 1)
        if ((int64_t)(root + bit) * (root + bit) <= square)
            root += bit;
    return root;
}

/* Pixel (3, 3) of a stamp holds the disc's centre; its edge fades over one pixel. */
static void make_stamp_pixel(isb_pens *pens, int sub_y, int sub_x, int row, int column) {
    int32_t dy = (row - 3) * ONE - sub_y * ONE / STEPS;
    int32_t dx = (column - 3) * ONE - sub_x * ONE / STEPS;
    int32_t distance = square_root(dx * dx + dy * dy);
    for (int pen = 0; pen < PENS; pen++) {
        int32_t radius = (THINNEST + pen) * ONE / 8;
        int32_t inside = radius + ONE / 2 - distance;
        pens->stamps[pen][sub_y][sub_x][row][column] = (uint8_t)clamp(inside, 0, 255);
    }
}

isb_pens *isb_pens_create(void) {
    isb_pens *pens = malloc(sizeof *pens);
    if (pens == NULL)
        return NULL;
    for (int i = 0; i < STEPS * STEPS; i++)
        for (int j = 0; j < STAMP * STAMP; j++)
            make_stamp_pixel(pens, i / STEPS, i % STEPS, j / STAMP, j % STAMP);
    return pens;
}

/* The stamp of a disc at `at` and the ink under its upper left pixel. Far outside is as good as
 * just outside. */
static const uint8_t *place(canvas *on, point at, uint8_t **ink) {
    int32_t x = clamp(at.x, -4 * ONE, (ISB_DIGITS_SIDE + 3) * ONE) + MARGIN * ONE;
    int32_t y = clamp(at.y, -4 * ONE, (ISB_DIGITS_SIDE + 3) * ONE) + MARGIN * ONE;
    int32_t pen = clamp(at.radius * 8 / ONE - THINNEST, 0, PENS - 1);
    *ink = &on->ink[y / ONE - 3][x / ONE - 3];
    return &on->pens->stamps[pen][y % ONE * STEPS / ONE][x % ONE * STEPS / ONE][0][0];
}

static void press(canvas *on, point at) {
    uint8_t *ink;
    const uint8_t *stamp = place(on, at, &ink);
    for (int row = 0; row < STAMP; row++)
        for (int i = 0; i < STAMP; i++) {
            uint8_t disc = stamp[row * STAMP + i], old = ink[row * STRIDE + i];
            ink[row * STRIDE + i] = disc > old ? disc : old;
        }
}

static void rub_out(canvas *on, point at) {
    uint8_t *ink;
    const uint8_t *stamp = place(on, at, &ink);
    for (int row = 0; row < STAMP; row++)
        for (int i = 0; i < STAMP; i++) {
            uint8_t rest = (uint8_t)(255 - stamp[row * STAMP + i]), old = ink[row * STRIDE + i];
            ink[row * STRIDE + i] = rest < old ? rest : old;
        }
}

/* The Catmull-Rom spline from b to c at t / 256, where a comes before and d after them. */
static int32_t spline(int32_t a, int32_t b, int32_t c, int32_t d, int32_t t) {
    int32_t cubic = 3 * (b - c) + d - a;
    int32_t quadratic = 2 * a - 5 * b + 4 * c - d;
    int32_t value = cubic * t / ONE + quadratic;
    value = value * t / ONE + c - a;
    return value * t / (2 * ONE) + b;
}

static void draw_piece(canvas *on, point a, point b, point c, point d) {
    int32_t dx = abs(c.x - b.x), dy = abs(c.y - b.y);
    int32_t count = (dx > dy ? dx : dy) / GAP + 1;
    for (int32_t i = 0; i <= count; i++) {
        int32_t t = i * ONE / count;
        press(on, (point){spline(a.x, b.x, c.x, d.x, t), spline(a.y, b.y, c.y, d.y, t),
                          b.radius + (c.radius - b.radius) * t / ONE});
    }
}

/* A curve through `count` points, at least 1. */
static void draw_curve(canvas *on, const point *points, size_t count) {
    for (size_t i = 0; i + 1 < count; i++)
        draw_piece(on, points[i > 0 ? i - 1 : 0], points[i], points[i + 1],
                   points[i + 2 < count ? i + 2 : count - 1]);
}

/* One hand: how it slants, stretches and places what it writes. */
typedef struct hand {
    int32_t xx, xy, yx, yy; /* x = xx * x + xy * y, y = yx * x + yy * y */
    int32_t x, y;
    int32_t radius;
} hand;

/* Each draw is a statement of its own: initialisers have no order in C. */
static hand choose_hand(isb_stream *stream) {
    int32_t width = 208 + lean(stream, 60);
    int32_t height = 228 + lean(stream, 40);
    int32_t slant = 24 + lean(stream, 100);
    int32_t turn = lean(stream, 60);
    hand is = {
        .xx = width, .xy = -(slant + turn) * height / ONE, .yx = turn * width / ONE, .yy = height};
    is.x = 27 * ONE / 2 + lean(stream, 3 * ONE);
    is.y = 27 * ONE / 2 + lean(stream, 3 * ONE);
    is.radius = 360 + lean(stream, 190);
    return is;
}

/* Where the hand puts a glyph's point. */
static point write_point(const hand *by, isb_stream *stream, const char letters[2]) {
    int32_t x = (letters[0] - 'K') * ONE + lean(stream, 5 * ONE / 4);
    int32_t y = (letters[1] - 'K') * ONE + lean(stream, 5 * ONE / 4);
    int32_t radius = by->radius + lean(stream, 70);
    return (point){by->x + (by->xx * x + by->xy * y) / ONE, by->y + (by->yx * x + by->yy * y) / ONE,
                   radius};
}

static void draw_glyph(canvas *on, const hand *by, isb_stream *stream, const char *glyph) {
    point points[ISB_GLYPH_POINTS];
    size_t count = 0;
    const char *last = "  ";
    for (; *glyph != '\0'; glyph++) {
        if (*glyph == ' ')
            continue;
        if (*glyph == '/') {
            draw_curve(on, points, count);
            count = 0;
            continue;
        }
        if (count > 0 && memcmp(glyph, last, 2) == 0) {
            draw_curve(on, points, count);
            points[0] = points[count - 1];
            count = 1;
        } else {
            points[count++] = write_point(by, stream, glyph);
        }
        last = glyph++;
    }
    draw_curve(on, points, count);
}

/* A point anywhere on the image. */
static point anywhere(isb_stream *stream) {
    point at = {0, 0, 0};
    at.x = (int32_t)isb_stream_below(stream, ISB_DIGITS_SIDE * ONE);
    at.y = (int32_t)isb_stream_below(stream, ISB_DIGITS_SIDE * ONE);
    return at;
}

/* Strokes that slipped, and spots that were rubbed out. */
static void disturb(canvas *on, isb_stream *stream) {
    for (uint32_t strokes = isb_stream_below(stream, 2); strokes > 0; strokes--) {
        point from = anywhere(stream);
        from.radius = ONE + spread(stream, 60);
        point to = from;
        to.x += spread(stream, 7 * ONE);
        to.y += spread(stream, 7 * ONE);
        draw_curve(on, (const point[]){from, to}, 2);
    }
    for (uint32_t spots = isb_stream_below(stream, 3); spots > 0; spots--) {
        point at = anywhere(stream);
        at.radius = 2 * ONE + spread(stream, ONE);
        rub_out(on, at);
    }
}

/* Ink weakened to strength / 256, and noise: a pixel's is the sum of two bytes of a draw, less its
 * mean. In 16 bits, so that compilers vectorise it well. */
static uint8_t develop_pixel(uint8_t ink, uint32_t draw, uint16_t strength, uint16_t noise) {
    uint16_t grain = (uint16_t)((draw & 255) + (draw >> 8 & 255));
    uint16_t bright = (uint16_t)((uint16_t)(ink * strength) / ONE);
    int16_t value = (int16_t)(bright + (uint16_t)(grain * noise) / ONE - 255 * noise / ONE);
    value = value < 0 ? 0 : value;
    return (uint8_t)(value > 255 ? 255 : value);
}

/* The image within the margin. The upper half takes the low halves of the draws, the lower the high
 * ones. */
static void develop(const canvas *from, uint64_t noise_key, uint16_t strength, uint16_t noise,
                    uint8_t pixels[ISB_DIGITS_PIXELS]) {
    enum { HALF = ISB_DIGITS_PIXELS / 2 };
    isb_xoshiro generator;
    isb_xoshiro_key(&generator, noise_key);
    uint32_t draws[(HALF + 15) / 16 * 16];
    for (size_t i = 0; i < HALF; i += 16)
        isb_xoshiro_next(&generator, draws + i);
    for (size_t y = 0; y < ISB_DIGITS_SIDE; y++)
        memcpy(pixels + y * ISB_DIGITS_SIDE, &from->ink[MARGIN + y][MARGIN], ISB_DIGITS_SIDE);
    for (size_t i = 0; i < HALF; i++)
        pixels[i] = develop_pixel(pixels[i], draws[i], strength, noise);
    for (size_t i = 0; i < HALF; i++)
        pixels[HALF + i] = develop_pixel(pixels[HALF + i], draws[i] >> 16, strength, noise);
}

void isb_digits_draw(const isb_pens *pens, uint32_t part, uint32_t row, uint32_t label,
                     uint8_t pixels[ISB_DIGITS_PIXELS]) {
    canvas on;
    on.pens = pens;
    memset(on.ink, 0, sizeof on.ink);
    isb_stream stream;
    isb_stream_open(&stream, 0, ISB_PURPOSE_DIGITS, part, row, 0, 0);
    uint32_t variant = isb_stream_below(&stream, ISB_GLYPH_VARIANTS);
    hand by = choose_hand(&stream);
    draw_glyph(&on, &by, &stream, isb_glyphs[label][variant]);
    disturb(&on, &stream);
    uint16_t strength = (uint16_t)(205 + spread(&stream, 50));
    uint16_t noise = (uint16_t)(28 + spread(&stream, 28));
    uint64_t noise_key = isb_stream_key(0, ISB_PURPOSE_DIGITS, part, row, 1, 0);
    develop(&on, noise_key, strength, noise, pixels);
}

/* The labels of a part: each class equally often, shuffled. */
static void deal_labels(uint32_t *labels, uint32_t rows, uint32_t part) {
    for (uint32_t i = 0; i < rows; i++)
        labels[i] = i % ISB_DIGITS_CLASSES;
    isb_stream stream;
    isb_stream_open(&stream, 0, ISB_PURPOSE_DIGITS, part, 0, 2, 0);
    isb_stream_shuffle(&stream, labels, rows);
}

static isb_status make_part(isb_table *table, const isb_pens *pens, uint32_t part, uint32_t rows,
                            isb_error *error) {
    table->dtype = ISB_U8;
    table->features = malloc((size_t)rows * ISB_DIGITS_PIXELS);
    table->labels = malloc(rows * sizeof *table->labels);
    table->labels_from = strdup("digits");
    if (table->features == NULL || table->labels == NULL || table->labels_from == NULL)
        return isb_fail_memory(error, "the digits data set");
    table->rows = rows;
    deal_labels(table->labels, rows, part);
    uint8_t *pixels = table->features;
    for (uint32_t row = 0; row < rows; row++)
        isb_digits_draw(pens, part, row, table->labels[row],
                        pixels + (size_t)row * ISB_DIGITS_PIXELS);
    return ISB_OK;
}

isb_status isb_digits_make(isb_dataset *out, isb_error *error) {
    isb_pens *pens = isb_pens_create();
    if (pens == NULL)
        return isb_fail_memory(error, "the digits data set");
    out->shape = (isb_shape){2, {ISB_DIGITS_SIDE, ISB_DIGITS_SIDE}};
    isb_status status = make_part(&out->train, pens, 0, ISB_DIGITS_TRAIN, error);
    if (status == ISB_OK)
        status = make_part(&out->test, pens, 1, ISB_DIGITS_TEST, error);
    free(pens);
    return status;
}
