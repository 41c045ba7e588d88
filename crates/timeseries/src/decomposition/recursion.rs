//! The loops of STL: season and trend in turn, and the trust in each value from what is left.

use super::{
    Stl,
    loess::{Loess, Robustness, Table},
};

/// What the loops end with.
pub(super) struct Parts {
    pub(super) trend: Vec<f64>,
    pub(super) season: Vec<f64>,
    pub(super) weights: Vec<f64>,
}

/// Season and trend of `values`, which are finite and at least two periods. `stop` is asked before each round.
pub(super) fn run<E>(stl: &Stl, values: &[f64], stop: impl Fn() -> Result<(), E>) -> Result<Parts, E> {
    let (steps, period) = (values.len(), stl.period);
    let [seasonal, trend_window, low_pass] = stl.windows();
    let seasonal = Loess { window: seasonal, degree: stl.seasonal_deg };
    let low_pass = Loess { window: low_pass, degree: stl.low_pass_deg };
    let trend_loess = Loess { window: trend_window, degree: stl.trend_deg };

    let (mut trend, mut season) = (vec![0.0; steps], vec![0.0; steps]);
    let mut weights: Option<Vec<f64>> = None;
    let (mut work, mut weighted) = (vec![0.0; steps], vec![0.0; steps]);
    let (mut cycles, mut low, mut slow) = (vec![0.0; steps + 2 * period], Vec::new(), vec![0.0; steps]);
    let (inner, outer) = stl.rounds();
    for round in 0..=outer {
        for _ in 0..inner {
            stop()?;
            work.iter_mut().zip(values.iter().zip(&trend)).for_each(|(work, (value, trend))| *work = value - trend);
            let trust = robustness(&work, weights.as_deref(), &mut weighted);
            cycle_subseries(seasonal, &work, trust, period, &mut cycles);

            // What is slow in the cycles belongs to the trend.
            low.clone_from(&cycles);
            for window in [period, period, 3] {
                moving_average(&mut low, window);
            }
            low_pass.smooth(column(&low), None, 0..steps as isize, &mut slow);
            for (step, season) in season.iter_mut().enumerate() {
                *season = cycles[period + step] - slow[step];
            }

            work.iter_mut().zip(values.iter().zip(&season)).for_each(|(work, (value, season))| *work = value - season);
            let trust = robustness(&work, weights.as_deref(), &mut weighted);
            trend_loess.smooth(column(&work), trust, 0..steps as isize, &mut trend);
            // Where no neighbour is trusted, the value stands for itself.
            trend.iter_mut().zip(&work).filter(|(trend, _)| trend.is_nan()).for_each(|(trend, value)| *trend = *value);
        }
        if round < outer {
            weights = Some(bisquare(values, &trend, &season));
        }
    }
    Ok(Parts { trend, season, weights: weights.unwrap_or_else(|| vec![1.0; steps]) })
}

fn column(values: &[f64]) -> Table<'_> {
    Table { values, rows: values.len(), columns: 1, stride: 1 }
}

fn robustness<'a>(values: &[f64], weights: Option<&'a [f64]>, weighted: &'a mut [f64]) -> Option<Robustness<'a>> {
    let weights = weights?;
    weighted.iter_mut().zip(weights.iter().zip(values)).for_each(|(to, (weight, value))| *to = weight * value);
    Some(Robustness { weights, weighted })
}

/// Smooths the values at each place of the cycle on their own (all Mondays, all Tuesdays), and a cycle beyond either end.
fn cycle_subseries(loess: Loess, values: &[f64], trust: Option<Robustness<'_>>, period: usize, cycles: &mut [f64]) {
    let (whole, more) = (values.len() / period, values.len() % period);
    // A row is a cycle. The first `more` columns have one row more than the others, so rows near the end are of two sorts.
    let part = |offset: usize, columns: usize, rows: usize| {
        let from = |all| &(all as &[f64])[offset..];
        let trust = trust.map(|t| Robustness { weights: from(t.weights), weighted: from(t.weighted) });
        (Table { values: from(values), rows, columns, stride: period }, trust)
    };
    let inner = loess.inner(whole);
    if !inner.is_empty() {
        let (table, trust) = part(0, period, whole);
        let rows = inner.start as isize..inner.end as isize;
        loess.smooth(table, trust, rows, &mut cycles[(inner.start + 1) * period..]);
    }
    for (offset, columns, rows) in [(0, more, whole + 1), (more, period - more, whole)] {
        if columns == 0 {
            continue;
        }
        let (table, trust) = part(offset, columns, rows);
        let into = &mut cycles[offset..];
        loess.smooth(table, trust, -1..inner.start as isize, into);
        loess.smooth(table, trust, inner.end as isize..rows as isize + 1, &mut into[(inner.end + 1) * period..]);
        // Where no neighbour is trusted, the value stands for itself, and beyond an end the cycle beside it.
        for row in 0..rows {
            for column in 0..columns {
                let smooth = &mut into[(row + 1) * period + column];
                if smooth.is_nan() {
                    *smooth = table.values[row * period + column];
                }
            }
        }
        for column in 0..columns {
            let (first, last) = (column, (rows + 1) * period + column);
            if into[first].is_nan() {
                into[first] = into[first + period];
            }
            if into[last].is_nan() {
                into[last] = into[last - period];
            }
        }
    }
}

/// Replaces `values` by the means of each `window` of them, of which there are `window − 1` fewer.
fn moving_average(values: &mut Vec<f64>, window: usize) {
    let count = values.len() + 1 - window;
    let mut sum: f64 = values[..window].iter().sum();
    for start in 0..count {
        let leaves = values[start];
        values[start] = sum / window as f64;
        if start + 1 < count {
            sum += values[start + window] - leaves;
        }
    }
    values.truncate(count);
}

/// The trust in each value: 1 where little is left of it beside trend and season, 0 beyond six times the median of what is left.
fn bisquare(values: &[f64], trend: &[f64], season: &[f64]) -> Vec<f64> {
    let mut left: Vec<f64> = values
        .iter()
        .zip(trend.iter().zip(season))
        .map(|(value, (trend, season))| (value - trend - season).abs())
        .collect();
    let mut sorted = left.clone();
    let middle = sorted.len() / 2;
    let (below, upper, _) = sorted.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = if values.len() % 2 == 1 { *upper } else { below.iter().copied().fold(0.0, f64::max) };
    let limit = 3.0 * (lower + *upper);
    for value in &mut left {
        *value = if *value <= 0.001 * limit {
            1.0
        } else if *value <= 0.999 * limit {
            let share = *value / limit;
            (1.0 - share * share).powi(2)
        } else {
            0.0
        };
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_of_windows() {
        let mut values = vec![1.0, 2.0, 6.0, 4.0, 8.0];
        moving_average(&mut values, 3);
        assert!(values.iter().zip([3.0, 4.0, 6.0]).all(|(a, b)| (a - b).abs() < 1e-12), "{values:?}");
    }

    #[test]
    fn what_is_far_off_is_not_trusted() {
        let weights = bisquare(&[0.0, 1.0, -1.0, 100.0], &[0.0; 4], &[0.0; 4]);
        assert_eq!((weights[0], weights[3]), (1.0, 0.0));
        let share: f64 = 1.0 / 6.0;
        assert!((weights[1] - (1.0 - share * share).powi(2)).abs() < 1e-12 && weights[1] == weights[2]);
        assert_eq!(bisquare(&[0.0; 4], &[0.0; 4], &[0.0; 4]), [1.0; 4], "nothing is left anywhere");
    }
}
