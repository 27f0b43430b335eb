"""Compares the predictions of exported models with isobit predict, in the programs they are for: Keras,
ONNX Runtime, NumPy and the safetensors library; and those of models that Keras made, imported.

export_formats.py PROGRAM
"""

import contextlib
import csv
import io
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"  # for a layer of float64

import keras
import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load_file
from safetensors import safe_open

ROWS = 1000
TOLERANCE = 1e-6

EXPERIMENT = """
data: {source: data, %s}
model:
%s
compile:
  optimizer: %s
  loss: %s
fit: {epochs: 2, batch_size: 50}
"""
SOFTMAX = "sparse_categorical_crossentropy"
LOGITS = "{sparse_categorical_crossentropy: {from_logits: true}}"

MODELS = {
    "usual": EXPERIMENT % ("scale: 255", """
  - flatten
  - dense: {units: 64, activation: relu}
  - dropout: {rate: 0.2}
  - dense: {units: 10, activation: softmax}""", "adam", SOFTMAX),
    "logits": EXPERIMENT % ("scale: 127", """
  - dropout: {rate: 0.1}
  - flatten
  - dense: {units: 33, activation: tanh, use_bias: false}
  - dense: {units: 17, activation: sigmoid}
  - dropout: {rate: 0}
  - dropout: {rate: 0.3}
  - dense: {units: 10}""", "adam", LOGITS),
    "plain": EXPERIMENT % ("scale: none", """
  - flatten
  - dense: {units: 10, activation: softmax, kernel_initializer: zeros}""",
        "{sgd: {learning_rate: 4e-7}}", SOFTMAX),
    "standardized": EXPERIMENT % ("scale: standardize", """
  - flatten
  - dense: {units: 16, activation: tanh}
  - dropout: {rate: 0.2}
  - dense: {units: 10, activation: softmax}""", "adam", SOFTMAX),
    "minmax": EXPERIMENT % ("scale: minmax", """
  - dropout: {rate: 0.1}
  - flatten
  - dense: {units: 32, activation: tanh}
  - dense: {units: 10}""", "adam", LOGITS),
}


def fail(message):
    sys.exit(f"FAILED: {message}")


def isobit(*arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        fail(f"isobit {' '.join(arguments)}: status {done.returncode}: {done.stderr}")
    return done.stdout


def write_data(images, labels):
    os.mkdir("data")
    header = bytes([0, 0, 8, 3]) + np.array(images.shape, ">u4").tobytes()
    with open("data/train-images-idx3-ubyte", "wb") as file:
        file.write(header + images.tobytes())
    with open("data/train-labels-idx1-ubyte", "wb") as file:
        file.write(bytes([0, 0, 8, 1]) + np.array([len(labels)], ">u4").tobytes() + labels.tobytes())


def draw(rows):
    """Blobs at places that depend on the class, and noise."""
    random = np.random.default_rng(7)
    labels = random.integers(0, 10, rows).astype(np.uint8)
    y, x = np.mgrid[0:28, 0:28]
    centre = random.normal(0, 2, (2, rows)) + [[7], [7]] + np.array([labels % 4 * 5, labels // 4 * 6])
    distance = (y - centre[0][:, None, None]) ** 2 + (x - centre[1][:, None, None]) ** 2
    images = 230 * np.exp(-distance / 20) + random.uniform(0, 25, (rows, 28, 28))
    return images.astype(np.uint8), labels


def predict(run, classes=10):
    lines = list(csv.reader(io.StringIO(isobit("predict", run, "--data", "data"))))
    table = np.array([line[2:] for line in lines[1:]], np.float32)
    if table.shape != (ROWS, classes):
        fail(f"{run}: predictions of shape {table.shape}")
    return table


def activate(name, x):
    if name == "softmax":
        e = np.exp(x - x.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)
    return {
        "linear": lambda: x,
        "relu": lambda: np.maximum(x, 0),
        "tanh": lambda: np.tanh(x),
        "sigmoid": lambda: 1 / (1 + np.exp(-x)),
    }[name]()


def by_keras(path, images):
    return np.array(keras.models.load_model(path)(images.astype(np.float32), training=False))


def by_onnx(path, images):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (entry,) = session.get_inputs()
    if (entry.name, entry.shape) != ("x", ["N", 784]):
        fail(f"{path}: takes {entry.name} {entry.shape}")
    return session.run(["y"], {"x": images.reshape(-1, 784).astype(np.float32)})[0]


def by_safetensors(path, images):
    tensors = load_file(path)
    with safe_open(path, "np") as file:
        metadata = file.metadata()
    x = images.reshape(-1, 784) / float(metadata["scale"])
    if "scaling.offset" in tensors:
        x = (x - tensors["scaling.offset"].astype("f8")) / tensors["scaling.divisor"]
    for i, name in enumerate(metadata["activations"].split(",")):
        x = x @ tensors[f"layers.{i}.weight"].T.astype(np.float64)
        x = activate(name, x + tensors.get(f"layers.{i}.bias", 0))
    return x


def by_numpy(path, images, safetensors):
    """The same weights under Keras's names."""
    arrays, tensors = np.load(path), load_file(safetensors)
    for name in arrays.files:
        if name.startswith("scaling."):
            if not np.array_equal(arrays[name], tensors.pop(name)):
                fail(f"{path}: {name} is not that of {safetensors}")
            continue
        layer, what = name.split(".")
        index = int((layer + "_0").split("_")[1])
        other = tensors.pop(f"layers.{index}.{'weight' if what == 'kernel' else 'bias'}")
        if not np.array_equal(arrays[name], other.T) or arrays[name].dtype != np.float32:
            fail(f"{path}: {name} is not the tensor of {safetensors}")
    if tensors:
        fail(f"{path}: lacks {list(tensors)}")


def compare(what, expected, found, tolerance=TOLERANCE):
    difference = np.abs(expected.astype(np.float64) - found).max()
    if found.shape != expected.shape or not difference <= tolerance:
        fail(f"{what}: differs by {difference} from isobit predict")
    print(f"{what}: largest difference {difference:.1e}")


def check_exports(name, images):
    with open(f"{name}.yaml", "w") as file:
        file.write(MODELS[name])
    isobit("train", f"{name}.yaml", "-q")
    expected = predict(f"runs/{name}")
    if expected.max(1).mean() < 0.2:
        fail(f"{name}: has learnt nothing, so that its predictions would hide an error")
    for format in ["keras", "onnx", "npz", "safetensors"]:
        isobit("export", f"runs/{name}", "--to", f"{name}.{format}")
    compare(f"{name}.keras", expected, by_keras(f"{name}.keras", images))
    compare(f"{name}.onnx", expected, by_onnx(f"{name}.onnx", images))
    compare(f"{name}.safetensors", expected, by_safetensors(f"{name}.safetensors", images))
    by_numpy(f"{name}.npz", images, f"{name}.safetensors")
    check_import(f"{name}.keras", expected)


def check_import(path, expected, tolerance=TOLERANCE):
    """A learning rate of 0 leaves the imported weights as they are."""
    name = path.removesuffix(".keras") + "-imported"
    isobit("import", path, "--to", f"{name}.yaml")
    isobit("train", f"{name}.yaml", "-q", "--data", "data", "--set",
           "compile.optimizer={sgd: {learning_rate: 0}}")
    compare(f"{path} imported", expected, predict(f"runs/{name}", expected.shape[1]), tolerance)


def normalization(images, **arguments):
    layer = keras.layers.Normalization(**arguments)
    layer.adapt(images.astype(np.float32))
    return layer


def check_imports(images):
    layers = keras.layers
    keras.utils.set_random_seed(3)
    spread = 1 + np.arange(28 * 28).reshape(28, 28) % 50
    end = [
        layers.Flatten(),
        layers.Dense(30, activation="relu", kernel_initializer=keras.initializers.RandomUniform(-0.02, 0.02)),
        layers.Dense(10, activation="softmax"),
    ]
    models = {
        "made": [
            layers.Input((28, 28)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(40, activation="relu"),
            layers.Dropout(0.25),
            layers.Dense(20, use_bias=False),
            layers.Activation("tanh"),
            layers.Dense(10, activation="softmax"),
        ],
        "many": [layers.Input((28, 28)), layers.Flatten(), layers.Rescaling(1 / 128)]
        + [layers.Dense(12, activation="sigmoid") for _ in range(40)]
        + [layers.Dense(10, activation="softmax")],
        "names": [
            layers.Input((28, 28), name="my pictures"),
            layers.Rescaling(1 / 255, name="a b"),
            layers.Flatten(name="one"),
            layers.Dense(20, name="hidden.1"),
            layers.Dropout(0.3, name="dense"),
            layers.ReLU(name="dense_7"),
            layers.Dense(10, name="é"),
            layers.Softmax(name="out"),
        ],
        "offset": [layers.Input((28, 28)), layers.Rescaling(1 / 127.5, offset=-1), *end],
        "twice": [
            layers.Input((28, 28)),
            layers.Rescaling(1 / 255),
            layers.Rescaling(2, offset=-1),
            normalization(images / 127.5 - 1, axis=None),
            *end,
        ],
        "each": [layers.Input((28, 28)), layers.Flatten(), normalization(images.reshape(-1, 784)), *end[1:]],
        "places": [layers.Input((28, 28)), normalization(images, axis=(1, 2)), *end],
        "columns": [layers.Input((28, 28)), normalization(images), *end],
        "rows": [layers.Input((28, 28)), normalization(images, axis=1), *end],
        "given": [
            layers.Input((28, 28)),
            layers.Normalization(axis=(1, 2), mean=spread * 2.0, variance=spread * 100.0),
            *end,
        ],
        "one": [layers.Input((28, 28)), layers.Normalization(axis=None, mean=100.0, variance=900.0), *end],
        "reshaped": [
            layers.Input((28, 28)),
            layers.Rescaling(1 / 255),
            layers.Reshape((784,)),
            layers.Dense(10, activation="softmax"),
        ],
        "half": [
            layers.Input((28, 28)),
            layers.Rescaling(1 / 255, dtype="float32"),
            layers.Flatten(dtype="float32"),
            layers.Dense(10, activation="softmax", dtype="float16"),
        ],
        "mixed": [
            layers.Input((28, 28)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(10, activation="softmax", dtype="mixed_float16"),
        ],
        "double": [
            layers.Input((28, 28)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(10, activation="softmax", dtype="float64"),
        ],
    }
    for name, stack in models.items():
        model = keras.Sequential(stack)
        if name == "made":  # with the state of an optimizer
            model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
            model.fit(images, np.arange(len(images)) % 10, epochs=1, verbose=0)
        model.save(f"{name}.keras")
        compressed = f"{name}-deflated.keras"
        with zipfile.ZipFile(f"{name}.keras") as old, zipfile.ZipFile(
            compressed, "w", zipfile.ZIP_DEFLATED
        ) as new:
            for member in old.namelist():
                new.writestr(member, old.read(member))
        expected = np.array(model(images.astype(np.float32), training=False)).astype(np.float32)
        tolerance = 5e-3 if name in ("half", "mixed") else TOLERANCE  # computed in half precision there
        check_import(f"{name}.keras", expected, tolerance)
        if name in ("made", "places"):
            check_import(compressed, expected)
    check_sigmoid(images)


def check_sigmoid(images):
    """One sigmoid unit: the probability of class 1."""
    layers = keras.layers
    model = keras.Sequential(
        [layers.Input((28, 28)), layers.Flatten(), layers.Rescaling(1 / 255), layers.Dense(1, activation="sigmoid")]
    )
    model.save("sigmoid.keras")
    p = np.array(model(images.astype(np.float32), training=False))
    os.rename("data", "ten")
    write_data(images, (np.arange(ROWS) % 2).astype(np.uint8))
    check_import("sigmoid.keras", np.hstack([1 - p, p]))
    shutil.rmtree("data")
    os.rename("ten", "data")


def refused(name, stack, message):
    keras.Sequential(stack).save(f"{name}.keras")
    done = subprocess.run([PROGRAM, "import", f"{name}.keras"], capture_output=True, text=True)
    expected = f"error: {name}.keras: {message}\n"
    if (done.returncode, done.stdout, done.stderr) != (6, "", expected):
        fail(f"{name}.keras: status {done.returncode}: {done.stderr}")


def check_refused():
    layers = keras.layers
    first, last = layers.Input((8,)), layers.Dense(2)
    supported = (
        "a Sequential of InputLayer, Rescaling, Normalization, Flatten, Reshape, Dense, Dropout, "
        "Activation, ReLU and Softmax can be imported"
    )
    for layer in [layers.BatchNormalization(), layers.LayerNormalization(), layers.GaussianNoise(0.1), layers.PReLU()]:
        kind = type(layer).__name__
        refused(
            "refused",
            [first, layers.Dense(4), layer, last],
            f"layer '{layer.name}' ({kind}): this kind of layer is not supported; {supported}",
        )
    refused(
        "refused",
        [first, layers.Dense(4), layers.Dropout(0.5), layers.Activation("sigmoid", name="late"), last],
        "layer 'late' (Activation): behind a Dropout only relu can be imported; move the Dropout behind it",
    )
    refused(
        "refused",
        [first, layers.Dense(4), layers.Normalization(name="late"), last],
        "layer 'late' (Normalization): it must stand before the first Dense layer",
    )


PROGRAM = os.path.abspath(sys.argv[1])
with tempfile.TemporaryDirectory() as place, contextlib.chdir(place):
    pictures, classes = draw(ROWS)
    write_data(pictures, classes)
    for model_name in MODELS:
        check_exports(model_name, pictures)
    check_imports(pictures)
    check_refused()
