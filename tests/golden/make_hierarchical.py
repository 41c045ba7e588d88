"""Writes tests/golden/hierarchical/*.json. Made with SciPy 1.17.1, scikit-learn 1.7.2, NumPy 2.4.6.

    python tests/golden/make_hierarchical.py
"""

import json
import pathlib

import numpy as np
from scipy.cluster.hierarchy import cophenet, fcluster, linkage
from sklearn.cluster import AgglomerativeClustering

OUT = pathlib.Path(__file__).parent / "hierarchical"
OUT.mkdir(exist_ok=True)
rng = np.random.default_rng(20250307)
METHODS = ["ward", "single", "complete", "average", "weighted", "centroid", "median"]


def write(name, value):
    (OUT / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


def blobs(n, d, k, spread):
    centers = rng.uniform(-5, 5, (k, d))
    return (centers[rng.integers(0, k, n)] + rng.normal(0, spread, (n, d))).round(4)


def case(name, x):
    methods = []
    for method in METHODS:
        z = linkage(x, method)
        # Between two heights, so that rounding does not decide; for trees that fall, between those of the tallest so far.
        tall = np.unique(np.maximum.accumulate(z[:, 2]))
        threshold = float((tall[-4] + tall[-3]) / 2)
        methods.append({
            "method": method,
            "z": z.tolist(),
            "threshold": threshold,
            "by_height": fcluster(z, threshold, "distance").tolist(),
        })
    by_count = {}
    for method in METHODS[:4]:
        for k in [2, 5]:
            by_count[f"{method} {k}"] = AgglomerativeClustering(k, linkage=method).fit_predict(x).tolist()
    return {"name": name, "x": x.tolist(), "methods": methods, "by_count": by_count}


def cases():
    write("linkage", [
        case("blobs", blobs(60, 3, 4, 1.2)),
        case("one column", blobs(30, 1, 3, 0.9)),
        case("11 columns", blobs(40, 11, 3, 2.0)),
        case("far from the origin", blobs(25, 2, 3, 1.0) + 1e5),
    ])


def ties():
    """A grid with repeated points: trees differ by how ties are broken, single linkage's cophenetic distances do not."""
    x = np.array([[i, j] for i in range(5) for j in range(4)] + [[0, 0], [2, 2], [9, 9], [9, 9]], dtype=float)
    order = rng.permutation(len(x))
    x = x[order]
    write("ties", {"x": x.tolist(), "single": cophenet(linkage(x, "single")).tolist()})
    # Pairs of equal height, far enough apart that every order of merging gives the same tree.
    pairs = np.array([[0, 0], [1, 0], [10, 0], [11, 0], [0, 14], [1, 14], [40, 40], [41, 40.5]], dtype=float)
    heights = {method: cophenet(linkage(pairs, method)).tolist() for method in METHODS}
    write("pairs", {"x": pairs.tolist(), "cophenetic": heights})


def grid():
    """Whole numbers on a grid with repeated rows, so that ties decide every tree; and numbers near each other at an origin of 1e9. Ward's
    heights come from centres in adflux and from a recurrence in SciPy: of ties among merged clusters rounding decides, on both sides."""
    own = np.random.default_rng(9)
    points = np.array([[i, j] for i in range(6) for j in range(5)] + [[0, 0], [2, 2], [2, 2], [9, 9], [9, 9]], dtype=float)
    far = blobs(40, 2, 4, 0.5)
    far = (far * 64).round() / 64 + 1e9
    write("grid", [
        {"name": name, "x": x.tolist(), "z": {method: linkage(x, method).tolist() for method in of}}
        for name, x, of in [
            ("grid", points, ["complete", "average", "weighted"]),
            ("grid, shuffled", own.permutation(points), ["complete", "average", "weighted"]),
            ("0 and 1", own.integers(0, 2, (40, 4)).astype(float), ["complete", "average", "weighted"]),
            ("an origin of 1e9", far, ["ward", "complete", "average", "weighted"]),
        ]
    ])


cases()
ties()
grid()
