//! The likelihood of smoothing parameters, at the state before the first step that makes it greatest.

use super::{
    form::{EtsError, EtsForm, EtsSeason},
    recursion::{Pass, Smoothing, State},
};
use crate::cholesky::solve_in_place;

/// Below this mean square the errors are rounding: values lie between 1 and 2.
const NOTHING: f64 = 1e-22;

/// The likelihood of one form on one series, with all memory that its evaluation takes.
///
/// Given the smoothing parameters, forecasts are linear in the state before the first step (with factors of a season nearly so).
/// So that state is not searched for with the parameters, as Hyndman et al. do, but solved for at each point by Gauss and Newton's steps:
/// one with errors that are added, where it is least squares, few otherwise. The search is left with at most four numbers.
pub(crate) struct Likelihood<'a> {
    form: EtsForm,
    y: &'a [f64],
    season_length: usize,
    /// The free numbers of the state: those of the last evaluation, from which the next one starts.
    pub(crate) free: Vec<f64>,
    first: Vec<f64>,
    pass: Pass,
    trial: Vec<f64>,
    step: Vec<f64>,
    matrix: Vec<f64>,
}

impl<'a> Likelihood<'a> {
    pub(crate) fn new(form: EtsForm, y: &'a [f64], season_length: usize) -> Self {
        let first = start(form, y, season_length);
        let free = first.len();
        Likelihood {
            form,
            y,
            season_length,
            free: first.clone(),
            first,
            pass: Pass::default(),
            trial: vec![0.0; free],
            step: vec![0.0; free],
            matrix: vec![0.0; free * free],
        }
    }

    /// −2 log likelihood, but for what depends on nothing but the number of steps: n log Σe², and with relative errors 2 Σ log f more
    /// (Hyndman, Koehler, Ord and Snyder 2008, equation 5.3). Infinite where there is none.
    pub(crate) fn at(&mut self, by: Smoothing) -> f64 {
        let found = self.solve(by);
        if found.is_finite() {
            return found;
        }
        // What suited the point before may lead this one below 0.
        self.free.copy_from_slice(&self.first);
        self.solve(by)
    }

    /// The state after the last step, the sum of squared errors, and −2 log likelihood, at the free numbers of now.
    pub(crate) fn finish(&mut self, by: Smoothing) -> (State, f64, f64) {
        let state = self.run(by, false);
        let value = self.value();
        (state, self.squares(), value)
    }

    fn run(&mut self, by: Smoothing, trial: bool) -> State {
        let free = if trial { &self.trial } else { &self.free };
        let mut state = State::of(self.form, self.season_length, free);
        self.pass.run(self.form, by, &mut state, self.y);
        state
    }

    fn solve(&mut self, by: Smoothing) -> f64 {
        self.run(by, false);
        let mut value = self.value();
        let linear = self.form.season != EtsSeason::Multiplicative;
        let exact = self.form.error == EtsError::Additive;
        for _ in 0..12 {
            if !value.is_finite() || !self.newton() {
                break;
            }
            let before = value;
            let mut taken = 0.0;
            for part in [1.0, 0.5, 0.1] {
                for ((trial, free), step) in self.trial.iter_mut().zip(&self.free).zip(&self.step) {
                    *trial = free + part * step;
                }
                if linear {
                    self.shift(part - taken);
                    taken = part;
                } else {
                    self.run(by, true);
                }
                let there = self.value();
                if there < value {
                    value = there;
                    self.free.copy_from_slice(&self.trial);
                    break;
                }
            }
            if exact || before - value < 1e-7 {
                break;
            }
        }
        value
    }

    /// Moves the forecasts by a part of the step, where they are linear.
    fn shift(&mut self, part: f64) {
        let free = self.step.len();
        for (forecast, row) in self.pass.forecasts.iter_mut().zip(self.pass.derivatives.chunks_exact(free)) {
            let moved: f64 = row.iter().zip(&self.step).map(|(d, step)| d * step).sum();
            *forecast += part * moved;
        }
    }

    fn squares(&self) -> f64 {
        let pairs = self.y.iter().zip(&self.pass.forecasts);
        match self.form.error {
            EtsError::Additive => pairs.map(|(y, f)| (y - f) * (y - f)).sum(),
            EtsError::Multiplicative => pairs.map(|(y, f)| (y / f - 1.0) * (y / f - 1.0)).sum(),
        }
    }

    fn value(&self) -> f64 {
        let count = self.y.len() as f64;
        let logs = match self.form.error {
            EtsError::Additive => 0.0,
            EtsError::Multiplicative => sum_of_logs(&self.pass.forecasts),
        };
        let value = count * self.squares().max(count * NOTHING).ln() + 2.0 * logs;
        if value.is_nan() { f64::INFINITY } else { value }
    }

    /// Sets `step` to Gauss and Newton's; false where there is none.
    fn newton(&mut self) -> bool {
        let (mean_square, free) = (self.squares() / self.y.len() as f64, self.step.len());
        self.matrix.fill(0.0);
        self.step.fill(0.0);
        let relative = self.form.error == EtsError::Multiplicative;
        // Of each step the weight in the matrix, and the pull on its forecast.
        let of = |y: f64, f: f64| {
            if !relative {
                return (1.0, y - f);
            }
            let pull = y / (f * f);
            (pull * pull, (y / f - 1.0) * pull - mean_square / f)
        };
        let steps = self.y.iter().zip(&self.pass.forecasts).zip(self.pass.derivatives.chunks_exact(free));
        match free {
            1 => {
                let (mut matrix, mut right) = (0.0, 0.0);
                for ((y, f), row) in steps {
                    let (weight, pull) = of(*y, *f);
                    matrix += weight * row[0] * row[0];
                    right += pull * row[0];
                }
                (self.matrix[0], self.step[0]) = (matrix, right);
            }
            2 => {
                let (mut a, mut b, mut c, mut right) = (0.0, 0.0, 0.0, [0.0; 2]);
                for ((y, f), row) in steps {
                    let (weight, pull) = of(*y, *f);
                    a += weight * row[0] * row[0];
                    b += weight * row[1] * row[0];
                    c += weight * row[1] * row[1];
                    right[0] += pull * row[0];
                    right[1] += pull * row[1];
                }
                self.matrix.copy_from_slice(&[a, 0.0, b, c]);
                self.step.copy_from_slice(&right);
            }
            _ => {
                for ((y, f), row) in steps {
                    let (weight, pull) = of(*y, *f);
                    for (i, d) in row.iter().enumerate() {
                        let weighted = weight * d;
                        for (to, other) in self.matrix[i * free..=i * free + i].iter_mut().zip(row) {
                            *to += weighted * other;
                        }
                        self.step[i] += pull * d;
                    }
                }
            }
        }
        solve_in_place(&mut self.matrix, &mut self.step)
    }
}

/// Free numbers to begin with: no slope, and the season of the means over the first three.
fn start(form: EtsForm, y: &[f64], season_length: usize) -> Vec<f64> {
    let length = if form.has_season() { season_length } else { 1 };
    let seasons = (y.len() / length).clamp(1, if form.has_season() { 3 } else { 10 });
    let beginning = &y[..(seasons * length).min(y.len())];
    let mean = |values: &mut dyn Iterator<Item = f64>| {
        let (sum, count) = values.fold((0.0, 0), |(sum, count), v| (sum + v, count + 1));
        sum / f64::from(count)
    };
    let level = mean(&mut beginning.iter().copied());
    let mut free = vec![level];
    free.extend(form.has_trend().then_some(0.0));
    for place in 0..length - 1 {
        let at_place = mean(&mut beginning.iter().skip(place).step_by(length).copied());
        free.push(if form.season == EtsSeason::Multiplicative { at_place / level } else { at_place - level });
    }
    free
}

/// Σ log v of positive numbers; NaN when one is not. A logarithm for eight numbers, of their product.
fn sum_of_logs(values: &[f64]) -> f64 {
    let of = |eight: &[f64]| {
        let (product, least) =
            eight.iter().fold((1.0, f64::INFINITY), |(p, least): (f64, f64), v| (p * v, least.min(*v)));
        match least > 0.0 {
            true if (1e-280..1e280).contains(&product) => product.ln(),
            true => eight.iter().map(|v| v.ln()).sum(),
            false => f64::NAN,
        }
    };
    values.chunks(8).map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ets::form::EtsTrend;

    fn series() -> Vec<f64> {
        (0..40).map(|t| 1.0 + 0.01 * t as f64 + [0.0, 0.1, -0.15, 0.02][t % 4] + (t * 7 % 5) as f64 * 0.02).collect()
    }

    fn by(form: EtsForm) -> Smoothing {
        let or = |has: bool, value: f64, other: f64| if has { value } else { other };
        Smoothing {
            alpha: 0.3,
            beta: or(form.has_trend(), 0.05, 0.0),
            gamma: or(form.has_season(), 0.2, 0.0),
            phi: or(form.trend == EtsTrend::Damped, 0.9, 1.0),
        }
    }

    #[test]
    fn no_other_state_is_more_likely() {
        let y = series();
        for form in EtsForm::of("ZZZ", None).unwrap() {
            let mut likelihood = Likelihood::new(form, &y, 4);
            let value = likelihood.at(by(form));
            let best = likelihood.free.clone();
            for i in 0..best.len() {
                for moved in [-1e-3, 1e-3] {
                    likelihood.free.copy_from_slice(&best);
                    likelihood.free[i] += moved;
                    let (_, _, other) = likelihood.finish(by(form));
                    assert!(other > value - 1e-6, "{form}: number {i} moved by {moved}: {other} against {value}");
                }
            }
        }
    }

    #[test]
    fn logarithms_are_added_up_and_refused() {
        let values: Vec<f64> = (1..30).map(|v| f64::from(v) * 1e-60).collect();
        let expected: f64 = values.iter().map(|v| v.ln()).sum();
        assert!((sum_of_logs(&values) - expected).abs() < 1e-9);
        assert!(sum_of_logs(&[1.0, -1.0, -1.0]).is_nan());
    }
}
