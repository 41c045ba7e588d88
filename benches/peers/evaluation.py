"""Measures of ten million rows in adflux, and in scikit-learn 1.7.2 and fairlearn 0.15.0: seconds and the ratio.

    python benches/peers/evaluation.py [rows [path of the built example]]

Both sides measure one file in one run, best of three, and must say the same. Compare numbers of one run only.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
from fairlearn.metrics import MetricFrame, selection_rate
from sklearn import metrics as m
from sklearn.calibration import calibration_curve

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ["cargo", "run", "--release", "--quiet", "-p", "adflux-evaluation", "--example", "time_metrics", "--"]
ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
rng = np.random.default_rng(1)
score = rng.random(ROWS)
truth = rng.random(ROWS) < score
codes = truth.astype(np.int64)
guess = (score > 0.5).astype(np.int64)
predicted = rng.random(ROWS) + 0.1
amount = predicted * rng.random(ROWS)
weights = rng.random(ROWS)

with tempfile.NamedTemporaryFile(suffix=".bin") as file:
    file.write(np.array([ROWS], dtype="<u8").tobytes())
    for column in (score, predicted, amount, weights):
        file.write(column.astype("<f8").tobytes())
    file.write(truth.astype("u1").tobytes())
    file.flush()
    command = [*(sys.argv[2:3] or EXAMPLE), file.name]
    ours = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)

probabilities = np.column_stack([1 - score, score])


def calibration_error():
    """scikit-learn has the reliability curve alone: the error is made of it."""
    came, said = calibration_curve(truth, score, n_bins=10)
    return np.average(np.abs(came - said), weights=np.histogram(score, bins=10, range=(0, 1))[0])


CASES = {
    "mae": lambda: m.mean_absolute_error(amount, predicted),
    "r2, weighted": lambda: m.r2_score(amount, predicted, sample_weight=weights),
    "median_absolute_error": lambda: m.median_absolute_error(amount, predicted),
    "poisson_deviance": lambda: m.mean_poisson_deviance(amount, predicted),
    "roc_auc": lambda: m.roc_auc_score(truth, score),
    "roc_auc, weighted": lambda: m.roc_auc_score(truth, score, sample_weight=weights),
    "pr_auc": lambda: m.average_precision_score(truth, score),
    "log_loss": lambda: m.log_loss(codes, probabilities),
    "brier": lambda: m.brier_score_loss(truth, score),
    "ece, equal width": calibration_error,
    "accuracy": lambda: m.accuracy_score(codes, guess),
    "f1, macro": lambda: m.f1_score(codes, guess, average="macro"),
    "adjusted_rand": lambda: m.adjusted_rand_score(codes, guess),
    "selection rate by group": lambda: MetricFrame(
        metrics=selection_rate, y_true=truth, y_pred=truth, sensitive_features=guess
    ).overall,
}
assert CASES.keys() == ours.keys()

print(f"{ROWS:,} rows")
for name, case in CASES.items():
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        value = case()
        seconds.append(time.perf_counter() - start)
    our_seconds, our_value = ours[name]
    assert abs(our_value - value) < 1e-9, (name, our_value, value)
    print(
        f"{name:<24} {min(seconds):8.3f} s, adflux {our_seconds:7.3f} s: {min(seconds) / our_seconds:5.1f}×   = {value:.6f}",
        flush=True,
    )
