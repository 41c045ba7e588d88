"""TreeSHAP of a forest and of boosted trees on Friedman's data: shap beside adflux, in the same run.

    python benches/peers/explain.py [--rows 2000] [--background 100] [--jobs 2] [--repeats 3]

Needs shap 0.51.0, scikit-learn 1.7.2, lightgbm 4.7.0 and numpy, and cargo for the example `time_explain` of adflux-regression.
A forest of 100 trees of depth 8 (scikit-learn's beside adflux's) and 100 boosted trees of 31 leaves (LightGBM's), learned from
5,000 x 20, explain `rows` others: path-dependent, and against `background` rows (of which shap's interventional method is given
a tenth of the rows, its time being multiplied by ten). shap works in one thread, adflux in `jobs`; LightGBM's own pred_contrib,
which shap calls for the path-dependent values, takes `jobs` too. Prints seconds (the best of the repeats) and ratios, and by how
much base and contributions miss the prediction at most.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile
import time

import lightgbm
import numpy as np
import shap
from sklearn.ensemble import RandomForestRegressor


def friedman(rng, rows):
    x = rng.uniform(size=(rows, 20))
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    return x, y + rng.normal(size=rows)


def best(work, repeats):
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--background", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()

    root = pathlib.Path(__file__).resolve().parents[2]
    build = ["cargo", "build", "--release", "-p", "adflux-regression", "--example", "time_explain"]
    messages = subprocess.run(build + ["--message-format=json"], cwd=root, check=True, capture_output=True, text=True)
    built = (json.loads(line) for line in messages.stdout.splitlines())
    ours = [m["executable"] for m in built if m.get("executable") and m["target"]["name"] == "time_explain"][-1]

    rng = np.random.default_rng(7)
    x, y = friedman(rng, 5_000)
    rows, _ = friedman(rng, arguments.rows)
    background, few = x[: arguments.background], rows[: max(arguments.rows // 10, 1)]
    forest = RandomForestRegressor(100, max_depth=8, n_jobs=arguments.jobs, random_state=1).fit(x, y)
    options = {"num_leaves": 31, "verbose": -1, "num_threads": arguments.jobs}
    boosted = lightgbm.train(options, lightgbm.Dataset(x, y), num_boost_round=100)
    peer = {}
    for name, model in (("forest", forest), ("boosting", boosted)):
        path = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
        peer[f"{name}_path_s"] = best(lambda: path.shap_values(rows, check_additivity=False), arguments.repeats)
        against = shap.TreeExplainer(model, background, feature_perturbation="interventional")
        work = lambda: against.shap_values(few, check_additivity=False)
        peer[f"{name}_interventional_s"] = best(work, arguments.repeats) * len(rows) / len(few)

    with tempfile.TemporaryDirectory() as folder:
        train, test = f"{folder}/train.csv", f"{folder}/rows.csv"
        np.savetxt(train, np.column_stack([x, y]), fmt="%.17g", delimiter=",")
        np.savetxt(test, rows, fmt="%.17g", delimiter=",")
        command = [ours, train, test, str(arguments.background), str(arguments.jobs)]
        own = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    print(f"{'':26}{'shap ' + shap.__version__:>14}{'adflux':>14}{'ratio':>9}")
    for key, seconds in peer.items():
        print(f"{key:26}{seconds:14.4f}{own[key]:14.4f}{seconds / own[key]:9.1f}")
    print(f"adflux: base + contributions miss the prediction by {own['error']:.1e} at most")


if __name__ == "__main__":
    main()
