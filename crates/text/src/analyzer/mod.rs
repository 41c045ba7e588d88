//! [`Analyzer`]: from a text to its terms.

mod grams;
mod words;

use crate::{
    Cut, Stemming, StopWords, Terms,
    characters::{push_composed, push_lowercase, push_stripped},
};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// What terms are runs of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Words.
    #[default]
    Word,
    /// Characters, over the borders of words: for misspellings and languages without spaces.
    Char,
    /// Characters inside a word, with a space on either side of it.
    CharWb,
}

/// Cuts a text into words and n-grams of words, or into n-grams of characters.
///
/// In this order, as scikit-learn's `CountVectorizer` does: lower case, accents off (if asked), words, stop words out (if
/// asked), n-grams. A word is a run of at least two letters, digits or underscores: the default `token_pattern`
/// `(?u)\b\w\w+\b`. The words of an n-gram are joined by one space, and it may reach over a stop word. N-grams of characters
/// know neither stop words nor stems.
///
/// Stop words go through the same lower-casing and accent stripping as the text, so `más` is found in a text whose
/// accents were taken off. (scikit-learn only warns that the two do not match.) With [`Stemming`], which scikit-learn does not have, words
/// are stemmed once stop words are out, and accents are taken off the stems.
///
/// ```
/// use adflux_text::{Analyzer, Stemming, StopWords, Unit};
/// let analyzer = Analyzer::default().ngram_range(1..=2).strip_accents(true).stop_words(StopWords::Spanish);
/// assert_eq!(
///     analyzer.terms("Técnico de Logística, B2"),
///     ["tecnico", "logistica", "b2", "tecnico logistica", "logistica b2"]
/// );
/// let stems = Analyzer::default().stemming(Stemming::English);
/// assert_eq!(stems.terms("Managing developers"), ["manag", "develop"]);
/// let trigrams = Analyzer::default().unit(Unit::CharWb).ngram_range(3..=3);
/// assert_eq!(trigrams.terms("SQL 24"), [" sq", "sql", "ql ", " 24", "24 "]);
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Settings", into = "Settings")]
pub struct Analyzer {
    lowercase: bool,
    strip_accents: bool,
    unit: Unit,
    ngrams: RangeInclusive<usize>,
    stop_words: StopWords,
    stemming: Stemming,
    /// `stop_words` as they look after normalisation.
    stopped: Terms,
}

/// What an analyzer is saved as. The fields with a default came later: states without them cut words and did not stem.
#[derive(Serialize, Deserialize)]
struct Settings {
    lowercase: bool,
    strip_accents: bool,
    ngram_range: (usize, usize),
    stop_words: StopWords,
    #[serde(default)]
    unit: Unit,
    #[serde(default)]
    stemming: Stemming,
}

impl From<Settings> for Analyzer {
    fn from(from: Settings) -> Self {
        Analyzer::default()
            .lowercase(from.lowercase)
            .strip_accents(from.strip_accents)
            .ngram_range(from.ngram_range.0..=from.ngram_range.1)
            .stop_words(from.stop_words)
            .unit(from.unit)
            .stemming(from.stemming)
    }
}

impl From<Analyzer> for Settings {
    fn from(from: Analyzer) -> Self {
        Settings {
            lowercase: from.lowercase,
            strip_accents: from.strip_accents,
            ngram_range: from.ngrams.into_inner(),
            stop_words: from.stop_words,
            unit: from.unit,
            stemming: from.stemming,
        }
    }
}

/// Buffers of [`Cut::for_each_term`]; keep one a thread and hand it in again.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    lowered: String,
    normal: String,
    /// The words of the text, each followed by a space; or the text that characters are taken from.
    words: String,
    /// Start and end of each word in `words`.
    spans: Vec<(usize, usize)>,
    /// Where each character of `words` begins, and where the last ends.
    bounds: Vec<usize>,
}

impl Default for Analyzer {
    /// Lower case, accents kept, single words, no stop words: scikit-learn's defaults.
    fn default() -> Self {
        Analyzer {
            lowercase: true,
            strip_accents: false,
            unit: Unit::Word,
            ngrams: 1..=1,
            stop_words: StopWords::None,
            stemming: Stemming::None,
            stopped: Terms::default(),
        }
    }
}

impl Analyzer {
    /// Whether `Java` and `java` are one word. Default: `true`.
    pub fn lowercase(mut self, lowercase: bool) -> Self {
        self.lowercase = lowercase;
        self.with_stopped()
    }

    /// Whether accents are taken off, as [`strip_accents`](crate::strip_accents) does. Default: `false`.
    pub fn strip_accents(mut self, strip_accents: bool) -> Self {
        self.strip_accents = strip_accents;
        self.with_stopped()
    }

    /// What terms are runs of. Default: words.
    pub fn unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }

    /// How many words, or characters, in a row make a term. Default: `1..=1`. An empty range gives no terms.
    pub fn ngram_range(mut self, lengths: RangeInclusive<usize>) -> Self {
        self.ngrams = lengths;
        self
    }

    /// Whether words are cut down to their stems. The rules ask for lower case. Default: no.
    pub fn stemming(mut self, stemming: Stemming) -> Self {
        self.stemming = stemming;
        self.with_stopped()
    }

    /// The function words to leave out. Default: none.
    pub fn stop_words(mut self, stop_words: StopWords) -> Self {
        self.stop_words = stop_words;
        self.with_stopped()
    }

    fn with_stopped(mut self) -> Self {
        let mut scratch = Scratch::default();
        let normal = Analyzer { stemming: Stemming::None, ..self.clone() };
        self.stopped = self.stop_words.words().map(|word| normal.normalize(word, &mut scratch).to_string()).collect();
        self
    }

    /// The terms of `text`: single words (or characters) first, then pairs and so on, each in the order of the text;
    /// with [`Unit::CharWb`] word by word.
    pub fn terms(&self, text: &str) -> Vec<String> {
        let mut terms = Vec::new();
        self.for_each_term(text, &mut Scratch::default(), |term| terms.push(term.to_string()));
        terms
    }

    /// `text` in lower case and without accents, as asked; with its accents composed if they go later.
    fn normalize<'a>(&self, text: &'a str, scratch: &'a mut Scratch) -> &'a str {
        let lowered = if self.lowercase {
            scratch.lowered.clear();
            push_lowercase(text, &mut scratch.lowered);
            scratch.lowered.as_str()
        } else {
            text
        };
        if !self.strip_accents {
            return lowered;
        }
        scratch.normal.clear();
        if self.unit == Unit::Word && self.strips_stems() {
            push_composed(lowered, &mut scratch.normal);
        } else {
            push_stripped(lowered, &mut scratch.normal);
        }
        &scratch.normal
    }
}

impl Cut for Analyzer {
    /// Calls `visit` with each of the [`terms`](Self::terms) of `text`. O(length of the text × longest n-gram).
    fn for_each_term(&self, text: &str, scratch: &mut Scratch, visit: impl FnMut(&str)) {
        if self.unit == Unit::Word {
            return self.for_each_run(text, scratch, visit);
        }
        // The normalised text lies in buffers other than those that the n-grams are cut with.
        let (lowered, normal) = (std::mem::take(&mut scratch.lowered), std::mem::take(&mut scratch.normal));
        let mut held = Scratch { lowered, normal, ..Scratch::default() };
        let text = self.normalize(text, &mut held);
        match self.unit {
            Unit::CharWb => grams::within_words(text, &self.ngrams, scratch, visit),
            _ => grams::characters(text, &self.ngrams, scratch, visit),
        }
        (scratch.lowered, scratch.normal) = (held.lowered, held.normal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_runs_of_two_or_more_word_characters() {
        let analyzer = Analyzer::default();
        assert_eq!(analyzer.terms("C++ & C# dev_ops (m/f/d), 24x7!"), ["dev_ops", "24x7"]);
        assert_eq!(analyzer.terms("Año\u{301} ÑANDÚ e\u{301}te"), ["año", "ñandú", "te"]);
        assert!(analyzer.terms("").is_empty() && analyzer.terms(" a , b ").is_empty());
    }

    #[test]
    fn case_is_kept_on_request_in_ascii_and_beyond() {
        let analyzer = Analyzer::default().lowercase(false);
        assert_eq!(analyzer.terms("Java ÁRBOL"), ["Java", "ÁRBOL"]);
        assert_eq!(analyzer.terms("Java"), ["Java"]);
    }

    #[test]
    fn words_lower_cased_one_by_one_are_those_of_the_lower_cased_text() {
        let (analyzer, as_is) = (Analyzer::default(), Analyzer::default().lowercase(false));
        // Beyond U+00FF lower case may end a word: that of İ is an i and a dot of its own.
        for (a, b) in ('\0'..='\u{131}').flat_map(|a| ['a', 'Z', 'é', 'Þ', '×', ' ', 'İ'].map(|b| (a, b))) {
            let text = format!("{a}{b}{a}É");
            assert_eq!(analyzer.terms(&text), as_is.terms(&text.to_lowercase()), "{text}");
        }
    }

    #[test]
    fn ngrams_reach_over_stop_words_and_come_by_length() {
        let analyzer = Analyzer::default().ngram_range(2..=3).stop_words(StopWords::English);
        assert_eq!(
            analyzer.terms("Head of sales and marketing"),
            ["head sales", "sales marketing", "head sales marketing"]
        );
        assert_eq!(Analyzer::default().ngram_range(2..=usize::MAX).terms("two words"), ["two words"]);
        assert_eq!(Analyzer::default().ngram_range(3..=3).terms("two words"), Vec::<String>::new());
    }

    #[test]
    fn stop_words_follow_the_normalisation_whatever_the_order_of_the_builder() {
        let first = Analyzer::default().stop_words(StopWords::Spanish).strip_accents(true);
        let last = Analyzer::default().strip_accents(true).stop_words(StopWords::Spanish);
        for analyzer in [first, last] {
            assert_eq!(analyzer.terms("Más ventas también"), ["ventas"]);
        }
    }

    #[test]
    fn stems_come_after_stop_words_and_before_accents_go() {
        let analyzer = Analyzer::default().stop_words(StopWords::Spanish).stemming(Stemming::Spanish);
        let stripped = analyzer.clone().strip_accents(true);
        assert_eq!(analyzer.terms("Más contrataciones también en diseño"), ["contrat", "diseñ"]);
        // Without its accent, contratación would be stemmed otherwise. The accent may be a character of its own.
        assert_eq!(stripped.terms("MÁS contratacio\u{301}n también en diseño"), ["contrat", "disen"]);
    }

    #[test]
    fn characters_run_over_words_or_stay_in_them() {
        let pairs = Analyzer::default().unit(Unit::Char).ngram_range(2..=2);
        assert_eq!(pairs.terms("Ñu\t\n a"), ["ñu", "u ", " a"]);
        let within = Analyzer::default().unit(Unit::CharWb).ngram_range(3..=4).strip_accents(true);
        // Short words are counted once, however many lengths they fall short of.
        assert_eq!(within.terms("é ñus"), [" e ", " nu", "nus", "us ", " nus", "nus "]);
        assert!(pairs.terms("").is_empty() && within.terms(" \u{1c} ").is_empty());
    }

    #[test]
    fn scratch_carries_nothing_over() {
        let (analyzer, mut scratch) = (Analyzer::default().strip_accents(true), Scratch::default());
        analyzer.for_each_term("una página larguísima", &mut scratch, |_| ());
        let mut terms = Vec::new();
        analyzer.for_each_term("corta", &mut scratch, |t| terms.push(t.to_string()));
        assert_eq!(terms, ["corta"]);
    }
}
