//! Texts as numbers.

mod tfidf;

pub use tfidf::{FittedTfidfVectorizer, Norm, TfidfVectorizer};
