//! Principal components by each solver, and a truncated SVD of sparse columns.
//!
//! ```text
//! cargo bench --bench reduction
//! ```
//!
//! Beside the times, the share of the variance that each reached is printed: a fast wrong answer is no answer. For scikit-learn
//! see `benches/peers/reduction.py`.

use adflux_core::{Block, Column, Features, Fit as _, Training, Values, random::stream};
use adflux_preprocessing::{Pca, SvdSolver, TruncatedSvd};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use rand::RngExt as _;
use sprs::CsMat;
use std::hint::black_box;

const COMPONENTS: usize = 20;

/// Columns mixed of a few, with noise.
fn mixed(rows: usize, columns: usize) -> Array2<f64> {
    let mut rng = stream(1, &[]);
    let mut uniform = |rows, columns| Array2::from_shape_fn((rows, columns), |_| rng.random_range(-1.0..1.0));
    let (causes, weights) = (uniform(rows, 10), uniform(10, columns));
    causes.dot(&weights) + uniform(rows, columns)
}

fn pca(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pca");
    group.sample_size(10);
    for (rows, columns) in [(20_000, 50), (200_000, 100)] {
        let Ok(x) = Features::from_dense(mixed(rows, columns), (0..columns).map(|i| format!("c{i}"))) else { return };
        for solver in [SvdSolver::CovarianceEigh, SvdSolver::Full, SvdSolver::Randomized] {
            let recipe = Pca::new(COMPONENTS).svd_solver(solver);
            if let Ok(fitted) = recipe.fit(Training::new(x.clone())) {
                let explained: f64 = fitted.explained_variance_ratio().iter().sum();
                println!("{rows}×{columns} to {COMPONENTS}, {solver:?}: {explained:.9} of the variance");
            }
            group.bench_function(BenchmarkId::new(format!("{solver:?}"), format!("{rows}x{columns}")), |b| {
                b.iter(|| black_box(recipe.fit(Training::new(x.clone()))));
            });
        }
    }
    group.finish();
}

/// Texts of six words, the first words the more frequent.
fn titles(texts: usize, terms: usize) -> Option<Features> {
    let mut rng = stream(2, &[]);
    let (mut ends, mut columns) = (vec![0], Vec::new());
    for _ in 0..texts {
        let mut words: Vec<usize> =
            (0..6).map(|_| (rng.random_range(0.0..1.0_f64).powi(4) * terms as f64) as usize).collect();
        words.sort_unstable();
        words.dedup();
        columns.extend(words);
        ends.push(columns.len());
    }
    let weights = vec![1.0; columns.len()];
    let x = CsMat::new((texts, terms), ends, columns, weights);
    let names: Vec<Column> = (0..terms).map(|i| Column::input(i.to_string())).collect();
    Features::new(texts, vec![Block::new(names, Values::Sparse(x)).ok()?]).ok()
}

fn truncated_svd(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("truncated-svd");
    group.sample_size(10);
    let Some(x) = titles(20_000, 5_000) else { return };
    let recipe = TruncatedSvd::new(COMPONENTS);
    if let Ok(fitted) = recipe.fit(Training::new(x.clone())) {
        let explained: f64 = fitted.explained_variance_ratio().iter().sum();
        println!("20000 texts × 5000 terms to {COMPONENTS}: {explained:.9} of the variance");
    }
    group.bench_function("20000x5000", |b| b.iter(|| black_box(recipe.fit(Training::new(x.clone())))));
    group.finish();
}

criterion_group!(benches, pca, truncated_svd);
criterion_main!(benches);
