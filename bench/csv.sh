#!/usr/bin/env bash
# csv.sh [BUILD [ROUNDS]]: what it takes to read a CSV of 1,000,000 rows and 20 columns of numbers: Isobit,
# and pandas with its C engine and with pyarrow's, in turn on the same cores, on one thread and on two. The
# build needs ISOBIT_BENCH; pandas and pyarrow come from PyPI into BUILD/pandas-venv.
set -euo pipefail
cd "$(dirname "$0")/.."

build=${1:-build}
rounds=${2:-5}
venv=$build/pandas-venv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import pandas, pyarrow' 2>/dev/null; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: pandas==3.1.1 pyarrow
fi
"$venv/bin/python" bench/csv_pandas.py make "$work/table.csv"
du -m "$work/table.csv" | awk '{ print $1 " MB" }'

# run READER THREADS COMMAND...
run() {
    local reader=$1 threads=$2
    shift 2
    local figures
    figures=$(taskset -c "0-$((threads - 1))" "$@")
    echo "$reader $threads $figures" >>"$work/runs"
}
for _ in $(seq "$rounds"); do
    for threads in 1 2; do
        run isobit "$threads" "$build/bench/bench_csv" "$work/table.csv" "$threads"
        run pandas-c "$threads" "$venv/bin/python" bench/csv_pandas.py c "$work/table.csv" "$threads"
        run pyarrow "$threads" "$venv/bin/python" bench/csv_pandas.py pyarrow "$work/table.csv" "$threads"
    done
done
"$venv/bin/python" bench/csv_pandas.py table "$work/runs"
