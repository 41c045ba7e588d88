//! STL and MSTL beside statsmodels', and forecasts with seasons of theirs.

use crate::alone;
use adflux_core::{
    AnyForecaster, AnyForecasterRecipe, Context, Describe as _, DynComponent as _, Fit, Forecaster, Frequency, Panel,
    Recipe as _, Registry, Series, calendar::days,
};
use adflux_testing::{assert_all_close, assert_close, fixture};
use adflux_timeseries::{Components, Drift, Mstl, MstlForecaster, Naive, SeasonalNaive, Stl, register};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Named {
    name: String,
    values: Vec<f64>,
}

/// One of the real series.
fn series(name: &str) -> Vec<f64> {
    let all: Vec<Named> = fixture("timeseries/naive.json");
    all.into_iter().find(|of| of.name == name).unwrap().values
}

#[derive(Deserialize)]
struct StlCase {
    name: String,
    setting: Setting,
    trend: Vec<f64>,
    season: Vec<f64>,
    weights: Option<Vec<f64>>,
}

#[derive(Deserialize)]
struct Setting {
    period: usize,
    seasonal: Option<usize>,
    trend: Option<usize>,
    low_pass: Option<usize>,
    seasonal_deg: Option<usize>,
    trend_deg: Option<usize>,
    low_pass_deg: Option<usize>,
    #[serde(default)]
    robust: bool,
}

#[test]
fn stl_is_that_of_statsmodels() {
    let cases: Vec<StlCase> = fixture("decomposition/stl.json");
    assert_eq!(cases.len(), 7);
    for case in cases {
        let of = &case.setting;
        let degree = |degree: Option<usize>| degree.unwrap_or(1);
        let mut stl = Stl::new(of.period)
            .seasonal(of.seasonal.unwrap_or(7))
            .degrees(degree(of.seasonal_deg), degree(of.trend_deg), degree(of.low_pass_deg))
            .robust(of.robust);
        (stl.trend, stl.low_pass) = (of.trend, of.low_pass);
        let parts = stl.decompose(&series(&case.name)).unwrap();
        assert_all_close(&parts.trend, &case.trend, 1e-10);
        assert_all_close(&parts.seasons[0].values, &case.season, 1e-9);
        match case.weights {
            Some(weights) => assert_all_close(&parts.weights, &weights, 1e-9),
            None => assert!(parts.weights.iter().all(|weight| *weight == 1.0)),
        }
    }
}

#[derive(Deserialize)]
struct MstlCases {
    values: Vec<f64>,
    cases: Vec<MstlCase>,
}

#[derive(Deserialize)]
struct MstlCase {
    periods: Vec<usize>,
    windows: Option<Vec<usize>>,
    iterate: usize,
    robust: bool,
    trend: Vec<f64>,
    seasons: Vec<Vec<f64>>,
}

#[test]
fn mstl_is_that_of_statsmodels() {
    let MstlCases { values, cases } = fixture("decomposition/mstl.json");
    assert_eq!(cases.len(), 4);
    for case in cases {
        let mut mstl = Mstl::new(case.periods).iterate(case.iterate).robust(case.robust);
        mstl.windows = case.windows;
        let parts = mstl.decompose(&values).unwrap();
        assert_all_close(&parts.trend, &case.trend, 1e-10);
        assert_eq!(parts.seasons.len(), case.seasons.len());
        for (ours, theirs) in parts.seasons.iter().zip(&case.seasons) {
            assert_all_close(&ours.values, theirs, 1e-9);
        }
    }
}

#[test]
fn strengths_are_those_of_the_formula() {
    // Hyndman and Athanasopoulos, Forecasting: Principles and Practice (3rd edition), section 4.3.
    let parts = Stl::new(12).decompose(&series("air passengers")).unwrap();
    let variance = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (values.len() - 1) as f64
    };
    let with = |part: &[f64]| part.iter().zip(&parts.remainder).map(|(a, b)| a + b).collect::<Vec<_>>();
    let share = |part: &[f64]| 1.0 - variance(&parts.remainder) / variance(&with(part));
    assert_close(parts.trend_strength(), share(&parts.trend), 1e-12);
    assert_close(parts.seasonal_strength(0), share(&parts.seasons[0].values), 1e-12);
    assert!(parts.trend_strength() > 0.95 && parts.seasonal_strength(0) > 0.8);
    assert_eq!(parts.seasonal_strength(1), 0.0, "there is no other season");
    let constant = Stl::new(2).decompose(&[7.0; 12]).unwrap();
    assert_eq!((constant.trend_strength(), constant.seasonal_strength(0)), (0.0, 0.0));
}

#[test]
fn what_is_out_of_range_is_refused_by_name() {
    let values: Vec<f64> = (0..40).map(f64::from).collect();
    let named = |stl: Stl| stl.decompose(&values).unwrap_err().to_string();
    for (stl, start) in [
        (Stl::new(1), "parameter `period` = 1: must be at least 2"),
        (Stl::new(21), "parameter `period` = 21: the series has 40 steps"),
        (Stl::new(7).seasonal(6), "parameter `seasonal` = 6: must be an odd number above 2"),
        (Stl::new(7).trend(7), "parameter `trend` = 7: must be an odd number above 7"),
        (Stl::new(7).low_pass(10), "parameter `low_pass` = 10"),
        (Stl::new(7).degrees(2, 1, 1), "parameter `seasonal_deg` = 2: must be 0 or 1"),
        (Stl::new(7).degrees(1, 2, 1), "parameter `trend_deg` = 2"),
        (Stl::new(7).degrees(1, 1, 2), "parameter `low_pass_deg` = 2"),
        (Stl::new(usize::MAX), "parameter `trend`"),
    ] {
        let said = named(stl);
        assert!(said.starts_with(start), "{said}");
    }
    let named = |mstl: Mstl| mstl.decompose(&values).unwrap_err().to_string();
    for (mstl, start) in [
        (Mstl::default(), "parameter `periods` = \"[]\": give one at least"),
        (Mstl::new([7, 7]), "parameter `periods` = \"[7, 7]\": one stands there twice"),
        (Mstl::new([1, 7]), "parameter `periods` = \"[1, 7]\": each must be at least 2"),
        (Mstl::new([7]).iterate(0), "parameter `iterate` = 0"),
        (Mstl::new([7]).windows([4]), "parameter `windows` = 4: must be an odd number, 3 or more"),
        (Mstl::new([7]).windows([7, 9]), "parameter `windows` = \"[7, 9]\": one is due for each period"),
        (Mstl::new([20]), "40 steps: the shortest season must fit into the series more than twice"),
    ] {
        let said = named(mstl);
        assert!(said.starts_with(start), "{said}");
    }
    for (value, says) in [(f64::NAN, "step 3 is NaN"), (f64::INFINITY, "step 3 is inf"), (1e200, "step 3 is 1e200")] {
        let mut bad = values.clone();
        bad[2] = value;
        for said in [Stl::new(7).decompose(&bad).unwrap_err(), Mstl::new([7]).decompose(&bad).unwrap_err()] {
            assert!(said.to_string().starts_with(says), "{said}");
        }
    }
}

#[test]
fn a_panel_is_decomposed_by_series_and_bad_ones_are_named() {
    let season = |day: usize| [3.0, 1.0, 0.0, -4.0][day % 4] + day as f64;
    let mut gaps: Vec<f64> = (0..30).map(season).collect();
    (gaps[0], gaps[9], gaps[29]) = (f64::NAN, f64::NAN, f64::NAN);
    let start = 86_400;
    let panel = Panel::new(
        Frequency::DAILY,
        vec![
            Series::new("gaps", start, gaps),
            Series::new("short", start, (0..8).map(season).collect()),
            Series::new("one", start, vec![5.0]),
            Series::new("empty", start, vec![]),
            Series::new("missing", start, vec![f64::NAN; 30]),
            Series::new("zero", start, vec![0.0; 30]),
        ],
    )
    .unwrap();
    let parts = Mstl::new([4]).decompose_panel(&panel, &Context::default()).unwrap();
    let skipped: Vec<String> = parts.skipped.iter().map(|s| format!("{}: {}", s.id, s.reason)).collect();
    let fits = "the shortest season must fit into the series more than twice";
    let expected = [
        format!("short: 8 steps: {fits}"),
        format!("one: 1 steps: {fits}"),
        "empty: no values".into(),
        "missing: no values".into(),
    ];
    assert_eq!(skipped, expected);
    assert!(parts.get("zero").unwrap().components.trend.iter().all(|v| *v == 0.0));
    let gaps = parts.get("gaps").unwrap();
    assert_eq!((gaps.times[0], gaps.times.len(), gaps.values.len()), (2 * 86_400, 28, 28));
    assert_eq!(gaps.values[8], f64::midpoint(season(8), season(10)), "a gap is filled between its neighbours");
    let said = parts.get("empty").unwrap_err().to_string();
    assert_eq!(said, "series `empty` was skipped: no values");
    assert_eq!(parts.get("other").unwrap_err().to_string(), "no series is called `other`");
    let error = Mstl::default().decompose_panel(&panel, &Context::default()).unwrap_err().to_string();
    assert!(error.starts_with("parameter `periods`"), "{error}");
}

/// A season of 4 and one of 12 steps on a line.
fn two_seasons(step: usize) -> f64 {
    100.0 + 0.5 * step as f64 + [5.0, -2.0, -4.0, 1.0][step % 4] + if step % 12 < 4 { 8.0 } else { -4.0 }
}

#[test]
fn seasons_go_on_beside_any_forecaster() {
    let past: Vec<f64> = (0..120).map(two_seasons).collect();
    let mut recipe = MstlForecaster::new([12, 4]).forecaster(Drift::default());
    recipe.decomposition.iterate = 5;
    let fitted = recipe.fit(alone(&past)).unwrap();
    let forecast = fitted.forecast(30, &[0.8], None).unwrap();
    for (step, mean) in forecast.get("a").unwrap().mean.iter().enumerate() {
        assert!((mean - two_seasons(120 + step)).abs() < 1.0, "{step}: {mean} for {}", two_seasons(120 + step));
    }
    // Intervals and paths are those of the forecaster within, moved.
    let rest = fitted.forecaster().forecast(30, &[0.8], None).unwrap();
    let (of, within) = (forecast.get("a").unwrap(), rest.get("a").unwrap());
    let seasons = fitted.seasons("a", 30);
    for (step, season) in seasons.iter().enumerate() {
        assert_close(of.upper[[step, 0]] - of.mean[step], within.upper[[step, 0]] - within.mean[step], 1e-9);
        assert_close(of.lower[[step, 0]], within.lower[[step, 0]] + season, 1e-9);
    }
    let (paths, bare) = (fitted.paths(30, 3, 1, None).unwrap(), fitted.forecaster().paths(30, 3, 1, None).unwrap());
    for ((path, step), value) in paths.series[0].values.indexed_iter() {
        assert_close(*value, bare.series[0].values[[path, step]] + seasons[step], 1e-9);
    }
    // Values that are missing at the end do not shift the seasons, nor do later ones.
    let mut unknown = past.clone();
    unknown.extend([f64::NAN; 3]);
    let ahead = recipe.fit(alone(&unknown)).unwrap().forecast(27, &[], None).unwrap();
    assert_all_close(&ahead.get("a").unwrap().mean, of.mean.iter().skip(3), 1e-9);
    let later: Vec<f64> = (0..127).map(two_seasons).collect();
    let updated = fitted.updated(&alone(&later)).unwrap().forecast(12, &[], None).unwrap();
    assert_eq!(updated.get("a").unwrap().times[0], 127);
    for (step, mean) in updated.get("a").unwrap().mean.iter().enumerate() {
        assert!((mean - two_seasons(127 + step)).abs() < 1.5, "{step}: {mean} for {}", two_seasons(127 + step));
    }
}

#[test]
fn one_season_with_the_naive_forecast_repeats_the_season() {
    // As statsforecast's: the last cycle of the season, and the last value of the rest.
    let values = series("air passengers");
    let parts = Mstl::new([12]).decompose(&values).unwrap();
    let forecast = MstlForecaster::new([12]).forecaster(Naive::default()).fit(alone(&values)).unwrap();
    let mean = forecast.forecast(15, &[], None).unwrap().get("a").unwrap().mean.clone();
    let (last, season) = (values.len() - 1, &parts.seasons[0].values);
    let expected: Vec<f64> = (0..15).map(|h| values[last] - season[last] + season[last - 11 + h % 12]).collect();
    assert_all_close(&mean, &expected, 1e-9);
}

#[test]
fn a_series_without_room_for_a_season_is_forecast_without() {
    let values = [3.0, 9.0, 4.0, 8.0, 5.0];
    let ours = MstlForecaster::new([4]).forecaster(Naive::default()).fit(alone(&values)).unwrap();
    let naive = Naive::default().fit(alone(&values)).unwrap().forecast(3, &[0.8], None).unwrap();
    assert_eq!(ours.forecast(3, &[0.8], None).unwrap(), naive);
    assert!(ours.seasons("a", 3).is_empty());
    let error = MstlForecaster::new([4]).forecaster(SeasonalNaive::new(9)).fit(alone(&values)).unwrap_err();
    assert!(
        error.to_string().starts_with("step 1 (seasonal-naive): no series can be fitted; `a`: 5 values"),
        "{error}"
    );
}

#[test]
fn the_forecaster_within_is_the_step_of_the_specification() {
    let mut registry = Registry::new();
    register(&mut registry).unwrap();
    let recipe = MstlForecaster::new([7, 365]).forecaster(SeasonalNaive::new(3));
    let spec = recipe.spec().unwrap();
    assert_eq!((spec.steps.len(), spec.steps[0].kind.as_str()), (1, "seasonal-naive"));
    assert_eq!(registry.build::<AnyForecasterRecipe>(&spec).unwrap().describe().unwrap(), spec);
    let bare: adflux_core::Spec = toml::from_str("kind = 'mstl'\nparams = { periods = [7] }").unwrap();
    let built = MstlForecaster::from_spec(&bare, &registry).unwrap();
    assert_eq!((built.decomposition, built.forecaster.kind()), (Mstl::new([7]), "auto-ets"));
    let two = adflux_core::Spec { steps: vec![spec.steps[0].clone(), spec.steps[0].clone()], ..spec };
    let error = registry.build::<AnyForecasterRecipe>(&two).unwrap_err().to_string();
    assert_eq!(error, "specification of `mstl`: it takes one forecaster in `steps`, not 2");
}

fn sum(parts: &Components) -> Vec<f64> {
    let seasons = |step: usize| parts.seasons.iter().map(|season| season.values[step]).sum::<f64>();
    (0..parts.trend.len()).map(|step| parts.trend[step] + seasons(step) + parts.remainder[step]).collect()
}

proptest! {
    #[test]
    fn the_parts_add_up_and_scale_with_the_series(
        values in prop::collection::vec(-100.0..100.0_f64, 24..90),
        periods in prop::sample::select(vec![vec![2], vec![5], vec![3, 11], vec![7, 2]]),
        robust in any::<bool>(),
    ) {
        let mstl = Mstl::new(periods).robust(robust);
        let parts = mstl.decompose(&values).unwrap();
        for (a, b) in sum(&parts).iter().zip(&values) {
            prop_assert!((a - b).abs() < 1e-9);
        }
        prop_assert!((0.0..=1.0).contains(&parts.trend_strength()));
        prop_assert!((0.0..=1.0).contains(&parts.seasonal_strength(0)));
        // A power of two rounds nothing.
        let scaled = mstl.decompose(&values.iter().map(|v| v * 64.0).collect::<Vec<_>>()).unwrap();
        prop_assert_eq!(scaled.trend, parts.trend.iter().map(|v| v * 64.0).collect::<Vec<_>>());
        prop_assert_eq!(scaled.weights, parts.weights);
    }

    #[test]
    fn a_line_is_all_trend(slope in -5.0..5.0_f64, period in 2_usize..9) {
        let values: Vec<f64> = (0..60).map(|step| 20.0 + slope * f64::from(step)).collect();
        let parts = Stl::new(period).decompose(&values).unwrap();
        prop_assert!(parts.remainder.iter().all(|left| left.abs() < 1e-6));
        prop_assert!(parts.seasons[0].values.iter().all(|season| season.abs() < 1e-6));
    }
}

#[test]
fn a_series_that_cannot_be_updated_is_skipped_and_the_others_go_on() {
    let day = 86_400;
    let clicks = |steps: usize| (0..steps).map(|t| [9.0, 4.0, 5.0][t % 3] + (t * t % 5) as f64).collect::<Vec<_>>();
    let of = |id: &str, start: i64, steps: usize| Series::new(id, start, clicks(steps));
    let panel = |series: Vec<Series>| Panel::new(Frequency::DAILY, series).unwrap();
    let recipe = MstlForecaster::new([3]).forecaster(Naive::default());
    let fitted = recipe.fit(panel(vec![of("a", 0, 30), of("moved", 0, 30)])).unwrap();
    let updated = fitted.updated(&panel(vec![of("a", 0, 33), of("moved", 3600, 33)])).unwrap();
    let forecast = updated.forecast(1, &[], None).unwrap();
    assert_eq!((forecast.series.len(), forecast.series[0].times[0]), (1, 33 * day));
    assert!(forecast.skipped[0].reason.starts_with("what came later has no step at"), "{:?}", forecast.skipped);
}

#[test]
fn months_that_end_before_the_30th_do_not_move_the_season() {
    let at = |year, month, day| days(year, month, day) * 86_400;
    let of = |step: usize| 50.0 + [0.0, 4.0, 9.0, 1.0, -3.0, -6.0, 2.0, 8.0, -5.0, -4.0, -7.0, 1.0][step % 12];
    let values = |from: usize, to: usize| (from..to).map(of).collect::<Vec<f64>>();
    let panel = |series: Vec<Series>| Panel::new(Frequency::MONTHLY, series).unwrap();
    // To 2023-01-30: the next is the 28th of February.
    let past = |id: &str| Series::new(id, at(2018, 1, 30), values(0, 61));
    let recipe = MstlForecaster::new([12]).forecaster(Naive::default());
    let fitted = recipe.fit(panel(vec![past("a"), past("b")])).unwrap();
    let is = |fitted: &AnyForecaster, from: usize, times: &[i64]| {
        let forecast = fitted.forecast(times.len(), &[0.8], None).unwrap();
        let of = forecast.get("a").unwrap();
        assert_eq!(of.times, times);
        assert_all_close(&of.mean, &values(from, from + times.len()), 1e-6);
        assert_eq!(fitted.paths(times.len(), 2, 1, None).unwrap().series[0].times, times);
        forecast
    };
    let any = |fitted: &_| AnyForecaster::new(Clone::clone(fitted));
    is(&any(&fitted), 61, &[at(2023, 2, 28), at(2023, 3, 30), at(2023, 4, 30)]);
    // March to May, February missing; then February to June, and of `b` days that are none of its steps.
    let spring = Series::new("a", at(2023, 3, 30), values(62, 65));
    let updated = fitted.updated(&panel(vec![spring])).unwrap();
    is(&any(&updated), 65, &[at(2023, 6, 30), at(2023, 7, 30)]);
    let whole = Series::new("a", at(2023, 2, 28), values(61, 66));
    let updated = updated.updated(&panel(vec![whole, Series::new("b", at(2023, 3, 28), values(62, 66))])).unwrap();
    let mut registry = Registry::new();
    register(&mut registry).unwrap();
    let loaded = registry.load::<AnyForecaster>(&any(&updated).save().unwrap()).unwrap();
    for updated in [any(&updated), loaded] {
        let forecast = is(&updated, 66, &[at(2023, 7, 30), at(2023, 8, 30)]);
        let error = forecast.get("b").unwrap_err().to_string();
        assert_eq!(error, "series `b` was skipped: what came later: 2023-03-28 is between two of its steps");
        assert_eq!((forecast.series.len(), forecast.skipped.len()), (1, 1));
    }
    let alone = recipe.fit(panel(vec![past("b")])).unwrap();
    let error = alone.updated(&panel(vec![Series::new("b", at(2023, 3, 28), values(62, 66))])).unwrap_err().to_string();
    assert_eq!(error, "no series can be updated; `b`: what came later: 2023-03-28 is between two of its steps");
}
