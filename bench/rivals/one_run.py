"""Training runs as a study has many of them: 784-128-10 on MNIST's four files, a random tenth of the rows
for validation, Adam, batches of 32. Prints for each seed the seconds of the epochs, warm-up and
compilation excluded, and the last epoch's validation accuracy.

one_run.py keras|jax DIRECTORY [--epochs 20] [--placement after] [--rate 0.2] [--seeds 1]
"""

from __future__ import annotations

import argparse
import gzip
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np

ROWS, BATCH = 54_000, 32
Data = tuple[np.ndarray, np.ndarray]


def read(folder: Path, name: str, header: int) -> np.ndarray:
    path = folder / name
    data = path.read_bytes() if path.exists() else gzip.open(f"{path}.gz").read()
    return np.frombuffer(data, np.uint8, offset=header)


def load(folder: Path, seed: int) -> tuple[Data, Data]:
    x = read(folder, "train-images-idx3-ubyte", 16).reshape(-1, 784).astype(np.float32) / 255
    y = read(folder, "train-labels-idx1-ubyte", 8).astype(np.int32)
    rows = np.random.default_rng(seed).permutation(len(x))
    train, held_out = rows[:ROWS], rows[ROWS:]
    return (x[train], y[train]), (x[held_out], y[held_out])


Result = tuple[float, float]  # seconds, validation accuracy


def run_keras(train: Data, validation: Data, options: argparse.Namespace, seed: int) -> Result:
    import keras

    keras.utils.set_random_seed(seed)
    before = options.placement in ("before", "both")
    after = options.placement in ("after", "both")
    layers = [keras.Input((784,))]
    layers += [keras.layers.Dropout(options.rate)] if before else []
    layers += [keras.layers.Dense(128, activation="relu")]
    layers += [keras.layers.Dropout(options.rate)] if after else []
    model = keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    small = tuple(part[: 100 * BATCH] for part in train)
    weights = model.get_weights()
    model.fit(*small, batch_size=BATCH, epochs=1, validation_data=validation, verbose=0)
    model.set_weights(weights)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    start = time.perf_counter()
    history = model.fit(
        *train,
        batch_size=BATCH,
        epochs=options.epochs,
        validation_data=validation,
        verbose=0,
    )
    return time.perf_counter() - start, history.history["val_accuracy"][-1]


def run_jax(train: Data, validation: Data, options: argparse.Namespace, seed: int) -> Result:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_default_prng_impl", "unsafe_rbg")  # much quicker on CPUs
    generator = np.random.default_rng(seed)
    keep = 1 - options.rate
    before = options.placement in ("before", "both")
    after = options.placement in ("after", "both")

    def layer(inputs: int, units: int) -> tuple[jax.Array, jax.Array]:
        limit = (6 / (inputs + units)) ** 0.5
        kernel = generator.uniform(-limit, limit, (inputs, units)).astype(np.float32)
        return jnp.asarray(kernel), jnp.zeros(units)

    def drop(x, key):
        return jnp.where(jax.random.bernoulli(key, keep, x.shape), x / keep, 0.0)

    def logits(weights, x, key):
        if key is not None and before:
            x = drop(x, jax.random.fold_in(key, 0))
        x = jax.nn.relu(x @ weights[0][0] + weights[0][1])
        if key is not None and after:
            x = drop(x, jax.random.fold_in(key, 1))
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
    state = (weights, zeros, zeros, jnp.zeros((), jnp.int32), jax.random.key(seed))
    jax.block_until_ready(epoch(state))
    start = time.perf_counter()
    for _ in range(options.epochs):
        state, accuracy = epoch(state)
    accuracy = float(accuracy)
    return time.perf_counter() - start, accuracy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=["keras", "jax"])
    parser.add_argument("folder", type=Path, help="with MNIST's files")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument(
        "--placement", choices=["none", "before", "after", "both"], default="after"
    )
    parser.add_argument("--rate", type=float, default=0.2)
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    run = {"keras": run_keras, "jax": run_jax}[options.name]
    accuracies = []
    for seed in range(1, options.seeds + 1):
        seconds, accuracy = run(*load(options.folder, seed), options, seed)
        accuracies.append(accuracy)
        print(f"seed {seed}: {seconds:.2f} s, val_accuracy {accuracy:.4f}", flush=True)
    if len(accuracies) > 1:
        print(f"mean {np.mean(accuracies):.5f}, sd {np.std(accuracies, ddof=1):.5f}")


if __name__ == "__main__":
    main()
