#!/usr/bin/env bash
# run.sh [--quick] [--no-torch]: the same training steps in Isobit and its rivals, side by side, in
# build/rivals.md and build/rivals.csv. The first run installs the rivals from PyPI into
# build/rivals-venv (RIVALS_VENV names another folder); without PyTorch that is far smaller. Where
# LIBXSMM_MLP names the MLP driver of LIBXSMM-DNN, that takes part.
set -euo pipefail
cd "$(dirname "$0")/../.."

quick=()
rivals=isobit,isobit_lit,keras,tensorflow,torch,jax,sklearn
requirements=(-r bench/rivals/requirements.txt)
torch=(-r bench/rivals/requirements-torch.txt)
for argument in "$@"; do
    case $argument in
    --quick) quick=(--quick) ;;
    --no-torch)
        rivals=isobit,isobit_lit,keras,tensorflow,jax,sklearn
        torch=()
        ;;
    *)
        echo "error: run.sh knows --quick and --no-torch, not '$argument'" >&2
        exit 2
        ;;
    esac
done
requirements+=("${torch[@]}")
[ -z "${LIBXSMM_MLP:-}" ] || rivals+=,libxsmm

venv=${RIVALS_VENV:-build/rivals-venv}
if [ -z "${ISOBIT:-}" ]; then
    scripts/dependencies.sh
    scripts/build.sh release
    export ISOBIT=$PWD/build/isobit
fi
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check "${requirements[@]}" >&2
exec "$venv/bin/python" bench/rivals/compare.py "${quick[@]}" --rivals "$rivals" --out build
