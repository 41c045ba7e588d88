//! [`Pacing`]: how much of a budget will be spent by the end of a flight, and when it runs out.

use adflux_core::{Error, Result, SeriesPaths, parameter};
use adflux_evaluation::quantiles::quantiles;

/// Where the spend of a running campaign is going: by the end of its flight, and against its budget.
///
/// ```
/// use adflux_core::{Fit, Forecaster, Panel};
/// use adflux_timeseries::{AutoEts, Pacing};
/// let spend: Vec<f64> = (0..18).map(|day| 95.0 + f64::from(day * 7 % 5) * 4.0).collect();
/// let spent = spend.iter().sum();
/// let fitted = AutoEts::default().fit(Panel::from_values([("spring", spend)])?)?;
/// // Twelve days to go, and a budget of 3,500.
/// let paths = fitted.paths(12, 2_000, 42, None)?;
/// let pacing = Pacing::of(paths.get("spring")?, spent, 3_500.0, 0.8)?;
/// println!("{pacing}");
/// assert!(pacing.lower < pacing.share && pacing.share < pacing.upper);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Pacing {
    /// What was spent up to now.
    pub spent: f64,
    /// What may be spent by the end.
    pub budget: f64,
    /// The share of the budget that will be spent by the end, as expected: above 1 where the budget does not last, if nothing stops the spend.
    pub share: f64,
    /// The lower end of the interval of that share.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
    /// The share of outcomes that the interval is to contain.
    pub level: f64,
    /// How likely it is that the budget is spent before the end, or at it.
    pub runs_out: f64,
    /// When it is spent, where that is more likely than not: the time of the step at which half of the futures have reached it.
    pub runs_out_at: Option<i64>,
}

impl Pacing {
    /// Of what was spent so far and the possible futures of the rest of the flight. O(paths · steps).
    ///
    /// # Errors
    /// When the budget is not above 0, what was spent is no number or below 0, the level is not between 0 and 1, or there are no paths.
    pub fn of(paths: &SeriesPaths, spent: f64, budget: f64, level: f64) -> Result<Self> {
        parameter::positive("budget", budget)?;
        parameter::open_unit("level", level)?;
        if !(spent >= 0.0 && spent.is_finite()) {
            return Err(Error::parameter("spent", spent, "must be a finite number, 0 or more"));
        }
        let count = paths.values.nrows();
        if count == 0 {
            return Err(Error::data(format!("series `{}`: no paths of the rest of the flight", paths.id)));
        }
        let mut shares: Vec<f64> = paths.sums().iter().map(|sum| (spent + sum) / budget).collect();
        let share = shares.iter().sum::<f64>() / count as f64;
        let tail = (1.0 - level) / 2.0;
        let ends = quantiles(&mut shares, &[tail, 1.0 - tail]);
        if spent >= budget {
            // Whatever comes, and also where nothing does any more.
            let runs_out_at = paths.times.first().copied();
            return Ok(Pacing {
                spent,
                budget,
                share,
                lower: ends[0],
                upper: ends[1],
                level,
                runs_out: 1.0,
                runs_out_at,
            });
        }
        let reached_at = |path: ndarray::ArrayView1<f64>| {
            let mut sum = spent;
            path.iter().position(|value| {
                sum += value;
                sum >= budget
            })
        };
        let mut steps: Vec<usize> = paths.values.rows().into_iter().filter_map(reached_at).collect();
        steps.sort_unstable();
        // The step at which half of all futures are there, not half of those that get there.
        let runs_out_at = steps.get(count.div_ceil(2) - 1).and_then(|step| paths.times.get(*step)).copied();
        let runs_out = steps.len() as f64 / count as f64;
        Ok(Pacing { spent, budget, share, lower: ends[0], upper: ends[1], level, runs_out, runs_out_at })
    }
}

impl std::fmt::Display for Pacing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Pacing { share, lower, upper, level, .. } = self;
        let [share, lower, upper, level] = [share, lower, upper, level].map(|v| v * 100.0);
        write!(f, "will spend {share:.0} % of the budget by the end ({level:.0} % interval {lower:.0} to {upper:.0})")?;
        if self.runs_out >= 0.005 {
            write!(f, "; {:.0} % likely to run out of it", self.runs_out * 100.0)?;
        }
        Ok(())
    }
}
