//! Steps of preprocessing on large tables.
//!
//! ```text
//! cargo bench --bench preprocessing
//! ```
//!
//! For scikit-learn see `benches/peers/preprocessing.py`, which makes the same tables and prints the same sums. Time and peak memory
//! of a whole column transformer and of TF-IDF beside scikit-learn's: `benches/peers/column_transformer.py`.

use adflux::{
    core::{Block, Categories, Column, Context, Features, FitTransform, Result, Target, Training, Transform, Values},
    preprocessing::{
        KBinsDiscretizer, MinMaxScaler, OneHotEncoder, PowerTransformer, QuantileTransformer, RobustScaler,
        TargetEncoder, TfidfVectorizer,
    },
};
use criterion::{BatchSize, BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime};
use ndarray::Array2;
use std::hint::black_box;

const ROWS: usize = 1_000_000;
const COLUMNS: usize = 10;
const TEXTS: usize = 200_000;

const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// Numbers that fill 0 to 1 evenly, by the golden ratio instead of at random, so that every language has the same.
fn share(place: usize) -> f64 {
    ((place + 1) as f64 * GOLDEN).fract()
}

/// Skewed columns, as budgets are: exponential.
fn amounts() -> Features {
    let x = Array2::from_shape_fn((ROWS, COLUMNS), |(row, column)| -100.0 * (1.0 - share(row * COLUMNS + column)).ln());
    Features::from_dense(x, (0..COLUMNS).map(|c| format!("x{c}"))).expect("ten names for ten columns")
}

/// Columns of categories, each of so many levels, evenly drawn.
fn categories(levels: &[usize]) -> Features {
    let block = |(column, &levels): (usize, &usize)| {
        let codes = (0..ROWS).map(|row| (share(row * COLUMNS + column) * levels as f64) as u32).collect();
        let names: Vec<String> = (0..levels).map(|level| format!("level {level:05}")).collect();
        let values = Values::Category(Categories { codes, levels: names.into() });
        Block::new(vec![Column::input(format!("c{column}"))], values)
    };
    let blocks = levels.iter().enumerate().map(block).collect::<Result<_>>();
    Features::new(ROWS, blocks.expect("one name a column")).expect("as many rows in each")
}

/// Short texts of 20,000 words, of which each is as frequent as its rank allows (Zipf).
fn texts() -> Features {
    let word = |place: usize| format!("word{:05}", 20_000_f64.powf(share(place)) as usize);
    let text = |row: usize| (row * 12..row * 12 + 4 + row % 9).map(word).collect::<Vec<_>>().join(" ");
    let texts: Vec<String> = (0..TEXTS).map(text).collect();
    let block = Block::new(vec![Column::input("title")], Values::Text(texts.into())).expect("one name");
    Features::new(TEXTS, vec![block]).expect("as many rows as texts")
}

/// The sum of all features.
fn sum(x: &Features) -> f64 {
    let of_block = |block: &Block| match block.values() {
        Values::Dense(x) => x.sum(),
        Values::Sparse(x) => x.data().iter().sum(),
        _ => 0.0,
    };
    x.blocks().iter().map(of_block).sum()
}

fn fit_transform<R>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, recipe: R, data: &Training<Features>)
where
    R: FitTransform<Features>,
    R::Fitted: Transform<Features, Output = Features>,
{
    let run = |data: Training<Features>| recipe.fit_transform(data, &Context::default()).map(|(_, z)| z);
    println!("{name}: sum {:.6e}", run(data.clone()).map(|z| sum(&z)).expect("what every step here takes"));
    group.bench_function(name, |b| b.iter_batched(|| data.clone(), |data| black_box(run(data)), BatchSize::LargeInput));
}

fn scalers(criterion: &mut Criterion) {
    let x = Training::new(amounts());
    let mut group = criterion.benchmark_group("scalers, 1,000,000 x 10");
    group.sample_size(10);
    fit_transform(&mut group, "min-max-scaler", MinMaxScaler::default(), &x);
    fit_transform(&mut group, "robust-scaler", RobustScaler::default(), &x);
    fit_transform(&mut group, "quantile-transformer", QuantileTransformer::default(), &x);
    fit_transform(&mut group, "power-transformer", PowerTransformer::default(), &x);
    fit_transform(&mut group, "k-bins-discretizer", KBinsDiscretizer::default(), &x);
    group.finish();
}

fn encoders(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("encoders, 1,000,000 rows");
    group.sample_size(10);
    let few = Training::new(categories(&[3, 4, 6, 12, 20]));
    fit_transform(&mut group, "one-hot-encoder", OneHotEncoder::default(), &few);
    let target = (0..ROWS).map(|row| share(row * COLUMNS)).collect();
    let many = Training::new(categories(&[5_000])).with_target(Target::Values(target));
    fit_transform(&mut group, "target-encoder", TargetEncoder::default(), &many);
    group.finish();
}

fn words(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("texts, 200,000");
    group.sample_size(10);
    fit_transform(&mut group, "tfidf-vectorizer", TfidfVectorizer::default(), &Training::new(texts()));
    group.finish();
}

criterion_group!(benches, scalers, encoders, words);
criterion_main!(benches);
