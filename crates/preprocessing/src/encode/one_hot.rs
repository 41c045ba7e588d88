//! [`OneHotEncoder`]: a 0/1 column for each level of a category.

use super::levels::{Coded, Levels, Pooling, category_of, filled, refuse_unknown};
use crate::step::{Learn, same_blocks, same_columns, step};
use adflux_core::{
    Block, Column, Component, Context, Error, Features, Registry, Result, Training, Transform, Values,
    component::{decode, encode},
};
use adflux_text::{Frequency, Vocabulary};
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
    /// The column of rare levels is 1; without rare levels all columns are 0.
    InfrequentIfExist,
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
/// Levels are pooled when they stand in fewer rows than `min_frequency`, and when there are more than `max_categories`: the rarest
/// then share one column `<column>=infrequent`, the last (`<column>=(infrequent)` should a level be called `infrequent`). Missing
/// values may be pooled too. With `handle_unknown = infrequent_if_exist` new levels count as rare ones. Row weights do not count.
///
/// Two defaults differ from scikit-learn's `OneHotEncoder`. `handle_unknown` is `ignore`, not `error`: a service that
/// predicts must not fail because an ad ran in a new city. `sparse_output` is `false`: the models here take dense features,
/// and categories have few levels; use it for categories with thousands. With `drop`, an unknown level looks
/// like the dropped one. The pooled levels are scikit-learn's, its column is called `infrequent_sklearn`. O(rows × columns).
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
    /// Levels of fewer rows are pooled: a number of rows, or a share of them. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_frequency: Option<Frequency>,
    /// At most this many columns a category, the pool being one of them; the rarest levels are pooled. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_categories: Option<usize>,
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

    /// Levels of fewer rows are pooled: a number of rows (`10`), or a share of them (`0.01`).
    pub fn min_frequency(mut self, min_frequency: impl Into<Frequency>) -> Self {
        self.min_frequency = Some(min_frequency.into());
        self
    }

    /// At most this many columns a category, the pool being one of them.
    pub fn max_categories(mut self, max_categories: usize) -> Self {
        self.max_categories = Some(max_categories);
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
    handle_unknown: HandleUnknown,
    sparse_output: bool,
}

/// One category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Encoded {
    columns: Arc<[Column]>,
    levels: Levels,
    /// Whether the first place has no column.
    dropped: bool,
    /// The first of its output columns.
    start: u32,
}

step!(OneHotEncoder => FittedOneHotEncoder, "one-hot-encoder");
const KIND: &str = "one-hot-encoder";

/// In place of an output column: none.
const NO_COLUMN: u32 = u32::MAX;

impl Learn for OneHotEncoder {
    type Fitted = FittedOneHotEncoder;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedOneHotEncoder> {
        let pooling = Pooling { min_frequency: self.min_frequency, max_categories: self.max_categories };
        pooling.check()?;
        let (mut categories, mut output) = (Vec::with_capacity(data.x.blocks().len()), Vec::new());
        for block in data.x.blocks() {
            context.check()?;
            let (column, x) = category_of(KIND, block)?;
            let (levels, _) = Levels::learn(x, true, pooling);
            let dropped = match self.drop {
                DropLevel::None => false,
                DropLevel::First => true,
                DropLevel::IfBinary => levels.len() == 2,
            };
            let start = output.len() as u32;
            let kept = levels.names().skip(usize::from(dropped));
            output.extend(kept.map(|name| column.derive(format!("{}={name}", column.name))));
            categories.push(Encoded { columns: block.columns().clone(), levels, dropped, start });
        }
        Ok(FittedOneHotEncoder {
            categories,
            output: output.into(),
            handle_unknown: self.handle_unknown,
            sparse_output: self.sparse_output,
        })
    }
}

impl Encoded {
    /// The output column of a place.
    fn column_of(&self, place: Option<u32>) -> u32 {
        match place {
            None => NO_COLUMN,
            Some(0) if self.dropped => NO_COLUMN,
            Some(place) => self.start.saturating_add(place - u32::from(self.dropped)),
        }
    }
}

impl Transform<Features> for FittedOneHotEncoder {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        same_blocks(KIND, self.categories.len(), &x)?;
        let mut coded = Vec::with_capacity(self.categories.len());
        for (fitted, block) in self.categories.iter().zip(x.blocks()) {
            let (column, category) = category_of(KIND, block)?;
            same_columns(KIND, &fitted.columns, block.columns())?;
            let unknown = match self.handle_unknown {
                HandleUnknown::Ignore => None,
                HandleUnknown::InfrequentIfExist => fitted.levels.rare_place(),
                HandleUnknown::Error => {
                    let instead = "set `handle_unknown` to `ignore` to encode it as zeros";
                    refuse_unknown(&fitted.levels, column, category, true, instead)?;
                    None
                }
            };
            coded.push(fitted.levels.coded(category, |place| fitted.column_of(place.or(unknown))));
        }
        let (rows, width) = (x.rows(), self.output.len());
        let values = if self.sparse_output {
            Values::Sparse(sparse(&coded, rows, width)?)
        } else {
            Values::Dense(filled(rows, width, |first, values| {
                for coded in &coded {
                    for (row, values) in values.chunks_exact_mut(width).enumerate() {
                        if let Some(value) = values.get_mut(coded.get(first + row) as usize) {
                            *value = 1.0;
                        }
                    }
                }
            }))
        };
        Features::trusted(rows, vec![Block::new(self.output.clone(), values)?])
    }
}

fn sparse(coded: &[Coded<'_, u32>], rows: usize, width: usize) -> Result<CsMat<f64>> {
    let (mut ends, mut columns) = (Vec::with_capacity(rows + 1), Vec::with_capacity(rows * coded.len()));
    ends.push(0);
    for row in 0..rows {
        columns.extend(coded.iter().map(|c| c.get(row) as usize).filter(|c| *c < width));
        ends.push(columns.len());
    }
    let ones = vec![1.0; columns.len()];
    CsMat::try_new((rows, width), ends, columns, ones).map_err(|(_, _, _, e)| Error::data(e.to_string()))
}

impl Component for FittedOneHotEncoder {
    const KIND: &'static str = KIND;
    const VERSION: u32 = 2;

    fn state(&self) -> Result<Vec<u8>> {
        encode(KIND, self)
    }

    fn from_state(version: u32, state: &[u8], _: &Registry) -> Result<Self> {
        if version == 1 { Ok(decode::<Version1>(KIND, state)?.into()) } else { decode(KIND, state) }
    }
}

/// The state before rare levels could be pooled.
#[derive(Serialize, Deserialize)]
struct Version1 {
    categories: Vec<Encoded1>,
    output: Arc<[Column]>,
    error_on_unknown: bool,
    sparse_output: bool,
}

#[derive(Serialize, Deserialize)]
struct Encoded1 {
    columns: Arc<[Column]>,
    levels: Vocabulary,
    missing: bool,
    dropped: bool,
    start: u32,
}

impl From<Version1> for FittedOneHotEncoder {
    fn from(old: Version1) -> Self {
        let category = |old: Encoded1| Encoded {
            columns: old.columns,
            levels: Levels { known: old.levels, missing: old.missing, rare: Vec::new() },
            dropped: old.dropped,
            start: old.start,
        };
        FittedOneHotEncoder {
            categories: old.categories.into_iter().map(category).collect(),
            output: old.output,
            handle_unknown: if old.error_on_unknown { HandleUnknown::Error } else { HandleUnknown::Ignore },
            sparse_output: old.sparse_output,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux_core::{Categories, Fit as _, Saved};

    #[test]
    fn a_state_of_version_1_encodes_as_it_did() {
        let levels = ["b", "a"].map(String::from);
        let column = Categories { codes: vec![0, 1, Categories::MISSING], levels: levels.clone().into() };
        let block = Block::new(vec![Column::input("c")], Values::Category(column)).unwrap();
        let x = Features::new(3, vec![block.clone()]).unwrap();
        let fitted = OneHotEncoder::default().drop(DropLevel::First).fit(Training::new(x)).unwrap();
        let old = Version1 {
            categories: vec![Encoded1 {
                columns: block.columns().clone(),
                levels: Vocabulary::new(levels),
                missing: true,
                dropped: true,
                start: 0,
            }],
            output: fitted.output.clone(),
            error_on_unknown: false,
            sparse_output: false,
        };
        let saved = Saved { kind: KIND.into(), version: 1, state: encode(KIND, &old).unwrap() };
        assert_eq!(saved.load::<FittedOneHotEncoder>(&Registry::new()).unwrap(), fitted);
    }
}
