//! The adflux side of `benches/peers/mixed.py`: prints the seconds of k-prototypes and of Gower distances on a file of its making.
//!
//! The file: rows, numeric columns, categories, segments, rows for Gower distances (u64), then the numbers by row (f64), the codes by row
//! (u64), and the rows the prototypes start as (u64).

use adflux_clustering::{KPrototypes, PrototypeInit, gower_distances};
use adflux_core::{Block, Categories, Column, Error, Features, Fit as _, Result, Rows as _, Training, Values};
use ndarray::Array2;
use std::time::Instant;

fn best_of<T>(tries: usize, mut work: impl FnMut() -> Result<T>) -> Result<(f64, T)> {
    let mut best: Option<(f64, T)> = None;
    for _ in 0..tries {
        let start = Instant::now();
        let result = work()?;
        let seconds = start.elapsed().as_secs_f64();
        if best.as_ref().is_none_or(|best| seconds < best.0) {
            best = Some((seconds, result));
        }
    }
    best.ok_or_else(|| Error::data("no tries"))
}

fn main() -> Result<()> {
    let path = std::env::args().nth(1).ok_or_else(|| Error::data("give the file"))?;
    let bytes = std::fs::read(&path).map_err(|e| Error::io(&path, e))?;
    let mut words = bytes.chunks_exact(8).map(|w| w.iter().rev().fold(0_u64, |all, byte| all << 8 | u64::from(*byte)));
    let mut next = || words.next().ok_or_else(|| Error::data("the file is too short"));
    let mut count = || next().map(|word| word as usize);
    let (rows, numeric, categories, k, few) = (count()?, count()?, count()?, count()?, count()?);
    let mut numbers = Array2::zeros((rows, numeric));
    for value in &mut numbers {
        *value = f64::from_bits(next()?);
    }
    let mut codes = vec![vec![0; rows]; categories];
    for row in 0..rows {
        for column in &mut codes {
            column[row] = next()? as u32;
        }
    }
    let start = (0..k).map(|_| Ok(next()? as usize)).collect::<Result<Vec<_>>>()?;

    let names: Vec<Column> = (0..numeric).map(|i| Column::input(format!("n{i}"))).collect();
    let mut blocks = vec![Block::new(names, Values::Dense(numbers))?];
    for (i, codes) in codes.into_iter().enumerate() {
        let levels: Vec<String> = (0..=codes.iter().copied().max().unwrap_or(0)).map(|code| code.to_string()).collect();
        let values = Values::Category(Categories { codes, levels: levels.into() });
        blocks.push(Block::new(vec![Column::input(format!("c{i}"))], values)?);
    }
    let x = Features::new(rows, blocks)?;
    let recipe = KPrototypes::new(k).init(PrototypeInit::Rows(start));
    let (seconds, model) = best_of(3, || recipe.fit(Training::new(x.clone())))?;
    let head = x.take(&(0..few.min(rows)).collect::<Vec<_>>());
    let (gower_seconds, distances) = best_of(3, || gower_distances(&head))?;
    println!(
        "{{\"seconds\":{seconds},\"cost\":{},\"n_iter\":{},\"gower_seconds\":{gower_seconds},\"gower_sum\":{}}}",
        model.cost(),
        model.n_iter(),
        2.0 * distances.values().iter().sum::<f64>()
    );
    Ok(())
}
