//! [`Units`]: what is drawn again and again, rows or groups of them.

use crate::checks::{dense_codes, same_length};
use adflux_core::{Context, Result, random::stream};
use rand::{RngExt as _, seq::index};
use rayon::prelude::*;

/// Streams of draws have the path of their number; these have others.
const OF_SAMPLE: [u64; 2] = [0, 1];
const OF_JACKKNIFE: [u64; 2] = [0, 2];

/// What is drawn: rows or groups.
pub(crate) struct Units {
    rows: usize,
    /// The unit of each row, and how many there are; `None`: every row is one.
    groups: Option<(Vec<usize>, usize)>,
}

impl Units {
    pub fn new(rows: usize, groups: Option<&[u32]>) -> Result<Self> {
        let groups = match groups {
            None => None,
            Some(groups) => {
                same_length(rows, "groups", groups.len())?;
                Some(dense_codes(groups))
            }
        };
        Ok(Units { rows, groups })
    }

    pub fn count(&self) -> usize {
        self.groups.as_ref().map_or(self.rows, |(_, count)| *count)
    }

    /// What `measures` says of `resamples` draws with replacement, of as many units as there are. It is given how often each row
    /// was drawn. The same whatever the number of threads.
    pub fn resample(
        &self,
        resamples: usize,
        seed: u64,
        context: &Context,
        measures: impl Fn(&[f64]) -> Result<Vec<f64>> + Sync,
    ) -> Result<Vec<Vec<f64>>> {
        let one = |draw: usize| {
            context.check()?;
            measures(&self.draw(seed, draw))
        };
        context.run(|| (0..resamples).into_par_iter().map(one).collect())
    }

    /// How often each row was drawn.
    fn draw(&self, seed: u64, draw: usize) -> Vec<f64> {
        let mut random = stream(seed, &[draw as u64]);
        let units = self.count();
        let mut counts = vec![0.0; units];
        (0..units).for_each(|_| counts[random.random_range(0..units)] += 1.0);
        self.to_rows(counts)
    }

    /// What `measures` says when one of at most `parts` parts of the units, put together at random, is left out.
    pub fn leave_out(
        &self,
        parts: usize,
        seed: u64,
        context: &Context,
        measures: impl Fn(&[f64]) -> Result<Vec<f64>> + Sync,
    ) -> Result<Vec<Vec<f64>>> {
        let units = self.count();
        let shuffled = index::sample(&mut stream(seed, &OF_JACKKNIFE), units, units).into_vec();
        let parts = parts.min(units);
        let one = |part: usize| {
            context.check()?;
            let mut counts = vec![1.0; units];
            shuffled.iter().skip(part).step_by(parts).for_each(|unit| counts[*unit] = 0.0);
            measures(&self.to_rows(counts))
        };
        context.run(|| (0..parts).into_par_iter().map(one).collect())
    }

    /// The rows of some units, drawn without replacement: about `rows` rows, in their order, and the share of the units that
    /// were drawn. All rows when there are no more.
    pub fn sample(&self, rows: usize, seed: u64) -> (Vec<usize>, f64) {
        let units = self.count();
        // Groups may differ in size: as many as hold that many rows on the average.
        let drawn = (units as f64 * (rows as f64 / self.rows as f64)).ceil() as usize;
        if rows >= self.rows || drawn >= units {
            return ((0..self.rows).collect(), 1.0);
        }
        let mut is_drawn = vec![0.0; units];
        index::sample(&mut stream(seed, &OF_SAMPLE), units, drawn.max(1))
            .into_iter()
            .for_each(|unit| is_drawn[unit] = 1.0);
        let of_rows = self.to_rows(is_drawn);
        let sample = (0..self.rows).filter(|row| of_rows[*row] > 0.0).collect();
        (sample, drawn.max(1) as f64 / units as f64)
    }

    fn to_rows(&self, counts: Vec<f64>) -> Vec<f64> {
        match &self.groups {
            None => counts,
            Some((unit_of_row, _)) => unit_of_row.iter().map(|unit| counts[*unit]).collect(),
        }
    }
}
