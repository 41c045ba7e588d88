//! Times density clustering and a Gaussian mixture on data that `benches/peers/clustering.py` wrote, and prints JSON for it to compare.
//!
//! ```text
//! cargo run --release -p adflux-clustering --example time_density -- FILE [SIZE]
//! ```
//!
//! FILE holds little-endian u64 rows, columns, then f64: the rows, and the radius. With SIZE only HDBSCAN is timed, once, for segments of
//! at least so many rows, whose core distances are those to the SIZE-th row.

use adflux_clustering::{Dbscan, GaussianMixture, Hdbscan};
use adflux_core::{Features, Fit as _, Training};
use ndarray::{Array2, s};
use std::{error::Error, time::Instant};

const MIN_SAMPLES: usize = 5;
const MIN_CLUSTER_SIZE: usize = 25;
const COMPONENTS: usize = 10;
const ITERATIONS: usize = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("give the file that benches/peers/clustering.py wrote")?;
    let bytes = std::fs::read(path)?;
    let words: Vec<[u8; 8]> = bytes.as_chunks().0.to_vec();
    let size = |i: usize| words.get(i).map(|w| u64::from_le_bytes(*w) as usize).ok_or("the file is cut off");
    let (rows, columns) = (size(0)?, size(1)?);
    let numbers: Vec<f64> = words[2..].iter().map(|w| f64::from_le_bytes(*w)).collect();
    let (x, more) = numbers.split_at(rows * columns);
    let eps = *more.first().ok_or("the file is cut off")?;
    let x = Array2::from_shape_vec((rows, columns), x.to_vec())?;
    let start = x.slice(s![..COMPONENTS, ..]).to_owned();
    let data = Training::new(Features::from_dense(x, (0..columns).map(|i| i.to_string()))?);

    if let Some(size) = std::env::args().nth(2) {
        let (seconds, tree) = best_of(1, || Hdbscan::new(size.parse().unwrap_or(1)).fit(data.clone()))?;
        println!(
            "{{\"seconds\": {seconds}, \"clusters\": {}, \"outliers\": {}}}",
            tree.n_clusters(),
            tree.n_outliers()
        );
        return Ok(());
    }
    let (dbscan, model) = best_of(5, || Dbscan::new(eps).min_samples(MIN_SAMPLES).fit(data.clone()))?;
    let (hdbscan, tree) = best_of(3, || Hdbscan::new(MIN_CLUSTER_SIZE).min_samples(MIN_SAMPLES).fit(data.clone()))?;
    let recipe = GaussianMixture::default().means_init(start.view()).tol(0.0).max_iter(ITERATIONS);
    let (mixture, gaussians) = best_of(3, || recipe.fit(data.clone()))?;
    println!(
        "{{\"dbscan\": {{\"seconds\": {dbscan}, \"clusters\": {}, \"outliers\": {}, \"core\": {}}}, \
         \"hdbscan\": {{\"seconds\": {hdbscan}, \"clusters\": {}, \"outliers\": {}}}, \
         \"mixture\": {{\"seconds\": {mixture}, \"lower_bound\": {}}}}}",
        model.n_clusters(),
        model.n_outliers(),
        model.core_rows().len(),
        tree.n_clusters(),
        tree.n_outliers(),
        gaussians.lower_bounds().last().copied().unwrap_or(f64::NAN),
    );
    Ok(())
}

/// The shortest time of some tries, and the last result.
fn best_of<T>(tries: usize, work: impl Fn() -> adflux_core::Result<T>) -> Result<(f64, T), Box<dyn Error>> {
    let mut best = f64::INFINITY;
    let mut last = None;
    for _ in 0..tries {
        let start = Instant::now();
        last = Some(work()?);
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok((best, last.ok_or("at least one try")?))
}
