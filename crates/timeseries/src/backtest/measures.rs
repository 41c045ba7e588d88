//! A backtest by any measure of numbers that has a name.

use super::{BacktestReport, BacktestWindow};
use adflux_core::{Error, Intervals, Prediction, Result, Target};
use adflux_evaluation::{measures::Measures, scores::Scores};
use ndarray::Array1;

impl BacktestReport {
    /// Measures of all forecast values that are known, whatever their series and window, each counting the same: large series count more in
    /// `rmse` and `mae` than small ones, which `wape`, `mape` and `mase` put in proportion.
    ///
    /// Names are those of [`Measures`] for numbers with intervals (`mae`, `rmse`, `mape`, `wape`, `r2`, `interval_score` of the first level, …), and `mase`, the
    /// mean of the windows that have one. What the values do not define, such as `mape` where one is 0, is NaN. Without names: the usual ones.
    ///
    /// ```
    /// use adflux_core::{Context, Panel};
    /// use adflux_evaluation::measures::Measures;
    /// use adflux_timeseries::{Backtest, Naive};
    /// let panel = Panel::from_values([("clicks", (1..40).map(f64::from).collect()), ("spend", vec![8.0; 39])])?;
    /// let report = Backtest::new(2).run(&Naive::default(), &panel, &Context::default())?;
    /// let names = Measures::new(["mae", "wape"]);
    /// assert_eq!(report.measures(&names)?.get("mae"), Some(0.75), "1 and 2 on a line, 0 on a level");
    /// assert_eq!(report.series_measures("spend", &names)?.get("wape"), Some(0.0));
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// When no measure has a name, or no value is known.
    pub fn measures(&self, wanted: &Measures) -> Result<Scores> {
        self.measured(wanted, |_| true)
    }

    /// The same of the values of one series.
    ///
    /// # Errors
    /// As [`measures`](Self::measures).
    pub fn series_measures(&self, id: &str, wanted: &Measures) -> Result<Scores> {
        self.measured(wanted, |window| window.forecast.id == id).map_err(|e| e.in_part(format!("series `{id}`"), &[]))
    }

    fn measured(&self, wanted: &Measures, of: impl Fn(&BacktestWindow) -> bool) -> Result<Scores> {
        let windows: Vec<&BacktestWindow> = self.windows.iter().filter(|window| of(window)).collect();
        let known: Vec<(&BacktestWindow, usize)> = windows
            .iter()
            .flat_map(|window| (0..window.truth.len()).map(move |step| (*window, step)))
            .filter(|(window, step)| !window.truth[*step].is_nan())
            .collect();
        if known.is_empty() {
            return Err(Error::data("no value that was forecast is known: nothing can be measured"));
        }
        let column = |value: &dyn Fn(&BacktestWindow, usize) -> f64| -> Array1<f64> {
            known.iter().map(|(window, step)| value(window, *step)).collect()
        };
        let mean = column(&|window, step| window.forecast.mean[step]);
        let predicted = match self.levels.first() {
            None => Prediction::Values(mean),
            Some(level) => Prediction::Intervals(Intervals {
                mean,
                lower: column(&|window, step| window.forecast.lower[[step, 0]]),
                upper: column(&|window, step| window.forecast.upper[[step, 0]]),
                level: *level,
            }),
        };
        let truth = Target::Values(column(&|window, step| window.truth[step]));
        if wanted.is_default() {
            return wanted.score_where_defined(&truth, &predicted, None);
        }
        let one = |name: &str| {
            if name == "mase" {
                let scaled: Vec<f64> = windows.iter().filter_map(|window| window.score.as_ref()?.mase).collect();
                return Ok((name.to_string(), scaled.iter().sum::<f64>() / scaled.len() as f64));
            }
            let scores = Measures::new([name]).score_where_defined(&truth, &predicted, None)?;
            Ok((name.to_string(), scores.get(name).unwrap_or(f64::NAN)))
        };
        wanted.names().map(one).collect()
    }
}
