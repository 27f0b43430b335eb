#!/usr/bin/env bash
# valgrind.sh [--short]: the numeric cases and the program under valgrind's memcheck. Any report of an
# invalid access, an undefined value or memory that nothing points to any more fails. The long form runs all
# numeric cases, and every command of the program; the short one the kernels' cases and a training run.
# Takes the builds of build/.
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

if ! command -v valgrind >/dev/null; then
    echo "SKIPPED valgrind: it is not installed" >&2
    exit 0
fi

memcheck() {
    OMP_NUM_THREADS=2 valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite \
        --errors-for-leak-kinds=definite --log-file="$logs/report.%p" "$@"
}

# no_reports: the exit status says it too, unless the program under test has one of its own.
no_reports() {
    local reports
    reports=$(find "$logs" -name 'report.*' -size +0)
    [ -z "$reports" ] || {
        # shellcheck disable=SC2086
        cat $reports >&2
        fail "valgrind reported"
    }
}

# It must report what it is there to report: a byte read beyond a block, and a block left behind.
plant() {
    local reports
    printf '%s\n' '#include <stdlib.h>' "int main(void) { char *volatile block = malloc(1); $1 }" |
        "${CC:-cc}" -O0 -x c -o "$logs/planted" -
    memcheck "$logs/planted" >"$logs/planted.txt" 2>&1 || true
    reports=$(find "$logs" -name 'report.*' -size +0)
    [ -n "$reports" ] || fail "valgrind says nothing of: $1"
    rm -f "$logs"/report.*
}
plant 'int beyond = block[1]; free(block); return beyond > 0;'
plant 'block = NULL; return 0;'

# driver NAME CASE...
driver() {
    local output="$logs/$1.txt"
    shift
    memcheck build/tests/isobit_driver "$@" >"$output" 2>&1 || {
        cat "$output" >&2
        no_reports
        fail "valgrind build/tests/isobit_driver $*"
    }
    tail -1 "$output"
}

# program STATUS ARGUMENT...
program() {
    local wanted=$1 status=0
    shift
    memcheck build/isobit "$@" >"$logs/program.txt" 2>&1 || status=$?
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
    printf x >>"$run/last.safetensors"
    program 0 train "${small[@]}" --set fit.epochs=2 --resume
    printf x >>"$run/model.safetensors"
    program 6 summary "$run/model.safetensors"
}

if $short; then
    driver kernels "${kernels[@]}"
    train
else
    driver first invariance training order &
    first=$!
    driver second -invariance -training -order
    wait "$first" || fail "the first half"
    train
    program 0 summary examples/before.yaml
    program 0 info
    program 0 bench examples/none.yaml --seconds 0.01 --threads 1
    program 0 selftest
    program 2 train absent.yaml
fi
no_reports
echo "valgrind: no report"
