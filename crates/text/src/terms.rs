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
    /// Where each string ends in `text`; it starts where the one before ends.
    ends: Vec<usize>,
    /// Open addressing with linear probing; the length is a power of two or 0.
    slots: Vec<Slot>,
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
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The string of `number`; the empty string when there is none of that number.
    pub fn name(&self, number: u32) -> &str {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.ends.get(number - 1).copied().unwrap_or(0) };
        self.ends.get(number).map_or("", |&end| &self.text[start..end])
    }

    /// The strings in the order of their numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.ends.len()).map(|number| self.name(number as u32))
    }

    /// The number of `term`, if it was added.
    pub fn get(&self, term: &str) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let found = self.slots[self.find(hash(term.as_bytes()), term)].number;
        (found != FREE.number).then_some(found)
    }

    /// The number of `term`, which is added when it is new. At most `u32::MAX - 1` strings fit.
    pub fn add(&mut self, term: &str) -> u32 {
        if self.slots.len() < 2 * (self.ends.len() + 1) {
            self.grow();
        }
        let hash = hash(term.as_bytes());
        let at = self.find(hash, term);
        if self.slots[at].number == FREE.number {
            self.slots[at] = Slot { hash, number: self.ends.len() as u32 };
            self.text.push_str(term);
            self.ends.push(self.text.len());
        }
        self.slots[at].number
    }

    /// The slot that holds `term`, or the free one where it belongs. There is always a free slot.
    fn find(&self, hash: u32, term: &str) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot.number == FREE.number || (slot.hash == hash && self.name(slot.number) == term) {
                return at;
            }
            at = (at + 1) & mask;
        }
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

/// Eight bytes at a time: rotate, mix in, multiply; then the high bits, which depend on every byte, are folded down.
fn hash(bytes: &[u8]) -> u32 {
    const K: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = (bytes.len() as u64).wrapping_mul(K);
    let mut mix = |word: [u8; 8]| state = (state.rotate_left(23) ^ u64::from_le_bytes(word)).wrapping_mul(K);
    let (words, tail) = bytes.as_chunks::<8>();
    words.iter().for_each(|word| mix(*word));
    if !tail.is_empty() {
        let mut last = [0; 8];
        last[..tail.len()].copy_from_slice(tail);
        mix(last);
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
        self.text == other.text && self.ends == other.ends
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
    fn the_empty_string_is_a_string() {
        let mut terms = Terms::default();
        assert_eq!(terms.get(""), None);
        assert_eq!((terms.add(""), terms.get("")), (0, Some(0)));
    }

    #[test]
    fn hashes_of_similar_strings_spread() {
        let slots: std::collections::HashSet<u32> =
            (0..4_096).map(|i| hash(format!("x{i}").as_bytes()) & 0xffff).collect();
        assert!(slots.len() > 3_900, "{} distinct slots of 4096 strings", slots.len());
    }
}
