//! How long a table of ads takes to become features, in seconds, as JSON. `benches/peers/column_transformer.py` writes the
//! CSV, calls this and does the same work in scikit-learn:
//!
//! ```sh
//! python benches/peers/column_transformer.py
//! ```

use adflux_core::{Context, Error, Features, FitTransform, Result, Rows, Training, Transform, Values};
use adflux_data::Frame;
use adflux_preprocessing::{
    Branch, ColumnTransformer, OneHotEncoder, SimpleImputer, StandardScaler, Strategy, TfidfVectorizer,
};
use std::time::Instant;

const RUNS: usize = 7;

fn main() -> Result<()> {
    let path = std::env::args().nth(1).ok_or_else(|| Error::data("usage: time_column_transformer <ads.csv>"))?;
    let table = Frame::read_csv(path)?;
    let categories = ["platform", "format", "country", "contract", "shift"];
    let recipe = ColumnTransformer::new()
        .branch(
            Branch::new("numeric", ["budget", "duration"])
                .step(SimpleImputer::new(Strategy::Median))
                .step(StandardScaler::default()),
        )
        .branch(Branch::new("categorical", categories).step(OneHotEncoder::default()))
        .branch(Branch::new("title", ["title"]).as_text().step(TfidfVectorizer::default().max_features(50)));

    for threads in [1, 2] {
        let context = Context::default().with_threads(threads)?;
        let (fit_transform, (fitted, x)) = best(RUNS, || recipe.fit_transform(Training::new(table.clone()), &context))?;
        let first = table.take(&[0]);
        let (one_row, _) = best(2_000, || fitted.transform(first.clone()))?;
        let (transform, _) = best(RUNS, || context.run(|| fitted.transform(table.clone())))?;
        println!(
            r#"{{"peer": "adflux", "threads": {threads}, "rows": {}, "features": {}, "sum": {}, "fit_transform_s": {fit_transform:.4}, "transform_s": {transform:.4}, "one_row_us": {:.1}}}"#,
            x.rows(),
            x.width(),
            sum(&x),
            one_row * 1e6,
        );
    }
    Ok(())
}

/// The shortest of several runs, in seconds, and what the last gave.
fn best<T>(runs: usize, mut work: impl FnMut() -> Result<T>) -> Result<(f64, T)> {
    let mut timed = || {
        let start = Instant::now();
        let result = work()?;
        Ok::<_, adflux_core::Error>((start.elapsed().as_secs_f64(), result))
    };
    let mut best = timed()?;
    for _ in 1..runs {
        let (seconds, result) = timed()?;
        best = (best.0.min(seconds), result);
    }
    Ok(best)
}

/// The sum of all features, to be compared with the peer's.
fn sum(x: &Features) -> f64 {
    let of_block = |values: &Values| match values {
        Values::Dense(x) => x.sum(),
        Values::Sparse(x) => x.data().iter().sum(),
        _ => 0.0,
    };
    x.blocks().iter().map(|b| of_block(b.values())).sum()
}
