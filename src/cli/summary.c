#include "cli/commands.h"
#include "cli/grid.h"
#include "cli/page.h"
#include "cli/quantity.h"
#include "cli/terminal.h"
#include "cli/trained.h"
#include "data/prepare.h"
#include "io/json.h"
#include "io/run_directory.h"
#include <isobit/dataset.h>
#include <string.h>

enum { SHAPE_SIZE = 160 };

static bool ends_with(const char *text, const char *end) {
    size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

/* A model file holds its experiment and, where no input_shape says it, the number of inputs. */
static isb_status read_model_file(isb_experiment *out, isb_shape *input, const char *path,
                                  isb_error *error) {
    isb_model_file file;
    isb_status status = isb_model_file_read(&file, path, error);
    if (status != ISB_OK)
        return status;
    const isb_tensor *kernel = isb_tensors_find(&file.tensors, "dense.kernel");
    if (kernel != NULL)
        *input = (isb_shape){.rank = 1, .sizes = {kernel->shape.sizes[0]}};
    status =
        isb_experiment_parse(out, file.experiment, strlen(file.experiment), path, NULL, 0, error);
    isb_model_file_free(&file);
    return status;
}

static isb_status read_run(isb_experiment *out, const char *path, isb_error *error) {
    isb_run_record record;
    isb_status status = isb_run_record_read(&record, path, error);
    if (status != ISB_OK)
        return status;
    status = isb_run_record_experiment(&record, path, out, error);
    isb_run_record_free(&record);
    return status;
}

/* *input is left alone where only the data or input_shape can tell. */
static isb_status read_experiment(isb_experiment *out, isb_shape *input, const isb_options *options,
                                  isb_error *error) {
    const char *path = options->file;
    bool model = ends_with(path, ".safetensors"), run = isb_trained_is_run(path);
    if ((model || run) && options->setting_count > 0)
        return isb_fail(error, ISB_USAGE,
                        "%s changes an experiment, but %s is a trained model; leave it out",
                        options->settings[0].option, path);
    if (model)
        return read_model_file(out, input, path, error);
    if (run)
        return read_run(out, path, error);
    return isb_experiment_read(out, path, options->settings, options->setting_count, error);
}

/* The shape of an example: as given or known, else as the data has it. */
static isb_status find_shape(isb_shape *input, const isb_experiment *experiment, bool data_given,
                             isb_error *error) {
    if (!data_given && experiment->layer_count > 0 && experiment->layers[0].input_shape.rank != 0) {
        *input = experiment->layers[0].input_shape;
        return ISB_OK;
    }
    if (input->rank != 0)
        return ISB_OK;
    isb_dataset dataset;
    const isb_preparation preparation = {.labels = true, .threads = 1};
    isb_status status = isb_dataset_prepare(&dataset, experiment, &preparation, error);
    if (status != ISB_OK)
        return status;
    *input = dataset.shape;
    isb_dataset_free(&dataset);
    return ISB_OK;
}

/* "(None, 28, 28)" */
static const char *shape_text(isb_shape shape, char out[SHAPE_SIZE]) {
    size_t used = (size_t)snprintf(out, SHAPE_SIZE, "(None");
    for (size_t i = 0; i < shape.rank; i++)
        used += (size_t)snprintf(out + used, SHAPE_SIZE - used, ", %zu", shape.sizes[i]);
    snprintf(out + used, SHAPE_SIZE - used, ")");
    return out;
}

static const char *class_name(isb_layer_kind kind) {
    switch (kind) {
    case ISB_FLATTEN: return "Flatten";
    case ISB_DENSE: return "Dense";
    case ISB_DROPOUT: return "Dropout";
    }
    return "Layer";
}

static void print_grid(FILE *out, const isb_model *model) {
    isb_grid grid = {out, isb_terminal_utf8(), {31, 22, 13}, {false, false, true}};
    static const char *const header[] = {"Layer (type)", "Output Shape", "Param #"};
    isb_grid_header(&grid, header);
    for (size_t i = 0; i < model->count; i++) {
        const isb_layer_info *info = &model->info[i];
        char layer[64], shape[SHAPE_SIZE], count[ISB_COUNT_SIZE];
        snprintf(layer, sizeof layer, "%s (%s)", info->name, class_name(model->layers[i].kind));
        const char *cells[] = {layer, shape_text(info->output, shape),
                               isb_count_text(info->parameters, count)};
        if (i > 0)
            isb_grid_line(&grid);
        isb_grid_row(&grid, cells);
    }
    isb_grid_end(&grid);
}

static void print_dropouts(FILE *out, const isb_model *model) {
    for (size_t i = 0; i < model->count; i++) {
        double rate = model->layers[i].rate;
        if (model->layers[i].kind != ISB_DROPOUT)
            continue;
        fprintf(out, " %s: ", model->info[i].name);
        if (rate == 0)
            fputs("rate 0, does nothing\n", out);
        else if (rate == 1)
            fputs("rate 1, in training drops every unit\n", out);
        else
            fprintf(out, "rate %g, in training keeps %g %% of the units, times %.4g\n", rate,
                    100 * (1 - rate), 1 / (1 - rate));
    }
}

static isb_status print_table(const char *name, const isb_model *model, isb_error *error) {
    isb_page page;
    isb_status status = isb_page_open(&page, error);
    if (status != ISB_OK)
        return status;
    char count[ISB_COUNT_SIZE], bytes[ISB_COUNT_SIZE];
    isb_count_text(model->parameters, count);
    isb_bytes_text(model->parameters, bytes);
    fprintf(page.out, "Model: \"%s\"\n", name);
    print_grid(page.out, model);
    fprintf(page.out, " Total params: %s (%s)\n", count, bytes);
    fprintf(page.out, " Trainable params: %s (%s)\n", count, bytes);
    fputs(" Non-trainable params: 0 (0.00 B)\n", page.out);
    print_dropouts(page.out, model);
    return isb_page_print(&page, error);
}

static void json_layer(isb_json *json, const isb_layer *layer, const isb_layer_info *info) {
    isb_json_object(json, NULL);
    isb_json_string(json, "name", info->name);
    isb_json_string(json, "type", class_name(layer->kind));
    isb_json_shape(json, "output_shape", info->output);
    isb_json_unsigned(json, "params", info->parameters);
    if (layer->kind == ISB_DENSE)
        isb_json_string(json, "activation", isb_activation_name(layer->activation));
    if (layer->kind == ISB_DROPOUT)
        isb_json_double(json, "rate", layer->rate);
    isb_json_end_object(json);
}

static isb_status print_json(const char *name, const isb_model *model, isb_error *error) {
    isb_json json = ISB_JSON_INIT;
    isb_json_object(&json, NULL);
    isb_json_string(&json, "name", name);
    isb_json_shape(&json, "input_shape", model->input);
    isb_json_array(&json, "layers");
    for (size_t i = 0; i < model->count; i++)
        json_layer(&json, &model->layers[i], &model->info[i]);
    isb_json_end_array(&json);
    isb_json_unsigned(&json, "params", model->parameters);
    isb_json_unsigned(&json, "trainable_params", model->parameters);
    isb_json_unsigned(&json, "non_trainable_params", 0);
    isb_json_unsigned(&json, "bytes", model->parameters * sizeof(float));
    isb_json_end_object(&json);
    char *text;
    isb_status status = isb_json_finish(&json, &text, error);
    return status == ISB_OK ? isb_print_json(text, error) : status;
}

isb_status isb_command_summary(const isb_options *options, isb_error *error) {
    isb_experiment experiment = {0};
    isb_model model = {0};
    isb_shape input = {0};
    isb_status status = read_experiment(&experiment, &input, options, error);
    if (status == ISB_OK)
        status = find_shape(&input, &experiment, options->given[ISB_OPTION_DATA], error);
    if (status == ISB_OK)
        status = isb_model_build(&model, experiment.layers, experiment.layer_count, input, error);
    if (status == ISB_OK)
        status = options->given[ISB_OPTION_JSON] ? print_json(experiment.name, &model, error)
                                                 : print_table(experiment.name, &model, error);
    isb_model_free(&model);
    isb_experiment_free(&experiment);
    return status;
}
