//! [`Terms`]: distinct strings with numbers.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;

/// Distinct strings, numbered from 0 in the order in which they were first added.
///
/// All of them lie in one buffer, and looking one up allocates nothing: expected O(length of the string). The hash is
/// fast and not keyed. A text can therefore be made up to slow down [`add`](Self::add), but not
/// [`get`](Self::get): what is looked up at prediction does not change the table.
///
/// ```
/// use adflux_text::Terms;
/// let mut terms = Terms::default();
/// assert_eq!([terms.add("java"), terms.add("remote"), terms.add("java")], [0, 1, 0]);
/// assert_eq!((terms.get("remote"), terms.get("cobol")), (Some(1), None));
/// assert_eq!(terms.name(1), "remote");
/// ```
#[derive(Clone, Default)]
pub struct Terms {
    text: String,
    keys: Vec<Key>,
    /// Open addressing with linear probing; the length is a power of two or 0.
    slots: Vec<Slot>,
}

/// What is looked at of a string before its place in the buffer: most words are told apart, and short ones found, by it alone.
#[derive(Clone, Copy, PartialEq)]
struct Key {
    /// Its first eight bytes; of a shorter one 0 after the last.
    head: u64,
    /// Where it ends in the buffer; it starts where the one before ends.
    end: usize,
}

#[derive(Clone, Copy)]
struct Slot {
    hash: u32,
    number: u32,
}

const FREE: Slot = Slot { hash: 0, number: u32::MAX };

impl Terms {
    /// The number of distinct strings.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The string of `number`; the empty string when there is none of that number.
    pub fn name(&self, number: u32) -> &str {
        let number = number as usize;
        self.keys.get(number).map_or("", |key| &self.text[self.start(number)..key.end])
    }

    fn start(&self, number: usize) -> usize {
        if number == 0 { 0 } else { self.keys.get(number - 1).map_or(0, |before| before.end) }
    }

    /// The strings in the order of their numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.keys.len()).map(|number| self.name(number as u32))
    }

    /// The number of `term`, if it was added.
    pub fn get(&self, term: &str) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let head = head(term.as_bytes());
        let found = self.slots[self.find(hash(term.as_bytes(), head), head, term)].number;
        (found != FREE.number).then_some(found)
    }

    /// The number of `term`, which is added when it is new. At most `u32::MAX - 1` strings fit.
    pub fn add(&mut self, term: &str) -> u32 {
        if self.slots.len() < 2 * (self.keys.len() + 1) {
            self.grow();
        }
        let head = head(term.as_bytes());
        let hash = hash(term.as_bytes(), head);
        let at = self.find(hash, head, term);
        if self.slots[at].number == FREE.number {
            self.slots[at] = Slot { hash, number: self.keys.len() as u32 };
            self.text.push_str(term);
            self.keys.push(Key { head, end: self.text.len() });
        }
        self.slots[at].number
    }

    /// The slot that holds `term`, or the free one where it belongs. There is always a free slot.
    fn find(&self, hash: u32, head: u64, term: &str) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot.number == FREE.number || (slot.hash == hash && self.is(slot.number as usize, head, term)) {
                return at;
            }
            at = (at + 1) & mask;
        }
    }

    fn is(&self, number: usize, head: u64, term: &str) -> bool {
        let (key, start) = (self.keys[number], self.start(number));
        let same = key.head == head && key.end - start == term.len();
        same && (term.len() <= 8 || self.text.as_bytes()[start + 8..key.end] == term.as_bytes()[8..])
    }

    fn grow(&mut self) {
        let old = std::mem::take(&mut self.slots);
        let mask = (2 * old.len()).max(16) - 1;
        self.slots = vec![FREE; mask + 1];
        for slot in old.into_iter().filter(|s| s.number != FREE.number) {
            let mut at = slot.hash as usize & mask;
            while self.slots[at].number != FREE.number {
                at = (at + 1) & mask;
            }
            self.slots[at] = slot;
        }
    }
}

/// The first eight bytes as a number; of fewer bytes 0 after the last. Reads that overlap, instead of a loop over the bytes.
fn head(bytes: &[u8]) -> u64 {
    if let Some(eight) = bytes.first_chunk() {
        return u64::from_le_bytes(*eight);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let shift = 8 * (bytes.len() - 4);
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << shift;
    }
    bytes.iter().rev().fold(0, |head, byte| head << 8 | u64::from(*byte))
}

/// Eight bytes at a time: rotate, mix in, multiply; then the high bits, which depend on every byte, are folded down.
fn hash(bytes: &[u8], first: u64) -> u32 {
    const K: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = (bytes.len() as u64).wrapping_mul(K);
    let mut mix = |word: u64| state = (state.rotate_left(23) ^ word).wrapping_mul(K);
    mix(first);
    let (words, tail) = bytes.get(8..).unwrap_or_default().as_chunks();
    words.iter().for_each(|word| mix(u64::from_le_bytes(*word)));
    if !tail.is_empty() {
        mix(head(tail));
    }
    ((state ^ (state >> 29)).wrapping_mul(K) >> 32) as u32
}

impl<S: AsRef<str>> FromIterator<S> for Terms {
    fn from_iter<I: IntoIterator<Item = S>>(strings: I) -> Self {
        let mut terms = Terms::default();
        for string in strings {
            terms.add(string.as_ref());
        }
        terms
    }
}

impl PartialEq for Terms {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.keys == other.keys
    }
}

impl fmt::Debug for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Serialize for Terms {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Terms {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let strings = Vec::<String>::deserialize(deserializer)?;
        let terms: Terms = strings.iter().collect();
        if terms.len() != strings.len() {
            return Err(D::Error::custom("a term stands twice in a list of distinct terms"));
        }
        Ok(terms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_strings_keep_their_numbers() {
        let names: Vec<String> = (0..5_000).map(|i| format!("term-{i}")).collect();
        let terms: Terms = names.iter().chain(&names).collect();
        assert_eq!(terms.len(), names.len());
        for (i, name) in names.iter().enumerate() {
            assert_eq!((terms.get(name), terms.name(i as u32)), (Some(i as u32), name.as_str()));
        }
        assert_eq!((terms.get("term-5000"), terms.name(5_000)), (None, ""));
    }

    #[test]
    fn strings_that_begin_alike_or_end_in_zeros_are_told_apart() {
        let bytes = b"abcdefgh";
        for length in 0..=8 {
            let mut padded = [0; 8];
            padded[..length].copy_from_slice(&bytes[..length]);
            assert_eq!(head(&bytes[..length]), u64::from_le_bytes(padded), "{length} bytes");
        }
        let names = ["a", "a\0", "a\0\0", "abcdefgh", "abcdefgh\0", "abcdefghi", "abcdefghj", "abcdefghij"];
        let terms: Terms = names.iter().collect();
        assert_eq!(terms.len(), names.len());
        assert!(names.iter().zip(0..).all(|(name, number)| terms.get(name) == Some(number)));
    }

    #[test]
    fn the_empty_string_is_a_string() {
        let mut terms = Terms::default();
        assert_eq!(terms.get(""), None);
        assert_eq!((terms.add(""), terms.get("")), (0, Some(0)));
    }

    #[test]
    fn hashes_of_similar_strings_spread() {
        let slots: std::collections::HashSet<u32> =
            (0..4_096).map(|i| format!("x{i}")).map(|x| hash(x.as_bytes(), head(x.as_bytes())) & 0xffff).collect();
        assert!(slots.len() > 3_900, "{} distinct slots of 4096 strings", slots.len());
    }
}
