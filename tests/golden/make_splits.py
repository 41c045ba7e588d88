"""Writes tests/golden/splits/*.json. Made with scikit-learn 1.7.2, SciPy 1.17.1, NumPy 2.4.6.

    python tests/golden/make_splits.py
"""

import json
import pathlib

import numpy as np
from scipy import stats
from sklearn.model_selection import TimeSeriesSplit

OUT = pathlib.Path(__file__).parent / "splits"
OUT.mkdir(exist_ok=True)


def write(name, value):
    (OUT / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


def time_series():
    cases = []
    for rows, given in [
        (23, {"n_splits": 5}),
        (23, {"n_splits": 4, "gap": 2}),
        (30, {"n_splits": 3, "test_size": 4}),
        (30, {"n_splits": 3, "test_size": 4, "gap": 3, "max_train_size": 6}),
        (12, {"n_splits": 2, "max_train_size": 3}),
        (7, {"n_splits": 6}),
    ]:
        folds = TimeSeriesSplit(**given).split(np.zeros(rows))
        cases.append({
            "rows": rows,
            "folds": given["n_splits"],
            "gap": given.get("gap", 0),
            "test_size": given.get("test_size"),
            "max_train_size": given.get("max_train_size"),
            "train": [],
            "test": [],
        })
        for train, test in folds:
            cases[-1]["train"].append(train.tolist())
            cases[-1]["test"].append(test.tolist())
    write("time_series", cases)


def paired():
    """The corrected test as in scikit-learn's example "Statistical comparison of models using grid search"."""
    rng = np.random.default_rng(20240611)
    cases = []
    for folds, ratio, shift in [(10, 1 / 9, 0.01), (50, 1 / 4, 0.002), (5, 1 / 4, -0.03), (100, 1 / 9, 0.0)]:
        a = rng.normal(0.8, 0.02, folds).round(5)
        b = (a + rng.normal(shift, 0.01, folds)).round(5)
        d = b - a
        error = np.sqrt(np.var(d, ddof=1) * (1 / folds + ratio))
        t = d.mean() / error
        half = stats.t.ppf(0.975, folds - 1) * error
        cases.append({
            "a": a.tolist(), "b": b.tolist(), "ratio": ratio, "statistic": t,
            "p_value": 2 * stats.t.sf(abs(t), folds - 1), "lower": d.mean() - half, "upper": d.mean() + half,
        })
    a = rng.normal(0.8, 0.02, 10).round(5)
    b = (a + rng.normal(0.01, 0.01, 10)).round(5)
    d = (b - a).reshape(5, 2)
    f = (d**2).sum() / (2 * ((d - d.mean(1, keepdims=True)) ** 2).sum())
    write("paired", {"t": cases, "f": {"a": a.tolist(), "b": b.tolist(), "statistic": f, "p_value": stats.f.sf(f, 10, 5)}})


time_series()
paired()
