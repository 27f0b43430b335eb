#include "data/csv_pass.h"
#include "base/memory.h"
#include "cpu/fpenv.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

/* What the threads share. The lock is held while a block is taken; the cells are shared by those
 * that fill them, and held alone by one that moves them. */
typedef struct shared {
    isb_csv_pass *pass;
    isb_csv_blocks blocks;
    pthread_mutex_t lock;
    pthread_rwlock_t cells;
    bool first_block, stop;
    isb_status status;
    isb_error *error;
} shared;

typedef struct worker {
    shared *shared;
    size_t number;
    isb_csv_buffer buffer;
    pthread_t thread;
} worker;

static bool set_capacity(isb_csv_pass *pass, size_t rows) {
    const isb_csv_table *table = pass->table;
    if (rows > PTRDIFF_MAX / sizeof(float))
        return false;
    for (size_t i = 0; i < table->columns; i++) {
        if (table->roles[i] == ISB_CSV_DONE)
            continue;
        void *grown = realloc(table->cells[i], rows * sizeof(float));
        if (grown == NULL)
            return false;
        table->cells[i] = grown;
        isb_prefer_huge_pages(grown, rows * sizeof(float)); /* fewer page faults */
    }
    pass->capacity = rows;
    return true;
}

/* What the file may hold in all, when it goes on as it begins; memory that is not written to costs
 * nothing. */
static size_t guess_rows(const shared *s, const isb_csv_block *block, size_t needed) {
    if (s->first_block || isb_input_gzip(s->blocks.input))
        return needed + needed / 2;
    const double more = (double)s->blocks.left / (double)block->length * (double)block->rows;
    return needed + needed / 8 + (size_t)more + (size_t)(more / 16);
}

static isb_status make_room(shared *s, const isb_csv_block *block) {
    const size_t needed = block->row + block->rows;
    if (needed <= s->pass->capacity)
        return ISB_OK;
    pthread_rwlock_wrlock(&s->cells);
    const bool done =
        set_capacity(s->pass, guess_rows(s, block, needed)) || set_capacity(s->pass, needed);
    pthread_rwlock_unlock(&s->cells);
    return done ? ISB_OK : isb_fail_memory(s->error, "the columns of a table");
}

/* Takes the header, and what stands in front of it, off the first block. */
static void skip_header(const isb_csv_shape *shape, isb_csv_block *block) {
    block->text += shape->begin;
    block->length -= shape->begin;
    block->rows -= shape->records;
    block->line += shape->header_lines;
    block->line_ends -= shape->header_lines;
}

static isb_status add_chunk(shared *s, const isb_csv_block *block, size_t reader,
                            uint32_t **offsets) {
    isb_csv_pass *pass = s->pass;
    if (pass->chunk_count == pass->chunk_capacity) {
        const size_t capacity = 2 * pass->chunk_capacity + 16;
        isb_csv_chunk *grown = realloc(pass->chunks, capacity * sizeof *grown);
        if (grown == NULL)
            return isb_fail_memory(s->error, "the rows of a table");
        pass->chunks = grown;
        pass->chunk_capacity = capacity;
    }
    *offsets = NULL; /* none are needed where each row has a line, and none lies between them */
    if (block->line_ends != block->rows && block->rows > 0) {
        *offsets = malloc(block->rows * sizeof **offsets);
        if (*offsets == NULL)
            return isb_fail_memory(s->error, "the rows of a table");
    }
    pass->chunks[pass->chunk_count++] =
        (isb_csv_chunk){block->row, block->rows, block->line, reader, *offsets};
    pass->rows = block->row + block->rows;
    return ISB_OK;
}

/* The next block, with room for its rows; *taken says whether there was one. */
static isb_status take_block(shared *s, worker *w, isb_csv_block *block, uint32_t **offsets,
                             bool *taken) {
    const bool first = !s->blocks.started;
    isb_status status = isb_csv_blocks_next(&s->blocks, &w->buffer, block, s->error);
    *taken = status == ISB_OK && block->length > 0;
    if (!*taken)
        return status;
    if (first) {
        skip_header(s->pass->shape, block);
        s->blocks.row -= s->pass->shape->records;
    }
    status = make_room(s, block);
    if (status == ISB_OK)
        status = add_chunk(s, block, w->number, offsets);
    *taken = status == ISB_OK;
    return status;
}

/* Whether there was one. The cells are shared from here on. */
static bool start_block(shared *s, worker *w, isb_csv_block *block, uint32_t **offsets) {
    bool taken = false;
    pthread_mutex_lock(&s->lock);
    if (!s->stop) {
        s->status = take_block(s, w, block, offsets, &taken);
        s->stop = !taken || s->first_block;
    }
    if (taken)
        pthread_rwlock_rdlock(&s->cells);
    pthread_mutex_unlock(&s->lock);
    return taken;
}

static void end_block(shared *s, const isb_csv_reader *reader) {
    pthread_rwlock_unlock(&s->cells);
    pthread_mutex_lock(&s->lock);
    if (reader->no_memory && s->status == ISB_OK)
        s->status = isb_fail_memory(s->error, "the texts of a table");
    pthread_mutex_lock(&reader->problems->lock);
    s->stop = s->stop || reader->no_memory || reader->problems->broken;
    pthread_mutex_unlock(&reader->problems->lock);
    pthread_mutex_unlock(&s->lock);
}

static void *work(void *context) {
    worker *w = context;
    shared *s = w->shared;
    isb_csv_reader *reader = &s->pass->readers[w->number];
    const isb_fpenv before = isb_fpenv_enter();
    isb_csv_block block;
    uint32_t *offsets = NULL;
    while (start_block(s, w, &block, &offsets)) {
        isb_csv_reader_block(reader, &block, offsets);
        end_block(s, reader);
    }
    isb_fpenv_leave(before);
    free(w->buffer.memory);
    return NULL;
}

/* Signals are for the program's own threads. Where no more threads can be had, fewer do. */
static void run_workers(worker *workers, size_t count) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    size_t started = 1;
    while (started < count &&
           pthread_create(&workers[started].thread, NULL, work, &workers[started]) == 0)
        started++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    work(&workers[0]);
    for (size_t i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
}

static isb_status open_readers(isb_csv_pass *pass, size_t count, isb_error *error) {
    pass->readers = calloc(count, sizeof *pass->readers);
    bool open = pass->readers != NULL;
    for (; open && pass->reader_count < count; pass->reader_count++)
        open = isb_csv_reader_open(&pass->readers[pass->reader_count], pass->table);
    return open ? ISB_OK : isb_fail_memory(error, "the columns of a table");
}

isb_status isb_csv_pass_run(isb_csv_pass *pass, const char *path, size_t threads, bool first_block,
                            isb_error *error) {
    isb_status status = isb_input_rewind(pass->input, error);
    if (status == ISB_OK)
        status = open_readers(pass, threads, error);
    worker *workers = calloc(threads, sizeof *workers);
    if (status == ISB_OK && workers == NULL)
        status = isb_fail_memory(error, "threads");
    if (status == ISB_OK) {
        shared s = {.pass = pass, .first_block = first_block, .error = error};
        pthread_mutex_init(&s.lock, NULL);
        pthread_rwlock_init(&s.cells, NULL);
        isb_csv_blocks_open(&s.blocks, pass->input, path, pass->shape->separator == ' ',
                            pass->table->options->decimal_comma);
        s.blocks.line += pass->line_offset;
        for (size_t i = 0; i < threads; i++)
            workers[i] = (worker){.shared = &s, .number = i};
        run_workers(workers, threads);
        isb_csv_blocks_close(&s.blocks);
        pthread_rwlock_destroy(&s.cells);
        pthread_mutex_destroy(&s.lock);
        status = s.status;
    }
    free(workers);
    return status;
}

void isb_csv_pass_clear(isb_csv_pass *pass) {
    for (size_t i = 0; i < pass->chunk_count; i++)
        free(pass->chunks[i].offsets);
    free(pass->chunks);
    pass->chunks = NULL;
    pass->chunk_count = pass->chunk_capacity = pass->rows = 0;
    for (size_t i = 0; i < pass->reader_count; i++)
        isb_csv_reader_close(&pass->readers[i]);
    free(pass->readers);
    pass->readers = NULL;
    pass->reader_count = 0;
}
