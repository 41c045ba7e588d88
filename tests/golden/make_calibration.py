"""Writes tests/golden/calibration/*.json. Made with scikit-learn 1.7.2, SciPy 1.17.1, NumPy 2.4.6.

    python tests/golden/make_calibration.py
"""

import json
import pathlib
import warnings

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, logsumexp
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV, calibration_curve
from sklearn.frozen import FrozenEstimator
from sklearn.isotonic import IsotonicRegression

OUT = pathlib.Path(__file__).parent / "calibration"
OUT.mkdir(exist_ok=True)
rng = np.random.default_rng(20250311)
# That the frozen model itself takes no weights is as it should be.
warnings.filterwarnings("ignore", message=".*FrozenEstimator.*")


def write(name, value):
    (OUT / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


class AsGiven(ClassifierMixin, BaseEstimator):
    """A fitted classifier whose probabilities are its inputs."""

    def __init__(self, classes=2):
        self.classes = classes
        self.classes_ = np.arange(classes)
        self.n_features_in_ = classes

    def fit(self, x, y):
        return self

    def predict_proba(self, x):
        return np.asarray(x)

    def predict(self, x):
        return self.predict_proba(x).argmax(1)


def overconfident(n, k):
    """Probabilities that are too sure of themselves, beside the class that came; some are equal, some 0 or 1."""
    logits = rng.normal(0, 1.5, (n, k))
    truth = np.array([rng.choice(k, p=np.exp(z - logsumexp(z))) for z in logits])
    sharp = 2.2 * logits + 0.4 * np.arange(k)
    p = np.exp(sharp - logsumexp(sharp, axis=1, keepdims=True)).round(2)
    p[:, -1] = np.clip(1 - p[:, :-1].sum(1), 0, 1).round(2)
    p /= p.sum(1, keepdims=True)
    return p.round(12), truth


def beta_reference(p, y, w):
    """Kull et al.: the constrained maximum of the likelihood."""
    p = np.clip(p, np.finfo(float).eps, 1 - np.finfo(float).eps)
    x = np.column_stack([np.log(p), -np.log1p(-p), np.ones(len(p))])

    def loss(theta):
        z = x @ theta
        return (w * (np.logaddexp(0, z) - y * z)).sum() / w.sum(), x.T @ (w * (expit(z) - y)) / w.sum()

    best = minimize(loss, [1.0, 1.0, 0.0], jac=True, method="L-BFGS-B", bounds=[(0, None), (0, None), (None, None)],
                    options={"ftol": 1e-16, "gtol": 1e-11, "maxiter": 10000})
    return best.x, expit(x @ best.x)


def temperature_reference(p, y, w):
    logs = np.log(np.clip(p, np.finfo(float).eps, 1 - np.finfo(float).eps))

    def loss(log_inverse):
        z = logs * np.exp(log_inverse)
        return (w * (logsumexp(z, axis=1) - z[np.arange(len(y)), y])).sum()

    best = minimize_scalar(loss, bounds=(-10, 10), method="bounded", options={"xatol": 1e-12})
    z = logs * np.exp(best.x)
    return float(np.exp(-best.x)), np.exp(z - logsumexp(z, axis=1, keepdims=True))


cases = []
for k in (2, 3):
    p, y = overconfident(160, k)
    fresh, _ = overconfident(12, k)
    fresh[0] = np.eye(k)[0]
    w = rng.uniform(0, 3, len(y)).round(3)
    w[[4, 90]] = 0
    case = {"probabilities": p.tolist(), "truth": y.tolist(), "weights": w.tolist(), "fresh": fresh.tolist(), "fitted": []}
    for weights in (None, w):
        fitted = {}
        for method in ("sigmoid", "isotonic"):
            calibrated = CalibratedClassifierCV(FrozenEstimator(AsGiven(k)), method=method, ensemble=False)
            calibrated.fit(p, y, sample_weight=weights)
            fitted[method] = calibrated.predict_proba(fresh).tolist()
        ones = np.ones(len(y)) if weights is None else weights
        temperature, _ = temperature_reference(p, y, ones)
        z = np.log(np.clip(fresh, np.finfo(float).eps, 1 - np.finfo(float).eps)) / temperature
        fitted["temperature"] = np.exp(z - logsumexp(z, axis=1, keepdims=True)).tolist()
        fitted["t"] = temperature
        case["fitted"].append(fitted)
    cases.append(case)
write("classes", cases)

binary = cases[0]
p, y = np.array(binary["probabilities"])[:, 1], np.array(binary["truth"])
inside = np.clip(p, 0.001, 0.999)
# Upside down: of the two powers one must be held at 0.
skewed = np.clip(rng.beta(4, 1, 120), 0.01, 0.99).round(3)
skewed_y = (rng.random(120) < 0.3 + 0.3 * (skewed < 0.5)).astype(int)
write("beta", [
    {"probabilities": q.tolist(), "truth": t.tolist(), "weights": v.tolist(),
     "parameters": beta_reference(q, t, v)[0].tolist(), "calibrated": beta_reference(q, t, v)[1].tolist()}
    for q, t, v in [
        (inside.round(6), y, np.ones(len(y))),
        (inside.round(6), y, np.array(binary["weights"])),
        (skewed, skewed_y, np.ones(120)),
    ]
])

# Equal scores, scores that differ in the last digit, weights of 0, and scores beyond both ends.
x = rng.normal(0, 1, 60).round(1)
x[7] = x[3] + 1e-16
line = (x + rng.normal(0, 0.7, 60)).round(3)
weights = rng.uniform(0, 2, 60).round(3)
weights[[5, 20]] = 0
fresh = np.concatenate([[-9, 9], np.linspace(-2.5, 2.5, 31), x[:8]])
write("isotonic", {
    "x": x.tolist(), "y": line.tolist(), "weights": weights.tolist(), "fresh": fresh.tolist(),
    "plain": IsotonicRegression(out_of_bounds="clip").fit(x, line).predict(fresh).tolist(),
    "weighted": IsotonicRegression(out_of_bounds="clip").fit(x, line, weights).predict(fresh).tolist(),
})

# 21 of 201 rows are in the second bin and so on: many stand on the border of two bins of equal width.
said = np.concatenate([np.arange(201) / 200, rng.beta(0.6, 0.8, 100).round(3)])
came = rng.random(len(said)) < said**1.3
table = lambda bins, strategy: [v.tolist() for v in calibration_curve(came, said, n_bins=bins, strategy=strategy)]
write("reliability", {
    "probabilities": said.tolist(), "truth": came.tolist(),
    "uniform": {str(bins): table(bins, "uniform") for bins in (5, 10)},
    "quantile": {str(bins): table(bins, "quantile") for bins in (4, 10)},
})
