//! Times linear models on the data of `benches/peers/linear.py`, which runs this and its peers beside it.
//!
//! `time_linear FILE THREADS [NAME]`: little-endian; rows and columns as u64, the table row by row as f64, a numeric target, a target of
//! counts, a target of 0 and 1, one of 0, 1 and 2. Prints one line of JSON: for each model the seconds of the best of five fits and its coefficients' sum of squares.
//! NAME chooses one model; without it all are timed but the quantile, which scikit-learn needs a smaller table for.

use adflux_core::{ClassTarget, Context, Features, Fit, Result, Target, Training};
use adflux_regression::{
    ElasticNet, Family, GeneralizedLinearRegressor, HuberRegressor, Lasso, LassoCV, LinearRegression,
    LogisticRegression, Penalty, PoissonRegressor, QuantileRegressor, Ridge, RidgeCV,
};
use ndarray::Array2;
use std::time::Instant;

fn numbers(bytes: &[u8]) -> Vec<f64> {
    let (whole, _) = bytes.as_chunks::<8>();
    whole.iter().map(|b| f64::from_le_bytes(*b)).collect()
}

/// The best of five, and the squares of the coefficients. A fit takes its data; the copy it is given is not timed.
fn time(
    (name, chosen): (&str, Option<&str>),
    data: &Training<Features>,
    fit: impl Fn(Training<Features>) -> Result<Array2<f64>>,
) -> Result<()> {
    if chosen.map_or(name == "quantile", |chosen| chosen != name) {
        return Ok(());
    }
    let mut best = f64::INFINITY;
    let mut squares = 0.0;
    for _ in 0..5 {
        let copy = data.clone();
        let start = Instant::now();
        let coefficients = fit(copy)?;
        best = best.min(start.elapsed().as_secs_f64());
        squares = coefficients.iter().map(|b| b * b).sum();
    }
    println!(r#"{{"name": "{name}", "seconds": {best}, "squares": {squares}}}"#);
    Ok(())
}

/// Codes 0, 1, … as classes.
fn classes(codes: &[f64], count: usize) -> Target {
    let labels: Vec<String> = (0..count).map(|i| i.to_string()).collect();
    Target::Classes(ClassTarget { codes: codes.iter().map(|c| *c as u32).collect(), labels: labels.into() })
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, threads, chosen @ ..] = &arguments[..] else {
        return Err("usage: time_linear FILE THREADS [NAME]".into());
    };
    let chosen = chosen.first().map(String::as_str);
    let bytes = std::fs::read(file)?;
    let (sizes, rest) = bytes.split_at_checked(16).ok_or("too short")?;
    let (words, _) = sizes.as_chunks::<8>();
    let [rows, columns] = [u64::from_le_bytes(words[0]) as usize, u64::from_le_bytes(words[1]) as usize];
    let mut rest = numbers(rest);
    let mut columns_behind = rest.split_off(rows * columns);
    let three = classes(&columns_behind.split_off(3 * rows), 3);
    let two = classes(&columns_behind.split_off(2 * rows), 2);
    let counts = columns_behind.split_off(rows);
    let context = Context::default().with_threads(threads.parse()?)?;
    let x =
        Features::from_dense(Array2::from_shape_vec((rows, columns), rest)?, (0..columns).map(|i| format!("x{i}")))?;
    let data = Training::new(x);
    let values = data.clone().with_target(Target::Values(columns_behind.into()));
    let counts = data.clone().with_target(Target::Values(counts.into()));
    let two = data.clone().with_target(two);
    let three = data.with_target(three);

    time(("ols", chosen), &values, |d| Ok(LinearRegression::default().fit_with(d, &context)?.coefficients().clone()))?;
    time(("ols errors", chosen), &values, |d| {
        let model = LinearRegression::default().inference(true).fit_with(d, &context)?;
        std::hint::black_box(model.summary(0.95)?);
        Ok(model.coefficients().clone())
    })?;
    let glm = GeneralizedLinearRegressor::new(Family::Poisson);
    time(("poisson glm", chosen), &counts, |d| Ok(glm.fit_with(d, &context)?.coefficients().clone()))?;
    time(("ridge", chosen), &values, |d| Ok(Ridge::default().fit_with(d, &context)?.coefficients().clone()))?;
    time(("ridge cv", chosen), &values, |d| Ok(RidgeCV::default().fit_with(d, &context)?.coefficients().clone()))?;
    time(("poisson", chosen), &counts, |d| {
        Ok(PoissonRegressor::default().fit_with(d, &context)?.coefficients().clone())
    })?;
    time(("lasso", chosen), &values, |d| Ok(Lasso::new(0.05).fit_with(d, &context)?.coefficients().clone()))?;
    time(("elastic net", chosen), &values, |d| {
        Ok(ElasticNet::new(0.05, 0.5).fit_with(d, &context)?.coefficients().clone())
    })?;
    time(("lasso cv", chosen), &values, |d| Ok(LassoCV::default().fit_with(d, &context)?.coefficients().clone()))?;
    time(("huber", chosen), &values, |d| Ok(HuberRegressor::default().fit_with(d, &context)?.coefficients().clone()))?;
    let median = QuantileRegressor::default().alpha(0.0);
    time(("quantile", chosen), &values, |d| Ok(median.fit_with(d, &context)?.coefficients().clone()))?;
    let l2 = LogisticRegression::default();
    time(("logistic", chosen), &two, |d| Ok(l2.fit_with(d, &context)?.coefficients().clone()))?;
    time(("softmax", chosen), &three, |d| Ok(l2.fit_with(d, &context)?.coefficients().clone()))?;
    let l1 = LogisticRegression::new(Penalty::L1).c(0.001);
    time(("logistic l1", chosen), &two, |d| Ok(l1.fit_with(d, &context)?.coefficients().clone()))?;
    Ok(())
}
