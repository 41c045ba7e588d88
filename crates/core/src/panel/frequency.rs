//! [`Frequency`]: how far apart the steps of a series are.

use crate::calendar::{civil, days, format};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const DAY: i64 = 86_400;

/// How far apart the steps of a series are, from minutes to years. Times are seconds since 1970-01-01, UTC.
///
/// ```
/// use adflux_core::{Frequency, calendar::days};
/// let may_31 = days(2024, 5, 31) * 86_400;
/// assert_eq!(Frequency::MONTH_END.after(may_31, 1), days(2024, 6, 30) * 86_400);
/// assert_eq!(Frequency::DAILY.season(), 7);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Plain numbers, 1 apart: series without dates.
    Steps,
    /// So many seconds: 60 for minutes, 86,400 for days.
    Fixed {
        /// Seconds from one step to the next, 1 or more.
        seconds: u32,
    },
    /// So many months: 3 for quarters, 12 for years.
    Months {
        /// Months from one step to the next, 1 or more.
        count: u32,
        /// Whether steps fall on the last day of their month, rather than all on the same day.
        end: bool,
    },
}

impl Frequency {
    /// Every minute.
    pub const MINUTELY: Self = Frequency::Fixed { seconds: 60 };
    /// Every hour.
    pub const HOURLY: Self = Frequency::Fixed { seconds: 3600 };
    /// Every day.
    pub const DAILY: Self = Frequency::Fixed { seconds: 86_400 };
    /// Every seven days, on any weekday.
    pub const WEEKLY: Self = Frequency::Fixed { seconds: 604_800 };
    /// The same day of every month.
    pub const MONTHLY: Self = Frequency::Months { count: 1, end: false };
    /// The last day of every month.
    pub const MONTH_END: Self = Frequency::Months { count: 1, end: true };
    /// The same day of every third month.
    pub const QUARTERLY: Self = Frequency::Months { count: 3, end: false };
    /// The same day of every year.
    pub const YEARLY: Self = Frequency::Months { count: 12, end: false };

    /// The time `steps` after `start`. Of days that a month does not have, its last.
    pub fn after(self, start: i64, steps: i64) -> i64 {
        match self {
            Frequency::Steps => start.saturating_add(steps),
            Frequency::Fixed { seconds } => start.saturating_add(steps.saturating_mul(i64::from(seconds))),
            Frequency::Months { count, end } => {
                let (day, of_day) = (start.div_euclid(DAY), start.rem_euclid(DAY));
                let (year, month, of_month) = civil(day);
                let months = (year * 12 + i64::from(month) - 1).saturating_add(steps.saturating_mul(i64::from(count)));
                // Farther than this no calendar reaches, and its days would not fit.
                let months = months.clamp(-1_000_000_000_000, 1_000_000_000_000);
                let (year, month) = (months.div_euclid(12), months.rem_euclid(12) as u32 + 1);
                let last = last_of_month(year, month);
                let of_month = if end { last } else { of_month.min(last) };
                days(year, month, of_month).saturating_mul(DAY).saturating_add(of_day)
            }
        }
    }

    /// How many steps `time` is after `start`; `None` when it falls between two.
    pub fn steps_between(self, start: i64, time: i64) -> Option<i64> {
        let every = |distance: i64, step: i64| (step > 0 && distance % step == 0).then(|| distance / step);
        let steps = match self {
            Frequency::Steps => every(time.checked_sub(start)?, 1),
            Frequency::Fixed { seconds } => every(time.checked_sub(start)?, i64::from(seconds)),
            Frequency::Months { count, .. } => every(month_of(time) - month_of(start), i64::from(count)),
        }?;
        (self.after(start, steps) == time).then_some(steps)
    }

    /// The number of steps after which series of this frequency usually repeat: a day for minutes and hours, a week for days, a
    /// year for weeks (52), months and quarters; 1, which is none, for years and whatever does not divide these.
    pub fn season(self) -> usize {
        match self {
            Frequency::Fixed { seconds: 604_800 } => 52,
            Frequency::Fixed { seconds: 86_400 } => 7,
            Frequency::Fixed { seconds } if seconds > 0 && DAY % i64::from(seconds) == 0 => {
                (DAY / i64::from(seconds)) as usize
            }
            Frequency::Months { count, .. } if count > 0 && 12 % count == 0 => (12 / count) as usize,
            _ => 1,
        }
    }

    /// A time of a series of this frequency as text: a date, with the time of day where it has one; of plain steps, the number.
    pub fn text(self, time: i64) -> String {
        if self == Frequency::Steps { time.to_string() } else { format(time) }
    }

    /// The frequency of series with these times, each in order and without repeats: the most frequent distance between
    /// neighbours, the smaller of equals; in months where that is at least 28 days and all times fall on the same day of their
    /// month (or its last, where the month is shorter), or all on its last. `None` when no series has two times.
    pub fn infer<'a>(series: impl IntoIterator<Item = &'a [i64]> + Clone) -> Option<Self> {
        let seconds = most_frequent(series.clone(), |a, b| b.saturating_sub(a))?;
        let times = || series.clone().into_iter().flatten().copied();
        if seconds >= 28 * DAY {
            let first = times().next()?;
            let civil_of = |time: i64| civil(time.div_euclid(DAY));
            let same_hour = times().all(|time| time.rem_euclid(DAY) == first.rem_euclid(DAY));
            // The 30th of each month is the 28th or 29th of February: a day that a month does not have is its last.
            let most = times().map(|time| civil_of(time).2).max()?;
            let on_day = |time: i64| {
                let (year, month, day) = civil_of(time);
                day == most.min(last_of_month(year, month))
            };
            let is_end = |time: i64| {
                let (year, month, day) = civil_of(time);
                day == last_of_month(year, month)
            };
            let same_day = times().all(|time| civil_of(time).2 == most);
            if same_hour && times().all(on_day) {
                let end = !same_day && times().all(is_end);
                let count = most_frequent(series, |a, b| month_of(b) - month_of(a))?;
                return Some(Frequency::Months { count: u32::try_from(count).ok()?, end });
            }
        }
        Some(Frequency::Fixed { seconds: u32::try_from(seconds).ok()? })
    }
}

fn most_frequent<'a>(series: impl IntoIterator<Item = &'a [i64]>, distance: impl Fn(i64, i64) -> i64) -> Option<i64> {
    let mut counts = BTreeMap::new();
    for times in series {
        for pair in times.windows(2) {
            *counts.entry(distance(pair[0], pair[1])).or_insert(0_usize) += 1;
        }
    }
    // The last of equal maxima: of those sorted downwards, the smallest distance.
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(distance, _)| distance)
}

/// Months since year 0.
fn month_of(time: i64) -> i64 {
    let (year, month, _) = civil(time.div_euclid(DAY));
    year * 12 + i64::from(month) - 1
}

fn last_of_month(year: i64, month: u32) -> u32 {
    let (next_year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    (days(next_year, next, 1) - days(year, month, 1)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(year: i64, month: u32, day: u32) -> i64 {
        days(year, month, day) * DAY
    }

    #[test]
    fn steps_lead_to_times_and_times_to_steps() {
        let every = [
            Frequency::Steps,
            Frequency::MINUTELY,
            Frequency::WEEKLY,
            Frequency::MONTHLY,
            Frequency::MONTH_END,
            Frequency::Months { count: 3, end: true },
            Frequency::YEARLY,
        ];
        for frequency in every {
            for start in [at(2023, 12, 31), at(2024, 2, 29)] {
                for steps in [-5, 0, 1, 2, 40] {
                    let time = frequency.after(start, steps);
                    assert_eq!(frequency.steps_between(start, time), Some(steps), "{frequency:?}");
                }
            }
        }
        assert_eq!(Frequency::MONTHLY.after(at(2024, 1, 31), 1), at(2024, 2, 29), "the last day there is");
        assert_eq!(Frequency::DAILY.steps_between(0, DAY + 1), None);
        assert_eq!(Frequency::MONTHLY.steps_between(at(2024, 1, 1), at(2024, 2, 2)), None);
        assert_eq!(Frequency::QUARTERLY.steps_between(at(2024, 1, 1), at(2024, 2, 1)), None);
    }

    #[test]
    fn the_frequency_is_seen_in_spite_of_gaps() {
        let infer = |times: &[i64]| Frequency::infer([times]);
        assert_eq!(infer(&[0, 3600, 7200, 36_000]), Some(Frequency::HOURLY));
        assert_eq!(infer(&[at(2024, 1, 1), at(2024, 1, 8), at(2024, 1, 15)]), Some(Frequency::WEEKLY));
        assert_eq!(infer(&[at(2024, 1, 5), at(2024, 2, 5), at(2024, 4, 5), at(2024, 5, 5)]), Some(Frequency::MONTHLY));
        assert_eq!(infer(&[at(2023, 1, 31), at(2023, 2, 28), at(2023, 3, 31)]), Some(Frequency::MONTH_END));
        let on_30 = [at(2023, 12, 30), at(2024, 1, 30), at(2024, 2, 29), at(2024, 3, 30)];
        assert_eq!(infer(&on_30), Some(Frequency::MONTHLY), "February has no 30th");
        assert!((0..4).all(|step| Frequency::MONTHLY.after(on_30[0], step as i64) == on_30[step]));
        assert_eq!(infer(&[at(2023, 1, 30), at(2023, 2, 27), at(2023, 3, 30)]).map(Frequency::season), Some(1));
        assert_eq!(infer(&[at(2021, 1, 1), at(2022, 1, 1), at(2023, 1, 1)]), Some(Frequency::YEARLY));
        assert_eq!(infer(&[at(2024, 1, 1), at(2024, 1, 29), at(2024, 2, 26)]).map(Frequency::season), Some(1));
        assert_eq!(infer(&[7]), None);
    }

    #[test]
    fn far_times_do_not_overflow() {
        for frequency in [Frequency::Steps, Frequency::WEEKLY, Frequency::YEARLY, Frequency::MONTH_END] {
            for start in [i64::MIN, i64::MAX] {
                for steps in [i64::MIN, i64::MAX] {
                    frequency.steps_between(start, frequency.after(start, steps));
                    frequency.text(frequency.after(start, steps));
                }
            }
        }
    }
}
