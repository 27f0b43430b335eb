/* isobit predict --data -: a table on standard input, however long. */
#include "cli/pieces.h"
#include "cli/predicting.h"
#include "data/csv.h"
#include "data/preprocessing.h"
#include "data/table_dataset.h"
#include "data/table_reading.h"
#include <stdlib.h>
#include <string.h>

bool isb_predict_from_stream(const isb_options *options) {
    const char *source = NULL;
    for (size_t i = 0; i < options->setting_count; i++)
        if (strcmp(options->settings[i].key, "data.source") == 0)
            source = options->settings[i].value;
    return source != NULL && strcmp(source, "-") == 0;
}

typedef struct stream {
    isb_applied *applied;
    isb_pieces pieces;
    isb_table_reading reading;
    isb_preprocessing fitted;
    size_t row; /* of the table where the piece begins */
    uint32_t *rows;
    size_t capacity;
    isb_printing printing;
} stream;

static isb_status read_fitted(stream *s, isb_preprocessing *out, isb_error *error) {
    const isb_trained *trained = &s->applied->trained;
    const char *text = isb_metadata_find(&trained->file.metadata, "preprocessing");
    if (text != NULL)
        return isb_preprocessing_read(out, text, trained->path, error);
    return isb_fail(error, ISB_USAGE,
                    "--data -: a table is read from standard input, but %s was not trained on one, "
                    "and does not know its columns",
                    trained->path);
}

/* What does not depend on the rows. */
static isb_status prepare(stream *s, const isb_options *options, isb_error *error) {
    isb_applied *a = s->applied;
    const isb_experiment *experiment = &a->trained.experiment;
    isb_status status = read_fitted(s, &s->fitted, error);
    isb_thread_plan_make(&a->plan, options->threads, 0);
    if (status == ISB_OK)
        status =
            isb_table_reading_make(&s->reading, experiment, &s->fitted, a->plan.threads, error);
    const isb_shape shape = {1, {s->fitted.width}};
    if (status == ISB_OK)
        status =
            isb_model_build(&a->model, experiment->layers, experiment->layer_count, shape, error);
    return status == ISB_OK ? isb_applied_create_predictor(a, options, error) : status;
}

/* The piece as the data set's only part. */
static isb_status take_piece(stream *s, isb_error *error) {
    isb_applied *a = s->applied;
    isb_frame frame;
    const isb_table_use use = {.whole = true, .spent = &frame};
    isb_preprocessing fitted = {0};
    s->reading.options.line_offset = s->pieces.line_offset;
    isb_status status = isb_csv_parse(&frame, ISB_PIECES_NAME, s->pieces.text, s->pieces.length,
                                      &s->reading.options, error);
    if (status == ISB_OK && s->row == 0) { /* what the first piece is like, all are */
        s->reading.options.separator = frame.separator;
        s->reading.options.header = frame.header;
        if (!frame.header)
            isb_pieces_have_no_header(&s->pieces);
    }
    isb_dataset_free(&a->dataset);
    if (status == ISB_OK && (a->dataset.source = strdup(ISB_PIECES_NAME)) == NULL)
        status = isb_fail_memory(error, "a table");
    if (status == ISB_OK)
        status = read_fitted(s, &fitted, error);
    if (status == ISB_OK)
        status =
            isb_table_dataset(&a->dataset, &frame, &a->trained.experiment, &fitted, &use, error);
    isb_frame_free(&frame);
    isb_preprocessing_free(&fitted);
    return status;
}

static isb_status take_rows(stream *s, isb_error *error) {
    isb_applied *a = s->applied;
    const size_t count = a->dataset.train.rows;
    if (count > s->capacity) {
        uint32_t *rows = realloc(s->rows, count * sizeof *rows);
        if (rows == NULL)
            return isb_fail_memory(error, "the order of the rows");
        s->rows = rows;
        s->capacity = count;
    }
    for (size_t i = 0; i < count; i++)
        s->rows[i] = (uint32_t)i;
    a->part = (isb_part){"streamed", &a->dataset.train, s->rows, count};
    return ISB_OK;
}

static isb_status predict_pieces(stream *s, isb_error *error) {
    isb_status status = isb_pieces_open(&s->pieces, error);
    if (status == ISB_OK)
        status = isb_pieces_next(&s->pieces, error);
    bool open = false;
    while (status == ISB_OK && s->pieces.length > 0) {
        status = take_piece(s, error);
        if (status == ISB_OK)
            status = take_rows(s, error);
        if (status == ISB_OK && !open) {
            status = isb_printing_open(&s->printing, error);
            open = true;
        }
        if (status == ISB_OK)
            status = isb_printing_rows(&s->printing, s->row, error);
        if (status == ISB_OK)
            status = isb_csv_flush(&s->printing.csv);
        s->row += s->applied->part.count;
        s->applied->part = (isb_part){0};
        if (status == ISB_OK)
            status = isb_pieces_next(&s->pieces, error);
    }
    return open ? isb_printing_close(&s->printing, status) : status;
}

isb_status isb_predict_stream(const isb_options *options, isb_error *error) {
    isb_applied a = {0};
    stream s = {.applied = &a,
                .printing = {
                    .applied = &a, .proba = options->given[ISB_OPTION_PROBA], .top = options->top}};
    isb_status status =
        options->given[ISB_OPTION_SPLIT]
            ? isb_fail(error, ISB_USAGE, "--split: standard input has no parts; take it out")
            : isb_trained_read(&a.trained, options->file, options->settings, options->setting_count,
                               error);
    if (status == ISB_OK)
        status = prepare(&s, options, error);
    if (status == ISB_OK)
        status = predict_pieces(&s, error);
    free(s.rows);
    isb_pieces_close(&s.pieces);
    isb_table_reading_free(&s.reading);
    isb_preprocessing_free(&s.fitted);
    isb_applied_free(&a);
    return status;
}
