//! A column transformer chosen by looking at the data.

use super::{Branch, ColumnTransformer, lists};
use crate::{
    CategoryEncoder, HandleUnknown, MultiLabelBinarizer, OneHotEncoder, SimpleImputer, StandardScaler, Strategy,
    TfidfVectorizer,
};
use adflux_core::{AnyTransformRecipe, Error, Result};
use adflux_data::{ColumnKind, Frame};
use std::collections::BTreeMap;

/// Text columns of more levels than this are texts when they hold several words.
const FEW_LEVELS: usize = 32;
/// Categories have at least so many rows a level on average, unless they have [`FEW_LEVELS`].
const ROWS_A_LEVEL: usize = 20;
/// Categories whose rarer levels are pooled have at least so many rows a level on average: with fewer they look like
/// identifiers.
const ROWS_A_POOLED_LEVEL: usize = 5;
/// Texts hold at least so many words on average.
const SEVERAL_WORDS: usize = 2;
/// Features made of one text column.
const TERMS: usize = 100;
/// Features made of one column of lists.
const LABELS: usize = 50;

/// What a column is good for.
enum Use {
    Numbers,
    Category,
    /// Categories of many levels.
    Pooled,
    /// Lists with a separator.
    List(&'static str),
    Text,
    Nothing,
}

impl ColumnTransformer {
    /// A sensible transformer for `columns` of `frame`: a start to be looked at and changed, not a search.
    ///
    /// - numbers and booleans: missing values by the median, then scaled (branch `numeric`);
    /// - text columns that clearly are lists, by `;`, `|` or `,` in at least half of them and short labels that repeat: a 0/1 column for
    ///   each of the 50 most frequent labels (branches `lists (;)` and so on);
    /// - text columns of more than 32 levels with two words or more on average: TF-IDF of the 100 most frequent terms that
    ///   are in at least two texts (branch `text`);
    /// - other text columns of at most 32 levels, or with at least 20 rows a level: one-hot, a missing value being a
    ///   level (branch `categorical`);
    /// - text columns of more levels, with at least 5 rows a level: one-hot with the rarest levels pooled into one of 32 columns,
    ///   to which new levels are counted (branch `pooled`);
    /// - left out: columns with one value only, dates (also as text), and text columns that look like identifiers (single words, nearly
    ///   all different).
    ///
    /// Dates are left out because what they are good for is a choice: the five features that
    /// [`DateFeatures`](crate::DateFeatures) makes of one date would outweigh the other columns of a segmentation, and
    /// the time elapsed tells nothing of later rows. Add a branch of them where they count.
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
        Self::automatic(frame, columns, false)
    }

    /// [`auto`](Self::auto) for models that take categories themselves, as k-prototypes does: where that one-hot encodes, a
    /// [`CategoryEncoder`] keeps the category, its levels those of training, with rare ones pooled in the branch `pooled`.
    ///
    /// # Errors
    /// As `auto`.
    ///
    /// ```
    /// use adflux_core::{Fit, Training, Transform, Values};
    /// use adflux_data::Frame;
    /// use adflux_preprocessing::ColumnTransformer;
    /// let ads = Frame::builder().numbers("budget", vec![1.0, 2.0]).texts("platform", ["META", "GOOGLE"]).build()?;
    /// let preprocessor = ColumnTransformer::auto_with_categories(&ads, ["budget", "platform"])?;
    /// let features = preprocessor.fit(Training::new(ads.clone()))?.transform(ads)?;
    /// let Values::Category(platform) = features.blocks()[1].values() else { panic!() };
    /// assert_eq!(platform.get(0), Some("META"));
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    pub fn auto_with_categories<S: AsRef<str>>(frame: &Frame, columns: impl IntoIterator<Item = S>) -> Result<Self> {
        Self::automatic(frame, columns, true)
    }

    fn automatic<S: AsRef<str>>(
        frame: &Frame,
        columns: impl IntoIterator<Item = S>,
        keep_categories: bool,
    ) -> Result<Self> {
        let columns: Vec<S> = columns.into_iter().collect();
        frame.require(&columns)?;
        let (mut numbers, mut categories, mut texts) = (Vec::new(), Vec::new(), Vec::new());
        let (mut pooled, mut lists) = (Vec::new(), BTreeMap::<&str, Vec<&str>>::new());
        for name in columns.iter().map(AsRef::as_ref) {
            match use_of(frame, name)? {
                Use::Numbers => numbers.push(name),
                Use::Category => categories.push(name),
                Use::Pooled => pooled.push(name),
                Use::List(separator) => lists.entry(separator).or_default().push(name),
                Use::Text => texts.push(name),
                Use::Nothing => {}
            }
        }
        let imputer = SimpleImputer::new(Strategy::Median).keep_empty_features(true);
        let unknown = HandleUnknown::InfrequentIfExist;
        let (few, many) = if keep_categories {
            let pooling = CategoryEncoder::default().max_categories(FEW_LEVELS).handle_unknown(unknown);
            (AnyTransformRecipe::new(CategoryEncoder::default()), AnyTransformRecipe::new(pooling))
        } else {
            let pooling = OneHotEncoder::default().max_categories(FEW_LEVELS).handle_unknown(unknown);
            (AnyTransformRecipe::new(OneHotEncoder::default()), AnyTransformRecipe::new(pooling))
        };
        let lists = lists.into_iter().map(|(separator, columns)| {
            // Dense, as most models want it: there are few of them.
            let labels = MultiLabelBinarizer::new(separator).max_features(LABELS).sparse_output(false);
            Branch::new(format!("lists ({separator})"), columns).as_text().step(labels)
        });
        let branches = [
            Branch::new("numeric", numbers).step(imputer).step(StandardScaler::default()),
            Branch::new("categorical", categories).boxed_step(few),
            Branch::new("pooled", pooled).boxed_step(many),
            Branch::new("text", texts).as_text().step(TfidfVectorizer::default().min_df(2).max_features(TERMS)),
        ];
        let branches: Vec<Branch> = branches.into_iter().chain(lists).filter(|b| !b.columns.is_empty()).collect();
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
            } else if let Some(separator) = lists::separator(&categories.levels) {
                Use::List(separator)
            } else if levels > FEW_LEVELS && words >= SEVERAL_WORDS * levels {
                Use::Text
            } else if levels <= FEW_LEVELS || levels * ROWS_A_LEVEL <= frame.rows() {
                Use::Category
            } else if levels * ROWS_A_POOLED_LEVEL <= frame.rows() {
                Use::Pooled
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
    fn lists_and_categories_of_many_levels_have_branches_of_their_own() {
        let skills = ["java; sql", "sql; go", "java; go", "go; sql; java", "java", "go"];
        let frame = Frame::builder()
            .texts("skills", (0..400).map(|row| skills[row % skills.len()]))
            .texts("city", (0..400).map(|row| format!("city{}", row % 40)))
            .texts("id", (0..400).map(|row| format!("id{row}")))
            .build()
            .unwrap();
        let transformer = ColumnTransformer::auto(&frame, ["skills", "city", "id"]).unwrap();
        let branches: Vec<(&str, &[String])> = transformer.branches().iter().map(|b| (b.name(), b.columns())).collect();
        assert_eq!(branches, [("pooled", &["city".to_string()][..]), ("lists (;)", &["skills".to_string()][..])]);
        let fitted = adflux_core::Fit::fit(&transformer, adflux_core::Training::new(frame)).unwrap();
        let names: Vec<&str> = fitted.feature_names().collect();
        assert_eq!(names.len(), FEW_LEVELS + 3);
        assert_eq!(names[FEW_LEVELS - 1..], ["city=infrequent", "skills=go", "skills=java", "skills=sql"]);
        let sources: Vec<&str> = fitted.columns().map(|c| c.sources[0].as_str()).collect();
        assert_eq!(sources[FEW_LEVELS - 1..], ["city", "skills", "skills", "skills"]);
    }

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
