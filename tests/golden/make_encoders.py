"""Writes tests/golden/encoders/*.json: categories as scikit-learn and category_encoders encode them.

Made with scikit-learn 1.7.2, category_encoders 2.11.2, numpy 2.4.6, pandas 3.1.1. Run: python tests/golden/make_encoders.py
"""

import json
import math
import pathlib

import numpy as np
import pandas as pd
from category_encoders import CountEncoder
from scipy import sparse
from sklearn.feature_extraction import FeatureHasher
from sklearn.preprocessing import MultiLabelBinarizer, OneHotEncoder, OrdinalEncoder, TargetEncoder

OUT = pathlib.Path(__file__).parent / "encoders"
OUT.mkdir(exist_ok=True)


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


# Many levels with ties in their counts, one with gaps, one of two levels.
CITY = list("aabbbcdddeffffgghh") + ["ñ", "ñ"]
SHIFT = ["day", None, "night", "day", "day", None, "late", "day", "night", "day"] * 2
REMOTE = (["yes"] * 7 + ["no"] * 3) * 2
TRAIN = [CITY, SHIFT, REMOTE]
UNSEEN = [["a", "z", "f", None], [None, "night", "dawn", "late"], ["no", "yes", None, "perhaps"]]
NAMES = ["city", "shift", "remote"]


def table(columns):
    return np.array(columns, dtype=object).T


def with_nan(columns):
    """What OrdinalEncoder takes for missing: NaN among strings is not sorted, None is."""
    return table(columns)


def one_hot():
    variants = [
        {"min_frequency": 3},
        {"min_frequency": 0.2},
        {"max_categories": 4},
        {"max_categories": 1},
        {"max_categories": 3, "min_frequency": 2},
        {"max_categories": 4, "drop": "first"},
        {"max_categories": 2, "drop": "if_binary"},
        {"min_frequency": 20},
    ]
    cases = []
    for params in variants:
        for unknown in ("ignore", "infrequent_if_exist"):
            fitted = OneHotEncoder(handle_unknown=unknown, **params).fit(table(TRAIN))
            names = fitted.get_feature_names_out(NAMES)
            names = [n.replace("_infrequent_sklearn", "_infrequent").replace("_None", "_missing").replace("_", "=", 1) for n in names]
            cases.append({
                "params": {**params, "handle_unknown": unknown},
                "names": names,
                "train": fitted.transform(table(TRAIN)),
                "unseen": fitted.transform(table(UNSEEN)),
            })
    write("one_hot", {"train": TRAIN, "unseen": UNSEEN, "cases": cases})


def ordinal():
    nan = float("nan")
    gaps = lambda columns: pd.DataFrame({n: pd.Series(c, dtype=object) for n, c in zip(NAMES, columns)}).where(lambda d: d.notna(), nan)
    variants = [
        {},
        {"encoded_missing_value": -1},
        {"min_frequency": 3},
        {"max_categories": 3, "encoded_missing_value": -2},
        {"max_categories": 1},
        {"min_frequency": 0.25, "max_categories": 2},
    ]
    cases = []
    for params in variants:
        fitted = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-9, **params).fit(gaps(TRAIN))
        cases.append({
            "params": {**params, "handle_unknown": "use_encoded_value", "unknown_value": -9},
            "train": fitted.transform(gaps(TRAIN)),
            "unseen": fitted.transform(gaps(UNSEEN)),
        })
    write("ordinal", {"train": TRAIN, "unseen": UNSEEN, "cases": cases})


def frequency():
    frame = lambda columns: pd.DataFrame({n: pd.Series(c, dtype=object) for n, c in zip(NAMES, columns)})
    variants = [
        {},
        {"normalize": True},
        {"handle_unknown": "return_nan"},
        {"handle_missing": "return_nan", "handle_unknown": "return_nan"},
    ]
    cases = []
    for params in variants:
        fitted = CountEncoder(cols=NAMES, **params).fit(frame(TRAIN))
        cases.append({
            "params": params,
            "train": fitted.transform(frame(TRAIN)).astype(float).to_numpy(),
            "unseen": fitted.transform(frame(UNSEEN)).astype(float).to_numpy(),
        })
    write("frequency", {"train": TRAIN, "unseen": UNSEEN, "cases": cases})


def hashing():
    # FeatureHasher knows no missing values: the key is left out.
    rows = lambda columns: [{n: v for n, v in zip(NAMES, row) if v is not None} for row in zip(*columns)]
    cases = []
    for n_features in (4, 16, 1000):
        for alternate_sign in (True, False):
            hasher = FeatureHasher(n_features=n_features, alternate_sign=alternate_sign)
            found = hasher.transform(rows(UNSEEN)).tocoo()
            entries = sorted(zip(found.row.tolist(), found.col.tolist(), found.data.tolist()))
            cases.append({"params": {"n_features": n_features, "alternate_sign": alternate_sign}, "entries": entries})
    write("hashing", {"unseen": UNSEEN, "cases": cases})


def target():
    rng = np.random.default_rng(4)
    numbers = np.round(rng.normal(3, 2, len(CITY)), 3)
    targets = {
        "numbers": numbers,
        "two": [["no", "yes"][int(v > 3)] for v in numbers],
        "three": [["low", "mid", "top"][int(v > 2) + int(v > 4)] for v in numbers],
    }
    cases = []
    for name, y in targets.items():
        for smooth in ("auto", 0.0, 7.5):
            encoder = TargetEncoder(smooth=smooth, cv=3, shuffle=False)
            crossed = encoder.fit_transform(table(TRAIN), y)
            cases.append({
                "target": name,
                "smooth": smooth,
                "mean": np.atleast_1d(encoder.target_mean_),
                "crossed": crossed,
                "train": encoder.transform(table(TRAIN)),
                "unseen": encoder.transform(table(UNSEEN)),
            })
    constant = TargetEncoder(cv=3, shuffle=False, target_type="continuous").fit_transform(table(TRAIN), np.full(len(CITY), 2.5))
    write("target", {"train": TRAIN, "unseen": UNSEEN, "targets": targets, "cases": cases, "constant": constant})


def multi_label():
    lists = ["java; sql ;java", "", "sql", "machine learning;java", ";;", "SQL; go"]
    unseen = ["go;rust", "sql", ""]
    cut = lambda texts: [[label.strip() for label in text.split(";") if label.strip()] for text in texts]
    fitted = MultiLabelBinarizer().fit(cut(lists))
    known = [[label for label in labels if label in fitted.classes_] for labels in cut(unseen)]
    write("multi_label", {
        "train": lists,
        "unseen": unseen,
        "labels": fitted.classes_,
        "x": fitted.transform(cut(lists)),
        "new": fitted.transform(known),
    })


for make in (one_hot, ordinal, frequency, hashing, target, multi_label):
    make()
