"""The rules of `adflux segment` beside those of surrogate decision trees in scikit-learn 1.7.2, by F1, on data/resume.csv and
data/attrition.csv: why the search is a beam over conjunctions (docs/decisions/0017).

    cargo build --release -p adflux-cli
    python benches/peers/rules.py target/release/adflux

Of a tree of depth 4, which has at most four conditions on the way to a node, the node of the best F1 is taken: of one tree for all
segments, and of one tree for each segment against the rest. Both sides see the described columns as they are; of a text each level
is 0 or 1, as a tree needs it.
"""

import csv
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier

DATA = pathlib.Path(__file__).resolve().parents[2] / "data"
RESUME = ("years_college,college_degree,honors,worked_during_school,years_experience,computer_skills,special_skills,volunteer,"
          "military,employment_holes,resume_quality")
ATTRITION = "TotalWorkingYears,YearsAtCompany,MonthlyIncome,DistanceFromHome,Department,JobRole,EducationField,BusinessTravel,OverTime"
RUNS = [
    (file, columns, [*method, "-k", str(k)])
    for file, columns in [("resume.csv", RESUME), ("attrition.csv", ATTRITION)]
    for method in [["--method", "kmeans"], ["--method", "ward"]] for k in [4, 8]
]


def segments(file, columns, options):
    """The segment of each row, and of each segment the F1 of its rule and the number of its conditions."""
    with tempfile.TemporaryDirectory() as folder:
        rows = pathlib.Path(folder) / "rows.csv"
        command = [sys.argv[1], "segment", str(DATA / file), "--include", columns, *options, "-o", str(rows), "--format", "json"]
        report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        with rows.open() as read:
            ids = np.array([int(row["segment"]) for row in csv.DictReader(read)])
    rules = {}
    for segment in report["segments"]:
        rule = segment["rule"]
        p, r = (rule["precision"], rule["recall"]) if rule else (0.0, 0.0)
        rules[segment["id"]] = (2 * p * r / (p + r) if p + r else 0.0, len(rule["conditions"]) if rule else 0)
    return ids, rules, report["columns"]


def best_node(tree, x, inside):
    """The best F1 of the nodes of a tree."""
    on_way = tree.decision_path(x)
    both = on_way.T @ inside.astype(float)
    of_node = np.asarray(on_way.sum(0)).ravel()
    return (2 * both / (of_node + inside.sum())).max()


print(f"{'data, method, segments':34} {'ours':>6} {'conditions':>10} {'one tree':>9} {'a tree each':>12} {'better or equal in':>19}")
for file, columns, options in RUNS:
    ids, rules, used = segments(file, columns, options)
    frame = pd.read_csv(DATA / file, keep_default_na=False, na_values=[""])[used]
    x = pd.get_dummies(frame, dummy_na=False).to_numpy(float)
    tree = DecisionTreeClassifier(max_depth=4, random_state=0).fit(x, ids)
    one, each, ours = [], [], []
    for segment, (f1, _) in rules.items():
        inside = ids == segment
        ours.append(f1)
        one.append(best_node(tree, x, inside))
        own = [DecisionTreeClassifier(max_depth=4, class_weight=weight, random_state=0).fit(x, inside) for weight in [None, "balanced"]]
        each.append(max(best_node(tree, x, inside) for tree in own))
    wins = sum(o >= max(a, b) - 1e-9 for o, a, b in zip(ours, one, each))
    name = f"{file[:-4]}, {options[1]}, {options[3]}"
    length = np.mean([length for _, length in rules.values()])
    print(f"{name:34} {np.mean(ours):6.3f} {length:10.1f} {np.mean(one):9.3f} {np.mean(each):12.3f} {wins:>12} of {len(rules)}")
    worst = min(zip(ours, one, each, rules), key=lambda t: t[0] - max(t[1], t[2]))
    print(f"    least beside the trees: segment {worst[3]}, {worst[0]:.3f} beside {worst[1]:.3f} and {worst[2]:.3f}")
