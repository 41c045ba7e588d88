//! [`Pca`]: principal components.

use super::{
    blocked::{means, project, scatter, squares},
    components::{Components, named, no_more_than_there_are},
    factor::{Svd, fix_signs, product, small_svd, symmetric_eigen, tall_qr},
    randomized::{Centred, Normalizer, Randomized, check_iterations, randomized_recipe, randomized_svd},
};
use crate::step::{Learn, step};
use adflux_core::{Block, Column, Context, Error, Features, Result, Training, Transform, Values, features, parameter};
use ndarray::{Array2, ArrayView2, Axis, CowArray, Ix2, s};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How [`Pca`] finds the components.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SvdSolver {
    /// scikit-learn's rule: `CovarianceEigh` for at most 1000 columns and ten times as many rows; else `Full` up to 500 rows
    /// and columns; else `Randomized` when fewer than 80 % of all components are asked for by number; else `Full`.
    #[default]
    Auto,
    /// The singular values of the centred columns: exact, also for components whose variance is a tiny part (below 10⁻¹⁶) of
    /// the largest. 2·n·d² operations.
    Full,
    /// The eigenvalues of the covariance matrix: the fastest for many rows. n·d² operations. Variances below 10⁻¹⁶ of the
    /// largest are lost in rounding.
    CovarianceEigh,
    /// The first components from random projections: for thousands of columns of which few components are wanted. The
    /// number of components must be a count.
    Randomized,
}

/// The directions of the largest variance of dense columns: d correlated columns become k uncorrelated ones.
///
/// With the centred columns `X − mean = U·diag(s)·Vᵀ` the components are the rows of `Vᵀ`, their variances `s² / (n − 1)`, and
/// a row becomes `z = (x − mean)·V`, divided by the standard deviations of the components with `whiten`. The number of the
/// largest magnitude of each component is positive (scikit-learn's `svd_flip`), so that the signs are settled.
///
/// Takes dense blocks, which are seen as one, and gives one dense block of columns `pca0`, `pca1`, …, whose lineage is every
/// column that went in. Columns of different units are scaled first (`standard-scaler`), because the largest numbers have the
/// largest variance. Row weights do not count, as in scikit-learn's `PCA`, whose defaults and results these are. Missing and
/// infinite values are refused, and columns that are all constant. `prefix` is this crate's: two of them in one column
/// transformer need different names.
///
/// With `Full` and `CovarianceEigh`, components of equal variance may be any directions of their common plane. Differences to
/// scikit-learn: `whiten` makes a component without variance 0, where scikit-learn divides its rounding errors by themselves;
/// the covariance is centred panel by panel, and so does not lose the variance of columns far from 0.
///
/// Fitting takes O(n·d²), with `Randomized` O(n·d·k); transforming O(n·d·k). The number of threads changes no bit.
///
/// References: Tipping & Bishop (1999), *Probabilistic principal component analysis*; Halko, Martinsson & Tropp (2011),
/// *Finding structure with randomness*.
///
/// ```
/// use adflux_core::{Features, Fit, Training, Transform};
/// use adflux_preprocessing::Pca;
/// use ndarray::array;
///
/// // Clicks go with impressions: nearly all of the variance is along one direction.
/// let x = array![[10.0, 1.0], [20.0, 2.1], [30.0, 2.9], [40.0, 4.0]];
/// let x = Features::from_dense(x, ["impressions", "clicks"])?;
/// let pca = Pca::new(1).fit(Training::new(x.clone()))?;
/// assert!(pca.explained_variance_ratio()[0] > 0.999);
/// let z = pca.transform(x)?;
/// assert_eq!(z.dense("example")?.dim(), (4, 1));
/// assert_eq!(z.columns().next().map(|c| c.sources.len()), Some(2));
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pca {
    /// How many components: a count (`20`), or the share of the variance that they are to explain (`0.95`). Default: all, as
    /// many as the smaller of rows and columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_components: Option<Components>,
    /// Whether each component is divided by its standard deviation, to variance 1. Default: `false`.
    pub whiten: bool,
    /// How the components are found. Default: [`SvdSolver::Auto`].
    pub svd_solver: SvdSolver,
    /// Power iterations of the randomized solver, at most 1000. Default: 7 for fewer components than a tenth of the smaller
    /// of rows and columns, otherwise 4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iterated_power: Option<usize>,
    /// Random vectors of the randomized solver beyond the number of components. Default: 10.
    pub n_oversamples: usize,
    /// How the randomized solver normalizes its power iterations. Default: [`Normalizer::Auto`].
    pub power_iteration_normalizer: Normalizer,
    /// What the new columns are called, before their number. Default: `pca`.
    pub prefix: String,
    /// Of the random vectors. Default: 0.
    pub seed: u64,
}

impl Default for Pca {
    fn default() -> Self {
        Pca {
            n_components: None,
            whiten: false,
            svd_solver: SvdSolver::Auto,
            iterated_power: None,
            n_oversamples: 10,
            power_iteration_normalizer: Normalizer::Auto,
            prefix: "pca".into(),
            seed: 0,
        }
    }
}

impl Pca {
    /// Principal components: this many (`20`), or as many as explain this share of the variance (`0.95`).
    pub fn new(n_components: impl Into<Components>) -> Self {
        Pca::default().n_components(n_components)
    }

    /// How many components, or the share of the variance that they are to explain.
    pub fn n_components(mut self, n_components: impl Into<Components>) -> Self {
        self.n_components = Some(n_components.into());
        self
    }

    /// Whether each component is divided by its standard deviation.
    pub fn whiten(mut self, whiten: bool) -> Self {
        self.whiten = whiten;
        self
    }

    /// How the components are found.
    pub fn svd_solver(mut self, svd_solver: SvdSolver) -> Self {
        self.svd_solver = svd_solver;
        self
    }

    /// Power iterations of the randomized solver.
    pub fn iterated_power(mut self, iterated_power: usize) -> Self {
        self.iterated_power = Some(iterated_power);
        self
    }
}

randomized_recipe!(Pca);

/// A fitted [`Pca`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedPca {
    columns: Arc<[Column]>,
    output: Arc<[Column]>,
    whiten: bool,
    #[serde(with = "adflux_core::arrays")]
    mean: Vec<f64>,
    /// Columns × components.
    #[serde(with = "adflux_core::arrays")]
    vectors: Array2<f64>,
    #[serde(with = "adflux_core::arrays")]
    singular_values: Vec<f64>,
    #[serde(with = "adflux_core::arrays")]
    explained_variance: Vec<f64>,
    #[serde(with = "adflux_core::arrays")]
    explained_variance_ratio: Vec<f64>,
    noise_variance: f64,
    /// The standard deviation at which a component has no variance, only rounding errors.
    rounding: f64,
}

step!(Pca => FittedPca, "pca", version = 1);
const KIND: &str = "pca";

/// scikit-learn's limits of [`SvdSolver::Auto`].
const FEW_COLUMNS: usize = 1000;
const ROWS_PER_COLUMN: usize = 10;
const SMALL: usize = 500;

/// What a solver found: as many components as it found, and the variance of all columns together.
struct Spectrum {
    mean: Vec<f64>,
    singular_values: Vec<f64>,
    /// Columns × components.
    vectors: Array2<f64>,
    total_variance: f64,
    /// The variance that is only rounding, as a share of the largest.
    rounding: f64,
}

impl Learn for Pca {
    type Fitted = FittedPca;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedPca> {
        if let Some(components) = self.n_components {
            components.check("n_components")?;
        }
        parameter::at_least_one("n_oversamples", self.n_oversamples)?;
        check_iterations("iterated_power", self.iterated_power.unwrap_or_default())?;
        let x = one_block(&data.x)?;
        let columns: Arc<[Column]> = data.x.columns().cloned().collect();
        let (rows, width) = x.dim();
        if rows < 2 {
            return Err(Error::data(format!("`{KIND}` needs two rows at least, and was given {rows}")));
        }
        if let Some(Components::Count(count)) = self.n_components {
            no_more_than_there_are(KIND, count, rows, width)?;
        }
        context.check()?;
        let spectrum = match self.solver(rows, width)? {
            (SvdSolver::Full, _) => full(&x.view()),
            (SvdSolver::Randomized, count) => self.randomized(&x.view(), count, context),
            _ => covariance(&x.view()),
        };
        // A number that is not finite makes the mean of its column so, and the solver fail: only then it is looked for.
        let spectrum = spectrum.or_else(|e| data.x.require_finite(KIND).and(Err(e)))?;
        context.check()?;
        self.fitted(spectrum, rows, columns)
    }
}

impl Pca {
    /// The solver to take, and the number of components it is asked for.
    fn solver(&self, rows: usize, width: usize) -> Result<(SvdSolver, usize)> {
        let narrow = rows.min(width);
        let count = match self.n_components {
            Some(Components::Count(count)) => Some(count),
            Some(Components::Share(_)) => None,
            None => Some(narrow),
        };
        let solver = match (self.svd_solver, count) {
            (SvdSolver::Auto, _) if width <= FEW_COLUMNS && rows >= ROWS_PER_COLUMN * width => {
                SvdSolver::CovarianceEigh
            }
            (SvdSolver::Auto, _) if rows.max(width) <= SMALL => SvdSolver::Full,
            (SvdSolver::Auto, Some(count)) if (count as f64) < 0.8 * narrow as f64 => SvdSolver::Randomized,
            (SvdSolver::Auto, _) => SvdSolver::Full,
            (SvdSolver::Randomized, None) => {
                let reason =
                    "the randomized solver finds a number of components, not a share of the variance: take `full`";
                return Err(Error::parameter("svd_solver", self.svd_solver, reason));
            }
            (chosen, _) => chosen,
        };
        Ok((solver, count.unwrap_or(narrow)))
    }

    fn randomized(&self, x: &ArrayView2<'_, f64>, count: usize, context: &Context) -> Result<Spectrum> {
        let (rows, width) = x.dim();
        let narrow = rows.min(width);
        let standing = x.as_standard_layout();
        let mean = means(standing.as_slice().unwrap_or_default(), width);
        let how = Randomized {
            n_oversamples: self.n_oversamples,
            n_iter: self.iterated_power.unwrap_or(if (count as f64) < 0.1 * narrow as f64 { 7 } else { 4 }),
            normalizer: self.power_iteration_normalizer,
            seed: self.seed,
        };
        let centred = Centred { x: standing.view(), center: &mean };
        let (singular_values, vectors) = randomized_svd(&centred, count, &how, context)?;
        let total_variance = squares(standing.as_slice().unwrap_or_default(), &mean) / (rows - 1) as f64;
        Ok(Spectrum { mean, singular_values, vectors, total_variance, rounding: of_singular_values(rows, width) })
    }

    fn fitted(&self, mut found: Spectrum, rows: usize, columns: Arc<[Column]>) -> Result<FittedPca> {
        let narrow = rows.min(columns.len());
        let variances: Vec<f64> = found.singular_values.iter().map(|s| s * s / (rows - 1) as f64).collect();
        let total = found.total_variance;
        if !(total.is_finite() && variances.iter().all(|v| v.is_finite())) {
            return Err(Error::data(format!(
                "numbers too large for `{KIND}`, whose squares overflow: scale the columns first, with a standard-scaler"
            )));
        }
        if total == 0.0 {
            return Err(Error::data(format!(
                "`{KIND}` finds no direction: each of {} columns (`{}`, …) is constant, or too small to be squared",
                columns.len(),
                columns.first().map_or("", |c| c.name.as_str())
            )));
        }
        let mut ratios: Vec<f64> = variances.iter().map(|v| v / total).collect();
        let count = match self.n_components {
            Some(Components::Count(count)) => count,
            Some(Components::Share(share)) => {
                let mut explained = 0.0;
                let enough = ratios.iter().position(|ratio| {
                    explained += ratio;
                    explained > share
                });
                enough.map_or(narrow, |last| last + 1)
            }
            None => narrow,
        }
        .min(variances.len());
        let unexplained = total - variances[..count].iter().sum::<f64>();
        let noise_variance = if count < narrow { unexplained.max(0.0) / (narrow - count) as f64 } else { 0.0 };
        fix_signs(&mut found.vectors);
        let rounding = (found.rounding * variances.first().copied().unwrap_or_default()).sqrt();
        let mut explained_variance = variances;
        explained_variance.truncate(count);
        ratios.truncate(count);
        found.singular_values.truncate(count);
        Ok(FittedPca {
            output: named(&self.prefix, count, &columns),
            columns,
            whiten: self.whiten,
            mean: found.mean,
            vectors: found.vectors.slice(s![.., ..count]).to_owned(),
            singular_values: found.singular_values,
            explained_variance,
            explained_variance_ratio: ratios,
            noise_variance,
            rounding,
        })
    }
}

/// Eigenvalues of the covariance matrix.
fn covariance(x: &ArrayView2<'_, f64>) -> Result<Spectrum> {
    let (rows, width) = x.dim();
    let (mean, mut covariance) = scatter(x);
    covariance /= (rows - 1) as f64;
    let (variances, vectors) = symmetric_eigen(&covariance)?;
    let narrow = rows.min(width);
    // What rounding made negative is 0.
    let variances: Vec<f64> = variances.into_iter().take(narrow).map(|v| v.max(0.0)).collect();
    let singular_values = variances.iter().map(|v| (v * (rows - 1) as f64).sqrt()).collect();
    let vectors = vectors.slice(s![.., ..narrow]).to_owned();
    let rounding = rows.max(width) as f64 * f64::EPSILON;
    Ok(Spectrum { mean, singular_values, vectors, total_variance: variances.iter().sum(), rounding })
}

/// Singular values of the centred rows, by way of their triangular factor.
fn full(x: &ArrayView2<'_, f64>) -> Result<Spectrum> {
    let (rows, width) = x.dim();
    let x = x.as_standard_layout();
    let x = x.as_slice().unwrap_or_default();
    let mean = means(x, width);
    let (singular_values, vectors) = if rows >= width {
        let Svd { s, v, .. } = small_svd(&tall_qr(x, width, &mean, false).r)?;
        (s, v)
    } else {
        // The same of the transpose: `Xᵀ = Q·R` and `R = U·diag(s)·Vᵀ` make `Q·U` the right singular vectors.
        let turned = Array2::from_shape_fn((width, rows), |(c, r)| x[r * width + c] - mean[c]);
        let qr = tall_qr(turned.as_slice().unwrap_or_default(), rows, &vec![0.0; rows], true);
        let Svd { u, s, .. } = small_svd(&qr.r)?;
        (s, product(&qr.q.unwrap_or_else(|| Array2::eye(width)), &u))
    };
    let total_variance = singular_values.iter().map(|s| s * s).sum::<f64>() / (rows - 1) as f64;
    Ok(Spectrum { mean, singular_values, vectors, total_variance, rounding: of_singular_values(rows, width) })
}

/// The rounding of variances that are squares of singular values.
fn of_singular_values(rows: usize, width: usize) -> f64 {
    (rows.max(width) as f64 * f64::EPSILON).powi(2)
}

/// All columns as one matrix: a view of one dense block, a copy of several.
fn one_block(x: &Features) -> Result<CowArray<'_, f64, Ix2>> {
    let views = x.blocks().iter().map(|block| match block.values() {
        Values::Dense(x) => Ok(x.view()),
        _ => Err(block.refused_by(KIND)),
    });
    let views: Vec<ArrayView2<'_, f64>> = views.collect::<Result<_>>()?;
    match &views[..] {
        [] => Err(Error::data(format!("`{KIND}` was given no features: choose at least one column"))),
        [one] => Ok(CowArray::from(*one)),
        several => ndarray::concatenate(Axis(1), several).map(CowArray::from).map_err(Error::backend),
    }
}

impl FittedPca {
    /// The components, components × columns: directions of length 1, at right angles to each other.
    pub fn components(&self) -> ArrayView2<'_, f64> {
        self.vectors.t()
    }

    /// The mean of each column.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The variance of each component, with the divisor n − 1.
    pub fn explained_variance(&self) -> &[f64] {
        &self.explained_variance
    }

    /// The share of each component in the variance of all columns.
    pub fn explained_variance_ratio(&self) -> &[f64] {
        &self.explained_variance_ratio
    }

    /// The singular values of the centred columns.
    pub fn singular_values(&self) -> &[f64] {
        &self.singular_values
    }

    /// The mean variance of the directions that were left out, of as many as the smaller of rows and columns: the noise of
    /// probabilistic PCA (Tipping & Bishop, 1999). 0 when none was left out.
    pub fn noise_variance(&self) -> f64 {
        self.noise_variance
    }

    /// The columns nearest to components: `x = z·Vᵀ + mean`, the original ones when no component was left out.
    ///
    /// # Errors
    /// When `z` does not have the components as columns.
    pub fn inverse_transform(&self, z: Features) -> Result<Features> {
        self.check_state()?;
        features::same_columns(KIND, &self.output, z.columns())?;
        z.require_finite(KIND)?;
        let mut z = z.into_dense(KIND)?;
        for (mut column, scale) in z.columns_mut().into_iter().zip(self.scales()) {
            column *= scale;
        }
        let vectors = self.vectors.t().as_standard_layout().into_owned();
        let mut x = project(&z.view(), &vec![0.0; self.output.len()], &vectors);
        for mut row in x.rows_mut() {
            row.iter_mut().zip(&self.mean).for_each(|(v, m)| *v += m);
        }
        Features::trusted(x.nrows(), vec![Block::new(self.columns.clone(), Values::Dense(x))?])
    }

    /// What a whitened component was divided by; 0 for one without variance, 1 for all without `whiten`.
    fn scales(&self) -> impl Iterator<Item = f64> {
        let scale = |variance: &f64| match variance.sqrt() {
            _ if !self.whiten => 1.0,
            deviation if deviation <= self.rounding => 0.0,
            deviation => deviation,
        };
        self.explained_variance.iter().map(scale)
    }

    fn check_state(&self) -> Result<()> {
        let fits = self.vectors.dim() == (self.columns.len(), self.output.len())
            && self.mean.len() == self.columns.len()
            && self.explained_variance.len() == self.output.len();
        if fits {
            return Ok(());
        }
        let reason = format!("{:?} numbers for {} columns", self.vectors.dim(), self.columns.len());
        Err(Error::State { kind: KIND.into(), reason })
    }
}

impl Transform<Features> for FittedPca {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        self.check_state()?;
        let rows = one_block(&x)?;
        features::same_columns(KIND, &self.columns, x.columns())?;
        let mut z = project(&rows.view(), &self.mean, &self.vectors);
        if self.whiten {
            let scales: Vec<f64> = self.scales().collect();
            for mut row in z.rows_mut() {
                for (value, scale) in row.iter_mut().zip(&scales) {
                    *value = if *scale > 0.0 { *value / scale } else { 0.0 };
                }
            }
        }
        // A number that is not finite makes the components of its row so: only then it is looked for.
        refuse_overflow(KIND, &z, &self.columns).or_else(|e| x.require_finite(KIND).and(Err(e)))?;
        Features::trusted(z.nrows(), vec![Block::new(self.output.clone(), Values::Dense(z))?])
    }
}

/// Refuses components that overflowed, naming the row.
pub(super) fn refuse_overflow(step: &str, z: &Array2<f64>, columns: &[Column]) -> Result<()> {
    if z.sum().is_finite() {
        return Ok(());
    }
    match z.indexed_iter().find(|(_, v)| !v.is_finite()) {
        Some(((row, _), _)) => {
            let column = columns.first().map_or("", |c| c.name.as_str());
            let reason = format!("numbers too large for `{step}` in this and its other columns: scale them first");
            Err(Error::cell(column, row, reason))
        }
        None => Ok(()),
    }
}
