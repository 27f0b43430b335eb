/* Where training stood, as the metadata of a state say it.
 *
 * Input: keys and values, each ended by a NUL. */
#include "io/checkpoint.h"
#include "pieces.h"
#include <math.h>

/* What was understood is written as what is understood again. */
static void check_round_trip(const isb_checkpoint *checkpoint) {
    isb_metadata metadata = ISB_METADATA_INIT;
    isb_checkpoint again;
    REQUIRE(isb_checkpoint_describe(checkpoint, &metadata, NULL) == ISB_OK);
    REQUIRE(isb_checkpoint_read(&again, &metadata));
    REQUIRE(again.position.epochs == checkpoint->position.epochs);
    REQUIRE(again.position.step == checkpoint->position.step);
    REQUIRE(again.position.loss == checkpoint->position.loss);
    REQUIRE(again.position.learning_rate == checkpoint->position.learning_rate);
    REQUIRE(again.events == checkpoint->events && again.steps == checkpoint->steps);
    REQUIRE(strcmp(again.trace, checkpoint->trace) == 0 && again.stopped == checkpoint->stopped);
    isb_checkpoint_free(&again);
    isb_metadata_free(&metadata);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    isb_metadata metadata = ISB_METADATA_INIT;
    pieces all = pieces_of(data, size);
    while (all.at < all.end) {
        const char *key = pieces_next(&all), *value = pieces_next(&all);
        if (isb_metadata_add(&metadata, key, value, NULL) != ISB_OK)
            break;
    }
    isb_checkpoint checkpoint;
    if (isb_checkpoint_read(&checkpoint, &metadata)) {
        REQUIRE(checkpoint.trace != NULL && isfinite(checkpoint.position.loss));
        check_round_trip(&checkpoint);
    }
    isb_checkpoint_free(&checkpoint);
    isb_metadata_free(&metadata);
    free(all.copy);
    return 0;
}
