"""Writes tests/golden/scalers/*.json: scalers, bins and products as scikit-learn computes them, bounds and dates as pandas does.

Made with scikit-learn 1.7.2, numpy 2.4.6, scipy 1.17.1, pandas 3.1.1. Run: python tests/golden/make_scalers.py
"""

import json
import math
import pathlib
import warnings

import numpy as np
import pandas as pd
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
)

OUT = pathlib.Path(__file__).parent / "scalers"
OUT.mkdir(exist_ok=True)
NAN = float("nan")
warnings.simplefilter("ignore")


def plain(x):
    """Nested lists with null for NaN."""
    if isinstance(x, np.ndarray):
        return plain(x.tolist())
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    return None if isinstance(x, float) and math.isnan(x) else x


def write(name, content):
    (OUT / name).write_text(json.dumps(content, indent=None) + "\n")


rng = np.random.default_rng(3)
ROWS = 40
# Skewed with gaps; ties with gaps; constant; negative and positive.
X = np.column_stack([
    np.where(rng.random(ROWS) < 0.15, NAN, rng.lognormal(3, 1.2, ROWS)),
    np.where(rng.random(ROWS) < 0.1, NAN, rng.integers(0, 6, ROWS).astype(float)),
    np.full(ROWS, 7.25),
    rng.normal(-1, 3, ROWS) ** 3,
])
UNSEEN = np.array([
    [0.5, 2.0, 7.25, 0.0],
    [1e4, -3.0, 9.0, -1e3],
    [NAN, 2.5, 1.0, NAN],
    [20.0, 5.0, NAN, 1e3],
    [X[0, 0] + 1e-3, 9.0, 7.0, 4.5],
])


def cases(recipes, x=X, unseen=UNSEEN, learned=()):
    result = []
    for params, ours in recipes:
        recipe = params["class"](**{k: v for k, v in params.items() if k != "class"})
        train = recipe.fit_transform(x.copy())
        later = recipe.transform(unseen.copy())
        case = {"params": ours, "train": plain(train), "unseen": plain(later)}
        case["back"] = plain(recipe.inverse_transform(later.copy()))
        case |= {name: plain(np.asarray(getattr(recipe, name))) for name in learned}
        result.append(case)
    return result


def pairs(cls, *params):
    return [({"class": cls, **p}, p) for p in params]


write("min_max.json", {"x": plain(X), "unseen": plain(UNSEEN), "cases": cases(pairs(
    MinMaxScaler, {}, {"feature_range": (-2.0, 3.0)}, {"clip": True}))})
write("robust.json", {"x": plain(X), "unseen": plain(UNSEEN), "cases": cases(pairs(
    RobustScaler, {}, {"quantile_range": (10.0, 80.0)}, {"unit_variance": True}, {"with_centering": False},
    {"with_scaling": False}))})
write("quantile.json", {"x": plain(X), "unseen": plain(UNSEEN), "cases": cases(pairs(
    QuantileTransformer, {}, {"n_quantiles": 7}, {"n_quantiles": 1}, {"output_distribution": "normal"},
    {"n_quantiles": 11, "output_distribution": "normal"}))})

POSITIVE = np.column_stack([X[:, 0], rng.beta(5, 1, ROWS), rng.gamma(0.4, 50, ROWS) + 1e-3, 1e6 + rng.normal(0, 2e5, ROWS)])
POSITIVE_UNSEEN = np.array([[0.5, 0.2, 1.0, 9e5], [400.0, 0.999, 1e-2, 1.4e6], [NAN, 0.5, NAN, 1e6]])
write("power.json", {
    "yeo_johnson": {"x": plain(X), "unseen": plain(UNSEEN), "cases": cases(
        [({"class": PowerTransformer, "standardize": s}, {"standardize": s}) for s in (True, False)], learned=["lambdas_"])},
    "box_cox": {"x": plain(POSITIVE), "unseen": plain(POSITIVE_UNSEEN), "cases": cases(
        [({"class": PowerTransformer, "method": "box-cox", "standardize": s}, {"method": "box_cox", "standardize": s})
         for s in (True, False)], POSITIVE, POSITIVE_UNSEEN, ["lambdas_"])},
})
write("log1p.json", {"x": plain(POSITIVE), "unseen": plain(POSITIVE_UNSEEN), "cases": cases(
    [({"class": FunctionTransformer, "func": np.log1p, "inverse_func": np.expm1}, {})], POSITIVE, POSITIVE_UNSEEN)})

# Without gaps: four columns, of which one has ties, one is constant, and one far values.
FULL = np.column_stack([
    rng.normal(5, 2, ROWS).round(3), rng.integers(0, 9, ROWS).astype(float), np.full(ROWS, 7.25), rng.lognormal(3, 1.5, ROWS)])
FULL_UNSEEN = np.array([[5.0, 1.0, 7.25, 1e5], [-9.0, 1.5, 0.0, 0.0], [FULL[3, 0], 9.0, 9.0, 25.0]])
BINS = [{"strategy": s, "n_bins": n, "encode": e} for s in ("uniform", "quantile", "kmeans") for n in (2, 5)
        for e in ("ordinal", "onehot-dense")]
binned = []
for params in BINS:
    recipe = KBinsDiscretizer(**params)
    train = recipe.fit_transform(FULL)
    edges = [list(e) if np.isfinite(e).all() else [7.25, 7.25] for e in recipe.bin_edges_]
    back = recipe.inverse_transform(train)
    back[:, 2] = 7.25  # where scikit-learn has the middle of −∞ and ∞
    binned.append({"params": params | {"encode": params["encode"].replace("-", "_")}, "edges": plain(edges),
                   "train": plain(train), "unseen": plain(recipe.transform(FULL_UNSEEN)), "back": plain(back)})
write("bins.json", {"x": plain(FULL), "unseen": plain(FULL_UNSEEN), "cases": binned})

products = []
for params in ({}, {"degree": 3}, {"degree": 3, "interaction_only": True}, {"degree": 1, "include_bias": False},
               {"degree": 6, "interaction_only": True, "include_bias": False}):
    recipe = PolynomialFeatures(**params)
    train = recipe.fit_transform(FULL_UNSEEN)
    products.append({"params": params, "names": recipe.get_feature_names_out(["a", "b", "c", "d"]).tolist(), "train": plain(train)})
write("polynomial.json", {"x": plain(FULL_UNSEEN), "cases": products})

# The formulas of feature_engine 1.9's Winsorizer: pandas' standard deviation and quantiles.
table = pd.DataFrame(X)
capped = []
for method, fold in (("gaussian", 3.0), ("gaussian", 1.0), ("iqr", 1.5), ("iqr", 0.5), ("quantiles", 0.05), ("quantiles", 0.2)):
    if method == "gaussian":
        low, high = table.mean() - fold * table.std(), table.mean() + fold * table.std()
    elif method == "iqr":
        q1, q3 = table.quantile(0.25), table.quantile(0.75)
        low, high = q1 - fold * (q3 - q1), q3 + fold * (q3 - q1)
    else:
        low, high = table.quantile(fold), table.quantile(1 - fold)
    for tail in ("right", "left", "both"):
        bounds = {"lower": low if tail != "right" else None, "upper": high if tail != "left" else None}
        capped.append({"params": {"capping_method": method, "fold": fold, "tail": tail},
                       "unseen": plain(pd.DataFrame(UNSEEN).clip(**bounds, axis=1).to_numpy())})
write("winsor.json", {"x": plain(X), "unseen": plain(UNSEEN), "cases": capped})

# Dates of four centuries, at all times of day, and the ends of years, where ISO weeks change.
ends = [f"{year}-{day}" for year in range(1998, 2012) for day in ("12-28", "12-31", "01-01", "01-04", "02-28", "03-01")]
stamps = pd.to_datetime(sorted(ends + ["1899-12-31", "1970-01-01", "2100-02-28", "2000-02-29"])).to_list()
stamps += [pd.Timestamp("1850-01-01") + pd.Timedelta(hours=int(h)) for h in rng.integers(0, 300 * 365 * 24, 60)]
s = pd.Series(stamps).astype("datetime64[s]")
days = (s - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
write("dates.json", {
    "days": days.tolist(),
    "text": [t.strftime("%Y-%m-%dT%H:%M:%S") for t in s],
    "parts": {
        "year": s.dt.year.tolist(), "quarter": s.dt.quarter.tolist(), "month": s.dt.month.tolist(),
        "week": s.dt.isocalendar().week.astype(int).tolist(), "day": s.dt.day.tolist(),
        "day_of_year": s.dt.dayofyear.tolist(), "weekday": s.dt.weekday.tolist(),
        "is_weekend": (s.dt.weekday >= 5).astype(int).tolist(), "hour": s.dt.hour.tolist(),
        "elapsed": (days - days.min()).tolist(),
    },
})
