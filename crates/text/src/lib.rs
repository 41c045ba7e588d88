//! Words, n-grams and vocabularies for ad texts
