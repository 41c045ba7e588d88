//! Steps of preprocessing on large tables.
//!
//! ```text
//! cargo bench --bench preprocessing
//! ```
//!
//! For scikit-learn see `benches/peers/preprocessing.py`, which makes the same tables and prints the same sums.

use adflux::{
    core::{Context, Features, FitTransform, Training, Transform},
    preprocessing::{KBinsDiscretizer, MinMaxScaler, PowerTransformer, QuantileTransformer, RobustScaler},
};
use criterion::{BatchSize, BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime};
use ndarray::Array2;
use std::hint::black_box;

const ROWS: usize = 1_000_000;
const COLUMNS: usize = 10;

/// Skewed columns, as budgets are: exponential, by the golden ratio instead of at random, so that every language has the same.
fn amounts() -> Features {
    let x = Array2::from_shape_fn((ROWS, COLUMNS), |(row, column)| {
        let share = ((row * COLUMNS + column + 1) as f64 * 0.618_033_988_749_894_9).fract();
        -100.0 * (1.0 - share).ln()
    });
    Features::from_dense(x, (0..COLUMNS).map(|c| format!("x{c}"))).expect("ten names for ten columns")
}

fn fit_transform<R>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, recipe: R, x: &Features)
where
    R: FitTransform<Features>,
    R::Fitted: Transform<Features, Output = Features>,
{
    let run = |x: Features| recipe.fit_transform(Training::new(x), &Context::default()).map(|(_, z)| z);
    let sum = |z: Features| z.into_dense(name).map(|z| z.sum());
    println!("{name}: sum {:.6e}", run(x.clone()).and_then(sum).expect("numbers that every scaler takes"));
    group.bench_function(name, |b| b.iter_batched(|| x.clone(), |x| black_box(run(x)), BatchSize::LargeInput));
}

fn scalers(criterion: &mut Criterion) {
    let x = amounts();
    let mut group = criterion.benchmark_group("scalers, 1,000,000 x 10");
    group.sample_size(10);
    fit_transform(&mut group, "min-max-scaler", MinMaxScaler::default(), &x);
    fit_transform(&mut group, "robust-scaler", RobustScaler::default(), &x);
    fit_transform(&mut group, "quantile-transformer", QuantileTransformer::default(), &x);
    fit_transform(&mut group, "power-transformer", PowerTransformer::default(), &x);
    fit_transform(&mut group, "k-bins-discretizer", KBinsDiscretizer::default(), &x);
    group.finish();
}

criterion_group!(benches, scalers);
criterion_main!(benches);
