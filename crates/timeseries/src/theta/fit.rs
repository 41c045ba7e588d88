//! The four theta models on one series.

use super::{Theta, ThetaVariant, recursion::Trend};

/// Where α may lie, as in statsforecast.
const ALPHA: (f64, f64) = (0.1, 0.99);
/// The α that are looked at before the best is refined.
const GRID: usize = 16;
/// The errors of the first steps, in which the beginning shows, do not count.
const WARM_UP: usize = 3;
/// Keeps the first level near half the first value where the errors do not tell it.
const RIDGE: f64 = 1e-6;

/// For one α: how the forecast of each step depends on the first level ℓ and on the weight w of the line.
///
/// The forecast is base + ℓ (1 − α)ᵗ⁻¹ + w line, so that ℓ and w are solved for exactly, and only α is searched for.
#[derive(Default)]
struct Sums {
    level_level: f64,
    level_line: f64,
    line_line: f64,
    level_rest: f64,
    line_rest: f64,
    rest_rest: f64,
}

impl Sums {
    fn of(y: &[f64], alpha: f64, trend: &mut Trend) -> Self {
        let mut sums = Sums { level_level: RIDGE, ..Sums::default() };
        let first = y[0] / 2.0;
        // The level of a first level `first`, and what one more would still be of it.
        let (mut base, mut level) = (first, 1.0);
        let mut decay = 1.0;
        for (step, y) in y.iter().enumerate() {
            let line = trend.line(decay, alpha);
            if step >= WARM_UP {
                let rest = y - base;
                sums.level_level += level * level;
                sums.level_line += level * line;
                sums.line_line += line * line;
                sums.level_rest += level * rest;
                sums.line_rest += line * rest;
                sums.rest_rest += rest * rest;
            }
            base += alpha * (y - base);
            level *= 1.0 - alpha;
            decay *= 1.0 - alpha;
            trend.learn(step + 1, *y);
        }
        sums
    }

    /// The least sum of squares at a given weight, and how far the first level then is from where it began.
    fn at_weight(&self, weight: f64) -> (f64, f64) {
        let level = (self.level_rest - weight * self.level_line) / self.level_level;
        let squares = self.rest_rest + level * level * self.level_level + weight * weight * self.line_line
            - 2.0 * (level * self.level_rest + weight * self.line_rest - level * weight * self.level_line);
        (squares.max(0.0), level)
    }

    /// The best weight between 0 (θ = 1) and 1 (θ infinite).
    fn best_weight(&self) -> f64 {
        let pivot = self.line_line - self.level_line * self.level_line / self.level_level;
        let weight = (self.line_rest - self.level_line * self.level_rest / self.level_level) / pivot;
        if weight.is_nan() { 0.5 } else { weight.clamp(0.0, 1.0) }
    }
}

/// The model of `variant`; `y` has more than three values.
pub(super) fn fit(variant: ThetaVariant, y: &[f64]) -> Theta {
    let dynamic = matches!(variant, ThetaVariant::Dstm | ThetaVariant::Dotm);
    let optimised = matches!(variant, ThetaVariant::Otm | ThetaVariant::Dotm);
    let line = Trend::of(y);
    let trend = || if dynamic { Trend::dynamic() } else { line };
    let at = |alpha: f64| {
        let sums = Sums::of(y, alpha, &mut trend());
        let weight = if optimised { sums.best_weight() } else { 0.5 };
        let (squares, level) = sums.at_weight(weight);
        (squares, weight, level)
    };
    let alpha = least(|alpha| at(alpha).0);
    let (squares, weight, moved) = at(alpha);

    let (mut level, mut trend, mut decay) = (y[0] / 2.0 + moved, trend(), 1.0);
    let (mut sum, mut sum_of_squares) = (0.0, 0.0);
    for (step, y) in y.iter().enumerate() {
        let error = y - level - weight * trend.line(decay, alpha);
        if step >= WARM_UP {
            sum += error;
            sum_of_squares += error * error;
        }
        level += alpha * (y - level);
        decay *= 1.0 - alpha;
        trend.learn(step + 1, *y);
    }
    let count = (y.len() - WARM_UP) as f64;
    let sigma2 = (sum_of_squares - sum * sum / count).max(0.0) / (count - 1.0).max(1.0);
    Theta { variant, alpha, weight, level, trend, sigma2, steps: y.len(), mean_square: squares / count }
}

/// The α of the least value: the best of a grid, refined by golden sections between its neighbours.
fn least(f: impl Fn(f64) -> f64) -> f64 {
    let step = (ALPHA.1 - ALPHA.0) / (GRID - 1) as f64;
    let at = |i: usize| ALPHA.0 + step * i as f64;
    let best = (0..GRID).map(|i| (f(at(i)), i)).fold((f64::INFINITY, 0), |a, b| if b.0 < a.0 { b } else { a });
    let (mut low, mut high) = (at(best.1.saturating_sub(1)), at((best.1 + 1).min(GRID - 1)));
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut a, mut b) = (high - golden * (high - low), low + golden * (high - low));
    let (mut at_a, mut at_b) = (f(a), f(b));
    while high - low > 1e-5 {
        if at_a < at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - golden * (high - low);
            at_a = f(a);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + golden * (high - low);
            at_b = f(b);
        }
    }
    let middle = 0.5 * (low + high);
    if f(middle) <= best.0 { middle } else { at(best.1) }
}
