//! [`Language`], and numbers and names as people read them.

use serde::{Deserialize, Serialize};

/// The language of names and sentences. Column names and values stay as they are in the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Spanish.
    Es,
}

impl Language {
    /// The text in this language.
    pub fn pick(self, en: &'static str, es: &'static str) -> &'static str {
        match self {
            Language::En => en,
            Language::Es => es,
        }
    }
}

/// `has_email_address` reads "email address": with or without it is said beside.
pub(super) fn readable(column: &str) -> String {
    let words = column.replace('_', " ");
    words.strip_prefix("has ").map_or(words.clone(), str::to_string)
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// Three digits that count.
pub(super) fn number(value: f64) -> String {
    let decimals = (2 - value.abs().max(1e-6).log10().floor() as i32).clamp(0, 8);
    format!("{value:.*}", decimals as usize)
}
