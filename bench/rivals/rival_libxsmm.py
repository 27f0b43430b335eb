"""LIBXSMM-DNN's MLP driver: float32, plain SGD, no dropout; LIBXSMM_MLP names the program.

Forward, softmax, backward and update of layers with bias and ReLU on a batch that stays in the
caches. Widths are padded to whole blocks.
"""

import os
import re
import subprocess

import common

FUSED = "3"  # bias and ReLU, with its mask, in the matmuls
ITERATIONS = 50  # until it is known how long one takes


class Libxsmm:
    version = "LIBXSMM-DNN, SGD, without dropout"
    plain = ""

    def __init__(self, network: common.Network, threads: int) -> None:
        self.widths = network.widths()
        self.threads = threads

    def run(self, batch: int, rows: int, units: int, iterations: int) -> float:
        widths = [str(-(-width // units) * units) for width in self.widths]
        blocks = [str(rows), str(units), str(units)]
        settings = [str(iterations), str(batch), FUSED, "A", *blocks, "0", "1"]
        result = subprocess.run(
            [os.environ["LIBXSMM_MLP"], *settings, *widths],
            capture_output=True,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": str(self.threads)},
        )
        found = re.search(r"^fp time = (\S+)$", result.stdout, re.MULTILINE)
        if result.returncode != 0 or found is None:
            raise RuntimeError(f"the driver ended with status {result.returncode}")
        return float(found[1])

    def mode(self, batch: int, rows: int, units: int) -> common.Mode:
        step = 0.0

        def train(seconds: float) -> float:
            nonlocal step
            iterations = ITERATIONS if step == 0.0 else max(ITERATIONS, int(seconds / step))
            step = self.run(batch, rows, units, iterations)
            return step

        return train

    def modes(self, batch: int) -> dict[str, common.Mode]:
        blocks = [(rows, units) for rows in (batch, 16, 32, 64) for units in (16, 32, 64)]
        return {
            f"rows {rows}, units {units}": self.mode(batch, rows, units)
            for rows, units in blocks
            if batch % rows == 0 and rows <= 64
        }

    def flushes(self) -> dict[str, bool]:
        return {"ftz": False, "daz": False}  # it does not touch the mode of the processor


common.serve(Libxsmm)
