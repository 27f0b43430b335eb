"""statistics.py PROGRAM: compares the statistics of a study with SciPy's, on seeded random cases.

PROGRAM is build/tests/isobit_statistics. Prints what was compared; exits with 1 at a difference.
"""

import subprocess
import sys

import numpy as np
from scipy import stats

DRAWS = 2**20


class Comparison:
    """Questions to the program, each with a check of its answer, asked in one go."""

    def __init__(self, program, seed):
        self.program = program
        self.random = np.random.default_rng(seed)
        self.questions = []
        self.checks = []
        self.kinds = {}

    def ask(self, kind, word, numbers, check):
        """`check` takes the answer's numbers and says what is wrong, or None."""
        self.questions.append(" ".join([word, *(repr(float(n)) for n in numbers)]))
        self.checks.append(check)
        self.kinds[kind] = self.kinds.get(kind, 0) + 1

    def run(self):
        text = "\n".join(self.questions) + "\n"
        done = subprocess.run(
            [self.program], input=text, capture_output=True, text=True, check=True
        )
        lines = done.stdout.splitlines()
        if len(lines) != len(self.questions):
            return [f"{len(lines)} answers to {len(self.questions)} questions"]
        wrong = []
        for question, line, check in zip(self.questions, lines, self.checks):
            found = check([float(word) for word in line.split()])
            if found is not None:
                wrong.append(f"{question[:200]}: {line[:200]}; {found}")
        return wrong


def near(expected, relative, absolute=0.0):
    expected = np.atleast_1d(np.asarray(expected, dtype=float))

    def check(answer):
        if len(answer) == len(expected) and np.allclose(
            answer, expected, rtol=relative, atol=absolute, equal_nan=True
        ):
            return None
        return f"SciPy: {expected.tolist()}"

    return check


def freedom(random):
    """Few degrees more often than many."""
    return int(np.floor(10 ** random.uniform(0, 6)))


def student(c):
    for i in range(1500):
        tail = 10 ** c.random.uniform(-12, np.log10(0.5)) if i % 2 else c.random.uniform(0, 0.5)
        p, degrees = (tail if i % 4 < 2 else 1 - tail), freedom(c.random)
        c.ask("t quantiles", "quantile", [p, degrees], near(stats.t.ppf(p, degrees), 2e-12))
    for _ in range(1000):
        t, degrees = c.random.normal() * 10 ** c.random.uniform(-3, 1), freedom(c.random)
        c.ask("t probabilities", "cdf", [t, degrees], near(stats.t.cdf(t, degrees), 2e-12))


def power(effect, pairs, alpha):
    critical = stats.t.isf(alpha / 2, pairs - 1)
    shift = effect * np.sqrt(pairs)
    near_side = stats.nct.sf(critical, pairs - 1, shift)
    far_side = stats.nct.cdf(-critical, pairs - 1, shift)
    return near_side + (0.0 if np.isnan(far_side) and shift > 4 else far_side)


def enough(effect, alpha):
    """The answer is enough and one pair less is not, by SciPy's noncentral t."""

    def check(answer):
        pairs = int(answer[0])
        before = 0.0 if pairs <= 2 else power(effect, pairs - 1, alpha)
        if pairs >= 2 and before < 0.8 <= power(effect, pairs, alpha):
            return None
        return f"SciPy's power: {before} with a pair less, {power(effect, pairs, alpha)}"

    return check


def planning(c):
    for _ in range(500):
        pairs, alpha = int(10 ** c.random.uniform(0.5, 3)), 0.05 / c.random.integers(1, 30)
        effect = (stats.t.isf(alpha / 2, pairs - 1) + c.random.normal()) / np.sqrt(pairs)
        expected = power(abs(effect), pairs, alpha)
        c.ask("powers", "power", [effect, pairs, alpha], near(expected, 1e-9, 1e-11))
    for _ in range(300):
        effect, alpha = 10 ** c.random.uniform(-1.5, 0.7), 0.05 / c.random.integers(1, 30)
        deviation = 10 ** c.random.uniform(-4, 1)
        numbers = [effect * deviation, deviation, alpha]
        c.ask("numbers of pairs", "pairs", numbers, enough(numbers[0] / deviation, alpha))


def intervals(c):
    for _ in range(500):
        values = c.random.normal(c.random.normal(), 0.01, c.random.integers(2, 40))
        interval = stats.ttest_1samp(values, 0).confidence_interval()
        expected = [values.mean(), values.std(ddof=1), interval.low, interval.high]
        c.ask("estimates", "estimate", values, near(expected, 1e-12, 1e-13))


def permutation_p(values):
    if len(values) == 1:
        return 1.0
    test = stats.permutation_test(
        (np.asarray(values, dtype=float),), np.sum, permutation_type="samples", n_resamples=np.inf
    )
    return test.pvalue


def exact_flips(c):
    for i in range(300):
        count = int(c.random.integers(2, 11)) if i % 30 else 14
        if i % 3 == 0:
            values = c.random.normal(0.5, 1, count)
            c.ask("exact sign-flips", "flip", values, near(permutation_p(values), 1e-14))
        elif i % 3 == 1:
            values = c.random.integers(-5, 8, count)
            c.ask("exact sign-flips of integers", "flip", values, near(permutation_p(values), 1e-14))
        else:
            rows = int(10 ** c.random.uniform(2, 6))
            right, wrong = rows * 9 // 10 + c.random.integers(-9, 10, (2, count))
            values = right / rows - wrong / rows
            expected = permutation_p(right - wrong)
            c.ask("exact sign-flips of accuracies", "flip", values, near(expected, 1e-14))


def exact_integer_p(values):
    """From the distribution of the sum, one value after the other."""
    reach = int(np.abs(values).sum())
    ways = np.zeros(2 * reach + 1)
    ways[reach] = 1.0
    for value in np.abs(values):
        ways = (np.roll(ways, value) + np.roll(ways, -value)) / 2
    return ways[np.abs(np.arange(-reach, reach + 1)) >= abs(int(values.sum()))].sum()


def within_chance(expected):
    def check(answer):
        spread = np.sqrt(expected * (1 - expected) / DRAWS)
        if abs(answer[0] - expected) <= 5 * spread + 2 / DRAWS:
            return None
        return f"exact: {expected}, standard error {spread}"

    return check


def drawn_flips(c):
    for i in range(60):
        values = c.random.integers(-20, 26, int(c.random.integers(21, 41)))
        if i % 3 == 0:
            values = np.abs(values)
        c.ask("drawn sign-flips", "flip", values, within_chance(exact_integer_p(values)))
    for _ in range(3):
        values = c.random.integers(-20, 26, 20)
        c.ask("exact sign-flips of 20", "flip", values, near(exact_integer_p(values), 1e-12))


def adjusted(p):
    """Holm's adjustment by its definition: the largest (tests not below) * p among those up to one."""
    p = np.asarray(p)
    order = sorted(range(len(p)), key=lambda i: (p[i], i))
    products = [min(1.0, (len(p) - place) * p[i]) for place, i in enumerate(order)]
    result = np.empty(len(p))
    for place, i in enumerate(order):
        result[i] = max(products[: place + 1])
    return result


def holm(c):
    for _ in range(300):
        p = c.random.integers(1, 257, c.random.integers(1, 30)) / 256
        p = p ** c.random.integers(1, 4)
        c.ask("Holm adjustments", "holm", p, near(adjusted(p), 1e-15))


def main():
    comparison = Comparison(sys.argv[1], seed=20260101)
    for part in (student, planning, intervals, exact_flips, drawn_flips, holm):
        part(comparison)
    wrong = comparison.run()
    for kind, count in comparison.kinds.items():
        print(f"{count} {kind}")
    for line in wrong[:20]:
        print(f"DIFFERS {line}", file=sys.stderr)
    if wrong:
        sys.exit(f"{len(wrong)} of {len(comparison.questions)} answers differ")


if __name__ == "__main__":
    main()
