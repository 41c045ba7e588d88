"""Writes tests/golden/text_vectors/*.json: texts as scikit-learn's vectorizers count and hash them.

Made with scikit-learn 1.7.2, numpy 2.4.6, scipy 1.17.1. Run: python tests/golden/make_text_vectors.py
"""

import json
import pathlib

from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer

OUT = pathlib.Path(__file__).parent / "text_vectors"
OUT.mkdir(exist_ok=True)

TEXTS = [
    "Senior software developer, remote; software engineers welcome",
    "Técnico de logística en Málaga: ¡incorporación inmediata!",
    "SALES manager   (m/f/d)\tSales\n\nteam",
    "",
    "Enfermera turno de noche, Córdoba",
    "java Java JAVA developer a b",
]
UNSEEN = ["Java developer en Málaga malaga", "", "zzz \u2028 qq", "noche noche sales"]


def entries(x):
    x = x.tocoo()
    return sorted([int(r), int(c), float(v)] for r, c, v in zip(x.row, x.col, x.data))


def names(params):
    """The same parameters as adflux calls them."""
    params = dict(params)
    if "strip_accents" in params:
        params["strip_accents"] = True
    if params.get("norm", "") is None:
        params["norm"] = "none"
    return params


def case(kind, params):
    fitted = kind(**params).fit(TEXTS)
    out = {"params": names(params), "train": entries(fitted.transform(TEXTS)), "unseen": entries(fitted.transform(UNSEEN))}
    if hasattr(fitted, "vocabulary_"):
        out["terms"] = fitted.get_feature_names_out().tolist()
    return out


def write(name, kind, variants):
    data = {"texts": TEXTS, "unseen": UNSEEN, "cases": [case(kind, params) for params in variants]}
    (OUT / f"{name}.json").write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n")


write("count", CountVectorizer, [
    {},
    {"binary": True, "ngram_range": (1, 2)},
    {"strip_accents": "unicode", "min_df": 2},
    # No tie at the cut: scikit-learn leaves the choice among equally frequent terms to an unstable sort.
    {"max_features": 2, "lowercase": False},
    {"max_df": 1},
    {"analyzer": "char", "ngram_range": (2, 3), "min_df": 2},
    {"analyzer": "char_wb", "ngram_range": (3, 5), "min_df": 2, "strip_accents": "unicode"},
])
write("tfidf_characters", TfidfVectorizer, [
    {"analyzer": "char_wb", "ngram_range": (2, 3), "min_df": 2, "sublinear_tf": True},
    {"analyzer": "char", "ngram_range": (1, 1), "norm": "l1"},
])
write("hashing", HashingVectorizer, [
    {"n_features": 1048576},
    {"n_features": 16},
    {"n_features": 7, "alternate_sign": False},
    {"n_features": 5, "binary": True, "norm": None},
    {"n_features": 64, "norm": "l1", "ngram_range": (1, 2), "strip_accents": "unicode"},
    {"n_features": 32, "analyzer": "char_wb", "ngram_range": (3, 3), "lowercase": False},
])
