//! Forecasts of the past.

use crate::{alone, panel};
use adflux_core::{Context, Panel};
use adflux_evaluation::measures::Measures;
use adflux_testing::assert_close;
use adflux_timeseries::{AutoEts, Backtest, BacktestReport, Naive, SeasonalNaive, WindowAverage};

fn run(backtest: &Backtest, panel: &Panel) -> adflux_core::Result<BacktestReport> {
    backtest.run(&Naive::default(), panel, &Context::default())
}

#[test]
fn each_window_knows_only_what_came_before() {
    let values: Vec<f64> = (0..10).map(|t| f64::from(t * t)).collect();
    let report = run(&Backtest::new(2).windows(3).step(1), &alone(&values)).unwrap();
    let known: Vec<usize> = report.windows.iter().map(|w| w.known).collect();
    assert_eq!(known, [6, 7, 8]);
    for window in &report.windows {
        assert_eq!(window.forecast.mean[0], values[window.known - 1]);
        assert_eq!(window.truth.to_vec(), values[window.known..window.known + 2]);
        assert_eq!(window.forecast.times, [window.known as i64, window.known as i64 + 1]);
    }
    // From 49: 64 and 81 are off by 15 and 32.
    assert_eq!(report.windows[2].score.as_ref().unwrap().mae, (15.0 + 32.0) / 2.0);
    let past_steps: f64 = (1..8).map(|t| f64::from(t * t - (t - 1) * (t - 1))).sum::<f64>() / 7.0;
    assert_close(report.windows[2].score.as_ref().unwrap().mase.unwrap(), 23.5 / past_steps, 1e-12);
    let overall = report.overall();
    assert_close(overall.mae, report.windows.iter().map(|w| w.score.as_ref().unwrap().mae).sum::<f64>() / 3.0, 1e-12);
    assert_eq!((overall.points, report.series("a")), (6, Some(overall.clone())));
    assert_eq!(report.series("b"), None);
}

#[test]
fn short_series_and_gaps_are_left_out_where_they_must_be() {
    let values = |steps: usize| (0..steps).map(|t| (t % 5) as f64).collect::<Vec<_>>();
    let mut gaps = values(20);
    gaps[18..].fill(f64::NAN);
    let panel = Panel::from_values([("long", values(20)), ("short", values(4)), ("gaps", gaps)]).unwrap();
    let report = run(&Backtest::new(2).windows(2), &panel).unwrap();
    let judged: Vec<(&str, bool)> =
        report.windows.iter().map(|w| (w.forecast.id.as_str(), w.score.is_some())).collect();
    assert_eq!(judged, [("long", true), ("gaps", true), ("long", true), ("short", true), ("gaps", false)]);
    assert_eq!(report.skipped.len(), 1);
    assert_eq!(report.skipped[0].reason, "4 steps, where more than 4 are needed");
    let none = run(&Backtest::new(50), &panel).unwrap_err().to_string();
    assert_eq!(none, "no series can be judged; `long`: 20 steps, where more than 150 are needed");
    for (backtest, name) in [
        (Backtest::new(0), "horizon"),
        (Backtest::new(1).windows(0), "windows"),
        (Backtest::new(1).step(0), "step"),
        (Backtest::new(1).season_length(0), "season_length"),
        (Backtest::new(1).levels([80.0]), "levels"),
    ] {
        let error = run(&backtest, &panel).unwrap_err().to_string();
        assert!(error.starts_with(&format!("parameter `{name}`")), "{error}");
    }
}

#[test]
fn value_is_added_where_there_is_something_to_learn() {
    let backtest = Backtest::new(4).windows(3).season_length(4).levels([0.8, 0.95]);
    let judged = |report: adflux_core::Result<BacktestReport>| report.unwrap();
    let context = Context::default();
    let ets = judged(backtest.run(&AutoEts::new(4), &panel(), &context));
    let naive = judged(backtest.run(&SeasonalNaive::new(4), &panel(), &context));
    let average = judged(backtest.run(&WindowAverage::new(20), &panel(), &context));
    assert!(ets.series("meta").unwrap().mae < 0.5 * naive.series("meta").unwrap().mae);
    assert_eq!(naive.value_added_over(&naive).unwrap(), 0.0);
    assert!(average.series("meta").unwrap().mae > naive.series("meta").unwrap().mae);
    let coverage = &ets.overall().coverage;
    assert!(coverage[0] <= coverage[1] && coverage[1] > 0.5, "{coverage:?}");
    let other = judged(Backtest::new(2).run(&SeasonalNaive::new(4), &panel(), &context));
    assert!(ets.value_added_over(&other).unwrap_err().to_string().contains("different windows"));
}

fn line(steps: usize) -> Vec<f64> {
    (0..steps).map(|t| (t * t % 13) as f64 + t as f64).collect()
}

#[test]
fn a_window_that_is_too_early_for_a_fit_is_left_out() {
    let panel = alone(&line(18));
    let backtest = Backtest::new(4).windows(3);
    let context = Context::default();
    for refit in [true, false] {
        let report = backtest.clone().refit(refit).run(&SeasonalNaive::new(7), &panel, &context).unwrap();
        assert_eq!(report.windows.iter().map(|window| window.known).collect::<Vec<_>>(), [10, 14]);
        assert!(report.skipped[0].reason.contains("8 are needed"), "{}", report.skipped[0].reason);
    }
    let error = Backtest::new(4).windows(1).run(&SeasonalNaive::new(14), &panel, &context).unwrap_err().to_string();
    assert!(error.starts_with("no series can be judged; `a`:"), "{error}");
}

#[test]
fn means_over_other_windows_are_made_to_compare() {
    let panel = Panel::from_values([("long", line(40)), ("short", line(9))]).unwrap();
    let (backtest, context) = (Backtest::new(4).windows(1), Context::default());
    let naive = backtest.run(&SeasonalNaive::new(7), &panel, &context).unwrap();
    let last = backtest.run(&SeasonalNaive::new(1), &panel, &context).unwrap();
    assert!(last.value_added_over(&naive).is_err());
    let common = last.on_windows_of(&naive);
    assert_eq!((last.windows.len(), common.windows.len(), naive.windows.len()), (2, 1, 1));
    assert!(common.value_added_over(&naive).is_ok());
}

#[test]
fn any_measure_is_taken_over_all_values_or_those_of_a_series() {
    let mut holed = line(30);
    holed[28] = f64::NAN;
    let panel =
        Panel::from_values([("large", line(30).iter().map(|v| v * 100.0).collect()), ("small", holed)]).unwrap();
    let report = run(&Backtest::new(3).windows(2), &panel).unwrap();
    let names = Measures::new(["rmse", "wape", "mase", "interval_score", "mae"]);
    let all = report.measures(&names).unwrap();
    assert_eq!(all.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["rmse", "wape", "mase", "interval_score", "mae"]);
    let pairs = |id: &str| -> Vec<(f64, f64)> {
        let of = report.windows.iter().filter(|window| window.forecast.id == id);
        of.flat_map(|w| w.truth.iter().copied().zip(w.forecast.mean.iter().copied()))
            .filter(|p| !p.0.is_nan())
            .collect()
    };
    let wape = |pairs: &[(f64, f64)]| {
        pairs.iter().map(|(y, p)| (y - p).abs()).sum::<f64>() / pairs.iter().map(|(y, _)| y.abs()).sum::<f64>()
    };
    assert_eq!((pairs("large").len(), pairs("small").len()), (6, 5));
    assert_close(all.get("wape").unwrap(), wape(&[pairs("large"), pairs("small")].concat()), 1e-12);
    let small = report.series_measures("small", &names).unwrap();
    assert_close(small.get("wape").unwrap(), wape(&pairs("small")), 1e-12);
    assert_close(small.get("mase").unwrap(), report.series("small").unwrap().mase.unwrap(), 1e-12);
    assert_close(all.get("mase").unwrap(), report.overall().mase.unwrap(), 1e-12);
    let error = report.measures(&Measures::new(["wap"])).unwrap_err().to_string();
    assert!(error.contains("did you mean `wape`?"), "{error}");
    let error = report.series_measures("nobody", &names).unwrap_err().to_string();
    assert!(error.contains("`nobody`") && error.contains("nothing can be measured"), "{error}");
}
