"""Isobit on rows without a zero."""

import common
import numpy as np
from isobit import Isobit


def noise() -> np.ndarray:
    generator = np.random.default_rng(1)
    return generator.integers(1, 256, (common.ROWS, common.INPUTS), dtype=np.uint8)


common.serve(lambda network, threads: Isobit(network, threads, noise()))
