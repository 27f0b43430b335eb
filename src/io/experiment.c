#include <isobit/experiment.h>

#include "io/experiment_check.h"
#include "io/experiment_data.h"
#include "io/experiment_fields.h"
#include "io/experiment_tree.h"
#include "io/file.h"
#include "io/path.h"
#include "io/settings.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const isb_document isb_experiment_document = {"an experiment", "data, model and compile"};

static void free_names(isb_names *names) {
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
}

static void free_table(isb_table_form *table) {
    free(table->label);
    free_names(&table->drop);
    free_names(&table->standardize.names);
    free_names(&table->one_hot.names);
    free_names(&table->missing);
}

void isb_experiment_free(isb_experiment *experiment) {
    for (size_t i = 0; i < experiment->layer_count; i++)
        free(experiment->layers[i].where);
    free(experiment->layers);
    free(experiment->callbacks);
    free(experiment->file);
    free(experiment->name);
    free(experiment->source);
    free(experiment->model_weights);
    free(experiment->where_source);
    free(experiment->where_validation);
    free(experiment->where_test);
    free(experiment->where_label);
    free_table(&experiment->table);
    free(experiment->where_model_weights);
    *experiment = (isb_experiment){0};
}

static void default_name(isb_reader *reader, isb_experiment *out) {
    out->name = isb_document_name(out->file);
    if (out->name == NULL)
        reader->problems->no_memory = true;
    else if (!isb_name_valid(out->name))
        isb_problems_add(reader->problems, (isb_place){out->file, 0, 0, 0},
                         "no name can be made of the file's name; give one, such as name: mnist");
}

void isb_experiment_from_tree(isb_reader *reader, isb_experiment *out, const isb_node *root) {
    isb_map_read(reader, &isb_experiment_map, root, out);
    if (!out->test_seed_given)
        out->test_seed = out->seed;
    isb_experiment_check(reader, root, out);
    const isb_entry *name = isb_node_find(root, "name");
    if (name == NULL || isb_node_is(name->value, "none"))
        default_name(reader, out);
}

static void read_text(isb_reader *reader, isb_experiment *out, const char *text, size_t length,
                      const isb_setting *settings, size_t setting_count) {
    isb_node *root = isb_document_parse(reader->pool, reader->problems, &isb_experiment_document,
                                        text, length, (isb_place){out->file, 0, 1, 1});
    if (root == NULL)
        return;
    for (size_t i = 0; i < setting_count; i++)
        isb_setting_apply(reader->pool, reader->problems, root, &isb_experiment_map, &settings[i],
                          (uint32_t)i + 1);
    if (!reader->problems->no_memory)
        isb_experiment_from_tree(reader, out, root);
}

isb_status isb_experiment_parse(isb_experiment *out, const char *text, size_t length,
                                const char *path, const isb_setting *settings, size_t setting_count,
                                isb_error *error) {
    *out = (isb_experiment){.file = strdup(path)};
    if (out->file == NULL)
        return isb_fail_memory(error, "the experiment file");
    isb_pool pool = {0};
    isb_problems problems = {0};
    char *here = getcwd(NULL, 0);
    char *folder = here != NULL ? isb_path_folder_absolute(here, path) : NULL;
    const char *const folders[] = {folder};
    isb_reader reader = {
        .problems = &problems, .folders = folders, .files = 1, .here = here, .pool = &pool};
    if (here == NULL && errno != ENOMEM)
        isb_problems_add(&problems, (isb_place){path, 0, 0, 0},
                         "the working directory cannot be found; change to one that exists");
    else if (folder == NULL)
        problems.no_memory = true;
    else
        read_text(&reader, out, text, length, settings, setting_count);
    free(here);
    free(folder);
    isb_status status = isb_problems_report(&problems, path, error);
    isb_pool_free(&pool);
    if (status != ISB_OK)
        isb_experiment_free(out);
    return status;
}

isb_status isb_experiment_read(isb_experiment *out, const char *path, const isb_setting *settings,
                               size_t setting_count, isb_error *error) {
    char *text = NULL;
    size_t length = 0;
    *out = (isb_experiment){0};
    isb_status status = isb_file_read(path, ISB_LARGEST_DOCUMENT, &text, &length, ISB_USAGE, error);
    if (status != ISB_OK)
        return status;
    status = isb_experiment_parse(out, text, length, path, settings, setting_count, error);
    free(text);
    return status;
}

isb_status isb_experiment_write(const isb_experiment *experiment, char **text, isb_error *error) {
    isb_text written = {0};
    isb_map_write_block(&written, &isb_experiment_map, experiment, 0);
    if (written.failed) {
        free(written.data);
        *text = NULL;
        return isb_fail_memory(error, "the resolved experiment");
    }
    *text = written.data;
    return ISB_OK;
}
