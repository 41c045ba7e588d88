"""scikit-learn + pandas against adflux: a table of ads to features.

195 000 rows with 2 numeric columns (with gaps), 5 categorical ones of 20 levels together and a title, to 2 + 20 + 50 = 72
features. Both sides read the same CSV first; what is timed is `fit_transform` of the table in memory (the best of several runs) and
the transformation of one row. The sums of all features are printed to show that both did the same work.

    python benches/peers/column_transformer.py [path of the built example]

Written for scikit-learn 1.7.2, pandas 3.0, numpy 2.4.6. Compare numbers of one run only.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ["cargo", "run", "--release", "--quiet", "-p", "adflux-preprocessing", "--example", "time_column_transformer", "--"]
ROWS, RUNS = 195_000, 5
CATEGORIES = {
    "platform": ["META", "GOOGLE", "TIKTOK", "LINKEDIN"],
    "format": ["image", "video", "carousel"],
    "country": ["ES", "US", "MX", "DE", "FR", "UK"],
    "contract": ["full-time", "part-time", "internship"],
    "shift": ["day", "night", "weekend", "flexible"],
}
LEVELS = ["senior", "junior", "lead", "", "", "head of"]
FIELDS = ["software", "java", "data", "sales", "warehouse", "logistics", "nursing", "retail", "finance", "marketing",
          "diseño", "logística", "atención", "almacén", "cocina"]
JOBS = ["developer", "engineer", "manager", "worker", "assistant", "analyst", "técnico", "consultant", "driver", "nurse"]
PLACES = ["Berlin", "Madrid", "Málaga", "Boston", "remote", "Paris", "CDMX", "Leeds", "Hamburg", "Sevilla"]
EXTRAS = ["(m/f/d)", "immediate start", "good pay", "no experience needed", "", "", "40h/week", "ref. 2041"]


def write(path):
    rng = np.random.default_rng(7)
    gaps = lambda x, share: np.where(rng.random(ROWS) < share, np.nan, x)
    pick = lambda words: rng.choice(np.array(words), ROWS)
    table = {"budget": gaps(rng.lognormal(5, 1, ROWS).round(2), 0.05), "duration": gaps(rng.integers(1, 91, ROWS), 0.02)}
    table |= {name: pick(levels) for name, levels in CATEGORIES.items()}
    parts = [pick(words) for words in (LEVELS, FIELDS, JOBS, PLACES, EXTRAS)]
    table["title"] = [" ".join(w for w in words if w) for words in zip(*parts)]
    pd.DataFrame(table).to_csv(path, index=False)


def best(work, runs=RUNS):
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


def scikit_learn(path):
    table = pd.read_csv(path)
    numeric = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    transformer = ColumnTransformer([
        ("numeric", numeric, ["budget", "duration"]),
        ("categorical", OneHotEncoder(handle_unknown="ignore"), list(CATEGORIES)),
        ("title", TfidfVectorizer(max_features=50), "title"),
    ])
    fit, x = best(lambda: transformer.fit_transform(table))
    one, _ = best(lambda: transformer.transform(table.iloc[:1]), 50)
    return {
        "peer": "scikit-learn",
        "rows": len(table),
        "features": x.shape[1],
        "sum": float(x.sum()),
        "fit_transform_s": round(fit, 4),
        "one_row_us": round(one * 1e6, 1),
    }


with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "ads.csv"
    write(path)
    theirs = scikit_learn(path)
    print(json.dumps(theirs))
    command = [sys.argv[1]] if len(sys.argv) > 1 else EXAMPLE
    lines = subprocess.run([*command, path], cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    for ours in map(json.loads, lines):
        assert ours["features"] == theirs["features"] and abs(ours["sum"] / theirs["sum"] - 1) < 1e-9
        print(json.dumps(ours))
        ratio = theirs["fit_transform_s"] / ours["fit_transform_s"]
        print(f"  fit_transform with {ours['threads']} thread(s): {ratio:.1f} times as fast as scikit-learn")
