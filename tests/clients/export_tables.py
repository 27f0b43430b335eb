"""export_tables.py PROGRAM [ADULT]: models of tables through isobit export and other programs.

PROGRAM is build/isobit, ADULT the census table (adult.csv.gz), which is left out where it is not
there. What ONNX Runtime makes of raw rows, and what Keras, NumPy and PyTorch make of rows encoded
by a few lines of Python, must be what isobit predict prints, to 1e-6.
"""

import contextlib
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
import onnx
import onnxruntime
import pandas
from safetensors import safe_open
from safetensors.numpy import load_file

ROWS = 1000
TOLERANCE = 1e-6

EXPERIMENT = """
data:
  source: table.csv
  label: %(label)s
  features: %(features)s
  missing: ['?', '-999']
  missing_policy: %(policy)s
model:
  - dense: {units: 24, activation: relu}
  - dropout: {rate: 0.1}
  - dense: {units: 16, activation: tanh}
  - dense: %(output)s
compile: {optimizer: adam, loss: %(loss)s}
fit: {epochs: 2, batch_size: 50}
"""
CLASSES = {"output": "{units: %d, activation: softmax}", "loss": "sparse_categorical_crossentropy"}
LOGITS = {"output": "{units: %d}", "loss": "{sparse_categorical_crossentropy: {from_logits: true}}"}
REGRESSION = {"output": "{units: 1}", "loss": "mean_squared_error"}


def fail(message):
    sys.exit(f"FAILED: {message}")


def isobit(*arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        fail(f"isobit {' '.join(arguments)}: status {done.returncode}: {done.stderr}")
    return done.stdout


def draw():
    """Columns called as values of a graph are, gaps of every kind, texts to be quoted."""
    random = np.random.default_rng(11)
    weight = random.normal(70, 12, ROWS).astype("f4")
    job = random.choice(["baker", "cook, chief", 'the "smith"', "", "?", "é ü"], ROWS)
    code = random.choice(["01", "02", "10"], ROWS)
    huge = random.normal(3e6, 40, ROWS).astype("f4")
    score = weight / 10 + (job == "baker") * 3 + (code == "10") * 2 + random.normal(0, 1, ROWS)
    table = pandas.DataFrame({"id": range(ROWS), "y": weight, "job": job, "dense.kernel": huge})
    table["gap"] = np.where(random.random(ROWS) < 0.2, np.nan, random.normal(size=ROWS))
    table["mark"] = np.where(random.random(ROWS) < 0.2, -999, random.integers(0, 9, ROWS))
    table["code"] = code
    table["label"] = np.where(score > 10, "yes, 'x'", np.where(score > 8, "so", "no"))
    table["target"] = score.astype("f4")
    return table



def inputs_of(session, raw):
    feed = {}
    for entry in session.get_inputs():
        column = raw[entry.name].to_numpy()[:, None]
        if entry.shape != ["N", 1]:
            fail(f"column {entry.name} has shape {entry.shape}")
        if entry.type == "tensor(float)":
            column = np.where(column == "", "nan", column).astype("f4")
        elif entry.type == "tensor(string)":
            column = column.astype(object)
        else:
            fail(f"column {entry.name} is of {entry.type}")
        feed[entry.name] = column
    return feed


def by_onnx(name, raw, regression):
    path = f"{name}.onnx"
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    results = session.run(None, inputs_of(session, raw))
    if regression:
        if len(results) != 1:
            fail(f"{path}: has {len(results)} outputs")
        return results[0], None
    (entry,) = model.metadata_props
    y, label = results
    classes = np.array(json.loads(entry.value))
    if entry.key != "classes" or not (classes[y.argmax(1)] == label).all():
        fail(f"{path}: classes {classes}, labels {label[:5]}")
    return y, label


def encode(preprocessing, table):
    """The code of docs/export.md. A missing cell is NaN."""
    columns = []
    for feature in preprocessing["features"]:
        cells = table[feature["name"]]
        if "categories" in feature:
            texts = cells.fillna(feature["categories"][feature["mode"]])
            columns += [texts == category for category in feature["categories"]]
        else:
            columns.append(cells.fillna(feature["fill"]))
        if feature["indicator"]:
            columns.append(cells.isna())
    return np.stack(columns, 1).astype("f4")


def features_of(preprocessing, raw):
    table = raw.replace({"": np.nan, "?": np.nan, "-999": np.nan})
    for feature in preprocessing["features"]:
        if "categories" not in feature:
            table[feature["name"]] = table[feature["name"]].astype("f4")
    return encode(preprocessing, table)


def activate(name, x):
    if name == "softmax":
        e = np.exp(x - x.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)
    return {"linear": lambda: x, "relu": lambda: np.maximum(x, 0), "tanh": lambda: np.tanh(x)}[name]()


def by_safetensors(path, raw):
    tensors = load_file(path)
    with safe_open(path, "np") as file:
        metadata = file.metadata()
    x = features_of(json.loads(metadata["preprocessing"]), raw).astype("f8")
    x = (x - tensors["scaling.offset"]) / tensors["scaling.divisor"]
    for i, activation in enumerate(metadata["activations"].split(",")):
        x = activate(activation, x @ tensors[f"layers.{i}.weight"].T + tensors[f"layers.{i}.bias"])
    return x


def by_keras(path, raw):
    with zipfile.ZipFile(path) as archive:
        preprocessing = json.loads(json.loads(archive.read("metadata.json"))["preprocessing"])
    model = keras.models.load_model(path)
    model.save("saved-again.keras")
    keras.models.load_model("saved-again.keras")
    return np.array(model(features_of(preprocessing, raw), training=False))


def check_npz(path, safetensors):
    arrays, tensors = np.load(path), load_file(safetensors)
    with safe_open(safetensors, "np") as file:
        metadata = file.metadata()
    if arrays["preprocessing"].tobytes().decode() != metadata["preprocessing"]:
        fail(f"{path}: another preprocessing than {safetensors}")
    for name in ["scaling.offset", "scaling.divisor"]:
        if not np.array_equal(arrays[name], tensors[name]):
            fail(f"{path}: {name} is not that of {safetensors}")
    if len(arrays.files) != len(tensors) + 1:
        fail(f"{path}: holds {arrays.files}")


def compare(what, expected, found):
    difference = (np.abs(expected.astype("f8") - found) / np.maximum(1, np.abs(expected))).max()
    if found.shape != expected.shape or not difference <= TOLERANCE:
        fail(f"{what}: differs by {difference} from isobit predict")
    print(f"{what}: largest difference {difference:.1e}")


def predict(run, regression):
    lines = list(csv.reader(io.StringIO(isobit("predict", run, "--data", "table.csv"))))[1:]
    if regression:
        return None, np.array([line[1:] for line in lines], "f4")
    return np.array([line[1] for line in lines]), np.array([line[2:] for line in lines], "f4")


def check(name, label, features, policy, kind, classes=2):
    regression = kind is REGRESSION
    with open(f"{name}.yaml", "w") as file:
        output = kind["output"] % classes if "%d" in kind["output"] else kind["output"]
        settings = {"label": label, "features": features, "policy": policy}
        file.write(EXPERIMENT % (kind | settings | {"output": output}))
    isobit("train", f"{name}.yaml", "-q")
    for format in ["keras", "onnx", "npz", "safetensors"]:
        isobit("export", f"runs/{name}", "--to", f"{name}.{format}")
    if policy in ("error", "drop_row"):
        check_refusing(name)
        return
    labels, expected = predict(f"runs/{name}", regression)
    raw = pandas.read_csv("table.csv", dtype=str, keep_default_na=False)
    y, found_labels = by_onnx(name, raw, regression)
    compare(f"{name}.onnx", expected, y)
    if not regression and not (found_labels == labels).all():
        fail(f"{name}.onnx: other labels than isobit predict")
    compare(f"{name}.keras", expected, by_keras(f"{name}.keras", raw))
    compare(f"{name}.safetensors", expected, by_safetensors(f"{name}.safetensors", raw))
    check_npz(f"{name}.npz", f"{name}.safetensors")


def check_refusing(name):
    """A model that has nothing for missing cells: their rows are NaN, the others isobit's."""
    raw = pandas.read_csv("table.csv", dtype=str, keep_default_na=False)
    session = onnxruntime.InferenceSession(f"{name}.onnx", providers=["CPUExecutionProvider"])
    used = [entry.name for entry in session.get_inputs()]
    gaps = raw[used].isin(["", "?", "-999"]).any(axis=1).to_numpy()
    y = session.run(None, inputs_of(session, raw))[0]
    if not 0 < gaps.sum() < len(raw) or not (np.isnan(y).all(1) == gaps).all():
        fail(f"{name}.onnx: the rows of missing cells are not those that are NaN")
    raw[~gaps].to_csv("whole.csv", index=False)
    lines = list(csv.reader(io.StringIO(isobit("predict", f"runs/{name}", "--data", "whole.csv"))))
    compare(f"{name}.onnx", np.array([line[2:] for line in lines[1:]], "f4"), y[~gaps])


def check_all():
    draw().to_csv("table.csv", index=False)
    plain = "{drop: [id, target], one_hot: [job, code]}"
    check("indicator", "label", plain, "indicator", CLASSES, 3)
    check("mean", "label", "{drop: [id, target], standardize: [y, dense.kernel]}", "mean", LOGITS, 3)
    check("drop", "label", plain, "drop_row", CLASSES, 3)
    check("regression", "target", "{drop: [id, label]}", "indicator", REGRESSION)
    check("numbers", "target", "{drop: [id, label, job, code, dense.kernel], standardize: none}", "mean", REGRESSION)


def check_adult(path):
    table = pandas.read_csv(path, dtype=str, keep_default_na=False)
    table.sample(ROWS, random_state=1).to_csv("table.csv", index=False)
    check("adult", "income", "{}", "mean", CLASSES)
    check("adult-indicator", "income", "{}", "indicator", CLASSES)


PROGRAM = os.path.abspath(sys.argv[1])
ADULT = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else None
with tempfile.TemporaryDirectory() as place, contextlib.chdir(place):
    check_all()
    if ADULT is not None and os.access(ADULT, os.R_OK):
        check_adult(ADULT)
    else:
        print("SKIPPED the census table: it is not there; name it in ISOBIT_ADULT")
