//! A table that does not fit in memory: written, read and scored in chunks.
//!
//! `cargo run --release --example larger_than_memory [ROWS]`, 200,000 rows by default.

use adflux::{
    core::Context,
    data::TableWriter,
    prelude::*,
    simulation::{CAMPAIGN_INPUTS, Campaigns},
};
use std::time::Instant;

/// How many rows are in memory at once.
const CHUNK: usize = 50_000;

fn main() -> Result<()> {
    let rows = std::env::args().nth(1).and_then(|rows| rows.parse().ok()).unwrap_or(200_000);
    let (data, scores) = (place("data.csv"), place("scores.csv"));

    // A small model: clicks from budget, duration and platform.
    let past = Campaigns::new(2_000).seed(1).generate(&Context::default())?.frame.with_role("clicks", Role::Target)?;
    let preprocessor = ColumnTransformer::new()
        .branch(Branch::new("numbers", ["budget", "duration_days"]).as_numbers())
        .branch(Branch::new("platform", ["platform"]).as_categories().step(OneHotEncoder::default()));
    let fitted =
        Pipeline::new(preprocessor, RandomForestRegressor::new(10).min_samples_leaf(5)).fit(past.training()?)?;

    // Your own table comes from elsewhere; this one is simulated piece by piece.
    let mut writer = TableWriter::create(&data)?;
    while writer.rows() < rows {
        let seed = writer.rows() as u64;
        let some = Campaigns::new(CHUNK.min(rows - writer.rows())).seed(seed).generate(&Context::default())?.frame;
        writer.write(&some.select(CAMPAIGN_INPUTS)?)?;
    }
    writer.finish()?;

    // One chunk after another is read, predicted, written and forgotten.
    let start = Instant::now();
    let mut writer = TableWriter::create(&scores)?;
    for done in fitted.run_chunks(Frame::chunks(&data, CHUNK, &fitted.schema)?) {
        let (_, prediction) = done?;
        writer.write(&Frame::builder().numbers("clicks", prediction.point()?.to_vec()).build()?)?;
    }
    let scored = writer.rows();
    writer.finish()?;

    let seconds = start.elapsed().as_secs_f64();
    println!("{scored} rows in {seconds:.1} s: {:.0} rows a second", scored as f64 / seconds);
    println!("table {} MiB, peak memory {} MiB", size(&data)? >> 20, peak_memory().unwrap_or_default());
    for file in [data, scores] {
        std::fs::remove_file(&file).map_err(|e| Error::io(&file, e))?;
    }
    Ok(())
}

fn place(name: &str) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("adflux-{}-{name}", std::process::id()))
}

fn size(path: &std::path::Path) -> Result<u64> {
    std::fs::metadata(path).map(|m| m.len()).map_err(|e| Error::io(path, e))
}

/// The most memory that this process had, in MiB, where Linux says so.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kib| kib >> 10)
}
