"""Writes tests/golden/regression/*.json: trees and forests of scikit-learn 1.7.2 (numpy 2.4.6).

    python tests/golden/make_regression.py

trees.json    single trees that must be reproduced exactly: columns of few distinct values, exact in float32 (which
              scikit-learn trees work in), and no ties between splits, checked by growing with 30 random states.
forests.json  400 training and 400 test rows of Friedman's first function, and the test errors of 20 forests each.
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

assert sklearn.__version__ == "1.7.2"
FOLDER = pathlib.Path(__file__).parent / "regression"


def write(name, value):
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / name).write_text(json.dumps(value, separators=(",", ":"), allow_nan=False) + "\n")


def table(x):
    """Rows of numbers; null is missing."""
    return [[None if np.isnan(v) else float(v) for v in row] for row in x]


def untied(make, x, y, weights, x_test, predict):
    """Predictions of a tree whose splits do not depend on the order in which columns are tried."""
    all_predictions = [
        getattr(make(state).fit(x, y, sample_weight=weights), predict)(x_test) for state in range(30)
    ]
    assert all(np.allclose(all_predictions[0], other, rtol=0, atol=1e-12) for other in all_predictions), "ties"
    return all_predictions[0]


def tree_case(name, seed, columns, classes=0, missing=0.0, weighted=False, **limits):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 200, size=(240, columns)) / 8
    x_test = rng.integers(0, 1600, size=(120, columns)) / 64
    signal = np.sin(x[:, 0]) + (x[:, -1] / 12) ** 2
    y = np.round(signal + rng.normal(size=240), 6)
    if classes:
        y = np.digitize(y, np.quantile(y, np.arange(1, classes) / classes))
    x[rng.uniform(size=240) < missing, 0] = np.nan
    x_test[rng.uniform(size=120) < missing, 0] = np.nan
    weights = np.round(rng.uniform(0.5, 3, size=240), 3) if weighted else None
    tree = DecisionTreeClassifier if classes else DecisionTreeRegressor
    predicted = untied(
        lambda state: tree(random_state=state, **limits), x, y, weights, x_test,
        "predict_proba" if classes else "predict",
    )
    return {
        "name": name,
        "classes": classes,
        "x": table(x),
        "y": [float(v) for v in y],
        "weights": None if weights is None else list(weights),
        "max_depth": limits.get("max_depth"),
        "min_samples_split": limits.get("min_samples_split", 2),
        "min_samples_leaf": limits.get("min_samples_leaf", 1),
        "x_test": table(x_test),
        "predicted": np.asarray(predicted).reshape(len(x_test), -1).tolist(),
    }


def friedman(rng, rows):
    x = np.round(rng.uniform(size=(rows, 10)), 3)
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    other = 1e-6 * (np.exp(2 * x[:, 5]) + 4 * (x[:, 6] > 0.5) * x[:, 0] + 0.3 * rng.normal(size=rows))
    return x, np.round(y + rng.normal(size=rows), 4), np.round(other, 10)


def forests():
    rng = np.random.default_rng(20)
    (x, y, other), (x_test, y_test, other_test) = friedman(rng, 400), friedman(rng, 400)
    cuts = np.quantile(y, [1 / 3, 2 / 3])
    codes, codes_test = np.digitize(y, cuts), np.digitize(y_test, cuts)
    both, both_test = np.column_stack([y, other]), np.column_stack([y_test, other_test])
    scale = both.std(axis=0)
    regression, multi, brier, accuracy = [], [], [], []
    for state in range(20):
        forest = RandomForestRegressor(50, random_state=state).fit(x, y)
        regression.append(float(np.mean((forest.predict(x_test) - y_test) ** 2)))
        # Scaled here, because scikit-learn adds up the variances of targets as they come.
        forest = RandomForestRegressor(50, random_state=state).fit(x, both / scale)
        multi.append(float(np.mean((forest.predict(x_test) - both_test / scale) ** 2)))
        p = RandomForestClassifier(50, random_state=state).fit(x, codes).predict_proba(x_test)
        brier.append(float(np.mean(np.sum((p - np.eye(3)[codes_test]) ** 2, axis=1))))
        accuracy.append(float(np.mean(p.argmax(axis=1) == codes_test)))
    return {
        "trees": 50,
        "x": table(x), "y": list(y), "other": list(other), "codes": [int(c) for c in codes],
        "x_test": table(x_test), "y_test": list(y_test), "other_test": list(other_test),
        "codes_test": [int(c) for c in codes_test],
        "scale": list(scale),
        "mse": regression, "multi_mse": multi, "brier": brier, "accuracy": accuracy,
    }


write("trees.json", [
    tree_case("one column, fully grown", 1, 1),
    tree_case("five columns", 2, 5, min_samples_leaf=7),
    tree_case("weights", 3, 4, weighted=True, min_samples_split=12, min_samples_leaf=3),
    tree_case("depth", 4, 5, max_depth=4),
    # Missing values in one column only: with more, the side they go to in scikit-learn depends on the order of columns.
    tree_case("missing values, one column", 5, 1, missing=0.15, min_samples_leaf=3),
    tree_case("missing values in the first of four columns", 6, 4, missing=0.15, max_depth=2),
    tree_case("four classes", 6, 3, classes=4, weighted=True, min_samples_leaf=9),
])
write("forests.json", forests())
