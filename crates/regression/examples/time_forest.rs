//! Times a random forest on the data of `benches/peers/forest.py`, which runs this and scikit-learn beside it.
//!
//! `time_forest TRAIN.csv TEST.csv TREES THREADS`: tables of numbers without a header, the target last. Prints one line of
//! JSON: seconds of fitting, of predicting the test table and of predicting one row, and the root mean squared error.

use adflux_core::{Context, Features, Fit, Predict, Target, Training};
use adflux_regression::RandomForestRegressor;
use ndarray::{Array1, Array2, s};
use std::{error::Error, time::Instant};

fn read(path: &str) -> Result<(Features, Array1<f64>), Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    let rows = text.lines().count();
    let cells: Vec<f64> = text.lines().flat_map(|line| line.split(',')).map(str::parse).collect::<Result<_, _>>()?;
    let table = Array2::from_shape_vec((rows, cells.len() / rows.max(1)), cells)?;
    let last = table.ncols() - 1;
    let x = table.slice(s![.., ..last]).as_standard_layout().into_owned();
    Ok((Features::from_dense(x, (0..last).map(|i| format!("x{i}")))?, table.column(last).to_owned()))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [train, test, trees, threads] = &arguments[..] else {
        return Err("usage: time_forest TRAIN.csv TEST.csv TREES THREADS".into());
    };
    let (x, y) = read(train)?;
    let (x_test, y_test) = read(test)?;
    let context = Context::default().with_threads(threads.parse()?)?;
    let recipe = RandomForestRegressor::new(trees.parse()?);

    let start = Instant::now();
    let forest = recipe.fit_with(Training::new(x).with_target(Target::Values(y)), &context)?;
    let fit = start.elapsed().as_secs_f64();

    let start = Instant::now();
    let predicted = context.run(|| forest.predict(&x_test))?;
    let predict = start.elapsed().as_secs_f64();
    let rmse = (predicted.point()? - &y_test).mapv(|e| e * e).mean().unwrap_or(f64::NAN).sqrt();

    let row = x_test.dense("one row")?.slice(s![..1, ..]).to_owned();
    let row = Features::from_dense(row, x_test.columns().map(|c| c.name.clone()))?;
    let repeats = 1000;
    let start = Instant::now();
    for _ in 0..repeats {
        std::hint::black_box(forest.predict_values(&row)?);
    }
    let one_row = start.elapsed().as_secs_f64() / f64::from(repeats);
    println!(r#"{{"fit_s": {fit}, "predict_s": {predict}, "one_row_s": {one_row}, "rmse": {rmse}}}"#);
    Ok(())
}
