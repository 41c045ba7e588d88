//! What a fitted model tells of the rows it was fitted on, and how well its segments stand apart.

use super::report::Metrics;
use adflux::{
    clustering::{
        AgglomerativeModel, AutoAgglomerativeModel, AutoGaussianMixtureModel, AutoKMeansModel, AutoKPrototypesModel,
        Choice, DbscanModel, GaussianMixtureModel, HdbscanModel, KMeansModel, KPrototypesModel, MiniBatchKMeansModel,
        MixtureChoice, MixtureQuality,
    },
    core::{AnyModel, Features, Predict as _, Result},
    evaluation::metrics::{calinski_harabasz, davies_bouldin, silhouette_sampled},
};
use ndarray::{Array2, ArrayView2, Axis};
use std::collections::HashSet;

/// What a fitted model says of the rows it was fitted on.
pub struct Found {
    /// The segment of each row, from the coarsest level to the finest: at least one level.
    pub levels: Vec<Vec<Option<u32>>>,
    /// Of each segment of a level, the segment of the coarser level that it lies in; none at the coarsest.
    pub parents: Vec<Vec<u32>>,
    /// The numbers that were compared, when one was chosen.
    pub choice: Option<Choice>,
    /// Of the finest level.
    pub inertia: Option<f64>,
    /// How firmly each row is in its segment: of a mixture the probability, of dense segments λ / λmax.
    pub strength: Option<Vec<f64>>,
    /// Of a mixture.
    pub mixture: Option<Mixture>,
}

/// How likely a mixture makes the rows.
pub struct Mixture {
    pub bic: f64,
    pub aic: f64,
    /// The mixtures that were compared, when one was chosen.
    pub choice: Option<MixtureChoice>,
}

impl Found {
    pub fn new(model: &AnyModel, features: &Features) -> Result<Self> {
        let auto_tree = model.downcast_ref::<AutoAgglomerativeModel>();
        if let Some(tree) = auto_tree.map(|m| m.model()).or(model.downcast_ref::<AgglomerativeModel>()) {
            // The rows' own places in the tree, not those of the nearest centres.
            return Ok(Found {
                levels: (0..tree.levels().len()).map(|level| tree.labels(level)).collect::<Result<_>>()?,
                parents: tree.levels().iter().map(|level| level.parents().to_vec()).collect(),
                choice: auto_tree.map(|m| m.choice().clone()),
                inertia: tree.levels().last().map(|level| level.inertia()),
                strength: None,
                mixture: None,
            });
        }
        let dense = model.downcast_ref::<HdbscanModel>();
        let of_dbscan = model.downcast_ref::<DbscanModel>().map(DbscanModel::labels);
        if let Some(labels) = of_dbscan.or_else(|| dense.map(HdbscanModel::labels)) {
            let (levels, parents) = (vec![labels], vec![Vec::new()]);
            let strength = dense.map(|dense| dense.strengths().to_vec());
            return Ok(Found { levels, parents, choice: None, inertia: None, strength, mixture: None });
        }
        let auto_prototypes = model.downcast_ref::<AutoKPrototypesModel>();
        if let Some(prototypes) = auto_prototypes.map(|m| m.model()).or(model.downcast_ref::<KPrototypesModel>()) {
            return Ok(Found {
                levels: vec![prototypes.predict(features)?.ids],
                parents: vec![Vec::new()],
                choice: auto_prototypes.map(|m| m.choice().clone()),
                inertia: Some(prototypes.cost()),
                strength: None,
                mixture: None,
            });
        }
        let auto = model.downcast_ref::<AutoKMeansModel>();
        let of_batches = model.downcast_ref::<MiniBatchKMeansModel>().map(|m| m.model());
        let centers = auto.map(|m| m.model()).or(of_batches).or(model.downcast_ref::<KMeansModel>());
        let segments = model.predict(features)?.segments()?.clone();
        let mixture = Mixture::of(model, features)?;
        Ok(Found {
            levels: vec![segments.ids],
            parents: vec![Vec::new()],
            choice: auto.map(|m| m.choice().clone()),
            inertia: centers.map(KMeansModel::inertia),
            strength: mixture.is_some().then(|| segments.strength.to_vec()),
            mixture,
        })
    }

    /// The number of rows in no segment.
    pub fn outliers(&self) -> usize {
        self.finest().iter().filter(|segment| segment.is_none()).count()
    }

    /// The segments of the finest level.
    pub fn finest(&self) -> &[Option<u32>] {
        self.levels.last().map_or(&[], |level| level)
    }
}

impl Mixture {
    fn of(model: &AnyModel, features: &Features) -> Result<Option<Self>> {
        let auto = model.downcast_ref::<AutoGaussianMixtureModel>();
        if let Some(choice) = auto.map(|auto| auto.choice().clone()) {
            let same = |q: &&MixtureQuality| {
                (q.n_components, q.covariance_type) == (choice.n_components, choice.covariance_type)
            };
            let chosen = choice.table.iter().find(same).map(|q| (q.bic, q.aic));
            return Ok(chosen.map(|(bic, aic)| Mixture { bic, aic, choice: Some(choice) }));
        }
        let Some(mixture) = model.downcast_ref::<GaussianMixtureModel>() else { return Ok(None) };
        let x = features.dense("gaussian-mixture")?.view();
        Ok(Some(Mixture { bic: mixture.bic(&x)?, aic: mixture.aic(&x)?, choice: None }))
    }
}

/// The rows as points that measures of segments are taken of.
pub fn points(model: &AnyModel, features: &Features) -> Result<Array2<f64>> {
    let auto = model.downcast_ref::<AutoKPrototypesModel>().map(|m| m.model());
    match auto.or(model.downcast_ref::<KPrototypesModel>()) {
        Some(prototypes) => prototypes.points(features),
        None => features.dense("clustering").cloned(),
    }
}

/// Silhouettes are computed on at most so many rows.
pub const SAMPLE: usize = 5_000;

/// Beyond this every row lies on its centre, and what the index divides by is rounding.
const PERFECT: f64 = 1e12;

/// How well the segments of the finest level stand apart, over the features that were learned from.
pub fn measure(found: &Found, x: ArrayView2<f64>, seed: u64) -> Result<Metrics> {
    let of_choice = found.choice.as_ref().and_then(|c| c.table.iter().find(|q| q.n_clusters == c.n_clusters));
    if let Some(chosen) = of_choice {
        return Ok(Metrics {
            silhouette: Some(chosen.silhouette),
            calinski_harabasz: Some(chosen.calinski_harabasz).filter(|v| *v < PERFECT),
            davies_bouldin: Some(chosen.davies_bouldin),
            inertia: Some(chosen.inertia),
        });
    }
    // Outliers are in no segment: they say nothing of how well segments stand apart.
    let inside: Vec<usize> = (0..found.finest().len()).filter(|row| found.finest()[*row].is_some()).collect();
    let ids: Vec<u32> = found.finest().iter().flatten().copied().collect();
    let (k, inertia) = (ids.iter().collect::<HashSet<_>>().len(), found.inertia);
    if k < 2 || k >= ids.len() {
        return Ok(Metrics { inertia, ..Metrics::default() });
    }
    let of_inside = (inside.len() < x.nrows()).then(|| x.select(Axis(0), &inside));
    let x = of_inside.as_ref().map_or(x.view(), |inside| inside.view());
    Ok(Metrics {
        silhouette: Some(silhouette_sampled(x, &ids, SAMPLE, seed)?),
        calinski_harabasz: Some(calinski_harabasz(x, &ids)?).filter(|v| *v < PERFECT),
        davies_bouldin: Some(davies_bouldin(x, &ids)?),
        inertia,
    })
}
