"""Writes tests/golden/timeseries/*.json. Made with statsforecast 2.1.1, statsmodels 0.14.6, NumPy 2.4.6, pandas 2.3.3.

    python tests/golden/make_timeseries.py

statsforecast needs pandas below 3, which the other scripts are not made with: an environment of its own, from
tests/golden/requirements-timeseries.txt.
"""

import json
import pathlib

import numpy as np
import statsmodels.api as sm
from statsforecast.models import Naive, RandomWalkWithDrift, SeasonalNaive, WindowAverage
from statsforecast.utils import AirPassengers

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


if __name__ == "__main__":
    naive()
