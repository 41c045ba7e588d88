//! linfa's estimators in adflux's pipelines, and an adflux forest behind linfa's traits.
//!
//! `cargo run --release --example linfa_interop`

use adflux::{
    core::{ClassTarget, Context},
    linfa::{Classification, Clustering, DatasetOf, FitError, LinfaEstimator, Regression},
    prelude::*,
    simulation::Campaigns,
};
use linfa::{
    Dataset,
    prelude::SingleTargetRegression as _,
    traits::{Fit as _, Predict as _},
};
use linfa_clustering::GaussianMixtureModel;
use linfa_linear::{FittedLinearRegression, LinearRegression};
use linfa_trees::DecisionTree;
use ndarray::Array1;
use serde::{Deserialize, Serialize};

// Three estimators of linfa. The serde struct is what a file says of one; `fit` is linfa as always.

/// Least squares, of linfa-linear.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct LeastSquares {
    intercept: bool,
}

impl LinfaEstimator for LeastSquares {
    const KIND: &'static str = "linfa-least-squares";
    type Task = Regression;
    type Model = FittedLinearRegression<f64>;
    fn fit(&self, dataset: &DatasetOf<Regression>) -> Result<Self::Model, FitError> {
        Ok(LinearRegression::default().with_intercept(self.intercept).fit(dataset)?)
    }
}

/// A decision tree, of linfa-trees.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Tree {
    max_depth: usize,
}

impl LinfaEstimator for Tree {
    const KIND: &'static str = "linfa-tree";
    type Task = Classification;
    type Model = DecisionTree<f64, usize>;
    fn fit(&self, dataset: &DatasetOf<Classification>) -> Result<Self::Model, FitError> {
        Ok(DecisionTree::params().max_depth(Some(self.max_depth)).fit(dataset)?)
    }
}

/// A mixture of Gaussians, of linfa-clustering.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Mixture {
    n_clusters: usize,
}

impl LinfaEstimator for Mixture {
    const KIND: &'static str = "linfa-mixture";
    type Task = Clustering;
    type Model = GaussianMixtureModel<f64>;
    fn fit(&self, dataset: &DatasetOf<Clustering>) -> Result<Self::Model, FitError> {
        Ok(GaussianMixtureModel::params(self.n_clusters).fit(dataset)?)
    }
}

fn main() -> Result<()> {
    let campaigns = Campaigns::new(2_000).seed(1).generate(&Context::default())?.frame;
    let spend: Array1<f64> = campaigns.numbers("spend")?.into();
    let numbers = || Branch::new("numbers", ["budget", "duration_days"]).step(StandardScaler::default());
    let preprocessor = ColumnTransformer::new().branch(numbers());

    // linfa-linear in a pipeline, saved, and loaded by a registry that knows it.
    let data = Training::new(campaigns.clone()).with_target(Target::Values(spend.clone()));
    let fitted = Pipeline::new(preprocessor.clone(), FromLinfa(LeastSquares { intercept: true })).fit(data)?;
    let path = std::env::temp_dir().join(format!("linfa-{}.adflux", std::process::id()));
    fitted.save(&path)?;
    let unknown = AnyFittedPipeline::load(&path, &adflux::registry()?);
    let mut registry = adflux::registry()?;
    registry.model::<FromLinfa<LeastSquares>>()?;
    let loaded = AnyFittedPipeline::load(&path, &registry)?;
    std::fs::remove_file(&path).map_err(|e| Error::io(&path, e))?;
    let predicted: Prediction = loaded.run(&campaigns)?;
    println!("linfa-linear, loaded: R² of spend {:.3}", predicted.point()?.r2(&spend)?);
    println!("  without registering it: {}", unknown.err().map(|e| e.to_string()).unwrap_or_default());

    // linfa-trees: classes have labels; linfa says which one, not how probable it is.
    let dear = spend.iter().map(|s| if *s > 1_500.0 { "dear" } else { "cheap" });
    let classes = ClassTarget::from_labels(&dear.collect::<Vec<_>>());
    let choices = Branch::new("choices", ["platform", "objective"]).step(OneHotEncoder::default());
    let data = Training::new(campaigns.clone()).with_target(Target::Classes(classes.clone()));
    let fitted = Pipeline::new(preprocessor.clone().branch(choices), FromLinfa(Tree { max_depth: 5 })).fit(data)?;
    let guesses = fitted.run(&campaigns)?.classes()?.most_probable();
    let right = guesses.iter().zip(&classes.codes).filter(|(guess, code)| **guess == **code as usize).count();
    println!("linfa-trees: {} leaves, {right} of {} right", fitted.model.model().num_leaves(), guesses.len());

    // linfa-clustering: segments.
    let fitted = Pipeline::new(preprocessor.clone(), FromLinfa(Mixture { n_clusters: 3 }))
        .fit(Training::new(campaigns.clone()))?;
    let segments = fitted.run(&campaigns)?.segments()?.ids.clone();
    let sizes = [0, 1, 2].map(|segment| segments.iter().filter(|id| **id == Some(segment)).count());
    println!("linfa-clustering: segments of {sizes:?} campaigns");

    // The other way: linfa's cross-validation and metrics on an adflux forest.
    let features = preprocessor.fit(Training::new(campaigns.clone()))?.transform(campaigns)?;
    let mut dataset = Dataset::new(features.into_dense("linfa")?, spend);
    let forests = [1, 50].map(|trees| IntoLinfa::new(RandomForestRegressor::new(trees).min_samples_leaf(5)));
    let r2 = dataset.cross_validate_single(5, &forests, |predicted, truth| predicted.r2(truth))?;
    println!("adflux's forest in linfa's cross-validation: R² {:.3} with 1 tree, {:.3} with 50", r2[0], r2[1]);
    let forest = forests[1].fit(&dataset)?;
    let predicted: Array1<f64> = forest.predict(&dataset);
    println!("  its first campaign: {:.0} spent, {:.0} predicted", dataset.targets[0], predicted[0]);
    Ok(())
}
