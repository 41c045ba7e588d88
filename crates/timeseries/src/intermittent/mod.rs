//! Intermittent demand: series that are 0 most of the time, such as the daily applications to one opening.

mod model;

use crate::local::{FittedLocal, LocalModel, LocalRecipe, fits_locally};
use adflux_core::{Result, parameter, random::Rng};
use model::{Demand, Rate};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// How [`Croston`] smooths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CrostonVariant {
    /// Sizes and intervals smoothed with α = 0.1.
    Classic,
    /// Each smoothed with the α between 0.1 and 0.3 whose squared errors one demand ahead are least.
    Optimized,
    /// Classic, times 0.95: Syntetos and Boylan's approximation takes off what the classic forecast is too high on average.
    Sba,
}

/// Croston's method: the sizes of demand and the intervals between demands are smoothed apart, and the forecast of every step ahead is
/// size / interval.
///
/// Croston, "Forecasting and stock control for intermittent demands" (1972); Syntetos and Boylan, "The accuracy of intermittent demand
/// estimates" (2005). The means are those of statsforecast's `CrostonClassic`, `CrostonOptimized` and `CrostonSBA`. The forecast changes
/// only with demand: for demand that fades use [`Tsb`].
///
/// **Intervals** are quantiles of what the method says: 0, but for a share of forecast / size of the steps; there a size of the past, the one
/// k demands ago with probability α (1 − α)ᵏ, whose mean is the smoothed size. They are never below 0, and of counts they are counts. An
/// interval always holds the mean, so where demand is rarer than its level says, it goes from 0 to the mean. On a path each drawn demand is smoothed
/// in as those of the past were.
///
/// Values below 0 are refused by series. Missing values within a series are interpolated as elsewhere: where they mean no demand, build
/// the panel with [`Gaps::Zero`](adflux_core::panel::Gaps). O(steps).
///
/// ```
/// use adflux_core::{Fit, Forecaster, Panel};
/// use adflux_timeseries::Croston;
/// let applications = vec![0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 3.0, 0.0, 0.0, 2.0, 0.0, 0.0];
/// let forecast = Croston::default().fit(Panel::from_values([("welder", applications)])?)?.forecast(7, &[0.8], None)?;
/// let welder = forecast.get("welder")?;
/// assert!((welder.mean[0] - 2.09 / 3.09).abs() < 1e-9, "{}", welder.mean);
/// assert_eq!((welder.lower[[0, 0]], welder.upper[[0, 0]]), (0.0, 2.0));
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Croston {
    /// How it smooths. Default classic.
    pub variant: CrostonVariant,
}

impl Default for Croston {
    fn default() -> Self {
        Croston::new(CrostonVariant::Classic)
    }
}

impl Croston {
    /// Of this variant.
    pub fn new(variant: CrostonVariant) -> Self {
        Croston { variant }
    }
}

/// The method of Teunter, Syntetos and Babai: the probability of demand is smoothed at every step, its size at every demand, and the
/// forecast of every step ahead is probability × size. Unlike [`Croston`]'s, it falls while no demand comes: for openings that close and campaigns
/// that end.
///
/// Teunter, Syntetos and Babai, "Intermittent demand: Linking forecasting to inventory obsolescence" (2011). The means are those of
/// statsforecast's `TSB`. Intervals and paths as of [`Croston`], with the smoothed probability. O(steps).
///
/// ```
/// use adflux_core::{Fit, Forecaster, Panel};
/// use adflux_timeseries::Tsb;
/// let panel = Panel::from_values([("open", vec![2.0, 0.0, 2.0, 2.0, 2.0]), ("closed", vec![2.0, 2.0, 2.0, 0.0, 0.0])])?;
/// let forecast = Tsb::new(0.2, 0.2).fit(panel)?.forecast(1, &[], None)?;
/// assert!(forecast.get("closed")?.mean[0] < forecast.get("open")?.mean[0]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tsb {
    /// How much of a new size goes into the smoothed one, above 0, at most 1. Default 0.2.
    pub alpha_d: f64,
    /// How much of a step goes into the smoothed probability, above 0, at most 1. Default 0.2.
    pub alpha_p: f64,
}

impl Default for Tsb {
    fn default() -> Self {
        Tsb::new(0.2, 0.2)
    }
}

impl Tsb {
    /// With this smoothing of sizes and of the probability.
    pub fn new(alpha_d: f64, alpha_p: f64) -> Self {
        Tsb { alpha_d, alpha_p }
    }
}

/// What [`Croston`] or [`Tsb`] made of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DemandSummary {
    /// How often demand comes, demands a step: the forecast is this times the size.
    pub probability: f64,
    /// The smoothed size of demand, in the unit of the series; 0 where there was none.
    pub size: f64,
    /// The number of demands.
    pub demands: usize,
}

macro_rules! models {
    ($($fitted:ident = $model:ident, $kind:literal, $recipe:ident;)*) => {$(
        #[doc = concat!("The [`", stringify!($recipe), "`] of one series.")]
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $model(Demand);

        impl LocalModel for $model {
            const KIND: &'static str = $kind;
            fn moments(&self, horizon: usize, _: ArrayView2<'_, f64>) -> (Vec<f64>, Vec<f64>) {
                let (mean, deviation) = self.0.moments();
                (vec![mean; horizon], vec![deviation; horizon])
            }
            fn intervals(&self, horizon: usize, levels: &[f64]) -> Option<[Array2<f64>; 2]> {
                let ends: Vec<[f64; 2]> = levels.iter().map(|level| self.0.interval(*level)).collect();
                Some([0, 1].map(|end| Array2::from_shape_fn((horizon, levels.len()), |(_, level)| ends[level][end])))
            }
            fn path(&self, horizon: usize, _: ArrayView2<'_, f64>, rng: &mut Rng) -> Vec<f64> {
                self.0.path(horizon, rng)
            }
            fn update(&mut self, values: &[f64], _: ArrayView2<'_, f64>) {
                values.iter().for_each(|value| self.0.update(*value));
            }
            // Whether there was demand is not known: what is expected of a step is no demand that could have been.
            fn miss(&mut self, _: usize, _: ArrayView2<'_, f64>) {}
            fn validate(&self) -> Result<(), String> {
                self.0.validate()
            }
        }

        #[doc = concat!("[`", stringify!($recipe), "`], fitted.")]
        pub type $fitted = FittedLocal<$model>;

        impl $fitted {
            /// What was made of the series called `id`; `None` when it was not fitted.
            pub fn summary(&self, id: &str) -> Option<DemandSummary> {
                self.model(id).map(|(model, unit)| model.0.summary(unit))
            }
        }

        fits_locally!($recipe, $kind);
    )*};
}
models! {
    FittedCroston = CrostonModel, "croston", Croston;
    FittedTsb = TsbModel, "tsb", Tsb;
}

fn no_negative(values: &[f64]) -> Result<(), String> {
    match values.iter().position(|v| *v < 0.0) {
        None => Ok(()),
        Some(step) => Err(format!("the value {} steps after the first is below 0: demand is 0 or more", step)),
    }
}

impl LocalRecipe for Croston {
    type Model = CrostonModel;

    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn fit_series(&self, values: &[f64], _: ArrayView2<'_, f64>) -> Result<CrostonModel, String> {
        no_negative(values)?;
        let (sizes, intervals) = model::sizes_and_intervals(values);
        let alpha = |of: &[f64]| if self.variant == CrostonVariant::Optimized { model::best_alpha(of) } else { 0.1 };
        let factor = if self.variant == CrostonVariant::Sba { 0.95 } else { 1.0 };
        let rate = Rate::Interval { interval: 0.0, since: 0, alpha: alpha(&intervals), factor };
        Ok(CrostonModel(Demand::of(values, alpha(&sizes), rate)))
    }
}

impl LocalRecipe for Tsb {
    type Model = TsbModel;

    fn check(&self) -> Result<()> {
        let share = |name, alpha: f64| {
            parameter::ensure(alpha > 0.0 && alpha <= 1.0, name, alpha, "must be above 0 and at most 1")
        };
        share("alpha_d", self.alpha_d)?;
        share("alpha_p", self.alpha_p)
    }

    fn fit_series(&self, values: &[f64], _: ArrayView2<'_, f64>) -> Result<TsbModel, String> {
        no_negative(values)?;
        let first = values.first().is_some_and(|v| *v > 0.0);
        let rate = Rate::Probability { probability: f64::from(u8::from(first)), alpha: self.alpha_p };
        Ok(TsbModel(Demand::of(values, self.alpha_d, rate)))
    }
}
