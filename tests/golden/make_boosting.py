"""Writes tests/golden/boosting/*.json: boosted trees of scikit-learn 1.7.2 and LightGBM 4.7.0 (numpy 2.4.6).

    python tests/golden/make_boosting.py

rows.json   predictions for the rows that were learned from, which must be reproduced: columns of few distinct values, so
            that a bin is a value, and noise in the target or weights, so that no two splits are equally good. Where a
            threshold lies between two values is a matter of taste, so other rows are not compared.
"""

import json
import pathlib

import lightgbm
import numpy as np
import sklearn
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)

assert sklearn.__version__ == "1.7.2" and lightgbm.__version__ == "4.7.0"
FOLDER = pathlib.Path(__file__).parent / "boosting"
ROUNDS, LEAVES, LEAF = 20, 8, 6


def columns(rng, missing):
    x = rng.integers(0, 40, size=(241, 3)) / 8
    x[rng.uniform(size=241) < missing, 0] = np.nan
    return x


def case(name, loss, model, x, y, predict="predict", weights=None, **parameters):
    fitted = model.fit(x, y, sample_weight=weights)
    predicted = getattr(fitted, predict)(x)
    return {
        "name": name,
        "loss": loss,
        "parameters": parameters,
        "missing": bool(np.isnan(x).any()),
        "y": [float(v) for v in y],
        "weights": None if weights is None else [float(w) for w in weights],
        "predicted": [[float(f"{v:.9g}") for v in row] for row in np.asarray(predicted).reshape(len(y), -1)],
    }


def hist(loss, **more):
    return HistGradientBoostingRegressor(
        loss=loss, max_iter=ROUNDS, max_leaf_nodes=LEAVES, min_samples_leaf=LEAF, early_stopping=False, **more
    )


def cases():
    rng = np.random.default_rng(5)
    signal = lambda x: np.sin(2 * np.nan_to_num(x[:, 0], nan=4.0)) + (x[:, 1] / 3) ** 2 - 0.2 * x[:, 2]
    x = columns(rng, 0.15)
    y = np.round(signal(x) + rng.normal(size=241) / 2, 6)
    weights = np.round(rng.uniform(0.5, 3, size=241), 3)
    full = columns(rng, 0)
    y_full = np.round(signal(full) + rng.normal(size=241) / 2, 6)
    counts = rng.poisson(np.exp(signal(full) / 2)).astype(float)
    amounts = np.round(rng.gamma(2, np.exp(signal(full) / 2) / 2) + 1e-3, 6)
    codes = np.digitize(y_full, np.quantile(y_full, [0.5, 0.8]))
    classifier = HistGradientBoostingClassifier(
        max_iter=ROUNDS, max_leaf_nodes=LEAVES, min_samples_leaf=LEAF, early_stopping=False
    )
    gradient = GradientBoostingRegressor(
        loss="huber", alpha=0.85, n_estimators=ROUNDS, max_leaf_nodes=LEAVES, max_depth=None, min_samples_leaf=LEAF,
        criterion="squared_error",
    )
    light = lightgbm.LGBMRegressor(
        objective="tweedie", tweedie_variance_power=1.3, n_estimators=ROUNDS, num_leaves=LEAVES, min_child_samples=1,
        # In adflux's units, where the mean target is 1. LightGBM guesses the rows of a leaf from this sum.
        min_child_weight=5 * np.average(counts, weights=weights) ** 0.7, min_data_in_bin=1, verbose=-1, deterministic=True, n_jobs=1,
    )
    cases = [
        case("missing values and weights", "squared_error", hist("squared_error"), x, y, weights=weights),
        case("L2", "squared_error", hist("squared_error", l2_regularization=5.0), full, y_full, reg_lambda=5.0),
        case("depth", "squared_error", hist("squared_error", max_depth=2), full, y_full, max_depth=2),
        case("absolute", "absolute_error", hist("absolute_error"), full, y_full, weights=weights),
        case("quantile", "quantile", hist("quantile", quantile=0.3), full, y_full, weights=weights, alpha=0.3),
        case("Huber", "huber", gradient, full, y_full, weights=weights, alpha=0.85),
        case("counts", "poisson", hist("poisson"), full, counts, weights=weights),
        case("amounts", "gamma", hist("gamma"), full, amounts),
        case(
            "amounts with zeros", "tweedie", light, full, counts, weights=weights, tweedie_power=1.3,
            min_child_samples=1, min_child_weight=5.0,
        ),
        case("two classes", "classes", classifier, full, np.minimum(codes, 1), "predict_proba", weights),
        case("three classes", "classes", classifier, full, codes, "predict_proba", weights),
    ]
    table = lambda x: [[None if np.isnan(v) else float(v) for v in row] for row in x]
    return {"rounds": ROUNDS, "leaves": LEAVES, "leaf": LEAF, "full": table(full), "missing": table(x), "cases": cases}


FOLDER.mkdir(exist_ok=True)
text = json.dumps(cases(), separators=(",", ":"), allow_nan=False) + "\n"
(FOLDER / "rows.json").write_text(text)
