//! [`Stemming`]: words without their endings.

use rust_stemmers::{Algorithm, Stemmer};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Whether words are cut down to their stems, so that `developer` and `developers`, or `técnico` and `técnicas`, are one term.
///
/// The rules are Snowball's: *English* is Porter's second algorithm ("Porter2"), *Spanish* the Spanish algorithm, which
/// takes acute accents off the stem. A stem need not be a word (`logístic`). The rules ask for lower case, and the Spanish ones
/// look for accents (`-ción`), so a word is stemmed before its accents are stripped.
///
/// Reference: Porter (2001), *Snowball: a language for stemming algorithms*, <https://snowballstem.org>.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stemming {
    /// Words stay as they are.
    #[default]
    None,
    /// By the rules for English.
    English,
    /// By the rules for Spanish.
    Spanish,
}

impl Stemming {
    /// The stem of a word in lower case.
    ///
    /// ```
    /// use adflux_text::Stemming;
    /// assert_eq!(Stemming::English.stem("developers"), "develop");
    /// assert_eq!(Stemming::Spanish.stem("técnicas"), "tecnic");
    /// assert_eq!(Stemming::None.stem("developers"), "developers");
    /// ```
    pub fn stem(self, word: &str) -> Cow<'_, str> {
        match self {
            Stemming::None => Cow::Borrowed(word),
            Stemming::English => Stemmer::create(Algorithm::English).stem(word),
            Stemming::Spanish => Stemmer::create(Algorithm::Spanish).stem(word),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the sample vocabularies that <https://snowballstem.org> prints with the description of each algorithm.
    const ENGLISH: [(&str, &str); 20] = [
        ("consign", "consign"),
        ("consigned", "consign"),
        ("consigning", "consign"),
        ("consignment", "consign"),
        ("consist", "consist"),
        ("consisted", "consist"),
        ("consistency", "consist"),
        ("consistent", "consist"),
        ("consistently", "consist"),
        ("consolation", "consol"),
        ("consolations", "consol"),
        ("consolatory", "consolatori"),
        ("consolingly", "consol"),
        ("conspiracy", "conspiraci"),
        ("knackeries", "knackeri"),
        ("knavish", "knavish"),
        ("kneaded", "knead"),
        ("knightly", "knight"),
        ("knots", "knot"),
        ("knives", "knive"),
    ];
    const SPANISH: [(&str, &str); 20] = [
        ("cheque", "chequ"),
        ("cheques", "chequ"),
        ("chicas", "chic"),
        ("chicos", "chic"),
        ("chihuahuenses", "chihuahuens"),
        ("chilangos", "chilang"),
        ("chiles", "chil"),
        ("chimenea", "chimene"),
        ("chinos", "chin"),
        ("chipotle", "chipotl"),
        ("torear", "tor"),
        ("toreado", "tor"),
        ("torero", "torer"),
        ("toreros", "torer"),
        ("tormentas", "torment"),
        ("tornado", "torn"),
        ("torneos", "torne"),
        ("tortillas", "tortill"),
        ("tortura", "tortur"),
        ("torturado", "tortur"),
    ];

    #[test]
    fn stems_are_those_that_snowball_prints() {
        for (language, samples) in [(Stemming::English, ENGLISH), (Stemming::Spanish, SPANISH)] {
            for (word, stem) in samples {
                assert_eq!(language.stem(word), stem, "{language:?}: {word}");
            }
        }
    }

    #[test]
    fn forms_of_one_word_share_a_stem() {
        let same = |language: Stemming, words: &[&str]| {
            let stems: std::collections::HashSet<_> = words.iter().map(|word| language.stem(word)).collect();
            assert_eq!(stems.len(), 1, "{stems:?}");
        };
        same(Stemming::English, &["manage", "managing", "managed", "manages"]);
        same(Stemming::Spanish, &["logística", "logístico", "logísticas"]);
        same(Stemming::Spanish, &["contratación", "contrataciones"]);
    }
}
