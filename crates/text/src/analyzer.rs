//! [`Analyzer`]: from a text to its terms.

use crate::{
    StopWords, Terms,
    characters::{is_word, push_lowercase, push_stripped},
};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Cuts a text into words and n-grams of words.
///
/// In this order, as scikit-learn's `CountVectorizer` does: lower case, accents off (if asked), words, stop words out (if
/// asked), n-grams. A word is a run of at least two letters, digits or underscores: the default `token_pattern`
/// `(?u)\b\w\w+\b`. The words of an n-gram are joined by one space, and it may reach over a stop word.
///
/// Stop words go through the same lower-casing and accent stripping as the text, so `más` is found in a text whose
/// accents were taken off. (scikit-learn only warns that the two do not match.)
///
/// ```
/// use adflux_text::{Analyzer, StopWords};
/// let analyzer = Analyzer::default().ngram_range(1..=2).strip_accents(true).stop_words(StopWords::Spanish);
/// assert_eq!(
///     analyzer.terms("Técnico de Logística, B2"),
///     ["tecnico", "logistica", "b2", "tecnico logistica", "logistica b2"]
/// );
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Settings", into = "Settings")]
pub struct Analyzer {
    lowercase: bool,
    strip_accents: bool,
    ngrams: RangeInclusive<usize>,
    stop_words: StopWords,
    /// `stop_words` as they look after normalisation.
    stopped: Terms,
}

/// [`is_word`] of the ASCII characters.
const IN_WORD: [bool; 128] = {
    let mut table = [false; 128];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'_';
        byte += 1;
    }
    table
};

/// What an analyzer is saved as.
#[derive(Serialize, Deserialize)]
struct Settings {
    lowercase: bool,
    strip_accents: bool,
    ngram_range: (usize, usize),
    stop_words: StopWords,
}

impl From<Settings> for Analyzer {
    fn from(from: Settings) -> Self {
        Analyzer::default()
            .lowercase(from.lowercase)
            .strip_accents(from.strip_accents)
            .ngram_range(from.ngram_range.0..=from.ngram_range.1)
            .stop_words(from.stop_words)
    }
}

impl From<Analyzer> for Settings {
    fn from(from: Analyzer) -> Self {
        Settings {
            lowercase: from.lowercase,
            strip_accents: from.strip_accents,
            ngram_range: from.ngrams.into_inner(),
            stop_words: from.stop_words,
        }
    }
}

/// Buffers of [`Analyzer::for_each_term`]; keep one a thread and hand it in again.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    lowered: String,
    normal: String,
    /// The words of the text, each followed by a space.
    words: String,
    /// Start and end of each word in `words`.
    spans: Vec<(usize, usize)>,
}

impl Default for Analyzer {
    /// Lower case, accents kept, single words, no stop words: scikit-learn's defaults.
    fn default() -> Self {
        Analyzer {
            lowercase: true,
            strip_accents: false,
            ngrams: 1..=1,
            stop_words: StopWords::None,
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

    /// How many words in a row make a term. Default: `1..=1`. An empty range gives no terms.
    pub fn ngram_range(mut self, words: RangeInclusive<usize>) -> Self {
        self.ngrams = words;
        self
    }

    /// The function words to leave out. Default: none.
    pub fn stop_words(mut self, stop_words: StopWords) -> Self {
        self.stop_words = stop_words;
        self.with_stopped()
    }

    fn with_stopped(mut self) -> Self {
        let mut scratch = Scratch::default();
        self.stopped = self.stop_words.words().map(|word| self.normalize(word, &mut scratch).to_string()).collect();
        self
    }

    /// The terms of `text`: single words first, then pairs and so on, each in the order of the text.
    pub fn terms(&self, text: &str) -> Vec<String> {
        let mut terms = Vec::new();
        self.for_each_term(text, &mut Scratch::default(), |term| terms.push(term.to_string()));
        terms
    }

    /// Calls `visit` with each of the [`terms`](Self::terms) of `text`, without allocating once `scratch` has grown to
    /// the longest text. O(length of the text × longest n-gram).
    pub fn for_each_term(&self, text: &str, scratch: &mut Scratch, mut visit: impl FnMut(&str)) {
        self.cut(text, scratch);
        let longest = (*self.ngrams.end()).min(scratch.spans.len());
        for n in (*self.ngrams.start()).max(1)..=longest {
            for words in scratch.spans.windows(n) {
                // The words stand in `words` one space apart, so an n-gram is a slice of it.
                visit(&scratch.words[words[0].0..words[n - 1].1]);
            }
        }
    }

    /// Fills `scratch.words` and `scratch.spans`.
    fn cut(&self, text: &str, scratch: &mut Scratch) {
        let (mut words, mut spans) = (std::mem::take(&mut scratch.words), std::mem::take(&mut scratch.spans));
        words.clear();
        spans.clear();
        // ASCII, the common case, is lower-cased word by word and needs no copy of the text.
        let (source, lower) =
            if text.is_ascii() { (text, self.lowercase) } else { (self.normalize(text, scratch), false) };
        let mut add = |word: &str| {
            let start = words.len();
            words.push_str(word);
            if lower {
                words[start..].make_ascii_lowercase();
            }
            if !self.stopped.is_empty() && self.stopped.get(&words[start..]).is_some() {
                words.truncate(start);
            } else {
                spans.push((start, words.len()));
                words.push(' ');
            }
        };
        let bytes = source.as_bytes();
        let (mut at, mut start, mut length) = (0, 0, 0);
        while at < bytes.len() {
            let (in_word, width) = match bytes[at] {
                byte if byte.is_ascii() => (IN_WORD[byte as usize], 1),
                _ => source[at..].chars().next().map_or((false, 1), |c| (is_word(c), c.len_utf8())),
            };
            if in_word {
                if length == 0 {
                    start = at;
                }
                length += 1;
            } else {
                if length >= 2 {
                    add(&source[start..at]);
                }
                length = 0;
            }
            at += width;
        }
        if length >= 2 {
            add(&source[start..]);
        }
        (scratch.words, scratch.spans) = (words, spans);
    }

    /// `text` in lower case and without accents, as asked.
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
        push_stripped(lowered, &mut scratch.normal);
        &scratch.normal
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
    fn scratch_carries_nothing_over() {
        let (analyzer, mut scratch) = (Analyzer::default().strip_accents(true), Scratch::default());
        analyzer.for_each_term("una página larguísima", &mut scratch, |_| ());
        let mut terms = Vec::new();
        analyzer.for_each_term("corta", &mut scratch, |t| terms.push(t.to_string()));
        assert_eq!(terms, ["corta"]);
    }
}
