//! [`TfidfVectorizer`]: texts as weighted counts of their terms.

use super::{
    Norm,
    analysis::counting_vectorizer,
    counted::{self, Learned},
};
use crate::step::same_blocks;
use adflux_core::{Block, Column, Context, Error, Features, Fit, FitTransform, Result, Training, Transform, Values};
use adflux_text::{Analyzer, Counts, Frequency, Limits, Stemming, StopWords, Unit, Vocabulary};
use serde::{Deserialize, Serialize};
use sprs::CsMat;
use std::sync::Arc;

/// Turns each text column into a sparse block of term weights: frequency in the text × inverse document frequency.
///
/// The weight of term t in text d is `tf(t, d) · idf(t)`. `tf` is how often t stands in d, and
/// `idf(t) = ln((1 + n) / (1 + df(t))) + 1`, where df(t) of the n training texts hold t. Then each text is brought to
/// length 1, so that long and short texts compare. Rows of a text without known terms are zero. The feature of the term
/// `software` of the column `title` is called `title:software`; terms are in alphabetical order.
///
/// Takes text blocks: in a column transformer, say `as_text` of the branch. Each text column has a vocabulary of its
/// own. Parameters, defaults and results are scikit-learn's `TfidfVectorizer` with `strip_accents="unicode"` where
/// accents are stripped; the stop words are adflux's own lists ([`StopWords`]), and [`Stemming`] is added. Row weights do
/// not count. O(total length of the texts), once: the counts of the fit are used again by its transform.
///
/// Reference: Manning, Raghavan, Schütze (2008), *Introduction to Information Retrieval*, chapter 6.
///
/// ```
/// use adflux_core::{Block, Column, Features, Fit, Training, Transform, Values};
/// use adflux_preprocessing::TfidfVectorizer;
///
/// let titles = ["Software developer".to_string(), "Sales manager".to_string(), "Software tester".to_string()];
/// let x = Features::new(3, vec![Block::new(vec![Column::input("title")], Values::Text(titles.into()))?])?;
/// let weights = TfidfVectorizer::default().max_features(2).fit(Training::new(x.clone()))?.transform(x)?;
/// let names: Vec<&str> = weights.columns().map(|c| c.name.as_str()).collect();
/// assert_eq!(names, ["title:developer", "title:software"]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TfidfVectorizer {
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
    /// What the weights of each text are divided by. Default: [`Norm::L2`].
    pub norm: Norm,
    /// Whether rare terms weigh more; otherwise every idf is 1. Default: `true`.
    pub use_idf: bool,
    /// Whether one more text that holds every term is counted; otherwise `idf = ln(n / df) + 1`. Default: `true`.
    pub smooth_idf: bool,
    /// Whether `tf` is replaced by `1 + ln(tf)`. Default: `false`.
    pub sublinear_tf: bool,
}

impl Default for TfidfVectorizer {
    fn default() -> Self {
        TfidfVectorizer {
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
            norm: Norm::L2,
            use_idf: true,
            smooth_idf: true,
            sublinear_tf: false,
        }
    }
}

counting_vectorizer! { TfidfVectorizer => FittedTfidfVectorizer:
    /// What the weights of each text are divided by.
    norm: Norm => norm;
    /// Whether rare terms weigh more.
    use_idf: bool => use_idf;
    /// Whether one more text that holds every term is counted.
    smooth_idf: bool => smooth_idf;
    /// Whether `tf` is replaced by `1 + ln(tf)`.
    sublinear_tf: bool => sublinear_tf;
}

/// A fitted [`TfidfVectorizer`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FittedTfidfVectorizer {
    analyzer: Analyzer,
    weighting: Weighting,
    texts: Vec<FittedText>,
}

/// How counts become weights, apart from the idf.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Weighting {
    binary: bool,
    sublinear_tf: bool,
    norm: Norm,
}

/// One text column.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct FittedText {
    columns: Arc<[Column]>,
    vocabulary: Vocabulary,
    #[serde(with = "adflux_core::arrays")]
    idf: Vec<f64>,
    output: Arc<[Column]>,
}

adflux_core::recipe!(TfidfVectorizer, "tfidf-vectorizer");
// Version 1 had no n-grams of characters and no stems; its analyzer is read as one without.
adflux_core::component!(FittedTfidfVectorizer, "tfidf-vectorizer", version = 2);
const KIND: &str = "tfidf-vectorizer";

impl TfidfVectorizer {
    /// The vectorizer, and the counts of the training texts.
    fn learn(&self, x: &Features, context: &Context) -> Result<(FittedTfidfVectorizer, Vec<Learned>)> {
        let (analyzer, learned) = self.count(x, context)?;
        let text = |text: &Learned| FittedText {
            columns: text.columns.clone(),
            vocabulary: text.vocabulary.clone(),
            idf: self.idf(text),
            output: text.output.clone(),
        };
        let weighting = Weighting { binary: self.binary, sublinear_tf: self.sublinear_tf, norm: self.norm };
        let texts = learned.iter().map(text).collect();
        Ok((FittedTfidfVectorizer { analyzer, weighting, texts }, learned))
    }

    fn idf(&self, text: &Learned) -> Vec<f64> {
        let smooth = f64::from(u8::from(self.smooth_idf));
        let texts = text.counts.texts() as f64 + smooth;
        let idf = |term: &str| {
            let documents = text.counts.terms().get(term).map_or(0, |n| text.counts.documents()[n as usize]);
            if self.use_idf { (texts / (f64::from(documents) + smooth)).ln() + 1.0 } else { 1.0 }
        };
        text.vocabulary.iter().map(idf).collect()
    }
}

impl Transform<Features> for FittedTfidfVectorizer {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        same_blocks(KIND, self.texts.len(), &x)?;
        let count = |(text, block): (&FittedText, &Block)| {
            if text.idf.len() != text.vocabulary.len() {
                let reason = format!("{} weights for {} terms", text.idf.len(), text.vocabulary.len());
                return Err(Error::State { kind: KIND.into(), reason });
            }
            counted::count(KIND, block, &text.columns, &text.vocabulary, &self.analyzer)
        };
        let counts = self.texts.iter().zip(x.blocks()).map(count).collect::<Result<_>>()?;
        self.blocks(x.rows(), counts)
    }
}

impl FittedTfidfVectorizer {
    /// The inverse document frequency of each feature.
    pub fn idf(&self) -> impl Iterator<Item = f64> {
        self.texts.iter().flat_map(|text| text.idf.iter().copied())
    }

    /// A sparse block for each text column from its counts.
    fn blocks(&self, rows: usize, counts: Vec<Vec<Counts>>) -> Result<Features> {
        let block = |(text, counts): (&FittedText, Vec<Counts>)| {
            let x = self.weighting.weigh(rows, counts, &text.idf)?;
            Block::new(text.output.clone(), Values::Sparse(x))
        };
        Features::trusted(rows, self.texts.iter().zip(counts).map(block).collect::<Result<_>>()?)
    }
}

impl Weighting {
    fn weigh(&self, rows: usize, counts: Vec<Counts>, idf: &[f64]) -> Result<CsMat<f64>> {
        counted::sparse(rows, idf.len(), counts, |row, values| {
            for (value, &(column, count)) in values.iter_mut().zip(row) {
                *value = self.frequency(count) * idf[column as usize];
            }
            self.norm.apply(values);
        })
    }

    fn frequency(&self, count: u32) -> f64 {
        match (self.binary, self.sublinear_tf) {
            (true, _) => 1.0,
            (false, true) => f64::from(count).ln() + 1.0,
            (false, false) => f64::from(count),
        }
    }
}
