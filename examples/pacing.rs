//! Will the budget last? Daily spend of running campaigns, carried on to the end of their flights.
//!
//! `cargo run --release --features timeseries --example pacing`

use adflux::{
    core::{Context, Fit, Forecaster, Panel, Result},
    pipeline::PanelColumns,
    simulation::{Campaigns, DailyMetrics},
    timeseries::{AutoEts, Bounded, Pacing},
};

/// Days of a flight that are over.
const OVER: usize = 20;

fn main() -> Result<()> {
    let context = Context::default();
    let days = DailyMetrics::new(Campaigns::new(400).seed(11)).generate(&context)?.frame;
    let (all, _) = PanelColumns::new(["campaign_id"], "date", "spend").panel(&days)?;
    // Flights of at least five weeks, of which twenty days are over.
    let flights = all.map(|series| (series.values().len() >= 35).then(|| series.clone()))?;
    let running: Panel = flights.map(|series| Some(series.head(OVER)))?;
    println!("{} campaigns, day {OVER} of their flights\n", running.len());

    // A trend of twenty days is not to be carried on for weeks: it is damped.
    let fitted = Bounded::above(0.0, AutoEts::new(7).damped(true)).fit(running.clone())?;
    // One draw for all: to the end of the longest flight.
    let longest = flights.series().iter().map(|series| series.values().len()).max().unwrap_or(OVER);
    let drawn = fitted.paths(longest - OVER, 1_000, 42, None)?;
    let mut within = 0;
    for (shown, series) in running.series().iter().enumerate() {
        let flight = flights.get(series.id())?.values();
        let spent: f64 = series.values().iter().filter(|v| !v.is_nan()).sum();
        // The budget that a planner would have set: the mean daily spend of the first week, over the whole flight.
        let budget = series.values()[..7].iter().sum::<f64>() / 7.0 * flight.len() as f64;
        let rest = drawn.get(series.id())?.head(flight.len() - OVER);
        let pacing = Pacing::of(&rest, spent, budget, 0.8)?;
        let came = flight.iter().filter(|v| !v.is_nan()).sum::<f64>() / budget;
        within += usize::from((pacing.lower..=pacing.upper).contains(&came));
        if shown < 8 {
            println!("{}: {:.0} of {budget:.0} spent;", series.id(), spent);
            println!("   {pacing}");
            if let Some(time) = pacing.runs_out_at {
                println!("   the budget is gone about {}", running.frequency().text(time));
            }
            println!("   (it came to be {:.0} %)", 100.0 * came);
        }
    }
    let share = 100.0 * within as f64 / running.len().max(1) as f64;
    println!("\nOf {} flights, {share:.0} % ended within their 80 % interval.", running.len());
    Ok(())
}
