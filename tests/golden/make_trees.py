"""Writes tests/golden/trees/*.json: single trees and extra trees of scikit-learn 1.7.2 (numpy 2.4.6), and of LightGBM 4.7.0.

    python tests/golden/make_trees.py

single.json   trees on columns of more than 255 distinct values, exact in float32 (which scikit-learn's trees work in), that
              must be reproduced exactly; no ties between splits, checked by growing with 30 random states.
constrained.json  the same with monotonic_cst.
levels.json   trees on a column of levels, by LightGBM without its smoothing, penalty and limits of sets. It still leaves sets out
              at times: the cases are some in which its tree is that of the definition.
extra.json    test errors of 20 forests of extra trees on the data of regression/forests.json.
oob.json      out-of-bag scores and errors of 20 forests each on the same data.
"""

import json
import pathlib

import lightgbm
import numpy as np
import sklearn
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

assert (sklearn.__version__, lightgbm.__version__) == ("1.7.2", "4.7.0")
HERE = pathlib.Path(__file__).parent
FOLDER = HERE / "trees"


def write(name, value):
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / name).write_text(json.dumps(value, separators=(",", ":"), allow_nan=False) + "\n")


def table(x):
    return [[None if np.isnan(v) else float(v) for v in row] for row in x]


def single(name, seed, classes=0, missing=0.0, weighted=False, rows=330, **limits):
    rng = np.random.default_rng(seed)
    x, x_test = (rng.integers(-(2**15), 2**15, size=(n, 3)) / 2**12 for n in (rows, 60))
    y = np.round(np.sin(x[:, 0]) + (x[:, 2] / 6) ** 2 + rng.normal(size=rows) / 2, 6)
    if classes:
        y = np.digitize(y, np.quantile(y, np.arange(1, classes) / classes))
    for part in (x, x_test):
        part[rng.uniform(size=len(part)) < missing, 0] = np.nan
    weights = np.round(rng.uniform(0.5, 3, size=rows), 3) if weighted else None
    tree = DecisionTreeClassifier if classes else DecisionTreeRegressor
    predict = "predict_proba" if classes else "predict"
    fits = [tree(random_state=state, **limits).fit(x, y, sample_weight=weights) for state in range(30)]
    all_predictions = [getattr(fit, predict)(x_test) for fit in fits]
    assert all(np.allclose(all_predictions[0], other, rtol=0, atol=1e-12) for other in all_predictions), "ties"
    return {
        "name": name,
        "classes": classes,
        "x": table(x),
        "y": [float(v) for v in y],
        "weights": None if weights is None else list(weights),
        "monotone": limits.get("monotonic_cst", []),
        "max_depth": limits.get("max_depth"),
        "min_samples_leaf": limits.get("min_samples_leaf", 1),
        "x_test": table(x_test),
        "predicted": np.round(np.asarray(all_predictions[0]).reshape(len(x_test), -1), 13).tolist(),
    }


def by_definition(codes, number, y, weights, rows, depth, leaf):
    """The same tree: every first part of the levels by their means, and every threshold."""
    at, of, w = codes[rows], y[rows], weights[rows]
    masks = [number[rows] <= value for value in np.unique(number[rows])[:-1]]
    order = sorted(set(at), key=lambda level: np.average(of[at == level], weights=w[at == level]))
    masks += [np.isin(at, order[:i]) for i in range(1, len(order))]
    score = lambda mask: sum((of[side] @ w[side]) ** 2 / w[side].sum() for side in (mask, ~mask))
    masks = [mask for mask in masks if leaf <= mask.sum() <= len(rows) - leaf]
    if depth == 0 or not masks:
        return [(rows, np.average(of, weights=w))]
    best = max(masks, key=score)
    return [part for side in (best, ~best) for part in by_definition(codes, number, y, weights, rows[side], depth - 1, leaf)]


def levels(name, seed, classes=0, weighted=False, depth=4, leaf=6):
    """A column of 12 levels beside one of numbers; the order of the levels has nothing to do with their codes."""
    rng = np.random.default_rng(seed)
    rows = 240
    codes = rng.integers(0, 12, size=rows)
    number = rng.integers(-(2**11), 2**11, size=rows) / 2**8
    y = np.round(codes * 7 % 12 / 4 + np.sin(number) + rng.normal(size=rows) / 2, 6)
    if classes:
        y = (y > np.median(y)).astype(float)
    weights = np.round(rng.uniform(0.5, 3, size=rows), 3) if weighted else None
    parameters = {
        "objective": "regression", "num_leaves": 1000, "max_depth": depth, "min_data_in_leaf": leaf, "min_sum_hessian_in_leaf": 0,
        "learning_rate": 1.0, "lambda_l2": 0.0, "cat_smooth": 0.0, "cat_l2": 0.0, "max_cat_threshold": 100,
        "max_cat_to_onehot": 1, "min_data_per_group": 1, "max_bin": 1000, "min_data_in_bin": 1, "verbose": -1,
        "deterministic": True, "force_row_wise": True, "num_threads": 1,
    }
    x = np.column_stack([codes, number])
    data = lightgbm.Dataset(x, y, weight=weights, categorical_feature=[0], params=parameters)
    predicted = lightgbm.train(parameters, data, 1).predict(x)
    ones = np.ones(rows) if weights is None else weights
    for part, value in by_definition(codes, number, y, ones, np.arange(rows), depth, leaf):
        assert np.allclose(predicted[part], value, rtol=0, atol=1e-6), name
    if classes:
        predicted = np.column_stack([1 - predicted, predicted])
    return {
        "name": name,
        "classes": classes,
        "codes": codes.tolist(),
        "number": number.tolist(),
        "y": y.tolist(),
        "weights": None if weights is None else list(weights),
        "max_depth": depth,
        "min_samples_leaf": leaf,
        "predicted": np.round(predicted.reshape(rows, -1), 7).tolist(),
    }


def extra():
    data = json.loads((HERE / "regression/forests.json").read_text())
    x, y, codes = np.array(data["x"]), np.array(data["y"]), np.array(data["codes"])
    x_test, y_test, codes_test = np.array(data["x_test"]), np.array(data["y_test"]), np.array(data["codes_test"])
    mse, brier = [], []
    for state in range(20):
        forest = ExtraTreesRegressor(data["trees"], random_state=state).fit(x, y)
        mse.append(float(np.mean((forest.predict(x_test) - y_test) ** 2)))
        p = ExtraTreesClassifier(data["trees"], random_state=state).fit(x, codes).predict_proba(x_test)
        brier.append(float(np.mean(np.sum((p - np.eye(3)[codes_test]) ** 2, axis=1))))
    return {"mse": mse, "brier": brier}


def out_of_bag():
    data = json.loads((HERE / "regression/forests.json").read_text())
    x, y, codes = np.array(data["x"]), np.array(data["y"]), np.array(data["codes"])
    both = np.column_stack([y, data["other"]]) / np.array(data["scale"])
    known = {"bootstrap": True, "oob_score": True}
    found = {name: [] for name in ("r2", "mse", "multi_r2", "extra_r2", "accuracy", "brier")}
    for state in range(20):
        forest = RandomForestRegressor(data["trees"], random_state=state, **known).fit(x, y)
        found["r2"].append(float(forest.oob_score_))
        found["mse"].append(float(np.mean((forest.oob_prediction_ - y) ** 2)))
        forest = RandomForestRegressor(data["trees"], random_state=state, **known).fit(x, both)
        found["multi_r2"].append(float(forest.oob_score_))
        forest = ExtraTreesRegressor(data["trees"], random_state=state, **known).fit(x, y)
        found["extra_r2"].append(float(forest.oob_score_))
        forest = RandomForestClassifier(data["trees"], random_state=state, **known).fit(x, codes)
        found["accuracy"].append(float(forest.oob_score_))
        p = forest.oob_decision_function_
        found["brier"].append(float(np.mean(np.sum((p - np.eye(3)[codes]) ** 2, axis=1))))
    return found


write("single.json", [
    single("depth", 1, max_depth=4, min_samples_leaf=5),
    single("weights and leaves of 8 rows", 2, weighted=True, min_samples_leaf=8),
    single("missing values in the first column", 3, missing=0.15, max_depth=2, min_samples_leaf=10),
    single("three classes", 4, classes=3, weighted=True, min_samples_leaf=12),
])
rising = {"monotonic_cst": [1, 0, -1]}
write("constrained.json", [
    single("depth", 5, rows=200, max_depth=5, min_samples_leaf=4, **rising),
    single("weights and leaves of 3 rows", 6, rows=200, weighted=True, min_samples_leaf=3, **rising),
    single("two classes", 7, rows=200, classes=2, max_depth=5, min_samples_leaf=5, **rising),
])
write("levels.json", [
    levels("numbers", 1),
    # LightGBM guesses how many rows a leaf has from its weight.
    levels("weights", 5, weighted=True, depth=3, leaf=1),
    levels("two classes", 6, classes=2),
])
write("extra.json", extra())
write("oob.json", out_of_bag())
