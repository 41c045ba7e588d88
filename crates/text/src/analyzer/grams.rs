//! N-grams of characters, as scikit-learn's analyzers `char` and `char_wb` cut them.

use super::Scratch;
use crate::characters::is_space;
use std::ops::RangeInclusive;

/// Calls `visit` with every run of as many characters of `text` as `lengths` allow, by length; runs of white space count as one
/// space.
pub(super) fn characters(
    text: &str,
    lengths: &RangeInclusive<usize>,
    scratch: &mut Scratch,
    mut visit: impl FnMut(&str),
) {
    let Scratch { words: buffer, bounds, .. } = scratch;
    buffer.clear();
    let mut spaces = 0;
    for c in text.chars() {
        spaces = if is_space(c) { spaces + 1 } else { 0 };
        match spaces {
            0 | 1 => buffer.push(c),
            // The first of the run may have been another white space, a line break for example.
            2 => {
                buffer.pop();
                buffer.push(' ');
            }
            _ => {}
        }
    }
    mark(buffer, bounds);
    let longest = (*lengths.end()).min(bounds.len() - 1);
    for n in (*lengths.start()).max(1)..=longest {
        bounds.windows(n + 1).for_each(|run| visit(&buffer[run[0]..run[n]]));
    }
}

/// The same inside each word of `text` with a space on either side. A word that is shorter than a length is one term, once.
pub(super) fn within_words(
    text: &str,
    lengths: &RangeInclusive<usize>,
    scratch: &mut Scratch,
    mut visit: impl FnMut(&str),
) {
    let Scratch { words: buffer, bounds, .. } = scratch;
    for word in text.split(is_space).filter(|word| !word.is_empty()) {
        buffer.clear();
        buffer.push(' ');
        buffer.push_str(word);
        buffer.push(' ');
        mark(buffer, bounds);
        let characters = bounds.len() - 1;
        for n in lengths.clone().filter(|n| *n >= 1) {
            if n >= characters {
                visit(buffer);
                break;
            }
            bounds.windows(n + 1).for_each(|run| visit(&buffer[run[0]..run[n]]));
        }
    }
}

/// Where each character of `text` begins, and where the last ends.
fn mark(text: &str, bounds: &mut Vec<usize>) {
    bounds.clear();
    bounds.extend(text.char_indices().map(|(at, _)| at));
    bounds.push(text.len());
}
