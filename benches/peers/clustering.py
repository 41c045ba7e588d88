"""The work of time_clustering.rs, time_hierarchical.rs and time_density.rs in crates/clustering/examples, in scikit-learn 1.7.2,
SciPy 1.17.1, fastcluster 1.3.0 and hdbscan 0.8.44, and the ratios.

    python benches/peers/clustering.py [folder of the built examples]

Both sides work on one file in one run, best of three: compare numbers of one run only.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time
import warnings

import fastcluster
import hdbscan
import numpy as np
from scipy.cluster.hierarchy import linkage
from sklearn.cluster import DBSCAN, HDBSCAN, KMeans, MiniBatchKMeans, kmeans_plusplus
from sklearn.metrics import silhouette_score
from sklearn.mixture import GaussianMixture

ROOT = pathlib.Path(__file__).resolve().parents[2]
CARGO = ["cargo", "run", "--release", "--quiet", "-p", "adflux-clustering", "--example"]


def timed(example, file):
    """What an example prints about a file."""
    command = [str(pathlib.Path(sys.argv[1]) / example)] if len(sys.argv) > 1 else [*CARGO, example, "--"]
    return json.loads(subprocess.run([*command, file.name], cwd=ROOT, check=True, capture_output=True).stdout)


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
        ours = timed("time_clustering", file)
    print(f"\n{name}: {rows:,} × {columns}, {k} segments")
    for algorithm in ["lloyd", "elkan"]:
        seconds, model = best_of(3, lambda: KMeans(k, init=init, n_init=1, algorithm=algorithm).fit(x))
        o = ours["kmeans"]
        print(f"  k-means, {algorithm:6} {seconds:8.3f} s, adflux {o['seconds']:7.3f} s: {seconds / o['seconds']:5.1f}×"
              f"   inertia {model.inertia_:.6e} / {o['inertia']:.6e}, iterations {model.n_iter_} / {o['n_iter']}")
    seconds, _ = best_of(3, lambda: kmeans_plusplus(x, k, random_state=0))
    print(f"  start            {seconds:8.3f} s, adflux {ours['start']['seconds']:7.3f} s (with one iteration):"
          f" {seconds / ours['start']['seconds']:5.1f}×")
    seconds, small = best_of(3, lambda: MiniBatchKMeans(k, init=init, n_init=1, random_state=0).fit(x))
    o = ours["mini_batch"]
    print(f"  mini-batches     {seconds:8.3f} s, adflux {o['seconds']:7.3f} s: {seconds / o['seconds']:5.1f}×"
          f"   inertia {small.inertia_:.6e} / {o['inertia']:.6e}, steps {small.n_steps_} / {o['n_steps']}")
    head = x[:8000]
    # Segments by the centers both ended at.
    labels = model.predict(head)
    seconds, value = best_of(3, lambda: silhouette_score(head, labels))
    o = ours["silhouette"]
    print(f"  silhouette       {seconds:8.3f} s, adflux {o['seconds']:7.3f} s: {seconds / o['seconds']:5.1f}×"
          f"   value {value:.12f} / {o['value']:.12f}")


def trees(rows, columns):
    rng = np.random.default_rng(2)
    x = rng.normal(0, 3, (40, columns))[rng.integers(0, 40, rows)] + rng.normal(0, 1.5, (rows, columns))
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        file.write(np.array([rows, columns], dtype="<u8").tobytes() + x.tobytes())
        file.flush()
        ours = timed("time_hierarchical", file)
    print(f"\ntrees: {rows:,} × {columns}")
    peers = {
        "ward": [("fastcluster.linkage_vector", lambda: fastcluster.linkage_vector(x, "ward"))],
        "single": [("fastcluster.linkage_vector", lambda: fastcluster.linkage_vector(x, "single"))],
        "average": [],
    }
    for method, work in peers.items():
        work.append(("fastcluster.linkage", lambda method=method: fastcluster.linkage(x, method)))
        work.append(("scipy linkage", lambda method=method: linkage(x, method)))
        for peer, run in work:
            seconds, z = best_of(3, run)
            o = ours[method]
            print(f"  {method:8} {peer:27} {seconds:8.3f} s, adflux {o['seconds']:7.3f} s: {seconds / o['seconds']:5.1f}×"
                  f"   sum of heights {z[:, 2].sum():.9e} / {o['heights']:.9e}")


def dense(name, rows, columns, heaps, spread, eps):
    rng = np.random.default_rng(3)
    x = rng.normal(0, 3, (heaps, columns))[rng.integers(0, heaps, rows)] + rng.normal(0, spread, (rows, columns))
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        file.write(np.array([rows, columns], dtype="<u8").tobytes() + x.tobytes() + np.array([eps]).tobytes())
        file.flush()
        ours = timed("time_density", file)
    print(f"\n{name}: {rows:,} × {columns}, eps {eps}")
    seconds, model = best_of(3, lambda: DBSCAN(eps=eps, min_samples=5, n_jobs=-1).fit(x))
    labels, o = model.labels_, ours["dbscan"]
    print(f"  DBSCAN           {seconds:8.3f} s, adflux {o['seconds']:7.3f} s: {seconds / o['seconds']:5.1f}×   segments"
          f" {labels.max() + 1} / {o['clusters']}, outliers {(labels == -1).sum()} / {o['outliers']}, core rows"
          f" {len(model.core_sample_indices_)} / {o['core']}")
    # scikit-learn counts the row itself among the samples, hdbscan does not.
    peers = {
        "hdbscan": lambda: hdbscan.HDBSCAN(min_cluster_size=25, min_samples=4, core_dist_n_jobs=-1).fit(x),
        "scikit-learn": lambda: HDBSCAN(min_cluster_size=25, min_samples=5, copy=True, n_jobs=-1).fit(x),
    }
    for peer, work in peers.items():
        seconds, model = best_of(1, work)
        labels, o = model.labels_, ours["hdbscan"]
        print(f"  HDBSCAN, {peer:12} {seconds:8.3f} s, adflux {o['seconds']:7.3f} s: {seconds / o['seconds']:5.1f}×   segments"
              f" {labels.max() + 1} / {o['clusters']}, outliers {(labels == -1).sum()} / {o['outliers']}")
    # The same start and as many iterations: the Gaussians of the segments of the nearest of ten rows.
    nearest = ((x[:, None] - x[None, :10]) ** 2).sum(-1).argmin(1)
    parts = [x[nearest == k] for k in range(10)]
    start = {
        "weights_init": [len(part) / rows for part in parts], "means_init": [part.mean(0) for part in parts],
        "precisions_init": [np.linalg.inv(np.cov(part.T, bias=True) + 1e-6 * np.eye(columns)) for part in parts],
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seconds, model = best_of(3, lambda: GaussianMixture(10, tol=0, max_iter=20, **start).fit(x))
    o = ours["mixture"]
    print(f"  mixture of 10    {seconds:8.3f} s, adflux {o['seconds']:7.3f} s: {seconds / o['seconds']:5.1f}×   20 iterations,"
          f" mean log-likelihood {model.lower_bound_:.9f} / {o['lower_bound']:.9f}")


compare("overlapping", 100_000, 32, 50, 40, 3.0)
compare("silhouette of the field notes", 8_000, 16, 8, 8, 1.5)
compare("few columns", 100_000, 4, 6, 6, 1.0)
trees(2_000, 16)
trees(8_000, 16)
dense("density of the field notes", 20_000, 8, 20, 1.0, 1.5)
dense("a large radius", 20_000, 8, 20, 1.0, 4.0)
dense("few columns", 50_000, 2, 20, 0.2, 0.05)
