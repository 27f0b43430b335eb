#include "data/table_reading.h"
#include <stdlib.h>

static void add(const char **names, size_t *count, const char *name) { names[(*count)++] = name; }

static void take_features(isb_table_reading *out, const isb_preprocessing *fitted) {
    for (size_t i = 0; fitted != NULL && i < fitted->count; i++) {
        const isb_feature *feature = &fitted->features[i];
        if (feature->categories != NULL)
            add(out->texts, &out->options.text_count, feature->name);
        else
            add(out->numbers, &out->options.number_count, feature->name);
    }
}

isb_status isb_table_reading_make(isb_table_reading *out, const isb_experiment *experiment,
                                  const isb_preprocessing *fitted, size_t threads,
                                  isb_error *error) {
    const size_t features = fitted != NULL ? fitted->count : 0;
    const isb_table_form *form = &experiment->table;
    const isb_names *one_hot = &form->one_hot.names;
    *out = (isb_table_reading){.options = {.separator = form->separator,
                                           .decimal_comma = form->decimal_comma,
                                           .header = form->header == 0 ? -1 : form->header > 0,
                                           .missing = form->missing.count > 0
                                                          ? (const char *const *)form->missing.items
                                                          : NULL,
                                           .missing_count = form->missing.count,
                                           .threads = threads},
                               .texts = calloc(features + one_hot->count + 2, sizeof *out->texts),
                               .numbers = calloc(features + 1, sizeof *out->numbers)};
    if (out->texts == NULL || out->numbers == NULL)
        return isb_fail_memory(error, "the columns of a table");
    if (form->label != NULL && !isb_is_regression(experiment->loss))
        add(out->texts, &out->options.text_count, form->label);
    for (size_t i = 0; i < one_hot->count && fitted == NULL; i++)
        add(out->texts, &out->options.text_count, one_hot->items[i]);
    take_features(out, fitted);
    out->options.texts = out->texts;
    out->options.numbers = out->numbers;
    return ISB_OK;
}

void isb_table_reading_free(isb_table_reading *reading) {
    free(reading->texts);
    free(reading->numbers);
    *reading = (isb_table_reading){0};
}
