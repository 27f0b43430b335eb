#include "data/feed.h"
#include "data/unpacking.h"

static isb_status read_input(void *from, void *to, size_t wanted, size_t *got, isb_error *error) {
    return isb_input_read(from, to, wanted, got, error);
}

void isb_feed_measure(isb_feed *feed, uint64_t size, bool packed) {
    feed->packed = packed;
    feed->length = !packed                                ? size
                   : size < UINT64_MAX / ISB_DEFLATE_MOST ? size * ISB_DEFLATE_MOST
                                                          : UINT64_MAX;
    feed->most = packed ? isb_unpacked_most(size) : UINT64_MAX;
}

isb_feed isb_feed_of_input(isb_input *input, const char *name) {
    isb_feed feed = {.name = name,
                     .mend = "download or copy the file again",
                     .from = input,
                     .read = read_input,
                     .unpack = ISB_UNPACK_GZIP};
    isb_feed_measure(&feed, isb_input_file_size(input), isb_input_gzip(input));
    return feed;
}

isb_status isb_feed_read(const isb_feed *feed, void *to, size_t wanted, size_t *got,
                         isb_error *error) {
    return feed->read(feed->from, to, wanted, got, error);
}
