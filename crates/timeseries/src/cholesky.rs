//! Small symmetric systems, row by row; only lower halves are read.

/// Turns the lower half of `a`, n × n, into its Cholesky factor. False when `a` is not positive definite. O(n³ / 3).
pub(crate) fn factor(a: &mut [f64], n: usize) -> bool {
    for i in 0..n {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| a[i * n + k] * a[j * n + k]).sum();
            let rest = a[i * n + j] - dot;
            if i > j {
                a[i * n + j] = rest / a[j * n + j];
            } else if rest > a[i * n + i] * 1e-13 && rest.is_finite() {
                a[i * n + i] = rest.sqrt();
            } else {
                return false;
            }
        }
    }
    true
}

/// Turns the lower half of `a`, which may be singular, into a root: columns of which nothing is left are 0. False where `a` has a
/// number that is not finite.
pub(crate) fn root(a: &mut [f64], n: usize) -> bool {
    for j in 0..n {
        let dot: f64 = (0..j).map(|k| a[j * n + k] * a[j * n + k]).sum();
        let rest = a[j * n + j] - dot;
        if !rest.is_finite() {
            return false;
        }
        let pivot = if rest > a[j * n + j] * 1e-13 { rest.sqrt() } else { 0.0 };
        a[j * n + j] = pivot;
        for i in j + 1..n {
            let dot: f64 = (0..j).map(|k| a[i * n + k] * a[j * n + k]).sum();
            a[i * n + j] = if pivot > 0.0 { (a[i * n + j] - dot) / pivot } else { 0.0 };
        }
    }
    true
}

/// b becomes L⁻¹ b.
pub(crate) fn forward(l: &[f64], b: &mut [f64]) {
    let n = b.len();
    for i in 0..n {
        let dot: f64 = (0..i).map(|k| l[i * n + k] * b[k]).sum();
        b[i] = (b[i] - dot) / l[i * n + i];
    }
}

/// b becomes L⁻ᵀ b.
pub(crate) fn backward(l: &[f64], b: &mut [f64]) {
    let n = b.len();
    for i in (0..n).rev() {
        let dot: f64 = (i + 1..n).map(|k| l[k * n + i] * b[k]).sum();
        b[i] = (b[i] - dot) / l[i * n + i];
    }
}

/// Solves A x = b for a symmetric A, which is overwritten; `b` becomes x. False when A is not positive definite.
pub(crate) fn solve_in_place(a: &mut [f64], b: &mut [f64]) -> bool {
    if !factor(a, b.len()) {
        return false;
    }
    forward(a, b);
    backward(a, b);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_solved_and_a_singular_matrix_has_a_root() {
        let a = [4.0, 0.0, 0.0, 2.0, 5.0, 0.0, 1.0, 3.0, 6.0];
        let mut b = [4.0 + 4.0 + 3.0, 2.0 + 10.0 + 9.0, 1.0 + 6.0 + 18.0];
        assert!(solve_in_place(&mut a.clone(), &mut b));
        assert!(b.iter().zip([1.0, 2.0, 3.0]).all(|(a, b)| (a - b).abs() < 1e-12), "{b:?}");
        // The second row is twice the first.
        let singular = [1.0, 0.0, 0.0, 2.0, 4.0, 0.0, 3.0, 6.0, 13.0];
        let mut l = singular;
        assert!(!factor(&mut l.clone(), 3));
        assert!(root(&mut l, 3));
        for i in 0..3 {
            for j in 0..=i {
                let product: f64 = (0..=j).map(|k| l[i * 3 + k] * l[j * 3 + k]).sum();
                assert!((product - singular[i * 3 + j]).abs() < 1e-12, "{i}, {j}");
            }
        }
    }
}
