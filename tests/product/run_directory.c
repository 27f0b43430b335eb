#include "io/directory.h"
#include "io/run_directory.h"
#include "io/safetensors.h"
#include "temporary.h"
#include <fcntl.h>
#include <isobit/version.h>
#include <sys/wait.h>

#define DATA "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define OTHER_DATA "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define COMMAND "isobit train x.yaml --seed 1"

typedef struct fixture {
    temporary directory;
    char path[128]; /* of the run */
    char experiment[1024];
} fixture;

static void set_experiment(fixture *it, unsigned seed, unsigned batch_size, unsigned epochs) {
    snprintf(it->experiment, sizeof it->experiment,
             "name: x\n"
             "seed: %u\n"
             "data:\n"
             "  source: digits\n"
             "model:\n"
             "  - flatten: {input_shape: [28, 28]}\n"
             "  - dense: {units: 10, activation: softmax}\n"
             "compile:\n"
             "  optimizer: adam\n"
             "  loss: sparse_categorical_crossentropy\n"
             "  metrics: [accuracy]\n"
             "fit:\n"
             "  epochs: %u\n"
             "  batch_size: %u\n",
             seed, epochs, batch_size);
}

static fixture make(void) {
    fixture it = {.directory = temporary_make()};
    snprintf(it.path, sizeof it.path, "%s/runs/x", it.directory.path);
    set_experiment(&it, 1, 32, 2);
    return it;
}

static const char *file_of(const fixture *it, const char *name) {
    char relative[256];
    snprintf(relative, sizeof relative, "runs/x/%s", name);
    return temporary_path(&it->directory, relative);
}

static const isb_history empty; /* of a run that does not go on */

static isb_run_request request_of(const fixture *it, isb_run_mode mode, size_t epochs) {
    return (isb_run_request){it->path, mode, it->experiment, DATA, epochs, COMMAND, NULL};
}

static isb_run open_run(const fixture *it, isb_run_mode mode, size_t epochs) {
    isb_run_request request = request_of(it, mode, epochs);
    isb_run run;
    isb_error error = ISB_ERROR_INIT;
    isb_status status = isb_run_open(&run, &request, &error);
    CHECKF(status == ISB_OK, "%s", isb_error_text(&error));
    return run;
}

static void save_epoch(const isb_run *run, const isb_history *history, const isb_tensors *state,
                       size_t epoch) {
    static char trace[] = "";
    isb_save save = {.checkpoint = {.position = {.epochs = epoch, .learning_rate = 0.5},
                                    .steps = 10 * epoch,
                                    .trace = trace},
                     .state = *state,
                     .history = history->text};
    CHECK(isb_run_save(run, &save, NULL) == ISB_OK);
}

/* Saves the state after `epochs`, one epoch each. */
static void save_epochs(isb_run *run, size_t from, size_t epochs) {
    isb_history history = {0};
    for (size_t epoch = 1; epoch <= epochs; epoch++) {
        isb_epoch_result result = {.train = {.present = true, .loss = 1.0 / (double)epoch},
                                   .learning_rate = 0.5};
        CHECK(isb_history_add(&history, &result, NULL) == ISB_OK);
        float value = (float)epoch;
        isb_tensor item = {.name = "dense.bias", .shape = {1, {1}}, .data = &value};
        isb_tensors state = {1, &item};
        if (epoch >= from)
            save_epoch(run, &history, &state, epoch);
    }
    isb_history_free(&history);
}

static void finish(isb_run *run) {
    char line[] = "{}\n";
    float value = 9;
    isb_tensor item = {.name = "dense.bias", .shape = {1, {1}}, .data = &value};
    isb_tensors weights = {1, &item};
    isb_text events = {.data = line, .length = strlen(line)};
    isb_ending ending = {&weights, 2, 20, DATA, "{\"a\": 1}", &events};
    CHECK(isb_run_finish(run, &ending, NULL) == ISB_OK);
}

/* A run of `epochs` epochs is on the disk. */
static void put_run(const fixture *it, size_t epochs, bool finished) {
    isb_run run = open_run(it, ISB_RUN_NORMAL, epochs);
    CHECK(run.start == ISB_RUN_NEW);
    CHECK(isb_run_begin(&run, &empty, NULL) == ISB_OK);
    save_epochs(&run, 1, epochs);
    if (finished)
        finish(&run);
    isb_run_close(&run);
}

static void check_text(const char *path, const char *expected) {
    char *text = temporary_get(path, NULL);
    CHECKF(text != NULL, "%s is missing", path);
    CHECKF(strcmp(text, expected) == 0, "%s holds '%s'", path, text);
    free(text);
}

static void check_refusal(const isb_run_request *request, isb_status status,
                          const char *message_end) {
    isb_run run;
    isb_error error = ISB_ERROR_INIT;
    char expected[1500];
    isb_status got = isb_run_open(&run, request, &error);
    snprintf(expected, sizeof expected, "%s%s", request->path, message_end);
    CHECKF(strcmp(isb_error_text(&error), expected) == 0, "got '%s'", isb_error_text(&error));
    CHECKF(got == status && error.status == status, "status %d, %d", (int)got, (int)error.status);
    CHECK(run.lock == -1 && run.path == NULL);
    isb_error_clear(&error);
}

static void clean_up(const fixture *it) { temporary_remove(&it->directory); }

CASE(run_directory, nothing_is_made_before_begin) {
    fixture it = make();
    isb_run run = open_run(&it, ISB_RUN_NORMAL, 2);
    CHECK(run.start == ISB_RUN_NEW && run.checkpoint.steps == 0 && run.lock == -1);
    CHECK(!temporary_has(temporary_path(&it.directory, "runs")));
    CHECK(isb_run_begin(&run, &empty, NULL) == ISB_OK);
    check_text(file_of(&it, "experiment.yaml"), it.experiment);
    check_text(file_of(&it, "run.json"),
               "{\"format\": \"isobit run\", \"version\": \"" ISB_VERSION "\", \"numerics\": 1, "
               "\"data_sha256\": \"" DATA "\", \"command\": \"" COMMAND "\"}\n");
    isb_run_close(&run);
    clean_up(&it);
}

CASE(run_directory, a_whole_run_leaves_these_files) {
    fixture it = make();
    put_run(&it, 2, true);
    check_text(file_of(&it, "history.csv"), "epoch,loss,learning_rate\n1,1,0.5\n2,0.5,0.5\n");
    check_text(file_of(&it, "result.json"), "{\"a\": 1}\n");
    check_text(file_of(&it, "DONE"), DATA "\n");
    const char *names[] = {"previous.safetensors", "last.safetensors", "model.safetensors"};
    const char *states[] = {"training", "training", "weights"};
    const float values[] = {1, 2, 9};
    const size_t epochs[] = {1, 2, 2};
    for (size_t i = 0; i < 3; i++) {
        isb_tensors tensors;
        isb_metadata metadata;
        size_t number;
        CHECK(isb_safetensors_read(&tensors, &metadata, file_of(&it, names[i]), true, NULL) ==
              ISB_OK);
        CHECK(tensors.count == 1 && tensors.items[0].data[0] == values[i]);
        CHECK(strcmp(isb_metadata_find(&metadata, "state"), states[i]) == 0);
        CHECK(strcmp(isb_metadata_find(&metadata, "format"), "isobit") == 0);
        CHECK(strcmp(isb_metadata_find(&metadata, "version"), ISB_VERSION) == 0);
        CHECK(strcmp(isb_metadata_find(&metadata, "data_sha256"), DATA) == 0);
        CHECK(strcmp(isb_metadata_find(&metadata, "experiment"), it.experiment) == 0);
        CHECK(isb_metadata_integer(&metadata, "epochs", &number) && number == epochs[i]);
        CHECK(isb_metadata_integer(&metadata, "steps", &number) && number == 10 * epochs[i]);
        CHECK(isb_metadata_integer(&metadata, "numerics", &number) && number == ISB_NUMERICS);
        isb_metadata_free(&metadata);
        isb_tensors_free(&tensors);
    }
    clean_up(&it);
}

CASE(run_directory, the_record_is_read_back) {
    fixture it = make();
    put_run(&it, 1, false);
    isb_run_record record;
    CHECK(isb_run_record_read(&record, it.path, NULL) == ISB_OK);
    CHECK(strcmp(record.experiment, it.experiment) == 0 && strcmp(record.data_sha256, DATA) == 0);
    CHECK(strcmp(record.command, COMMAND) == 0 && strcmp(record.version, ISB_VERSION) == 0);
    CHECK(record.numerics == ISB_NUMERICS && !record.finished);
    isb_run_record_free(&record);
    temporary_put(file_of(&it, "DONE"), "", 0);
    CHECK(isb_run_record_read(&record, it.path, NULL) == ISB_OK);
    CHECK(record.finished);
    isb_run_record_free(&record);
    clean_up(&it);
}

static void check_no_record(const fixture *it, const char *end) {
    isb_run_record record;
    isb_error error = ISB_ERROR_INIT;
    char expected[700];
    CHECK(isb_run_record_read(&record, it->path, &error) == ISB_CORRUPT);
    CHECK(record.experiment == NULL && record.command == NULL);
    snprintf(expected, sizeof expected, "%s%s", it->path, end);
    CHECKF(strcmp(isb_error_text(&error), expected) == 0, "got '%s'", isb_error_text(&error));
    isb_error_clear(&error);
}

CASE(run_directory, a_record_that_is_none_is_refused) {
    fixture it = make();
    check_no_record(&it, ": does not exist");
    put_run(&it, 1, false);
    unlink(file_of(&it, "experiment.yaml"));
    check_no_record(&it, "/experiment.yaml: does not exist");
    const char *wrong[] = {"", "[]", "{}", "{\"format\": \"isobit run\"}",
                           ("{\"format\": \"isobit run\", \"version\": \"1\", \"numerics\": 1, "
                            "\"data_sha256\": \"12\", \"command\": \"c\"}")};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        temporary_put(file_of(&it, "run.json"), wrong[i], strlen(wrong[i]));
        check_no_record(&it, "/run.json: damaged, or not written by isobit");
    }
    unlink(file_of(&it, "run.json"));
    check_no_record(&it, ": is not the directory of a run: it has no run.json");
    clean_up(&it);
}

CASE(run_directory, an_empty_directory_is_new) {
    fixture it = make();
    CHECK(mkdir(temporary_path(&it.directory, "runs"), 0700) == 0 && mkdir(it.path, 0700) == 0);
    temporary_put(file_of(&it, ".isobit-0123456789abcdef.tmp"), "x", 1);
    isb_run run = open_run(&it, ISB_RUN_NORMAL, 2);
    CHECK(run.start == ISB_RUN_NEW && run.lock >= 0);
    CHECK(isb_run_begin(&run, &empty, NULL) == ISB_OK);
    CHECK(!temporary_has(file_of(&it, ".isobit-0123456789abcdef.tmp")));
    isb_run_close(&run);
    clean_up(&it);
}

CASE(run_directory, a_finished_run_is_replaced) {
    fixture it = make();
    put_run(&it, 2, true);
    temporary_put(file_of(&it, "notes.txt"), "mine", 4);
    set_experiment(&it, 1, 32, 3); /* other epochs are the same run */
    isb_run run = open_run(&it, ISB_RUN_NORMAL, 3);
    CHECK(run.start == ISB_RUN_REPLACE && run.checkpoint.steps == 0 && run.state.count == 0);
    CHECK(temporary_has(file_of(&it, "DONE")));
    CHECK(isb_run_begin(&run, &empty, NULL) == ISB_OK);
    const char *gone[] = {"DONE",
                          "result.json",
                          "model.safetensors",
                          "last.safetensors",
                          "previous.safetensors",
                          "history.csv"};
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
        CHECKF(!temporary_has(file_of(&it, gone[i])), "%s is still there", gone[i]);
    check_text(file_of(&it, "experiment.yaml"), it.experiment);
    check_text(file_of(&it, "notes.txt"), "mine");
    isb_run_close(&run);
    clean_up(&it);
}

CASE(run_directory, an_unfinished_run_is_refused_with_both_commands) {
    fixture it = make();
    put_run(&it, 1, false);
    isb_run_request request = request_of(&it, ISB_RUN_NORMAL, 2);
    check_refusal(&request, ISB_USAGE,
                  ": holds an unfinished run of this experiment; go on with it or start again:\n"
                  "  " COMMAND " --resume\n"
                  "  " COMMAND " --force");
    clean_up(&it);
}

CASE(run_directory, a_different_run_is_refused_with_what_differs) {
    fixture it = make();
    put_run(&it, 1, true);
#define CHOICE                                                                                     \
    "\nchoose another directory with --run DIR, or replace that run:\n  " COMMAND " --force"
    for (isb_run_mode mode = ISB_RUN_NORMAL; mode <= ISB_RUN_RESUME; mode++) {
        if (mode == ISB_RUN_FORCE)
            continue;
        set_experiment(&it, 1, 32, 2);
        isb_run_request request = request_of(&it, mode, 2);
        request.data_sha256 = OTHER_DATA;
        check_refusal(&request, ISB_USAGE,
                      ": holds a run of another experiment; these differ: data (SHA-256)" CHOICE);
        set_experiment(&it, 7, 64, 2);
        check_refusal(&request, ISB_USAGE,
                      ": holds a run of another experiment; these differ: seed, fit.batch_size, "
                      "data (SHA-256)" CHOICE);
        request.data_sha256 = DATA;
        check_refusal(&request, ISB_USAGE,
                      ": holds a run of another experiment; these differ: seed, "
                      "fit.batch_size" CHOICE);
    }
    clean_up(&it);
}

CASE(run_directory, force_replaces_any_run) {
    fixture it = make();
    put_run(&it, 1, false);
    set_experiment(&it, 7, 64, 2);
    isb_run run = open_run(&it, ISB_RUN_FORCE, 2);
    CHECK(run.start == ISB_RUN_REPLACE);
    isb_run_close(&run);
    temporary_put(file_of(&it, "experiment.yaml"), "\t", 1);
    run = open_run(&it, ISB_RUN_FORCE, 2);
    CHECK(run.start == ISB_RUN_REPLACE);
    CHECK(isb_run_begin(&run, &empty, NULL) == ISB_OK);
    CHECK(!temporary_has(file_of(&it, "last.safetensors")));
    isb_run_close(&run);
    clean_up(&it);
}

CASE(run_directory, a_directory_of_others_is_never_written) {
    fixture it = make();
    CHECK(mkdir(temporary_path(&it.directory, "runs"), 0700) == 0 && mkdir(it.path, 0700) == 0);
    const char *names[] = {"thesis.tex", "experiment.yaml", "run.json"};
    for (size_t i = 0; i < 3; i++) {
        temporary_put(file_of(&it, names[i]), "{}", 2);
        for (isb_run_mode mode = ISB_RUN_NORMAL; mode <= ISB_RUN_RESUME; mode++) {
            isb_run_request request = request_of(&it, mode, 2);
            check_refusal(&request, ISB_USAGE,
                          ": is not empty and not the directory of a run, so nothing is written "
                          "there; choose another directory with --run DIR");
        }
        check_text(file_of(&it, names[i]), "{}");
        unlink(file_of(&it, names[i]));
    }
    clean_up(&it);
}

CASE(run_directory, what_is_no_directory_is_refused) {
    fixture it = make();
    CHECK(mkdir(temporary_path(&it.directory, "runs"), 0700) == 0);
    temporary_put(it.path, "x", 1);
    isb_run_request request = request_of(&it, ISB_RUN_FORCE, 2);
    check_refusal(&request, ISB_USAGE, ": is not a directory; choose another place with --run DIR");
    request.path = file_of(&it, "below");
    check_refusal(&request, ISB_USAGE, ": is not a directory; choose another place with --run DIR");
    check_text(it.path, "x");
    clean_up(&it);
}

/* Nobody may make a directory there, so that none can be made in it. */
CASE(run_directory, a_parent_that_cannot_be_made_is_the_reason) {
    isb_error error = ISB_ERROR_INIT;
    CHECK(isb_directory_create("/sys/isobit/run", &error) == ISB_FAILURE);
    CHECKF(strstr(isb_error_text(&error), "/sys/isobit/run: cannot be created: ") != NULL &&
               strstr(isb_error_text(&error), "No such file") == NULL,
           "got '%s'", isb_error_text(&error));
    isb_error_clear(&error);
}

CASE(run_directory, a_link_that_leads_nowhere_is_reported) {
    fixture it = make();
    CHECK(mkdir(temporary_path(&it.directory, "runs"), 0700) == 0 &&
          symlink("nowhere", it.path) == 0);
    isb_run run = open_run(&it, ISB_RUN_NORMAL, 2);
    isb_error error = ISB_ERROR_INIT;
    char expected[256];
    CHECK(isb_run_begin(&run, &empty, &error) == ISB_FAILURE);
    snprintf(expected, sizeof expected,
             "%s: cannot be created: it is a link that leads nowhere; choose another directory "
             "with --run DIR",
             it.path);
    CHECKF(strcmp(isb_error_text(&error), expected) == 0, "got '%s'", isb_error_text(&error));
    isb_error_clear(&error);
    isb_run_close(&run);
    clean_up(&it);
}

/* No run saves this; a file may say it. */
CASE(run_directory, best_weights_within_the_first_epoch_are_passed_over) {
    static char trace[] = "";
    fixture it = make();
    isb_run run = open_run(&it, ISB_RUN_NORMAL, 2);
    CHECK(isb_run_begin(&run, &empty, NULL) == ISB_OK);
    float value = 1;
    isb_tensor items[] = {
        {.name = "dense.bias", .shape = {1, {1}}, .data = &value},
        {.name = "callback.early_stopping.dense.bias", .shape = {1, {1}}, .data = &value}};
    isb_save save = {
        .checkpoint = {.position = {.step = 3, .learning_rate = 0.5}, .steps = 3, .trace = trace},
        .state = {2, items}};
    CHECK(isb_run_save(&run, &save, NULL) == ISB_OK);
    isb_run_close(&run);
    run = open_run(&it, ISB_RUN_RESUME, 2);
    CHECK(run.state.count == 2 && isb_run_begin(&run, &empty, NULL) == ISB_OK);
    CHECK(!temporary_has(file_of(&it, "best.safetensors")));
    isb_run_close(&run);
    clean_up(&it);
}

CASE(run_directory, a_directory_that_cannot_be_made_is_reported) {
    fixture it = make();
    snprintf(it.path, sizeof it.path, "/proc/isobit/runs");
    isb_run run = open_run(&it, ISB_RUN_NORMAL, 2);
    isb_error error = ISB_ERROR_INIT;
    CHECK(isb_run_begin(&run, &empty, &error) == ISB_FAILURE);
    CHECKF(strcmp(isb_error_text(&error),
                  "/proc/isobit/runs: cannot be created: No such file or directory; choose another "
                  "directory with --run DIR") == 0,
           "got '%s'", isb_error_text(&error));
    isb_error_clear(&error);
    isb_run_close(&run);
    clean_up(&it);
}

CASE(run_directory, a_second_process_is_refused) {
    fixture it = make();
    isb_run run = open_run(&it, ISB_RUN_NORMAL, 2), late = open_run(&it, ISB_RUN_NORMAL, 2);
    CHECK(isb_run_begin(&run, &empty, NULL) == ISB_OK);
    const char *busy = ": another isobit process is using it; wait until it ends, or choose "
                       "another directory with --run DIR";
    for (isb_run_mode mode = ISB_RUN_NORMAL; mode <= ISB_RUN_RESUME; mode++) {
        isb_run_request request = request_of(&it, mode, 2);
        check_refusal(&request, ISB_FAILURE, busy);
    }
    CHECK(isb_run_begin(&late, &empty, NULL) == ISB_FAILURE);
    isb_run_close(&late);
    fixture other = it;
    snprintf(other.path, sizeof other.path, "%s/runs/y", it.directory.path);
    late = open_run(&other, ISB_RUN_NORMAL, 2);
    isb_run_close(&run);
    CHECK(rename(it.path, late.path) == 0);
    isb_error error = ISB_ERROR_INIT;
    char expected[700];
    CHECK(isb_run_begin(&late, &empty, &error) == ISB_FAILURE);
    snprintf(expected, sizeof expected,
             "%s: another process has written there meanwhile; choose another directory with "
             "--run DIR",
             late.path);
    CHECKF(strcmp(isb_error_text(&error), expected) == 0, "got '%s'", isb_error_text(&error));
    isb_error_clear(&error);
    isb_run_close(&late);
    clean_up(&it);
}

CASE(run_directory, resume_without_a_run_begins) {
    fixture it = make();
    isb_run run = open_run(&it, ISB_RUN_RESUME, 2);
    CHECK(run.start == ISB_RUN_NEW && run.checkpoint.steps == 0);
    CHECK(isb_run_begin(&run, &empty, NULL) == ISB_OK);
    isb_run_close(&run);
    run = open_run(&it, ISB_RUN_RESUME, 2);
    CHECK(run.start == ISB_RUN_CONTINUE && run.checkpoint.steps == 0 && run.state.count == 0);
    CHECK(run.state_file == NULL && run.note == NULL);
    isb_run_close(&run);
    clean_up(&it);
}

static void check_resumed(const isb_run *run, size_t epochs, const char *file) {
    CHECK(run->start == ISB_RUN_CONTINUE && run->checkpoint.position.epochs == epochs &&
          run->checkpoint.steps == 10 * epochs);
    CHECK(run->state.count == 1 && run->state.items[0].data[0] == (float)epochs);
    CHECKF(strcmp(run->state_file, file) == 0, "from %s", run->state_file);
}

CASE(run_directory, resume_goes_on_after_the_last_epoch) {
    fixture it = make();
    put_run(&it, 3, false);
    isb_run run = open_run(&it, ISB_RUN_RESUME, 5);
    check_resumed(&run, 3, file_of(&it, "last.safetensors"));
    CHECK(run.note == NULL);
    CHECK(isb_run_begin(&run, &empty, NULL) == ISB_OK);
    CHECK(temporary_has(file_of(&it, "last.safetensors")));
    CHECK(temporary_has(file_of(&it, "previous.safetensors")));
    save_epochs(&run, 4, 5);
    finish(&run);
    isb_run_close(&run);
    run = open_run(&it, ISB_RUN_RESUME, 5);
    check_resumed(&run, 5, file_of(&it, "last.safetensors"));
    isb_run_close(&run);
    clean_up(&it);
}

CASE(run_directory, resume_of_a_finished_run_takes_its_end_away) {
    fixture it = make();
    put_run(&it, 2, true);
    set_experiment(&it, 1, 32, 4);
    isb_run run = open_run(&it, ISB_RUN_RESUME, 4);
    check_resumed(&run, 2, file_of(&it, "last.safetensors"));
    CHECK(isb_run_begin(&run, &empty, NULL) == ISB_OK);
    CHECK(!temporary_has(file_of(&it, "DONE")) && !temporary_has(file_of(&it, "result.json")));
    CHECK(!temporary_has(file_of(&it, "model.safetensors")));
    check_text(file_of(&it, "experiment.yaml"), it.experiment);
    isb_run_close(&run);
    clean_up(&it);
}

CASE(run_directory, resume_to_fewer_epochs_is_refused) {
    fixture it = make();
    put_run(&it, 3, true);
    isb_run_request request = request_of(&it, ISB_RUN_RESUME, 2);
    check_refusal(&request, ISB_USAGE,
                  ": 3 epochs are done already and 2 are asked for; ask for more with "
                  "--set fit.epochs=N, or choose another directory with --run DIR");
    CHECK(temporary_has(file_of(&it, "DONE")));
    clean_up(&it);
}

static void damage(const char *path) {
    size_t length;
    char *bytes = temporary_get(path, &length);
    CHECK(bytes != NULL);
    bytes[length - 1] ^= 1;
    temporary_put(path, bytes, length);
    free(bytes);
}

CASE(run_directory, a_damaged_state_gives_way_to_the_one_before) {
    fixture it = make();
    put_run(&it, 3, false);
    damage(file_of(&it, "last.safetensors"));
    isb_run run = open_run(&it, ISB_RUN_RESUME, 5);
    check_resumed(&run, 2, file_of(&it, "previous.safetensors"));
    char expected[700];
    snprintf(expected, sizeof expected,
             "%s: damaged: its content does not match its SHA-256; going on from "
             "previous.safetensors",
             file_of(&it, "last.safetensors"));
    CHECKF(strcmp(run.note, expected) == 0, "got '%s'", run.note);
    CHECK(temporary_has(file_of(&it, "last.safetensors")));
    CHECK(isb_run_begin(&run, &empty, NULL) == ISB_OK);
    CHECK(!temporary_has(file_of(&it, "last.safetensors")));
    save_epochs(&run, 3, 3);
    isb_run_close(&run);

    /* The good state before was not pushed out by the damaged one. */
    damage(file_of(&it, "last.safetensors"));
    run = open_run(&it, ISB_RUN_RESUME, 5);
    check_resumed(&run, 2, file_of(&it, "previous.safetensors"));
    isb_run_close(&run);

    /* As after a crash between the two renames. */
    unlink(file_of(&it, "last.safetensors"));
    run = open_run(&it, ISB_RUN_RESUME, 5);
    check_resumed(&run, 2, file_of(&it, "previous.safetensors"));
    isb_run_close(&run);
    clean_up(&it);
}

CASE(run_directory, two_damaged_states_are_corrupt) {
    fixture it = make();
    put_run(&it, 2, false);
    damage(file_of(&it, "last.safetensors"));
    damage(file_of(&it, "previous.safetensors"));
    char expected[1500];
    snprintf(expected, sizeof expected,
             "/last.safetensors: damaged: its content does not match its SHA-256\n"
             "%s: damaged: its content does not match its SHA-256\n"
             "nothing to go on from; start again: " COMMAND " --force",
             file_of(&it, "previous.safetensors"));
    isb_run_request request = request_of(&it, ISB_RUN_RESUME, 5);
    check_refusal(&request, ISB_CORRUPT, expected);
    unlink(file_of(&it, "previous.safetensors"));
    check_refusal(&request, ISB_CORRUPT,
                  "/last.safetensors: damaged: its content does not match its SHA-256\n"
                  "nothing to go on from; start again: " COMMAND " --force");
    clean_up(&it);
}

CASE(run_directory, a_state_that_links_to_itself_is_no_absent_one) {
    fixture it = make();
    put_run(&it, 1, false);
    unlink(file_of(&it, "last.safetensors"));
    CHECK(symlink("last.safetensors", file_of(&it, "last.safetensors")) == 0);
    isb_run_request request = request_of(&it, ISB_RUN_RESUME, 5);
    isb_run run;
    CHECK(isb_run_open(&run, &request, NULL) == ISB_CORRUPT);
    clean_up(&it);
}

CASE(run_directory, a_finished_run_without_state_is_corrupt) {
    fixture it = make();
    put_run(&it, 1, true);
    unlink(file_of(&it, "last.safetensors"));
    isb_run_request request = request_of(&it, ISB_RUN_RESUME, 5);
    check_refusal(&request, ISB_CORRUPT,
                  "/last.safetensors: does not exist\n"
                  "nothing to go on from; start again: " COMMAND " --force");
    clean_up(&it);
}

/* Puts a whole state file with these metadata in the place of last.safetensors. */
static void put_state(const fixture *it, const char *numerics, const char *state,
                      const char *experiment) {
    const char *pairs[][2] = {{"numerics", numerics}, {"state", state},
                              {"epochs", "1"},        {"steps", "10"},
                              {"data_sha256", DATA},  {"experiment", experiment}};
    isb_metadata metadata = ISB_METADATA_INIT;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        CHECK(isb_metadata_add(&metadata, pairs[i][0], pairs[i][1], NULL) == ISB_OK);
    const isb_tensors none = {0};
    CHECK(isb_safetensors_write(file_of(it, "last.safetensors"), &none, &metadata, NULL) == ISB_OK);
    isb_metadata_free(&metadata);
}

CASE(run_directory, a_state_of_something_else_is_corrupt) {
    fixture it = make(), other = it;
    put_run(&it, 1, false);
    isb_run_request request = request_of(&it, ISB_RUN_RESUME, 5);
#define AGAIN "\nnothing to go on from; start again: " COMMAND " --force"
    put_state(&it, "1", "weights", it.experiment);
    check_refusal(&request, ISB_CORRUPT,
                  "/last.safetensors: does not say where training stood" AGAIN);
    put_state(&it, "2", "training", it.experiment);
    check_refusal(&request, ISB_CORRUPT,
                  "/last.safetensors: trained under numerics version 2, this is 1: going on would "
                  "give other bits; go on with the isobit that began it, or train it again" AGAIN);
    put_state(&it, "x", "training", it.experiment);
    check_refusal(&request, ISB_CORRUPT,
                  "/last.safetensors: does not say its numerics version" AGAIN);
    set_experiment(&other, 2, 32, 2);
    put_state(&it, "1", "training", other.experiment);
    check_refusal(&request, ISB_CORRUPT, "/last.safetensors: is of another run" AGAIN);
    clean_up(&it);
}

CASE(run_directory, a_run_stopped_while_it_began_is_begun_again) {
    fixture it = make();
    put_run(&it, 1, false);
    unlink(file_of(&it, "experiment.yaml"));
    isb_run_request request = request_of(&it, ISB_RUN_RESUME, 5);
    check_refusal(&request, ISB_CORRUPT,
                  "/experiment.yaml: does not exist; choose another directory with --run DIR, or "
                  "replace that run:\n  " COMMAND " --force");
    unlink(file_of(&it, "last.safetensors"));
    unlink(file_of(&it, "history.csv"));
    unlink(file_of(&it, "events.jsonl"));
    isb_run run = open_run(&it, ISB_RUN_NORMAL, 2);
    CHECK(run.start == ISB_RUN_REPLACE);
    CHECK(isb_run_begin(&run, &empty, NULL) == ISB_OK);
    check_text(file_of(&it, "experiment.yaml"), it.experiment);
    isb_run_close(&run);
    temporary_put(file_of(&it, "experiment.yaml"), "?", 1);
    request.mode = ISB_RUN_NORMAL;
    check_refusal(&request, ISB_CORRUPT,
                  "/experiment.yaml: damaged; choose another directory with --run DIR, or replace "
                  "that run:\n  " COMMAND " --force");
    clean_up(&it);
}
