"""Writes tests/golden/conformal/*.json. Made with MAPIE 1.6.0, scikit-learn 1.7.2, NumPy 2.4.6.

    python tests/golden/make_conformal.py
"""

import json
import pathlib
import warnings

import numpy as np
from mapie.classification import SplitConformalClassifier
from mapie.regression import ConformalizedQuantileRegressor, CrossConformalRegressor, SplitConformalRegressor
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold, LeaveOneOut
from sklearn.utils import check_random_state

OUT = pathlib.Path(__file__).parent / "conformal"
OUT.mkdir(exist_ok=True)
rng = np.random.default_rng(20250312)
warnings.filterwarnings("ignore")


def write(name, value):
    (OUT / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


class Column(RegressorMixin, BaseEstimator):
    """A fitted regressor that predicts one of its inputs."""

    def __init__(self, column=0):
        self.column = column
        self.n_features_in_ = 3

    def fit(self, x, y):
        return self

    def predict(self, x):
        return np.asarray(x)[:, self.column]

    def __sklearn_is_fitted__(self):
        return True


class AsGiven(ClassifierMixin, BaseEstimator):
    """A fitted classifier whose probabilities are its inputs."""

    def __init__(self, classes=2):
        self.classes = classes
        self.classes_ = np.arange(classes)
        self.n_features_in_ = classes

    def fit(self, x, y):
        return self

    def predict_proba(self, x):
        return np.asarray(x)

    def predict(self, x):
        return self.predict_proba(x).argmax(1)

    def __sklearn_is_fitted__(self):
        return True


def intervals():
    n, m, levels = 57, 8, [0.6, 0.8, 0.95]
    x = rng.normal(0, 2, n + m)
    y = (1.5 * x + rng.normal(0, 1 + 0.4 * np.abs(x))).round(3)
    lower, upper, middle = (1.5 * x - 1.2).round(3), (1.5 * x + 1.7).round(3), (1.5 * x).round(3)
    columns = np.column_stack([lower, upper, middle])
    split, cqr = [], []
    for level in levels:
        model = SplitConformalRegressor(Column(2), confidence_level=level, prefit=True)
        model.conformalize(columns[:n], y[:n])
        split.append(model.predict_interval(columns[n:])[1][:, :, 0].tolist())
        model = ConformalizedQuantileRegressor([Column(0), Column(1), Column(2)], confidence_level=level, prefit=True)
        model.conformalize(columns[:n], y[:n])
        cqr.append(model.predict_interval(columns[n:], symmetric_correction=True)[1][:, :, 0].tolist())
    write("intervals", {"rows": n, "levels": levels, "truth": y.tolist(), "lower": lower.tolist(), "upper": upper.tolist(),
                        "predicted": middle.tolist(), "split": split, "cqr": cqr})


def cross():
    n, m, levels = 30, 6, [0.7, 0.9]
    x = rng.normal(0, 1, (n + m, 2)).round(3)
    y = (x @ [1.0, -2.0] + rng.normal(0, 1, n + m)).round(3)
    cases = []
    for splitter in (KFold(5), LeaveOneOut()):
        fold_of, residuals, models = np.zeros(n, dtype=int), np.zeros(n), []
        for fold, (train, test) in enumerate(splitter.split(x[:n])):
            model = LinearRegression().fit(x[train], y[train])
            fold_of[test], residuals[test] = fold, np.abs(y[test] - model.predict(x[test]))
            models.append(model.predict(x[n:]))
        bounds = []
        for level in levels:
            peer = CrossConformalRegressor(LinearRegression(), confidence_level=level, method="plus", cv=splitter)
            peer.fit_conformalize(x[:n], y[:n])
            bounds.append(peer.predict_interval(x[n:])[1][:, :, 0].tolist())
        cases.append({"fold_of": fold_of.tolist(), "residuals": residuals.tolist(),
                      "predictions": np.column_stack(models).tolist(), "bounds": bounds})
    write("cross", {"levels": levels, "cases": cases})


def sets():
    n, m, k, levels, seed = 80, 14, 4, [0.5, 0.8, 0.9], 7
    p = rng.dirichlet(np.full(k, 0.6), n + m).round(6)
    p[:, -1] = (1 - p[:, :-1].sum(1)).clip(0)
    truth = np.array([rng.choice(k, p=row / row.sum()) for row in 0.6 * p + 0.4 / k])
    # What MAPIE draws for the scores, and again for the sets.
    draw = lambda rows: check_random_state(seed).uniform(size=rows)
    cases = []
    for level in levels:
        lac = SplitConformalClassifier(AsGiven(k), confidence_level=level, conformity_score="lac", prefit=True)
        lac.conformalize(p[:n], truth[:n])
        aps = SplitConformalClassifier(AsGiven(k), confidence_level=level, conformity_score="aps", prefit=True,
                                       random_state=seed)
        aps.conformalize(p[:n], truth[:n])
        of = lambda model, **kind: model.predict_set(p[n:], conformity_score_params=kind)[1][:, :, 0].tolist()
        cases.append({"lac": of(lac), "aps_randomized": of(aps, include_last_label="randomized"),
                      "aps_included": of(aps, include_last_label=True)})
    write("sets", {"rows": n, "levels": levels, "probabilities": p.tolist(), "truth": truth.tolist(),
                   "u": draw(n).tolist(), "fresh_u": draw(m).tolist(), "cases": cases})


intervals()
cross()
sets()
