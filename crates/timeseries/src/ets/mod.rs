//! Exponential smoothing with error, trend and season, the form chosen by AICc.

mod fit;
mod form;
mod likelihood;
mod moments;
mod recursion;

pub use form::{EtsError, EtsForm, EtsSeason, EtsTrend};

use crate::local::{FittedLocal, LocalModel, LocalRecipe, fits_locally, normal};
use adflux_core::{Result, parameter, random::Rng};
use ndarray::ArrayView2;
use recursion::{Smoothing, State};
use serde::{Deserialize, Serialize};

/// The longest season. A number for each step of a season is learned: of longer ones more than the data tells.
pub const LONGEST_SEASON: usize = 60;

/// Exponential smoothing: a level, and where the data has them a trend, damped or not, and a season. Of the fifteen stable forms the one
/// of the smallest AICc.
///
/// A state (level l, slope b, season s) makes the forecast f of the next step and is corrected by its error e: l = l + φ b + α e,
/// b = φ b + β e, s = s + γ e, where errors are added; [`EtsForm`] has the others. Hyndman, Koehler, Ord and Snyder, *Forecasting with
/// Exponential Smoothing* (2008); Hyndman and Khandakar (2008).
///
/// The likelihood, the bounds of the parameters, the forms and their choice are those of statsforecast's `AutoETS` and R's `ets`. The
/// state before the first step is solved for exactly at each point of the search, where those search for it too: the likelihood
/// reached is as great or greater, and the work less. γ is at most 1 − α, as in R; statsforecast lets it lie beyond.
///
/// Series that have values of 0 or below get no relative errors and no factors of a season; those that are constant, and those too
/// short for every form (4 steps and fewer, mostly), are forecast as by [`Naive`](crate::Naive). Seasons need more values than the
/// season and its parameters have.
///
/// O(steps) for each of some 60 to 150 evaluations a form, with a season of m times m².
///
/// ```
/// use adflux_core::{Fit, Forecaster, Panel};
/// use adflux_timeseries::AutoEts;
/// let values = (0..48).map(|t| 100.0 + f64::from(t) + [0.0, 20.0, -15.0, 5.0][t as usize % 4] + f64::from(t * t % 7)).collect();
/// let fitted = AutoEts::new(4).fit(Panel::from_values([("clicks", values)])?)?;
/// let summary = fitted.summary("clicks").unwrap();
/// assert!(summary.form.to_string().ends_with("A)"), "a season is seen: {}", summary.form);
/// let forecast = fitted.forecast(4, &[0.8], None)?;
/// assert!(forecast.get("clicks")?.mean[1] > forecast.get("clicks")?.mean[0] + 10.0);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AutoEts {
    /// Steps after which the series repeats, at most [`LONGEST_SEASON`]: 7 for days in weeks, 12 for months in years. Default 1: no
    /// season. [`Frequency::season`](adflux_core::Frequency::season) knows the usual ones.
    pub season_length: usize,
    /// Which forms to choose from: a letter each for error (A, M), trend (N, A) and season (N, A, M), Z for any. Default `"ZZZ"`.
    pub model: String,
    /// Whether trends are damped. Default: whichever is better.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damped: Option<bool>,
}

impl Default for AutoEts {
    fn default() -> Self {
        AutoEts { season_length: 1, model: "ZZZ".into(), damped: None }
    }
}

impl AutoEts {
    /// With a season of so many steps; 1 for none.
    pub fn new(season_length: usize) -> Self {
        AutoEts { season_length, ..AutoEts::default() }
    }

    /// Which forms to choose from.
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.model = model.into();
        self
    }

    /// Whether trends are damped.
    pub fn damped(mut self, damped: bool) -> Self {
        self.damped = Some(damped);
        self
    }
}

/// The [`AutoEts`] of one series.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EtsModel {
    form: EtsForm,
    by: Smoothing,
    /// After the last step.
    state: State,
    /// Where in the season the next step is.
    place: usize,
    sigma2: f64,
    /// −2 log likelihood, but for a constant.
    deviance: f64,
    aicc: f64,
    steps: usize,
}

/// What [`AutoEts`] made of a series, in the series' own unit.
#[derive(Clone, Debug, PartialEq)]
pub struct EtsSummary {
    /// The form that was chosen.
    pub form: EtsForm,
    /// How much of an error goes into the level.
    pub alpha: f64,
    /// How much goes into the slope; 0 without trend.
    pub beta: f64,
    /// How much goes into the season; 0 without season.
    pub gamma: f64,
    /// What remains of the slope from step to step; 1 where it does not fade.
    pub phi: f64,
    /// The level after the last step.
    pub level: f64,
    /// The slope after the last step.
    pub slope: f64,
    /// The season of the coming steps: what is added, or the factors.
    pub season: Vec<f64>,
    /// The variance of the errors: of relative ones, of their shares.
    pub sigma2: f64,
    /// The log likelihood as R's `ets` has it: −½ (n log Σe² + 2 Σ log |f|), the second sum with relative errors only.
    /// NaN for a series that is forecast as by [`Naive`](crate::Naive).
    pub log_likelihood: f64,
    /// Akaike's criterion for small samples, of that likelihood; it compares forms of one series. NaN as above.
    pub aicc: f64,
}

/// [`AutoEts`], fitted.
pub type FittedAutoEts = FittedLocal<EtsModel>;

impl FittedAutoEts {
    /// What was made of the series called `id`; `None` when it was not fitted.
    pub fn summary(&self, id: &str) -> Option<EtsSummary> {
        let (model, unit) = self.model(id)?;
        let scale = if model.form.season == EtsSeason::Multiplicative { 1.0 } else { unit };
        let length = model.state.season.len();
        let season = (0..length).map(|step| model.state.season[(model.place + step) % length] * scale).collect();
        // Σ log |f| and log Σe² of the series itself; both forms of errors take n log unit² more.
        let more = 2.0 * model.steps as f64 * unit.ln();
        let relative = fit::is_relative(model.form);
        Some(EtsSummary {
            form: model.form,
            alpha: model.by.alpha,
            beta: model.by.beta,
            gamma: model.by.gamma,
            phi: model.by.phi,
            level: model.state.level * unit,
            slope: model.state.slope * unit,
            season,
            sigma2: model.sigma2 * if relative { 1.0 } else { unit * unit },
            log_likelihood: -0.5 * (model.deviance + more),
            aicc: model.aicc + more,
        })
    }
}

impl LocalModel for EtsModel {
    const KIND: &'static str = "auto-ets";

    fn moments(&self, horizon: usize, _: ArrayView2<'_, f64>) -> (Vec<f64>, Vec<f64>) {
        moments::moments(self, horizon)
    }

    fn path(&self, horizon: usize, _: ArrayView2<'_, f64>, rng: &mut Rng) -> Vec<f64> {
        let (mut state, sigma, relative) = (self.state.clone(), self.sigma2.sqrt(), fit::is_relative(self.form));
        let length = state.season.len().max(1);
        let mut observe = |forecast: f64| {
            let error = sigma * normal(rng);
            if relative { forecast * (1.0 + error) } else { forecast + error }
        };
        let step = |step: usize| state.step(self.form, self.by, (self.place + step) % length, &mut observe);
        (0..horizon).map(step).collect()
    }

    fn update(&mut self, values: &[f64], _: ArrayView2<'_, f64>) {
        let length = self.state.season.len().max(1);
        for value in values {
            self.state.step(self.form, self.by, self.place, |_| *value);
            self.place = (self.place + 1) % length;
        }
    }

    fn validate(&self) -> Result<(), String> {
        let length = self.state.season.len();
        let fits = if self.form.has_season() { (2..=LONGEST_SEASON).contains(&length) } else { length == 0 };
        if !fits || self.place >= length.max(1) {
            return Err(format!("a season of {length} steps, of which the next is {}", self.place));
        }
        let Smoothing { alpha, beta, gamma, phi } = self.by;
        let numbers = [alpha, beta, gamma, phi, self.state.level, self.state.slope, self.sigma2];
        if numbers.iter().chain(&self.state.season).any(|v| !v.is_finite()) || self.sigma2 < 0.0 {
            return Err("numbers that no fit gives".into());
        }
        Ok(())
    }
}

impl LocalRecipe for AutoEts {
    type Model = EtsModel;

    fn check(&self) -> Result<()> {
        parameter::between_one_and(LONGEST_SEASON, "season_length", self.season_length)?;
        EtsForm::of(&self.model, self.damped).map(drop)
    }

    fn fit_series(&self, values: &[f64], _: ArrayView2<'_, f64>) -> Result<EtsModel, String> {
        if values.iter().all(|v| *v == values[0]) {
            return Ok(fit::last_value(values));
        }
        let mut forms = EtsForm::of(&self.model, self.damped).map_err(|e| e.to_string())?;
        if self.season_length == 1 {
            forms.retain(|form| !form.has_season());
        }
        if forms.is_empty() {
            return Err(format!("`model` {} has a season, and `season_length` is 1", self.model));
        }
        forms.retain(|form| fit::suits(*form, values));
        if forms.is_empty() {
            return Err(format!("values of 0 or below, which no form of `model` {} is for", self.model));
        }
        Ok(fit::best(&forms, values, self.season_length).unwrap_or_else(|| fit::last_value(values)))
    }
}

fits_locally!(AutoEts, "auto-ets");
