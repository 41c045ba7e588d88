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

/// A whole number as the language groups its digits.
pub fn count_in(value: f64, language: Language) -> String {
    if value.is_finite() { language.number(value, 0) } else { "∞".into() }
}

/// So many of something: 1 row, 12,345 rows.
pub fn counted(number: usize, one: &str, many: &str, language: Language) -> String {
    format!("{} {}", count_in(number as f64, language), if number == 1 { one } else { many })
}

/// So many rows in the language.
pub fn rows_in(number: usize, language: Language) -> String {
    counted(number, language.pick("row", "fila"), language.pick("rows", "filas"), language)
}

/// So many segments in the language.
pub fn segments_in(number: usize, language: Language) -> String {
    counted(number, language.pick("segment", "segmento"), language.pick("segments", "segmentos"), language)
}

/// An amount of money: 12,345 or 12.34.
pub fn money(value: f64) -> String {
    if !value.is_finite() || value.abs() >= 1000.0 { count(value) } else { format!("{value:.2}") }
}

/// A share as a percentage with `decimals`. The space does not break, so that no line begins with the sign.
pub fn percent(share: f64, decimals: usize) -> String {
    format!("{:.decimals$}\u{a0}%", share * 100.0)
}

/// A share as a percentage with `decimals`, as the language writes it.
pub fn percent_in(share: f64, decimals: usize, language: Language) -> String {
    if share.is_finite() { format!("{}\u{a0}%", language.number(share * 100.0, decimals)) } else { "–".into() }
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
        assert_eq!((rows_in(1, Language::Es), segments_in(2, Language::En)), ("1 fila".into(), "2 segments".into()));
        assert_eq!(percent_in(0.0123, 1, Language::Es), "1,2\u{a0}%");
    }
}
