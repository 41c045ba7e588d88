//! `adflux simulate`: synthetic data with the columns that the other commands read.

use adflux::{
    core::{Context, Result, Rows as _},
    data::TableFormat,
    simulation::{Campaigns, Candidates, DailyMetrics, Jobs},
};
use clap::ValueEnum;
use std::path::PathBuf;

/// Make synthetic candidates, job openings, campaigns or daily metrics.
///
/// Example: adflux simulate campaigns --rows 5000 --seed 7 -o campaigns.csv
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What to make.
    #[arg(value_enum)]
    what: What,
    /// How many rows.
    #[arg(long, default_value_t = 1000)]
    rows: usize,
    /// The same seed gives the same rows.
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// The file to write: .csv, .tsv, .txt, .ndjson, .jsonl or .parquet; `-` is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    Candidates,
    Jobs,
    Campaigns,
    DailyMetrics,
}

/// Runs the command.
pub fn run(arguments: &Arguments, context: &Context) -> Result<()> {
    let (rows, seed) = (arguments.rows, arguments.seed);
    // An ending that cannot be written is refused before the work.
    TableFormat::of(&arguments.output)?;
    let frame = match arguments.what {
        What::Candidates => Candidates::new(rows).seed(seed).generate(context)?.frame,
        What::Jobs => Jobs::new(rows).seed(seed).generate(context)?.frame,
        What::Campaigns => Campaigns::new(rows).seed(seed).generate(context)?.frame,
        What::DailyMetrics => {
            // A campaign has a day at least.
            let days = DailyMetrics::new(Campaigns::new(rows).seed(seed)).seed(seed).generate(context)?.frame;
            days.take(&(0..rows.min(days.rows())).collect::<Vec<_>>())
        }
    };
    frame.write(&arguments.output)
}
