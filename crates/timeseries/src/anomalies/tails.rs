//! How far ordinary values lie from what was expected of them: a t distribution, each side with its own width.

use adflux_evaluation::{
    distributions::{normal_cdf, student_t_two_sided},
    quantiles::quantiles,
};

/// 1 / degrees of freedom, from the normal distribution on; of each, ln of the greatest density and the median of the absolute value.
const SHAPES: [(f64, f64, f64); 11] = [
    (0.0, -0.918938533205, 0.674489750196),
    (0.01, -0.921438491543, 0.676951043011),
    (0.03, -0.926437409416, 0.681921186687),
    (0.05, -0.931433340379, 0.686954496449),
    (0.08, -0.938917360638, 0.694622213993),
    (0.11, -0.946383852384, 0.702430277702),
    (0.15, -0.956301473531, 0.713057574681),
    (0.2, -0.968619589055, 0.7266868438),
    (0.26, -0.983256468271, 0.743544728772),
    (0.33, -1.00009410076, 0.763904190677),
    (0.4, -1.01663959346, 0.785013682992),
];
/// Widths beside those by which the medians agree.
const WIDTHS: usize = 12;
/// How likely the normal distribution is before anything is seen; the others share the rest. Tails are not believed to be heavy on the
/// word of two values.
const NORMAL: f64 = 0.5;
/// The share of values, the farthest, of which only that they are far is taken in: they may be anomalies themselves.
const CENSORED: f64 = 0.01;

/// What is believed of the distribution after the statistics of all places were seen.
pub(super) struct Tails {
    centre: f64,
    /// The median distance of what is above the centre, and of what is below.
    medians: [f64; 2],
    /// Of each shape and width, in units of the median, how likely it is; those that are not worth a calculation are left out.
    beliefs: Vec<Belief>,
}

struct Belief {
    inverse_degrees: f64,
    width: f64,
    share: f64,
}

impl Tails {
    /// Of the statistics of places that are taken to be ordinary. No distance is smaller than `least`.
    pub(super) fn of(statistics: &[f64], least: f64) -> Self {
        let centre = quantiles(&mut statistics.to_vec(), &[0.5]).first().copied().unwrap_or_default();
        let median = |sign: f64| {
            let mut side: Vec<f64> = statistics.iter().map(|v| sign * (v - centre)).filter(|d| *d > 0.0).collect();
            quantiles(&mut side, &[0.5]).first().copied().filter(|median| *median > least).unwrap_or(least)
        };
        let mut tails = Tails { centre, medians: [median(1.0), median(-1.0)], beliefs: Vec::new() };
        let mut distances: Vec<f64> = statistics.iter().map(|v| tails.distance(*v)).collect();
        distances.sort_unstable_by(f64::total_cmp);
        let seen = ((1.0 - CENSORED) * distances.len() as f64) as usize;
        let Some(edge) = distances.get(seen.min(distances.len().wrapping_sub(1))).copied() else { return tails };
        let (near, far) = distances.split_at(distances.partition_point(|d| *d <= edge));
        let mut likelihoods = Vec::with_capacity(SHAPES.len() * WIDTHS);
        for (inverse_degrees, top, median) in SHAPES {
            let prior = if inverse_degrees == 0.0 { NORMAL } else { (1.0 - NORMAL) / (SHAPES.len() - 1) as f64 };
            for place in 0..WIDTHS {
                let width = (0.8 + 0.45 * place as f64 / (WIDTHS - 1) as f64) / median;
                let density: f64 = near.iter().map(|d| log_density(d / width, inverse_degrees)).sum();
                let beyond = far.len() as f64 * (0.5 * beyond(edge / width, inverse_degrees)).ln();
                let beyond = if far.is_empty() { 0.0 } else { beyond };
                let likelihood = density + near.len() as f64 * (top - width.ln()) + beyond + prior.ln();
                likelihoods.push(Belief { inverse_degrees, width, share: likelihood });
            }
        }
        let most = likelihoods.iter().map(|belief| belief.share).fold(f64::NEG_INFINITY, f64::max);
        likelihoods.iter_mut().for_each(|belief| belief.share = (belief.share - most).exp());
        // Beliefs beyond that would not change the fourth digit of a probability of 1e-5.
        likelihoods.retain(|belief| belief.share > 1e-10);
        let sum: f64 = likelihoods.iter().map(|belief| belief.share).sum();
        likelihoods.iter_mut().for_each(|belief| belief.share /= sum);
        tails.beliefs = likelihoods;
        tails
    }

    /// From the centre, in units of the median distance on that side.
    fn distance(&self, statistic: f64) -> f64 {
        let off = statistic - self.centre;
        off.abs() / self.medians[usize::from(off < 0.0)]
    }

    /// The probability that an ordinary value is as far off as this, over all beliefs.
    pub(super) fn probability(&self, statistic: f64) -> f64 {
        self.beyond(self.distance(statistic))
    }

    fn beyond(&self, distance: f64) -> f64 {
        self.beliefs.iter().map(|of| of.share * beyond(distance / of.width, of.inverse_degrees)).sum()
    }

    /// The statistics, below and above, that are farther off with this probability. By bisection.
    pub(super) fn limits(&self, probability: f64) -> [f64; 2] {
        let (mut low, mut high) = (0.0, 1.0);
        while self.beyond(high) > probability && high < 1e9 {
            high *= 2.0;
        }
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            if self.beyond(middle) > probability { low = middle } else { high = middle }
        }
        [self.centre - high * self.medians[1], self.centre + high * self.medians[0]]
    }
}

/// ln of the density of Student's t, or the normal distribution, without its greatest.
fn log_density(t: f64, inverse_degrees: f64) -> f64 {
    if inverse_degrees == 0.0 {
        return -0.5 * t * t;
    }
    -0.5 * (1.0 / inverse_degrees + 1.0) * (t * t * inverse_degrees).ln_1p()
}

/// The probability of being farther from 0.
fn beyond(t: f64, inverse_degrees: f64) -> f64 {
    if inverse_degrees == 0.0 { 2.0 * normal_cdf(-t) } else { student_t_two_sided(t, 1.0 / inverse_degrees) }
}
