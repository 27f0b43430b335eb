#include "cli/signals.h"
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

volatile int isb_signals_flag;
static volatile sig_atomic_t held;
static const char *command, *command_end;

static isb_status status_of(int number) { return number == SIGINT ? ISB_INTERRUPTED : ISB_STOPPED; }

static void say(const char *text) {
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        return; /* nobody listens */
}

/* Calls nothing but what a handler may. */
static void handle(int number) {
    if (!held) {
        say("stopped before training began: nothing was lost; go on with: ");
        say(command);
        say(command_end);
        say("\n");
        _exit((int)status_of(number));
    }
    int none = 0;
    const bool first = __atomic_compare_exchange_n(&isb_signals_flag, &none, number, false,
                                                   __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    if (!first && number != SIGHUP) { /* a shell passes on what the kernel has sent already */
        say("a second signal: ended at once; the last state that was saved is intact\n");
        _exit(128 + number);
    }
}

void isb_signals_catch(const char *command_line, const char *end) {
    command = command_line;
    command_end = end;
    static const int numbers[] = {SIGTERM, SIGUSR1, SIGHUP, SIGINT};
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART}, before;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const bool ignored =
            sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler == SIG_IGN;
        if (!(ignored && (numbers[i] == SIGINT || numbers[i] == SIGHUP))) /* nohup stays nohup */
            sigaction(numbers[i], &action, NULL);
    }
}

void isb_signals_hold(void) { held = 1; }

isb_status isb_signals_status(void) {
    const int number = __atomic_load_n(&isb_signals_flag, __ATOMIC_RELAXED);
    return number == 0 ? ISB_OK : status_of(number);
}

const char *isb_signals_name(void) {
    switch (__atomic_load_n(&isb_signals_flag, __ATOMIC_RELAXED)) {
    case SIGTERM: return "SIGTERM";
    case SIGUSR1: return "SIGUSR1";
    case SIGHUP: return "SIGHUP";
    default: return "SIGINT";
    }
}
