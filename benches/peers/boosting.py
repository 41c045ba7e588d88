"""Gradient boosting regression: LightGBM, XGBoost and scikit-learn beside adflux, on the same data with the same threads.

    python benches/peers/boosting.py [--rows 50000] [--columns 20] [--rounds 100] [--jobs 2] [--repeats 3] [--growth]

Needs LightGBM 4.7.0, XGBoost 3.2.0 (the package xgboost-cpu will do), scikit-learn 1.7.2 and numpy, and cargo for the example `time_boosting` of adflux-regression. The data is
Friedman's first function (Friedman 1991) of uniform columns, all but five of which are noise, with unit normal noise on the
target; 31 leaves, learning rate 0.1, 255 bins, 20 rows a leaf (of XGBoost by `min_child_weight`, which is their number here). Prints seconds (the best of the repeats, taken in turns),
root mean squared errors on 10,000 other rows, and of adflux the most memory that fitting took beside the data. With
`--growth` rows go from 10,000 to a million, and columns from 10 to 500.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile
import time

import lightgbm
import numpy as np
import sklearn
import xgboost
from sklearn.ensemble import HistGradientBoostingRegressor

ROOT = pathlib.Path(__file__).resolve().parents[2]


def friedman(rng, rows, columns):
    x = rng.uniform(size=(rows, columns))
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    return x, y + rng.normal(size=rows)


def built():
    build = ["cargo", "build", "--release", "-p", "adflux-regression", "--example", "time_boosting"]
    messages = subprocess.run(build + ["--message-format=json"], cwd=ROOT, check=True, capture_output=True, text=True)
    lines = (json.loads(line) for line in messages.stdout.splitlines())
    return [m["executable"] for m in lines if m.get("executable") and m["target"]["name"] == "time_boosting"][-1]


def timed(model, x, y, x_test, y_test):
    start = time.perf_counter()
    model.fit(x, y)
    fitted = time.perf_counter()
    predicted = model.predict(x_test)
    done = time.perf_counter()
    rmse = float(np.sqrt(np.mean((predicted - y_test) ** 2)))
    return {"fit_s": fitted - start, "predict_s": done - fitted, "rmse": rmse}


def compare(ours, rows, columns, rounds, jobs, repeats, peers=True):
    rng = np.random.default_rng(7)
    x, y = friedman(rng, rows, columns)
    x_test, y_test = friedman(rng, 10_000, columns)
    sides = {"adflux": []}
    if peers:
        sides |= {
            f"LightGBM {lightgbm.__version__}": [],
            f"XGBoost {xgboost.__version__}": [],
            f"scikit-learn {sklearn.__version__}": [],
        }
    light, extreme, scikit = list(sides)[1:] or (None, None, None)
    with tempfile.TemporaryDirectory() as folder:
        train, test = f"{folder}/train", f"{folder}/test"
        np.column_stack([x, y]).tofile(train)
        np.column_stack([x_test, y_test]).tofile(test)
        for _ in range(repeats):
            command = [ours, train, test, str(columns + 1), str(rounds), str(jobs)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            sides["adflux"].append(json.loads(done.stdout))
            if peers:
                model = lightgbm.LGBMRegressor(n_estimators=rounds, n_jobs=jobs, verbose=-1)
                sides[light].append(timed(model, x, y, x_test, y_test))
                model = xgboost.XGBRegressor(
                    n_estimators=rounds, learning_rate=0.1, max_leaves=31, max_depth=0, grow_policy="lossguide", tree_method="hist",
                    max_bin=255, min_child_weight=20, reg_lambda=0.0, n_jobs=jobs,
                )
                sides[extreme].append(timed(model, x, y, x_test, y_test))
                model = HistGradientBoostingRegressor(max_iter=rounds, early_stopping=False)
                sides[scikit].append(timed(model, x, y, x_test, y_test))
    print(f"\n{rows:,} × {columns}, {rounds} rounds, {jobs} threads")
    for name, runs in sides.items():
        best = {key: min(run[key] for run in runs) for key in runs[0]}
        print(f"  {name:20}" + "  ".join(f"{key} {value:.4g}" for key, value in best.items()))
    for name, runs in list(sides.items())[1:]:
        for key in ("fit_s", "predict_s"):
            ratio = min(run[key] for run in runs) / min(run[key] for run in sides["adflux"])
            print(f"  {key}: {name} / adflux = {ratio:.2f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--growth", action="store_true")
    arguments = parser.parse_args()
    ours = built()
    if not arguments.growth:
        return compare(ours, arguments.rows, arguments.columns, arguments.rounds, arguments.jobs, arguments.repeats)
    for rows in (10_000, 100_000, 1_000_000):
        compare(ours, rows, 20, arguments.rounds, arguments.jobs, 1)
    for columns in (10, 100, 500):
        compare(ours, 50_000, columns, arguments.rounds, arguments.jobs, 1)


if __name__ == "__main__":
    main()
