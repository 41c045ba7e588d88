//! The blocks of all branches side by side.

use adflux_core::{Block, Column, Error, Features, Result, Values};
use ndarray::Array2;
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

/// Joins parts of the same rows. The widest part is widened in its place, so that it does not lie in memory twice.
fn side_by_side(rows: usize, mut parts: Vec<Array2<f64>>) -> Result<Array2<f64>> {
    if parts.len() == 1 {
        return Ok(parts.remove(0));
    }
    for part in parts.iter_mut().filter(|part| !part.is_standard_layout()) {
        *part = part.as_standard_layout().into_owned();
    }
    let width: usize = parts.iter().map(Array2::ncols).sum();
    let widest = (0..parts.len()).max_by_key(|part| parts[*part].ncols()).unwrap_or_default();
    let right = parts.split_off(widest + 1);
    let Some(base) = parts.pop() else { return Ok(Array2::zeros((rows, 0))) };
    let own = base.ncols();
    // An array that was cut out of a larger one begins somewhere in its memory.
    let mut values = match base.into_raw_vec_and_offset() {
        (values, None | Some(0)) => values,
        (values, Some(start)) => values[start..].to_vec(),
    };
    values.truncate(rows * own);
    values.reserve_exact(rows * width - values.len());
    values.resize(rows * width, 0.0);
    let before: usize = parts.iter().map(Array2::ncols).sum();
    // From the last row on, because a row moves behind where it was.
    for row in (0..rows).rev() {
        let start = row * width;
        values.copy_within(row * own..(row + 1) * own, start + before);
        for (parts, mut at) in [(&parts, start), (&right, start + before + own)] {
            for part in parts {
                if let Some(from) = part.row(row).as_slice() {
                    values[at..at + from.len()].copy_from_slice(from);
                    at += from.len();
                }
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Axis, array, concatenate, s};

    #[test]
    fn parts_stand_side_by_side_wherever_the_widest_is() {
        let (a, b, c) =
            (array![[1.0], [2.0], [3.0]], array![[4.0, 5.0], [6.0, 7.0], [8.0, 9.0]], array![[0.5], [0.25], [0.125]]);
        for parts in [vec![&a, &b, &c], vec![&b, &a, &c], vec![&a, &c, &b], vec![&a, &c], vec![&b, &b]] {
            let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
            let expected = concatenate(Axis(1), &views).unwrap();
            assert_eq!(side_by_side(3, parts.into_iter().cloned().collect()).unwrap(), expected);
        }
    }

    #[test]
    fn parts_by_columns_and_parts_cut_out_of_others_are_taken_as_well() {
        let columns = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]].reversed_axes();
        let cut = array![[9.0, 9.0, 9.0], [1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]].slice_move(s![1.., ..]);
        let joined = side_by_side(3, vec![columns.clone(), cut.clone()]).unwrap();
        assert_eq!(joined, concatenate![Axis(1), columns, cut]);
        assert_eq!(side_by_side(0, vec![Array2::zeros((0, 2)), Array2::zeros((0, 1))]).unwrap().dim(), (0, 3));
    }
}
