#!/usr/bin/env bash
# Installs what is missing, builds with warnings as errors, and runs every test: all cases under
# Criterion, once more with address and undefined-behaviour sanitizers; training and the program under
# ThreadSanitizer, the numeric cases for AArch64, where the compilers for that are installed, and the
# kernels' with a training run under valgrind; every fuzzer for two seconds; then the objects for what may
# not be in them, and the bits of two more builds. Fails if a test fails, a sanitizer, valgrind or a fuzzer
# reports, bits differ, fewer tests than expected ran, SciPy says otherwise, or a report of a study does not show in a browser what it should.
set -euo pipefail
cd "$(dirname "$0")/.."

least_tests=700 # fewer means that cases went missing
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# run_criterion BUILD_FOLDER: the summary line goes to stdout.
run_criterion() {
    local output="$logs/$1.txt" summary tested
    "$1/tests/isobit_tests" --jobs 2 --timeout 600 >"$output" 2>&1 || {
        cat "$output" >&2
        fail "$1/tests/isobit_tests"
    }
    grep '^SKIPPED' "$output" >&2 || true
    summary=$(grep -a 'Synthesis' "$output" | tail -1)
    printf '%s\n%s\n' "$1/tests/isobit_tests" "$summary"
    tested=$(sed 's/.*Tested: *//' <<<"$summary" | grep -oE '[0-9]+' | head -1)
    [ "${tested:-0}" -ge "$least_tests" ] ||
        fail "only ${tested:-0} tests ran, at least $least_tests are there"
}

# Criterion stays green when a sanitizer of a test's process reports: its log tells.
no_reports() {
    if compgen -G "$logs/sanitizer*" >/dev/null; then
        cat "$logs"/sanitizer* >&2
        fail "a sanitizer reported"
    fi
}

scripts/dependencies.sh
scripts/build.sh release -DISOBIT_WERROR=ON
run_criterion build
scripts/check_symbols.sh build
scripts/test-clients.sh
scripts/test-report.sh
scripts/valgrind.sh --short

scripts/build.sh asan -DISOBIT_WERROR=ON
ASAN_OPTIONS="log_path=$logs/sanitizer" UBSAN_OPTIONS="log_path=$logs/sanitizer:print_stacktrace=1" \
    run_criterion build-asan
no_reports

scripts/tsan.sh --short
scripts/fuzz.sh 2
scripts/test-aarch64.sh
scripts/matrix.sh --short
