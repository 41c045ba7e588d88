//! What will the campaigns bring in the coming two weeks? Clicks by platform, with intervals that stay above 0, for each day and for the
//! whole flight; kept in one file and brought up to date.
//!
//! `cargo run --release --features timeseries --example forecast_campaign`

use adflux::{
    core::{
        AnyForecasterRecipe, Context, Result, Rows as _,
        panel::{Duplicates, Gaps},
    },
    evaluation::quantiles::quantiles,
    pipeline::{FittedForecasting, Forecasting, PanelColumns},
    registry,
    simulation::{Campaigns, DailyMetrics},
    timeseries::{AutoArima, Backtest, Bounded, SeasonalNaive},
};

const DAYS: usize = 14;

fn main() -> Result<()> {
    // One row for each campaign and day. Yours come from `Frame::read`.
    let context = Context::default();
    let all = DailyMetrics::new(Campaigns::new(4_000).seed(3)).generate(&context)?.frame;
    // What was known on a day in June.
    let dates = all.texts("date")?;
    let last_known = "2024-06-16";
    let known: Vec<usize> = (0..all.rows()).filter(|row| dates[*row].as_str() <= last_known).collect();
    let known = all.take(&known);

    // The campaigns of a platform add up; a day without campaigns is a day without clicks.
    let columns = PanelColumns::new(["platform"], "date", "clicks").duplicates(Duplicates::Sum).gaps(Gaps::Zero);
    let (panel, _) = columns.panel(&known)?;
    let season = panel.frequency().season();
    println!("{} platforms, {} days up to {last_known}", panel.len(), panel.series()[0].values().len());

    // Is the model worth it? Judged on the past first.
    let clicks = Bounded::above(0.0, AutoArima::new(season));
    let backtest = Backtest::new(DAYS).windows(4).season_length(season);
    let ours = backtest.run(&clicks, &panel, &context)?;
    let naive = backtest.run(&SeasonalNaive::new(season), &panel, &context)?;
    println!(
        "In the past {:.0} % of the naive error is gone, and {:.0} % of days are in their 80 % interval\n",
        100.0 * ours.value_added_over(&naive)?,
        100.0 * ours.overall().coverage[0]
    );

    let fitted = Forecasting::new(columns.clone(), AnyForecasterRecipe::new(clicks)).fit_with(&known, &context)?;
    let forecast = fitted.forecast(DAYS, &[0.8], None)?;
    let of = &forecast.series[0];
    println!("Clicks of {} day by day:", of.id);
    for day in 0..7 {
        let date = forecast.frequency.text(of.times[day]);
        println!("  {date}  {:>7.0}  ({:.0} to {:.0})", of.mean[day], of.lower[[day, 0]], of.upper[[day, 0]]);
    }

    // The whole flight: days go up and down together, so its interval comes from paths, not from adding up those of the days.
    let (truth, _) = columns.panel(&all)?;
    println!("\nClicks of the next {DAYS} days, and what came:");
    for paths in fitted.paths(DAYS, 2_000, 42, None)?.series {
        let ends = quantiles(&mut paths.sums().to_vec(), &[0.1, 0.9]);
        let known = panel.get(&paths.id)?.values().len();
        let came: f64 = truth.get(&paths.id)?.values()[known..known + DAYS].iter().sum();
        let mean = paths.sums().mean().unwrap_or(f64::NAN);
        println!("  {:<10} {mean:>9.0}  ({:.0} to {:.0})   {came:>8.0}", paths.id, ends[0], ends[1]);
    }

    // One file to deploy; two weeks later it takes in what came, without learning anew.
    let folder = std::env::temp_dir().join(format!("adflux-forecast-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|e| adflux::core::Error::io(&folder, e))?;
    let path = folder.join("clicks.adflux");
    fitted.save(&path)?;
    let later = FittedForecasting::load(&path, &registry()?)?.updated(&all)?;
    let next = later.forecast(1, &[], None)?;
    println!("\nKept, loaded and brought up to date: the next day is {}", next.frequency.text(next.series[0].times[0]));
    std::fs::remove_dir_all(&folder).map_err(|e| adflux::core::Error::io(&folder, e))
}
