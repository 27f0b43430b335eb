#include "study/study_file.h"
#include "io/document.h"
#include "io/experiment_data.h"
#include "io/file.h"
#include "io/path.h"
#include "study/study_reading.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { USUAL_SEEDS = 10 };

static const isb_document study_document = {"a study", "experiment, seeds and vary"};

static void take_name(isb_study_reading *reading) {
    isb_study *study = reading->study;
    const char *given = reading->form.name;
    study->name = given != NULL ? strdup(given) : isb_document_name(reading->path);
    if (study->name == NULL)
        reading->problems.no_memory = true;
    else if (!isb_name_valid(study->name))
        isb_problems_add(&reading->problems, (isb_place){reading->path, 0, 0, 0},
                         "no name can be made of the file's name; give one, such as name: "
                         "where-to-drop");
}

/* Counted ones begin with the base's. */
static void take_seeds(isb_study_reading *reading) {
    const isb_study_form *form = &reading->form;
    isb_study *study = reading->study;
    const size_t count = form->seeds_node != NULL ? form->seed_count : USUAL_SEEDS;
    const uint64_t first = study->base.seed;
    if (form->seeds == NULL && first > INT64_MAX - (count - 1)) {
        isb_problems_add(&reading->problems,
                         form->seeds_node != NULL ? form->seeds_node->place
                                                  : (isb_place){reading->path, 0, 1, 1},
                         "%zu seeds from %" PRIu64 " on go beyond %" PRId64
                         "; set a smaller seed, or list the seeds",
                         count, first, INT64_MAX);
        return;
    }
    study->seeds = calloc(count, sizeof *study->seeds);
    if (study->seeds == NULL) {
        reading->problems.no_memory = true;
        return;
    }
    study->seed_count = count;
    for (size_t i = 0; i < count; i++)
        study->seeds[i] = form->seeds != NULL ? form->seeds[i] : first + i;
}

static void take_halving(isb_study_reading *reading) {
    const isb_halving *halving = &reading->form.halving;
    reading->study->halving = *halving;
    reading->study->seconds = reading->form.seconds;
    if (halving->epochs >= reading->study->base.epochs && reading->form.halving_node != NULL)
        isb_problems_add(&reading->problems, reading->form.halving_node->place,
                         "halving after %zu epochs leaves none to go on with: the experiment has "
                         "fit.epochs: %zu; give it more, or halve earlier",
                         halving->epochs, reading->study->base.epochs);
    else if (reading->form.halving_node != NULL && reading->form.seconds > 0)
        isb_problems_add(&reading->problems, reading->form.halving_node->place,
                         "halving has all seeds in every round, and 'time' adds seeds round by "
                         "round; remove one of the two");
}

/* An experiment in the place of a study. */
static bool is_experiment(isb_study_reading *reading, const isb_node *root) {
    if (root->kind != ISB_NODE_MAP || isb_node_find(root, "model") == NULL ||
        isb_node_find(root, "compile") == NULL)
        return false;
    isb_problems_add(&reading->problems, root->place,
                     "this is an experiment, not a study: `isobit train` trains it; a study is a "
                     "file that names it, such as {experiment: %s, vary: {placement: [none, "
                     "before, after]}}",
                     isb_path_base(reading->path));
    return true;
}

static void read_form(isb_study_reading *reading, const isb_node *root) {
    isb_reader reader = isb_study_reader(reading, &reading->pool, &reading->problems);
    isb_map_read(&reader, &isb_study_map, root, &reading->form);
    const isb_entry *experiment = isb_node_find(root, "experiment");
    reading->form.experiment_broken = experiment != NULL && reading->form.experiment == NULL &&
                                      !isb_node_is(experiment->value, "none");
    if (isb_node_find(root, "vary") == NULL && isb_node_find(root, "variants") == NULL)
        isb_problems_add(&reading->problems, root->place,
                         "the study varies nothing; give it 'vary', such as vary: {placement: "
                         "[none, before, after]}, or 'variants'");
}

static void read_study(isb_study_reading *reading, const isb_node *root) {
    if (is_experiment(reading, root))
        return;
    read_form(reading, root);
    take_name(reading);
    if (reading->problems.no_memory || !isb_study_read_sources(reading))
        return;
    reading->rough = reading->problems.count > 0;
    if (!reading->rough) {
        take_seeds(reading);
        take_halving(reading);
    }
    isb_study_choose_metric(reading);
    if (isb_study_make_variants(reading) && !reading->form.unsure)
        isb_study_choose_baseline(reading);
}

/* Where relative paths start: in the working directory, or beside the study file. */
static bool find_folders(isb_study_reading *reading) {
    reading->here = reading->folder != NULL ? strdup(reading->folder) : getcwd(NULL, 0);
    if (reading->here == NULL && errno != ENOMEM) {
        isb_problems_add(&reading->problems, (isb_place){reading->path, 0, 0, 0},
                         "the working directory cannot be found; change to one that exists");
        return false;
    }
    reading->folders = calloc(1 + ISB_MOST_SOURCES, sizeof *reading->folders);
    if (reading->here != NULL && reading->folders != NULL)
        reading->folders[0] = isb_path_folder_absolute(reading->here, reading->path);
    reading->problems.no_memory = reading->folders == NULL || reading->folders[0] == NULL;
    return !reading->problems.no_memory;
}

static void read_text(isb_study_reading *reading, const char *text, size_t length) {
    const isb_place start = {reading->path, 0, 1, 1};
    reading->length = length;
    if (!find_folders(reading))
        return;
    const isb_node *root = isb_document_parse(&reading->pool, &reading->problems, &study_document,
                                              text, length, start);
    if (root != NULL)
        read_study(reading, root);
}

static void close_reading(isb_study_reading *reading) {
    isb_study_free_sources(reading);
    for (size_t i = 0; reading->folders != NULL && i <= ISB_MOST_SOURCES; i++)
        free(reading->folders[i]);
    free(reading->folders);
    free(reading->here);
    isb_pool_free(&reading->pool);
}

isb_status isb_study_read(isb_study *out, const char *path, const isb_setting *settings,
                          size_t setting_count, isb_error *error) {
    return isb_study_read_in(out, NULL, path, settings, setting_count, error);
}

isb_status isb_study_read_in(isb_study *out, const char *folder, const char *path,
                             const isb_setting *settings, size_t setting_count, isb_error *error) {
    char *text = NULL;
    size_t length = 0;
    *out = (isb_study){0};
    isb_status status = isb_file_read(path, ISB_LARGEST_DOCUMENT, &text, &length, ISB_USAGE, error);
    if (status != ISB_OK)
        return status;
    isb_study_reading reading = {.path = path,
                                 .folder = folder,
                                 .settings = settings,
                                 .setting_count = setting_count,
                                 .study = out};
    out->file = strdup(path);
    if (out->file == NULL)
        reading.problems.no_memory = true;
    else
        read_text(&reading, text, length);
    free(text);
    status = isb_problems_report(&reading.problems, path, error);
    close_reading(&reading);
    if (status != ISB_OK)
        isb_study_free(out);
    return status;
}
