"""Writes tests/golden/clustering/*.json. Made with scikit-learn 1.7.2, NumPy 2.4.6.

    python tests/golden/make_clustering.py
"""

import json
import pathlib
import warnings

import numpy as np
from sklearn.cluster import KMeans

OUT = pathlib.Path(__file__).parent / "clustering"
OUT.mkdir(exist_ok=True)
rng = np.random.default_rng(20240608)
warnings.simplefilter("ignore")


def write(name, value):
    (OUT / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


def blobs(n, d, k, spread, offset=0.0):
    centers = rng.uniform(-5, 5, (k, d))
    return (centers[rng.integers(0, k, n)] + rng.normal(0, spread, (n, d)) + offset).round(3)


def case(name, x, k, init, weights=None, **settings):
    model = KMeans(k, init=init, n_init=1, algorithm="lloyd", **settings).fit(x, sample_weight=weights)
    return {
        "name": name,
        "x": x.tolist(),
        "weights": None if weights is None else weights.tolist(),
        "init": init.tolist(),
        "max_iter": settings.get("max_iter", 300),
        "tol": settings.get("tol", 1e-4),
        "centers": model.cluster_centers_.tolist(),
        "labels": model.labels_.tolist(),
        "inertia": model.inertia_,
        "n_iter": model.n_iter_,
    }


def lloyd():
    cases = []
    x = blobs(150, 3, 5, 1.5)
    cases.append(case("blobs", x, 5, x[:5]))
    cases.append(case("to the last row", x, 5, x[:5], tol=0.0))
    cases.append(case("three iterations", x, 5, x[5:10], max_iter=3))
    weights = rng.uniform(0.1, 4, 150).round(3)
    cases.append(case("weights", x, 4, x[20:24], weights))
    zero = weights.copy()
    zero[::5] = 0
    cases.append(case("some weights are zero", x, 4, x[21:25], zero))
    far = blobs(80, 2, 3, 1.0, offset=1e6)
    cases.append(case("far from the origin", far, 3, far[:3]))
    one = blobs(60, 1, 3, 0.8)
    cases.append(case("one column, more centers than a panel", one, 11, one[:11]))
    wide = blobs(60, 19, 4, 2.0)
    cases.append(case("19 columns", wide, 4, wide[:4]))
    # The second and fourth centers are nobody's nearest: they are refilled.
    empty = np.array([[0.0, 0.0, 0.0], [90.0, 90.0, 90.0], [1.0, 1.0, 1.0], [-90.0, 80.0, 0.0]])
    cases.append(case("empty segments", x, 4, empty))
    write("lloyd", cases)


def plus_plus():
    x = blobs(300, 3, 12, 0.6)
    inertia = [KMeans(10, n_init=1, random_state=seed).fit(x).inertia_ for seed in range(20)]
    at_random = [KMeans(10, init="random", n_init=1, random_state=seed).fit(x).inertia_ for seed in range(20)]
    write("starts", {"x": x.tolist(), "n_clusters": 10, "k_means_plus_plus": inertia, "random": at_random})


lloyd()
plus_plus()
