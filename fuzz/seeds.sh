#!/usr/bin/env bash
# seeds.sh FOLDER: makes a small corpus for each target, to start from, in a folder of FOLDER of its
# name.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"/{safetensors,experiment,idx,npy,csv}
cd "$1"

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

cp "$root"/examples/*.yaml experiment/
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
# An archive of x.npy and y.npy, stored and deflated.
python3 - npy <<'PYTHON'
import sys, zipfile
folder = sys.argv[1]
for name, method in ("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(f"{folder}/{name}.npz", "w", method) as archive:
        for key, array in ("x_train", "bytes"), ("y_train", "labels"), ("x", "bytes"), ("y", "labels"):
            archive.write(f"{folder}/{array}", f"{key}.npy")
PYTHON

printf 'a,b,c\n1,x,\n-2.5e3,"y, ""z""\n",?\n' >csv/comma
printf 'a\tb\r\n1\t\r\n\r\n2\tnan\r\n' >csv/tab
gzip -9n <csv/comma >csv/comma.gz
