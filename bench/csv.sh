#!/usr/bin/env bash
# csv.sh [BUILD]: time to read a CSV of 1,000,000 rows and 20 columns of numbers, by Isobit and by
# pandas, in turn, on the same cores. The build needs ISOBIT_BENCH; pandas comes from PyPI into
# BUILD/pandas-venv.
set -euo pipefail
cd "$(dirname "$0")/.."

build=${1:-build}
venv=$build/pandas-venv
table=$(mktemp --suffix=.csv)
trap 'rm -f "$table"' EXIT

if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import pandas' 2>/dev/null; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: pandas==3.1.1
fi

"$venv/bin/python" - "$table" <<'PYTHON'
import sys
import numpy
import pandas

random = numpy.random.default_rng(1)
numbers = random.normal(size=(1_000_000, 20)).round(6)
pandas.DataFrame(numbers, columns=[f"x{i}" for i in range(20)]).to_csv(sys.argv[1], index=False)
PYTHON
du -m "$table" | awk '{ print $1 " MB" }'

for round in 1 2 3; do
    echo "round $round"
    "$build/bench/bench_csv" "$table" "$(nproc)" | tail -1
    "$venv/bin/python" - "$table" <<'PYTHON'
import sys
import time
import pandas

times = []
for _ in range(3):
    begin = time.perf_counter()
    table = pandas.read_csv(sys.argv[1], dtype="float32")
    times.append(time.perf_counter() - begin)
assert table.shape == (1_000_000, 20)
print(f"pandas  {min(times):.3f} s")
PYTHON
done
