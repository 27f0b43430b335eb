#!/usr/bin/env bash
# seeds.sh FOLDER PROGRAM: makes a small corpus for each target, to start from, in a folder of FOLDER of its
# name. What the program itself writes comes from PROGRAM, which trains a few tiny models.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
program=$(realpath "$2")
mkdir -p "$1"
cd "$1"
for source in "$root"/fuzz/*.c; do
    mkdir -p "$(basename "$source" .c)"
done

entry() { # NAME SHAPE BEGIN END
    printf '"%s":{"dtype":"F32","shape":[%s],"data_offsets":[%s,%s]}' "$@"
}

# The switches of fuzz/safetensors.c: 2 is a file of any tool, 3 one of Isobit's, both with the length of
# the header filled in; 0 and 1 are the same as they lie.
zeros=$(printf '0%.0s' {1..64})
header="{\"__metadata__\":{\"sha256\":\"$zeros\",\"epochs\":\"1\"},$(entry dense.kernel 2,1 0 8),$(entry dense.bias 1 8 12)}"
printf '\2{%s}\0\0\200\77' "$(entry a 1 0 4)" >safetensors/any
printf '\3%s\0\0\200\77\0\0\200\77\0\0\200\77' "$header" >safetensors/own
text="{$(entry a 1 0 4)} "
printf "\\0\\$(printf %o ${#text})\\0\\0\\0\\0\\0\\0\\0%s\\0\\0\\200\\77" "$text" >safetensors/raw
printf '\2{}' >safetensors/empty

cp "$root"/examples/{adult,after,before,deep,none}.yaml experiment/
printf 'data: {source: digits}\nmodel: [dense: {units: 2}]\ncompile: {optimizer: sgd, loss: sparse_categorical_crossentropy}\n\0fit.epochs\0%s\0model.dense.units\0%s\0' 3 4 >experiment/settings

printf '\0\0\10\3\0\0\0\2\0\0\0\2\0\0\0\2abcdefgh' >idx/images
printf '\0\0\10\1\0\0\0\2\1\2' >idx/labels
gzip -9n <idx/images >idx/images.gz
cat <(head -c 9 idx/images | gzip -9n) <(tail -c +10 idx/images | gzip -9n) >idx/members.gz

array() { # TYPE FORTRAN SHAPE BYTES
    local header="{'descr': '$1', 'fortran_order': $2, 'shape': $3, }"
    printf "\\x93NUMPY\\1\\0\\$(printf %o ${#header})\\0%s$4" "$header"
}
array '|u1' False '(2, 2)' 'abcd' >npy/bytes
array '>f8' True '(1, 2)' 'abcdefghABCDEFGH' >npy/doubles
array '<i4' False '(2,)' '\1\0\0\0\2\0\0\0' >npy/labels
gzip -9n <npy/bytes >npy/bytes.gz

printf 'a,b,c\n1,x,\n-2.5e3,"y, ""z""\n",?\n' >csv/comma
printf 'a\tb\r\n1\t\r\n\r\n2\tnan\r\n' >csv/tab
gzip -9n <csv/comma >csv/comma.gz

table='a,b,c\n1,x,no\n2,y,yes\n,x,no\n3,?,yes\n5,y,no\n4,x,yes\n'
printf "label: c, missing: ['?'], missing_policy: indicator, test: 0.34\\0$table" >table/indicator
printf "label: a, missing_policy: drop_row, features: {drop: [b], standardize: none}\\0$table" >table/drop
printf "label: c, missing: [x], missing_policy: mean, features: {one_hot: [a, b]}\\0$table" >table/mean

study='name: s\nexperiment: base.yaml\nseeds: 2\n'
printf "${study}vary: {placement: [none, before, after], rate: [0.1, 0.2]}\nmetric: val_accuracy\n" >study/placement
printf "${study}vary: {model.1.dense.units: [1, 2]}\nhalving: {epochs: 1, reduce: 2}\n" >study/halving
printf "${study}variants:\n  - {name: a, set: {fit.epochs: 2}}\n  - {name: b, model: [flatten, dense: {units: 10, activation: softmax}]}\n" >study/variants
{ printf '%s\0' "$(cat "$root/examples/study.yaml")" && cat "$root/examples/after.yaml"; } >study/example

# What the program writes: a run of arrays and one of a table, a study, an exported model.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
array '|u1' False '(8, 2)' 'abcdefghijklmnop' >"$work/x.npy"
array '|u1' False '(8,)' '\0\1\0\1\0\1\0\1' >"$work/y.npy"
printf "$table" | sed 's/?/x/; s/^,/2,/' >"$work/t.csv"
run() {
    (cd "$work" && "$program" "$@" --quiet) >/dev/null
}
model='[dense: {units: 2, activation: relu}, dropout: {rate: 0.5}, dense: {units: 2, activation: softmax}]'
rest="model: $model
compile: {optimizer: adam, loss: sparse_categorical_crossentropy, metrics: [accuracy]}
fit: {epochs: 2, batch_size: 4, callbacks: [early_stopping: {monitor: loss, patience: 9, restore_best_weights: true}]}"
printf 'data: {source: {x: x.npy, y: y.npy}, scale: 255, validation: 0.5}\n%s\n' "$rest" >"$work/arrays.yaml"
printf 'data: {source: t.csv, label: c}\n%s\n' "$rest" >"$work/table.yaml"
printf 'experiment: arrays.yaml\nseeds: 2\nvary: {model.1.dropout.rate: [0, 0.5]}\n' >"$work/study.yaml"
run train arrays.yaml --threads 1
run train table.yaml --threads 1
run study study.yaml --threads 1
(cd "$work" && "$program" export runs/arrays --to net.keras --quiet)

python3 - "$work" "$table" <<'PYTHON'
import json, pathlib, struct, sys, zipfile

work = pathlib.Path(sys.argv[1])
table = sys.argv[2].encode().decode("unicode_escape").encode()
run, of_table, study = work / "runs/arrays", work / "runs/table", work / "studies/study"

def put(target, name, data):
    pathlib.Path(target, name).write_bytes(data)

def metadata(path):
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    return json.loads(data[8 : 8 + length])["__metadata__"]

x, y = (work / "x.npy").read_bytes(), (work / "y.npy").read_bytes()
sized = lambda data: struct.pack("<H", len(data)) + data
put("npz", "stored", b"\0" + sized(x) + sized(y))
put("npz", "deflated", b"\2" + sized(x) + sized(y))
put("npz", "test", b"\14" + sized(x) + sized(y) + sized(x) + sized(y))
with zipfile.ZipFile(work / "x.npz", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("x.npy", x)
    archive.writestr("y.npy", y)
put("npz", "raw", b"\1" + (work / "x.npz").read_bytes())

keras = (work / "net.keras").read_bytes()
with zipfile.ZipFile(work / "net.keras") as archive:
    config, weights = archive.read("config.json"), archive.read("model.weights.h5")
put("keras", "raw", b"\1" + keras)
for name, switches in ("members", b"\0"), ("archive", b"\2"), ("deflated", b"\6"):
    put("keras", name, switches + sized(config) + weights)

put("preprocessing", "fitted", metadata(of_table / "model.safetensors")["preprocessing"].encode() + b"\0" + table)
last = metadata(run / "last.safetensors")
wanted = [k for k in last if k not in ("experiment", "preprocessing", "sha256")]
put("checkpoint", "last", b"".join(f"{k}\0{last[k]}\0".encode() for k in wanted))
events = (run / "events.jsonl").read_bytes()
put("events", "run", struct.pack("<H", len(events) // 2) + events)
put("history", "run", bytes([2, 2 | 128]) + (run / "history.csv").read_bytes())
put("journal", "study", (study / "runs.jsonl").read_bytes())
put("record", "run", b"\0".join((run / "run.json", run / "experiment.yaml", study / "study.json")[i].read_bytes() for i in range(3)))
PYTHON
