"""Writes tests/golden/explain/*.json: explanations of shap 0.51.0, with scikit-learn 1.7.2, lightgbm 4.7.0 and numpy 2.4.6.

    python tests/golden/make_explain.py

forests.json  forests as nodes, with TreeSHAP of them by shap's TreeExplainer: path-dependent and interventional.
trees.json    the same of trees in which missing values have a side of their own; and of trees with splits by levels by
              LightGBM's pred_contrib, which is the path-dependent one.
permutation.json   shap's PermutationExplainer of a function in which columns act in pairs, against a background.
dependence.json    scikit-learn's partial_dependence of a linear model: grids of few and of many distinct values.
linear.json   shap's LinearExplainer with independent columns, of least squares and of logistic regressions without a penalty
              (two classes) and with one (three).
"""

import json
import pathlib

import lightgbm
import numpy as np
import shap
import sklearn
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.inspection import partial_dependence
from sklearn.linear_model import LinearRegression, LogisticRegression

assert (shap.__version__, sklearn.__version__, lightgbm.__version__) == ("0.51.0", "1.7.2", "4.7.0")
FOLDER = pathlib.Path(__file__).parent / "explain"


def write(name, value):
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / name).write_text(json.dumps(value, separators=(",", ":"), allow_nan=False) + "\n")


def cells(x):
    return [[None if np.isnan(v) else float(v) for v in row] for row in x]


def rounded(values):
    return np.round(np.asarray(values, dtype=float), 10).tolist()


def case(name, trees, x, base, values, background=None):
    values = np.asarray(values).reshape(len(x), x.shape[1], -1)
    return {
        "name": name,
        "trees": trees,
        "x": cells(x),
        "background": None if background is None else cells(background),
        "base": rounded(np.ravel(base)),
        "values": rounded(values),
    }


def friedman(rng, rows):
    """Numbers that float32 holds exactly, which is what shap compares in."""
    x = np.round(rng.uniform(size=(rows, 5)) * 4096) / 4096
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    return x, y + rng.normal(size=rows)


def nodes_of(tree, factor, shares):
    """The nodes of a tree of scikit-learn; leaves are multiplied by `factor`."""
    nodes = []
    for i in range(tree.node_count):
        leaf = tree.children_left[i] < 0
        value = tree.value[i, 0] / (tree.value[i, 0].sum() if shares else 1)
        nodes.append({
            "column": None if leaf else int(tree.feature[i]),
            "threshold": float(tree.threshold[i]),
            "levels": None,
            "missing_left": bool(tree.missing_go_to_left[i]),
            "left": max(int(tree.children_left[i]), 0),
            "right": max(int(tree.children_right[i]), 0),
            "cover": float(tree.weighted_n_node_samples[i]),
            "values": [float(v) * factor for v in value] if leaf else [],
        })
    return nodes


def forest(name, seed, model, classes, against=None):
    rng = np.random.default_rng(seed)
    x, y = friedman(rng, 300)
    if classes:
        y = np.digitize(y, np.quantile(y, np.arange(1, classes) / classes))
    model.fit(x, y, sample_weight=np.round(rng.uniform(0.5, 2, size=300), 2))
    x_test, background = friedman(rng, 10)[0], None if against is None else friedman(rng, against)[0]
    perturbation = "tree_path_dependent" if against is None else "interventional"
    explainer = shap.TreeExplainer(model, background, feature_perturbation=perturbation)
    values = explainer.shap_values(x_test, check_additivity=False)
    trees = [nodes_of(e.tree_, 1 / len(model.estimators_), classes > 0) for e in model.estimators_]
    return case(name, trees, x_test, explainer.expected_value, values, background)


def random_nodes(rng, depth, cover, nodes):
    """A tree whose columns come again on a way; missing values have a side of their own."""
    at = len(nodes)
    nodes.append(None)
    if depth == 0 or cover < 4 or rng.uniform() < 0.1:
        value = round(float(rng.normal()), 6)
        nodes[at] = {"column": None, "threshold": 0.0, "levels": None, "missing_left": False, "left": 0, "right": 0,
                     "cover": cover, "values": [value]}
        return at
    left = float(np.floor(1 + rng.uniform() * (cover - 2)))
    node = {"column": int(rng.integers(4)), "threshold": float(rng.integers(1, 4096)) / 4096, "levels": None,
            "missing_left": bool(rng.integers(2)), "cover": cover, "values": []}
    node["left"] = random_nodes(rng, depth - 1, left, nodes)
    node["right"] = random_nodes(rng, depth - 1, cover - left, nodes)
    nodes[at] = node
    return at


def as_shap(nodes):
    split = [node["column"] is not None for node in nodes]
    of = lambda key, leaf: np.array([node[key] if is_split else leaf for node, is_split in zip(nodes, split)])
    left, right = of("left", -1), of("right", -1)
    return {
        "children_left": left.astype(np.int32),
        "children_right": right.astype(np.int32),
        "children_default": np.where([node["missing_left"] for node in nodes], left, right).astype(np.int32),
        "features": of("column", -2).astype(np.int32),
        "thresholds": of("threshold", -2.0).astype(float),
        "values": np.array([node["values"] or [0.0] for node in nodes]),
        "node_sample_weight": np.array([node["cover"] for node in nodes]),
    }


def missing(name, seed, against=None):
    rng = np.random.default_rng(seed)
    trees = []
    for depth in (3, 6, 7):
        nodes = []
        random_nodes(rng, depth, 1000.0, nodes)
        trees.append(nodes)

    def rows(n):
        x = np.round(rng.uniform(size=(n, 4)) * 4096) / 4096
        x[rng.uniform(size=x.shape) < 0.25] = np.nan
        return x

    x, background = rows(12), None if against is None else rows(against)
    # shap reads the mean of a tree off its root.
    model = {"trees": [as_shap(nodes) for nodes in trees], "base_offset": 0.0}
    perturbation = "tree_path_dependent" if against is None else "interventional"
    explainer = shap.TreeExplainer(model, background, feature_perturbation=perturbation)
    values = explainer.shap_values(x, check_additivity=False)

    def mean(nodes, at=0):
        node = nodes[at]
        if node["column"] is None:
            return node["values"][0]
        sides = [node["left"], node["right"]]
        return sum(nodes[side]["cover"] * mean(nodes, side) for side in sides) / node["cover"]

    base = sum(map(mean, trees)) if against is None else explainer.expected_value
    return case(name, trees, x, base, values, background)


def levels(name, seed):
    rng = np.random.default_rng(seed)
    platform, city = rng.integers(0, 6, size=600), rng.integers(0, 20, size=600)
    budget = np.round(rng.uniform(size=600) * 4096) / 4096
    x = np.column_stack([platform, budget, city]).astype(float)
    x[rng.uniform(size=600) < 0.1, 1] = np.nan
    y = np.isin(platform, [1, 4]) * 2.0 + np.nan_to_num(budget) * (city % 3) + rng.normal(size=600) / 5
    parameters = {"num_leaves": 8, "min_data_per_group": 5, "cat_smooth": 1, "verbose": -1, "learning_rate": 0.3}
    data = lightgbm.Dataset(x, y, categorical_feature=[0, 2])
    model = lightgbm.train(parameters, data, num_boost_round=6)

    def nodes_of(node, nodes):
        at = len(nodes)
        nodes.append(None)
        if "leaf_value" in node:
            nodes[at] = {"column": None, "threshold": 0.0, "levels": None, "missing_left": False, "left": 0, "right": 0,
                         "cover": float(node["leaf_count"]), "values": [node["leaf_value"]]}
            return at
        by_level = node["decision_type"] == "=="
        nodes[at] = {
            "column": node["split_feature"],
            "threshold": 0.0 if by_level else node["threshold"],
            "levels": [int(level) for level in node["threshold"].split("||")] if by_level else None,
            "missing_left": node["default_left"] and not by_level,
            "cover": float(node["internal_count"]),
            "values": [],
        }
        nodes[at]["left"] = nodes_of(node["left_child"], nodes)
        nodes[at]["right"] = nodes_of(node["right_child"], nodes)
        return at

    trees = []
    for tree in model.dump_model()["tree_info"]:
        trees.append([])
        nodes_of(tree["tree_structure"], trees[-1])
    assert any(node["levels"] for nodes in trees for node in nodes)
    explained = model.predict(x[:12], pred_contrib=True)
    return case(name, trees, x[:12], explained[0, -1], explained[:, :-1])


def linear(name, seed, model, classes, units=(1, 1, 1)):
    rng = np.random.default_rng(seed)
    x = np.round(rng.normal(size=(150, 3)) * units, 6)
    scores = x / units @ [1, 1, -0.8] + rng.logistic(size=150)
    y = np.digitize(scores, np.quantile(scores, np.arange(1, classes) / classes)) if classes else np.round(scores, 6)
    model.fit(x, y)
    background = x[50:90]
    explainer = shap.LinearExplainer(model, shap.maskers.Independent(background, max_samples=1000))
    explained = explainer(x[:8])
    values = case(name, [], x[:8], np.atleast_1d(explained.base_values[0]), explained.values)
    del values["trees"], values["background"]
    return values | {"classes": classes, "train": cells(x), "y": [float(v) for v in y], "background": [50, 90]}


regressor = RandomForestRegressor(3, max_depth=5, random_state=1)
classifier = RandomForestClassifier(2, max_depth=4, random_state=1)
write("forests.json", [
    forest("forest", 1, regressor, 0),
    forest("forest against 30 rows", 2, regressor, 0, against=30),
    forest("forest of three classes", 3, classifier, 3),
    forest("forest of three classes against 30 rows", 4, classifier, 3, against=30),
])
write("trees.json", [
    missing("missing values", 5),
    missing("missing values against 20 rows", 6, against=20),
    levels("levels, by LightGBM", 7),
])
write("linear.json", [
    linear("least squares", 8, LinearRegression(), 0, units=(1, 100, 0.01)),
    linear("logistic", 9, LogisticRegression(penalty=None, tol=1e-10, max_iter=10_000, solver="newton-cholesky"), 2),
    linear("three classes", 10, LogisticRegression(tol=1e-12, max_iter=10_000, solver="newton-cg"), 3),
])


def permutation(seed):
    rng = np.random.default_rng(seed)
    background, x = (np.round(rng.normal(size=(rows, 3)), 4) for rows in (12, 4))
    explainer = shap.PermutationExplainer(lambda x: x[:, 0] * x[:, 1] - 2 * x[:, 1] * x[:, 2] + 3 * x[:, 0], background)
    explained = explainer(x, max_evals=200)
    values = {"base": float(explained.base_values[0]), "values": rounded(explained.values)}
    return {"background": cells(background), "x": cells(x)} | values


def dependence(seed):
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.integers(0, 6, size=80), np.round(rng.normal(size=80) * 10, 3)]).astype(float)
    y = x @ [2.0, -0.5] + 3
    model = LinearRegression().fit(x, y)
    cases = []
    for column, resolution in ((0, 100), (1, 7), (1, 30)):
        found = partial_dependence(model, x, [column], grid_resolution=resolution, kind="both")
        cases.append({
            "column": column,
            "grid_resolution": resolution,
            "grid": rounded(found["grid_values"][0]),
            "average": rounded(found["average"][0]),
            "individual": rounded(found["individual"][0][:3]),
        })
    return {"x": cells(x), "y": rounded(y), "cases": cases}


write("permutation.json", permutation(11))
write("dependence.json", dependence(12))
