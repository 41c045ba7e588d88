//! Serves the campaign pipeline of the demo: requests as JSON lines in, estimates out, and checks itself against the
//! predictions that the demo wrote for the same campaigns.
//!
//! ```text
//! adflux demo --out demo
//! adflux simulate campaigns --rows 8000 --seed 42 --output campaigns.ndjson
//! consumer-service demo/campaign.adflux campaigns.ndjson demo/campaign_predictions.csv
//! ```

use adflux::{
    core::{Error, Prediction, Result},
    data::Frame,
    pipeline::AnyFittedPipeline,
};
use clap::Parser;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, path::PathBuf};

#[derive(Parser)]
struct Arguments {
    /// The saved pipeline.
    model: PathBuf,
    /// Campaigns, one JSON object a line.
    requests: PathBuf,
    /// What the demo predicted.
    expected: PathBuf,
}

/// A campaign before its launch, with the names of the columns that the pipeline was trained on.
#[derive(Deserialize, Serialize)]
struct Campaign {
    campaign_id: String,
    platform: String,
    objective: String,
    format: String,
    job_category: String,
    job_level: String,
    location: String,
    call_to_action: String,
    title: String,
    description: Option<String>,
    budget: f64,
    duration_days: u32,
    audience_size: Option<f64>,
}

/// What the demo wrote for a campaign that it had held back.
#[derive(Deserialize)]
struct Expected {
    campaign_id: String,
    #[serde(flatten)]
    quantities: HashMap<String, serde_json::Value>,
}

fn main() -> Result<()> {
    let Arguments { model, requests, expected } = Arguments::parse();
    let pipeline = AnyFittedPipeline::load(model, &adflux::registry()?)?;
    let requests = std::fs::read_to_string(&requests).map_err(|e| Error::io(requests, e))?;
    let requests: HashMap<String, Campaign> = requests
        .lines()
        .map(|line| serde_json::from_str::<Campaign>(line).map(|c| (c.campaign_id.clone(), c)))
        .collect::<std::result::Result<_, _>>()
        .map_err(Error::backend)?;
    let expected: Vec<Expected> = Frame::read(expected)?.to_rows()?;
    for (place, expected) in expected.iter().enumerate() {
        let id = &expected.campaign_id;
        let campaign =
            requests.get(id).ok_or_else(|| Error::data(format!("campaign {id} is not among the requests")))?;
        let estimate = pipeline.run_rows(std::slice::from_ref(campaign))?;
        let json = serde_json::to_string(campaign).map_err(Error::backend)?;
        assert_eq!(pipeline.run_json::<_, Prediction>(&json)?, estimate, "campaign {id}: structs and JSON differ");
        if place < 3 {
            let clicks = estimate.named("clicks")?.intervals()?;
            println!("{id}: {:.0} clicks, {:.0} to {:.0}", clicks.mean[0], clicks.lower[0], clicks.upper[0]);
        }
        compare(expected, &estimate)?;
    }
    println!("{} campaigns: from structs and from JSON to the bit what the demo predicted", expected.len());
    Ok(())
}

/// The same numbers, to the last bit.
fn compare(expected: &Expected, estimate: &Prediction) -> Result<()> {
    for name in ["impressions", "clicks", "applications", "spend", "ctr", "cpc", "conversion_rate", "cpa"] {
        let intervals = estimate.named(name)?.intervals()?;
        for (column, value) in [("", &intervals.mean), ("_lower", &intervals.lower), ("_upper", &intervals.upper)] {
            let column = format!("{name}{column}");
            let written = expected.quantities.get(&column).and_then(serde_json::Value::as_f64);
            // A cost for nothing has no number: the demo leaves the field empty.
            let here = value.iter().copied().next().filter(|v| v.is_finite());
            assert_eq!(here, written, "campaign {}, {column}", expected.campaign_id);
        }
    }
    Ok(())
}
