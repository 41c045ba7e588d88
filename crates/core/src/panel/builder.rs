//! A panel from the columns of a long table, and what was found on the way.

use super::{Frequency, Panel, Series};
use crate::{Error, Result, Skipped};
use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What becomes of several rows of one series at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duplicates {
    /// The series is left out and reported: the rows may be parts to be summed, or corrections. Rows that are the same in everything are
    /// taken for copies, and are one.
    #[default]
    Refuse,
    /// Their sum, also of rows that are the same: the ads of a campaign. Covariates are those of the last row.
    Sum,
    /// Their mean. Covariates are those of the last row.
    Mean,
    /// The row that stands last: a correction of those before.
    Last,
}

/// What becomes of times between the first and the last of a series that no row has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gaps {
    /// Nothing is known of them: NaN.
    #[default]
    Missing,
    /// Nothing happened: 0. Covariates are missing.
    Zero,
}

/// What was found in one series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeriesReport {
    /// The series.
    pub id: String,
    /// Steps from its first time to its last.
    pub steps: usize,
    /// Steps that no row had.
    pub gaps: usize,
    /// Rows whose value is missing.
    pub missing: usize,
    /// Rows beyond the first at their time.
    pub duplicates: usize,
    /// Rows that stood after a later one.
    pub disordered: usize,
}

/// What was found while a panel was built.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PanelReport {
    /// Each series of the panel, in its order.
    pub series: Vec<SeriesReport>,
    /// Series that are not in the panel, and why.
    pub left_out: Vec<Skipped>,
}

/// Makes a [`Panel`] from columns of equal length; see there.
#[derive(Clone, Debug, Default)]
pub struct PanelBuilder {
    ids: Vec<String>,
    times: Vec<i64>,
    values: Option<Vec<f64>>,
    covariates: Vec<(String, Vec<f64>)>,
    frequency: Option<Frequency>,
    duplicates: Duplicates,
    gaps: Gaps,
}

/// The part of a series that may be gaps, as steps for each row: more come from one wrong time, or from steps that are far
/// finer than the data.
const MOST_STEPS_A_ROW: i64 = 100;
/// So many steps are never too many.
const FEW_STEPS: i64 = 10_000;

impl PanelBuilder {
    /// The series of each row.
    pub fn ids<S: Into<String>>(mut self, ids: impl IntoIterator<Item = S>) -> Self {
        self.ids = ids.into_iter().map(Into::into).collect();
        self
    }

    /// The time of each row: seconds since 1970-01-01, UTC; for [`Frequency::Steps`], plain numbers.
    pub fn times(mut self, times: impl Into<Vec<i64>>) -> Self {
        self.times = times.into();
        self
    }

    /// The value of each row; NaN is missing. Left out, all are missing: a panel of covariates of the future.
    pub fn values(mut self, values: impl Into<Vec<f64>>) -> Self {
        self.values = Some(values.into());
        self
    }

    /// A column that is known ahead of time, such as a planned budget.
    pub fn covariate(mut self, name: impl Into<String>, values: impl Into<Vec<f64>>) -> Self {
        self.covariates.push((name.into(), values.into()));
        self
    }

    /// The frequency. Default: [inferred](Frequency::infer) from all series together.
    pub fn frequency(mut self, frequency: Frequency) -> Self {
        self.frequency = Some(frequency);
        self
    }

    /// What becomes of several rows at one time. Default: the series is left out.
    pub fn duplicates(mut self, duplicates: Duplicates) -> Self {
        self.duplicates = duplicates;
        self
    }

    /// What becomes of times that no row has. Default: missing.
    pub fn gaps(mut self, gaps: Gaps) -> Self {
        self.gaps = gaps;
        self
    }

    /// The panel and what was found. A series that cannot be used is left out and named in the report, with the reason: times
    /// between the steps (a mixed frequency), several rows at one time, an infinite value, almost nothing but gaps. O(rows · log
    /// rows).
    ///
    /// # Errors
    /// When columns differ in length, there are no rows, a covariate is there twice, no frequency can be inferred, or no series
    /// is left.
    pub fn build(self) -> Result<(Panel, PanelReport)> {
        self.check()?;
        let groups = self.groups();
        let frequency = match self.frequency {
            Some(frequency) => frequency,
            None => self.inferred(&groups)?,
        };
        let mut report = PanelReport::default();
        let mut series = Vec::new();
        for (id, rows) in &groups {
            match self.series(id, rows, frequency) {
                Ok((one, found)) => {
                    series.push(one);
                    report.series.push(found);
                }
                Err(reason) => report.left_out.push(Skipped { id: (*id).into(), reason }),
            }
        }
        if let (true, Some(first)) = (series.is_empty(), report.left_out.first()) {
            let reason = format!("no series can be used; `{}`: {}", first.id, first.reason);
            return Err(Error::data(reason));
        }
        let names = self.covariates.into_iter().map(|(name, _)| name).collect();
        Ok((Panel::with_covariates(frequency, names, series)?, report))
    }

    fn check(&self) -> Result<()> {
        if self.times.is_empty() {
            return Err(Error::data("no rows: a panel needs ids and times"));
        }
        let values = self.values.iter().map(|v| ("values", v.len()));
        let covariates = self.covariates.iter().map(|(name, v)| (name.as_str(), v.len()));
        for (name, length) in [("ids", self.ids.len())].into_iter().chain(values).chain(covariates) {
            if length != self.times.len() {
                return Err(Error::column(name, format!("{length} rows, where times have {}", self.times.len())));
            }
        }
        for (place, (name, _)) in self.covariates.iter().enumerate() {
            if self.covariates[..place].iter().any(|(other, _)| other == name) {
                return Err(Error::column(name, "two covariates have this name"));
            }
        }
        match self.frequency {
            Some(Frequency::Fixed { seconds: 0 } | Frequency::Months { count: 0, .. }) => {
                Err(Error::parameter("frequency", self.frequency, "steps must be apart"))
            }
            _ => Ok(()),
        }
    }

    /// The rows of each series, in the order of their times, those of one time as they stand.
    fn groups(&self) -> Vec<(&str, Vec<usize>)> {
        let mut places = HashMap::new();
        let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
        for (row, id) in self.ids.iter().enumerate() {
            let place = *places.entry(id.as_str()).or_insert(groups.len());
            if place == groups.len() {
                groups.push((id, Vec::new()));
            }
            groups[place].1.push(row);
        }
        for (_, rows) in &mut groups {
            rows.sort_by_key(|&row| self.times[row]);
        }
        groups
    }

    fn inferred(&self, groups: &[(&str, Vec<usize>)]) -> Result<Frequency> {
        let times: Vec<Vec<i64>> = groups
            .iter()
            .map(|(_, rows)| {
                let mut times: Vec<i64> = rows.iter().map(|&row| self.times[row]).collect();
                times.dedup();
                times
            })
            .collect();
        Frequency::infer(times.iter().map(Vec::as_slice))
            .ok_or_else(|| Error::parameter("frequency", "none", "no series has two times to infer it from: set it"))
    }

    /// One series from its rows, or why there is none.
    fn series(&self, id: &str, rows: &[usize], frequency: Frequency) -> Result<(Series, SeriesReport), String> {
        let (Some(&first), Some(&last)) = (rows.first(), rows.last()) else { return Err("no rows".into()) };
        let start = self.times[first];
        let between = |row: usize| {
            let time = self.times[row];
            frequency.steps_between(start, time).ok_or_else(|| {
                format!("{} is not a whole number of steps after {}", frequency.text(time), frequency.text(start))
            })
        };
        let steps = between(last)?.saturating_add(1);
        if steps > FEW_STEPS.max(MOST_STEPS_A_ROW.saturating_mul(rows.len() as i64)) {
            return Err(format!(
                "{} rows over {steps} steps from {} to {}: a time is wrong, or the frequency too fine",
                rows.len(),
                frequency.text(start),
                frequency.text(self.times[last])
            ));
        }
        let steps = steps as usize;
        let empty = if self.gaps == Gaps::Zero { 0.0 } else { f64::NAN };
        let mut values = vec![empty; steps];
        let mut covariates = Array2::from_elem((steps, self.covariates.len()), f64::NAN);
        let mut found = SeriesReport { id: id.into(), steps, gaps: steps, ..SeriesReport::default() };
        for same_time in rows.chunk_by(|a, b| self.times[*a] == self.times[*b]) {
            let step = between(same_time[0])? as usize;
            values[step] = self.value(same_time, frequency)?;
            found.gaps -= 1;
            found.duplicates += same_time.len() - 1;
            found.missing += usize::from(values[step].is_nan());
            let last = same_time[same_time.len() - 1];
            for (to, (_, from)) in covariates.index_axis_mut(Axis(0), step).iter_mut().zip(&self.covariates) {
                *to = from[last];
            }
        }
        found.disordered = self.disordered(rows);
        Ok((Series { id: id.into(), start, values, covariates }, found))
    }

    /// The value of the rows of one time.
    fn value(&self, rows: &[usize], frequency: Frequency) -> Result<f64, String> {
        let time = || frequency.text(self.times[rows[0]]);
        let alike = |a: usize, b: usize| {
            let mut columns = self.covariates.iter().map(|(_, column)| column).chain(&self.values);
            columns.all(|column| column[a].to_bits() == column[b].to_bits())
        };
        if self.duplicates == Duplicates::Refuse && !rows.iter().all(|&row| alike(row, rows[0])) {
            let count = rows.len();
            return Err(format!("{count} different rows at {}: say how to combine duplicates", time()));
        }
        let Some(values) = &self.values else { return Ok(f64::NAN) };
        let (first, last) = (values[rows[0]], values[rows[rows.len() - 1]]);
        let sum = || rows.iter().map(|&row| values[row]).sum::<f64>();
        let value = match self.duplicates {
            _ if rows.len() == 1 => first,
            Duplicates::Sum => sum(),
            Duplicates::Mean => sum() / rows.len() as f64,
            Duplicates::Last => last,
            Duplicates::Refuse => first,
        };
        if value.is_infinite() { Err(format!("the value at {} is infinite", time())) } else { Ok(value) }
    }

    /// How many rows stand after one of a later time.
    fn disordered(&self, rows: &[usize]) -> usize {
        let mut as_they_stand = rows.to_vec();
        as_they_stand.sort_unstable();
        let mut latest = i64::MIN;
        let after_later = |row: &&usize| {
            let time = self.times[**row];
            let later = time < latest;
            latest = latest.max(time);
            later
        };
        as_they_stand.iter().filter(after_later).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(of: &[i64]) -> Vec<i64> {
        of.iter().map(|day| day * 86_400).collect()
    }

    #[test]
    fn rows_of_one_time_are_combined_as_asked() {
        let build = |duplicates| {
            let builder = Panel::builder().ids(["a"; 4]).times(days(&[0, 1, 1, 2])).values([1.0, 2.0, 4.0, 3.0]);
            builder.duplicates(duplicates).build()
        };
        for (duplicates, middle) in [(Duplicates::Sum, 6.0), (Duplicates::Mean, 3.0), (Duplicates::Last, 4.0)] {
            let (panel, report) = build(duplicates).unwrap();
            assert_eq!(panel.get("a").unwrap().values(), [1.0, middle, 3.0]);
            assert_eq!(report.series[0].duplicates, 1);
        }
        let refused = build(Duplicates::Refuse).unwrap_err().to_string();
        assert_eq!(
            refused,
            "no series can be used; `a`: 2 different rows at 1970-01-02: say how to combine duplicates"
        );
        let two_ads = Panel::builder().ids(["a"; 3]).times(days(&[0, 1, 1])).values([1.0, 2.0, 2.0]);
        let (summed, _) = two_ads.duplicates(Duplicates::Sum).build().unwrap();
        assert_eq!(summed.get("a").unwrap().values(), [1.0, 4.0], "two ads with the same clicks are two");
        let future = |duplicates, second| {
            let builder =
                Panel::builder().ids(["a"; 3]).times(days(&[0, 1, 1])).covariate("budget", [1.0, 2.0, second]);
            builder.duplicates(duplicates).build()
        };
        let refused = future(Duplicates::Refuse, 9.0).unwrap_err().to_string();
        assert!(refused.contains("`a`: 2 different rows at 1970-01-02"), "without values too: {refused}");
        assert_eq!(
            future(Duplicates::Refuse, 2.0).unwrap().0.get("a").unwrap().covariates().column(0).to_vec(),
            [1.0, 2.0]
        );
        assert_eq!(
            future(Duplicates::Last, 9.0).unwrap().0.get("a").unwrap().covariates().column(0).to_vec(),
            [1.0, 9.0]
        );
        let copies = Panel::builder().ids(["a"; 3]).times(days(&[0, 1, 1])).values([1.0, 2.0, 2.0]).build().unwrap();
        assert_eq!(copies.0.get("a").unwrap().values(), [1.0, 2.0]);
    }

    #[test]
    fn one_bad_series_leaves_the_others() {
        let times: Vec<i64> = [days(&[0, 1, 2]), vec![0, 86_400, 90_000], days(&[0, 1, 40_000])].concat();
        let ids = ["good"; 3].into_iter().chain(["mixed"; 3]).chain(["wrong"; 3]);
        let (panel, report) = Panel::builder().ids(ids).times(times).values(vec![1.0; 9]).build().unwrap();
        assert_eq!(panel.len(), 1);
        let said: Vec<String> = report.left_out.iter().map(|s| format!("{}: {}", s.id, s.reason)).collect();
        assert_eq!(
            said,
            [
                "mixed: 1970-01-02T01:00 is not a whole number of steps after 1970-01-01",
                "wrong: 3 rows over 40001 steps from 1970-01-01 to 2079-07-08: a time is wrong, or the frequency too fine"
            ]
        );
    }

    #[test]
    fn gaps_are_missing_or_nothing_and_covariates_follow_their_rows() {
        let builder = Panel::builder().ids(["a"; 3]).times(days(&[3, 0, 1])).values([3.0, f64::NAN, 1.0]);
        let builder = builder.covariate("budget", [30.0, 0.0, 10.0]);
        let (panel, report) = builder.clone().build().unwrap();
        let series = panel.get("a").unwrap();
        assert!(series.values()[0].is_nan() && series.values()[2].is_nan());
        assert_eq!(series.covariates()[[3, 0]], 30.0);
        assert!(series.covariates()[[2, 0]].is_nan());
        assert_eq!(
            report.series[0],
            SeriesReport { id: "a".into(), steps: 4, gaps: 1, missing: 1, duplicates: 0, disordered: 2 }
        );
        let (panel, _) = builder.gaps(Gaps::Zero).build().unwrap();
        assert_eq!(panel.get("a").unwrap().values()[2], 0.0);
    }

    #[test]
    fn what_cannot_be_a_panel_says_why() {
        let said = |builder: PanelBuilder| builder.build().unwrap_err().to_string();
        let one = || Panel::builder().ids(["a"]).times([0]);
        assert_eq!(said(Panel::builder()), "no rows: a panel needs ids and times");
        assert_eq!(said(one().values([1.0, 2.0])), "column `values`: 2 rows, where times have 1");
        assert_eq!(
            said(one().covariate("x", [1.0]).covariate("x", [1.0])),
            "column `x`: two covariates have this name"
        );
        assert!(said(one()).contains("no series has two times to infer it from: set it"));
        assert!(said(one().frequency(Frequency::Fixed { seconds: 0 })).contains("steps must be apart"));
        assert!(said(one().frequency(Frequency::DAILY).values([f64::INFINITY])).contains("at 1970-01-01 is infinite"));
    }
}
