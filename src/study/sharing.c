#include "study/sharing.h"

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

size_t isb_thread_share(const isb_sharing *s, size_t own, size_t most) {
    const size_t active = larger(1, smaller(s->running + s->waiting, s->most_runs));
    const size_t fair = (s->threads + active - 1) / active;
    /* Each run that will begin beside it finds a thread. */
    const size_t reserved = active > s->running ? active - s->running : 0;
    const size_t idle = s->threads > s->held ? s->threads - s->held : 0;
    const size_t room = own + (idle > reserved ? idle - reserved : 0);
    return larger(larger(own, 1), smaller(smaller(fair, most), room));
}
