/* The experiments that a study file names. */
#include "io/document.h"
#include "io/experiment_fields.h"
#include "io/experiment_tree.h"
#include "io/file.h"
#include "io/path.h"
#include "io/settings.h"
#include "study/study_reading.h"
#include <stdlib.h>
#include <string.h>

isb_reader isb_study_reader(const isb_study_reading *reading, isb_pool *pool,
                            isb_problems *problems) {
    return (isb_reader){.problems = problems,
                        .folders = (const char *const *)reading->folders,
                        .files = 1 + reading->source_count,
                        .here = reading->here,
                        .pool = pool};
}

/* --- which there are --- */

/* The index of the source that this node names; a file that was named before is not read again. */
static size_t add_source(isb_study_reading *reading, const isb_node *node) {
    size_t i = 0;
    while (i < reading->source_count && strcmp(reading->sources[i].text, node->text) != 0)
        i++;
    if (i == ISB_MOST_SOURCES) {
        isb_problems_add(&reading->problems, node->place,
                         "more than %d experiments; give the variants of one experiment a model, "
                         "or keys to set",
                         ISB_MOST_SOURCES);
        return 0;
    }
    if (i == reading->source_count)
        reading->sources[reading->source_count++] =
            (isb_study_source){.node = node, .text = node->text};
    return i;
}

static void find_sources(isb_study_reading *reading) {
    const isb_study_form *form = &reading->form;
    if (form->experiment != NULL)
        add_source(reading, form->experiment);
    for (size_t i = 0; i < form->variant_count; i++)
        if (form->variants[i].experiment != NULL)
            reading->source_of[i] = add_source(reading, form->variants[i].experiment);
}

/* Without a base every variant has an experiment of its own, and there is nothing to vary. */
static void check_base(isb_study_reading *reading, isb_place root) {
    const isb_study_form *form = &reading->form;
    size_t own = 0;
    if (form->experiment != NULL || form->experiment_broken)
        return;
    for (size_t i = 0; i < form->variant_count; i++)
        own += form->variants[i].experiment != NULL;
    if (form->vary != NULL || own == 0 || own < form->variant_count)
        isb_problems_add(&reading->problems, root,
                         "the study needs 'experiment', such as experiment: after.yaml");
}

/* --- reading one --- */

static char *path_of(const isb_study_reading *reading, const char *text) {
    const size_t folder =
        text[0] == '/' ? 0 : (size_t)(isb_path_base(reading->path) - reading->path);
    char *path = calloc(folder + strlen(text) + 1, 1);
    if (path == NULL)
        return NULL;
    memcpy(path, reading->path, folder);
    strcpy(path + folder, text);
    return path;
}

static bool read_file(isb_study_reading *reading, const isb_study_source *source, char **text,
                      size_t *length) {
    isb_error error = ISB_ERROR_INIT;
    const isb_status status =
        isb_file_read(source->file, ISB_LARGEST_DOCUMENT, text, length, ISB_USAGE, &error);
    if (status == ISB_NO_MEMORY)
        reading->problems.no_memory = true;
    else if (status != ISB_OK)
        isb_problems_add(&reading->problems, source->node->place, "%s", isb_error_text(&error));
    isb_error_clear(&error);
    return status == ISB_OK;
}

static void read_tree(isb_study_reading *reading, isb_study_source *source, isb_problems *problems,
                      isb_node *root) {
    const uint32_t files = 1 + (uint32_t)reading->source_count;
    for (size_t i = 0; i < reading->setting_count; i++)
        isb_setting_apply(&reading->pool, problems, root, &isb_experiment_map,
                          &reading->settings[i], files + (uint32_t)i);
    source->experiment.file = strdup(source->file);
    if (source->experiment.file == NULL)
        problems->no_memory = true;
    if (problems->no_memory)
        return;
    isb_reader reader = isb_study_reader(reading, &reading->pool, problems);
    isb_experiment_from_tree(&reader, &source->experiment, root);
    source->root = root;
}

static void read_source(isb_study_reading *reading, size_t index) {
    isb_study_source *source = &reading->sources[index];
    isb_problems problems = {0};
    char *text = NULL;
    size_t length = 0;
    source->file = path_of(reading, source->text);
    reading->folders[1 + index] =
        source->file != NULL ? isb_path_folder_absolute(reading->here, source->file) : NULL;
    if (reading->folders[1 + index] == NULL) {
        reading->problems.no_memory = true;
        return;
    }
    if (!read_file(reading, source, &text, &length))
        return;
    source->length = length;
    const isb_place start = {source->file, 1 + (uint32_t)index, 1, 1};
    isb_node *root = isb_document_parse(&reading->pool, &problems, &isb_experiment_document, text,
                                        length, start);
    if (root != NULL)
        read_tree(reading, source, &problems, root);
    free(text);
    isb_problems_merge(&reading->problems, &problems);
}

bool isb_study_read_sources(isb_study_reading *reading) {
    const isb_place root = {reading->path, 0, 1, 1};
    const size_t before = reading->problems.count;
    reading->sources = calloc(ISB_MOST_SOURCES, sizeof *reading->sources);
    reading->source_of = calloc(reading->form.variant_count + 1, sizeof *reading->source_of);
    if (reading->sources == NULL || reading->source_of == NULL) {
        reading->problems.no_memory = true;
        return false;
    }
    check_base(reading, root);
    find_sources(reading);
    for (size_t i = 0; i < reading->source_count; i++)
        read_source(reading, i);
    if (reading->source_count == 0)
        return false;
    reading->study->base = reading->sources[0].experiment;
    reading->sources[0].experiment = (isb_experiment){0};
    return reading->problems.count == before && !reading->problems.no_memory;
}

void isb_study_free_sources(isb_study_reading *reading) {
    for (size_t i = 0; i < reading->source_count; i++) {
        free(reading->sources[i].file);
        isb_experiment_free(&reading->sources[i].experiment);
    }
    free(reading->sources);
    free(reading->source_of);
}
