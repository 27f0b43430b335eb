#include "parallel/team.h"
#include "cpu/fpenv.h"
#include <omp.h>

void isb_team_run(size_t threads, isb_team_body body, void *context) {
    if (threads <= 1) {
        const isb_fpenv before = isb_fpenv_enter();
        body(context, 0, 1);
        isb_fpenv_leave(before);
        return;
    }
    const int dynamic = omp_get_dynamic();
    omp_set_dynamic(0);
#pragma omp parallel num_threads((int)threads)
    {
        const isb_fpenv before = isb_fpenv_enter();
        body(context, (size_t)omp_get_thread_num(), (size_t)omp_get_num_threads());
        isb_fpenv_leave(before);
    }
    omp_set_dynamic(dynamic);
}

void isb_team_barrier(size_t threads) {
    if (threads > 1) {
#pragma omp barrier
    }
}
