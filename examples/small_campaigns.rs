//! What is a campaign's click rate after 40 impressions? Its own share of clicks says next to nothing. What is known of its platform
//! and of its features says something; both together say most, and more every day.
//!
//! `cargo run --release --example small_campaigns`

use adflux::{
    core::{Context, random::stream},
    prelude::*,
    preprocessing::Branch,
    regression::{CountFamily, EmpiricalBayesRates, PoissonRegressor, RateBelief, prior_strength},
    simulation::{CAMPAIGN_OUTCOMES, Campaigns, DailyMetrics},
};
use rand::RngExt as _;

const FAMILY: CountFamily = CountFamily::BetaBinomial;
const LEVEL: f64 = 0.8;

fn main() -> Result<()> {
    let recipe = Campaigns::new(3_000).seed(1);
    let frame = recipe.generate(&Context::default())?.frame;
    new_campaigns(&frame)?;
    day_by_day(&frame, &recipe)
}

/// Ten campaigns that have just started, among four hundred that are over.
fn new_campaigns(frame: &Frame) -> Result<()> {
    let (over, started) = (400, 10);
    let all = frame.take(&(0..over + started).collect::<Vec<_>>());
    let platforms = all.categories("platform")?;
    let (mut clicks, mut impressions) = (all.numbers("clicks")?, all.numbers("impressions")?);
    let truth: Vec<f64> = clicks.iter().zip(&impressions).map(|(k, n)| k / n).collect();
    for (place, row) in (over..over + started).enumerate() {
        // The first impressions of a campaign, each clicked with its click rate.
        impressions[row] = (40.0 * 1.5_f64.powi(place as i32)).round();
        let mut rng = stream(3, &[row as u64]);
        clicks[row] = (0..impressions[row] as usize).filter(|_| rng.random::<f64>() < truth[row]).count() as f64;
    }
    let counts = Frame::builder()
        .texts("platform", (0..all.rows()).map(|row| platforms.get(row).unwrap_or_default()))
        .texts("campaign", (0..all.rows()).map(|row| format!("c{row}")))
        .numbers("clicks", clicks.clone())
        .build()?
        .with_role("clicks", Role::Target)?;

    let levels = Branch::new("levels", ["platform", "campaign"]).as_categories();
    let pipeline =
        Pipeline::new(ColumnTransformer::new().branch(levels), EmpiricalBayesRates::new(FAMILY).level(LEVEL));
    let fitted = pipeline.fit(counts.training()?.with_exposure(impressions.clone().into()))?;
    let prediction: Prediction = fitted.run(&counts)?;
    let rates = prediction.intervals()?;

    println!("Campaigns that have just started (click rates in %):\n");
    println!("  platform    shown  clicks   share   rate   80 % interval    in the end");
    let (mut of_share, mut of_rate) = (0.0, 0.0);
    for row in over..over + started {
        let (platform, share) = (platforms.get(row).unwrap_or_default(), clicks[row] / impressions[row]);
        let [share_pc, rate, low, high, end] =
            [share, rates.mean[row], rates.lower[row], rates.upper[row], truth[row]].map(|v| 100.0 * v);
        let (shown, clicks) = (impressions[row], clicks[row]);
        println!(
            "  {platform:<10} {shown:>6} {clicks:>7} {share_pc:>7.2} {rate:>6.2}   {low:>5.2} to {high:>5.2}  {end:>10.2}"
        );
        of_share += (share - truth[row]).abs() / started as f64;
        of_rate += (rates.mean[row] - truth[row]).abs() / started as f64;
    }
    println!("  mean error {:>22.2} {:>6.2}", 100.0 * of_share, 100.0 * of_rate);
    let strength = fitted.model.strengths()[1];
    println!("\nWhat a platform says of a campaign is worth {strength:.0} impressions of its own.");
    for platform in ["META", "a new platform"] {
        let rate = fitted.model.rate(&[platform, "a new campaign"])?;
        let (low, high) = rate.interval(LEVEL)?;
        println!(
            "A campaign on {platform} that is yet to start: {:.2} %, {:.2} to {:.2}.",
            100.0 * rate.mean(),
            100.0 * low,
            100.0 * high
        );
    }
    Ok(())
}

/// A model's prediction before launch as the prior, and what each day adds to it.
fn day_by_day(frame: &Frame, recipe: &Campaigns) -> Result<()> {
    let (learned, judged) = (1_500, 2_200);
    let part = |rows: std::ops::Range<usize>| frame.take(&rows.collect::<Vec<_>>());
    let mut past = part(0..learned);
    for outcome in CAMPAIGN_OUTCOMES {
        past = past.with_role(outcome, if *outcome == "clicks" { Role::Target } else { Role::Ignore })?;
    }
    let known = ["platform", "objective", "format", "job_category", "budget", "duration_days", "audience_size"];
    let pipeline = Pipeline::new(ColumnTransformer::auto(&past, known)?, PoissonRegressor::new(1e-4));
    let data = past.training()?.with_exposure(past.numbers("impressions")?.into());
    let model = pipeline.fit(data)?;

    // What the model's predictions are worth shows in campaigns that it did not learn from.
    let others = part(learned..judged);
    let predicted: Prediction = model.run(&others)?;
    let (clicks, impressions) = (others.numbers("clicks")?, others.numbers("impressions")?);
    let strength = prior_strength(FAMILY, &predicted.point()?.to_vec(), &clicks, &impressions)?;
    println!("\nWhat the model says of a campaign before launch is worth {strength:.0} impressions of its own.");

    let new = part(judged..frame.rows());
    let before: Prediction = model.run(&new)?;
    let days = Days::new(recipe, judged)?;
    let shown = (0..new.rows()).find(|&row| (9..=12).contains(&days.of(row).len())).unwrap_or_default();
    println!("One campaign, day by day (click rates in %, clicks by its end):\n");
    println!("  day   shown so far  clicks   share   rate   80 % interval   clicks in the end, 80 % interval");
    let line = |day: usize, row: usize| -> Result<(RateBelief, [f64; 5])> {
        let (so_far, to_come) = days.of(row).split_at(day);
        let sum = |days: &[(f64, f64)]| days.iter().fold((0.0, 0.0), |s, d| (s.0 + d.0, s.1 + d.1));
        let ((clicks, impressions), (more, booked)) = (sum(so_far), sum(to_come));
        let rate = RateBelief::new(FAMILY, before.point()?[row], strength)?.update(clicks, impressions)?;
        let total = rate.events(booked, LEVEL)?;
        Ok((rate, [impressions, clicks, clicks + total.lower, clicks + total.upper, clicks + more]))
    };
    for day in 0..=days.of(shown).len() {
        let (rate, [impressions, clicks, low, high, _]) = line(day, shown)?;
        let (from, to) = rate.interval(LEVEL)?;
        let share = if impressions > 0.0 { format!("{:.2}", 100.0 * clicks / impressions) } else { "–".to_string() };
        println!(
            "  {day:>3} {impressions:>14} {clicks:>7} {share:>7} {:>6.2}   {:>5.2} to {:>5.2}   {low:>8.0} to {high:.0}",
            100.0 * rate.mean(),
            100.0 * from,
            100.0 * to
        );
    }

    println!(
        "\nAll {} new campaigns: how often the interval of 80 % held the clicks of the end, and its width:",
        new.rows()
    );
    for day in [0, 1, 3, 7] {
        let (mut held, mut width, mut all) = (0.0, 0.0, 0.0);
        for row in (0..new.rows()).filter(|&row| days.of(row).len() > 7) {
            let (_, [_, _, low, high, end]) = line(day, row)?;
            held += f64::from(u8::from(low <= end && end <= high));
            width += (high - low) / end.max(1.0);
            all += 1.0;
        }
        println!("  after day {day}: {:.0} %, {:.0} % of the clicks wide", 100.0 * held / all, 100.0 * width / all);
    }
    Ok(())
}

/// Clicks and impressions of each day of the campaigns from some row on.
struct Days {
    days: Vec<(f64, f64)>,
    /// Where the days of a campaign begin.
    starts: Vec<usize>,
}

impl Days {
    fn new(recipe: &Campaigns, first: usize) -> Result<Self> {
        let daily = DailyMetrics::new(recipe.clone()).generate(&Context::default())?.frame;
        let campaigns = daily.categories("campaign_id")?;
        let mut starts: Vec<usize> =
            (0..daily.rows()).filter(|&row| row == 0 || campaigns.codes[row] != campaigns.codes[row - 1]).collect();
        starts.push(daily.rows());
        let days = daily.numbers("clicks")?.into_iter().zip(daily.numbers("impressions")?).collect();
        Ok(Days { days, starts: starts.split_off(first) })
    }

    fn of(&self, campaign: usize) -> &[(f64, f64)] {
        &self.days[self.starts[campaign]..self.starts[campaign + 1]]
    }
}
