//! [`HashingVectorizer`]: texts as counts of hashed terms.

use super::{Norm, analysis::vectorizer, counted::text_of};
use crate::{
    hashed::{self, HashedColumns},
    step::{Learn, same_blocks, same_columns, step},
};
use adflux_core::{Block, Context, Features, Result, Training, Transform};
use adflux_text::{Analyzer, Cut as _, Scratch, Stemming, StopWords, Unit, hashing::signed_column, murmur3};
use serde::{Deserialize, Serialize};

/// Turns each text column into a sparse block of `n_features` counts, without learning a vocabulary: a term's hash says which
/// feature it counts for.
///
/// Terms that training did not have count too, and nothing grows with the number of terms; but a feature no longer says which
/// terms it stands for. Terms that share a feature are told apart by `alternate_sign` on average: half of them count −1, so that
/// the product of two texts is right in expectation. The features of the column `title` are called `title#0`, `title#1`, ….
///
/// Takes text blocks: in a column transformer, say `as_text` of the branch. The hash is MurmurHash3 with the seed 0, and
/// parameters and results are scikit-learn's `HashingVectorizer`, with one default that differs: `n_features` is 16,384 (2¹⁴) and not
/// 2²⁰, because every feature here has a name and a lineage, which a pipeline saves. Learns nothing from the texts. O(total length of the
/// texts + features).
///
/// Reference: Weinberger, Dasgupta, Langford, Smola, Attenberg (2009), *Feature hashing for large scale multitask learning*.
///
/// ```
/// use adflux_core::{Block, Column, Features, Fit, Training, Transform, Values};
/// use adflux_preprocessing::HashingVectorizer;
///
/// let titles = ["Software developer".to_string(), "Sales manager".to_string()];
/// let x = Features::new(2, vec![Block::new(vec![Column::input("title")], Values::Text(titles.into()))?])?;
/// let hashed = HashingVectorizer::default().n_features(64).fit(Training::new(x.clone()))?.transform(x)?;
/// assert_eq!((hashed.width(), hashed.columns().next().map(|c| c.name.as_str())), (64, Some("title#0")));
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HashingVectorizer {
    /// Whether texts are lower-cased. Default: `true`.
    pub lowercase: bool,
    /// Whether accents are taken off. Default: `false`.
    pub strip_accents: bool,
    /// What terms are runs of: words, or characters. Default: [`Unit::Word`].
    pub analyzer: Unit,
    /// The shortest and the longest run that is a term, up to 16. Default: (1, 1).
    pub ngram_range: (usize, usize),
    /// Function words to leave out. Default: none.
    pub stop_words: StopWords,
    /// Whether words are cut down to their stems. Default: no.
    pub stemming: Stemming,
    /// How many features a text column gets, up to 2²². Default: 16,384.
    pub n_features: usize,
    /// Whether a feature is 1 for every text that counts for it, whatever the sum. Default: `false`.
    pub binary: bool,
    /// What the counts of each text are divided by. Default: [`Norm::L2`].
    pub norm: Norm,
    /// Whether the hash says also if a term counts 1 or −1. Default: `true`.
    pub alternate_sign: bool,
}

impl Default for HashingVectorizer {
    fn default() -> Self {
        HashingVectorizer {
            lowercase: true,
            strip_accents: false,
            analyzer: Unit::Word,
            ngram_range: (1, 1),
            stop_words: StopWords::None,
            stemming: Stemming::None,
            n_features: 1 << 14,
            binary: false,
            norm: Norm::L2,
            alternate_sign: true,
        }
    }
}

vectorizer! { HashingVectorizer:
    /// How many features a text column gets.
    n_features: usize => n_features;
    /// Whether a feature is 1 for every text that counts for it, whatever the sum.
    binary: bool => binary;
    /// What the counts of each text are divided by.
    norm: Norm => norm;
    /// Whether the hash says also if a term counts 1 or −1.
    alternate_sign: bool => alternate_sign;
}

/// A fitted [`HashingVectorizer`]: the columns it was given.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FittedHashingVectorizer {
    analyzer: Analyzer,
    binary: bool,
    norm: Norm,
    alternate_sign: bool,
    texts: Vec<HashedColumns>,
}

step!(HashingVectorizer => FittedHashingVectorizer, "hashing-vectorizer", version = 1);
const KIND: &str = "hashing-vectorizer";

impl Learn for HashingVectorizer {
    type Fitted = FittedHashingVectorizer;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedHashingVectorizer> {
        hashed::check(self.n_features)?;
        let analyzer = self.analysis().analyzer()?;
        context.check()?;
        let columns = |block: &Block| {
            text_of(KIND, block)?;
            Ok(HashedColumns::new(block.columns().clone(), self.n_features))
        };
        Ok(FittedHashingVectorizer {
            analyzer,
            binary: self.binary,
            norm: self.norm,
            alternate_sign: self.alternate_sign,
            texts: data.x.blocks().iter().map(columns).collect::<Result<_>>()?,
        })
    }
}

impl Transform<Features> for FittedHashingVectorizer {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        same_blocks(KIND, self.texts.len(), &x)?;
        let hash = |(columns, block): (&HashedColumns, &Block)| {
            same_columns(KIND, &columns.inputs, block.columns())?;
            self.hash(columns, text_of(KIND, block)?.1)
        };
        Features::trusted(x.rows(), self.texts.iter().zip(x.blocks()).map(hash).collect::<Result<_>>()?)
    }
}

impl FittedHashingVectorizer {
    fn hash(&self, columns: &HashedColumns, texts: &[String]) -> Result<Block> {
        let hash = |scratch: &mut Scratch, row: usize, pairs: &mut Vec<(u32, f64)>| {
            self.analyzer.for_each_term(&texts[row], scratch, |term| {
                let (column, sign) = signed_column(murmur3(term.as_bytes(), 0), columns.width());
                pairs.push((column, if self.alternate_sign { sign } else { 1.0 }));
            });
        };
        let finish = |row: &mut [f64]| {
            if self.binary {
                row.fill(1.0);
            }
            self.norm.apply(row);
        };
        columns.block(texts.len(), Scratch::default, hash, finish)
    }
}
