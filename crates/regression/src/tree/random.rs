//! One split of a column, drawn at random (Geurts, Ernst & Wehenkel 2006).

use super::{
    binning::{Codes, ColumnBins},
    code_set::{CodeSet, holds, insert},
    nodes::Test,
    outcome::Outcome,
    split::{Parent, Split},
};
use adflux_core::random::Rng;
use rand::RngExt as _;

/// The codes of the rows of a node in one column. No histogram is needed: one threshold is looked at, not all.
pub(crate) struct Drawn<O: Outcome> {
    codes: Vec<u8>,
    /// The least and the greatest code of a number.
    least: u8,
    most: u8,
    /// The code of missing values, when there are any.
    missing: Option<u8>,
    /// The places of the rows that go left.
    on_left: Vec<u32>,
    left: O::Sums,
}

/// So many codes are looked at faster one by one than the bins of the column are searched.
const FEW: usize = 16;

impl<O: Outcome> Drawn<O> {
    pub(crate) fn new(outcome: &O) -> Self {
        Drawn { codes: Vec::new(), least: 0, most: 0, missing: None, on_left: Vec::new(), left: outcome.zeros() }
    }

    /// Looks up the rows of a node.
    pub(crate) fn load(&mut self, samples: &[O::Sample], codes: Codes<'_>, bins: &ColumnBins) {
        self.codes.clear();
        self.codes.extend(samples.iter().map(|sample| codes.at(O::row(sample))));
        self.least = self.codes.iter().copied().fold(u8::MAX, u8::min);
        self.most = self.codes.iter().copied().fold(0, u8::max);
        // Missing values have the greatest code.
        self.missing = bins.missing_code().filter(|missing| *missing == self.most);
        if let Some(missing) = self.missing {
            let numbers = self.codes.iter().filter(|code| **code != missing);
            self.most = numbers.copied().fold(0, u8::max);
        }
    }

    /// Whether no two rows differ in this column.
    pub(crate) fn constant(&self) -> bool {
        match self.missing {
            Some(missing) => self.least == missing,
            None => self.least == self.most,
        }
    }

    /// Draws a threshold between the least and the greatest value of the node, each as likely as another, and a side for missing
    /// values; puts the split into `best` when it is better.
    pub(crate) fn take(
        &mut self,
        outcome: &O,
        samples: &[O::Sample],
        (column, bins): (usize, &ColumnBins),
        parent: Parent<'_>,
        rng: &mut Rng,
        best: &mut Option<Split>,
    ) {
        let missing_left = self.missing.map(|_| rng.random_bool(0.5));
        if self.least >= self.most {
            return;
        }
        let (least, most) = (bins.low(self.least), bins.high(self.most));
        let drawn = least + rng.random::<f64>() * (most - least);
        let cut = self.cut(bins, drawn);
        let also = self.missing.filter(|_| missing_left == Some(true)).unwrap_or(cut);
        let mut left = std::mem::take(&mut self.left);
        left.as_mut().fill(0.0);
        for place in self.places_on_left(cut, also) {
            outcome.add(&samples[*place as usize], left.as_mut());
        }
        parent.offer(&left.as_ref()[..2 + outcome.outputs()], best, |score, middle| {
            let (before, behind) = self.beside(cut);
            // Within a bin no rows can be parted: the split lies beside it.
            let between = bins.high(before) <= drawn && drawn < bins.low(behind);
            let threshold = if between { drawn } else { bins.threshold(before, behind) };
            Split { score, column, test: Test::UpTo(threshold), left: Some(before), missing_left, middle }
        });
        self.left = left;
    }

    /// Draws a set of the levels of the node, each set as likely as another that leaves a level on both sides, and puts the split
    /// into `best` when it is better. Missing is a level like others.
    pub(crate) fn take_levels(
        &mut self,
        outcome: &O,
        samples: &[O::Sample],
        column: usize,
        parent: Parent<'_>,
        rng: &mut Rng,
        best: &mut Option<Split>,
    ) {
        let mut levels = [0; 4];
        self.codes.iter().for_each(|code| insert(&mut levels, *code));
        let set = loop {
            let drawn: CodeSet = levels.map(|word| word & rng.random::<u64>());
            // Of two levels every other draw parts them, of more all the more.
            if drawn != [0; 4] && drawn != levels {
                break drawn;
            }
        };
        let left = &mut self.left.as_mut()[..2 + outcome.outputs()];
        left.fill(0.0);
        for (sample, _) in samples.iter().zip(&self.codes).filter(|(_, code)| holds(&set, **code)) {
            outcome.add(sample, left);
        }
        let missing_left = self.missing.map(|code| holds(&set, code));
        parent.offer(left, best, |score, middle| Split {
            score,
            column,
            test: Test::In(set),
            left: None,
            missing_left,
            middle,
        });
    }

    /// A code that parts the rows as `drawn` does, or as nearly as bins can: of numbers up to it and above there are some.
    fn cut(&self, bins: &ColumnBins, drawn: f64) -> u8 {
        if self.codes.len() > FEW {
            return bins.last_up_to(drawn).unwrap_or(0).clamp(self.least, self.most - 1);
        }
        let of = |code: u8| if (code < self.most) & (bins.high(code.min(self.most)) <= drawn) { code } else { 0 };
        self.codes.iter().fold(self.least, |cut, code| cut.max(of(*code)))
    }

    /// The places of the rows whose codes are at most `cut` or equal to `also`.
    fn places_on_left(&mut self, cut: u8, also: u8) -> &[u32] {
        self.on_left.resize(self.codes.len(), 0);
        let mut count = 0;
        for (place, &code) in self.codes.iter().enumerate() {
            // Written in any case, and kept or not: which side a row goes to cannot be foreseen.
            self.on_left[count] = place as u32;
            count += usize::from((code <= cut) | (code == also));
        }
        &self.on_left[..count]
    }

    /// The codes of numbers on the two sides of a cut that are nearest to it.
    fn beside(&self, cut: u8) -> (u8, u8) {
        self.codes.iter().fold((self.least, self.most), |(before, behind), &code| {
            if code <= cut { (before.max(code), behind) } else { (before, behind.min(code)) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        table::Table,
        tree::{binning::Binned, outcome::Single, split::score},
    };
    use adflux_core::{Context, Features, random::stream};
    use ndarray::Array2;

    /// The code in front of the cut, and the threshold, from all codes that occur.
    fn by_definition(codes: &[u8], bins: &ColumnBins, drawn: f64) -> (u8, f64) {
        let mut codes: Vec<u8> = codes.iter().copied().filter(|code| Some(*code) != bins.missing_code()).collect();
        codes.sort_unstable();
        codes.dedup();
        let at = codes.partition_point(|code| bins.high(*code) <= drawn).clamp(1, codes.len() - 1);
        let between = bins.high(codes[at - 1]) <= drawn && drawn < bins.low(codes[at]);
        (codes[at - 1], if between { drawn } else { bins.threshold(codes[at - 1], codes[at]) })
    }

    #[test]
    fn a_drawn_split_parts_rows_where_the_draw_says() {
        let mut rng = stream(11, &[]);
        let x = Array2::from_shape_simple_fn((400, 1), || match rng.random_range(0..10) {
            0 => f64::NAN,
            1 => 0.25,
            _ => rng.random::<f64>().powi(3),
        });
        let y: Vec<f64> = (0..400).map(|_| rng.random()).collect();
        let outcome = Single::new(&y, &[1.0; 400]);
        let features = Features::from_dense(x.clone(), ["a"]).unwrap();
        let mut drawn = Drawn::new(&outcome);
        let mut found = 0;
        for max_bins in [7, 255] {
            let data =
                Binned::new(&Table::new(&features, "test").unwrap(), &[], max_bins, &Context::default()).unwrap();
            let (bins, codes) = (data.bins(0), data.codes(0));
            for rows in (2..40).chain([200]) {
                let samples: Vec<_> =
                    (0..rows).map(|_| outcome.sample(rng.random_range(0..400), 1.0 + rng.random::<f64>())).collect();
                let mut total = [0.0; 3];
                samples.iter().for_each(|sample| outcome.add(sample, &mut total));
                let (mut best, mut same) = (None, rng.clone());
                drawn.load(&samples, codes, bins);
                let parent = Parent { total: &total, min_rows: 1.0, constraint: None };
                drawn.take(&outcome, &samples, (0, bins), parent, &mut rng, &mut best);
                let Some(Split {
                    score: of_split, test: Test::UpTo(threshold), left: Some(last), missing_left, ..
                }) = best
                else {
                    continue;
                };
                found += 1;
                let own: Vec<u8> = samples.iter().map(|sample| codes.at(Single::row(sample))).collect();
                assert_eq!(missing_left.is_some(), own.iter().any(|code| Some(*code) == bins.missing_code()));
                assert_eq!(missing_left, missing_left.map(|_| same.random_bool(0.5)));
                let (least, most) = (bins.low(drawn.least), bins.high(drawn.most));
                let expected = by_definition(&own, bins, least + same.random::<f64>() * (most - least));
                assert_eq!((last, threshold), expected, "{rows} rows");
                let mut sides = [[0.0; 3]; 2];
                for (sample, code) in samples.iter().zip(own) {
                    let value = x[[Single::row(sample) as usize, 0]];
                    let goes_left = if value.is_nan() { missing_left == Some(true) } else { value <= threshold };
                    assert_eq!(goes_left, code <= last || value.is_nan() && missing_left == Some(true));
                    outcome.add(sample, &mut sides[usize::from(goes_left)]);
                }
                adflux_testing::assert_close(of_split, score(&sides[0]) + score(&sides[1]), 1e-9);
            }
        }
        assert!(found > 60, "{found}");
    }

    #[test]
    fn a_column_is_constant_when_all_rows_have_one_value_or_none() {
        let x = ndarray::array![[1.0], [1.0], [f64::NAN], [f64::NAN], [2.0]];
        let features = Features::from_dense(x, ["a"]).unwrap();
        let data = Binned::new(&Table::new(&features, "test").unwrap(), &[], 255, &Context::default()).unwrap();
        let outcome = Single::new(&[0.0; 5], &[1.0; 5]);
        let mut drawn = Drawn::new(&outcome);
        for (rows, constant) in [(&[0, 1][..], true), (&[2, 3], true), (&[1, 2], false), (&[0, 4], false)] {
            let samples: Vec<_> = rows.iter().map(|row| outcome.sample(*row, 1.0)).collect();
            drawn.load(&samples, data.codes(0), data.bins(0));
            assert_eq!(drawn.constant(), constant, "{rows:?}");
        }
    }
}
