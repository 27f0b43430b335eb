"""What every rival shares: the network, the data, the clock and the line of JSON.

A rival is started as `python RIVAL.py NETWORK THREADS`, says {"ready": true} once everything is
imported, and answers each line "BATCH SECONDS" on standard input with one line of JSON. So the
driver can alternate between rivals that are all warm.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np

INPUTS = 784
CLASSES = 10
ROWS = 12000  # as many as Isobit's built-in digits
WARM_UP_SECONDS = 0.2


class Hidden(NamedTuple):
    units: int
    rate: float  # of the dropout behind it; 0: none


class Network(NamedTuple):
    name: str
    hidden: list[Hidden]

    def widths(self) -> list[int]:
        return [INPUTS] + [layer.units for layer in self.hidden] + [CLASSES]

    def steps_a_call(self, batch: int) -> int:
        """Steps that one call of a compiled loop takes: at least one, some tenths of a second."""
        widths = self.widths()
        weights = sum(a * b for a, b in zip(widths, widths[1:]))
        steps = int(2e10 / (6 * weights * batch))
        return max(1, min(steps, 256, ROWS // batch))


def parse_network(name: str) -> Network:
    """Reads "784-128-d.2-10": inputs, units, d and the rate of a dropout, classes."""
    words = name.split("-")
    if words[0] != str(INPUTS) or words[-1] != str(CLASSES):
        raise ValueError(f"{name}: a network starts with {INPUTS} and ends with {CLASSES}")
    hidden: list[Hidden] = []
    for word in words[1:-1]:
        if word.startswith("d"):
            hidden[-1] = hidden[-1]._replace(rate=float(word[1:]))
        else:
            hidden.append(Hidden(int(word), 0.0))
    return Network(name, hidden)


def images(count: int) -> np.ndarray:
    """Rows (count, 784) of bytes: strokes on black, about a fifth lit, as of MNIST."""
    generator = np.random.default_rng(1)
    strokes, points, side, edge = 4, 33, 28, 5
    ends = generator.integers(edge, side - edge, (2, 2, count, strokes, 1))
    along = np.linspace(0.0, 1.0, points)
    y, x = np.rint(ends[0] + (ends[1] - ends[0]) * along).astype(int).reshape(2, count, -1)
    lit = np.zeros((count, side, side), bool)
    row = np.arange(count)[:, None]
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            lit[row, y + dy, x + dx] = True
    grey = generator.integers(1, 256, (count, side, side), dtype=np.uint8)
    return (grey * lit).reshape(count, INPUTS)


def make_batches(batch: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Images (steps, batch, 784) in [0, 1] and labels (steps, batch).

    The labels cannot be learnt, so that gradients never fade into subnormal numbers, which slow
    down a program that does not flush them.
    """
    generator = np.random.default_rng(1)
    x = (images(steps * batch) / np.float32(255)).reshape(steps, batch, INPUTS)
    y = generator.integers(0, CLASSES, (steps, batch), dtype=np.int32)
    return x, y


def time_calls(call: Callable[[], int], seconds: float) -> float:
    """Seconds a step; `call` takes some steps, waits for their end and gives their number."""
    steps = 0
    start = time.perf_counter()
    while True:
        steps += call()
        passed = time.perf_counter() - start
        if passed >= seconds:
            return passed / steps


# Trains for about so many seconds and gives the seconds a step.
Mode = Callable[[float], float]


class Rival(Protocol):
    version: str
    plain: str  # the mode that its tutorials start with; "": the fastest

    def modes(self, batch: int) -> dict[str, Mode]:
        """The ways to train that are worth trying; the first call of each compiles."""

    def flushes(self) -> dict[str, bool]:
        """What it does with subnormal numbers, as `flushes` below says."""


def flushes(multiply: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> dict[str, bool]:
    """ftz: a subnormal product becomes 0; daz: a subnormal operand counts as 0.

    `multiply` gives the product of two arrays by the framework.
    """
    count = 1 << 16
    tiny = multiply(np.full(count, 1e-30, np.float32), np.full(count, 1e-10, np.float32))
    grown = multiply(np.full(count, 1e-40, np.float32), np.full(count, 1e20, np.float32))
    return {"ftz": bool((tiny == 0).all()), "daz": bool((grown == 0).all())}


def best_mode(modes: dict[str, Mode]) -> tuple[str, dict[str, float], dict[str, str]]:
    """Compiles and warms up every mode; its name, the times of all, and what failed."""
    times: dict[str, float] = {}
    errors: dict[str, str] = {}
    for name, mode in modes.items():
        try:
            mode(0.0)  # compiles
            times[name] = mode(0.0)
            if times[name] <= 2 * min(times.values()):  # else it will not win
                mode(WARM_UP_SECONDS)
                times[name] = mode(WARM_UP_SECONDS)
        except Exception as error:
            traceback.print_exc()
            errors[name] = f"{type(error).__name__}: {error}".splitlines()[0]
    if not times:
        raise RuntimeError("; ".join(f"{name}: {text}" for name, text in errors.items()))
    return min(times, key=times.__getitem__), times, errors


def answer(line: dict[str, object]) -> None:
    print(json.dumps(line), file=ANSWERS, flush=True)


def serve(make: Callable[[Network, int], Rival]) -> None:
    """Runs the rival that `make` gives for a network and a number of threads."""
    network, threads = parse_network(sys.argv[1]), int(sys.argv[2])
    rival = make(network, threads)
    answer({"ready": True})
    prepared = 0
    for request in sys.stdin:
        words = request.split()
        batch, seconds = int(words[0]), float(words[1])
        try:
            if batch != prepared:
                prepared = 0
                modes = rival.modes(batch)
                name, times, errors = best_mode(modes)
                prepared = batch
            step = modes[name](seconds)
            plain_name = rival.plain or name
            plain = step if name == plain_name else modes[plain_name](seconds)
            answer(
                {
                    "version": rival.version,
                    "network": network.name,
                    "batch": batch,
                    "threads": threads,
                    "mode": name,
                    "modes": {key: 1e6 * value for key, value in times.items()},
                    "mode_errors": errors,
                    "step_microseconds": 1e6 * step,
                    "plain_mode": plain_name,
                    "plain_microseconds": 1e6 * plain,
                    **rival.flushes(),
                }
            )
        except Exception as error:
            traceback.print_exc()
            answer({"error": f"{type(error).__name__}: {error}".splitlines()[0]})


# Frameworks print where they please; only answers go to standard output.
ANSWERS, sys.stdout = sys.stdout, sys.stderr
