//! Every series of a panel.

use super::{Anomalies, Anomaly, AnomalyKind, AnomalyReport, SeriesAnomalies, ground, search::Search};
use crate::{
    diagnosis::constant,
    local::{each_series, known_values, unit_of},
};
use adflux_core::{Context, Error, Frequency, Panel, Result, Series, forecast::not_there};

/// The fewest steps: with fewer there is no telling what is ordinary.
const FEWEST: usize = 20;

impl Anomalies {
    pub(super) fn judge(&self, panel: &Panel, context: &Context) -> Result<AnomalyReport> {
        let frequency = panel.frequency();
        let (series, skipped) =
            each_series("anomalies", panel, context, |series| self.series(frequency, series, context))?;
        Ok(AnomalyReport { frequency, series, skipped })
    }

    fn series(&self, frequency: Frequency, series: &Series, context: &Context) -> Result<SeriesAnomalies> {
        let (first, mut filled) = known_values(series.values()).ok_or_else(|| Error::data("no values"))?;
        let values = series.values()[first..first + filled.len()].to_vec();
        let times: Vec<i64> =
            (first..first + values.len()).map(|step| frequency.after(series.start(), step as i64)).collect();
        let known: Vec<bool> = values.iter().map(|v| !v.is_nan()).collect();
        let count = known.iter().filter(|known| **known).count();
        if values.len() < FEWEST {
            return Err(Error::data(format!("{} steps, where {FEWEST} are needed", values.len())));
        }
        if 3 * count < 2 * values.len() {
            let missing = values.len() - count;
            return Err(Error::data(format!("{missing} of {} steps have no value: at most a third may", values.len())));
        }
        let id = series.id().to_string();
        if constant(&filled, 0.0) {
            // Nothing is said of a value that is not there.
            let same = values.clone();
            return Ok(SeriesAnomalies {
                id,
                times,
                values,
                lower: same.clone(),
                upper: same,
                expected: filled,
                anomalies: vec![],
            });
        }
        let most = most_of_one(&values);
        if 2 * most > count {
            return Err(Error::data(format!(
                "{most} of {count} values are the same, so that every other would stand out: sum over longer steps"
            )));
        }
        ground::check(self, values.len(), values.len() - count).map_err(Error::data)?;
        let unit = unit_of(&filled).map_err(Error::data)?;
        filled.iter_mut().for_each(|v| *v /= unit);
        let judged = Search::new(self, &filled, &known).run(|| context.check())?;
        let shifts: Vec<usize> =
            judged.found.iter().filter(|found| found.kind == AnomalyKind::LevelShift).map(|found| found.step).collect();
        let steps = |kind, step: usize| match kind {
            AnomalyKind::Point => 1,
            AnomalyKind::LevelShift => shifts.iter().find(|next| **next > step).unwrap_or(&values.len()) - step,
        };
        let anomalies = judged.found.iter().map(|found| Anomaly {
            step: found.step,
            time: times[found.step],
            kind: found.kind,
            steps: steps(found.kind, found.step),
            effect: found.effect * unit,
            p_value: found.p_value,
        });
        let anomalies = anomalies.collect();
        let whole = |values: Vec<f64>| values.into_iter().map(|v| v * unit).collect();
        let (expected, lower, upper) = (whole(judged.expected), whole(judged.lower), whole(judged.upper));
        Ok(SeriesAnomalies { id, times, values, expected, lower, upper, anomalies })
    }
}

impl AnomalyReport {
    /// What was found in the series called `id`.
    ///
    /// # Errors
    /// When it was not judged, with the reason where it was skipped.
    pub fn get(&self, id: &str) -> Result<&SeriesAnomalies> {
        self.series.iter().find(|series| series.id == id).ok_or_else(|| not_there(id, &self.skipped))
    }
}

/// How often the most frequent value is there.
fn most_of_one(values: &[f64]) -> usize {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.chunk_by(|a, b| a == b).map(<[f64]>::len).max().unwrap_or(0)
}
