/* The study file, with the experiment that it names.
 *
 * Input: the study; behind a NUL base.yaml, which has a good one where nothing is there. */
#include "folder.h"
#include "pieces.h"
#include "study/study_file.h"

static const char BASE[] = "data: {source: digits, validation: 0.1}\n"
                           "model: [flatten, {dense: {units: 2, activation: relu}}, dropout: "
                           "{rate: 0.5}, dense: {units: 10, activation: softmax}]\n"
                           "compile: {optimizer: adam, loss: sparse_categorical_crossentropy, "
                           "metrics: [accuracy]}\n"
                           "fit: {epochs: 3}\n";

static void use(const isb_study *study) {
    REQUIRE(study->variant_count > 0 && study->seed_count > 0);
    REQUIRE(study->baseline < study->variant_count && study->name[0] != '\0');
    for (size_t i = 0; i < study->variant_count; i++) {
        const isb_variant *variant = &study->variants[i];
        REQUIRE(variant->label[0] != '\0' && variant->experiment[0] != '\0');
        for (size_t k = 0; k < study->axis_count; k++)
            REQUIRE(variant->values[k] != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    pieces all = pieces_of(data, size);
    const char *text = pieces_next(&all);
    size_t length;
    const char *base = pieces_rest(&all, &length);
    isb_study study;
    isb_error error = ISB_ERROR_INIT;
    const char *path = folder_put("study.yaml", text, strlen(text));
    if (length > 0)
        folder_put("base.yaml", base, length);
    else
        folder_put("base.yaml", BASE, sizeof BASE - 1);
    const isb_status status = isb_study_read(&study, path, NULL, 0, &error);
    if (status == ISB_OK)
        use(&study);
    else
        REQUIRE(status == ISB_USAGE && error.status == status && error.count > 0);
    isb_study_free(&study);
    isb_error_clear(&error);
    free(all.copy);
    return 0;
}
