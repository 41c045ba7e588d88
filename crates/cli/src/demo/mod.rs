//! `adflux demo`: the main job, twice: who are the candidates, and what will a campaign bring.

mod campaigns;
mod segmentation;

use crate::segment::Lang;
use adflux::{
    core::{Context, Error, Result, replace::replace_file},
    postprocessing::Language,
};
use serde::Serialize;
use std::{io::Write as _, path::PathBuf, time::Instant};

/// Segment real candidates and predict campaigns, and say in words what was found.
///
/// Example: adflux demo --out results --lang es
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The folder for the results; made when it is not there.
    #[arg(long, value_name = "DIR", default_value = "adflux-demo")]
    out: PathBuf,
    /// A CSV of your campaigns, with the columns that `adflux simulate campaigns` writes, instead of simulated ones.
    #[arg(long, value_name = "FILE")]
    campaigns: Option<PathBuf>,
    /// The language of the report.
    #[arg(long, value_enum, default_value_t = Lang::En)]
    lang: Lang,
}

/// A figure beside that of its baseline.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Beside {
    value: f64,
    baseline: f64,
}

#[derive(Serialize)]
struct Metrics {
    adflux: &'static str,
    seconds: f64,
    segmentation: segmentation::Metrics,
    campaigns: campaigns::Metrics,
}

/// Runs the command.
pub fn run(arguments: &Arguments, context: &Context) -> Result<()> {
    let start = Instant::now();
    let language = Language::from(arguments.lang);
    let out = &arguments.out;
    std::fs::create_dir_all(out).map_err(|e| Error::io(out, e))?;

    // Read first: a file that cannot be used should not be found out minutes later.
    let campaigns = campaigns::Source::read(arguments.campaigns.as_deref(), language, context)?;
    let segmentation = segmentation::run(out, language, context)?;
    println!();
    let campaigns = campaigns::run(out, campaigns, language, context)?;

    let seconds = start.elapsed().as_secs_f64();
    let metrics = Metrics { adflux: env!("CARGO_PKG_VERSION"), seconds, segmentation, campaigns };
    let json = serde_json::to_vec_pretty(&metrics).map_err(Error::backend)?;
    replace_file(out.join("metrics.json"), |file| file.write_all(&json))?;
    let done = language.pick("Written to", "Escrito en");
    println!(
        "\n{done} {}: segments.csv, campaign_predictions.csv,\n  segmentation.adflux, campaign.adflux, metrics.json   ({seconds:.1} s)",
        out.display()
    );
    Ok(())
}
