//! [`FrequencyEncoder`]: how often the level stood in training.

use super::levels::{Levels, Pooling, category_of, dense_of, refuse_unknown};
use crate::step::{Learn, same_blocks, same_columns, step};
use adflux_core::{Block, Column, Context, Error, Features, Result, Training, Transform, Values};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What [`FrequencyEncoder`] makes of a level that has no count of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrequencyFallback {
    /// Its count: 0 for a level that training did not have, that of all missing values for a missing one.
    #[default]
    Value,
    /// NaN, a missing number.
    ReturnNan,
    /// An error that names the column and the row.
    Error,
}

/// Turns each categorical column into a number: in how many training rows its level stood, or in what share of them.
///
/// One column a category, however many levels it has: for trees and for categories of many levels, where being common or rare says
/// something by itself. Levels that are equally frequent cannot be told apart. The target is not looked at, so nothing leaks. Takes
/// categorical blocks and gives one dense block; the column of `city` is called `city:frequency`. A missing value counts as a level.
///
/// Parameters, defaults and results are those of category_encoders' `CountEncoder`, but for one: with `handle_missing =
/// return_nan` unknown levels are still what `handle_unknown` says (there they become NaN as well). Row weights do not count.
/// O(rows × columns).
///
/// ```
/// use adflux_core::{Block, Categories, Column, Features, Fit, Training, Transform, Values};
/// use adflux_preprocessing::FrequencyEncoder;
/// use ndarray::array;
///
/// let city = Categories { codes: vec![0, 1, 0, 0], levels: vec!["Madrid".to_string(), "Soria".to_string()].into() };
/// let x = Features::new(4, vec![Block::new(vec![Column::input("city")], Values::Category(city))?])?;
/// let shares = FrequencyEncoder::default().normalize(true).fit(Training::new(x.clone()))?.transform(x)?;
/// assert_eq!(shares.dense("example")?, array![[0.75], [0.25], [0.75], [0.75]]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FrequencyEncoder {
    /// Whether counts are divided by the number of training rows. Default: `false`.
    pub normalize: bool,
    /// What becomes of a level that was not there in training. Default: [`FrequencyFallback::Value`], 0.
    pub handle_unknown: FrequencyFallback,
    /// What becomes of a missing value. Default: [`FrequencyFallback::Value`], how many there were in training; if there were none,
    /// it is an unknown level.
    pub handle_missing: FrequencyFallback,
}

impl FrequencyEncoder {
    /// Whether counts are divided by the number of training rows.
    pub fn normalize(mut self, normalize: bool) -> Self {
        self.normalize = normalize;
        self
    }

    /// What becomes of a level that was not there in training.
    pub fn handle_unknown(mut self, handle_unknown: FrequencyFallback) -> Self {
        self.handle_unknown = handle_unknown;
        self
    }

    /// What becomes of a missing value.
    pub fn handle_missing(mut self, handle_missing: FrequencyFallback) -> Self {
        self.handle_missing = handle_missing;
        self
    }
}

/// A fitted [`FrequencyEncoder`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FittedFrequencyEncoder {
    categories: Vec<Counted>,
    output: Arc<[Column]>,
    handle_unknown: FrequencyFallback,
    handle_missing: FrequencyFallback,
}

/// One category.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Counted {
    columns: Arc<[Column]>,
    levels: Levels,
    /// Of each level.
    #[serde(with = "adflux_core::arrays")]
    frequencies: Vec<f64>,
}

step!(FrequencyEncoder => FittedFrequencyEncoder, "frequency-encoder", version = 1);
const KIND: &str = "frequency-encoder";

impl Learn for FrequencyEncoder {
    type Fitted = FittedFrequencyEncoder;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedFrequencyEncoder> {
        let all = if self.normalize { data.x.rows() as f64 } else { 1.0 };
        let category = |block: &Block| {
            context.check()?;
            let (column, x) = category_of(KIND, block)?;
            let (levels, counts) = Levels::learn(x, true, Pooling::NONE);
            if levels.missing && self.handle_missing == FrequencyFallback::Error {
                let row = x.codes.iter().position(|code| *code as usize >= x.levels.len()).unwrap_or_default();
                return Err(missing(column, row));
            }
            let frequencies = counts.into_iter().map(|count| f64::from(count) / all).collect();
            Ok(Counted { columns: block.columns().clone(), levels, frequencies })
        };
        Ok(FittedFrequencyEncoder {
            categories: data.x.blocks().iter().map(category).collect::<Result<_>>()?,
            output: data.x.columns().map(|c| c.derive(format!("{}:frequency", c.name))).collect(),
            handle_unknown: self.handle_unknown,
            handle_missing: self.handle_missing,
        })
    }
}

fn missing(column: &Column, row: usize) -> Error {
    Error::cell(&column.name, row, "a missing value: set `handle_missing` to `value` to count it as a level")
}

impl Transform<Features> for FittedFrequencyEncoder {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        same_blocks(KIND, self.categories.len(), &x)?;
        let mut columns = Vec::with_capacity(self.categories.len());
        for (fitted, block) in self.categories.iter().zip(x.blocks()) {
            let (column, category) = category_of(KIND, block)?;
            same_columns(KIND, &fitted.columns, block.columns())?;
            let unknown = match self.handle_unknown {
                FrequencyFallback::Value => 0.0,
                FrequencyFallback::ReturnNan => f64::NAN,
                FrequencyFallback::Error => {
                    let instead = "set `handle_unknown` to `value` to encode it as 0";
                    let missing_too = self.handle_missing == FrequencyFallback::Value;
                    refuse_unknown(&fitted.levels, column, category, missing_too, instead)?;
                    f64::NAN
                }
            };
            let frequency = |place: u32| fitted.frequencies.get(place as usize).copied().unwrap_or(f64::NAN);
            let coded = fitted.levels.coded(category, |place| place.map_or(unknown, frequency));
            columns.push(match self.handle_missing {
                // Without one in training, a missing value is an unknown level.
                FrequencyFallback::Value => coded,
                FrequencyFallback::ReturnNan => coded.with_missing(f64::NAN),
                FrequencyFallback::Error => {
                    let gone = |code: &u32| *code as usize >= category.levels.len();
                    match category.codes.iter().position(gone) {
                        Some(row) => return Err(missing(column, row)),
                        None => coded,
                    }
                }
            });
        }
        let values = Values::Dense(dense_of(&columns, x.rows()));
        Features::trusted(x.rows(), vec![Block::new(self.output.clone(), values)?])
    }
}
