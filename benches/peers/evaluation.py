"""The work of benches/evaluation.rs in scikit-learn 1.7.2 and fairlearn 0.15.0, and its seconds.

    python benches/peers/evaluation.py [rows]

Best of three. Compare with `cargo bench --bench evaluation` on the same machine.
"""

import sys
import time

import numpy as np
from fairlearn.metrics import MetricFrame, selection_rate
from sklearn import metrics as m
from sklearn.calibration import calibration_curve

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
rng = np.random.default_rng(1)
score = rng.random(ROWS)
truth = rng.random(ROWS) < score
codes = truth.astype(np.int64)
guess = (score > 0.5).astype(np.int64)
probabilities = np.column_stack([1 - score, score])
predicted = rng.random(ROWS) + 0.1
amount = predicted * rng.random(ROWS)
weights = rng.random(ROWS)

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
    "ece, equal width": lambda: calibration_curve(truth, score, n_bins=10)[0].mean(),
    "accuracy": lambda: m.accuracy_score(codes, guess),
    "f1, macro": lambda: m.f1_score(codes, guess, average="macro"),
    "adjusted_rand": lambda: m.adjusted_rand_score(codes, guess),
    "selection rate by group": lambda: MetricFrame(
        metrics=selection_rate, y_true=truth, y_pred=truth, sensitive_features=guess
    ).overall,
}

print(f"{ROWS:,} rows")
for name, case in CASES.items():
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        value = case()
        seconds.append(time.perf_counter() - start)
    print(f"{name:<24} {min(seconds):8.3f} s   = {value:.6f}", flush=True)
