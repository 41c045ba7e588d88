//! Least squares with a penalty on the squares of the coefficients, or none: what ordinary and ridge regression share.

use super::{
    cholesky::Cholesky,
    coefficients::{Coefficients, Targets},
    design::{Design, MOST_PRODUCTS, overflow},
    iterative::conjugate_gradients,
    moments::{Centred, Moments, in_one_pass},
    orthogonal,
};
use adflux_core::{Context, Features, Result, Training};
use ndarray::{Array1, Array2};

/// The least share of a column, squared, that the others must not hold for the products to be good enough: they have half of
/// the digits, of which at least nine are to be right.
const ENOUGH: f64 = 1e-7;

/// Coefficients, and what is needed to say how sure they are.
pub(super) struct Solution {
    pub(super) coefficients: Coefficients,
    /// The weighted means of the columns, which the inverse is about; zeros without an intercept.
    pub(super) means: Vec<f64>,
    /// The sum of the weights.
    pub(super) weight: f64,
    /// The inverse of the products of the columns about their means; none where columns are collinear, or are very many.
    pub(super) inverse: Option<Array2<f64>>,
}

pub(super) struct Problem<'a> {
    pub(super) step: &'static str,
    pub(super) data: &'a Training<Features>,
    pub(super) targets: &'a Targets,
    pub(super) fit_intercept: bool,
    /// The factor of the squared coefficients.
    pub(super) alpha: f64,
    /// Whether the inverse of the products is wanted.
    pub(super) inverse: bool,
}

/// Minimises `Σ w (y − a − x·b)² + alpha·|b|²`.
pub(super) fn solve(problem: &Problem<'_>, context: &Context) -> Result<Solution> {
    let weights = problem.data.weights.as_ref().map(Array1::to_vec);
    let weights = weights.as_deref();
    let (x, width) = (&problem.data.x, problem.data.x.width());
    if width > MOST_PRODUCTS {
        let design = Design::new(x, problem.step, weights, problem.fit_intercept)?;
        context.check()?;
        return match design.table.has_sparse() || design.rows() > MOST_PRODUCTS {
            true => iterated(problem, design, weights, context),
            false => orthogonally(problem, design, weights, &vec![false; width], context),
        };
    }
    let rows = 0..x.rows();
    let parts = std::slice::from_ref(&rows);
    let (design, moments) =
        in_one_pass(x, problem.step, weights, problem.fit_intercept, &problem.targets.views(), parts)?;
    let moments = Moments::sum(&moments);
    context.check()?;
    let centred = moments.about_means(problem.fit_intercept);
    let left_out = constant_columns(&design, &moments, &centred);
    let mut gram = centred.gram(width);
    for j in 0..width {
        gram[j * width + j] += problem.alpha * design.scale[j] * design.scale[j];
    }
    let factor = Cholesky::new(&gram, width, |j| left_out[j]);
    if factor.smallest_pivot < ENOUGH {
        return orthogonally(problem, design, weights, &left_out, context);
    }
    let mut lines = Vec::with_capacity(problem.targets.values.len());
    for target in 0..problem.targets.values.len() {
        let mut line = centred.with(width + target, width);
        if line.iter().any(|v| !v.is_finite()) {
            return Err(overflow());
        }
        factor.solve(&mut line);
        lines.push(design.in_units(&line).0);
    }
    let inverse = problem.inverse.then(|| {
        let mut inverse = factor.inverse();
        inverse.indexed_iter_mut().for_each(|((i, j), v)| *v *= design.scale[i] * design.scale[j]);
        inverse
    });
    finished(problem, lines, means_in_units(&design, &centred), &centred.means[width..], centred.weight, inverse)
}

/// Which columns say nothing beside an intercept, but for rounding: their coefficient is 0.
pub(crate) fn constant_columns(design: &Design<'_>, moments: &Moments, centred: &Centred) -> Vec<bool> {
    let around_zero = moments.about_means(false);
    let constant = |j: usize| {
        // About its center a column has lost what rounding took; about 0, the digits in which sum and squares agree.
        let mean = design.center[j] * design.scale[j];
        centred.get(j, j) <= 1e-26 * centred.weight * mean * mean || centred.get(j, j) <= 1e-13 * around_zero.get(j, j)
    };
    (0..design.width()).map(constant).collect()
}

fn means_in_units(design: &Design<'_>, centred: &Centred) -> Vec<f64> {
    let places = design.center.iter().zip(&design.scale).zip(&centred.means);
    places.map(|((center, scale), mean)| center + mean / scale).collect()
}

fn orthogonally(
    problem: &Problem<'_>,
    mut design: Design<'_>,
    weights: Option<&[f64]>,
    left_out: &[bool],
    context: &Context,
) -> Result<Solution> {
    let width = design.width();
    let (total, means) = weighted_means(&design, weights);
    let mean_of = |y: &[f64]| match weights {
        Some(w) => y.iter().zip(w).map(|(y, w)| y * w).sum::<f64>() / total,
        None => y.iter().sum::<f64>() / total,
    };
    let target_means: Vec<f64> = match problem.fit_intercept {
        true => problem.targets.values.iter().map(|y| mean_of(y)).collect(),
        false => vec![0.0; problem.targets.values.len()],
    };
    let means = if problem.fit_intercept { means } else { vec![0.0; width] };
    // A block of rows stands in memory in full, so zeros need not stay zeros.
    design.center.clone_from(&means);
    let moved: Vec<Vec<f64>> =
        problem.targets.values.iter().zip(&target_means).map(|(y, m)| y.iter().map(|y| y - m).collect()).collect();
    let beside: Vec<&[f64]> = moved.iter().map(Vec::as_slice).collect();
    let triangle = orthogonal::triangle(&design, &beside, weights, context)?;
    let solved = orthogonal::solve(&triangle, width, design.rows(), problem.alpha, left_out)?;
    let lines = solved.coefficients.rows().into_iter().map(|line| line.to_vec()).collect();
    finished(problem, lines, means, &target_means, total, solved.inverse.filter(|_| problem.inverse))
}

fn iterated(problem: &Problem<'_>, design: Design<'_>, weights: Option<&[f64]>, context: &Context) -> Result<Solution> {
    let (total, means) = weighted_means(&design, weights);
    let means = if problem.fit_intercept { means } else { vec![0.0; design.width()] };
    let mut lines = Vec::with_capacity(problem.targets.values.len());
    let mut target_means = Vec::with_capacity(problem.targets.values.len());
    for y in &problem.targets.values {
        let weighted: f64 = y.iter().enumerate().map(|(row, y)| weights.map_or(1.0, |w| w[row]) * y).sum();
        let mean = if problem.fit_intercept { weighted / total } else { 0.0 };
        let moved: Vec<f64> = y.iter().map(|y| y - mean).collect();
        lines.push(conjugate_gradients(&design, &means, &moved, weights, problem.alpha, context)?);
        target_means.push(mean);
    }
    finished(problem, lines, means, &target_means, total, None)
}

/// The sum of the weights, and the weighted means of the columns.
pub(super) fn weighted_means(design: &Design<'_>, weights: Option<&[f64]>) -> (f64, Vec<f64>) {
    use super::passes::{block_sums, plus, row_axpy};
    let total = weights.map_or(design.rows() as f64, |w| w.iter().sum());
    let of = |rows: std::ops::Range<usize>, sums: &mut [f64]| {
        rows.for_each(|row| row_axpy(&design.table, row, weights.map_or(1.0, |w| w[row]), sums));
    };
    let sums = block_sums(design.rows(), design.width(), of, plus);
    (total, sums.into_iter().map(|sum| sum / total).collect())
}

fn finished(
    problem: &Problem<'_>,
    lines: Vec<Vec<f64>>,
    means: Vec<f64>,
    target_means: &[f64],
    weight: f64,
    inverse: Option<Array2<f64>>,
) -> Result<Solution> {
    let intercept = |(line, mean): (&Vec<f64>, &f64)| mean - super::passes::dot(line, &means);
    let intercepts: Array1<f64> = match problem.fit_intercept {
        true => lines.iter().zip(target_means).map(intercept).collect(),
        false => Array1::zeros(lines.len()),
    };
    let flat: Vec<f64> = lines.iter().flatten().copied().collect();
    let weights = Array2::from_shape_vec((lines.len(), means.len()), flat).map_err(adflux_core::Error::backend)?;
    let columns = problem.data.x.columns().cloned().collect();
    Ok(Solution { coefficients: Coefficients::finite(columns, weights, intercepts)?, means, weight, inverse })
}
