"""The cases of benches/preprocessing.rs in scikit-learn: the same tables, the best of three runs, and the sum of what comes out.

    python benches/peers/preprocessing.py

Written for scikit-learn 1.7.2, numpy 2.4.6. Compare numbers taken on one machine, one after the other. Sums of the quantile
transformer differ in the rows that each side draws.
"""

import time
import warnings

import numpy as np
from sklearn.preprocessing import KBinsDiscretizer, MinMaxScaler, PowerTransformer, QuantileTransformer, RobustScaler

ROWS, COLUMNS, RUNS = 1_000_000, 10, 3
warnings.simplefilter("ignore")


def amounts():
    share = np.modf(np.arange(1, ROWS * COLUMNS + 1) * 0.6180339887498949)[0]
    return (-100.0 * np.log(1.0 - share)).reshape(ROWS, COLUMNS)


def best(recipe, x):
    seconds = []
    for _ in range(RUNS):
        copy = x.copy()
        start = time.perf_counter()
        z = recipe.fit_transform(copy)
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
