//! How probable counts are when their rates scatter: what the strength of a prior is learned from.

use super::family::{CountFamily, Counts};
use adflux_core::{
    Error, Result,
    parameter::{open_unit, positive},
};
use adflux_evaluation::minimise::minimum;
use rayon::prelude::*;

/// Counts whose probabilities are added up together.
const BLOCK: usize = 4096;
/// Places of the first, coarse look for the best strength.
const LOOKS: usize = 24;
/// Logarithms of probabilities that are as good as the same.
const SAME: f64 = 1e-7;

/// The strengths that are looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Range {
    /// From a prior worth a hundredth of an event to one worth a thousand times all counts. No counts of this size can tell more than
    /// that from an infinite strength.
    pub(super) fn of(total: Counts) -> Self {
        let rate = (total.events + 0.5) / total.exposure.max(f64::MIN_POSITIVE);
        let high = 1000.0 * total.exposure.max(f64::MIN_POSITIVE);
        Range { low: (0.01 / rate).min(0.5 * high), high }
    }
}

/// The strength in `range` under which `log_probability` is greatest: a coarse look, then Brent's method, both on the logarithm of the
/// strength. Where the upper end of the range is as good, the rates do not differ, and it is that end.
pub(super) fn most_probable(range: Range, log_probability: impl Fn(f64) -> f64) -> f64 {
    let (low, high) = (range.low.ln(), range.high.ln());
    let place = |i: usize| low + (high - low) * i as f64 / LOOKS as f64;
    let seen: Vec<f64> = (0..=LOOKS).map(|i| log_probability(place(i).exp())).collect();
    let best = (0..=LOOKS).fold(0, |best, i| if seen[i] > seen[best] { i } else { best });
    if seen[best] <= seen[LOOKS] + SAME {
        return range.high;
    }
    let around = (place(best.saturating_sub(1)), place((best + 1).min(LOOKS)));
    minimum(|log| -log_probability(log.exp()), around.0, around.1).exp()
}

/// [`most_probable`], for one that was most probable a moment ago and can only have moved a little: it is looked for around there
/// first.
pub(super) fn still_most_probable(range: Range, before: f64, log_probability: impl Fn(f64) -> f64) -> f64 {
    const FACTOR: f64 = 1.5;
    if before < range.high / FACTOR && before > range.low * FACTOR {
        let around = (before.ln() - FACTOR.ln(), before.ln() + FACTOR.ln());
        let found = minimum(|log| -log_probability(log.exp()), around.0, around.1).exp();
        let inside = found > before / (0.99 * FACTOR) && found < before * (0.99 * FACTOR);
        if inside && log_probability(found) > log_probability(range.high) + SAME {
            return found;
        }
    }
    most_probable(range, log_probability)
}

/// The sum of a logarithm of a probability over many, in blocks, so that its bits do not depend on the number of threads.
pub(super) fn sum<T: Sync>(items: &[T], log_probability: impl Fn(&T) -> f64 + Sync) -> f64 {
    let block = |items: &[T]| items.iter().map(&log_probability).sum::<f64>();
    if items.len() <= BLOCK {
        return block(items);
    }
    items.par_chunks(BLOCK).map(block).collect::<Vec<f64>>().iter().sum()
}

/// The logarithm of the probability of `counts` (beta-binomial or negative binomial) when their rate is believed to be `prior`, but for
/// what does not depend on the prior.
pub(super) fn log_marginal(family: CountFamily, counts: Counts, prior: Counts) -> f64 {
    let (k, n, a, t) = (counts.events, counts.exposure, prior.events, prior.exposure);
    if n <= 0.0 {
        return 0.0;
    }
    match family {
        CountFamily::BetaBinomial => ln_rising(a, k) + ln_rising(t - a, (n - k).max(0.0)) - ln_rising(t, n),
        CountFamily::GammaPoisson => ln_rising(a, k) - a * (n / t).ln_1p() - k * (t + n).ln(),
    }
}

/// ln Γ(a + k) − ln Γ(a), without the rounding of the difference of two large numbers.
fn ln_rising(a: f64, k: f64) -> f64 {
    if k == 0.0 {
        0.0
    } else if k <= 16.0 && k.fract() == 0.0 && a < 1e15 {
        (0..k as usize).map(|i| a + i as f64).product::<f64>().ln()
    } else if a < 32.0 {
        libm::lgamma(a + k) - libm::lgamma(a)
    } else {
        // Stirling's series of both, with the large terms cancelled.
        let rest = |x: f64| (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * x * x)) / (x * x)) / x;
        k * a.ln() + ((a + k - 0.5) * (k / a).ln_1p() - k) + rest(a + k) - rest(a)
    }
}

/// What predictions of rates are worth: the strength of a prior around each, of which the counts that came are most probable.
///
/// `predicted` are rates that a model predicted before launch, `events` and `exposure` what came of these campaigns, which the
/// model must not have learned from (predict out of fold, or later campaigns). `RateBelief::new(family, predicted, strength)` is then
/// the prior of a new campaign. The likelihood is that of the beta-binomial or the negative binomial distribution; Brent's method
/// finds its maximum between the strength of a hundredth of an event and a thousand times the whole exposure, which stands for
/// predictions that chance alone keeps from being right. O(rows) for each of about 50 strengths tried.
///
/// ```
/// use adflux_regression::{CountFamily, prior_strength};
/// let predicted = [0.02, 0.02, 0.03, 0.01, 0.02, 0.015];
/// let (clicks, impressions) = ([31.0, 12.0, 40.0, 9.0, 22.0, 2.0], [1000.0, 900.0, 1100.0, 1000.0, 1000.0, 300.0]);
/// let strength = prior_strength(CountFamily::BetaBinomial, &predicted, &clicks, &impressions)?;
/// // What the model says of a campaign is worth a few hundred impressions of its own.
/// assert!((100.0..2_000.0).contains(&strength));
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When lengths differ, a predicted rate is not above 0 (of trials, between 0 and 1), a count is negative, not finite, or more than its
/// trials (the row is named), or there is no exposure at all.
pub fn prior_strength(family: CountFamily, predicted: &[f64], events: &[f64], exposure: &[f64]) -> Result<f64> {
    let rows = predicted.len();
    if events.len() != rows || exposure.len() != rows {
        let (events, exposure) = (events.len(), exposure.len());
        return Err(Error::data(format!("{events} events and {exposure} exposures beside {rows} predicted rates")));
    }
    let mut all = Vec::with_capacity(rows);
    let mut total = Counts::default();
    for (row, ((&rate, &events), &exposure)) in predicted.iter().zip(events).zip(exposure).enumerate() {
        let rates = match family {
            CountFamily::BetaBinomial => open_unit("rate", rate),
            CountFamily::GammaPoisson => positive("rate", rate),
        };
        rates.map_err(|e| Error::cell("predicted", row, e.to_string()))?;
        family.check(events, exposure).map_err(|e| Error::cell("events", row, e.to_string()))?;
        let counts = Counts { events, exposure };
        total = total.plus(counts);
        all.push((rate, counts));
    }
    if total.exposure <= 0.0 {
        return Err(Error::column("exposure", "all are zero: nothing is left to learn from"));
    }
    Ok(most_probable(Range::of(total), |strength| {
        let prior = |rate: f64| Counts { events: rate * strength, exposure: strength };
        sum(&all, |(rate, counts)| log_marginal(family, *counts, prior(*rate)))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_a_rising_factorial_meet() {
        let direct = |a: f64, k: f64| libm::lgamma(a + k) - libm::lgamma(a);
        for (a, k) in [(0.3, 7.0), (31.9, 40.0), (32.1, 40.0), (33.0, 0.25), (500.0, 16.0), (500.0, 16.5), (2e3, 5e4)] {
            assert!((ln_rising(a, k) / direct(a, k) - 1.0).abs() < 1e-11, "{a} {k}");
        }
        // Where the direct difference is rounding only: 3 ln a.
        assert!((ln_rising(1e12, 3.0) / (3.0 * 1e12_f64.ln()) - 1.0).abs() < 1e-12);
        assert!((ln_rising(1e12, 17.0) / (17.0 * 1e12_f64.ln()) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_most_probable_strength_is_found_inside_and_at_the_ends() {
        let range = Range { low: 1e-2, high: 1e8 };
        assert!((most_probable(range, |s| -(s.ln() - 3.0).powi(2)).ln() - 3.0).abs() < 1e-6);
        assert_eq!(most_probable(range, |s| s.ln()), 1e8);
        assert_eq!(most_probable(range, |_| 0.0), 1e8);
        assert!(most_probable(range, |s| -s.ln()) < 1.001e-2);
        for before in [1e-2, 15.0, 25.0, 4e3, 1e8] {
            let found = still_most_probable(range, before, |s| -(s.ln() - 3.0).powi(2));
            assert!((found.ln() - 3.0).abs() < 1e-6, "from {before}: {found}");
        }
    }
}
