#include "data/csv.h"
#include "data/csv_number.h"
#include "data/csv_pass.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct reading {
    const char *path;
    const isb_frame_options *options;
    isb_input *input;
    isb_csv_shape shape;
    isb_csv_table table;
    isb_csv_pass pass;
    size_t threads;
    isb_frame *out;
    isb_error *error;
} reading;

/* Markers of missing cells that are numbers hold for any spelling of the number. */
static bool find_missing_values(reading *r) {
    const isb_frame_options *options = r->options;
    r->table.missing_values = calloc(options->missing_count + 1, sizeof(float));
    if (r->table.missing_values == NULL)
        return false;
    for (size_t i = 0; i < options->missing_count; i++) {
        char text[64 + ISB_CSV_BEYOND] = "";
        const size_t length = strlen(options->missing[i]);
        float value;
        if (length >= 64)
            continue;
        memcpy(text, options->missing[i], length);
        const isb_csv_field field = {.text = text, .length = length};
        if (isb_csv_field_number(&field, &value))
            r->table.missing_values[r->table.missing_value_count++] = value;
    }
    return true;
}

static isb_status open_table(reading *r) {
    isb_csv_table *table = &r->table;
    table->format = r->shape.format;
    table->columns = r->shape.columns;
    table->names = r->shape.names;
    table->options = r->options;
    table->decimals = isb_decimals_for(isb_isa_best());
    table->roles = calloc(table->columns, sizeof *table->roles);
    table->numbers = calloc(table->columns, sizeof *table->numbers);
    table->cells = calloc(table->columns, sizeof *table->cells);
    r->out->columns = calloc(table->columns, sizeof *r->out->columns);
    if (table->roles == NULL || table->numbers == NULL || table->cells == NULL ||
        r->out->columns == NULL || !find_missing_values(r))
        return isb_fail_memory(r->error, "the columns of a table");
    r->out->column_count = table->columns;
    for (size_t i = 0; i < r->options->number_count; i++) {
        const size_t column = isb_name_index_find(&r->shape.index, r->options->numbers[i]);
        if (column < table->columns)
            table->numbers[column] = true;
    }
    for (size_t i = 0; i < r->options->text_count; i++) {
        const size_t column = isb_name_index_find(&r->shape.index, r->options->texts[i]);
        if (column < table->columns)
            table->roles[column] = ISB_CSV_TEXT;
    }
    return ISB_OK;
}

static void close_table(reading *r) {
    isb_csv_table *table = &r->table;
    for (size_t i = 0; table->cells != NULL && i < table->columns; i++)
        free(table->cells[i]);
    free(table->cells);
    free(table->roles);
    free(table->numbers);
    free(table->missing_values);
}

static isb_status report(reading *r) {
    return isb_csv_problems_report(&r->table.problems, r->path, r->error);
}

static isb_status look_at_start(reading *r, bool squeeze) {
    isb_csv_blocks blocks;
    isb_csv_buffer buffer = {NULL, 0};
    isb_csv_block block;
    isb_csv_blocks_open(&blocks, r->input, r->path, squeeze, r->options->decimal_comma);
    isb_status status = isb_csv_blocks_next(&blocks, &buffer, &block, r->error);
    if (status == ISB_OK)
        status = isb_csv_shape_find(&r->shape, &block, r->path, r->options, &r->table.problems,
                                    r->error);
    isb_csv_blocks_close(&blocks);
    free(buffer.memory);
    return status;
}

static isb_status find_shape(reading *r) {
    isb_status status = look_at_start(r, false);
    if (status == ISB_OK && r->shape.separator == ' ') {
        status = isb_input_rewind(r->input, r->error);
        if (status == ISB_OK)
            status = look_at_start(r, true);
    }
    return status == ISB_OK ? report(r) : status;
}

static isb_status run_pass(reading *r, bool first_block) {
    isb_csv_problems_clear(&r->table.problems);
    isb_csv_pass_clear(&r->pass);
    r->pass.capacity = 0;
    const size_t threads = first_block ? 1 : r->threads;
    const isb_status status = isb_csv_pass_run(&r->pass, r->path, threads, first_block, r->error);
    return status == ISB_OK && !first_block ? report(r) : status;
}

/* Columns taken for numbers that have a cell which is none become texts; how many did. */
static size_t find_texts(reading *r) {
    size_t found = 0;
    for (size_t i = 0; i < r->table.columns; i++) {
        bool text = false;
        for (size_t k = 0; k < r->pass.reader_count; k++)
            text = text || r->pass.readers[k].tallies[i].text;
        if (!text || r->table.numbers[i])
            continue;
        r->table.roles[i] = ISB_CSV_TEXT;
        free(r->table.cells[i]);
        r->table.cells[i] = NULL;
        found++;
    }
    return found;
}

static void add_tallies(const reading *r, size_t i, isb_column *column) {
    bool fraction = false;
    for (size_t k = 0; k < r->pass.reader_count; k++) {
        const isb_csv_tally *tally = &r->pass.readers[k].tallies[i];
        column->missing += tally->missing;
        fraction = fraction || tally->fraction;
        if (tally->not_finite > 0 &&
            (column->not_finite == 0 || tally->first_not_finite < column->first_not_finite))
            column->first_not_finite = tally->first_not_finite;
        column->not_finite += tally->not_finite;
    }
    column->whole = column->kind == ISB_COLUMN_NUMBER && !fraction;
}

/* A number that no float32 holds is a problem where the column is used. */
static isb_status check_size(const reading *r, size_t i, isb_column *column) {
    const isb_csv_too_large *first = NULL;
    for (size_t k = 0; k < r->pass.reader_count; k++) {
        const isb_csv_too_large *note = r->pass.readers[k].tallies[i].too_large;
        if (note != NULL && (first == NULL || note->place.line < first->place.line))
            first = note;
    }
    if (first != NULL &&
        asprintf(&column->too_large,
                 "%s:%zu:%zu: %s is beyond what a float32 holds (3.4e38); scale the column down, "
                 "leave the cell empty, or leave the column out with data.features.drop",
                 r->path, first->place.line, first->place.column, first->text) < 0) {
        column->too_large = NULL;
        return isb_fail_memory(r->error, "a message");
    }
    return ISB_OK;
}

/* From the numbers of texts of each thread to those of all. */
static isb_status join_texts(reading *r, size_t i, isb_column *column) {
    const size_t count = r->pass.reader_count;
    isb_csv_texts **parts = calloc(count, sizeof *parts);
    uint32_t **tables = calloc(count, sizeof *tables);
    isb_status status = ISB_OK;
    if (parts == NULL || tables == NULL)
        status = isb_fail_memory(r->error, "the texts of a table");
    for (size_t k = 0; status == ISB_OK && k < count; k++)
        parts[k] = &r->pass.readers[k].tallies[i].texts;
    if (status == ISB_OK)
        status = isb_csv_texts_merge(column, parts, count, tables, r->error);
    for (size_t k = 0; status == ISB_OK && k < r->pass.chunk_count; k++) {
        const isb_csv_chunk *chunk = &r->pass.chunks[k];
        for (size_t row = chunk->row; row < chunk->row + chunk->rows; row++) {
            uint32_t *code = (uint32_t *)r->table.cells[i] + row;
            *code = *code == ISB_FRAME_MISSING ? *code : tables[chunk->reader][*code];
        }
    }
    for (size_t k = 0; tables != NULL && k < count; k++)
        free(tables[k]);
    free(tables);
    free(parts);
    return status;
}

/* Hands a column that was read over to the frame. */
static isb_status take_column(reading *r, size_t i) {
    isb_column *column = &r->out->columns[i];
    const bool text = r->table.roles[i] == ISB_CSV_TEXT;
    column->kind = text ? ISB_COLUMN_TEXT : ISB_COLUMN_NUMBER;
    add_tallies(r, i, column);
    const isb_status status = text ? join_texts(r, i, column) : check_size(r, i, column);
    void *fitting = realloc(r->table.cells[i], r->pass.rows * sizeof(float));
    void *cells = fitting != NULL ? fitting : r->table.cells[i];
    r->table.cells[i] = NULL;
    r->table.roles[i] = ISB_CSV_DONE;
    if (text)
        column->codes = cells;
    else
        column->numbers = cells;
    return status;
}

/* All that this pass has read; the next one is for those that turned out to be texts. */
static isb_status take_columns(reading *r) {
    isb_status status = ISB_OK;
    for (size_t i = 0; status == ISB_OK && i < r->table.columns; i++) {
        if (r->table.cells[i] != NULL)
            status = take_column(r, i);
    }
    return status == ISB_OK ? report(r) : status;
}

/* Chunks of a row a line that follow each other are one stretch. */
static isb_status take_lines(reading *r) {
    isb_frame *out = r->out;
    out->stretches = calloc(r->pass.chunk_count + 1, sizeof *out->stretches);
    if (out->stretches == NULL)
        return isb_fail_memory(r->error, "the rows of a table");
    for (size_t i = 0; i < r->pass.chunk_count; i++) {
        isb_csv_chunk *chunk = &r->pass.chunks[i];
        const isb_frame_stretch *last = &out->stretches[out->stretch_count - (i > 0)];
        if (i > 0 && last->offsets == NULL && chunk->offsets == NULL &&
            chunk->line - last->line == chunk->row - last->row)
            continue;
        out->stretches[out->stretch_count++] =
            (isb_frame_stretch){chunk->row, chunk->line, chunk->offsets};
        chunk->offsets = NULL;
    }
    isb_frame_stretch *fitting =
        realloc(out->stretches, out->stretch_count * sizeof *out->stretches);
    out->stretches = fitting != NULL ? fitting : out->stretches;
    return ISB_OK;
}

/* A separator at the end of every line makes no column. */
static void drop_unnamed(reading *r) {
    isb_frame *out = r->out;
    for (size_t i = 0; i < r->shape.unnamed && out->column_count > 1; i++) {
        isb_column *last = &out->columns[out->column_count - 1];
        if (last->missing < out->rows)
            break;
        isb_column_free(last);
        out->column_count--;
    }
}

static isb_status check_rows(const reading *r) {
    if (r->pass.rows == 0)
        return isb_fail(r->error, ISB_DATA, "%s: holds %s; a table has at least one row", r->path,
                        r->shape.header ? "a header and no row" : "no row");
    if (r->out->rows != 0 && r->out->rows != r->pass.rows)
        return isb_fail(r->error, ISB_DATA,
                        "%s: was changed while it was read; leave it alone meanwhile", r->path);
    r->out->rows = r->pass.rows;
    return ISB_OK;
}

/* The first block tells most of the columns of texts; another pass is for those it did not. */
static isb_status read_columns(reading *r) {
    isb_status status = run_pass(r, true);
    size_t texts = 0;
    if (status == ISB_OK)
        find_texts(r);
    do {
        if (status == ISB_OK)
            status = run_pass(r, false);
        if (status == ISB_OK)
            status = check_rows(r);
        texts = status == ISB_OK ? find_texts(r) : 0;
        if (status == ISB_OK)
            status = take_columns(r);
    } while (texts > 0 && status == ISB_OK);
    return status;
}

static isb_status finish(reading *r) {
    isb_frame *out = r->out;
    isb_status status = isb_input_check_unchanged(r->input, r->error);
    if (status == ISB_OK)
        status = take_lines(r);
    if (status != ISB_OK)
        return status;
    out->header = r->shape.header;
    out->corner = r->shape.corner;
    out->separator = r->shape.separator;
    for (size_t i = 0; i < out->column_count; i++) {
        out->columns[i].name = r->shape.names[i];
        r->shape.names[i] = NULL;
    }
    drop_unnamed(r);
    out->file = strdup(r->path);
    return out->file != NULL && isb_frame_index(out) ? ISB_OK
                                                     : isb_fail_memory(r->error, "a table");
}

static size_t count_threads(const reading *r) {
    const size_t blocks = (size_t)(isb_input_file_size(r->input) / ISB_CSV_BLOCK_SIZE) + 1;
    const size_t threads = r->options->threads > 0 ? r->options->threads : 1;
    return isb_input_gzip(r->input) || threads < blocks ? threads : blocks;
}

/* Closes the input. */
static isb_status read_input(isb_frame *out, isb_input *input, const char *path,
                             const isb_frame_options *options, isb_error *error) {
    reading r = {.path = path, .options = options, .out = out, .error = error, .input = input};
    isb_status status;
    r.threads = count_threads(&r);
    isb_csv_problems_open(&r.table.problems);
    r.pass = (isb_csv_pass){.table = &r.table,
                            .shape = &r.shape,
                            .input = r.input,
                            .line_offset = options->line_offset};
    status = find_shape(&r);
    if (status == ISB_OK)
        status = open_table(&r);
    if (status == ISB_OK)
        status = read_columns(&r);
    if (status == ISB_OK)
        status = finish(&r);
    isb_csv_pass_clear(&r.pass);
    close_table(&r);
    isb_csv_shape_free(&r.shape);
    isb_csv_problems_close(&r.table.problems);
    isb_input_close(r.input);
    if (status != ISB_OK)
        isb_frame_free(out);
    return status;
}

isb_status isb_csv_read(isb_frame *out, const char *path, const isb_frame_options *options,
                        isb_error *error) {
    isb_input *input;
    *out = (isb_frame){.rows = 0};
    const isb_status status = isb_input_open(&input, path, error);
    return status == ISB_OK ? read_input(out, input, path, options, error) : status;
}

isb_status isb_csv_parse(isb_frame *out, const char *name, const char *bytes, size_t length,
                         const isb_frame_options *options, isb_error *error) {
    isb_input *input;
    *out = (isb_frame){.rows = 0};
    const isb_status status = isb_input_of_bytes(&input, name, bytes, length, error);
    return status == ISB_OK ? read_input(out, input, name, options, error) : status;
}
