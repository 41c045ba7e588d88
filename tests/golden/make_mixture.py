"""Writes tests/golden/mixture/mixture.json. Made with scikit-learn 1.7.2, NumPy 2.4.6.

    python tests/golden/make_mixture.py

Both sides start from the segments of the nearest of given means: scikit-learn is given the Gaussians of those segments.
"""

import json
import pathlib
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.mixture._gaussian_mixture import _compute_precision_cholesky, _estimate_gaussian_parameters

warnings.simplefilter("ignore", ConvergenceWarning)
OUT = pathlib.Path(__file__).parent / "mixture"
OUT.mkdir(exist_ok=True)
rng = np.random.default_rng(20250712)


def ellipsoids(n, d, k):
    x = []
    for _ in range(k):
        stretch = rng.normal(0, 0.7, (d, d)) + np.eye(d)
        x.append(rng.normal(0, 1, (n // k, d)) @ stretch + rng.uniform(-5, 5, d))
    return np.vstack(x).round(4)


def case(name, x, k, kind, **options):
    means = x[rng.choice(len(x), k, replace=False)]
    nearest = ((x[:, None] - means[None]) ** 2).sum(-1).argmin(1)
    resp = np.eye(k)[nearest]
    reg_covar = options.get("reg_covar", 1e-6)
    mass, start, covariances = _estimate_gaussian_parameters(x, resp, reg_covar, kind)
    cholesky = _compute_precision_cholesky(covariances, kind)
    precisions = {
        "full": lambda: np.array([c @ c.T for c in cholesky]), "tied": lambda: cholesky @ cholesky.T,
        "diag": lambda: cholesky**2, "spherical": lambda: cholesky**2,
    }[kind]()
    model = GaussianMixture(
        k, covariance_type=kind, weights_init=mass / mass.sum(), means_init=start, precisions_init=precisions, **options
    ).fit(x)
    order = np.argsort(-model.weights_, kind="stable")
    full = {
        "full": lambda: model.covariances_, "tied": lambda: np.array([model.covariances_] * k),
        "diag": lambda: np.array([np.diag(c) for c in model.covariances_]),
        "spherical": lambda: np.array([np.eye(x.shape[1]) * c for c in model.covariances_]),
    }[kind]()
    new = rng.uniform(-6, 6, (6, x.shape[1])).round(3)
    return {
        "name": name, "x": x.tolist(), "means_init": means.tolist(), "covariance_type": kind,
        "tol": options.get("tol", 1e-3), "max_iter": options.get("max_iter", 100), "reg_covar": reg_covar,
        "weights": model.weights_[order].tolist(), "means": model.means_[order].tolist(),
        "covariances": full[order].tolist(), "lower_bounds": list(model.lower_bounds_), "converged": bool(model.converged_),
        "bic": model.bic(x), "aic": model.aic(x), "new": new.tolist(),
        "proba": model.predict_proba(new)[:, order].tolist(), "scores": model.score_samples(new).tolist(),
    }


cases = []
for kind in ["full", "tied", "diag", "spherical"]:
    cases.append(case(f"three, {kind}", ellipsoids(120, 3, 3), 3, kind))
    cases.append(case(f"more iterations, {kind}", ellipsoids(80, 2, 2), 4, kind, tol=1e-7, max_iter=60))
    cases.append(case(f"one, {kind}", ellipsoids(40, 2, 2), 1, kind, reg_covar=0.1))
(OUT / "mixture.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")

# Numbers of segments compared: where the optimum is one that any good start finds, its BIC and AIC are numbers of the data.
clear = np.vstack([
    rng.normal(0, 1, (90, 2)) @ np.array([[1.0, 0.4], [0.0, 0.7]]) + [-6, 0],
    rng.normal(0, 1, (70, 2)) * [0.5, 1.5] + [4, 5],
    rng.normal(0, 1, (50, 2)) * [1.2, 0.6] + [3, -6],
]).round(4)
table = []
for k in range(1, 7):
    for kind in ["full", "tied", "diag", "spherical"]:
        model = GaussianMixture(k, covariance_type=kind, n_init=20, tol=1e-9, max_iter=2000, random_state=1).fit(clear)
        table.append({"n_components": k, "covariance_type": kind, "bic": model.bic(clear), "aic": model.aic(clear)})
(OUT / "choice.json").write_text(json.dumps({"x": clear.tolist(), "table": table}, separators=(",", ":")) + "\n")
