//! [`Mstl`]: several seasons, each by STL on the series without the others.

use super::{Components, Season, Stl, check_values, panel::PanelDecomposition};
use adflux_core::{Context, Error, Panel, Result, parameter};
use serde::{Deserialize, Serialize};

/// Decomposition into a trend, several seasons (the week and the year of daily clicks) and a remainder.
///
/// [`Stl`] finds each season in the series without the others, the shortest first, and again `iterate` times. Bandara, Hyndman and
/// Bergmeir, "MSTL: A seasonal-trend decomposition algorithm for time series with multiple seasonal patterns" (2021). As statsmodels'
/// `MSTL`, whose numbers are golden fixtures, without its Box–Cox transformation: decompose the logarithm of a series that grows by factors.
///
/// Periods of half the series or more are left out, as there. O(iterate · seasons) decompositions by STL, one of a single season.
///
/// ```
/// use adflux_timeseries::Mstl;
/// let of = |day: usize| [3.0, 1.0, 0.0, 1.0, 2.0, -3.0, -4.0][day % 7] + if day % 30 < 3 { 9.0 } else { -1.0 };
/// let clicks: Vec<f64> = (0..365).map(|day| 50.0 + of(day)).collect();
/// let parts = Mstl::new([7, 30]).decompose(&clicks)?;
/// assert_eq!(parts.seasons.iter().map(|s| s.period).collect::<Vec<_>>(), [7, 30]);
/// assert!(parts.seasonal_strength(1) > 0.9);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mstl {
    /// The steps after which the series repeats, each 2 or more, in any order.
    pub periods: Vec<usize>,
    /// For each period, the cycles that its season is smoothed over, as [`Stl::seasonal`]. Default: 11, 15, 19, … from the shortest
    /// period on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub windows: Option<Vec<usize>>,
    /// How often each season is found anew, when there are several. Default 2.
    pub iterate: usize,
    /// Whether values that are far off count less, as [`Stl::robust`]. Default no.
    pub robust: bool,
}

impl Default for Mstl {
    /// Without a season yet.
    fn default() -> Self {
        Mstl::new([])
    }
}

/// The most rounds, and the most seasons.
const MOST: usize = 100;

impl Mstl {
    /// With seasons of so many steps each.
    pub fn new(periods: impl Into<Vec<usize>>) -> Self {
        Mstl { periods: periods.into(), windows: None, iterate: 2, robust: false }
    }

    /// For each period, the cycles that its season is smoothed over.
    pub fn windows(mut self, windows: impl Into<Vec<usize>>) -> Self {
        self.windows = Some(windows.into());
        self
    }

    /// How often each season is found anew.
    pub fn iterate(mut self, iterate: usize) -> Self {
        self.iterate = iterate;
        self
    }

    /// Whether values that are far off count less.
    pub fn robust(mut self, robust: bool) -> Self {
        self.robust = robust;
        self
    }

    /// Decomposes a series.
    ///
    /// # Errors
    /// When a parameter is out of its range, a value is not finite or beyond 1e150, or no period is shorter than half the series.
    pub fn decompose(&self, values: &[f64]) -> Result<Components> {
        self.decompose_with(values, &Context::default())
    }

    /// As [`decompose`](Self::decompose), on one thread; it can be cancelled.
    ///
    /// # Errors
    /// As [`decompose`](Self::decompose), and when it is cancelled.
    pub fn decompose_with(&self, values: &[f64], context: &Context) -> Result<Components> {
        let seasons = self.check()?;
        check_values(values)?;
        let within: Vec<Stl> =
            seasons.into_iter().filter(|stl| 2.0 * (stl.period as f64) < values.len() as f64).collect();
        if within.is_empty() {
            return Err(Error::data(format!(
                "{} steps: the shortest season must fit into the series more than twice",
                values.len()
            )));
        }
        let mut found: Vec<Season> =
            within.iter().map(|stl| Season { period: stl.period, values: vec![0.0; values.len()] }).collect();
        let (mut trend, mut weights) = (Vec::new(), Vec::new());
        let mut rest = values.to_vec();
        for _ in 0..if within.len() == 1 { 1 } else { self.iterate } {
            for (stl, season) in within.iter().zip(&mut found) {
                rest.iter_mut().zip(&season.values).for_each(|(rest, season)| *rest += season);
                let parts = super::recursion::run(stl, &rest, || context.check())?;
                rest.iter_mut().zip(&parts.season).for_each(|(rest, season)| *rest -= season);
                (season.values, trend, weights) = (parts.season, parts.trend, parts.weights);
            }
        }
        Ok(Components::new(values, trend, found, weights))
    }

    /// Decomposes each series of a panel, in parallel, from its first known value to its last; values missing between are filled
    /// along the line between their neighbours.
    ///
    /// # Errors
    /// When a parameter is out of its range, or the work is cancelled. A series that cannot be decomposed is in
    /// [`PanelDecomposition::skipped`], with the reason.
    pub fn decompose_panel(&self, panel: &Panel, context: &Context) -> Result<PanelDecomposition> {
        self.check()?;
        PanelDecomposition::of(self, panel, context)
    }

    /// An STL for each season, the shortest first.
    pub(crate) fn check(&self) -> Result<Vec<Stl>> {
        let periods = &self.periods;
        let shown = || format!("{periods:?}");
        parameter::ensure(!periods.is_empty(), "periods", shown(), "give one at least, such as 7 for days in weeks")?;
        parameter::ensure(periods.len() <= MOST, "periods", periods.len(), &format!("at most {MOST}"))?;
        parameter::between_one_and(MOST, "iterate", self.iterate)?;
        let mut sorted = periods.clone();
        sorted.sort_unstable();
        parameter::ensure(
            sorted.windows(2).all(|pair| pair[0] < pair[1]),
            "periods",
            shown(),
            "one stands there twice",
        )?;
        let windows: Vec<usize> = match &self.windows {
            None => (1..=periods.len()).map(|i| 7 + 4 * i).collect(),
            Some(windows) => {
                let all = format!("{windows:?}");
                parameter::ensure(windows.len() == periods.len(), "windows", all, "one is due for each period")?;
                let of = |period| periods.iter().position(|p| *p == period).map(|place| windows[place]);
                sorted.iter().filter_map(|period| of(*period)).collect()
            }
        };
        let stl = |(period, window): (&usize, &usize)| Stl::new(*period).seasonal(*window).robust(self.robust);
        let seasons: Vec<Stl> = sorted.iter().zip(&windows).map(stl).collect();
        seasons.iter().try_for_each(|stl| {
            parameter::ensure(stl.period >= 2, "periods", shown(), "each must be at least 2")?;
            let odd = stl.seasonal % 2 == 1 && stl.seasonal >= 3;
            parameter::ensure(odd, "windows", stl.seasonal, "must be an odd number, 3 or more")?;
            // A period of more than that fits into no series.
            if stl.period < 500_000 { stl.check() } else { Ok(()) }
        })?;
        Ok(seasons)
    }
}
