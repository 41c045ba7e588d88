//! Texts as counts of the terms of a vocabulary, for every step that learns one.

use crate::step::{ROWS, same_columns};
use adflux_core::{Block, Column, Context, Error, Features, Result, Values};
use adflux_text::{Counts, Cut, Limits, TermCounts, Vocabulary, counts};
use rayon::prelude::*;
use sprs::CsMat;
use std::sync::Arc;

/// A text column at fit: its vocabulary, a feature for each term, and the counts it was chosen from.
pub(crate) struct Learned {
    pub(crate) columns: Arc<[Column]>,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) output: Arc<[Column]>,
    pub(crate) counts: TermCounts,
}

/// Learns the vocabulary of every text column of `x`. A feature is called what `name` makes of column and term.
pub(crate) fn learn(
    kind: &str,
    x: &Features,
    cut: &impl Cut,
    limits: &Limits,
    name: impl Fn(&str, &str) -> String,
    context: &Context,
) -> Result<Vec<Learned>> {
    limits.check()?;
    let one = |block: &Block| {
        context.check()?;
        let (column, texts) = text_of(kind, block)?;
        let counts = TermCounts::of(texts, cut);
        let vocabulary = counts.vocabulary(limits).map_err(|e| match e {
            Error::Data(reason) => Error::column(&column.name, reason),
            other => other,
        })?;
        let output = vocabulary.iter().map(|term| column.derive(name(&column.name, term))).collect();
        Ok(Learned { columns: block.columns().clone(), vocabulary, output, counts })
    };
    x.blocks().iter().map(one).collect()
}

/// Counts the terms of `vocabulary` in a block that must have the columns of the fit.
pub(crate) fn count(
    kind: &str,
    block: &Block,
    fitted: &Arc<[Column]>,
    vocabulary: &Vocabulary,
    cut: &impl Cut,
) -> Result<Vec<Counts>> {
    same_columns(kind, fitted, block.columns())?;
    Ok(counts::count(text_of(kind, block)?.1, cut, vocabulary.terms()))
}

/// The texts of a block of texts, with their column.
pub(crate) fn text_of<'a>(kind: &str, block: &'a Block) -> Result<(&'a Column, &'a [String])> {
    match (block.values(), &block.columns()[..]) {
        (Values::Text(texts), [column]) => Ok((column, texts)),
        (Values::Category(_), [column]) => Err(Error::column(
            &column.name,
            format!(
                "it was read as categories, and `{kind}` takes texts: say `as_text()` (`read = \"text\"`) of its branch"
            ),
        )),
        _ => Err(block.refused_by(kind)),
    }
}

/// Counts as sparse rows. `weigh` fills the values of a text, given its `(column, count)` pairs. The matrix is filled in its
/// place, and counts are let go block by block, so that no second copy is held.
pub(crate) fn sparse(
    rows: usize,
    width: usize,
    counts: Vec<Counts>,
    weigh: impl Fn(&[(u32, u32)], &mut [f64]) + Sync,
) -> Result<CsMat<f64>> {
    let entries = counts.iter().map(Counts::len).sum();
    let mut ends = Vec::with_capacity(rows + 1);
    ends.push(0);
    ends.extend(counts.iter().flat_map(Counts::rows).scan(0, |end, row| {
        *end += row.len();
        Some(*end)
    }));
    let (mut columns, mut values) = (vec![0; entries], vec![0.0; entries]);
    let fill = |(counts, columns, values): (Counts, &mut [usize], &mut [f64])| {
        let mut at = 0;
        for row in counts.rows() {
            let end = at + row.len();
            columns[at..end].iter_mut().zip(row).for_each(|(to, &(column, _))| *to = column as usize);
            weigh(row, &mut values[at..end]);
            at = end;
        }
    };
    let (mut columns_left, mut values_left) = (&mut columns[..], &mut values[..]);
    let mut blocks = Vec::with_capacity(counts.len());
    for counts in counts {
        let (columns, values);
        (columns, columns_left) = columns_left.split_at_mut(counts.len());
        (values, values_left) = values_left.split_at_mut(counts.len());
        blocks.push((counts, columns, values));
    }
    if rows <= ROWS {
        blocks.into_iter().for_each(fill);
    } else {
        blocks.into_par_iter().for_each(fill);
    }
    CsMat::try_new((rows, width), ends, columns, values).map_err(|(_, _, _, e)| Error::data(e.to_string()))
}
