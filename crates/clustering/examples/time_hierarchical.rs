//! Times the trees of agglomerative clustering: for `benches/peers/clustering.py` to compare, or as a table of how the cost of
//! Ward's grows.
//!
//! ```text
//! cargo run --release -p adflux-clustering --example time_hierarchical -- FILE
//! cargo run --release -p adflux-clustering --example time_hierarchical -- grow [ROWS…]
//! ```
//!
//! FILE holds little-endian u64 rows, columns, then f64: the rows. `grow` makes heaps of 16 columns, of 5,000 to 50,000 rows unless
//! told otherwise, each in a process of its own, whose peak memory is told (Linux).

use adflux_clustering::{Linkage, LinkageMethod};
use adflux_core::random::stream;
use ndarray::Array2;
use rand::RngExt as _;
use std::{error::Error, process::Command, time::Instant};

const COLUMNS: usize = 16;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["grow"] => grow(&[5_000, 10_000, 20_000, 50_000]),
        ["grow", ref rows @ ..] => grow(&rows.iter().map(|n| n.parse()).collect::<Result<Vec<_>, _>>()?),
        ["one", rows] => one(rows.parse()?),
        [file] => compared(file),
        _ => Err("give a file that benches/peers/clustering.py wrote, or `grow`".into()),
    }
}

/// The times of a file's trees, as JSON.
fn compared(path: &str) -> Result<(), Box<dyn Error>> {
    let bytes = std::fs::read(path)?;
    let words: Vec<[u8; 8]> = bytes.as_chunks().0.to_vec();
    let size = |i: usize| words.get(i).map(|w| u64::from_le_bytes(*w) as usize).ok_or("the file is cut off");
    let (rows, columns) = (size(0)?, size(1)?);
    let x = Array2::from_shape_vec((rows, columns), words[2..].iter().map(|w| f64::from_le_bytes(*w)).collect())?;
    let mut fields = Vec::new();
    for method in [LinkageMethod::Ward, LinkageMethod::Single, LinkageMethod::Average] {
        let mut seconds = f64::INFINITY;
        let mut sum = 0.0;
        for _ in 0..3 {
            let start = Instant::now();
            let tree = Linkage::of(x.view(), method)?;
            seconds = seconds.min(start.elapsed().as_secs_f64());
            sum = tree.merges().iter().map(|merge| merge.height).sum();
        }
        fields.push(format!("\"{}\": {{\"seconds\": {seconds}, \"heights\": {sum}}}", method.name()));
    }
    println!("{{{}}}", fields.join(", "));
    Ok(())
}

/// A line for each number of rows.
fn grow(sizes: &[usize]) -> Result<(), Box<dyn Error>> {
    println!("| rows | seconds | pairs of columns compared at most, 1e9/s | peak memory, MB | of it the rows, MB |");
    println!("|---|---|---|---|---|");
    for rows in sizes {
        let done = Command::new(std::env::current_exe()?).args(["one", &rows.to_string()]).output()?;
        print!("{}", String::from_utf8_lossy(&done.stdout));
    }
    Ok(())
}

fn one(rows: usize) -> Result<(), Box<dyn Error>> {
    let mut rng = stream(1, &[]);
    let centers = Array2::from_shape_fn((40, COLUMNS), |_| rng.random_range(-5.0..5.0));
    let x = Array2::from_shape_fn((rows, COLUMNS), |(row, column)| {
        let noise: f64 = (0..6).map(|_| rng.random_range(-2.0..2.0)).sum();
        centers[[row % 40, column]] + noise
    });
    let start = Instant::now();
    let tree = Linkage::of(x.view(), LinkageMethod::Ward)?;
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(tree.rows(), rows);
    // Two scans a merge, over half of the rows on average, if none ends early.
    let compared = (rows * rows * COLUMNS) as f64;
    let megabytes = peak_kilobytes().map_or("–".to_string(), |kb| format!("{:.0}", kb as f64 / 1e3));
    println!(
        "| {rows} | {seconds:.2} | {:.1} | {megabytes} | {:.1} |",
        compared / seconds / 1e9,
        (rows * COLUMNS * 8) as f64 / 1e6
    );
    Ok(())
}

/// The most memory that this process has had, where Linux tells it.
fn peak_kilobytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
}
