#include "export/hdf5_write.h"
#include "export/hdf5_format.h"
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers lie in files as in memory");

enum { SUPERBLOCK_SIZE = 96, END_AT = 40, ROOT_AT = 64, LEAF_K = 4, INTERNAL_K = 16 };

static void put(isb_text *text, uint64_t value, size_t bytes) {
    isb_text_add_bytes(text, (const char *)&value, bytes);
}

static void align(isb_text *text) {
    while (text->length % 8 != 0 && !text->failed)
        put(text, 0, 1);
}

/* An object: a header of messages. */
typedef struct object {
    isb_text messages;
    size_t count;
} object;

static void add_message(object *to, unsigned type, const isb_text *body) {
    const size_t padded = (body->length + 7) / 8 * 8;
    put(&to->messages, type, 2);
    put(&to->messages, padded, 2);
    put(&to->messages, 0, 4); /* flags, reserved */
    isb_text_add_bytes(&to->messages, body->data, body->length);
    align(&to->messages);
    to->messages.failed |= body->failed;
    to->count++;
}

/* Writes the object to the end of the file. */
static uint64_t place(isb_hdf5 *hdf5, object *of) {
    isb_text *file = &hdf5->file;
    align(file);
    const uint64_t address = file->length;
    put(file, HDF5_HEADER_VERSION, 2);
    put(file, of->count, 2);
    put(file, 1, 4); /* references */
    put(file, of->messages.length, 4);
    put(file, 0, 4);
    isb_text_add_bytes(file, of->messages.data, of->messages.length);
    file->failed |= of->messages.failed;
    free(of->messages.data);
    return address;
}

void isb_hdf5_open(isb_hdf5 *out) {
    *out = (isb_hdf5){0};
    isb_text *file = &out->file;
    isb_text_add_bytes(file, HDF5_SIGNATURE, HDF5_SIGNATURE_SIZE);
    put(file, 0, 5);          /* versions, reserved */
    put(file, 8 | 8 << 8, 3); /* bytes of offsets and lengths */
    put(file, LEAF_K, 2);     /* of groups of another form, not used */
    put(file, INTERNAL_K, 2);
    put(file, 0, 4);            /* flags */
    put(file, 0, 8);            /* base address */
    put(file, HDF5_NOWHERE, 8); /* free space */
    put(file, 0, 8);            /* end of the file */
    put(file, HDF5_NOWHERE, 8); /* driver information */
    put(file, 0, 8);            /* the root has no name */
    put(file, 0, 8);            /* the root */
    put(file, 0, 8);
    put(file, 0, 8);
    put(file, 0, 8);
}

static void add_dataspace(object *to, isb_shape shape) {
    isb_text body = {0};
    put(&body, 1, 1);
    put(&body, shape.rank, 1);
    put(&body, 0, 6);
    for (size_t i = 0; i < shape.rank; i++)
        put(&body, shape.sizes[i], 8);
    add_message(to, HDF5_DATASPACE, &body);
    free(body.data);
}

static void add_datatype(object *to, isb_hdf5_type type) {
    isb_text body = {0};
    if (type == ISB_HDF5_FLOAT32)
        isb_text_add_bytes(&body, HDF5_FLOAT32, HDF5_FLOAT_SIZE);
    else
        isb_text_add_bytes(&body, HDF5_UINT32, HDF5_UINT_SIZE);
    add_message(to, HDF5_DATATYPE, &body);
    free(body.data);
}

/* No value is ever filled in: the data are all there. */
static void add_fill_value(object *to) {
    isb_text body = {0};
    put(&body, 2 | 2 << 8 | 2 << 16 | 1 << 24, 8);
    add_message(to, HDF5_FILL_VALUE, &body);
    free(body.data);
}

static void add_layout(object *to, uint64_t address, uint64_t size) {
    isb_text body = {0};
    put(&body, 3 | HDF5_CONTIGUOUS << 8, 2);
    put(&body, address, 8);
    put(&body, size, 8);
    add_message(to, HDF5_LAYOUT, &body);
    free(body.data);
}

uint64_t isb_hdf5_dataset(isb_hdf5 *hdf5, isb_hdf5_type type, isb_shape shape, const void *data) {
    const size_t size = isb_shape_size(shape) * 4;
    align(&hdf5->file);
    const uint64_t address = hdf5->file.length;
    isb_text_add_bytes(&hdf5->file, data, size);
    object dataset = {0};
    add_dataspace(&dataset, shape);
    add_datatype(&dataset, type);
    add_fill_value(&dataset);
    add_layout(&dataset, address, size);
    return place(hdf5, &dataset);
}

static void add_group_messages(object *to) {
    isb_text body = {0};
    put(&body, 0, 2);
    put(&body, HDF5_NOWHERE, 8); /* links are in messages, not in a heap */
    put(&body, HDF5_NOWHERE, 8);
    add_message(to, HDF5_LINK_INFO, &body);
    body.length = 0;
    put(&body, 0, 2);
    add_message(to, HDF5_GROUP_INFO, &body);
    free(body.data);
}

static void add_link(object *to, const isb_hdf5_link *link) {
    isb_text body = {0};
    const size_t length = strlen(link->name);
    put(&body, 1, 1); /* version */
    put(&body, 0, 1); /* flags: a hard link, its name's length in one byte */
    put(&body, length, 1);
    isb_text_add_bytes(&body, link->name, length);
    put(&body, link->address, 8);
    add_message(to, HDF5_LINK, &body);
    free(body.data);
}

uint64_t isb_hdf5_group(isb_hdf5 *hdf5, const isb_hdf5_link *links, size_t count) {
    object group = {0};
    add_group_messages(&group);
    for (size_t i = 0; i < count; i++)
        add_link(&group, &links[i]);
    return place(hdf5, &group);
}

void isb_hdf5_close(isb_hdf5 *hdf5, uint64_t root) {
    isb_text *file = &hdf5->file;
    align(file);
    if (file->failed || file->length < SUPERBLOCK_SIZE)
        return;
    const uint64_t end = file->length;
    memcpy(file->data + END_AT, &end, sizeof end);
    memcpy(file->data + ROOT_AT, &root, sizeof root);
}
