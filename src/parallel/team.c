#include "parallel/team.h"
#include "cpu/fpenv.h"
#include <linux/futex.h>
#include <omp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Tens of microseconds: longer than a phase of a training step is out of balance, far shorter than
 * a time slice. */
enum { SPINS = 1000 };

struct isb_team {
    size_t threads;
    unsigned spins;
    _Alignas(64) atomic_size_t arrived;
    _Alignas(64) _Atomic uint32_t round; /* of the barrier; what sleepers wait on */
    atomic_uint sleepers;
};

size_t isb_team_threads(const isb_team *team) { return team->threads; }

static unsigned spins_for(size_t threads) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        return SPINS; /* more CPUs than the set holds */
    return threads <= (size_t)CPU_COUNT(&allowed) ? SPINS : 0;
}

static void start(isb_team *team, size_t threads, unsigned spins) {
    team->threads = threads;
    team->spins = spins;
    atomic_init(&team->arrived, 0);
    atomic_init(&team->round, 0);
    atomic_init(&team->sleepers, 0);
}

static void run_one(isb_team *team, size_t thread, isb_team_body body, void *context) {
    const isb_fpenv before = isb_fpenv_enter();
    body(context, thread, team);
    isb_fpenv_leave(before);
}

void isb_team_run(size_t threads, isb_team_body body, void *context) {
    isb_team team;
    start(&team, 1, 0);
    if (threads <= 1) {
        run_one(&team, 0, body, context);
        return;
    }
    const unsigned spins = spins_for(threads);
    const int dynamic = omp_get_dynamic();
    omp_set_dynamic(0);
#pragma omp parallel num_threads((int)threads)
    {
#pragma omp single
        start(&team, (size_t)omp_get_num_threads(), spins);
        run_one(&team, (size_t)omp_get_thread_num(), body, context);
    }
    omp_set_dynamic(dynamic);
}

static void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void sleep_until_after(isb_team *team, uint32_t round) {
    atomic_fetch_add(&team->sleepers, 1);
    while (atomic_load(&team->round) == round)
        syscall(SYS_futex, &team->round, FUTEX_WAIT_PRIVATE, round, NULL, NULL, 0);
    atomic_fetch_sub(&team->sleepers, 1);
}

void isb_team_barrier(isb_team *team) {
    if (team->threads == 1)
        return;
    const uint32_t round = atomic_load_explicit(&team->round, memory_order_acquire);
    if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) + 1 == team->threads) {
        atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
        atomic_store(&team->round, round + 1);
        if (atomic_load(&team->sleepers) > 0)
            syscall(SYS_futex, &team->round, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
        return;
    }
    for (unsigned spin = 0; spin < team->spins; spin++) {
        if (atomic_load_explicit(&team->round, memory_order_acquire) != round)
            return;
        pause_briefly();
    }
    sleep_until_after(team, round);
}
