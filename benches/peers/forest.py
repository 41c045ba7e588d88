"""Forests and single trees for regression on 50,000 x 20: scikit-learn, and LightGBM's forests, beside adflux, on the same data with the
same threads.

    python benches/peers/forest.py [--models random-forest extra-trees decision-tree] [--rows 50000] [--trees 20]
                                   [--jobs 2] [--repeats 3] [--growth]

Needs scikit-learn 1.7.2, LightGBM 4.7.0 and numpy, and cargo for the example `time_forest` of adflux-regression. The data is Friedman's
first function (Friedman 1991) of 20 uniform columns, 15 of which are noise, with unit normal noise on the target. Forests have full
trees, but LightGBM's 1,000 leaves and 63% of the rows a tree; the single tree has depth 12. Prints seconds (the best of the repeats,
taken in turns) and root mean squared errors on 10,000 other rows. Seeds differ between the sides, so compare errors over several
repeats: each uses another seed of the peers. With `--growth` random forests of 10,000 to 200,000 rows, beside scikit-learn.
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
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor
from sklearn.tree import DecisionTreeRegressor

ROOT = pathlib.Path(__file__).resolve().parents[2]


def forest_of_lightgbm(trees, jobs, seed):
    """It grows leaf by leaf, in a time that grows with their square: 12,500 leaves instead of 1,000 take ten times as long."""
    return lightgbm.LGBMRegressor(
        boosting_type="rf", n_estimators=trees, num_leaves=1000, min_child_samples=1, subsample=0.632,
        subsample_freq=1, min_child_weight=0, n_jobs=jobs, random_state=seed, verbose=-1,
    )


SCIKIT, LIGHT = f"scikit-learn {sklearn.__version__}", f"LightGBM {lightgbm.__version__} (rf)"
PEERS = {
    "random-forest": {
        SCIKIT: lambda trees, jobs, seed: RandomForestRegressor(trees, n_jobs=jobs, random_state=seed),
        LIGHT: forest_of_lightgbm,
    },
    "extra-trees": {SCIKIT: lambda trees, jobs, seed: ExtraTreesRegressor(trees, n_jobs=jobs, random_state=seed)},
    "decision-tree": {SCIKIT: lambda trees, jobs, seed: DecisionTreeRegressor(max_depth=12, random_state=seed)},
}


def friedman(rng, rows):
    x = rng.uniform(size=(rows, 20))
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    return x, y + rng.normal(size=rows)


def built():
    build = ["cargo", "build", "--release", "-p", "adflux-regression", "--example", "time_forest"]
    messages = subprocess.run(build + ["--message-format=json"], cwd=ROOT, check=True, capture_output=True, text=True)
    lines = (json.loads(line) for line in messages.stdout.splitlines())
    return [m["executable"] for m in lines if m.get("executable") and m["target"]["name"] == "time_forest"][-1]


def timed(model, x, y, x_test, y_test):
    start = time.perf_counter()
    model.fit(x, y)
    fitted = time.perf_counter()
    predicted = model.predict(x_test)
    done = time.perf_counter()
    rmse = float(np.sqrt(np.mean((predicted - y_test) ** 2)))
    return {"fit_s": fitted - start, "predict_s": done - fitted, "rmse": rmse}


def compare(ours, models, rows, trees, jobs, repeats, peers=(SCIKIT, LIGHT)):
    rng = np.random.default_rng(7)
    x, y = friedman(rng, rows)
    x_test, y_test = friedman(rng, 10_000)
    with tempfile.TemporaryDirectory() as folder:
        train, test = f"{folder}/train", f"{folder}/test"
        np.column_stack([x, y]).tofile(train)
        np.column_stack([x_test, y_test]).tofile(test)
        for name in models:
            others = {side: peer for side, peer in PEERS[name].items() if side in peers}
            sides = {side: [] for side in [*others, "adflux"]}
            for repeat in range(repeats):
                for side, peer in others.items():
                    sides[side].append(timed(peer(trees, jobs, repeat), x, y, x_test, y_test))
                command = [ours, name, train, test, "21", str(trees), str(jobs)]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                sides["adflux"].append(json.loads(done.stdout))
            print(f"{name}, {rows:,} × 20")
            for side, runs in sides.items():
                print(f"  {side}")
                for run in runs:
                    print("    " + "  ".join(f"{key} {value:.6g}" for key, value in run.items()))
            for side in others:
                for key in ("fit_s", "predict_s"):
                    ratio = min(run[key] for run in sides[side]) / min(run[key] for run in sides["adflux"])
                    print(f"  {key}: {side} / adflux = {ratio:.2f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--trees", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--growth", action="store_true")
    arguments = parser.parse_args()
    ours, trees, jobs = built(), arguments.trees, arguments.jobs
    if not arguments.growth:
        return compare(ours, arguments.models, arguments.rows, trees, jobs, arguments.repeats)
    for rows in (10_000, 50_000, 200_000):
        compare(ours, ["random-forest"], rows, trees, jobs, 1, peers=[SCIKIT])


if __name__ == "__main__":
    main()
