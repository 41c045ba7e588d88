//! Words, n-grams and vocabularies for ad texts.
//!
//! The words are scikit-learn's: what its `CountVectorizer` would cut a text into with the default `token_pattern`, so
//! that a vocabulary learned here has the same terms in the same columns.
//!
//! | module | what it holds |
//! |---|---|
//! | [`analyzer`] | [`Analyzer`]: a text to its words and n-grams, lower-cased, accents and stop words taken off as asked |
//! | [`characters`] | which characters make words, and [`strip_accents`] |
//! | [`stop_words`] | [`StopWords`]: the commonest function words of English and Spanish |
//! | [`terms`] | [`Terms`]: distinct strings numbered in order of arrival, found without allocating |
//! | [`counts`] | [`Counts`] and [`TermCounts`]: how often each term stands in each text |
//! | [`vocabulary`] | [`Vocabulary`]: the terms that are kept, in alphabetical order, and [`Limits`] which to keep |
//!
//! ```
//! use adflux_text::{Analyzer, Limits, TermCounts};
//!
//! let titles = ["Senior Java Developer".to_string(), "Java developer (Remote)".to_string()];
//! let analyzer = Analyzer::default();
//! let counted = TermCounts::of(&titles, &analyzer);
//! let vocabulary = counted.vocabulary(&Limits::default())?;
//! assert_eq!(vocabulary.iter().collect::<Vec<_>>(), ["developer", "java", "remote", "senior"]);
//! # Ok::<(), adflux_core::Error>(())
//! ```

pub mod analyzer;
pub mod characters;
pub mod counts;
pub mod stop_words;
pub mod terms;
pub mod vocabulary;

pub use analyzer::{Analyzer, Scratch};
pub use characters::strip_accents;
pub use counts::{Counts, TermCounts};
pub use stop_words::StopWords;
pub use terms::Terms;
pub use vocabulary::{Frequency, Limits, Vocabulary};
