//! Measures of ten million rows, and the intervals of a report.
//!
//! ```text
//! cargo bench --bench evaluation
//! ```
//!
//! Beside the times the values are printed, which are those of `benches/peers/evaluation.py` up to the random numbers.

use adflux_core::{ClassTarget, Classes, Context, Prediction, Result, Target, random::stream};
use adflux_evaluation::{
    BootstrapOptions,
    calibration::Bins,
    fairness::{Groups, rates},
    metrics, score_intervals,
};
use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::{Array1, Array2, Axis};
use rand::RngExt as _;
use std::hint::black_box;

const ROWS: usize = 10_000_000;
const REPORT: usize = 100_000;

fn uniform(path: u64) -> Array1<f64> {
    let mut rng = stream(1, &[path]);
    Array1::from_shape_fn(ROWS, |_| rng.random::<f64>())
}

struct Rows {
    truth: Vec<bool>,
    codes: Array1<u32>,
    guess: Array1<u32>,
    score: Array1<f64>,
    probabilities: Array2<f64>,
    amount: Array1<f64>,
    predicted: Array1<f64>,
    weights: Array1<f64>,
}

impl Rows {
    fn new() -> Self {
        let (score, chance) = (uniform(1), uniform(2));
        let truth: Vec<bool> = score.iter().zip(&chance).map(|(p, u)| u < p).collect();
        let codes: Array1<u32> = truth.iter().map(|y| u32::from(*y)).collect();
        let guess = score.mapv(|p| u32::from(p > 0.5));
        let probabilities = ndarray::stack![Axis(1), score.mapv(|p| 1.0 - p), score];
        let predicted = uniform(3) + 0.1;
        let amount = &predicted * &uniform(4);
        Rows { truth, codes, guess, score, probabilities, amount, predicted, weights: uniform(5) }
    }
}

type Case<'a> = (&'static str, Box<dyn Fn() -> Result<f64> + 'a>);

fn cases<'a>(rows: &'a Rows) -> Vec<Case<'a>> {
    let Rows { truth, codes, guess, score, probabilities, amount, predicted, weights } = rows;
    let (y, p, w) = (amount.view(), predicted.view(), Some(weights.view()));
    let groups = || Groups::new(["a", "b"].map(String::from).to_vec(), guess.to_vec());
    vec![
        ("mae", Box::new(move || metrics::mae(y, p, None))),
        ("r2, weighted", Box::new(move || metrics::r2(y, p, w))),
        ("median_absolute_error", Box::new(move || metrics::median_absolute_error(y, p, None))),
        ("poisson_deviance", Box::new(move || metrics::poisson_deviance(y, p, None))),
        ("roc_auc", Box::new(move || metrics::roc_auc(truth, score.view(), None))),
        ("roc_auc, weighted", Box::new(move || metrics::roc_auc(truth, score.view(), w))),
        ("pr_auc", Box::new(move || metrics::pr_auc(truth, score.view(), None))),
        ("log_loss", Box::new(move || metrics::log_loss(codes.view(), probabilities.view(), None))),
        ("brier", Box::new(move || metrics::brier(truth, score.view(), None))),
        ("ece, equal width", Box::new(move || metrics::ece(truth, score.view(), Bins::EqualWidth(10), None))),
        ("accuracy", Box::new(move || metrics::accuracy(codes.view(), guess.view(), None))),
        (
            "f1, macro",
            Box::new(move || {
                metrics::ConfusionMatrix::new(codes.view(), guess.view(), 2, None)?.f_beta(1.0, metrics::Average::Macro)
            }),
        ),
        (
            "adjusted_rand",
            Box::new(move || {
                metrics::adjusted_rand(codes.as_slice().unwrap_or_default(), guess.as_slice().unwrap_or_default())
            }),
        ),
        (
            "selection rate by group",
            Box::new(move || {
                let found = rates(Some(truth), truth, &groups()?, None, 0.95)?;
                Ok(found.overall.selection_rate.map_or(0.0, |rate| rate.value))
            }),
        ),
    ]
}

fn ten_million_rows(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("10 M rows");
    group.sample_size(10);
    let rows = Rows::new();
    for (name, case) in cases(&rows) {
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
    let rows = Rows::new();
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
