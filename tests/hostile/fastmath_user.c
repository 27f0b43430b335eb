/* Preloaded into the program: needs the -Ofast library, whose start-up code has then run. Says in
 * the file HOSTILE_MARK what it achieved. */
#include <stdio.h>
#include <stdlib.h>

float halve(float x);

__attribute__((constructor)) static void look(void) {
    const char *mark = getenv("HOSTILE_MARK");
    FILE *file = mark != NULL ? fopen(mark, "w") : NULL;
    if (file != NULL) {
        fprintf(file, "flushed %d\n", halve(0x1p-126f) == 0.0f);
        fclose(file);
    }
}
