"""Additive models by Prophet.

    pip install -r tests/golden/requirements-timeseries.txt
    python tests/golden/make_additive.py

Writes tests/golden/timeseries/additive.json: daily series, the forecast of 60 days, its trend and the ends of an interval, and the
coefficients that Prophet stopped at, for trends that bend, two modes of seasons, and a covariate.
"""

import json
import logging
import pathlib

import numpy as np
import pandas as pd
from prophet import Prophet

logging.getLogger("cmdstanpy").disabled = True
HORIZON = 60


def series(mode, steps, seed):
    rng = np.random.default_rng(seed)
    days = np.arange(steps + HORIZON)
    trend = 200 + 0.3 * np.minimum(days, 180) - 0.2 * np.maximum(days - 180, 0)
    week = np.array([0.05, 0.1, 0.12, 0.08, 0.02, -0.17, -0.2])[days % 7]
    event = (days % 31 == 4).astype(float)
    share = week + 0.15 * event
    mean = trend * (1 + share) if mode == "multiplicative" else trend + 200 * share
    return np.round(mean + rng.normal(0, 4, len(days)), 3), event


def case(mode, steps, seed, covariate):
    y, event = series(mode, steps, seed)
    dates = pd.date_range("2023-01-02", periods=steps + HORIZON)
    model = Prophet(seasonality_mode=mode, interval_width=0.8, uncertainty_samples=4000)
    frame = pd.DataFrame({"ds": dates, "y": y, "event": event})
    if covariate:
        model.add_regressor("event")
    np.random.seed(1)
    model.fit(frame[:steps])
    said = model.predict(frame[["ds", "event"]])[steps:]
    params = {name: np.ravel(model.params[name]).tolist() for name in ("k", "m", "delta", "beta", "sigma_obs")}
    return {
        "mode": mode,
        "values": y[:steps].tolist(),
        "event": event.tolist() if covariate else None,
        "mean": np.round(said["yhat"], 5).tolist(),
        "trend": np.round(said["trend"], 5).tolist(),
        "lower": np.round(said["yhat_lower"], 3).tolist(),
        "upper": np.round(said["yhat_upper"], 3).tolist(),
        "changes": np.ravel(model.changepoints_t).tolist(),
        **params,
    }


cases = [
    case("additive", 300, 1, False),
    case("additive", 400, 2, True),
    case("multiplicative", 300, 3, True),
]
target = pathlib.Path(__file__).parent / "timeseries" / "additive.json"
target.write_text(json.dumps(cases) + "\n")
print(target.stat().st_size, "bytes")
