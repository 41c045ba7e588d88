//! Sums of the series of a panel along the parts of their names.

use super::{Panel, Series};
use crate::{Error, Result};
use std::collections::BTreeMap;

/// What the sum of all series is called.
pub const TOTAL: &str = "total";

impl Panel {
    /// The panel with sums before its series: of `meta / spring / ad 3` and others, split at `" / "`, the sums `meta / spring` and `meta`
    /// and, where there are several of these, the [`TOTAL`]. Platform, campaign and ad are then forecast alike.
    ///
    /// A sum goes from the first step of any of its series to the last. A series counts from its own first step to its last; where one of them has
    /// no value there, the sum has none either, and so where none of them is. Forecasts of sums are not made to be the sums of forecasts.
    ///
    /// ```
    /// use adflux_core::Panel;
    /// let ads = Panel::from_values([("meta / a", vec![1.0, 2.0]), ("meta / b", vec![10.0, 20.0, 30.0]), ("google / a", vec![5.0])])?;
    /// let all = ads.with_totals(" / ")?;
    /// let ids: Vec<&str> = all.series().iter().map(|series| series.id()).collect();
    /// assert_eq!(ids, ["total", "google", "meta", "meta / a", "meta / b", "google / a"]);
    /// assert_eq!(all.get("meta")?.values(), [11.0, 22.0, 30.0]);
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// When a sum has the name of a series, the steps of two series do not fall together, or the panel has covariates, which
    /// have no sum.
    pub fn with_totals(&self, separator: &str) -> Result<Self> {
        if !self.covariates.is_empty() {
            return Err(Error::data("sums of series have no covariates: leave the covariates out, or the sums"));
        }
        let mut members: BTreeMap<&str, Vec<&Series>> = BTreeMap::new();
        for series in self.series.iter() {
            for (end, _) in series.id.match_indices(separator) {
                members.entry(&series.id[..end]).or_default().push(series);
            }
        }
        let firsts = self.series.iter().map(|series| series.id.split(separator).next().unwrap_or_default());
        let several = firsts.collect::<std::collections::BTreeSet<_>>().len() > 1;
        let mut sums = Vec::with_capacity(members.len() + 1);
        if several {
            sums.push(self.sum(TOTAL, &self.series.iter().collect::<Vec<_>>())?);
        }
        for (id, members) in members {
            sums.push(self.sum(id, &members)?);
        }
        sums.extend(self.series.iter().cloned());
        Panel::with_covariates(self.frequency, Vec::new(), sums)
    }

    fn sum(&self, id: &str, members: &[&Series]) -> Result<Series> {
        let start = members.iter().map(|series| series.start).min().unwrap_or_default();
        let mut values: Vec<f64> = Vec::new();
        // How many series are at each step.
        let mut members_at: Vec<u32> = Vec::new();
        for series in members {
            let offset =
                self.frequency.steps_between(start, series.start).and_then(|steps| usize::try_from(steps).ok());
            let offset = offset.ok_or_else(|| {
                Error::data(format!(
                    "series `{}`: its steps are not those of the others that are summed to `{id}`",
                    series.id
                ))
            })?;
            let steps = values.len().max(offset + series.values.len());
            values.resize(steps, 0.0);
            members_at.resize(steps, 0);
            for ((sum, members), value) in
                values[offset..].iter_mut().zip(&mut members_at[offset..]).zip(&series.values)
            {
                *sum += value;
                *members += 1;
            }
        }
        values.iter_mut().zip(&members_at).filter(|(_, members)| **members == 0).for_each(|(sum, _)| *sum = f64::NAN);
        Ok(Series::new(id, start, values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Frequency;

    #[test]
    fn sums_begin_with_the_first_series_and_miss_what_none_has() {
        let day = 86_400;
        let series = vec![
            Series::new("a/x", 2 * day, vec![1.0, f64::NAN]),
            Series::new("a/y", 0, vec![5.0]),
            Series::new("a/z/deep", 3 * day, vec![7.0, 7.0]),
        ];
        let all = Panel::new(Frequency::DAILY, series).unwrap().with_totals("/").unwrap();
        let ids: Vec<&str> = all.series().iter().map(Series::id).collect();
        assert_eq!(ids, ["a", "a/z", "a/x", "a/y", "a/z/deep"], "one platform is the total");
        let a = all.get("a").unwrap();
        assert_eq!(a.start(), 0);
        assert!(a.values()[1].is_nan() && a.values().len() == 5, "nobody is there");
        assert!(a.values()[3].is_nan(), "one of two is missing");
        assert_eq!([a.values()[0], a.values()[2], a.values()[4]], [5.0, 1.0, 7.0]);
    }

    #[test]
    fn what_has_no_sum_is_refused() {
        let clash = Panel::from_values([("a/x", vec![1.0]), ("a", vec![1.0])]).unwrap().with_totals("/");
        assert_eq!(clash.unwrap_err().to_string(), "two series are called `a`");
        let series = vec![Series::new("a/x", 0, vec![1.0]), Series::new("a/y", 7, vec![1.0])];
        let apart = Panel::new(Frequency::DAILY, series).unwrap().with_totals("/").unwrap_err().to_string();
        assert!(apart.starts_with("series `a/y`: its steps are not those"), "{apart}");
        let flat = Panel::from_values([("a", vec![1.0])]).unwrap().with_totals("/").unwrap();
        assert_eq!(flat.len(), 1);
    }
}
