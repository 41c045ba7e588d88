//! What will a campaign bring? Rates and totals before launch, with intervals that hold together.
//!
//! `cargo run --release --example predict_campaign`

use adflux::{
    core::Context,
    prelude::*,
    simulation::{CAMPAIGN_OUTCOMES, Campaigns},
};

fn main() -> Result<()> {
    // Past campaigns. Your own come from `Frame::read_csv`, with the same columns.
    let past = Campaigns::new(3_000).seed(1).generate(&Context::default())?.frame;
    let budget = past.numbers("budget")?;
    let mut with_roles = past;
    for outcome in CAMPAIGN_OUTCOMES {
        with_roles = with_roles.with_role(outcome, Role::Target)?;
    }
    let data = with_roles.training()?.with_exposure(budget.into());

    // What is known before launch → rates of the funnel → totals with joint 80 % intervals.
    let choices = ["platform", "objective", "format", "job_category", "job_level", "location", "call_to_action"];
    let preprocessor = ColumnTransformer::new()
        .branch(Branch::new("numbers", ["budget", "duration_days", "audience_size"]).as_numbers())
        .branch(Branch::new("choices", choices).as_categories().step(OneHotEncoder::default()))
        .branch(Branch::new("title", ["title"]).as_text().step(TfidfVectorizer::default().min_df(10).max_features(60)));
    let forest = RandomForestRegressor::new(60).min_samples_leaf(3);
    let fitted = Pipeline::new(preprocessor, FunnelRegressor::default().forest(forest))
        .with_postprocessor(CampaignEstimate::default().level(0.8))
        .fit(data)?;

    // Saved as one file; a service loads it by the names of its components.
    let path = std::env::temp_dir().join(format!("campaign-{}.adflux", std::process::id()));
    fitted.save(&path)?;
    let service = AnyFittedPipeline::load(&path, &adflux::registry()?)?;
    std::fs::remove_file(&path).map_err(|e| Error::io(&path, e))?;

    // A campaign that has not started: a missing audience size is no obstacle.
    let planned = Frame::builder()
        .texts("platform", ["META"])
        .texts("objective", ["APPLICATIONS"])
        .texts("format", ["VIDEO"])
        .texts("job_category", ["nursing"])
        .texts("job_level", ["mid"])
        .texts("location", ["Madrid"])
        .texts("call_to_action", ["APPLY_NOW"])
        .texts("title", ["Enfermera o enfermero en Madrid"])
        .numbers("budget", vec![2_500.0])
        .numbers("duration_days", vec![21.0])
        .optional_numbers("audience_size", vec![None])
        .build()?;
    let estimate = service.run(&planned)?;
    for name in ["impressions", "clicks", "applications", "spend", "ctr", "cpc", "conversion_rate", "cpa"] {
        let i = estimate.named(name)?.intervals()?;
        println!("{name:<16}{:>12.4}   80 %: {:.4} to {:.4}", i.mean[0], i.lower[0], i.upper[0]);
    }
    Ok(())
}
