//! From a long table to forecasts, and the file that holds a forecaster.

use crate::fitted;
use adflux_core::{
    AnyForecasterRecipe, Context, Frequency, Registry,
    panel::{Duplicates, Gaps},
};
use adflux_data::Frame;
use adflux_pipeline::{
    AnyFittedPipeline, FittedForecasting, Forecasting, PanelColumns,
    forecasting::{ForecastManifest, forecast_table},
};
use adflux_timeseries::{AutoEts, SeasonalNaive, Tsb};

fn registry() -> Registry {
    let mut registry = Registry::new();
    adflux_timeseries::register(&mut registry).unwrap();
    registry
}

/// Days of two campaigns of one platform, `days` each, from 4 March 2024 on.
fn daily(days: usize) -> Frame {
    let rows: Vec<(usize, usize)> = (0..days).flat_map(|day| [(day, 0), (day, 1)]).collect();
    let date = |day: usize| Frequency::DAILY.text(1_709_510_400 + day as i64 * 86_400);
    Frame::builder()
        .texts("platform", rows.iter().map(|_| "meta"))
        .texts("campaign", rows.iter().map(|(_, campaign)| ["spring", "jobs fair"][*campaign]))
        .texts("date", rows.iter().map(|(day, _)| date(*day)))
        .numbers(
            "clicks",
            rows.iter().map(|(day, campaign)| (100 * (campaign + 1) + day % 7 * 5 + day) as f64).collect(),
        )
        .build()
        .unwrap()
}

fn columns() -> PanelColumns {
    PanelColumns::new(["platform", "campaign"], "date", "clicks")
}

fn fit(frame: &Frame) -> FittedForecasting {
    let recipe = AnyForecasterRecipe::new(SeasonalNaive::new(7));
    Forecasting::new(columns(), recipe).fit_with(frame, &Context::default()).unwrap()
}

#[test]
fn a_long_table_becomes_a_panel_whose_ids_are_joined() {
    let (panel, report) = columns().panel(&daily(14)).unwrap();
    let ids: Vec<&str> = panel.series().iter().map(|series| series.id()).collect();
    assert_eq!(ids, ["meta / spring", "meta / jobs fair"]);
    assert_eq!((panel.frequency(), panel.get("meta / spring").unwrap().values()[8]), (Frequency::DAILY, 113.0));
    assert!(report.left_out.is_empty());
    let (one, _) =
        PanelColumns::new(["platform"], "date", "clicks").duplicates(Duplicates::Sum).panel(&daily(14)).unwrap();
    assert_eq!(one.get("meta").unwrap().values()[0], 300.0);
    let (all, _) = columns().totals(true).panel(&daily(14)).unwrap();
    assert_eq!((all.len(), all.get("meta").unwrap().values()[0]), (3, 300.0), "the campaigns of the platform together");
    let none: [&str; 0] = [];
    let (one, _) = PanelColumns::new(none, "date", "clicks").duplicates(Duplicates::Mean).panel(&daily(14)).unwrap();
    assert_eq!(one.get("clicks").unwrap().values()[0], 150.0, "a table of one series is called as its value");
}

#[test]
fn whole_numbers_are_steps_and_other_times_are_refused_by_row() {
    let frame = |times: &str| {
        let rows: String = times.split(' ').map(|time| format!("a,{time},1\n")).collect();
        Frame::read_csv_bytes(format!("id,t,y\n{rows}").as_bytes(), "x").unwrap()
    };
    let columns = PanelColumns::new(["id"], "t", "y");
    let (panel, _) = columns.panel(&frame("1 2 3")).unwrap();
    assert_eq!((panel.frequency(), panel.series()[0].start()), (Frequency::Steps, 1));
    for (times, reason) in [
        ("1 2.5 3", "column `t`, row 2: 2.5 is no step"),
        ("2024-01-01 soon 2024-01-03", "column `t`, row 2: `soon` is no date: write it as 2024-12-31"),
        ("2024-01-01 NA 2024-01-03", "column `t`, row 2"),
        ("20240101 20240102 20240103", "column `t`, row 1: 20240101 reads as a date: write dates as 2024-12-31"),
    ] {
        let error = columns.panel(&frame(times)).unwrap_err().to_string();
        assert!(error.starts_with(reason), "{error}");
    }
    let missing = Frame::read_csv_bytes(b"id,t,y\na,1,1\n,2,1\n", "x").unwrap();
    let error = columns.panel(&missing).unwrap_err().to_string();
    assert_eq!(error, "column `id`, row 2: missing: each row needs the name of its series");
    let joined = PanelColumns::new(["id", "ad"], "t", "y");
    let frame = Frame::read_csv_bytes(b"id,ad,t,y\nmeta,spring / fair,1,1\n", "x").unwrap();
    let error = joined.panel(&frame).unwrap_err().to_string();
    assert!(error.starts_with("column `ad`, row 1: `spring / fair` holds ` / `"), "{error}");
    let error = columns.panel(&Frame::read_csv_bytes(b"id,t\na,1\n", "x").unwrap()).unwrap_err().to_string();
    assert!(error.contains('y'), "{error}");
}

#[test]
fn forecasts_are_a_long_table() {
    let fitted = fit(&daily(28));
    let table = forecast_table(&fitted.forecast(3, &[0.8], None).unwrap()).unwrap();
    assert_eq!(table.names().collect::<Vec<_>>(), ["id", "time", "mean", "lower", "upper"]);
    assert_eq!((table.rows(), table.texts("time").unwrap()[0].as_str()), (6, "2024-04-01"));
    assert_eq!(table.numbers("mean").unwrap()[3], 221.0, "the second series, a week before");
    let table = forecast_table(&fitted.forecast(1, &[0.57, 0.955], None).unwrap()).unwrap();
    assert_eq!(table.names().skip(3).collect::<Vec<_>>(), ["lower_57", "upper_57", "lower_95.5", "upper_95.5"]);
}

#[test]
fn a_loaded_forecaster_answers_the_same_bits_and_saves_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clicks.adflux");
    let recipe = AnyForecasterRecipe::new(AutoEts::new(7));
    let mut saved = Forecasting::new(columns(), recipe).fit_with(&daily(28), &Context::default()).unwrap();
    saved.record.metrics.insert("mase".into(), 0.7);
    saved.save(&path).unwrap();
    let loaded = FittedForecasting::load(&path, &registry()).unwrap();
    assert_eq!(loaded.forecast(9, &[0.8], None).unwrap(), saved.forecast(9, &[0.8], None).unwrap());
    assert_eq!((&loaded.record, &loaded.columns), (&saved.record, &saved.columns));
    assert_eq!(loaded.to_bytes().unwrap(), std::fs::read(&path).unwrap());
    let manifest = ForecastManifest::read(&path).unwrap();
    assert_eq!((manifest.holds.as_str(), manifest.record.series, manifest.record.steps), ("forecaster", 2, 56));
    assert_eq!(manifest.record.spec.kind, "auto-ets");
}

#[test]
fn files_of_forecasters_and_of_pipelines_are_told_apart() {
    let forecaster = fit(&daily(28)).to_bytes().unwrap();
    let error = AnyFittedPipeline::from_bytes(&forecaster, "f.adflux", &registry()).unwrap_err().to_string();
    assert!(error.starts_with("f.adflux: it holds a forecaster, where a pipeline is wanted"), "{error}");
    let pipeline = fitted().to_bytes().unwrap();
    let error = FittedForecasting::from_bytes(&pipeline, "p.adflux", &registry()).unwrap_err().to_string();
    assert!(error.starts_with("p.adflux: it holds a pipeline, where a forecaster is wanted"), "{error}");
}

#[test]
fn every_damaged_byte_of_a_forecaster_is_found() {
    let bytes = fit(&daily(28)).to_bytes().unwrap();
    for place in (0..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x41;
        let error = FittedForecasting::from_bytes(&damaged, "f.adflux", &registry()).unwrap_err().to_string();
        assert!(error.starts_with("f.adflux: "), "{error}");
    }
    assert!(FittedForecasting::from_bytes(&bytes[..bytes.len() / 2], "f.adflux", &registry()).is_err());
}

#[test]
fn a_kept_forecaster_takes_in_what_is_new_in_a_table() {
    let later = fit(&daily(28)).updated(&daily(30)).unwrap();
    let forecast = later.forecast(1, &[], None).unwrap();
    let of = forecast.get("meta / spring").unwrap();
    assert_eq!((forecast.frequency.text(of.times[0]), of.mean[0]), ("2024-04-03".into(), 133.0));
}

#[test]
fn days_without_a_row_are_zero_between_what_is_known_and_what_came_later_too() {
    let table = |days: &[usize]| {
        let date = |day: &usize| Frequency::DAILY.text(1_709_510_400 + *day as i64 * 86_400);
        let applications = days.iter().map(|_| 3.0).collect();
        Frame::builder().texts("date", days.iter().map(date)).numbers("applications", applications).build().unwrap()
    };
    let none: [&str; 0] = [];
    let columns = PanelColumns::new(none, "date", "applications").gaps(Gaps::Zero).frequency(Frequency::DAILY);
    let days: Vec<usize> = (0..30).step_by(3).collect();
    let recipe = Forecasting::new(columns, AnyForecasterRecipe::new(Tsb::default()));
    let fitted = recipe.fit_with(&table(&days), &Context::default()).unwrap();
    let mean = |of: &FittedForecasting| of.forecast(1, &[], None).unwrap().series[0].mean[0];
    // Seventy days later one row comes, alone or with those that are known.
    let alone = fitted.updated(&table(&[97])).unwrap();
    let whole = fitted.updated(&table(&[&days[..], &[97]].concat())).unwrap();
    assert_eq!(mean(&alone), mean(&whole));
    assert!(mean(&alone) < mean(&fitted) * 0.8, "{} {}", mean(&alone), mean(&fitted));
}
