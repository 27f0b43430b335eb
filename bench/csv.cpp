// Reads a table of text several times over and prints the best time: bench_csv FILE THREADS.
#include <chrono>
#include <cstdio>
#include <cstdlib>

extern "C" {
#include "data/csv.h"
}

int main(int argc, char **argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: bench_csv FILE THREADS\n");
        return 2;
    }
    isb_frame_options options = {};
    options.header = -1;
    options.threads = std::strtoul(argv[2], nullptr, 10);
    double best = 1e9;
    for (int i = 0; i < 5; i++) {
        isb_frame frame;
        isb_error error = ISB_ERROR_INIT;
        const auto begin = std::chrono::steady_clock::now();
        const isb_status status = isb_csv_read(&frame, argv[1], &options, &error);
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
        if (status != ISB_OK) {
            std::fprintf(stderr, "%s\n", isb_error_text(&error));
            return 1;
        }
        best = taken.count() < best ? taken.count() : best;
        std::printf("%zu rows, %zu columns: %.3f s\n", frame.rows, frame.column_count,
                    taken.count());
        isb_frame_free(&frame);
    }
    std::printf("isobit  %.3f s\n", best);
    return 0;
}
