/* What a directory says of itself: run.json with the experiment, and study.json.
 *
 * Input: run.json, experiment.yaml and study.json, with a NUL between them. */
#include "folder.h"
#include "io/run_directory.h"
#include "pieces.h"
#include "study/study_directory.h"

static void read_run(void) {
    isb_run_record record;
    isb_experiment experiment;
    isb_error error = ISB_ERROR_INIT;
    isb_status status = isb_run_record_read(&record, folder_path(), &error);
    REQUIRE(status == ISB_OK || (status == ISB_CORRUPT && error.count == 1));
    if (status != ISB_OK) {
        isb_error_clear(&error);
        return;
    }
    REQUIRE(strlen(record.data_sha256) == 64 && record.numerics >= 1);
    status = isb_run_record_experiment(&record, folder_path(), &experiment, &error);
    REQUIRE(status == ISB_OK || status == ISB_CORRUPT);
    isb_experiment_free(&experiment);
    isb_run_record_free(&record);
    isb_error_clear(&error);
}

static void read_study(void) {
    isb_study_origin origin;
    isb_error error = ISB_ERROR_INIT;
    const isb_status status = isb_study_origin_read(&origin, folder_path(), &error);
    REQUIRE(status == ISB_OK || (status == ISB_CORRUPT && error.count == 1));
    for (size_t i = 0; i < origin.data.count; i++)
        REQUIRE(strlen(origin.data.sets[i].dataset.sha256) == 64 &&
                origin.data.sets[i].dataset.source != NULL && origin.data.sets[i].form != NULL);
    for (size_t i = 0; i < origin.setting_count; i++)
        REQUIRE(origin.settings[i].key != NULL && origin.settings[i].value != NULL);
    isb_study_origin_free(&origin);
    isb_error_clear(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {ISB_RUN_RECORD, ISB_RUN_EXPERIMENT, ISB_STUDY_RECORD};
    pieces all = pieces_of(data, size);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = pieces_next(&all);
        folder_put(names[i], text, strlen(text));
    }
    read_run();
    read_study();
    free(all.copy);
    return 0;
}
