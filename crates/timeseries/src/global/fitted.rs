//! The fitted model: forecasts, paths and updates.

use super::{
    FARTHEST, MOST_DIFFERENCES,
    calibration::Calibration,
    columns::Layout,
    history::{Differences, History, Scale},
};
use crate::{
    Calendar,
    local::{hash, values_since},
};
use adflux_core::{
    Component, Error, Forecast, Forecaster, Frequency, Panel, Paths, Predict as _, Registry, Result, Series,
    SeriesForecast, SeriesPaths, Skipped,
    component::{decode, encode},
    forecast::MOST_STEPS_AHEAD,
    random::stream,
};
use adflux_regression::FittedGradientBoostingRegressor;
use ndarray::{Array1, Array2, Axis, concatenate, s};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Where a series stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Track {
    pub(super) id: String,
    /// The time of the first step.
    pub(super) start: i64,
    /// How many steps there were: the next is so many after the first, on whatever day of its month.
    pub(super) steps: i64,
    /// The last known values, in the unit of the series.
    #[serde(with = "adflux_core::arrays")]
    pub(super) values: Vec<f64>,
    pub(super) of: Scale,
    /// The covariates of the steps at the end that have no value: the first that are forecast.
    #[serde(with = "adflux_core::arrays")]
    pub(super) unseen: Array2<f64>,
    /// Values of the series are this times those here: a power of two.
    pub(super) unit: f64,
}

/// [`GlobalBoosting`](crate::GlobalBoosting), fitted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FittedGlobalBoosting {
    pub(super) frequency: Frequency,
    /// Those of the panel alone.
    pub(super) covariates: Vec<String>,
    pub(super) calendar: Calendar,
    pub(super) differences: Vec<usize>,
    pub(super) layout: Layout,
    pub(super) model: FittedGradientBoostingRegressor,
    pub(super) calibration: Calibration,
    pub(super) tracks: Vec<Track>,
    pub(super) skipped: Vec<Skipped>,
}

pub(super) fn check_unseen(unseen: usize) -> Result<(), String> {
    match unseen <= MOST_STEPS_AHEAD {
        true => Ok(()),
        false => Err(format!("{unseen} steps without a value at the end, where {MOST_STEPS_AHEAD} are the most")),
    }
}

/// The values of the coming steps of each series, one after the other, as many as it has rows of covariates.
///
/// # Errors
/// When the model was made for other columns.
pub(super) fn ahead(
    model: &FittedGradientBoostingRegressor,
    layout: &Layout,
    differences: &Differences,
    mut histories: Vec<History>,
    places: &[u32],
    covariates: &[Array2<f64>],
    ids: &Arc<[String]>,
) -> Result<Vec<Vec<f64>>> {
    let known: Vec<usize> = histories.iter().map(|history| history.values.len()).collect();
    let steps = covariates.iter().map(Array2::nrows).max().unwrap_or(0);
    for step in 0..steps {
        let open: Vec<usize> = (0..histories.len()).filter(|one| step < covariates[*one].nrows()).collect();
        let mut rows = vec![0.0; open.len() * layout.width()];
        for (one, row) in open.iter().zip(rows.chunks_exact_mut(layout.width())) {
            layout.write(&histories[*one].scaled, covariates[*one].row(step).iter().copied(), row);
        }
        let series = open.iter().map(|one| places[*one]).collect();
        let said = model.predict(&layout.features(rows, series, ids)?)?;
        open.iter().zip(said).for_each(|(one, scaled)| histories[*one].push_scaled(scaled, differences));
    }
    Ok(histories.into_iter().zip(known).map(|(history, known)| history.values[known..].to_vec()).collect())
}

impl FittedGlobalBoosting {
    /// How much of the gain of all splits each column brought, summing to 1; `lag 1` is the difference a step before, in the scale of its
    /// series.
    pub fn feature_importances(&self) -> Vec<(String, f64)> {
        let names = self.model.columns().iter().map(|column| column.name.clone());
        names.zip(self.model.feature_importances().iter().copied()).collect()
    }

    /// The covariates of the steps ahead of each series, those that have no value first.
    fn covariates_ahead(&self, horizon: usize, future: Option<&Panel>) -> Result<Vec<Array2<f64>>> {
        if self.layout.covariates.is_empty() {
            return Ok(self.tracks.iter().map(|track| Array2::zeros((track.unseen.nrows() + horizon, 0))).collect());
        }
        let panel = match (future, self.covariates.is_empty()) {
            (Some(future), _) if future.frequency() != self.frequency => {
                return Err(Error::data("the panel of the future is of another frequency"));
            }
            (Some(future), false) => self.with_calendar(future)?,
            (None, false) => {
                let names = self.covariates.join("`, `");
                let reason =
                    format!("the forecast needs `{names}` of the steps ahead: give them as a panel of the future");
                return Err(Error::data(reason));
            }
            (_, true) => {
                let steps = |track: &Track| {
                    let (back, first) = self.near(track);
                    Series::new(track.id.clone(), first, vec![f64::NAN; back + horizon])
                };
                self.with_calendar(&Panel::new(self.frequency, self.tracks.iter().map(steps).collect())?)?
            }
        };
        let one = |track: &Track| {
            let known = panel.known_ahead(&track.id, &self.layout.covariates, self.time(track, 0), horizon)?;
            concatenate(Axis(0), &[track.unseen.view(), known.view()]).map_err(Error::backend)
        };
        self.tracks.iter().map(one).collect()
    }

    fn with_calendar(&self, panel: &Panel) -> Result<Panel> {
        if self.calendar.is_empty() { Ok(panel.clone()) } else { self.calendar.on(panel) }
    }

    fn times(&self, track: &Track, horizon: usize) -> Vec<i64> {
        (0..horizon as i64).map(|step| self.time(track, step)).collect()
    }

    /// The time of the step so many after the next.
    fn time(&self, track: &Track, step: i64) -> i64 {
        self.frequency.after(track.start, track.steps.saturating_add(step))
    }

    /// A step at or before the next from which the others can be counted, and how many are between: the 28th of February is none for
    /// series of the 30th of each month.
    fn near(&self, track: &Track) -> (usize, i64) {
        let leads_back = |back: &i64| self.frequency.after(self.time(track, -back), back - track.steps) == track.start;
        let back = (0..=track.steps.min(12)).find(leads_back).unwrap_or(0);
        (back as usize, self.time(track, -back))
    }

    /// The means of the steps ahead of each series, in its unit.
    fn means(&self, horizon: usize, future: Option<&Panel>) -> Result<Vec<Vec<f64>>> {
        let differences = Differences::new(&self.differences);
        let covariates = self.covariates_ahead(horizon, future)?;
        let history = |track: &Track| History::scaled(track.values.clone(), track.of, &differences);
        let histories = self.tracks.iter().map(history).collect();
        let ids: Arc<[String]> = self.tracks.iter().map(|track| track.id.clone()).collect();
        let places: Vec<u32> = (0..self.tracks.len() as u32).collect();
        ahead(&self.model, &self.layout, &differences, histories, &places, &covariates, &ids)
    }
}

impl Forecaster for FittedGlobalBoosting {
    fn forecast(&self, horizon: usize, levels: &[f64], future: Option<&Panel>) -> Result<Forecast> {
        Forecast::check(horizon, levels)?;
        let means = self.means(horizon, future)?;
        let one = |(track, mean): (&Track, Vec<f64>)| {
            let unseen = track.unseen.nrows();
            let widths: Vec<Vec<f64>> =
                levels.iter().map(|level| self.calibration.widths(*level, unseen + horizon)).collect::<Result<_>>()?;
            let end = |sign: f64| {
                let end = |(step, level): (usize, usize)| {
                    let step = unseen + step;
                    (mean[step] + sign * widths[level][step] * track.of.scale) * track.unit
                };
                Array2::from_shape_fn((horizon, levels.len()), end)
            };
            Ok(SeriesForecast {
                id: track.id.clone(),
                times: self.times(track, horizon),
                mean: mean[unseen..].iter().map(|v| v * track.unit).collect::<Array1<f64>>(),
                lower: end(-1.0),
                upper: end(1.0),
            })
        };
        let series = self.tracks.iter().zip(means).map(one).collect::<Result<_>>()?;
        Ok(Forecast { frequency: self.frequency, levels: levels.to_vec(), series, skipped: self.skipped.clone() })
    }

    fn paths(&self, horizon: usize, count: usize, seed: u64, future: Option<&Panel>) -> Result<Paths> {
        Paths::check(horizon, count, self.tracks.len())?;
        let means = self.means(horizon, future)?;
        let one = |(track, mean): (&Track, Vec<f64>)| {
            let unseen = track.unseen.nrows();
            let mut values = Array2::zeros((count, horizon));
            for (path, mut row) in values.rows_mut().into_iter().enumerate() {
                let mut rng = stream(seed, &[hash(&track.id), path as u64]);
                let errors = self.calibration.draw(unseen + horizon, &mut rng);
                for (to, (mean, error)) in row.iter_mut().zip(mean.iter().zip(errors).skip(unseen)) {
                    *to = (mean + error * track.of.scale) * track.unit;
                }
            }
            SeriesPaths { id: track.id.clone(), times: self.times(track, horizon), values }
        };
        let series = self.tracks.iter().zip(means).map(one).collect();
        Ok(Paths { frequency: self.frequency, series, skipped: self.skipped.clone() })
    }

    /// Missing values between those that are known are interpolated.
    fn updated(&self, later: &Panel) -> Result<Self> {
        if later.frequency() != self.frequency {
            return Err(Error::data("what came later is of another frequency"));
        }
        let later = self.with_calendar(later)?;
        let one = |track: &Track| match later.get(&track.id) {
            Ok(series) => self.update(track, series, &later),
            Err(_) => Ok(track.clone()),
        };
        let (mut tracks, mut skipped) = (Vec::with_capacity(self.tracks.len()), self.skipped.clone());
        for track in &self.tracks {
            match one(track) {
                Ok(updated) => tracks.push(updated),
                Err(reason) => skipped.push(Skipped { id: track.id.clone(), reason }),
            }
        }
        match (tracks.is_empty(), skipped.last()) {
            (true, Some(last)) => Err(Error::data(format!("no series can be updated; `{}`: {}", last.id, last.reason))),
            _ => Ok(FittedGlobalBoosting { tracks, skipped, ..self.clone() }),
        }
    }
}

impl FittedGlobalBoosting {
    fn update(&self, track: &Track, series: &Series, later: &Panel) -> Result<Track, String> {
        let next = self.time(track, 0);
        let values = values_since(series, next, track.unseen.nrows(), self.frequency)?;
        if values.is_empty() {
            return Ok(track.clone());
        }
        let covariates = later.known_ahead(&track.id, &self.layout.covariates, next, values.len());
        let covariates = covariates.map_err(|e| e.to_string())?;
        let mut updated = track.clone();
        let mut pending = track.unseen.clone();
        for (step, value) in values.iter().enumerate() {
            pending.append(Axis(0), covariates.slice(s![step..=step, ..])).map_err(|e| e.to_string())?;
            let value = value / track.unit;
            if value.is_nan() {
                continue;
            }
            let (from, gap) = (updated.values.last().copied().unwrap_or(value), pending.nrows() as f64);
            let between = (1..=pending.nrows()).map(|at| from + (value - from) * (at as f64 / gap));
            updated.values.extend(between);
            if let Some(last) = updated.values.last_mut() {
                *last = value;
            }
            pending = Array2::zeros((0, self.layout.covariates.len()));
        }
        check_unseen(pending.nrows())?;
        let keep = self.layout.reach() + Differences::new(&self.differences).reach();
        updated.values.drain(..updated.values.len().saturating_sub(keep));
        updated.unseen = pending;
        updated.steps += values.len() as i64;
        Ok(updated)
    }

    /// Whether a state that was read can be one.
    fn validate(&self) -> Result<(), String> {
        let near = |lags: &[usize]| lags.iter().all(|lag| (1..=FARTHEST).contains(lag));
        if !near(&self.layout.lags) || !near(&self.layout.windows) || !near(&self.differences) {
            return Err("lags beyond their range".into());
        }
        if self.differences.len() > MOST_DIFFERENCES || !self.calibration.valid() {
            return Err("differences or errors that no fit gives".into());
        }
        let named = self.layout.names().into_iter().chain(self.layout.series_id.then(|| "series".to_string()));
        if !self.model.columns().iter().map(|column| column.name.clone()).eq(named) {
            return Err("a model of other columns".into());
        }
        let reach = Differences::new(&self.differences).reach();
        for track in &self.tracks {
            let numbers = [track.of.centre, track.of.scale, track.unit];
            let finite = numbers.iter().chain(&track.values).all(|v| v.is_finite());
            let positive = track.of.scale > 0.0 && track.unit > 0.0;
            let wide = track.unseen.ncols() == self.layout.covariates.len();
            let counted = (0..i64::MAX / 4).contains(&track.steps) && track.unseen.nrows() <= MOST_STEPS_AHEAD;
            if !(finite && positive && wide && counted && track.values.len() >= reach) {
                return Err(format!("series `{}`: numbers that no fit gives", track.id));
            }
        }
        Ok(())
    }
}

impl Component for FittedGlobalBoosting {
    const KIND: &'static str = "global-boosting";

    fn state(&self) -> Result<Vec<u8>> {
        encode(Self::KIND, self)
    }

    fn from_state(_: u32, state: &[u8], _: &Registry) -> Result<Self> {
        let read: Self = decode(Self::KIND, state)?;
        read.validate().map_err(|reason| Error::State { kind: Self::KIND.into(), reason })?;
        Ok(read)
    }
}
