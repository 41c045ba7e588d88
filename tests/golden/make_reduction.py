"""Writes tests/golden/reduction/*.json: reduction and selection as scikit-learn computes them.

Made with scikit-learn 1.7.2, numpy 2.4.6, scipy 1.17.1. Run: python tests/golden/make_reduction.py
"""

import json
import math
import pathlib
import warnings

import numpy as np
from scipy import sparse
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_selection import (
    SelectKBest,
    SelectPercentile,
    VarianceThreshold,
    chi2,
    f_classif,
    f_regression,
)

OUT = pathlib.Path(__file__).parent / "reduction"
OUT.mkdir(exist_ok=True)


def plain(x):
    """Nested lists with null for NaN and infinity."""
    if sparse.issparse(x):
        x = x.toarray()
    if isinstance(x, (list, tuple, np.ndarray)):
        return [plain(v) for v in x]
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, np.generic):
        x = x.item()
    return None if isinstance(x, float) and not math.isfinite(x) else x


def write(name, data):
    (OUT / f"{name}.json").write_text(json.dumps(plain(data), separators=(",", ":")) + "\n")


def pca():
    rng = np.random.default_rng(1)
    tall = rng.normal(size=(40, 5)) * [5.0, 3.0, 2.0, 1.0, 0.5] + [1.0, -2.0, 0.0, 10.0, 3.0]
    tall[:, 1] += 0.7 * tall[:, 0]
    # Ties in the values, a constant column, a column twice another.
    tied = np.round(tall[:25])
    tied[:, 3] = 7.0
    tied[:, 4] = 2.0 * tied[:, 0]
    wide = rng.normal(size=(6, 9)) * np.linspace(4.0, 1.0, 9)
    offset = tall + 1e6
    # Singular values over seven orders of magnitude, which a covariance matrix holds to few digits.
    steep = rng.normal(size=(30, 4)) * [1e4, 1.0, 1e-1, 1e-3]
    cases = []
    for name, x, components, solver, whiten, compared in [
        ("tall", tall, None, "full", False, 5),
        ("tall", tall, None, "covariance_eigh", False, 5),
        ("tall", tall, 3, "auto", True, 3),
        ("tall", tall, 0.9, "full", False, None),
        ("tall", tall, 0.99, "covariance_eigh", True, None),
        ("tied", tied, 3, "full", False, 3),
        ("tied", tied, 3, "covariance_eigh", False, 3),
        ("wide", wide, None, "full", False, 5),
        ("wide", wide, 4, "auto", True, 4),
        ("wide", wide, 4, "covariance_eigh", False, 4),
        ("offset", offset, 4, "full", False, 4),
        ("steep", steep, None, "full", True, 4),
    ]:
        fitted = PCA(components, svd_solver=solver, whiten=whiten).fit(x)
        # Components without variance may be any direction: only the others are compared.
        compared = fitted.n_components_ if compared is None else compared
        unseen = x[:3] * 1.5 - 1.0
        cases.append({
            "name": name,
            "x": x,
            "n_components": components,
            "svd_solver": solver,
            "whiten": whiten,
            "fitted_components": fitted.n_components_,
            "compared": compared,
            "mean": fitted.mean_,
            "components": fitted.components_[:compared],
            "explained_variance": fitted.explained_variance_[:compared],
            "explained_variance_ratio": fitted.explained_variance_ratio_[:compared],
            "singular_values": fitted.singular_values_[:compared],
            "noise_variance": fitted.noise_variance_,
            "train": fitted.transform(x)[:, :compared],
            "unseen": unseen,
            "transformed": fitted.transform(unseen)[:, :compared],
            "back": fitted.inverse_transform(fitted.transform(unseen)),
        })
    write("pca", cases)

    # Falling singular values, so that random projections of any generator find the first ones.
    u, _ = np.linalg.qr(rng.normal(size=(60, 30)))
    v, _ = np.linalg.qr(rng.normal(size=(30, 30)))
    x = np.round((u * (10.0 * 0.5 ** np.arange(30))) @ v.T, 9)
    fitted = PCA(4, svd_solver="randomized", random_state=0, whiten=True).fit(x)
    write("pca_randomized", {
        "x": x,
        "components": fitted.components_,
        "explained_variance": fitted.explained_variance_,
        "explained_variance_ratio": fitted.explained_variance_ratio_,
        "noise_variance": fitted.noise_variance_,
        "train": fitted.transform(x)[:10],
    })


def truncated_svd():
    rng = np.random.default_rng(2)
    # Counts of words in texts of three topics, most of them zero.
    topics = rng.dirichlet(np.full(25, 0.15), 3)
    counts = np.stack([rng.multinomial(12, topics[i % 3]) for i in range(40)]).astype(float)
    counts[:, 24] = 0.0
    cases = []
    for name, x in [("tall", counts), ("wide", counts[:15])]:
        for algorithm in ("arpack", "randomized"):
            fitted = TruncatedSVD(3, algorithm=algorithm, random_state=0, n_iter=10).fit(sparse.csr_matrix(x))
            cases.append({
                "name": name,
                "algorithm": algorithm,
                "x": x,
                "components": fitted.components_,
                "singular_values": fitted.singular_values_,
                "explained_variance": fitted.explained_variance_,
                "explained_variance_ratio": fitted.explained_variance_ratio_,
                "transformed": fitted.transform(x[:10]),
            })
    write("truncated_svd", cases)


def selection():
    rng = np.random.default_rng(3)
    x = np.round(rng.gamma(2.0, 2.0, size=(60, 8)), 2)
    classes = rng.integers(0, 3, 60)
    target = x[:, 0] - 0.5 * x[:, 5] + rng.normal(size=60)
    x[:, 2] += classes
    x[:, 3] = 4.0
    x[:, 4] = (rng.random(60) < 0.2) * x[:, 4]
    x[:, 6] = x[:, 1]
    x[:, 7] = np.round(2.0 * (target - target.min()) + rng.random(60) * 0.1, 3)
    target = target.round(3)
    cases = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for score, name, y in [(f_classif, "f_classif", classes), (f_regression, "f_regression", target), (chi2, "chi2", classes)]:
            for form in ("dense", "sparse"):
                given = sparse.csr_matrix(x) if form == "sparse" else x
                fitted = SelectKBest(score, k=3).fit(given, y)
                scores = np.where(x.std(axis=0) == 0.0, np.nan, fitted.scores_) if name == "f_classif" else fitted.scores_
                cases.append({
                    "score_func": name,
                    "sparse": form == "sparse",
                    "scores": scores,
                    "p_values": np.where(np.isnan(scores), np.nan, fitted.pvalues_),
                    "best": {
                        str(k): SelectKBest(score, k=k).fit(given, y).get_support(indices=True) for k in (1, 3, 5, 7)
                    },
                    "share": {
                        str(p): SelectPercentile(score, percentile=p).fit(given, y).get_support(indices=True)
                        for p in (10, 25, 50, 60, 90)
                    },
                })
    write("select_k_best", {"x": x, "classes": [f"c{c}" for c in classes], "target": target, "cases": cases})

    gaps = x.copy()
    gaps[::7, 0] = np.nan
    gaps[:, 5] = 0.1
    variances = []
    for threshold in (0.0, 2.0, 7.5):
        for form, table in [("dense", gaps), ("sparse", np.nan_to_num(gaps))]:
            given = sparse.csr_matrix(table) if form == "sparse" else table
            fitted = VarianceThreshold(threshold).fit(given)
            variances.append({
                "threshold": threshold,
                "sparse": form == "sparse",
                "variances": fitted.variances_,
                "kept": fitted.get_support(indices=True),
            })
    write("variance_threshold", {"x": gaps, "cases": variances})


pca()
truncated_svd()
selection()
