//! Features that hashes choose: a fixed number of columns, named by their numbers, for every step without a vocabulary.

use adflux_core::{Block, Column, Error, Result, Values, parameter};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sprs::CsMat;
use std::sync::Arc;

/// The most features that hashes may choose from. Each has a name and a lineage, and takes about 100 bytes.
const MOST: usize = 1 << 22;
/// Rows that are hashed together.
const ROWS: usize = 4096;

/// # Errors
/// [`Error::Parameter`] when there are no features or too many.
pub(crate) fn check(n_features: usize) -> Result<()> {
    parameter::between_one_and(MOST, "n_features", n_features)
}

/// The columns `<input>#0`, `<input>#1` and so on, that come from `inputs` together.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub(crate) struct HashedColumns {
    pub(crate) inputs: Arc<[Column]>,
    output: Arc<[Column]>,
}

/// What [`HashedColumns`] are saved as: the names follow from the number.
#[derive(Serialize, Deserialize)]
struct Saved {
    inputs: Arc<[Column]>,
    n_features: u32,
}

impl From<HashedColumns> for Saved {
    fn from(columns: HashedColumns) -> Self {
        Saved { n_features: columns.width(), inputs: columns.inputs }
    }
}

impl TryFrom<Saved> for HashedColumns {
    type Error = Error;
    fn try_from(saved: Saved) -> Result<Self> {
        check(saved.n_features as usize)?;
        Ok(HashedColumns::new(saved.inputs, saved.n_features as usize))
    }
}

impl HashedColumns {
    /// `n_features`, which have been checked, of `inputs`.
    pub(crate) fn new(inputs: Arc<[Column]>, n_features: usize) -> Self {
        let name = inputs.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join("+");
        let mut sources: Vec<String> = Vec::new();
        for source in inputs.iter().flat_map(|c| &c.sources) {
            if !sources.contains(source) {
                sources.push(source.clone());
            }
        }
        let column = |number| Column { name: format!("{name}#{number}"), sources: sources.clone() };
        HashedColumns { output: (0..n_features).map(column).collect(), inputs }
    }

    /// How many there are.
    pub(crate) fn width(&self) -> u32 {
        self.output.len() as u32
    }

    /// A sparse block of `rows` rows. `hash` appends the `(column, value)` pairs of a row, in any order and with repeats, which
    /// are added up; `finish` has the last word on the values of each row. State that `hash` needs is made once a block of rows.
    pub(crate) fn block<S>(
        &self,
        rows: usize,
        state: impl Fn() -> S + Sync,
        hash: impl Fn(&mut S, usize, &mut Vec<(u32, f64)>) + Sync,
        finish: impl Fn(&mut [f64]) + Sync,
    ) -> Result<Block> {
        let hash_rows = |block: usize| {
            let (mut state, mut pairs) = (state(), Vec::new());
            let (mut ends, mut columns, mut values) = (Vec::new(), Vec::<usize>::new(), Vec::<f64>::new());
            for row in block * ROWS..((block + 1) * ROWS).min(rows) {
                let start = values.len();
                hash(&mut state, row, &mut pairs);
                pairs.sort_unstable_by_key(|(column, _)| *column);
                for run in pairs.chunk_by(|a, b| a.0 == b.0) {
                    columns.push(run[0].0 as usize);
                    values.push(run.iter().map(|(_, value)| value).sum());
                }
                pairs.clear();
                finish(&mut values[start..]);
                ends.push(values.len());
            }
            (ends, columns, values)
        };
        let blocks: Vec<_> = if rows <= ROWS {
            (0..rows.div_ceil(ROWS)).map(hash_rows).collect()
        } else {
            (0..rows.div_ceil(ROWS)).into_par_iter().map(hash_rows).collect()
        };
        let entries = blocks.iter().map(|(_, columns, _)| columns.len()).sum();
        let (mut ends, mut columns) = (Vec::with_capacity(rows + 1), Vec::with_capacity(entries));
        let mut values = Vec::with_capacity(entries);
        ends.push(0);
        for (block_ends, block_columns, block_values) in blocks {
            ends.extend(block_ends.iter().map(|end| columns.len() + end));
            columns.extend(block_columns);
            values.extend(block_values);
        }
        let x = CsMat::try_new((rows, self.output.len()), ends, columns, values);
        let x = x.map_err(|(_, _, _, e)| Error::data(e.to_string()))?;
        Block::new(self.output.clone(), Values::Sparse(x))
    }
}
