//! The measures by which numbers of segments are compared.

use crate::{Choice, Quality, kmeans::distinct_rows};
use adflux_core::{Context, Error, Result, parameter, random::stream};
use adflux_evaluation::metrics;
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rand::seq::index;
use std::{collections::HashSet, ops::RangeInclusive};

/// Checks the parameters that every choice of the number has.
pub(crate) fn check(min: usize, max: usize, sample_size: usize) -> Result<()> {
    parameter::ensure(min >= 2, "min", min, "must be at least 2: one segment is no choice")?;
    parameter::ensure(max >= min, "max", max, "must be at least `min`")?;
    let reason = "must lie between 3 and 100000: the time grows with its square";
    parameter::ensure((3..=100_000).contains(&sample_size), "sample_size", sample_size, reason)
}

/// At most `size` of so many places, drawn under `seed`, ascending.
pub(crate) fn sample(places: usize, size: usize, seed: u64) -> Vec<usize> {
    if places <= size {
        return (0..places).collect();
    }
    let mut drawn = index::sample(&mut stream(seed, &[u64::MAX]), places, size).into_vec();
    drawn.sort_unstable();
    drawn
}

/// The rows that count, and those of them that silhouettes are computed on.
pub(crate) struct Judge {
    /// The rows of weight above 0, ascending.
    pub(crate) counted: Vec<usize>,
    x: Array2<f64>,
    /// Places among `counted`.
    sample: Vec<usize>,
}

impl Judge {
    pub(crate) fn new(x: ArrayView2<f64>, weights: Option<ArrayView1<f64>>, sample_size: usize, seed: u64) -> Self {
        let counted: Vec<usize> = (0..x.nrows()).filter(|&row| weights.is_none_or(|w| w[row] > 0.0)).collect();
        let sample = sample(counted.len(), sample_size, seed);
        Judge { x: x.select(Axis(0), &counted), counted, sample }
    }

    /// The numbers from `min` to `max` that the rows have distinct ones for. Measures of segments need a row more than segments.
    pub(crate) fn numbers(&self, min: usize, max: usize) -> Result<RangeInclusive<usize>> {
        let max = max.min(distinct_rows(self.x.view(), None, max)).min(self.counted.len().saturating_sub(1));
        if max < min {
            let reason = format!("the data has distinct rows for at most {max} segments: lower it, or give more rows");
            return Err(Error::parameter("min", min, reason));
        }
        Ok(min..=max)
    }

    /// What each of `numbers` comes to, and the choice among them. `fit` gives, for a number of segments, their inertia, the segment
    /// of each row that counts, and what is kept of the fit; the one of the chosen number comes back. `max` is the number that was
    /// asked for.
    pub(crate) fn choose<M>(
        &self,
        kind: &str,
        numbers: RangeInclusive<usize>,
        max: usize,
        context: &Context,
        mut fit: impl FnMut(usize) -> Result<(f64, Vec<u32>, M)>,
    ) -> Result<(M, Choice)> {
        let (first, count) = (*numbers.start(), numbers.clone().count() as u64);
        // More than there are rows for are not only untried.
        let more = *numbers.end() == max;
        let (mut fits, mut table) = (Vec::new(), Vec::new());
        for n_clusters in numbers {
            context.report(kind, (n_clusters - first) as u64, Some(count));
            context.check()?;
            let (inertia, segments, kept) = fit(n_clusters)?;
            context.check()?;
            table.push(self.quality(n_clusters, inertia, &segments)?);
            fits.push(kept);
        }
        context.report(kind, count, Some(count));
        let none = || Error::data(format!("`{kind}`: there is no number of segments to choose from"));
        let choice = Choice::of(table, fit(1)?.0, more).ok_or_else(none)?;
        let kept = fits.into_iter().nth(choice.n_clusters - first).ok_or_else(none)?;
        Ok((kept, choice))
    }

    /// Of the segments of all rows, those of the rows that count.
    pub(crate) fn of_counted(&self, segments: &[u32]) -> Vec<u32> {
        self.counted.iter().map(|&row| segments[row]).collect()
    }

    /// The measures of segments: one of each row that counts, 2 to rows − 1 different ones.
    fn quality(&self, n_clusters: usize, inertia: f64, segments: &[u32]) -> Result<Quality> {
        // A segment that the sample missed takes part with one row, so that there are never fewer than two.
        let mut sample = self.sample.clone();
        let mut drawn: HashSet<u32> = sample.iter().map(|&row| segments[row]).collect();
        sample.extend((0..segments.len()).filter(|&row| drawn.insert(segments[row])));
        let segments_of_sample: Vec<u32> = sample.iter().map(|&row| segments[row]).collect();
        Ok(Quality {
            n_clusters,
            inertia,
            silhouette: metrics::silhouette(self.x.select(Axis(0), &sample).view(), &segments_of_sample)?,
            calinski_harabasz: metrics::calinski_harabasz(self.x.view(), segments)?,
            davies_bouldin: metrics::davies_bouldin(self.x.view(), segments)?,
        })
    }
}
