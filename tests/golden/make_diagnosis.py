"""Writes tests/golden/timeseries/diagnosis.json. Made with statsmodels 0.14.6, statsforecast 2.1.1, NumPy 2.4.6.

    python tests/golden/make_diagnosis.py

In the environment of make_timeseries.py (tests/golden/requirements-timeseries.txt).
"""

import warnings

import numpy as np
from make_timeseries import series, write
from statsforecast.arima import ndiffs, nsdiffs
from statsmodels.stats.diagnostic import acorr_ljungbox
from statsmodels.tsa.stattools import acf, adfuller, kpss, pacf

LAGS = 15


def unit_root(y):
    short = int(3 * np.sqrt(len(y)) / 13)
    cases = []
    for around, name in (("c", "level"), ("ct", "trend")):
        for lags in (None, 0, 4):
            statistic, p, used, _ = kpss(y, around, nlags=short if lags is None else lags)
            cases.append({"test": "kpss", "around": name, "lags": lags, "said": [statistic, p, int(used)]})
            automatic = {"autolag": "AIC"} if lags is None else {"autolag": None, "maxlag": lags}
            statistic, p, used = adfuller(y, regression=around, **automatic)[:3]
            cases.append({"test": "adf", "around": name, "lags": lags, "said": [statistic, p, int(used)]})
    return cases


def main():
    warnings.simplefilter("ignore")
    cases = []
    for name, (season, y) in series().items():
        r, around = acf(y, nlags=LAGS, alpha=0.05)
        q = [acorr_ljungbox(y, lags=[lags], model_df=used).iloc[0].tolist() for lags, used in ((5, 0), (10, 2))]
        cases.append({
            "name": name, "season": season, "values": y.tolist(),
            "acf": r.tolist(), "acf_bound": (around[:, 1] - r).tolist(),
            "pacf": pacf(y, nlags=LAGS, method="ywm").tolist(),
            "ljung_box": q, "unit_root": unit_root(y), "ndiffs": ndiffs(y),
            "nsdiffs": nsdiffs(y, period=season) if season > 1 else None,
        })
    write("diagnosis", cases)


if __name__ == "__main__":
    main()
