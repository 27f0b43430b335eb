#!/usr/bin/env bash
# Installs what is missing, builds build/isobit and trains the first example on the built-in digits.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/dependencies.sh
scripts/build.sh release
build/isobit train examples/after.yaml --force "$@"
