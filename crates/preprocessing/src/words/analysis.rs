//! How the vectorizers cut texts: the parameters that they share.

use adflux_core::{Result, parameter::ensure};
use adflux_text::{Analyzer, Stemming, StopWords, Unit};

/// The longest run of words or characters that can be a term.
const LONGEST: usize = 16;

/// The fields of a vectorizer that say how a text becomes terms.
pub(super) struct Analysis {
    pub(super) lowercase: bool,
    pub(super) strip_accents: bool,
    pub(super) analyzer: Unit,
    pub(super) ngram_range: (usize, usize),
    pub(super) stop_words: StopWords,
    pub(super) stemming: Stemming,
}

impl Analysis {
    /// The analyzer, once its parameters have been checked.
    pub(super) fn analyzer(&self) -> Result<Analyzer> {
        let (low, high) = self.ngram_range;
        let reason = "the shortest run is at least 1, the longest no shorter";
        ensure(low >= 1 && high >= low, "ngram_range", self.ngram_range, reason)?;
        let reason =
            "a run has at most 16 words or characters: terms of all lengths would take the square of a long text";
        ensure(high <= LONGEST, "ngram_range", self.ngram_range, reason)?;
        let words = self.analyzer == Unit::Word;
        let reason = "runs of characters know no stop words: use the analyzer `word`";
        ensure(words || self.stop_words == StopWords::None, "stop_words", self.stop_words, reason)?;
        let reason = "runs of characters have no stems: use the analyzer `word`";
        ensure(words || self.stemming == Stemming::None, "stemming", self.stemming, reason)?;
        let reason = "the rules of stems ask for lower case: leave `lowercase` on";
        ensure(self.lowercase || self.stemming == Stemming::None, "stemming", self.stemming, reason)?;
        Ok(Analyzer::default()
            .lowercase(self.lowercase)
            .strip_accents(self.strip_accents)
            .unit(self.analyzer)
            .ngram_range(low..=high)
            .stop_words(self.stop_words)
            .stemming(self.stemming))
    }
}

/// Builder methods named after their field, and [`Analysis`] of the fields that every vectorizer has.
macro_rules! vectorizer {
    ($recipe:ident: $($(#[$doc:meta])* $field:ident: $type:ty => $value:expr;)*) => {
        impl $recipe {
            /// Whether texts are lower-cased.
            pub fn lowercase(mut self, lowercase: bool) -> Self {
                self.lowercase = lowercase;
                self
            }

            /// Whether accents are taken off.
            pub fn strip_accents(mut self, strip_accents: bool) -> Self {
                self.strip_accents = strip_accents;
                self
            }

            /// What terms are runs of: words, or characters.
            pub fn analyzer(mut self, analyzer: adflux_text::Unit) -> Self {
                self.analyzer = analyzer;
                self
            }

            /// The shortest and the longest run of words, or characters, that is a term.
            pub fn ngram_range(mut self, ngram_range: (usize, usize)) -> Self {
                self.ngram_range = ngram_range;
                self
            }

            /// Function words to leave out.
            pub fn stop_words(mut self, stop_words: adflux_text::StopWords) -> Self {
                self.stop_words = stop_words;
                self
            }

            /// Whether words are cut down to their stems, and by the rules of which language.
            pub fn stemming(mut self, stemming: adflux_text::Stemming) -> Self {
                self.stemming = stemming;
                self
            }

            $($(#[$doc])*
            pub fn $field(mut self, $field: $type) -> Self {
                self.$field = $value;
                self
            })*

            fn analysis(&self) -> crate::words::analysis::Analysis {
                crate::words::analysis::Analysis {
                    lowercase: self.lowercase,
                    strip_accents: self.strip_accents,
                    analyzer: self.analyzer,
                    ngram_range: self.ngram_range,
                    stop_words: self.stop_words,
                    stemming: self.stemming,
                }
            }
        }
    };
}

/// [`vectorizer`] of one that learns a vocabulary: its limits and `binary` as well, and its fit, which counts each text once. The
/// recipe has `learn`, the fitted type `blocks`.
macro_rules! counting_vectorizer {
    ($recipe:ident => $fitted:ident: $($others:tt)*) => {
        crate::words::analysis::vectorizer! { $recipe:
            /// Terms of fewer texts are left out: a number of texts (`2`), or a share of them (`0.01`).
            min_df: impl Into<Frequency> => min_df.into();
            /// Terms of more texts are left out: a number of texts (`1000`), or a share of them (`0.5`).
            max_df: impl Into<Frequency> => max_df.into();
            /// At most this many terms, the most frequent.
            max_features: usize => Some(max_features);
            /// Whether a term counts once, however often it stands in a text.
            binary: bool => binary;
            $($others)*
        }

        impl $recipe {
            /// The analyzer, and every text column with its vocabulary and its counts.
            fn count(&self, x: &Features, context: &Context) -> Result<(Analyzer, Vec<Learned>)> {
                let analyzer = self.analysis().analyzer()?;
                let limits = Limits { min_df: self.min_df, max_df: self.max_df, max_features: self.max_features };
                let name = |column: &str, term: &str| format!("{column}:{term}");
                let learned = counted::learn(KIND, x, &analyzer, &limits, name, context)?;
                Ok((analyzer, learned))
            }
        }

        impl Fit<Training<Features>> for $recipe {
            type Fitted = $fitted;

            fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<$fitted> {
                data.validate()?;
                context.run(|| Ok(self.learn(&data.x, context)?.0))
            }
        }

        impl FitTransform<Features> for $recipe {
            fn fit_transform(&self, data: Training<Features>, context: &Context) -> Result<($fitted, Features)> {
                data.validate()?;
                context.run(|| {
                    let (rows, (fitted, learned)) = (data.x.rows(), self.learn(&data.x, context)?);
                    // What follows takes the counts alone: the texts need not lie in memory beside its output.
                    drop(data);
                    let counts = learned.into_iter().map(|text| text.counts.into_columns_of(text.vocabulary.terms()));
                    let x = fitted.blocks(rows, counts.collect())?;
                    Ok((fitted, x))
                })
            }
        }

        impl $fitted {
            /// The terms of each text column, in the order of their features.
            pub fn vocabularies(&self) -> impl Iterator<Item = &Vocabulary> {
                self.texts.iter().map(|text| &text.vocabulary)
            }
        }
    };
}
pub(super) use {counting_vectorizer, vectorizer};
