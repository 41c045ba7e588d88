"""Writes tests/golden/fairness/*.json. Made with fairlearn 0.15.0, scikit-learn 1.7.2, SciPy 1.17.1, NumPy 2.4.6, pandas 3.1.1.

    python tests/golden/make_fairness.py
"""

import json
import pathlib

import numpy as np
import pandas as pd
from fairlearn import metrics as f
from scipy.stats.contingency import relative_risk
from sklearn.metrics import precision_score

OUT = pathlib.Path(__file__).parent / "fairness"
OUT.mkdir(exist_ok=True)
rng = np.random.default_rng(20251122)


def write(name, value):
    (OUT / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


def groups():
    n = 160
    gender = rng.choice(["f", "m"], n)
    race = rng.choice(["black", "white", "other"], n, p=[0.4, 0.4, 0.2])
    truth = rng.random(n) < np.where(gender == "f", 0.4, 0.5)
    selected = rng.random(n) < 0.2 + 0.4 * truth + 0.15 * (race == "white")
    weights = rng.uniform(0, 2, n).round(3)
    weights[[4, 9]] = 0
    columns = pd.DataFrame({"gender": gender, "race": race})

    def case(by, w):
        sensitive = columns[by]
        a = {"sensitive_features": sensitive, "sample_weight": w}
        rates = {
            "selection_rate": f.selection_rate,
            "true_positive_rate": f.true_positive_rate,
            "false_positive_rate": f.false_positive_rate,
            "precision": lambda y, p, sample_weight=None: precision_score(y, p, sample_weight=sample_weight),
        }
        frame = f.MetricFrame(metrics=rates, y_true=truth, y_pred=selected, sensitive_features=sensitive,
                              sample_params={name: {"sample_weight": w} for name in rates})
        by_group = frame.by_group.sort_index()
        names = [", ".join(i) if isinstance(i, tuple) else i for i in by_group.index]
        out = {
            "names": names,
            "rates": {name: by_group[name].tolist() for name in rates},
            "overall": {name: float(frame.overall[name]) for name in rates},
        }
        for method in ["between_groups", "to_overall"]:
            b = {"method": method, **a}
            out[method] = {
                "demographic_parity": [f.demographic_parity_difference(truth, selected, **b),
                                       f.demographic_parity_ratio(truth, selected, **b)],
                "equal_opportunity": [f.equal_opportunity_difference(truth, selected, **b),
                                      f.equal_opportunity_ratio(truth, selected, **b)],
                "equalized_odds": [f.equalized_odds_difference(truth, selected, **b),
                                   f.equalized_odds_ratio(truth, selected, **b)],
                "equalized_odds_mean": [f.equalized_odds_difference(truth, selected, agg="mean", **b),
                                        f.equalized_odds_ratio(truth, selected, agg="mean", **b)],
            }
        return out

    write("groups", {
        "truth": truth.tolist(), "selected": selected.tolist(), "weights": weights.tolist(),
        "gender": gender.tolist(), "race": race.tolist(),
        "cases": [{"by": by, "plain": case(by, None), "weighted": case(by, weights)}
                  for by in [["gender"], ["race"], ["gender", "race"]]],
    })


def ratios():
    """SciPy's interval of a ratio of two shares, normal in the logarithm."""
    cases = []
    for x, n, y, m in [(157, 2435, 235, 2435), (3, 40, 12, 60), (30, 50, 45, 50)]:
        interval = relative_risk(x, n, y, m).confidence_interval(0.95)
        cases.append({"counts": [x, n, y, m], "ratio": x / n / (y / m), "lower": float(interval.low), "upper": float(interval.high)})
    write("ratios", cases)


groups()
ratios()
