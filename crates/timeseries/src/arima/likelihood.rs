//! The exact Gaussian likelihood of a stationary series.

use super::{
    coefficients::Coefficients,
    covariance,
    polynomial::{apply, invert, product},
};
use crate::{
    basis::{Basis, dot},
    cholesky,
};

/// Errors of an impulse less than this are none.
const FADED: f64 = 1e-14;

/// Turns a series of an ARMA process into independent errors of one variance.
///
/// With nothing before the first step, the errors e₀ = θ(B)⁻¹ φ(B) w are a filter. What was before adds G η, where η = C c with independent
/// c of the errors' variance and C Cᵀ = [`covariance::of_past`], and G are the shifted impulses of θ(B)⁻¹. The likelihood is then that of the
/// regression of e₀ on G C, with c drawn towards 0: (e₀ − G C ĉ, ĉ) has the sum of squares wᵀ Σ⁻¹ w, and the determinant of Σ is that of
/// M = I + Cᵀ Gᵀ G C. That is exact, and costs what conditional sums of squares cost, and some products of r × r numbers: no
/// filter over states. Ljung and Box, "The likelihood function of stationary autoregressive-moving average models" (1979).
pub(super) struct Whitener<'a> {
    by: &'a Coefficients,
    season_length: usize,
    /// The larger order, r.
    past: usize,
    /// Of θ(B)⁻¹, up to where it has faded.
    impulse: Vec<f64>,
    /// C, r × r.
    root: Vec<f64>,
    /// The Cholesky factor of M.
    factor: Vec<f64>,
    pub(super) log_determinant: f64,
}

impl<'a> Whitener<'a> {
    /// For series of `steps`; `None` where the process is not stationary. O(steps × r + r³).
    pub(super) fn new(by: &'a Coefficients, season_length: usize, steps: usize) -> Option<Self> {
        let phi = product(&by.ar, &by.seasonal_ar, season_length);
        let [ma, seasonal_ma] = by.ma_negated();
        let theta: Vec<f64> = product(&ma, &seasonal_ma, season_length).into_iter().map(|c| -c).collect();
        let past = phi.len().max(theta.len());
        let mut whitener = Whitener {
            by,
            season_length,
            past,
            impulse: vec![1.0],
            root: Vec::new(),
            factor: Vec::new(),
            log_determinant: 0.0,
        };
        if past == 0 {
            return Some(whitener);
        }
        if !theta.is_empty() {
            whitener.impulse.resize(steps, 0.0);
            invert(&ma, 1, &mut whitener.impulse);
            invert(&seasonal_ma, season_length, &mut whitener.impulse);
            let faded = whitener.impulse.iter().rposition(|g| g.abs() > FADED).unwrap_or(0);
            whitener.impulse.truncate(faded + 1);
        }
        whitener.root = covariance::of_past(&phi, &theta)?;
        if !cholesky::root(&mut whitener.root, past) {
            return None;
        }
        whitener.factor = whitener.matrix(steps);
        if !cholesky::factor(&mut whitener.factor, past) {
            return None;
        }
        whitener.log_determinant = 2.0 * (0..past).map(|i| whitener.factor[i * past + i].ln()).sum::<f64>();
        Some(whitener)
    }

    /// The lower half of M.
    fn matrix(&self, steps: usize) -> Vec<f64> {
        let (r, gram) = (self.past, self.gram(steps));
        let c = &self.root;
        let mut right = vec![0.0; r * r];
        for i in 0..r {
            for k in 0..r {
                let g = gram[i * r + k];
                if g != 0.0 {
                    (0..=k).for_each(|j| right[i * r + j] += g * c[k * r + j]);
                }
            }
        }
        let mut m = vec![0.0; r * r];
        for k in 0..r {
            for i in 0..=k {
                let c = c[k * r + i];
                (0..=i).for_each(|j| m[i * r + j] += c * right[k * r + j]);
            }
        }
        (0..r).for_each(|i| m[i * r + i] += 1.0);
        m
    }

    /// Gᵀ G: sums of products of the impulse with itself, which differ only in where they end.
    fn gram(&self, steps: usize) -> Vec<f64> {
        let (r, g) = (self.past, &self.impulse);
        let mut gram = vec![0.0; r * r];
        for lag in 0..r.min(steps) {
            // Of columns j and j + lag: products k < steps − (j + lag).
            let (mut sum, mut done) = (0.0, 0);
            for later in (lag..r.min(steps)).rev() {
                let end = (steps - later).min(g.len().saturating_sub(lag));
                if end > done {
                    sum += dot(&g[done + lag..end + lag], &g[done..end]);
                    done = end;
                }
                gram[later * r + later - lag] = sum;
                gram[(later - lag) * r + later] = sum;
            }
        }
        gram
    }

    /// The errors, and after them ĉ. Linear in `w`. O(steps × r).
    pub(super) fn apply(&self, w: &[f64]) -> Vec<f64> {
        let (by, r, g) = (self.by, self.past, &self.impulse);
        let mut e = Vec::with_capacity(w.len() + r);
        e.extend_from_slice(w);
        apply(&by.ar, 1, &mut e);
        apply(&by.seasonal_ar, self.season_length, &mut e);
        let [ma, seasonal_ma] = by.ma_negated();
        invert(&ma, 1, &mut e);
        invert(&seasonal_ma, self.season_length, &mut e);
        if r == 0 {
            return e;
        }
        let known = r.min(w.len());
        let reach = |i: usize| g.len().min(w.len() - i);
        let hits: Vec<f64> = (0..known).map(|i| dot(&g[..reach(i)], &e[i..i + reach(i)])).collect();
        let mut c: Vec<f64> = (0..r).map(|j| (j..known).map(|i| self.root[i * r + j] * hits[i]).sum::<f64>()).collect();
        cholesky::forward(&self.factor, &mut c);
        cholesky::backward(&self.factor, &mut c);
        for i in 0..known {
            let eta = dot(&self.root[i * r..i * r + i + 1], &c[..i + 1]);
            e[i..].iter_mut().zip(g).for_each(|(e, g)| *e -= eta * g);
        }
        e.extend(c);
        e
    }
}

/// A series to be explained by a stationary process about columns of regressors, all differenced.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) y: Vec<f64>,
    pub(super) columns: Vec<Vec<f64>>,
    pub(super) season_length: usize,
}

/// The most likely regressors at some coefficients.
pub(super) struct Evaluation {
    /// The errors of the steps, and what the past contributes; their squares sum up to `squares`.
    pub(super) errors: Vec<f64>,
    pub(super) squares: f64,
    pub(super) log_determinant: f64,
    pub(super) regressors: Vec<f64>,
}

impl Problem {
    /// `None` where the process is not stationary or the columns, made independent, are sums of each other.
    pub(super) fn evaluate(&self, by: &Coefficients) -> Option<Evaluation> {
        let whitener = Whitener::new(by, self.season_length, self.y.len())?;
        let mut errors = whitener.apply(&self.y);
        let mut basis = Basis::default();
        for column in &self.columns {
            if !basis.push(whitener.apply(column)) {
                return None;
            }
        }
        let shares = basis.remove(&mut errors);
        let squares = dot(&errors, &errors);
        let log_determinant = whitener.log_determinant;
        let regressors = basis.coefficients(shares);
        squares.is_finite().then_some(Evaluation { errors, squares, log_determinant, regressors })
    }

    /// The greatest log likelihood over the variance of the errors.
    pub(super) fn log_likelihood(&self, of: &Evaluation) -> f64 {
        let n = self.y.len() as f64;
        -0.5 * (n * (1.0 + (std::f64::consts::TAU * of.squares / n).ln()) + of.log_determinant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The autocovariances by very many weights of the past.
    fn dense(by: &Coefficients, m: usize, steps: usize) -> Vec<f64> {
        let [ma, sma] = by.ma_negated();
        let mut psi = vec![0.0; 4000];
        psi[0] = 1.0;
        apply(&ma, 1, &mut psi);
        apply(&sma, m, &mut psi);
        invert(&by.ar, 1, &mut psi);
        invert(&by.seasonal_ar, m, &mut psi);
        let gamma: Vec<f64> = (0..steps).map(|lag| dot(&psi[lag..], &psi[..4000 - lag])).collect();
        (0..steps * steps).map(|at| gamma[(at / steps).abs_diff(at % steps)]).collect()
    }

    #[test]
    fn it_is_that_of_the_dense_covariance() {
        let y: Vec<f64> = (0..60).map(|t| f64::from(t * t % 17) * 0.3 - 2.0 + (f64::from(t) * 0.4).sin()).collect();
        let cases: [[&[f64]; 4]; 9] = [
            [&[], &[], &[], &[]],
            [&[0.7], &[], &[], &[]],
            [&[], &[0.5], &[], &[]],
            [&[0.5, -0.3], &[0.4, 0.2, -0.3], &[], &[]],
            [&[1.2, -0.4, 0.1], &[-0.9], &[], &[]],
            [&[], &[-0.4], &[], &[-0.6]],
            [&[0.3], &[0.2], &[0.5, 0.2], &[0.7]],
            [&[], &[], &[0.8], &[]],
            [&[0.1, 0.1, 0.1, 0.1, 0.1], &[0.3, 0.2, 0.1, 0.1, 0.2], &[-0.5], &[0.1, 0.3]],
        ];
        for case in cases {
            let [ar, ma, seasonal_ar, seasonal_ma] = case.map(<[f64]>::to_vec);
            let by = Coefficients { ar, ma, seasonal_ar, seasonal_ma };
            for steps in [3, 11, 60] {
                let mut l = dense(&by, 12, steps);
                assert!(cholesky::factor(&mut l, steps));
                let mut e = y[..steps].to_vec();
                cholesky::forward(&l, &mut e);
                let squares = dot(&e, &e);
                let log_determinant = 2.0 * (0..steps).map(|i| l[i * steps + i].ln()).sum::<f64>();
                let problem = Problem { y: y[..steps].to_vec(), columns: Vec::new(), season_length: 12 };
                let found = problem.evaluate(&by).unwrap();
                assert!((found.squares / squares - 1.0).abs() < 1e-9, "{by:?}: {} for {squares}", found.squares);
                let off = (found.log_determinant - log_determinant).abs();
                assert!(off < 1e-8, "{by:?}: {} for {log_determinant}", found.log_determinant);
            }
        }
    }

    #[test]
    fn what_is_not_stationary_has_none() {
        let problem = Problem { y: vec![1.0, 2.0, 0.5], columns: Vec::new(), season_length: 1 };
        let by = Coefficients { ar: vec![1.0], ..Coefficients::default() };
        assert!(problem.evaluate(&by).is_none());
    }
}
