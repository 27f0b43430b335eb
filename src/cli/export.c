#include "cli/commands.h"
#include "cli/trained.h"
#include "export/exported.h"
#include <isobit/predictor.h>
#include <stdio.h>
#include <sys/stat.h>

/* The export takes the place of what `to` names, which must not be what is exported. */
static isb_status check_target(const isb_trained *trained, const char *to, isb_error *error) {
    struct stat from, over;
    if (stat(trained->path, &from) != 0 || stat(to, &over) != 0 || from.st_dev != over.st_dev ||
        from.st_ino != over.st_ino)
        return ISB_OK;
    return isb_fail(error, ISB_USAGE,
                    "--to: %s is the model itself; give the exported file another name", to);
}

/* Whether the weights are the model's, and finite. */
static isb_status check_weights(const isb_trained *trained, const isb_model *model,
                                isb_error *error) {
    const isb_predictor_config config = {
        .experiment = &trained->experiment,
        .model = model,
        .weights = &trained->file.tensors,
        .from = trained->path,
        .threads = 1,
        .isa = "auto",
    };
    isb_predictor *predictor;
    const isb_status status = isb_predictor_create(&predictor, &config, error);
    if (status == ISB_OK)
        isb_predictor_free(predictor);
    return status;
}

/* No format here holds what turns the columns of a table into inputs. */
static isb_status check_inputs(const isb_trained *trained, isb_error *error) {
    if (isb_metadata_find(&trained->file.metadata, "preprocessing") == NULL)
        return ISB_OK;
    return isb_fail(
        error, ISB_USAGE,
        "%s: was trained on a table, whose columns isobit itself turns into inputs; such "
        "a model cannot be exported yet: predict with isobit predict",
        trained->path);
}

static isb_status export(const isb_trained *trained, const isb_options *options,
                         isb_export_format *write, isb_error *error) {
    isb_model model;
    isb_exported exported;
    isb_status status = check_target(trained, options->to, error);
    if (status == ISB_OK)
        status = check_inputs(trained, error);
    if (status != ISB_OK)
        return status;
    status = isb_model_build(&model, trained->experiment.layers, trained->experiment.layer_count,
                             (isb_shape){0}, error);
    if (status != ISB_OK)
        return status;
    status = check_weights(trained, &model, error);
    isb_exported_make(&exported, &trained->experiment, &model, &trained->file.tensors);
    if (status == ISB_OK)
        status = write(&exported, options->to, error);
    isb_model_free(&model);
    return status;
}

isb_status isb_command_export(const isb_options *options, isb_error *error) {
    isb_trained trained = {0};
    isb_export_format *write = NULL;
    if (options->to == NULL)
        return isb_fail(error, ISB_USAGE,
                        "isobit export needs --to FILE, which ends in .keras, .onnx, .npz, "
                        ".safetensors or .h");
    isb_status status = isb_export_choose(&write, options->to, error);
    if (status == ISB_OK)
        status = isb_trained_read(&trained, options->file, NULL, 0, error);
    if (status == ISB_OK) {
        status = export(&trained, options, write, error);
        isb_trained_free(&trained);
    }
    if (status == ISB_OK && !options->given[ISB_OPTION_QUIET])
        fprintf(stderr, "%s written\n", options->to);
    return status;
}
