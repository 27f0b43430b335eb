#!/usr/bin/env bash
# tsan.sh [--short]: cases and the program, built by clang with libomp, under ThreadSanitizer; a report
# fails. Training with saving, stopping and resuming on four threads, a study, evaluate, predict, verify
# and inspect, on images and on a table. The long form runs all numeric cases but for the slow ones, and
# the program with more threads and settings; the short one the cases of training and of resuming.
set -euo pipefail
cd "$(dirname "$0")/.."

short=false
[ "${1:-}" != --short ] || short=true
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# libomp says to ThreadSanitizer what it orders; libraries that were not built for it say nothing.
export TSAN_OPTIONS="log_path=$logs/report ignore_noninstrumented_modules=1 exitcode=0"

no_reports() {
    if compgen -G "$logs/report*" >/dev/null; then
        cat "$logs"/report* >&2
        fail "ThreadSanitizer reported"
    fi
}

# It must report what it is there to report; where it cannot be built, nothing is tested.
plant() {
    printf '%s\n' 'int sum; int main(void) {' '#pragma omp parallel num_threads(4)' 'sum++; return 0; }' |
        clang -fopenmp -fsanitize=thread -g -x c -o "$logs/planted" - 2>/dev/null || {
        echo "SKIPPED ThreadSanitizer: clang with libomp-dev is not installed" >&2
        exit 0
    }
    "$logs/planted" || true
    compgen -G "$logs/report*" >/dev/null || fail "ThreadSanitizer says nothing of a race"
    rm -f "$logs"/report*
}
plant
scripts/build.sh tsan -DISOBIT_WERROR=ON

# driver CASE...
driver() {
    build-tsan/tests/isobit_driver "$@" >"$logs/driver.txt" 2>&1 || {
        cat "$logs/driver.txt" >&2
        no_reports
        fail "build-tsan/tests/isobit_driver $*"
    }
    tail -1 "$logs/driver.txt"
}

# program STATUS ARGUMENT...
program() {
    local wanted=$1 status=0
    shift
    build-tsan/isobit "$@" >"$logs/program.txt" 2>&1 || status=$?
    [ "$status" = "$wanted" ] || {
        cat "$logs/program.txt" >&2
        no_reports
        fail "build-tsan/isobit $*: status $status"
    }
    runs=$((runs + 1))
}
runs=0

# A run that saves, is stopped by a signal, and goes on to the digest that the release build has.
train() {
    local run="$logs/$1" digest stopped status=0
    shift
    local arguments=("$@" --run "$run" --no-progress --save-every 3)
    build-tsan/isobit train "${arguments[@]}" --threads 4 >"$logs/program.txt" 2>&1 &
    stopped=$!
    until [ -e "$run/previous.safetensors" ] || ! kill -0 "$stopped" 2>/dev/null; do sleep 0.05; done
    kill -TERM "$stopped" 2>/dev/null || true
    wait "$stopped" || status=$?
    [ "$status" = 75 ] || fail "a signal, and status $status: $(cat "$logs/program.txt")"
    program 0 train "${arguments[@]}" --threads 4 --resume
    digest=$(tail -1 "$logs/program.txt")
    build/isobit train "${arguments[@]}" --force >"$logs/plain.txt" 2>&1
    [ "$digest" = "$(tail -1 "$logs/plain.txt")" ] || fail "other weights under ThreadSanitizer: $digest"
    program 0 evaluate "$run" --threads 4
    program 0 predict "$run" --threads 4
}

# Numbers and words, 3000 rows of them: read in several blocks at once.
table() {
    awk 'BEGIN { srand(1); print "age,job,income"
        for (i = 0; i < 3000; i++) {
            age = 20 + int(rand() * 50); job = substr("abcde", 1 + int(rand() * 5), 1)
            print age "," job "," (age + (job == "a" ? 20 : 0) > 45 ? "high" : "low") } }' >"$1"
}

digits=(examples/deep.yaml --set fit.batch_size=256 --set model.1.dense.units=33 --set model.3.dense.units=17
    --set "fit.callbacks=[{early_stopping: {restore_best_weights: true, patience: 9}}]")
cat >"$logs/table.yaml" <<END
data: {source: table.csv, label: income, validation: 0.2, test: 0.2}
model: [{dense: {units: 16, activation: relu}}, {dropout: {rate: 0.1}}, {dense: {units: 2, activation: softmax}}]
compile: {optimizer: adam, loss: sparse_categorical_crossentropy, metrics: [accuracy, train_eval]}
fit: {epochs: 3, batch_size: 64}
END
cat >"$logs/study.yaml" <<END
experiment: table.yaml
seeds: 2
vary: {placement: [none, after], rate: [0.1, 0.3]}
END
table "$logs/table.csv"

driver training resume
train digits "${digits[@]}" --set fit.epochs=2
train table "$logs/table.yaml"
program 0 predict "$logs/table" --data "$logs/table.csv" --threads 4
program 0 inspect "$logs/table.csv" --threads 4
program 0 verify "$logs/table" --threads 3
program 0 study "$logs/study.yaml" --run "$logs/study" --threads 4 --no-progress
if ! $short; then
    driver -training -resume -order -gradient -invariance
    train many "${digits[@]}" --set fit.epochs=3 --set fit.batch_size=32 --set compile.optimizer=sgd
    program 0 study "$logs/study.yaml" --run "$logs/shared" --threads 9 --no-progress
    program 0 study "$logs/study.yaml" --run "$logs/timed" --threads 2 --time 20s
    program 0 verify "$logs/digits" --threads 8
    program 0 bench examples/none.yaml --threads 1,4 --seconds 0.2
    program 0 selftest
fi
no_reports
echo "ThreadSanitizer: no report in $runs runs of the program"
