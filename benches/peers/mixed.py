"""The work of time_mixed.rs in crates/clustering/examples, in kmodes 0.12.2 and gower 0.1.2, and the ratios.

    python benches/peers/mixed.py [folder of the built examples]

Both sides work on one file in one run, adflux best of three, kmodes once: compare numbers of one run only.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

import gower
import numpy as np
import pandas as pd
from kmodes.kprototypes import KPrototypes

ROOT = pathlib.Path(__file__).resolve().parents[2]
CARGO = ["cargo", "run", "--release", "--quiet", "-p", "adflux-clustering", "--example", "time_mixed", "--"]


def compare(rows, numeric, categories, levels, k, few):
    rng = np.random.default_rng(1)
    heap = rng.integers(0, k, rows)
    numbers = rng.uniform(1, 9, (k, numeric))[heap] + rng.uniform(0, 2, (rows, numeric))
    own = rng.integers(0, levels, (k, categories))[heap]
    codes = np.where(rng.uniform(size=own.shape) < 0.7, own, rng.integers(0, levels, own.shape))
    start = np.arange(k)
    head = np.array([rows, numeric, categories, k, few], dtype="<u8")
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        file.write(head.tobytes() + numbers.tobytes() + codes.astype("<u8").tobytes() + start.astype("<u8").tobytes())
        file.flush()
        command = [str(pathlib.Path(sys.argv[1]) / "time_mixed")] if len(sys.argv) > 1 else CARGO
        ours = json.loads(subprocess.run([*command, file.name], cwd=ROOT, check=True, capture_output=True).stdout)
    table = np.concatenate([numbers.astype(object), codes.astype(object)], axis=1)
    began = time.perf_counter()
    model = KPrototypes(k, init=[numbers[start], codes[start]], n_init=1)
    model.fit(table, categorical=list(range(numeric, numeric + categories)))
    seconds = time.perf_counter() - began
    print(f"\n{rows:,} × {numeric} numbers and {categories} categories of {levels} levels, {k} segments")
    print(f"  k-prototypes {seconds:8.3f} s, adflux {ours['seconds']:7.4f} s: {seconds / ours['seconds']:6.0f}×"
          f"   cost {model.cost_:.6e} / {ours['cost']:.6e}, iterations {model.n_iter_} / {ours['n_iter']}")
    frame = pd.DataFrame(numbers[:few])
    for c in range(categories):
        frame[f"c{c}"] = np.array([str(code) for code in codes[:few, c]], dtype=object)
    began = time.perf_counter()
    distances = gower.gower_matrix(frame, cat_features=[False] * numeric + [True] * categories)
    seconds = time.perf_counter() - began
    print(f"  gower, {few:,} rows {seconds:6.3f} s, adflux {ours['gower_seconds']:7.4f} s: {seconds / ours['gower_seconds']:6.0f}×"
          f"   sum {distances.sum(dtype=float):.6e} / {ours['gower_sum']:.6e}")


compare(2_000, 4, 4, 5, 4, 1_000)
compare(5_000, 8, 6, 8, 6, 2_000)
