"""The work of crates/regression/examples/time_online.rs in scikit-learn 1.7.2, and the ratio.

    python benches/peers/online.py [path of the built example]

A stream of impressions with 20 categories each, hashed into 2^18 columns by scikit-learn's FeatureHasher; both sides learn from the same
hashed rows, 10,000 at a time: FTRL-proximal with progressive validation here, SGDClassifier.partial_fit there (plain gradient steps;
scikit-learn has no FTRL), alone and with the same progressive validation (its predictions of the chunk before it is learned from). One
thread each. Hashing is not timed. The log loss and AUC over all rows, each predicted before it was learned from, say how good it was.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss, roc_auc_score

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ["cargo", "run", "--release", "--quiet", "-p", "adflux-regression", "--example", "time_online", "--"]
ROWS, FEATURES, BITS, CHUNK = 500_000, 20, 18, 10_000

rng = np.random.default_rng(0)
levels = np.round(10 ** np.linspace(0.5, 4.5, FEATURES)).astype(int)
effects = [rng.normal(scale=0.4, size=n) for n in levels]
codes = np.column_stack([np.minimum((rng.pareto(1.0, size=ROWS)).astype(int), n - 1) for n in levels])
score = sum(effect[codes[:, i]] for i, effect in enumerate(effects)) - 3.0
y = (rng.uniform(size=ROWS) < 1 / (1 + np.exp(-score))).astype(np.uint8)

# Each level is hashed once; rows look their levels up.
hasher = FeatureHasher(2 ** BITS, input_type="string")
table = [hasher.transform([[f"f{i}={level}"] for level in range(n)]) for i, n in enumerate(levels)]
places = np.column_stack([table[i].indices[codes[:, i]] for i in range(FEATURES)]).astype(np.int32)
signs = np.column_stack([table[i].data[codes[:, i]] for i in range(FEATURES)])
order = np.argsort(places, axis=1)
places, signs = np.take_along_axis(places, order, axis=1), np.take_along_axis(signs, order, axis=1)
# Two levels of one row in one column: rare; the row is told apart by moving the second to the next column.
while (same := (np.diff(places, axis=1) <= 0)).any():
    places[:, 1:][same] += 1
places = np.minimum(places, 2 ** BITS - 1 - np.arange(FEATURES)[::-1])

with tempfile.NamedTemporaryFile(suffix=".bin") as file:
    for part in [np.array([ROWS, FEATURES, 2 ** BITS], dtype="<u8"), places.astype("<u4"), signs.astype("i1"), y]:
        file.write(part.tobytes())
    file.flush()
    command = [sys.argv[1]] if len(sys.argv) > 1 else EXAMPLE
    out = subprocess.run([*command, file.name, str(CHUNK)], cwd=ROOT, check=True, capture_output=True).stdout
ours = json.loads(out)

chunks = []
for start in range(0, ROWS, CHUNK):
    rows = slice(start, start + CHUNK)
    ends = np.arange(0, (CHUNK + 1) * FEATURES, FEATURES)
    chunks.append((csr_matrix((signs[rows].ravel(), places[rows].ravel(), ends), shape=(CHUNK, 2 ** BITS)), y[rows]))


def stream(validate):
    model, before = SGDClassifier(loss="log_loss", alpha=1e-6), []
    start = time.perf_counter()
    for x, target in chunks:
        if validate:
            before.append(model.predict_proba(x)[:, 1] if before else np.full(len(target), 0.5))
        model.partial_fit(x, target, classes=[0, 1])
    return time.perf_counter() - start, before


alone = min(stream(False)[0] for _ in range(3))
seconds, before = min((stream(True) for _ in range(3)), key=lambda s: s[0])
before = np.concatenate(before)
print(f"{ROWS:,} rows of {FEATURES} features in 2^{BITS} columns, {CHUNK:,} at a time; million rows a second:")
print(f"  adflux, validated        {ROWS / ours['seconds'] / 1e6:6.3f}   log loss {ours['log_loss']:.4f}  AUC {ours['roc_auc']:.4f}")
print(f"  scikit-learn, validated  {ROWS / seconds / 1e6:6.3f}   log loss {log_loss(y, before):.4f}  AUC {roc_auc_score(y, before):.4f}")
print(f"  scikit-learn alone       {ROWS / alone / 1e6:6.3f}")
print(f"  ratio {seconds / ours['seconds']:.2f} validated, {alone / ours['seconds']:.2f} to learning alone")
