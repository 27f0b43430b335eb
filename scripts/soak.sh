#!/usr/bin/env bash
# soak.sh [PART...]: what scripts/test.sh samples, in full. Every part, or those that are named:
#
#   kills      ISOBIT_TEST_KILLS random kills (10000 unless set)
#   signals    a thousand signals at random moments
#   faults     every fault at every call
#   power      power failures after every call, files torn at 100 places
#   tsan       scripts/tsan.sh
#   valgrind   scripts/valgrind.sh
#   fuzz       scripts/fuzz.sh, an hour of processor time in all
#
# ISOBIT_TEST_SEED=N draws the same kills and signals again. Ends with what each part took.
set -euo pipefail
cd "$(dirname "$0")/.."

seed=${ISOBIT_TEST_SEED:-$(date +%s)}
kills=${ISOBIT_TEST_KILLS:-10000}
parts=("$@")
[ $# -gt 0 ] || parts=(kills signals faults power tsan valgrind fuzz)
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
summary=()

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# run_cases FILTER PATTERN VARIABLE=VALUE...: lines of theirs with PATTERN go to stdout.
run_cases() {
    local filter=$1 pattern=$2
    shift 2
    env "$@" ISOBIT_TEST_SEED="$seed" build/tests/isobit_tests --jobs "$(nproc)" \
        --filter "$filter" >"$logs/cases" 2>&1 || {
        cat "$logs/cases" >&2
        fail "$* ISOBIT_TEST_SEED=$seed build/tests/isobit_tests --filter '$filter'"
    }
    ! grep -a '^SKIPPED' "$logs/cases" >&2 || fail "a case of $filter was skipped"
    grep -a "$pattern" "$logs/cases" >"$logs/lines" || fail "no case of $filter says$pattern"
    cat "$logs/lines"
}

# sum FIELD: of the lines above; counted from the last.
sum() {
    awk -v from_end="$1" '{ sum += $(NF - from_end) } END { print sum }' "$logs/lines"
}

run_part() {
    case $1 in
    kills) run_cases 'kills/*' ' kills in ' ISOBIT_TEST_KILLS="$kills" ;;
    signals) run_cases 'signals/*' ' signals over ' ISOBIT_TEST_SIGNALS=1000 ;;
    faults)
        run_cases 'faults/*' ' calls$' ISOBIT_TEST_FAULTS=all
        summary+=("$(sum 5) runs met a fault")
        ;;
    power)
        run_cases 'power_loss/*' ' 0 lost$' ISOBIT_TEST_POWER=100
        summary+=("$(sum 6) states of a disk")
        ;;
    tsan) scripts/tsan.sh ;;
    valgrind) scripts/valgrind.sh ;;
    fuzz)
        local targets=(fuzz/*.c)
        scripts/fuzz.sh $((3600 / ${#targets[@]}))
        ;;
    *) fail "there is no part '$1'; the head of this script lists them" ;;
    esac
}

scripts/build.sh release -DISOBIT_WERROR=ON
for part in "${parts[@]}"; do
    echo "Running $part" >&2
    start=$SECONDS
    run_part "$part"
    summary+=("$part: $((SECONDS - start)) s")
done
printf '%s\n' "seed $seed" "${summary[@]}"
