"""Writes tests/golden/clustering/mini_batch.json. Made with scikit-learn 1.7.2, NumPy 2.4.6.

    python tests/golden/make_mini_batch.py
"""

import json
import pathlib
import warnings

import numpy as np
from sklearn.cluster import MiniBatchKMeans

OUT = pathlib.Path(__file__).parent / "clustering"
rng = np.random.default_rng(20240609)
warnings.simplefilter("ignore")


def blobs(n, d, k, spread, offset=0.0):
    centers = rng.uniform(-5, 5, (k, d))
    return (centers[rng.integers(0, k, n)] + rng.normal(0, spread, (n, d)) + offset).round(3)


def stream(name, x, init, chunks, weights=None, ratio=0.0):
    """Chunk after chunk; without a draw, so that both sides must agree."""
    model = MiniBatchKMeans(len(init), init=init, n_init=1, reassignment_ratio=ratio)
    for chunk in np.array_split(np.arange(len(x)), chunks):
        model.partial_fit(x[chunk], sample_weight=None if weights is None else weights[chunk])
    last = np.array_split(np.arange(len(x)), chunks)[-1]
    return {
        "name": name,
        "x": x.tolist(),
        "weights": None if weights is None else weights.tolist(),
        "init": init.tolist(),
        "chunks": [len(c) for c in np.array_split(np.arange(len(x)), chunks)],
        "reassignment_ratio": ratio,
        "centers": model.cluster_centers_.tolist(),
        "inertia_of_last": model.inertia_,
        "labels_of_last": model.labels_.tolist(),
        "last": len(last),
    }


def streams():
    cases = []
    x = blobs(240, 3, 5, 1.0)
    cases.append(stream("eight chunks", x, x[:5], 8))
    cases.append(stream("one chunk", x, x[5:9], 1))
    cases.append(stream("chunks of five rows", x[:40], x[:3], 8))
    weights = rng.uniform(0, 3, 240).round(3)
    weights[::7] = 0
    cases.append(stream("weights", x, x[10:14], 6, weights))
    empty = np.array([[0.0, 0.0, 0.0], [90.0, 90.0, 90.0], [1.0, 1.0, 1.0]])
    cases.append(stream("a center that sees nothing stays", x, empty, 4))
    far = blobs(120, 2, 3, 1.0, offset=1e5)
    cases.append(stream("far from the origin", far, far[:3], 5))
    # Each center begins on a row of the first chunk: nothing is put elsewhere, although it is looked for.
    cases.append(stream("nothing to put elsewhere", x, x[[0, 11, 23]], 4, ratio=1e-6))
    return cases


def fits():
    x = blobs(600, 3, 12, 0.8)
    settings = dict(n_clusters=10, batch_size=64)
    of = lambda **more: [MiniBatchKMeans(**settings, random_state=s, **more).fit(x).inertia_ for s in range(20)]
    return {"x": x.tolist(), **settings, "k_means_plus_plus": of(), "random": of(init="random")}


(OUT / "mini_batch.json").write_text(json.dumps({"streams": streams(), "fits": fits()}, separators=(",", ":")) + "\n")
