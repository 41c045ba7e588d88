//! Forecasts: their steps, their intervals, and series of every sort.

use crate::conformance::{
    case::{Attempt, Case, Findings, guarded, root},
    grid::{Answer as _, HORIZON, LEVELS},
};
use adflux_core::{
    AnyForecaster, AnyForecasterRecipe, Context, Error, Fit as _, Forecast, Forecaster as _, Frequency, Panel, Series,
    SeriesForecast,
};

type Forecasters = Case<AnyForecasterRecipe>;

fn fit(case: &Forecasters, panel: Panel) -> Attempt<AnyForecaster> {
    guarded(|| case.recipe.fit_with(panel, &Context::default()))
}

fn forecast(case: &Forecasters, panel: Panel) -> Attempt<Forecast> {
    fit(case, panel).and_then(|fitted| guarded(|| fitted.forecast(HORIZON, &LEVELS, None)))
}

fn panel(frequency: Frequency, series: Vec<Series>) -> Option<Panel> {
    Panel::new(frequency, series).ok()
}

/// A series with other values, from the same start.
fn with(series: &Series, values: Vec<f64>) -> Series {
    Series::new(series.id(), series.start(), values)
}

pub(super) fn times(case: &Forecasters, findings: &mut Findings<'_>) {
    let asked = guarded(|| case.fitted.forecast(HORIZON, &LEVELS, None));
    let Some(forecast) = findings.must("the panel", asked) else { return };
    let (panel, frequency) = (case.x(), case.x().frequency());
    if let Some(skipped) = forecast.skipped.first() {
        findings.fail(&format!("series `{}` of the panel", skipped.id), format_args!("skipped: {}", skipped.reason));
    }
    if forecast.frequency != frequency || forecast.levels != LEVELS {
        findings.fail("the panel", "the forecast has not its frequency, or not the levels asked for");
    }
    let ids = |ids: Vec<&str>| ids.join(", ");
    let is = ids(forecast.series.iter().map(|s| s.id.as_str()).collect());
    let wanted = ids(panel.series().iter().map(Series::id).collect());
    if is != wanted {
        findings.fail("the panel", format_args!("forecasts of {is}, where {wanted} are expected"));
        return;
    }
    for (of, series) in forecast.series.iter().zip(panel.series()) {
        let steps = series.values().len() as i64;
        let wanted: Vec<i64> = (0..HORIZON as i64).map(|h| frequency.after(series.start(), steps + h)).collect();
        let shape = (HORIZON, LEVELS.len());
        if of.times != wanted {
            findings.fail(&format!("series `{}`", of.id), "the times are not those of the steps after its last");
        }
        if of.mean.len() != HORIZON || of.lower.dim() != shape || of.upper.dim() != shape {
            findings.fail(&format!("series `{}`", of.id), "a mean and two ends a level are due for each step");
        }
    }
}

/// What must be refused, naming the parameter.
fn refused_by_name(findings: &mut Findings<'_>, input: &str, name: &str, attempt: Attempt<Forecast>) {
    if let Some(error) = findings.refused(input, attempt)
        && !matches!(root(&error), Error::Parameter { name: named, .. } if *named == name)
    {
        findings.fail(input, format_args!("the error does not name `{name}` (`Forecast::check`): {error}"));
    }
}

pub(super) fn horizon(case: &Forecasters, findings: &mut Findings<'_>) {
    let ask = |horizon: usize| guarded(|| case.fitted.forecast(horizon, &LEVELS, None));
    for horizon in [0, 1_000_000] {
        refused_by_name(findings, &format!("a horizon of {horizon}"), "horizon", ask(horizon));
    }
    let (short, long) = (findings.must("a horizon of 1", ask(1)), findings.must("a long horizon", ask(5 * HORIZON)));
    let (Some(short), Some(long)) = (short, long) else { return };
    findings.finite("a long horizon", &long.grid());
    for (short, long) in short.series.iter().zip(&long.series) {
        if short.mean.first().map(|v| v.to_bits()) != long.mean.first().map(|v| v.to_bits()) {
            findings.fail(&format!("series `{}`", short.id), "the first step depends on how many are asked for");
        }
    }
}

pub(super) fn levels(case: &Forecasters, findings: &mut Findings<'_>) {
    let ask = |levels: &[f64]| guarded(|| case.fitted.forecast(HORIZON, levels, None));
    for level in [0.0, 1.0, f64::NAN, 80.0] {
        refused_by_name(findings, &format!("a level of {level}"), "levels", ask(&[level]));
    }
    if let Some(bare) = findings.must("no levels", ask(&[]))
        && bare.series.iter().any(|s| s.lower.ncols() != 0 || s.mean.len() != HORIZON)
    {
        findings.fail("no levels", "means alone are due");
    }
    let Some(forecast) = findings.must("two levels", ask(&LEVELS)) else { return };
    for series in &forecast.series {
        let holds = |step: usize| {
            let ends = |level| (series.lower[[step, level]], series.upper[[step, level]]);
            let ((low, high), (lower, higher)) = (ends(0), ends(1));
            lower <= low && low <= series.mean[step] && series.mean[step] <= high && high <= higher
        };
        if let Some(step) = (0..series.mean.len()).find(|step| !holds(*step)) {
            let input = format!("series `{}`, step {}", series.id, step + 1);
            findings.fail(&input, "the mean is outside an interval, or an interval outside that of a higher level");
        }
    }
}

pub(super) fn paths(case: &Forecasters, findings: &mut Findings<'_>) {
    let ask = |count: usize, seed: u64| guarded(|| case.fitted.paths(HORIZON, count, seed, None));
    // Not every forecaster draws them.
    let Some(Ok(paths)) = findings.may("three paths", ask(3, 7)) else { return };
    let Some(forecast) = findings.must("the panel", guarded(|| case.fitted.forecast(HORIZON, &[], None))) else {
        return;
    };
    let ids = |of: &mut dyn Iterator<Item = &String>| of.cloned().collect::<Vec<_>>();
    if ids(&mut paths.series.iter().map(|s| &s.id)) != ids(&mut forecast.series.iter().map(|s| &s.id)) {
        findings.fail("three paths", "they are not those of the series that are forecast");
        return;
    }
    for (of, forecast) in paths.series.iter().zip(&forecast.series) {
        let input = format!("three paths of series `{}`", of.id);
        if of.times != forecast.times || of.values.dim() != (3, HORIZON) {
            findings.fail(&input, "a value is due for each step of each, at the times of the forecast");
        }
        if of.values.iter().any(|v| !v.is_finite()) {
            findings.fail(&input, "a value is not finite");
        }
    }
    if findings.must("the same seed", ask(3, 7)).is_some_and(|again| again != paths) {
        findings.fail("the same seed", "other paths");
    }
    if let Some(error) = findings.refused("no paths", ask(0, 7))
        && !matches!(root(&error), Error::Parameter { name: "count", .. })
    {
        findings.fail("no paths", format_args!("the error does not name `count` (`Paths::check`): {error}"));
    }
}

pub(super) fn updates(case: &Forecasters, findings: &mut Findings<'_>) {
    let (all, frequency) = (case.x(), case.x().frequency());
    let ask = |later: &Panel| guarded(|| case.fitted.updated(later)?.forecast(HORIZON, &LEVELS, None));
    // Not every forecaster can be updated.
    let Some(Ok(same)) = findings.may("nothing new", ask(all)) else { return };
    if let Some(difference) = same.grid().difference(&case.answer) {
        findings.fail("nothing new", format_args!("another forecast: {difference}"));
    }
    let with_more = |series: &Series| {
        let values = series.values().iter().chain(series.values().iter().rev().take(2));
        Some(with(series, values.copied().collect()))
    };
    let Ok(longer) = all.map(with_more) else { return };
    let Some(forecast) = findings.must("two steps more", ask(&longer)) else { return };
    findings.finite("two steps more", &forecast.grid());
    for (of, series) in forecast.series.iter().zip(longer.series()) {
        let first = frequency.after(series.start(), series.values().len() as i64);
        if of.times.first() != Some(&first) {
            findings.fail(&format!("two steps more of series `{}`", of.id), "the forecast does not begin after them");
        }
    }
}

pub(super) fn series(case: &Forecasters, findings: &mut Findings<'_>) {
    let (all, frequency) = (case.x().series(), case.x().frequency());
    let (across, mut differs) = (case.capabilities.across_series, false);
    for (place, one) in all.iter().enumerate() {
        let input = format!("series `{}` alone", one.id());
        let Some(alone) = panel(frequency, vec![one.clone()]) else { continue };
        let rows: Vec<usize> = (place * HORIZON..(place + 1) * HORIZON).collect();
        if let Some(alone) = findings.must(&input, forecast(case, alone))
            && let Some(difference) = alone.grid().difference(&case.answer.take(&rows))
        {
            differs = true;
            if across {
                continue;
            }
            findings.fail(&input, format_args!("not as among the others: {difference}"));
        }
    }
    if across && !differs {
        findings.fail("each series alone", "declared to learn across series, and forecast alone as among the others");
    }
    let bad = Series::new("a series without values", 0, vec![f64::NAN; 20]);
    let with_bad: Vec<Series> = [bad.clone()].into_iter().chain(all.iter().cloned()).collect();
    let input = "a series without values beside the others";
    if let Some(panel) = panel(frequency, with_bad)
        && let Some(forecast) = findings.must(input, forecast(case, panel))
    {
        if let Some(difference) = forecast.grid().difference(&case.answer) {
            findings.fail(input, difference);
        }
        if forecast.skipped.iter().map(|s| s.id.as_str()).ne([bad.id()]) {
            findings.fail(input, "it is not in `skipped`");
        }
    }
    for (input, series) in [("no series", vec![]), ("only a series without values", vec![bad])] {
        if let Some(panel) = panel(frequency, series) {
            findings.refused(input, fit(case, panel));
        }
    }
}

/// Finite forecasts of the steps after the series, or the reason why there are none.
fn finite_or_skipped(
    case: &Forecasters,
    findings: &mut Findings<'_>,
    input: &str,
    series: Series,
) -> Option<SeriesForecast> {
    let frequency = case.x().frequency();
    let first = frequency.after(series.start(), series.values().len() as i64);
    let forecast = findings.may(input, forecast(case, panel(frequency, vec![series])?))?.ok()?;
    findings.finite(input, &forecast.grid());
    let of = forecast.series.into_iter().next()?;
    if of.times.first() != Some(&first) {
        findings.fail(input, "the forecast does not begin with the step after the last of the series");
    }
    Some(of)
}

pub(super) fn missing(case: &Forecasters, findings: &mut Findings<'_>) {
    for series in case.x().series() {
        let last = series.values().len().saturating_sub(1);
        for (place, steps) in
            [("the beginning", 0..=1), ("the middle", last / 2..=last / 2 + 1), ("the end", last - 1..=last)]
        {
            let mut values = series.values().to_vec();
            values[steps].fill(f64::NAN);
            let input = format!("series `{}` with a gap at {place}", series.id());
            finite_or_skipped(case, findings, &input, with(series, values));
        }
    }
}

pub(super) fn edges(case: &Forecasters, findings: &mut Findings<'_>) {
    let Some(series) = case.x().series().first() else { return };
    for steps in 1..=5 {
        finite_or_skipped(case, findings, &format!("{steps} steps"), series.head(steps));
    }
    let negative = |v: &f64| -v;
    let values = series.values();
    let others = [
        ("zeros and one", (0..20).map(|step| f64::from(u8::from(step == 7))).collect()),
        ("alternation", (0..20).map(|step| f64::from(step % 2)).collect()),
        ("negative numbers", values.iter().map(negative).collect()),
    ];
    for (input, values) in others {
        finite_or_skipped(case, findings, input, with(series, values));
    }
    for constant in [0.0, 7.25, -3.0] {
        let input = format!("always {constant}");
        if let Some(of) = finite_or_skipped(case, findings, &input, with(series, vec![constant; 40]))
            && let Some(mean) = of.mean.iter().find(|mean| (*mean - constant).abs() > 1e-6)
        {
            findings.fail(&input, format_args!("{mean} is forecast"));
        }
    }
}

/// A power of two: numbers are scaled by it without rounding.
const FACTOR: f64 = 1024.0;

pub(super) fn scales(case: &Forecasters, findings: &mut Findings<'_>) {
    for series in case.x().series() {
        let scaled = |factor: f64| with(series, series.values().iter().map(|v| v * factor).collect());
        let largest = series.values().iter().fold(1.0_f64, |most, v| most.max(v.abs()));
        for size in [1e300, 1e-300] {
            let input = format!("series `{}` as large as {size:e}", series.id());
            finite_or_skipped(case, findings, &input, scaled(size / largest));
        }
        if !case.capabilities.equivariant {
            continue;
        }
        let input = format!("series `{}` times {FACTOR}", series.id());
        let plain = finite_or_skipped(case, findings, &input, series.clone());
        let (Some(plain), Some(of)) = (plain, finite_or_skipped(case, findings, &input, scaled(FACTOR))) else {
            findings.fail(&input, "skipped");
            continue;
        };
        let pairs = |a: &SeriesForecast, b: &SeriesForecast| {
            let (a, b) = ([&a.lower, &a.upper].map(Clone::clone), [&b.lower, &b.upper].map(Clone::clone));
            let ends = a.into_iter().flatten().zip(b.into_iter().flatten());
            ends.collect::<Vec<_>>()
        };
        let means = plain.mean.iter().copied().zip(of.mean.iter().copied());
        let differ = |(a, b): &(f64, f64)| (a * FACTOR - b).abs() > 1e-9 * (largest * FACTOR);
        if let Some((a, b)) = means.chain(pairs(&plain, &of)).find(differ) {
            findings.fail(&input, format_args!("{b} is forecast, where {} is expected", a * FACTOR));
        }
    }
}
