"""Writes tests/golden/metrics/*.json. Made with scikit-learn 1.7.2, SciPy 1.17.1, NumPy 2.4.6.

    python tests/golden/make_metrics.py

What scikit-learn does not have (sMAPE, WAPE, ECE with weights, the measures of forecasts, lift) is written out here by its
definition, row by row.
"""

import json
import pathlib
import warnings

import numpy as np
from scipy.stats import bootstrap
from sklearn import metrics as m
from sklearn.calibration import calibration_curve

OUT = pathlib.Path(__file__).parent / "metrics"
OUT.mkdir(exist_ok=True)
rng = np.random.default_rng(20251122)


def write(name, value):
    (OUT / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


def both(case, weights):
    return {"plain": case(None), "weighted": case(weights), "weights": weights.tolist()}


def weights_of(n):
    w = rng.uniform(0, 3, n).round(3)
    w[[1, n // 2]] = 0
    return w


def numbers():
    y = rng.normal(3, 4, 41).round(2)
    p = (y + rng.normal(0.5, 2, 41)).round(2)
    y[5] = p[5] = 0.0
    y[11] = 0.0

    def case(w):
        s = {"sample_weight": w}
        scale = np.abs(y) + np.abs(p)
        relative = np.divide(2 * np.abs(y - p), scale, out=np.zeros_like(y), where=scale > 0)
        v = np.ones_like(y) if w is None else w
        return {
            "mape": m.mean_absolute_percentage_error(y, p, **s),
            "smape": float(np.average(relative, weights=w)),
            "wape": float((v * np.abs(y - p)).sum() / (v * np.abs(y)).sum()),
            "median_absolute_error": m.median_absolute_error(y, p, **s),
            "explained_variance": m.explained_variance_score(y, p, **s),
            "d2_absolute_error": m.d2_absolute_error_score(y, p, **s),
            "d2_pinball": m.d2_pinball_score(y, p, alpha=0.8, **s),
            "max_error": float(np.abs(y - p)[v > 0].max()),
        }

    write("numbers", {"truth": y.tolist(), "predicted": p.tolist(), **both(case, weights_of(41))})


def deviances():
    cases = []
    for power in [-1.5, 0.0, 1.0, 1.5, 2.0, 3.0]:
        y = rng.gamma(1.5, 2, 30).round(3) + 0.001
        if 1 <= power < 2:
            y = rng.poisson(1.2, 30).astype(float)
        if power <= 0:
            y = rng.normal(0, 3, 30).round(3)
        p = rng.gamma(2, 1.5, 30).round(3) + 0.01
        w = weights_of(30)

        def case(v):
            s = {"sample_weight": v, "power": power}
            deviance = m.mean_tweedie_deviance(y, p, **s)
            # The mean of the truth must be in the family's range.
            d2 = None if power < 0 else m.d2_tweedie_score(y, p, **s)
            return {"deviance": deviance, "d2": d2}

        cases.append({"power": power, "truth": y.tolist(), "predicted": p.tolist(), **both(case, w)})
    write("deviances", cases)


def classes():
    cases = []
    for k, n in [(2, 50), (4, 60), (3, 12)]:
        y, p = rng.integers(0, k, n), rng.integers(0, k, n)
        if n == 12:
            # Class 1 never comes, class 2 is never predicted.
            y, p = np.where(y == 1, 0, y), np.where(p == 2, 1, p)
        y[0], y[1], p[0], p[1] = 0, 2 % k, 0, 0
        w = weights_of(n)

        def case(v):
            s = {"sample_weight": v}
            out = {
                "accuracy": m.accuracy_score(y, p, **s),
                "mcc": m.matthews_corrcoef(y, p, **s),
            }
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                out["balanced_accuracy"] = m.balanced_accuracy_score(y, p, **s)
            for name in ["None", "linear", "quadratic"]:
                value = None if name == "None" else name
                out[f"kappa_{name.lower()}"] = m.cohen_kappa_score(y, p, labels=range(k), weights=value, **s)
            for average in ["macro", "micro", "weighted"] + (["binary"] if k == 2 else []):
                a = {"average": average, "zero_division": 0, **s}
                out[f"precision_{average}"] = m.precision_score(y, p, **a)
                out[f"recall_{average}"] = m.recall_score(y, p, **a)
                out[f"f2_{average}"] = m.fbeta_score(y, p, beta=2, **a)
            return out

        def per_class(v):
            a = {"average": None, "labels": range(k), "zero_division": 0, "sample_weight": v}
            return {
                "confusion": m.confusion_matrix(y, p, labels=range(k), sample_weight=v).astype(float).ravel().tolist(),
                "precision": m.precision_score(y, p, **a).tolist(),
                "recall": m.recall_score(y, p, **a).tolist(),
                "f_half": m.fbeta_score(y, p, beta=0.5, **a).tolist(),
            }

        cases.append({"classes": k, "truth": y.tolist(), "predicted": p.tolist(), **both(case, w),
                      "each_plain": per_class(None), "each_weighted": per_class(w)})
    write("classes", cases)


def curves():
    n = 50
    y = rng.random(n) < 0.4
    p = np.clip(rng.normal(0.4 + 0.2 * y, 0.25), 0, 1).round(1)
    w = weights_of(n)

    def case(v, drop):
        fpr, tpr, thresholds = m.roc_curve(y, p, sample_weight=v, drop_intermediate=drop)
        precision, recall, at = m.precision_recall_curve(y, p, sample_weight=v)
        return {"fpr": fpr.tolist(), "tpr": tpr.tolist(), "thresholds": thresholds[1:].tolist(),
                "precision": precision.tolist(), "recall": recall.tolist(), "at": at.tolist()}

    bins = {}
    for strategy in ["uniform", "quantile"]:
        # Without weights scikit-learn's bins; their weights are the shares of the rows.
        observed, said = calibration_curve(y, p, n_bins=5, strategy=strategy)
        if strategy == "uniform":
            edges = np.linspace(0, 1, 6)
        else:
            edges = np.percentile(p, np.linspace(0, 1, 6) * 100)
        of = np.searchsorted(edges[1:-1], p)
        used = np.unique(of)
        share = np.array([np.mean(of == b) for b in used])
        bins[strategy] = float((share * np.abs(observed - said)).sum())
        bins[f"{strategy}_weighted"] = float(sum(abs((w * (p - y))[of == b].sum()) for b in used) / w.sum())

    # Scores that all differ, so that the order is the table.
    scores = rng.permutation(n) / n
    order = np.argsort(-scores)
    lift = [float(y[order][: n * k // 10].mean() / y.mean()) for k in range(1, 11)]
    gain = [float(y[order][: n * k // 10].sum() / y.sum()) for k in range(1, 11)]

    costs = {"false_positive": 1.0, "false_negative": 4.0, "true_positive": -0.5, "true_negative": 0.1}

    def cost(v):
        v = np.ones(n) if v is None else v
        out = []
        for t in [np.inf, *sorted(set(p[v > 0]), reverse=True)]:
            h = p >= t
            each = np.select([h & ~y, ~h & y, h & y], [1.0, 4.0, -0.5], 0.1)
            out.append(float(np.average(each, weights=v)))
        return out

    write("curves", {"truth": y.tolist(), "score": p.tolist(), "weights": w.tolist(), "plain": case(None, False),
                     "dropped": case(None, True), "weighted": case(w, False), "ece": bins,
                     "distinct": scores.tolist(), "lift": lift, "gain": gain,
                     "costs": costs, "cost": cost(None), "cost_weighted": cost(w)})


def multiclass():
    n, k = 60, 4
    y = np.concatenate([np.arange(k), rng.integers(0, k, n - k)])
    proba = rng.dirichlet(np.ones(k), n).round(1)
    proba[np.arange(n), y] += 0.3
    proba[:, 0] += 1e-9
    proba = proba / proba.sum(1, keepdims=True)
    w = weights_of(n)
    w[:k] = 1

    def case(kind, average, v=None):
        return m.roc_auc_score(y, proba, multi_class=kind, average=average, sample_weight=v)

    write("multiclass", {
        "truth": y.tolist(), "probabilities": proba.tolist(), "weights": w.tolist(),
        "ovr_macro": case("ovr", "macro"), "ovr_weighted": case("ovr", "weighted"),
        "ovo_macro": case("ovo", "macro"), "ovo_weighted": case("ovo", "weighted"),
        "ovr_macro_weights": case("ovr", "macro", w), "ovr_weighted_weights": case("ovr", "weighted", w),
    })


def segments():
    pairs = [
        (rng.integers(0, 4, 40), rng.integers(0, 3, 40)),
        (np.repeat([0, 1, 2], 10), np.repeat([5, 5, 1, 2, 2], 6)),
        (np.zeros(5), np.arange(5)),
        (np.zeros(5), np.zeros(5)),
        (np.arange(6), np.arange(6)[::-1]),
        (np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])),
        (rng.integers(0, 30, 400), rng.integers(0, 25, 400)),
    ]
    cases = []
    for a, b in pairs:
        homogeneity, completeness, v = m.homogeneity_completeness_v_measure(a, b)
        cases.append({
            "truth": a.astype(int).tolist(), "segments": b.astype(int).tolist(),
            "ari": m.adjusted_rand_score(a, b), "nmi": m.normalized_mutual_info_score(a, b),
            "ami": m.adjusted_mutual_info_score(a, b),
            "homogeneity": homogeneity, "completeness": completeness, "v_measure": v,
        })
    write("segments", cases)


def forecasts():
    history = (10 + 3 * np.sin(np.arange(28) * 2 * np.pi / 7) + rng.normal(0, 1, 28)).round(3)
    y = (10 + rng.normal(0, 2, 9)).round(3)
    p = (y + rng.normal(0, 1, 9)).round(3)
    lower, upper = p - 1.0, p + 1.2
    samples = rng.normal(10, 2, (9, 15)).round(2)
    levels = np.arange(1, 10) / 10
    quantiles = np.quantile(samples, levels, axis=1).T
    w = weights_of(9)

    def case(v):
        naive = {s: history[s:] - history[:-s] for s in [1, 7]}
        score = upper - lower + 2 / 0.1 * ((lower - y) * (y < lower) + (y - upper) * (y > upper))
        loss = np.where(y[:, None] >= quantiles, levels * (y[:, None] - quantiles), (1 - levels) * (quantiles - y[:, None]))
        pairs = np.abs(samples[:, :, None] - samples[:, None, :]).mean((1, 2))
        crps = np.abs(samples - y[:, None]).mean(1) - pairs / 2
        return {
            "mase": float(np.average(np.abs(y - p), weights=v) / np.abs(naive[7]).mean()),
            "rmsse": float(np.sqrt(np.average((y - p) ** 2, weights=v) / (naive[1] ** 2).mean())),
            "msis": float(np.average(score, weights=v) / np.abs(naive[7]).mean()),
            "crps_quantiles": float(np.average(2 * loss.mean(1), weights=v)),
            "crps_samples": float(np.average(crps, weights=v)),
        }

    write("forecasts", {"history": history.tolist(), "truth": y.tolist(), "predicted": p.tolist(),
                        "lower": lower.tolist(), "upper": upper.tolist(), "samples": samples.tolist(),
                        "quantiles": quantiles.tolist(), "levels": levels.tolist(), **both(case, w)})


def rankings():
    relevance = rng.integers(0, 4, (8, 9)).astype(float)
    relevance[3] = 0
    # Few different scores: many ties.
    scores = rng.integers(0, 5, (8, 9)) / 4
    w = rng.uniform(0, 2, 8).round(3)
    w[2] = 0

    def case(v):
        out = {}
        for k in [None, 1, 4, 20]:
            s = {"k": k, "sample_weight": v}
            out[f"ndcg_{k}"] = m.ndcg_score(relevance, scores, **s)
            out[f"dcg_{k}"] = m.dcg_score(relevance, scores, **s)
        return out

    write("rankings", {"relevance": relevance.tolist(), "scores": scores.tolist(), **both(case, w)})


def intervals():
    """SciPy's bootstrap of a mean of skewed numbers: other draws, so compared loosely."""
    x = np.sort(rng.gamma(0.7, 2, 60).round(3))
    out = {"x": x.tolist()}
    for method in ["percentile", "BCa"]:
        found = bootstrap((x,), np.mean, n_resamples=100_000, method=method, rng=np.random.default_rng(1), vectorized=True)
        out[method.lower()] = [float(found.confidence_interval.low), float(found.confidence_interval.high)]
    write("intervals", out)


numbers()
deviances()
classes()
curves()
multiclass()
segments()
forecasts()
rankings()
intervals()
