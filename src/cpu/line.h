/* Small files of the kernel, a line each. */
#ifndef ISB_CPU_LINE_H
#define ISB_CPU_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* The first line of the file, without its end; false where there is none. */
bool isb_read_line(const char *path, char *line, size_t size);

#endif
