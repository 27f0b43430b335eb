/* A table of people, and a run that was trained on it. */
#ifndef ISB_TESTS_PEOPLE_H
#define ISB_TESTS_PEOPLE_H

#include "trained.h"

/* 40 people; those of 40 and more say "yes, please", but for a few, whose job has a comma. */
static inline void write_people(const place *p, const char *path) {
    static const char *const jobs[] = {"baker", "\"cook, chief\"", "smith", "?"};
    char text[4096] = "id,age,job,answer\n";
    size_t length = strlen(text);
    for (int i = 0; i < 40; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%d,%d,%s,%s\n", 1000 + i,
                                   20 + i, jobs[i % 4], i >= 20 ? "\"yes, please\"" : "no");
    place_write(p, path, text);
}

static const char people_experiment[] =
    "name: people\n"
    "data:\n"
    "  source: people.csv\n"
    "  label: answer\n"
    "  features: {drop: [id]}\n"
    "  missing: ['?']\n"
    "  missing_policy: indicator\n"
    "  validation: 0.2\n"
    "  test: 0.25\n"
    "model:\n"
    "  - dense: {units: 8, activation: relu}\n"
    "  - dense: {units: 2, activation: softmax}\n"
    "compile: {optimizer: {adam: {learning_rate: 0.05}}, loss: sparse_categorical_crossentropy, "
    "metrics: [accuracy]}\n"
    "fit: {epochs: 20, batch_size: 8, class_weight: balanced}\n";

static inline place place_with_people(void) {
    place p = place_open();
    write_people(&p, "people.csv");
    place_write(&p, "people.yaml", people_experiment);
    output o = RUN(&p, "train", "people.yaml", "-q");
    CHECKF(o.status == 0 && o.err[0] == '\0', "%s", o.err);
    CHECKF(strstr(o.out, "people.csv: 24 rows to train on, 6 to validate, 10 to test\n") != NULL,
           "%s", o.out);
    CHECKF(strstr(o.out, "model       5-8-2,") != NULL, "%s", o.out);
    output_free(&o);
    return p;
}

static inline output run_shell(const place *p, const char *command) {
    return program_run(p, &(request){.program = "/bin/sh", .arguments = ARGS("-c", command)});
}

#endif
