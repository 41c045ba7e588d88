//! Times k-means and the silhouette on data that `benches/peers/clustering.py` wrote, and prints JSON for it to compare.
//!
//! ```text
//! cargo run --release -p adflux-clustering --example time_clustering -- FILE
//! ```
//!
//! FILE holds little-endian u64 rows, columns, segments, then f64: the rows, and the centres to start from.

use adflux_clustering::{KMeans, MiniBatchKMeans};
use adflux_core::{Features, Fit as _, Training};
use adflux_evaluation::metrics::silhouette;
use ndarray::Array2;
use std::{error::Error, time::Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("give the file that benches/peers/clustering.py wrote")?;
    let bytes = std::fs::read(path)?;
    let words: Vec<[u8; 8]> = bytes.as_chunks().0.to_vec();
    let size = |i: usize| words.get(i).map(|w| u64::from_le_bytes(*w) as usize).ok_or("the file is cut off");
    let (rows, columns, k) = (size(0)?, size(1)?, size(2)?);
    let numbers: Vec<f64> = words[3..].iter().map(|w| f64::from_le_bytes(*w)).collect();
    let (x, centers) = numbers.split_at(rows * columns);
    let x = Array2::from_shape_vec((rows, columns), x.to_vec())?;
    let centers = Array2::from_shape_vec((k, columns), centers.to_vec())?;
    let data = Training::new(Features::from_dense(x.clone(), (0..columns).map(|i| i.to_string()))?);

    let (same_start, model) = best_of(3, || KMeans::new(k).centers(centers.view()).fit(data.clone()))?;
    let (plus_plus, _) = best_of(3, || KMeans::new(k).max_iter(1).fit(data.clone()))?;
    let (mini_batch, small) = best_of(3, || MiniBatchKMeans::default().centers(centers.view()).fit(data.clone()))?;
    let rows_of_silhouette = rows.min(8_000);
    let head = x.slice(ndarray::s![..rows_of_silhouette, ..]);
    let segments = model.assign(&head)?;
    let (seconds_of_silhouette, value) = best_of(3, || silhouette(head, &segments))?;
    println!(
        "{{\"kmeans\": {{\"seconds\": {same_start}, \"inertia\": {}, \"n_iter\": {}}}, \
         \"start\": {{\"seconds\": {plus_plus}}}, \
         \"mini_batch\": {{\"seconds\": {mini_batch}, \"inertia\": {}, \"n_steps\": {}}}, \
         \"silhouette\": {{\"seconds\": {seconds_of_silhouette}, \"value\": {value}}}}}",
        model.inertia(),
        model.n_iter(),
        small.model().inertia(),
        small.n_steps(),
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
