//! Times forests and single trees on the data of `benches/peers/forest.py`, which runs this and scikit-learn beside it.
//!
//! `time_forest MODEL TRAIN TEST COLUMNS TREES THREADS`: MODEL is random-forest, extra-trees or decision-tree (of depth 12);
//! tables of little-endian f64 in rows of COLUMNS numbers, the target last. Prints one line of JSON: seconds of fitting, of
//! predicting the test table and of predicting one row, and the root mean squared error.

use adflux_core::{Context, Features, Fit, Predict, Prediction, Target, Training};
use adflux_regression::{DecisionTreeRegressor, ExtraTreesRegressor, RandomForestRegressor};
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

fn time<R>(recipe: R, arguments: &[String], context: &Context) -> Result<(), Box<dyn Error>>
where
    R: Fit<Training<Features>>,
    R::Fitted: Predict<Features, Output = Prediction> + Sync,
{
    let columns = arguments[3].parse()?;
    let (x, y) = read(&arguments[1], columns)?;
    let (x_test, y_test) = read(&arguments[2], columns)?;
    let start = Instant::now();
    let model = recipe.fit_with(Training::new(x).with_target(Target::Values(y)), context)?;
    let fit = start.elapsed().as_secs_f64();

    let start = Instant::now();
    let predicted = context.run(|| model.predict(&x_test))?;
    let predict = start.elapsed().as_secs_f64();
    let rmse = (predicted.point()? - &y_test).mapv(|e| e * e).mean().unwrap_or(f64::NAN).sqrt();

    let row = x_test.dense("one row")?.slice(s![..1, ..]).to_owned();
    let row = Features::from_dense(row, x_test.columns().map(|c| c.name.clone()))?;
    let repeats = 1000;
    let start = Instant::now();
    for _ in 0..repeats {
        std::hint::black_box(model.predict(&row)?);
    }
    let one_row = start.elapsed().as_secs_f64() / f64::from(repeats);
    println!(r#"{{"fit_s": {fit}, "predict_s": {predict}, "one_row_s": {one_row}, "rmse": {rmse}}}"#);
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, _, _, _, trees, threads] = &arguments[..] else {
        return Err("usage: time_forest MODEL TRAIN TEST COLUMNS TREES THREADS".into());
    };
    let context = Context::default().with_threads(threads.parse()?)?;
    let trees = trees.parse()?;
    match model.as_str() {
        "random-forest" => time(RandomForestRegressor::new(trees), &arguments, &context),
        "extra-trees" => time(ExtraTreesRegressor::new(trees), &arguments, &context),
        "decision-tree" => time(DecisionTreeRegressor::default().max_depth(12), &arguments, &context),
        _ => Err("MODEL is random-forest, extra-trees or decision-tree".into()),
    }
}
