//! [`OrdinalEncoder`]: the number of the level.

use super::levels::{Levels, Pooling, category_of, dense_of, refuse_unknown};
use crate::step::{Learn, same_blocks, same_columns, step};
use adflux_core::{
    Block, Categories, Column, Context, Error, Features, Result, Training, Transform, Values, parameter,
};
use adflux_text::Frequency;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What [`OrdinalEncoder`] makes of a level that was not there in training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrdinalUnknown {
    /// An error that names the column, the row and the level.
    #[default]
    Error,
    /// The number `unknown_value`.
    UseEncodedValue,
}

/// Turns each categorical column into a number: 0 for the first level in alphabetical order, 1 for the second and so on.
///
/// The order of the numbers means nothing, unless that of the alphabet does: for trees, which can cut it anywhere, rather than for
/// linear models and distances. Takes categorical blocks and gives one dense block, whose columns keep their names.
///
/// A missing value becomes `encoded_missing_value`, if values were missing in training; otherwise it is a level that training did
/// not have. Rare levels share the highest number (`min_frequency`, `max_categories`); missing values are never among them.
/// Parameters, defaults and results are scikit-learn's `OrdinalEncoder`. Row weights do not count. O(rows × columns).
///
/// ```
/// use adflux_core::{Block, Categories, Column, Features, Fit, Training, Transform, Values};
/// use adflux_preprocessing::OrdinalEncoder;
/// use ndarray::array;
///
/// let level = Categories { codes: vec![0, 1, 0], levels: vec!["senior".to_string(), "junior".to_string()].into() };
/// let x = Features::new(3, vec![Block::new(vec![Column::input("level")], Values::Category(level))?])?;
/// let encoder = OrdinalEncoder::default().unknown_value(-1.0).fit(Training::new(x.clone()))?;
/// assert_eq!(encoder.transform(x)?.dense("example")?, array![[1.0], [0.0], [1.0]]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrdinalEncoder {
    /// What becomes of a level that was not there in training. Default: [`OrdinalUnknown::Error`].
    pub handle_unknown: OrdinalUnknown,
    /// The number of a level that was not there in training: NaN, or a number that no level has. To be given with
    /// `use_encoded_value`, and only then. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_value: Option<f64>,
    /// The number of a missing value: NaN, or a number that no level of a column with missing values has. Default: NaN.
    pub encoded_missing_value: f64,
    /// Levels of fewer rows share a number: a number of rows, or a share of them. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_frequency: Option<Frequency>,
    /// At most this many numbers a category, missing and unknown values apart; the rarest levels share one. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_categories: Option<usize>,
}

impl Default for OrdinalEncoder {
    fn default() -> Self {
        OrdinalEncoder {
            handle_unknown: OrdinalUnknown::Error,
            unknown_value: None,
            encoded_missing_value: f64::NAN,
            min_frequency: None,
            max_categories: None,
        }
    }
}

impl OrdinalEncoder {
    /// The number of a level that was not there in training, instead of an error.
    pub fn unknown_value(mut self, unknown_value: f64) -> Self {
        self.handle_unknown = OrdinalUnknown::UseEncodedValue;
        self.unknown_value = Some(unknown_value);
        self
    }

    /// What becomes of a level that was not there in training.
    pub fn handle_unknown(mut self, handle_unknown: OrdinalUnknown) -> Self {
        self.handle_unknown = handle_unknown;
        self
    }

    /// The number of a missing value.
    pub fn encoded_missing_value(mut self, encoded_missing_value: f64) -> Self {
        self.encoded_missing_value = encoded_missing_value;
        self
    }

    /// Levels of fewer rows share a number: a number of rows (`10`), or a share of them (`0.01`).
    pub fn min_frequency(mut self, min_frequency: impl Into<Frequency>) -> Self {
        self.min_frequency = Some(min_frequency.into());
        self
    }

    /// At most this many numbers a category.
    pub fn max_categories(mut self, max_categories: usize) -> Self {
        self.max_categories = Some(max_categories);
        self
    }

    fn check(&self, pooling: Pooling) -> Result<()> {
        pooling.check()?;
        let whole = |value: f64| value.is_nan() || (value.is_finite() && value.fract() == 0.0);
        let reason = "must be NaN or a whole number";
        parameter::ensure(
            whole(self.encoded_missing_value),
            "encoded_missing_value",
            self.encoded_missing_value,
            reason,
        )?;
        match (self.handle_unknown, self.unknown_value) {
            (OrdinalUnknown::UseEncodedValue, None) => {
                Err(Error::parameter("unknown_value", "none", "`use_encoded_value` needs it: −1, for example"))
            }
            (OrdinalUnknown::UseEncodedValue, Some(value)) => {
                parameter::ensure(whole(value), "unknown_value", value, reason)
            }
            (OrdinalUnknown::Error, Some(value)) => {
                let reason = "is used only with `handle_unknown = use_encoded_value`";
                Err(Error::parameter("unknown_value", value, reason))
            }
            (OrdinalUnknown::Error, None) => Ok(()),
        }
    }
}

/// A fitted [`OrdinalEncoder`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FittedOrdinalEncoder {
    categories: Vec<Encoded>,
    output: Arc<[Column]>,
    unknown_value: Option<f64>,
    encoded_missing_value: f64,
}

/// One category.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Encoded {
    columns: Arc<[Column]>,
    levels: Levels,
    /// Whether values were missing in training.
    missing: bool,
}

step!(OrdinalEncoder => FittedOrdinalEncoder, "ordinal-encoder", version = 1);
const KIND: &str = "ordinal-encoder";

impl Learn for OrdinalEncoder {
    type Fitted = FittedOrdinalEncoder;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedOrdinalEncoder> {
        let pooling = Pooling { min_frequency: self.min_frequency, max_categories: self.max_categories };
        self.check(pooling)?;
        let category = |block: &Block| {
            context.check()?;
            let (column, x) = category_of(KIND, block)?;
            let (levels, _) = Levels::learn(x, false, pooling);
            let missing = x.codes.iter().any(|code| *code as usize >= x.levels.len());
            let taken = |value: f64| (0.0..levels.len() as f64).contains(&value);
            let reason = |what: &str| {
                format!("is also the number of a level of `{}`: choose another, such as {what}", column.name)
            };
            if let Some(value) = self.unknown_value.filter(|value| taken(*value)) {
                return Err(Error::parameter("unknown_value", value, reason("−1")));
            }
            if missing && taken(self.encoded_missing_value) {
                return Err(Error::parameter("encoded_missing_value", self.encoded_missing_value, reason("NaN or −1")));
            }
            Ok(Encoded { columns: block.columns().clone(), levels, missing })
        };
        Ok(FittedOrdinalEncoder {
            categories: data.x.blocks().iter().map(category).collect::<Result<_>>()?,
            output: data.x.columns().cloned().collect(),
            unknown_value: self.unknown_value,
            encoded_missing_value: self.encoded_missing_value,
        })
    }
}

impl Transform<Features> for FittedOrdinalEncoder {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        same_blocks(KIND, self.categories.len(), &x)?;
        let mut columns = Vec::with_capacity(self.categories.len());
        for (fitted, block) in self.categories.iter().zip(x.blocks()) {
            let (column, category) = category_of(KIND, block)?;
            same_columns(KIND, &fitted.columns, block.columns())?;
            if self.unknown_value.is_none() {
                let instead = "set `handle_unknown` to `use_encoded_value` and `unknown_value` to its number";
                refuse_unknown(&fitted.levels, column, category, !fitted.missing, instead)?;
            }
            let unknown = self.unknown_value.unwrap_or(f64::NAN);
            let missing = if fitted.missing { self.encoded_missing_value } else { unknown };
            let coded = fitted.levels.coded(category, |place| place.map_or(unknown, f64::from));
            columns.push(coded.with_missing(missing));
        }
        let values = Values::Dense(dense_of(&columns, x.rows()));
        Features::trusted(x.rows(), vec![Block::new(self.output.clone(), values)?])
    }
}

impl FittedOrdinalEncoder {
    /// The categories of their numbers, a block each. Rare levels come back as `infrequent`; missing and unknown ones as missing.
    ///
    /// # Errors
    /// When `x` is not one dense block of the columns of the fit, or a number stands for no level.
    pub fn inverse_transform(&self, x: Features) -> Result<Features> {
        x.require_columns(KIND, &self.output)?;
        let numbers = x.dense(KIND)?;
        let is = |value: f64, marker: f64| value == marker || (value.is_nan() && marker.is_nan());
        let back = |(fitted, values): (&Encoded, ndarray::ArrayView1<'_, f64>)| {
            let levels: Arc<[String]> = fitted.levels.names().map(String::from).collect();
            let code = |(row, value): (usize, &f64)| {
                if (fitted.missing && is(*value, self.encoded_missing_value))
                    || self.unknown_value.is_some_and(|u| is(*value, u))
                {
                    return Ok(Categories::MISSING);
                }
                let known = value.fract() == 0.0 && (0.0..levels.len() as f64).contains(value);
                let name = fitted.columns.first().map_or("", |c| c.name.as_str());
                let reason = || format!("{value} is the number of none of {} levels", levels.len());
                if known { Ok(*value as u32) } else { Err(Error::cell(name, row, reason())) }
            };
            let codes = values.iter().enumerate().map(code).collect::<Result<_>>()?;
            Block::new(fitted.columns.clone(), Values::Category(Categories { codes, levels: levels.clone() }))
        };
        let blocks = self.categories.iter().zip(numbers.columns()).map(back).collect::<Result<_>>()?;
        Features::trusted(x.rows(), blocks)
    }
}
