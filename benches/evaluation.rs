//! Measures of ten million rows, and the intervals of a report.
//!
//! ```text
//! cargo bench --bench evaluation
//! ```
//!
//! Beside the times the values are printed. `benches/peers/evaluation.py` measures the same in adflux and scikit-learn on one file.

#[path = "../crates/evaluation/examples/time_metrics/cases.rs"]
mod cases;

use adflux_core::{ClassTarget, Classes, Context, Prediction, Target, random::stream};
use adflux_evaluation::{BootstrapOptions, score_intervals};
use cases::Rows;
use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Array1;
use rand::RngExt as _;
use std::hint::black_box;

const ROWS: usize = 10_000_000;
const REPORT: usize = 100_000;

fn uniform(path: u64) -> Array1<f64> {
    let mut rng = stream(1, &[path]);
    Array1::from_shape_fn(ROWS, |_| rng.random::<f64>())
}

fn rows() -> Rows {
    let (score, chance, predicted) = (uniform(1), uniform(2), uniform(3) + 0.1);
    let truth = score.iter().zip(&chance).map(|(p, u)| u < p).collect();
    let amount = &predicted * &uniform(4);
    Rows::new(truth, [score, predicted, amount, uniform(5)])
}

fn ten_million_rows(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("10 M rows");
    group.sample_size(10);
    let rows = rows();
    for (name, case) in rows.cases() {
        match case() {
            Ok(value) => println!("{name} = {value:.6}"),
            Err(error) => println!("{name}: {error}"),
        }
        group.bench_function(name, |bencher| bencher.iter(|| black_box(case())));
    }
    group.finish();
}

fn report(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("report");
    group.sample_size(10);
    let rows = rows();
    let labels: std::sync::Arc<[String]> = vec!["no".to_string(), "yes".into()].into();
    let head = ndarray::s![..REPORT];
    let truth = Target::Classes(ClassTarget { codes: rows.codes.slice(head).to_owned(), labels: labels.clone() });
    let probabilities = rows.probabilities.slice(ndarray::s![..REPORT, ..]).to_owned();
    let predicted = Prediction::Classes(Classes { labels, probabilities });
    let options = BootstrapOptions::default();
    group.bench_function("six measures with intervals, 1000 draws of 20,000 of 100,000 rows", |bencher| {
        bencher
            .iter(|| black_box(score_intervals(&truth, &predicted, None, Some(20_000), &options, &Context::default())));
    });
    group.finish();
}

criterion_group!(benches, ten_million_rows, report);
criterion_main!(benches);
