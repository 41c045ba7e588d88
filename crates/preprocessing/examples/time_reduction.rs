//! Times PCA and truncated SVD on data that `benches/peers/reduction.py` wrote, and prints JSON for it to compare.
//!
//! ```text
//! cargo run --release -p adflux-preprocessing --example time_reduction -- DENSE SPARSE
//! ```
//!
//! DENSE holds little-endian u64 rows, columns and components, then the rows as f64. SPARSE holds u64 rows, columns, components
//! and the number of entries, then u64 ends of the rows (from 0), u64 columns, f64 values.

use adflux_core::{Block, Column, Context, Features, FitTransform as _, Training, Values};
use adflux_preprocessing::{Pca, SvdSolver, TruncatedSvd};
use ndarray::Array2;
use sprs::CsMat;
use std::{error::Error, time::Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let mut paths = std::env::args().skip(1);
    let mut words = || -> Result<Vec<[u8; 8]>, Box<dyn Error>> {
        let path = paths.next().ok_or("give the two files that benches/peers/reduction.py wrote")?;
        Ok(std::fs::read(path)?.as_chunks().0.to_vec())
    };
    let (dense, sparse) = (words()?, words()?);
    let size = |words: &[[u8; 8]], i: usize| words.get(i).map(|w| u64::from_le_bytes(*w) as usize).ok_or("cut off");
    let floats = |words: &[[u8; 8]]| words.iter().map(|w| f64::from_le_bytes(*w)).collect::<Vec<_>>();

    let (rows, columns, components) = (size(&dense, 0)?, size(&dense, 1)?, size(&dense, 2)?);
    let x = Array2::from_shape_vec((rows, columns), floats(&dense[3..]))?;
    let data = Training::new(Features::from_dense(x, (0..columns).map(|i| i.to_string()))?);
    let mut timed = Vec::new();
    for (name, solver) in [
        ("covariance_eigh", SvdSolver::CovarianceEigh),
        ("full", SvdSolver::Full),
        ("randomized", SvdSolver::Randomized),
    ] {
        let recipe = Pca::new(components).svd_solver(solver);
        let (seconds, fitted) = best_of(5, &data, |data| Ok(recipe.fit_transform(data, &Context::default())?.0))?;
        let explained: f64 = fitted.explained_variance_ratio().iter().sum();
        timed.push(format!("\"{name}\": {{\"seconds\": {seconds}, \"explained\": {explained}}}"));
    }

    let (rows, columns, components, entries) =
        (size(&sparse, 0)?, size(&sparse, 1)?, size(&sparse, 2)?, size(&sparse, 3)?);
    let whole = |from: &[[u8; 8]]| from.iter().map(|w| u64::from_le_bytes(*w) as usize).collect::<Vec<_>>();
    let (ends, rest) = sparse[4..].split_at(rows + 1);
    let (at, values) = rest.split_at(entries);
    let x = CsMat::new((rows, columns), whole(ends), whole(at), floats(values));
    let names: Vec<Column> = (0..columns).map(|i| Column::input(i.to_string())).collect();
    let data = Training::new(Features::new(rows, vec![Block::new(names, Values::Sparse(x))?])?);
    let recipe = TruncatedSvd::new(components);
    let (seconds, fitted) = best_of(3, &data, |data| Ok(recipe.fit_transform(data, &Context::default())?.0))?;
    let explained: f64 = fitted.explained_variance_ratio().iter().sum();
    timed.push(format!("\"truncated_svd\": {{\"seconds\": {seconds}, \"explained\": {explained}}}"));
    println!("{{{}}}", timed.join(", "));
    Ok(())
}

/// The shortest time of some tries, and the last result. Each try has a copy of the data, made before the time is taken.
fn best_of<T>(
    tries: usize,
    data: &Training<Features>,
    work: impl Fn(Training<Features>) -> adflux_core::Result<T>,
) -> Result<(f64, T), Box<dyn Error>> {
    let mut best = f64::INFINITY;
    let mut last = None;
    for _ in 0..tries {
        let data = data.clone();
        let start = Instant::now();
        last = Some(work(data)?);
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok((best, last.ok_or("at least one try")?))
}
