#!/usr/bin/env bash
# report.sh BUILD_FOLDER >TABLES.md: runs all benchmarks and writes what they measured as
# Markdown tables. Takes some minutes; the machine should do nothing else meanwhile. The JSON of Google Benchmark stays in
# BUILD_FOLDER/report; `report.sh --tables BUILD_FOLDER` writes the tables from it again.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

tables_only=false
if [ "${1:-}" = --tables ]; then
    tables_only=true
    shift
fi
[ $# -eq 1 ] || {
    echo "usage: bench/report.sh [--tables] BUILD_FOLDER" >&2
    exit 2
}
programs=$1/bench
results=$1/report

busy() { awk '{ exit !($1 >= 0.7) }' /proc/loadavg; }

# Waits until the machine is quiet, also from the program before, three minutes at most; says what comes.
announce() {
    local waited=0
    while busy && [ "$waited" -lt 180 ]; do
        sleep 5
        waited=$((waited + 5))
    done
    echo "bench_$1 (load $(cut -d ' ' -f 1 /proc/loadavg))" >&2
    if busy; then
        echo "warning: other work runs on this machine; the figures will be wrong" >&2
    fi
}

run() {
    announce "$1"
    "$programs/bench_$1" --benchmark_out="$results/$1.json" --benchmark_out_format=json \
        >/dev/null 2>"$results/$1.log"
}

if ! $tables_only; then
    mkdir -p "$results"
    for name in kernels blas steps; do
        run "$name"
    done
    announce phases
    "$programs/bench_phases" >"$results/phases.txt"
    LC_ALL=C lscpu >"$results/lscpu.txt"
fi
python3 "$here/tables.py" "$results"
