//! [`OneHotEncoder`]: a 0/1 column for each level of a category.

use crate::step::{Learn, ROWS, same_blocks, same_columns, step};
use adflux_core::{Block, Categories, Column, Context, Error, Features, Result, Training, Transform, Values};
use adflux_text::Vocabulary;
use ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sprs::CsMat;
use std::sync::Arc;

/// What becomes of a level that was not there in training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandleUnknown {
    /// All columns of the category are 0.
    #[default]
    Ignore,
    /// An error that names the column, the row and the level.
    Error,
}

/// Which level of each category gets no column, so that the columns of a category do not add up to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DropLevel {
    /// None.
    #[default]
    None,
    /// The first of every category.
    First,
    /// The first of categories with exactly two levels.
    IfBinary,
}

/// Turns categorical columns into one block with a 0/1 column `<column>=<level>` for each level seen in training.
///
/// Takes categorical blocks. The levels of a category are sorted; a missing value is a level of its own,
/// `<column>=missing`, behind the others and only if values were missing in training (`<column>=(missing)` should a level
/// be called `missing`). The columns of one category stand together, in the order of the input.
///
/// Two defaults differ from scikit-learn's `OneHotEncoder`. `handle_unknown` is `ignore`, not `error`: a service that
/// predicts must not fail because an ad ran in a new city. `sparse_output` is `false`: the models here take dense features,
/// and categories have few levels; use it for categories with thousands. With `drop`, an unknown level looks
/// like the dropped one. O(rows × columns).
///
/// ```
/// use adflux_core::{Block, Categories, Column, Features, Fit, Training, Transform, Values};
/// use adflux_preprocessing::OneHotEncoder;
/// use ndarray::array;
///
/// let platform = Categories { codes: vec![0, 1, 0], levels: vec!["META".to_string(), "GOOGLE".to_string()].into() };
/// let x = Features::new(3, vec![Block::new(vec![Column::input("platform")], Values::Category(platform))?])?;
/// let encoded = OneHotEncoder::default().fit(Training::new(x.clone()))?.transform(x)?;
/// let names: Vec<&str> = encoded.columns().map(|c| c.name.as_str()).collect();
/// assert_eq!(names, ["platform=GOOGLE", "platform=META"]);
/// assert_eq!(encoded.dense("example")?, array![[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OneHotEncoder {
    /// What becomes of a level that was not there in training. Default: [`HandleUnknown::Ignore`].
    pub handle_unknown: HandleUnknown,
    /// Which level gets no column. Default: [`DropLevel::None`].
    pub drop: DropLevel,
    /// Whether the block is sparse. Default: `false`.
    pub sparse_output: bool,
}

impl OneHotEncoder {
    /// What becomes of a level that was not there in training.
    pub fn handle_unknown(mut self, handle_unknown: HandleUnknown) -> Self {
        self.handle_unknown = handle_unknown;
        self
    }

    /// Which level gets no column.
    pub fn drop(mut self, drop: DropLevel) -> Self {
        self.drop = drop;
        self
    }

    /// Whether the block is sparse.
    pub fn sparse_output(mut self, sparse_output: bool) -> Self {
        self.sparse_output = sparse_output;
        self
    }
}

/// A fitted [`OneHotEncoder`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedOneHotEncoder {
    categories: Vec<Encoded>,
    output: Arc<[Column]>,
    error_on_unknown: bool,
    sparse_output: bool,
}

/// One category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Encoded {
    columns: Arc<[Column]>,
    levels: Vocabulary,
    /// Whether a missing value is a level, the one behind `levels`.
    missing: bool,
    /// Whether the first level has no column.
    dropped: bool,
    /// The first of its output columns.
    start: u32,
}

step!(OneHotEncoder => FittedOneHotEncoder, "one-hot-encoder", version = 1);
const KIND: &str = "one-hot-encoder";

/// In place of an output column: a dropped level.
const NO_COLUMN: u32 = u32::MAX;
/// In place of an output column: a level that training did not have.
const UNKNOWN: u32 = u32::MAX - 1;

impl Learn for OneHotEncoder {
    type Fitted = FittedOneHotEncoder;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedOneHotEncoder> {
        let (mut categories, mut output) = (Vec::with_capacity(data.x.blocks().len()), Vec::new());
        for block in data.x.blocks() {
            context.check()?;
            let (Values::Category(x), [column]) = (block.values(), &block.columns()[..]) else {
                return Err(block.refused_by(KIND));
            };
            let mut category = Encoded::learn(x, block.columns().clone(), output.len() as u32);
            let levels = category.levels.len() + usize::from(category.missing);
            category.dropped = match self.drop {
                DropLevel::None => false,
                DropLevel::First => true,
                DropLevel::IfBinary => levels == 2,
            };
            output.extend(category.names(column).skip(usize::from(category.dropped)).map(|name| column.derive(name)));
            categories.push(category);
        }
        let error_on_unknown = self.handle_unknown == HandleUnknown::Error;
        Ok(FittedOneHotEncoder {
            categories,
            output: output.into(),
            error_on_unknown,
            sparse_output: self.sparse_output,
        })
    }
}

impl Encoded {
    fn learn(x: &Categories, columns: Arc<[Column]>, start: u32) -> Self {
        // Rows may have been taken out of a larger table whose levels are all still listed: only what is used counts.
        let (mut used, mut missing) = (vec![false; x.levels.len()], false);
        for &code in &x.codes {
            match used.get_mut(code as usize) {
                Some(used) => *used = true,
                None => missing = true,
            }
        }
        let levels = x.levels.iter().zip(used).filter(|(_, used)| *used).map(|(level, _)| level);
        Encoded { columns, levels: Vocabulary::new(levels), missing, dropped: false, start }
    }

    fn names(&self, column: &Column) -> impl Iterator<Item = String> {
        let missing = if self.levels.get("missing").is_some() { "(missing)" } else { "missing" };
        self.levels.iter().chain(self.missing.then_some(missing)).map(|level| format!("{}={level}", column.name))
    }

    /// The output column of a level by its number in the sorted order.
    fn column_of(&self, level: Option<u32>) -> u32 {
        match level {
            None => UNKNOWN,
            Some(0) if self.dropped => NO_COLUMN,
            Some(level) => self.start + level - u32::from(self.dropped),
        }
    }

    /// The output column of each code of `x`, and of a missing value at the end.
    fn columns_of_codes(&self, x: &Categories) -> Vec<u32> {
        let missing = self.column_of(self.missing.then_some(self.levels.len() as u32));
        x.levels.iter().map(|level| self.column_of(self.levels.get(level))).chain([missing]).collect()
    }
}

/// The codes of one category, and the output column of each code.
struct Coded<'a> {
    codes: &'a [u32],
    columns: Vec<u32>,
}

impl Coded<'_> {
    fn column(&self, row: usize) -> u32 {
        // The last column is that of a missing value, whose code is larger than any.
        self.columns[(self.codes[row] as usize).min(self.columns.len() - 1)]
    }
}

impl Transform<Features> for FittedOneHotEncoder {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        same_blocks(KIND, self.categories.len(), &x)?;
        let mut coded = Vec::with_capacity(self.categories.len());
        for (fitted, block) in self.categories.iter().zip(x.blocks()) {
            let Values::Category(category) = block.values() else { return Err(block.refused_by(KIND)) };
            same_columns(KIND, &fitted.columns, block.columns())?;
            let coded_block = Coded { codes: &category.codes, columns: fitted.columns_of_codes(category) };
            if self.error_on_unknown {
                refuse_unknown(&coded_block, category, block.columns())?;
            }
            coded.push(coded_block);
        }
        let rows = x.rows();
        let values = if self.sparse_output {
            Values::Sparse(sparse(&coded, rows, self.output.len())?)
        } else {
            Values::Dense(dense(&coded, rows, self.output.len()))
        };
        Features::trusted(rows, vec![Block::new(self.output.clone(), values)?])
    }
}

fn refuse_unknown(coded: &Coded<'_>, category: &Categories, columns: &[Column]) -> Result<()> {
    let Some(row) = (0..coded.codes.len()).find(|row| coded.column(*row) == UNKNOWN) else { return Ok(()) };
    let name = columns.first().map_or("", |c| c.name.as_str());
    let what = category.get(row).map_or("a missing value".into(), |level| format!("the level `{level}`"));
    let reason = format!("{what} was not there in training: set `handle_unknown` to `ignore` to encode it as zeros");
    Err(Error::cell(name, row, reason))
}

fn dense(coded: &[Coded<'_>], rows: usize, width: usize) -> Array2<f64> {
    let mut x = Array2::zeros((rows, width));
    let fill = |(block, values): (usize, &mut [f64])| {
        for coded in coded {
            for (row, values) in values.chunks_exact_mut(width).enumerate() {
                if let Some(value) = values.get_mut(coded.column(block * ROWS + row) as usize) {
                    *value = 1.0;
                }
            }
        }
    };
    if let Some(values) = x.as_slice_mut().filter(|v| !v.is_empty()) {
        if rows <= ROWS {
            fill((0, values));
        } else {
            values.par_chunks_mut(ROWS * width).enumerate().for_each(fill);
        }
    }
    x
}

fn sparse(coded: &[Coded<'_>], rows: usize, width: usize) -> Result<CsMat<f64>> {
    let (mut ends, mut columns) = (Vec::with_capacity(rows + 1), Vec::with_capacity(rows * coded.len()));
    ends.push(0);
    for row in 0..rows {
        columns.extend(coded.iter().map(|c| c.column(row) as usize).filter(|c| *c < width));
        ends.push(columns.len());
    }
    let ones = vec![1.0; columns.len()];
    CsMat::try_new((rows, width), ends, columns, ones).map_err(|(_, _, _, e)| Error::data(e.to_string()))
}
