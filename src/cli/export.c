#include "cli/commands.h"
#include "cli/note.h"
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

static isb_status write_exported(const isb_trained *trained, const isb_model *model,
                                 const isb_export_format *format, const char *to,
                                 isb_error *error) {
    isb_exported exported;
    const isb_export_source source = {
        .experiment = &trained->experiment,
        .model = model,
        .weights = &trained->file.tensors,
        .preprocessing = isb_metadata_find(&trained->file.metadata, "preprocessing"),
        .path = trained->path,
    };
    isb_status status = isb_exported_make(&exported, &source, error);
    if (status == ISB_OK)
        status = format->write(&exported, to, error);
    isb_exported_free(&exported);
    return status;
}

static isb_status export(const isb_trained *trained, const isb_options *options,
                         const isb_export_format *format, isb_error *error) {
    isb_model model;
    isb_status status = check_target(trained, options->to, error);
    if (status != ISB_OK)
        return status;
    status = isb_model_build(&model, trained->experiment.layers, trained->experiment.layer_count,
                             (isb_shape){0}, error);
    if (status != ISB_OK)
        return status;
    status = check_weights(trained, &model, error);
    if (status == ISB_OK)
        status = write_exported(trained, &model, format, options->to, error);
    isb_model_free(&model);
    return status;
}

/* What the file cannot do by itself. */
static void tell(const isb_trained *trained, const isb_options *options,
                 const isb_export_format *format) {
    if (options->given[ISB_OPTION_QUIET])
        return;
    fprintf(stderr, "%s written\n", options->to);
    if (format->where != NULL &&
        isb_metadata_find(&trained->file.metadata, "preprocessing") != NULL)
        isb_note(
            options,
            "note: %s takes features instead of the table's columns: numbers unscaled, missing "
            "cells filled, texts one-hot; their order is in %s (docs/export.md has the code)",
            options->to, format->where);
}

isb_status isb_command_export(const isb_options *options, isb_error *error) {
    isb_trained trained = {0};
    const isb_export_format *format = NULL;
    if (options->to == NULL)
        return isb_fail(error, ISB_USAGE,
                        "isobit export needs --to FILE, which ends in .keras, .onnx, .npz, "
                        ".safetensors or .h");
    isb_status status = isb_export_choose(&format, options->to, error);
    if (status == ISB_OK)
        status = isb_trained_read(&trained, options->file, NULL, 0, error);
    if (status == ISB_OK) {
        status = export(&trained, options, format, error);
        if (status == ISB_OK)
            tell(&trained, options, format);
        isb_trained_free(&trained);
    }
    return status;
}
