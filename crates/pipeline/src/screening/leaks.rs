//! Columns that give the target away.

use super::{Leak, LeakKind, formulas};
use crate::proxies::codes;
use adflux_core::{Categories, Result};
use adflux_data::{ColumnKind, Frame, Role};
use adflux_evaluation::{association::predictability, metrics::roc_auc};
use ndarray::Array1;
use rayon::prelude::*;

/// With fewer rows a good feature cannot be told from a leak.
const FEWEST: usize = 30;
/// Numbers of fewer values than this are classes; they have not much of an order.
const VALUES: usize = 10;
/// How much of what is wrong by chance must go away.
const CERTAIN: f64 = 0.999;
/// When so much goes away, it is worth a question; real features are far below.
const SUSPECT: f64 = 0.9;
/// The same of a correlation of ranks, which is high more easily.
const SUSPECT_ORDER: f64 = 0.99;

/// A way in which a column gives the target away, and whether it is beyond doubt.
pub(super) struct Found<'a> {
    pub column: &'a str,
    pub leak: Leak,
    pub certain: bool,
}

/// The columns of `candidates` that give a target of the frame away, or seem to, each with the first way that is certain, or else
/// the strongest.
pub(super) fn find<'a>(frame: &Frame, candidates: &[&'a str]) -> Result<Vec<Found<'a>>> {
    let mut found = Vec::new();
    if frame.rows() < FEWEST {
        return Ok(found);
    }
    for target in frame.names_with(Role::Target) {
        let found_in =
            |column: &&'a str, how, certain| Found { column, leak: Leak { target: target.into(), how }, certain };
        if let Some(truth) = Classes::of(frame, target)? {
            let how: Vec<_> = candidates.par_iter().map(|name| truth.leak(frame, name)).collect::<Result<_>>()?;
            let of = |(name, how): (&&'a str, Option<(LeakKind, f64)>)| {
                how.map(|(how, gain)| found_in(name, how, gain >= CERTAIN))
            };
            found.extend(candidates.iter().zip(how).filter_map(of));
            continue;
        }
        if frame.kind_of(target)? == ColumnKind::Text {
            continue;
        }
        let truth = frame.numbers(target)?;
        let order = |name: &&str| match frame.kind_of(name)? {
            ColumnKind::Text => Ok(0.0),
            _ => Ok(spearman(&frame.numbers(name)?, &truth)),
        };
        let orders: Vec<f64> = candidates.par_iter().map(order).collect::<Result<_>>()?;
        let ordered = candidates.iter().zip(orders).filter(|(_, spearman)| spearman.abs() >= SUSPECT_ORDER);
        found.extend(
            ordered.map(|(name, spearman)| found_in(name, LeakKind::Order { spearman }, spearman.abs() >= CERTAIN)),
        );
        for (columns, formula) in formulas::find(frame, target, &truth, candidates)? {
            let formula = |name: &&'a str| found_in(name, LeakKind::Formula { formula: formula.clone() }, true);
            found.extend(columns.iter().map(formula));
        }
    }
    Ok(found)
}

/// A target whose values are few.
struct Classes {
    /// The rows where it is known.
    rows: Vec<usize>,
    /// The class of each of them.
    codes: Vec<u32>,
    /// The code that counts as positive, of two.
    positive: Option<u32>,
}

impl Classes {
    /// The target as classes: text of any number of values, numbers of fewer than [`VALUES`]. `None` when they are more, or
    /// too few rows are known and not of the most frequent class.
    fn of(frame: &Frame, target: &str) -> Result<Option<Self>> {
        let all = codes(frame, target)?;
        let rows: Vec<usize> = (0..all.len()).filter(|row| all[*row] != Categories::MISSING).collect();
        let codes: Vec<u32> = rows.iter().map(|row| all[*row]).collect();
        let mut sorted = codes.clone();
        sorted.sort_unstable();
        let sizes: Vec<usize> = sorted.chunk_by(|a, b| a == b).map(<[u32]>::len).collect();
        let others = codes.len() - sizes.iter().copied().max().unwrap_or_default();
        let few = frame.kind_of(target)? == ColumnKind::Text || sizes.len() < VALUES;
        let positive = if sizes.len() == 2 { sorted.last().copied() } else { None };
        Ok((few && codes.len() >= FEWEST && 2 * others >= FEWEST).then_some(Classes { rows, codes, positive }))
    }

    /// How a column says the class, and how much of what is wrong by chance goes away.
    fn leak(&self, frame: &Frame, name: &str) -> Result<Option<(LeakKind, f64)>> {
        let here = |codes: &[u32]| self.rows.iter().map(|row| codes[*row]).collect::<Vec<u32>>();
        let values = codes(frame, name)?;
        let mut best: Option<(LeakKind, f64)> = None;
        if values.contains(&Categories::MISSING) {
            let missing: Vec<u32> = values.iter().map(|code| u32::from(*code == Categories::MISSING)).collect();
            let guess = predictability(&here(&missing), &self.codes)?;
            best = stronger(best, LeakKind::Missing { guessed: guess.share }, guess.gain());
        }
        let guess = predictability(&here(&values), &self.codes)?;
        best = stronger(best, LeakKind::Value { guessed: guess.share }, guess.gain());
        if let Some(positive) = self.positive
            && frame.kind_of(name)? != ColumnKind::Text
            && let Some(area) = self.threshold(positive, &frame.numbers(name)?)?
        {
            best = stronger(best, LeakKind::Threshold { roc_auc: area }, 2.0 * area - 1.0);
        }
        Ok(best.filter(|(_, gain)| *gain >= SUSPECT))
    }

    /// How far one of two classes has the higher numbers: the area under the ROC curve.
    fn threshold(&self, positive: u32, numbers: &[f64]) -> Result<Option<f64>> {
        let known = || self.rows.iter().zip(&self.codes).filter(|(row, _)| numbers[**row].is_finite());
        let truth: Vec<bool> = known().map(|(_, code)| *code == positive).collect();
        let positives = truth.iter().filter(|is| **is).count();
        // With few rows of a class it is a matter of luck.
        if 2 * positives.min(truth.len() - positives) < FEWEST {
            return Ok(None);
        }
        let scores: Array1<f64> = known().map(|(row, _)| numbers[*row]).collect();
        let area = roc_auc(&truth, scores.view(), None)?;
        Ok(Some(area.max(1.0 - area)))
    }
}

/// The way that is certain, the first of several; or else the one by which more goes away.
fn stronger(best: Option<(LeakKind, f64)>, how: LeakKind, gain: f64) -> Option<(LeakKind, f64)> {
    match best {
        Some((kind, of_best)) if of_best >= CERTAIN || of_best >= gain => Some((kind, of_best)),
        _ => Some((how, gain)),
    }
}

/// Spearman's rank correlation over the rows where both are finite; 0 when there are too few rows or different values for it to
/// mean anything, or some of the rows show already that it is not near 1.
fn spearman(a: &[f64], b: &[f64]) -> f64 {
    const SOME: usize = 2000;
    let rows: Vec<usize> = (0..a.len()).filter(|row| a[*row].is_finite() && b[*row].is_finite()).collect();
    // Both must be known for half of the rows: an order of a few says nothing about the rest.
    if rows.len() < FEWEST || 2 * rows.len() < a.len() {
        return 0.0;
    }
    if rows.len() > 2 * SOME {
        let some: Vec<usize> = rows.iter().copied().step_by(rows.len() / SOME).collect();
        if spearman_of(a, b, &some).abs() < 0.9 {
            return 0.0;
        }
    }
    spearman_of(a, b, &rows)
}

fn spearman_of(a: &[f64], b: &[f64], rows: &[usize]) -> f64 {
    let ((a, of_a), (b, of_b)) = (ranks(a, rows), ranks(b, rows));
    if of_a.min(of_b) < VALUES {
        return 0.0;
    }
    let mean = (rows.len() as f64 - 1.0) / 2.0;
    let sum = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| (x - mean) * (y - mean)).sum::<f64>();
    sum(&a, &b) / (sum(&a, &a) * sum(&b, &b)).sqrt()
}

/// The mean rank of each of `rows`, from 0, and how many different values there are.
fn ranks(values: &[f64], rows: &[usize]) -> (Vec<f64>, usize) {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|x, y| values[rows[*x]].total_cmp(&values[rows[*y]]));
    let mut ranks = vec![0.0; rows.len()];
    let (mut before, mut different) = (0, 0);
    for ties in order.chunk_by(|x, y| values[rows[*x]] == values[rows[*y]]) {
        let rank = before as f64 + (ties.len() - 1) as f64 / 2.0;
        ties.iter().for_each(|place| ranks[*place] = rank);
        before += ties.len();
        different += 1;
    }
    (ranks, different)
}
