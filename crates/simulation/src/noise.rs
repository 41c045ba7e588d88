//! Campaign noise whose mean is exactly one.

use adflux_core::random::Rng;
use rand::RngExt as _;
use rand_distr::StandardNormal;

/// Standard deviations at which the noise is cut, so that no rate can leave 0..1.
const CUT: f64 = 3.0;

/// Log-normal noise `u = exp(σ z) / c` with z standard normal given |z| ≤ 3, where
///
/// `c = E[exp(σ z)] = exp(σ²/2) · (Φ(3 − σ) − Φ(−3 − σ)) / (Φ(3) − Φ(−3))`
///
/// so that E\[u\] = 1 without any approximation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MeanOne {
    sigma: f64,
    mean: f64,
}

impl MeanOne {
    pub(crate) fn new(sigma: f64) -> Self {
        let mass = normal_cdf(CUT) - normal_cdf(-CUT);
        let shifted = normal_cdf(CUT - sigma) - normal_cdf(-CUT - sigma);
        MeanOne { sigma, mean: (sigma * sigma / 2.0).exp() * shifted / mass }
    }

    pub(crate) fn sample(&self, rng: &mut Rng) -> f64 {
        (self.sigma * standard(rng)).exp() / self.mean
    }
}

/// A standard normal number given that it lies within ±3; one draw in 370 is drawn again.
pub(crate) fn standard(rng: &mut Rng) -> f64 {
    loop {
        let z: f64 = rng.sample(StandardNormal);
        if z.abs() <= CUT {
            return z;
        }
    }
}

/// Φ by its series Σ x^(2k+1) / (1·3·5⋯(2k+1)), which converges fast for the |x| < 6 asked for here.
fn normal_cdf(x: f64) -> f64 {
    let (mut term, mut sum, mut odd) = (x, x, 1.0);
    while term.abs() > 1e-17 * sum.abs() {
        odd += 2.0;
        term *= x * x / odd;
        sum += term;
    }
    0.5 + sum * (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux_core::random::stream;

    #[test]
    fn the_normal_distribution_function_has_the_tabulated_values() {
        // scipy.stats.norm.cdf of SciPy 1.17.1.
        for (x, p) in [
            (0.0, 0.5),
            (1.0, 0.841_344_746_068_542_9),
            (-2.5, 0.006_209_665_325_776_132),
            (3.0, 0.998_650_101_968_369_9),
        ] {
            approx::assert_abs_diff_eq!(normal_cdf(x), p, epsilon = 1e-15);
        }
    }

    #[test]
    fn the_mean_is_one() {
        for sigma in [0.0, 0.2, 0.35, 0.9] {
            let (noise, mut rng, n) = (MeanOne::new(sigma), stream(5, &[]), 400_000);
            let draws: Vec<f64> = (0..n).map(|_| noise.sample(&mut rng)).collect();
            let mean = draws.iter().sum::<f64>() / n as f64;
            let deviation = (draws.iter().map(|u| (u - mean).powi(2)).sum::<f64>() / n as f64).sqrt();
            assert!((mean - 1.0).abs() <= 4.0 * deviation / (n as f64).sqrt(), "sigma {sigma}: mean {mean}");
        }
    }
}
