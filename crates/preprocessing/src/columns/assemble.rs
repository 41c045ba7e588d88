//! The blocks of all branches side by side.

use crate::step::ROWS;
use adflux_core::{Block, Column, Error, Features, Result, Values};
use ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sprs::CsMat;
use std::sync::Arc;

/// The columns of the joined blocks. Found once at fit, so that a transform builds no names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Layout {
    dense: Arc<[Column]>,
    sparse: Arc<[Column]>,
    /// Columns of blocks that are neither, which are handed on as they are.
    others: Arc<[Column]>,
}

impl Layout {
    pub(super) fn of(blocks: &[Block]) -> Self {
        let columns = |wanted: fn(&Values) -> bool| -> Arc<[Column]> {
            blocks.iter().filter(|b| wanted(b.values())).flat_map(|b| b.columns().iter().cloned()).collect()
        };
        Layout {
            dense: columns(|v| matches!(v, Values::Dense(_))),
            sparse: columns(|v| matches!(v, Values::Sparse(_))),
            others: columns(|v| !matches!(v, Values::Dense(_) | Values::Sparse(_))),
        }
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = &Column> {
        self.dense.iter().chain(self.sparse.iter()).chain(self.others.iter())
    }

    /// One dense block, one sparse block, and the others, of blocks that have the columns of this layout.
    pub(super) fn assemble(&self, rows: usize, blocks: Vec<Block>) -> Result<Features> {
        let (mut dense, mut sparse, mut joined) = (Vec::new(), Vec::new(), Vec::with_capacity(2));
        let mut others = Vec::new();
        for block in blocks {
            let (columns, values) = block.into_parts();
            match values {
                Values::Dense(x) => dense.push(x),
                Values::Sparse(x) => sparse.push(x),
                values => others.push(Block::new(columns, values)?),
            }
        }
        if !self.dense.is_empty() {
            joined.push(Block::new(self.dense.clone(), Values::Dense(side_by_side(rows, dense)?))?);
        }
        if !self.sparse.is_empty() {
            joined.push(Block::new(self.sparse.clone(), Values::Sparse(sparse_side_by_side(rows, sparse)?))?);
        }
        joined.extend(others);
        Features::trusted(rows, joined)
    }
}

fn side_by_side(rows: usize, mut parts: Vec<Array2<f64>>) -> Result<Array2<f64>> {
    if parts.len() == 1 {
        return Ok(parts.remove(0));
    }
    let parts: Vec<Array2<f64>> = parts
        .into_iter()
        .map(|p| if p.is_standard_layout() { p } else { p.as_standard_layout().into_owned() })
        .collect();
    let width: usize = parts.iter().map(Array2::ncols).sum();
    let mut values = vec![0.0; rows * width];
    let copy = |(block, values): (usize, &mut [f64])| {
        for (row, to) in values.chunks_exact_mut(width).enumerate() {
            let mut at = 0;
            for part in &parts {
                if let Some(from) = part.row(block * ROWS + row).as_slice() {
                    to[at..at + from.len()].copy_from_slice(from);
                    at += from.len();
                }
            }
        }
    };
    if width > 0 && rows <= ROWS {
        copy((0, &mut values));
    } else if width > 0 {
        values.par_chunks_mut(ROWS * width).enumerate().for_each(copy);
    }
    Array2::from_shape_vec((rows, width), values).map_err(Error::backend)
}

fn sparse_side_by_side(rows: usize, mut parts: Vec<CsMat<f64>>) -> Result<CsMat<f64>> {
    if parts.len() == 1 {
        return Ok(parts.remove(0));
    }
    let entries = parts.iter().map(CsMat::nnz).sum();
    let (mut ends, mut columns) = (Vec::with_capacity(rows + 1), Vec::with_capacity(entries));
    let mut values = Vec::with_capacity(entries);
    ends.push(0);
    for row in 0..rows {
        let mut first = 0;
        for part in &parts {
            if let Some(row) = part.outer_view(row) {
                columns.extend(row.indices().iter().map(|c| first + c));
                values.extend_from_slice(row.data());
            }
            first += part.cols();
        }
        ends.push(columns.len());
    }
    let width = parts.iter().map(CsMat::cols).sum();
    CsMat::try_new((rows, width), ends, columns, values).map_err(|(_, _, _, e)| Error::data(e.to_string()))
}
