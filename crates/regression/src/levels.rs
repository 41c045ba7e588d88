//! The levels of categorical columns: which a model knows, and the numbers it has for them.

use adflux_core::{Categories, Error, Features, Result, Values};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, sync::Arc};

/// The levels that a model tells apart, by the place of their column. A level's number is its place here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Levels(Vec<(usize, Arc<[String]>)>);

/// The numbers of the rows' levels, by the place of their column. NaN is a missing level.
#[derive(Debug)]
pub(crate) struct Coded(Vec<(usize, Vec<f64>)>);

/// A level that is missing, was not there in the fit, or was too rare there.
const UNKNOWN: f64 = f64::NAN;

impl Levels {
    /// The levels of each categorical block: the `most` ones whose rows weigh most, in the order of the block.
    pub(crate) fn learn(x: &Features, weights: &[f64], most: usize) -> Self {
        let mut all = Vec::new();
        let mut place = 0;
        for block in x.blocks() {
            if let Values::Category(column) = block.values() {
                all.push((place, frequent(column, weights, most)));
            }
            place += block.columns().len();
        }
        Levels(all)
    }

    /// The levels of `x`, and their numbers there.
    ///
    /// # Errors
    /// As [`code`](Self::code).
    pub(crate) fn of_fit(x: &Features, weights: &[f64], most: usize, step: &str) -> Result<(Levels, Coded)> {
        let levels = Levels::learn(x, weights, most);
        let coded = levels.code(x, step)?;
        Ok((levels, coded))
    }

    /// Whether no column is categorical.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the column at `place` is categorical.
    pub(crate) fn has(&self, place: usize) -> bool {
        self.0.iter().any(|(at, _)| *at == place)
    }

    /// The numbers of the levels of `x`. A level is known by its name, whatever its code there.
    ///
    /// # Errors
    /// When a column is of numbers that was of categories in the fit.
    pub(crate) fn code(&self, x: &Features, step: &str) -> Result<Coded> {
        let mut all = Vec::new();
        let mut place = 0;
        for block in x.blocks() {
            let columns = block.columns();
            let here = self.0.iter().find(|(at, _)| (place..place + columns.len()).contains(at));
            match (block.values(), here) {
                (Values::Category(column), Some((_, levels))) => all.push((place, codes(column, levels))),
                (_, Some((at, _))) => {
                    let reason =
                        format!("of numbers, where `{step}` was fitted on categories: encode it as in the fit");
                    return Err(Error::column(&columns[at - place].name, reason));
                }
                _ => {}
            }
            place += columns.len();
        }
        Ok(Coded(all))
    }

    /// Whether these can be the levels of `width` columns, none having more than `most`.
    pub(crate) fn plausible(&self, width: usize, most: usize) -> bool {
        self.0.iter().all(|(place, levels)| *place < width && levels.len() <= most)
    }
}

impl Coded {
    pub(crate) fn column(&self, place: usize) -> Option<&[f64]> {
        self.0.iter().find(|(at, _)| *at == place).map(|(_, codes)| &codes[..])
    }
}

fn frequent(column: &Categories, weights: &[f64], most: usize) -> Arc<[String]> {
    let mut weighs = vec![0.0; column.levels.len()];
    for (code, weight) in column.codes.iter().zip(weights) {
        if let Some(sum) = weighs.get_mut(*code as usize) {
            *sum += weight;
        }
    }
    let mut order: Vec<usize> = (0..weighs.len()).filter(|&level| weighs[level] > 0.0).collect();
    order.sort_by(|&a, &b| f64::total_cmp(&weighs[b], &weighs[a]));
    order.truncate(most);
    order.sort_unstable();
    order.into_iter().map(|level| column.levels[level].clone()).collect()
}

fn codes(column: &Categories, levels: &[String]) -> Vec<f64> {
    let known: HashMap<&str, f64> = levels.iter().enumerate().map(|(i, level)| (level.as_str(), i as f64)).collect();
    // Each level is looked up once, and only those that occur: one row of a column of 10,000 levels is cheap.
    let mut found: HashMap<u32, f64> = HashMap::new();
    let number = |code: &u32| {
        let look_up = || column.levels.get(*code as usize).and_then(|l| known.get(l.as_str())).copied();
        *found.entry(*code).or_insert_with(|| look_up().unwrap_or(UNKNOWN))
    };
    column.codes.iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_levels_are_known_by_name_and_others_are_missing() {
        let column = |codes: Vec<u32>, levels: &[&str]| Categories {
            codes,
            levels: levels.iter().map(|l| l.to_string()).collect(),
        };
        let seen = column(vec![0, 1, 1, 2, 2, 3, 3, 3, Categories::MISSING], &["a", "b", "c", "d", "e"]);
        let levels = frequent(&seen, &[1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0], 2);
        assert_eq!(levels[..], ["b", "c"], "d weighs nothing, e does not occur, a is rarer");
        let weighed = frequent(&seen, &[9.0, 1.0, 1.0, 1.0, 2.0, 0.0, 0.0, 0.0, 1.0], 2);
        assert_eq!(weighed[..], ["a", "c"], "a row of weight 9 is nine rows");
        let later = codes(&column(vec![1, 0, 2, 7, Categories::MISSING], &["b", "c", "x"]), &levels);
        assert_eq!(later[..2], [1.0, 0.0]);
        assert!(later[2..].iter().all(|code| code.is_nan()));
    }
}
