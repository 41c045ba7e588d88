"""Writes tests/golden/timeseries/arima.json. Made with statsmodels 0.14.6, statsforecast 2.1.1, NumPy 2.4.6.

    python tests/golden/make_arima.py

In the environment of make_timeseries.py (tests/golden/requirements-timeseries.txt). statsmodels' likelihood is exact, of the differenced
series (`simple_differencing`); statsforecast's has almost nothing known of what differencing takes, and so is near.
"""

import warnings

import numpy as np
from make_timeseries import LEVELS, series, write
from statsforecast.arima import auto_arima_f, forecast_arima
from statsforecast.models import ARIMA
from statsmodels.tsa.statespace.sarimax import SARIMAX

ORDERS = {
    "air passengers": [((2, 1, 1), (0, 1, 0)), ((0, 1, 1), (0, 1, 1)), ((1, 1, 0), (1, 0, 1)), ((1, 0, 0), (1, 1, 1))],
    "nile": [((1, 1, 1), (0, 0, 0)), ((1, 0, 1), (0, 0, 0)), ((0, 0, 0), (0, 0, 0)), ((0, 2, 2), (0, 0, 0))],
    "sunspots": [((2, 0, 1), (0, 0, 0)), ((3, 1, 2), (0, 0, 0)), ((5, 0, 0), (0, 0, 0))],
    "co2": [((1, 1, 1), (0, 1, 1)), ((3, 1, 1), (2, 1, 0)), ((0, 1, 3), (1, 0, 1))],
}


def cost(n):
    """A regressor."""
    t = np.arange(n)
    return np.round(np.sin(0.7 * t) + (t * t % 7) / 7, 3)


def fixed(y, season, order, seasonal, drift, covariate):
    """statsmodels' optimum: the likelihood there, and the products of the polynomials."""
    n, h = len(y), 12
    x = []
    if drift:
        x.append(np.arange(1.0, n + h + 1))
    if covariate:
        x.append(cost(n + h))
    x = np.column_stack(x) if x else None
    trend = "c" if order[1] + seasonal[1] == 0 else "n"
    scale = y.std()
    model = SARIMAX(
        y / scale, exog=None if x is None else x[:n], order=order, trend=trend, simple_differencing=True,
        seasonal_order=(*seasonal, season if season > 1 else 0), concentrate_scale=True,
    )
    # statsmodels stops early at times: from its optimum on, by another method.
    fit = model.fit(disp=False, maxiter=500)
    used = model.nobs
    return {
        "order": order, "seasonal_order": seasonal, "drift": drift, "covariate": covariate,
        "log_likelihood": fit.llf - used * np.log(scale),
        "ar": (-fit.polynomial_reduced_ar[1:]).tolist(), "ma": fit.polynomial_reduced_ma[1:].tolist(),
    }


def automatic(y, season):
    fit = auto_arima_f(y, period=season, approximation=False)
    said = forecast_arima(fit, h=12, level=LEVELS)
    p, q, P, Q, m, d, D = fit["arma"]
    ends = {
        end: np.column_stack([said[end][f"{level}%"] for level in LEVELS]).round(6).tolist() for end in ("lower", "upper")
    }
    return {
        "order": [p, d, q], "seasonal_order": [P, D, Q], "constant": bool({"intercept", "drift"} & set(fit["coef"])),
        "log_likelihood": fit["loglik"], "aicc": fit["aicc"], "sigma2": fit["sigma2"],
        "coefficients": {name: float(value) for name, value in fit["coef"].items()},
        "mean": np.asarray(said["mean"]).round(6).tolist(), **ends,
    }


def main():
    warnings.simplefilter("ignore")
    cases = []
    for name, (season, y) in series().items():
        models = []
        for order, seasonal in ORDERS[name]:
            models.append(fixed(y, season, order, seasonal, False, False))
            if order[1] + seasonal[1] == 1:
                models.append(fixed(y, season, order, seasonal, True, False))
        models.append(fixed(y, season, *ORDERS[name][0], False, True))
        cases.append({
            "name": name, "season": season, "values": y.tolist(), "models": models, "automatic": automatic(y, season),
        })
    write("arima", cases)


if __name__ == "__main__":
    main()
