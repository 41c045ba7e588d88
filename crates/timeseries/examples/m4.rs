//! Accuracy and time on a frequency of the M4 competition.
//!
//! ```text
//! cargo run --release -p adflux-timeseries --example m4 -- FOLDER [Weekly] [SEASON] [MODEL…]
//! ```
//!
//! FOLDER, or the environment variable `ADFLUX_SHARED_DATA`, holds `m4_weekly_train.csv` and `m4_weekly_test.csv`: one series a row, its
//! id first. SEASON, 1 by default, is what models are given; MASE is scaled as the competition did, by the naive forecast of 24 hours, 12 months, 4
//! quarters, and otherwise of one step.

use adflux_core::{Context, Error, Fit, Forecaster, Panel, Result};
use adflux_evaluation::metrics::{mase, smape};
use adflux_timeseries::{
    AutoArima, AutoEts, AutoTheta, Combination, Croston, GlobalBoosting, MstlForecaster, Naive, Stl, Tsb,
};
use ndarray::{ArrayView1, aview1};
use std::{
    env, fs,
    path::{Path, PathBuf},
    time::Instant,
};

/// Ids and values, one series a line.
fn read(path: &Path) -> Result<Vec<(String, Vec<f64>)>> {
    let text = fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
    let row = |line: &str| {
        let mut cells = line.split(',').map(|cell| cell.trim().trim_matches('"'));
        let id = cells.next().unwrap_or_default().to_string();
        (id, cells.map_while(|cell| cell.parse().ok()).collect())
    };
    Ok(text.lines().skip(1).map(row).collect())
}

/// Fits, forecasts and prints one line.
fn judge<R>(name: &str, recipe: &R, train: &Panel, test: &[(String, Vec<f64>)], scale: usize) -> Result<()>
where
    R: Fit<Panel>,
    R::Fitted: Forecaster,
{
    let horizon = test.first().map_or(1, |(_, values)| values.len());
    let start = Instant::now();
    let forecast = recipe.fit_with(train.clone(), &Context::default())?.forecast(horizon, &[0.95], None)?;
    let seconds = start.elapsed().as_secs_f64();
    let (mut symmetric, mut scaled, mut within, mut count) = (0.0, 0.0, 0, 0);
    for (id, values) in test {
        let (of, history) = (forecast.get(id)?, train.get(id)?.values());
        let truth: ArrayView1<f64> = aview1(values);
        symmetric += smape(truth, of.mean.view(), None)?;
        scaled += mase(truth, of.mean.view(), aview1(history), scale, None)?;
        within += (0..horizon).filter(|h| of.lower[[*h, 0]] <= values[*h] && values[*h] <= of.upper[[*h, 0]]).count();
        count += horizon;
    }
    let series = test.len() as f64;
    println!(
        "{name:<16} {seconds:>8.3} s   sMAPE {:>7.3}   MASE {:>6.3}   within 95 %: {:>5.1} %",
        100.0 * symmetric / series,
        scaled / series,
        100.0 * within as f64 / count as f64
    );
    Ok(())
}

/// Decomposes the series that hold two seasons, one after the other, and prints one line.
fn decompose(name: &str, recipe: &Stl, train: &Panel) -> Result<()> {
    let long = train.series().iter().filter(|series| series.values().len() >= 2 * recipe.period);
    let start = Instant::now();
    let (mut strength, mut count) = (0.0, 0);
    for series in long {
        strength += recipe.decompose(series.values())?.seasonal_strength(0);
        count += 1;
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{name:<16} {seconds:>8.3} s   {count} series, mean strength of the season {:.3}",
        strength / f64::from(count)
    );
    Ok(())
}

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let folder = arguments.next().map(PathBuf::from).or_else(|| env::var_os("ADFLUX_SHARED_DATA").map(PathBuf::from));
    let frequency = arguments.next().unwrap_or_else(|| "Weekly".into()).to_lowercase();
    let season = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1);
    let models: Vec<String> = arguments.collect();
    let file = |part: &str| folder.as_ref().map(|f| f.join(format!("m4_{frequency}_{part}.csv")));
    let (Some(train), Some(test)) = (file("train").filter(|f| f.is_file()), file("test").filter(|f| f.is_file()))
    else {
        println!(
            "skipped: m4_{frequency}_train.csv and m4_{frequency}_test.csv are not here; say in which folder they are"
        );
        return Ok(());
    };
    let (train, test) = (Panel::from_values(read(&train)?)?, read(&test)?);
    let scale = match frequency.as_str() {
        "hourly" => 24,
        "monthly" => 12,
        "quarterly" => 4,
        _ => 1,
    };
    println!("{} series, season {season}, {} threads", train.len(), rayon::current_num_threads());
    let wanted = |name: &str| models.is_empty() || models.iter().any(|model| model == name);
    if wanted("naive") {
        judge("naive", &Naive::default(), &train, &test, scale)?;
    }
    if wanted("auto-ets") {
        judge("auto-ets", &AutoEts::new(season), &train, &test, scale)?;
    }
    if wanted("auto-theta") {
        judge("auto-theta", &AutoTheta::new(season), &train, &test, scale)?;
    }
    if wanted("croston") {
        judge("croston", &Croston::default(), &train, &test, scale)?;
    }
    if wanted("tsb") {
        judge("tsb", &Tsb::default(), &train, &test, scale)?;
    }
    if season > 1 {
        if wanted("mstl") {
            judge("mstl", &MstlForecaster::new([season]), &train, &test, scale)?;
        }
        if wanted("combination") {
            let recipe = Combination::default().forecaster(AutoEts::new(1)).forecaster(AutoTheta::new(season));
            judge("combination", &recipe.forecaster(MstlForecaster::new([season])), &train, &test, scale)?;
        }
        if wanted("stl") {
            decompose("stl", &Stl::new(season), &train)?;
        }
        if wanted("stl-robust") {
            decompose("stl-robust", &Stl::new(season).robust(true), &train)?;
        }
    }
    if wanted("global-boosting") {
        let horizon = test.first().map_or(1, |(_, values)| values.len());
        let usual = [("hourly", 24), ("daily", 7), ("weekly", 52), ("monthly", 12), ("quarterly", 4)];
        let usual = usual.iter().find(|(name, _)| *name == frequency).map_or(1, |(_, season)| *season);
        // Lags of a season that series are not scaled by.
        for season_length in if season == usual { vec![season] } else { vec![season, usual] } {
            let recipe = GlobalBoosting::new(season_length).horizon(horizon);
            judge(&format!("global-{season_length}"), &recipe, &train, &test, scale)?;
        }
    }
    if wanted("auto-arima") {
        judge("auto-arima", &AutoArima::new(season), &train, &test, scale)?;
    }
    Ok(())
}
