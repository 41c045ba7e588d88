"""Writes tests/golden/counts/counts.json: small counts by scipy 1.17.1 (numpy 2.4.6).

    python tests/golden/make_counts.py

posteriors   intervals of beta and gamma posteriors, and quantiles of the totals still to come (betabinom, nbinom).
strengths    counts about predicted rates, and the strength under which they are most probable: betabinom.logpmf and nbinom.logpmf
             maximised by scipy.
hierarchies  counts of ads beneath campaigns beneath platforms: for each level the strength under which its nodes, each judged from
             all others, are most probable, and what is believed of each ad. Written from the formulas, node by node.
"""

import json
import pathlib

import numpy as np
import scipy
from scipy.optimize import minimize_scalar
from scipy.special import betaln, gammaln
from scipy.stats import beta, betabinom, gamma, nbinom

assert scipy.__version__ == "1.17.1" and np.__version__ == "2.4.6"
FOLDER = pathlib.Path(__file__).parent / "counts"
BETA, GAMMA = "beta-binomial", "gamma-poisson"

posteriors = []
for family, mean, strength, events, exposure, ahead in [
    (BETA, 0.02, 500, 0, 40, 1000), (BETA, 0.3, 2, 5, 6, 50), (BETA, 0.01, 300, 900, 80_000, 20_000), (BETA, 0.5, 0.6, 0, 0, 30),
    (GAMMA, 1.5, 4, 3, 7, 30), (GAMMA, 0.002, 900, 0, 10, 5_000), (GAMMA, 40.0, 3, 500, 10, 12), (GAMMA, 0.1, 2, 0, 1, 3),
]:
    a, n = mean * strength + events, strength + exposure
    tails = [0.1, 0.9]
    if family == BETA:
        ends, totals = beta.ppf(tails, a, n - a), betabinom.ppf(tails, ahead, a, n - a)
    else:
        ends, totals = gamma.ppf(tails, a, scale=1 / n), nbinom.ppf(tails, a, n / (n + ahead))
    posteriors.append({"family": family, "mean": mean, "strength": strength, "events": events, "exposure": exposure, "ahead": ahead,
                       "posterior": a / n, "ends": ends.tolist(), "totals": totals.tolist()})

rng = np.random.default_rng(3)


def maximum(f, low, high):
    """The place of the greatest value between two strengths."""
    grid = np.linspace(np.log(low), np.log(high), 200)
    best = int(np.argmax([f(np.exp(g)) for g in grid]))
    around = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    return float(np.exp(minimize_scalar(lambda g: -f(np.exp(g)), bounds=around, method="bounded", options={"xatol": 1e-11}).x))


strengths = []
for family, size in [(BETA, 40), (GAMMA, 40), (BETA, 200)]:
    exposure = np.round(10 ** rng.uniform(1, 4, size=size))
    predicted = 0.02 * np.exp(0.4 * rng.normal(size=size))
    if family == BETA:
        events = rng.binomial(exposure.astype(int), rng.beta(predicted * 300, (1 - predicted) * 300))
        best = maximum(lambda s: betabinom.logpmf(events, exposure.astype(int), predicted * s, (1 - predicted) * s).sum(), 1, 1e6)
    else:
        events = rng.poisson(exposure * rng.gamma(predicted * 300, 1 / 300))
        best = maximum(lambda s: nbinom.logpmf(events, predicted * s, s / (s + exposure)).sum(), 1, 1e6)
    strengths.append({"family": family, "predicted": predicted.tolist(), "events": events.tolist(), "exposure": exposure.tolist(),
                      "strength": best})


def log_marginal(family, k, n, a, t):
    if family == BETA:
        return betaln(a + k, t - a + n - k) - betaln(a, t - a)
    return gammaln(a + k) - gammaln(a) + a * np.log(t / (t + n)) + k * np.log(n / (t + n))


def up(family, k, n, s):
    factor = min(1.0, (s + 1) / (s + n)) if family == BETA else s / (s + n)
    return np.array([k * factor, n * factor])


def down(family, belief, s):
    return belief * s / (belief[1] + s + (1 if family == BETA else 0))


class Node:
    def __init__(self, depth, counts=None):
        self.depth, self.children, self.counts, self.prior = depth, [], counts, None

    def own(self, strengths):
        if not self.children:
            return self.counts
        return sum(up(FAMILY, *c.own(strengths), strengths[c.depth]) for c in self.children)

    def down(self, strengths, ignorance):
        """What all others say of the children's rates."""
        outside = ignorance if self.prior is None else self.prior
        for child in self.children:
            child.prior = down(FAMILY, outside + self.others(child, strengths), strengths[child.depth])
            child.down(strengths, ignorance)

    def others(self, child, strengths):
        return sum((up(FAMILY, *c.own(strengths), strengths[c.depth]) for c in self.children if c is not child), np.zeros(2))

    def at(self, depth):
        return [self] if self.depth == depth else [n for c in self.children for n in c.at(depth)]


hierarchies = []
for FAMILY in [BETA, GAMMA]:
    root, paths, counts = Node(-1), [], []
    for platform in range(3):
        base = 0.02 * np.exp(0.4 * rng.normal())
        above = Node(0)
        root.children.append(above)
        for campaign in range(5):
            middle = base * np.exp(0.4 * rng.normal())
            parent = Node(1)
            above.children.append(parent)
            for ad in range(1 if campaign == 4 else 4):
                rate, n = middle * np.exp(0.25 * rng.normal()), int(np.round(10 ** rng.uniform(1.5, 4)))
                k = int(rng.binomial(n, rate) if FAMILY == BETA else rng.poisson(n * rate))
                parent.children.append(Node(2, np.array([float(k), float(n)])))
                paths.append([f"p{platform}", f"c{campaign}", f"a{ad}"])
                counts.append([k, n])
    ignorance = np.array([0.5, 1.0 if FAMILY == BETA else 0.0])
    found = [50.0, 50.0, 50.0]
    for _ in range(60):
        before = list(found)
        for depth in (2, 1, 0):
            root.down(found, ignorance)
            parents = [p for p in root.at(depth - 1) if len(p.children) > 1]

            def probability(s):
                trial = [s if d == depth else f for d, f in enumerate(found)]
                total = 0.0
                for parent in parents:
                    outside = ignorance if parent.prior is None else parent.prior
                    for child in parent.children:
                        prior = down(FAMILY, outside + parent.others(child, trial), s)
                        total += log_marginal(FAMILY, *child.own(found), *prior)
                return total

            found[depth] = maximum(probability, 1, 1e6)
        if np.max(np.abs(np.log(np.array(found) / before))) < 1e-9:
            break
    root.down(found, ignorance)
    ads = [n.prior + n.counts for n in root.at(2)]
    hierarchies.append({"family": FAMILY, "paths": paths, "counts": counts, "strengths": found,
                        "means": [float(b[0] / b[1]) for b in ads], "exposures": [float(b[1]) for b in ads]})
    print(FAMILY, found)

FOLDER.mkdir(exist_ok=True)
everything = {"posteriors": posteriors, "strengths": strengths, "hierarchies": hierarchies}
(FOLDER / "counts.json").write_text(json.dumps(everything, separators=(",", ":")) + "\n")
