//! Numbers as people read them.

use adflux::postprocessing::Language;

/// A whole number with separators: 12,345.
pub fn count(value: f64) -> String {
    if !value.is_finite() {
        return "∞".into();
    }
    let digits = format!("{:.0}", value.abs());
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if value <= -0.5 { format!("-{out}") } else { out }
}

/// So many rows: 1 row, 12,345 rows.
pub fn rows(rows: usize) -> String {
    format!("{} row{}", count(rows as f64), if rows == 1 { "" } else { "s" })
}

/// A whole number as the language groups its digits: 12,345 in English; in Spanish by narrow spaces, and from five digits on (Real
/// Academia Española), so that nobody takes the sign for that of decimals.
pub fn count_in(value: f64, language: Language) -> String {
    let english = count(value);
    match language {
        Language::En => english,
        Language::Es if value.abs().round() < 10_000.0 => english.replace(',', ""),
        Language::Es => english.replace(',', "\u{202f}"),
    }
}

/// An amount of money: 12,345 or 12.34.
pub fn money(value: f64) -> String {
    if !value.is_finite() || value.abs() >= 1000.0 { count(value) } else { format!("{value:.2}") }
}

/// A share as a percentage with `decimals`. The space does not break, so that no line begins with the sign.
pub fn percent(share: f64, decimals: usize) -> String {
    format!("{:.decimals$}\u{a0}%", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(1234567.4), "1,234,567");
        assert_eq!(count(-999.6), "-1,000");
        assert_eq!(count(0.2), "0");
        assert_eq!((rows(1), rows(1234)), ("1 row".into(), "1,234 rows".into()));
        assert_eq!(money(12.345), "12.35");
        assert_eq!(money(12345.6), "12,346");
        assert_eq!(percent(0.0123, 2), "1.23\u{a0}%");
        assert_eq!(count_in(12345.0, Language::En), "12,345");
        assert_eq!(count_in(12345.0, Language::Es), "12\u{202f}345");
        assert_eq!(count_in(-4870.4, Language::Es), "-4870");
    }
}
