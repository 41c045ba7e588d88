//! What a frame's columns are, and what they are for.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ColumnKind {
    /// Numbers; a missing one is NaN.
    Number,
    /// Truth values; as numbers 0 and 1.
    Boolean,
    /// Text.
    Text,
    /// Dates or date-times.
    Time,
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ColumnKind::Number => "number",
            ColumnKind::Boolean => "boolean",
            ColumnKind::Text => "text",
            ColumnKind::Time => "time",
        })
    }
}

/// What a column is for. A column without a role given to it is a [`Feature`](Role::Feature).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// May be learned from.
    Feature,
    /// Is to be predicted.
    Target,
    /// How much a row counts.
    Weight,
    /// What the target is counted over.
    Exposure,
    /// Rows of one group belong together.
    Group,
    /// When the row happened.
    Time,
    /// Names the row.
    Id,
    /// Gender, race, age and the like: never learned from, kept beside to measure fairness.
    Sensitive,
    /// Is not used.
    Ignore,
}

/// One column of a [`Schema`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The column's name.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// What it is for.
    pub role: Role,
}

/// The columns of a frame, in order. A saved pipeline holds the schema of its input and parses later input to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// The columns.
    pub fields: Vec<Field>,
}

impl Schema {
    /// The field called `name`.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// Whether the column called `name` is one of text.
    pub(crate) fn is_text(&self, name: &str) -> bool {
        self.field(name).is_some_and(|field| field.kind == ColumnKind::Text)
    }

    /// Only the fields called `names`, in the order they have here.
    pub fn restricted_to(&self, names: &[String]) -> Schema {
        Schema { fields: self.fields.iter().filter(|f| names.contains(&f.name)).cloned().collect() }
    }
}
