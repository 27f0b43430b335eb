// Reads a table of text once: bench_csv FILE THREADS. Prints CPU seconds (user and system), wall
// seconds, and the peak of the process's memory in kB.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <sys/resource.h>

extern "C" {
#include "data/csv.h"
}

static rusage usage() {
    rusage now;
    getrusage(RUSAGE_SELF, &now);
    return now;
}

static double cpu_seconds(const rusage &u) {
    const auto seconds = [](const timeval &t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return seconds(u.ru_utime) + seconds(u.ru_stime);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: bench_csv FILE THREADS\n");
        return 2;
    }
    isb_frame_options options = {};
    options.header = -1;
    options.threads = std::strtoul(argv[2], nullptr, 10);
    isb_frame frame;
    isb_error error = ISB_ERROR_INIT;
    const double before = cpu_seconds(usage());
    const auto begin = std::chrono::steady_clock::now();
    const isb_status status = isb_csv_read(&frame, argv[1], &options, &error);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    if (status != ISB_OK) {
        std::fprintf(stderr, "%s\n", isb_error_text(&error));
        return 1;
    }
    const rusage after = usage();
    std::printf("%.3f %.3f %ld\n", cpu_seconds(after) - before, taken.count(), after.ru_maxrss);
    isb_frame_free(&frame);
    return 0;
}
