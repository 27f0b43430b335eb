#include "io/path.h"
#include <stdlib.h>
#include <string.h>

/* Appends the parts of `path` to `out`, each behind a '/'. */
static char *add_parts(char *out, const char *path) {
    while (*path != '\0') {
        size_t length = strcspn(path, "/");
        if (length > 0 && !(length == 1 && path[0] == '.')) {
            *out++ = '/';
            memcpy(out, path, length);
            out += length;
        }
        path += length;
        path += *path == '/';
    }
    return out;
}

char *isb_path_absolute(const char *folder, const char *path) {
    char *absolute = malloc(strlen(folder) + strlen(path) + 3);
    if (absolute == NULL)
        return NULL;
    char *end = path[0] == '/' ? absolute : add_parts(absolute, folder);
    end = add_parts(end, path);
    if (end == absolute)
        *end++ = '/';
    *end = '\0';
    return absolute;
}

char *isb_path_folder(const char *path) {
    size_t length = (size_t)(isb_path_base(path) - path);
    return length > 0 ? strndup(path, length) : strdup(".");
}

char *isb_path_folder_absolute(const char *here, const char *path) {
    char *folder = isb_path_folder(path);
    char *absolute = folder != NULL ? isb_path_absolute(here, folder) : NULL;
    free(folder);
    return absolute;
}

const char *isb_path_base(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}
