//! The two-sample Kolmogorov–Smirnov test.

use adflux_core::{Error, Result};
use statrs::function::factorial::ln_factorial;

/// How the p-value is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// [`Exact`](Method::Exact) up to ten million pairs of rows, then [`Asymptotic`](Method::Asymptotic).
    #[default]
    Auto,
    /// By the orders in which the two samples can come: O(n · m). Ties make it too large (conservative).
    Exact,
    /// By the distribution for one sample of n·m / (n + m) rows, as SciPy does. Within about 10 % of the exact one from a
    /// hundred rows each on.
    Asymptotic,
}

/// What [`ks_2samp`] finds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KolmogorovSmirnov {
    /// The widest gap between the two empirical distribution functions, 0 to 1.
    pub statistic: f64,
    /// How likely two samples of the same distribution have a gap at least as wide.
    pub p_value: f64,
    /// Whether the p-value is exact.
    pub exact: bool,
}

/// The two-sided two-sample Kolmogorov–Smirnov test: whether two samples can come from one distribution. Missing values (NaN) are
/// left out. As SciPy's `ks_2samp`; the exact p-value is right to about twelve digits, however small it is.
///
/// Reference: Hodges, *The significance probability of the Smirnov two-sample test* (1958); for one sample Marsaglia, Tsang and
/// Wang (2003) and Pelz and Good (1976).
///
/// # Errors
/// When one of the two has no values.
pub fn ks_2samp(a: &[f64], b: &[f64], method: Method) -> Result<KolmogorovSmirnov> {
    let sorted = |values: &[f64]| {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted
    };
    let (a, b) = (sorted(a), sorted(b));
    if a.is_empty() || b.is_empty() {
        return Err(Error::data("there are no values to compare"));
    }
    let (n, m) = (a.len() as u64, b.len() as u64);
    let gap = widest_gap(&a, &b);
    let statistic = gap as f64 / (n as f64 * m as f64);
    const PAIRS: u64 = 10_000_000;
    let exact = method == Method::Exact || method == Method::Auto && n.saturating_mul(m) <= PAIRS;
    let p_value = match exact {
        true => reaches(gap, n, m),
        false => one_sample((n as f64 * m as f64 / (n + m) as f64).round_ties_even().max(1.0) as u64, statistic),
    };
    Ok(KolmogorovSmirnov { statistic, p_value: p_value.clamp(0.0, 1.0), exact })
}

/// The widest gap between the distribution functions of two sorted samples, times n · m.
fn widest_gap(a: &[f64], b: &[f64]) -> u128 {
    let (n, m) = (a.len() as i128, b.len() as i128);
    let (mut i, mut j, mut widest) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        let value = a[i].min(b[j]);
        // Equal values are passed together: between them there is no gap.
        while i < a.len() && a[i] <= value {
            i += 1;
        }
        while j < b.len() && b[j] <= value {
            j += 1;
        }
        widest = widest.max((i as i128 * m - j as i128 * n).unsigned_abs());
    }
    widest
}

/// The probability that the gap times n · m reaches `gap`: that a path from (0, 0) to (n, m), each as likely, comes outside.
///
/// A path is walked step by step, a row of either sample at a time, as likely as it is by the rows that are left of both. What
/// comes outside is added up and not followed further. Chances neither overflow nor underflow as counts of paths do, and their
/// sum keeps the digits of a small p-value.
fn reaches(gap: u128, n: u64, m: u64) -> f64 {
    if gap == 0 {
        return 1.0;
    }
    let all = n + m;
    // A place is how many rows of the first sample were passed; one is left free at both ends.
    let numbers: Vec<f64> = (0..=n).map(|i| i as f64).collect();
    let (mut now, mut next) = (vec![0.0; n as usize + 3], vec![0.0; n as usize + 3]);
    now[1] = 1.0;
    let (mut first, mut last, mut outside) = (0, 0, 0.0);
    for step in 1..=all {
        let (from, to) = (step.saturating_sub(m).max(first), (last + 1).min(n));
        let left = 1.0 / (all - step + 1) as f64;
        let (of_first, of_second) = ((n + 1) as f64, m as f64 + 1.0 - step as f64);
        let places = from as usize..to as usize + 1;
        let (behind, here) = (&now[places.clone()], &now[places.start + 1..places.end + 1]);
        let into = &mut next[places.start + 1..places.end + 1];
        for (((into, i), behind), here) in into.iter_mut().zip(&numbers[places]).zip(behind).zip(here) {
            *into = ((of_first - i) * behind + (of_second + i) * here) * left;
        }
        // Inside is |i · m − (step − i) · n| < gap.
        let middle = u128::from(step) * u128::from(n);
        let least = if middle < gap { 0 } else { ((middle - gap) / u128::from(all) + 1) as u64 };
        let most = ((middle + gap - 1) / u128::from(all)) as u64;
        (first, last) = (least.max(from), most.min(to));
        let inside = first as usize..last as usize + 1;
        outside += next[from as usize + 1..inside.start + 1].iter().sum::<f64>();
        outside += next[inside.end.max(inside.start) + 1..to as usize + 2].iter().sum::<f64>();
        if inside.is_empty() {
            break;
        }
        (next[inside.start], next[inside.end + 1]) = (0.0, 0.0);
        std::mem::swap(&mut now, &mut next);
    }
    outside
}

/// The probability that one sample of `n` rows has a gap of at least `x` from its own distribution.
fn one_sample(n: u64, x: f64) -> f64 {
    let rows = n as f64;
    let t = rows * x;
    if x >= 1.0 {
        return 0.0;
    }
    if t <= 0.5 {
        return 1.0;
    }
    if t <= 1.0 {
        return 1.0 - (ln_factorial(n) - rows * rows.ln() + rows * (2.0 * t - 1.0).ln()).exp();
    }
    let far = t * x;
    // There both sides at once are as good as impossible.
    if x >= 0.5 || far >= if n <= 140 { 4.0 } else { 2.2 } {
        return (2.0 * one_sided(n, x)).min(1.0);
    }
    1.0 - if n <= 140 { matrix_power(n, x) } else { pelz_good(rows, x) }
}

/// The probability of a gap of at least `x` in one direction: a sum of positive terms (Birnbaum and Tingey, 1951).
fn one_sided(n: u64, x: f64) -> f64 {
    let rows = n as f64;
    let all = ln_factorial(n);
    let term = |j: u64| {
        let (share, choose) = (x + j as f64 / rows, all - ln_factorial(j) - ln_factorial(n - j));
        let left = 1.0 - share;
        if left <= 0.0 {
            return 0.0;
        }
        (choose + (j as f64 - 1.0) * share.ln() + (n - j) as f64 * left.ln()).exp()
    };
    let last = (rows * (1.0 - x)).floor() as u64;
    x * (0..=last.min(n)).map(term).sum::<f64>()
}

/// The probability of a gap below `x`, exact: an element of a power of a small matrix (Marsaglia, Tsang and Wang).
fn matrix_power(n: u64, x: f64) -> f64 {
    let rows = n as f64;
    let k = (rows * x).floor() as usize + 1;
    let size = 2 * k - 1;
    let h = k as f64 - rows * x;
    let mut step = vec![0.0; size * size];
    for i in 0..size {
        for j in 0..size.min(i + 2) {
            step[i * size + j] = 1.0;
        }
    }
    for i in 0..size {
        let power = h.powi(i as i32 + 1);
        step[i * size] -= power;
        step[(size - 1) * size + i] -= h.powi((size - i) as i32);
    }
    if 2.0 * h > 1.0 {
        step[(size - 1) * size] += (2.0 * h - 1.0).powi(size as i32);
    }
    for i in 0..size {
        for j in 0..size.min(i + 2) {
            (1..=(i + 1).saturating_sub(j)).for_each(|g| step[i * size + j] /= g as f64);
        }
    }
    // The power by squaring; what grows too large is kept as a power of ten beside.
    let multiply = |a: &[f64], b: &[f64]| {
        let mut product = vec![0.0; size * size];
        for i in 0..size {
            for l in 0..size {
                let value = a[i * size + l];
                (0..size).for_each(|j| product[i * size + j] += value * b[l * size + j]);
            }
        }
        product
    };
    let shrunk = |matrix: &mut Vec<f64>, exponent: &mut i32| {
        if matrix[(k - 1) * size + k - 1] > 1e140 {
            matrix.iter_mut().for_each(|v| *v *= 1e-140);
            *exponent += 140;
        }
    };
    let mut result: Vec<f64> = (0..size * size).map(|at| if at / size == at % size { 1.0 } else { 0.0 }).collect();
    let (mut of_result, mut of_step, mut left) = (0, 0, n);
    while left > 0 {
        if left % 2 == 1 {
            result = multiply(&result, &step);
            of_result += of_step;
            shrunk(&mut result, &mut of_result);
        }
        step = multiply(&step, &step);
        of_step *= 2;
        shrunk(&mut step, &mut of_step);
        left /= 2;
    }
    let mut probability = result[(k - 1) * size + k - 1];
    for i in 1..=n {
        probability *= i as f64 / rows;
        if probability < 1e-140 {
            probability *= 1e140;
            of_result -= 140;
        }
    }
    probability * 10f64.powi(of_result)
}

/// The probability of a gap below `x` of many rows: the limit and three terms beyond it (Pelz and Good; in the form of Simard and
/// L'Ecuyer, 2011).
fn pelz_good(rows: f64, x: f64) -> f64 {
    use std::f64::consts::PI;
    let z = rows.sqrt() * x;
    let (z2, z4, z6) = (z.powi(2), z.powi(4), z.powi(6));
    let (pi2, pi4, pi6) = (PI.powi(2), PI.powi(4), PI.powi(6));
    let q = |k: f64| (-pi2 * k * k / (2.0 * z2)).exp();
    let root = (2.0 * PI).sqrt();
    let (mut k0, mut k1, mut k2, mut k3) = (0.0, 0.0, 0.0, 0.0);
    // Beyond these the terms are 0 for every z that comes here.
    for i in 0..20 {
        let half = f64::from(i) + 0.5;
        let (a, h2) = (q(half), half * half);
        let (h4, h6) = (h2 * h2, h2 * h2 * h2);
        k0 += a;
        k1 += (pi2 * h2 - z2) * a;
        k2 += (6.0 * z6 + 2.0 * z4 + pi2 * (2.0 * z4 - 5.0 * z2) * h2 + pi4 * (1.0 - 2.0 * z2) * h4) * a;
        k3 += (-30.0 * z6 - 90.0 * z.powi(8)
            + pi2 * (135.0 * z4 - 96.0 * z6) * h2
            + pi4 * (212.0 * z4 - 60.0 * z2) * h4
            + pi6 * (5.0 - 30.0 * z2) * h6)
            * a;
    }
    let (mut k2_more, mut k3_more) = (0.0, 0.0);
    for i in 1..20 {
        let k2_of = f64::from(i).powi(2);
        let a = q(f64::from(i));
        k2_more += k2_of * a;
        k3_more += (3.0 * pi2 * k2_of * z2 - pi4 * k2_of * k2_of) * a;
    }
    let k0 = k0 * root / z;
    let k1 = k1 * root / (6.0 * z4);
    let k2 = k2 * root / (72.0 * z.powi(7)) - k2_more * pi2 * root / (36.0 * z.powi(3));
    let k3 = k3 * root / (6480.0 * z.powi(10)) + k3_more * root / (216.0 * z6);
    (k0 + k1 / rows.sqrt() + k2 / rows + k3 / rows.powf(1.5)).clamp(0.0, 1.0)
}
