"""Writes tests/golden/density/dbscan.json. Made with scikit-learn 1.7.2, NumPy 2.4.6.

    python tests/golden/make_density.py
"""

import json
import pathlib

import numpy as np
from sklearn.cluster import DBSCAN

OUT = pathlib.Path(__file__).parent / "density"
OUT.mkdir(exist_ok=True)
rng = np.random.default_rng(20250711)


def write(name, value):
    (OUT / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


def blobs(n, d, k, spread, noise=0):
    centers = rng.uniform(-5, 5, (k, d))
    x = centers[rng.integers(0, k, n)] + rng.normal(0, spread, (n, d))
    return np.vstack([x, rng.uniform(-8, 8, (noise, d))]).round(4)[rng.permutation(n + noise)]


def rings(n):
    angle = rng.uniform(0, 2 * np.pi, n)
    radius = np.where(rng.random(n) < 0.4, 1.0, 3.0) + rng.normal(0, 0.15, n)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]).round(4)


def dbscan_case(name, x, eps, min_samples, weights=None):
    model = DBSCAN(eps=eps, min_samples=min_samples).fit(x, sample_weight=weights)
    return {
        "name": name, "x": x.tolist(), "eps": eps, "min_samples": min_samples,
        "weights": None if weights is None else weights.tolist(),
        "labels": model.labels_.tolist(), "core": model.core_sample_indices_.tolist(),
    }


def dbscan():
    grid = np.array([[i, j] for i in range(9) for j in range(8) if (i * 5 + j * 3) % 4], dtype=float)
    sparse = blobs(120, 3, 4, 0.9, 30)
    write("dbscan", [
        dbscan_case("blobs and noise", sparse, 1.1, 5),
        dbscan_case("borders of several", sparse, 0.9, 8),
        dbscan_case("rings", rings(200), 0.5, 4),
        dbscan_case("ties at the radius", grid, 1.0, 4),
        dbscan_case("all are core", blobs(60, 2, 3, 0.5), 0.7, 1),
        dbscan_case("none is core", blobs(60, 2, 3, 0.5), 0.01, 3),
        dbscan_case("everything within reach", blobs(60, 2, 3, 0.5), 50.0, 5),
        dbscan_case("one column", blobs(80, 1, 4, 0.4), 0.15, 6),
        dbscan_case("11 columns", blobs(90, 11, 3, 0.8, 10), 3.2, 5),
        dbscan_case("repeated rows", np.repeat(blobs(25, 2, 3, 0.9), 3, axis=0), 0.8, 6),
        dbscan_case("weights", sparse, 0.9, 6, rng.choice([0.0, 0.5, 1.0, 3.0, 7.0], len(sparse))),
    ])


dbscan()
