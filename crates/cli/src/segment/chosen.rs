//! Which columns segments are made of, and how they become numbers.

use crate::columns::{Columns, Excluded, expanded, in_order, none_left, unusable};
use adflux::{
    core::Result,
    data::{ColumnKind, Frame, Role},
    postprocessing::Language,
    preprocessing::ColumnTransformer,
};

/// The branch of [`ColumnTransformer::auto`] whose features are sparse.
const FREE_TEXT: &str = "text";

/// A frame with a role for each column, what is learned from, and how.
pub struct Chosen {
    pub frame: Frame,
    pub columns: Vec<String>,
    pub excluded: Vec<Excluded>,
    pub preprocessor: ColumnTransformer,
}

impl Chosen {
    /// Decides on the role of every column. `outcome` is known only afterwards: neither it nor what leaks it is learned from.
    /// `keep_categories`: for models that take categories themselves.
    pub fn of(
        mut frame: Frame,
        options: &Columns,
        outcome: Option<&str>,
        keep_categories: bool,
        language: Language,
    ) -> Result<Self> {
        let sensitive = expanded(&options.sensitive, &frame)?;
        let outcome = outcome.filter(|outcome| !sensitive.iter().any(|s| s == outcome));
        if let Some(outcome) = outcome {
            // As a target: columns that leak it are found too.
            frame = frame.with_role(outcome, Role::Target)?;
        }
        let (mut frame, mut excluded) = options.choose(frame, language)?;
        let allowed = expanded(&options.allow, &frame)?;
        let features: Vec<String> = frame.names_with(Role::Feature).into_iter().map(str::to_string).collect();
        for column in features.iter().filter(|column| names_something(column) && !allowed.contains(column)) {
            if frame.kind_of(column)? == ColumnKind::Number {
                let reason = language.pick(
                    "is an identifier by its name: numbers that name are no quantities",
                    "es un identificador por su nombre: los números que nombran no son cantidades",
                );
                excluded.push(Excluded { column: column.clone(), reason: reason.into() });
                frame = frame.with_role(column, Role::Ignore)?;
            }
        }
        if let Some(outcome) = outcome {
            let reason =
                language.pick("is the outcome, known only afterwards", "es el resultado, que se conoce después");
            excluded.push(Excluded { column: outcome.into(), reason: reason.into() });
        }

        let features: Vec<String> = frame.names_with(Role::Feature).into_iter().map(str::to_string).collect();
        let usable = match ColumnTransformer::auto(&frame, &features) {
            Ok(all) => {
                let branches = all.branches().iter().filter(|branch| branch.name() != FREE_TEXT);
                branches.flat_map(|branch| branch.columns().to_vec()).collect()
            }
            Err(_) => Vec::new(),
        };
        for column in features.iter().filter(|column| !usable.contains(column)) {
            excluded.push(Excluded { column: column.clone(), reason: unusable(&frame, column, language)? });
            frame = frame.with_role(column, Role::Ignore)?;
        }
        in_order(&mut excluded, &frame);
        let columns: Vec<String> = features.into_iter().filter(|column| usable.contains(column)).collect();
        if columns.is_empty() {
            return Err(none_left(&excluded, language));
        }
        let preprocessor = match keep_categories {
            true => ColumnTransformer::auto_with_categories(&frame, &columns)?,
            false => ColumnTransformer::auto(&frame, &columns)?,
        };
        Ok(Chosen { frame, columns, excluded, preprocessor })
    }
}

/// Whether the last word of a name is "id": `campaign_id`, `customerID`.
fn names_something(column: &str) -> bool {
    let small = column.to_lowercase();
    let Some(before) = small.strip_suffix("id") else { return false };
    before.is_empty() || !before.ends_with(char::is_alphanumeric) || column.ends_with("ID") || column.ends_with("Id")
}

#[cfg(test)]
mod tests {
    use super::names_something;

    #[test]
    fn identifiers_are_known_by_the_last_word() {
        for name in ["id", "campaign_id", "xyz campaign ID", "customerID", "personId"] {
            assert!(names_something(name), "{name}");
        }
        for name in ["paid", "ids_seen", "grid", "bid", "covid"] {
            assert!(!names_something(name), "{name}");
        }
    }
}
