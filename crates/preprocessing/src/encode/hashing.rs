//! [`HashingEncoder`]: categories in a fixed number of columns.

use super::levels::category_of;
use crate::{
    hashed::{self, HashedColumns},
    step::{Learn, same_blocks, step},
};
use adflux_core::{Context, Features, Result, Training, Transform};
use adflux_text::{hashing::signed_column, murmur3};
use serde::{Deserialize, Serialize};

/// Turns all categorical columns together into one sparse block of `n_features` columns, without learning levels: the hash of
/// `column=level` says which column counts it, and with which sign.
///
/// Levels that training did not have are encoded like any other, and nothing grows with their number; but a column no longer says
/// which levels it stands for, and each has all the categories for its lineage. A missing value adds nothing. The columns of
/// `city` and `title` are called `city+title#0`, `city+title#1`, ….
///
/// Takes categorical blocks. The hash is MurmurHash3, the same on every machine; with the seed 0 the results are those of
/// scikit-learn's `FeatureHasher` of dicts such as `{"city": "Madrid"}`. One default differs: `n_features` is 1024 and not 2²⁰,
/// because every feature here has a name and a lineage, which a pipeline saves. O(rows × columns + features).
///
/// Reference: Weinberger, Dasgupta, Langford, Smola, Attenberg (2009), *Feature hashing for large scale multitask learning*.
///
/// ```
/// use adflux_core::{Block, Categories, Column, Features, Fit, Training, Transform, Values};
/// use adflux_preprocessing::HashingEncoder;
///
/// let city = Categories { codes: vec![0, 1], levels: vec!["Madrid".to_string(), "Soria".to_string()].into() };
/// let x = Features::new(2, vec![Block::new(vec![Column::input("city")], Values::Category(city))?])?;
/// let hashed = HashingEncoder::default().n_features(8).fit(Training::new(x.clone()))?.transform(x)?;
/// assert_eq!((hashed.width(), hashed.columns().next().map(|c| c.name.as_str())), (8, Some("city#0")));
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HashingEncoder {
    /// How many columns there are, up to 2²². Default: 1024.
    pub n_features: usize,
    /// Whether the hash says also if a level counts 1 or −1, so that levels that share a column cancel out on average instead of
    /// adding up. Default: `true`.
    pub alternate_sign: bool,
    /// The seed of the hash. Default: 0.
    pub seed: u32,
}

impl Default for HashingEncoder {
    fn default() -> Self {
        HashingEncoder { n_features: 1024, alternate_sign: true, seed: 0 }
    }
}

impl HashingEncoder {
    /// How many columns there are.
    pub fn n_features(mut self, n_features: usize) -> Self {
        self.n_features = n_features;
        self
    }

    /// Whether the hash says also if a level counts 1 or −1.
    pub fn alternate_sign(mut self, alternate_sign: bool) -> Self {
        self.alternate_sign = alternate_sign;
        self
    }

    /// The seed of the hash.
    pub fn seed(mut self, seed: u32) -> Self {
        self.seed = seed;
        self
    }
}

/// A fitted [`HashingEncoder`]: the columns it was given.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FittedHashingEncoder {
    columns: HashedColumns,
    alternate_sign: bool,
    seed: u32,
}

step!(HashingEncoder => FittedHashingEncoder, "hashing-encoder", version = 1);
const KIND: &str = "hashing-encoder";

impl Learn for HashingEncoder {
    type Fitted = FittedHashingEncoder;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedHashingEncoder> {
        hashed::check(self.n_features)?;
        context.check()?;
        for block in data.x.blocks() {
            category_of(KIND, block)?;
        }
        let columns = HashedColumns::new(data.x.columns().cloned().collect(), self.n_features);
        Ok(FittedHashingEncoder { columns, alternate_sign: self.alternate_sign, seed: self.seed })
    }
}

impl FittedHashingEncoder {
    /// The column and the value of a level.
    fn hash(&self, column: &str, level: &str) -> (u32, f64) {
        let hash = murmur3(format!("{column}={level}").as_bytes(), self.seed);
        let (place, sign) = signed_column(hash, self.columns.width());
        (place, if self.alternate_sign { sign } else { 1.0 })
    }
}

/// The column that a level is hashed to, and its sign.
type Place = (u32, f64);

impl Transform<Features> for FittedHashingEncoder {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        same_blocks(KIND, self.columns.inputs.len(), &x)?;
        x.require_columns(KIND, &self.columns.inputs)?;
        let mut columns: Vec<(&[u32], Vec<Place>)> = Vec::with_capacity(x.blocks().len());
        for block in x.blocks() {
            let (column, category) = category_of(KIND, block)?;
            let of_level = category.levels.iter().map(|level| self.hash(&column.name, level)).collect();
            columns.push((&category.codes, of_level));
        }
        let row = |(): &mut (), row: usize, pairs: &mut Vec<(u32, f64)>| {
            pairs.extend(columns.iter().filter_map(|(codes, hashes)| hashes.get(codes[row] as usize)));
        };
        let block = self.columns.block(x.rows(), || (), row, |_| ())?;
        Features::trusted(x.rows(), vec![block])
    }
}
