//! Fitting the forms of exponential smoothing to one series, and choosing among them.

use super::{
    EtsModel,
    form::{EtsError, EtsForm, EtsTrend},
    likelihood::Likelihood,
    recursion::{Smoothing, State},
};
use crate::{
    naive::mean_square_step,
    simplex::{MOST, Point, Stop, minimize},
};

/// Where parameters may lie: α, β below α, γ below 1 − α (statsforecast's "usual" bounds, which lie within the stable region).
const SMOOTHING: (f64, f64) = (1e-4, 0.9999);
const DAMPING: (f64, f64) = (0.8, 0.98);

/// When the search for parameters ends: further on, neither forecasts nor the choice of a form change.
const STOP: Stop = Stop { values: 1e-6, places: 1e-3, evaluations: 400 };
/// How wide it begins.
const STEP: f64 = 0.15;

/// Where searches may begin, as shares of their ranges: α, β, γ, φ.
const BEGINNINGS: [[f64; 4]; 5] = [
    [0.1, 0.05, 0.1, 0.8],
    [0.4, 0.05, 0.05, 0.8],
    [0.8, 0.05, 0.05, 0.8],
    [0.97, 0.02, 0.02, 0.8],
    [0.001, 0.1, 0.01, 0.8],
];
/// Where else with a season, which may change fast.
const SEASONAL: [[f64; 4]; 3] = [[0.02, 0.02, 0.3, 0.8], [0.1, 0.05, 0.8, 0.8], [0.4, 0.02, 0.95, 0.8]];

/// One form, fitted.
struct Fit {
    form: EtsForm,
    /// Its parameters as shares of their ranges: α, β, γ, φ.
    shares: [f64; 4],
    by: Smoothing,
    free: Vec<f64>,
    aicc: f64,
}

/// The most likely model of `forms`, by AICc; `None` when the series is too short for all of them.
pub(crate) fn best(forms: &[EtsForm], y: &[f64], season_length: usize) -> Option<EtsModel> {
    let mut fits: Vec<Fit> = Vec::with_capacity(forms.len());
    for form in forms {
        let fit = fit(*form, y, season_length, &fits);
        fits.extend(fit);
    }
    // The first of equals.
    let best = fits.into_iter().min_by(|a, b| a.aicc.total_cmp(&b.aicc))?;
    let mut likelihood = Likelihood::new(best.form, y, season_length);
    likelihood.free.copy_from_slice(&best.free);
    let (state, squares, deviance) = likelihood.finish(best.by);
    let parameters = best.form.smoothing() + best.form.states(season_length) + 1;
    let degrees = y.len().saturating_sub(parameters + 1).max(1);
    let place = if state.season.is_empty() { 0 } else { y.len() % state.season.len() };
    Some(EtsModel {
        form: best.form,
        by: best.by,
        state,
        place,
        sigma2: squares / degrees as f64,
        deviance,
        aicc: best.aicc,
        steps: y.len(),
    })
}

/// A level that stays where it is, or goes where the last value was: for series that are constant or too short for any form.
pub(crate) fn last_value(y: &[f64]) -> EtsModel {
    EtsModel {
        form: EtsForm::LEVEL,
        by: Smoothing { alpha: 1.0, beta: 0.0, gamma: 0.0, phi: 1.0 },
        state: State { level: y.last().copied().unwrap_or_default(), slope: 0.0, season: Vec::new() },
        place: 0,
        sigma2: mean_square_step(y),
        deviance: f64::NAN,
        aicc: f64::NAN,
        steps: y.len(),
    }
}

fn fit(form: EtsForm, y: &[f64], season_length: usize, others: &[Fit]) -> Option<Fit> {
    let parameters = form.smoothing() + form.states(season_length);
    // AICc is not defined for fewer steps.
    if y.len() <= parameters + 2 || (form.has_season() && y.len() <= season_length) {
        return None;
    }
    let mut likelihood = Likelihood::new(form, y, season_length);
    let near = others.iter().filter(|other| differ_in_one(other.form, form)).map(|other| other.shares);
    let mut begin = (BEGINNINGS[1], f64::INFINITY);
    let seasonal = SEASONAL.into_iter().filter(|_| form.has_season());
    for shares in BEGINNINGS.into_iter().chain(seasonal).chain(near) {
        let value = likelihood.at(smoothing(form, shares));
        if value < begin.1 {
            begin = (shares, value);
        }
    }
    let size = form.smoothing();
    let (point, value) =
        minimize(size, pack(form, begin.0), STEP, STOP, |point| likelihood.at(smoothing(form, unpack(form, point))));
    if !value.is_finite() {
        return None;
    }
    let shares = unpack(form, &point);
    let by = smoothing(form, shares);
    let value = likelihood.at(by);
    let (n, k) = (y.len() as f64, (parameters + 1) as f64);
    let aicc = value + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0);
    aicc.is_finite().then(|| Fit { form, shares, by, free: likelihood.free.clone(), aicc })
}

fn differ_in_one(a: EtsForm, b: EtsForm) -> bool {
    let differences = [a.error != b.error, a.trend != b.trend, a.season != b.season].into_iter().filter(|d| *d).count();
    differences == 1
}

/// Which of α, β, γ, φ a form has.
fn has(form: EtsForm) -> [bool; 4] {
    [true, form.has_trend(), form.has_season(), form.trend == EtsTrend::Damped]
}

/// The shares that a form has, one after the other.
fn pack(form: EtsForm, shares: [f64; 4]) -> Point {
    let mut point = [0.0; MOST];
    let kept = shares.into_iter().zip(has(form)).filter(|(_, has)| *has);
    for (to, (share, _)) in point.iter_mut().zip(kept) {
        *to = share;
    }
    point
}

/// The inverse of [`pack`]; shares that a form has not are those to begin with.
fn unpack(form: EtsForm, point: &Point) -> [f64; 4] {
    let mut shares = BEGINNINGS[0];
    let mut from = point.iter();
    for (share, has) in shares.iter_mut().zip(has(form)) {
        if has {
            *share = from.next().copied().unwrap_or(*share);
        }
    }
    shares
}

fn smoothing(form: EtsForm, shares: [f64; 4]) -> Smoothing {
    let (low, high) = SMOOTHING;
    let within = |share: f64, high: f64| low + share * (high - low).max(0.0);
    let alpha = within(shares[0], high);
    Smoothing {
        alpha,
        beta: if form.has_trend() { within(shares[1], alpha) } else { 0.0 },
        gamma: if form.has_season() { within(shares[2], 1.0 - alpha) } else { 0.0 },
        phi: if form.trend == EtsTrend::Damped { DAMPING.0 + shares[3] * (DAMPING.1 - DAMPING.0) } else { 1.0 },
    }
}

/// Whether a series suits a form: relative errors and factors are for values above 0.
pub(crate) fn suits(form: EtsForm, y: &[f64]) -> bool {
    !form.positive_only() || y.iter().all(|v| *v > 0.0)
}

/// Whether errors of `form` are relative.
pub(crate) fn is_relative(form: EtsForm) -> bool {
    form.error == EtsError::Multiplicative
}
