"""The work of crates/preprocessing/examples/time_reduction.rs in scikit-learn 1.7.2, and the ratios.

    python benches/peers/reduction.py [path of the built example]

Both sides work on one file in one run, best of five (of three for the SVD): compare numbers of one run only. `fit_transform`
on both sides.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
from scipy import sparse
from sklearn.decomposition import PCA, TruncatedSVD

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ["cargo", "run", "--release", "--quiet", "-p", "adflux-preprocessing", "--example", "time_reduction", "--"]


def best_of(tries, work):
    seconds = []
    for _ in range(tries):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


rng = np.random.default_rng(0)
rows, columns, components = 200_000, 100, 20
x = rng.normal(size=(rows, 30)) @ rng.normal(size=(30, columns)) + rng.normal(size=(rows, columns)) + 5.0

# Titles of six words out of 20,000, the frequent ones more often, weighed as by TF-IDF.
texts, terms, topics = 200_000, 20_000, 100
at = np.minimum((rng.pareto(0.6, size=(texts, 6)) * 20).astype(np.int64), terms - 1)
titles = sparse.csr_matrix((np.ones(at.size), at.ravel(), np.arange(0, at.size + 1, 6)), shape=(texts, terms))
titles.sum_duplicates()
titles = titles.multiply(1.0 + np.log(texts / (1.0 + titles.sum(axis=0)))).tocsr()

with tempfile.NamedTemporaryFile(suffix=".bin") as dense, tempfile.NamedTemporaryFile(suffix=".bin") as csr:
    dense.write(np.array([rows, columns, components], dtype="<u8").tobytes() + x.tobytes())
    csr.write(np.array([texts, terms, topics, titles.nnz], dtype="<u8").tobytes())
    csr.write(titles.indptr.astype("<u8").tobytes() + titles.indices.astype("<u8").tobytes() + titles.data.tobytes())
    dense.flush()
    csr.flush()
    command = [sys.argv[1]] if len(sys.argv) > 1 else EXAMPLE
    ours = json.loads(
        subprocess.run([*command, dense.name, csr.name], cwd=ROOT, check=True, capture_output=True).stdout
    )

print(f"PCA to {components}, {rows:,} × {columns}; truncated SVD to {topics}, {texts:,} texts × {terms:,} terms")
for solver in ["covariance_eigh", "full", "randomized"]:
    work = lambda: PCA(components, svd_solver=solver, random_state=0)  # noqa: E731
    seconds, fitted = best_of(5, lambda: (lambda p: (p, p.fit_transform(x))[0])(work()))
    o = ours[solver]
    print(f"  PCA, {solver:16} {seconds:7.3f} s, adflux {o['seconds']:7.3f} s: {seconds / o['seconds']:5.1f}×"
          f"   explained {fitted.explained_variance_ratio_.sum():.9f} / {o['explained']:.9f}")
seconds, fitted = best_of(3, lambda: (lambda p: (p, p.fit_transform(titles))[0])(TruncatedSVD(topics, random_state=0)))
o = ours["truncated_svd"]
print(f"  truncated SVD         {seconds:7.3f} s, adflux {o['seconds']:7.3f} s: {seconds / o['seconds']:5.1f}×"
      f"   explained {fitted.explained_variance_ratio_.sum():.9f} / {o['explained']:.9f}")
