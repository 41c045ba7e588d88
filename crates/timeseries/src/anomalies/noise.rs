//! How errors go on from one step to the next: an autoregression, and a series freed of it.

use crate::basis::{Basis, dot};
use adflux_evaluation::quantiles::quantiles;

/// σ of a standard normal number over the median of its absolute value.
const OVER_MEDIAN: f64 = 1.482_602_218_505_602;

/// The median of absolute values, in units of σ of normal ones.
pub(super) fn scale(values: impl Iterator<Item = f64>) -> f64 {
    let mut all: Vec<f64> = values.map(f64::abs).collect();
    OVER_MEDIAN * quantiles(&mut all, &[0.5]).first().copied().unwrap_or_default()
}

/// `x` less what the errors before hold of it; the first rows, which have not all of these, are left out.
pub(super) fn filtered(ar: &[f64], x: &[f64]) -> Vec<f64> {
    let order = ar.len();
    (order..x.len()).map(|t| x[t] - ar.iter().enumerate().map(|(k, f)| f * x[t - 1 - k]).sum::<f64>()).collect()
}

/// An autoregression of order 1 that neither spikes nor steps bend: from the medians of changes over one step and over two, of which the
/// variances are as 1 to 1 + φ. Empty where φ may be chance.
pub(super) fn robust(left: &[f64]) -> Vec<f64> {
    let over = |steps: usize| scale(left.iter().zip(&left[steps..]).map(|(a, b)| b - a));
    let (one, two) = (over(1), over(2));
    let ar = if one > 0.0 { ((two / one).powi(2) - 1.0).clamp(-0.9, 0.98) } else { 0.0 };
    if ar.abs() > 2.0 / (left.len() as f64).sqrt() { vec![ar] } else { Vec::new() }
}

/// The autoregression of the errors of `y` about `columns`, of the order at most `most` with the least BIC, its coefficients by least
/// squares together with those of the columns. `known` says which steps count; `slow` how many columns are trend.
pub(super) fn autoregression(y: &[f64], columns: &[Vec<f64>], known: &[bool], most: usize, slow: usize) -> Vec<f64> {
    let mut ar = Vec::new();
    // Generalised least squares: of the errors about the columns as they stand, the autoregression; with it, the columns anew.
    for _ in 0..3 {
        ar = yule_walker(&errors(y, columns, &ar), known, most);
        if ar.is_empty() {
            return ar;
        }
    }
    let (left, order) = (errors(y, columns, &ar), ar.len());
    let mut basis = Basis::default();
    for lag in 1..=order {
        if !basis.push(left[order - lag..left.len() - lag].to_vec()) {
            return ar;
        }
    }
    for column in columns {
        basis.push(filtered(&ar, column));
    }
    let shares = basis.remove(&mut left[order..].to_vec());
    let mut found = basis.coefficients(shares);
    found.truncate(order);
    // What the columns follow of the errors makes them look less lasting than they are: Kendall's bias, for a level (1 + 3 φ) / n, and
    // with each slow column (1 + φ) / n more. Found lasting for ever, a step would be nothing but an error.
    let sum: f64 = found.iter().sum();
    let more = (slow as f64 * (1.0 + sum) + 2.0 * sum) / y.len() as f64;
    found[0] += (sum + more).min(sum.max(0.97)) - sum;
    found
}

/// `y` less the columns, whose coefficients are those of the filtered series.
pub(super) fn errors(y: &[f64], columns: &[Vec<f64>], ar: &[f64]) -> Vec<f64> {
    let mut left = y.to_vec();
    for (b, column) in coefficients(y, columns, ar).iter().zip(columns) {
        left.iter_mut().zip(column).for_each(|(left, x)| *left -= b * x);
    }
    left
}

/// The coefficients of the columns by generalised least squares; 0 of one that is a sum of those before.
pub(super) fn coefficients(y: &[f64], columns: &[Vec<f64>], ar: &[f64]) -> Vec<f64> {
    let mut basis = Basis::default();
    let taken: Vec<bool> = columns.iter().map(|column| basis.push(filtered(ar, column))).collect();
    let shares = basis.remove(&mut filtered(ar, y));
    let mut found = basis.coefficients(shares).into_iter();
    taken.into_iter().map(|taken| if taken { found.next().unwrap_or_default() } else { 0.0 }).collect()
}

/// Yule and Walker's equations by Levinson and Durbin's recursion, values far off drawn in to 4 σ, up to the order of the least BIC.
fn yule_walker(left: &[f64], known: &[bool], most: usize) -> Vec<f64> {
    let far = 4.0 * scale(left.iter().zip(known).filter(|(_, known)| **known).map(|(v, _)| *v));
    let drawn: Vec<f64> =
        left.iter().zip(known).map(|(v, known)| if *known { v.clamp(-far, far) } else { 0.0 }).collect();
    let count = known.iter().filter(|known| **known).count() as f64;
    let product = |lag: usize| dot(&drawn[..drawn.len() - lag], &drawn[lag..]);
    let mut variance = product(0);
    if variance <= 0.0 {
        return Vec::new();
    }
    let products: Vec<f64> = (0..=most.min(left.len() - 1)).map(product).collect();
    let (mut ar, mut best, mut least) = (Vec::<f64>::new(), Vec::new(), count * variance.ln());
    for order in 1..products.len() {
        let explained: f64 = ar.iter().enumerate().map(|(k, f)| f * products[order - 1 - k]).sum();
        let last = (products[order] - explained) / variance;
        let before = ar.clone();
        ar.iter_mut().zip(before.iter().rev()).for_each(|(f, g)| *f -= last * g);
        ar.push(last);
        variance *= 1.0 - last * last;
        let bic = count * variance.ln() + order as f64 * count.ln();
        if bic < least {
            (least, best) = (bic, ar.clone());
        }
    }
    best
}
