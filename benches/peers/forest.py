"""Random forest regression on 50,000 x 20: scikit-learn beside adflux, on the same data with the same threads.

    python benches/peers/forest.py [--rows 50000] [--trees 20] [--jobs 2] [--repeats 3]

Needs scikit-learn 1.7.2 and numpy, and cargo for the example `time_forest` of adflux-regression. The data is Friedman's
first function (Friedman 1991) of 20 uniform columns, 15 of which are noise, with unit normal noise on the target. Prints
seconds (the best of the repeats, taken in turns) and root mean squared errors on 10,000 other rows. The seeds differ
between the two, so compare errors over several repeats: each repeat uses another seed of scikit-learn.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile
import time

import numpy as np
import sklearn
from sklearn.ensemble import RandomForestRegressor


def friedman(rng, rows):
    x = rng.uniform(size=(rows, 20))
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    return x, y + rng.normal(size=rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--trees", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()

    root = pathlib.Path(__file__).resolve().parents[2]
    build = ["cargo", "build", "--release", "-p", "adflux-regression", "--example", "time_forest"]
    messages = subprocess.run(build + ["--message-format=json"], cwd=root, check=True, capture_output=True, text=True)
    built = (json.loads(line) for line in messages.stdout.splitlines())
    ours = [m["executable"] for m in built if m.get("executable") and m["target"]["name"] == "time_forest"][-1]

    rng = np.random.default_rng(7)
    x, y = friedman(rng, arguments.rows)
    x_test, y_test = friedman(rng, 10_000)
    peer, own = [], []
    with tempfile.TemporaryDirectory() as folder:
        train, test = f"{folder}/train.csv", f"{folder}/test.csv"
        np.savetxt(train, np.column_stack([x, y]), fmt="%.17g", delimiter=",")
        np.savetxt(test, np.column_stack([x_test, y_test]), fmt="%.17g", delimiter=",")
        for repeat in range(arguments.repeats):
            forest = RandomForestRegressor(arguments.trees, n_jobs=arguments.jobs, random_state=repeat)
            start = time.perf_counter()
            forest.fit(x, y)
            fitted = time.perf_counter()
            predicted = forest.predict(x_test)
            done = time.perf_counter()
            rmse = float(np.sqrt(np.mean((predicted - y_test) ** 2)))
            peer.append({"fit_s": fitted - start, "predict_s": done - fitted, "rmse": rmse})
            command = [ours, train, test, str(arguments.trees), str(arguments.jobs)]
            own.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))

    for name, runs in ((f"scikit-learn {sklearn.__version__}", peer), ("adflux", own)):
        print(name)
        for run in runs:
            print("  " + "  ".join(f"{key} {value:.6g}" for key, value in run.items()))
    for key in ("fit_s", "predict_s"):
        print(f"{key}: scikit-learn / adflux = {min(r[key] for r in peer) / min(r[key] for r in own):.2f}")


if __name__ == "__main__":
    main()
