#!/usr/bin/env bash
# check_symbols.sh [BUILD]: reads the compiled objects of a build (default: build) for what the rules of
# docs/numerics.md forbid. Each gate must first refuse an object made to break its rule.
set -euo pipefail
cd "$(dirname "$0")/.."

build=${1:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# instructions FILE...: one line each, `object: mnemonic operands`.
instructions() {
    local file
    for file in "$@"; do
        objdump -d --no-show-raw-insn "$file" |
            awk -F'\t' -v name="$file" 'NF > 1 && $1 ~ /^ *[0-9a-f]+:/ { print name ": " $2 }'
    done
}

# imports FILE...: one line each, `object: symbol`.
imports() {
    nm -u -A --format=posix "$@" | awk '{ sub(/@.*/, "", $2); print $1 " " $2 }'
}

# The gates. Each prints what it refuses.
estimates() { # rules 1 and 5: no estimate of a reciprocal or a square root
    instructions "$@" |
        grep -E ': (v?r(cp|sqrt)(14|28)?[ps][sdh]|f?u?r(ecp|sqrt)[esx])( |$)' || true
}
fused() { # rule 1: a fused multiply-add only where it is written: in the kernels, and where their peak is measured
    instructions "$@" | grep -v '/cpu/peak\.c\.o: ' |
        grep -E ': (vfn?m(add|sub|addsub|subadd)[0-9]*[ps][sdh]|fn?m(add|sub)|fml[as])( |$)' || true
}
environment() { # rule 1: the floating-point environment is set in one place
    instructions "$@" | grep -v '/fpenv\.c\.o: ' |
        grep -E ': (v?ldmxcsr|fldcw|fldenv|x?rstors?64|fxrstor(64)?|msr +fpcr)( |,|$)' || true
}
libm() { # rule 5: no function whose bits are the C library's affair
    imports "$@" | grep -E ' (a?(sin|cos|tan)h?|sincos|atan2|exp(2|10|m1)?|log(2|10|1p|b)?|pow|sqrt|cbrt|hypot|fma|[lt]?gamma|erfc?|fmod|remainder|l?l?r?(int|ound)|nearbyint|floor|ceil|trunc|ldexp|scalbn?)[fl]?$' || true
}
foreign() { # no order, number or chance that is the C library's affair; text becomes numbers in one place
    imports "$@" | grep -v '/base/number\.c\.o: strto[df]$' |
        grep -E ' (qsort(_r)?|s?rand(om)?(_r)?|[delnjm]rand48(_r)?|arc4random.*|getrandom|strto(f|d|ld)|atof|fesetround|fesetenv|setlocale)$' || true
}

# plant GATE CODE: the gate must refuse an object made from the code.
plant() {
    local object="$work/planted-$1.o"
    printf '%s\n' "$2" | "${CC:-cc}" -O1 -fno-builtin -x c -c -o "$object" -
    [ -n "$("$1" "$object")" ] || fail "the gate '$1' lets through what it is there to refuse: $2"
}

# gate NAME FILE...: nothing may be refused.
gate() {
    local refused name=$1
    shift
    [ $# -gt 0 ] || fail "no objects for the gate '$name'; build first"
    refused=$("$name" "$@")
    [ -z "$refused" ] || fail "the gate '$name' refuses
$refused"
}

case $(uname -m) in
x86_64)
    plant estimates 'void f(void) { __asm__("rsqrtps %xmm0, %xmm0"); }'
    plant estimates 'void f(void) { __asm__("vrcp14ps %zmm0, %zmm1"); }'
    plant fused 'void f(void) { __asm__("vfmadd231ps %ymm0, %ymm1, %ymm2"); }'
    plant environment 'void f(unsigned x) { __asm__("ldmxcsr %0" : : "m"(x)); }'
    plant environment 'void f(unsigned short x) { __asm__("fldcw %0" : : "m"(x)); }'
    ;;
aarch64)
    plant estimates 'void f(void) { __asm__("frecpe v0.4s, v0.4s"); }'
    plant fused 'void f(void) { __asm__("fmla v0.4s, v1.4s, v2.4s"); }'
    plant environment 'void f(long x) { __asm__("msr fpcr, %0" : : "r"(x)); }'
    ;;
esac
plant libm 'float tanhf(float); float f(float x) { return tanhf(x); }'
plant libm 'double sqrt(double); double f(double x) { return sqrt(x); }'
plant foreign 'void qsort(); void f(void) { qsort(); }'
plant foreign 'double strtod(); double f(void) { return strtod(); }'

objects=$build/CMakeFiles
mapfile -t core < <(find "$objects/isobit_core.dir" -name '*.o' | sort)
mapfile -t simd < <(find "$objects" -path '*isobit_simd_*' -name '*.o' | sort)
mapfile -t product < <(find "$objects/libisobit.dir" "$objects/isobit.dir" -name '*.o' | sort)
mapfile -t statistics < <(find "$objects/libisobit.dir/src/study" -name '*.o' | grep -E \
    '/(elementary|student|power|sign_flip|holm|statistics|summarize)\.c\.o$' | sort)
[ ${#statistics[@]} -eq 7 ] || fail "not the objects of a study's statistics: ${statistics[*]}"
binary=$build/isobit

gate estimates "${core[@]}" "${simd[@]}" "${product[@]}" "$binary"
gate fused "${core[@]}" "${product[@]}"
gate environment "${core[@]}" "${simd[@]}" "${product[@]}"
gate libm "${core[@]}" "${simd[@]}" "${statistics[@]}"
gate foreign "${core[@]}" "${simd[@]}"

# The kernels do have what the others may not: the gates read what is there.
case $(uname -m) in
x86_64)
    [ -n "$(fused "${simd[@]}")" ] || fail "no fused multiply-add in the kernels"
    # A compiler that takes prefetches for code without effect drops them in silence.
    [ -n "$(instructions "$objects/isobit_core.dir/src/layers/gather.c.o" | grep ': prefetch')" ] ||
        fail "nothing calls for the rows of the next chunk"
    ;;
esac
echo "$build: ${#core[@]} + ${#simd[@]} + ${#product[@]} objects keep the rules"
