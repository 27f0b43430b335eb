"""tables.py PROGRAM ADULT: a table through isobit and through scikit-learn, on the same rows.

PROGRAM is build/isobit, ADULT the census table (adult.csv or adult.csv.gz, with a header and the label
income). A fifth of it, drawn by scikit-learn, is the test part of both. What is fitted must be what
scikit-learn fits, to the last digits; the mean accuracy over some seeds must be within a hundredth of
MLPClassifier's.
"""

import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import pandas
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

SEEDS = range(1, 6)
EPOCHS = 5
EXPERIMENT = f"""
data: {{source: train.csv, label: income, missing: ['?'], missing_policy: mean}}
model:
  - dense: {{units: 64, activation: relu}}
  - dense: {{units: 32, activation: relu}}
  - dense: {{units: 2, activation: softmax}}
compile: {{optimizer: adam, loss: sparse_categorical_crossentropy, metrics: [accuracy]}}
fit: {{epochs: {EPOCHS}, batch_size: 128}}
"""


def check(condition, *what):
    if not condition:
        print("FAILED:", *what)
        sys.exit(1)


def run(program, place, *arguments):
    return subprocess.run([program, *arguments], cwd=place, check=True, capture_output=True, text=True).stdout


def metadata(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    return json.loads(data[8 : 8 + length])["__metadata__"]


def pipeline():
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    texts = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    return make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (texts, make_column_selector(dtype_exclude="number")),
        sparse_threshold=0,
    )


def compare_fitted(fitted, x):
    for feature in fitted["features"]:
        column = x[feature["name"]]
        if "categories" in feature:
            values = column.dropna()
            check(feature["categories"] == sorted(values.unique()), feature["name"])
            mode = SimpleImputer(strategy="most_frequent").fit(column.to_frame()).statistics_[0]
            check(feature["categories"][feature["mode"]] == mode, feature["name"], mode)
        else:
            scaler = StandardScaler().fit(column.to_frame())
            check(np.isclose(feature["offset"], scaler.mean_[0], rtol=1e-12, atol=0), feature)
            check(np.isclose(feature["divisor"], scaler.scale_[0], rtol=1e-12, atol=0), feature)
    print(f"{len(fitted['features'])} columns: fitted alike")


def main(program, adult):
    program = str(pathlib.Path(program).resolve())
    table = pandas.read_csv(adult, na_values=["?"], keep_default_na=False)
    train, test = train_test_split(table, test_size=0.2, random_state=1, stratify=table.income)
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        train.to_csv(place / "train.csv", index=False, na_rep="?")
        test.to_csv(place / "test.csv", index=False, na_rep="?")
        (place / "adult.yaml").write_text(EXPERIMENT)
        ours = []
        for seed in SEEDS:
            run(program, place, "train", "adult.yaml", "--seed", str(seed), "--run", f"run{seed}", "-q")
            answer = run(program, place, "evaluate", f"run{seed}", "--data", "test.csv", "--json")
            ours.append(json.loads(answer)["accuracy"])
        x, y = train.drop(columns="income"), train.income
        compare_fitted(json.loads(metadata(place / "run1/model.safetensors")["preprocessing"]), x)
    transformer = pipeline().fit(x)
    x, y_test = transformer.transform(x).astype("f4"), test.income
    x_test = transformer.transform(test.drop(columns="income")).astype("f4")
    theirs = []
    warnings.simplefilter("ignore")  # that so few epochs have not converged
    for seed in SEEDS:
        model = MLPClassifier((64, 32), batch_size=128, max_iter=EPOCHS, alpha=0, random_state=seed)
        theirs.append(model.fit(x, y).score(x_test, y_test))
    for what, accuracies in ("isobit", ours), ("MLPClassifier", theirs):
        print(f"{what}: accuracy {np.mean(accuracies):.4f} ± {np.std(accuracies, ddof=1):.4f} over {len(SEEDS)} seeds")
    check(abs(np.mean(ours) - np.mean(theirs)) < 0.01, "the accuracies differ")


if __name__ == "__main__":
    main(*sys.argv[1:])
