//! Forecasts as a table.

use adflux_core::{Forecast, Frequency, Result};
use adflux_data::Frame;

/// A forecast as a long table: `id`, `time`, `mean`, and of each level `lower` and `upper`, with the level behind them where there are several:
/// `lower_80`. Times are dates as ISO 8601 writes them, or numbers.
///
/// # Errors
/// When the table cannot be built.
pub fn forecast_table(forecast: &Forecast) -> Result<Frame> {
    let rows = || forecast.series.iter().flat_map(|series| (0..series.times.len()).map(move |step| (series, step)));
    let mut table = Frame::builder().texts("id", rows().map(|(series, _)| series.id.clone()));
    let times: Vec<i64> = rows().map(|(series, step)| series.times[step]).collect();
    table = match forecast.frequency {
        Frequency::Steps => table.integers("time", times),
        frequency => table.texts("time", times.into_iter().map(|time| frequency.text(time))),
    };
    table = table.numbers("mean", rows().map(|(series, step)| series.mean[step]).collect());
    for (place, level) in forecast.levels.iter().enumerate() {
        let behind =
            if forecast.levels.len() > 1 { format!("_{}", (level * 1e10).round() / 1e8) } else { String::new() };
        let lower = rows().map(|(series, step)| series.lower[[step, place]]).collect();
        let upper = rows().map(|(series, step)| series.upper[[step, place]]).collect();
        table = table.numbers(&format!("lower{behind}"), lower).numbers(&format!("upper{behind}"), upper);
    }
    table.build()
}
