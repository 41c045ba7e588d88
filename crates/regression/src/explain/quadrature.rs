//! Gauss–Legendre quadrature on [0, 1].

/// Points and weights by which polynomials up to the degree 2 · points − 1 are integrated from 0 to 1 exactly.
#[derive(Clone, Debug)]
pub(super) struct Quadrature {
    /// Inside (0, 1), ascending.
    pub(super) points: Vec<f64>,
    /// Positive, of sum 1.
    pub(super) weights: Vec<f64>,
}

impl Quadrature {
    /// At least one point. O(points²).
    pub(super) fn new(points: usize) -> Self {
        let n = points.max(1);
        let (mut at, mut weights) = (vec![0.0; n], vec![0.0; n]);
        for i in 0..n.div_ceil(2) {
            // Tricomi's guess is so near that Newton's method goes to the root it is meant for.
            let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (n as f64 + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..100 {
                let (value, derivative) = legendre(n, x);
                slope = derivative;
                let step = value / derivative;
                x -= step;
                if step.abs() < 1e-16 {
                    break;
                }
            }
            let weight = 1.0 / ((1.0 - x * x) * slope * slope);
            (at[i], at[n - 1 - i]) = ((1.0 - x) / 2.0, (1.0 + x) / 2.0);
            (weights[i], weights[n - 1 - i]) = (weight, weight);
        }
        Quadrature { points: at, weights }
    }
}

/// The Legendre polynomial of degree `n` at `x` inside (−1, 1), and its derivative.
fn legendre(n: usize, x: f64) -> (f64, f64) {
    let (mut before, mut value) = (1.0, x);
    for k in 2..=n {
        let k = k as f64;
        (before, value) = (value, ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k);
    }
    (value, n as f64 * (x * value - before) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_of_twice_as_many_terms_are_integrated_exactly() {
        for n in [1, 2, 3, 4, 7, 16, 33] {
            let q = Quadrature::new(n);
            for degree in 0..2 * n {
                let sum: f64 = q.points.iter().zip(&q.weights).map(|(x, w)| w * x.powi(degree as i32)).sum();
                assert!((sum - 1.0 / (degree as f64 + 1.0)).abs() < 1e-14, "{n} points, degree {degree}: {sum}");
            }
            assert!(q.points.iter().all(|x| *x > 0.0 && *x < 1.0) && q.points.is_sorted());
        }
    }
}
