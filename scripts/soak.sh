#!/usr/bin/env bash
# soak.sh [KILLS]: what scripts/test.sh samples, in full: KILLS random kills (10000 unless given), a
# thousand signals, every fault at every call, fuzzing and valgrind. Ends with what each took.
set -euo pipefail
cd "$(dirname "$0")/.."

kills=${1:-10000}
seed=${ISOBIT_TEST_SEED:-$(date +%s)}
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
summary=()

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# run_cases FILTER PATTERN VARIABLE=VALUE...: lines of theirs with PATTERN go to stdout.
run_cases() {
    local filter=$1 pattern=$2 start=$SECONDS
    shift 2
    echo "Running $filter" >&2
    env "$@" ISOBIT_TEST_SEED="$seed" build/tests/isobit_tests --jobs "$(nproc)" \
        --filter "$filter" >"$logs/cases" 2>&1 || {
        cat "$logs/cases" >&2
        fail "$* build/tests/isobit_tests --filter '$filter', seed $seed"
    }
    ! grep -a '^SKIPPED' "$logs/cases" >&2 || fail "a case of $filter was skipped"
    grep -a "$pattern" "$logs/cases" >"$logs/lines" || fail "no case of $filter says$pattern"
    cat "$logs/lines"
    summary+=("$filter: $((SECONDS - start)) s")
}

scripts/build.sh release -DISOBIT_WERROR=ON
run_cases 'kills/*' ' kills in ' ISOBIT_TEST_KILLS="$kills"
run_cases 'signals/*' ' signals over ' ISOBIT_TEST_SIGNALS=1000
run_cases 'faults/*' ' calls$' ISOBIT_TEST_FAULTS=all
summary+=("$(awk '{ sum += $(NF - 5) } END { print sum }' "$logs/lines") runs met a fault")
scripts/fuzz.sh
scripts/valgrind.sh
printf '%s\n' "seed $seed" "${summary[@]}"
