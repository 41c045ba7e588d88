"""The work of crates/regression/examples/time_linear.rs in scikit-learn 1.7.2 and statsmodels 0.14.6, and the ratios.

    python benches/peers/linear.py [path of the built example [names of models]]

Both sides work on one file in one run, best of five (fewer where scikit-learn takes seconds; its median of 20,000 rows takes minutes), on all processors: compare numbers
of one run only. The sums of squares of the coefficients say whether both found the same.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import statsmodels.api as statsmodels
from sklearn.linear_model import (
    ElasticNet, HuberRegressor, Lasso, LassoCV, LinearRegression, LogisticRegression, PoissonRegressor, QuantileRegressor, Ridge,
    RidgeCV,
)

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ["cargo", "run", "--release", "--quiet", "-p", "adflux-regression", "--example", "time_linear", "--"]
ROWS, COLUMNS = 200_000, 100

rng = np.random.default_rng(0)
x = rng.normal(size=(ROWS, 30)) @ rng.normal(size=(30, COLUMNS)) * 0.3 + rng.normal(size=(ROWS, COLUMNS)) + 2.0
true = rng.normal(size=COLUMNS) * (rng.uniform(size=COLUMNS) < 0.3)
score = x @ true
score = (score - score.mean()) / score.std()
y = 3 * score + rng.normal(size=ROWS)
counts = rng.poisson(np.exp(0.5 * score)).astype(float)
two = (2 * score + rng.logistic(size=ROWS) > 1.5).astype(float)
three = np.digitize(2 * score + rng.logistic(size=ROWS), [-1.0, 1.5]).astype(float)


def adflux(columns, targets, *chosen):
    """What the example prints of a table, by name of the model."""
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        for part in [np.array(columns.shape, dtype="<u8"), columns, *targets]:
            file.write(np.ascontiguousarray(part).tobytes())
        file.flush()
        command = [sys.argv[1]] if len(sys.argv) > 1 else EXAMPLE
        command = [*command, file.name, str(os.cpu_count()), *chosen]
        out = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    return {line["name"]: line for line in map(json.loads, out.splitlines())}


chosen = sys.argv[2:]
targets = [y, counts, two, three]
ours = {}
for names in [[name] for name in chosen if name != "quantile"] if chosen else [[]]:
    ours |= adflux(x, targets, *names)

print(f"{ROWS:,} × {COLUMNS}, {os.cpu_count()} processors")
for name, model, target, tries in [
    ("ols", LinearRegression(), y, 2),
    ("ridge", Ridge(), y, 5),
    ("ridge cv", RidgeCV(), y, 1),
    ("poisson", PoissonRegressor(solver="newton-cholesky"), counts, 2),
    ("lasso", Lasso(0.05), y, 2),
    ("elastic net", ElasticNet(0.05), y, 2),
    ("lasso cv", LassoCV(n_jobs=-1), y, 1),
    ("huber", HuberRegressor(), y, 1),
    ("logistic", LogisticRegression(), two, 3),
    ("softmax", LogisticRegression(), three, 2),
    ("logistic l1", LogisticRegression(penalty="l1", C=0.001, solver="liblinear"), two, 1),
]:
    if name not in ours:
        continue
    seconds = []
    for _ in range(tries):
        start = time.perf_counter()
        model.fit(x, target)
        seconds.append(time.perf_counter() - start)
    o = ours[name]
    print(f"  {name:12} {min(seconds):7.3f} s, adflux {o['seconds']:7.3f} s: {min(seconds) / o['seconds']:5.1f}×"
          f"   squares of coefficients {np.sum(model.coef_ ** 2):.9f} / {o['squares']:.9f}")

def ols():
    fit = statsmodels.OLS(y, statsmodels.add_constant(x)).fit()
    fit.conf_int(), fit.pvalues
    return fit.params


def glm():
    return statsmodels.GLM(counts, statsmodels.add_constant(x), family=statsmodels.families.Poisson()).fit().params


for name, fit in [("ols errors", ols), ("poisson glm", glm)]:
    if name not in ours:
        continue
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        params = fit()
        seconds.append(time.perf_counter() - start)
    o = ours[name]
    print(f"  {name:12} {min(seconds):7.3f} s (statsmodels), adflux {o['seconds']:7.3f} s: {min(seconds) / o['seconds']:5.1f}×"
          f"   squares of coefficients {np.sum(params[1:] ** 2):.9f} / {o['squares']:.9f}")

if not chosen or "quantile" in chosen:
    few, few_y = x[:20_000, :20], y[:20_000]
    o = adflux(few, [target[:20_000] for target in targets], "quantile")["quantile"]
    start = time.perf_counter()
    model = QuantileRegressor(alpha=0.0).fit(few, few_y)
    seconds = time.perf_counter() - start
    print(f"median of 20,000 × 20\n  {seconds:7.3f} s, adflux {o['seconds']:7.3f} s: {seconds / o['seconds']:5.1f}×"
          f"   squares of coefficients {np.sum(model.coef_ ** 2):.9f} / {o['squares']:.9f}")
