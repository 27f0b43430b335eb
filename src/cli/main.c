#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/page.h"
#include "cli/terminal.h"
#include "cpu/fpenv.h"
#include <fcntl.h>
#include <isobit/version.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* A standard stream closed by the caller would be reopened as some data file, and what is meant for
 * the stream written into it. Opened for reading, so that writing still fails. */
static void occupy_standard_streams(void) {
    for (int stream = 0; stream <= 2; stream++) {
        if (fcntl(stream, F_GETFD) == -1 && open("/dev/null", O_RDONLY) == -1)
            _exit(ISB_FAILURE);
    }
}

static isb_status print_version(isb_error *error) {
    isb_page page;
    isb_status status = isb_page_open(&page, error);
    if (status != ISB_OK)
        return status;
    fprintf(page.out, "isobit %s (numerics %d)\n", ISB_VERSION, ISB_NUMERICS);
    return isb_page_print(&page, error);
}

/* Commands that print how to go on with them. */
static isb_status train(const isb_options *options, int argc, char **argv, isb_error *error) {
    char *command_line = isb_command_line(argc, (const char *const *)argv);
    if (command_line == NULL)
        return isb_fail_memory(error, "the command line");
    const isb_status status = options->command == ISB_COMMAND_STUDY
                                  ? isb_command_study(options, command_line, error)
                                  : isb_command_train(options, command_line, error);
    free(command_line);
    return status;
}

static isb_status run(const isb_options *options, int argc, char **argv, isb_error *error) {
    if (options->given[ISB_OPTION_HELP])
        return isb_print_help(options->command, error);
    if (options->given[ISB_OPTION_VERSION])
        return print_version(error);
    switch (options->command) {
    case ISB_COMMAND_STUDY:
    case ISB_COMMAND_TRAIN: return train(options, argc, argv, error);
    case ISB_COMMAND_EVALUATE: return isb_command_evaluate(options, error);
    case ISB_COMMAND_PREDICT: return isb_command_predict(options, error);
    case ISB_COMMAND_EXPORT: return isb_command_export(options, error);
    case ISB_COMMAND_IMPORT: return isb_command_import(options, error);
    case ISB_COMMAND_VERIFY: return isb_command_verify(options, error);
    case ISB_COMMAND_SUMMARY: return isb_command_summary(options, error);
    case ISB_COMMAND_INSPECT: return isb_command_inspect(options, error);
    case ISB_COMMAND_BENCH: return isb_command_bench(options, error);
    case ISB_COMMAND_SELFTEST: return isb_command_selftest(options, error);
    case ISB_COMMAND_INFO: return isb_command_info(options, error);
    case ISB_COMMAND_NONE: break;
    }
    return ISB_USAGE; /* the parser lets none through */
}

/* Large blocks go back to the system when they are freed. Without this the C library would keep
 * those of up to 32 MB, one after the other as large ones come and go. */
static void give_memory_back(void) { mallopt(M_MMAP_THRESHOLD, 1 << 20); }

int main(int argc, char **argv) {
    isb_fpenv_enter(); /* a preloaded library may have left another one; all that is printed obeys
                          it */
    give_memory_back();
    occupy_standard_streams();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file-size limit is an error of the write */
    isb_error error = ISB_ERROR_INIT;
    isb_options options;
    isb_status status = isb_options_parse(&options, argc, argv, &error);
    if (status == ISB_OK)
        status = run(&options, argc, argv, &error);
    isb_print_errors(&error, options.color);
    isb_error_clear(&error);
    isb_options_free(&options);
    return (int)status;
}
