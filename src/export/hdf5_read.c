#include "export/hdf5_read.h"
#include "base/half.h"
#include "export/hdf5_format.h"
#include <math.h>
#include <string.h>

enum {
    SUPERBLOCK_SIZE = 96,
    MOST_STEPS = 1 << 24, /* messages, nodes and names looked at in a file */
    MOST_BLOCKS = 32,     /* of an object's header */
    MOST_LEVELS = 8,      /* of the tree of a group's names */
    SYMBOL_SIZE = 40,
};

/* What looking for something comes to. */
typedef enum outcome { FOUND, ABSENT, BROKEN, FOREIGN } outcome;

static bool lies_within(const isb_hdf5_reader *r, uint64_t at, uint64_t size) {
    return at <= r->length && size <= r->length - at;
}

static uint64_t get(const isb_hdf5_reader *r, uint64_t at, size_t bytes) {
    uint64_t value = 0;
    memcpy(&value, r->bytes + at, bytes);
    return value;
}

static bool step(isb_hdf5_reader *r) {
    if (r->steps == 0)
        return false;
    r->steps--;
    return true;
}

/* --- the messages of an object --- */

typedef struct message {
    unsigned type, flags;
    uint64_t at;
    size_t size;
} message;

/* A header's messages, block after block. */
typedef struct messages {
    struct {
        uint64_t at, end;
    } blocks[MOST_BLOCKS];
    size_t block, block_count, left;
    outcome ending; /* ABSENT: there are no more */
} messages;

static bool add_block(const isb_hdf5_reader *r, messages *m, uint64_t at, uint64_t size) {
    if (m->block_count == MOST_BLOCKS || !lies_within(r, at, size))
        return false;
    m->blocks[m->block_count].at = at;
    m->blocks[m->block_count++].end = at + size;
    return true;
}

static messages messages_of(const isb_hdf5_reader *r, uint64_t object) {
    messages m = {.ending = ABSENT};
    if (!lies_within(r, object, 16))
        m.ending = BROKEN;
    else if (memcmp(r->bytes + object, "OHDR", 4) == 0)
        m.ending = FOREIGN;
    else if (get(r, object, 1) != HDF5_HEADER_VERSION ||
             !add_block(r, &m, object + 16, get(r, object + 8, 4)))
        m.ending = BROKEN;
    else
        m.left = get(r, object + 2, 2);
    return m;
}

/* The next message; a continuation is followed. False: m->ending says why. */
static bool next(isb_hdf5_reader *r, messages *m, message *out) {
    while (m->left > 0) {
        while (m->block < m->block_count && m->blocks[m->block].end - m->blocks[m->block].at < 8)
            m->block++;
        if (m->block == m->block_count)
            return false;
        const uint64_t at = m->blocks[m->block].at, end = m->blocks[m->block].end;
        *out = (message){(unsigned)get(r, at, 2), (unsigned)get(r, at + 4, 1), at + 8,
                         get(r, at + 2, 2)};
        m->ending = BROKEN;
        if (out->size > end - out->at || !step(r))
            return false;
        m->blocks[m->block].at = out->at + out->size;
        m->left--;
        if (out->type == HDF5_CONTINUATION &&
            (out->size < 16 || !add_block(r, m, get(r, out->at, 8), get(r, out->at + 8, 8))))
            return false;
        m->ending = ABSENT;
        if (out->type != HDF5_CONTINUATION)
            return true;
    }
    return false;
}

/* The first message of a type, of at least `size` bytes. */
static outcome find_message(isb_hdf5_reader *r, uint64_t object, unsigned type, size_t size,
                            message *out) {
    messages m = messages_of(r, object);
    while (next(r, &m, out)) {
        if (out->type != type)
            continue;
        if ((out->flags & 2) != 0) /* kept elsewhere, shared with other objects */
            return FOREIGN;
        return out->size < size ? BROKEN : FOUND;
    }
    return m.ending;
}

/* --- names in a group --- */

/* What is looked for, and where it turned out to be. */
typedef struct wanted {
    const char *text;
    size_t length;
    uint64_t address;
} wanted;

/* A link message: version, flags, what they announce, name, address. */
static outcome match_link(const isb_hdf5_reader *r, const message *m, wanted *sought) {
    if (m->size < 2)
        return BROKEN;
    const unsigned flags = (unsigned)get(r, m->at + 1, 1);
    const size_t width = (size_t)1 << (flags & 3);
    const bool typed = (flags & 8) != 0;
    size_t at = 2;
    const size_t type_at = at;
    at += typed;
    at += (flags & 4) != 0 ? 8 : 0;  /* order of creation */
    at += (flags & 16) != 0 ? 1 : 0; /* character set */
    if (m->size < at + width)
        return BROKEN;
    const uint64_t length = get(r, m->at + at, width);
    at += width;
    if (length > m->size - at)
        return BROKEN;
    if (length != sought->length || memcmp(r->bytes + m->at + at, sought->text, length) != 0)
        return ABSENT;
    if (typed && get(r, m->at + type_at, 1) != 0)
        return FOREIGN; /* a soft or an external link */
    at += length;
    if (m->size - at < 8)
        return BROKEN;
    sought->address = get(r, m->at + at, 8);
    return FOUND;
}

/* Where a group's names are kept. */
typedef struct heap {
    uint64_t at, size;
} heap;

static outcome open_heap(const isb_hdf5_reader *r, uint64_t at, heap *out) {
    if (!lies_within(r, at, 32) || memcmp(r->bytes + at, "HEAP", 4) != 0)
        return BROKEN;
    *out = (heap){get(r, at + 24, 8), get(r, at + 8, 8)};
    return lies_within(r, out->at, out->size) ? FOUND : BROKEN;
}

static bool is_called(const isb_hdf5_reader *r, const heap *names, uint64_t offset,
                      const wanted *sought) {
    if (offset > names->size || names->size - offset <= sought->length)
        return false;
    const char *text = r->bytes + names->at + offset;
    return memcmp(text, sought->text, sought->length) == 0 && text[sought->length] == '\0';
}

static outcome search_symbols(isb_hdf5_reader *r, const heap *names, uint64_t at, wanted *sought) {
    if (!lies_within(r, at, 8) || memcmp(r->bytes + at, "SNOD", 4) != 0)
        return BROKEN;
    const size_t count = get(r, at + 6, 2);
    if (!lies_within(r, at + 8, count * SYMBOL_SIZE))
        return BROKEN;
    for (size_t i = 0; i < count; i++) {
        const uint64_t symbol = at + 8 + i * SYMBOL_SIZE;
        if (!step(r))
            return BROKEN;
        if (!is_called(r, names, get(r, symbol, 8), sought))
            continue;
        sought->address = get(r, symbol + 8, 8);
        return get(r, symbol + 16, 4) == 2 ? FOREIGN /* a soft link */ : FOUND;
    }
    return ABSENT;
}

/* Levels fall on the way down, so that the way ends. */
static outcome search_tree(isb_hdf5_reader *r, const heap *names, uint64_t at, size_t above,
                           wanted *sought) {
    if (!lies_within(r, at, 24) || memcmp(r->bytes + at, "TREE", 4) != 0 ||
        get(r, at + 4, 1) != 0 || !step(r))
        return BROKEN;
    const size_t level = get(r, at + 5, 1), count = get(r, at + 6, 2);
    if (level >= above || !lies_within(r, at + 24, count * 16 + 8))
        return BROKEN;
    for (size_t i = 0; i < count; i++) {
        const uint64_t child = get(r, at + 24 + 8 + 16 * i, 8);
        const outcome found = level == 0 ? search_symbols(r, names, child, sought)
                                         : search_tree(r, names, child, level, sought);
        if (found != ABSENT)
            return found;
    }
    return ABSENT;
}

static outcome search_table(isb_hdf5_reader *r, const message *table, wanted *sought) {
    if (table->size < 16)
        return BROKEN;
    heap names;
    const outcome opened = open_heap(r, get(r, table->at + 8, 8), &names);
    return opened != FOUND ? opened
                           : search_tree(r, &names, get(r, table->at, 8), MOST_LEVELS, sought);
}

/* Whether a group's links lie in a heap of their own, which is not read. */
static outcome check_link_info(const isb_hdf5_reader *r, const message *info) {
    if (info->size < 2)
        return BROKEN;
    const size_t at = 2 + ((get(r, info->at + 1, 1) & 1) != 0 ? 8 : 0);
    if (info->size < at + 8)
        return BROKEN;
    return get(r, info->at + at, 8) == HDF5_NOWHERE ? ABSENT : FOREIGN;
}

static outcome search_group(isb_hdf5_reader *r, uint64_t group, wanted *sought) {
    messages all = messages_of(r, group);
    message m;
    while (next(r, &all, &m)) {
        outcome found = ABSENT;
        if (m.type == HDF5_LINK)
            found = match_link(r, &m, sought);
        else if (m.type == HDF5_SYMBOL_TABLE)
            found = search_table(r, &m, sought);
        else if (m.type == HDF5_LINK_INFO)
            found = check_link_info(r, &m);
        if (found != ABSENT)
            return found;
    }
    return all.ending;
}

static outcome search(isb_hdf5_reader *r, const char *path, uint64_t *object) {
    outcome found = FOUND;
    *object = r->root;
    while (found == FOUND && *path != '\0') {
        wanted sought = {.text = path, .length = strcspn(path, "/")};
        found = search_group(r, *object, &sought);
        *object = sought.address;
        path += sought.length;
        path += *path == '/';
    }
    return found;
}

/* --- data sets --- */

static outcome check_shape(isb_hdf5_reader *r, uint64_t object, isb_shape shape, bool *same) {
    message m;
    const outcome found = find_message(r, object, HDF5_DATASPACE, 4, &m);
    if (found != FOUND)
        return found;
    const uint64_t version = get(r, m.at, 1), rank = get(r, m.at + 1, 1);
    if (version != 1 && version != 2)
        return FOREIGN;
    const size_t sizes = version == 1 ? 8 : 4;
    if (rank > ISB_MAX_RANK || m.size < sizes + 8 * rank)
        return BROKEN;
    *same = rank == shape.rank;
    for (size_t i = 0; i < rank && *same; i++)
        *same = get(r, m.at + sizes + 8 * i, 8) == shape.sizes[i];
    return FOUND;
}

/* Bytes of a value. */
static outcome find_width(isb_hdf5_reader *r, uint64_t object, size_t *width) {
    message m;
    const outcome found = find_message(r, object, HDF5_DATATYPE, HDF5_FLOAT_SIZE, &m);
    if (found != FOUND)
        return found;
    if (memcmp(r->bytes + m.at, HDF5_FLOAT16, HDF5_FLOAT_SIZE) == 0)
        *width = sizeof(uint16_t);
    else if (memcmp(r->bytes + m.at, HDF5_FLOAT32, HDF5_FLOAT_SIZE) == 0)
        *width = sizeof(float);
    else if (memcmp(r->bytes + m.at, HDF5_FLOAT64, HDF5_FLOAT_SIZE) == 0)
        *width = sizeof(double);
    else
        return FOREIGN;
    return FOUND;
}

static outcome find_data(isb_hdf5_reader *r, uint64_t object, size_t size, uint64_t *at) {
    message m;
    const outcome found = find_message(r, object, HDF5_LAYOUT, 18, &m);
    if (found != FOUND)
        return found;
    const uint64_t version = get(r, m.at, 1);
    if ((version != 3 && version != 4) || get(r, m.at + 1, 1) != HDF5_CONTIGUOUS)
        return FOREIGN;
    *at = get(r, m.at + 2, 8);
    return get(r, m.at + 10, 8) == size && lies_within(r, *at, size) ? FOUND : BROKEN;
}

static float value_at(const char *data, size_t i, size_t width) {
    uint16_t half;
    float single;
    double twofold;
    if (width == sizeof half) {
        memcpy(&half, data + i * width, width);
        return isb_half_value(half);
    }
    if (width == sizeof single) {
        memcpy(&single, data + i * width, width);
        return single;
    }
    memcpy(&twofold, data + i * width, width);
    return (float)twofold;
}

static isb_status fail(const isb_hdf5_reader *r, const char *name, outcome why) {
    static const char *const reasons[] = {
        [ABSENT] = "is not there; only weights that Keras 3 saved can be read",
        [BROKEN] = "is damaged",
        [FOREIGN] =
            "is stored in a form that is not read (as compressed, in chunks, of another type "
            "than float16, float32 and float64, or linked); save the model again with Keras 3",
    };
    return isb_fail(r->error, ISB_CORRUPT, "%s: model.weights.h5: %s %s", r->path, name,
                    reasons[why]);
}

static isb_status copy(const isb_hdf5_reader *r, const char *name, uint64_t at, size_t count,
                       size_t width, float *out) {
    for (size_t i = 0; i < count; i++) {
        out[i] = value_at(r->bytes + at, i, width);
        if (!isfinite(out[i]))
            return isb_fail(r->error, ISB_CORRUPT,
                            "%s: model.weights.h5: %s holds a value that is not a finite float32",
                            r->path, name);
    }
    return ISB_OK;
}

isb_status isb_hdf5_reader_floats(isb_hdf5_reader *r, const char *name, isb_shape shape,
                                  float *out) {
    const size_t count = isb_shape_size(shape);
    uint64_t object, at = 0;
    size_t width = 0, size;
    bool same = false;
    outcome found = search(r, name, &object);
    if (found == FOUND)
        found = check_shape(r, object, shape, &same);
    if (found == FOUND && !same)
        return isb_fail(r->error, ISB_CORRUPT,
                        "%s: model.weights.h5: %s has another shape than config.json says", r->path,
                        name);
    if (found == FOUND)
        found = find_width(r, object, &width);
    if (found == FOUND && __builtin_mul_overflow(count, width, &size))
        found = BROKEN;
    if (found == FOUND)
        found = size <= r->left ? find_data(r, object, size, &at) : BROKEN;
    if (found == FOUND)
        r->left -= size;
    return found != FOUND ? fail(r, name, found) : copy(r, name, at, count, width, out);
}

isb_status isb_hdf5_reader_open(isb_hdf5_reader *out, const char *bytes, size_t length,
                                const char *path, isb_error *error) {
    *out = (isb_hdf5_reader){bytes, length, path, error, 0, MOST_STEPS, length};
    if (length < SUPERBLOCK_SIZE || memcmp(bytes, HDF5_SIGNATURE, HDF5_SIGNATURE_SIZE) != 0)
        return isb_fail(error, ISB_CORRUPT, "%s: model.weights.h5: not an HDF5 file", path);
    const bool usual =
        get(out, 8, 1) == 0 && get(out, 13, 1) == 8 && get(out, 14, 1) == 8 && get(out, 24, 8) == 0;
    if (!usual)
        return isb_fail(error, ISB_CORRUPT,
                        "%s: model.weights.h5: another form of HDF5 than Keras writes; save the "
                        "model again with Keras 3",
                        path);
    out->root = get(out, 64, 8);
    return ISB_OK;
}
