//! A forecaster with at most one fault.

use crate::caught_by;
use adflux_core::{
    Component, Context, Error, Fit, Forecast, Forecaster, Frequency, Panel, Paths, Recipe, Registry, Result, Series,
    SeriesForecast, SeriesPaths, Skipped, Spec,
    component::{decode, encode},
    parameter,
};
use adflux_testing::conformance::{self, Failure};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

const SOUND: u8 = 0;
const COUNTS_THREADS: u8 = 1;
const FORGETS: u8 = 2;
const TRUSTS_STATES: u8 = 3;
const LATE: u8 = 4;
const ANY_HORIZON: u8 = 5;
const LOOKS_AT_THE_HORIZON: u8 = 6;
const ANY_LEVEL: u8 = 7;
const CROSSES: u8 = 8;
const LOOKS_ACROSS: u8 = 9;
const DIES_OF_ONE: u8 = 10;
const SILENT_ON_GAPS: u8 = 11;
const PANICS_ON_ONE_STEP: u8 = 12;
const RISES: u8 = 13;
const SQUARES: u8 = 14;
const SHIFTS: u8 = 15;
const CHECKS_NO_PARAMETER: u8 = 16;
const TAKES_ANY_PARAMETER: u8 = 17;
const DEAF: u8 = 18;
const DRAWS_NONE: u8 = 19;
const NEVER_THE_SAME: u8 = 20;
const STANDS_STILL: u8 = 21;
const SHAKEN: u8 = 22;

/// Forecasts the last value, and as far about it as the last step went, times `width` and the level.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Last<const FAULT: u8> {
    width: f64,
}

#[derive(Debug, Serialize, Deserialize)]
struct FittedLast<const FAULT: u8> {
    frequency: Frequency,
    threads: usize,
    width: f64,
    /// Id, the time after the last, the last value, and the distance from the one before.
    series: Vec<(String, i64, f64, f64)>,
    skipped: Vec<Skipped>,
    #[serde(skip)]
    unsaved: f64,
}

impl<const FAULT: u8> Recipe for Last<FAULT> {
    const KIND: &'static str = "last";
    fn spec(&self) -> Result<Spec> {
        Spec::of("last", self)
    }
    fn from_spec(spec: &Spec, _: &Registry) -> Result<Self> {
        match (FAULT, spec.params.get("width").and_then(toml::Value::as_float)) {
            (TAKES_ANY_PARAMETER, Some(width)) => Ok(Last { width }),
            _ => spec.childless()?.params(),
        }
    }
}

impl<const FAULT: u8> Component for FittedLast<FAULT> {
    const KIND: &'static str = "last";
    fn state(&self) -> Result<Vec<u8>> {
        encode("last", self)
    }
    fn from_state(_: u32, state: &[u8], _: &Registry) -> Result<Self> {
        if FAULT == TRUSTS_STATES { Ok(decode("last", state).unwrap()) } else { decode("last", state) }
    }
}

/// The time after the last, the last value, and how far it is from the one before.
fn last<const FAULT: u8>(series: &Series, frequency: Frequency) -> Result<(i64, f64, f64)> {
    let known: Vec<f64> = series.values().iter().copied().filter(|v| !v.is_nan() || FAULT == SILENT_ON_GAPS).collect();
    let time = frequency.after(series.start(), series.values().len() as i64 + i64::from(FAULT == LATE));
    let before = if FAULT == PANICS_ON_ONE_STEP { known.len() - 2 } else { known.len().saturating_sub(2) };
    match known.last() {
        Some(last) => Ok((time, *last, (last - known[before]).abs().min(1e300))),
        None => Err(Error::data("no values")),
    }
}

impl<const FAULT: u8> Fit<Panel> for Last<FAULT> {
    type Fitted = FittedLast<FAULT>;
    fn fit_with(&self, panel: Panel, context: &Context) -> Result<FittedLast<FAULT>> {
        if FAULT != CHECKS_NO_PARAMETER {
            parameter::positive("width", self.width)?;
        }
        let (mut series, mut skipped) = (Vec::new(), Vec::new());
        for (place, one) in panel.series().iter().enumerate() {
            if FAULT != DEAF {
                context.check()?;
            }
            context.report("last", place as u64 + 1, Some(panel.len() as u64));
            match last::<FAULT>(one, panel.frequency()) {
                Ok((time, value, far)) => series.push((one.id().to_string(), time, value, far)),
                Err(e) if FAULT == DIES_OF_ONE => return Err(e),
                Err(e) => skipped.push(Skipped { id: one.id().into(), reason: e.to_string() }),
            }
        }
        if series.is_empty() {
            return Err(Error::data("no series that can be fitted"));
        }
        if FAULT == LOOKS_ACROSS {
            let most = series.iter().fold(0.0, |most: f64, s| most.max(s.3));
            series.iter_mut().for_each(|s| s.3 = most);
        }
        let threads = if FAULT == COUNTS_THREADS { context.run(rayon::current_num_threads) } else { 0 };
        let unsaved = f64::from(u8::from(FAULT == FORGETS));
        Ok(FittedLast { frequency: panel.frequency(), threads, width: self.width, series, skipped, unsaved })
    }
}

impl<const FAULT: u8> Forecaster for FittedLast<FAULT> {
    fn forecast(&self, horizon: usize, levels: &[f64], _: Option<&Panel>) -> Result<Forecast> {
        match FAULT {
            ANY_HORIZON => Forecast::check(1, levels)?,
            ANY_LEVEL => Forecast::check(horizon, &[])?,
            _ => Forecast::check(horizon, levels)?,
        }
        let one = |(id, time, value, far): &(String, i64, f64, f64)| {
            let more = match FAULT {
                RISES => 1.0,
                LOOKS_AT_THE_HORIZON => far / horizon as f64,
                SHIFTS => far.min(1.0),
                _ => self.unsaved,
            };
            let far = if FAULT == SQUARES { far * far } else { *far };
            let end = |sign: f64| {
                let end = |(_, level): (usize, usize)| value + more + sign * far * self.width.min(1.0) * levels[level];
                Array2::from_shape_fn((horizon, levels.len()), end)
            };
            let sign = if FAULT == CROSSES { -1.0 } else { 1.0 };
            SeriesForecast {
                id: id.clone(),
                times: (0..horizon as i64).map(|step| self.frequency.after(*time, step)).collect(),
                mean: ndarray::Array1::from_elem(horizon, value + more),
                lower: end(-sign),
                upper: end(sign),
            }
        };
        let (series, levels) = (self.series.iter().map(one).collect(), levels.to_vec());
        Ok(Forecast { frequency: self.frequency, levels, series, skipped: self.skipped.clone() })
    }

    fn paths(&self, horizon: usize, count: usize, seed: u64, future: Option<&Panel>) -> Result<Paths> {
        if FAULT != DRAWS_NONE {
            Paths::check(horizon, count, self.series.len())?;
        }
        static CALLS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let call = CALLS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let seed = if FAULT == NEVER_THE_SAME { seed + call } else { seed };
        let one = |of: SeriesForecast| SeriesPaths {
            values: Array2::from_shape_fn((count, horizon), |(path, step)| of.mean[step] + (seed + path as u64) as f64),
            id: of.id,
            times: of.times,
        };
        let Forecast { frequency, series, skipped, .. } = self.forecast(horizon, &[], future)?;
        Ok(Paths { frequency, series: series.into_iter().map(one).collect(), skipped })
    }

    fn updated(&self, later: &Panel) -> Result<Self> {
        let mut series = self.series.clone();
        for one in &mut series {
            let (time, value, far) = last::<SOUND>(later.get(&one.0)?, self.frequency)?;
            *one = match FAULT {
                STANDS_STILL => (one.0.clone(), one.1, value, far),
                SHAKEN => (one.0.clone(), time, value + 1.0, far),
                _ => (one.0.clone(), time, value, far),
            };
        }
        let skipped = self.skipped.clone();
        Ok(FittedLast {
            frequency: self.frequency,
            threads: 0,
            width: self.width,
            series,
            skipped,
            unsaved: self.unsaved,
        })
    }
}

fn panel() -> Panel {
    let values = |by: usize| (0..15).map(|step| (3 + step * by % 11) as f64).collect();
    let series = |(id, start, by): (&str, i64, usize)| Series::new(id, start * 86_400, values(by));
    Panel::new(Frequency::DAILY, [("meta", 0, 7), ("google", 40, 5)].map(series).into()).unwrap()
}

fn forecaster<const FAULT: u8>() -> conformance::Conformance<Last<FAULT>, adflux_core::AnyForecasterRecipe> {
    conformance::forecaster(Last::<FAULT> { width: 0.5 }, panel()).refuses("width", Last { width: -1.0 })
}

fn failures<const FAULT: u8>() -> Vec<Failure> {
    forecaster::<FAULT>().scale_equivariant().failures()
}

#[test]
fn a_sound_forecaster_passes() {
    assert_eq!(failures::<SOUND>(), []);
}

#[test]
fn each_fault_is_caught_by_the_check_that_is_there_for_it() {
    caught_by("threads", &failures::<COUNTS_THREADS>());
    caught_by("saving", &failures::<FORGETS>());
    caught_by("damage", &failures::<TRUSTS_STATES>());
    caught_by("times", &failures::<LATE>());
    caught_by("horizon", &failures::<ANY_HORIZON>());
    caught_by("horizon", &failures::<LOOKS_AT_THE_HORIZON>());
    caught_by("levels", &failures::<ANY_LEVEL>());
    caught_by("levels", &failures::<CROSSES>());
    caught_by("paths", &failures::<DRAWS_NONE>());
    caught_by("paths", &failures::<NEVER_THE_SAME>());
    caught_by("updates", &failures::<STANDS_STILL>());
    caught_by("updates", &failures::<SHAKEN>());
    caught_by("series", &failures::<LOOKS_ACROSS>());
    caught_by("series", &failures::<DIES_OF_ONE>());
    caught_by("missing values", &failures::<SILENT_ON_GAPS>());
    caught_by("edges", &failures::<PANICS_ON_ONE_STEP>());
    caught_by("edges", &failures::<RISES>());
    caught_by("scales", &failures::<SQUARES>());
    caught_by("scales", &failures::<SHIFTS>());
    caught_by("parameters", &failures::<CHECKS_NO_PARAMETER>());
    caught_by("recipe", &failures::<TAKES_ANY_PARAMETER>());
    caught_by("cancellation", &failures::<DEAF>());
}

#[test]
fn scales_are_compared_only_where_that_is_declared() {
    let scales = |failures: Vec<Failure>| failures.iter().any(|f| f.check == "scales");
    assert!(!scales(forecaster::<SHIFTS>().failures()));
    assert!(scales(forecaster::<SHIFTS>().scale_equivariant().failures()));
}
