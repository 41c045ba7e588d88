"""Forests and single trees for regression on 50,000 x 20: scikit-learn beside adflux, on the same data with the same threads.

    python benches/peers/forest.py [--models random-forest extra-trees decision-tree] [--rows 50000] [--trees 20]
                                   [--jobs 2] [--repeats 3]

Needs scikit-learn 1.7.2 and numpy, and cargo for the example `time_forest` of adflux-regression. The data is Friedman's
first function (Friedman 1991) of 20 uniform columns, 15 of which are noise, with unit normal noise on the target. Forests
have full trees, the single tree has depth 12. Prints seconds (the best of the repeats, taken in turns) and root mean squared
errors on 10,000 other rows. The seeds differ between the two, so compare errors over several repeats: each repeat uses
another seed of scikit-learn.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile
import time

import numpy as np
import sklearn
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor
from sklearn.tree import DecisionTreeRegressor

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERS = {
    "random-forest": lambda trees, jobs, seed: RandomForestRegressor(trees, n_jobs=jobs, random_state=seed),
    "extra-trees": lambda trees, jobs, seed: ExtraTreesRegressor(trees, n_jobs=jobs, random_state=seed),
    "decision-tree": lambda trees, jobs, seed: DecisionTreeRegressor(max_depth=12, random_state=seed),
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--trees", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()

    ours = built()
    rng = np.random.default_rng(7)
    x, y = friedman(rng, arguments.rows)
    x_test, y_test = friedman(rng, 10_000)
    with tempfile.TemporaryDirectory() as folder:
        train, test = f"{folder}/train", f"{folder}/test"
        np.column_stack([x, y]).tofile(train)
        np.column_stack([x_test, y_test]).tofile(test)
        for name in arguments.models:
            peer, own = [], []
            for repeat in range(arguments.repeats):
                model = PEERS[name](arguments.trees, arguments.jobs, repeat)
                peer.append(timed(model, x, y, x_test, y_test))
                command = [ours, name, train, test, "21", str(arguments.trees), str(arguments.jobs)]
                own.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
            print(f"{name}, {arguments.rows:,} × 20")
            for side, runs in ((f"scikit-learn {sklearn.__version__}", peer), ("adflux", own)):
                print(f"  {side}")
                for run in runs:
                    print("    " + "  ".join(f"{key} {value:.6g}" for key, value in run.items()))
            for key in ("fit_s", "predict_s"):
                print(f"  {key}: scikit-learn / adflux = {min(r[key] for r in peer) / min(r[key] for r in own):.2f}")


if __name__ == "__main__":
    main()
