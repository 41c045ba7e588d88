//! A campaign at two levels: few segments for the budget, more within each for the messages. Real résumés, described in words, and
//! new rows put into both levels.
//!
//! `cargo run --release --example segment_levels`

use adflux::prelude::*;

/// What a recruiter can see of a candidate; no column of the job, and none that gives gender or race away.
const COLUMNS: [&str; 6] =
    ["years_experience", "years_college", "honors", "volunteer", "computer_skills", "employment_holes"];

fn main() -> Result<()> {
    let frame = Frame::read_csv(concat!(env!("CARGO_MANIFEST_DIR"), "/data/resume.csv"))?;
    // The last hundred stay out: they are the new candidates.
    let rows = frame.rows() - 100;
    let known = frame.take(&(0..rows).collect::<Vec<_>>());
    let new = frame.take(&(rows..frame.rows()).collect::<Vec<_>>());

    // One tree by Ward's linkage, cut twice: each of the eight segments lies in one of the three.
    let recipe = Agglomerative::default().levels([3, 8]);
    let fitted = Pipeline::new(ColumnTransformer::auto(&known, COLUMNS)?, recipe).fit(Training::new(known.clone()))?;
    let [coarse, fine] = fitted.model.levels() else { return Err(Error::data("two levels were asked for")) };

    // The rows' own places in the tree, described level by level.
    let of_level = |level: usize| -> Result<_> {
        let segments = fitted.model.labels(level)?;
        describe_segments(&known, &COLUMNS, &segments, Some("received_callback"), Language::En)
    };
    let finer = of_level(1)?;
    for segment in of_level(0)? {
        println!("{} · {} people ({:.0} %)", segment.name, segment.size, 100.0 * segment.share);
        let inside = finer.iter().filter(|f| f.id.map(|id| fine.parents()[id as usize]) == segment.id);
        for finer in inside {
            println!("    {} · {} people", finer.name, finer.size);
            if let Some(rule) = &finer.rule {
                println!("        {} (precision {:.2}, recall {:.2})", rule.text, rule.precision, rule.recall);
            }
            if let Some(callback) = &finer.outcome {
                println!("        callback rate {:.1} %", 100.0 * callback.mean);
            }
        }
    }

    // How much farther apart what the last merges joined was: a large step is a natural level.
    let heights: Vec<String> =
        fitted.model.top().merges().iter().rev().map(|merge| format!("{:.0}", merge.height)).collect();
    println!("\nheights of the last merges, from 2 segments to 8: {}", heights.join(", "));
    println!("inertia at the levels: {:.0}, {:.0}", coarse.inertia(), fine.inertia());

    // New candidates: the nearest centre of the finest level, and what that segment lies in.
    let levels = fitted.run(&new)?;
    let (three, eight) = (levels.named("segment_3")?.segments()?, levels.named("segment_8")?.segments()?);
    let nested = three.ids.iter().zip(&eight.ids).all(|(a, b)| b.map(|b| fine.parents()[b as usize]) == *a);
    println!("\nthe first new candidate: segment {:?} of 3, {:?} of 8", three.ids[0], eight.ids[0]);
    println!("all {} new candidates lie in nested segments: {nested}", new.rows());
    Ok(())
}
