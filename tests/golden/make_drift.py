"""Golden values of adflux-evaluation's drift: SciPy's two-sample Kolmogorov-Smirnov test, exact and asymptotic.

Run with the versions of requirements.txt: python tests/golden/make_drift.py
"""

import json
from pathlib import Path

import numpy as np
from scipy.stats import ks_2samp

OUT = Path(__file__).parent / "evaluation"
rng = np.random.default_rng(20240607)

cases = []
# (rows, rows, shift, decimals): of few and of many rows, of unlike numbers of rows, with ties.
for n, m, shift, decimals in [
    (3, 4, 0.0, 3),
    (7, 7, 1.0, 3),
    (1, 5, 0.0, 3),
    (20, 20, 3.0, 3),
    (10, 35, 0.8, 3),
    (40, 40, 0.3, 1),
    (30, 50, 0.0, 0),
    (120, 90, 0.4, 2),
    (400, 300, 0.0, 2),
    (400, 300, 0.2, 2),
    (12, 600, 0.6, 2),
    (500, 500, 0.02, 2),
]:
    a = np.round(rng.normal(0, 1, n), decimals)
    b = np.round(rng.normal(shift, 1, m), decimals)
    exact = ks_2samp(a, b, method="exact")
    asymptotic = ks_2samp(a, b, method="asymp")
    cases.append(
        {
            "a": a.tolist(),
            "b": b.tolist(),
            "statistic": exact.statistic,
            "exact": exact.pvalue,
            "asymptotic": asymptotic.pvalue,
        }
    )

(OUT / "ks_2samp.json").write_text(json.dumps(cases) + "\n")

# Tables of probabilities that need many rows: samples 0..n and 0..n moved by a share.
many = []
for n, m, moved in [(20_000, 30_000, 0), (20_000, 30_000, 120), (50_000, 50_000, 300), (50_000, 50_000, 600), (9_000, 40, 3_000)]:
    a, b = np.arange(n) / n, (np.arange(m) / m) + moved / n
    done = ks_2samp(a, b, method="asymp")
    many.append({"n": n, "m": m, "moved": moved, "statistic": done.statistic, "asymptotic": done.pvalue})
(OUT / "ks_2samp_many.json").write_text(json.dumps(many) + "\n")

# Exact p-values of the most rows that are counted exactly by default, where counts of paths leave what a float holds.
exact = []
for n, m, moved in [
    (3_000, 2_500, 77),
    (3_000, 2_500, 200),
    (3_150, 3_150, 60),
    (3_150, 3_150, 300),
    (3_150, 3_150, 1_300),
    (3_522, 2_816, 90),
    (3_522, 2_816, 500),
]:
    done = ks_2samp(np.arange(n) / n, (np.arange(m) / m) + moved / n, method="exact")
    exact.append({"n": n, "m": m, "moved": moved, "statistic": done.statistic, "exact": done.pvalue})
(OUT / "ks_2samp_exact.json").write_text(json.dumps(exact) + "\n")
