//! The distribution functions that tests of significance, densities and scalers need.

use statrs::function::{beta::checked_beta_reg, erf::erfc_inv};
use std::f64::consts::SQRT_2;

/// Φ: the probability that a standard normal variable is below `x`, to the last digits. O(1).
///
/// ```
/// use adflux_evaluation::distributions::{normal_cdf, normal_quantile};
/// assert!((normal_cdf(1.96) - 0.975).abs() < 1e-4);
/// assert_eq!(normal_quantile(0.5), 0.0);
/// ```
#[doc(alias = "norm.cdf")]
pub fn normal_cdf(x: f64) -> f64 {
    // statrs' own `erfc` has eleven digits.
    0.5 * libm::erfc(-x / SQRT_2)
}

/// The value that a standard normal variable is below with `probability`: −∞ at 0, ∞ at 1, NaN outside. To thirteen digits. O(1).
#[doc(alias = "norm.ppf")]
#[doc(alias = "probit")]
pub fn normal_quantile(probability: f64) -> f64 {
    if (0.0..=1.0).contains(&probability) { -SQRT_2 * erfc_inv(2.0 * probability) } else { f64::NAN }
}

/// The probability that Student's t with `degrees` of freedom is farther from 0 than `t`. O(1).
pub fn student_t_two_sided(t: f64, degrees: f64) -> f64 {
    incomplete_beta(degrees / 2.0, 0.5, degrees / (degrees + t * t))
}

/// The t that Student's t exceeds in absolute value with the probability 1 − `level`, by bisection: about 60 evaluations.
pub fn student_t_half_width(level: f64, degrees: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while student_t_two_sided(high, degrees) > 1.0 - level && high < 1e300 {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if student_t_two_sided(middle, degrees) > 1.0 - level { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// The probability that Fisher's F with `numerator` and `denominator` degrees of freedom exceeds `f`: 0 at ∞, NaN at NaN and
/// where a number of degrees is not above 0. To twelve digits up to a thousand degrees of freedom, to eight for millions. O(1).
#[doc(alias = "f.sf")]
pub fn fisher_f_above(f: f64, numerator: f64, denominator: f64) -> f64 {
    if f.is_nan() || !(numerator > 0.0 && denominator > 0.0) {
        return f64::NAN;
    }
    if f.is_infinite() {
        return 0.0;
    }
    incomplete_beta(denominator / 2.0, numerator / 2.0, denominator / (denominator + numerator * f))
}

/// The regularised incomplete beta function I_x(a, b); NaN where it is not defined.
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    checked_beta_reg(a, b, x.clamp(0.0, 1.0)).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux_testing::assert_close;

    #[test]
    fn the_distributions_have_the_values_of_scipy() {
        // scipy.stats 1.17.1: norm.cdf, 2 * t.sf, t.ppf, f.sf.
        assert_close(normal_cdf(1.0), 0.841_344_746_068_542_9, 1e-15);
        assert_close(normal_cdf(-3.0), 0.001_349_898_031_630_094_6, 1e-15);
        assert_eq!((normal_cdf(0.0), normal_cdf(40.0), normal_cdf(-40.0)), (0.5, 1.0, 0.0));
        assert_close(normal_quantile(0.975), 1.959_963_984_540_054, 1e-13);
        assert_close(normal_quantile(0.01), -2.326_347_874_040_840_8, 1e-13);
        assert_close(student_t_two_sided(2.0, 9.0), 0.07655282377070101, 1e-13);
        assert_close(student_t_two_sided(-0.3, 4.0), 0.7791214282774598, 1e-13);
        assert_close(student_t_two_sided(30.0, 49.0) / 3.4076701064983316e-33, 1.0, 1e-10);
        assert_close(student_t_half_width(0.95, 9.0), 2.262157162798205, 1e-12);
        assert_close(student_t_half_width(0.99, 1.0), 63.656741162871526, 1e-10);
        assert_close(fisher_f_above(4.74, 10.0, 5.0), 0.049895785980515625, 1e-13);
        assert_eq!((student_t_two_sided(0.0, 5.0), fisher_f_above(0.0, 10.0, 5.0)), (1.0, 1.0));
        // scipy.special.fdtrc, SciPy 1.17.1.
        assert_close(fisher_f_above(3.0, 1.0, 10.0), 0.113_937_412_151_920_3, 1e-13);
        assert_close(fisher_f_above(0.01, 2.0, 50.0), 0.990_051_813_322_946_3, 1e-13);
        assert_close(fisher_f_above(1.0, 5.0, 200_000.0), 0.415_883_237_994_132_4, 1e-8);
        assert_eq!(fisher_f_above(f64::INFINITY, 1.0, 10.0), 0.0);
        assert!(fisher_f_above(f64::NAN, 1.0, 10.0).is_nan() && fisher_f_above(1.0, 1.0, 0.0).is_nan());
    }

    // SciPy 1.17.1: norm.ppf and norm.cdf.
    const QUANTILES: [(f64, f64); 9] = [
        (1e-300, -37.0470962993612),
        (1e-20, -9.262340089798409),
        (1e-09, -5.9978070150076865),
        (1e-05, -4.264890793922825),
        (0.001, -3.090232306167813),
        (0.01, -2.3263478740408408),
        (0.07, -1.4757910281791706),
        (0.2, -0.8416212335729142),
        (0.49, -0.02506890825871106),
    ];
    const PROBABILITIES: [(f64, f64); 9] = [
        (-37.0, 5.7255712225239266e-300),
        (-20.0, 2.7536241186061556e-89),
        (-8.0, 6.22096057427174e-16),
        (-5.2, 9.96442631693347e-08),
        (-3.0, 0.0013498980316300933),
        (-2.5, 0.006209665325776132),
        (-1.0, 0.15865525393145707),
        (-0.1, 0.460172162722971),
        (-1e-09, 0.49999999960105773),
    ];

    #[test]
    fn quantiles_are_scipys() {
        for (p, expected) in QUANTILES {
            assert_close(normal_quantile(p), expected, 1e-13);
        }
        assert_close(normal_quantile(0.975), 1.959963984540054, 1e-14);
        assert_eq!(
            (normal_quantile(0.0), normal_quantile(0.5), normal_quantile(1.0)),
            (f64::NEG_INFINITY, 0.0, f64::INFINITY)
        );
        assert!(normal_quantile(-0.1).is_nan() && normal_quantile(1.1).is_nan() && normal_quantile(f64::NAN).is_nan());
    }

    #[test]
    fn probabilities_are_scipys() {
        for (x, expected) in PROBABILITIES {
            assert!((normal_cdf(x) / expected - 1.0).abs() < 1e-10, "{x}: {} against {expected}", normal_cdf(x));
            assert_close(normal_cdf(-x), 1.0 - expected, 1e-15);
        }
        assert!(normal_cdf(f64::NAN).is_nan());
    }
}
