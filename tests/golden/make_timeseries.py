"""Writes tests/golden/timeseries/*.json. Made with statsforecast 2.1.1, statsmodels 0.14.6, NumPy 2.4.6, pandas 2.3.3.

    python tests/golden/make_timeseries.py

statsforecast needs pandas below 3, which the other scripts are not made with: an environment of its own, from
tests/golden/requirements-timeseries.txt.
"""

import json
import pathlib

import numpy as np
import statsmodels.api as sm
from statsforecast.ets import ets_f, forecast_ets
from statsforecast.models import Naive, RandomWalkWithDrift, SeasonalNaive, WindowAverage
from statsforecast.theta import auto_theta, forecast_theta
from statsforecast.utils import AirPassengers
from statsmodels.tsa.seasonal import seasonal_decompose

OUT = pathlib.Path(__file__).parent / "timeseries"
OUT.mkdir(exist_ok=True)
LEVELS = [80, 95]


def write(name, value):
    (OUT / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


def series():
    """Name, season, values."""
    co2 = sm.datasets.co2.load_pandas().data["co2"].resample("MS").mean().interpolate()
    return {
        "air passengers": (12, AirPassengers.astype(float)),
        "nile": (1, sm.datasets.nile.load_pandas().data["volume"].to_numpy(float)),
        "sunspots": (1, sm.datasets.sunspots.load_pandas().data["SUNACTIVITY"].to_numpy(float)[-120:]),
        "co2": (12, np.round(co2.to_numpy(float)[-240:], 4)),
    }


def forecast(model, y, horizon, levels=LEVELS):
    said = model.forecast(y=y, h=horizon, level=levels) if levels else model.forecast(y=y, h=horizon)
    ends = {
        end: np.column_stack([said[f"{short}-{level}"] for level in levels]).tolist() if levels else None
        for end, short in (("lower", "lo"), ("upper", "hi"))
    }
    return {"mean": np.asarray(said["mean"], float).tolist(), **ends}


def naive():
    cases = []
    for name, (season, y) in series().items():
        cases.append({
            "name": name, "season": season, "values": y.tolist(),
            "naive": forecast(Naive(), y, 14),
            "seasonal": forecast(SeasonalNaive(season_length=season), y, 26),
            "drift": forecast(RandomWalkWithDrift(), y, 14),
            "window": forecast(WindowAverage(window_size=7), y, 3, None),
        })
    write("naive", cases)


def ets_case(y, season, model, damped, horizon):
    """One model as statsforecast fits it; None where it cannot."""
    try:
        fit = ets_f(y, m=season, model=model, damped=damped)
    except Exception:
        return None
    said = forecast_ets(fit, h=horizon, level=LEVELS)
    error, trend, seasonal, fades = fit["components"]
    ends = {
        end: np.column_stack([said[f"{short}-{level}"] for level in LEVELS]).round(6).tolist()
        for end, short in (("lower", "lo"), ("upper", "hi"))
    }
    return {
        "model": model, "damped": damped, "form": f"ETS({error},{trend}{'d' if fades == 'D' else ''},{seasonal})",
        "log_likelihood": fit["loglik"], "aicc": fit["aicc"], "sigma2": fit["sigma2"],
        "parameters": [None if np.isnan(v) else v for v in fit["par"][:4]],
        "mean": np.asarray(said["mean"]).round(6).tolist(), **ends,
    }


def ets():
    cases = []
    for name, (season, y) in series().items():
        models = [("ZZZ", None)]
        for error in "AM":
            for seasonal in "N" if season == 1 else "NAM":
                if error + seasonal == "AM" or (error == "M" and y.min() <= 0):
                    continue
                models += [(f"{error}N{seasonal}", False), (f"{error}A{seasonal}", False), (f"{error}A{seasonal}", True)]
        said = [ets_case(y, season, model, damped, 12) for model, damped in models]
        cases.append({"name": name, "season": season, "values": y.tolist(), "models": [s for s in said if s]})
    write("ets", cases)


def theta_case(y, season, model):
    fit = auto_theta(y, m=season, model=model)
    errors = fit["residuals"]
    if fit.get("decompose"):
        # They are given their season back; without it they are what the models are judged by.
        decomposed = seasonal_decompose(y, model=fit["decomposition_type"], period=season).seasonal
        errors = errors / decomposed if fit["decomposition_type"] == "multiplicative" else errors - decomposed
    return {
        "model": model, "variant": fit["modeltype"],
        "seasonal": fit["decomposition_type"] if fit.get("decompose") else None,
        "alpha": fit["par"]["alpha"], "theta": fit["par"]["theta"],
        "mse": float(np.mean(errors[3:] ** 2)),
        "mean": forecast_theta(fit, h=12)["mean"].round(6).tolist(),
    }


def theta():
    cases = []
    for name, (season, y) in series().items():
        models = [theta_case(y, season, model) for model in (None, "STM", "OTM", "DSTM", "DOTM")]
        cases.append({"name": name, "season": season, "values": y.tolist(), "models": models})
    write("theta", cases)


if __name__ == "__main__":
    naive()
    ets()
    theta()
