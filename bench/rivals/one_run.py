"""One training run as a study has many of it: 784-128, dropout 0.2, 10 on MNIST's four files, a tenth
of the rows for validation, Adam, batches of 32. Prints the seconds of the epochs, warm-up and
compilation excluded.

one_run.py keras|jax DIRECTORY EPOCHS
"""

from __future__ import annotations

import gzip
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np

ROWS, BATCH, RATE = 54_000, 32, 0.2
Data = tuple[np.ndarray, np.ndarray]


def read(folder: Path, name: str, header: int) -> np.ndarray:
    path = folder / name
    data = path.read_bytes() if path.exists() else gzip.open(f"{path}.gz").read()
    return np.frombuffer(data, np.uint8, offset=header)


def load(folder: Path) -> tuple[Data, Data]:
    x = read(folder, "train-images-idx3-ubyte", 16).reshape(-1, 784).astype(np.float32) / 255
    y = read(folder, "train-labels-idx1-ubyte", 8).astype(np.int32)
    return (x[:ROWS], y[:ROWS]), (x[ROWS:], y[ROWS:])


def run_keras(train: Data, validation: Data, epochs: int) -> float:
    import keras

    model = keras.Sequential(
        [
            keras.Input((784,)),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dropout(RATE),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(*train, batch_size=BATCH, epochs=1, validation_data=validation, verbose=0)
    start = time.perf_counter()
    history = model.fit(
        *train, batch_size=BATCH, epochs=epochs, validation_data=validation, verbose=0
    )
    seconds = time.perf_counter() - start
    print("val_accuracy", history.history["val_accuracy"][-1], file=sys.stderr)
    return seconds


def run_jax(train: Data, validation: Data, epochs: int) -> float:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_default_prng_impl", "unsafe_rbg")  # much quicker on CPUs
    generator = np.random.default_rng(1)

    def layer(inputs: int, units: int) -> tuple[jax.Array, jax.Array]:
        limit = (6 / (inputs + units)) ** 0.5
        kernel = generator.uniform(-limit, limit, (inputs, units)).astype(np.float32)
        return jnp.asarray(kernel), jnp.zeros(units)

    def logits(weights, x, key):
        x = jax.nn.relu(x @ weights[0][0] + weights[0][1])
        if key is not None:
            x = jnp.where(jax.random.bernoulli(key, 1 - RATE, x.shape), x / (1 - RATE), 0.0)
        return x @ weights[1][0] + weights[1][1]

    def loss(weights, x, y, key):
        scores = jax.nn.log_softmax(logits(weights, x, key))
        return -jnp.take_along_axis(scores, y[:, None], axis=1).mean()

    x, y = (jnp.asarray(part) for part in train)
    held_out = tuple(jnp.asarray(part) for part in validation)

    def step(state, rows):
        weights, m, v, t, key = state
        key, own = jax.random.split(key)
        gradient = jax.grad(loss)(weights, x[rows], y[rows], own)
        t = t + 1
        alpha = 1e-3 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        m = jax.tree.map(lambda m, g: m + (g - m) * (1 - 0.9), m, gradient)
        v = jax.tree.map(lambda v, g: v + (g * g - v) * (1 - 0.999), v, gradient)
        weights = jax.tree.map(
            lambda w, m, v: w - alpha * m / (jnp.sqrt(v) + 1e-7), weights, m, v
        )
        return (weights, m, v, t, key), None

    steps = ROWS // BATCH  # the last, shorter batch is left out, in JAX's favour

    @jax.jit
    def epoch(state):
        key, own = jax.random.split(state[-1])
        rows = jax.random.permutation(own, ROWS)[: steps * BATCH].reshape(steps, BATCH)
        state, _ = jax.lax.scan(step, (*state[:-1], key), rows)
        hits = jnp.argmax(logits(state[0], held_out[0], None), axis=1) == held_out[1]
        return state, hits.mean()

    weights = [layer(784, 128), layer(128, 10)]
    zeros = jax.tree.map(jnp.zeros_like, weights)
    state = (weights, zeros, zeros, jnp.zeros((), jnp.int32), jax.random.key(1))
    jax.block_until_ready(epoch(state))
    start = time.perf_counter()
    for _ in range(epochs):
        state, accuracy = epoch(state)
    accuracy = float(accuracy)
    seconds = time.perf_counter() - start
    print("val_accuracy", accuracy, file=sys.stderr)
    return seconds


def main() -> None:
    name, folder, epochs = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    run = {"keras": run_keras, "jax": run_jax}[name]
    print(f"{name} {run(*load(folder), epochs):.2f} s")


if __name__ == "__main__":
    main()
