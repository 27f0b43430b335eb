#include "cli/quantity.h"
#include <stdio.h>

const char *isb_count_text(size_t count, char out[ISB_COUNT_SIZE]) {
    char digits[ISB_COUNT_SIZE];
    int length = snprintf(digits, sizeof digits, "%zu", count);
    char *to = out;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}

const char *isb_bytes_text(size_t parameters, char out[ISB_COUNT_SIZE]) {
    static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
    double size = (double)parameters * 4;
    size_t unit = 0;
    for (; size >= 1024 && unit < 4; unit++)
        size /= 1024;
    snprintf(out, ISB_COUNT_SIZE, "%.2f %s", size, units[unit]);
    return out;
}
