//! Forecasts of many series at once, with intervals.
//!
//! | recipe | kind | what it forecasts |
//! |---|---|---|
//! | [`Naive`] | `naive` | the last value |
//! | [`SeasonalNaive`] | `seasonal-naive` | the value a season before |
//! | [`Drift`] | `drift` | the line through the first value and the last |
//! | [`WindowAverage`] | `window-average` | the mean of the last values |
//! | [`AutoEts`] | `auto-ets` | exponential smoothing with level, trend and season, the form chosen by AICc |
//! | [`AutoTheta`] | `auto-theta` | a smoothed level and a line, the best of four theta models |
//! | [`Bounded`] | `bounded` | what another forecaster says on a scale without ends: nothing below 0, rates below 1 |
//! | [`Conformal`] | `conformal` | another forecaster's means, with intervals as wide as its errors of the past |
//! | [`Croston`], [`Tsb`] | `croston`, `tsb` | intermittent demand: how often it comes and how much |
//! | [`Combination`] | `combination` | the mean or the median of what other forecasters say |
//! | [`MstlForecaster`] | `mstl` | several seasons apart, and any other forecaster on what they leave |
//! | [`GlobalBoosting`] | `global-boosting` | one gradient boosting model over all series |
//! | [`AutoArima`] | `auto-arima` | seasonal ARIMA with covariates, the order chosen by AICc |
//! | [`Arima`] | `arima` | the same of a given order |
//! | [`Auto`] | `auto` | of several forecasters the one that would have been nearest in the past |
//! | [`Additive`] | `additive` | a trend that bends, seasons of waves, holidays and other covariates |
//!
//! [`Backtest`] judges any of them, and any other forecaster, on the past; [`Pacing`] says how much of a budget will be spent.
//! [`Stl`] and [`Mstl`] take a series apart into trend, seasons and what remains; [`Pelt`] finds where one changes, [`Anomalies`] what is out of the
//! ordinary; [`Calendar`] puts
//! holidays, events and parts of the date on a panel as covariates; [`diagnosis`] tells what a series is like before: autocorrelation,
//! stationarity, strength of the season.
//!
//! Each is fitted on a [`Panel`](adflux_core::Panel), one model a series, and answers as a
//! [`Forecaster`](adflux_core::Forecaster): a mean and intervals for each step ahead.
//!
//! ```
//! use adflux_core::{Fit, Forecaster, Panel};
//! use adflux_timeseries::SeasonalNaive;
//!
//! let clicks = Panel::from_values([("meta", vec![10.0, 20.0, 12.0, 22.0, 14.0, 24.0])])?;
//! let forecast = SeasonalNaive::new(2).fit(clicks)?.forecast(3, &[0.8], None)?;
//! let meta = forecast.get("meta")?;
//! assert_eq!(meta.mean.to_vec(), [14.0, 24.0, 14.0]);
//! assert!(meta.lower[[0, 0]] < 14.0 && 14.0 < meta.upper[[0, 0]]);
//! # Ok::<(), adflux_core::Error>(())
//! ```
//!
//! # What holds for all of them
//!
//! - **Missing values** are taken. Those at the beginning are left out; those within are interpolated between their neighbours;
//!   with those at the end, the model is fitted on what comes before, and the steps up to the last are forecast too but not shown.
//! - **A series that cannot be fitted** (no values, too few) is skipped and named, with the reason, in
//!   [`Forecast::skipped`](adflux_core::Forecast::skipped). Only when none can be, the fit fails.
//! - Series are fitted in parallel, and the result does not depend on the number of threads.
//! - **Intervals** are those of a normal distribution, except where a model says otherwise. They hold what the model does not
//!   explain of the past, not the uncertainty of its parameters, and so are somewhat narrow.

mod additive;
mod anomalies;
mod arima;
mod auto;
mod backtest;
mod basis;
mod bounded;
mod calendar;
mod changes;
mod cholesky;
mod combination;
mod conformal;
mod decomposition;
pub mod diagnosis;
mod ets;
mod global;
mod intermittent;
mod local;
mod naive;
mod pacing;
mod seasonality;
mod simplex;
mod theta;

pub use additive::{Additive, AdditiveModel, AdditiveSummary, FittedAdditive, Seasonality, SeasonalityMode};
pub use anomalies::{Anomalies, Anomaly, AnomalyKind, AnomalyReport, SeriesAnomalies};
pub use arima::{
    Arima, ArimaModel, ArimaOrder, ArimaSummary, AutoArima, FittedArima, FittedAutoArima, FixedArimaModel,
};
pub use auto::{Auto, AutoCandidate, FittedAuto};
pub use backtest::{Backtest, BacktestReport, BacktestScore, BacktestWindow};
pub use bounded::{Bounded, FittedBounded};
pub use calendar::{Calendar, CalendarPart, Country, Event, Holiday, Holidays};
pub use changes::{ChangeCost, ChangePenalty, ChangePoints, Pelt, Segment};
pub use combination::{Combination, CombinationMethod, FittedCombination};
pub use conformal::{Conformal, FittedConformal};
pub use decomposition::{
    Components, FittedMstl, Mstl, MstlForecaster, PanelDecomposition, Season, SeriesComponents, Stl,
};
pub use ets::{AutoEts, EtsError, EtsForm, EtsModel, EtsSeason, EtsSummary, EtsTrend, FittedAutoEts, LONGEST_SEASON};
pub use global::{FittedGlobalBoosting, GlobalBoosting};
pub use intermittent::{Croston, CrostonModel, CrostonVariant, DemandSummary, FittedCroston, FittedTsb, Tsb, TsbModel};
pub use local::{FittedLocal, LocalModel, LocalRecipe};
pub use naive::{
    Drift, FittedDrift, FittedNaive, FittedSeasonalNaive, FittedWindowAverage, Naive, SeasonalNaive, WindowAverage,
};
pub use pacing::Pacing;
pub use seasonality::Decomposition;
pub use theta::{AutoTheta, FittedAutoTheta, ThetaModel, ThetaSummary, ThetaVariant};

/// Makes the forecasters of this crate known, by the kinds of the table above.
///
/// # Errors
/// When a kind is registered already.
pub fn register(registry: &mut adflux_core::Registry) -> adflux_core::Result<()> {
    registry.forecaster::<Naive>()?.forecaster::<SeasonalNaive>()?;
    registry
        .forecaster::<Drift>()?
        .forecaster::<WindowAverage>()?
        .forecaster::<AutoEts>()?
        .forecaster::<AutoTheta>()?
        .forecaster::<Bounded>()?
        .forecaster::<Conformal>()?
        .forecaster::<MstlForecaster>()?
        .forecaster::<Croston>()?
        .forecaster::<Tsb>()?
        .forecaster::<Combination>()?
        .forecaster::<AutoArima>()?
        .forecaster::<Arima>()?
        .forecaster::<Auto>()?
        .forecaster::<GlobalBoosting>()?
        .forecaster::<Additive>()?;
    Ok(())
}
