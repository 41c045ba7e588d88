"""Writes tests/golden/ftrl/ftrl.json: FTRL-proximal in plain Python (numpy 2.4.6), written from algorithm 1 of McMahan et al. (2013).

    python tests/golden/make_ftrl.py

Rows of a few hashed columns, two dense numbers and weights; coefficients, intercept and the log loss of each row before it is learned
from, after one pass and after two.
"""

import json
import math
import pathlib

import numpy as np

assert np.__version__ == "2.4.6"
FOLDER = pathlib.Path(__file__).parent / "ftrl"
COLUMNS, ROWS = 40, 300

rng = np.random.default_rng(5)
rows, y, weights = [], [], []
truth = rng.normal(size=COLUMNS)
for _ in range(ROWS):
    active = {int(c): float(rng.choice([-1.0, 1.0])) for c in rng.choice(np.arange(2, COLUMNS), size=5, replace=False)}
    active[0], active[1] = round(float(rng.normal()), 3), round(float(rng.uniform()), 3)
    score = sum(truth[c] * v for c, v in active.items()) - 1.0
    rows.append(active)
    y.append(int(rng.uniform() < 1 / (1 + math.exp(-score))))
    weights.append(float(rng.integers(0, 4)) / 2)


def weight_of(z, n, alpha, beta, l1, l2):
    if abs(z) <= l1:
        return 0.0
    return -(z - math.copysign(l1, z)) / ((beta + math.sqrt(n)) / alpha + l2)


def ftrl(alpha, beta, l1, l2, epochs):
    z, n = [0.0] * COLUMNS, [0.0] * COLUMNS
    bias_z = bias_n = 0.0
    losses = []
    for epoch in range(epochs):
        for row, label, importance in zip(rows, y, weights):
            if importance == 0.0:
                continue
            w = {i: weight_of(z[i], n[i], alpha, beta, l1, l2) for i in row}
            bias = weight_of(bias_z, bias_n, alpha, beta, 0.0, 0.0)
            p = 1 / (1 + math.exp(-(sum(w[i] * x for i, x in row.items()) + bias)))
            if epoch == 0:
                losses.append(-importance * math.log(p if label else 1 - p))
            for i, x in row.items():
                g = importance * (p - label) * x
                sigma = (math.sqrt(n[i] + g * g) - math.sqrt(n[i])) / alpha
                z[i] += g - sigma * w[i]
                n[i] += g * g
            g = importance * (p - label)
            sigma = (math.sqrt(bias_n + g * g) - math.sqrt(bias_n)) / alpha
            bias_z += g - sigma * bias
            bias_n += g * g
    return {"alpha": alpha, "beta": beta, "l1": l1, "l2": l2, "epochs": epochs, "log_loss": sum(losses) / sum(weights),
            "coefficients": [weight_of(z[i], n[i], alpha, beta, l1, l2) for i in range(COLUMNS)],
            "intercept": weight_of(bias_z, bias_n, alpha, beta, 0.0, 0.0)}


FOLDER.mkdir(exist_ok=True)
answers = [ftrl(0.05, 1.0, 0.0, 1.0, 1), ftrl(0.5, 0.3, 1.5, 0.1, 2), ftrl(0.1, 1.0, 0.5, 0.0, 1)]
cells = [[[c, v] for c, v in sorted(row.items())] for row in rows]
everything = {"columns": COLUMNS, "rows": cells, "y": y, "weights": weights, "answers": answers}
(FOLDER / "ftrl.json").write_text(json.dumps(everything, separators=(",", ":")) + "\n")
print([sum(c == 0 for c in a["coefficients"]) for a in answers])
