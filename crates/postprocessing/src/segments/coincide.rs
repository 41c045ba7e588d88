//! Which features of a segment say what a stronger one has said.

use super::{
    column::{Compared, Values},
    feature::{Measure, SegmentFeature},
};
use adflux_core::Categories;
use std::collections::HashMap;

/// From this correlation over all rows on, either way, two features say the same.
pub(super) const SAME: f64 = 0.8;
/// So many features of a segment that differ are found; nobody reads more.
const TOLD: usize = 8;

/// A column, and what of it a feature is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    column: usize,
    of: Of,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Of {
    Value,
    Missing,
    Level(u32),
}

/// Compares the features of the segments of a table; pairs are remembered from segment to segment.
pub(super) struct Coincidence<'a> {
    columns: &'a [Compared],
    known: HashMap<(Key, Key), bool>,
}

impl<'a> Coincidence<'a> {
    pub(super) fn new(columns: &'a [Compared]) -> Self {
        Coincidence { columns, known: HashMap::new() }
    }

    /// Marks the features, the strongest first, that say the same as one before them.
    pub(super) fn mark(&mut self, features: &mut [SegmentFeature]) {
        let mut told: Vec<(Key, String)> = Vec::new();
        for feature in features {
            if told.len() == TOLD {
                break;
            }
            let Some(key) = self.key(feature) else { continue };
            match told.iter().find(|(other, _)| self.same(*other, key)) {
                Some((_, column)) => feature.same_as = Some(column.clone()),
                None => told.push((key, feature.column.clone())),
            }
        }
    }

    fn key(&self, feature: &SegmentFeature) -> Option<Key> {
        let column = self.columns.iter().position(|column| column.name == feature.column)?;
        let of = match (&feature.measure, &self.columns[column].values) {
            (Measure::Missing, _) => Of::Missing,
            (Measure::Level { level }, Values::Text { categories, .. }) => {
                Of::Level(categories.levels.iter().position(|l| l == level)? as u32)
            }
            _ => Of::Value,
        };
        Some(Key { column, of })
    }

    fn same(&mut self, a: Key, b: Key) -> bool {
        // Levels of one text exclude each other, which does not make them one.
        if a.column == b.column {
            return false;
        }
        let pair = if a < b { (a, b) } else { (b, a) };
        if let Some(same) = self.known.get(&pair) {
            return *same;
        }
        let same = correlation(&self.values(pair.0), &self.values(pair.1)).abs() >= SAME;
        self.known.insert(pair, same);
        same
    }

    /// What the feature is about in every row; NaN where it is not known.
    fn values(&self, key: Key) -> Vec<f64> {
        let flag = |holds: bool| f64::from(u8::from(holds));
        match (&self.columns[key.column].values, key.of) {
            (Values::Number { values, .. }, Of::Missing) => values.iter().map(|v| flag(!v.is_finite())).collect(),
            (Values::Number { values, .. }, _) => values.clone(),
            (Values::Text { categories, .. }, Of::Level(level)) => {
                categories.codes.iter().map(|code| flag(*code == level)).collect()
            }
            (Values::Text { categories, .. }, _) => {
                categories.codes.iter().map(|code| flag(*code == Categories::MISSING)).collect()
            }
        }
    }
}

/// Pearson's, over the rows where both are known; 0 where either is constant.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let both = || a.iter().zip(b).filter(|(a, b)| a.is_finite() && b.is_finite());
    let n = both().count() as f64;
    let mean_a = both().map(|(a, _)| a).sum::<f64>() / n;
    let mean_b = both().map(|(_, b)| b).sum::<f64>() / n;
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in both() {
        let (a, b) = (a - mean_a, b - mean_b);
        (aa, bb, ab) = (aa + a * a, bb + b * b, ab + a * b);
    }
    let correlation = ab / (aa * bb).sqrt();
    if correlation.is_finite() { correlation } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::correlation;

    #[test]
    fn correlations_are_of_the_rows_where_both_are_known() {
        let nan = f64::NAN;
        assert!((correlation(&[1.0, 2.0, 3.0, nan], &[2.0, 4.0, 6.0, -9.0]) - 1.0).abs() < 1e-12);
        assert!((correlation(&[0.0, 0.0, 1.0, 1.0], &[1.0, 1.0, 0.0, 0.0]) + 1.0).abs() < 1e-12);
        // (1, 2, 3) and (1, 3, 2): 0.5 by hand.
        assert!((correlation(&[1.0, 2.0, 3.0], &[1.0, 3.0, 2.0]) - 0.5).abs() < 1e-12);
        assert_eq!(correlation(&[1.0, 1.0], &[1.0, 2.0]), 0.0);
        assert_eq!(correlation(&[nan], &[nan]), 0.0);
    }
}
