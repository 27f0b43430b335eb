/* The command line, parsed. Commands and options are listed in options.def. */
#ifndef ISB_CLI_OPTIONS_H
#define ISB_CLI_OPTIONS_H

#include "cli/count_list.h"
#include <isobit/error.h>
#include <isobit/experiment.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum isb_command {
#define COMMAND(id, name, argument, argument_help, help) ISB_COMMAND_##id,
#include "cli/options.def"
    ISB_COMMAND_NONE
} isb_command;

typedef enum isb_option {
#define OPTION(id, name, letter, argument, commands, help) ISB_OPTION_##id,
#include "cli/options.def"
    ISB_OPTION_COUNT
} isb_option;

/* Rows of options.def. */
typedef struct isb_command_row {
    const char *name, *argument, *argument_help, *help;
} isb_command_row;

typedef struct isb_option_row {
    const char *name;
    char letter;
    const char *argument;
    unsigned commands; /* bit i: command i */
    const char *help;
} isb_option_row;

extern const isb_command_row isb_commands[ISB_COMMAND_NONE];
extern const isb_option_row isb_option_rows[ISB_OPTION_COUNT];

typedef enum isb_color { ISB_COLOR_AUTO, ISB_COLOR_ALWAYS, ISB_COLOR_NEVER } isb_color;

typedef enum isb_split_part {
    ISB_SPLIT_TRAIN,
    ISB_SPLIT_VALIDATION,
    ISB_SPLIT_TEST
} isb_split_part;

typedef struct isb_options {
    isb_command command;
    const char *file; /* the command's argument; NULL where it has none */
    bool given[ISB_OPTION_COUNT];
    isb_setting *settings; /* --set, --data and --seed in the order given; owned */
    size_t setting_count;
    const char *to;                            /* file to write; NULL: not given */
    const char *run;                           /* NULL: the default */
    double min_accuracy;                       /* where given */
    isb_split_part split;                      /* where given */
    size_t top;                                /* classes a row; 0: not given */
    const char *threads_text;                  /* of --threads, as typed */
    size_t threads;                            /* 0: choose; not of bench */
    isb_count_list bench_threads, batch_sizes; /* of bench; count 0: choose */
    double seconds;                            /* for each measurement */
    const char *status;                        /* directory of a study; NULL: not asked for */
    double time;                               /* seconds that a study may take */
    const char *label;                         /* a column; NULL: none */
    uint64_t save_steps;                       /* between two saves; 0: epochs alone */
    double save_seconds;                       /* the same; 0: epochs alone */
    const char *isa;                           /* "auto" or a known name */
    isb_color color;
    char *text; /* holds the keys of the settings; owned */
} isb_options;

/* Parses the command line and, for what it leaves open, ISOBIT_THREADS and ISOBIT_ISA. ISB_USAGE
 * with one message; what was understood before it is in `out`. With --help or --version among the
 * options, the rest may be incomplete. `out` borrows argv and is released by isb_options_free. */
isb_status isb_options_parse(isb_options *out, int argc, char **argv, isb_error *error);
void isb_options_free(isb_options *options);

#endif
