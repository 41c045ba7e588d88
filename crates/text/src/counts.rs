//! How often each term stands in each text.

use crate::{Cut, Scratch, Terms};
use rayon::prelude::*;

/// Term counts of some texts in a row, compressed by text: for each text the columns of its terms, ascending, and how
/// often each stands in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    ends: Vec<usize>,
    entries: Vec<(u32, u32)>,
}

impl Counts {
    /// `(column, count)` pairs of each text.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[(u32, u32)]> {
        (0..self.ends.len()).map(|row| {
            let start = if row == 0 { 0 } else { self.ends[row - 1] };
            &self.entries[start..self.ends[row]]
        })
    }

    /// The number of pairs.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no text has a term.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl Counts {
    /// Appends the counts of a text whose terms have these `numbers`. Texts are short: sorting beats a table of all terms.
    fn push(&mut self, numbers: &mut Vec<u32>) {
        numbers.sort_unstable();
        self.entries.extend(numbers.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u32)));
        self.ends.push(self.entries.len());
        numbers.clear();
    }

    /// The same counts in other columns; those of numbers without a column are left out.
    fn renumbered(mut self, column: impl Fn(u32) -> Option<u32>) -> Self {
        let (mut kept, mut start) = (0, 0);
        for end in &mut self.ends {
            let row = kept;
            for at in start..*end {
                let (number, count) = self.entries[at];
                if let Some(column) = column(number) {
                    self.entries[kept] = (column, count);
                    kept += 1;
                }
            }
            self.entries[row..kept].sort_unstable();
            start = *end;
            *end = kept;
        }
        self.entries.truncate(kept);
        self
    }
}

/// The texts of one block of [`TermCounts`]. Blocks are fixed, so the result does not depend on the threads.
const BLOCK: usize = 8192;
/// Blocks that are cut before their terms are joined with those of the blocks before. Until then each has its own list of terms.
const WAVE: usize = 16;

/// Every term of some texts, with its counts. What a [`Vocabulary`](crate::Vocabulary) is chosen from.
#[derive(Clone, Debug)]
pub struct TermCounts {
    /// Every term, in order of first appearance.
    terms: Terms,
    /// In how many texts each term stands.
    documents: Vec<u32>,
    /// How often each term stands in all texts.
    occurrences: Vec<u64>,
    texts: usize,
    /// By block, in the numbers of `terms`; the terms of a text in any order.
    blocks: Vec<Counts>,
}

impl TermCounts {
    /// Counts the terms of `texts`, in parallel on rayon's current pool. O(total length of the texts).
    pub fn of(texts: &[String], cut: &impl Cut) -> Self {
        let cut_block = |texts: &[String]| {
            let (mut terms, mut counts) = (Terms::default(), Counts::default());
            let (mut numbers, mut scratch) = (Vec::new(), Scratch::default());
            for text in texts {
                cut.for_each_term(text, &mut scratch, |term| numbers.push(terms.add(term)));
                counts.push(&mut numbers);
            }
            counts.entries.shrink_to_fit();
            (terms, counts)
        };
        let mut all = TermCounts {
            terms: Terms::default(),
            documents: Vec::new(),
            occurrences: Vec::new(),
            texts: texts.len(),
            blocks: Vec::with_capacity(texts.len().div_ceil(BLOCK)),
        };
        for wave in texts.chunks(WAVE * BLOCK) {
            let cut: Vec<(Terms, Counts)> = wave.par_chunks(BLOCK).map(cut_block).collect();
            for (terms, counts) in cut {
                all.append(&terms, counts);
            }
        }
        all
    }

    fn append(&mut self, terms: &Terms, mut counts: Counts) {
        let numbers: Vec<u32> = terms.iter().map(|term| self.terms.add(term)).collect();
        self.documents.resize(self.terms.len(), 0);
        self.occurrences.resize(self.terms.len(), 0);
        for (number, count) in &mut counts.entries {
            *number = numbers[*number as usize];
            self.documents[*number as usize] += 1;
            self.occurrences[*number as usize] += u64::from(*count);
        }
        self.blocks.push(counts);
    }

    /// The number of texts.
    pub fn texts(&self) -> usize {
        self.texts
    }

    /// Every term, in order of first appearance.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// In how many texts each of [`terms`](Self::terms) stands.
    pub fn documents(&self) -> &[u32] {
        &self.documents
    }

    /// How often each of [`terms`](Self::terms) stands in all texts together.
    pub fn occurrences(&self) -> &[u64] {
        &self.occurrences
    }

    /// The counts in the columns of `vocabulary`, as [`count`] would give them for the same texts, without cutting
    /// the texts again. In blocks of consecutive texts. In place: no second copy of the counts is made.
    pub fn into_columns_of(self, vocabulary: &Terms) -> Vec<Counts> {
        let columns: Vec<Option<u32>> = self.terms.iter().map(|term| vocabulary.get(term)).collect();
        let renumber = |block: Counts| block.renumbered(|number| columns[number as usize]);
        self.blocks.into_par_iter().map(renumber).collect()
    }
}

/// Counts the terms of `texts` that stand in `vocabulary`, whose numbers are the columns; other terms are passed over.
/// In blocks of consecutive texts, in parallel when there are several.
pub fn count(texts: &[String], cut: &impl Cut, vocabulary: &Terms) -> Vec<Counts> {
    let count_block = |texts: &[String]| {
        let (mut counts, mut numbers, mut scratch) = (Counts::default(), Vec::new(), Scratch::default());
        for text in texts {
            cut.for_each_term(text, &mut scratch, |term| numbers.extend(vocabulary.get(term)));
            counts.push(&mut numbers);
        }
        counts
    };
    if texts.len() <= BLOCK {
        return vec![count_block(texts)];
    }
    texts.par_chunks(BLOCK).map(count_block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Analyzer, Limits};

    fn texts(n: usize) -> Vec<String> {
        (0..n).map(|i| format!("word{} word{} common common", i % 7, i % 3)).collect()
    }

    #[test]
    fn frequencies_over_blocks_are_those_of_the_whole() {
        let counts = TermCounts::of(&texts(2 * BLOCK + 5), &Analyzer::default());
        let common = counts.terms().get("common").unwrap() as usize;
        assert_eq!(counts.documents()[common] as usize, 2 * BLOCK + 5);
        assert_eq!(counts.occurrences()[common] as usize, 2 * (2 * BLOCK + 5));
        assert_eq!(counts.blocks.len(), 3);
    }

    #[test]
    fn counting_again_gives_what_was_counted_when_fitting() {
        let (texts, analyzer) = (texts(BLOCK + 100), Analyzer::default().ngram_range(1..=2));
        let counts = TermCounts::of(&texts, &analyzer);
        let limits = Limits { max_features: Some(6), ..Limits::default() };
        let vocabulary = counts.vocabulary(&limits).unwrap();
        assert_eq!(counts.into_columns_of(vocabulary.terms()), count(&texts, &analyzer, vocabulary.terms()));
    }

    #[test]
    fn a_text_without_known_terms_is_an_empty_row() {
        let vocabulary: Terms = ["java"].iter().collect();
        let counts = count(&["java Java".into(), "".into(), "cobol".into()], &Analyzer::default(), &vocabulary);
        assert_eq!(counts[0].rows().collect::<Vec<_>>(), [&[(0, 2)][..], &[], &[]]);
    }
}
