"""Writes tests/golden/choosing/*.json. Made with kneed 0.8.5, scikit-learn 1.7.2, NumPy 2.4.6.

    python tests/golden/make_choosing.py
"""

import json
import pathlib

import numpy as np
from kneed import KneeLocator
from sklearn.cluster import KMeans

OUT = pathlib.Path(__file__).parent / "choosing"
OUT.mkdir(exist_ok=True)
rng = np.random.default_rng(20240914)


def write(name, value):
    (OUT / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


def inertia(x, k, starts=5):
    return KMeans(k, n_init=starts, random_state=0).fit(x).inertia_


def elbows():
    """Falling curves: inertias of heaps, and falls drawn at random, some of them with two bends or none."""
    cases = []
    for heaps in range(2, 8):
        x = rng.uniform(-9, 9, (heaps, 3))[rng.integers(0, heaps, 150)] + rng.normal(0, 0.7, (150, 3))
        cases.append((list(range(1, 13)), [inertia(x, k) for k in range(1, 13)]))
    for _ in range(60):
        n = int(rng.integers(4, 15))
        start = int(rng.integers(1, 4))
        fall = rng.gamma(0.3, 10, n - 1)
        if rng.uniform() < 0.7:
            fall = np.sort(fall)[::-1]
        cases.append((list(range(start, start + n)), (100 + fall.sum() - np.concatenate([[0], np.cumsum(fall)])).round(6).tolist()))
    found = []
    for x, y in cases:
        locator = KneeLocator(x, y, S=1.0, curve="convex", direction="decreasing", online=True)
        # The one farthest below the line; never the first point.
        depth = {knee: locator.y_difference[x.index(knee)] for knee in sorted(locator.all_knees) if knee != x[0]}
        found.append({"x": x, "y": y, "knee": int(max(depth, key=depth.get)) if depth else None})
    write("elbows", found)


def gap(log_data, log_draws):
    """Tibshirani, Walther and Hastie 2001, section 3."""
    log_draws = np.asarray(log_draws)
    gaps = log_draws.mean(axis=0) - log_data
    errors = log_draws.std(axis=0) * np.sqrt(1 + 1 / len(log_draws))
    fewest = [k for k in range(1, len(gaps)) if gaps[k - 1] >= gaps[k] - errors[k]]
    return gaps, errors, fewest[0] if fewest else None


def gap_cases():
    cases = []
    for heaps in [1, 2, 3, 4, 6]:
        x = (rng.uniform(-9, 9, (heaps, 2))[np.arange(90) % heaps] + rng.normal(0, 0.8, (90, 2))).round(3)
        draws = [rng.uniform(x.min(axis=0), x.max(axis=0), x.shape) for _ in range(8)]
        data = np.log([inertia(x, k) for k in range(1, 8)])
        log_draws = [np.log([inertia(draw, k) for k in range(1, 8)]) for draw in draws]
        gaps, errors, fewest = gap(data, log_draws)
        cases.append({"data": data.tolist(), "draws": [d.tolist() for d in log_draws], "gaps": gaps.tolist(),
                      "errors": errors.tolist(), "fewest": fewest})
    write("gaps", cases)


def jaccard(a, b):
    return len(a & b) / len(a | b)


def stability(x, k, draws):
    """Hennig 2007, section 3; each row counts once, as in fpc's clusterboot."""
    labels = KMeans(k, n_init=5, random_state=0).fit(x).labels_
    similar = [[] for _ in range(k)]
    for _ in range(draws):
        drawn = rng.integers(0, len(x), len(x))
        again = KMeans(k, n_init=5, random_state=0).fit(x[drawn]).labels_
        later = [set(drawn[again == c]) for c in range(k)]
        for c in range(k):
            own = set(np.flatnonzero(labels == c)) & set(drawn)
            if own:
                similar[c].append(max(jaccard(own, other) for other in later))
    means = [float(np.mean(s)) for s in similar]
    return float(np.mean(means)), min(means)


def together():
    """Three heaps, two of them near each other: gap and stability over many draws."""
    centers = np.array([[0.0, 0.0], [2.6, 0.0], [8.0, 5.0]])
    x = (centers[np.arange(120) % 3] + rng.normal(0, 0.8, (120, 2))).round(3)
    data = np.log([inertia(x, k) for k in range(1, 7)])
    draws = [rng.uniform(x.min(axis=0), x.max(axis=0), x.shape) for _ in range(300)]
    log_draws = [np.log([inertia(draw, k) for k in range(1, 7)]) for draw in draws]
    gaps, _, _ = gap(data, log_draws)
    stable = [stability(x, k, 300) for k in range(2, 7)]
    write("together", {"x": x.tolist(), "inertia": np.exp(data).tolist(), "gaps": gaps.tolist(),
                       "deviations": np.std(log_draws, axis=0).tolist(),
                       "stability": [s[0] for s in stable], "least": [s[1] for s in stable]})


elbows()
gap_cases()
together()
