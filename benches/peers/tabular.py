"""Trees on real tables: adflux's and its peers', fitted on the same splits and judged by the same measures.

    python benches/peers/tabular.py [--model forest|boosting] [--splits 10] [--jobs 2]

Needs scikit-learn 1.7.2, LightGBM 4.7.0 and pandas, and cargo for the example `tabular_splits`. Tables: those in `data/`, those
that scikit-learn brings along (breast cancer, diabetes, wine, digits), and `facebook_ads.csv` from the folder named by
ADFLUX_SHARED_DATA, which is skipped when absent. Of more than two classes the last is judged against the others.

Both sides do the same: missing numbers become the median, text becomes one-hot columns with a missing text as a level of
its own, and then a forest of 100 trees with the defaults that both share, or 100 rounds of boosting with 31 leaves, learning
rate 0.1 and 20 rows a leaf; forests stand beside scikit-learn's, boosting beside LightGBM and scikit-learn's histograms. Every split holds back a random quarter of the
rows. A side is better or worse only beyond the noise: the paired differences of the splits are put to the corrected t-test
of Nadeau & Bengio (2003), "Inference for the generalization error", two-sided at 5 %, because the training sets
overlap. Exit code 1 when adflux is worse anywhere.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import lightgbm
import numpy as np
import pandas as pd
import sklearn
from scipy import stats
from sklearn import datasets
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.metrics import log_loss, mean_squared_error, r2_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("ADFLUX_SHARED_DATA", "there-is-no-folder"))
TREES = 100


def attrition():
    return pd.read_csv(ROOT / "data/attrition.csv"), "Attrition", None


def churn():
    return pd.read_csv(ROOT / "data/telco_churn.csv"), "churn", None


def callback():
    table = pd.read_csv(ROOT / "data/resume.csv").drop(columns=["job_ad_id", "firstname", "gender", "race"])
    table["received_callback"] = np.where(table["received_callback"] == 1, "yes", "no")
    return table, "received_callback", None


def ctr():
    """The click rate of an ad from what is known before it runs, weighted by its impressions."""
    table = pd.read_csv(SHARED / "facebook_ads.csv")
    table["ctr"] = table["clicks"] / table["impressions"]
    table = table[["xyz_campaign_id", "fb_campaign_id", "age", "gender", "interest", "impressions", "ctr"]]
    return table, "ctr", "impressions"


def bundled(load):
    """A table that scikit-learn brings along; classes by name."""
    def table():
        data = load(as_frame=True)
        numbers = load is datasets.load_diabetes
        target = data.target if numbers else "class " + data.target.astype(str)
        return data.data.assign(target=target), "target", None
    return table


TABLES = {
    "attrition": attrition,
    "telco churn": churn,
    "résumé callback": callback,
    "facebook CTR": ctr,
    "breast cancer": bundled(datasets.load_breast_cancer),
    "diabetes": bundled(datasets.load_diabetes),
    "wine": bundled(datasets.load_wine),
    "digits": bundled(datasets.load_digits),
}


def forest(classes, jobs, seed):
    model = RandomForestClassifier if classes else RandomForestRegressor
    return model(TREES, n_jobs=jobs, random_state=seed)


def light(classes, jobs, seed):
    model = lightgbm.LGBMClassifier if classes else lightgbm.LGBMRegressor
    return model(n_estimators=TREES, n_jobs=jobs, random_state=seed, verbose=-1)


def histograms(classes, jobs, seed):
    model = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    return model(max_iter=TREES, early_stopping=False, random_state=seed)


# Of each model the kind in adflux, and its peers.
MODELS = {
    "forest": ("random-forest", {"scikit-learn": forest}),
    "boosting": ("gradient-boosting", {"LightGBM": light, "scikit-learn": histograms}),
}


def rmse(y, predicted, sample_weight):
    return mean_squared_error(y, predicted, sample_weight=sample_weight) ** 0.5


# Name, measure, whether more is better.
OF_CLASSES = [("ROC-AUC", roc_auc_score, True), ("log loss", log_loss, False)]
OF_NUMBERS = [("RMSE", rmse, False), ("R²", r2_score, True)]


def splits_of(y, classes, count):
    rows = np.arange(len(y))
    for seed in range(count):
        train, test = train_test_split(rows, test_size=0.25, random_state=seed, stratify=y if classes else None)
        yield np.sort(train), np.sort(test)


def peer(make, table, target, weight, splits, jobs):
    """Fit seconds and predictions of a peer for each split."""
    x = table.drop(columns=[c for c in (target, weight) if c])
    texts = x.select_dtypes(exclude="number").columns
    one_hot = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"), OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    )
    classes = not pd.api.types.is_numeric_dtype(table[target])
    for seed, (train, test) in enumerate(splits):
        transformer = ColumnTransformer([
            ("numbers", SimpleImputer(strategy="median"), x.columns.difference(texts, sort=False)),
            ("texts", one_hot, texts),
        ])
        model = make(classes, jobs, seed)
        weights = table[weight].to_numpy()[train] if weight else None
        start = time.perf_counter()
        model.fit(transformer.fit_transform(x.iloc[train]), table[target].to_numpy()[train], sample_weight=weights)
        seconds = time.perf_counter() - start
        rows = transformer.transform(x.iloc[test])
        yield seconds, model.predict_proba(rows)[:, -1] if classes else model.predict(rows)


def ours(family, table, target, weight, splits, jobs):
    """The same of adflux."""
    x = table.drop(columns=[c for c in (target, weight) if c])
    texts = list(x.select_dtypes(exclude="number").columns)
    numbers = [c for c in x.columns if c not in texts]
    kind = "regressor" if pd.api.types.is_numeric_dtype(table[target]) else "classifier"
    branch = lambda name, columns, step: {"kind": "branch", "params": {"name": name, "columns": columns}, "steps": [step]}
    median = {"kind": "simple-imputer", "params": {"strategy": "median"}}
    branches = [branch("numbers", numbers, median), branch("texts", texts, {"kind": "one-hot-encoder"})]
    branches = [branch for branch in branches if branch["params"]["columns"]]
    pipeline = {
        "preprocessor": {"kind": "column-transformer", "steps": branches},
        "model": {"kind": f"{family}-{kind}", "params": {"n_estimators": TREES}},
    }
    rows = [{"train": train.tolist(), "test": test.tolist()} for train, test in splits]
    with tempfile.TemporaryDirectory() as folder:
        data, plan = pathlib.Path(folder) / "table.csv", pathlib.Path(folder) / "plan.json"
        table.to_csv(data, index=False)
        plan.write_text(json.dumps({"pipeline": pipeline, "target": target, "weight": weight, "splits": rows}))
        command = ["cargo", "run", "--release", "--quiet", "--example", "tabular_splits", "--", data, plan]
        environment = os.environ | {"RAYON_NUM_THREADS": str(jobs)}
        done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE)
    return [(outcome["fit_s"], np.array(outcome["predicted"])) for outcome in json.loads(done.stdout)]


def verdict(differences, test_share, more_is_better):
    """The corrected t of paired differences, and what it says."""
    n = len(differences)
    variance = np.var(differences, ddof=1) * (1 / n + test_share / (1 - test_share))
    t = np.mean(differences) / variance**0.5 if variance > 0 else 0.0
    if abs(t) < stats.t.ppf(0.975, n - 1):
        return t, "within noise"
    return t, "better" if (t > 0) == more_is_better else "worse"


def compare(model, name, table, target, weight, count, jobs):
    y = table[target].to_numpy()
    classes = not pd.api.types.is_numeric_dtype(table[target])
    truth = (y == np.sort(np.unique(y))[-1]).astype(int) if classes else y
    splits = list(splits_of(y, classes, count))
    family, peers = MODELS[model]
    own = ours(family, table, target, weight, splits, jobs)
    print(f"\n{name}: {len(table):,} rows, {count} splits")
    verdicts = []
    for peer_name, make in peers.items():
        theirs = list(peer(make, table, target, weight, splits, jobs))
        seconds = [np.mean([fit for fit, _ in side]) for side in (theirs, own)]
        print(f"  fit: {peer_name} {seconds[0]:.3f} s / adflux {seconds[1]:.3f} s = {seconds[0] / seconds[1]:.1f}×")
        for measure, of, more_is_better in OF_CLASSES if classes else OF_NUMBERS:
            def scores(side):
                pairs = zip(side, splits)
                weights = lambda test: table[weight].to_numpy()[test] if weight else None
                return np.array([of(truth[test], p, sample_weight=weights(test)) for (_, p), (_, test) in pairs])
            a, b = scores(theirs), scores(own)
            error = np.std(b - a, ddof=1) / count**0.5
            t, says = verdict(b - a, 0.25, more_is_better)
            print(f"  {measure:8}  {peer_name} {a.mean():.5g}  adflux {b.mean():.5g}"
                  f"  difference {np.mean(b - a):+.2g} ± {error:.2g}  t {t:+.2f}  {says}")
            verdicts.append(says)
    return verdicts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=list(MODELS), default="forest")
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    versions = f"scikit-learn {sklearn.__version__}, LightGBM {lightgbm.__version__}"
    print(f"{arguments.model} of {TREES} trees, {arguments.jobs} threads, {versions}")
    subprocess.run(["cargo", "build", "--release", "--quiet", "--example", "tabular_splits"], cwd=ROOT, check=True)
    verdicts = []
    for name, load in TABLES.items():
        try:
            table, target, weight = load()
        except FileNotFoundError as error:
            print(f"\n{name}: SKIPPED, there is no {error.filename}")
            continue
        verdicts += compare(arguments.model, name, table, target, weight, arguments.splits, arguments.jobs)
    sys.exit("worse" in verdicts)


if __name__ == "__main__":
    main()
