/* What a study file holds, before it is put together with its experiments. */
#ifndef ISB_STUDY_STUDY_FORM_H
#define ISB_STUDY_STUDY_FORM_H

#include "io/schema.h"
#include "study/placement.h"
#include "study/study.h"

enum {
    ISB_MOST_RUNS = 10000, /* variants x seeds */
    ISB_MOST_AXES = 16,
};

typedef enum isb_axis_kind { ISB_AXIS_PLACEMENT, ISB_AXIS_RATE, ISB_AXIS_KEY } isb_axis_kind;

typedef struct isb_axis_form {
    isb_axis_kind kind;
    const char *key;
    isb_place place;           /* of the key */
    const isb_node *values;    /* a list with at least one */
    isb_placement *placements; /* of an axis `placement`, one a value */
    double *rates;             /* of an axis `rate` */
} isb_axis_form;

/* An item of `variants`. */
typedef struct isb_variant_form {
    isb_place place;
    const char *name;
    const isb_node *experiment; /* the path of one of its own, or NULL */
    const isb_node *model;      /* or NULL */
    const isb_node *set;        /* a map of keys, or NULL */
} isb_variant_form;

typedef struct isb_study_form {
    const char *name;           /* NULL: the file's */
    const isb_node *experiment; /* the path, or NULL */
    bool experiment_broken;     /* it was given with an error */
    const isb_node *seeds_node; /* NULL: the default stands */
    size_t seed_count;          /* 0 where the default stands */
    uint64_t *seeds;            /* the list; NULL: counted from the base's */
    const isb_node *vary;
    isb_axis_form *axes;
    size_t axis_count;
    isb_variant_form *variants;
    size_t variant_count;
    bool unsure; /* vary or variants have errors: which variants there are is not known */
    const isb_node *metric_node; /* NULL: the default */
    isb_metric metric;
    const isb_node *against; /* a map, or NULL */
    const isb_node *halving_node;
    isb_halving halving;
    double seconds;
} isb_study_form;

extern const isb_map isb_study_map;

#endif
