"""Writes tests/golden/preprocessing/*.json: the steps as scikit-learn computes them.

Made with scikit-learn 1.7.2, numpy 2.4.6, scipy 1.17.1, pandas 3.0. Run: python tests/golden/make_preprocessing.py
"""

import json
import math
import pathlib

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

OUT = pathlib.Path(__file__).parent / "preprocessing"
OUT.mkdir(exist_ok=True)
NAN = float("nan")


def plain(x):
    """Nested lists with null for NaN."""
    if sparse.issparse(x):
        x = x.toarray()
    if isinstance(x, (list, tuple, np.ndarray)):
        return [plain(v) for v in x]
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, np.generic):
        x = x.item()
    return None if isinstance(x, float) and math.isnan(x) else x


def write(name, data):
    (OUT / f"{name}.json").write_text(json.dumps(plain(data), ensure_ascii=False, separators=(",", ":")) + "\n")


# Columns: ordinary, with ties, large offset, constant.
NUMBERS = np.array([
    [1.5, 2.0, 1e9 + 0.25, 7.0],
    [NAN, 3.0, 1e9 + 0.5, 7.0],
    [-4.25, NAN, 1e9 - 3.0, NAN],
    [0.1, 3.0, NAN, 7.0],
    [1e3, 2.0, 1e9 + 11.0, 7.0],
    [NAN, 5.0, 1e9 + 0.25, 7.0],
    [0.3, NAN, 1e9 + 2.0, 7.0],
])
UNSEEN = np.array([[NAN, NAN, NAN, NAN], [2.0, -1.0, 1e9, 8.0], [0.0, 0.0, 0.0, 0.0]])
LEVELS = [["Berlin", None, "Málaga", "Berlin", None, "Málaga", "Ávila"], ["b", "a", "b", "a", "a", "b", "c"]]


def imputer():
    cases = []
    for strategy in ("mean", "median", "most_frequent", "constant"):
        for add_indicator in (False, True):
            fill = -1.5 if strategy == "constant" else None
            fitted = SimpleImputer(strategy=strategy, fill_value=fill, add_indicator=add_indicator).fit(NUMBERS)
            names = fitted.get_feature_names_out(["a", "b", "c", "d"])
            cases.append({
                "strategy": strategy,
                "add_indicator": add_indicator,
                "statistics": fitted.statistics_,
                "names": names,
                "train": fitted.transform(NUMBERS),
                "unseen": fitted.transform(UNSEEN),
            })
    levels = []
    for strategy in ("most_frequent", "constant"):
        for column in LEVELS:
            column = np.array([[v] for v in column], dtype=object)
            fitted = SimpleImputer(strategy=strategy, missing_values=None).fit(column)
            levels.append({"strategy": strategy, "x": column[:, 0], "filled": fitted.transform(column)[:, 0]})
    write("imputer", {"x": NUMBERS, "unseen": UNSEEN, "cases": cases, "levels": levels})


def scaler():
    weights = [1.0, 2.0, 0.5, 0.0, 3.0, 1.0, 0.25]
    cases = []
    for with_mean in (True, False):
        for with_std in (True, False):
            for weight in (None, weights):
                fitted = StandardScaler(with_mean=with_mean, with_std=with_std).fit(NUMBERS, sample_weight=weight)
                cases.append({
                    "with_mean": with_mean,
                    "with_std": with_std,
                    "weights": weight,
                    "mean": fitted.mean_ if with_mean else [0.0] * 4,
                    "scale": fitted.scale_ if with_std else [1.0] * 4,
                    "train": fitted.transform(NUMBERS),
                    "unseen": fitted.transform(UNSEEN),
                })
    write("scaler", {"x": NUMBERS, "unseen": UNSEEN, "cases": cases})


def one_hot():
    train = [["META", "GOOGLE", None, "META", "TIKTOK"], ["yes", "no", "yes", "yes", "no"], ["x", None, "x", None, "x"], ["ß", "Z", "a", "ñ", "A"]]
    unseen = [["LINKEDIN", "META", None], ["yes", None, "maybe"], [None, "x", "y"], ["a", "b", None]]
    table = np.array(train, dtype=object).T
    new = np.array(unseen, dtype=object).T
    cases = []
    for drop in (None, "first", "if_binary"):
        fitted = OneHotEncoder(drop=drop, handle_unknown="ignore").fit(table)
        names = [n.replace("_None", "_missing") for n in fitted.get_feature_names_out(["p", "q", "r", "s"])]
        cases.append({
            "drop": drop or "none",
            "names": [n.replace("_", "=", 1) for n in names],
            "train": fitted.transform(table),
            "unseen": fitted.transform(new),
        })
    write("one_hot", {"columns": train, "unseen": unseen, "cases": cases})


ENGLISH = [
    "Senior software developer for ad tech, remote first",
    "Software developer (m/f/d): Java, Kotlin and a lot of coffee",
    "Sales manager. Sell software, sell more software!",
    "Warehouse worker - night shift, good pay",
    "",
    "Nurse for night shift in Boston; the pay is good, the team is better",
    "a - b",
    "Java Java Java developer",
]
SPANISH = [
    "Desarrollador de software sénior, teletrabajo",
    "Técnico de logística en Málaga: incorporación inmediata",
    "Comercial de software. ¡Vende más, gana más!",
    "Enfermera para turno de noche en Córdoba",
    "",
    "Mozo de almacén, turno de noche, buen sueldo",
    "Diseñador gráfico o diseñadora gráfica (ﬁjo) 🚀",
    "LOGISTICA logística Logística",
]
NEW = ["night developer in Málaga málaga MALAGA", "", "zzz", "software software técnico 24x7 turno"]


def tfidf():
    variants = [
        {},
        {"strip_accents": "unicode"},
        {"ngram_range": (1, 2), "min_df": 2},
        {"ngram_range": (2, 3), "sublinear_tf": True},
        {"max_df": 0.3, "norm": "l1"},
        {"max_df": 2, "norm": None, "smooth_idf": False},
        {"min_df": 0.25, "use_idf": False},
        {"binary": True, "lowercase": False},
        # No tie at the cut: scikit-learn leaves the choice among equally frequent terms to an unstable sort.
        {"max_features": 2, "sublinear_tf": True, "strip_accents": "unicode"},
    ]
    cases = []
    for language, texts in (("english", ENGLISH), ("spanish", SPANISH)):
        for params in variants:
            fitted = TfidfVectorizer(**params).fit(texts)
            written = {k: v for k, v in params.items() if k not in ("strip_accents", "norm")}
            if "strip_accents" in params:
                written["strip_accents"] = True
            if "norm" in params:
                written["norm"] = params["norm"] or "none"
            cases.append({
                "language": language,
                "params": written,
                "terms": fitted.get_feature_names_out(),
                "idf": fitted.idf_ if params.get("use_idf", True) else [1.0] * len(fitted.vocabulary_),
                "train": fitted.transform(texts),
                "unseen": fitted.transform(NEW),
            })
    write("tfidf", {"english": ENGLISH, "spanish": SPANISH, "unseen": NEW, "cases": cases})


def column_transformer():
    table = pd.DataFrame({
        "budget": [100.0, NAN, 250.5, 80.0, 1200.0, 95.5, 300.0, NAN],
        "duration": [7.0, 14.0, 30.0, NAN, 7.0, 21.0, 14.0, 28.0],
        "platform": ["META", "GOOGLE", None, "META", "TIKTOK", "GOOGLE", "META", None],
        "city": ["Berlin", "Málaga", "Málaga", "Berlin", "Berlin", "Ávila", "Málaga", "Berlin"],
        "title": ENGLISH,
    }).astype({"platform": object, "city": object, "title": object})
    new = pd.DataFrame({
        "budget": [NAN, 10.0],
        "duration": [3.0, NAN],
        "platform": ["LINKEDIN", None],
        "city": ["Berlin", "Paris"],
        "title": ["Night shift developer", ""],
    }).astype({"platform": object, "city": object, "title": object})
    fitted = ColumnTransformer([
        ("numeric", make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), ["budget", "duration"]),
        ("categorical", OneHotEncoder(handle_unknown="ignore"), ["platform", "city"]),
        ("title", TfidfVectorizer(min_df=2), "title"),
    ], sparse_threshold=0).fit(table)
    names = []
    for branch, name in (n.split("__", 1) for n in fitted.get_feature_names_out()):
        if branch == "categorical":
            name = name.replace("_", "=", 1).replace("=nan", "=missing")
        names.append(f"title:{name}" if branch == "title" else name)
    columns = {c: [None if pd.isna(v) else v for v in table[c]] for c in table}
    unseen = {c: [None if pd.isna(v) else v for v in new[c]] for c in new}
    write("column_transformer", {"columns": columns, "unseen": unseen, "names": names, "train": fitted.transform(table), "new": fitted.transform(new)})


imputer()
scaler()
one_hot()
tfidf()
column_transformer()
