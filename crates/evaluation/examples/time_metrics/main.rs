//! How long measures of many rows take, in seconds, as JSON. `benches/peers/evaluation.py` writes the file, calls this and does the
//! same work in scikit-learn:
//!
//! ```sh
//! python benches/peers/evaluation.py
//! ```
//!
//! The file: how many rows there are (u64), then, each for all rows, the scores, predictions, amounts and weights (f64) and the truth
//! (u8); all little-endian.

mod cases;

use adflux_core::{Error, Result};
use cases::Rows;
use ndarray::Array1;
use std::{collections::BTreeMap, fs, time::Instant};

const RUNS: usize = 3;

fn main() -> Result<()> {
    let path = std::env::args().nth(1).ok_or_else(|| Error::data("usage: time_metrics <file>"))?;
    let rows = read(&fs::read(path).map_err(|e| Error::data(e.to_string()))?)?;
    let mut found = BTreeMap::new();
    for (name, case) in rows.cases() {
        let (mut seconds, mut value) = (f64::INFINITY, 0.0);
        for _ in 0..RUNS {
            let start = Instant::now();
            value = case()?;
            seconds = seconds.min(start.elapsed().as_secs_f64());
        }
        found.insert(name, [seconds, value]);
    }
    println!("{}", serde_json::to_string(&found).map_err(Error::backend)?);
    Ok(())
}

fn read(bytes: &[u8]) -> Result<Rows> {
    let short = || Error::data("the file is shorter than it says");
    let (head, rest) = bytes.split_first_chunk().ok_or_else(short)?;
    let rows = u64::from_le_bytes(*head) as usize;
    if rest.len() != rows * 33 {
        return Err(short());
    }
    let (numbers, truth) = rest.split_at(rows * 32);
    let numbers: Vec<f64> = numbers.as_chunks().0.iter().map(|number| f64::from_le_bytes(*number)).collect();
    let column = |place: usize| Array1::from(numbers[place * rows..(place + 1) * rows].to_vec());
    let truth = truth.iter().map(|byte| *byte != 0).collect();
    Ok(Rows::new(truth, [column(0), column(1), column(2), column(3)]))
}
