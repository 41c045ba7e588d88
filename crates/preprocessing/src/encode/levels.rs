//! [`Levels`]: the levels that training had of a category, and which of them are rare.

use crate::step::ROWS;
use adflux_core::{Block, Categories, Column, Error, Result, Values, parameter};
use adflux_text::{Frequency, Vocabulary};
use ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Which levels are pooled into one, because they are rare: scikit-learn's `min_frequency` and `max_categories`.
#[derive(Clone, Copy)]
pub(super) struct Pooling {
    pub(super) min_frequency: Option<Frequency>,
    pub(super) max_categories: Option<usize>,
}

impl Pooling {
    pub(super) const NONE: Pooling = Pooling { min_frequency: None, max_categories: None };

    pub(super) fn check(&self) -> Result<()> {
        match self.min_frequency {
            Some(Frequency::Count(count)) => parameter::at_least_one("min_frequency", count)?,
            Some(Frequency::Share(share)) => parameter::open_unit("min_frequency", share)?,
            None => {}
        }
        self.max_categories.map_or(Ok(()), |most| parameter::at_least_one("max_categories", most))
    }

    /// The rare ones of levels that stand in so many of `rows` rows, ascending. Of levels that are equally frequent, the
    /// last in the alphabet stays, as in scikit-learn.
    fn rare(&self, counts: &[u32], rows: usize) -> Vec<u32> {
        let least = self.min_frequency.map_or(0.0, |least| least.of(rows));
        let mut rare: Vec<bool> = counts.iter().map(|count| f64::from(*count) < least).collect();
        let columns = rare.iter().filter(|rare| !**rare).count() + 1;
        if let Some(most) = self.max_categories.filter(|most| *most < columns) {
            let mut order: Vec<usize> = (0..counts.len()).collect();
            order.sort_by_key(|level| counts[*level]);
            // One place of `most` is that of the pool.
            let pooled = order.len().saturating_sub(most - 1);
            order[..pooled].iter().for_each(|level| rare[*level] = true);
        }
        (0..).zip(rare).filter(|(_, rare)| *rare).map(|(level, _)| level).collect()
    }
}

/// The levels of one category at fit. Each has a *place*: the frequent ones in alphabetical order, then missing values if they
/// are a level, then one place for all rare levels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Levels {
    pub(super) known: Vocabulary,
    /// Whether a missing value is a level, the one behind `known`.
    pub(super) missing: bool,
    /// The numbers of the rare levels, ascending.
    #[serde(with = "adflux_core::arrays")]
    pub(super) rare: Vec<u32>,
}

impl Levels {
    /// The levels that rows of `x` have, and how many rows have each. With `missing_counts` a missing value is a level if there
    /// is one.
    pub(super) fn learn(x: &Categories, missing_counts: bool, pooling: Pooling) -> (Self, Vec<u32>) {
        // Rows may have been taken out of a larger table whose levels are all still listed: only what is used counts.
        let mut rows_of = vec![0_u32; x.levels.len() + 1];
        for &code in &x.codes {
            rows_of[(code as usize).min(x.levels.len())] += 1;
        }
        let missing_rows = rows_of.pop().unwrap_or(0);
        let used = x.levels.iter().zip(&rows_of).filter(|(_, rows)| **rows > 0).map(|(level, _)| level);
        let known = Vocabulary::new(used);
        let missing = missing_counts && missing_rows > 0;
        let mut counts = vec![0; known.len()];
        for (level, rows) in x.levels.iter().zip(rows_of) {
            if let Some(number) = known.get(level) {
                counts[number as usize] += rows;
            }
        }
        counts.extend(missing.then_some(missing_rows));
        let rare = pooling.rare(&counts, x.codes.len());
        (Levels { known, missing, rare }, counts)
    }

    fn all(&self) -> usize {
        self.known.len() + usize::from(self.missing)
    }

    /// The number of places.
    pub(super) fn len(&self) -> usize {
        self.all().saturating_sub(self.rare.len()) + usize::from(!self.rare.is_empty())
    }

    /// The place of all rare levels, if there are any.
    pub(super) fn rare_place(&self) -> Option<u32> {
        (!self.rare.is_empty()).then(|| self.len() as u32 - 1)
    }

    /// The place of a level by its number.
    fn place(&self, level: u32) -> u32 {
        match self.rare.binary_search(&level) {
            Ok(_) => self.len() as u32 - 1,
            Err(rare_before) => level.saturating_sub(rare_before as u32),
        }
    }

    /// What the places are called: the level, `missing` and `infrequent`, the latter two in brackets should a level be called so.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let apart = |name, in_brackets| if self.known.get(name).is_some() { in_brackets } else { name };
        let known = self.known.iter().chain(self.missing.then(|| apart("missing", "(missing)")));
        let frequent = (0..).zip(known).filter(|(level, _)| self.rare.binary_search(level).is_err());
        let pool = (!self.rare.is_empty()).then(|| apart("infrequent", "(infrequent)"));
        frequent.map(|(_, name)| name).chain(pool)
    }

    /// What `of` makes of the place of each row of `x`: of `None` for a level that training did not have. `of` is asked once a
    /// level.
    pub(super) fn coded<'a, T: Copy>(&self, x: &'a Categories, of: impl Fn(Option<u32>) -> T) -> Coded<'a, T> {
        let missing = of(self.missing.then(|| self.place(self.known.len() as u32)));
        let known = x.levels.iter().map(|level| of(self.known.get(level).map(|level| self.place(level))));
        Coded { codes: &x.codes, values: known.chain([missing]).collect() }
    }
}

/// A value for each level of a category, and so for each row.
pub(super) struct Coded<'a, T> {
    codes: &'a [u32],
    /// By code; the last is that of a missing value, whose code is larger than any.
    values: Vec<T>,
}

impl<T: Copy> Coded<'_, T> {
    pub(super) fn get(&self, row: usize) -> T {
        self.values[(self.codes[row] as usize).min(self.values.len() - 1)]
    }

    pub(super) fn rows(&self) -> usize {
        self.codes.len()
    }

    /// The same with another value for missing ones.
    pub(super) fn with_missing(mut self, value: T) -> Self {
        if let Some(last) = self.values.last_mut() {
            *last = value;
        }
        self
    }
}

/// The categories of a block, with their column.
pub(super) fn category_of<'a>(kind: &str, block: &'a Block) -> Result<(&'a Column, &'a Categories)> {
    match (block.values(), &block.columns()[..]) {
        (Values::Category(x), [column]) => Ok((column, x)),
        _ => Err(block.refused_by(kind)),
    }
}

/// Refuses the first row whose level training did not have; a missing value only if `missing_too`. `instead` says how else it
/// could be treated.
pub(super) fn refuse_unknown(
    levels: &Levels,
    column: &Column,
    x: &Categories,
    missing_too: bool,
    instead: &str,
) -> Result<()> {
    let known = levels.coded(x, |place| place.is_some());
    let refused = |row: &usize| !known.get(*row) && (missing_too || x.get(*row).is_some());
    let Some(row) = (0..known.rows()).find(refused) else { return Ok(()) };
    let what = x.get(row).map_or("a missing value".into(), |level| format!("the level `{level}`"));
    Err(Error::cell(&column.name, row, format!("{what} was not there in training: {instead}")))
}

/// A dense matrix, filled by blocks of rows: `fill` is given the first row of a block and its values, all zero.
pub(super) fn filled(rows: usize, width: usize, fill: impl Fn(usize, &mut [f64]) + Sync) -> Array2<f64> {
    let mut x = Array2::zeros((rows, width));
    if let Some(values) = x.as_slice_mut().filter(|v| !v.is_empty()) {
        if rows <= ROWS {
            fill(0, values);
        } else {
            values.par_chunks_mut(ROWS * width).enumerate().for_each(|(block, values)| fill(block * ROWS, values));
        }
    }
    x
}

/// A dense matrix with a column for each of `columns`.
pub(super) fn dense_of(columns: &[Coded<'_, f64>], rows: usize) -> Array2<f64> {
    let width = columns.len();
    filled(rows, width, |first, values| {
        for (at, column) in columns.iter().enumerate() {
            let places = values.iter_mut().skip(at).step_by(width.max(1));
            places.enumerate().for_each(|(row, value)| *value = column.get(first + row));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(codes: &[u32]) -> Categories {
        Categories { codes: codes.to_vec(), levels: ["d", "a", "c", "b", "unused"].map(String::from).into() }
    }

    #[test]
    fn rare_levels_share_the_last_place() {
        // d four times, a once, c twice, b three times, missing once.
        let x = column(&[0, 0, 0, 0, 1, 2, 2, 3, 3, 3, Categories::MISSING]);
        let pooling = Pooling { min_frequency: Some(Frequency::Count(3)), max_categories: None };
        let (levels, counts) = Levels::learn(&x, true, pooling);
        assert_eq!(counts, [1, 3, 2, 4, 1]);
        assert_eq!(levels.names().collect::<Vec<_>>(), ["b", "d", "infrequent"]);
        let places = levels.coded(&x, |place| place);
        assert_eq!([0, 4, 5, 7, 10].map(|row| places.get(row)), [1, 2, 2, 0, 2].map(Some));
        assert_eq!(levels.rare_place(), Some(2));
    }

    #[test]
    fn at_most_so_many_places_and_one_of_them_is_the_pool() {
        let x = column(&[0, 0, 0, 0, 1, 2, 2, 3, 3, 3]);
        let of = |most| Levels::learn(&x, true, Pooling { min_frequency: None, max_categories: Some(most) }).0;
        assert_eq!(of(1).names().collect::<Vec<_>>(), ["infrequent"]);
        assert_eq!(of(3).names().collect::<Vec<_>>(), ["b", "d", "infrequent"]);
        // One of the four places is that of the pool, as in scikit-learn.
        assert_eq!(of(4).names().collect::<Vec<_>>(), ["b", "c", "d", "infrequent"]);
        assert_eq!(of(5).names().collect::<Vec<_>>(), ["a", "b", "c", "d"]);
    }

    #[test]
    fn missing_values_are_a_level_only_where_they_count() {
        let x = column(&[0, Categories::MISSING]);
        assert_eq!(Levels::learn(&x, true, Pooling::NONE).0.names().collect::<Vec<_>>(), ["d", "missing"]);
        assert_eq!(Levels::learn(&x, false, Pooling::NONE).0.names().collect::<Vec<_>>(), ["d"]);
    }
}
