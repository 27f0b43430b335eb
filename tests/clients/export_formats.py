"""Compares the predictions of exported models with isobit predict, in the programs they are for: Keras,
ONNX Runtime, NumPy and the safetensors library; and those of models that Keras made, imported.

export_formats.py PROGRAM
"""

import contextlib
import csv
import io
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


def predict(run):
    lines = list(csv.reader(io.StringIO(isobit("predict", run, "--data", "data"))))
    table = np.array([line[2:] for line in lines[1:]], np.float32)
    if table.shape != (ROWS, 10):
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
    for i, name in enumerate(metadata["activations"].split(",")):
        x = x @ tensors[f"layers.{i}.weight"].T.astype(np.float64)
        x = activate(name, x + tensors.get(f"layers.{i}.bias", 0))
    return x


def by_numpy(path, images, safetensors):
    """The same weights under Keras's names."""
    arrays, tensors = np.load(path), load_file(safetensors)
    for name in arrays.files:
        layer, what = name.split(".")
        index = int((layer + "_0").split("_")[1])
        other = tensors.pop(f"layers.{index}.{'weight' if what == 'kernel' else 'bias'}")
        if not np.array_equal(arrays[name], other.T) or arrays[name].dtype != np.float32:
            fail(f"{path}: {name} is not the tensor of {safetensors}")
    if tensors:
        fail(f"{path}: lacks {list(tensors)}")


def compare(what, expected, found):
    difference = np.abs(expected.astype(np.float64) - found).max()
    if found.shape != expected.shape or not difference <= TOLERANCE:
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


def check_import(path, expected):
    """A learning rate of 0 leaves the imported weights as they are."""
    name = path.removesuffix(".keras") + "-imported"
    isobit("import", path, "--to", f"{name}.yaml")
    isobit("train", f"{name}.yaml", "-q", "--data", "data", "--set",
           "compile.optimizer={sgd: {learning_rate: 0}}")
    compare(f"{path} imported", expected, predict(f"runs/{name}"))


def check_imports(images):
    layers = keras.layers
    keras.utils.set_random_seed(3)
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
    }
    for name, stack in models.items():
        model = keras.Sequential(stack)
        model.save(f"{name}.keras")
        compressed = f"{name}-deflated.keras"
        with zipfile.ZipFile(f"{name}.keras") as old, zipfile.ZipFile(
            compressed, "w", zipfile.ZIP_DEFLATED
        ) as new:
            for member in old.namelist():
                new.writestr(member, old.read(member))
        expected = np.array(model(images.astype(np.float32), training=False))
        check_import(f"{name}.keras", expected)
        check_import(compressed, expected)


def check_refused():
    layers = keras.layers
    model = keras.Sequential(
        [layers.Input((8,)), layers.Dense(4), layers.BatchNormalization(), layers.Dense(2)]
    )
    model.save("refused.keras")
    done = subprocess.run([PROGRAM, "import", "refused.keras"], capture_output=True, text=True)
    expected = (
        "error: refused.keras: layer 'batch_normalization' (BatchNormalization): this kind of layer "
        "is not supported; a Sequential of InputLayer, Rescaling, Flatten, Dense, Dropout and "
        "Activation can be imported\n"
    )
    if (done.returncode, done.stdout, done.stderr) != (6, "", expected):
        fail(f"refused.keras: status {done.returncode}: {done.stderr}")


PROGRAM = os.path.abspath(sys.argv[1])
with tempfile.TemporaryDirectory() as place, contextlib.chdir(place):
    pictures, classes = draw(ROWS)
    write_data(pictures, classes)
    for model_name in MODELS:
        check_exports(model_name, pictures)
    check_imports(pictures)
    check_refused()
