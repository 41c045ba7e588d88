"""Writes tests/golden/decomposition/*.json. Made with statsmodels 0.14.6, NumPy 2.4.6.

    python tests/golden/make_decomposition.py

The real series are those of tests/golden/timeseries/naive.json.
"""

import json
import pathlib

import numpy as np
from statsmodels.tsa.seasonal import MSTL, STL

HERE = pathlib.Path(__file__).parent
OUT = HERE / "decomposition"
OUT.mkdir(exist_ok=True)


def write(name, value):
    (OUT / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


def series():
    cases = json.loads((HERE / "timeseries" / "naive.json").read_text())
    return {case["name"]: np.array(case["values"]) for case in cases}


def digits(values):
    return [float(f"{value:.13g}") for value in np.asarray(values).ravel()]


def stl():
    """Name of the series, what is set beside the defaults, and what came out."""
    settings = [
        ("air passengers", {"period": 12}),
        ("air passengers", {"period": 12, "robust": True}),
        ("air passengers", {"period": 12, "seasonal": 13, "trend": 25, "low_pass": 15, "seasonal_deg": 0,
                            "trend_deg": 0, "low_pass_deg": 0}),
        ("air passengers", {"period": 12, "seasonal": 35, "trend": 301, "robust": True, "seasonal_deg": 0}),
        ("co2", {"period": 12, "seasonal": 11}),
        # A length that the period divides, and windows wider than the series.
        ("nile", {"period": 10, "seasonal": 21, "trend": 151, "robust": True}),
        ("sunspots", {"period": 11, "trend_deg": 0}),
    ]
    cases = []
    for name, setting in settings:
        setting = dict(setting)
        said = STL(series()[name], **setting).fit()
        parts = {"trend": said.trend, "season": said.seasonal}
        if setting.get("robust"):
            parts["weights"] = said.weights
        cases.append({"name": name, "setting": setting, **{key: digits(part) for key, part in parts.items()}})
    write("stl", cases)


def mstl():
    rng = np.random.default_rng(7)
    t = np.arange(330)
    y = 50 + 0.05 * t + 6 * np.sin(2 * np.pi * t / 7) + 9 * np.cos(2 * np.pi * t / 30) + rng.normal(0, 1, len(t))
    y[[40, 200]] += 25
    y = np.round(y, 4)
    cases = []
    for periods, windows, iterate, robust in (
        ((30, 7), None, 2, False),
        ((7, 30), (21, 9), 3, True),
        ((7,), None, 2, False),
        # The second season has not twice its length here.
        ((7, 200), None, 2, False),
    ):
        said = MSTL(y, periods=periods, windows=windows, iterate=iterate, stl_kwargs={"robust": robust}).fit()
        seasons = np.asarray(said.seasonal).reshape(len(y), -1).T
        cases.append({
            "periods": periods, "windows": windows, "iterate": iterate, "robust": robust,
            "trend": digits(said.trend), "seasons": [digits(season) for season in seasons],
        })
    write("mstl", {"values": y.tolist(), "cases": cases})


if __name__ == "__main__":
    stl()
    mstl()
