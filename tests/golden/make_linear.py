"""Writes tests/golden/linear/*.json: linear models of scikit-learn 1.7.2 and statsmodels 0.14.6 (numpy 2.4.6).

    python tests/golden/make_linear.py

least_squares.json  coefficients of LinearRegression and Ridge: plain, weighted, without intercept, several targets, collinear
                    columns, more columns than rows; and the summary and intervals of WLS.
penalised.json      Lasso and ElasticNet at some penalties, weighted or not, their paths, and what their cross-validation chooses.
glm.json            generalised linear models of statsmodels (weights, exposure), and of scikit-learn where there is a penalty.
huber.json          HuberRegressor with outliers, weighted or not.
quantile.json       QuantileRegressor, also on whole numbers where many lines are lowest.
logistic.json       logistic regression of two and three classes, by penalty.
offset.json         generalised linear models of statsmodels with an offset.
ridge_cv.json       RidgeCV without folds: the errors of rows left out, and the penalty they choose.
"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
import statsmodels
import statsmodels.api as sm
from scipy import optimize
from sklearn.linear_model import (
    ElasticNet, ElasticNetCV, GammaRegressor, HuberRegressor, Lasso, LassoCV, LinearRegression, LogisticRegression, PoissonRegressor,
    QuantileRegressor, Ridge, RidgeCV, TweedieRegressor, enet_path,
)
from sklearn.linear_model._huber import _huber_loss_and_gradient

assert sklearn.__version__ == "1.7.2" and statsmodels.__version__ == "0.14.6"
warnings.filterwarnings("ignore", category=FutureWarning)
FOLDER = pathlib.Path(__file__).parent / "linear"


def write(name, value):
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / name).write_text(json.dumps(value, separators=(",", ":"), allow_nan=False) + "\n")


def plain(value):
    return np.asarray(value, dtype=float).tolist()


def table(rng, rows, columns):
    """Columns that go together, of different places and units, rounded so that the file is short."""
    x = rng.normal(size=(rows, columns)) @ (np.eye(columns) + 0.4 * rng.normal(size=(columns, columns)))
    return np.round(x * np.logspace(-1, 1, columns) + np.arange(columns), 4)


rng = np.random.default_rng(1)

# Least squares.
x = table(rng, 60, 4)
y = np.round(x @ [2.0, -1.0, 0.3, 0.05] + 3 + rng.normal(size=60), 4)
w = np.round(rng.uniform(0.2, 3, size=60), 3)
two = np.column_stack([y, np.round(x[:, 0] - y + rng.normal(size=60), 4)])
collinear = np.column_stack([x, x[:, 0] + x[:, 1], np.full(60, 7.0)])
wide = np.round(rng.normal(size=(12, 30)), 4)
cases = []
for name, a, b, weights, intercept in [
    ("plain", x, y, None, True), ("weighted", x, y, w, True), ("through zero", x, y, w, False), ("two targets", x, two, w, True),
    ("collinear", collinear, y, w, True), ("wide", wide, y[:12], None, True), ("wide through zero", wide, y[:12], None, False),
]:
    case = {"name": name, "x": plain(a), "y": plain(b.reshape(len(b), -1)), "weights": None if weights is None else plain(weights),
            "intercept": intercept, "fits": []}
    for alpha in [0.0, 0.7, 25.0]:
        model = Ridge(alpha, fit_intercept=intercept, solver="svd") if alpha else LinearRegression(fit_intercept=intercept)
        model.fit(a, b, sample_weight=weights)
        case["fits"].append({"alpha": alpha, "coefficients": plain(np.atleast_2d(model.coef_)),
                             "intercepts": plain(np.broadcast_to(model.intercept_, case["y"] and len(case["y"][0])))})
    cases.append(case)
inference = []
for weights, intercept in [(None, True), (w, True), (w, False)]:
    a = sm.add_constant(x) if intercept else x
    fitted = sm.WLS(y, a, weights=1.0 if weights is None else weights).fit()
    frame = fitted.get_prediction(a[:5]).summary_frame(alpha=0.1)
    unit = sm.WLS(y, a, weights=1.0 if weights is None else weights).fit().get_prediction(a[:5], weights=1.0)
    frame = unit.summary_frame(alpha=0.1)
    inference.append({
        "weights": None if weights is None else plain(weights), "intercept": intercept, "scale": fitted.scale,
        "coefficients": plain(fitted.params), "errors": plain(fitted.bse), "t": plain(fitted.tvalues), "p": plain(fitted.pvalues),
        "ends": plain(fitted.conf_int(0.1)), "mean_ends": plain(frame[["mean_ci_lower", "mean_ci_upper"]]),
        "outcome_ends": plain(frame[["obs_ci_lower", "obs_ci_upper"]]),
    })
write("least_squares.json", {"cases": cases, "x": plain(x), "y": plain(y), "inference": inference})

# Lasso and elastic net.
x = table(rng, 80, 8)
y = np.round(x @ [2.0, 0, -1.0, 0, 0.3, 0, 0, 0.05] + 3 + rng.normal(size=80), 4)
w = np.round(rng.uniform(0.2, 3, size=80), 3)
fits = []
for l1_ratio in [1.0, 0.5, 0.05]:
    for alpha in [0.01, 0.3, 2.0, 1000.0]:
        for weights, intercept in [(None, True), (w, True), (w, False)]:
            model = ElasticNet(alpha, l1_ratio=l1_ratio, fit_intercept=intercept, tol=1e-14, max_iter=1_000_000)
            model.fit(x, y, sample_weight=weights)
            fits.append({"alpha": alpha, "l1_ratio": l1_ratio, "weighted": weights is not None, "intercept": intercept,
                         "coefficients": plain(model.coef_), "constant": float(model.intercept_)})
chosen = []
for weights in [None, w]:
    for l1_ratio in [[1.0], [0.2, 0.7, 0.95]]:
        model = ElasticNetCV(l1_ratio=l1_ratio, n_alphas=30, cv=5, tol=1e-12, max_iter=1_000_000).fit(x, y, sample_weight=weights)
        errors = np.atleast_3d(model.mse_path_.T).T if model.mse_path_.ndim == 2 else model.mse_path_
        errors = model.mse_path_.reshape(len(l1_ratio), 30, 5)
        chosen.append({"l1_ratios": l1_ratio, "weighted": weights is not None, "alpha": float(model.alpha_), "l1_ratio": float(model.l1_ratio_),
                       "alphas": plain(np.reshape(model.alphas_, (len(l1_ratio), 30))), "errors": plain(errors.mean(axis=-1)),
                       "coefficients": plain(model.coef_), "constant": float(model.intercept_)})
paths = []
for l1_ratio in [1.0, 0.5]:
    # It is given what is about the means, for it knows no intercept.
    alphas, along, _ = enet_path(x - x.mean(axis=0), y - y.mean(), l1_ratio=l1_ratio, n_alphas=12, tol=1e-14, max_iter=1_000_000)
    paths.append({"l1_ratio": l1_ratio, "alphas": plain(alphas), "coefficients": plain(along.T)})
write("penalised.json", {"x": plain(x), "y": plain(y), "weights": plain(w), "fits": fits, "chosen": chosen, "paths": paths})

# Generalised linear models.
x = np.round(rng.normal(size=(90, 3)) * [1.0, 0.5, 2.0] + [0.0, 1.0, 0.0], 4)
eta = x @ [0.5, -0.4, 0.2]
w = np.round(rng.uniform(0.2, 3, size=90), 3)
exposure = np.round(rng.uniform(0.5, 20, size=90), 3)
trials = rng.integers(1, 40, size=90)
counts = rng.poisson(np.exp(eta) * exposure)
amounts = np.round(rng.gamma(2.0, np.exp(eta) / 2), 5) + 0.001
mixed = np.round(np.array([rng.gamma(2.0, 0.5, size=k).sum() for k in rng.poisson(np.exp(eta))]), 5)
shares = 1 / (1 + np.exp(-eta))
successes = rng.binomial(trials, shares)
normal = np.round(np.exp(eta) + 0.3 * rng.normal(size=90), 5)
links, families = sm.families.links, sm.families
a = sm.add_constant(x)
named = {"identity": links.Identity, "log": links.Log, "logit": links.Logit, "probit": links.Probit, "cloglog": links.CLogLog,
         "inverse": links.InversePower}
fits = []
for family, link, y, kind, options in [
    ("gaussian", "identity", normal, families.Gaussian, {}), ("gaussian", "log", np.abs(normal) + 0.1, families.Gaussian, {}),
    ("binomial", "logit", successes / trials, families.Binomial, {"freq_weights": trials}),
    ("binomial", "probit", successes / trials, families.Binomial, {"freq_weights": trials}),
    ("binomial", "cloglog", successes / trials, families.Binomial, {"freq_weights": trials}),
    ("poisson", "log", counts, families.Poisson, {"exposure": exposure}), ("poisson", "log", counts, families.Poisson, {"freq_weights": w}),
    ("gamma", "log", amounts, families.Gamma, {}), ("gamma", "log", amounts, families.Gamma, {"exposure": exposure}),
    ("gamma", "inverse", np.round(rng.gamma(200.0, 1 / (3 + 0.3 * x[:, 0]) / 200), 6), families.Gamma, {}),
    ("tweedie", "log", mixed, lambda link: families.Tweedie(link=link, var_power=1.5), {"freq_weights": w}),
    ("tweedie", "log", mixed, lambda link: families.Tweedie(link=link, var_power=1.5), {"exposure": exposure}),
]:
    fitted = sm.GLM(y, a, family=kind(link=named[link]()), **options).fit(tol=1e-13, maxiter=300, tol_criterion="deviance")
    fits.append({
        "family": family, "link": link, "y": plain(successes if family == "binomial" else y),
        "weights": plain(w) if "freq_weights" in options and family != "binomial" else None,
        "exposure": plain(trials) if family == "binomial" else plain(exposure) if "exposure" in options else None,
        "coefficients": plain(fitted.params), "deviance": float(fitted.deviance), "errors": plain(fitted.bse),
    })
penalised = []
for name, model, y in [("poisson", PoissonRegressor, counts), ("gamma", GammaRegressor, amounts), ("tweedie", TweedieRegressor, mixed)]:
    for alpha in [1.0, 0.1]:
        more = {"power": 1.5, "link": "log"} if name == "tweedie" else {}
        fitted = model(alpha=alpha, solver="newton-cholesky", tol=1e-12, max_iter=1000, **more).fit(x, y, sample_weight=w)
        penalised.append({"name": name, "alpha": alpha, "y": plain(y), "coefficients": plain([fitted.intercept_, *fitted.coef_])})
write("glm.json", {"x": plain(x), "weights": plain(w), "fits": fits, "penalised": penalised})

# Logistic regression.
x = table(rng, 90, 4)
score = (x - x.mean(axis=0)) / x.std(axis=0) @ [1.5, -1.0, 0.5, 0.0] + rng.logistic(size=90)
two, three = (score > 0.8).astype(int), np.digitize(score, [-1.0, 1.2])
w = np.round(rng.uniform(0.2, 3, size=90), 3)
fits = []
for classes, y in [(2, two), (3, three)]:
    for penalty, c, l1_ratio in [("l2", 1.0, None), ("l2", 0.05, None), ("none", 1.0, None), ("l1", 0.3, None), ("elasticnet", 0.5, 0.4)]:
        for weights, balanced, intercept in [(None, False, True), (w, False, True), (None, True, True), (w, True, False)]:
            solver = "newton-cg" if penalty in ("l2", "none") else "saga"
            model = LogisticRegression(penalty=None if penalty == "none" else penalty, C=c, l1_ratio=l1_ratio, solver=solver, tol=1e-11,
                                       max_iter=400_000, fit_intercept=intercept, class_weight="balanced" if balanced else None,
                                       random_state=0)
            # saga wants columns of like size.
            z = (x - x.mean(axis=0)) / x.std(axis=0)
            model.fit(z, y, sample_weight=weights)
            fits.append({"classes": classes, "penalty": penalty, "c": c, "l1_ratio": l1_ratio, "weighted": weights is not None,
                         "balanced": balanced, "intercept": intercept, "probabilities": plain(model.predict_proba(z)[:20]),
                         "coefficients": plain(model.coef_), "constants": plain(np.broadcast_to(model.intercept_, len(model.coef_)))})
write("logistic.json", {"x": plain((x - x.mean(axis=0)) / x.std(axis=0)), "two": two.tolist(), "three": three.tolist(), "weights": plain(w),
                        "fits": fits})

# Huber, from a stream of its own: the cases above stay what they were. HuberRegressor ends its L-BFGS where the sum falls by less than
# 2e-9 of itself, whatever `tol`; its own sum is taken down the rest of the way here.
rng = np.random.default_rng(2)
x = table(rng, 70, 3)
y = x @ [2.0, -1.0, 0.3] + 3 + rng.normal(size=70)
y[:6] += np.array([30, -25, 40, 15, 60, -35])
y = np.round(y, 4)
w = np.round(rng.uniform(0.2, 3, size=70), 3)
fits = []
for epsilon in [1.35, 1.1, 3.0]:
    for alpha in [0.0001, 5.0]:
        for weights, intercept in [(None, True), (w, True), (w, False)]:
            model = HuberRegressor(epsilon=epsilon, alpha=alpha, fit_intercept=intercept, tol=1e-12, max_iter=100_000)
            model.fit(x, y, sample_weight=weights)
            ended = at = np.array([*model.coef_, *([model.intercept_] if intercept else []), model.scale_])
            given = (x, y, epsilon, alpha, np.ones(70) if weights is None else weights)
            for method in ["BFGS", "L-BFGS-B"] * 20:
                still = {"gtol": 1e-13, "maxiter": 10_000} | ({"ftol": 0, "maxcor": 50} if method == "L-BFGS-B" else {})
                at = optimize.minimize(_huber_loss_and_gradient, at, given, method=method, jac=True, options=still).x
            value, gradient = _huber_loss_and_gradient(at, *given)
            before = _huber_loss_and_gradient(ended, *given)[0]
            assert np.abs(gradient).max() < 1e-6 and value <= before < value * (1 + 1e-5)
            fits.append({"epsilon": epsilon, "alpha": alpha, "weighted": weights is not None, "intercept": intercept,
                         "coefficients": plain(at[:3]), "constant": at[3] if intercept else 0.0, "scale": at[-1], "value": value})
write("huber.json", {"x": plain(x), "y": plain(y), "weights": plain(w), "fits": fits})

# Quantiles, by HiGHS; weighted or not, and in whole numbers, where the line is not the only one. A tenth of 71 rows is no row, so that
# an intercept alone is the only one too.
rng = np.random.default_rng(3)
x = table(rng, 71, 4)
y = np.round(x @ [2.0, -1.0, 0.3, 0.0] + 3 + rng.gamma(1.5, size=71) ** 2, 4)
w = np.round(rng.uniform(0.2, 3, size=71), 3)
coarse_x, coarse_y = rng.integers(0, 4, size=(71, 3)).astype(float), rng.integers(0, 6, size=71).astype(float)
fits = []
for coarse, a, b in [(False, x, y), (True, coarse_x, coarse_y)]:
    for quantile in [0.1, 0.5, 0.9]:
        for alpha in [0.0, 0.05, 1.0]:
            for weights, intercept in [(None, True), (w, True), (w, False)]:
                model = QuantileRegressor(quantile=quantile, alpha=alpha, fit_intercept=intercept, solver="highs").fit(a, b, weights)
                residuals = b - model.predict(a)
                losses = np.where(residuals < 0, (quantile - 1) * residuals, quantile * residuals)
                value = np.average(losses, weights=weights) + alpha * np.abs(model.coef_).sum()
                fits.append({"coarse": coarse, "quantile": quantile, "alpha": alpha, "weighted": weights is not None,
                             "intercept": intercept, "coefficients": plain(model.coef_), "constant": float(model.intercept_),
                             "value": value})
write("quantile.json", {"x": plain(x), "y": plain(y), "coarse_x": plain(coarse_x), "coarse_y": plain(coarse_y), "weights": plain(w),
                        "fits": fits})

# Offsets: a number of each row that is added to the line with the coefficient 1.
rng = np.random.default_rng(4)
x = table(rng, 60, 3)
z = (x - x.mean(axis=0)) / x.std(axis=0) @ [0.4, -0.3, 0.2]
offset = np.round(rng.normal(0.5, 1.0, size=60), 3)
w = np.round(rng.uniform(0.2, 3, size=60), 3)
exposure = np.round(rng.uniform(0.5, 20, size=60), 3)
trials = rng.integers(1, 40, size=60)
fits = []
for family, link, y, kind, options in [
    ("gaussian", "identity", np.round(z + offset + 0.3 * rng.normal(size=60), 4), families.Gaussian, {}),
    ("gaussian", "identity", np.round(z + offset + 0.3 * rng.normal(size=60), 4), families.Gaussian, {"freq_weights": w}),
    ("binomial", "logit", rng.binomial(trials, 1 / (1 + np.exp(-z - offset))) / trials, families.Binomial, {"freq_weights": trials}),
    ("binomial", "probit", rng.binomial(trials, 1 / (1 + np.exp(-z - offset))) / trials, families.Binomial, {"freq_weights": trials}),
    ("poisson", "log", rng.poisson(np.exp(z + offset)), families.Poisson, {"freq_weights": w}),
    ("poisson", "log", rng.poisson(exposure * np.exp(z + offset)), families.Poisson, {"exposure": exposure}),
    ("gamma", "log", np.round(rng.gamma(2.0, np.exp(z + offset) / 2), 5) + 0.001, families.Gamma, {}),
]:
    for constant in [True, False]:
        a = sm.add_constant(x) if constant else x
        fitted = sm.GLM(y, a, family=kind(link=named[link]()), offset=offset, **options).fit(tol=1e-13, maxiter=300,
                                                                                         tol_criterion="deviance")
        trial = family == "binomial"
        fits.append({"family": family, "link": link, "intercept": constant, "y": plain(y * trials if trial else y),
                     "weights": plain(w) if "freq_weights" in options and not trial else None,
                     "exposure": plain(trials) if trial else plain(exposure) if "exposure" in options else None,
                     "coefficients": plain(fitted.params),
                     "means": plain(fitted.predict(a[:5], offset=offset[:5]))})
write("offset.json", {"x": plain(x), "offset": plain(offset), "fits": fits})

# The penalty of a ridge by the errors of rows left out. scikit-learn's errors are times the weight of the row, and divided by the rows.
rng = np.random.default_rng(5)
x = table(rng, 40, 4)
y = np.round(x @ [2.0, -1.0, 0.3, 0.05] + 3 + 2 * rng.normal(size=40), 4)
both = np.column_stack([y, np.round(x[:, 0] * 5 + rng.normal(size=40), 4)])
w = np.round(rng.uniform(0.2, 3, size=40), 3)
wide = np.round(rng.normal(size=(12, 20)), 3)
alphas = [0.01, 0.1, 1.0, 10.0, 100.0, 1000.0]
fits = []
for name, a, b, weights, intercept in [
    ("plain", x, y, None, True), ("weighted", x, y, w, True), ("through zero", x, y, w, False), ("two targets", x, both, None, True),
    ("collinear", np.column_stack([x, x[:, 0] + x[:, 1]]), y, None, True), ("wide", wide, np.round(wide[:, 0] + wide[:, 1], 3), None, True),
]:
    model = RidgeCV(alphas=alphas, fit_intercept=intercept, store_cv_results=True).fit(a, b, sample_weight=weights)
    squares = model.cv_results_.reshape(len(a), -1, len(alphas))
    errors = squares.mean(axis=1).sum(axis=0) / (len(a) if weights is None else weights.sum())
    fits.append({"name": name, "x": plain(a), "y": plain(np.reshape(b, (len(a), -1))), "weights": None if weights is None else plain(w),
                 "intercept": intercept, "alpha": float(model.alpha_), "errors": plain(errors),
                 "coefficients": plain(np.atleast_2d(model.coef_)), "intercepts": plain(np.atleast_1d(model.intercept_) * np.ones(1))})
write("ridge_cv.json", {"alphas": alphas, "fits": fits})
