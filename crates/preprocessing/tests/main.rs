//! Tests of adflux-preprocessing through its public interface.

mod columns;
mod conformance;
mod encoders;
mod golden;
mod numeric;
mod properties;
mod reduction;
mod refusals;
mod scalers;
mod text_vectors;

use adflux_core::{Block, Categories, Column, Features, Values};
use ndarray::Array2;
use std::collections::HashMap;

/// Rows of numbers as JSON has them: `None` is NaN.
type Rows = Vec<Vec<Option<f64>>>;

fn matrix(rows: &Rows) -> Array2<f64> {
    let width = rows.first().map_or(0, Vec::len);
    let values = rows.iter().flatten().map(|v| v.unwrap_or(f64::NAN)).collect();
    Array2::from_shape_vec((rows.len(), width), values).unwrap()
}

fn numbers(rows: &Rows) -> Features {
    Features::from_dense(matrix(rows), ["a", "b", "c", "d"]).unwrap()
}

/// All columns of `x` as one dense matrix, the sparse ones made dense.
fn values(x: &Features) -> Array2<f64> {
    let parts: Vec<Array2<f64>> = (x.blocks().iter())
        .map(|block| match block.values() {
            Values::Dense(x) => x.clone(),
            Values::Sparse(x) => x.to_dense(),
            other => panic!("not numbers: {other:?}"),
        })
        .collect();
    let views: Vec<_> = parts.iter().map(Array2::view).collect();
    ndarray::concatenate(ndarray::Axis(1), &views).unwrap()
}

fn names(x: &Features) -> Vec<&str> {
    x.columns().map(|c| c.name.as_str()).collect()
}

fn categories(levels: &[Option<&str>]) -> Categories {
    let (mut known, mut all) = (HashMap::new(), Vec::new());
    let mut code = |level: &Option<&str>| match level {
        None => Categories::MISSING,
        Some(level) => *known.entry(level.to_string()).or_insert_with(|| {
            all.push(level.to_string());
            all.len() as u32 - 1
        }),
    };
    Categories { codes: levels.iter().map(&mut code).collect(), levels: all.into() }
}

fn category(name: &str, levels: &[Option<&str>]) -> Block {
    Block::new(vec![Column::input(name)], Values::Category(categories(levels))).unwrap()
}

fn texts(name: &str, texts: &[&str]) -> Features {
    let values = Values::Text(texts.iter().map(|t| t.to_string()).collect());
    Features::new(texts.len(), vec![Block::new(vec![Column::input(name)], values).unwrap()]).unwrap()
}
