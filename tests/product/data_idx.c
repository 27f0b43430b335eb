#include "data/idx.h"
#include "data_files.h"
#include "sanitized.h"
#include <isobit/error.h>

static void refuse(const char *path, isb_idx_kind kind, isb_status status, const char *message) {
    isb_error error = ISB_ERROR_INIT;
    isb_idx idx;
    isb_status got = isb_idx_read(&idx, path, kind, &error);
    CHECKF(got == status, "%s: status %d", path, (int)got);
    CHECKF(strcmp(isb_error_text(&error), message) == 0, "got:  %s\nwant: %s",
           isb_error_text(&error), message);
    CHECK(idx.elements == NULL && idx.rank == 0);
    isb_error_clear(&error);
}

/* The same content raw and gzipped, with the message of each. */
static void refuse_both(const void *data, size_t length, isb_idx_kind kind, const char *raw,
                        const char *gzip) {
    put("f", data, length);
    put_gzip("f.gz", data, length);
    refuse("f", kind, ISB_DATA, raw);
    refuse("f.gz", kind, ISB_DATA, gzip);
}

static void accept(const char *path, isb_idx_kind kind, const uint32_t *sizes) {
    isb_error error = ISB_ERROR_INIT;
    isb_idx idx;
    isb_status status = isb_idx_read(&idx, path, kind, &error);
    CHECKF(status == ISB_OK, "%s", isb_error_text(&error));
    size_t count = 1;
    for (size_t i = 0; sizes[i] != 0; i++) {
        CHECK(i < idx.rank && idx.sizes[i] == sizes[i]);
        count *= sizes[i];
        CHECK(i + 1 == idx.rank || sizes[i + 1] != 0);
    }
    for (size_t i = 0; i < count; i++)
        CHECK(idx.elements[i] == (uint8_t)i);
    isb_idx_free(&idx);
}

CASE(data_idx, reads_raw_and_gzip) {
    enter_directory();
    uint8_t data[4096];
    size_t length = make_idx(data, SIZES(5, 4, 3));
    put("images", data, length);
    put_gzip("images.gz", data, length);
    put_gzip("packed-without-suffix", data, length);
    put("suffix-without-packing.gz", data, length);
    accept("images", ISB_IDX_IMAGES, SIZES(5, 4, 3));
    accept("images.gz", ISB_IDX_IMAGES, SIZES(5, 4, 3));
    accept("packed-without-suffix", ISB_IDX_IMAGES, SIZES(5, 4, 3));
    accept("suffix-without-packing.gz", ISB_IDX_IMAGES, SIZES(5, 4, 3));
    put("flat", data, make_idx(data, SIZES(7, 9)));
    accept("flat", ISB_IDX_IMAGES, SIZES(7, 9));
    put("rank5", data, make_idx(data, SIZES(3, 2, 2, 4, 5)));
    accept("rank5", ISB_IDX_IMAGES, SIZES(3, 2, 2, 4, 5));
    put("labels", data, make_idx(data, SIZES(300)));
    accept("labels", ISB_IDX_LABELS, SIZES(300));
    leave_directory();
}

/* Larger than the first growth of the buffer, at and around its doublings. */
CASE(data_idx, grows_with_gzip_data) {
    enter_directory();
    for (uint32_t extra = 0; extra < 3; extra++) {
        uint32_t rows = (1u << 20) - 1 + extra;
        uint8_t *data = malloc(2 * (size_t)rows + 12);
        CHECK(data != NULL);
        put_gzip("f.gz", data, make_idx(data, SIZES(rows, 2)));
        accept("f.gz", ISB_IDX_IMAGES, SIZES(rows, 2));
        free(data);
    }
    leave_directory();
}

CASE(data_idx, reads_gzip_members_in_a_row) {
    enter_directory();
    uint8_t data[256], packed[512];
    size_t length = make_idx(data, SIZES(100));
    put_gzip("a", data, 50);
    put_gzip("b", data + 50, length - 50);
    size_t first = get("a", packed, sizeof packed);
    size_t second = get("b", packed + first, sizeof packed - first);
    put("f.gz", packed, first + second);
    accept("f.gz", ISB_IDX_LABELS, SIZES(100));
    leave_directory();
}

CASE(data_idx, names_short_files) {
    enter_directory();
    uint8_t data[64] = {0};
    make_idx(data, SIZES(2, 3));
    refuse_both(data, 0, ISB_IDX_IMAGES, "f: is empty; download or copy the file again",
                "f.gz: is empty when unpacked; download or copy the file again");
    refuse_both(data, 1, ISB_IDX_IMAGES,
                "f: ends after 1 byte, within its header; download or copy the file again",
                "f.gz: ends after 1 unpacked byte, within its header; download or copy the file "
                "again");
    refuse_both(data, 11, ISB_IDX_IMAGES,
                "f: ends after 11 bytes, within its header; download or copy the file again",
                "f.gz: ends after 11 unpacked bytes, within its header; download or copy the file "
                "again");
    refuse_both(data, 17, ISB_IDX_IMAGES,
                "f: is cut short: 2 x 3 elements and the header make 18 bytes, and 17 are there; "
                "download or copy the file again",
                "f.gz: is cut short: 2 x 3 elements and the header make 18 unpacked bytes, and 17 "
                "are there; download or copy the file again");
    refuse_both(
        data, 20, ISB_IDX_IMAGES,
        "f: goes on after its end: 2 x 3 elements and the header make 18 bytes, and 20 are "
        "there; download or copy the file again",
        "f.gz: goes on after its end: 2 x 3 elements and the header make 18 unpacked bytes, "
        "and more are there; download or copy the file again");
    leave_directory();
}

CASE(data_idx, names_other_formats) {
    enter_directory();
    refuse_both(
        "<!DOCTYPE html>", 15, ISB_IDX_IMAGES,
        "f: starts with the bytes 3c 21 44 4f, where an IDX file starts with 00 00; this "
        "looks like a web page: download the file itself",
        "f.gz: starts with the unpacked bytes 3c 21 44 4f, where an IDX file starts with 00 "
        "00; this looks like a web page: download the file itself");
    put("f", "PK\3\4rest", 8);
    refuse("f", ISB_IDX_IMAGES, ISB_DATA,
           "f: starts with the bytes 50 4b 03 04, where an IDX file starts with 00 00; this looks "
           "like a zip archive: unzip it");
    put("f", "\1\2\3\4", 4);
    refuse("f", ISB_IDX_LABELS, ISB_DATA,
           "f: starts with the bytes 01 02 03 04, where an IDX file starts with 00 00; download or "
           "copy the file again");
    uint8_t packed[64];
    put_gzip("f.gz", "inner", 5);
    put_gzip("g.gz", packed, get("f.gz", packed, sizeof packed));
    refuse("g.gz", ISB_IDX_IMAGES, ISB_DATA,
           "g.gz: starts with the unpacked bytes 1f 8b 08 00, where an IDX file starts with 00 00; "
           "this looks like gzip within gzip: gunzip it once");
    leave_directory();
}

CASE(data_idx, names_wrong_headers) {
    enter_directory();
    put("f", "\0\0\x0d\3", 4);
    refuse(
        "f", ISB_IDX_IMAGES, ISB_DATA,
        "f: holds elements of type 0x0d (float), where 0x08 (unsigned byte) is expected; convert "
        "it");
    put("f", "\0\0\x08\1", 4);
    refuse("f", ISB_IDX_IMAGES, ISB_DATA,
           "f: has 1 axis, where images have 2 to 5; are images and labels swapped?");
    put("f", "\0\0\x08\6", 4);
    refuse("f", ISB_IDX_IMAGES, ISB_DATA,
           "f: has 6 axes, where images have 2 to 5; are images and labels swapped?");
    put("f", "\0\0\x08\3", 4);
    refuse("f", ISB_IDX_LABELS, ISB_DATA,
           "f: has 3 axes, where labels have 1; are images and labels swapped?");
    put("f", "\0\0\x08\1\0\0\0\0", 8);
    refuse("f", ISB_IDX_LABELS, ISB_DATA,
           "f: axis 0 (the rows) has size 0; a data set needs at least one row, of at least one "
           "value");
    put("f", "\0\0\x08\2\0\0\0\1\0\0\0\0", 12);
    refuse("f", ISB_IDX_IMAGES, ISB_DATA,
           "f: axis 1 has size 0; a data set needs at least one row, of at least one value");
    uint8_t huge[16];
    memset(huge, 0xff, sizeof huge);
    memcpy(huge, "\0\0\x08\3", 4);
    refuse_both(huge, sizeof huge, ISB_IDX_IMAGES,
                "f: its header announces 4294967295 x 4294967295 x 4294967295 bytes, more than any "
                "memory holds; download or copy the file again",
                "f.gz: its header announces 4294967295 x 4294967295 x 4294967295 bytes, more than "
                "any memory holds; download or copy the file again");
    leave_directory();
}

/* A header's claim alone allocates nothing: 2 GiB of address space are enough to refuse 4. */
CASE(data_idx, allocates_no_mere_claim) {
    enter_directory();
    uint8_t claim[20] = {0, 0, 8, 3, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0};
    struct rlimit old = limit_memory((size_t)2 << 30);
    refuse_both(claim, sizeof claim, ISB_IDX_IMAGES,
                "f: is cut short: 65536 x 256 x 256 elements and the header make 4294967312 bytes, "
                "and 20 are there; download or copy the file again",
                "f.gz: is cut short: 65536 x 256 x 256 elements and the header make 4294967312 "
                "unpacked bytes, and 20 are there; download or copy the file again");
    CHECK(setrlimit(RLIMIT_AS, &old) == 0);
    leave_directory();
}

CASE(data_idx, names_damaged_gzip) {
    enter_directory();
    uint8_t data[2048], packed[4096], damaged[4096];
    put_gzip("f", data, make_idx(data, SIZES(1000)));
    size_t length = get("f", packed, sizeof packed);

    put("cut.gz", packed, length - 1);
    refuse("cut.gz", ISB_IDX_LABELS, ISB_DATA,
           "cut.gz: the gzip data are cut short, after 1008 bytes unpacked; download or copy the "
           "file again");
    put("start.gz", packed, 5);
    refuse("start.gz", ISB_IDX_LABELS, ISB_DATA,
           "start.gz: the gzip data are cut short, after 0 bytes unpacked; download or copy the "
           "file again");
    memcpy(damaged, packed, length);
    damaged[length - 8] ^= 1;
    put("crc.gz", damaged, length);
    refuse("crc.gz", ISB_IDX_LABELS, ISB_DATA,
           "crc.gz: the gzip data are damaged (incorrect data check); download or copy the file "
           "again");
    memcpy(damaged, packed, length);
    damaged[length - 1] ^= 1;
    put("length.gz", damaged, length);
    refuse("length.gz", ISB_IDX_LABELS, ISB_DATA,
           "length.gz: the gzip data are damaged (incorrect length check); download or copy the "
           "file again");
    memcpy(damaged, packed, length);
    damaged[10] |= 6;
    put("block.gz", damaged, length);
    refuse("block.gz", ISB_IDX_LABELS, ISB_DATA,
           "block.gz: the gzip data are damaged (invalid block type); download or copy the file "
           "again");
    memcpy(damaged, packed, length);
    memcpy(damaged + length, "rest", 4);
    put("more.gz", damaged, length + 4);
    refuse(
        "more.gz", ISB_IDX_LABELS, ISB_DATA,
        "more.gz: something else stands behind the end of the gzip data; cut it off, or download "
        "or copy the file again");
    leave_directory();
}

/* Every single damaged byte and every cut ends in an error or in good data, never in a crash. */
CASE(data_idx, survives_every_cut_and_flip) {
    enter_directory();
    uint8_t data[256], packed[512];
    put_gzip("f", data, make_idx(data, SIZES(4, 3, 2)));
    size_t length = get("f", packed, sizeof packed);
    for (size_t i = 0; i < length; i++) {
        isb_idx idx;
        put("cut", packed, i);
        CHECK(isb_idx_read(&idx, "cut", ISB_IDX_IMAGES, NULL) == ISB_DATA);
        packed[i] ^= 0x55;
        put("flip", packed, length);
        isb_status status = isb_idx_read(&idx, "flip", ISB_IDX_IMAGES, NULL);
        CHECK(status == ISB_DATA || (status == ISB_OK && idx.rank == 3));
        isb_idx_free(&idx);
        packed[i] ^= 0x55;
    }
    leave_directory();
}

CASE(data_idx, refuses_what_is_no_file) {
    enter_directory();
    CHECK(mkdir("folder", 0700) == 0);
    CHECK(mkfifo("pipe", 0600) == 0);
    CHECK(symlink("loop", "loop") == 0);
    refuse("folder", ISB_IDX_LABELS, ISB_DATA, "folder: is a directory; put a regular file there");
    refuse("pipe", ISB_IDX_LABELS, ISB_DATA, "pipe: is a pipe; put a regular file there");
    refuse("/dev/zero", ISB_IDX_LABELS, ISB_DATA,
           "/dev/zero: is a device; put a regular file there");
    refuse("loop", ISB_IDX_LABELS, ISB_DATA,
           "loop: cannot be opened: Too many levels of symbolic links; make it a regular file that "
           "may be read");
    refuse("nothing", ISB_IDX_LABELS, ISB_DATA,
           "nothing: cannot be opened: No such file or directory; make it a regular file that may "
           "be read");
    if (geteuid() != 0) {
        put("closed", "x", 1);
        CHECK(chmod("closed", 0) == 0);
        refuse("closed", ISB_IDX_LABELS, ISB_DATA,
               "closed: cannot be opened: Permission denied; make it a regular file that may be "
               "read");
    }
    leave_directory();
}
