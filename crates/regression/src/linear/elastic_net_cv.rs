//! [`LassoCV`] and [`ElasticNetCV`]: penalties chosen by cross-validation along their paths.

use super::{
    coefficients::Coefficients,
    coordinate::Penalties,
    fitted_line,
    moments::Moments,
    quadratic::{Centre, MOST_ALPHAS, Quadratic, Settings},
};
use crate::{convergence::told, explain::linear::linear_contributions};
use adflux_core::{
    Context, Error, Features, Fit, Predict, Prediction, Result, Scale, Training,
    parameter::{between_one_and, ensure, open_unit},
};
use ndarray::{Array1, Array2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::{
    ops::Range,
    sync::atomic::{AtomicBool, Ordering},
};

/// An [`ElasticNet`](crate::ElasticNet) whose penalty is chosen by cross-validation: for each share of L1 a path of `n_alphas`
/// penalties, falling geometrically from the one that leaves all coefficients at 0 to `eps` of it.
///
/// The folds are `cv` runs of rows in their order, as scikit-learn's: shuffle rows that are sorted. Products are summed once for each fold,
/// n·d² operations in all; training and judging a penalty then needs no rows, so a path costs little more than a single fit.
/// Inputs and `tol` are those of `ElasticNet`. The mean error of a penalty is the mean over folds, by their weights where rows have
/// weights. Groups and times of the training data are not looked at: cross-validate the pipeline over `alpha` for these.
///
/// ```
/// use adflux_core::{Features, Fit, Target, Training};
/// use adflux_regression::LassoCV;
/// use ndarray::{Array1, Array2};
/// let x = Array2::from_shape_fn((100, 3), |(i, j)| ((i * (j + 3) * 7) % 17) as f64);
/// let y: Array1<f64> = x.rows().into_iter().map(|r| 2.0 * r[0]).collect();
/// let x = Features::from_dense(x, ["budget", "days", "ads"])?;
/// let model = LassoCV::default().fit(Training::new(x).with_target(Target::Values(y)))?;
/// assert!((model.coefficients()[[0, 0]] - 2.0).abs() < 0.01 && model.alpha() < 0.1);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ElasticNetCV {
    /// The shares of L1 that are tried, each above 0 and at most 1. Default 0.5 alone.
    pub l1_ratio: Vec<f64>,
    /// The least penalty of a path as a share of the largest, 0 to 1. Default 1e-3.
    pub eps: f64,
    /// Penalties of a path, 1 to 10,000. Default 100.
    pub n_alphas: usize,
    /// Folds, at least 2 and at most as many as rows. Default 5.
    pub cv: usize,
    /// Whether there is an intercept. Default true.
    pub fit_intercept: bool,
    /// Rounds of coordinate descent at most for a penalty. Default 1000.
    pub max_iter: usize,
    /// As in [`ElasticNet`](crate::ElasticNet). Default 1e-4.
    pub tol: f64,
}

/// A [`Lasso`](crate::Lasso) whose penalty is chosen by cross-validation: an [`ElasticNetCV`] of L1 alone.
///
/// ```
/// use adflux_regression::LassoCV;
/// assert_eq!(LassoCV::default().cv, 5);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LassoCV {
    /// The least penalty of the path as a share of the largest, 0 to 1. Default 1e-3.
    pub eps: f64,
    /// Penalties of the path, 1 to 10,000. Default 100.
    pub n_alphas: usize,
    /// Folds, at least 2 and at most as many as rows. Default 5.
    pub cv: usize,
    /// Whether there is an intercept. Default true.
    pub fit_intercept: bool,
    /// Rounds of coordinate descent at most for a penalty. Default 1000.
    pub max_iter: usize,
    /// As in [`ElasticNet`](crate::ElasticNet). Default 1e-4.
    pub tol: f64,
}

impl Default for ElasticNetCV {
    fn default() -> Self {
        ElasticNetCV {
            l1_ratio: vec![0.5],
            eps: 1e-3,
            n_alphas: 100,
            cv: 5,
            fit_intercept: true,
            max_iter: 1000,
            tol: 1e-4,
        }
    }
}

impl Default for LassoCV {
    fn default() -> Self {
        LassoCV { eps: 1e-3, n_alphas: 100, cv: 5, fit_intercept: true, max_iter: 1000, tol: 1e-4 }
    }
}

impl ElasticNetCV {
    /// Sets the shares of L1 that are tried.
    pub fn l1_ratio(mut self, l1_ratio: impl Into<Vec<f64>>) -> Self {
        self.l1_ratio = l1_ratio.into();
        self
    }
}

/// What was found: the chosen penalty and its fit, and the error of every penalty tried.
struct Found {
    coefficients: Coefficients,
    chosen: Chosen,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Chosen {
    alpha: f64,
    l1_ratio: f64,
    #[serde(with = "adflux_core::arrays")]
    alphas: Array2<f64>,
    #[serde(with = "adflux_core::arrays")]
    errors: Array2<f64>,
    /// Older files do not say.
    #[serde(default = "yes")]
    converged: bool,
}

fn yes() -> bool {
    true
}

struct Search<'a> {
    settings: Settings,
    l1_ratios: &'a [f64],
    eps: f64,
    n_alphas: usize,
    cv: usize,
}

impl Search<'_> {
    fn run(&self, data: &Training<Features>, context: &Context) -> Result<Found> {
        self.settings.check()?;
        open_unit("eps", self.eps)?;
        between_one_and(MOST_ALPHAS, "n_alphas", self.n_alphas)?;
        let shares = !self.l1_ratios.is_empty() && self.l1_ratios.iter().all(|r| *r > 0.0 && *r <= 1.0);
        ensure(
            shares,
            "l1_ratio",
            self.l1_ratios,
            "at least one share, each above 0 and at most 1: a penalty without L1 has no path",
        )?;
        ensure(self.cv >= 2, "cv", self.cv, "must be at least 2")?;
        data.validate()?;
        context.check()?;
        context.run(|| {
            let intercept = self.settings.fit_intercept;
            let rows = data.x.rows();
            ensure(self.cv <= rows, "cv", self.cv, &format!("must be at most {rows}, the number of rows"))?;
            let (centre, held_back) = Centre::new(data, self.settings.step, intercept, &folds(rows, self.cv))?;
            context.check()?;
            let weights: Vec<f64> = held_back.iter().map(Moments::weight).collect();
            let total: f64 = weights.iter().sum();
            if weights.contains(&0.0) {
                let reason = "a fold has no row with weight: shuffle the rows, or use fewer folds";
                return Err(Error::parameter("cv", self.cv, reason));
            }
            let whole = Moments::sum(&held_back);
            let all = Quadratic::new(&centre, &whole, intercept)?;
            let alphas = self.alphas(&all, &centre.design.scale);

            let trained: Result<Vec<Quadratic>> =
                held_back.iter().map(|fold| Quadratic::new(&centre, &whole.without(fold), intercept)).collect();
            let trained = trained?;
            let jobs: Vec<(usize, usize)> =
                (0..self.l1_ratios.len()).flat_map(|ratio| (0..self.cv).map(move |fold| (ratio, fold))).collect();
            let converged = AtomicBool::new(true);
            let rest = |rests: bool| {
                converged.fetch_and(rests, Ordering::Relaxed);
            };
            let paths: Result<Vec<Vec<f64>>> = jobs
                .par_iter()
                .map(|&(ratio, fold)| {
                    let mut b = vec![0.0; centre.design.width()];
                    let error = |alpha: &f64| {
                        context.check()?;
                        rest(self.solve(&trained[fold], &mut b, *alpha, self.l1_ratios[ratio], &centre));
                        Ok(held_back[fold].squared_error(&b, trained[fold].constant(&b)))
                    };
                    alphas.row(ratio).iter().map(error).collect()
                })
                .collect();
            let paths = paths?;
            let errors = Array2::from_shape_fn(alphas.dim(), |(ratio, at)| {
                let of = |fold: usize| {
                    let share = if data.weights.is_some() { weights[fold] / total } else { 1.0 / self.cv as f64 };
                    share * paths[ratio * self.cv + fold][at]
                };
                (0..self.cv).map(of).sum()
            });
            let best = errors
                .indexed_iter()
                .fold(((0, 0), f64::INFINITY), |best, (at, e)| if *e < best.1 { (at, *e) } else { best })
                .0;
            let (alpha, l1_ratio) = (alphas[best], self.l1_ratios[best.0]);
            let mut b = vec![0.0; centre.design.width()];
            // Down the path to the chosen penalty, as the folds went.
            for alpha in alphas.row(best.0).iter().take(best.1 + 1) {
                rest(self.solve(&all, &mut b, *alpha, l1_ratio, &centre));
            }
            let converged = converged.into_inner();
            told(converged, self.settings.step, Some(self.settings.max_iter), context);
            let coefficients = centre.in_units(&b, all.constant(&b), intercept, &data.x)?;
            Ok(Found { coefficients, chosen: Chosen { alpha, l1_ratio, alphas, errors, converged } })
        })
    }

    /// Whether it came to rest.
    fn solve(&self, on: &Quadratic, b: &mut [f64], alpha: f64, l1_ratio: f64, centre: &Centre<'_>) -> bool {
        let penalties = Penalties::new(alpha, l1_ratio, &centre.design.scale, 0);
        on.solve(b, &penalties, self.settings.tol, self.settings.max_iter)
    }

    /// Shares of L1 × penalties, falling.
    fn alphas(&self, all: &Quadratic, scale: &[f64]) -> Array2<f64> {
        let mut alphas = Array2::zeros((self.l1_ratios.len(), self.n_alphas));
        for (mut row, ratio) in alphas.rows_mut().into_iter().zip(self.l1_ratios) {
            row.assign(&Array1::from(all.alphas(scale, *ratio, self.eps, self.n_alphas)));
        }
        alphas
    }
}

/// Runs of rows, the first ones a row longer where they do not come out even.
fn folds(rows: usize, count: usize) -> Vec<Range<usize>> {
    let (size, longer) = (rows / count, rows % count);
    let start = |fold: usize| fold * size + fold.min(longer);
    (0..count).map(|fold| start(fold)..start(fold + 1)).collect()
}

/// The fitted type of a kind, and what both can do.
macro_rules! kind {
    ($recipe:ident, $fitted:ident, $kind:literal, $l1_ratios:expr) => {
        adflux_core::recipe!($recipe, $kind);

        impl $recipe {
            /// Sets the least penalty of a path as a share of the largest.
            pub fn eps(mut self, eps: f64) -> Self {
                self.eps = eps;
                self
            }
            /// Sets the penalties of a path.
            pub fn n_alphas(mut self, n_alphas: usize) -> Self {
                self.n_alphas = n_alphas;
                self
            }
            /// Sets the folds.
            pub fn cv(mut self, cv: usize) -> Self {
                self.cv = cv;
                self
            }
            /// Sets whether there is an intercept.
            pub fn fit_intercept(mut self, fit_intercept: bool) -> Self {
                self.fit_intercept = fit_intercept;
                self
            }
            /// Sets the rounds at most.
            pub fn max_iter(mut self, max_iter: usize) -> Self {
                self.max_iter = max_iter;
                self
            }
            /// Sets when it stops.
            pub fn tol(mut self, tol: f64) -> Self {
                self.tol = tol;
                self
            }
        }

        #[doc = concat!("A fitted [`", stringify!($recipe), "`].")]
        #[derive(Clone, Debug, Serialize, Deserialize)]
        pub struct $fitted {
            coefficients: Coefficients,
            chosen: Chosen,
        }
        adflux_core::component!($fitted, $kind, version = 1);
        fitted_line!($fitted, $kind);

        impl $fitted {
            /// The chosen penalty.
            pub fn alpha(&self) -> f64 {
                self.chosen.alpha
            }

            /// The chosen share of L1.
            pub fn l1_ratio(&self) -> f64 {
                self.chosen.l1_ratio
            }

            /// Whether every fit, those of the folds and the last, came to rest before `max_iter` rounds were over.
            pub fn converged(&self) -> bool {
                self.chosen.converged
            }

            /// The penalties that were tried: shares of L1 × penalties, falling.
            pub fn alphas(&self) -> &Array2<f64> {
                &self.chosen.alphas
            }

            /// Their mean squared errors on the folds held back, in the same places.
            pub fn errors(&self) -> &Array2<f64> {
                &self.chosen.errors
            }
        }

        impl Fit<Training<Features>> for $recipe {
            type Fitted = $fitted;

            /// # Errors
            /// When a parameter is out of range, a fold has no weight, the target is not one of numbers, a block is neither dense
            /// nor sparse, a number is missing or infinite, columns are too many, products overflow, or the work is cancelled.
            fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<Self::Fitted> {
                let l1_ratios: fn(&Self) -> &[f64] = $l1_ratios;
                let search = Search {
                    settings: Settings {
                        step: $kind,
                        fit_intercept: self.fit_intercept,
                        max_iter: self.max_iter,
                        tol: self.tol,
                    },
                    l1_ratios: l1_ratios(self),
                    eps: self.eps,
                    n_alphas: self.n_alphas,
                    cv: self.cv,
                };
                let Found { coefficients, chosen } = search.run(&data, context)?;
                Ok($fitted { coefficients, chosen })
            }
        }

        impl Predict<Features> for $fitted {
            /// [`Prediction::Values`].
            type Output = Prediction;

            /// # Errors
            /// When `x` has other columns than the fit, a block that is neither dense nor sparse, or a number that is missing or
            /// infinite.
            fn predict(&self, x: &Features) -> Result<Prediction> {
                Ok(Prediction::Values(self.coefficients.scores(x, $kind)?.column(0).to_owned()))
            }

            linear_contributions!($kind, |_model| (Scale::Outcome, Vec::new()));
        }
    };
}
kind!(ElasticNetCV, FittedElasticNetCV, "elastic-net-cv", |recipe| &recipe.l1_ratio);
kind!(LassoCV, FittedLassoCV, "lasso-cv", |_| &[1.0]);
