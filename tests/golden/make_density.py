"""Writes tests/golden/density/*.json. Made with scikit-learn 1.7.2, hdbscan 0.8.44, NumPy 2.4.6.

    python tests/golden/make_density.py
"""

import json
import pathlib

import hdbscan as hdbscan_package
import numpy as np
from hdbscan._hdbscan_linkage import label
from hdbscan._hdbscan_tree import compute_stability, condense_tree, get_clusters, outlier_scores
from sklearn.cluster import DBSCAN, HDBSCAN

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


def packages(x, min_cluster_size, min_samples, **options):
    """The fits of scikit-learn and of hdbscan by two algorithms. `min_samples` counts the row itself, as in scikit-learn; hdbscan's
    does not. scikit-learn 1.7.2 fails at a distance with this NumPy."""
    if "cluster_selection_epsilon" not in options:
        yield HDBSCAN(min_cluster_size=min_cluster_size, min_samples=min_samples, copy=True, **options).fit(x)
    for algorithm in ["boruvka_kdtree", "prims_kdtree"]:
        yield hdbscan_package.HDBSCAN(
            min_cluster_size=min_cluster_size, min_samples=min_samples - 1, algorithm=algorithm, prediction_data=True,
            approx_min_span_tree=False, **options,
        ).fit(x)


def ties_by_rows(x, min_cluster_size, min_samples, cluster_selection_method="eom", cluster_selection_epsilon=0.0,
                 allow_single_cluster=False):
    """Labels and outlier scores of hdbscan's own tree, where edges of equal length are ordered by their rows."""
    distances = np.sqrt(((x[:, None] - x[None]) ** 2).sum(-1))
    core = np.sort(distances, 1)[:, min_samples - 1]
    reach = np.maximum(np.maximum(distances, core[:, None]), core[None])
    part = np.arange(len(x))
    edges = []
    for length, a, b in sorted((reach[a, b], a, b) for a in range(len(x)) for b in range(a + 1, len(x))):
        if part[a] != part[b]:
            part[part == part[b]] = part[a]
            edges.append((a, b, length))
    tree = condense_tree(label(np.array(edges, dtype=float)), min_cluster_size)
    labels, _, _ = get_clusters(tree, compute_stability(tree), cluster_selection_method, allow_single_cluster, False,
                                cluster_selection_epsilon)
    return labels, outlier_scores(tree)


def same_parts(a, b):
    pairs = set(zip(a.tolist(), b.tolist()))
    return len(pairs) == len(set(a)) == len(set(b)) and all((x == -1) == (y == -1) for x, y in pairs)


def hdbscan_case(name, draw, min_cluster_size, min_samples, new=None, **options):
    for _ in range(1000):
        x = draw()
        *others, peer = packages(x, min_cluster_size, min_samples, **options)
        # Where ties decide, the packages differ from each other, and from any one order of ties: no fixture of such data.
        labels, scores = ties_by_rows(x, min_cluster_size, min_samples, **options)
        if (all(same_parts(other.labels_, peer.labels_) and np.allclose(other.probabilities_, peer.probabilities_)
                for other in others) and same_parts(labels, peer.labels_) and np.allclose(scores, peer.outlier_scores_)):
            break
    else:
        raise ValueError(name)
    case = {
        "name": name, "x": x.tolist(), "min_cluster_size": min_cluster_size, "min_samples": min_samples,
        "method": options.get("cluster_selection_method", "eom"),
        "epsilon": options.get("cluster_selection_epsilon", 0.0),
        "allow_single_cluster": options.get("allow_single_cluster", False),
        "labels": peer.labels_.tolist(), "strengths": peer.probabilities_.tolist(),
        "outlier_scores": peer.outlier_scores_.tolist(), "new": None,
    }
    if new is not None:
        labels, strengths = hdbscan_package.approximate_predict(peer, new)
        case["new"] = {"x": new.tolist(), "labels": labels.tolist(), "strengths": strengths.tolist()}
    return case


def at_distances(gaps, stray=None):
    """Heaps of three rows on a line, with gaps of powers of two, whose reciprocals are exact; before the last gap one more row."""
    x = [0.0, 1.0, 2.0]
    for place, gap in enumerate(gaps):
        at = x[-1]
        if stray is not None and place == len(gaps) - 1:
            at += stray
            x.append(at)
        x += [at + gap, at + gap + 1, at + gap + 2]
    return np.array(x)[:, None]


def hdbscan():
    def sparse():
        return blobs(90, 3, 4, 0.9, 15)

    def uneven():
        return np.vstack([blobs(50, 2, 3, 0.3), blobs(40, 2, 2, 1.2)])

    def one():
        return blobs(70, 2, 1, 1.0)

    new = blobs(30, 2, 3, 1.5, 10)
    leaf = {"cluster_selection_method": "leaf"}
    single = {"allow_single_cluster": True}
    write("hdbscan", [
        hdbscan_case("blobs and noise", sparse, 8, 5, blobs(30, 3, 3, 2.0, 10)),
        hdbscan_case("the default of min_samples", sparse, 6, 6),
        hdbscan_case("uneven densities", uneven, 5, 5, new),
        hdbscan_case("leaves", uneven, 5, 4, new, **leaf),
        hdbscan_case("leaves and a distance", uneven, 5, 4, new, **leaf, cluster_selection_epsilon=0.5),
        hdbscan_case("a distance", uneven, 5, 3, new, cluster_selection_epsilon=0.8),
        hdbscan_case("one segment is enough", one, 10, 6, **single),
        hdbscan_case("one segment and a distance", one, 10, 6, **single, cluster_selection_epsilon=0.6),
        hdbscan_case("one segment is not enough", lambda: blobs(40, 2, 1, 1.0), 15, 10),
        hdbscan_case("one column", lambda: blobs(90, 1, 4, 0.4), 7, 4),
        hdbscan_case("11 columns", lambda: blobs(60, 11, 3, 1.0, 8), 10, 5),
        hdbscan_case("rings", lambda: rings(120), 6, 3),
        hdbscan_case("no leaf, where one segment is enough", lambda: blobs(40, 2, 1, 1.0), 15, 6, **leaf, **single),
        hdbscan_case("leaves, where one segment is enough", uneven, 5, 4, new, **leaf, **single),
        hdbscan_case("leaves joined into one segment", lambda: blobs(60, 2, 2, 0.5), 6, 4, **leaf, **single,
                     cluster_selection_epsilon=60.0),
        hdbscan_case("a distance at which a leaf splits off", lambda: at_distances([4, 8, 16]), 3, 2, **leaf,
                     cluster_selection_epsilon=8.0),
        hdbscan_case("a distance at which two pairs of leaves split", lambda: at_distances([4, 8, 4, 16]), 3, 2, **leaf,
                     cluster_selection_epsilon=8.0),
        hdbscan_case("the same with a row farther off", lambda: at_distances([4, 8, 16], stray=10), 3, 2, **leaf,
                     cluster_selection_epsilon=8.0),
        hdbscan_case("a leaf at the distance where one segment is enough", lambda: at_distances([4, 8]), 3, 2, **leaf, **single,
                     cluster_selection_epsilon=8.0),
    ])


dbscan()
hdbscan()
