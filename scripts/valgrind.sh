#!/usr/bin/env bash
# valgrind.sh [--short]: the cases and the program under valgrind's memcheck. Any report of an invalid
# access, an undefined value or memory that nothing points to any more fails. The long form runs all
# cases, and whatever they start of the program under valgrind too, but for those that are about time,
# terminals, limits of memory, and preloaded libraries; the short one the kernels' cases and a training
# run. Takes the builds of build/.
set -euo pipefail
cd "$(dirname "$0")/.."

short=false
[ "${1:-}" != --short ] || short=true
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

valgrind=$(command -v valgrind) || {
    echo "SKIPPED valgrind: it is not installed" >&2
    exit 0
}
memcheck=("$valgrind" -q --leak-check=full --show-leak-kinds=definite
    --errors-for-leak-kinds=definite "--log-file=$logs/report.%p")

reports() { find "$logs" -name 'report.*' -size +0; }

no_reports() {
    [ -z "$(reports)" ] || {
        # shellcheck disable=SC2046
        cat $(reports) >&2
        fail "valgrind reported"
    }
}

# It must report what it is there to report: a byte read beyond a block, and a block left behind.
plant() {
    printf '%s\n' '#include <stdlib.h>' "int main(void) { char *volatile block = malloc(1); $1 }" |
        "${CC:-cc}" -O0 -x c -o "$logs/planted" -
    "${memcheck[@]}" "$logs/planted" >"$logs/planted.txt" 2>&1 || true
    [ -n "$(reports)" ] || fail "valgrind says nothing of: $1"
    rm -f "$logs"/report.*
}
plant 'int beyond = block[1]; free(block); return beyond > 0;'
plant 'block = NULL; return 0;'

# driver NAME PROGRAM CASE...
driver() {
    local output="$logs/$1.txt"
    shift
    OMP_NUM_THREADS=2 "${memcheck[@]}" "$@" >"$output" 2>&1 || {
        cat "$output" >&2
        no_reports
        fail "valgrind $*"
    }
    tail -1 "$output"
}

# program STATUS ARGUMENT...
program() {
    local wanted=$1 status=0
    shift
    "${memcheck[@]}" build/isobit "$@" >"$logs/program.txt" 2>&1 || status=$?
    [ "$status" = "$wanted" ] || {
        cat "$logs/program.txt" >&2
        no_reports
        fail "valgrind build/isobit $*: status $status"
    }
}

# The kernels' cases, where a mistake reads or writes beside an array.
kernels=(activation column_sum_leaf cross_entropy dropout gather matmul optimizer outer_leaf
    regression_loss softmax transpose random threads)

# A network too small for its instruction set's tiles, trained, resumed and looked at.
train() {
    local run="$logs/run" digest
    local small=(examples/deep.yaml --threads 2 --run "$run" -q --set "model.1.dense.units=17"
        --set "model.3.dense.units=5")
    program 0 train "${small[@]}" --set fit.epochs=1
    $short && return
    program 0 train "${small[@]}" --set fit.epochs=2 --resume
    digest=$(tail -1 "$logs/program.txt")
    build/isobit train "${small[@]}" --set fit.epochs=2 --force >"$logs/plain.txt" 2>&1
    [ "$digest" = "$(tail -1 "$logs/plain.txt")" ] || fail "other weights under valgrind: $digest"
}

# The program as the cases start it.
wrap() {
    {
        echo '#!/bin/sh'
        printf 'exec'
        printf " '%s'" "${memcheck[@]}" "$PWD/build/isobit"
        echo ' "$@"'
    } >"$logs/isobit"
    chmod +x "$logs/isobit"
}

if $short; then
    driver kernels build/tests/isobit_driver "${kernels[@]}"
    train
else
    cmake --build build --parallel "$(nproc)" --target isobit_product_driver >"$logs/build.txt" 2>&1 ||
        fail "$(cat "$logs/build.txt")"
    wrap
    export ISOBIT_TEST_PROGRAM=$logs/isobit
    product=(-faults -kills -signals -power_loss -bench -hostile/
        -cli/a_terminal -cli/the_bar -cli/no_bar -cli/no_colour
        -experiment/depth_and_size
        -examples -table_faults -study_faults
        -data_npy/rounds_other_numbers) # valgrind rounds from 64-bit integers to floats by way of doubles
    driver numeric build/tests/isobit_driver &
    numeric=$!
    driver product build/tests/isobit_product_driver "${product[@]}"
    wait "$numeric" || fail "the numeric cases"
    train
fi
no_reports
echo "valgrind: no report"
