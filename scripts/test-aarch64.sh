#!/usr/bin/env bash
# Cross-compiles the numeric core for AArch64 and runs its cases under emulation: pinned digests and
# plain loops, so that equal bits on both architectures are what passes. Skipped, visibly, where
# Debian's gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user are not installed.
set -euo pipefail
cd "$(dirname "$0")/.."

least_cases=80 # fewer means that cases went missing
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

if ! { echo 'int main(void) { return 0; }' |
    aarch64-linux-gnu-gcc -static -fopenmp -x c - -o "$logs/probe" &&
    qemu-aarch64 "$logs/probe"; } 2>/dev/null; then
    echo "SKIPPED AArch64: scripts/dependencies.sh --all installs its compiler and qemu-user" >&2
    exit 0
fi
scripts/build.sh aarch64 -DISOBIT_WERROR=ON

# Rule 1: a compiler for a machine with fma must not fuse what is not written as fma. Kernels aside,
# only the measurement of the peak is.
has_fma() {
    # shellcheck disable=SC2086
    aarch64-linux-gnu-objdump -d $1 | grep -E '\s(fn?m(add|sub)|fml[as])\s' >"$logs/fma.txt"
}
objects=$(find build-aarch64/CMakeFiles/{isobit_core,isobit_simd_scalar}.dir -name '*.o' \
    ! -name peak.c.o)
[ -n "$objects" ] || fail "no objects under build-aarch64"
has_fma "$(find build-aarch64/CMakeFiles/isobit_simd_neon.dir -name '*.o')" ||
    fail "no fma in the kernels: the look-out for them is blind"
if has_fma "$objects"; then
    cat "$logs/fma.txt" >&2
    fail "the compiler fused a multiplication with an addition"
fi

# run_driver NAME ARGUMENT...: cases by emulation.
run_driver() {
    local output="$logs/$1.txt"
    shift
    qemu-aarch64 build-aarch64/tests/isobit_driver "$@" >"$output" 2>&1
}

# In two halves at once. The gradients' double oracle takes minutes under emulation; where the kernels
# and digests are equal to the bit, so are gradients.
run_driver first order &
first=$!
second=0
run_driver second -order -gradient || second=$?
if ! wait "$first" || [ "$second" -ne 0 ]; then
    cat "$logs"/{first,second}.txt >&2
    fail "qemu-aarch64 build-aarch64/tests/isobit_driver"
fi
grep -h '^SKIPPED' "$logs"/{first,second}.txt >&2 || true
passed=$(grep -hoE '^[0-9]+ passed' "$logs"/{first,second}.txt | awk '{ sum += $1 } END { print sum }')
[ "$passed" -ge "$least_cases" ] ||
    fail "only $passed cases ran, at least $least_cases are there"
printf '%s\n%s\n' "qemu-aarch64 build-aarch64/tests/isobit_driver" "$passed passed"
