#include "data/feed.h"

static isb_status read_input(void *from, void *to, size_t wanted, size_t *got, isb_error *error) {
    return isb_input_read(from, to, wanted, got, error);
}

isb_feed isb_feed_of_input(isb_input *input, const char *name) {
    const bool packed = isb_input_gzip(input);
    const uint64_t size = isb_input_file_size(input); /* an off_t: below 2^63 */
    const uint64_t most =
        size < UINT64_MAX / ISB_DEFLATE_MOST ? size * ISB_DEFLATE_MOST : UINT64_MAX;
    return (isb_feed){.name = name,
                      .mend = "download or copy the file again",
                      .from = input,
                      .read = read_input,
                      .length = packed ? most : size,
                      .packed = packed};
}

isb_status isb_feed_read(const isb_feed *feed, void *to, size_t wanted, size_t *got,
                         isb_error *error) {
    return feed->read(feed->from, to, wanted, got, error);
}
