#!/usr/bin/env bash
# saving.sh DATA [BUILD [PAIRS]]: what saving costs. Trains examples/after.yaml for ten epochs on DATA (MNIST's
# directory) with the program of BUILD and with one of the same sources that never saves, in turn, on one
# thread and on two; prints the medians of the ratios of their times, and the ratio of the fastest of each. Times are `seconds` of the
# JSON: all epochs, until the last state is on the disk.
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -ge 1 ] || {
    echo "usage: bench/saving.sh DATA [BUILD [PAIRS]]" >&2
    exit 2
}
data=$1
build=${2:-build}
pairs=${3:-16}
without=$build/without-saving
work=$(mktemp -d -p "$build") # on the disk that is built on
trap 'rm -rf "$work"' EXIT

# The same sources, but for the end of an epoch: nothing is recorded, copied or written there.
build_without() {
    mkdir -p "$without"
    rm -rf "$without/source"
    mkdir "$without/source"
    cp -rp CMakeLists.txt cmake include simd src "$without/source"
    local file=$without/source/src/cli/training_save.c
    sed -i '/^isb_status isb_training_save_epoch(/,/^}/ s/^    isb_status status = tell_epoch(/    isb_trace_restart(\&t->trace);\n    return ISB_OK;\n&/' "$file"
    ! cmp -s "$file" src/cli/training_save.c || {
        echo "bench/saving.sh: src/cli/training_save.c has changed; it saves where it should not" >&2
        exit 1
    }
    cmake -S "$without/source" -B "$without/build" -DISOBIT_TESTS=OFF >"$without/log" 2>&1 &&
        cmake --build "$without/build" --parallel "$(nproc)" --target isobit >>"$without/log" 2>&1 || {
        cat "$without/log" >&2
        exit 1
    }
}

# seconds PROGRAM THREADS
seconds() {
    "$1" train examples/after.yaml --data "$data" --set fit.epochs=10 --threads "$2" --run "$work/run" \
        --force --quiet --json | sed -n 's/.*"seconds": \([0-9.e-]*\).*/\1/p'
}

# summary THREADS: of lines "with without".
summary() {
    sort -g <(awk '{ printf "%.6f\n", $1 / $2 }' "$work/times") >"$work/ratios"
    awk -v threads="$1" '
        FNR == NR { ratio[++n] = $1; next }
        least_with == "" || $1 < least_with { least_with = $1 }
        least_without == "" || $2 < least_without { least_without = $2 }
        END {
            median = n % 2 ? ratio[(n + 1) / 2] : (ratio[n / 2] + ratio[n / 2 + 1]) / 2
            printf "threads %d: median of %d ratios %.4f (quarters %.4f to %.4f), of the fastest %.4f; an epoch %.0f ms\n",
                threads, n, median, ratio[int((n + 3) / 4)], ratio[int((3 * n + 3) / 4)],
                least_with / least_without, 100 * least_without
        }' "$work/ratios" "$work/times"
}

build_without
echo "load $(cut -d ' ' -f 1 /proc/loadavg)"
for threads in 1 2; do
    : >"$work/times"
    for pair in $(seq "$pairs"); do
        # Each is the first of a pair as often as the other.
        if [ $((pair % 2)) = 1 ]; then
            a=$(seconds "$build/isobit" "$threads")
            b=$(seconds "$without/build/isobit" "$threads")
        else
            b=$(seconds "$without/build/isobit" "$threads")
            a=$(seconds "$build/isobit" "$threads")
        fi
        echo "$a $b" >>"$work/times"
    done
    summary "$threads"
done
