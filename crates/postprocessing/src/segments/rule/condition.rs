//! [`Condition`]: one comparison of one column.

use crate::segments::{
    Language,
    column::{Compared, Values},
};
use adflux_core::{Categories, Error, Result};
use adflux_data::Frame;
use serde::{Deserialize, Serialize};

/// What a column is compared with. A missing value passes [`IsNot`](Test::IsNot) and [`Missing`](Test::Missing) only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "test")]
#[non_exhaustive]
pub enum Test {
    /// Numbers `above` < x ≤ `up_to`; one of them may be open.
    Range {
        /// The lower end, excluded.
        above: Option<f64>,
        /// The upper end, included.
        up_to: Option<f64>,
    },
    /// One number.
    Equals {
        /// The number.
        value: f64,
    },
    /// One level of a text, or `true` or `false`.
    Is {
        /// The level.
        level: String,
    },
    /// Any other level, or none.
    IsNot {
        /// The level.
        level: String,
    },
    /// No value.
    Missing,
}

/// One comparison of one column, as a person would say it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// The column.
    pub column: String,
    /// What it is compared with.
    #[serde(flatten)]
    pub test: Test,
}

impl Condition {
    /// Which rows of `frame` meet the condition.
    ///
    /// # Errors
    /// When the column is missing, or is of another kind than the condition compares.
    pub fn matches(&self, frame: &Frame) -> Result<Vec<bool>> {
        let column = Compared::read(frame, &self.column)?;
        let column = column.ok_or_else(|| Error::column(&self.column, "holds dates, which no rule compares"))?;
        self.test.matches(&column)
    }

    /// The condition in words: `years_experience > 8`. Names, numbers and levels stay as they are in the data.
    pub fn text(&self, language: Language) -> String {
        let column = &self.column;
        match &self.test {
            Test::Range { above: Some(above), up_to: Some(up_to) } => format!("{above} < {column} ≤ {up_to}"),
            Test::Range { above: Some(above), up_to: None } => format!("{column} > {above}"),
            Test::Range { above: None, up_to: Some(up_to) } => format!("{column} ≤ {up_to}"),
            Test::Range { above: None, up_to: None } => format!("{column} {}", language.pick("is known", "tiene dato")),
            Test::Equals { value } => format!("{column} = {value}"),
            Test::Is { level } => format!("{column} = {}", shown(level)),
            Test::IsNot { level } => format!("{column} ≠ {}", shown(level)),
            Test::Missing => format!("{column} {}", language.pick("is missing", "sin dato")),
        }
    }
}

/// An empty level would not be seen.
fn shown(level: &str) -> &str {
    if level.is_empty() { "\"\"" } else { level }
}

impl Test {
    /// Which rows of a column pass.
    pub(super) fn matches(&self, column: &Compared) -> Result<Vec<bool>> {
        match &column.values {
            Values::Number { values, boolean, .. } => {
                let kind = if *boolean { "truth values" } else { "numbers" };
                let known = |value: &f64| value.is_finite();
                let of_level = |level: &String| match level.as_str() {
                    "true" if *boolean => Ok(1.0),
                    "false" if *boolean => Ok(0.0),
                    _ => Err(Error::column(
                        &column.name,
                        format!("holds {kind}, where the rule compares with `{level}`"),
                    )),
                };
                Ok(match self {
                    Test::Range { above, up_to } => {
                        let (above, up_to) = (above.unwrap_or(f64::NEG_INFINITY), up_to.unwrap_or(f64::INFINITY));
                        values.iter().map(|v| known(v) && *v > above && *v <= up_to).collect()
                    }
                    Test::Equals { value } => values.iter().map(|v| v == value).collect(),
                    Test::Is { level } => {
                        let level = of_level(level)?;
                        values.iter().map(|v| *v == level).collect()
                    }
                    Test::IsNot { level } => {
                        let level = of_level(level)?;
                        values.iter().map(|v| *v != level).collect()
                    }
                    Test::Missing => values.iter().map(|v| !known(v)).collect(),
                })
            }
            Values::Text { categories, .. } => {
                let codes = categories.codes.iter();
                // A level that is not there equals no code; one code is never given to a level.
                const NONE: u32 = Categories::MISSING - 1;
                let of_level = |level: &String| {
                    categories.levels.iter().position(|l| l == level).map_or(NONE, |place| place as u32)
                };
                match self {
                    Test::Is { level } => {
                        let level = of_level(level);
                        Ok(codes.map(|c| *c == level).collect())
                    }
                    Test::IsNot { level } => {
                        let level = of_level(level);
                        Ok(codes.map(|c| *c != level).collect())
                    }
                    Test::Missing => Ok(codes.map(|c| *c == Categories::MISSING).collect()),
                    Test::Range { .. } | Test::Equals { .. } => {
                        Err(Error::column(&column.name, "holds text, where the rule compares numbers"))
                    }
                }
            }
        }
    }

    /// How many numbers or levels a reader has to keep in mind.
    pub(super) fn length(&self) -> usize {
        match self {
            Test::Range { above: Some(_), up_to: Some(_) } => 2,
            _ => 1,
        }
    }
}
