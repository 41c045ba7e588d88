//! Tests across crates.

mod auto;
mod conformance;
mod dependencies;
mod exposure;
mod fuzz;
mod linfa_bridge;
mod main_job;
mod specification;
mod threads;

use adflux::{
    core::{Context, Registry, Training},
    data::{Frame, Role},
    pipeline::Pipeline,
    postprocessing::CampaignEstimate,
    preprocessing::{Branch, ColumnTransformer, OneHotEncoder, TfidfVectorizer},
    regression::{FunnelRegressor, RandomForestRegressor},
    simulation::{CAMPAIGN_OUTCOMES, Campaigns},
};

/// Every component, also of the features that are not default.
fn registry() -> Registry {
    let mut registry = adflux::registry().unwrap();
    if !cfg!(feature = "neural") {
        adflux_neural::register(&mut registry).unwrap();
    }
    if !cfg!(feature = "timeseries") {
        adflux_timeseries::register(&mut registry).unwrap();
    }
    registry
}

/// Simulated campaigns.
fn campaigns(rows: usize) -> Frame {
    Campaigns::new(rows).seed(11).generate(&Context::default()).unwrap().frame
}

/// What is known before launch → rates → totals with intervals of 80 %.
fn campaign_pipeline(trees: usize) -> Pipeline<ColumnTransformer, FunnelRegressor, CampaignEstimate> {
    let choices = ["platform", "objective", "format", "job_category", "job_level", "location", "call_to_action"];
    let preprocessor = ColumnTransformer::new()
        .branch(Branch::new("numbers", ["budget", "duration_days", "audience_size"]))
        .branch(Branch::new("choices", choices).step(OneHotEncoder::default()))
        .branch(Branch::new("title", ["title"]).as_text().step(TfidfVectorizer::default().min_df(20).max_features(20)));
    let forest = RandomForestRegressor::new(trees).min_samples_leaf(3).seed(1);
    Pipeline::new(preprocessor, FunnelRegressor::default().forest(forest))
        .with_postprocessor(CampaignEstimate::default().level(0.8).folds(3))
}

/// Campaigns as training data: outcomes are the target, the budget is the exposure.
fn training(campaigns: &Frame) -> Training<Frame> {
    let with_role = |frame: Frame, name: &&str| frame.with_role(name, Role::Target).unwrap();
    let frame = CAMPAIGN_OUTCOMES.iter().fold(campaigns.clone(), with_role);
    frame.training().unwrap().with_exposure(campaigns.numbers("budget").unwrap().into())
}

/// The résumés of data/resume.csv.
fn resumes() -> Frame {
    Frame::read_csv(concat!(env!("CARGO_MANIFEST_DIR"), "/data/resume.csv")).unwrap()
}
