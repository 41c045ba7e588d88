"""Writes tests/golden/changes/pelt.json. Made with ruptures 1.1.10, NumPy 2.4.6.

    python tests/golden/make_changes.py
"""

import json
import pathlib

import numpy as np
import ruptures as rpt

HERE = pathlib.Path(__file__).parent
OUT = HERE / "changes"
OUT.mkdir(exist_ok=True)


def series():
    rng = np.random.default_rng(11)
    cases = json.loads((HERE / "timeseries" / "naive.json").read_text())
    nile = next(np.array(case["values"]) for case in cases if case["name"] == "nile")
    steps = np.repeat([10.0, 14.0, 9.0, 9.6], [60, 45, 80, 35]) + rng.normal(0, 1, 220)
    spread = np.concatenate([rng.normal(0, scale, size) for scale, size in ((1, 70), (4, 60), (0.5, 50))])
    return {"nile": nile, "steps": np.round(steps, 4), "spread": np.round(spread, 4)}


def main():
    cases = []
    for name, y in series().items():
        # ruptures does not scale by the scatter; penalties here are in units of its square.
        sigma = np.median(np.abs(np.diff(y))) / (0.6744897501960817 * np.sqrt(2))
        for min_size, penalty in ((1, 4.0), (2, 10.0), (5, 3.0), (20, 15.0)):
            found = rpt.Pelt(model="l2", min_size=min_size, jump=1).fit(y).predict(pen=penalty * sigma**2)
            case = {"name": name, "cost": "mean", "min_size": min_size, "penalty": penalty}
            cases.append({**case, "changes": found[:-1]})
        for min_size, penalty in ((3, 25.0), (5, 12.0), (10, 9.0)):
            cost = rpt.costs.CostNormal(add_small_diag=False)
            found = rpt.Pelt(custom_cost=cost, min_size=min_size, jump=1).fit(y).predict(pen=penalty)
            case = {"name": name, "cost": "mean_variance", "min_size": min_size, "penalty": penalty}
            cases.append({**case, "changes": found[:-1]})
    value = {"series": {name: y.tolist() for name, y in series().items()}, "cases": cases}
    (OUT / "pelt.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")
    for case in cases:
        print(case)


if __name__ == "__main__":
    main()
