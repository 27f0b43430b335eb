"""csv_pandas.py make FILE: writes 1,000,000 rows of 20 numbers. csv_pandas.py c|pyarrow FILE THREADS: reads a table by
pandas, with one of its engines, and prints CPU seconds, wall seconds, and the peak of its memory in kB beyond
what it took before. csv_pandas.py table FILE: medians of lines 'reader threads CPU wall kB'."""

import resource
import statistics
import sys
import time


def make(path):
    import numpy
    import pandas

    numbers = numpy.random.default_rng(1).normal(size=(1_000_000, 20)).round(6)
    pandas.DataFrame(numbers, columns=[f"x{i}" for i in range(20)]).to_csv(path, index=False)


def read(engine, path, threads):
    import pandas

    if engine == "pyarrow":
        import pyarrow

        pyarrow.set_cpu_count(threads)
    start = resource.getrusage(resource.RUSAGE_SELF)
    begin = time.perf_counter()
    table = pandas.read_csv(path, dtype="float32", engine=engine)
    wall = time.perf_counter() - begin
    end = resource.getrusage(resource.RUSAGE_SELF)
    assert table.shape == (1_000_000, 20)
    cpu = end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime
    print(f"{cpu:.3f} {wall:.3f} {end.ru_maxrss - start.ru_maxrss}")


def table(path):
    runs = {}
    for line in open(path):
        reader, threads, *figures = line.split()
        runs.setdefault((reader, threads), []).append([float(figure) for figure in figures])
    medians = {key: [statistics.median(column) for column in zip(*rows)] for key, rows in runs.items()}
    print(f"{'reader':10} {'threads':>7} {'CPU s':>7} {'wall s':>7} {'peak kB':>9} {'CPU, Isobit = 1':>16}")
    for (reader, threads), (cpu, wall, peak) in medians.items():
        ratio = cpu / medians["isobit", threads][0]
        print(f"{reader:10} {threads:>7} {cpu:7.3f} {wall:7.3f} {peak:9.0f} {ratio:16.2f}")


if sys.argv[1] == "make":
    make(sys.argv[2])
elif sys.argv[1] == "table":
    table(sys.argv[2])
else:
    read(sys.argv[1], sys.argv[2], int(sys.argv[3]))
