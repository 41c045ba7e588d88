//! Least squares beside linfa-linear on the same data, and other linear models alone, FTRL-proximal on hashed rows among them.
//!
//! `benches/peers/linear.py` and `benches/peers/online.py` compare with scikit-learn.

use adflux_core::{Block, ClassTarget, Column, Features, Fit as _, Target, Training, Values, random::stream};
use adflux_regression::{
    FtrlClassifier, HuberRegressor, Lasso, LinearRegression, LogisticRegression, PoissonRegressor, QuantileRegressor,
    Ridge, RidgeCV,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use linfa::{DatasetBase, traits::Fit as _};
use linfa_linear::LinearRegression as Peer;
use ndarray::{Array1, Array2};
use rand::RngExt as _;
use sprs::CsMat;

const ROWS: usize = 100_000;
const COLUMNS: usize = 50;

/// Uniform columns, and their sum weighted by sines with some noise.
fn table() -> (Array2<f64>, Array1<f64>) {
    let mut rng = stream(1, &[]);
    let x = Array2::from_shape_simple_fn((ROWS, COLUMNS), || rng.random::<f64>());
    let b: Array1<f64> = (0..COLUMNS).map(|j| (j as f64).sin()).collect();
    let y = x.dot(&b).mapv(|v| v + rng.random::<f64>());
    (x, y)
}

fn least_squares(c: &mut Criterion) {
    let (x, y) = table();
    let features = Features::from_dense(x.clone(), (0..COLUMNS).map(|i| format!("x{i}"))).expect("distinct names");
    let data = Training::new(features).with_target(Target::Values(y.clone()));
    let peer_data = DatasetBase::new(x, y.clone());
    let ours = LinearRegression::default().fit(data.clone()).expect("a fit");
    let theirs = Peer::new().fit(&peer_data).expect("a fit");
    let apart = ours.coefficients().iter().zip(theirs.params()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    println!("largest difference of a coefficient from linfa-linear: {apart:.2e}");

    let mut group = c.benchmark_group("least squares, 100k×50");
    group.sample_size(10);
    group.bench_function("adflux", |b| b.iter(|| LinearRegression::default().fit(data.clone()).expect("a fit")));
    group.bench_function("linfa-linear", |b| b.iter(|| Peer::new().fit(&peer_data).expect("a fit")));
    group.finish();

    let mut group = c.benchmark_group("other linear models, 100k×50");
    group.sample_size(10);
    group.bench_function("ridge", |b| b.iter(|| Ridge::default().fit(data.clone()).expect("a fit")));
    group.bench_function("ridge cv", |b| b.iter(|| RidgeCV::default().fit(data.clone()).expect("a fit")));
    group.bench_function("lasso", |b| b.iter(|| Lasso::new(0.01).fit(data.clone()).expect("a fit")));
    group.bench_function("huber", |b| b.iter(|| HuberRegressor::default().fit(data.clone()).expect("a fit")));
    let median = QuantileRegressor::default().alpha(0.0);
    group.bench_function("quantile", |b| b.iter(|| median.fit(data.clone()).expect("a fit")));
    let middle = y.mean().unwrap_or_default();
    let labels: Vec<&str> = y.iter().map(|y| if *y > middle { "more" } else { "less" }).collect();
    let classes = data.clone().with_target(Target::Classes(ClassTarget::from_labels(&labels)));
    group.bench_function("logistic", |b| b.iter(|| LogisticRegression::default().fit(classes.clone()).expect("a fit")));
    let counts = data.with_target(Target::Values(y.mapv(|y| y.abs().round())));
    group.bench_function("poisson", |b| b.iter(|| PoissonRegressor::default().fit(counts.clone()).expect("a fit")));
    group.finish();
}

/// 100,000 rows of 20 categories hashed into 2¹⁸ columns, a few of them frequent.
fn online(c: &mut Criterion) {
    const PER_ROW: usize = 20;
    const WIDTH: usize = 1 << 18;
    let mut rng = stream(2, &[]);
    let (mut places, mut clicked) = (Vec::new(), Vec::new());
    for _ in 0..ROWS {
        let mut row: Vec<usize> = (0..PER_ROW)
            .map(|feature| {
                let level = (1.0 / (1.0 - rng.random::<f64>())) as usize;
                (feature * WIDTH + level.wrapping_mul(0x9e37_79b9) % WIDTH) / PER_ROW
            })
            .collect();
        row.sort_unstable();
        row.dedup();
        clicked.push(if rng.random::<f64>() < 0.05 + 0.2 * f64::from(row[0] as u32 % 2) { "yes" } else { "no" });
        places.push(row);
    }
    let ends = std::iter::once(0).chain(places.iter().scan(0, |end, row| {
        *end += row.len();
        Some(*end)
    }));
    let (ends, places): (Vec<usize>, Vec<usize>) = (ends.collect(), places.concat());
    let ones = vec![1.0; places.len()];
    let columns: Vec<Column> = (0..WIDTH).map(|i| Column::input(format!("hashed#{i}"))).collect();
    let x = Values::Sparse(CsMat::new((ROWS, WIDTH), ends, places, ones));
    let x = Features::new(ROWS, vec![Block::new(columns, x).expect("a name for each")]).expect("one block");
    let data = Training::new(x).with_target(Target::Classes(ClassTarget::from_labels(&clicked)));
    let model = FtrlClassifier::default().fit(data.clone()).expect("a fit");
    println!("FTRL: progressive AUC {:.3}", model.progressive().roc_auc().unwrap_or(f64::NAN));

    let mut group = c.benchmark_group("online, 100k rows of 20 in 2^18 columns");
    group.sample_size(10).throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("ftrl", |b| b.iter(|| FtrlClassifier::default().fit(data.clone()).expect("a fit")));
    group.finish();
}

criterion_group!(benches, least_squares, online);
criterion_main!(benches);
