#include <isobit/experiment.h>

#include "io/experiment_check.h"
#include "io/experiment_data.h"
#include "io/experiment_fields.h"
#include "io/file.h"
#include "io/path.h"
#include "io/settings.h"
#include "io/utf8.h"
#include "io/yaml.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LARGEST_FILE = 1 << 20 };

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
    free(experiment->where_model_weights);
    *experiment = (isb_experiment){0};
}

/* UTF-8, and no control characters but tabs and line ends. */
static bool check_text(isb_problems *problems, const char *text, size_t length, isb_place start) {
    isb_place place = start;
    for (size_t i = 0, size; i < length; i += size) {
        uint32_t point = isb_utf8_decode(text + i, length - i, &size);
        bool line_end =
            point == '\n' || (point == '\r' && (i + 1 == length || text[i + 1] != '\n'));
        if (point == ISB_UTF8_INVALID) {
            isb_problems_add(problems, place, "not valid UTF-8; save the file as UTF-8");
            return false;
        }
        if ((point < 0x20 && point != '\n' && point != '\r' && point != '\t') || point == 0x7f) {
            isb_problems_add(problems, place, "control character U+%04X; remove it", point);
            return false;
        }
        place.line += line_end;
        place.column = line_end ? 1 : place.column + 1;
    }
    return true;
}

/* The root of the tree, a map; NULL after an error. */
static isb_node *parse_text(isb_pool *pool, isb_problems *problems, const char *text, size_t length,
                            const char *path) {
    isb_place start = {path, 0, 1, 1}, whole = {path, 0, 0, 0};
    if (length > LARGEST_FILE) {
        isb_problems_add(problems, whole, "larger than 1 MiB: not an experiment file");
        return NULL;
    }
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        length -= 3;
    }
    if (!check_text(problems, text, length, start))
        return NULL;
    isb_node *root = isb_yaml_parse(pool, problems, text, length, start);
    if (root == NULL || root->kind == ISB_NODE_MAP || root->kind == ISB_NODE_BROKEN)
        return root != NULL && root->kind == ISB_NODE_MAP ? root : NULL;
    if (isb_node_empty(root))
        isb_problems_add(problems, whole, "the file is empty; it needs data, model and compile");
    else
        isb_problems_add(problems, root->place,
                         "an experiment is a map with the keys data, model and compile, not a %s",
                         root->kind == ISB_NODE_LIST ? "list" : "single value");
    return NULL;
}

/* The file's name without directory and suffix. */
static void default_name(isb_reader *reader, isb_experiment *out) {
    const char *base = isb_path_base(out->file);
    const char *dot = strrchr(base, '.');
    size_t length = dot != NULL && dot > base ? (size_t)(dot - base) : strlen(base);
    out->name = strndup(base, length);
    if (out->name == NULL)
        reader->problems->no_memory = true;
    else if (!isb_name_valid(out->name))
        isb_problems_add(reader->problems, (isb_place){out->file, 0, 0, 0},
                         "no name can be made of the file's name; give one, such as name: mnist");
}

static bool find_folders(isb_reader *reader, const char *path, char **here, char **folder) {
    *here = getcwd(NULL, 0);
    if (*here == NULL)
        return false;
    char *parent = isb_path_folder(path);
    *folder = parent != NULL ? isb_path_absolute(*here, parent) : NULL;
    free(parent);
    reader->here = *here;
    reader->folder = *folder;
    return *folder != NULL;
}

static void read_tree(isb_reader *reader, isb_experiment *out, isb_node *root,
                      const isb_setting *settings, size_t setting_count) {
    for (size_t i = 0; i < setting_count; i++)
        isb_setting_apply(reader->pool, reader->problems, root, &isb_experiment_map, &settings[i],
                          i);
    if (reader->problems->no_memory)
        return;
    isb_map_read(reader, &isb_experiment_map, root, out);
    isb_experiment_check(reader, root, out);
    const isb_entry *name = isb_node_find(root, "name");
    if (name == NULL || isb_node_is(name->value, "none"))
        default_name(reader, out);
}

isb_status isb_experiment_parse(isb_experiment *out, const char *text, size_t length,
                                const char *path, const isb_setting *settings, size_t setting_count,
                                isb_error *error) {
    *out = (isb_experiment){.file = strdup(path)};
    if (out->file == NULL)
        return isb_fail_memory(error, "the experiment file");
    isb_pool pool = {0};
    isb_problems problems = {0};
    isb_reader reader = {.problems = &problems, .pool = &pool};
    char *here = NULL, *folder = NULL;
    const bool found = find_folders(&reader, path, &here, &folder);
    if (!found && here == NULL && errno != ENOMEM) {
        isb_problems_add(&problems, (isb_place){path, 0, 0, 0},
                         "the working directory cannot be found; change to one that exists");
    } else if (!found) {
        problems.no_memory = true;
    } else {
        isb_node *root = parse_text(&pool, &problems, text, length, path);
        if (root != NULL)
            read_tree(&reader, out, root, settings, setting_count);
    }
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
    isb_status status = isb_file_read(path, LARGEST_FILE, &text, &length, ISB_USAGE, error);
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
