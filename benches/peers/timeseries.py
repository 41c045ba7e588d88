"""Automatic exponential smoothing, theta and ARIMA models on the M4 weekly series: statsforecast beside adflux, in one run. One model over all
series: mlforecast with LightGBM, given the lags and windows that adflux takes for a year of weeks.

    python benches/peers/timeseries.py FOLDER [--models auto-ets auto-theta auto-arima global-boosting] [--series 359] [--season 1] [--jobs 2]
    python benches/peers/timeseries.py FOLDER --season 52 --models mstl stl stl-robust
    python benches/peers/timeseries.py FOLDER --models croston tsb

Needs statsforecast 2.1.1, mlforecast 1.1.0 and LightGBM 4.7.0 (tests/golden/requirements-timeseries.txt), and cargo for the example `m4` of adflux-timeseries. FOLDER holds
m4_weekly_train.csv and m4_weekly_test.csv of the M4 competition, one series a row. Prints seconds after a warm-up, sMAPE, MASE (scaled by
the naive forecast of one step, as the competition did), and the ratio of the times. statsforecast's AutoTheta takes minutes on all series: `--series 60`.
"""

import argparse
import csv
import json
import os
import pathlib
import subprocess
import tempfile
import time
import warnings

import lightgbm
import numpy as np
import pandas as pd
from mlforecast import MLForecast
from mlforecast.lag_transforms import RollingMean, RollingStd
from mlforecast.target_transforms import Differences, LocalStandardScaler
from statsforecast import StatsForecast
from statsforecast.models import MSTL, TSB, AutoARIMA, AutoETS, AutoTheta, CrostonClassic
from statsmodels.tsa.seasonal import STL

PEERS = {"auto-ets": AutoETS, "auto-theta": AutoTheta, "auto-arima": AutoARIMA}
OTHERS = {
    "mstl": MSTL,
    "croston": lambda season_length, alias: CrostonClassic(alias=alias),
    "tsb": lambda season_length, alias: TSB(alpha_d=0.2, alpha_p=0.2, alias=alias),
}
# Lags and windows of a season of 52 weeks.
LAGS, WINDOWS = [*range(1, 14), 26, 51, 52, 53, 104], [4, 13, 52]


def read(path, count):
    with open(path) as file:
        rows = list(csv.reader(file))
    return {row[0]: np.array([float(v) for v in row[1:] if v]) for row in rows[1 : count + 1]}


def write(path, series):
    with open(path, "w") as file:
        file.write("id\n")
        for name, values in series.items():
            file.write(",".join([name, *map(repr, map(float, values))]) + "\n")


def boosted(frame, horizon, jobs):
    """mlforecast without intervals: one fit, where adflux makes two."""
    rolling = [of(window, min_samples=(window + 1) // 2) for window in WINDOWS for of in (RollingMean, RollingStd)]
    model = MLForecast(
        models={"model": lightgbm.LGBMRegressor(n_jobs=jobs, verbose=-1)},
        freq=1,
        lags=LAGS,
        lag_transforms={1: rolling},
        target_transforms=[Differences([1]), LocalStandardScaler()],
        num_threads=jobs,
    )
    # Rows of which a lag is missing are learned from, as adflux does: of that it warns.
    warnings.simplefilter("ignore", UserWarning)
    model.fit(frame, static_features=[], dropna=False)
    return model.predict(horizon)


def theirs(name, train, test, season, jobs):
    frame = pd.concat(
        pd.DataFrame({"unique_id": key, "ds": np.arange(1, len(y) + 1), "y": y}) for key, y in train.items()
    )
    horizon = len(next(iter(test.values())))
    if name == "global-boosting":
        few = frame[frame.unique_id.isin(list(train)[:20])]
        boosted(few, horizon, jobs)
        start = time.perf_counter()
        said = boosted(frame, horizon, jobs)
        return time.perf_counter() - start, *accuracy(said, train, test)
    model = (PEERS | OTHERS)[name](season_length=season, alias="model")
    warm = frame[frame.unique_id.isin(list(train)[: 2 * jobs])]
    StatsForecast(models=[model], freq=1, n_jobs=jobs).forecast(df=warm, h=horizon)
    start = time.perf_counter()
    said = StatsForecast(models=[model], freq=1, n_jobs=jobs).forecast(df=frame, h=horizon)
    return time.perf_counter() - start, *accuracy(said, train, test)


def accuracy(said, train, test):
    smape, mase = [], []
    for key, part in said.groupby("unique_id"):
        y, f, past = test[key], part["model"].to_numpy(), train[key]
        smape.append(200 * np.mean(np.abs(y - f) / (np.abs(y) + np.abs(f))))
        mase.append(np.mean(np.abs(y - f)) / np.mean(np.abs(np.diff(past))))
    return np.mean(smape), np.mean(mase)


def decompositions(name, train, season):
    """Seconds of statsmodels' STL on the series that hold two seasons, one after the other as ours."""
    start = time.perf_counter()
    for y in train.values():
        if len(y) >= 2 * season:
            STL(y, period=season, robust=name == "stl-robust").fit()
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--models", nargs="+", default=[*PEERS, "global-boosting"])
    parser.add_argument("--series", type=int, default=359)
    parser.add_argument("--season", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()

    root = pathlib.Path(__file__).resolve().parents[2]
    build = ["cargo", "build", "--release", "-p", "adflux-timeseries", "--example", "m4"]
    messages = subprocess.run(build + ["--message-format=json"], cwd=root, check=True, capture_output=True, text=True)
    built = (json.loads(line) for line in messages.stdout.splitlines())
    ours = [m["executable"] for m in built if m.get("executable") and m["target"]["name"] == "m4"][-1]

    train = read(arguments.folder / "m4_weekly_train.csv", arguments.series)
    test = {key: values for key, values in read(arguments.folder / "m4_weekly_test.csv", 10**6).items() if key in train}
    with tempfile.TemporaryDirectory() as folder:
        write(f"{folder}/m4_weekly_train.csv", train)
        write(f"{folder}/m4_weekly_test.csv", test)
        for name in arguments.models:
            environment = {**os.environ, "RAYON_NUM_THREADS": str(arguments.jobs)}
            command = [ours, folder, "Weekly", str(arguments.season), name]
            said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
            print(said.strip().splitlines()[-1] + "   adflux")
            if name.startswith("stl"):
                seconds = decompositions(name, train, arguments.season)
                own = float(said.strip().splitlines()[-1].split()[1])
                print(f"{name:<16} {seconds:>8.3f} s   statsmodels\n{name:<16} {seconds / own:>8.1f} times as fast")
                continue
            seconds, smape, mase = theirs(name, train, test, arguments.season, arguments.jobs)
            print(f"{name:<16} {seconds:>8.3f} s   sMAPE {smape:>7.3f}   MASE {mase:>6.3f}   {'mlforecast' if name == 'global-boosting' else 'statsforecast'}")
            own = float(said.strip().splitlines()[-1].split()[1])
            print(f"{name:<16} {seconds / own:>8.1f} times as fast")


if __name__ == "__main__":
    main()
