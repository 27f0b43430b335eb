"""Isobit itself, by `isobit bench` on the rows of common.py as bytes; ISOBIT names the program."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import common
import numpy as np

EXPERIMENT = """\
name: rivals
data: {{source: {{x: x.npy, y: y.npy}}}}
model:
  - flatten: {{input_shape: [28, 28]}}
{layers}  - dense: {{units: 10, activation: softmax}}
compile: {{optimizer: adam, loss: sparse_categorical_crossentropy}}
"""


def experiment_of(network: common.Network) -> str:
    layers = ""
    for layer in network.hidden:
        layers += f"  - dense: {{units: {layer.units}, activation: relu}}\n"
        if layer.rate > 0:
            layers += f"  - dropout: {{rate: {layer.rate}}}\n"
    return EXPERIMENT.format(layers=layers)


class Isobit:
    plain = "bench"

    def __init__(self, network: common.Network, threads: int, rows: np.ndarray) -> None:
        """`rows` (rows, 784) of bytes."""
        self.program = os.environ["ISOBIT"]
        self.threads = threads
        self.folder = tempfile.TemporaryDirectory()
        self.experiment = Path(self.folder.name) / "experiment.yaml"
        self.experiment.write_text(experiment_of(network))
        labels = np.random.default_rng(2).integers(0, common.CLASSES, len(rows), dtype=np.uint8)
        np.save(Path(self.folder.name) / "x.npy", rows.reshape(-1, 28, 28))
        np.save(Path(self.folder.name) / "y.npy", labels)
        words = subprocess.run(
            [self.program, "--version"], capture_output=True, text=True, check=True
        ).stdout.split()
        self.version = f"Isobit {words[1]}"

    def bench(self, batch: int, seconds: float) -> float:
        options = [f"--threads={self.threads}", f"--batch-size={batch}", "--json"]
        result = subprocess.run(
            [self.program, "bench", self.experiment, f"--seconds={max(seconds, 0.01)}", *options],
            capture_output=True,
            text=True,
        )
        if result.returncode != 0:
            raise RuntimeError(result.stderr.strip())
        return json.loads(result.stdout)[0]["step_microseconds"] * 1e-6

    def modes(self, batch: int) -> dict[str, common.Mode]:
        return {"bench": lambda seconds: self.bench(batch, seconds)}

    def flushes(self) -> dict[str, bool]:
        return {"ftz": False, "daz": False}  # docs/numerics.md, rule 1
