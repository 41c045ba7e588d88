//! [`Selection`]: the columns that are kept, what every selector hands on.

use crate::step::{ROWS, another_kind, map_blocks, same_blocks, same_columns};
use adflux_core::{Block, Column, Error, Features, Result, Values};
use ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sprs::CsMat;
use std::sync::Arc;

/// The kept columns of each block, in their order. A block of which none is kept goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Selection {
    blocks: Vec<Kept>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Kept {
    columns: Arc<[Column]>,
    output: Arc<[Column]>,
    #[serde(with = "adflux_core::arrays")]
    places: Vec<u32>,
    sparse: bool,
}

impl Selection {
    /// Keeps the columns of `x` for which `keep` is true, one entry a column over all blocks.
    pub(super) fn new(x: &Features, keep: &[bool]) -> Self {
        let mut keep = keep.iter();
        let blocks = x.blocks().iter().map(|block| {
            let places: Vec<u32> = (0..block.columns().len() as u32)
                .zip(keep.by_ref().take(block.columns().len()))
                .filter_map(|(place, keep)| keep.then_some(place))
                .collect();
            let columns = block.columns().clone();
            let output = if places.len() == columns.len() {
                columns.clone()
            } else {
                places.iter().map(|p| columns[*p as usize].clone()).collect()
            };
            Kept { columns, output, places, sparse: matches!(block.values(), Values::Sparse(_)) }
        });
        Selection { blocks: blocks.collect() }
    }

    /// The columns of the fit, in order.
    pub(super) fn columns(&self) -> impl Iterator<Item = &Column> {
        self.blocks.iter().flat_map(|b| b.columns.iter())
    }

    /// The columns that are kept, in order.
    pub(super) fn kept(&self) -> impl Iterator<Item = &Column> {
        self.blocks.iter().flat_map(|b| b.output.iter())
    }

    pub(super) fn apply(&self, kind: &str, x: Features) -> Result<Features> {
        same_blocks(kind, self.blocks.len(), &x)?;
        let rows = x.rows();
        let blocks = map_blocks(x, |i, columns, values| {
            let kept = &self.blocks[i];
            let values = match values {
                Values::Dense(x) if !kept.sparse => Values::Dense(x),
                Values::Sparse(x) if kept.sparse => Values::Sparse(x),
                _ => return Err(another_kind(kind, if kept.sparse { "sparse numbers" } else { "numbers" }, &columns)),
            };
            same_columns(kind, &kept.columns, &columns)?;
            kept.select(kind, values)
        })?;
        let blocks = blocks.into_blocks().into_iter().filter(|b| !b.columns().is_empty()).collect();
        Features::trusted(rows, blocks)
    }
}

impl Kept {
    fn select(&self, kind: &str, values: Values) -> Result<Block> {
        if self.output.len() != self.places.len() || self.places.iter().any(|p| *p as usize >= self.columns.len()) {
            let reason = format!("places {:?} of {} columns", self.places, self.columns.len());
            return Err(Error::State { kind: kind.into(), reason });
        }
        if self.places.len() == self.columns.len() {
            return Block::new(self.output.clone(), values);
        }
        let values = match values {
            Values::Dense(x) => Values::Dense(dense_columns(&x, &self.places)?),
            Values::Sparse(x) => Values::Sparse(sparse_columns(&x, &self.places)?),
            other => other,
        };
        Block::new(self.output.clone(), values)
    }
}

fn dense_columns(x: &Array2<f64>, places: &[u32]) -> Result<Array2<f64>> {
    let mut out = vec![0.0; x.nrows() * places.len()];
    let copy = |(block, to): (usize, &mut [f64])| {
        for (row, to) in to.chunks_exact_mut(places.len().max(1)).enumerate() {
            let from = x.row(block * ROWS + row);
            to.iter_mut().zip(places).for_each(|(to, place)| *to = from[*place as usize]);
        }
    };
    if places.is_empty() || x.nrows() <= ROWS {
        copy((0, &mut out));
    } else {
        out.par_chunks_mut(ROWS * places.len()).enumerate().for_each(copy);
    }
    Array2::from_shape_vec((x.nrows(), places.len()), out).map_err(Error::backend)
}

/// Marks a column that is not kept.
const GONE: u32 = u32::MAX;

fn sparse_columns(x: &CsMat<f64>, places: &[u32]) -> Result<CsMat<f64>> {
    let mut to = vec![GONE; x.cols()];
    for (new, place) in places.iter().enumerate() {
        to[*place as usize] = new as u32;
    }
    let (mut ends, mut columns, mut values) = (Vec::with_capacity(x.rows() + 1), Vec::new(), Vec::new());
    ends.push(0);
    for row in x.outer_iterator() {
        for (column, value) in row.iter().filter(|(column, _)| to[*column] != GONE) {
            columns.push(to[column] as usize);
            values.push(*value);
        }
        ends.push(columns.len());
    }
    CsMat::try_new((x.rows(), places.len()), ends, columns, values).map_err(|(_, _, _, e)| Error::data(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn columns_are_taken_out_of_dense_and_sparse_blocks_and_empty_blocks_go() {
        let x = array![[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]];
        let sparse = CsMat::csr_from_dense(x.view(), 0.0);
        let named = |prefix: &str| (0..3).map(|c| Column::input(format!("{prefix}{c}"))).collect::<Vec<_>>();
        let dense = Block::new(named("d"), Values::Dense(x.clone())).unwrap();
        let sparse = Block::new(named("s"), Values::Sparse(sparse)).unwrap();
        let features = Features::new(2, vec![dense, sparse]).unwrap();
        let select = |keep: [bool; 6]| Selection::new(&features, &keep).apply("test", features.clone()).unwrap();
        let both = select([true, false, true, false, true, true]);
        let names: Vec<&str> = both.columns().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["d0", "d2", "s1", "s2"]);
        let (Values::Dense(d), Values::Sparse(s)) = (both.blocks()[0].values(), both.blocks()[1].values()) else {
            panic!("kinds are kept")
        };
        assert_eq!((d, s.to_dense()), (&array![[1.0, 2.0], [0.0, 0.0]], array![[0.0, 2.0], [3.0, 0.0]]));
        assert_eq!(select([true, true, true, false, false, false]).blocks().len(), 1);
    }
}
