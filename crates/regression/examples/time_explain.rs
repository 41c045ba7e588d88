//! The adflux side of benches/peers/explain.py, beside it: explains the rows of a file by the trees of a forest and of boosting.
//!
//! Arguments: training file, file of rows to explain, background rows, threads. Both files are CSV without header, the last
//! column of the first being the target. Prints JSON.

use adflux_core::{Context, Contributions, Features, Fit as _, Predict, Target, Training};
use adflux_regression::{GradientBoostingRegressor, RandomForestRegressor};
use ndarray::{Array2, s};
use std::{env, error::Error, fs, time::Instant};

fn read(path: &str) -> Result<Array2<f64>, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    let cells: Vec<f64> = text.lines().flat_map(|l| l.split(',')).map(str::parse).collect::<Result<_, _>>()?;
    let rows = text.lines().count();
    Ok(Array2::from_shape_vec((rows, cells.len() / rows), cells)?)
}

fn features(x: &Array2<f64>) -> Result<Features, adflux_core::Error> {
    Features::from_dense(x.clone(), (0..x.ncols()).map(|i| format!("x{i}")))
}

/// Seconds, the best of five, and the largest error of base and contributions as a sum.
fn time(
    model: &impl Predict<Features, Output: Into<adflux_core::Prediction>>,
    x: &Features,
    background: Option<&Features>,
    context: &Context,
) -> Result<(f64, f64), Box<dyn Error>> {
    let mut best = f64::INFINITY;
    let mut found: Option<Contributions> = None;
    for _ in 0..5 {
        let start = Instant::now();
        found = model.contributions(x, background, context)?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    let found = found.ok_or("no contributions")?;
    let said: adflux_core::Prediction = model.predict(x)?.into();
    let error = (said.point()?.iter().zip(found.values.outer_iter()))
        .map(|(said, row)| (found.base[0] + row.sum() - said).abs())
        .fold(0.0, f64::max);
    Ok((best, error))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [train, rows, background, threads] = &arguments[..] else {
        return Err("arguments: train rows background threads".into());
    };
    let (train, rows) = (read(train)?, features(&read(rows)?)?);
    let width = train.ncols() - 1;
    let x = train.slice(s![.., ..width]).to_owned();
    let background = features(&x.slice(s![..background.parse::<usize>()?, ..]).to_owned())?;
    let data = Training::new(features(&x)?).with_target(Target::Values(train.column(width).to_owned()));
    let context = Context::default().with_threads(threads.parse()?)?;
    let forest = RandomForestRegressor::new(100).max_depth(8).fit(data.clone())?;
    let boosted = GradientBoostingRegressor::new(100).fit(data)?;
    let (a, ea) = time(&forest, &rows, None, &context)?;
    let (b, eb) = time(&forest, &rows, Some(&background), &context)?;
    let (c, ec) = time(&boosted, &rows, None, &context)?;
    let (d, ed) = time(&boosted, &rows, Some(&background), &context)?;
    println!(
        "{{\"forest_path_s\":{a},\"forest_interventional_s\":{b},\"boosting_path_s\":{c},\"boosting_interventional_s\":{d},\"error\":{}}}",
        ea.max(eb).max(ec).max(ed)
    );
    Ok(())
}
