//! Words and n-grams of words.

use super::{Analyzer, Scratch};
use crate::{
    Stemming,
    characters::{is_word, push_western_lowercase, strip_accents},
};

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

/// What the last characters of Latin-1, U+00C0 to U+00FF, begin with in UTF-8: no byte of it is greater.
const LATIN_1: u8 = 0xc3;

impl Analyzer {
    /// Calls `visit` with single words first, then pairs and so on.
    pub(super) fn for_each_run(&self, text: &str, scratch: &mut Scratch, mut visit: impl FnMut(&str)) {
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
        // Up to U+00FF, the common case, a letter is in a word whatever its case: words are lower-cased one by one, and the text
        // need not be copied.
        let western = !self.strip_accents && text.bytes().fold(true, |all, byte| all & (byte <= LATIN_1));
        let by_word = western || text.is_ascii();
        let (source, lower) = if by_word { (text, self.lowercase) } else { (self.normalize(text, scratch), false) };
        let mut add = |word: &str| {
            let start = words.len();
            if lower {
                push_western_lowercase(word, &mut words);
            } else {
                words.push_str(word);
            }
            if self.is_stopped(&words[start..]) {
                words.truncate(start);
                return;
            }
            if self.stemming != Stemming::None {
                let stem = self.stem(&words[start..]);
                words.truncate(start);
                words.push_str(&stem);
            }
            spans.push((start, words.len()));
            words.push(' ');
        };
        let bytes = source.as_bytes();
        let (mut at, mut start, mut length) = (0, 0, 0);
        while at < bytes.len() {
            let (in_word, width) = match bytes[at] {
                byte if byte.is_ascii() => (IN_WORD[byte as usize], 1),
                // U+00C0 to U+00FF: letters but × and ÷.
                LATIN_1 => (!matches!(bytes.get(at + 1), Some(0x97 | 0xb7)), 2),
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

    fn is_stopped(&self, word: &str) -> bool {
        if self.stopped.is_empty() {
            return false;
        }
        // The stop words are without accents already; a word that is to be stemmed still has them.
        let stopped = if self.strips_stems() && !word.is_ascii() {
            self.stopped.get(&strip_accents(word))
        } else {
            self.stopped.get(word)
        };
        stopped.is_some()
    }

    fn stem(&self, word: &str) -> String {
        let stem = self.stemming.stem(word);
        if self.strips_stems() { strip_accents(&stem) } else { stem.into_owned() }
    }

    /// Whether accents are taken off stems, not off the text: the Spanish rules look for them.
    pub(super) fn strips_stems(&self) -> bool {
        self.strip_accents && self.stemming != Stemming::None
    }
}
