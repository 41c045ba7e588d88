//! [`Panel`]: many series over time, what forecasters learn from.

mod builder;
mod frequency;
mod hierarchy;

pub use builder::{Duplicates, Gaps, PanelBuilder, PanelReport, SeriesReport};
pub use frequency::Frequency;
pub use hierarchy::TOTAL;

use crate::{Error, Forecast, Result};
use ndarray::{Array2, Axis};
use std::{collections::HashMap, sync::Arc};

/// One series: a value for each step from its start on, without holes. A step whose value is not known is NaN.
#[derive(Clone, Debug)]
pub struct Series {
    id: String,
    start: i64,
    values: Vec<f64>,
    covariates: Array2<f64>,
}

impl Series {
    /// A series without covariates that starts at `start`: seconds since 1970-01-01, or a plain number for
    /// [`Frequency::Steps`].
    pub fn new(id: impl Into<String>, start: i64, values: Vec<f64>) -> Self {
        let covariates = Array2::zeros((values.len(), 0));
        Series { id: id.into(), start, values, covariates }
    }

    /// What it is called in the panel, in forecasts and in errors.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The time of its first step.
    pub fn start(&self) -> i64 {
        self.start
    }

    /// Its values, one a step; NaN is missing.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Steps × covariates of the panel; NaN is missing.
    pub fn covariates(&self) -> &Array2<f64> {
        &self.covariates
    }

    /// The same series with other values, one for each of its steps; those that are not given are missing, those beyond are left out.
    pub fn with_values(&self, mut values: Vec<f64>) -> Self {
        values.resize(self.values.len(), f64::NAN);
        Series { values, ..self.clone() }
    }

    /// The same series as it was known after its first `steps` steps, or all of it where it has no more.
    pub fn head(&self, steps: usize) -> Self {
        let steps = steps.min(self.values.len());
        Series {
            id: self.id.clone(),
            start: self.start,
            values: self.values[..steps].to_vec(),
            covariates: self.covariates.slice(ndarray::s![..steps, ..]).to_owned(),
        }
    }
}

/// Many series of one [`Frequency`], each with a name of its own: the daily clicks of every campaign, say. Cloning is cheap.
///
/// Made from a long table by [`Panel::builder`], which handles and reports gaps, repeated times and disorder, or from series that
/// are regular already by [`Panel::new`].
///
/// ```
/// use adflux_core::{Frequency, Panel, calendar::days};
/// let day = |d| days(2024, 1, d) * 86_400;
/// let (panel, report) = Panel::builder()
///     .ids(["meta", "meta", "google", "meta", "google"])
///     .times([day(1), day(4), day(2), day(2), day(1)])
///     .values([10.0, 13.0, 5.0, 11.0, 4.0])
///     .build()?;
/// assert_eq!(panel.frequency(), Frequency::DAILY);
/// assert_eq!(panel.get("google")?.values(), [4.0, 5.0]);
/// assert!(panel.get("meta")?.values()[2].is_nan(), "nothing is known of January 3rd");
/// assert_eq!((report.series[0].gaps, report.series[0].disordered), (1, 1));
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Panel {
    frequency: Frequency,
    covariates: Arc<[String]>,
    series: Arc<[Series]>,
    /// The place of each series by its id.
    places: Arc<HashMap<String, usize>>,
}

impl Panel {
    /// A panel of regular series without covariates.
    ///
    /// # Errors
    /// When two series have the same id, or a value is infinite, naming the series.
    pub fn new(frequency: Frequency, series: Vec<Series>) -> Result<Self> {
        Panel::with_covariates(frequency, Vec::new(), series)
    }

    /// Series without dates, each with its id: steps 0, 1, 2, …
    ///
    /// # Errors
    /// As [`Panel::new`].
    pub fn from_values<S: Into<String>>(series: impl IntoIterator<Item = (S, Vec<f64>)>) -> Result<Self> {
        let series = series.into_iter().map(|(id, values)| Series::new(id, 0, values)).collect();
        Panel::new(Frequency::Steps, series)
    }

    /// From the columns of a long table, one row for each series and time.
    pub fn builder() -> PanelBuilder {
        PanelBuilder::default()
    }

    fn with_covariates(frequency: Frequency, covariates: Vec<String>, series: Vec<Series>) -> Result<Self> {
        let mut places = HashMap::with_capacity(series.len());
        for (place, one) in series.iter().enumerate() {
            if places.insert(one.id.clone(), place).is_some() {
                return Err(Error::data(format!("two series are called `{}`", one.id)));
            }
            if let Some(step) = one.values.iter().position(|v| v.is_infinite()) {
                let time = frequency.text(frequency.after(one.start, step as i64));
                return Err(Error::data(format!("series `{}`: the value at {time} is infinite", one.id)));
            }
        }
        Ok(Panel { frequency, covariates: covariates.into(), series: series.into(), places: Arc::new(places) })
    }

    /// How far apart the steps are, in every series.
    pub fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// The names of the covariates.
    pub fn covariates(&self) -> &[String] {
        &self.covariates
    }

    /// The series, in the order in which they first appeared.
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// The number of series.
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// Whether there are no series.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// The series called `id`.
    ///
    /// # Errors
    /// When there is none, naming the nearest.
    pub fn get(&self, id: &str) -> Result<&Series> {
        self.places.get(id).map(|place| &self.series[*place]).ok_or_else(|| {
            let near = crate::error::nearest_name(id, self.series.iter().map(|s| s.id.as_str()));
            let hint = near.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
            Error::data(format!("no series is called `{id}`{hint}"))
        })
    }

    /// The covariates of the series called `id`, in the order of `names`, for `steps` steps from the time `start` on: what a forecaster
    /// that learned from covariates is told of the future. Steps × names, all finite.
    ///
    /// # Errors
    /// When the panel has not the series, a covariate, or a value at one of the steps, naming it.
    pub fn known_ahead(&self, id: &str, names: &[String], start: i64, steps: usize) -> Result<Array2<f64>> {
        let series = self.get(id)?;
        let place = |name: &String| {
            let place = self.covariates.iter().position(|other| other == name);
            place.ok_or_else(|| Error::data(format!("series `{id}`: no covariate `{name}` in the panel of the future")))
        };
        let places: Vec<usize> = names.iter().map(place).collect::<Result<_>>()?;
        let missing = |step: usize, name: &str| {
            let time = self.frequency.text(self.frequency.after(start, step as i64));
            Error::data(format!("series `{id}`: covariate `{name}` has no value at {time}, and the forecast needs it"))
        };
        // The 30th of March is no step after the 28th of February, but that is one before it.
        let before = || self.frequency.steps_between(start, series.start).map(i64::saturating_neg);
        let offset = self.frequency.steps_between(series.start, start).or_else(before).ok_or_else(|| {
            let time = self.frequency.text(start);
            Error::data(format!("series `{id}`: {time} is between two steps of the panel of the future"))
        })?;
        let mut known = Array2::zeros((steps, names.len()));
        for ((step, place), to) in known.indexed_iter_mut() {
            let row = usize::try_from(offset.saturating_add(step as i64)).ok();
            let value = row.and_then(|row| series.covariates.get([row, places[place]])).copied();
            *to = value.filter(|v| v.is_finite()).ok_or_else(|| missing(step, &names[place]))?;
        }
        Ok(known)
    }

    /// The panel with further covariates, called `names`, beside its own: `columns` gives those of a series, steps × names.
    ///
    /// # Errors
    /// When `columns` fails or gives another shape, naming the series, or a covariate of one of the names is there already.
    pub fn with<S: Into<String>>(
        &self,
        names: impl IntoIterator<Item = S>,
        columns: impl Fn(&Series) -> Result<Array2<f64>>,
    ) -> Result<Self> {
        let added: Vec<String> = names.into_iter().map(Into::into).collect();
        let mut names = self.covariates.to_vec();
        for name in &added {
            if names.contains(name) {
                return Err(Error::column(name, "two covariates have this name"));
            }
            names.push(name.clone());
        }
        let one = |series: &Series| {
            let wanted = (series.values.len(), added.len());
            let columns = columns(series)?;
            let joined = ndarray::concatenate(Axis(1), &[series.covariates.view(), columns.view()]);
            match joined {
                Ok(covariates) if columns.dim() == wanted => Ok(Series { covariates, ..series.clone() }),
                _ => Err(Error::data(format!(
                    "series `{}`: covariates of {:?} steps and columns, where {wanted:?} are due",
                    series.id,
                    columns.dim()
                ))),
            }
        };
        let series = self.series.iter().map(one).collect::<Result<_>>()?;
        Panel::with_covariates(self.frequency, names, series)
    }

    /// The `horizon` steps after the last of each series, their values missing, without covariates: what covariates of the future are
    /// put on.
    ///
    /// # Errors
    /// When the horizon is 0 or above [`MOST_STEPS_AHEAD`](crate::forecast::MOST_STEPS_AHEAD).
    pub fn ahead(&self, horizon: usize) -> Result<Self> {
        Forecast::check(horizon, &[])?;
        let next = |series: &Series| {
            let start = self.frequency.after(series.start, series.values.len() as i64);
            Series::new(series.id.clone(), start, vec![f64::NAN; horizon])
        };
        Panel::new(self.frequency, self.series.iter().map(next).collect())
    }

    /// The panel with each series changed or left out; for the past as it was known, `|s| Some(s.head(100))`.
    ///
    /// # Errors
    /// As [`Panel::new`].
    pub fn map(&self, change: impl Fn(&Series) -> Option<Series>) -> Result<Self> {
        let series = self.series.iter().filter_map(change).collect();
        Panel::with_covariates(self.frequency, self.covariates.to_vec(), series)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_distinct_and_values_not_infinite() {
        let twice = Panel::from_values([("a", vec![1.0]), ("a", vec![2.0])]);
        assert_eq!(twice.unwrap_err().to_string(), "two series are called `a`");
        let infinite = Panel::from_values([("a", vec![1.0, f64::INFINITY])]);
        assert_eq!(infinite.unwrap_err().to_string(), "series `a`: the value at 1 is infinite");
    }

    #[test]
    fn covariates_of_the_future_are_all_there_or_named() {
        let (panel, _) = Panel::builder()
            .ids(["a", "a", "a"])
            .times([0, 1, 2])
            .covariate("budget", [1.0, 2.0, f64::NAN])
            .covariate("holiday", [0.0, 1.0, 0.0])
            .frequency(Frequency::Steps)
            .build()
            .unwrap();
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_string()).collect::<Vec<_>>();
        let known = panel.known_ahead("a", &names(&["holiday", "budget"]), 0, 2).unwrap();
        assert_eq!(known, ndarray::array![[0.0, 1.0], [1.0, 2.0]]);
        assert_eq!(panel.known_ahead("a", &names(&["holiday"]), 1, 2).unwrap(), ndarray::array![[1.0], [0.0]]);
        for (id, name, start, reason) in [
            ("b", "budget", 0, "no series is called `b`"),
            ("a", "price", 0, "no covariate `price`"),
            ("a", "budget", 1, "covariate `budget` has no value at 2"),
            ("a", "holiday", -1, "covariate `holiday` has no value at -1"),
            ("a", "holiday", 2, "covariate `holiday` has no value at 3"),
        ] {
            let error = panel.known_ahead(id, &names(&[name]), start, 2).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }

    #[test]
    fn the_past_is_a_shorter_panel() {
        let panel = Panel::from_values([("long", vec![1.0, 2.0, 3.0]), ("short", vec![4.0])]).unwrap();
        let past = panel.map(|s| (s.values().len() > 1).then(|| s.head(2))).unwrap();
        assert_eq!(past.len(), 1);
        assert_eq!(past.get("long").unwrap().values(), [1.0, 2.0]);
        assert_eq!(past.get("longs").unwrap_err().to_string(), "no series is called `longs`; did you mean `long`?");
    }

    #[test]
    fn covariates_are_put_beside_those_that_are_there() {
        let panel = Panel::from_values([("a", vec![1.0, 2.0]), ("b", vec![3.0])]).unwrap();
        let column = |by: f64| move |s: &Series| Ok(Array2::from_elem((s.values().len(), 1), by));
        let both = panel.with(["x"], column(5.0)).unwrap().with(["y"], column(7.0)).unwrap();
        assert_eq!(both.covariates(), ["x", "y"]);
        assert_eq!(both.get("a").unwrap().covariates(), &ndarray::array![[5.0, 7.0], [5.0, 7.0]]);
        assert_eq!(both.with(["x"], column(1.0)).unwrap_err().to_string(), "column `x`: two covariates have this name");
        let short = panel.with(["x"], |_| Ok(Array2::zeros((1, 1)))).unwrap_err().to_string();
        assert_eq!(short, "series `a`: covariates of (1, 1) steps and columns, where (2, 1) are due");
    }

    #[test]
    fn the_steps_ahead_begin_after_each_series_own_last() {
        let series = vec![Series::new("a", 0, vec![1.0, 2.0]), Series::new("b", 86_400, vec![3.0])];
        let ahead = Panel::new(Frequency::DAILY, series).unwrap().ahead(3).unwrap();
        assert!(ahead.series().iter().all(|s| s.start() == 2 * 86_400 && s.values().len() == 3));
        assert!(Panel::from_values([("a", vec![1.0])]).unwrap().ahead(0).is_err());
    }
}
