//! The distribution functions that tests of significance, densities and scalers need.

use statrs::function::{
    beta::checked_beta_reg,
    erf::erfc_inv,
    gamma::{checked_gamma_lr, checked_gamma_ur},
};
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

/// The probability that a χ² variable with `degrees` of freedom exceeds `x`; NaN unless `degrees` is above 0. O(1).
#[doc(alias = "chi2.sf")]
pub fn chi_squared_above(x: f64, degrees: f64) -> f64 {
    if x <= 0.0 && degrees > 0.0 {
        return 1.0;
    }
    checked_gamma_ur(degrees / 2.0, x / 2.0).unwrap_or(f64::NAN)
}

/// The probability that a beta variable of shapes `a` and `b` is below `x`; NaN unless both shapes are above 0. To ten digits for
/// shapes of thousands, to eight for millions, the posterior of as many impressions. About √(a + b) steps of a continued fraction.
///
/// Reference: Lentz (1976), *Generating Bessel functions in Mie scattering calculations using continued fractions*.
#[doc(alias = "beta.cdf")]
pub fn beta_cdf(x: f64, a: f64, b: f64) -> f64 {
    if x.is_nan() || !(a > 0.0 && b > 0.0) {
        return f64::NAN;
    }
    if x <= 0.0 || x >= 1.0 {
        return if x >= 1.0 { 1.0 } else { 0.0 };
    }
    // The factor before both fractions is the density times x (1 − x).
    let front = (beta_ln_density(x, a, b) + x.ln() + (-x).ln_1p()).exp();
    // The fraction converges fast on the side of the mean on which x lies.
    if x < (a + 1.0) / (a + b + 2.0) {
        (front * beta_fraction(x, a, b) / a).min(1.0)
    } else {
        1.0 - (front * beta_fraction(1.0 - x, b, a) / b).min(1.0)
    }
}

fn beta_ln_density(x: f64, a: f64, b: f64) -> f64 {
    (a - 1.0) * x.ln() + (b - 1.0) * (-x).ln_1p() + libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b)
}

/// The continued fraction of the incomplete beta function, by Lentz's method.
fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    const MOST_STEPS: u32 = 1_000_000;
    let away_from_zero = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let mut d = away_from_zero(1.0 - (a + b) * x / (a + 1.0)).recip();
    let (mut c, mut value) = (1.0, d);
    for m in (1..MOST_STEPS).map(f64::from) {
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut step = 1.0;
        for term in [even, odd] {
            d = away_from_zero(1.0 + term * d).recip();
            c = away_from_zero(1.0 + term / c);
            step *= d * c;
        }
        value *= step;
        if (step - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

/// Shapes of a beta variable from which on the first two terms of the expansion of its quantiles have twelve digits.
const ALMOST_NORMAL: f64 = 1e8;
/// The shape of a gamma variable from which on the first five terms have twelve digits.
const ALMOST_NORMAL_GAMMA: f64 = 1e6;

/// The quantile of a gamma variable of rate 1 where a normal variable has `z`.
///
/// Reference: Cornish & Fisher (1938), *Moments and cumulants in the specification of distributions*.
fn almost_normal_gamma(z: f64, shape: f64) -> f64 {
    let (root, square) = (shape.sqrt(), z * z);
    let third = z * (square - 7.0) / (36.0 * root);
    let fourth = ((3.0 * square + 7.0) * square - 16.0) / (810.0 * shape);
    shape + z * root + (square - 1.0) / 3.0 + third - fourth
}

/// The value that a beta variable of shapes `a` and `b` is below with `probability`; NaN where `probability` is not between 0 and 1 or
/// a shape is not above 0. About ten times the work of [`beta_cdf`]; from shapes of a hundred million on O(1), by the expansion of Cornish
/// and Fisher.
///
/// ```
/// use adflux_evaluation::distributions::beta_quantile;
/// // 3 clicks of 100 impressions, beside a uniform prior: the click rate is below 8.4 % with a probability of 97.5 %.
/// assert!((beta_quantile(0.975, 4.0, 98.0) - 0.084).abs() < 1e-3);
/// ```
#[doc(alias = "beta.ppf")]
pub fn beta_quantile(probability: f64, a: f64, b: f64) -> f64 {
    if !((0.0..=1.0).contains(&probability) && a > 0.0 && b > 0.0) {
        return f64::NAN;
    }
    let (mean, whole) = (a / (a + b), a + b);
    let deviation = (mean * (b / whole) / (whole + 1.0)).sqrt();
    let z = normal_quantile(probability);
    if a.min(b) >= ALMOST_NORMAL && z.is_finite() {
        let skewness = 2.0 * (b - a) / (whole + 2.0) * ((whole + 1.0) / a / b).sqrt();
        return (mean + deviation * (z + (z * z - 1.0) * skewness / 6.0)).clamp(0.0, 1.0);
    }
    let start = mean + z * deviation;
    invert(probability, (0.0, 1.0), (start, mean), |x| beta_cdf(x, a, b), |x| beta_ln_density(x, a, b))
}

/// The value that a gamma variable of `shape` and `rate` (its mean is shape / rate) is below with `probability`: infinite at 1; NaN
/// where `probability` is not between 0 and 1 or another is not above 0. About √shape steps of a series, ten times; from a shape of a
/// million on O(1), by the expansion of Cornish and Fisher.
#[doc(alias = "gamma.ppf")]
pub fn gamma_quantile(probability: f64, shape: f64, rate: f64) -> f64 {
    if !((0.0..=1.0).contains(&probability) && shape > 0.0 && rate > 0.0) {
        return f64::NAN;
    }
    if probability == 1.0 {
        return f64::INFINITY;
    }
    if shape >= ALMOST_NORMAL_GAMMA && probability > 0.0 {
        return almost_normal_gamma(normal_quantile(probability), shape) / rate;
    }
    let cdf = |x: f64| {
        if x < 1e-9 {
            // The first term of the series and the second; statrs gives 0 below 1e-15, where small shapes have half their probability.
            (shape * x.ln() - libm::lgamma(shape + 1.0)).exp() * (1.0 - x * shape / (shape + 1.0))
        } else {
            checked_gamma_lr(shape, x).unwrap_or(f64::NAN)
        }
    };
    let mut high = shape.max(1.0);
    while cdf(high) < probability && high < 1e300 {
        high *= 2.0;
    }
    let start = shape + normal_quantile(probability) * shape.sqrt();
    let ln_density = |x: f64| (shape - 1.0) * x.ln() - x - libm::lgamma(shape);
    invert(probability, (0.0, high), (start, shape), cdf, ln_density) / rate
}

/// Where `cdf` is `probability` between two ends, the lower 0: Newton's method from the first of `starts` that lies between them, and
/// the geometric middle where a step would leave what is known to hold the answer.
fn invert(
    probability: f64,
    (mut low, mut high): (f64, f64),
    (start, other): (f64, f64),
    cdf: impl Fn(f64) -> f64,
    ln_density: impl Fn(f64) -> f64,
) -> f64 {
    if probability == 0.0 || probability == 1.0 {
        return if probability == 0.0 { low } else { high };
    }
    let mut x = if start > low && start < high { start } else { other };
    for _ in 0..200 {
        let beyond = cdf(x) - probability;
        if beyond < 0.0 {
            low = x
        } else {
            high = x
        }
        let newton = x - beyond / ln_density(x).exp();
        let next = if newton > low && newton < high {
            newton
        } else if low > 0.0 {
            (low * high).sqrt()
        } else {
            // Towards 0, where small shapes have quantiles of 1e-100, in large steps.
            high * 1e-3
        };
        if (next - x).abs() <= 1e-13 * x {
            return next;
        }
        x = next;
    }
    x
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

    #[test]
    fn chi_squared_is_scipys() {
        // scipy.stats.chi2.sf
        assert_close(chi_squared_above(3.0, 1.0), 0.083_264_516_663_550_42, 1e-13);
        assert_close(chi_squared_above(25.0, 10.0), 0.005_345_505_487_134_069, 1e-13);
        assert_eq!(chi_squared_above(0.0, 3.0), 1.0);
        assert!(chi_squared_above(1.0, 0.0).is_nan() && chi_squared_above(f64::NAN, 1.0).is_nan());
    }

    #[test]
    fn beta_and_gamma_are_scipys() {
        // scipy.stats 1.17.1: beta.ppf(p, a, b) and gamma.ppf(p, shape, scale=1 / rate).
        for (p, a, b, expected) in [
            (0.05, 0.5, 3.0, 0.0007117863263558017),
            (0.975, 2.0, 40.0, 0.12855402038414626),
            (0.1, 1234.5, 98765.0, 0.011899709605205554),
            (0.9, 20000.0, 1980000.0, 0.010090269407913766),
            (0.1, 0.01, 0.5, 3.9356722459743486e-100),
            (0.95, 30.0, 0.2, 0.999999993111081),
            (0.5, 0.5, 0.5, 0.4999999999999999),
        ] {
            let found = beta_quantile(p, a, b);
            assert!((found / expected - 1.0).abs() < 1e-9, "beta {p} {a} {b}: {found} against {expected}");
            assert!((beta_cdf(expected, a, b) / p - 1.0).abs() < 1e-7, "beta {p} {a} {b}");
        }
        for (p, shape, rate, expected) in [
            (0.05, 0.5, 3.0, 0.0006553566666699204),
            (0.975, 2.0, 40.0, 0.13929108477347246),
            (0.1, 1234.5, 10.0, 118.96916557125502),
            (0.9, 250000.0, 5.0, 50128.19790522222),
            (0.1, 0.01, 2.0, 2.8303690735310365e-101),
            (0.9, 1e6, 1.0, 1001281.7654996209),
            (1e-9, 1e6, 1.0, 994013.8461495816),
            (0.999, 3e9, 1.0, 3000169261.8440514),
        ] {
            let found = gamma_quantile(p, shape, rate);
            assert!((found / expected - 1.0).abs() < 1e-9, "gamma {p} {shape} {rate}: {found} against {expected}");
        }
        assert!(beta_quantile(1.5, 1.0, 1.0).is_nan() && beta_quantile(0.5, 0.0, 1.0).is_nan());
        assert!(gamma_quantile(0.5, 0.0, 1.0).is_nan() && beta_cdf(f64::NAN, 1.0, 1.0).is_nan());
        assert_eq!((beta_quantile(0.0, 2.0, 3.0), beta_quantile(1.0, 2.0, 3.0)), (0.0, 1.0));
        assert_eq!((gamma_quantile(0.0, 2.0, 3.0), gamma_quantile(1.0, 2.0, 3.0)), (0.0, f64::INFINITY));
        for (p, a, b, expected) in [
            (0.1, 2e8, 1e10, 0.01960608381317807),
            (1e-6, 3e8, 5e9, 0.05658868655632106),
            (0.95, 1e10, 2e8, 0.9803944149030889),
        ] {
            let found = beta_quantile(p, a, b);
            assert!((found / expected - 1.0).abs() < 1e-10, "beta {p} {a} {b}: {found} against {expected}");
        }
        // Shapes that no series or fraction comes to an end with.
        assert_eq!((gamma_quantile(0.9, 1e200, 1.0), beta_quantile(0.9, 1e200, 1e200)), (1e200, 0.5));
        assert_eq!((beta_cdf(-1.0, 2.0, 3.0), beta_cdf(1.0, 2.0, 3.0)), (0.0, 1.0));
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
