//! Gaussian mixtures: the fitted model.

use super::{KIND, Run, covariance::CovarianceType, em::Gaussians};
use crate::{
    counted::Counted,
    inputs::check_rows,
    labels::{self, to_options},
};
use adflux_core::{Column, Error, Features, Predict, Result, Segments};
use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use serde::{Deserialize, Serialize};

/// Gaussians, their shares, and how the fit went. Segments are numbered by share: 0 is the heaviest. Saved are these, and 4 bytes for
/// each training row.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(into = "SavedMixture", try_from = "SavedMixture")]
pub struct GaussianMixtureModel {
    columns: Vec<Column>,
    gaussians: Gaussians,
    counts: Vec<u64>,
    /// Of all training rows; none where they were not kept.
    labels: Vec<u32>,
    lower_bounds: Vec<f64>,
    converged: bool,
}

/// What a file says.
#[derive(Serialize, Deserialize)]
struct SavedMixture {
    columns: Vec<Column>,
    covariance_type: CovarianceType,
    #[serde(with = "adflux_core::arrays")]
    weights: Vec<f64>,
    #[serde(with = "adflux_core::arrays")]
    means: Array2<f64>,
    #[serde(with = "adflux_core::arrays")]
    covariances: Array2<f64>,
    #[serde(with = "adflux_core::arrays")]
    counts: Vec<u64>,
    #[serde(default, with = "adflux_core::arrays")]
    labels: Vec<u32>,
    #[serde(with = "adflux_core::arrays")]
    lower_bounds: Vec<f64>,
    converged: bool,
}

impl From<GaussianMixtureModel> for SavedMixture {
    fn from(model: GaussianMixtureModel) -> Self {
        let GaussianMixtureModel { columns, gaussians, counts, labels, lower_bounds, converged } = model;
        let Gaussians { kind, weights, means, covariances, .. } = gaussians;
        let covariance_type = kind;
        SavedMixture { columns, covariance_type, weights, means, covariances, counts, labels, lower_bounds, converged }
    }
}

impl TryFrom<SavedMixture> for GaussianMixtureModel {
    type Error = String;

    fn try_from(saved: SavedMixture) -> std::result::Result<Self, String> {
        let SavedMixture {
            columns,
            covariance_type,
            weights,
            means,
            covariances,
            counts,
            labels,
            lower_bounds,
            converged,
        } = saved;
        let (segments, width) = means.dim();
        if segments == 0
            || width == 0
            || width != columns.len()
            || weights.len() != segments
            || counts.len() != segments
        {
            return Err("the numbers of columns, means, weights and counts do not fit together".into());
        }
        if covariances.dim() != covariance_type.shape(segments, width) {
            return Err("the covariances have another shape than they should".into());
        }
        if means.iter().chain(&covariances).any(|v| !v.is_finite()) {
            return Err("a mean or a covariance is not finite".into());
        }
        if weights.iter().any(|v| !(*v > 0.0 && *v <= 1.0)) || (weights.iter().sum::<f64>() - 1.0).abs() > 1e-6 {
            return Err("the weights are no shares".into());
        }
        labels::check(&labels, segments)?;
        let gaussians = Gaussians::new(covariance_type, weights, means, covariances).map_err(|e| e.to_string())?;
        Ok(GaussianMixtureModel { columns, gaussians, counts, labels, lower_bounds, converged })
    }
}

impl GaussianMixtureModel {
    /// The model of a run about `origin`, on the rows that count about it.
    pub(super) fn new(run: Run, origin: &Array1<f64>, centred: &Array2<f64>, counted: &Counted) -> Result<Self> {
        let Run { gaussians, lower_bounds, converged } = run;
        let Gaussians { kind, weights, means, covariances, .. } = gaussians;
        let mut order: Vec<usize> = (0..weights.len()).collect();
        order.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]));
        let covariances = match kind {
            CovarianceType::Tied => covariances,
            CovarianceType::Full => {
                let columns = means.ncols();
                let rows: Vec<usize> =
                    order.iter().flat_map(|segment| segment * columns..(segment + 1) * columns).collect();
                covariances.select(Axis(0), &rows)
            }
            CovarianceType::Diag | CovarianceType::Spherical => covariances.select(Axis(0), &order),
        };
        let weights = order.iter().map(|segment| weights[*segment]).collect();
        let about = Gaussians::new(kind, weights, means.select(Axis(0), &order), covariances)?;
        let (memberships, _) = about.expect(centred.view());
        let segments: Vec<u32> = memberships.rows().into_iter().map(|row| largest(row) as u32).collect();
        let mut counts = vec![0; order.len()];
        segments.iter().for_each(|segment| counts[*segment as usize] += 1);
        let (columns, labels) = (Vec::new(), counted.to_all(segments));
        Ok(GaussianMixtureModel { columns, gaussians: about.moved(origin), counts, labels, lower_bounds, converged })
    }

    /// The same, knowing the columns it was fitted on.
    pub(super) fn with_columns_of(mut self, x: &Features) -> Self {
        self.columns = x.columns().cloned().collect();
        self
    }

    /// The share of each segment; they sum to 1.
    pub fn weights(&self) -> &[f64] {
        &self.gaussians.weights
    }

    /// The mean of each segment: segments × columns.
    pub fn means(&self) -> &Array2<f64> {
        &self.gaussians.means
    }

    /// The shape of the segments.
    pub fn covariance_type(&self) -> CovarianceType {
        self.gaussians.kind
    }

    /// The covariance of a segment: columns × columns, whatever the shape. In squares of the units of the columns.
    ///
    /// # Errors
    /// When there is no such segment.
    pub fn covariance(&self, segment: usize) -> Result<Array2<f64>> {
        let (segments, columns) = self.gaussians.means.dim();
        if segment >= segments {
            let reason = format!("there are {segments} segments, counted from 0");
            return Err(Error::parameter("segment", segment, reason));
        }
        let all = &self.gaussians.covariances;
        Ok(match self.gaussians.kind {
            CovarianceType::Full => all.slice(s![segment * columns..(segment + 1) * columns, ..]).to_owned(),
            CovarianceType::Tied => all.clone(),
            CovarianceType::Diag => Array2::from_diag(&all.row(segment)),
            CovarianceType::Spherical => Array2::from_diag_elem(columns, all[[segment, 0]]),
        })
    }

    /// The most probable segment of each training row, `None` for rows of weight 0.
    #[doc(alias = "labels_")]
    pub fn labels(&self) -> Vec<Option<u32>> {
        to_options(&self.labels)
    }

    /// The number of training rows of weight above 0 that belong most probably to each segment.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The mean log-likelihood of a training row before each iteration of the start that was kept: it does not fall, but for what
    /// `reg_covar` adds.
    pub fn lower_bounds(&self) -> &[f64] {
        &self.lower_bounds
    }

    /// Whether that start converged before `max_iter`.
    pub fn converged(&self) -> bool {
        self.converged
    }

    /// The probability of each segment for each row of `x`: rows × segments, each row sums to 1.
    ///
    /// # Errors
    /// When the number of columns is not that of the training data, or a number is not finite (the column and row are named).
    pub fn predict_proba(&self, x: &ArrayView2<f64>) -> Result<Array2<f64>> {
        self.check(x)?;
        Ok(self.gaussians.expect(x.view()).0)
    }

    /// The logarithm of the density at each row of `x`: the lower, the less usual the row. −∞ where it is 0.
    ///
    /// # Errors
    /// As [`predict_proba`](Self::predict_proba).
    pub fn score_samples(&self, x: &ArrayView2<f64>) -> Result<Vec<f64>> {
        self.check(x)?;
        Ok(self.gaussians.expect(x.view()).1)
    }

    /// The Bayesian information criterion on the rows of `x`: −2 ln L + p ln n, with p numbers that are free. Lower is better.
    ///
    /// # Errors
    /// As [`predict_proba`](Self::predict_proba).
    pub fn bic(&self, x: &ArrayView2<f64>) -> Result<f64> {
        let likelihood: f64 = self.score_samples(x)?.iter().sum();
        Ok(self.parameters() * (x.nrows() as f64).ln() - 2.0 * likelihood)
    }

    /// Akaike's information criterion on the rows of `x`: −2 ln L + 2 p. Lower is better.
    ///
    /// # Errors
    /// As [`predict_proba`](Self::predict_proba).
    pub fn aic(&self, x: &ArrayView2<f64>) -> Result<f64> {
        let likelihood: f64 = self.score_samples(x)?.iter().sum();
        Ok(2.0 * self.parameters() - 2.0 * likelihood)
    }

    /// How many numbers are free.
    pub(super) fn parameters(&self) -> f64 {
        let (segments, columns) = self.gaussians.means.dim();
        (self.gaussians.kind.parameters(segments, columns) + segments * columns + segments - 1) as f64
    }

    fn check(&self, x: &ArrayView2<f64>) -> Result<()> {
        check_rows(KIND, &self.columns, self.gaussians.means.ncols(), x)
    }
}

/// The place of the largest, the first of equals.
fn largest(row: ndarray::ArrayView1<f64>) -> usize {
    let first = |best: (usize, f64), (place, v): (usize, &f64)| if *v > best.1 { (place, *v) } else { best };
    row.iter().enumerate().fold((0, f64::NEG_INFINITY), first).0
}

impl Predict<Features> for GaussianMixtureModel {
    type Output = Segments;

    /// The most probable segment of each row, the first of equals, with its probability as strength.
    ///
    /// # Errors
    /// When the features are not one dense block of finite numbers with the columns of the training data, in their order.
    fn predict(&self, x: &Features) -> Result<Segments> {
        x.require_columns(KIND, &self.columns)?;
        x.require_finite(KIND)?;
        let (memberships, _) = self.gaussians.expect(x.dense(KIND)?.view());
        let best = memberships.rows().into_iter().map(largest);
        let ids: Vec<Option<u32>> = best.map(|segment| Some(segment as u32)).collect();
        let strength = memberships.rows().into_iter().map(|row| row[largest(row)]).collect();
        Ok(Segments { ids, strength })
    }
}

adflux_core::component!(GaussianMixtureModel, "gaussian-mixture", version = 1);
