"""Writes tests/golden/evaluation/*.json. Made with scikit-learn 1.7.2, SciPy 1.17.1, NumPy 2.4.6.

    python tests/golden/make_evaluation.py
"""

import json
import pathlib

import numpy as np
from scipy.spatial.distance import cdist
from scipy.stats import chi2_contingency
from sklearn import metrics as m
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold

OUT = pathlib.Path(__file__).parent / "evaluation"
OUT.mkdir(exist_ok=True)
rng = np.random.default_rng(20240607)


def write(name, value):
    (OUT / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


def regression():
    y = rng.normal(10, 4, 40).round(3)
    p = (y + rng.normal(0, 2, 40)).round(3)
    w = rng.uniform(0, 3, 40).round(3)
    w[[3, 17, 30]] = 0
    lower, upper = p - 1.5, p + 2.0
    level = 0.8

    def interval_score(weights):
        score = upper - lower
        score = score + 2 / (1 - level) * (lower - y) * (y < lower)
        score = score + 2 / (1 - level) * (y - upper) * (y > upper)
        return float(np.average(score, weights=weights))

    def case(weights):
        s = {"sample_weight": weights}
        return {
            "mae": m.mean_absolute_error(y, p, **s),
            "mse": m.mean_squared_error(y, p, **s),
            "rmse": m.root_mean_squared_error(y, p, **s),
            "r2": m.r2_score(y, p, **s),
            "pinball": m.mean_pinball_loss(y, p, alpha=0.9, **s),
            "coverage": float(np.average((lower <= y) & (y <= upper), weights=weights)),
            "interval_score": interval_score(weights),
        }

    write("regression", {"truth": y.tolist(), "predicted": p.tolist(), "weights": w.tolist(),
                         "plain": case(None), "weighted": case(w)})


def classification():
    n = 60
    y = rng.random(n) < 0.35
    # Rounded to one decimal: many ties.
    p = np.clip(rng.normal(0.35 + 0.25 * y, 0.25), 0, 1).round(1)
    w = rng.uniform(0, 3, n).round(3)
    w[[0, 5, 44]] = 0
    hard = p > 0.45
    codes = rng.integers(0, 3, n)
    proba = rng.dirichlet([1, 1, 1], n).round(6)
    proba[:, 2] = 1 - proba[:, 0] - proba[:, 1]
    proba = np.clip(proba, 0, 1)
    proba[7] = [1.0, 0.0, 0.0]
    codes[7] = 1
    guess = proba.argmax(1)

    def case(weights):
        s = {"sample_weight": weights}
        return {
            "roc_auc": m.roc_auc_score(y, p, **s),
            "pr_auc": m.average_precision_score(y, p, **s),
            "brier": m.brier_score_loss(y, p, **s),
            "precision": m.precision_score(y, hard, **s),
            "recall": m.recall_score(y, hard, **s),
            "f1": m.f1_score(y, hard, **s),
            "accuracy": m.accuracy_score(codes, guess, **s),
            "log_loss": m.log_loss(codes, proba, labels=[0, 1, 2], **s),
        }

    write("classification", {"truth": y.tolist(), "score": p.tolist(), "hard": hard.tolist(), "weights": w.tolist(),
                             "codes": codes.tolist(), "guess": guess.tolist(), "probabilities": proba.tolist(),
                             "plain": case(None), "weighted": case(w)})


def clustering():
    cases = []
    for n, d, k in [(50, 3, 4), (41, 1, 2), (30, 17, 5)]:
        centers = rng.normal(0, 4, (k, d))
        labels = rng.integers(0, k, n)
        # The last segment has one row only.
        labels[labels == k - 1] = 0
        labels[n // 2] = k - 1
        x = (centers[labels] + rng.normal(0, 1.5, (n, d))).round(3)
        # Two rows at one point.
        x[1] = x[0]
        # Labels that are not 0, 1, 2, …
        segments = labels * 3 + 2
        cases.append({
            "x": x.tolist(),
            "segments": segments.tolist(),
            # Distances from differences: scikit-learn's own expansion is wrong in the ninth digit for rows at one point.
            "silhouette_samples": m.silhouette_samples(cdist(x, x), segments, metric="precomputed").tolist(),
            "silhouette": m.silhouette_score(cdist(x, x), segments, metric="precomputed"),
            "calinski_harabasz": m.calinski_harabasz_score(x, segments),
            "davies_bouldin": m.davies_bouldin_score(x, segments),
        })
    write("clustering", cases)


def splits():
    n = 23
    strata = rng.choice(3, n, p=[0.6, 0.3, 0.1])
    groups = rng.choice(7, n)
    zeros = np.zeros(n)
    tests = lambda splitter, *args: [test.tolist() for _, test in splitter.split(zeros, *args)]
    write("splits", {
        "rows": n,
        "strata": strata.tolist(),
        "groups": groups.tolist(),
        "k_fold": tests(KFold(5)),
        "stratified": tests(StratifiedKFold(4), strata) if np.bincount(strata).min() >= 1 else None,
        "group_sizes": sorted(len(t) for t in tests(GroupKFold(3), None, groups)),
    })


def association():
    n = 200
    a = rng.integers(0, 6, n)
    b = np.where(rng.random(n) < 0.6, a // 2, rng.integers(0, 4, n))
    values = (b * 1.7 + rng.normal(0, 2, n)).round(3)
    table = np.zeros((6, 4))
    np.add.at(table, (a, b), 1)
    table = table[table.sum(1) > 0][:, table.sum(0) > 0]
    r, c = table.shape
    phi2 = chi2_contingency(table, correction=False).statistic / n
    phi2 = max(0, phi2 - (r - 1) * (c - 1) / (n - 1))
    rows, columns = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    p = np.bincount(b) / n
    groups = [values[a == level] for level in np.unique(a)]
    between = sum(len(g) * (g.mean() - values.mean()) ** 2 for g in groups)
    write("association", {
        "a": a.tolist(),
        "b": b.tolist(),
        "values": values.tolist(),
        "cramers_v": float(np.sqrt(phi2 / (min(rows, columns) - 1))),
        "uncertainty": float(m.mutual_info_score(a, b) / -(p[p > 0] * np.log(p[p > 0])).sum()),
        "correlation_ratio": float(np.sqrt(between / ((values - values.mean()) ** 2).sum())),
    })


def scores():
    """What `scores::score` gives: all measures of one prediction."""
    def numbers(y, p, weights):
        s = {"sample_weight": weights}
        return {"r2": m.r2_score(y, p, **s), "rmse": m.root_mean_squared_error(y, p, **s),
                "mae": m.mean_absolute_error(y, p, **s)}

    def two(y, proba, weights):
        s = {"sample_weight": weights}
        guess = proba.argmax(1)
        return {
            "roc_auc": m.roc_auc_score(y, proba[:, 1], **s),
            "pr_auc": m.average_precision_score(y, proba[:, 1], **s),
            "log_loss": m.log_loss(y, proba, labels=[0, 1], **s),
            "brier": m.brier_score_loss(y, proba[:, 1], **s),
            "accuracy": m.accuracy_score(y, guess, **s),
            "f1": m.f1_score(y, guess, **s),
        }

    def more(y, proba, weights):
        s = {"sample_weight": weights}
        guess = proba.argmax(1)
        return {
            "log_loss": m.log_loss(y, proba, labels=range(proba.shape[1]), **s),
            "accuracy": m.accuracy_score(y, guess, **s),
            "f1": m.f1_score(y, guess, average="macro", **s),
            "roc_auc": m.roc_auc_score(y, proba, multi_class="ovr", average="macro", **s),
        }

    n = 80
    weights = rng.uniform(0.1, 3, n).round(3)
    y = rng.normal(5, 2, n).round(3)
    p = (y + rng.normal(0, 1.5, n)).round(3)
    cases = [{"truth": y.tolist(), "predicted": p.tolist(), "plain": numbers(y, p, None), "weighted": numbers(y, p, weights)}]
    for k, measure in [(2, two), (4, more)]:
        y = rng.integers(0, k, n)
        # Rounded: ties among the scores.
        proba = rng.dirichlet(np.ones(k), n) + 0.8 * np.eye(k)[y] * rng.random((n, 1))
        proba = (proba / proba.sum(1, keepdims=True)).round(2)
        proba[:, -1] = (1 - proba[:, :-1].sum(1)).clip(0).round(2)
        proba /= proba.sum(1, keepdims=True)
        cases.append({"truth": y.tolist(), "predicted": proba.tolist(), "plain": measure(y, proba, None),
                      "weighted": measure(y, proba, weights)})
    write("scores", {"weights": weights.tolist(), "numbers": cases[0], "classes": cases[1:]})


regression()
classification()
clustering()
splits()
association()
scores()
