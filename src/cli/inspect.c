#include "cli/commands.h"
#include "cli/inspecting.h"
#include <string.h>
#include <sys/stat.h>

static bool ends_with(const char *text, const char *end) {
    const size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* Everything else is taken for a table of text. */
static bool holds_arrays(const char *path) {
    struct stat about;
    return strcmp(path, "digits") == 0 || ends_with(path, ".npz") ||
           (stat(path, &about) == 0 && S_ISDIR(about.st_mode));
}

isb_status isb_command_inspect(const isb_options *options, isb_error *error) {
    return holds_arrays(options->file) ? isb_inspect_dataset(options, error)
                                       : isb_inspect_frame(options, error);
}
