"""Writes tests/golden/mixed/*.json. Made with kmodes 0.12.2, gower 0.1.2, SciPy 1.17.1, NumPy 2.4.6.

    python tests/golden/make_mixed.py
"""

import json
import pathlib

import gower
import numpy as np
import pandas as pd
from kmodes.kprototypes import KPrototypes
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

OUT = pathlib.Path(__file__).parent / "mixed"
OUT.mkdir(exist_ok=True)
rng = np.random.default_rng(20241005)


def write(name, value):
    (OUT / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


def people(n, d, levels, heaps, spread, purity):
    """Numbers around the centre of a heap, and categories that are mostly those of the heap."""
    heap = rng.integers(0, heaps, n)
    numbers = (rng.uniform(-5, 5, (heaps, d))[heap] + rng.normal(0, spread, (n, d))).round(3)
    own = np.stack([rng.integers(0, count, heaps) for count in levels], axis=1)[heap]
    other = np.stack([rng.integers(0, count, n) for count in levels], axis=1)
    codes = np.where(rng.uniform(size=own.shape) < purity, own, other)
    # Numbered as they occur: kmodes numbers them by their order.
    return numbers, np.stack([np.unique(column, return_inverse=True)[1] for column in codes.T], axis=1)


def prototypes(name, numbers, codes, k, gamma=None):
    """From the first k rows that differ. Without weights: kmodes 0.12 counts a weighted row that moves as one."""
    rows = []
    for row in range(len(numbers)):
        if all((numbers[row] != numbers[r]).any() or (codes[row] != codes[r]).any() for r in rows):
            rows.append(row)
        if len(rows) == k:
            break
    table = np.concatenate([numbers.astype(object), codes.astype(object)], axis=1)
    columns = list(range(numbers.shape[1], table.shape[1]))
    model = KPrototypes(k, init=[numbers[rows], codes[rows]], n_init=1, gamma=gamma)
    model.fit(table, categorical=columns)
    centers, modes = model._enc_cluster_centroids
    return {"name": name, "numbers": numbers.tolist(), "codes": codes.tolist(), "rows": rows, "given_gamma": gamma,
            "gamma": float(model.gamma), "cost": float(model.cost_),
            "labels": model.labels_.tolist(), "centers": np.asarray(centers).tolist(), "modes": np.asarray(modes).tolist()}


def k_prototypes():
    write("k_prototypes", [
        prototypes("clear heaps", *people(120, 3, [3, 4], 4, 0.5, 0.95), 4),
        prototypes("overlapping", *people(150, 2, [3, 3, 5], 3, 1.5, 0.8), 3),
        prototypes("categories decide", *people(120, 1, [4, 4, 4], 4, 3.0, 0.95), 4, gamma=30.0),
        prototypes("numbers decide", *people(120, 3, [2, 5], 5, 0.6, 0.3), 5, gamma=0.0),
    ])


def by_definition(numbers, codes):
    """Gower 1971: the mean over the columns that both rows have; numbers over their range, NaN and -1 missing."""
    ranges = np.nanmax(numbers, axis=0) - np.nanmin(numbers, axis=0)
    distances = np.zeros((len(numbers), len(numbers)))
    for a in range(len(numbers)):
        for b in range(len(numbers)):
            parts = [abs(x - y) / r if r > 0 else 0.0 for x, y, r in zip(numbers[a], numbers[b], ranges) if not np.isnan(x + y)]
            parts += [float(x != y) for x, y in zip(codes[a], codes[b]) if x >= 0 and y >= 0]
            distances[a, b] = 0.0 if a == b else (np.mean(parts) if parts else 1.0)
    return distances


def linkages(numbers, codes):
    """Trees of the distances, in 64 bits."""
    condensed = squareform(by_definition(numbers, codes))
    return {method: linkage(condensed, method).tolist() for method in ["single", "complete", "average", "weighted"]}


def gower_cases():
    cases = []
    for n, d, levels in [(20, 2, [3]), (15, 3, [2, 4])]:
        numbers, codes = people(n, d, levels, 3, 1.0, 0.7)
        # The package divides by the greatest number: above 0.
        numbers = (numbers - numbers.min() + 1).round(3)
        frame = pd.DataFrame(numbers)
        for c in range(codes.shape[1]):
            frame[f"c{c}"] = np.array([f"l{code}" for code in codes[:, c]], dtype=object)
        package = gower.gower_matrix(frame, cat_features=[False] * d + [True] * codes.shape[1])
        np.testing.assert_allclose(package, by_definition(numbers, codes), atol=1e-6)
        cases.append({"numbers": numbers.tolist(), "codes": codes.tolist(), "distances": package.astype(float).tolist(),
                      "linkages": linkages(numbers, codes)})
    numbers, codes = people(14, 2, [3, 2], 2, 1.0, 0.7)
    numbers[rng.uniform(size=numbers.shape) < 0.25] = np.nan
    codes[rng.uniform(size=codes.shape) < 0.25] = -1
    numbers[3], codes[3] = np.nan, -1
    listed = [[None if np.isnan(v) else v for v in row] for row in numbers.tolist()]
    cases.append({"numbers": listed, "codes": codes.tolist(), "distances": by_definition(numbers, codes).tolist(),
                  "linkages": linkages(numbers, codes)})
    write("gower", cases)


k_prototypes()
gower_cases()
