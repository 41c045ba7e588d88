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

/// `has_email_address` reads "email address": with or without it is said beside. `MonthlyIncome` reads "monthly income".
pub(super) fn readable(column: &str) -> String {
    let words: Vec<String> = column.split(['_', ' ']).flat_map(humps).collect();
    let words = words.join(" ");
    words.strip_prefix("has ").map_or(words.clone(), str::to_string)
}

/// The words of a name in camel case, in small letters; other names as they are.
fn humps(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let starts = |i: usize| i > 0 && letters[i - 1].is_lowercase() && letters[i].is_uppercase();
    if !(0..letters.len()).any(starts) {
        return vec![name.to_string()];
    }
    let mut words = vec![String::new()];
    for (i, letter) in letters.iter().enumerate() {
        if starts(i) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// Three digits that count.
pub(super) fn number(value: f64) -> String {
    let decimals = (2 - value.abs().max(1e-6).log10().floor() as i32).clamp(0, 8);
    format!("{value:.*}", decimals as usize)
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn names_of_columns_read_as_words() {
        for (column, words) in [
            ("years_experience", "years experience"),
            ("has_email_address", "email address"),
            ("MonthlyIncome", "monthly income"),
            ("YearsAtCompany", "years at company"),
            ("CTR", "CTR"),
            ("job_CTR", "job CTR"),
            ("Age", "Age"),
        ] {
            assert_eq!(readable(column), words);
        }
    }
}
