#include "cli/commands.h"
#include "cli/page.h"
#include <string.h>

enum { HELP_COLUMN = 26 };

static const char *const examples[ISB_COMMAND_NONE + 1] = {
    [ISB_COMMAND_TRAIN] =
        "  isobit train examples/after.yaml\n"
        "  isobit train examples/after.yaml --set fit.epochs=10 --seed 7 --run runs/seed-7\n"
        "  isobit train examples/after.yaml --data mnist/ --min-accuracy 0.97 --json\n"
        "  isobit train examples/after.yaml --save-every 30s\n"
        "  isobit train examples/after.yaml --resume\n",
    [ISB_COMMAND_STUDY] = "  isobit study examples/study.yaml\n"
                          "  isobit study examples/study.yaml --dry-run\n"
                          "  isobit study examples/study.yaml --data mnist/ --time 10m\n"
                          "  isobit study --status studies/where-to-drop\n",
    [ISB_COMMAND_VERIFY] = "  isobit verify runs/dropout-after-dense\n"
                           "  isobit verify runs/dropout-after-dense --threads 1 --isa scalar\n",
    [ISB_COMMAND_EVALUATE] =
        "  isobit evaluate runs/dropout-after-dense\n"
        "  isobit evaluate runs/dropout-after-dense --split validation --json\n"
        "  isobit evaluate runs/dropout-after-dense/model.safetensors --data mnist/ --min-accuracy "
        "0.97\n",
    [ISB_COMMAND_PREDICT] =
        "  isobit predict runs/dropout-after-dense >predictions.csv\n"
        "  isobit predict runs/dropout-after-dense --data mnist/ --split test\n"
        "  cat people.csv | isobit predict runs/people --data - --top 1 >answers.csv\n",
    [ISB_COMMAND_EXPORT] =
        "  isobit export runs/dropout-after-dense --to digits.keras\n"
        "  isobit export runs/dropout-after-dense/model.safetensors --to digits.h\n",
    [ISB_COMMAND_IMPORT] = "  isobit import digits.keras --to digits.yaml\n"
                           "  isobit import digits.keras >digits.yaml\n",
    [ISB_COMMAND_SUMMARY] = "  isobit summary examples/deep.yaml\n"
                            "  isobit summary runs/dropout-after-dense --json\n",
    [ISB_COMMAND_INSPECT] = "  isobit inspect adult.csv.gz --label income\n"
                            "  isobit inspect examples/adult.yaml\n"
                            "  isobit inspect x.npy\n"
                            "  isobit inspect mnist/ --json\n",
    [ISB_COMMAND_BENCH] =
        "  isobit bench examples/after.yaml\n"
        "  isobit bench examples/after.yaml --threads 1,2,4 --batch-size 32,128,1024 --json\n",
    [ISB_COMMAND_SELFTEST] = "  isobit selftest\n",
    [ISB_COMMAND_INFO] = "  isobit info\n"
                         "  isobit info --json\n",
    [ISB_COMMAND_NONE] = "  isobit train examples/after.yaml\n"
                         "  isobit evaluate runs/dropout-after-dense\n"
                         "  isobit verify runs/dropout-after-dense\n"
                         "  isobit summary examples/after.yaml\n"
                         "  isobit info\n",
};

static const char *const exit_statuses =
    "  0 ok; 1 failure at run time; 2 wrong command line or experiment; 3 wrong data;\n"
    "  4 diverged; 5 accuracy below --min-accuracy; 6 corrupt or incompatible file;\n"
    "  7 out of memory; 75 stopped by SIGTERM or SIGUSR1, 130 by SIGINT, after saving\n";

static void print_options(FILE *out, isb_command command) {
    fputs("\nOptions:\n", out);
    for (size_t i = 0; i < ISB_OPTION_COUNT; i++) {
        const isb_option_row *row = &isb_option_rows[i];
        unsigned every = (1u << ISB_COMMAND_NONE) - 1;
        bool listed = command == ISB_COMMAND_NONE ? row->commands == every
                                                  : (row->commands & (1u << command)) != 0;
        if (!listed)
            continue;
        char left[64];
        snprintf(left, sizeof left, "%c%c%s --%s%s%s", row->letter ? '-' : ' ',
                 row->letter ? row->letter : ' ', row->letter ? "," : " ", row->name,
                 row->argument ? " " : "", row->argument ? row->argument : "");
        fprintf(out, "  %-*s%s\n", HELP_COLUMN, left, row->help);
    }
}

static void print_program(FILE *out) {
    fputs("Usage: isobit COMMAND [ARGUMENT] [OPTIONS]\n\n"
          "Trains dense neural networks on CPUs: the same bits at any number of threads.\n\n"
          "Commands:\n",
          out);
    for (size_t i = 0; i < ISB_COMMAND_NONE; i++) {
        const isb_command_row *row = &isb_commands[i];
        char left[64];
        snprintf(left, sizeof left, "%s %s", row->name, row->argument ? row->argument : "");
        fprintf(out, "  %-*s%s\n", HELP_COLUMN, left, row->help);
    }
}

static void print_command(FILE *out, isb_command command) {
    const isb_command_row *row = &isb_commands[command];
    fprintf(out, "Usage: isobit %s %s%s[OPTIONS]\n\n", row->name,
            row->argument ? row->argument : "", row->argument ? " " : "");
    fprintf(out, "%c%s.\n", row->help[0] - 'a' + 'A', row->help + 1);
    if (row->argument != NULL)
        fprintf(out, "\n%s is %s.\n", row->argument, row->argument_help);
}

isb_status isb_print_help(isb_command command, isb_error *error) {
    isb_page page;
    isb_status status = isb_page_open(&page, error);
    if (status != ISB_OK)
        return status;
    if (command == ISB_COMMAND_NONE)
        print_program(page.out);
    else
        print_command(page.out, command);
    print_options(page.out, command);
    fprintf(page.out, "\nExamples:\n%s", examples[command]);
    if (command == ISB_COMMAND_NONE)
        fputs("\nEach command has its own help: isobit COMMAND --help\n\n"
              "Environment: ISOBIT_THREADS and ISOBIT_ISA stand in for --threads and --isa;\n"
              "NO_COLOR turns colour off.\n",
              page.out);
    if (command == ISB_COMMAND_NONE || command == ISB_COMMAND_TRAIN ||
        command == ISB_COMMAND_EVALUATE)
        fprintf(page.out, "\nExit status:\n%s", exit_statuses);
    return isb_page_print(&page, error);
}
