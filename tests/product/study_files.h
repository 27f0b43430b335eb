/* A study file beside two experiments, in a directory that is the working directory meanwhile. */
#ifndef ISB_TESTS_STUDY_FILES_H
#define ISB_TESTS_STUDY_FILES_H

#include "temporary.h"

#define STUDY_BASE                                                                                 \
    "name: base\nseed: 5\n"                                                                        \
    "data: {source: digits, validation: 0.1}\n"                                                    \
    "model: [flatten, {dense: {units: 8, activation: relu}}, {dropout: {rate: 0.25}}, "            \
    "{dense: {units: 10, activation: softmax}}]\n"                                                 \
    "compile: {optimizer: adam, loss: sparse_categorical_crossentropy, metrics: [accuracy]}\n"     \
    "fit: {epochs: 20}\n"

/* base.yaml, wide.yaml and the study's text in a directory that is the working directory. */
static inline temporary study_enter(const char *text) {
    static const char wide[] =
        "name: wide\ndata: {source: digits, validation: {fraction: 0.1, from: tail}}\nmodel: "
        "[flatten, {dense: {units: "
        "99}}, {dense: {units: 10, activation: softmax}}]\ncompile: {optimizer: sgd, loss: "
        "sparse_categorical_crossentropy, metrics: [accuracy]}\n";
    const temporary t = temporary_make();
    CHECK(chdir(t.path) == 0);
    temporary_put("base.yaml", STUDY_BASE, strlen(STUDY_BASE));
    temporary_put("wide.yaml", wide, strlen(wide));
    if (text != NULL)
        temporary_put("study.yaml", text, strlen(text));
    return t;
}

static inline void study_leave(const temporary *t) {
    CHECK(chdir("/") == 0);
    temporary_remove(t);
}

#endif
