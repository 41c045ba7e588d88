//! CTR, CPC and CPA of campaigns that have not started, each learned as a rate: a click is worth more evidence where there are many
//! impressions. A linear model of the logarithm beside boosted trees, both beside the mean of the platform.
//!
//! `cargo run --release --example predict_ctr_cpc_cpa`

use adflux::{
    core::{Context, Rows as _, rates},
    evaluation::splits::{RowKeys, train_test_split},
    prelude::*,
    regression::{Loss, PoissonRegressor},
    simulation::Campaigns,
};
use ndarray::Array1;
use std::collections::HashMap;

/// A rate: what it is called, what it sums, over what, and how it is written.
struct Rate {
    name: &'static str,
    total: &'static str,
    exposure: &'static str,
    decimals: usize,
}

const RATES: [Rate; 3] = [
    Rate { name: "CTR", total: "clicks", exposure: "impressions", decimals: 4 },
    Rate { name: "CPC", total: "spend", exposure: "clicks", decimals: 2 },
    Rate { name: "CPA", total: "spend", exposure: "applications", decimals: 2 },
];
/// What is known before the launch.
const KNOWN: [&str; 8] =
    ["platform", "objective", "format", "job_category", "job_level", "location", "budget", "duration_days"];

fn main() -> Result<()> {
    // Past campaigns. Your own come from `Frame::read`, with the same columns.
    let past = Campaigns::new(4_000).seed(1).generate(&Context::default())?.frame;
    let planned = Campaigns::new(4).seed(2).generate(&Context::default())?.frame;
    let mut forecasts = Vec::new();
    for rate in &RATES {
        forecasts.push(learn(rate, &past, &planned)?);
    }

    println!("\nBefore launch");
    println!("{:<10}{:<14}{:>9}{:>9}{:>9}{:>9}", "platform", "objective", "budget", "CTR", "CPC", "CPA");
    let (platforms, objectives) = (planned.texts("platform")?, planned.texts("objective")?);
    for (row, budget) in planned.numbers("budget")?.into_iter().enumerate() {
        let known = (&platforms[row], &objectives[row]);
        print!("{:<10}{:<14}{budget:>9.0}", known.0, known.1);
        for (rate, forecast) in RATES.iter().zip(&forecasts) {
            print!("{:>9.*}", rate.decimals, forecast[row]);
        }
        println!();
    }
    println!(
        "\nSpend is in the currency of the budgets. For intervals that hold together see the example predict_campaign."
    );
    Ok(())
}

/// Learns a rate, says how well on campaigns held back, and predicts it for planned ones.
fn learn(rate: &Rate, past: &Frame, planned: &Frame) -> Result<Array1<f64>> {
    // Campaigns without any exposure (no click, no application) say nothing of a cost of one.
    let exposure = past.numbers(rate.exposure)?;
    let rows: Vec<usize> = (0..past.rows()).filter(|&row| exposure[row] > 0.0).collect();
    let past = past.take(&rows);
    let (totals, exposure) = (past.numbers(rate.total)?.into(), past.numbers(rate.exposure)?.into());
    // Each campaign counts by its exposure: 10,000 impressions say more of a CTR than 100.
    let (target, weights) = rates(&totals, None, &exposure, 1.0)?;
    let data = Training::new(past.clone()).with_target(Target::Values(target)).with_weights(weights);
    let split = train_test_split(data.len(), 0.25, &RowKeys::of(&data).options(Some(7)))?;
    let (train, test) = (data.take(&split.train), data.take(&split.test));

    let preprocessor = ColumnTransformer::auto(&past, KNOWN)?;
    let trees = GradientBoostingRegressor {
        loss: Loss::Poisson,
        n_estimators: 150,
        learning_rate: 0.05,
        num_leaves: 15,
        ..GradientBoostingRegressor::default()
    };
    let trees = Pipeline::new(preprocessor.clone(), trees).fit(train.clone())?;
    let linear = Pipeline::new(preprocessor, PoissonRegressor::new(1e-4)).fit(train.clone())?.run(&test.x)?;

    println!(
        "{} = {} / {}, {} campaigns to learn from, {} held back",
        rate.name,
        rate.total,
        rate.exposure,
        train.len(),
        test.len()
    );
    let of_trees = trees.run(&test.x)?;
    let of_platform = platform_means(&train, &test)?;
    for (name, predicted) in
        [("mean of the platform", &of_platform), ("log-linear", linear.point()?), ("boosted trees", of_trees.point()?)]
    {
        println!(
            "  {name:<22}off by {:>4.1} % on average, weighted by {}",
            100.0 * off_by(&test, predicted)?,
            rate.exposure
        );
    }
    Ok(trees.run(planned)?.point()?.clone())
}

/// The weighted mean of the rate on the platform of each test row.
fn platform_means(train: &Training<Frame>, test: &Training<Frame>) -> Result<Array1<f64>> {
    let mut sums: HashMap<String, (f64, f64)> = HashMap::new();
    let (y, ones) = (train.values("example")?, Array1::ones(train.len()));
    let weights = train.weights.as_ref().unwrap_or(&ones);
    for ((platform, y), weight) in train.x.texts("platform")?.iter().zip(y).zip(weights) {
        let (sum, total) = sums.entry(platform.clone()).or_default();
        (*sum, *total) = (*sum + weight * y, *total + weight);
    }
    let mean = |platform: &String| sums.get(platform).map_or(f64::NAN, |(sum, total)| sum / total);
    Ok(test.x.texts("platform")?.iter().map(mean).collect())
}

/// The weighted mean of |prediction − rate| as a share of the weighted mean rate.
fn off_by(test: &Training<Frame>, predicted: &Array1<f64>) -> Result<f64> {
    adflux::evaluation::metrics::wape(
        test.values("example")?.view(),
        predicted.view(),
        test.weights.as_ref().map(Array1::view),
    )
}
