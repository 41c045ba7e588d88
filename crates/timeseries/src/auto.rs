//! [`Auto`]: the forecaster that would have been nearest in the past.

use crate::{AutoArima, AutoEts, AutoTheta, Backtest, BacktestReport, SeasonalNaive};
use adflux_core::{
    AnyForecaster, AnyForecasterRecipe, Component, Context, Describe as _, DynComponent as _, Error, Fit, Forecast,
    Forecaster, Frequency, Panel, Paths, Recipe, Registry, Result, Saved, Skipped, Spec,
    component::{decode, encode},
    parameter,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Instant};

const KIND: &str = "auto";

/// Of several forecasters the one that would have been nearest in the past, chosen by a rolling origin. Kind `auto`, the candidates are its
/// steps.
///
/// Each candidate is judged by [`Backtest`] over the whole panel; a series gets the one with the smallest mean absolute error on it, and a
/// series that is too short to be judged the one with the smallest mean scaled error over all. What was chosen is then fitted on everything.
/// Left out, the candidates are [`SeasonalNaive`], [`AutoTheta`], [`AutoEts`] and [`AutoArima`], each with the season.
///
/// With a time budget, candidates are tried in their order until it is spent; the first always is. Which are then depends on the machine; without a
/// budget nothing does. Cost: the candidates' fits in every window, and one fit of each that was chosen for some series.
///
/// ```
/// use adflux_core::{Fit, Forecaster, Panel};
/// use adflux_timeseries::Auto;
/// let clicks = (0..60).map(|t| 100.0 + 2.0 * f64::from(t) + [0.0, 9.0, -4.0, 2.0][t as usize % 4]).collect();
/// let fitted = Auto::new(4, 8).fit(Panel::from_values([("meta", clicks)])?)?;
/// assert_ne!(fitted.choice("meta"), Some("seasonal-naive"), "it rises");
/// assert_eq!(fitted.forecast(8, &[0.8], None)?.get("meta")?.mean.len(), 8);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Auto {
    /// Steps after which series repeat, of the usual candidates and of the scale of errors. Default 1.
    pub season_length: usize,
    /// Steps ahead that are judged. Default 1.
    pub horizon: usize,
    /// Origins in the past, a horizon apart. Default 3.
    pub windows: usize,
    /// Whether each series has its own choice; otherwise all have the best over all. Default true.
    pub per_series: bool,
    /// Seconds after which no further candidate is tried. Default: none.
    pub time_budget: Option<f64>,
    /// The candidates. Default: none, which stands for the usual ones.
    pub candidates: Vec<AnyForecasterRecipe>,
}

/// The parameters beside the candidates.
#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    season_length: usize,
    horizon: usize,
    windows: usize,
    per_series: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_budget: Option<f64>,
}

impl Default for Parameters {
    fn default() -> Self {
        Parameters { season_length: 1, horizon: 1, windows: 3, per_series: true, time_budget: None }
    }
}

impl From<Parameters> for Auto {
    fn from(Parameters { season_length, horizon, windows, per_series, time_budget }: Parameters) -> Self {
        Auto { season_length, horizon, windows, per_series, time_budget, candidates: Vec::new() }
    }
}

impl Auto {
    /// Of the usual candidates with this season, judged so many steps ahead.
    pub fn new(season_length: usize, horizon: usize) -> Self {
        Auto::from(Parameters { season_length, horizon, ..Parameters::default() })
    }

    /// Adds a candidate; the usual ones are then not tried unless they are added too.
    pub fn candidate<R>(mut self, recipe: R) -> Self
    where
        R: Recipe + Fit<Panel>,
        R::Fitted: Component + Forecaster,
    {
        self.candidates.push(AnyForecasterRecipe::new(recipe));
        self
    }

    /// So many origins in the past.
    pub fn windows(mut self, windows: usize) -> Self {
        self.windows = windows;
        self
    }

    /// Whether each series has its own choice.
    pub fn per_series(mut self, per_series: bool) -> Self {
        self.per_series = per_series;
        self
    }

    /// Seconds after which no further candidate is tried.
    pub fn time_budget(mut self, seconds: f64) -> Self {
        self.time_budget = Some(seconds);
        self
    }

    fn usual(&self) -> Vec<AnyForecasterRecipe> {
        let season = self.season_length;
        let mut usual = vec![
            AnyForecasterRecipe::new(SeasonalNaive::new(season)),
            AnyForecasterRecipe::new(AutoTheta::new(season)),
        ];
        if season <= crate::LONGEST_SEASON {
            usual.push(AnyForecasterRecipe::new(AutoEts::new(season)));
        }
        usual.push(AnyForecasterRecipe::new(AutoArima::new(season)));
        usual
    }
}

impl Recipe for Auto {
    const KIND: &'static str = KIND;
    fn spec(&self) -> Result<Spec> {
        let Auto { season_length, horizon, windows, per_series, time_budget, .. } = *self;
        let steps = self.candidates.iter().map(|candidate| candidate.describe()).collect::<Result<_>>()?;
        let parameters = Parameters { season_length, horizon, windows, per_series, time_budget };
        Ok(Spec { steps, ..Spec::of(KIND, &parameters)? })
    }
    fn from_spec(spec: &Spec, registry: &Registry) -> Result<Self> {
        let steps = spec.steps.iter().enumerate();
        let candidates = steps.map(|(i, step)| registry.build(step).map_err(|e| e.in_step(i + 1, &step.kind)));
        let candidates = candidates.collect::<Result<_>>()?;
        Ok(Auto { candidates, ..Auto::from(spec.params::<Parameters>()?) })
    }
}

/// What became of one candidate of [`Auto`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AutoCandidate {
    /// Its kind.
    pub kind: String,
    /// Its mean absolute error over all series and windows; `None` where it could not be judged.
    pub mae: Option<f64>,
    /// The same in units of the naive forecast's error in each series.
    pub mase: Option<f64>,
    /// How many series it was chosen for.
    pub chosen: usize,
    /// How long it took to judge it; of a forecaster that was loaded, 0.
    #[serde(skip)]
    pub seconds: f64,
    /// Why it could not be judged, or was not tried.
    pub error: Option<String>,
}

/// A fitted [`Auto`].
#[derive(Clone, Debug)]
pub struct FittedAuto {
    frequency: Frequency,
    /// Those that were chosen, by their places among the candidates.
    forecasters: BTreeMap<usize, AnyForecaster>,
    /// The place of each series in the panel, and that of its candidate.
    series: BTreeMap<String, (usize, usize)>,
    candidates: Vec<AutoCandidate>,
}

impl Fit<Panel> for Auto {
    type Fitted = FittedAuto;

    /// # Errors
    /// When a parameter is out of its range, no candidate can be judged (no series is long enough for a window), or the work is cancelled.
    fn fit_with(&self, panel: Panel, context: &Context) -> Result<FittedAuto> {
        parameter::at_least_one("season_length", self.season_length)?;
        if let Some(seconds) = self.time_budget {
            parameter::positive("time_budget", seconds)?;
        }
        let recipes = if self.candidates.is_empty() { self.usual() } else { self.candidates.clone() };
        let backtest = Backtest::new(self.horizon).windows(self.windows).season_length(self.season_length).levels([]);
        let (start, mut reports, mut candidates) = (Instant::now(), Vec::new(), Vec::new());
        for recipe in &recipes {
            context.check()?;
            let kind = recipe.kind();
            let spent = self.time_budget.is_some_and(|budget| start.elapsed().as_secs_f64() > budget);
            let began = Instant::now();
            let judged = match spent && !candidates.is_empty() {
                true => Err(Error::data("not tried: the time was spent")),
                false => backtest.run(recipe, &panel, &context.labelled(kind)),
            };
            // What was cancelled was not judged to be bad.
            context.check()?;
            let overall = judged.as_ref().ok().map(BacktestReport::overall);
            candidates.push(AutoCandidate {
                kind: kind.into(),
                mae: overall.as_ref().map(|score| score.mae).filter(|v| v.is_finite()),
                mase: overall.and_then(|score| score.mase),
                chosen: 0,
                seconds: began.elapsed().as_secs_f64(),
                error: judged.as_ref().err().map(ToString::to_string),
            });
            reports.push(judged);
        }
        // Scaled errors, so that large series do not decide alone; where no series has a scale, the errors themselves.
        let by = |of: fn(&AutoCandidate) -> Option<f64>| {
            let known = candidates.iter().enumerate().filter_map(|(place, candidate)| Some((place, of(candidate)?)));
            known.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(place, _)| place)
        };
        let Some(best) = by(|candidate| candidate.mase).or_else(|| by(|candidate| candidate.mae)) else {
            let first = reports.into_iter().find_map(Result::err);
            return Err(first.unwrap_or_else(|| Error::data("no candidate could be judged: the values are missing")));
        };
        let own = if self.per_series { choices(&panel, &reports) } else { BTreeMap::new() };
        let mut series = BTreeMap::new();
        for (place, one) in panel.series().iter().enumerate() {
            let candidate = own.get(one.id()).copied().unwrap_or(best);
            candidates[candidate].chosen += 1;
            series.insert(one.id().to_string(), (place, candidate));
        }
        let mut forecasters = BTreeMap::new();
        for (place, recipe) in recipes.iter().enumerate().filter(|(place, _)| candidates[*place].chosen > 0) {
            let fitted = recipe.fit_with(panel.clone(), &context.labelled(recipe.kind()));
            forecasters.insert(place, fitted.map_err(|e| e.in_step(place + 1, recipe.kind()))?);
        }
        Ok(FittedAuto { frequency: panel.frequency(), forecasters, series, candidates })
    }
}

/// The candidate with the smallest mean absolute error on each series that was judged; of equals the first.
fn choices(panel: &Panel, reports: &[Result<BacktestReport>]) -> BTreeMap<String, usize> {
    let mut errors: Vec<BTreeMap<&str, (f64, usize)>> = Vec::with_capacity(reports.len());
    for report in reports {
        let mut of_series: BTreeMap<&str, (f64, usize)> = BTreeMap::new();
        for window in report.iter().flat_map(|report| &report.windows) {
            if let Some(score) = &window.score {
                let sum = of_series.entry(&window.forecast.id).or_default();
                *sum = (sum.0 + score.mae, sum.1 + 1);
            }
        }
        errors.push(of_series);
    }
    let choice = |id: &str| {
        let of = |place: usize| errors[place].get(id).map(|(sum, windows)| (place, sum / *windows as f64, *windows));
        let judged: Vec<(usize, f64, usize)> = (0..errors.len()).filter_map(of).collect();
        // One that failed in some window is not compared with those that did not.
        let most = judged.iter().map(|(.., windows)| *windows).max()?;
        let complete = judged.into_iter().filter(|(_, error, windows)| *windows == most && error.is_finite());
        complete.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(place, ..)| place)
    };
    panel.series().iter().filter_map(|series| Some((series.id().to_string(), choice(series.id())?))).collect()
}

impl FittedAuto {
    /// The kind of the forecaster that a series has; `None` where there is no such series.
    pub fn choice(&self, id: &str) -> Option<&str> {
        let (_, candidate) = self.series.get(id)?;
        self.candidates.get(*candidate).map(|candidate| candidate.kind.as_str())
    }

    /// What was tried.
    pub fn candidates(&self) -> &[AutoCandidate] {
        &self.candidates
    }

    /// What each chosen forecaster says of its series, in the order of the panel.
    fn gathered<S>(
        &self,
        ask: impl Fn(&AnyForecaster) -> Result<(Vec<S>, Vec<Skipped>)>,
        id_of: impl Fn(&S) -> &str,
    ) -> Result<(Vec<S>, Vec<Skipped>)> {
        let (mut series, mut skipped) = (Vec::new(), Vec::new());
        for (candidate, forecaster) in &self.forecasters {
            let place = |id: &str| self.series.get(id).filter(|(_, other)| other == candidate).map(|(place, _)| *place);
            let (of, not) = ask(forecaster)?;
            series.extend(of.into_iter().filter_map(|one| Some((place(id_of(&one))?, one))));
            skipped.extend(not.into_iter().filter_map(|one| Some((place(&one.id)?, one))));
        }
        series.sort_by_key(|(place, _)| *place);
        skipped.sort_by_key(|(place, _)| *place);
        Ok((series.into_iter().map(|(_, one)| one).collect(), skipped.into_iter().map(|(_, one)| one).collect()))
    }
}

impl Forecaster for FittedAuto {
    fn forecast(&self, horizon: usize, levels: &[f64], future: Option<&Panel>) -> Result<Forecast> {
        Forecast::check(horizon, levels)?;
        let ask =
            |forecaster: &AnyForecaster| forecaster.forecast(horizon, levels, future).map(|of| (of.series, of.skipped));
        let (series, skipped) = self.gathered(ask, |one| &one.id)?;
        Ok(Forecast { frequency: self.frequency, levels: levels.to_vec(), series, skipped })
    }

    fn paths(&self, horizon: usize, count: usize, seed: u64, future: Option<&Panel>) -> Result<Paths> {
        Paths::check(horizon, count, self.series.len())?;
        let ask = |forecaster: &AnyForecaster| {
            forecaster.paths(horizon, count, seed, future).map(|of| (of.series, of.skipped))
        };
        let (series, skipped) = self.gathered(ask, |one| &one.id)?;
        Ok(Paths { frequency: self.frequency, series, skipped })
    }

    fn updated(&self, later: &Panel) -> Result<Self> {
        let update = |(place, forecaster): (&usize, &AnyForecaster)| Ok((*place, forecaster.updated(later)?));
        let forecasters = self.forecasters.iter().map(update).collect::<Result<_>>()?;
        Ok(FittedAuto { forecasters, ..self.clone() })
    }
}

/// What is saved.
#[derive(Serialize, Deserialize)]
struct State {
    frequency: Frequency,
    forecasters: BTreeMap<usize, Saved>,
    series: BTreeMap<String, (usize, usize)>,
    candidates: Vec<AutoCandidate>,
}

impl Component for FittedAuto {
    const KIND: &'static str = KIND;

    fn state(&self) -> Result<Vec<u8>> {
        let saved = self.forecasters.iter().map(|(place, forecaster)| Ok((*place, forecaster.save()?)));
        let forecasters = saved.collect::<Result<_>>()?;
        let (frequency, series, candidates) = (self.frequency, self.series.clone(), self.candidates.clone());
        encode(KIND, &State { frequency, forecasters, series, candidates })
    }

    fn from_state(_: u32, state: &[u8], registry: &Registry) -> Result<Self> {
        let State { frequency, forecasters, series, candidates } = decode(KIND, state)?;
        let wrong = |reason: &str| Error::State { kind: KIND.into(), reason: reason.into() };
        if forecasters.is_empty() || series.values().any(|(_, candidate)| !forecasters.contains_key(candidate)) {
            return Err(wrong("series without a forecaster"));
        }
        if forecasters.keys().any(|place| *place >= candidates.len()) {
            return Err(wrong("forecasters that are no candidates"));
        }
        let load = |(place, saved): (&usize, &Saved)| Ok((*place, registry.load(saved)?));
        let forecasters = forecasters.iter().map(load).collect::<Result<_>>()?;
        Ok(FittedAuto { frequency, forecasters, series, candidates })
    }
}
