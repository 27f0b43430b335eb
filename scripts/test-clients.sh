#!/usr/bin/env bash
# test-clients.sh: compares the statistics of a study with SciPy's, on a few thousand seeded random cases,
# and the arrays that are read with those that NumPy wrote.
# They come from PyPI into build/clients-venv, in the versions of tests/clients/requirements.txt. Needs
# the release build.
set -euo pipefail
cd "$(dirname "$0")/.."

program=build/tests/isobit_statistics
venv=build/clients-venv
requirements=tests/clients/requirements.txt

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

[ -x "$program" ] || fail "no $program; scripts/build.sh release makes it"
if ! cmp -s "$requirements" "$venv/installed.txt"; then
    echo "Installing SciPy into $venv" >&2
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
        -r "$requirements" || fail "SciPy could not be had from PyPI"
    cp "$requirements" "$venv/installed.txt"
fi
echo "$program against SciPy"
"$venv/bin/python" tests/clients/statistics.py "$program" || fail "tests/clients/statistics.py"
echo "build/tests/isobit_arrays against NumPy"
"$venv/bin/python" tests/clients/arrays.py build/tests/isobit_arrays build/isobit || fail "tests/clients/arrays.py"
