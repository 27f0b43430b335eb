#include "parallel/team.h"
#include "cpu/fpenv.h"
#include "cpu/nodes.h"
#include <linux/futex.h>
#include <omp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Tens of microseconds: longer than a phase of a training step is out of balance, far shorter than
 * a time slice. */
enum { SPINS = 1000 };

/* Threads that meet at one gate before one of them goes on to the root: neighbours, which mostly
 * share a cache. */
enum { GATE_THREADS = 8, MOST_THREADS = 1024, MOST_GATES = MOST_THREADS / GATE_THREADS };

typedef struct gate {
    _Alignas(128) atomic_size_t arrived;
    _Alignas(128) _Atomic uint32_t round; /* of the barrier; what sleepers wait on */
    atomic_uint sleepers;
} gate;

struct isb_team {
    size_t threads, gates;
    unsigned spins;
    gate root;
    gate gate[MOST_GATES];
};

size_t isb_team_threads(const isb_team *team) { return team->threads; }

static unsigned spins_for(size_t threads) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        return SPINS; /* more CPUs than the set holds */
    return threads <= (size_t)CPU_COUNT(&allowed) ? SPINS : 0;
}

static void start_gate(gate *g) {
    atomic_init(&g->arrived, 0);
    atomic_init(&g->round, 0);
    atomic_init(&g->sleepers, 0);
}

static void start(isb_team *team, size_t threads, unsigned spins) {
    team->threads = threads;
    team->gates = (threads + GATE_THREADS - 1) / GATE_THREADS;
    team->spins = spins;
    start_gate(&team->root);
    for (size_t i = 0; i < team->gates; i++)
        start_gate(&team->gate[i]);
}

static void run_one(isb_team *team, size_t thread, isb_team_body body, void *context) {
    const isb_fpenv before = isb_fpenv_enter();
    body(context, thread, team);
    isb_fpenv_leave(before);
}

/* On a machine of several memory nodes the thread stays on one of them while it works. */
static void run_on_node(isb_team *team, const isb_nodes *nodes, size_t thread, isb_team_body body,
                        void *context) {
    isb_cpus before;
    const bool bound = isb_nodes_bind(nodes, thread, team->threads, &before);
    run_one(team, thread, body, context);
    if (bound)
        isb_nodes_unbind(&before);
}

void isb_team_run(size_t threads, isb_team_body body, void *context) {
    isb_team team;
    threads = threads < MOST_THREADS ? threads : MOST_THREADS;
    start(&team, 1, 0);
    if (threads <= 1) {
        run_one(&team, 0, body, context);
        return;
    }
    const unsigned spins = spins_for(threads);
    isb_nodes nodes;
    isb_nodes_make(&nodes);
    const int dynamic = omp_get_dynamic();
    omp_set_dynamic(0);
#pragma omp parallel num_threads((int)threads)
    {
#pragma omp single
        start(&team, (size_t)omp_get_num_threads(), spins);
        run_on_node(&team, &nodes, (size_t)omp_get_thread_num(), body, context);
    }
    omp_set_dynamic(dynamic);
    isb_nodes_free(&nodes);
}

static void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void sleep_until_after(gate *g, uint32_t round) {
    atomic_fetch_add(&g->sleepers, 1);
    while (atomic_load(&g->round) == round)
        syscall(SYS_futex, &g->round, FUTEX_WAIT_PRIVATE, round, NULL, NULL, 0);
    atomic_fetch_sub(&g->sleepers, 1);
}

static void wait_at(gate *g, uint32_t round, unsigned spins) {
    for (unsigned spin = 0; spin < spins; spin++) {
        if (atomic_load_explicit(&g->round, memory_order_acquire) != round)
            return;
        pause_briefly();
    }
    sleep_until_after(g, round);
}

/* True for the last of `expected` to come. */
static bool arrive(gate *g, size_t expected) {
    if (atomic_fetch_add_explicit(&g->arrived, 1, memory_order_acq_rel) + 1 < expected)
        return false;
    atomic_store_explicit(&g->arrived, 0, memory_order_relaxed);
    return true;
}

static void open_gate(gate *g, uint32_t round) {
    atomic_store(&g->round, round + 1);
    if (atomic_load(&g->sleepers) > 0)
        syscall(SYS_futex, &g->round, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

static uint32_t round_of(gate *g) { return atomic_load_explicit(&g->round, memory_order_acquire); }

void isb_team_barrier(isb_team *team, size_t thread) {
    if (team->threads == 1)
        return;
    const size_t number = thread / GATE_THREADS;
    const size_t left = team->threads - number * GATE_THREADS;
    gate *mine = &team->gate[number];
    const uint32_t round = round_of(mine);
    if (!arrive(mine, left < GATE_THREADS ? left : GATE_THREADS)) {
        wait_at(mine, round, team->spins);
        return;
    }
    if (team->gates > 1) {
        const uint32_t root_round = round_of(&team->root);
        if (arrive(&team->root, team->gates))
            open_gate(&team->root, root_round);
        else
            wait_at(&team->root, root_round, team->spins);
    }
    open_gate(mine, round);
}
