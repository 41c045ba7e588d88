"""What a global model sees of series, by mlforecast.

    pip install -r tests/golden/requirements-timeseries.txt
    python tests/golden/make_global.py

Writes tests/golden/timeseries/global.json: series and, for each step of them, the difference in the scale of its series, that of some steps
before, and means and deviations of the last steps.
"""

import json
import pathlib

import numpy as np
import pandas as pd
from lightgbm import LGBMRegressor
from mlforecast import MLForecast
from mlforecast.lag_transforms import RollingMean, RollingStd
from mlforecast.target_transforms import Differences, LocalStandardScaler

LAGS, WINDOWS = [1, 2, 5], [3, 6]
rng = np.random.default_rng(7)
series = {
    "meta": np.round(np.cumsum(rng.normal(0.5, 2, 24)) + 50, 3),
    "google": np.round(1000 + 40 * np.sin(np.arange(20)) + rng.normal(0, 9, 20), 3),
}


def seen(differences):
    model = MLForecast(
        models=[LGBMRegressor()],
        freq=1,
        lags=LAGS,
        lag_transforms={1: [of(window) for window in WINDOWS for of in (RollingMean, RollingStd)]},
        target_transforms=[Differences(differences), LocalStandardScaler()],
    )
    parts = [pd.DataFrame({"unique_id": key, "ds": np.arange(len(y)), "y": y}) for key, y in series.items()]
    frame = model.preprocess(pd.concat(parts), static_features=[])
    rows = {key: part.drop(columns="unique_id").to_numpy().tolist() for key, part in frame.groupby("unique_id")}
    return {"differences": differences, "rows": rows}


target = pathlib.Path(__file__).parent / "timeseries" / "global.json"
said = {
    "series": {key: y.tolist() for key, y in series.items()},
    "lags": LAGS,
    "windows": WINDOWS,
    "seen": [seen([1]), seen([1, 4])],
}
target.write_text(json.dumps(said) + "\n")
print(target.stat().st_size, "bytes")
