//! Polynomials 1 − c₁ B − c₂ B² − … in the backward shift B, as their coefficients c.

/// The polynomial with these partial autocorrelations: stationary (or invertible) when each is between −1 and 1 (Durbin and Levinson's
/// recursion; Jones 1980).
pub(super) fn from_partials(partials: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut c: Vec<f64> = Vec::new();
    for last in partials {
        let before = c.clone();
        c.iter_mut().zip(before.iter().rev()).for_each(|(c, mirrored)| *c -= last * mirrored);
        c.push(last);
    }
    c
}

/// The inverse of [`from_partials`]: of each order down from the highest, the polynomial and its last coefficient. `None` unless all roots
/// lie outside the unit circle.
pub(super) fn step_down(c: &[f64]) -> Option<Vec<Vec<f64>>> {
    let mut orders = vec![c.to_vec()];
    let mut c = c.to_vec();
    while let Some(last) = c.pop() {
        if last.is_nan() || last.abs() >= 1.0 {
            return None;
        }
        let before = c.clone();
        let shrunk = 1.0 - last * last;
        c.iter_mut().zip(before.iter().rev()).for_each(|(c, mirrored)| *c = (*c + last * mirrored) / shrunk);
        orders.push(c.clone());
    }
    orders.reverse();
    Some(orders)
}

/// Whether all roots are farther from 0 than `radius`.
pub(super) fn roots_beyond(c: &[f64], radius: f64) -> bool {
    let mut power = 1.0;
    let scaled: Vec<f64> = c
        .iter()
        .map(|c| {
            power *= radius;
            c * power
        })
        .collect();
    step_down(&scaled).is_some()
}

/// The product of two, the second in Bᵐ.
pub(super) fn product(a: &[f64], seasonal: &[f64], m: usize) -> Vec<f64> {
    let mut c = vec![0.0; a.len() + seasonal.len() * m];
    c[..a.len()].copy_from_slice(a);
    for (j, s) in seasonal.iter().enumerate() {
        let at = (j + 1) * m;
        c[at - 1] += s;
        for (i, a) in a.iter().enumerate() {
            c[at + i] -= a * s;
        }
    }
    c
}

/// x becomes (1 − c₁ B − …) x, with zeros before the first; the polynomial is in B to the power `lag`.
pub(super) fn apply(c: &[f64], lag: usize, x: &mut [f64]) {
    let length = c.len() * lag;
    for t in (0..x.len()).rev() {
        let known = if t >= length { c.len() } else { t / lag };
        let sum: f64 = c[..known].iter().enumerate().map(|(i, c)| c * x[t - (i + 1) * lag]).sum();
        x[t] -= sum;
    }
}

/// The inverse of [`apply`].
pub(super) fn invert(c: &[f64], lag: usize, x: &mut [f64]) {
    match (c, lag) {
        ([], _) => {}
        (&[a], 1) => recur([a], x),
        (&[a, b], 1) => recur([a, b], x),
        (&[a, b, c], 1) => recur([a, b, c], x),
        (&[a, b, c, d], 1) => recur([a, b, c, d], x),
        (&[a, b, c, d, e], 1) => recur([a, b, c, d, e], x),
        _ => {
            for t in lag..x.len() {
                let known = c.len().min(t / lag);
                let sum: f64 = c[..known].iter().enumerate().map(|(i, c)| c * x[t - (i + 1) * lag]).sum();
                x[t] += sum;
            }
        }
    }
}

/// [`invert`] for a few lags of one step, which stay in registers.
fn recur<const Q: usize>(c: [f64; Q], x: &mut [f64]) {
    let mut last = [0.0; Q];
    for x in x {
        // The newest is waited for last.
        let value = (0..Q).rev().fold(*x, |sum, i| sum + c[i] * last[i]);
        last.copy_within(..Q - 1, 1);
        last[0] = value;
        *x = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partials_and_roots_belong_together() {
        let c = from_partials([0.5, -0.3, 0.8]);
        let orders = step_down(&c).unwrap();
        let back: Vec<f64> = orders[1..].iter().map(|order| *order.last().unwrap()).collect();
        assert!(back.iter().zip([0.5, -0.3, 0.8]).all(|(a, b)| (a - b).abs() < 1e-12), "{back:?}");
        assert_eq!(orders.iter().map(Vec::len).collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert!(step_down(&[0.5, 0.6]).is_none() && step_down(&[f64::NAN]).is_none());
        // A root at 1 / 0.8.
        assert!(roots_beyond(&[0.8], 1.24) && !roots_beyond(&[0.8], 1.26));
    }

    #[test]
    fn filters_undo_each_other_and_products_filter_as_their_factors() {
        let y: Vec<f64> = (0..40).map(|t| f64::from(t * t % 13) - 6.0).collect();
        for (a, seasonal) in [(&[0.5, -0.2][..], &[0.6, 0.1][..]), (&[0.3], &[]), (&[], &[-0.4]), (&[0.1; 6], &[0.2])] {
            let mut factors = y.clone();
            apply(a, 1, &mut factors);
            apply(seasonal, 4, &mut factors);
            let mut at_once = y.clone();
            apply(&product(a, seasonal, 4), 1, &mut at_once);
            assert!(factors.iter().zip(&at_once).all(|(a, b)| (a - b).abs() < 1e-12));
            invert(seasonal, 4, &mut factors);
            invert(a, 1, &mut factors);
            assert!(factors.iter().zip(&y).all(|(a, b)| (a - b).abs() < 1e-9));
        }
    }
}
