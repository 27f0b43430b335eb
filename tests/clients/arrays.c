/* What tests/clients/arrays.py asks: for each data source on standard input, a line each, the
 * SHA-256 of its content, or "error: " and the first message. */
#include <isobit/dataset.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void answer(const char *source) {
    isb_error error = ISB_ERROR_INIT;
    isb_dataset data;
    if (isb_dataset_open(&data, source, &error) == ISB_OK) {
        printf("%s\n", data.sha256);
        isb_dataset_free(&data);
    } else {
        const char *text = isb_error_text(&error);
        printf("error: %.*s\n", (int)strcspn(text, "\n"), text);
    }
    isb_error_clear(&error);
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        line[strcspn(line, "\n")] = '\0';
        answer(line);
    }
    free(line);
    return 0;
}
