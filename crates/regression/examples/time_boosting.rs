//! Times gradient boosting on the data of `benches/peers/boosting.py`, which runs this and its peers beside it.
//!
//! `time_boosting TRAIN TEST COLUMNS ROUNDS THREADS`: tables of little-endian f64 in rows of COLUMNS numbers, the target
//! last. Prints one line of JSON: seconds of fitting, of predicting the test table and of predicting one row, the root mean
//! squared error, and the most memory that fitting took beside the data.

use adflux_core::{Context, Features, Fit, Predict, Target, Training};
use adflux_regression::GradientBoostingRegressor;
use ndarray::{Array1, Array2, s};
use std::{error::Error, time::Instant};

fn read(path: &str, columns: usize) -> Result<(Features, Array1<f64>), Box<dyn Error>> {
    let bytes = std::fs::read(path)?;
    let cells: Vec<f64> = bytes.as_chunks::<8>().0.iter().map(|cell| f64::from_le_bytes(*cell)).collect();
    let table = Array2::from_shape_vec((cells.len() / columns, columns), cells)?;
    let last = columns - 1;
    let x = table.slice(s![.., ..last]).as_standard_layout().into_owned();
    Ok((Features::from_dense(x, (0..last).map(|i| format!("x{i}")))?, table.column(last).to_owned()))
}

/// A line of /proc/self/status in MiB; 0 where there is none.
fn status(name: &str) -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|rest| rest.trim_start_matches(':').split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [train, test, columns, rounds, threads] = &arguments[..] else {
        return Err("usage: time_boosting TRAIN TEST COLUMNS ROUNDS THREADS".into());
    };
    let columns = columns.parse()?;
    let (x_test, y_test) = read(test, columns)?;
    let (x, y) = read(train, columns)?;
    let context = Context::default().with_threads(threads.parse()?)?;
    let recipe = GradientBoostingRegressor::new(rounds.parse()?);
    let data = Training::new(x).with_target(Target::Values(y));

    // Where the system allows it, the peak is counted from here.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = status("VmRSS");
    let start = Instant::now();
    let model = recipe.fit_with(data, &context)?;
    let fit = start.elapsed().as_secs_f64();
    let memory = status("VmHWM") - before;

    let start = Instant::now();
    let predicted = context.run(|| model.predict(&x_test))?;
    let predict = start.elapsed().as_secs_f64();
    let rmse = (&predicted - &y_test).mapv(|e| e * e).mean().unwrap_or(f64::NAN).sqrt();

    let row = x_test.dense("one row")?.slice(s![..1, ..]).to_owned();
    let row = Features::from_dense(row, x_test.columns().map(|c| c.name.clone()))?;
    let repeats = 10_000;
    let start = Instant::now();
    for _ in 0..repeats {
        std::hint::black_box(model.predict(&row)?);
    }
    let one_row = start.elapsed().as_secs_f64() / f64::from(repeats);
    println!(
        r#"{{"fit_s": {fit}, "predict_s": {predict}, "one_row_s": {one_row}, "rmse": {rmse}, "memory_mib": {memory}}}"#
    );
    Ok(())
}
