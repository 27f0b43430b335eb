"""arrays.py DRIVER PROGRAM: lets NumPy write arrays of every type and order, and compares what Isobit reads.

DRIVER is build/tests/isobit_arrays, PROGRAM build/isobit. The SHA-256 of a data set covers type, shape and
every bit of its content, so that equal digests mean equal arrays. Prints what was compared; exits with 1 at
a difference.
"""

import struct
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

import numpy as np

INTEGERS = ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"]
FLOATS = ["f2", "f4", "f8"]
REFUSED = [
    (np.array([[1, None]], dtype=object), "holds Python objects"),
    (np.zeros((2, 2), "c8"), "complex numbers"),
    (np.array([["a", "b"]]), "text"),
    (np.zeros((2, 2), "M8[s]"), "dates or times"),
    (np.zeros(2, [("a", "f4"), ("b", "f4")]), "structured array"),
    (np.zeros((2, 2), np.longdouble), "something else than numbers"),
    (np.zeros((0, 3), "f4"), "has shape (0, 3)"),
    (np.zeros((1, 1, 1, 1, 1, 1), "f4"), "has 6 axes"),
    (np.array(1.0), "has shape ()"),
    (np.zeros(2, "f4"), "has shape (2,)"),
    (np.array([[0, np.nan]]), "row 0, column 1 (counted from 0) is nan"),
    (np.array([[0, 1e39]]), "row 0, column 1 (counted from 0) is 1e+39"),
    (np.array([[np.inf]], "f2"), "row 0, column 0 (counted from 0) is inf"),
]


def part(x, y):
    """As src/data/digest.h defines it."""
    kept = x.astype("u1" if x.dtype in ("u1", "?") else "<f4")
    head = struct.pack(f"<II{x.ndim}Q", kept.dtype == "float32", x.ndim - 1, *x.shape[1:], len(x))
    return head + kept.tobytes() + y.astype("<u4").tobytes()


def digest(x, y, test=None):
    x_test, y_test = test if test else (x[:0], y[:0])
    return sha256(b"isobit dataset 1" + part(x, y) + part(x_test, y_test)).hexdigest()


def draw(random, kind, shape):
    """Values of the whole range of the type, bits at random where they are finite."""
    if kind == "?":
        return random.integers(0, 2, shape).astype(bool)
    dtype = np.dtype(kind)
    bits = random.integers(0, 256, (*shape, dtype.itemsize), dtype=np.uint8)
    values = bits.view(dtype.newbyteorder("<"))[..., 0]
    if dtype.kind == "f":
        with np.errstate(over="ignore", invalid="ignore"):
            values = np.where(np.isfinite(values.astype("f4")), values, dtype.type(0.1))
    return values.astype(dtype)


class Comparison:
    def __init__(self, folder):
        self.folder = folder
        self.sources = []
        self.wanted = []

    def path(self):
        return self.folder / f"{len(self.sources)}"

    def ask(self, source, wanted):
        self.sources.append(str(source))
        self.wanted.append(wanted)

    def run(self, driver):
        text = "\n".join(self.sources) + "\n"
        done = subprocess.run([driver], input=text, capture_output=True, text=True, check=True)
        lines = done.stdout.splitlines()
        if len(lines) != len(self.wanted):
            return [f"{len(lines)} answers to {len(self.wanted)} questions"]
        return [
            f"{source}: {line}; NumPy: {wanted}"
            for source, line, wanted in zip(self.sources, lines, self.wanted)
            if not (line == wanted or (line.startswith("error: ") and wanted in line))
        ]


def ask_types(comparison, random):
    """Every type, order of bytes, order of axes and version, from an odd number of rows on."""
    for kind in ["?", *INTEGERS, *FLOATS]:
        for byte_order in "<>":
            for order in "CF":
                for shape in [(1, 1), (7, 3), (5, 2, 3), (2, 3, 1, 2, 2), (3001, 5)]:
                    x = draw(random, kind, shape)
                    stored = np.asarray(x, dtype=x.dtype.newbyteorder(byte_order), order=order)
                    y = random.integers(0, 10, shape[0]).astype(random.choice(["u1", "i4", ">i8", "f8"]))
                    path = comparison.path()
                    with open(f"{path}.npy", "wb") as file:
                        version = [None, (1, 0), (2, 0), (3, 0)][random.integers(4)]
                        np.lib.format.write_array(file, stored, version=version)
                    np.save(f"{path}-y.npy", y.reshape(-1, 1) if random.integers(2) else y)
                    comparison.ask(f"{{x: {path}.npy, y: {path}-y.npy}}", digest(x, y))


def ask_archives(comparison, random):
    """Keras's mnist.npz, stored and deflated, and other keys."""
    for save in np.savez, np.savez_compressed:
        for kind in "u1", "f4", "f8":
            x, x_test = draw(random, kind, (60, 28, 28)), draw(random, kind, (20, 28, 28))
            y, y_test = random.integers(0, 10, 60), random.integers(0, 10, 20)
            path = f"{comparison.path()}.npz"
            save(path, x_train=x, y_train=y, x_test=x_test, y_test=y_test)
            comparison.ask(path, digest(x, y, (x_test, y_test)))
            path = f"{comparison.path()}.npz"
            save(path, images=x, x=x_test, y=y_test, **{"a b/ä": y})
            comparison.ask(path, digest(x_test, y_test))
            comparison.ask(f'{{file: {path}, x: images, y: "a b/ä"}}', digest(x, y))


def ask_refused(comparison):
    y = np.zeros(2, "i4")
    np.save(comparison.folder / "y.npy", y)
    for array, reason in REFUSED:
        path = f"{comparison.path()}-refused"
        np.save(f"{path}.npy", array, allow_pickle=True)
        comparison.ask(f"{{x: {path}.npy, y: {comparison.folder}/y.npy}}", reason)
        np.savez(f"{path}.npz", allow_pickle=True, x=array, y=y)
        comparison.ask(f"{path}.npz", reason)


def write_idx(path, array):
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    Path(path).write_bytes(head + array.tobytes())


def train(program, folder, data):
    """The weights' digest, and the predictions."""
    done = subprocess.run(
        [program, "train", "e.yaml", "--data", data, "--run", "run", "--force", "-q"],
        cwd=folder, capture_output=True, text=True, check=True,
    )
    told = subprocess.run(
        [program, "predict", "run"], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[-1], told.stdout


def compare_training(program, folder, random):
    """The same images as IDX files and in archives train the same network."""
    x, y = draw(random, "u1", (300, 28, 28)), random.integers(0, 10, 300).astype("u1")
    (folder / "idx").mkdir()
    for part, rows in ("train", slice(0, 200)), ("t10k", slice(200, 300)):
        write_idx(folder / "idx" / f"{part}-images-idx3-ubyte", x[rows])
        write_idx(folder / "idx" / f"{part}-labels-idx1-ubyte", y[rows])
    arrays = {"x_train": x[:200], "y_train": y[:200], "x_test": x[200:], "y_test": y[200:]}
    np.savez(folder / "stored.npz", **arrays)
    np.savez_compressed(folder / "packed.npz", **{k: np.asfortranarray(a) for k, a in arrays.items()})
    (folder / "e.yaml").write_text(
        "data: {source: idx}\nmodel: [flatten, dense: {units: 10, activation: softmax}]\n"
        "compile: {optimizer: adam, loss: sparse_categorical_crossentropy}\nfit: {epochs: 2}\n"
    )
    expected = train(program, folder, "idx")
    return [
        f"{name}: trained to {got[0]}, IDX files to {expected[0]}"
        for name in ("stored.npz", "packed.npz")
        if (got := train(program, folder, name)) != expected
    ]


def main():
    driver, program = sys.argv[1], str(Path(sys.argv[2]).resolve())
    random = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        comparison = Comparison(folder)
        ask_types(comparison, random)
        ask_archives(comparison, random)
        ask_refused(comparison)
        wrong = comparison.run(driver) + compare_training(program, folder, random)
    for line in wrong[:20]:
        print(line)
    print(f"{len(comparison.sources)} data sets written by NumPy {np.__version__}: {len(wrong)} differ")
    sys.exit(1 if wrong else 0)


main()
