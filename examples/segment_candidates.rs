//! Who are the candidates? Segments of real résumés, described as a recruiter would.
//!
//! `cargo run --release --example segment_candidates`

use adflux::{pipeline::find_proxies, prelude::*};

fn main() -> Result<()> {
    // What must not be learned from gets a role; the rest are features.
    let mut frame = Frame::read_csv(concat!(env!("CARGO_MANIFEST_DIR"), "/data/resume.csv"))?;
    let of_the_job: Vec<String> = frame.names().filter(|n| n.starts_with("job_")).map(str::to_string).collect();
    for column in of_the_job.iter().map(String::as_str).chain(["received_callback"]) {
        frame = frame.with_role(column, Role::Ignore)?;
    }
    for column in ["gender", "race"] {
        frame = frame.with_role(column, Role::Sensitive)?;
    }
    // A column that gives a sensitive one away has to go with it.
    for proxy in find_proxies(&frame, &frame.names_with(Role::Feature), &["gender", "race"], 0.5)? {
        println!(
            "{} gives {} away (right for {:.0} %): left out",
            proxy.column,
            proxy.sensitive,
            100.0 * proxy.guessed
        );
        frame = frame.with_role(&proxy.column, Role::Ignore)?;
    }
    let columns: Vec<String> = frame.names_with(Role::Feature).into_iter().map(str::to_string).collect();

    // Impute, scale and one-hot encode; choose k; segment.
    let pipeline = Pipeline::new(ColumnTransformer::auto(&frame, &columns)?, AutoKMeans::new(2, 8).seed(42));
    let fitted = pipeline.fit(Training::new(frame.clone()))?;
    for quality in &fitted.model.choice().table {
        println!(
            "k = {:<2}  inertia {:>8.0}  silhouette {:.3}",
            quality.n_clusters, quality.inertia, quality.silhouette
        );
    }
    println!("{}\n", fitted.model.choice().reason);

    let segments = fitted.run(&frame)?.segments()?.ids.clone();
    for segment in describe_segments(&frame, &columns, &segments, Some("received_callback"), Language::En)? {
        println!("{}: {} people ({:.0} %)", segment.name, segment.size, 100.0 * segment.share);
        for feature in segment.features.iter().take(3) {
            println!("    {}", feature.text(Language::En));
        }
        if let Some(rule) = segment.rule {
            println!("    {} (precision {:.2}, recall {:.2})", rule.text, rule.precision, rule.recall);
        }
        if let Some(callback) = segment.outcome {
            println!("    callback rate {:.1} % (everyone: {:.1} %)", 100.0 * callback.mean, 100.0 * callback.overall);
        }
    }

    // A new candidate, through the same fitted pipeline: columns are found by name.
    let candidate = frame.take(&[17]);
    println!("\nrow 18 belongs to segment {:?}", fitted.run(&candidate)?.segments()?.ids[0]);
    Ok(())
}
