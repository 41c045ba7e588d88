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

    /// A number as the language writes it: 12,345.6. In Spanish a comma stands before decimals, and narrow spaces between thousands,
    /// from five digits on (Real Academia Española).
    ///
    /// ```
    /// use adflux_postprocessing::Language;
    /// assert_eq!(Language::En.number(-12_345.67, 1), "-12,345.7");
    /// assert_eq!(Language::Es.number(4_870.25, 2), "4870,25");
    /// ```
    pub fn number(self, value: f64, decimals: usize) -> String {
        if !value.is_finite() {
            return if value.is_nan() {
                "–"
            } else if value > 0.0 {
                "∞"
            } else {
                "-∞"
            }
            .into();
        }
        let text = format!("{:.decimals$}", value.abs());
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let grouped = self == Language::En || whole.len() > 4;
        // Nothing is left of a negative number that rounds to 0, its sign neither.
        let negative = value < 0.0 && text.contains(|digit: char| digit.is_ascii_digit() && digit != '0');
        let mut out = String::from(if negative { "-" } else { "" });
        for (i, digit) in whole.chars().enumerate() {
            if grouped && i > 0 && (whole.len() - i).is_multiple_of(3) {
                out.push(if self == Language::En { ',' } else { '\u{202f}' });
            }
            out.push(digit);
        }
        if !fraction.is_empty() {
            out.push(if self == Language::En { '.' } else { ',' });
            out.push_str(fraction);
        }
        out
    }

    /// A number in three digits that count, or as many as stand before the decimals.
    pub fn digits(self, value: f64) -> String {
        self.number(value, decimals(value))
    }
}

/// How many decimals make three digits that count; none of what is nothing but rounding.
fn decimals(value: f64) -> usize {
    if value.abs() < 1e-9 {
        return 0;
    }
    (2 - value.abs().log10().floor() as i32).clamp(0, 11) as usize
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
    // A word with a capital: Department. CTR is none.
    if letters.len() > 1 && letters[0].is_uppercase() && letters[1..].iter().all(|c| c.is_lowercase()) {
        return vec![name.to_lowercase()];
    }
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

/// Three digits that count, as they stand in the data.
pub(super) fn number(value: f64) -> String {
    format!("{value:.*}", decimals(value))
}

/// Whether a noun reads as feminine in Spanish, by the ending of its first word, and whether as plural.
pub(super) fn feminine_and_plural(column: &str) -> (bool, bool) {
    let head = column.split(' ').next().unwrap_or_default().to_lowercase();
    let plural = head.ends_with('s');
    let one = head.strip_suffix("es").or(head.strip_suffix('s')).unwrap_or(&head);
    let masculine = ["día", "programa", "idioma", "problema"].contains(&one);
    let feminine = head.trim_end_matches('s').ends_with('a')
        || ["dad", "tad", "tud", "ción", "cion", "sión", "sion"].iter().any(|ending| one.ends_with(ending));
    (feminine && !masculine, plural)
}

#[cfg(test)]
mod tests {
    use super::{Language, feminine_and_plural, readable};

    #[test]
    fn names_of_columns_read_as_words() {
        for (column, words) in [
            ("years_experience", "years experience"),
            ("has_email_address", "email address"),
            ("MonthlyIncome", "monthly income"),
            ("YearsAtCompany", "years at company"),
            ("CTR", "CTR"),
            ("job_CTR", "job CTR"),
            ("Age", "age"),
        ] {
            assert_eq!(readable(column), words);
        }
    }

    #[test]
    fn numbers_are_written_as_the_language_writes_them() {
        let (en, es) = (Language::En, Language::Es);
        assert_eq!([0.0, 1e-15, -1e-12, 9.5, 40_540.4].map(|v| en.digits(v)), ["0", "0", "0", "9.50", "40,540"]);
        assert_eq!([0.0312, 1_234.0, 40_540.4].map(|v| es.digits(v)), ["0,0312", "1234", "40\u{202f}540"]);
        assert_eq!((en.number(-0.04, 1), en.number(f64::NAN, 1)), ("0.0".into(), "–".into()));
    }

    #[test]
    fn genders_are_guessed_by_endings() {
        for (column, feminine, plural) in [
            ("sueldo", false, false),
            ("edad", true, false),
            ("antigüedad laboral", true, false),
            ("experiencia", true, false),
            ("ingresos", false, true),
            ("ventas", true, true),
            ("puntuaciones", true, true),
            ("día", false, false),
        ] {
            assert_eq!(feminine_and_plural(column), (feminine, plural), "{column}");
        }
    }
}
