//! A click model that learns from a stream of impressions, day by day, in memory that does not grow: every prediction is judged before
//! its row is learned from, a market that changes is followed, and a model that was saved goes on to the same bits.
//!
//! `cargo run --release --example online_ctr`

use adflux::{
    core::{Context, random::stream},
    postprocessing::Identity,
    prelude::*,
    preprocessing::{FittedColumnTransformer, HashingEncoder},
    regression::{FittedFtrlClassifier, FtrlClassifier},
    simulation::{Campaigns, SimulatedCampaigns},
};
use rand::RngExt as _;
use std::time::Instant;

const DAYS: u64 = 28;
/// From this day on TikTok's ads are clicked half as often, and Snapchat's three times as often.
const CHANGE: u64 = 14;
const IMPRESSIONS: usize = 50_000;
const BITS: u32 = 16;
const CATEGORIES: [&str; 7] =
    ["campaign_id", "platform", "objective", "format", "job_category", "job_level", "location"];

type Fitted = FittedPipeline<FittedColumnTransformer, FittedFtrlClassifier, Identity>;

fn main() -> Result<()> {
    let context = Context::default();
    let market = Campaigns::new(800).missing_share(0.0).seed(1).generate(&context)?;
    let hashed = Branch::new("hashed", CATEGORIES).step(HashingEncoder::default().n_features(1 << BITS));
    let recipe = FtrlClassifier::new(0.1).l2(0.1);
    let (first, best) = day(&market, 0)?;
    let mut fitted: Fitted =
        Pipeline::new(ColumnTransformer::new().branch(hashed), recipe).fit_with(first.training()?, &context)?;

    println!("{IMPRESSIONS} impressions a day, {} categories of each hashed into 2^{BITS} columns.", CATEGORIES.len());
    println!(
        "Each row was predicted before it was learned from; the best is what a model that knew all rates would have.\n"
    );
    println!("  day   clicks   log loss   at best   behind   AUC");
    report(0, fitted.model.progressive(), best);
    let mut seconds = 0.0;
    for number in 1..DAYS {
        if number == CHANGE {
            println!("  – from here on: half the clicks on TikTok, three times as many on Snapchat –");
        }
        let (frame, best) = day(&market, number)?;
        let chunk = chunk(&fitted, &frame)?;
        if number == DAYS - 1 {
            resumed(&fitted, chunk.clone(), &context)?;
        }
        let start = Instant::now();
        let of_day = fitted.model.update(chunk, &context)?;
        seconds += start.elapsed().as_secs_f64();
        if number % 3 == 0 || number.abs_diff(CHANGE) <= 2 || number == DAYS - 1 {
            report(number, &of_day, best);
        }
    }
    let all = fitted.model.progressive();
    let (loss, auc) = (all.log_loss().unwrap_or(f64::NAN), all.roc_auc().unwrap_or(f64::NAN));
    println!("\nAll {} impressions: log loss {loss:.4}, AUC {auc:.3}.", all.rows());
    let rows = (DAYS - 1) as f64 * IMPRESSIONS as f64;
    println!("Learned from {:.2} million rows a second, hashing not counted.", rows / seconds / 1e6);
    Ok(())
}

fn report(day: u64, of_day: &adflux::regression::ProgressiveValidation, best: f64) {
    let (loss, auc) = (of_day.log_loss().unwrap_or(f64::NAN), of_day.roc_auc().unwrap_or(f64::NAN));
    let clicks = 100.0 * of_day.positive_share().unwrap_or(f64::NAN);
    println!("  {day:>3} {clicks:>7.2}% {loss:>10.4} {best:>9.4} {:>8.4}   {auc:.3}", loss - best);
}

/// The features and the target of a day.
fn chunk(fitted: &Fitted, frame: &Frame) -> Result<Training<Features>> {
    let (frame, rest) = frame.training()?.split();
    Ok(rest.replace(fitted.preprocessor.transform(frame)?))
}

/// The last day learned by the model itself, and by one that was saved and loaded.
fn resumed(fitted: &Fitted, chunk: Training<Features>, context: &Context) -> Result<()> {
    let path = std::env::temp_dir().join(format!("online_ctr-{}.adflux", std::process::id()));
    fitted.save(&path)?;
    let bytes = std::fs::metadata(&path).map_err(|e| Error::io(&path, e))?.len();
    let loaded = AnyFittedPipeline::load(&path, &adflux::registry()?)?;
    std::fs::remove_file(&path).map_err(|e| Error::io(&path, e))?;
    let other = loaded.model.downcast_ref::<FittedFtrlClassifier>();
    let mut loaded = other.cloned().ok_or_else(|| Error::data("the file holds another model"))?;
    let mut here = fitted.model.clone();
    here.update(chunk.clone(), context)?;
    loaded.update(chunk, context)?;
    let bits = |model: &FittedFtrlClassifier| model.coefficients().mapv(f64::to_bits);
    let same = if bits(&here) == bits(&loaded) { "the same bits" } else { "OTHER BITS" };
    println!("  – saved ({:.1} MB), loaded, and gone on: {same} –", bytes as f64 / 1e6);
    Ok(())
}

/// The impressions of a day, and the log loss of a model that knew every rate.
fn day(market: &SimulatedCampaigns, number: u64) -> Result<(Frame, f64)> {
    let mut rng = stream(7, &[number]);
    let platforms = market.frame.categories("platform")?;
    let rate = |campaign: usize| {
        let factor = match platforms.get(campaign) {
            Some("TIKTOK") if number >= CHANGE => 0.5,
            Some("SNAPCHAT") if number >= CHANGE => 3.0,
            _ => 1.0,
        };
        (factor * market.truth.ctr[campaign]).min(0.5)
    };
    let (mut campaigns, mut clicked, mut best) = (Vec::new(), Vec::new(), 0.0);
    for _ in 0..IMPRESSIONS {
        let campaign = rng.random_range(0..market.frame.rows());
        let (rate, draw): (f64, f64) = (rate(campaign), rng.random());
        clicked.push(if draw < rate { "yes" } else { "no" });
        best -= if draw < rate { rate.ln() } else { (-rate).ln_1p() } / IMPRESSIONS as f64;
        campaigns.push(campaign);
    }
    let mut builder = Frame::builder();
    for name in CATEGORIES {
        let column = market.frame.categories(name)?;
        builder = builder.texts(name, campaigns.iter().map(|&campaign| column.get(campaign).unwrap_or_default()));
    }
    let frame = builder.texts("clicked", &clicked).build()?.with_role("clicked", Role::Target)?;
    Ok((frame, best))
}
