"""The cases of benches/preprocessing.rs in scikit-learn: the same tables, the best of three runs, and the sum of what comes out.

    python benches/peers/preprocessing.py

Written for scikit-learn 1.7.2, numpy 2.4.6. Compare numbers taken on one machine, one after the other. Sums of the quantile
transformer and of the target encoder differ in the rows and folds that each side draws.
"""

import time
import warnings

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    TargetEncoder,
)

ROWS, COLUMNS, TEXTS, RUNS = 1_000_000, 10, 200_000, 3
warnings.simplefilter("ignore")


def share(place):
    return np.modf((place + 1) * 0.6180339887498949)[0]


def amounts():
    return (-100.0 * np.log(1.0 - share(np.arange(ROWS * COLUMNS)))).reshape(ROWS, COLUMNS)


def categories(levels):
    codes = [(share(np.arange(ROWS) * COLUMNS + column) * n).astype(int) for column, n in enumerate(levels)]
    return np.column_stack([np.array([f"level {i:05}" for i in range(n)])[c] for c, n in zip(codes, levels)]).astype(object)


def texts():
    words = np.array([f"word{rank:05}" for rank in range(20_001)])
    ranks = (20_000.0 ** share(np.arange(TEXTS * 12))).astype(int).reshape(TEXTS, 12)
    return [" ".join(words[of_row[: 4 + row % 9]]) for row, of_row in enumerate(ranks)]


def best(recipe, x, y=None):
    seconds = []
    for _ in range(RUNS):
        copy = x.copy()
        start = time.perf_counter()
        z = recipe.fit_transform(copy) if y is None else recipe.fit_transform(copy, y)
        seconds.append(time.perf_counter() - start)
    return min(seconds), z.sum()


print("scalers, 1,000,000 x 10")
x = amounts()
for name, recipe in {
    "min-max-scaler": MinMaxScaler(),
    "robust-scaler": RobustScaler(),
    "quantile-transformer": QuantileTransformer(random_state=0),
    "power-transformer": PowerTransformer(),
    "k-bins-discretizer": KBinsDiscretizer(encode="onehot-dense", random_state=0),
}.items():
    seconds, total = best(recipe, x)
    print(f"  {name}: {seconds:.3f} s, sum {total:.6e}", flush=True)

print("encoders, 1,000,000 rows")
seconds, total = best(OneHotEncoder(), categories([3, 4, 6, 12, 20]))
print(f"  one-hot-encoder: {seconds:.3f} s, sum {total:.6e}", flush=True)
seconds, total = best(TargetEncoder(random_state=0), categories([5_000]), share(np.arange(ROWS) * COLUMNS))
print(f"  target-encoder: {seconds:.3f} s, sum {total:.6e}", flush=True)

print("texts, 200,000")
seconds, total = best(TfidfVectorizer(), texts())
print(f"  tfidf-vectorizer: {seconds:.3f} s, sum {total:.6e}")
