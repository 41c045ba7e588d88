//! Least squares on columns that come one after the other.

/// Orthonormal columns, and how they were made of those given: modified Gram and Schmidt, each column freed of the others twice
/// ("twice is enough", Giraud and Langou 2005).
#[derive(Clone, Debug, Default)]
pub(crate) struct Basis {
    columns: Vec<Vec<f64>>,
    /// Of each column that was given, its shares of those before and then its own length.
    upper: Vec<Vec<f64>>,
}

/// A column of which less than this share is its own is a sum of those before.
const OWN: f64 = 1e-9;

impl Basis {
    /// Takes a column; false, and nothing is taken, when it is a sum of those before. O(rows × columns).
    pub(crate) fn push(&mut self, mut column: Vec<f64>) -> bool {
        let length = dot(&column, &column).sqrt();
        let mut shares = self.remove(&mut column);
        let again = self.remove(&mut column);
        let own = dot(&column, &column).sqrt();
        if own.is_nan() || own <= OWN * length || own == 0.0 {
            return false;
        }
        column.iter_mut().for_each(|v| *v /= own);
        shares.iter_mut().zip(again).for_each(|(a, b)| *a += b);
        shares.push(own);
        self.columns.push(column);
        self.upper.push(shares);
        true
    }

    /// How many columns were taken.
    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }

    /// The orthonormal columns.
    pub(crate) fn columns(&self) -> &[Vec<f64>] {
        &self.columns
    }

    /// Takes from `y` what the columns hold of it, and says how much of each orthonormal one that was.
    pub(crate) fn remove(&self, y: &mut [f64]) -> Vec<f64> {
        let of = |column: &Vec<f64>| {
            let share = dot(column, y);
            y.iter_mut().zip(column).for_each(|(y, q)| *y -= share * q);
            share
        };
        self.columns.iter().map(of).collect()
    }

    /// The coefficients of the columns as they were given, of what [`remove`](Self::remove) said.
    pub(crate) fn coefficients(&self, mut shares: Vec<f64>) -> Vec<f64> {
        for j in (0..shares.len()).rev() {
            let (before, own) = self.upper[j].split_at(j);
            shares[j] /= own[0];
            let b = shares[j];
            shares.iter_mut().zip(before).for_each(|(s, u)| *s -= b * u);
        }
        shares
    }
}

/// The sum of products, in four sums so that they do not wait for each other.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (mut sums, (a, rest_a), (b, rest_b)) = ([0.0; 4], a.as_chunks::<4>(), b.as_chunks::<4>());
    for (a, b) in a.iter().zip(b) {
        for i in 0..4 {
            sums[i] += a[i] * b[i];
        }
    }
    let rest: f64 = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_are_found_again_and_sums_of_columns_are_not_taken() {
        let columns: [Vec<f64>; 3] =
            [vec![1.0; 7], (0..7).map(f64::from).collect(), (0..7).map(|t| f64::from(t * t % 5)).collect()];
        let mut basis = Basis::default();
        for column in &columns {
            assert!(basis.push(column.clone()));
        }
        assert!(!basis.push((0..7).map(|t| 3.0 - 2.0 * columns[1][t] + columns[2][t]).collect()));
        assert!(!basis.push(vec![0.0; 7]));
        let mut y: Vec<f64> = (0..7).map(|t| 2.0 - columns[1][t] + 0.5 * columns[2][t]).collect();
        let shares = basis.remove(&mut y);
        assert!(y.iter().all(|v| v.abs() < 1e-12), "{y:?}");
        let found = basis.coefficients(shares);
        assert!(found.iter().zip([2.0, -1.0, 0.5]).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
    }
}
