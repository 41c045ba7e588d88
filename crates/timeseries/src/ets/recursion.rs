//! The recursion of exponential smoothing: one-step forecasts, and how they depend on the state before the first step.

use super::form::{EtsForm, EtsSeason};
use serde::{Deserialize, Serialize};

/// The smoothing parameters. Those of components that a form does not have are 0, and φ is 1 where nothing fades.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Smoothing {
    pub(crate) alpha: f64,
    pub(crate) beta: f64,
    pub(crate) gamma: f64,
    pub(crate) phi: f64,
}

/// Level, slope and season. Of a form without slope that is 0; without season there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) level: f64,
    pub(crate) slope: f64,
    /// By the step modulo the length of the season.
    #[serde(with = "adflux_core::arrays")]
    pub(crate) season: Vec<f64>,
}

impl State {
    /// The state of its free numbers: level, slope, and all of the season but the last, which makes their sum 0, or m for factors.
    pub(crate) fn of(form: EtsForm, season_length: usize, free: &[f64]) -> Self {
        let slope = if form.has_trend() { free[1] } else { 0.0 };
        let mut season = free[1 + usize::from(form.has_trend())..].to_vec();
        if form.has_season() {
            let total = if form.season == EtsSeason::Multiplicative { season_length as f64 } else { 0.0 };
            season.push(total - season.iter().sum::<f64>());
        }
        State { level: free[0], slope, season }
    }

    /// One step on, at `place` of the season: what `observe` makes of the forecast corrects the state. A pass does the same for
    /// whole series, with derivatives.
    pub(crate) fn step(&mut self, form: EtsForm, by: Smoothing, place: usize, observe: impl FnOnce(f64) -> f64) -> f64 {
        self.slope *= by.phi;
        let base = self.level + self.slope;
        let season = self.season.get(place).copied();
        let factors = form.season == EtsSeason::Multiplicative;
        let value = observe(match season {
            Some(season) if factors => base * season,
            Some(season) => base + season,
            None => base,
        });
        // How far the level and the season are off; a factor of 0, or a factor of nothing, tells nothing.
        let (of_level, of_season) = match season {
            Some(season) if factors => (
                if season == 0.0 { 0.0 } else { value / season - base },
                if base == 0.0 { 0.0 } else { value / base - season },
            ),
            _ => {
                let error = value - base - season.unwrap_or(0.0);
                (error, error)
            }
        };
        self.level = base + by.alpha * of_level;
        self.slope += by.beta * of_level;
        if let Some(season) = self.season.get_mut(place) {
            *season += by.gamma * of_season;
        }
        value
    }
}

/// What a pass over a series gives: a forecast for each step, made before it, and its derivatives by the free numbers.
#[derive(Debug, Default)]
pub(crate) struct Pass {
    pub(crate) forecasts: Vec<f64>,
    /// Steps × free numbers, row by row.
    pub(crate) derivatives: Vec<f64>,
    /// Level, slope and each of the season, by the free numbers.
    scratch: Vec<f64>,
}

impl Pass {
    /// Runs over `y`; the state comes to be that after the last step.
    pub(crate) fn run(&mut self, form: EtsForm, by: Smoothing, state: &mut State, y: &[f64]) {
        self.forecasts.resize(y.len(), 0.0);
        match (form.season, form.has_trend()) {
            (EtsSeason::None, false) => self.plain::<1>(by, state, y),
            (EtsSeason::None, true) => self.plain::<2>(by, state, y),
            _ => self.seasonal(form, by, state, y),
        }
    }

    /// Without season: of `FREE` numbers, the level and for 2 the slope. Errors that are added and relative ones move the state
    /// alike, so that forecasts are linear in the free numbers.
    fn plain<const FREE: usize>(&mut self, by: Smoothing, state: &mut State, y: &[f64]) {
        self.derivatives.resize(y.len() * FREE, 0.0);
        let (mut level, mut slope) = (state.level, state.slope);
        let (mut d_level, mut d_slope) = ([0.0; FREE], [0.0; FREE]);
        d_level[0] = 1.0;
        if FREE == 2 {
            d_slope[1] = 1.0;
        }
        for ((y, forecast), row) in y.iter().zip(&mut self.forecasts).zip(self.derivatives.chunks_exact_mut(FREE)) {
            slope *= by.phi;
            let f = level + slope;
            let error = y - f;
            *forecast = f;
            level = f + by.alpha * error;
            slope += by.beta * error;
            for (i, to) in row.iter_mut().enumerate() {
                let slope = by.phi * d_slope[i];
                let d = d_level[i] + slope;
                *to = d;
                d_level[i] = d - by.alpha * d;
                d_slope[i] = slope - by.beta * d;
            }
        }
        (state.level, state.slope) = (level, slope);
    }

    /// With a season of additions or factors.
    fn seasonal(&mut self, form: EtsForm, by: Smoothing, state: &mut State, y: &[f64]) {
        let (trend, length) = (usize::from(form.has_trend()), state.season.len());
        let free = trend + length;
        self.derivatives.resize(y.len() * free, 0.0);
        self.scratch.clear();
        self.scratch.resize((2 + length) * free, 0.0);
        let (d_level, rest) = self.scratch.split_at_mut(free);
        let (d_slope, d_season) = rest.split_at_mut(free);
        d_level[0] = 1.0;
        if trend == 1 {
            d_slope[1] = 1.0;
        }
        for j in 0..length - 1 {
            d_season[j * free + 1 + trend + j] = 1.0;
            d_season[(length - 1) * free + 1 + trend + j] = -1.0;
        }
        let factors = form.season == EtsSeason::Multiplicative;
        let (mut level, mut slope, mut place) = (state.level, state.slope, 0);
        for ((y, forecast), row) in y.iter().zip(&mut self.forecasts).zip(self.derivatives.chunks_exact_mut(free)) {
            let season = &mut state.season[place];
            let d_season = &mut d_season[place * free..(place + 1) * free];
            slope *= by.phi;
            let base = level + slope;
            if factors {
                *forecast = base * *season;
                let (from_season, from_base) = (y / *season, y / base);
                let (by_season, by_base) = (-from_season / *season, -from_base / base);
                for (i, to) in row.iter_mut().enumerate() {
                    let d_slope_now = by.phi * d_slope[i];
                    let d_base = d_level[i] + d_slope_now;
                    *to = d_base * *season + base * d_season[i];
                    let off = by_season * d_season[i] - d_base;
                    d_level[i] = d_base + by.alpha * off;
                    d_slope[i] = d_slope_now + by.beta * off;
                    d_season[i] += by.gamma * (by_base * d_base - d_season[i]);
                }
                level = base + by.alpha * (from_season - base);
                slope += by.beta * (from_season - base);
                *season += by.gamma * (from_base - *season);
            } else {
                let f = base + *season;
                let error = y - f;
                *forecast = f;
                for (i, to) in row.iter_mut().enumerate() {
                    let d_slope_now = by.phi * d_slope[i];
                    let d_base = d_level[i] + d_slope_now;
                    let d = d_base + d_season[i];
                    *to = d;
                    d_level[i] = d_base - by.alpha * d;
                    d_slope[i] = d_slope_now - by.beta * d;
                    d_season[i] -= by.gamma * d;
                }
                level = base + by.alpha * error;
                slope += by.beta * error;
                *season += by.gamma * error;
            }
            place = if place + 1 == length { 0 } else { place + 1 };
        }
        (state.level, state.slope) = (level, slope);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ets::form::{EtsError, EtsTrend};

    #[test]
    fn single_steps_are_those_of_a_pass() {
        let y: Vec<f64> = (0..30).map(|t| 5.0 + 0.1 * t as f64 + [0.0, 1.0, -0.5, 0.2][t % 4]).collect();
        for form in EtsForm::of("ZZZ", None).unwrap() {
            let by = Smoothing { alpha: 0.3, beta: 0.1, gamma: 0.2, phi: 0.9 };
            let season = if form.season == EtsSeason::Multiplicative { [1.1, 0.9, 1.05] } else { [0.1, 0.2, -0.4] };
            let mut free = vec![5.0];
            free.extend(form.has_trend().then_some(0.12));
            free.extend(form.has_season().then_some(season).into_iter().flatten());
            let (mut of_pass, mut stepped) = (State::of(form, 4, &free), State::of(form, 4, &free));
            let mut pass = Pass::default();
            pass.run(form, by, &mut of_pass, &y);
            for (t, y) in y.iter().enumerate() {
                let mut forecast = f64::NAN;
                let observe = |f| {
                    forecast = f;
                    *y
                };
                assert_eq!(stepped.step(form, by, t % 4, observe), *y);
                assert!((forecast - pass.forecasts[t]).abs() < 1e-12, "{form}, step {t}");
            }
            let numbers = |s: &State| [&[s.level, s.slope][..], &s.season].concat();
            assert!(numbers(&of_pass).iter().zip(numbers(&stepped)).all(|(a, b)| (a - b).abs() < 1e-12), "{form}");
        }
    }

    #[test]
    fn derivatives_are_those_of_small_changes() {
        let y: Vec<f64> = (0..30).map(|t| 5.0 + 0.1 * t as f64 + [0.0, 1.0, -0.5, 0.2][t % 4]).collect();
        for form in EtsForm::of("ZZZ", None).unwrap() {
            let phi = if form.trend == EtsTrend::Damped { 0.9 } else { 1.0 };
            let by = Smoothing {
                alpha: 0.3,
                beta: if form.has_trend() { 0.1 } else { 0.0 },
                gamma: if form.has_season() { 0.2 } else { 0.0 },
                phi,
            };
            let season = if form.season == EtsSeason::Multiplicative { [1.1, 0.9, 1.05] } else { [0.1, 0.2, -0.4] };
            let mut free = vec![5.0];
            free.extend(form.has_trend().then_some(0.12));
            free.extend(form.has_season().then_some(season).into_iter().flatten());
            let run = |free: &[f64]| {
                let mut pass = Pass::default();
                let mut state = State::of(form, 4, free);
                pass.run(form, by, &mut state, &y);
                pass
            };
            let pass = run(&free);
            assert_eq!(free.len(), form.states(4));
            for i in 0..free.len() {
                let moved = |by: f64| {
                    let mut free = free.clone();
                    free[i] += by;
                    run(&free).forecasts
                };
                let (up, down) = (moved(1e-5), moved(-1e-5));
                for t in 0..y.len() {
                    let slope = (up[t] - down[t]) / 2e-5;
                    let is = pass.derivatives[t * free.len() + i];
                    assert!((slope - is).abs() < 1e-6, "{form}, number {i}, step {t}: {is}, where {slope} is due");
                }
            }
        }
        assert_eq!(EtsForm::LEVEL.error, EtsError::Additive);
    }
}
