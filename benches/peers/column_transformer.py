"""scikit-learn + pandas against adflux: tables of ads to features.

Two cases. `columns`: 195 000 rows with 2 numeric columns (with gaps), 5 categorical ones of 20 levels together and a title, to 2 + 20 +
50 = 72 features. `texts`: TF-IDF of 200 000 short texts of 20 000 different words.

Both sides read the same CSV first; what is timed is `fit_transform` of the table in memory (the best of several runs) and
the transformation of one row. Peak memory is what the first `fit_transform` adds to what was resident before it, at most. The
sums of all features are compared to show that both did the same work.

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
ROWS, TEXTS, WORDS, RUNS = 195_000, 200_000, 20_000, 5
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


def write_columns(path):
    rng = np.random.default_rng(7)
    gaps = lambda x, share: np.where(rng.random(ROWS) < share, np.nan, x)
    pick = lambda words: rng.choice(np.array(words), ROWS)
    table = {"budget": gaps(rng.lognormal(5, 1, ROWS).round(2), 0.05), "duration": gaps(rng.integers(1, 91, ROWS), 0.02)}
    table |= {name: pick(levels) for name, levels in CATEGORIES.items()}
    parts = [pick(words) for words in (LEVELS, FIELDS, JOBS, PLACES, EXTRAS)]
    table["title"] = [" ".join(w for w in words if w) for words in zip(*parts)]
    pd.DataFrame(table).to_csv(path, index=False)


def write_texts(path):
    """Words as frequent as in a language (Zipf), each at least once; 4 to 12 a text."""
    rng = np.random.default_rng(7)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyzáéíñó"))
    words = set()
    while len(words) < WORDS:
        words.add("".join(rng.choice(letters, rng.integers(3, 12))))
    words = np.array(sorted(words))
    lengths = rng.integers(4, 13, TEXTS)
    shares = 1 / np.arange(1, WORDS + 1)
    drawn = rng.choice(words, lengths.sum(), p=shares / shares.sum())
    drawn[rng.permutation(len(drawn))[:WORDS]] = words
    ends = np.cumsum(lengths)
    pd.DataFrame({"title": [" ".join(drawn[e - n : e]) for e, n in zip(ends, lengths)]}).to_csv(path, index=False)


def memory(line):
    """A line of /proc/self/status, in bytes."""
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split(f"{line}:")[1].split()[0]) * 1024


def peak_of(work):
    """What `work` adds to the resident memory at most. Linux only."""
    before = memory("VmRSS")
    pathlib.Path("/proc/self/clear_refs").write_text("5")
    work()
    return memory("VmHWM") - before


def best(work, runs=RUNS):
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


def transformer(case):
    if case == "texts":
        return ColumnTransformer([("title", TfidfVectorizer(), "title")])
    numeric = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    return ColumnTransformer([
        ("numeric", numeric, ["budget", "duration"]),
        ("categorical", OneHotEncoder(handle_unknown="ignore"), list(CATEGORIES)),
        ("title", TfidfVectorizer(max_features=50), "title"),
    ])


def scikit_learn(case, path):
    table = pd.read_csv(path)
    steps = transformer(case)
    peak = peak_of(lambda: steps.fit_transform(table))
    fit, x = best(lambda: steps.fit_transform(table))
    one, _ = best(lambda: steps.transform(table.iloc[:1]), 50)
    size = x.nbytes if isinstance(x, np.ndarray) else x.data.nbytes + x.indices.nbytes + x.indptr.nbytes
    return {
        "peer": "scikit-learn",
        "rows": len(table),
        "features": x.shape[1],
        "sum": float(x.sum()),
        "fit_transform_s": round(fit, 4),
        "one_row_us": round(one * 1e6, 1),
        "output_mb": round(size / 1e6, 1),
        "peak_mb": round(peak / 1e6, 1),
    }


def printed(command):
    lines = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return [json.loads(line) for line in lines]


def compare(case, path, example):
    # In a process of its own, so that the memory of one case is not that of the other.
    theirs, = printed([sys.executable, __file__, "--scikit-learn", case, path])
    print(json.dumps(theirs))
    for ours in printed([*example, case, path]):
        assert ours["features"] == theirs["features"] and abs(ours["sum"] / theirs["sum"] - 1) < 1e-9
        print(json.dumps(ours))
        ratio = theirs["fit_transform_s"] / ours["fit_transform_s"]
        print(
            f"  {case}, {ours['threads']} thread(s): {ours['fit_transform_s']} s against {theirs['fit_transform_s']} s, "
            f"{ratio:.1f} times as fast; peak {ours['peak_mb']} MB for {ours['output_mb']} MB of features, against {theirs['peak_mb']} MB"
        )


if sys.argv[1:2] == ["--scikit-learn"]:
    print(json.dumps(scikit_learn(*sys.argv[2:4])))
else:
    with tempfile.TemporaryDirectory() as folder:
        for case, write in {"columns": write_columns, "texts": write_texts}.items():
            path = str(pathlib.Path(folder) / f"{case}.csv")
            write(path)
            compare(case, path, [sys.argv[1]] if len(sys.argv) > 1 else EXAMPLE)
