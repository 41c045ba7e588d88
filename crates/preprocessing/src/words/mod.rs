//! Texts as numbers.

mod analysis;
mod count;
pub(crate) mod counted;
mod hashing;
mod norm;
mod tfidf;

pub use count::{CountVectorizer, FittedCountVectorizer};
pub use hashing::{FittedHashingVectorizer, HashingVectorizer};
pub use norm::Norm;
pub use tfidf::{FittedTfidfVectorizer, TfidfVectorizer};
