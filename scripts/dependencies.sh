#!/usr/bin/env bash
# dependencies.sh [--all]: installs the Debian packages that building and testing Isobit needs; with
# --all also those without which scripts/test.sh skips a part. Does nothing where all are there.
set -euo pipefail

packages=(
    build-essential cmake ninja-build pkg-config # the build
    libfyaml-dev libjansson-dev zlib1g-dev libzip-dev libssl-dev # YAML, JSON, gzip, zip, SHA-256
    libprotobuf-c-dev protobuf-c-compiler libonnx-dev # ONNX
    libcriterion-dev # the tests
    python3-venv # their comparison with SciPy, and what looks at reports
)
if [ "${1:-}" = --all ]; then
    packages+=(
        clang libomp-dev libclang-rt-14-dev # ThreadSanitizer, libFuzzer
        valgrind
        gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user # AArch64 by emulation
        libbenchmark-dev # the benchmarks
        locales-all # a decimal comma
        chromium # reports of studies in a browser
    )
fi

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "error: installing ${missing[*]} needs root; become root or install sudo" >&2
        exit 1
    }
    as_root=(sudo)
fi
echo "Installing ${missing[*]}" >&2
"${as_root[@]}" apt-get update -qq >&2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
