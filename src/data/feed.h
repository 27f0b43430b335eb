/* Bytes that come one after the other: those of a file, or of a member of an archive. */
#ifndef ISB_DATA_FEED_H
#define ISB_DATA_FEED_H

#include "data/input.h"

typedef struct isb_feed {
    const char *name; /* for messages; borrowed */
    const char *mend; /* what helps against damage, for messages */
    void *from;
    /* As isb_input_read. */
    isb_status (*read)(void *from, void *to, size_t wanted, size_t *got, isb_error *error);
    uint64_t length; /* of all that come; where they are packed, they cannot be more */
    uint64_t most;   /* that may come (data/unpacking.h) */
    bool packed;
    const char *unpack; /* what to do with it where that is too little, for messages */
} isb_feed;

/* Fills in length and most of data of `size` bytes, packed or not. */
void isb_feed_measure(isb_feed *feed, uint64_t size, bool packed);

/* The feed of an input that was just opened. */
isb_feed isb_feed_of_input(isb_input *input, const char *name);

isb_status isb_feed_read(const isb_feed *feed, void *to, size_t wanted, size_t *got,
                         isb_error *error);

#endif
