//! k-means, DBSCAN and a Gaussian mixture beside linfa-clustering's, trees beside kodama's, and the silhouette.
//!
//! ```text
//! cargo bench --bench clustering
//! ```
//!
//! Beside the times, the inertia that each reached is printed: a fast wrong answer is no answer. For scikit-learn see
//! `benches/peers/clustering.py`.

use adflux_clustering::{Dbscan, GaussianMixture, KMeans, Linkage, LinkageMethod};
use adflux_core::{Features, Fit as _, Training, random::stream};
use adflux_evaluation::{distance::Panels, metrics};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use linfa::traits::{Fit as _, Transformer as _};
use linfa_clustering::KMeansInit;
use ndarray::{Array2, ArrayView2, s};
use rand::RngExt as _;
use std::hint::black_box;

/// Rows in overlapping heaps.
fn heaps(rows: usize, columns: usize, count: usize) -> Array2<f64> {
    let mut rng = stream(1, &[]);
    let centers = Array2::from_shape_fn((count, columns), |_| rng.random_range(-5.0..5.0));
    Array2::from_shape_fn((rows, columns), |(row, column)| {
        let noise: f64 = (0..6).map(|_| rng.random_range(-2.0..2.0)).sum();
        centers[[row % count, column]] + noise
    })
}

fn inertia(x: ArrayView2<f64>, centers: ArrayView2<f64>) -> f64 {
    let mut nearest = vec![0; x.nrows()];
    Panels::new(centers).nearest(x.as_slice().unwrap_or_default(), &mut nearest);
    let squared =
        |(row, &center): (ndarray::ArrayView1<f64>, &u32)| (&row - &centers.row(center as usize)).mapv(|v| v * v).sum();
    x.rows().into_iter().zip(&nearest).map(squared).sum()
}

fn k_means(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("k-means");
    group.sample_size(10);
    for (rows, columns, k) in [(20_000, 8, 10), (100_000, 32, 50)] {
        // Fewer heaps than segments, so that some starts share a heap and have a way to go.
        let x = heaps(rows, columns, k * 4 / 5);
        let start = x.slice(s![..k, ..]).to_owned();
        let names = (0..columns).map(|i| format!("c{i}"));
        let Ok(features) = Features::from_dense(x.clone(), names) else { return };
        let ours = KMeans::new(k).centers(start.view());
        // linfa's tolerance is on the distance the centres move; this one stops in the same neighbourhood.
        let theirs = || {
            linfa_clustering::KMeans::params(k)
                .init_method(KMeansInit::Precomputed(start.clone()))
                .n_runs(1)
                .max_n_iterations(300)
                .tolerance(1e-2)
        };
        let dataset = linfa::DatasetBase::from(x.clone());
        if let (Ok(ours), Ok(theirs)) = (ours.fit(Training::new(features.clone())), theirs().fit(&dataset)) {
            println!(
                "{rows}×{columns}, {k} segments: inertia adflux {:.6e} in {} iterations, linfa {:.6e}",
                ours.inertia(),
                ours.n_iter(),
                inertia(x.view(), theirs.centroids().view())
            );
        }
        let id = format!("{rows}x{columns}x{k}");
        group.bench_function(BenchmarkId::new("adflux", &id), |b| {
            b.iter(|| black_box(ours.fit(Training::new(features.clone()))));
        });
        group.bench_function(BenchmarkId::new("linfa-clustering", &id), |b| {
            b.iter(|| black_box(theirs().fit(&dataset)));
        });
    }
    group.finish();
}

fn silhouette(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("silhouette");
    group.sample_size(10);
    let x = heaps(8_000, 16, 8);
    let segments: Vec<u32> = (0..8_000).map(|row| row % 8).collect();
    println!("8000×16, 8 segments: silhouette {:?}", metrics::silhouette(x.view(), &segments));
    group.bench_function("exact", |b| b.iter(|| black_box(metrics::silhouette(x.view(), &segments))));
    group.bench_function("sampled, 2000", |b| {
        b.iter(|| black_box(metrics::silhouette_sampled(x.view(), &segments, 2_000, 1)));
    });
    group.finish();
}

/// All distances in kodama's order.
fn condensed(x: ArrayView2<f64>) -> Vec<f64> {
    let rows: Vec<&[f64]> = x.rows().into_iter().filter_map(|row| row.to_slice()).collect();
    let pairs = rows.iter().enumerate().flat_map(|(i, a)| rows[i + 1..].iter().map(move |b| (a, b)));
    pairs.map(|(a, b)| a.iter().zip(*b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()).collect()
}

fn hierarchical(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hierarchical");
    group.sample_size(10);
    for rows in [2_000, 8_000] {
        let x = heaps(rows, 16, 40);
        for (method, peer) in
            [(LinkageMethod::Ward, kodama::Method::Ward), (LinkageMethod::Single, kodama::Method::Single)]
        {
            let theirs = || kodama::linkage(&mut condensed(x.view()), rows, peer);
            if let Ok(ours) = Linkage::of(x.view(), method) {
                let sum: f64 = ours.merges().iter().map(|merge| merge.height).sum();
                let of_peer: f64 = theirs().steps().iter().map(|step| step.dissimilarity).sum();
                println!("{rows}×16, {}: sum of heights adflux {sum:.9e}, kodama {of_peer:.9e}", method.name());
            }
            let id = format!("{}, {rows}x16", method.name());
            group.bench_function(BenchmarkId::new("adflux", &id), |b| {
                b.iter(|| black_box(Linkage::of(x.view(), method)));
            });
            group
                .bench_function(BenchmarkId::new("kodama with its distances", &id), |b| b.iter(|| black_box(theirs())));
        }
    }
    group.finish();
}

fn density(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("dbscan");
    group.sample_size(10);
    for (rows, columns, eps) in [(20_000, 8, 5.0), (20_000, 2, 0.2)] {
        let x = heaps(rows, columns, 20);
        let Ok(features) = Features::from_dense(x.clone(), (0..columns).map(|i| format!("c{i}"))) else { return };
        let ours = Dbscan::new(eps);
        let theirs = || linfa_clustering::Dbscan::params(5).tolerance(eps).transform(&x);
        if let (Ok(ours), Ok(theirs)) = (ours.fit(Training::new(features.clone())), theirs()) {
            let outliers = theirs.iter().filter(|label| label.is_none()).count();
            println!("{rows}×{columns}, eps {eps}: outliers adflux {}, linfa {outliers}", ours.n_outliers());
        }
        let id = format!("{rows}x{columns}, eps {eps}");
        group.bench_function(BenchmarkId::new("adflux", &id), |b| {
            b.iter(|| black_box(ours.fit(Training::new(features.clone()))));
        });
        group.bench_function(BenchmarkId::new("linfa-clustering", &id), |b| b.iter(|| black_box(theirs())));
    }
    group.finish();
}

fn mixture(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("gaussian mixture");
    group.sample_size(10);
    let x = heaps(5_000, 8, 5);
    let Ok(features) = Features::from_dense(x.clone(), (0..8).map(|i| format!("c{i}"))) else { return };
    let dataset = linfa::DatasetBase::from(x.clone());
    let ours = GaussianMixture::new(5);
    let theirs = || linfa_clustering::GaussianMixtureModel::params(5).n_runs(1).tolerance(1e-3);
    if let (Ok(ours), Ok(theirs)) = (ours.fit(Training::new(features.clone())), theirs().fit(&dataset)) {
        let bound = ours.lower_bounds().last();
        println!(
            "5000×8, 5 segments: mean log-likelihood adflux {bound:?}, weights {:?}, linfa {}",
            ours.weights(),
            theirs.weights()
        );
    }
    group.bench_function("adflux", |b| b.iter(|| black_box(ours.fit(Training::new(features.clone())))));
    group.bench_function("linfa-clustering", |b| b.iter(|| black_box(theirs().fit(&dataset))));
    group.finish();
}

criterion_group!(benches, k_means, hierarchical, density, mixture, silhouette);
criterion_main!(benches);
