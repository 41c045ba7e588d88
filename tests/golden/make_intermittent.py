"""Writes tests/golden/timeseries/intermittent.json. Made with statsforecast 2.1.1, NumPy 2.4.6.

    python tests/golden/make_intermittent.py

In the environment of tests/golden/requirements-timeseries.txt.
"""

import json
import pathlib

import numpy as np
from statsforecast.models import TSB, CrostonClassic, CrostonOptimized, CrostonSBA

OUT = pathlib.Path(__file__).parent / "timeseries"


def series():
    rng = np.random.default_rng(3)
    rare = np.where(rng.random(90) < 0.15, 1 + rng.poisson(2, 90), 0)
    lumpy = np.where(rng.random(120) < 0.4, np.round(rng.lognormal(2, 1, 120)), 0)
    fading = np.where(rng.random(80) < np.linspace(0.8, 0.02, 80), 1 + rng.poisson(4, 80), 0)
    late = np.concatenate([np.zeros(40), lumpy[:30]])
    return {
        "rare": rare, "lumpy": lumpy, "fading": fading, "late": late,
        "always": 5 + rng.poisson(6, 40), "one": np.eye(1, 30, 11)[0] * 4, "none": np.zeros(20),
    }


def main():
    models = {
        "classic": CrostonClassic(), "optimized": CrostonOptimized(), "sba": CrostonSBA(),
        "tsb": TSB(alpha_d=0.2, alpha_p=0.1),
    }
    cases = []
    for name, y in series().items():
        y = np.asarray(y, float)
        said = {key: float(model.forecast(y=y, h=1)["mean"][0]) for key, model in models.items()}
        cases.append({"name": name, "values": y.tolist(), **said})
    (OUT / "intermittent.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
