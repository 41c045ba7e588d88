//! Unusual candidates: who among real résumés is like nobody else, and why.
//!
//! `cargo run --release --example outlier_candidates`

use adflux::{core::Predict as _, prelude::*};

/// What a recruiter can see of a candidate; no column of the job, and none that gives gender or race away.
const COLUMNS: [&str; 7] =
    ["years_experience", "years_college", "honors", "volunteer", "military", "computer_skills", "employment_holes"];

/// What is told of a candidate at most.
const REASONS: usize = 3;
/// Candidates that are told.
const TOLD: usize = 5;

fn main() -> Result<()> {
    let frame = Frame::read_csv(concat!(env!("CARGO_MANIFEST_DIR"), "/data/resume.csv"))?;
    // A segment is at least one candidate in fifty; whoever is in none is unusual.
    let recipe = Hdbscan::new(frame.rows() / 50).min_samples(10);
    let fitted = Pipeline::new(ColumnTransformer::auto(&frame, COLUMNS)?, recipe).fit(Training::new(frame.clone()))?;
    let model = &fitted.model;
    println!("{} candidates, {} segments, {} in none", frame.rows(), model.n_clusters(), model.n_outliers());

    // Outliers together: what sets them apart from everyone, and whether they are called back.
    let labels = model.labels();
    let described = describe_segments(&frame, &COLUMNS, &labels, Some("received_callback"), Language::En)?;
    for outliers in described.iter().filter(|segment| segment.id.is_none()) {
        println!("\nThose in no segment ({:.0} %):", 100.0 * outliers.share);
        outliers.features.iter().take(4).for_each(|feature| println!("    {}", feature.text(Language::En)));
        if let Some(callback) = &outliers.outcome {
            println!("    callback rate {:.1} % (everyone: {:.1} %)", 100.0 * callback.mean, 100.0 * callback.overall);
        }
    }

    // The farthest out of them, one by one: the features in which each differs most from the mean, in standard deviations.
    // Rows that are repeated make the densest places infinitely dense, and many scores 1: of equals the farthest from the mean.
    let features = fitted.preprocessor.transform(frame.clone())?;
    let far: Vec<f64> = features.dense("outliers")?.rows().into_iter().map(|row| row.dot(&row)).collect();
    let mut outliers: Vec<usize> = (0..frame.rows()).filter(|row| labels[*row].is_none()).collect();
    let scores = model.outlier_scores();
    outliers.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(far[*b].total_cmp(&far[*a])).then(a.cmp(b)));
    println!("\nThe most unusual:");
    let mut told: Vec<String> = Vec::new();
    for &row in &outliers {
        // The preprocessor has scaled numbers to mean 0 and deviation 1.
        let own = features.dense("outliers")?.row(row).to_owned();
        let names = features.columns().map(|column| column.name.as_str());
        let mut reasons: Vec<(f64, &str)> = own.into_iter().zip(names).collect();
        reasons.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
        let reasons: Vec<String> =
            reasons.iter().take(REASONS).map(|(by, column)| format!("{column} {by:+.1}")).collect();
        let reasons = reasons.join(", ");
        // The same candidate answered several advertisements.
        if told.len() < TOLD && !told.contains(&reasons) {
            println!("    row {row}, score {:.2}: {reasons}", scores[row]);
            told.push(reasons);
        }
    }

    // A candidate that comes later is judged without fitting again.
    let new = features.dense("new")?.row(outliers[0]).to_owned() * 1.5;
    let names: Vec<String> = features.columns().map(|c| c.name.clone()).collect();
    let new = Features::from_dense(new.insert_axis(ndarray::Axis(0)), names)?;
    println!("\nsomeone half as unusual again: segment {:?}", model.predict(&new)?.ids[0]);
    Ok(())
}
