/* The barrier: nobody is let through before everybody came, at any number of threads. */
#include "check.h"
#include "parallel/team.h"
#include <stdatomic.h>

enum { ROUNDS = 300 };

typedef struct meeting {
    atomic_size_t came[ROUNDS];
    atomic_size_t early; /* threads that went on while others were missing */
} meeting;

static void meet(void *context, size_t thread, isb_team *team) {
    meeting *m = context;
    for (size_t round = 0; round < ROUNDS; round++) {
        atomic_fetch_add_explicit(&m->came[round], 1, memory_order_relaxed);
        isb_team_barrier(team, thread);
        if (atomic_load_explicit(&m->came[round], memory_order_relaxed) !=
            isb_team_threads(team))
            atomic_fetch_add(&m->early, 1);
    }
}

CASE(team, nobody_passes_the_barrier_early) {
    static const size_t threads[] = {1, 2, 3, 7, 8, 9, 16, 17, 33};
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        static meeting m;
        m = (meeting){0};
        isb_team_run(threads[i], meet, &m);
        CHECKF(m.early == 0, "%zu threads: %zu early", threads[i], (size_t)m.early);
    }
}

CASE(team, parts_cover_everything_once) {
    for (size_t n = 0; n < 40; n++) {
        for (size_t parts = 1; parts < 12; parts++) {
            CHECK(isb_part(n, parts, 0) == 0 && isb_part(n, parts, parts) == n);
            for (size_t p = 0; p < parts; p++) {
                const size_t size = isb_part(n, parts, p + 1) - isb_part(n, parts, p);
                CHECK(size == n / parts || size == n / parts + 1);
            }
        }
    }
}
