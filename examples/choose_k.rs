//! How many segments? Every usual measure side by side, one recommendation, and its reason: for real résumés, and for the same résumés
//! with each column shuffled for itself, which have no segments.
//!
//! `cargo run --release --example choose_k`

use adflux::{
    clustering::{ChooseK, ChosenK},
    core::random::stream,
    prelude::*,
};
use ndarray::Array2;
use rand::seq::SliceRandom as _;

/// What a recruiter can see of a candidate; no column of the job, and none that gives gender or race away.
const COLUMNS: [&str; 6] =
    ["years_experience", "years_college", "honors", "volunteer", "computer_skills", "employment_holes"];

fn main() -> Result<()> {
    let people = Frame::read_csv(concat!(env!("CARGO_MANIFEST_DIR"), "/data/resume.csv"))?;
    let preprocessor = ColumnTransformer::auto(&people, COLUMNS)?.fit(Training::new(people.clone()))?;
    let features = preprocessor.transform(people)?;

    // A sample is enough to see, and the time of silhouettes grows with its square.
    let recipe = ChooseK::new(10).sample_size(2_000).seed(42);
    println!("The résumés\n");
    tell(&recipe.choose(&features)?);
    println!("\nThe same, each column shuffled for itself\n");
    tell(&recipe.choose(&shuffled(&features)?)?);
    Ok(())
}

fn tell(chosen: &ChosenK) {
    println!(
        "{:>3} {:>9} {:>11} {:>15} {:>7} {:>7} {:>10}  votes",
        "k", "inertia", "silhouette", "gap", "C–H", "D–B", "stability"
    );
    for c in &chosen.candidates {
        let or_dash = |value: Option<f64>, decimals: usize| value.map_or("–".into(), |v| format!("{v:.decimals$}"));
        println!(
            "{:>3} {:>9.0} {:>11} {:>7.3} ± {:.3} {:>7} {:>7} {:>10}  {}",
            c.n_clusters,
            c.inertia,
            or_dash(c.silhouette, 3),
            c.gap.gap,
            c.gap.error,
            or_dash(c.calinski_harabasz, 0),
            or_dash(c.davies_bouldin, 3),
            or_dash(c.stability.map(|s| s.mean), 2),
            chosen.votes.count(c.n_clusters),
        );
    }
    println!("\n{}.", chosen.reason);
}

/// Every column as it was, and nothing left of what columns have to do with each other.
fn shuffled(features: &Features) -> Result<Features> {
    let mut x: Array2<f64> = features.dense("choose-k")?.clone();
    for (place, mut column) in x.columns_mut().into_iter().enumerate() {
        let mut values = column.to_vec();
        values.shuffle(&mut stream(42, &[place as u64]));
        column.assign(&ndarray::Array1::from(values));
    }
    Features::from_dense(x, features.columns().map(|column| column.name.clone()))
}
