#include "cli/commands.h"
#include "cli/terminal.h"
#include "export/keras_import.h"
#include "io/file.h"
#include "io/path.h"
#include "io/safetensors.h"
#include <isobit/experiment.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool ends_with(const char *text, const char *end) {
    const size_t a = strlen(text), b = strlen(end);
    return a > b && strcmp(text + a - b, end) == 0;
}

/* `path` with another suffix in the place of its own, which has `less` characters. */
static char *with_suffix(const char *path, size_t less, const char *suffix) {
    isb_text text = {0};
    isb_text_add_bytes(&text, path, strlen(path) - less);
    isb_text_add(&text, suffix);
    if (!text.failed)
        return text.data;
    free(text.data);
    return NULL;
}

/* The names of what is written. */
typedef struct names {
    char *name;       /* of the experiment */
    char *weights;    /* path of their file */
    const char *base; /* the same beside the experiment */
} names;

static isb_status choose_names(names *out, const isb_options *options, isb_error *error) {
    const char *from = isb_path_base(options->file);
    *out = (names){0};
    if (!ends_with(from, ".keras"))
        return isb_fail(error, ISB_USAGE, "%s: only FILE.keras can be imported", options->file);
    if (options->to != NULL && !ends_with(isb_path_base(options->to), ".yaml"))
        return isb_fail(error, ISB_USAGE,
                        "--to: '%s' is no name of an experiment; let it end in "
                        ".yaml",
                        options->to);
    const char *to = options->to != NULL ? options->to : from;
    const size_t suffix = options->to != NULL ? strlen(".yaml") : strlen(".keras");
    out->name = with_suffix(isb_path_base(to), suffix, "");
    out->weights = with_suffix(to, suffix, ".safetensors");
    if (out->name == NULL || out->weights == NULL)
        return isb_fail_memory(error, "a path");
    out->base = isb_path_base(out->weights);
    return ISB_OK;
}

/* What cannot be trained here is told now, in the words of the experiment. */
static isb_status check_experiment(const isb_text *text, const char *path, isb_error *error) {
    isb_experiment experiment;
    isb_error reasons = ISB_ERROR_INIT;
    isb_status status =
        isb_experiment_parse(&experiment, text->data, text->length, path, NULL, 0, &reasons);
    if (status == ISB_OK)
        isb_experiment_free(&experiment);
    else if (status == ISB_USAGE)
        status = ISB_CORRUPT;
    if (status != ISB_OK)
        isb_fail(error, status, "%s: isobit cannot train this model: %s", path,
                 isb_error_text(&reasons));
    isb_error_clear(&reasons);
    return status;
}

/* Files that were not named on the command line, or not meant, are not lost. */
static isb_status check_free(const char *path, const isb_options *options, isb_error *error) {
    if (path == NULL || options->given[ISB_OPTION_FORCE] || access(path, F_OK) != 0)
        return ISB_OK;
    return isb_fail(error, ISB_USAGE,
                    "%s: is already there; give another name with --to, or "
                    "--force to replace it",
                    path);
}

/* The weights first: an experiment that is there has them. */
static isb_status write_files(const isb_imported *imported, const names *to, const isb_text *text,
                              const isb_options *options, isb_error *error) {
    isb_status status = check_free(to->weights, options, error);
    if (status == ISB_OK)
        status = check_free(options->to, options, error);
    if (status == ISB_OK)
        status = isb_safetensors_write(to->weights, &imported->weights, NULL, error);
    if (status != ISB_OK)
        return status;
    if (options->to == NULL)
        return isb_print(text->data, text->length, error);
    return isb_file_write(options->to, &(isb_bytes){text->data, text->length}, 1, error);
}

static isb_status import(const isb_imported *imported, const names *to, const isb_options *options,
                         isb_error *error) {
    isb_text text = {0};
    isb_imported_experiment(imported, to->name, to->base, &text);
    isb_status status = text.failed ? isb_fail_memory(error, "the experiment") : ISB_OK;
    if (status == ISB_OK)
        status = check_experiment(&text, options->file, error);
    if (status == ISB_OK)
        status = write_files(imported, to, &text, options, error);
    free(text.data);
    return status;
}

isb_status isb_command_import(const isb_options *options, isb_error *error) {
    names to;
    isb_imported imported = {0};
    isb_status status = choose_names(&to, options, error);
    if (status == ISB_OK)
        status = isb_keras_import(&imported, options->file, error);
    if (status == ISB_OK)
        status = import(&imported, &to, options, error);
    if (status == ISB_OK && !options->given[ISB_OPTION_QUIET])
        fprintf(stderr, "%s written\n", to.weights);
    isb_imported_free(&imported);
    free(to.name);
    free(to.weights);
    return status;
}
