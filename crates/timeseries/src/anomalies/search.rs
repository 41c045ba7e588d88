//! The search: what stands out most is taken into the model, and the rest judged anew, until nothing stands out.

use super::{
    Anomalies, AnomalyKind,
    ground::{seasons, trend},
    noise::{autoregression, coefficients, errors, robust, scale},
    scan::{Effect, Scan, scan},
    tails::Tails,
};
use adflux_core::Result;
use adflux_evaluation::distributions::{normal_cdf, normal_quantile, student_t_two_sided};
use std::f64::consts::{PI, SQRT_2};

/// A candidate is looked at closely from this share of its limit on: the first look has a rough autoregression only.
const NEAR_LIMIT: f64 = 0.6;
/// The highest order of the autoregression.
const HIGHEST: usize = 14;
/// Errors below that, of values between 1 and 2, are rounding.
const ROUNDING: f64 = 1e-9;

/// Something out of the ordinary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) kind: AnomalyKind,
    pub(super) step: usize,
    pub(super) effect: f64,
    pub(super) p_value: f64,
}

/// What was expected of each step from all others, and what would not have been out of the ordinary.
pub(super) struct Expected {
    pub(super) found: Vec<Found>,
    pub(super) expected: Vec<f64>,
    pub(super) lower: Vec<f64>,
    pub(super) upper: Vec<f64>,
}

/// A series without gaps, and what is ordinary in it.
pub(super) struct Search<'a> {
    recipe: &'a Anomalies,
    values: &'a [f64],
    known: &'a [bool],
    columns: Vec<Vec<f64>>,
    /// Columns of the trend.
    slow: usize,
    /// Columns of trend and seasons; those of steps without a value come after.
    ordinary: usize,
    /// The highest order of the autoregression.
    most: usize,
}

type Place = (AnomalyKind, usize);

impl<'a> Search<'a> {
    /// Where a value is not `known` it may be anything: a column of its own explains it.
    pub(super) fn new(recipe: &'a Anomalies, values: &'a [f64], known: &'a [bool]) -> Self {
        let steps = values.len();
        let mut columns = trend(recipe, steps);
        let slow = columns.len();
        columns.extend(seasons(recipe, steps));
        let ordinary = columns.len();
        let missing = (0..steps).filter(|step| !known[*step]);
        columns.extend(missing.map(|step| column((AnomalyKind::Point, step), steps)));
        // Up to the shortest season and a step more: a Monday is like the last.
        let season = recipe.periods.iter().min().copied().unwrap_or(1);
        let most = (season + 1).min(HIGHEST).min(steps / 20).max(2);
        Search { recipe, values, known, columns, slow, ordinary, most }
    }

    pub(super) fn run(&self, stop: impl Fn() -> Result<()>) -> Result<Expected> {
        let mut found: Vec<Place> = Vec::new();
        while found.len() < self.values.len() / 10 {
            stop()?;
            let mut taken = None;
            for candidate in self.candidates(&found, &stop)? {
                stop()?;
                let mut with = found.clone();
                with.push(candidate);
                if self.judge(&with, found.len()).p_value < self.share() {
                    taken = Some(candidate);
                    break;
                }
            }
            match taken {
                Some(taken) => found.push(taken),
                None => break,
            }
        }
        // What stood out at first may be ordinary beside what was found later.
        loop {
            let judged = |place| stop().map(|()| (place, self.judge(&found, place).p_value));
            let all = (0..found.len()).map(judged).collect::<Result<Vec<_>>>()?;
            match all.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)) {
                Some((place, p_value)) if p_value >= self.share() => drop(found.remove(place)),
                _ => break,
            }
        }
        found.sort_by_key(|(_, step)| *step);
        self.expected(&found, &stop)
    }

    /// The level is shared by the two kinds.
    fn share(&self) -> f64 {
        0.5 * self.recipe.level
    }

    fn judged(&self) -> f64 {
        self.known.iter().filter(|known| **known).count() as f64
    }

    fn with(&self, found: &[Place]) -> Vec<Vec<f64>> {
        self.columns.iter().cloned().chain(found.iter().map(|place| column(*place, self.values.len()))).collect()
    }

    /// The pulse and the step that stand out most beside what was found, those near their limit, the most first.
    fn candidates(&self, found: &[Place], stop: &impl Fn() -> Result<()>) -> Result<Vec<Place>> {
        let columns = self.with(found);
        let ar = robust(&errors(self.values, &columns, &[]));
        stop()?;
        let scan = scan(self.values, &columns, &ar, self.recipe.shift_after);
        let deviation = scale(scan.errors.iter().copied()).max(ROUNDING);
        let single = -normal_quantile(0.5 * self.share() / self.judged());
        let shift = limit(&scan.forgetting, self.share());
        let near = self.recipe.shift_after;
        let free = |place: &Place| {
            let crowded = |other: &Place| match (place.0, other.0) {
                (AnomalyKind::LevelShift, AnomalyKind::LevelShift) => place.1.abs_diff(other.1) < near,
                _ => place == other,
            };
            !found.iter().any(crowded)
        };
        let best = |kind, effects: &[Effect], limit: f64| {
            let share = |step: usize| (effects[step].statistic().abs() / deviation / limit, (kind, step));
            (0..effects.len()).map(share).filter(|(_, place)| free(place)).max_by(|a, b| a.0.total_cmp(&b.0))
        };
        let pulse = best(AnomalyKind::Point, &scan.pulse, single);
        let step = best(AnomalyKind::LevelShift, &scan.step, shift);
        let mut both: Vec<(f64, Place)> = [pulse, step].into_iter().flatten().collect();
        both.retain(|(share, _)| *share > NEAR_LIMIT);
        both.sort_by(|a, b| b.0.total_cmp(&a.0));
        Ok(both.into_iter().map(|(_, place)| place).collect())
    }

    /// How much `found[place]` is out of the ordinary beside the others.
    fn judge(&self, found: &[Place], place: usize) -> Found {
        let columns = self.with(found);
        let (ar, with) = self.fit(&columns, found);
        self.judge_beside(found, place, &columns, &ar, &with)
    }

    fn fit(&self, columns: &[Vec<f64>], found: &[Place]) -> (Vec<f64>, Scan) {
        let shifts = found.iter().filter(|(kind, _)| *kind == AnomalyKind::LevelShift).count();
        let mut known = self.known.to_vec();
        found.iter().filter(|(kind, _)| *kind == AnomalyKind::Point).for_each(|(_, step)| known[*step] = false);
        let ar = autoregression(self.values, columns, &known, self.most, self.slow + shifts);
        let with = scan(self.values, columns, &ar, self.recipe.shift_after);
        (ar, with)
    }

    /// `ar` and `with` are of the `columns` with all that was found.
    fn judge_beside(&self, found: &[Place], place: usize, columns: &[Vec<f64>], ar: &[f64], with: &Scan) -> Found {
        let (kind, step) = found[place];
        let mut others = columns.to_vec();
        others.remove(self.columns.len() + place);
        let without = scan(self.values, &others, ar, self.recipe.shift_after);
        let (effect, p_value) = match kind {
            AnomalyKind::Point => {
                let of = without.pulse[step];
                (of, self.tails(found, with).probability(of.statistic()) * self.judged())
            }
            AnomalyKind::LevelShift => {
                let of = without.step[step];
                let squares: f64 = with.errors.iter().map(|e| e * e).sum();
                let deviation = (squares / with.degrees).sqrt().max(ROUNDING);
                let two_sided = student_t_two_sided(of.statistic().abs() / deviation, with.degrees).max(1e-300);
                (of, crossed(-normal_quantile(0.5 * two_sided), &without.forgetting))
            }
        };
        Found { kind, step, effect: effect.coefficient(), p_value: p_value.min(1.0) }
    }

    /// The distribution of the statistics of values that are not out of the ordinary.
    fn tails(&self, found: &[Place], with: &Scan) -> Tails {
        let ordinary = |step: &usize| self.known[*step] && !found.contains(&(AnomalyKind::Point, *step));
        let statistics: Vec<f64> =
            (0..self.values.len()).filter(ordinary).map(|step| with.pulse[step].statistic()).collect();
        Tails::of(&statistics, ROUNDING)
    }

    fn expected(&self, places: &[Place], stop: &impl Fn() -> Result<()>) -> Result<Expected> {
        let columns = self.with(places);
        let (ar, with) = self.fit(&columns, places);
        let limits = self.tails(places, &with).limits(self.share() / self.judged());
        let reach = |of: &Effect| limits.map(|limit| limit * of.deviation());
        let steps = self.values.len();
        // What the others say of a step is its value less what a pulse there would explain.
        let mut effects = with.pulse.clone();
        let mut found = Vec::with_capacity(places.len());
        for (place, (kind, step)) in places.iter().enumerate() {
            stop()?;
            found.push(self.judge_beside(places, place, &columns, &ar, &with));
            if *kind == AnomalyKind::Point {
                let mut others = columns.clone();
                others.remove(self.columns.len() + place);
                effects[*step] = scan(self.values, &others, &ar, self.recipe.shift_after).pulse[*step];
            }
        }
        let all = coefficients(self.values, &columns, &ar);
        let missing = (0..steps).filter(|step| !self.known[*step]);
        let mut off: Vec<f64> = effects.iter().map(Effect::coefficient).collect();
        missing.zip(&all[self.ordinary..]).for_each(|(step, b)| off[step] = *b);
        let expected: Vec<f64> = self.values.iter().zip(off).map(|(value, off)| value - off).collect();
        let end = |place: usize| {
            let end =
                |step: usize| if self.known[step] { expected[step] + reach(&effects[step])[place] } else { f64::NAN };
            (0..steps).map(end).collect::<Vec<f64>>()
        };
        Ok(Expected { found, lower: end(0), upper: end(1), expected })
    }
}

fn column((kind, place): Place, steps: usize) -> Vec<f64> {
    let on = |step: usize| match kind {
        AnomalyKind::Point => step == place,
        AnomalyKind::LevelShift => step >= place,
    };
    (0..steps).map(|step| f64::from(on(step))).collect()
}

/// The probability that the statistics of steps in an ordinary series come to `z` anywhere, on either side, where each forgets so much of
/// the one before. Neighbours are alike, so that this is much less than the sum over all. Siegmund, "Sequential analysis" (1985), chapter 10.
fn crossed(z: f64, forgetting: &[f64]) -> f64 {
    if z <= 1.0 {
        return 1.0;
    }
    let density = (-0.5 * z * z).exp() / (2.0 * PI).sqrt();
    // How much fewer crossings there are where one looks at steps only.
    let coarse = |x: f64| {
        let (half, bell) = (normal_cdf(0.5 * x), (-0.125 * x * x).exp() / (2.0 * PI).sqrt());
        2.0 / x * (half - 0.5) / (0.5 * x * half + bell)
    };
    let crossings: f64 = forgetting.iter().map(|beta| beta * coarse(z * SQRT_2 * beta.sqrt())).sum();
    (2.0 * (normal_cdf(-z) + z * density * crossings)).min(1.0)
}

/// The z that is crossed with this probability. By bisection.
fn limit(forgetting: &[f64], probability: f64) -> f64 {
    let (mut low, mut high) = (1.0, 40.0);
    for _ in 0..24 {
        let middle = 0.5 * (low + high);
        if crossed(middle, forgetting) > probability { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_lie_between_those_of_one_statistic_and_of_independent_ones() {
        let one = limit(&[], 0.05);
        assert!((one - 1.959_964).abs() < 1e-5, "{one}");
        // As good as independent: Bonferroni's, 3.84 for 400 at 0.05.
        let many = limit(&vec![9.0; 400], 0.05);
        let bonferroni = -normal_quantile(0.025 / 401.0);
        assert!((many - bonferroni).abs() < 0.05, "{many} {bonferroni}");
        let alike = limit(&vec![0.02; 400], 0.05);
        assert!(one < alike && alike < many - 0.3, "{alike}");
    }
}
