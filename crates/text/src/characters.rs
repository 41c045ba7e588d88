//! Which characters make words, and letters without their accents.

use unicode_normalization::{
    UnicodeNormalization as _,
    char::{canonical_combining_class, is_combining_mark},
};

/// Whether `c` is matched by `\w` of Python's `re`: a letter, a digit or other number, or the underscore.
///
/// This is narrower than [`char::is_alphanumeric`]: combining marks (an accent written as a character of its own, the
/// vowel signs of Indic scripts) and letters in circles and squares do not count.
///
/// ```
/// use adflux_text::characters::is_word;
/// assert!("ñ7_½字".chars().all(is_word));
/// assert!(!"-'\u{301}Ⓐ🚀".chars().any(is_word));
/// ```
pub fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_';
    }
    // Latin letters with accents, decided without a table: all of these are letters but two signs.
    if matches!(c, '\u{c0}'..='\u{24f}') {
        return c != '×' && c != '÷';
    }
    c.is_alphanumeric() && !is_combining_mark(c) && !is_enclosed(c)
}

/// Letters in circles and squares: alphabetic for Unicode, symbols for Python.
fn is_enclosed(c: char) -> bool {
    matches!(c, '\u{24b6}'..='\u{24e9}' | '\u{1f130}'..='\u{1f149}' | '\u{1f150}'..='\u{1f169}' | '\u{1f170}'..='\u{1f189}')
}

/// Whether `c` is white space for Python's `str.split` and `\s`: Unicode's white space and the four ASCII separators.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// `text` with accents taken off: `"Diseño de páginas"` becomes `"Diseno de paginas"`.
///
/// Equal to `strip_accents="unicode"` of scikit-learn: compatibility decomposition (NFKD, which also turns `ﬁ` into `fi`
/// and `²` into `2`), then every character with a canonical combining class other than 0 is dropped. Letters that do not
/// decompose, such as `ø` and `ł`, stay.
///
/// ```
/// assert_eq!(adflux_text::strip_accents("Málaga ﬁlología Ørsted"), "Malaga filologia Ørsted");
/// ```
pub fn strip_accents(text: &str) -> String {
    let mut stripped = String::with_capacity(text.len());
    push_stripped(text, &mut stripped);
    stripped
}

/// Appends `text` without accents to `to`.
pub(crate) fn push_stripped(text: &str, to: &mut String) {
    if text.is_ascii() {
        to.push_str(text);
    } else {
        to.extend(text.nfkd().filter(|c| canonical_combining_class(*c) == 0));
    }
}

/// Appends `text` with compatibility characters replaced and each accent joined to its letter (NFKC).
pub(crate) fn push_composed(text: &str, to: &mut String) {
    if text.is_ascii() {
        to.push_str(text);
    } else {
        to.extend(text.nfkc());
    }
}

/// Appends `text` in lower case to `to`, as [`str::to_lowercase`] does.
pub(crate) fn push_lowercase(text: &str, to: &mut String) {
    // The lower case of a capital sigma depends on its neighbours; every other letter stands alone.
    if text.contains('Σ') {
        to.push_str(&text.to_lowercase());
        return;
    }
    for c in text.chars() {
        match c {
            _ if c.is_ascii() => to.push(c.to_ascii_lowercase()),
            // The accented letters of Western Europe, without a table: capitals stand 32 before small ones.
            '\u{df}'..='\u{ff}' => to.push(c),
            '\u{c0}'..='\u{de}' if c != '×' => to.push(char::from_u32(c as u32 + 32).unwrap_or(c)),
            _ => to.extend(c.to_lowercase()),
        }
    }
}

/// Appends a text of characters up to U+00FF in lower case to `to`. Without an accented capital it is a copy.
pub(crate) fn push_western_lowercase(text: &str, to: &mut String) {
    // À to Þ in UTF-8.
    if text.as_bytes().windows(2).any(|pair| pair[0] == 0xc3 && (0x80..=0x9e).contains(&pair[1])) {
        return push_lowercase(text, to);
    }
    let start = to.len();
    to.push_str(text);
    to[start..].make_ascii_lowercase();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_case_is_that_of_the_standard_library() {
        for text in ["ÁRBOL Ñandú", "ΟΔΥΣΣΕΥΣ ΣΑΣ", "İstanbul STRASSE ẞ", "ascii ONLY", "", "ÀÁÿß×÷ÞÐþð"]
        {
            let mut lower = String::new();
            push_lowercase(text, &mut lower);
            assert_eq!(lower, text.to_lowercase());
        }
    }

    #[test]
    fn up_to_latin_1_the_case_of_a_letter_does_not_decide_whether_it_is_in_a_word() {
        for c in '\0'..='\u{ff}' {
            let (mut lower, text) = (String::new(), c.to_string());
            push_western_lowercase(&text, &mut lower);
            assert_eq!(lower, text.to_lowercase());
            assert!(lower.chars().all(|l| is_word(l) == is_word(c)), "{c}");
        }
    }

    #[test]
    fn accents_go_whether_composed_or_not() {
        assert_eq!(strip_accents("n\u{303} ñ"), "n n");
        assert_eq!(strip_accents("x² ﬁ Å"), "x2 fi A");
    }
}
