//! Words, n-grams and vocabularies for ad texts.
//!
//! The words are scikit-learn's: what its `CountVectorizer` would cut a text into with the default `token_pattern`, so
//! that a vocabulary learned here has the same terms in the same columns.
//!
//! | module | what it holds |
//! |---|---|
//! | [`analyzer`] | [`Analyzer`]: a text to its words and n-grams, lower-cased, accents and stop words taken off as asked; or to n-grams of characters |
//! | [`characters`] | which characters make words, and [`strip_accents`] |
//! | [`cut`] | [`Cut`]: what cuts a text into terms |
//! | [`hashing`] | [`murmur3`]: terms as numbers without a vocabulary |
//! | [`labels`] | [`Labels`]: a list such as `java; sql` to its labels |
//! | [`stemming`] | [`Stemming`]: words without their endings, in English and Spanish |
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
pub mod cut;
pub mod hashing;
pub mod labels;
pub mod stemming;
pub mod stop_words;
pub mod terms;
pub mod vocabulary;

pub use analyzer::{Analyzer, Scratch, Unit};
pub use characters::strip_accents;
pub use counts::{Counts, TermCounts};
pub use cut::Cut;
pub use hashing::murmur3;
pub use labels::Labels;
pub use stemming::Stemming;
pub use stop_words::StopWords;
pub use terms::Terms;
pub use vocabulary::{Frequency, Limits, Vocabulary};
