//! From a long table to forecasts, and the file that they are saved in.
//!
//! ```text
//! Frame ──► PanelColumns ──► Panel ──► forecaster ──► Forecast ──► Frame
//!           └──────── one FittedForecasting = one .adflux file ────────┘
//! ```

mod columns;
mod file;
mod table;

pub use columns::{ID_SEPARATOR, PanelColumns};
pub use file::ForecastManifest;
pub use table::forecast_table;

use adflux_core::{
    AnyForecaster, AnyForecasterRecipe, Context, Describe as _, Fit as _, Forecast, Forecaster as _, Frequency, Panel,
    PanelReport, Paths, Result, Series, Spec, forecast::MOST_STEPS_AHEAD, panel::Gaps,
};
use adflux_data::Frame;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap},
    time::Instant,
};

/// A forecaster and the columns that it learns from: the recipe of a [`FittedForecasting`].
///
/// ```
/// use adflux_core::{AnyForecasterRecipe, Context, Registry, Spec};
/// use adflux_data::Frame;
/// use adflux_pipeline::{Forecasting, PanelColumns};
/// # use adflux_core::{component, recipe, Component, Error, Fit, Forecast, Forecaster, Frequency, Panel, Result, SeriesForecast, Skipped};
/// # #[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
/// # struct Zero {}
/// # #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
/// # struct FittedZero { ids: Vec<(String, i64)>, frequency: Frequency }
/// # recipe!(Zero, "zero");
/// # component!(FittedZero, "zero", version = 1);
/// # impl Fit<Panel> for Zero {
/// #     type Fitted = FittedZero;
/// #     fn fit_with(&self, panel: Panel, _: &Context) -> Result<FittedZero> {
/// #         let next = |s: &adflux_core::Series| panel.frequency().after(s.start(), s.values().len() as i64);
/// #         Ok(FittedZero { ids: panel.series().iter().map(|s| (s.id().to_string(), next(s))).collect(), frequency: panel.frequency() })
/// #     }
/// # }
/// # impl Forecaster for FittedZero {
/// #     fn forecast(&self, horizon: usize, levels: &[f64], _: Option<&Panel>) -> Result<Forecast> {
/// #         let ends = ndarray::Array2::zeros((horizon, levels.len()));
/// #         let one = |(id, next): &(String, i64)| SeriesForecast { id: id.clone(), times: (0..horizon as i64).map(|h| self.frequency.after(*next, h)).collect(),
/// #             mean: ndarray::Array1::zeros(horizon), lower: ends.clone(), upper: ends.clone() };
/// #         Ok(Forecast { frequency: self.frequency, levels: levels.to_vec(), series: self.ids.iter().map(one).collect(), skipped: vec![] })
/// #     }
/// # }
/// # let zero = Zero {};
/// let table = "platform,date,clicks\nmeta,2024-03-01,10\nmeta,2024-03-02,12\nmeta,2024-03-03,11\n";
/// let frame = Frame::read_csv_bytes(table.as_bytes(), "example")?;
/// let columns = PanelColumns::new(["platform"], "date", "clicks");
/// let fitted = Forecasting::new(columns, AnyForecasterRecipe::new(zero)).fit_with(&frame, &Context::default())?;
/// let forecast = fitted.forecast(2, &[0.8], None)?;
/// assert_eq!(forecast.frequency.text(forecast.get("meta")?.times[0]), "2024-03-04");
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Forecasting {
    /// The columns of the table.
    pub columns: PanelColumns,
    /// What forecasts.
    pub forecaster: AnyForecasterRecipe,
}

/// How a forecaster was made, as its file says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForecastRecord {
    /// The recipe of the forecaster.
    #[serde(with = "crate::in_json::spec")]
    pub spec: Spec,
    /// How far apart the steps are.
    pub frequency: Frequency,
    /// How many series it learned from.
    pub series: usize,
    /// How many steps these have together.
    pub steps: usize,
    /// How long the fit took.
    pub seconds: f64,
    /// Measures of quality, by name, as whoever fitted it wrote them down. One that is not finite is NaN when it is loaded.
    #[serde(default, deserialize_with = "crate::in_json::measures")]
    pub metrics: BTreeMap<String, f64>,
}

/// A fitted forecaster that reads tables, and is saved as one `.adflux` file.
#[derive(Clone, Debug)]
pub struct FittedForecasting {
    /// The columns that it reads.
    pub columns: PanelColumns,
    /// The forecaster.
    pub forecaster: AnyForecaster,
    /// How it was made.
    pub record: ForecastRecord,
    /// What was found in the table that it learned from; of one that was loaded, nothing.
    pub report: PanelReport,
}

impl Forecasting {
    /// A forecaster of these columns.
    pub fn new(columns: PanelColumns, forecaster: AnyForecasterRecipe) -> Self {
        Forecasting { columns, forecaster }
    }

    /// Makes the panel of a table and fits the forecaster on it.
    ///
    /// # Errors
    /// As [`PanelColumns::panel`]; when no series can be fitted, or the work is cancelled.
    pub fn fit_with(&self, frame: &Frame, context: &Context) -> Result<FittedForecasting> {
        let (panel, report) = self.columns.panel(frame)?;
        Ok(FittedForecasting { report, ..self.fit_panel(panel, context)? })
    }

    /// Fits the forecaster on a panel that was made of these columns before.
    ///
    /// # Errors
    /// When no series can be fitted, or the work is cancelled.
    pub fn fit_panel(&self, panel: Panel, context: &Context) -> Result<FittedForecasting> {
        let start = Instant::now();
        let (frequency, series) = (panel.frequency(), panel.len());
        let steps = panel.series().iter().map(|series| series.values().len()).sum();
        let forecaster = self.forecaster.fit_with(panel, context)?;
        let record = ForecastRecord {
            spec: self.forecaster.describe()?,
            frequency,
            series,
            steps,
            seconds: start.elapsed().as_secs_f64(),
            metrics: BTreeMap::new(),
        };
        Ok(FittedForecasting { columns: self.columns.clone(), forecaster, record, report: PanelReport::default() })
    }
}

impl FittedForecasting {
    /// The steps after the last of each series, with an interval for each of `levels`; `future` holds the covariates of those steps.
    ///
    /// # Errors
    /// When the horizon or a level is out of its range, or a covariate is missing.
    pub fn forecast(&self, horizon: usize, levels: &[f64], future: Option<&Frame>) -> Result<Forecast> {
        self.forecaster.forecast(horizon, levels, self.future(future)?.as_ref())
    }

    /// Possible futures of each series.
    ///
    /// # Errors
    /// As [`forecast`](Self::forecast), and by forecasters that draw none.
    pub fn paths(&self, horizon: usize, count: usize, seed: u64, future: Option<&Frame>) -> Result<Paths> {
        self.forecaster.paths(horizon, count, seed, self.future(future)?.as_ref())
    }

    /// The forecaster after it took in what is new in `frame`, without a fit.
    ///
    /// # Errors
    /// As [`PanelColumns::panel`], and what [`Forecaster::updated`](adflux_core::Forecaster::updated) refuses.
    pub fn updated(&self, frame: &Frame) -> Result<Self> {
        let (panel, report) = self.later(frame)?;
        Ok(FittedForecasting { forecaster: self.forecaster.updated(&panel)?, report, ..self.clone() })
    }

    /// The panel of a table that came later. Where steps without a row are 0 ([`Gaps::Zero`]) and there are no covariates, those between the last step that the
    /// forecaster knows and the first row are 0 too.
    ///
    /// With covariates they stay missing: theirs are not known there. A series without a row in the table is not in the panel, so that no zeros are known of it:
    /// it stands where it stood.
    ///
    /// # Errors
    /// As [`PanelColumns::panel`].
    pub fn later(&self, frame: &Frame) -> Result<(Panel, PanelReport)> {
        let columns = self.columns.clone().frequency(self.record.frequency);
        let (panel, report) = columns.panel(frame)?;
        // Covariates of steps without a row are not known, so that models which learn from them cannot go over these.
        if self.columns.gaps != Gaps::Zero || !self.columns.covariates.is_empty() {
            return Ok((panel, report));
        }
        let coming = self.forecaster.forecast(1, &[], None)?;
        let next: HashMap<&str, i64> =
            coming.series.iter().filter_map(|of| Some((of.id.as_str(), *of.times.first()?))).collect();
        let filled = panel.map(|series| {
            let between = next.get(series.id()).and_then(|next| {
                let steps = panel.frequency().steps_between(*next, series.start())?;
                // So many are refused by the forecaster, with the reason.
                Some((*next, usize::try_from(steps).ok().filter(|steps| (1..=MOST_STEPS_AHEAD).contains(steps))?))
            });
            Some(match between {
                None => series.clone(),
                Some((next, steps)) => {
                    let values = std::iter::repeat_n(0.0, steps).chain(series.values().iter().copied());
                    Series::new(series.id(), next, values.collect())
                }
            })
        })?;
        Ok((filled, report))
    }

    fn future(&self, frame: Option<&Frame>) -> Result<Option<Panel>> {
        frame.map(|frame| self.columns.future(frame, self.record.frequency)).transpose()
    }
}
