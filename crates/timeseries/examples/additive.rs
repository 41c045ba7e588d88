//! Accuracy and time of the additive model on daily series: the adflux side of `benches/peers/additive.py`.
//!
//! ```text
//! cargo run --release -p adflux-timeseries --example additive -- FILE HORIZON
//! ```
//!
//! FILE has one series a line, its values apart by commas, the last HORIZON of which are forecast.

use adflux_core::{Error, Fit, Forecaster, Frequency, Panel, Result, Series, calendar::days};
use adflux_timeseries::Additive;
use std::{env, fs, time::Instant};

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let (Some(file), Some(horizon)) = (arguments.next(), arguments.next().and_then(|text| text.parse::<usize>().ok()))
    else {
        println!("skipped: say the file of series and the steps to forecast");
        return Ok(());
    };
    let text = fs::read_to_string(&file).map_err(|e| Error::io(&file, e))?;
    let all: Vec<Vec<f64>> =
        text.lines().map(|line| line.split(',').filter_map(|cell| cell.trim().parse().ok()).collect()).collect();
    let start = days(2022, 1, 3) * 86_400;
    let past = |(id, values): (usize, &Vec<f64>)| {
        Series::new(id.to_string(), start, values[..values.len().saturating_sub(horizon)].to_vec())
    };
    let panel = Panel::new(Frequency::DAILY, all.iter().enumerate().map(past).collect())?;
    let clock = Instant::now();
    let forecast = Additive::default().fit(panel)?.forecast(horizon, &[0.8], None)?;
    let seconds = clock.elapsed().as_secs_f64();
    let pairs = forecast.series.iter().zip(&all);
    let off = pairs.flat_map(|(of, all)| of.mean.iter().zip(&all[all.len() - horizon..])).map(|(a, b)| (a - b).abs());
    println!("additive {seconds:>10.3} s   MAE {:>7.3}", off.sum::<f64>() / (all.len() * horizon) as f64);
    Ok(())
}
