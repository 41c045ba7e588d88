//! The forecaster that would have been nearest.

use crate::{alone, panel};
use adflux_core::{Fit, Forecaster, Panel};
use adflux_timeseries::{Auto, Backtest, Drift, FittedAuto, Naive, SeasonalNaive};

/// A line, a season, and a level that jumps to and fro: each is for another of the three.
fn three() -> Panel {
    let values = |of: &dyn Fn(usize) -> f64| (0..40).map(of).collect();
    Panel::from_values([
        ("line", values(&|t| 3.0 * t as f64)),
        ("season", values(&|t| [10.0, 50.0, 20.0, 80.0][t % 4])),
        ("steps", values(&|t| [5.0, 9.0][t / 20])),
    ])
    .unwrap()
}

fn auto() -> Auto {
    Auto::new(4, 4).candidate(Naive::default()).candidate(Drift::default()).candidate(SeasonalNaive::new(4))
}

#[test]
fn each_series_gets_the_one_that_was_nearest() {
    let fitted = auto().fit(three()).unwrap();
    assert_eq!(fitted.choice("line"), Some("drift"));
    assert_eq!(fitted.choice("season"), Some("seasonal-naive"));
    assert_eq!(fitted.choice("steps"), Some("naive"), "of equals the first");
    assert_eq!(fitted.choice("other"), None);
    let chosen: Vec<usize> = fitted.candidates().iter().map(|candidate| candidate.chosen).collect();
    assert_eq!(chosen, [1, 1, 1]);
    let forecast = fitted.forecast(4, &[0.8], None).unwrap();
    let ids: Vec<&str> = forecast.series.iter().map(|series| series.id.as_str()).collect();
    assert_eq!(ids, ["line", "season", "steps"], "in the order of the panel");
    assert_eq!(forecast.get("line").unwrap().mean[0], 120.0);
    assert_eq!(forecast.get("season").unwrap().mean.to_vec(), [10.0, 50.0, 20.0, 80.0]);
    assert_eq!(fitted.paths(4, 2, 1, None).unwrap().series.len(), 3);
    let later = three().map(|s| Some(adflux_core::Series::new(s.id(), 40, vec![1.0]))).unwrap();
    assert_eq!(fitted.updated(&later).unwrap().forecast(1, &[], None).unwrap().get("steps").unwrap().mean[0], 1.0);
}

#[test]
fn one_for_all_is_the_best_over_all_and_its_errors_are_those_of_a_backtest() {
    let fitted: FittedAuto = auto().per_series(false).fit(three()).unwrap();
    let backtest = Backtest::new(4).windows(3).season_length(4).levels([]);
    let context = adflux_core::Context::default();
    let mae = |report: adflux_timeseries::BacktestReport| report.overall().mae;
    let expected = [
        mae(backtest.run(&Naive::default(), &three(), &context).unwrap()),
        mae(backtest.run(&Drift::default(), &three(), &context).unwrap()),
        mae(backtest.run(&SeasonalNaive::new(4), &three(), &context).unwrap()),
    ];
    let candidates = fitted.candidates();
    assert_eq!(candidates.iter().map(|c| c.mae.unwrap()).collect::<Vec<_>>(), expected);
    let best = candidates.iter().min_by(|a, b| a.mase.unwrap().total_cmp(&b.mase.unwrap())).unwrap();
    assert_eq!(best.chosen, 3);
    assert_eq!(fitted.choice("line"), Some(best.kind.as_str()));
}

#[test]
fn series_that_are_too_short_to_be_judged_get_the_best_over_all() {
    let with_short = Panel::from_values(
        three()
            .series()
            .iter()
            .map(|s| (s.id().to_string(), s.values().to_vec()))
            .chain([("short".to_string(), vec![1.0, 2.0])]),
    );
    let fitted = auto().fit(with_short.unwrap()).unwrap();
    let best = fitted.candidates().iter().min_by(|a, b| a.mase.unwrap().total_cmp(&b.mase.unwrap())).unwrap();
    assert_eq!(fitted.choice("short"), Some(best.kind.as_str()));
    let error = auto().fit(alone(&[1.0, 2.0])).unwrap_err().to_string();
    assert!(error.contains("no series can be judged"), "{error}");
}

#[test]
fn what_is_not_tried_in_time_says_so_and_the_first_always_is() {
    let fitted = auto().time_budget(1e-9).fit(panel()).unwrap();
    let errors: Vec<Option<&str>> = fitted.candidates().iter().map(|c| c.error.as_deref()).collect();
    assert_eq!(errors, [None, Some("not tried: the time was spent"), Some("not tried: the time was spent")]);
    assert_eq!(fitted.choice("meta"), Some("naive"));
}

#[test]
fn the_usual_candidates_are_tried_without_being_named() {
    let fitted = Auto::new(4, 4).fit(panel()).unwrap();
    let kinds: Vec<&str> = fitted.candidates().iter().map(|candidate| candidate.kind.as_str()).collect();
    assert_eq!(kinds, ["seasonal-naive", "auto-theta", "auto-ets", "auto-arima"]);
    assert!(fitted.candidates().iter().all(|candidate| candidate.error.is_none()));
}
