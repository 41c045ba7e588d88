//! [`Vocabulary`]: the terms that are kept.

use crate::{TermCounts, Terms};
use adflux_core::{Error, Result, parameter};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// A number of texts, or a share of all texts. In a file, a whole number is a count and a decimal number a share, as in
/// scikit-learn: `1` is one text, `1.0` is all of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Frequency {
    /// This many texts.
    Count(usize),
    /// This share of the texts, 0 to 1.
    Share(f64),
}

impl Frequency {
    /// As a number of texts out of `texts`, which a share need not make whole.
    pub fn of(self, texts: usize) -> f64 {
        match self {
            Frequency::Count(count) => count as f64,
            Frequency::Share(share) => share * texts as f64,
        }
    }

    fn check(self, name: &'static str) -> Result<()> {
        match self {
            Frequency::Count(count) => parameter::at_least_one(name, count),
            Frequency::Share(share) => {
                let holds = (0.0..=1.0).contains(&share);
                parameter::ensure(
                    holds,
                    name,
                    share,
                    "a share of the texts lies between 0 and 1; write a count without decimals",
                )
            }
        }
    }
}

impl From<usize> for Frequency {
    fn from(count: usize) -> Self {
        Frequency::Count(count)
    }
}

impl From<f64> for Frequency {
    fn from(share: f64) -> Self {
        Frequency::Share(share)
    }
}

impl Serialize for Frequency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Frequency::Count(count) => serializer.serialize_u64(count as u64),
            Frequency::Share(share) => serializer.serialize_f64(share),
        }
    }
}

impl<'de> Deserialize<'de> for Frequency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Frequency;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of texts (2) or a share of them (0.5)")
            }
            fn visit_u64<E: de::Error>(self, count: u64) -> Result<Frequency, E> {
                usize::try_from(count).map(Frequency::Count).map_err(E::custom)
            }
            fn visit_i64<E: de::Error>(self, count: i64) -> Result<Frequency, E> {
                usize::try_from(count).map(Frequency::Count).map_err(E::custom)
            }
            fn visit_f64<E: de::Error>(self, share: f64) -> Result<Frequency, E> {
                Ok(Frequency::Share(share))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Which terms a vocabulary keeps; the defaults keep all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Terms of fewer texts are left out. Default: 1 text.
    pub min_df: Frequency,
    /// Terms of more texts are left out. Default: all texts.
    pub max_df: Frequency,
    /// At most this many terms: those that stand most often in all texts together; of equally frequent ones the
    /// alphabetically first. (scikit-learn leaves the choice among equals to its sort.) Default: no limit.
    pub max_features: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { min_df: Frequency::Count(1), max_df: Frequency::Share(1.0), max_features: None }
    }
}

impl Limits {
    /// # Errors
    /// When a share is not between 0 and 1, or a count is 0.
    pub fn check(&self) -> Result<()> {
        self.min_df.check("min_df")?;
        self.max_df.check("max_df")?;
        self.max_features.map_or(Ok(()), |n| parameter::at_least_one("max_features", n))
    }
}

/// Terms in alphabetical order (by Unicode code point, as Python sorts); a term's number is its feature column.
///
/// ```
/// use adflux_text::Vocabulary;
/// let vocabulary = Vocabulary::new(["remote", "java"]);
/// assert_eq!((vocabulary.get("java"), vocabulary.get("remote"), vocabulary.get("cobol")), (Some(0), Some(1), None));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Vocabulary {
    terms: Terms,
}

impl Vocabulary {
    /// The distinct ones of `terms`.
    pub fn new<S: AsRef<str>>(terms: impl IntoIterator<Item = S>) -> Self {
        let mut terms: Vec<S> = terms.into_iter().collect();
        terms.sort_unstable_by(|a, b| a.as_ref().cmp(b.as_ref()));
        Vocabulary { terms: terms.iter().collect() }
    }

    /// The column of `term`.
    pub fn get(&self, term: &str) -> Option<u32> {
        self.terms.get(term)
    }

    /// The number of terms.
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The terms in the order of their columns.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.terms.iter()
    }

    /// The terms with their numbers.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }
}

impl TermCounts {
    /// The vocabulary of the terms within `limits`.
    ///
    /// # Errors
    /// When `limits` contradict themselves, the texts have no terms at all, or none is within `limits`.
    pub fn vocabulary(&self, limits: &Limits) -> Result<Vocabulary> {
        limits.check()?;
        if self.terms().is_empty() {
            return Err(Error::data(
                "empty vocabulary: the texts are empty or hold only stop words and single characters",
            ));
        }
        let (low, high) = (limits.min_df.of(self.texts()), limits.max_df.of(self.texts()));
        if high < low {
            let reason =
                format!("allows fewer texts ({high}) than min_df asks for ({low}); there are {}", self.texts());
            // What is above the number of texts is wrong whatever max_df is.
            if let Frequency::Count(count) = limits.min_df
                && low > self.texts() as f64
            {
                let reason = format!("asks for more texts than the {} that there are", self.texts());
                return Err(Error::parameter("min_df", count, reason));
            }
            return Err(match limits.max_df {
                Frequency::Count(count) => Error::parameter("max_df", count, reason),
                Frequency::Share(share) => Error::parameter("max_df", share, reason),
            });
        }
        let mut kept: Vec<(u64, &str)> = (self.terms().iter())
            .zip(self.documents().iter().zip(self.occurrences()))
            .filter(|(_, (documents, _))| (low..=high).contains(&f64::from(**documents)))
            .map(|(term, (_, &occurrences))| (occurrences, term))
            .collect();
        if kept.is_empty() {
            return Err(Error::data(format!(
                "none of {} terms is in at least {low} and at most {high} of {} texts: lower min_df or raise max_df",
                self.terms().len(),
                self.texts()
            )));
        }
        if let Some(most) = limits.max_features {
            kept.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
            kept.truncate(most);
        }
        Ok(Vocabulary::new(kept.into_iter().map(|(_, term)| term)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Analyzer;

    fn counts() -> TermCounts {
        let texts = ["bb aa aa aa", "bb cc", "bb dd cc", "dd ñu"].map(String::from);
        TermCounts::of(&texts, &Analyzer::default())
    }

    fn kept(limits: Limits) -> Vec<String> {
        counts().vocabulary(&limits).unwrap().iter().map(String::from).collect()
    }

    #[test]
    fn document_frequencies_limit_from_both_sides() {
        let all = Limits::default();
        assert_eq!(kept(all), ["aa", "bb", "cc", "dd", "ñu"]);
        assert_eq!(kept(Limits { min_df: 2.into(), ..all }), ["bb", "cc", "dd"]);
        assert_eq!(kept(Limits { max_df: 0.5.into(), ..all }), ["aa", "cc", "dd", "ñu"]);
        assert_eq!(kept(Limits { max_df: 1.into(), ..all }), ["aa", "ñu"]);
    }

    #[test]
    fn the_most_frequent_terms_stay_and_the_alphabet_decides_among_equals() {
        // aa and bb stand three times, cc and dd twice.
        assert_eq!(kept(Limits { max_features: Some(3), ..Limits::default() }), ["aa", "bb", "cc"]);
    }

    #[test]
    fn what_cannot_be_is_said() {
        let says = |limits: Limits| counts().vocabulary(&limits).unwrap_err().to_string();
        let all = Limits::default();
        assert!(
            says(Limits { min_df: 3.into(), max_df: 2.into(), ..all }).contains("`max_df` = 2: allows fewer texts")
        );
        assert!(says(Limits { min_df: 1.0.into(), ..all }).starts_with("none of 5 terms"));
        assert!(says(Limits { min_df: 1.5.into(), ..all }).contains("between 0 and 1"));
        assert!(says(Limits { max_features: Some(0), ..all }).contains("max_features"));
        let empty = TermCounts::of(&[String::new()], &Analyzer::default());
        assert!(empty.vocabulary(&all).unwrap_err().to_string().starts_with("empty vocabulary"));
    }
}
