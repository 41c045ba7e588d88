//! [`DateFeatures`]: dates to what a model can learn from.

use crate::{
    dense::{Dense, all, no_values, output_of, refuse_where},
    step::{Learn, ROWS, refuse_infinite, step},
};
use adflux_core::{Block, Column, Context, Features, Result, Training, Transform, Values, parameter::ensure};
use adflux_data::calendar;
use ndarray::{Array2, ArrayView1, ArrayViewMut1, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::{f64::consts::TAU, sync::Arc};

/// Something that a date says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatePart {
    /// The year.
    Year,
    /// 1 to 4.
    Quarter,
    /// 1 to 12.
    Month,
    /// The week of ISO 8601, 1 to 53: the first has the year's first Thursday.
    Week,
    /// The day of the month, 1 to 31.
    Day,
    /// 1 to 366.
    DayOfYear,
    /// 0 for Monday to 6 for Sunday.
    Weekday,
    /// 1 on Saturdays and Sundays, 0 on other days.
    IsWeekend,
    /// The full hour of the day, 0 to 23.
    Hour,
    /// Days since the first date of the column in training, with fractions; negative before it.
    Elapsed,
    /// The sine and the cosine of the month, a turn a year: December lies beside January.
    MonthCycle,
    /// The sine and the cosine of the day of the year, a turn in 365.25 days.
    DayOfYearCycle,
    /// The sine and the cosine of the weekday, a turn a week.
    WeekdayCycle,
    /// The sine and the cosine of the time of day, a turn a day.
    HourCycle,
}

impl DatePart {
    /// What follows the name of the column in those of its features.
    fn suffixes(self) -> &'static [&'static str] {
        match self {
            DatePart::Year => &["year"],
            DatePart::Quarter => &["quarter"],
            DatePart::Month => &["month"],
            DatePart::Week => &["week"],
            DatePart::Day => &["day"],
            DatePart::DayOfYear => &["day_of_year"],
            DatePart::Weekday => &["weekday"],
            DatePart::IsWeekend => &["is_weekend"],
            DatePart::Hour => &["hour"],
            DatePart::Elapsed => &["elapsed"],
            DatePart::MonthCycle => &["month_sin", "month_cos"],
            DatePart::DayOfYearCycle => &["day_of_year_sin", "day_of_year_cos"],
            DatePart::WeekdayCycle => &["weekday_sin", "weekday_cos"],
            DatePart::HourCycle => &["hour_sin", "hour_cos"],
        }
    }
}

/// Replaces every date by its `parts`: the season, the weekday, the time since the first date of training.
///
/// Takes dense blocks of days since 1970-01-01 with the time of day as a fraction, which is how a branch reads columns
/// of dates ([`Branch::as_times`](crate::Branch::as_times) also reads those that stand as text). A part of the column
/// `start` is called `start_<part>`, a cyclical one `start_<part>_sin` and `start_<part>_cos`. All parts of a missing
/// date are missing. A number that is no date of the years 1 to 9999 is refused, and a column without any date. Nothing
/// but the first date is learned. O(rows × parts).
///
/// Cyclical pairs keep neighbours near each other for models that measure distances or fit straight lines; trees do as
/// well with the plain parts. Parts of the calendar repeat and hold for later dates; `elapsed` does not repeat, and
/// trees see all dates after training as the last one.
///
/// ```
/// use adflux_core::{Features, Fit, Training, Transform};
/// use adflux_preprocessing::{DateFeatures, DatePart};
/// use ndarray::array;
///
/// let x = Features::from_dense(array![[19_723.0], [19_784.5]], ["start"])?; // 2024-01-01, 2024-03-02 at noon
/// let dates = DateFeatures::new([DatePart::Month, DatePart::IsWeekend, DatePart::Elapsed]).fit(Training::new(x.clone()))?;
/// assert_eq!(dates.transform(x)?.dense("example")?, array![[1.0, 0.0, 0.0], [3.0, 1.0, 61.5]]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DateFeatures {
    /// The parts, in order. At least one. Default: elapsed, month and weekday, the latter two as cyclical pairs.
    pub parts: Vec<DatePart>,
}

impl Default for DateFeatures {
    fn default() -> Self {
        DateFeatures { parts: vec![DatePart::Elapsed, DatePart::MonthCycle, DatePart::WeekdayCycle] }
    }
}

impl DateFeatures {
    /// These parts, in order.
    pub fn new(parts: impl IntoIterator<Item = DatePart>) -> Self {
        DateFeatures { parts: parts.into_iter().collect() }
    }

    /// The parts, in order.
    pub fn parts(mut self, parts: impl IntoIterator<Item = DatePart>) -> Self {
        self.parts = parts.into_iter().collect();
        self
    }
}

/// A fitted [`DateFeatures`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedDateFeatures {
    parts: Vec<DatePart>,
    /// The first date of each column.
    blocks: Vec<Dense<f64>>,
    /// The columns that come out of each block.
    outputs: Vec<Arc<[Column]>>,
}

step!(DateFeatures => FittedDateFeatures, "date-features", version = 1);
const KIND: &str = "date-features";

/// The first and the last day of the years 1 to 9999.
const FIRST: i64 = calendar::days(1, 1, 1);
const LAST: i64 = calendar::days(9999, 12, 31);

impl Learn for DateFeatures {
    type Fitted = FittedDateFeatures;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedDateFeatures> {
        ensure(!self.parts.is_empty(), "parts", &self.parts, "name at least one")?;
        let twice = (1..self.parts.len()).find(|i| self.parts[..*i].contains(&self.parts[*i]));
        ensure(twice.is_none(), "parts", &self.parts, "name each part once")?;
        require_dates(&data.x)?;
        let blocks = Dense::learn(KIND, &data.x, context, None, |column, values| {
            if values.is_empty() {
                return Err(no_values(column, "dates"));
            }
            Ok(values.into_iter().fold(f64::INFINITY, f64::min))
        })?;
        let output = |block: &Dense<f64>| -> Arc<[Column]> {
            let of_column = |column: &Column| -> Vec<Column> {
                let suffixes = self.parts.iter().flat_map(|part| part.suffixes());
                suffixes.map(|suffix| column.derive(format!("{}_{suffix}", column.name))).collect()
            };
            block.columns.iter().flat_map(of_column).collect()
        };
        let outputs = blocks.iter().map(output).collect();
        Ok(FittedDateFeatures { parts: self.parts.clone(), blocks, outputs })
    }
}

fn require_dates(x: &Features) -> Result<()> {
    let outside = |v: f64| v.is_finite() && !(FIRST as f64..(LAST + 1) as f64).contains(&v);
    refuse_where(x, outside, |v| format!("{v} days since 1970 are no date of the years 1 to 9999"))
}

/// One date, taken apart.
struct Moment {
    days: i64,
    of_day: f64,
    year: i64,
    month: u32,
    day: u32,
}

impl Moment {
    fn of(value: f64) -> Self {
        let days = value.floor();
        let (year, month, day) = calendar::civil(days as i64);
        Moment { days: days as i64, of_day: value - days, year, month, day }
    }

    fn day_of_year(&self) -> i64 {
        self.days - calendar::days(self.year, 1, 1) + 1
    }

    fn week(&self) -> i64 {
        // A week belongs to the year of its Thursday.
        let thursday = self.days - calendar::weekday(self.days) as i64 + 3;
        let (year, ..) = calendar::civil(thursday);
        (thursday - calendar::days(year, 1, 1)) / 7 + 1
    }

    fn number(&self, part: DatePart, elapsed: f64) -> f64 {
        match part {
            DatePart::Year => self.year as f64,
            DatePart::Quarter => f64::from((self.month - 1) / 3 + 1),
            DatePart::Month => f64::from(self.month),
            DatePart::Week => self.week() as f64,
            DatePart::Day => f64::from(self.day),
            DatePart::DayOfYear => self.day_of_year() as f64,
            DatePart::Weekday => calendar::weekday(self.days) as f64,
            DatePart::IsWeekend => f64::from(u8::from(calendar::weekday(self.days) >= 5)),
            // Hours that became a fraction of a day may come back a rounding too small.
            DatePart::Hour => (self.of_day * 24.0 + 1e-6).floor().min(23.0),
            DatePart::Elapsed => elapsed,
            DatePart::MonthCycle => f64::from(self.month - 1) / 12.0,
            DatePart::DayOfYearCycle => (self.day_of_year() - 1) as f64 / 365.25,
            DatePart::WeekdayCycle => calendar::weekday(self.days) as f64 / 7.0,
            DatePart::HourCycle => self.of_day,
        }
    }
}

impl FittedDateFeatures {
    /// The first date of each column, in days since 1970-01-01, in the order of the columns.
    pub fn origins(&self) -> impl Iterator<Item = f64> {
        all(&self.blocks).copied()
    }

    fn row(&self, origins: &[f64], x: ArrayView1<'_, f64>, to: ArrayViewMut1<'_, f64>) {
        let mut to = to.into_iter();
        let mut put = |value: f64| {
            if let Some(to) = to.next() {
                *to = value;
            }
        };
        for (value, origin) in x.iter().zip(origins) {
            let moment = value.is_finite().then(|| Moment::of(*value));
            for part in &self.parts {
                let number = moment.as_ref().map_or(f64::NAN, |m| m.number(*part, value - origin));
                match part.suffixes() {
                    [_] => put(number),
                    // A turn of the circle.
                    _ => {
                        put((TAU * number).sin());
                        put((TAU * number).cos());
                    }
                }
            }
        }
    }
}

impl Transform<Features> for FittedDateFeatures {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        require_dates(&x)?;
        Dense::apply(KIND, &self.blocks, x, |i, fitted, x| {
            refuse_infinite(KIND, &x, &fitted.columns)?;
            let parts: usize = self.parts.iter().map(|part| part.suffixes().len()).sum();
            let output = output_of(KIND, &self.outputs, i, parts * x.ncols())?;
            let mut made = Array2::zeros((x.nrows(), output.len()));
            let rows = made.axis_iter_mut(Axis(0)).into_par_iter().zip(x.axis_iter(Axis(0)));
            rows.with_min_len(ROWS).for_each(|(to, from)| self.row(&fitted.learned, from, to));
            Block::new(output.clone(), Values::Dense(made))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux_core::{Error, Fit as _};
    use ndarray::array;

    #[test]
    fn a_state_that_is_too_short_is_refused_and_does_not_panic() {
        let x = || Features::from_dense(array![[0.0, 5.0], [1.0, 6.0]], ["a", "b"]).unwrap();
        let refused = |damage: fn(&mut FittedDateFeatures)| {
            let mut fitted = DateFeatures::default().fit(Training::new(x())).unwrap();
            damage(&mut fitted);
            assert!(matches!(fitted.transform(x()), Err(Error::State { .. })));
        };
        refused(|fitted| fitted.outputs.clear());
        refused(|fitted| fitted.outputs[0] = fitted.outputs[0][1..].into());
        refused(|fitted| fitted.parts.truncate(1));
        refused(|fitted| fitted.blocks[0].learned.truncate(1));
    }
}
