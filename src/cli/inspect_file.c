#include "cli/inspecting.h"
#include "io/sha256.h"
#include <errno.h>
#include <stdio.h>

isb_status isb_hash_file(const char *path, char hex[65], isb_error *error) {
    FILE *file = fopen(path, "rbe");
    if (file == NULL && errno == ENOMEM)
        return isb_fail_memory(error, path);
    if (file == NULL)
        return isb_fail(error, ISB_DATA, "%s: cannot be opened again; leave it alone meanwhile",
                        path);
    isb_sha256 hash;
    char block[1 << 16];
    isb_sha256_open(&hash);
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;)
        isb_sha256_add(&hash, block, got);
    const bool failed = ferror(file) != 0;
    fclose(file);
    const isb_status status = isb_sha256_close(&hash, hex, error);
    return status == ISB_OK && failed
               ? isb_fail(error, ISB_DATA, "%s: cannot be read; check the disk", path)
               : status;
}
