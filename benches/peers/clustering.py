"""The work of crates/clustering/examples/time_clustering.rs in scikit-learn 1.7.2, and the ratios.

    python benches/peers/clustering.py [path of the built example]

Both sides work on one file in one run, best of three: compare numbers of one run only.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
from sklearn.cluster import KMeans, kmeans_plusplus
from sklearn.metrics import silhouette_score

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ["cargo", "run", "--release", "--quiet", "-p", "adflux-clustering", "--example", "time_clustering", "--"]


def best_of(tries, work):
    seconds = []
    for _ in range(tries):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


def compare(name, rows, columns, k, heaps, spread):
    rng = np.random.default_rng(1)
    centers = rng.normal(0, 3, (heaps, columns))
    x = centers[rng.integers(0, heaps, rows)] + rng.normal(0, spread, (rows, columns))
    init = x[:k].copy()
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        file.write(np.array([rows, columns, k], dtype="<u8").tobytes() + x.tobytes() + init.tobytes())
        file.flush()
        command = [sys.argv[1]] if len(sys.argv) > 1 else EXAMPLE
        ours = json.loads(subprocess.run([*command, file.name], cwd=ROOT, check=True, capture_output=True).stdout)
    print(f"\n{name}: {rows:,} × {columns}, {k} segments")
    for algorithm in ["lloyd", "elkan"]:
        seconds, model = best_of(3, lambda: KMeans(k, init=init, n_init=1, algorithm=algorithm).fit(x))
        o = ours["kmeans"]
        print(f"  k-means, {algorithm:6} {seconds:8.3f} s, adflux {o['seconds']:7.3f} s: {seconds / o['seconds']:5.1f}×"
              f"   inertia {model.inertia_:.6e} / {o['inertia']:.6e}, iterations {model.n_iter_} / {o['n_iter']}")
    seconds, _ = best_of(3, lambda: kmeans_plusplus(x, k, random_state=0))
    print(f"  start            {seconds:8.3f} s, adflux {ours['start']['seconds']:7.3f} s (with one iteration):"
          f" {seconds / ours['start']['seconds']:5.1f}×")
    head = x[:8000]
    # Segments by the centers both ended at.
    labels = model.predict(head)
    seconds, value = best_of(3, lambda: silhouette_score(head, labels))
    o = ours["silhouette"]
    print(f"  silhouette       {seconds:8.3f} s, adflux {o['seconds']:7.3f} s: {seconds / o['seconds']:5.1f}×"
          f"   value {value:.12f} / {o['value']:.12f}")


compare("overlapping", 100_000, 32, 50, 40, 3.0)
compare("silhouette of the field notes", 8_000, 16, 8, 8, 1.5)
compare("few columns", 100_000, 4, 6, 6, 1.0)
