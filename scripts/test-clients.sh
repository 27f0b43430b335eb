#!/usr/bin/env bash
# test-clients.sh: compares the statistics of a study with SciPy's, on a few thousand seeded random cases,
# the arrays that are read with those that NumPy wrote, and a table trained on with scikit-learn, where
# ISOBIT_ADULT, or shared/data/adult beside the checkout, is the census table; and exported models with what
# Keras, ONNX Runtime, PyTorch (where ISOBIT_TORCH names a Python that has it and safetensors) and others make of them.
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
    echo "Installing SciPy, scikit-learn, Keras, ONNX Runtime and others into $venv" >&2
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
        -r "$requirements" || fail "they could not be had from PyPI"
    cp "$requirements" "$venv/installed.txt"
fi
echo "$program against SciPy"
"$venv/bin/python" tests/clients/statistics.py "$program" || fail "tests/clients/statistics.py"
echo "build/tests/isobit_arrays against NumPy"
"$venv/bin/python" tests/clients/arrays.py build/tests/isobit_arrays build/isobit || fail "tests/clients/arrays.py"

adult=${ISOBIT_ADULT:-../shared/data/adult/adult.csv.gz}
if [ -r "$adult" ]; then
    echo "build/isobit against scikit-learn"
    "$venv/bin/python" tests/clients/tables.py build/isobit "$adult" || fail "tests/clients/tables.py"
else
    echo "SKIPPED tests/clients/tables.py: no $adult; name the census table in ISOBIT_ADULT"
fi
echo "build/isobit export and import against Keras, ONNX Runtime, NumPy and safetensors"
"$venv/bin/python" tests/clients/export_formats.py build/isobit || fail "tests/clients/export_formats.py"
"$venv/bin/python" tests/clients/export_tables.py build/isobit "$adult" || fail "tests/clients/export_tables.py"
"${ISOBIT_TORCH:-$venv/bin/python}" tests/clients/pytorch.py build/isobit || fail "tests/clients/pytorch.py"
