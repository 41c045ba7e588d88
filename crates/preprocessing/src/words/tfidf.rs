//! [`TfidfVectorizer`]: texts as weighted counts of their terms.

use crate::step::{each, same_blocks, same_columns};
use adflux_core::{
    Block, Column, Context, Error, Features, Fit, FitTransform, Result, Training, Transform, Values, parameter,
};
use adflux_text::{Analyzer, Counts, Frequency, Limits, StopWords, TermCounts, Vocabulary, counts};
use serde::{Deserialize, Serialize};
use sprs::CsMat;
use std::sync::Arc;

/// What the weights of each text are divided by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Norm {
    /// The sum of their absolute values.
    L1,
    /// Their Euclidean length.
    #[default]
    L2,
    /// Nothing.
    None,
}

/// Turns each text column into a sparse block of term weights: frequency in the text × inverse document frequency.
///
/// The weight of term t in text d is `tf(t, d) · idf(t)`. `tf` is how often t stands in d, and
/// `idf(t) = ln((1 + n) / (1 + df(t))) + 1`, where df(t) of the n training texts hold t. Then each text is brought to
/// length 1, so that long and short texts compare. Rows of a text without known terms are zero. The feature of the term
/// `software` of the column `title` is called `title:software`; terms are in alphabetical order.
///
/// Takes text blocks: in a column transformer, say `as_text` of the branch. Each text column has a vocabulary of its
/// own. Parameters, defaults and results are scikit-learn's `TfidfVectorizer` with `strip_accents="unicode"` where
/// accents are stripped; the stop words are adflux's own lists ([`StopWords`]). Row weights do not count. O(total
/// length of the texts), once: the counts of the fit are used again by its transform.
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
    /// The shortest and the longest run of words that is a term, up to 16 words. Default: (1, 1), single words.
    pub ngram_range: (usize, usize),
    /// Function words to leave out. Default: none.
    pub stop_words: StopWords,
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
            ngram_range: (1, 1),
            stop_words: StopWords::None,
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

/// Builder methods named after their field.
macro_rules! setters {
    ($($(#[$doc:meta])* $field:ident: $type:ty => $value:expr;)*) => {
        impl TfidfVectorizer {$(
            $(#[$doc])*
            pub fn $field(mut self, $field: $type) -> Self {
                self.$field = $value;
                self
            }
        )*}
    };
}
setters! {
    /// Whether texts are lower-cased.
    lowercase: bool => lowercase;
    /// Whether accents are taken off.
    strip_accents: bool => strip_accents;
    /// The shortest and the longest run of words that is a term.
    ngram_range: (usize, usize) => ngram_range;
    /// Function words to leave out.
    stop_words: StopWords => stop_words;
    /// Terms of fewer texts are left out: a number of texts (`2`), or a share of them (`0.01`).
    min_df: impl Into<Frequency> => min_df.into();
    /// Terms of more texts are left out: a number of texts (`1000`), or a share of them (`0.5`).
    max_df: impl Into<Frequency> => max_df.into();
    /// At most this many terms, the most frequent.
    max_features: usize => Some(max_features);
    /// Whether a term counts once, however often it stands in a text.
    binary: bool => binary;
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
adflux_core::component!(FittedTfidfVectorizer, "tfidf-vectorizer", version = 1);
const KIND: &str = "tfidf-vectorizer";

/// The longest run of words that can be a term.
const MOST_WORDS: usize = 16;

impl TfidfVectorizer {
    fn limits(&self) -> Limits {
        Limits { min_df: self.min_df, max_df: self.max_df, max_features: self.max_features }
    }

    /// The fitted vectorizer, and the counts it was made from, one for each block.
    fn learn(&self, x: &Features, context: &Context) -> Result<(FittedTfidfVectorizer, Vec<TermCounts>)> {
        let (low, high) = self.ngram_range;
        let reason = "the shortest run of words is at least 1, the longest no shorter";
        parameter::ensure(low >= 1 && high >= low, "ngram_range", self.ngram_range, reason)?;
        let reason = "a run has at most 16 words: terms of all lengths would take the square of a long text";
        parameter::ensure(high <= MOST_WORDS, "ngram_range", self.ngram_range, reason)?;
        self.limits().check()?;
        let analyzer = Analyzer::default()
            .lowercase(self.lowercase)
            .strip_accents(self.strip_accents)
            .ngram_range(low..=high)
            .stop_words(self.stop_words);
        let (mut texts, mut counts) = (Vec::with_capacity(x.blocks().len()), Vec::with_capacity(x.blocks().len()));
        for block in x.blocks() {
            context.check()?;
            let (column, found) = text_of(block)?;
            let counted = TermCounts::of(found, &analyzer);
            texts.push(self.learn_text(&counted, block.columns().clone(), column)?);
            counts.push(counted);
        }
        let weighting = Weighting { binary: self.binary, sublinear_tf: self.sublinear_tf, norm: self.norm };
        Ok((FittedTfidfVectorizer { analyzer, weighting, texts }, counts))
    }

    fn learn_text(&self, counted: &TermCounts, columns: Arc<[Column]>, column: &Column) -> Result<FittedText> {
        let in_column = |e: Error| match e {
            Error::Data(reason) => Error::column(&column.name, reason),
            other => other,
        };
        let vocabulary = counted.vocabulary(&self.limits()).map_err(in_column)?;
        let smooth = f64::from(u8::from(self.smooth_idf));
        let texts = counted.texts() as f64 + smooth;
        let idf = |term: &str| {
            let documents = counted.terms().get(term).map_or(0, |n| counted.documents()[n as usize]);
            if self.use_idf { (texts / (f64::from(documents) + smooth)).ln() + 1.0 } else { 1.0 }
        };
        let idf = vocabulary.iter().map(idf).collect();
        let output = vocabulary.iter().map(|term| column.derive(format!("{}:{term}", column.name))).collect();
        Ok(FittedText { columns, vocabulary, idf, output })
    }
}

/// The texts of a block of texts, with their column.
fn text_of(block: &Block) -> Result<(&Column, &[String])> {
    match (block.values(), &block.columns()[..]) {
        (Values::Text(texts), [column]) => Ok((column, texts)),
        (Values::Category(_), [column]) => Err(Error::column(
            &column.name,
            format!(
                "it was read as categories, and `{KIND}` takes texts: say `as_text()` (`read = \"text\"`) of its branch"
            ),
        )),
        _ => Err(block.refused_by(KIND)),
    }
}

impl Fit<Training<Features>> for TfidfVectorizer {
    type Fitted = FittedTfidfVectorizer;

    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<FittedTfidfVectorizer> {
        data.validate()?;
        context.run(|| Ok(self.learn(&data.x, context)?.0))
    }
}

impl FitTransform<Features> for TfidfVectorizer {
    fn fit_transform(&self, data: Training<Features>, context: &Context) -> Result<(FittedTfidfVectorizer, Features)> {
        data.validate()?;
        context.run(|| {
            let (fitted, counts) = self.learn(&data.x, context)?;
            let columns = fitted.texts.iter().zip(counts);
            let counts = columns.map(|(text, counted)| counted.in_columns_of(text.vocabulary.terms()));
            let x = fitted.weigh_all(data.x.rows(), counts.collect())?;
            Ok((fitted, x))
        })
    }
}

impl Transform<Features> for FittedTfidfVectorizer {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        same_blocks(KIND, self.texts.len(), &x)?;
        let count = |(text, block): (&FittedText, &Block)| {
            same_columns(KIND, &text.columns, block.columns())?;
            if text.idf.len() != text.vocabulary.len() {
                let reason = format!("{} weights for {} terms", text.idf.len(), text.vocabulary.len());
                return Err(Error::State { kind: KIND.into(), reason });
            }
            Ok(counts::count(text_of(block)?.1, &self.analyzer, text.vocabulary.terms()))
        };
        let counts = self.texts.iter().zip(x.blocks()).map(count).collect::<Result<_>>()?;
        self.weigh_all(x.rows(), counts)
    }
}

impl FittedTfidfVectorizer {
    /// The terms of each text column, in the order of their features.
    pub fn vocabularies(&self) -> impl Iterator<Item = &Vocabulary> {
        self.texts.iter().map(|text| &text.vocabulary)
    }

    /// The inverse document frequency of each feature.
    pub fn idf(&self) -> impl Iterator<Item = f64> {
        self.texts.iter().flat_map(|text| text.idf.iter().copied())
    }

    /// A sparse block for each text column from its counts.
    fn weigh_all(&self, rows: usize, counts: Vec<Vec<Counts>>) -> Result<Features> {
        let block = |(text, counts): (&FittedText, Vec<Counts>)| {
            let x = self.weighting.weigh(rows, &counts, &text.idf)?;
            Block::new(text.output.clone(), Values::Sparse(x))
        };
        Features::trusted(rows, self.texts.iter().zip(counts).map(block).collect::<Result<_>>()?)
    }
}

impl Weighting {
    fn weigh(&self, rows: usize, counts: &[Counts], idf: &[f64]) -> Result<CsMat<f64>> {
        let blocks = each(rows, counts, |counts| {
            let (mut columns, mut weights) = (Vec::with_capacity(counts.len()), Vec::with_capacity(counts.len()));
            for row in counts.rows() {
                let start = weights.len();
                columns.extend(row.iter().map(|&(column, _)| column as usize));
                weights.extend(row.iter().map(|&(column, count)| self.frequency(count) * idf[column as usize]));
                self.normalize(&mut weights[start..]);
            }
            (columns, weights)
        });
        let mut ends = Vec::with_capacity(rows + 1);
        ends.push(0);
        ends.extend(counts.iter().flat_map(Counts::rows).scan(0, |end, row| {
            *end += row.len();
            Some(*end)
        }));
        let (columns, weights): (Vec<_>, Vec<_>) = blocks.into_iter().unzip();
        let (columns, weights) = (columns.concat(), weights.concat());
        CsMat::try_new((rows, idf.len()), ends, columns, weights).map_err(|(_, _, _, e)| Error::data(e.to_string()))
    }

    fn frequency(&self, count: u32) -> f64 {
        match (self.binary, self.sublinear_tf) {
            (true, _) => 1.0,
            (false, true) => f64::from(count).ln() + 1.0,
            (false, false) => f64::from(count),
        }
    }

    fn normalize(&self, row: &mut [f64]) {
        let length = match self.norm {
            Norm::None => return,
            Norm::L1 => row.iter().map(|w| w.abs()).sum(),
            Norm::L2 => row.iter().map(|w| w * w).sum::<f64>().sqrt(),
        };
        if length > 0.0 {
            row.iter_mut().for_each(|w| *w /= length);
        }
    }
}
