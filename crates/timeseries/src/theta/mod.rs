//! Theta models: a smoothed level and a line, the best of four.

mod fit;
mod recursion;

use crate::{
    local::{FittedLocal, LocalModel, LocalRecipe, fits_locally, normal},
    naive::mean_square_step,
    seasonality::{Decomposition, repeats, season},
};
use adflux_core::{Result, parameter, random::Rng};
use ndarray::ArrayView2;
use recursion::Trend;
use serde::{Deserialize, Serialize};

/// The four theta models (Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler 2016).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ThetaVariant {
    /// Standard: θ = 2, the line through the whole series. The method that won the M3 competition, as a state space model.
    Stm,
    /// Optimised: θ is estimated.
    Otm,
    /// Dynamic standard: θ = 2, the line through what is known before each step.
    Dstm,
    /// Dynamic optimised: θ is estimated, the line through what is known before each step.
    Dotm,
}

impl ThetaVariant {
    const ALL: [Self; 4] = [ThetaVariant::Stm, ThetaVariant::Otm, ThetaVariant::Dstm, ThetaVariant::Dotm];
}

/// The theta method: simple exponential smoothing of a series together with the line through it, the best of four variants by the mean
/// squared error one step ahead.
///
/// The forecast of step t is ℓ + w ((1 − α)ᵗ⁻¹ A + (1 − (1 − α)ᵗ) / α B), with the level ℓ, the line A + B t and its weight
/// w = 1 − 1/θ; then ℓ = α y + (1 − α) ℓ. Assimakopoulos and Nikolopoulos (2000); Fiorucci et al., "Models for optimising the theta method
/// and their relationship to state space models" (2016).
///
/// A series that repeats is freed of its season before, and the forecast given it again: an autocorrelation at the season's lag tells
/// whether it does (the test of the M4 competition), classical decomposition what the season is.
///
/// Bounds, test and decomposition are those of statsforecast's `AutoTheta`. First level and θ are solved for exactly at each α,
/// where that searches for all three, so the error within the series is as small or smaller. Intervals are analytic: statsforecast's
/// are quantiles of 200 simulated paths.
///
/// Series that are constant or have three steps or fewer are forecast as by [`Naive`](crate::Naive). O(steps) for each of 40
/// evaluations a variant.
///
/// ```
/// use adflux_core::{Fit, Forecaster, Panel};
/// use adflux_timeseries::AutoTheta;
/// let truth = |t: usize| (100.0 + t as f64) * [1.1, 0.95, 1.0, 0.95][t % 4];
/// let past = (0..60).map(truth).collect();
/// let forecast = AutoTheta::new(4).fit(Panel::from_values([("clicks", past)])?)?.forecast(4, &[0.8], None)?;
/// for (step, mean) in forecast.get("clicks")?.mean.iter().enumerate() {
///     assert!((mean / truth(60 + step) - 1.0).abs() < 0.01, "{mean} for {}", truth(60 + step));
/// }
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AutoTheta {
    /// Steps after which the series may repeat: 7 for days in weeks, 12 for months in years; below 4 no season is looked for. Default 1.
    /// [`Frequency::season`](adflux_core::Frequency::season) knows the usual ones.
    pub season_length: usize,
    /// How the season comes in: additive where values or factors are not above 0, whatever stands here. Default multiplicative.
    pub decomposition: Decomposition,
    /// The variant. Default: the best of the four.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ThetaVariant>,
}

impl Default for AutoTheta {
    fn default() -> Self {
        AutoTheta { season_length: 1, decomposition: Decomposition::Multiplicative, model: None }
    }
}

impl AutoTheta {
    /// With a season of so many steps; 1 for none.
    pub fn new(season_length: usize) -> Self {
        AutoTheta { season_length, ..AutoTheta::default() }
    }

    /// How the season comes in.
    pub fn decomposition(mut self, decomposition: Decomposition) -> Self {
        self.decomposition = decomposition;
        self
    }

    /// The variant.
    pub fn model(mut self, model: ThetaVariant) -> Self {
        self.model = Some(model);
        self
    }
}

/// A theta model of a series without season.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Theta {
    variant: ThetaVariant,
    alpha: f64,
    /// 1 − 1/θ.
    weight: f64,
    level: f64,
    trend: Trend,
    sigma2: f64,
    steps: usize,
    mean_square: f64,
}

/// The [`AutoTheta`] of one series.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ThetaModel {
    theta: Theta,
    kind: Decomposition,
    /// The season of the coming steps; empty where there is none.
    #[serde(with = "adflux_core::arrays")]
    season: Vec<f64>,
}

/// What [`AutoTheta`] made of a series, in the series' own unit.
#[derive(Clone, Debug, PartialEq)]
pub struct ThetaSummary {
    /// The variant that was chosen.
    pub variant: ThetaVariant,
    /// How much of an error goes into the level.
    pub alpha: f64,
    /// How strongly the line counts: 1 not at all, infinite in full.
    pub theta: f64,
    /// The level after the last step, without season.
    pub level: f64,
    /// The slope of the line.
    pub slope: f64,
    /// The mean of the squared errors one step ahead, from the fourth step on, of the series without season.
    pub mean_squared_error: f64,
    /// The season of the coming steps; `None` where the series does not repeat.
    pub season: Option<(Decomposition, Vec<f64>)>,
}

impl ThetaModel {
    /// Gives the steps ahead the season that they were freed of.
    fn give_season(&self, values: &mut [f64]) {
        for (value, season) in values.iter_mut().zip(self.season.iter().cycle()) {
            match self.kind {
                Decomposition::Additive => *value += season,
                Decomposition::Multiplicative => *value *= season,
            }
        }
    }
}

/// [`AutoTheta`], fitted.
pub type FittedAutoTheta = FittedLocal<ThetaModel>;

impl FittedAutoTheta {
    /// What was made of the series called `id`; `None` when it was not fitted.
    pub fn summary(&self, id: &str) -> Option<ThetaSummary> {
        let (model, unit) = self.model(id)?;
        // Without its season a series is in its unit, or, freed of factors, in that too.
        let scale = if model.kind == Decomposition::Multiplicative { 1.0 } else { unit };
        let season = || (model.kind, model.season.iter().map(|v| v * scale).collect());
        Some(ThetaSummary {
            variant: model.theta.variant,
            alpha: model.theta.alpha,
            theta: 1.0 / (1.0 - model.theta.weight),
            level: model.theta.level * unit,
            slope: model.theta.trend.slope * unit,
            mean_squared_error: model.theta.mean_square * unit * unit,
            season: (!model.season.is_empty()).then(season),
        })
    }
}

impl LocalModel for ThetaModel {
    const KIND: &'static str = "auto-theta";

    fn moments(&self, horizon: usize, _: ArrayView2<'_, f64>) -> (Vec<f64>, Vec<f64>) {
        let (mut mean, mut deviation) = recursion::moments(&self.theta, horizon);
        self.give_season(&mut mean);
        if self.kind == Decomposition::Multiplicative {
            deviation.iter_mut().zip(self.season.iter().cycle()).for_each(|(d, season)| *d *= season.abs());
        }
        (mean, deviation)
    }

    fn path(&self, horizon: usize, _: ArrayView2<'_, f64>, rng: &mut Rng) -> Vec<f64> {
        let (mut theta, sigma) = (self.theta.clone(), self.theta.sigma2.sqrt());
        let mut path: Vec<f64> = (0..horizon).map(|_| theta.step(|forecast| forecast + sigma * normal(rng))).collect();
        self.give_season(&mut path);
        path
    }

    fn update(&mut self, values: &[f64], _: ArrayView2<'_, f64>) {
        for value in values {
            let value = match (self.season.first(), self.kind) {
                (None, _) => *value,
                (Some(season), Decomposition::Additive) => value - season,
                (Some(season), Decomposition::Multiplicative) => value / season,
            };
            self.theta.step(|_| value);
            if !self.season.is_empty() {
                self.season.rotate_left(1);
            }
        }
    }

    fn validate(&self) -> Result<(), String> {
        let Theta { alpha, weight, level, trend, sigma2, steps, .. } = &self.theta;
        let numbers = [alpha, weight, level, &trend.mean, &trend.slope, sigma2];
        let finite = numbers.into_iter().chain(&self.season).all(|v| v.is_finite());
        let within = *alpha > 0.0 && *alpha <= 1.0 && (0.0..=1.0).contains(weight) && *sigma2 >= 0.0;
        let factors = self.kind == Decomposition::Multiplicative;
        let divides = !factors || self.season.iter().all(|season| *season > 0.0);
        // What the number of steps is added to must not overflow.
        if !finite || !divides || !within || *steps > usize::MAX / 4 || trend.count > usize::MAX / 4 {
            return Err("numbers that no fit gives".into());
        }
        Ok(())
    }
}

/// The last value and a walk from it: for series that are constant, or too short.
fn last_value(y: &[f64]) -> Theta {
    let mean_square = mean_square_step(y);
    Theta {
        variant: ThetaVariant::Stm,
        alpha: 1.0,
        weight: 0.0,
        level: y.last().copied().unwrap_or_default(),
        trend: Trend { mean: 0.0, slope: 0.0, count: y.len(), dynamic: false },
        sigma2: mean_square,
        steps: y.len(),
        mean_square,
    }
}

impl AutoTheta {
    /// The season of `y`, if it repeats.
    fn season_of(&self, y: &[f64]) -> Option<(Decomposition, Vec<f64>)> {
        if !repeats(y, self.season_length) {
            return None;
        }
        if self.decomposition == Decomposition::Multiplicative && y.iter().all(|v| *v > 0.0) {
            let factors = season(y, self.season_length, Decomposition::Multiplicative);
            if factors.iter().all(|v| *v >= 0.01) {
                return Some((Decomposition::Multiplicative, factors));
            }
        }
        Some((Decomposition::Additive, season(y, self.season_length, Decomposition::Additive)))
    }
}

impl LocalRecipe for AutoTheta {
    type Model = ThetaModel;

    fn check(&self) -> Result<()> {
        parameter::at_least_one("season_length", self.season_length)
    }

    fn fit_series(&self, values: &[f64], _: ArrayView2<'_, f64>) -> Result<ThetaModel, String> {
        let mut y = values.to_vec();
        let (kind, mut season) = self.season_of(values).unwrap_or((Decomposition::Additive, Vec::new()));
        for (value, season) in y.iter_mut().zip(season.iter().cycle()) {
            match kind {
                Decomposition::Additive => *value -= season,
                Decomposition::Multiplicative => *value /= season,
            }
        }
        if !season.is_empty() {
            let turned = values.len() % season.len();
            season.rotate_left(turned);
        }
        let theta = if y.len() <= 3 || y.iter().all(|v| *v == y[0]) {
            last_value(&y)
        } else {
            let variants = self.model.map_or(ThetaVariant::ALL.to_vec(), |variant| vec![variant]);
            let fits = variants.into_iter().map(|variant| fit::fit(variant, &y));
            // The first of equals.
            let best = fits.reduce(|best, next| if next.mean_square < best.mean_square { next } else { best });
            best.unwrap_or_else(|| last_value(&y))
        };
        Ok(ThetaModel { theta, kind, season })
    }
}

fits_locally!(AutoTheta, "auto-theta");
