//! Why this prediction? What each column added to it, how much each adds on the average, and how it goes with the budget.
//!
//! `cargo run --release --example explain_prediction`

use adflux::{
    core::{Context, Rows as _},
    pipeline::{Attribution, Background, Grid, Method, PartialDependence},
    prelude::*,
    simulation::Campaigns,
};

fn main() -> Result<()> {
    // Applications of past campaigns, from what was known before they began.
    let context = Context::default();
    let campaigns = Campaigns::new(3_000).seed(1).generate(&context)?.frame;
    let inputs = ["budget", "duration_days", "platform", "job_category", "job_level", "location", "title"];
    let frame = campaigns.select(&inputs)?;
    let applications = Target::Values(campaigns.numbers("applications")?.into());
    let columns = ColumnTransformer::new()
        .branch(Branch::new("numbers", ["budget", "duration_days"]).as_numbers())
        .branch(
            Branch::new("choices", ["platform", "job_category", "job_level", "location"])
                .as_categories()
                .step(OneHotEncoder::default()),
        )
        .branch(Branch::new("title", ["title"]).as_text().step(TfidfVectorizer::default().min_df(10).max_features(60)));
    let model = GradientBoostingRegressor::new(150).loss(adflux::regression::Loss::Poisson);
    let fitted = Pipeline::new(columns, model).fit(Training::new(frame.clone()).with_target(applications))?;

    // One campaign. Boosting for counts adds up logarithms: an effect of +0.69 doubles the applications. The words of the title
    // are one column, and so are the one-hot columns of the platform.
    let planned = frame.take(&[7]);
    let explained = Attribution::default().explain(&fitted, &planned, Background::Learned(&frame), &context)?;
    let one = explained.row(&planned, 0)?;
    println!("{:.1} applications, {} on the scale {:?}", explained.predictions[0], explained.method, explained.scale);
    println!("  every campaign starts from {:.1}", one.base.exp());
    for part in &one.contributions {
        println!("  × {:<6.2} {} = {}", part.effect.exp(), part.column, part.value);
    }
    assert!((one.prediction.exp() - explained.predictions[0]).abs() < 1e-6);

    // The same in applications, of the whole pipeline, by sampled permutations: this works for any pipeline.
    let sampled = Attribution { method: Method::Permutation, ..Attribution::default() };
    let in_applications = sampled.explain(&fitted, &planned, Background::Rows(&frame), &context)?;
    println!("in applications, from a mean of {:.1}:", in_applications.base);
    for part in in_applications.row(&planned, 0)?.contributions.iter().take(3) {
        println!("  {:+.1} {}", part.effect, part.column);
    }

    // All campaigns.
    let all = Attribution::default().explain(&fitted, &frame, Background::Learned(&frame), &context)?;
    println!("what moves predictions most:");
    for (column, strength) in all.strengths().iter().take(4) {
        println!("  {column:<16} {strength:.2}");
    }

    // And if the budget were another, everything else being equal?
    let along = PartialDependence { grid_resolution: 5, ..PartialDependence::default() };
    let budget = along.run(&fitted, &frame.take(&(0..200).collect::<Vec<_>>()), "budget", None, &context)?;
    if let Grid::Numbers(values) = &budget.grid {
        for (value, mean) in values.iter().zip(&budget.average) {
            println!("  budget {value:>8.0}: {mean:>6.1} applications");
        }
    }
    Ok(())
}
