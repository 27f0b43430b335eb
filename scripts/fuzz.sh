#!/usr/bin/env bash
# fuzz.sh [SECONDS [TARGET...]]: lets libFuzzer feed each reader, or those named, for so long (default 60),
# two at a time, under address and undefined-behaviour sanitizers. Fails on any crash, leak, hang of 10 s,
# or use of more than 1 GB; the input then lies in build-fuzz/findings/. What a run has learnt stays in
# build-fuzz/corpus/ for the next one.
set -euo pipefail
cd "$(dirname "$0")/.."

export seconds=${1:-60} root=$PWD/build-fuzz
shift || true

if ! echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { (void)d, (void)n; return 0; }' |
    clang -fsanitize=fuzzer -x c - -o /dev/null 2>/dev/null; then
    echo "SKIPPED fuzzing: scripts/dependencies.sh --all installs clang and its libFuzzer" >&2
    exit 0
fi
scripts/build.sh fuzz -DISOBIT_WERROR=ON
fuzz/seeds.sh "$root/seeds" "$root/isobit"

# fuzz NAME: prints how many inputs were tried.
fuzz() {
    local log="$root/$1.log" findings="$root/findings/$1"
    mkdir -p "$root/corpus/$1" "$findings"
    "$root/fuzz/fuzz_$1" -max_total_time="$seconds" -dict="fuzz/$1.dict" -max_len=8192 -timeout=10 \
        -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$findings/" \
        "$root/corpus/$1" "$root/seeds/$1" >"$log" 2>&1 || {
        tail -60 "$log" >&2
        echo "FAILED: fuzz_$1; the input is in $findings" >&2
        return 1
    }
    sed -n "s/^stat::number_of_executed_units: */$1: inputs /p" "$log"
}
export -f fuzz

if [ $# -eq 0 ]; then
    for source in fuzz/*.c; do
        set -- "$@" "$(basename "$source" .c)"
    done
fi
printf '%s\n' "$@" | xargs -P 2 -I{} bash -c 'fuzz {}'
