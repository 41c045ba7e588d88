//! How far two divisions of the same rows into segments agree, whatever the segments are called.
//!
//! Both are codes of any kind; the same rows must be together, not the same code be given. There are no row weights, as in
//! scikit-learn: the correction for chance counts rows.

use crate::checks::{dense_codes, same_length};
use adflux_core::Result;
use rayon::prelude::*;

/// The adjusted Rand index (Hubert and Arabie 1985): the share of pairs of rows on which both agree (together or apart),
/// corrected for chance. 1 is the same division, 0 is chance, −0.5 the least. O(rows · log rows).
///
/// ```
/// use adflux_evaluation::metrics::adjusted_rand;
/// assert_eq!(adjusted_rand(&[0, 0, 1, 1], &[7, 7, 3, 3])?, 1.0);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When there are no rows, or lengths differ.
#[doc(alias = "adjusted_rand_score")]
#[doc(alias = "ari")]
pub fn adjusted_rand(truth: &[u32], segments: &[u32]) -> Result<f64> {
    let table = Contingency::new(truth, segments)?;
    let squares = |counts: &[f64]| counts.iter().map(|n| n * n).sum::<f64>();
    let both: f64 = table.cells.iter().map(|cell| cell.2 * cell.2).sum();
    let (of_a, of_b) = (squares(&table.of_a), squares(&table.of_b));
    // Ordered pairs of two rows: together in both, in one alone, in neither.
    let together = both - table.rows;
    let (in_a, in_b) = (of_a - both, of_b - both);
    let apart = table.rows * table.rows - of_a - of_b + both;
    if in_a == 0.0 && in_b == 0.0 {
        return Ok(1.0);
    }
    let chance = (together + in_a) * (in_a + apart) + (together + in_b) * (in_b + apart);
    Ok(2.0 * (together * apart - in_a * in_b) / chance)
}

/// Normalised mutual information: what each division says of the other, over the mean of their entropies. 0 to 1; not
/// corrected for chance, so that many small segments look good: see [`adjusted_mutual_info`]. The V-measure is the same number.
///
/// # Errors
/// As [`adjusted_rand`].
#[doc(alias = "normalized_mutual_info_score")]
#[doc(alias = "nmi")]
pub fn normalized_mutual_info(truth: &[u32], segments: &[u32]) -> Result<f64> {
    let table = Contingency::new(truth, segments)?;
    if table.of_a.len() == 1 && table.of_b.len() == 1 {
        return Ok(1.0);
    }
    let information = table.information();
    if information == 0.0 {
        return Ok(0.0);
    }
    Ok(information / ((table.entropy(&table.of_a) + table.entropy(&table.of_b)) / 2.0))
}

/// Mutual information corrected for chance (Vinh, Epps and Bailey 2010), over the mean of the entropies. 1 is the same
/// division, 0 is chance, and less is possible.
///
/// Beside O(rows · log rows) it sums over the counts that each pair of segments may have by chance, near the likeliest.
///
/// # Errors
/// As [`adjusted_rand`].
#[doc(alias = "adjusted_mutual_info_score")]
#[doc(alias = "ami")]
pub fn adjusted_mutual_info(truth: &[u32], segments: &[u32]) -> Result<f64> {
    let table = Contingency::new(truth, segments)?;
    match (table.of_a.len(), table.of_b.len()) {
        (1, 1) => return Ok(1.0),
        (1, _) | (_, 1) => return Ok(0.0),
        _ => {}
    }
    let (information, chance) = (table.information(), table.information_by_chance());
    let mean = (table.entropy(&table.of_a) + table.entropy(&table.of_b)) / 2.0;
    // The same sign kept, as in scikit-learn, where rounding would divide by 0.
    let possible = mean - chance;
    let possible = if possible < 0.0 { possible.min(-f64::EPSILON) } else { possible.max(f64::EPSILON) };
    Ok((information - chance) / possible)
}

/// Rosenberg and Hirschberg's measures (2007).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VMeasure {
    /// 1 when every segment holds rows of one class.
    pub homogeneity: f64,
    /// 1 when all rows of a class are in one segment.
    pub completeness: f64,
    /// The harmonic mean of both.
    pub v_measure: f64,
}

/// How pure segments are, how whole the classes in them, and both in one. Not corrected for chance.
///
/// ```
/// use adflux_evaluation::metrics::v_measure;
/// let split = v_measure(&[0, 0, 1, 1], &[0, 1, 2, 2])?;
/// assert_eq!(split.homogeneity, 1.0);
/// assert!(split.completeness < 1.0);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`adjusted_rand`].
#[doc(alias = "homogeneity_completeness_v_measure")]
pub fn v_measure(truth: &[u32], segments: &[u32]) -> Result<VMeasure> {
    let table = Contingency::new(truth, segments)?;
    let information = table.information();
    let of = |entropy: f64| if entropy == 0.0 { 1.0 } else { information / entropy };
    let (homogeneity, completeness) = (of(table.entropy(&table.of_a)), of(table.entropy(&table.of_b)));
    let sum = homogeneity + completeness;
    let v_measure = if sum == 0.0 { 0.0 } else { 2.0 * homogeneity * completeness / sum };
    Ok(VMeasure { homogeneity, completeness, v_measure })
}

/// How many rows are in each pair of segments that occurs.
struct Contingency {
    rows: f64,
    /// Segment of the one, of the other, rows.
    cells: Vec<(usize, usize, f64)>,
    of_a: Vec<f64>,
    of_b: Vec<f64>,
}

impl Contingency {
    fn new(a: &[u32], b: &[u32]) -> Result<Self> {
        same_length(a.len(), "segments", b.len())?;
        let ((a, a_count), (b, b_count)) = (dense_codes(a), dense_codes(b));
        let (mut of_a, mut of_b) = (vec![0.0; a_count], vec![0.0; b_count]);
        let mut pairs: Vec<(usize, usize)> = a.into_iter().zip(b).collect();
        for (a, b) in &pairs {
            of_a[*a] += 1.0;
            of_b[*b] += 1.0;
        }
        pairs.par_sort_unstable();
        let cells = pairs.chunk_by(|x, y| x == y).map(|run| (run[0].0, run[0].1, run.len() as f64)).collect();
        Ok(Contingency { rows: pairs.len() as f64, cells, of_a, of_b })
    }

    /// In nats.
    fn entropy(&self, counts: &[f64]) -> f64 {
        if counts.len() == 1 {
            return 0.0;
        }
        -counts.iter().map(|n| n / self.rows * (n / self.rows).ln()).sum::<f64>()
    }

    /// Mutual information, in nats.
    fn information(&self) -> f64 {
        let of_cell = |(a, b, count): &(usize, usize, f64)| self.term(*count, self.of_a[*a], self.of_b[*b]);
        let sum: f64 = self.cells.iter().map(of_cell).sum();
        // What rounding leaves of independence.
        if sum.abs() < f64::EPSILON { 0.0 } else { sum.max(0.0) }
    }

    fn term(&self, count: f64, a: f64, b: f64) -> f64 {
        count / self.rows * (self.rows * count / (a * b)).ln()
    }

    /// The mean of the mutual information over all divisions into segments of these sizes.
    fn information_by_chance(&self) -> f64 {
        let of_a = |a: &f64| self.of_b.iter().map(|b| self.term_by_chance(*a, *b)).sum::<f64>();
        let parts: Vec<f64> = self.of_a.par_iter().map(of_a).collect();
        parts.into_iter().sum()
    }

    /// The mean of a cell's term under the hypergeometric distribution of its count: from the likeliest count to both sides, by
    /// the ratio of neighbouring probabilities, until nothing more is added.
    fn term_by_chance(&self, a: f64, b: f64) -> f64 {
        const NEGLIGIBLE: f64 = 1e-20;
        let n = self.rows;
        let (least, most) = ((a + b - n).max(0.0), a.min(b));
        let mode = (((a + 1.0) * (b + 1.0) / (n + 2.0)).floor()).clamp(least, most);
        let term = |count: f64| if count == 0.0 { 0.0 } else { self.term(count, a, b) };
        let (mut total, mut sum) = (1.0, term(mode));
        let (mut count, mut probability) = (mode, 1.0);
        while count < most && probability > NEGLIGIBLE {
            probability *= (a - count) * (b - count) / ((count + 1.0) * (n - a - b + count + 1.0));
            count += 1.0;
            total += probability;
            sum += probability * term(count);
        }
        let (mut count, mut probability) = (mode, 1.0);
        while count > least && probability > NEGLIGIBLE {
            probability *= count * (n - a - b + count) / ((a - count + 1.0) * (b - count + 1.0));
            count -= 1.0;
            total += probability;
            sum += probability * term(count);
        }
        sum / total
    }
}
