//! How long a table of ads takes to become features, in seconds, and how much memory, as JSON. The case `columns` is a table of
//! every kind of column, `texts` one column of short texts. `benches/peers/column_transformer.py` writes the CSV files, calls this and
//! does the same work in scikit-learn:
//!
//! ```sh
//! python benches/peers/column_transformer.py
//! ```

use adflux_core::{Context, Error, Features, FitTransform, Result, Rows, Training, Transform, Values};
use adflux_data::Frame;
use adflux_preprocessing::{
    Branch, ColumnTransformer, OneHotEncoder, SimpleImputer, StandardScaler, Strategy, TfidfVectorizer,
};
use std::{fs, time::Instant};

const RUNS: usize = 7;

fn main() -> Result<()> {
    let usage = || Error::data("usage: time_column_transformer columns|texts <table.csv>");
    let mut arguments = std::env::args().skip(1);
    let (case, path) = (arguments.next().ok_or_else(usage)?, arguments.next().ok_or_else(usage)?);
    let recipe = match case.as_str() {
        "columns" => columns(),
        "texts" => {
            ColumnTransformer::new().branch(Branch::new("title", ["title"]).as_text().step(TfidfVectorizer::default()))
        }
        _ => return Err(usage()),
    };
    let table = Frame::read_csv(path)?;

    // Memory first: what earlier runs gave back to the allocator would hide what this one takes.
    let before = memory("VmRSS");
    // Sets the peak (VmHWM) to what is resident now. Linux only; elsewhere the peak is not told.
    let reset = fs::write("/proc/self/clear_refs", "5").is_ok();
    let (_, x) = recipe.fit_transform(Training::new(table.clone()), &Context::default().with_threads(2)?)?;
    let peak = memory("VmHWM").zip(before).filter(|_| reset).map(|(peak, before)| peak.saturating_sub(before));
    let output = bytes(&x);
    drop(x);

    for threads in [1, 2] {
        let context = Context::default().with_threads(threads)?;
        let (fit_transform, (fitted, x)) = best(RUNS, || recipe.fit_transform(Training::new(table.clone()), &context))?;
        let first = table.take(&[0]);
        let (one_row, _) = best(2_000, || fitted.transform(first.clone()))?;
        let (transform, _) = best(RUNS, || context.run(|| fitted.transform(table.clone())))?;
        println!(
            r#"{{"peer": "adflux", "threads": {threads}, "rows": {}, "features": {}, "sum": {}, "fit_transform_s": {fit_transform:.4}, "transform_s": {transform:.4}, "one_row_us": {:.1}, "output_mb": {:.1}, "peak_mb": {}}}"#,
            x.rows(),
            x.width(),
            sum(&x),
            one_row * 1e6,
            output as f64 / 1e6,
            peak.map_or("null".into(), |peak| format!("{:.1}", peak as f64 / 1e6)),
        );
    }
    Ok(())
}

/// Two numbers with gaps, five categories and a title.
fn columns() -> ColumnTransformer {
    let categories = ["platform", "format", "country", "contract", "shift"];
    ColumnTransformer::new()
        .branch(
            Branch::new("numeric", ["budget", "duration"])
                .step(SimpleImputer::new(Strategy::Median))
                .step(StandardScaler::default()),
        )
        .branch(Branch::new("categorical", categories).step(OneHotEncoder::default()))
        .branch(Branch::new("title", ["title"]).as_text().step(TfidfVectorizer::default().max_features(50)))
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

/// What the numbers of the features take.
fn bytes(x: &Features) -> usize {
    let of_block = |values: &Values| match values {
        Values::Dense(x) => x.len() * size_of::<f64>(),
        Values::Sparse(x) => x.nnz() * size_of::<(usize, f64)>() + (x.rows() + 1) * size_of::<usize>(),
        _ => 0,
    };
    x.blocks().iter().map(|b| of_block(b.values())).sum()
}

/// A line of /proc/self/status, in bytes, where there is one.
fn memory(line: &str) -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let rest = status.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(':'))?;
    Some(rest.split_whitespace().next()?.parse::<usize>().ok()? * 1024)
}
