//! The fitted model of one series.

use super::{
    Additive, SeasonalityMode,
    design::{Design, Standard, change_points},
    solve::{Problem, Solution},
};
use crate::local::{FittedLocal, LocalModel, normal};
use adflux_core::random::Rng;
use ndarray::{Array2, ArrayView2, aview1};
use rand::RngExt as _;
use serde::{Deserialize, Serialize};

/// The deviation of slope and level before anything is known, where values are 1 at most.
const TREND_PRIOR: f64 = 5.0;
/// No trend bends more often in the future: enough to be a curve.
const MOST_BENDS: f64 = 1e6;

/// The [`Additive`] model of one series.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AdditiveModel {
    design: Design,
    multiplicative: bool,
    /// What values were divided by.
    largest: f64,
    #[serde(with = "adflux_core::arrays")]
    coefficients: Vec<f64>,
    sigma: f64,
    /// Steps that are known: those of the fit, and those it was updated by.
    known: usize,
}

/// [`Additive`], fitted.
pub type FittedAdditive = FittedLocal<AdditiveModel>;

/// What [`Additive`] made of a series, in the series' own unit.
#[derive(Clone, Debug, PartialEq)]
pub struct AdditiveSummary {
    /// The level of the trend at the first step.
    pub level: f64,
    /// By how much the trend rises a step, at first.
    pub slope: f64,
    /// Steps, from the first on, at which the slope changes, and by how much.
    pub changes: Vec<(usize, f64)>,
    /// What one unit of each covariate adds; where seasons multiply, as a share of the trend.
    pub covariates: Vec<f64>,
    /// The deviation of the errors.
    pub sigma: f64,
}

impl FittedAdditive {
    /// What was made of the series called `id`; `None` when it was not fitted.
    pub fn summary(&self, id: &str) -> Option<AdditiveSummary> {
        let (model, unit) = self.model(id)?;
        let (scale, design) = (model.largest * unit, &model.design);
        let steps = (design.steps.max(2) - 1) as f64;
        let bends = design.changes.iter().zip(&model.coefficients[2..]);
        let of_covariates = &model.coefficients[design.trend() + design.waves()..];
        let size = if model.multiplicative { 1.0 } else { scale };
        Some(AdditiveSummary {
            level: model.coefficients[1] * scale,
            slope: model.coefficients[0] * scale / steps,
            changes: bends.map(|(at, by)| ((at * steps).round() as usize, by * scale / steps)).collect(),
            covariates: of_covariates.iter().zip(&design.standards).map(|(v, of)| v * size / of.deviation).collect(),
            sigma: model.sigma * scale,
        })
    }
}

/// Which coefficients make `y` likely, with the priors of `recipe`.
fn problem<'a>(recipe: &Additive, design: &Design, columns: &'a Array2<f64>, y: &'a [f64]) -> Problem<'a> {
    let trend = design.trend();
    let prior = |column: usize| match column {
        0 | 1 => (TREND_PRIOR.powi(-2), 0.0),
        _ if column < trend => (0.0, recipe.changepoint_prior_scale.recip()),
        _ if column < trend + design.waves() => (recipe.seasonality_prior_scale.powi(-2), 0.0),
        _ => (recipe.holidays_prior_scale.powi(-2), 0.0),
    };
    let (precision, rate) = (0..design.width()).map(prior).unzip();
    let multiplicative = recipe.seasonality_mode == SeasonalityMode::Multiplicative;
    Problem { columns, y, trend, multiplicative, precision, rate }
}

impl AdditiveModel {
    pub(super) fn fit(recipe: &Additive, values: &[f64], covariates: ArrayView2<'_, f64>) -> Self {
        let steps = values.len();
        let largest = values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
        let largest = if largest > 0.0 { largest } else { 1.0 };
        let y: Vec<f64> = values.iter().map(|v| v / largest).collect();
        let mut design = Design {
            steps,
            changes: Vec::new(),
            seasons: recipe.seasons_of(steps),
            standards: covariates.columns().into_iter().map(Standard::of).collect(),
        };
        let changes = change_points(steps, recipe.n_changepoints, recipe.changepoint_range);
        design.changes = changes.into_iter().map(|step| design.time(step)).collect();
        let mut start = vec![0.0; design.width()];
        start[0] = if steps > 1 { y[steps - 1] - y[0] } else { 0.0 };
        start[1] = y[0];
        let multiplicative = recipe.seasonality_mode == SeasonalityMode::Multiplicative;
        let solution = if y.iter().all(|v| *v == y[0]) {
            // Priors would draw a constant towards 0.
            Solution { coefficients: start, sigma: 0.0 }
        } else {
            let columns = design.columns(0, covariates);
            problem(recipe, &design, &columns, &y).solve(start)
        };
        let Solution { coefficients, sigma } = solution;
        AdditiveModel { design, multiplicative, largest, coefficients, sigma, known: steps }
    }

    /// The trend of each coming step, and what is added to it or multiplies it.
    fn parts(&self, future: ArrayView2<'_, f64>) -> (Vec<f64>, Vec<f64>) {
        let columns: Array2<f64> = self.design.columns(self.known, future);
        let (of_trend, of_others) = self.coefficients.split_at(self.design.trend());
        let (trend, others) = columns.view().split_at(ndarray::Axis(1), self.design.trend());
        (trend.dot(&aview1(of_trend)).to_vec(), others.dot(&aview1(of_others)).to_vec())
    }

    fn value(&self, trend: f64, others: f64) -> f64 {
        self.largest * if self.multiplicative { trend * (1.0 + others) } else { trend + others }
    }

    /// By how much a trend that is off moves a value.
    fn weight(&self, others: f64) -> f64 {
        if self.multiplicative { (1.0 + others).abs() } else { 1.0 }
    }

    /// The mean size of the bends of the past.
    fn bend(&self) -> f64 {
        let count = self.design.changes.len();
        if count == 0 {
            return 0.0;
        }
        self.coefficients[2..2 + count].iter().map(|v| v.abs()).sum::<f64>() / count as f64
    }
}

impl LocalModel for AdditiveModel {
    const KIND: &'static str = "additive";
    const COVARIATES: bool = true;

    fn moments(&self, _: usize, future: ArrayView2<'_, f64>) -> (Vec<f64>, Vec<f64>) {
        let (trend, others) = self.parts(future);
        let (often, bend) = (self.design.changes.len() as f64, self.bend());
        let deviation = |(step, others): (usize, &f64)| {
            let beyond = self.design.time(self.known + step) - 1.0;
            // Bends come at random, each of variance 2 bend², and each moves the trend by its size times the time since.
            let of_trend = often * 2.0 * bend * bend * beyond.max(0.0).powi(3) / 3.0;
            self.largest * (self.sigma * self.sigma + of_trend * self.weight(*others).powi(2)).sqrt()
        };
        let deviations = others.iter().enumerate().map(deviation).collect();
        let means: Vec<f64> = trend.iter().zip(&others).map(|(trend, others)| self.value(*trend, *others)).collect();
        (means, deviations)
    }

    fn path(&self, horizon: usize, future: ArrayView2<'_, f64>, rng: &mut Rng) -> Vec<f64> {
        let (trend, others) = self.parts(future);
        let (often, bend) = (self.design.changes.len() as f64, self.bend());
        let end = self.design.time(self.known + horizon.max(1) - 1) - 1.0;
        // Bends by the times between them, which are exponential.
        let mut bends: Vec<(f64, f64)> = Vec::new();
        let mut at = 0.0;
        while bend > 0.0 && (bends.len() as f64) < MOST_BENDS {
            at -= (1.0 - rng.random::<f64>()).ln() / often;
            if at > end {
                break;
            }
            let (sign, size) = (if rng.random::<bool>() { 1.0 } else { -1.0 }, -(1.0 - rng.random::<f64>()).ln());
            bends.push((at, sign * size * bend));
        }
        let (mut slope, mut level, mut next) = (0.0, 0.0, 0);
        let mut values = Vec::with_capacity(trend.len());
        for (step, (trend, others)) in trend.iter().zip(&others).enumerate() {
            let beyond = self.design.time(self.known + step) - 1.0;
            while let Some((at, by)) = bends.get(next).filter(|(at, _)| *at <= beyond) {
                slope += by;
                level -= by * at;
                next += 1;
            }
            let moved = slope * beyond + level;
            values.push(self.value(trend + moved, *others) + self.largest * self.sigma * normal(rng));
        }
        values
    }

    fn update(&mut self, values: &[f64], _: ArrayView2<'_, f64>) {
        self.known += values.len();
    }

    fn validate(&self) -> Result<(), String> {
        let design = &self.design;
        let of_design = design.changes.iter().all(|v| (0.0..=1.0).contains(v))
            && design.seasons.iter().all(|s| s.period > 1.0 && s.period.is_finite() && s.order <= super::MOST_WAVES)
            && design.standards.iter().all(|s| s.mean.is_finite() && s.deviation > 0.0 && s.deviation.is_finite());
        let finite = self.coefficients.iter().all(|v| v.is_finite());
        let positive = self.largest > 0.0 && self.largest.is_finite() && self.sigma >= 0.0 && self.sigma.is_finite();
        let counted = design.seasons.len() <= 1_000
            && self.coefficients.len() == design.width()
            && design.steps <= usize::MAX / 4
            && self.known <= usize::MAX / 4;
        if of_design && finite && positive && counted { Ok(()) } else { Err("numbers that no fit gives".into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Seasonality, SeasonalityMode},
        *,
    };
    use std::f64::consts::TAU;

    #[derive(Deserialize)]
    struct Case {
        mode: SeasonalityMode,
        values: Vec<f64>,
        event: Option<Vec<f64>>,
        changes: Vec<f64>,
        k: Vec<f64>,
        m: Vec<f64>,
        delta: Vec<f64>,
        beta: Vec<f64>,
        sigma_obs: Vec<f64>,
    }

    /// The waves of Prophet begin in 1970, those here with the series: the same waves, turned.
    fn turned(beta: &[f64], first_day: f64) -> Vec<f64> {
        let turn = |(k, pair): (usize, &[f64])| {
            let (sin, cos) = (TAU * (first_day / 7.0).fract() * (k + 1) as f64).sin_cos();
            [pair[0] * cos - pair[1] * sin, pair[0] * sin + pair[1] * cos]
        };
        let waves = beta[..6].chunks_exact(2).enumerate().flat_map(turn);
        waves.chain(beta[6..].iter().copied()).collect()
    }

    #[test]
    fn prophet_finds_nothing_that_is_more_likely() {
        let cases: Vec<Case> = adflux_testing::fixture("timeseries/additive.json");
        for case in &cases {
            let steps = case.values.len();
            let event: Vec<f64> = case.event.iter().flatten().copied().take(steps).collect();
            let covariates = Array2::from_shape_fn((steps, usize::from(case.event.is_some())), |(step, _)| event[step]);
            let recipe = Additive::default().seasons([Seasonality::new(7.0, 3)]).seasonality_mode(case.mode);
            let ours = AdditiveModel::fit(&recipe, &case.values, covariates.view());
            adflux_testing::assert_all_close(&ours.design.changes, &case.changes, 1e-12);
            let columns = ours.design.columns(0, covariates.view());
            let y: Vec<f64> = case.values.iter().map(|v| v / ours.largest).collect();
            let problem = problem(&recipe, &ours.design, &columns, &y);
            let first_day = adflux_core::calendar::days(2023, 1, 2) as f64;
            let beta = turned(&case.beta, first_day);
            let theirs = [&case.k, &case.m, &case.delta, &beta].into_iter().flatten().copied().collect();
            let theirs = problem.loss(&Solution { coefficients: theirs, sigma: case.sigma_obs[0] });
            let ours = problem.loss(&Solution { coefficients: ours.coefficients.clone(), sigma: ours.sigma });
            assert!(ours <= theirs + 1e-6 && ours > theirs - 1.0, "{ours} against {theirs}");
        }
    }
}
