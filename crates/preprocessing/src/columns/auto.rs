//! A column transformer chosen by looking at the data.

use super::{Branch, ColumnTransformer};
use crate::{OneHotEncoder, SimpleImputer, StandardScaler, Strategy, TfidfVectorizer};
use adflux_core::{Error, Result};
use adflux_data::{ColumnKind, Frame};

/// Text columns of more levels than this are texts when they hold several words.
const FEW_LEVELS: usize = 32;
/// Categories have at least so many rows a level on average, unless they have [`FEW_LEVELS`].
const ROWS_A_LEVEL: usize = 20;
/// Texts hold at least so many words on average.
const SEVERAL_WORDS: usize = 2;
/// Features made of one text column.
const TERMS: usize = 100;

/// What a column is good for.
enum Use {
    Numbers,
    Category,
    Text,
    Nothing,
}

impl ColumnTransformer {
    /// A sensible transformer for `columns` of `frame`: a start to be looked at and changed, not a search.
    ///
    /// - numbers and booleans: missing values by the median, then scaled (branch `numeric`);
    /// - text columns of more than 32 levels with two words or more on average: TF-IDF of the 100 most frequent terms that
    ///   are in at least two texts (branch `text`);
    /// - other text columns of at most 32 levels, or with at least 20 rows a level: one-hot, a missing value being a
    ///   level (branch `categorical`);
    /// - left out: columns with one value only, dates (also as text), and text columns that look like identifiers (single words, nearly
    ///   all different).
    ///
    /// # Errors
    /// [`Error::MissingColumns`], or when no column is left.
    ///
    /// ```
    /// use adflux_data::Frame;
    /// use adflux_preprocessing::ColumnTransformer;
    /// let ads = Frame::builder().numbers("budget", vec![1.0, 2.0]).texts("platform", ["META", "GOOGLE"]).build()?;
    /// let preprocessor = ColumnTransformer::auto(&ads, ["budget", "platform"])?;
    /// let names: Vec<&str> = preprocessor.branches().iter().map(|b| b.name()).collect();
    /// assert_eq!(names, ["numeric", "categorical"]);
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    pub fn auto<S: AsRef<str>>(frame: &Frame, columns: impl IntoIterator<Item = S>) -> Result<Self> {
        let columns: Vec<S> = columns.into_iter().collect();
        frame.require(&columns)?;
        let (mut numbers, mut categories, mut texts) = (Vec::new(), Vec::new(), Vec::new());
        for name in columns.iter().map(AsRef::as_ref) {
            match use_of(frame, name)? {
                Use::Numbers => numbers.push(name),
                Use::Category => categories.push(name),
                Use::Text => texts.push(name),
                Use::Nothing => {}
            }
        }
        let imputer = SimpleImputer::new(Strategy::Median).keep_empty_features(true);
        let branches = [
            Branch::new("numeric", numbers).step(imputer).step(StandardScaler::default()),
            Branch::new("categorical", categories).step(OneHotEncoder::default()),
            Branch::new("text", texts).as_text().step(TfidfVectorizer::default().min_df(2).max_features(TERMS)),
        ];
        let branches: Vec<Branch> = branches.into_iter().filter(|b| !b.columns.is_empty()).collect();
        if branches.is_empty() {
            return Err(Error::data(format!(
                "none of {} columns is of use: each has one value only, or looks like a date or an identifier",
                columns.len()
            )));
        }
        Ok(ColumnTransformer { branches, ..ColumnTransformer::new() })
    }
}

fn use_of(frame: &Frame, name: &str) -> Result<Use> {
    match frame.kind_of(name)? {
        ColumnKind::Number | ColumnKind::Boolean => {
            let values = frame.numbers(name)?;
            let constant = values.iter().all(|v| *v == values[0] || (v.is_nan() && values[0].is_nan()));
            Ok(if constant { Use::Nothing } else { Use::Numbers })
        }
        ColumnKind::Text => {
            let categories = frame.categories(name)?;
            let missing = categories.codes.iter().any(|code| *code as usize >= categories.levels.len());
            let levels = categories.levels.len();
            let words: usize = categories.levels.iter().map(|l| l.split_whitespace().count()).sum();
            Ok(if levels + usize::from(missing) < 2 || categories.levels.iter().all(|l| looks_like_a_date(l)) {
                Use::Nothing
            } else if levels > FEW_LEVELS && words >= SEVERAL_WORDS * levels {
                Use::Text
            } else if levels <= FEW_LEVELS || levels * ROWS_A_LEVEL <= frame.rows() {
                Use::Category
            } else {
                Use::Nothing
            })
        }
        _ => Ok(Use::Nothing),
    }
}

/// Whether a text is a date, with or without a time of day: `2024-12-31`, `31/12/2024 10:00`, `2024-12-31T10:00:00Z`.
fn looks_like_a_date(text: &str) -> bool {
    let date = text.split(['T', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
    let digits = |part: &&str| part.len() <= 4 && !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let years = parts.iter().filter(|part| part.len() == 4).count();
    parts.len() == 3 && parts.iter().all(digits) && years <= 1 && date.len() >= 6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_known_and_versions_and_ranges_are_not() {
        for date in ["2024-12-31", "31/12/2024", "1.2.2024", "2024-01-01 10:00:00", "2024-01-01T10:00:00Z", "31/12/24"]
        {
            assert!(looks_like_a_date(date), "{date}");
        }
        for other in ["1-2-3", "30-34", "META", "2024", "10:30", "a-b-c", "2024-2025-2026"] {
            assert!(!looks_like_a_date(other), "{other}");
        }
    }
}
