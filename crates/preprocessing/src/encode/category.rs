//! [`CategoryEncoder`]: categories as they are, with the levels of training.

use super::{
    HandleUnknown,
    levels::{Levels, Pooling, category_of, refuse_unknown},
};
use crate::step::{Learn, same_blocks, same_columns, step};
use adflux_core::{Block, Categories, Column, Context, Features, Result, Training, Transform, Values};
use adflux_text::Frequency;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Keeps categories as categories and fixes their levels: those of training, in alphabetical order, with rare ones pooled.
///
/// For models that take categories themselves, such as trees that split a set of levels and networks with embeddings: a code means
/// the same level at training and ever after. (In pandas this is `Categorical` with fixed `categories`.) Takes categorical blocks and
/// gives categorical blocks of the same names.
///
/// A level that training did not have becomes a missing value (`ignore`), an error, or a rare level (`infrequent_if_exist`). A missing
/// value stays missing and is never pooled. `min_frequency` and `max_categories` pool levels as in
/// [`OneHotEncoder`](crate::OneHotEncoder); the pool is the last level, `infrequent`. Row weights do not count. O(rows × columns).
///
/// ```
/// use adflux_core::{Block, Categories, Column, Features, Fit, Training, Transform, Values};
/// use adflux_preprocessing::CategoryEncoder;
///
/// let city = |codes: Vec<u32>, levels: [&str; 3]| {
///     let city = Categories { codes, levels: levels.map(String::from).into() };
///     Features::new(4, vec![Block::new(vec![Column::input("city")], Values::Category(city))?])
/// };
/// let encoder = CategoryEncoder::default().max_categories(2).fit(Training::new(city(vec![0, 0, 1, 2], ["Madrid", "Lugo", "Soria"])?))?;
/// let later = encoder.transform(city(vec![0, 1, 2, 2], ["Lugo", "Madrid", "Lima"])?)?;
/// let Values::Category(city) = later.blocks()[0].values() else { panic!() };
/// assert_eq!(city.levels[..], ["Madrid", "infrequent"]);
/// assert_eq!(city.codes, [1, 0, Categories::MISSING, Categories::MISSING]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CategoryEncoder {
    /// What becomes of a level that was not there in training; `ignore` makes it a missing value. Default:
    /// [`HandleUnknown::Ignore`].
    pub handle_unknown: HandleUnknown,
    /// Levels of fewer rows are pooled: a number of rows, or a share of them. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_frequency: Option<Frequency>,
    /// At most this many levels, the pool being one of them; the rarest are pooled. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_categories: Option<usize>,
}

impl CategoryEncoder {
    /// What becomes of a level that was not there in training.
    pub fn handle_unknown(mut self, handle_unknown: HandleUnknown) -> Self {
        self.handle_unknown = handle_unknown;
        self
    }

    /// Levels of fewer rows are pooled: a number of rows (`10`), or a share of them (`0.01`).
    pub fn min_frequency(mut self, min_frequency: impl Into<Frequency>) -> Self {
        self.min_frequency = Some(min_frequency.into());
        self
    }

    /// At most this many levels, the pool being one of them.
    pub fn max_categories(mut self, max_categories: usize) -> Self {
        self.max_categories = Some(max_categories);
        self
    }
}

/// A fitted [`CategoryEncoder`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FittedCategoryEncoder {
    categories: Vec<Encoded>,
    handle_unknown: HandleUnknown,
}

/// One category.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Encoded {
    columns: Arc<[Column]>,
    levels: Levels,
    /// The levels that come out, by place.
    names: Arc<[String]>,
}

step!(CategoryEncoder => FittedCategoryEncoder, "category-encoder", version = 1);
const KIND: &str = "category-encoder";

impl Learn for CategoryEncoder {
    type Fitted = FittedCategoryEncoder;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedCategoryEncoder> {
        let pooling = Pooling { min_frequency: self.min_frequency, max_categories: self.max_categories };
        pooling.check()?;
        let category = |block: &Block| {
            context.check()?;
            let (levels, _) = Levels::learn(category_of(KIND, block)?.1, false, pooling);
            let names = levels.names().map(String::from).collect();
            Ok(Encoded { columns: block.columns().clone(), levels, names })
        };
        let categories = data.x.blocks().iter().map(category).collect::<Result<_>>()?;
        Ok(FittedCategoryEncoder { categories, handle_unknown: self.handle_unknown })
    }
}

impl FittedCategoryEncoder {
    /// The levels of each category, by code.
    pub fn levels(&self) -> impl Iterator<Item = &[String]> {
        self.categories.iter().map(|category| &category.names[..])
    }
}

impl Transform<Features> for FittedCategoryEncoder {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        same_blocks(KIND, self.categories.len(), &x)?;
        let encode = |(fitted, block): (&Encoded, &Block)| {
            let (column, category) = category_of(KIND, block)?;
            same_columns(KIND, &fitted.columns, block.columns())?;
            let unknown = match self.handle_unknown {
                HandleUnknown::Ignore => None,
                HandleUnknown::InfrequentIfExist => fitted.levels.rare_place(),
                HandleUnknown::Error => {
                    let instead = "set `handle_unknown` to `ignore` to leave it missing";
                    refuse_unknown(&fitted.levels, column, category, false, instead)?;
                    None
                }
            };
            let code = |place: Option<u32>| place.or(unknown).unwrap_or(Categories::MISSING);
            let coded = fitted.levels.coded(category, code).with_missing(Categories::MISSING);
            let codes = (0..coded.rows()).map(|row| coded.get(row)).collect();
            let encoded = Categories { codes, levels: fitted.names.clone() };
            Block::new(fitted.columns.clone(), Values::Category(encoded))
        };
        let blocks = self.categories.iter().zip(x.blocks()).map(encode).collect::<Result<_>>()?;
        Features::trusted(x.rows(), blocks)
    }
}
