/* The commands. Each returns the exit status, with messages in `error` where something failed. */
#ifndef ISB_CLI_COMMANDS_H
#define ISB_CLI_COMMANDS_H

#include "cli/options.h"

/* `command_line` is the command as typed, less --force and --resume, quoted for a shell. */
isb_status isb_command_train(const isb_options *options, const char *command_line,
                             isb_error *error);
isb_status isb_command_evaluate(const isb_options *options, isb_error *error);
isb_status isb_command_predict(const isb_options *options, isb_error *error);
isb_status isb_command_study(const isb_options *options, const char *command_line,
                             isb_error *error);
isb_status isb_command_export(const isb_options *options, isb_error *error);
isb_status isb_command_import(const isb_options *options, isb_error *error);
isb_status isb_command_verify(const isb_options *options, isb_error *error);
isb_status isb_command_summary(const isb_options *options, isb_error *error);
isb_status isb_command_inspect(const isb_options *options, isb_error *error);
isb_status isb_command_bench(const isb_options *options, isb_error *error);
isb_status isb_command_selftest(const isb_options *options, isb_error *error);
isb_status isb_command_info(const isb_options *options, isb_error *error);

/* The help of a command, of the program for ISB_COMMAND_NONE. */
isb_status isb_print_help(isb_command command, isb_error *error);

#endif
