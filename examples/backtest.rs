//! Which forecaster suits? Daily clicks by platform, forecast two weeks ahead from several past days, and compared with what came.
//!
//! `cargo run --release --features timeseries --example backtest`

use adflux::{
    core::{
        Context, Error, Fit, Forecaster, Panel, Result,
        calendar::parse,
        panel::{Duplicates, Gaps},
    },
    simulation::{Campaigns, DailyMetrics},
    timeseries::{AutoEts, AutoTheta, Backtest, Drift, SeasonalNaive, WindowAverage},
};

fn main() -> Result<()> {
    // One row for each campaign and day. Yours come from `Frame::read_csv`.
    let context = Context::default();
    let days = DailyMetrics::new(Campaigns::new(4_000).seed(3)).generate(&context)?.frame;
    let (platforms, dates) = (days.texts("platform")?, days.texts("date")?);
    let time = |date: &String| match parse(date) {
        Some(days) => Ok((days * 86_400.0) as i64),
        None => Err(Error::column("date", format!("`{date}` is not a date"))),
    };
    let times = dates.iter().map(time).collect::<Result<Vec<i64>>>()?;

    // The campaigns of a platform add up; a day without campaigns is a day without clicks.
    let (panel, report) = Panel::builder()
        .ids(platforms.iter().cloned())
        .times(times)
        .values(days.numbers("clicks")?)
        .duplicates(Duplicates::Sum)
        .gaps(Gaps::Zero)
        .build()?;
    println!("{} series of {} days, {} left out", panel.len(), report.series[0].steps, report.left_out.len());

    let season = panel.frequency().season();
    let backtest = Backtest::new(14).windows(6).season_length(season).levels([0.8]);
    let naive = backtest.run(&SeasonalNaive::new(season), &panel, &context)?;
    println!("\n{:<16} {:>8} {:>8} {:>12} {:>12}", "", "MAE", "MASE", "in 80 %", "value added");
    let show = |name: &str, report: &adflux::timeseries::BacktestReport| -> Result<()> {
        let score = report.overall();
        let added = 100.0 * report.value_added_over(&naive)?;
        let (mase, within) = (score.mase.unwrap_or(f64::NAN), 100.0 * score.coverage[0]);
        println!("{name:<16} {:>8.0} {mase:>8.2} {within:>10.0} % {added:>10.0} %", score.mae);
        Ok(())
    };
    show("seasonal naive", &naive)?;
    show("drift", &backtest.run(&Drift::default(), &panel, &context)?)?;
    show("window average", &backtest.run(&WindowAverage::new(28), &panel, &context)?)?;
    show("theta", &backtest.run(&AutoTheta::new(season), &panel, &context)?)?;
    let ets = AutoEts::new(season);
    show("ETS", &backtest.run(&ets, &panel, &context)?)?;

    let id = panel.series()[0].id().to_string();
    let fitted = ets.fit(panel)?;
    let forecast = fitted.forecast(7, &[0.8], None)?;
    let of = forecast.get(&id)?;
    if let Some(summary) = fitted.summary(&id) {
        println!("\nClicks of {id} in the coming week, {}:", summary.form);
    }
    for step in 0..of.mean.len() {
        let day = forecast.frequency.text(of.times[step]);
        println!(
            "  {day}  {:>7.0}   80 %: {:>7.0} to {:>7.0}",
            of.mean[step],
            of.lower[[step, 0]],
            of.upper[[step, 0]]
        );
    }
    Ok(())
}
