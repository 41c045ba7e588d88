//! Levenberg and Marquardt's search for the least sum of squares of a few numbers.

use crate::{basis::dot, cholesky};

/// When a search ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop {
    /// A step gains less than this share of the sum of squares.
    pub(super) gain: f64,
    pub(super) steps: usize,
}

/// How far derivatives look.
const NEAR: f64 = 1e-6;
/// No number moves farther than this in a step.
const FARTHEST: f64 = 1.0;
/// Damped so much, steps are nothing.
const MOST_DAMPED: f64 = 1e8;

/// The place with the least sum of squares found from `start` on, and the sum; `None` where `f` has none at the start. Where it has none
/// elsewhere, steps turn back. Derivatives are by small changes. Marquardt, "An algorithm for least-squares estimation of nonlinear
/// parameters" (1963).
pub(super) fn minimize(
    start: &[f64],
    stop: Stop,
    mut f: impl FnMut(&[f64]) -> Option<Vec<f64>>,
) -> Option<(Vec<f64>, f64)> {
    let mut x = start.to_vec();
    let mut residuals = f(&x)?;
    let mut squares = dot(&residuals, &residuals);
    let (size, mut damping) = (x.len(), 1e-2);
    for _ in 0..if size == 0 { 0 } else { stop.steps } {
        let derivatives: Vec<Vec<f64>> = (0..size).map(|i| derivative(&mut x, i, &residuals, &mut f)).collect();
        let curvature: Vec<f64> = (0..size * size)
            .map(|at| (at / size, at % size))
            .map(|(i, j)| if j <= i { dot(&derivatives[i], &derivatives[j]) } else { 0.0 })
            .collect();
        let slope: Vec<f64> = derivatives.iter().map(|d| dot(d, &residuals)).collect();
        let largest = (0..size).map(|i| curvature[i * size + i]).fold(0.0, f64::max);
        let (moved, gained) = loop {
            let mut damped = curvature.clone();
            (0..size).for_each(|i| damped[i * size + i] += damping * (damped[i * size + i] + 1e-6 * largest));
            let mut step: Vec<f64> = slope.iter().map(|s| -s).collect();
            if damping > MOST_DAMPED || !cholesky::solve_in_place(&mut damped, &mut step) {
                break (false, 0.0);
            }
            let farthest = step.iter().fold(0.0, |most: f64, s| most.max(s.abs()));
            if farthest > FARTHEST {
                step.iter_mut().for_each(|s| *s *= FARTHEST / farthest);
            }
            let expected = expected_gain(&curvature, &slope, &step);
            let tried: Vec<f64> = x.iter().zip(&step).map(|(x, s)| x + s).collect();
            let found = f(&tried).map(|r| (dot(&r, &r), r)).filter(|(sum, _)| *sum < squares);
            if let Some((sum, there)) = found {
                let gained = squares - sum;
                damping = (damping
                    * if gained > 0.75 * expected {
                        0.1
                    } else if gained > 0.25 * expected {
                        0.5
                    } else {
                        2.0
                    })
                .max(1e-9);
                (x, residuals, squares) = (tried, there, sum);
                break (true, gained);
            }
            if expected <= stop.gain * squares {
                break (false, 0.0);
            }
            damping *= 8.0;
        };

        if !moved || gained <= stop.gain * squares {
            break;
        }
    }
    Some((x, squares))
}

fn derivative(x: &mut [f64], i: usize, residuals: &[f64], f: &mut impl FnMut(&[f64]) -> Option<Vec<f64>>) -> Vec<f64> {
    let here = x[i];
    // Backwards where nothing is forwards.
    let found = [NEAR, -NEAR].into_iter().find_map(|by| {
        x[i] = here + by;
        let by = x[i] - here;
        f(x).map(|mut there| {
            there.iter_mut().zip(residuals).for_each(|(there, r)| *there = (*there - r) / by);
            there
        })
    });
    x[i] = here;
    found.unwrap_or_else(|| vec![0.0; residuals.len()])
}

/// What a step would gain if residuals were linear; `curvature` is a lower half.
fn expected_gain(curvature: &[f64], slope: &[f64], step: &[f64]) -> f64 {
    let size = step.len();
    let mut gain = -2.0 * dot(slope, step);
    for i in 0..size {
        for j in 0..=i {
            gain -= curvature[i * size + j] * step[i] * step[j] * if i == j { 1.0 } else { 2.0 };
        }
    }
    gain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rosenbrocks_valley_is_walked_to_its_end() {
        let f = |x: &[f64]| Some(vec![10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]]);
        let (x, squares) = minimize(&[-1.2, 1.0], Stop { gain: 1e-12, steps: 200 }, f).unwrap();
        assert!((x[0] - 1.0).abs() < 1e-4 && (x[1] - 1.0).abs() < 1e-4 && squares < 1e-8, "{x:?}");
    }

    #[test]
    fn where_there_is_nothing_it_turns_back() {
        let f = |x: &[f64]| (x[0] < 0.5).then(|| vec![x[0] - 2.0]);
        let (x, _) = minimize(&[0.0], Stop { gain: 1e-9, steps: 100 }, f).unwrap();
        assert!(x[0] < 0.5 && x[0] > 0.3, "{x:?}");
        assert!(minimize(&[1.0], Stop { gain: 1e-9, steps: 100 }, f).is_none());
        assert_eq!(minimize(&[], Stop { gain: 1e-9, steps: 9 }, |_| Some(vec![3.0])), Some((vec![], 9.0)));
    }
}
