//! How the cost of k-means grows with rows and segments, with either way to find the nearest centres, as a table.
//!
//! ```text
//! cargo run --release -p adflux-clustering --example time_kmeans [COLUMNS [ROWS…]]
//! ```
//!
//! Overlapping heaps, four for every five segments, of 32 columns unless told otherwise, from the same start, at most 50 iterations. Beside
//! the time stand the multiplications and additions that comparing every row with every centre in each of the iterations takes, a
//! second, as a share of the most that this machine was measured to do in f32 in the same run: above 100 %, most were spared.

use adflux_clustering::{KMeans, KMeansAlgorithm};
use adflux_core::{
    Features, Fit as _, Training,
    random::stream,
    widest::{Kernel, multiply_add, run},
};
use ndarray::{Array2, s};
use rand::RngExt as _;
use std::{error::Error, hint::black_box, time::Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments =
        std::env::args().skip(1).map(|a| a.parse::<usize>()).collect::<Result<Vec<_>, _>>()?.into_iter();
    let columns = arguments.next().unwrap_or(32);
    let mut sizes: Vec<usize> = arguments.collect();
    if sizes.is_empty() {
        sizes = vec![10_000, 100_000, 1_000_000];
    }
    let threads = rayon::current_num_threads();
    let peak = peak();
    println!("{threads} threads, {:.0}e9 operations a second at most in f32\n", peak / 1e9);
    println!("| rows | segments | iterations | lloyd, s | of the peak | yinyang, s | auto, s | of the peak |");
    println!("|---|---|---|---|---|---|---|---|");
    for rows in sizes {
        for k in [10, 50, 200] {
            line(rows, columns, k, peak)?;
        }
    }
    Ok(())
}

fn line(rows: usize, columns: usize, k: usize, peak: f64) -> Result<(), Box<dyn Error>> {
    let x = heaps(rows, columns, k * 4 / 5);
    let start = x.slice(s![..k, ..]).to_owned();
    let data = Training::new(Features::from_dense(x, (0..columns).map(|i| i.to_string()))?);
    let mut seconds = Vec::new();
    let mut ends = Vec::new();
    for algorithm in [KMeansAlgorithm::Lloyd, KMeansAlgorithm::Yinyang, KMeansAlgorithm::Auto] {
        let recipe = KMeans::new(k).centers(start.view()).max_iter(50).algorithm(algorithm);
        let mut best = f64::INFINITY;
        let mut iterations = 0;
        for _ in 0..if rows > 200_000 { 1 } else { 3 } {
            let started = Instant::now();
            let model = recipe.fit(data.clone())?;
            best = best.min(started.elapsed().as_secs_f64());
            iterations = model.n_iter();
            ends.push(model.inertia());
        }
        let share = 100.0 * 2.0 * (rows * columns * k * iterations) as f64 / best / peak;
        seconds.push((best, share, iterations));
    }
    assert!(ends.iter().all(|inertia| *inertia == ends[0]), "all find the same: {ends:?}");
    let [(lloyd, of_lloyd, n), (yinyang, ..), (auto, of_auto, _)] = seconds[..] else { return Ok(()) };
    println!("| {rows} | {k} | {n} | {lloyd:.4} | {of_lloyd:.0} % | {yinyang:.4} | {auto:.4} | {of_auto:.0} % |");
    Ok(())
}

/// Rows in overlapping heaps.
fn heaps(rows: usize, columns: usize, count: usize) -> Array2<f64> {
    let mut rng = stream(1, &[]);
    let centers = Array2::from_shape_fn((count, columns), |_| rng.random_range(-5.0..5.0));
    Array2::from_shape_fn((rows, columns), |(row, column)| {
        let noise: f64 = (0..6).map(|_| rng.random_range(-2.0..2.0)).sum();
        centers[[row % count, column]] + noise
    })
}

/// Multiplications and additions a second in f32, the most that all threads reach on numbers in the nearest cache.
fn peak() -> f64 {
    const ROUNDS: usize = 200_000;
    let (columns, numbers) = (vec![[0.5; LANES]; COLUMNS], vec![0.25; ROWS_AT_MOST * COLUMNS]);
    let once = || {
        let started = Instant::now();
        let done =
            rayon::broadcast(|_| run(Products { rounds: black_box(ROUNDS), columns: &columns, numbers: &numbers }));
        (2 * LANES * COLUMNS * done.iter().sum::<usize>()) as f64 / started.elapsed().as_secs_f64()
    };
    (0..5).map(|_| once()).fold(0.0, f64::max)
}

const COLUMNS: usize = 64;
const LANES: usize = 16;
const ROWS_AT_MOST: usize = 8;

/// Products of some rows and a panel of columns, again and again.
struct Products<'a> {
    rounds: usize,
    columns: &'a [[f32; LANES]],
    numbers: &'a [f32],
}

impl Kernel for Products<'_> {
    /// How many rows were multiplied.
    type Output = usize;

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) -> usize {
        let x: [&[f32]; ROWS] = std::array::from_fn(|r| &self.numbers[r * COLUMNS..(r + 1) * COLUMNS]);
        for _ in 0..self.rounds {
            let x = black_box(x).map(|row| &row[..self.columns.len()]);
            let mut products = [[0.0; LANES]; ROWS];
            for (column, lanes) in self.columns.iter().enumerate() {
                for r in 0..ROWS {
                    for lane in 0..LANES {
                        products[r][lane] = multiply_add::<FUSED, f32>(x[r][column], lanes[lane], products[r][lane]);
                    }
                }
            }
            black_box(products);
        }
        self.rounds * ROWS
    }
}
