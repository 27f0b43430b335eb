#!/usr/bin/env bash
# matrix.sh [--short]: the same bits from every compiler, optimisation level, instruction set, number of
# threads and batch size. Ends with a digest for each network, or names the first difference and exits
# with 1.
#
# Every build trains the networks of tests/digests.c on all instruction sets of the machine. The long form
# builds with gcc and clang from -O0 to -O3 and with link-time optimisation, also trains the examples on the
# built-in digits, runs the AArch64 build under emulation, and checks exp, log, tanh and sigmoid for all 2^32
# floats. The short one builds twice. Builds go to build-matrix/.
set -euo pipefail
cd "$(dirname "$0")/.."

short=false
[ "${1:-}" != --short ] || short=true
root=build-matrix
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# build NAME COMPILER FLAGS OPTION...
build() {
    local name=$1 compiler=$2 flags=$3
    shift 3
    echo "Building $name" >&2
    { cmake -S . -B "$root/$name" -DCMAKE_C_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Matrix \
        -DCMAKE_C_FLAGS="$flags" -DISOBIT_PRODUCT="$([ $short = true ] && echo OFF || echo ON)" "$@" &&
        cmake --build "$root/$name" --parallel "$(nproc)" --target isobit_digests isobit_driver &&
        { [ $short = true ] || cmake --build "$root/$name" --parallel "$(nproc)" --target isobit; }
    } >"$results/log" 2>&1 || {
        cat "$results/log" >&2
        fail "building $name"
    }
}

# same NAME KIND: what NAME computed is what the first build computed.
same() {
    local reference="$results/reference-$2" found="$results/$2" difference
    if [ ! -e "$reference" ]; then
        cp "$found" "$reference"
        echo "$1" >"$reference-name"
        return
    fi
    difference=$(diff "$reference" "$found") ||
        fail "$1 differs from $(cat "$reference-name"):
$(grep -m 2 '^[<>]' <<<"$difference")"
}

# digests NAME PROGRAM...: the networks of tests/digests.c.
digests() {
    local name=$1
    shift
    echo "Training with $name" >&2
    "$@" >"$results/digests" || fail "$name"
    same "$name" digests
}

# environment NAME: compilers may move arithmetic past a change of the environment; did this one?
environment() {
    "$root/$1/tests/isobit_driver" environment >"$results/log" 2>&1 || {
        cat "$results/log" >&2
        fail "$1 in the environment of a host"
    }
}

# examples NAME ISA THREADS: the examples on the built-in digits.
examples() {
    local example digest
    for example in after before none deep; do
        digest=$("$root/$1/isobit" train "examples/$example.yaml" --data digits --set fit.epochs=1 \
            --isa "$2" --threads "$3" --run "$results/run" --force -q | tail -1)
        echo "examples/$example.yaml ${digest#weights }"
    done >"$results/examples"
    same "$1, $2 on $3 threads" examples
}

isas() { # those that this machine has
    "$root/$1/isobit" info --json | grep -o '"isa_available":\[[^]]*' | grep -oE '"[a-z0-9]+"' |
        tr -d '"' | grep -v isa_available
}

run_short() {
    [ ! -x build/tests/isobit_digests ] || digests "the release build" build/tests/isobit_digests 1 3
    build gcc-O0 gcc -O0
    environment gcc-O0
    digests gcc-O0 "$root/gcc-O0/tests/isobit_digests" 2
    if command -v clang >/dev/null; then
        build clang-O3 clang "-O3 -DNDEBUG"
        environment clang-O3
        digests clang-O3 "$root/clang-O3/tests/isobit_digests" 1 2 5
    else
        echo "SKIPPED clang: it is not installed" >&2
    fi
}

# run_build COMPILER LEVEL THREADS...: without optimisation fewer threads, for the sake of time.
run_build() {
    local name=$1-O$2 compiler=$1 level=$2
    shift 2
    build "$name" "$compiler" "-O$level -DNDEBUG"
    environment "$name"
    digests "$name" "$root/$name/tests/isobit_digests" "$@"
    examples "$name" auto 2
}

run_link_time() {
    local name=$1-O3-lto
    if ! (build "$name" "$1" "-O3 -DNDEBUG" -DISOBIT_LTO=ON) 2>"$results/why"; then
        grep -q 'CMake Error.*[Ii][Pp][Oo]\|IPO is not supported\|LLVMgold' "$results/why" ||
            { cat "$results/why" >&2; fail "$name"; }
        echo "SKIPPED $name: the linker cannot do it" >&2
        return
    fi
    environment "$name"
    digests "$name" "$root/$name/tests/isobit_digests"
    examples "$name" auto 3
}

run_aarch64() {
    if ! { command -v aarch64-linux-gnu-gcc && command -v qemu-aarch64; } >/dev/null; then
        echo "SKIPPED AArch64: its compiler and qemu-user are not installed" >&2
        return
    fi
    scripts/build.sh aarch64
    digests "aarch64 under emulation" qemu-aarch64 build-aarch64/tests/isobit_digests 3
}

run_long() {
    local compiler isa threads=1
    for compiler in gcc clang; do
        if ! command -v $compiler >/dev/null; then
            echo "SKIPPED $compiler: it is not installed" >&2
            continue
        fi
        run_build $compiler 3
        run_build $compiler 2
        run_build $compiler 1 1 3 64
        run_build $compiler 0 2 5
        run_link_time $compiler
    done
    for isa in $(isas gcc-O3); do
        examples gcc-O3 "$isa" $threads
        threads=$((threads * 2 + 1))
    done
    run_aarch64
}

# All 2^32 floats through each function on every instruction set, as many at once as there are CPUs.
run_exhaustive() {
    echo "All floats through exp, log, tanh and sigmoid" >&2
    printf '%s\n' exp log tanh sigmoid | ISOBIT_TEST_STEP=1 xargs -P "$(nproc)" -I{} \
        "$root/gcc-O3/tests/isobit_driver" math/{} >"$results/math" 2>&1 ||
        { cat "$results/math" >&2; fail "a function is not what it is on all floats"; }
    [ "$(grep -c '^1 passed, 0 failed, 0 skipped' "$results/math")" = 4 ] ||
        { cat "$results/math" >&2; fail "not four functions were tested"; }
    echo "exp, log, tanh, sigmoid: all 2^32 floats"
}

if $short; then
    run_short
else
    run_long
fi
for network in $(cut -d' ' -f1 "$results/reference-digests" | uniq); do
    grep "^$network " "$results/reference-digests" | sha256sum |
        sed "s/^\(.\{16\}\).*/$network \1/"
done
$short || cat "$results/reference-examples"
$short || run_exhaustive
