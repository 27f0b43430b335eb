/* A host program's floating-point environment changes nothing that is computed, and comes back as
 * it was: in the calling thread and in the pool's. */
#include "base/number.h"
#include "kernels.h"
#include <fenv.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
enum { FLUSH = 0x8040, EXCEPTIONS = 0x3f }; /* FTZ and DAZ; what was seen on the way */
static uint64_t control(void) { return _mm_getcsr() & ~(unsigned)EXCEPTIONS; }
static void set_control(uint64_t value) { _mm_setcsr((unsigned)value); }
#else
enum { FLUSH = 1 << 24 }; /* FZ */
static uint64_t control(void) {
    uint64_t value;
    __asm__ volatile("mrs %0, fpcr" : "=r"(value));
    return value;
}
static void set_control(uint64_t value) { __asm__ volatile("msr fpcr, %0" : : "r"(value)); }
#endif

/* Host 0 is the usual one; the odd ones flush subnormals, too. */
static const int roundings[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
enum { HOSTS = 8, MOST_THREADS = 3 };

static void become(size_t host) {
    fesetround(roundings[host / 2]);
    if (host % 2 != 0)
        set_control(control() | FLUSH);
}

static void become_anew(size_t host) {
    fesetenv(FE_DFL_ENV);
    become(host);
}

/* This thread and the threads of the pool, which every later region uses again. LLVM's runtime
 * gives the calling thread back what it had before the region. */
static void become_everywhere(size_t host) {
#pragma omp parallel num_threads(MOST_THREADS)
    become_anew(host);
    become_anew(host);
}

static bool still_everywhere(size_t host) {
    const uint64_t expected = control();
    int others = fegetround() != roundings[host / 2];
#pragma omp parallel num_threads(MOST_THREADS) reduction(+ : others)
    others += control() != expected || fegetround() != roundings[host / 2];
    return others == 0;
}

static void make_network(fixture *f, isb_optimizer_kind kind) {
    fixture_make(f, ISB_U8, 150, 20, 4);
    fixture_dropout(f, 0.1);
    fixture_dense(f, 18, ISB_TANH);
    fixture_dropout(f, 0.3);
    fixture_dense(f, 17, ISB_SIGMOID);
    fixture_dense(f, 4, ISB_SOFTMAX);
    fixture_ready(f);
    f->experiment.optimizer.kind = kind;
    f->experiment.optimizer.momentum = 0.9;
}

static void check_training(isb_optimizer_kind kind, size_t threads) {
    fixture f;
    make_network(&f, kind);
    const uint64_t expected = fixture_digest(&f, threads, "scalar", 2);
    FOR_EACH_ISA(isa) {
        for (size_t host = 0; host < HOSTS; host++) {
            become_everywhere(host);
            const uint64_t before = control();
            const uint64_t digest = fixture_digest(&f, threads, isb_isa_name(isa), 2);
            const bool kept = control() == before && still_everywhere(host);
            become_everywhere(0);
            CHECKF(digest == expected, "%s, host %zu: other bits", isb_isa_name(isa), host);
            CHECKF(kept, "%s, host %zu: its environment is gone", isb_isa_name(isa), host);
        }
    }
    fixture_free(&f);
}

CASE(environment, adam_trains_the_same_under_any_host) {
    check_training(ISB_ADAM, 1);
    check_training(ISB_ADAM, MOST_THREADS);
}

CASE(environment, momentum_trains_the_same_under_any_host) { check_training(ISB_SGD, 2); }

/* A run that is taken up again, with the powers of beta made anew, and its evaluation. */
static uint64_t digest_of_resumed(const fixture *f, const isb_tensors *state) {
    isb_trainer *trainer = fixture_trainer(f, 2, "auto");
    isb_epoch_result result;
    isb_score score;
    CHECK(isb_trainer_import(trainer, state, true, "state", NULL) == ISB_OK);
    const isb_position position = {.epochs = 40,
                                   .learning_rate = f->experiment.optimizer.learning_rate};
    CHECK(isb_trainer_resume(trainer, &position, NULL) == ISB_OK);
    CHECK(isb_trainer_epoch(trainer, NULL, NULL, &result, NULL) == ISB_OK);
    CHECK(isb_trainer_evaluate(trainer, &f->dataset.train, NULL, 149, &score, NULL) == ISB_OK);
    uint64_t hash = fixture_hash(1, &result.train.loss, sizeof result.train.loss);
    hash = fixture_hash(hash, &score.loss, sizeof score.loss);
    hash = fixture_hash(hash, &score.accuracy, sizeof score.accuracy);
    isb_trainer_free(trainer);
    return hash;
}

CASE(environment, a_resumed_run_and_its_evaluation_are_the_same_under_any_host) {
    fixture f;
    make_network(&f, ISB_ADAM);
    f.experiment.optimizer.beta_2 = 1.0 - 1e-10; /* 1 - beta_2^t shows the last bits of the power */
    isb_trainer *trainer = fixture_trainer(&f, 1, "auto");
    isb_epoch_result result;
    isb_tensors state;
    CHECK(isb_trainer_epoch(trainer, NULL, NULL, &result, NULL) == ISB_OK);
    CHECK(isb_trainer_export(trainer, true, &state, NULL) == ISB_OK);
    const uint64_t expected = digest_of_resumed(&f, &state);
    for (size_t host = 0; host < HOSTS; host++) {
        become_everywhere(host);
        const uint64_t digest = digest_of_resumed(&f, &state);
        const bool kept = still_everywhere(host);
        become_everywhere(0);
        CHECKF(digest == expected, "host %zu: other bits", host);
        CHECKF(kept, "host %zu: its environment is gone", host);
    }
    isb_tensors_free(&state);
    isb_trainer_free(trainer);
    fixture_free(&f);
}

CASE(environment, numbers_are_read_and_written_the_same_under_any_host) {
    static const char *const texts[] = {"0.1",      "0.001",  "1e-7", "0.3",      "-0.7",
                                        "2.2e-308", "5e-324", "1e22", "123456.7", "1e300"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double expected, value = 0.0;
        char usual[ISB_NUMBER_SIZE], text[ISB_NUMBER_SIZE];
        CHECK(isb_parse_double(texts[i], &expected));
        isb_format_double(usual, expected);
        for (size_t host = 0; host < HOSTS; host++) {
            become(host);
            const uint64_t before = control();
            const bool parsed = isb_parse_double(texts[i], &value);
            isb_format_double(text, expected);
            const bool kept = control() == before && fegetround() == roundings[host / 2];
            fesetenv(FE_DFL_ENV);
            CHECKF(parsed && memcmp(&value, &expected, sizeof value) == 0, "%s, host %zu: %a",
                   texts[i], host, value);
            CHECKF(strcmp(text, usual) == 0, "%s, host %zu: %s", usual, host, text);
            CHECKF(kept, "host %zu: its environment is gone", host);
        }
    }
}
