//! [`CountVectorizer`]: texts as counts of their terms.

use super::{
    analysis::counting_vectorizer,
    counted::{self, Learned},
};
use crate::step::same_blocks;
use adflux_core::{Block, Column, Context, Features, Fit, FitTransform, Result, Training, Transform, Values};
use adflux_text::{Analyzer, Counts, Frequency, Limits, Stemming, StopWords, Unit, Vocabulary};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Turns each text column into a sparse block of counts: how often each term of the training texts stands in the text.
///
/// The feature of the term `software` of the column `title` is called `title:software`; terms are in alphabetical order. Terms
/// that training did not have are passed over. [`TfidfVectorizer`](crate::TfidfVectorizer) weighs the same counts;
/// [`HashingVectorizer`](crate::HashingVectorizer) needs no vocabulary.
///
/// Takes text blocks: in a column transformer, say `as_text` of the branch. Each text column has a vocabulary of its
/// own. Parameters, defaults and results are scikit-learn's `CountVectorizer` with `strip_accents="unicode"` where
/// accents are stripped; the stop words are adflux's own lists ([`StopWords`]), and [`Stemming`] is added. Row weights do
/// not count. O(total length of the texts), once: the counts of the fit are used again by its transform.
///
/// Reference: Manning, Raghavan, Schütze (2008), *Introduction to Information Retrieval*, chapters 2 and 6.
///
/// ```
/// use adflux_core::{Block, Column, Features, Fit, Training, Transform, Values};
/// use adflux_preprocessing::{CountVectorizer, Stemming};
///
/// let titles = ["Sales manager, sales team".to_string(), "Managers".to_string()];
/// let x = Features::new(2, vec![Block::new(vec![Column::input("title")], Values::Text(titles.into()))?])?;
/// let counts = CountVectorizer::default().stemming(Stemming::English).fit(Training::new(x.clone()))?.transform(x)?;
/// let names: Vec<&str> = counts.columns().map(|c| c.name.as_str()).collect();
/// assert_eq!(names, ["title:manag", "title:sale", "title:team"]);
/// let Values::Sparse(counts) = counts.blocks()[0].values() else { panic!() };
/// assert_eq!(counts.to_dense(), ndarray::array![[1.0, 2.0, 1.0], [1.0, 0.0, 0.0]]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CountVectorizer {
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
    /// Terms of fewer texts are left out: a number of texts, or a share of them. Default: 1 text.
    pub min_df: Frequency,
    /// Terms of more texts are left out: a number of texts, or a share of them. Default: 1.0, none.
    pub max_df: Frequency,
    /// At most this many terms, the most frequent. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_features: Option<usize>,
    /// Whether a term counts once, however often it stands in a text. Default: `false`.
    pub binary: bool,
}

impl Default for CountVectorizer {
    fn default() -> Self {
        CountVectorizer {
            lowercase: true,
            strip_accents: false,
            analyzer: Unit::Word,
            ngram_range: (1, 1),
            stop_words: StopWords::None,
            stemming: Stemming::None,
            min_df: Frequency::Count(1),
            max_df: Frequency::Share(1.0),
            max_features: None,
            binary: false,
        }
    }
}

counting_vectorizer! { CountVectorizer => FittedCountVectorizer: }

/// A fitted [`CountVectorizer`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FittedCountVectorizer {
    analyzer: Analyzer,
    binary: bool,
    texts: Vec<FittedText>,
}

/// One text column.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct FittedText {
    columns: Arc<[Column]>,
    vocabulary: Vocabulary,
    output: Arc<[Column]>,
}

adflux_core::recipe!(CountVectorizer, "count-vectorizer");
adflux_core::component!(FittedCountVectorizer, "count-vectorizer", version = 1);
const KIND: &str = "count-vectorizer";

impl CountVectorizer {
    /// The vectorizer, and the counts of the training texts in its columns.
    fn learn(&self, x: &Features, context: &Context) -> Result<(FittedCountVectorizer, Vec<Learned>)> {
        let (analyzer, learned) = self.count(x, context)?;
        let text = |text: &Learned| FittedText {
            columns: text.columns.clone(),
            vocabulary: text.vocabulary.clone(),
            output: text.output.clone(),
        };
        let texts = learned.iter().map(text).collect();
        Ok((FittedCountVectorizer { analyzer, binary: self.binary, texts }, learned))
    }
}

impl Transform<Features> for FittedCountVectorizer {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        same_blocks(KIND, self.texts.len(), &x)?;
        let count = |(text, block): (&FittedText, &Block)| {
            counted::count(KIND, block, &text.columns, &text.vocabulary, &self.analyzer)
        };
        let counts = self.texts.iter().zip(x.blocks()).map(count).collect::<Result<_>>()?;
        self.blocks(x.rows(), counts)
    }
}

impl FittedCountVectorizer {
    /// A sparse block for each text column from its counts.
    fn blocks(&self, rows: usize, counts: Vec<Vec<Counts>>) -> Result<Features> {
        let block = |(text, counts): (&FittedText, Vec<Counts>)| {
            let x = counted::sparse(rows, text.vocabulary.len(), counts, |row, values| {
                let count = |count: u32| if self.binary { 1.0 } else { f64::from(count) };
                values.iter_mut().zip(row).for_each(|(value, &(_, n))| *value = count(n));
            })?;
            Block::new(text.output.clone(), Values::Sparse(x))
        };
        Features::trusted(rows, self.texts.iter().zip(counts).map(block).collect::<Result<_>>()?)
    }
}
