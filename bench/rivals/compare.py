"""Runs the same training steps in Isobit and its rivals, in turn, and writes them side by side.

All rivals of a network and a number of threads are started, then for each batch size every one is
warmed up, and measured for a moment in each of several rounds: A B C D A B C D. What counts is the
median of the rounds.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).resolve().parent
RIVALS = ["isobit", "isobit_lit", "keras", "tensorflow", "torch", "jax", "sklearn"]
START_SECONDS = 120.0  # until a rival has imported everything
PREPARE_SECONDS = 180.0  # until it has compiled and warmed up
PAUSE_SECONDS = 0.02  # until the threads of the one before have gone to sleep


class Plan(NamedTuple):
    networks: dict[str, list[int]]  # batch sizes
    threads: list[int]
    rounds: int
    seconds: float  # of a rival in a round


def full_plan() -> Plan:
    batches = [1, 32, 128, 1024, 4096]
    networks = {
        "784-128-d.2-10": batches,
        "784-256-d.3-128-d.2-10": batches,
        "784-2048-2048-10": [32, 128, 1024],
    }
    cpus = len(os.sched_getaffinity(0))
    return Plan(networks, [1, cpus] if cpus > 1 else [1], 5, 0.2)


def quick_plan() -> Plan:
    return Plan({"784-128-d.2-10": [32, 1024]}, [1], 2, 0.1)


def environment(threads: int, cache: Path) -> dict[str, str]:
    count = str(threads)
    xla = "" if threads > 1 else "--xla_cpu_multi_thread_eigen=false"
    return os.environ | {
        "OMP_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": count,
        "TF_NUM_INTRAOP_THREADS": count,
        "TF_NUM_INTEROP_THREADS": count,
        "XLA_FLAGS": xla,
        "JAX_PLATFORMS": "cpu",
        "KERAS_BACKEND": "tensorflow",
        "CUDA_VISIBLE_DEVICES": "",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TORCHINDUCTOR_CACHE_DIR": str(cache),
        "TORCHINDUCTOR_COMPILE_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


class Process:
    """A rival at work on one network with one number of threads."""

    def __init__(self, name: str, network: str, threads: int, out: Path) -> None:
        self.name = name
        self.failure = ""
        pinned = ["taskset", "-c", str(min(os.sched_getaffinity(0)))] if threads == 1 else []
        command = [*pinned, sys.executable, str(FOLDER / f"rival_{name}.py"), network, str(threads)]
        with open(out / f"rival_{name}.log", "a") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment(threads, out / "rivals-cache"),
            )

    def read(self, limit: float) -> dict[str, Any]:
        timer = threading.Timer(limit, self.process.kill)
        timer.start()
        line = self.process.stdout.readline()
        in_time = timer.is_alive()
        timer.cancel()
        if line:
            return json.loads(line)
        status = self.process.wait()
        reason = f"ended with status {status}" if in_time else f"no answer in {limit:.0f} s"
        return {"error": reason}

    def start(self) -> None:
        self.failure = self.read(START_SECONDS).get("error", "")

    def ask(self, batch: int, seconds: float, limit: float) -> dict[str, Any]:
        if self.failure:
            return {"error": self.failure}
        try:
            self.process.stdin.write(f"{batch} {seconds}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # reading tells why
        reply = self.read(limit)
        if self.process.poll() is not None:
            self.failure = reply.get("error", "ended")
        return reply

    def stop(self) -> None:
        self.process.kill()
        self.process.communicate()


def measure(process: Process, plan: Plan, batch: int, answers: list[dict[str, Any]]) -> None:
    """One turn of a rival, unless it failed before at this point."""
    if answers and "error" in answers[-1]:
        return
    time.sleep(PAUSE_SECONDS)
    answers.append(process.ask(batch, plan.seconds, PREPARE_SECONDS))


def summarize(name: str, answers: list[dict[str, Any]]) -> dict[str, Any]:
    failed = [answer["error"] for answer in answers if "error" in answer]
    if failed:
        return {"rival": name, "error": failed[0]}
    steps = [answer["step_microseconds"] for answer in answers]
    return answers[0] | {
        "rival": name,
        "step_microseconds": statistics.median(steps),
        "fastest": min(steps),
        "slowest": max(steps),
        "plain_microseconds": statistics.median(a["plain_microseconds"] for a in answers),
    }


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def compare_group(
    plan: Plan, rivals: list[str], network: str, threads: int, out: Path
) -> list[dict[str, Any]]:
    """All batch sizes of a network with a number of threads."""
    processes = [Process(name, network, threads, out) for name in rivals]
    rows = []
    try:
        for process in processes:
            process.start()
        for batch in plan.networks[network]:
            say(f"{network}, {threads} threads, batch {batch}")
            answers: dict[str, list[dict[str, Any]]] = {name: [] for name in rivals}
            for _ in range(1 + plan.rounds):
                for process in processes:
                    measure(process, plan, batch, answers[process.name])
            point = {"network": network, "threads": threads, "batch": batch}
            for name in rivals:
                counted = answers[name][1:] or answers[name]  # the first round compiles
                rows.append(summarize(name, counted) | point)
    finally:
        for process in processes:
            process.stop()
    for row in rows:
        own = isobit_step(rows, row)
        if own is not None and "error" not in row:
            row["ratio"] = row["step_microseconds"] / own
            row["plain_ratio"] = row["plain_microseconds"] / own
    return rows


def isobit_step(rows: list[dict[str, Any]], row: dict[str, Any]) -> float | None:
    for other in rows:
        if other["rival"] == "isobit" and other["batch"] == row["batch"]:
            return other.get("step_microseconds")
    return None


COLUMNS = [
    "network", "threads", "batch", "rival", "mode", "step_microseconds", "ratio",
    "fastest", "slowest", "plain_mode", "plain_microseconds", "plain_ratio", "ftz", "daz", "version", "modes", "mode_errors", "error",
]  # fmt: skip


def write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for row in rows:
            texts = {key: json.dumps(row[key]) for key in ("modes", "mode_errors") if row.get(key)}
            writer.writerow({key: row.get(key, "") for key in COLUMNS} | texts)


def cell(row: dict[str, Any], prefix: str) -> str:
    """`prefix` is "" for a rival's fastest mode, "plain_" for its plain one."""
    if "error" in row:
        return "failed"
    text = f"{row[prefix + 'microseconds' if prefix else 'step_microseconds']:.1f}"
    if row["rival"] == "isobit":
        return text
    ratio = f" ({row[prefix + 'ratio']:.2f}x)" if "ratio" in row else ""
    return f"{text}{ratio} {row[prefix + 'mode']}"


def table_of(rows: list[dict[str, Any]], rivals: list[str], prefix: str) -> list[str]:
    lines = [
        "| network | threads | batch | " + " | ".join(rivals) + " |",
        "|---|--:|--:|" + "--:|" * len(rivals),
    ]
    for start in range(0, len(rows), len(rivals)):
        first = rows[start]
        cells = [cell(row, prefix) for row in rows[start : start + len(rivals)]]
        point = f"| {first['network']} | {first['threads']} | {first['batch']} | "
        lines.append(point + " | ".join(cells) + " |")
    return lines


def flag(row: dict[str, Any], key: str) -> str:
    return "yes" if row[key] else "no"


def rival_lines(rows: list[dict[str, Any]], rivals: list[str]) -> list[str]:
    lines = ["| | version | results flushed (FTZ) | operands flushed (DAZ) |", "|---|---|---|---|"]
    for name in rivals:
        done = [row for row in rows if row["rival"] == name and "error" not in row]
        if done:
            facts = [done[0]["version"], flag(done[0], "ftz"), flag(done[0], "daz")]
        else:
            facts = ["failed", "", ""]
        lines.append(f"| {name} | " + " | ".join(facts) + " |")
    return lines


def failure_lines(rows: list[dict[str, Any]]) -> list[str]:
    lines = []
    for row in rows:
        at = f"- {row['rival']}, {row['network']}, {row['threads']} threads, batch {row['batch']}"
        if "error" in row:
            lines.append(f"{at}: {row['error']}")
        for mode, text in row.get("mode_errors", {}).items():
            lines.append(f"{at}, {mode}: {text}")
    return ["", "Failures:", "", *lines] if lines else []


def cpu_name() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def write_markdown(
    path: Path, rows: list[dict[str, Any]], rivals: list[str], plan: Plan, load: float
) -> None:
    lines = [
        "# A training step of Isobit and its rivals",
        "",
        f"Microseconds a step, median of {plan.rounds} rounds of {plan.seconds} s in turn; in",
        "brackets the multiple of Isobit's, then the mode that was fastest in the warm-up.",
        f"{cpu_name()}, {len(os.sched_getaffinity(0))} CPUs, "
        f"{time.strftime('%Y-%m-%d %H:%M')}, load before the start {load:.2f}.",
        "isobit: images that are black but for a fifth, whose zeros it passes over; isobit_lit: rows",
        "without a zero. The others take as long on either.",
        "",
        *table_of(rows, rivals, ""),
        "",
        "The same in the mode that each rival's tutorials start with:",
        "",
        *table_of(rows, rivals, "plain_"),
        "",
        *rival_lines(rows, rivals),
        *failure_lines(rows),
    ]
    path.write_text("\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two batch sizes, one thread")
    parser.add_argument("--out", type=Path, required=True, help="folder of the results")
    parser.add_argument("--rivals", default=",".join(RIVALS), help="some of: %(default)s")
    options = parser.parse_args()
    plan = quick_plan() if options.quick else full_plan()
    rivals = options.rivals.split(",")
    load = os.getloadavg()[0]
    options.out.mkdir(parents=True, exist_ok=True)
    for name in rivals:
        (options.out / f"rival_{name}.log").unlink(missing_ok=True)
    rows: list[dict[str, Any]] = []
    for network in plan.networks:
        for threads in plan.threads:
            rows += compare_group(plan, rivals, network, threads, options.out)
            write_csv(options.out / "rivals.csv", rows)
            write_markdown(options.out / "rivals.md", rows, rivals, plan, load)
    print((options.out / "rivals.md").read_text(), end="")


if __name__ == "__main__":
    main()
