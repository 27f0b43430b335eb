/* The command line as text that a shell reads back to the same words. */
#ifndef ISB_CLI_COMMAND_LINE_H
#define ISB_CLI_COMMAND_LINE_H

/* The program as it was called, then the arguments less --force and --resume. NULL without memory;
 * released by free().
 */
char *isb_command_line(int argc, const char *const *argv);

#endif
