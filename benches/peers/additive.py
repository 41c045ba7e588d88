"""Additive models of daily series: Prophet beside adflux, in one run.

    python benches/peers/additive.py [--series 40] [--steps 730]

Needs prophet 1.5.0 (tests/golden/requirements-timeseries.txt), and cargo for the example `additive` of adflux-timeseries. Series are random
walks with a week and a year, 60 days held back. Prints seconds of fits and forecasts with intervals on one thread, the mean absolute error of each, and
the ratio of the times. Prophet has 1,000 simulated paths for its intervals, its default.
"""

import argparse
import json
import logging
import os
import pathlib
import subprocess
import tempfile
import time

import numpy as np
import pandas as pd
from prophet import Prophet

logging.getLogger("cmdstanpy").disabled = True
HORIZON = 60


def series(count, steps):
    rng = np.random.default_rng(3)
    days = np.arange(steps + HORIZON)
    week = np.array([0, 9, 12, 8, 3, -15, -20.0])[days % 7]
    year = 10 * np.sin(2 * np.pi * days / 365.25)
    return [100 + np.cumsum(rng.normal(0.02, 0.5, len(days))) + week + year + rng.normal(0, 3, len(days)) for _ in range(count)]


def theirs(values):
    dates = pd.date_range("2022-01-03", periods=len(values))
    past = pd.DataFrame({"ds": dates[:-HORIZON], "y": values[:-HORIZON]})
    return Prophet(interval_width=0.8).fit(past).predict(pd.DataFrame({"ds": dates[-HORIZON:]}))["yhat"].to_numpy()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--series", type=int, default=40)
    parser.add_argument("--steps", type=int, default=740)
    arguments = parser.parse_args()

    root = pathlib.Path(__file__).resolve().parents[2]
    build = ["cargo", "build", "--release", "-p", "adflux-timeseries", "--example", "additive"]
    messages = subprocess.run(build + ["--message-format=json"], cwd=root, check=True, capture_output=True, text=True)
    built = (json.loads(line) for line in messages.stdout.splitlines())
    ours = [m["executable"] for m in built if m.get("executable") and m["target"]["name"] == "additive"][-1]

    everything = series(arguments.series, arguments.steps)
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        file.write("\n".join(",".join(map(repr, map(float, values))) for values in everything) + "\n")
        file.flush()
        environment = {**os.environ, "RAYON_NUM_THREADS": "1"}
        command = [ours, file.name, str(HORIZON)]
        said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.strip()
    print(said + "   adflux")
    theirs(everything[0])
    start = time.perf_counter()
    errors = [np.mean(np.abs(theirs(values) - values[-HORIZON:])) for values in everything]
    seconds = time.perf_counter() - start
    print(f"additive {seconds:>10.3f} s   MAE {np.mean(errors):>7.3f}   prophet")
    print(f"{seconds / float(said.split()[1]):.1f} times as fast")


if __name__ == "__main__":
    main()
