"""tables.py FOLDER: Markdown tables of the results that report.sh left in FOLDER."""

import json
import re
import sys
from pathlib import Path

MACHINE = ("Model name", "CPU(s)", "Thread(s) per core", "L1d cache", "L2 cache", "L3 cache", "Hypervisor vendor")


def read(folder, name):
    return json.loads((folder / f"{name}.json").read_text())


def benchmarks(results):
    """(parts of the name, entry) of each that ran; min_time, iterations and the like are left out."""
    for entry in results["benchmarks"]:
        if "error_message" in entry:
            print(f"{entry['name']}: {entry['error_message']}", file=sys.stderr)
            continue
        name = re.sub(r"/(min_time|iterations|repeats):[^/]*|/manual_time", "", entry["name"])
        yield name.split("/"), entry


def number(value):
    """Three digits, never an exponent."""
    for limit, digits in ((100, 0), (10, 1), (1, 2)):
        if abs(value) >= limit:
            return f"{value:,.{digits}f}"
    return f"{value:.3f}"


def percent(value):
    return f"{100 * value:.0f} %"


def table(columns, rows):
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" + "--:|" * (len(columns) - 1))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def measured(results):
    context = results["context"]
    loads = context.get("load_avg") or ["unknown"]
    print(f"Measured {context['date']}, load before it {loads[0]}.\n")


def unique(values):
    return list(dict.fromkeys(values))


def shape(parts):
    return " x ".join(parts)


def kernels(results):
    matrix, single = {}, {}
    for parts, entry in benchmarks(results):
        if parts[0] != "kernel":
            continue
        _, slot, isa, *sizes = parts
        if "GFLOP/s" in entry:
            peak = f" ({percent(entry['of_peak'])})" if "of_peak" in entry else ""
            matrix.setdefault((slot, *sizes), {})[isa] = number(entry["GFLOP/s"]) + peak
        else:
            single.setdefault((slot, *sizes), {})[isa] = number(entry["ns_per_value"])
    print("## Kernels\n")
    measured(results)
    for title, rows in (
        ("GFLOP/s, share of the fma peak; rows x inputs x units", matrix),
        ("Nanoseconds a value", single),
    ):
        isas = unique(isa for row in rows.values() for isa in row)
        table(
            [title, *isas],
            ([f"`{slot}` {shape(sizes)}".strip(), *(row.get(isa, "") for isa in isas)]
             for (slot, *sizes), row in rows.items()),
        )
    for parts, entry in benchmarks(results):
        if parts[0] == "generator":
            print(f"* generator, {parts[1]}: {number(entry['real_time'])} {entry['time_unit']}")
    print()


def blas(results, log):
    rows = list(benchmarks(results))
    libraries = unique(key[5:] for _, entry in rows for key in entry if key.startswith("over_"))
    print("## Beside BLAS libraries\n")
    measured(results)
    for line in log.splitlines():
        if re.match(r"(OpenBLAS\d?|BLIS\d?|MKL\d?|ISOBIT_BLAS):", line):
            print(f"* {line}")
    print()
    table(
        ["GFLOP/s; rows x inputs x units", "Isobit", "of peak", *(title for name in libraries for title in (name, "Isobit is"))],
        ([f"{parts[0]} {shape(parts[1:])}", number(entry["isobit"]), percent(entry.get("of_peak", 0)),
          *(cell for name in libraries for cell in (number(entry[name]), f"{entry['over_' + name]:.2f} x"))]
         for parts, entry in rows),
    )


def steps(results):
    step, dropout, late = {}, [], []
    for parts, entry in benchmarks(results):
        kind, network, *arguments = parts
        if kind in ("step", "images"):
            peak = f" ({percent(entry['of_peak'])})" if "of_peak" in entry else ""
            row = step.setdefault((network, arguments[0]), {})
            row[kind, int(arguments[1])] = number(entry["us_per_step"]) + peak
        elif kind == "dropout":
            dropout.append([network, *arguments, number(entry["us_with"]), number(entry["us_without"]),
                            f"{100 * entry['cost']:+.1f} %"])
        elif kind == "late":
            late.append([network, *arguments, number(entry["us_first_200"]), number(entry["us_after_2000"]),
                         f"{100 * entry['slower']:+.1f} %"])
    print("## Training steps\n")
    measured(results)
    columns = sorted(unique(column for row in step.values() for column in row), key=lambda c: c[0] == "images")
    table(
        ["us a step, share of the fma peak", "batch",
         *(f"{'images, ' * (kind == 'images')}{n} thread{'s' * (n > 1)}" for kind, n in columns)],
        ([network, batch, *(row.get(column, "") for column in columns)] for (network, batch), row in step.items()),
    )
    table(["us a step", "batch", "threads", "with dropout", "without", "cost"], dropout)
    table(["us a step, batch 32", "threads", "first 200", "after 2,000", "slower"], late)


def phases(text):
    """The lines of bench_phases: a network, then its phases with the microseconds and the share of each."""
    kinds, rows = [], []
    for line in text.splitlines():
        if network := re.match(r"(\S+), batch (\d+), \w+: ([\d.]+) us", line):
            rows.append((network[1], network[2], float(network[3]), {}))
        elif phase := re.match(r" +(\w+) +\d+ +[\d.]+ us +([\d.]+) %", line):
            shares = rows[-1][3]
            shares[phase[1]] = shares.get(phase[1], 0.0) + float(phase[2])
            kinds = unique([*kinds, phase[1]])
    print("## Where the time goes\n")
    table(
        ["one thread", "batch", "us a step", *kinds],
        ([network, batch, number(total), *(f"{shares.get(kind, 0.0):.1f} %" for kind in kinds)]
         for network, batch, total, shares in rows),
    )


def machine(folder):
    print("## The machine\n")
    for line in (folder / "lscpu.txt").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() in MACHINE:
            print(f"* {name.strip()}: {value.strip()}")


def main():
    folder = Path(sys.argv[1])
    kernels(read(folder, "kernels"))
    blas(read(folder, "blas"), (folder / "blas.log").read_text())
    steps(read(folder, "steps"))
    phases((folder / "phases.txt").read_text())
    machine(folder)


main()
