"""Writes tests/golden/anomalies/effects.json. Made with statsmodels 0.14.6, NumPy 2.4.6.

    python tests/golden/make_anomalies.py

Two series with a spike and a shift: the effects, and what all other values say of each, by regressions of statsmodels with the columns of
trend, week, shift and a pulse at each step in turn, on what the autoregression leaves of the series. Its coefficients are found as
`Anomalies` documents it: order by BIC, generalised least squares, and Kendall's bias.
"""

import json
import pathlib

import numpy as np
import statsmodels.api as sm
from statsmodels.regression.linear_model import yule_walker

HERE = pathlib.Path(__file__).parent
OUT = HERE / "anomalies"
OUT.mkdir(exist_ok=True)
STEPS, SPIKE, SHIFT = 150, 40, 90


def ordinary():
    t = np.arange(STEPS)
    columns = [np.ones(STEPS), (t - STEPS / 2) / STEPS]
    columns += [np.cos(np.pi * k * (t + 0.5) / STEPS) for k in range(1, 5)]
    for k in (1, 2, 3):
        columns += [np.cos(2 * np.pi * k * t / 7), np.sin(2 * np.pi * k * t / 7)]
    return np.array(columns).T


def filtered(ar, x):
    out = x.copy()
    for lag, f in enumerate(ar, 1):
        out[lag:] -= f * x[:-lag]
    return out[len(ar) :]


def regression(y, x, ar):
    return sm.OLS(filtered(ar, y), filtered(ar, x)).fit()


def order_and_coefficients(left, known):
    drawn = np.where(known, np.clip(left, *(np.array([-4, 4]) * scale(left[known]))), 0)
    found = []
    for order in range(9):
        if order == 0:
            ar, variance = np.zeros(0), drawn @ drawn
        else:
            ar, sigma = yule_walker(drawn, order=order, method="mle", demean=False)
            variance = sigma**2 * len(drawn)
        found.append((known.sum() * np.log(variance) + order * np.log(known.sum()), ar))
    return min(found, key=lambda one: one[0])[1]


def scale(values):
    return 1.482602218505602 * np.median(np.abs(values))


def autoregression(y, x, known, slow):
    ar = np.zeros(0)
    for _ in range(3):
        ar = order_and_coefficients(y - x @ regression(y, x, ar).params, known)
        if not len(ar):
            return ar
    left, order = y - x @ regression(y, x, ar).params, len(ar)
    lags = np.column_stack([left[order - lag : len(left) - lag] for lag in range(1, order + 1)])
    found = sm.OLS(left[order:], np.hstack([lags, filtered(ar, x)])).fit().params[:order]
    total = found.sum()
    more = (slow * (1 + total) + 2 * total) / len(y)
    found[0] += min(total + more, max(total, 0.97)) - total
    return found


def pulse(step):
    return (np.arange(STEPS) == step) * 1.0


def case(name, phi, seed):
    rng = np.random.default_rng(seed)
    y, before = np.zeros(STEPS), 0
    for t, e in enumerate(rng.normal(size=STEPS)):
        before = phi * before + e
        y[t] = before + 20 + [0, 3, 4, 2, 1, -8, -9][t % 7]
    y[SPIKE] += 12
    y[SHIFT:] += 9
    y = np.round(y, 6)
    step = (np.arange(STEPS) >= SHIFT) * 1.0
    x = np.column_stack([ordinary(), pulse(SPIKE), step])
    ar = autoregression(y, x, np.arange(STEPS) != SPIKE, 7)
    print(name, ar)
    params = regression(y, x, ar).params
    expected = y.copy()
    for t in range(STEPS):
        if t == SPIKE:
            expected[t] -= params[-2]
        else:
            expected[t] -= regression(y, np.column_stack([x, pulse(t)]), ar).params[-1]
    digits = lambda values: [float(f"{v:.13g}") for v in values]
    return {
        "name": name,
        "values": y.tolist(),
        "expected": digits(expected),
        "points": [SPIKE],
        "shifts": [SHIFT],
        "effects": digits(params[-2:]),
    }


cases = [case("independent errors", 0.0, 1), case("an autoregression", 0.6, 2)]
(OUT / "effects.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
