//! Columns of days, and how many of them a step holds.

use super::{Calendar, CalendarPart, Event, Holidays};
use adflux_core::{
    Frequency, Result, Series,
    calendar::{civil, days, weekday},
};

const DAY: i64 = 86_400;
const SATURDAY: usize = 5;

/// A range of days, both ends included.
type Range = (i64, i64);

/// Days on which something is.
#[derive(Clone, Debug)]
pub(super) struct Marked {
    pub(super) name: String,
    /// Each with the series that it is of; none: all.
    ranges: Vec<(Range, Vec<String>)>,
}

/// The columns of what is asked for, holidays in years `first` to `last`.
pub(super) fn marked(calendar: &Calendar, first: i64, last: i64) -> Result<Vec<Marked>> {
    let mut columns: Vec<Marked> = Vec::new();
    for holidays in &calendar.holidays {
        holidays.check()?;
        columns.extend(of_holidays(holidays, first, last));
    }
    let events = columns.len();
    for event in &calendar.events {
        for (name, range) in of_event(event, event.days()?) {
            match columns[events..].iter_mut().find(|column| column.name == name) {
                Some(column) => column.ranges.push((range, event.series.clone())),
                None => columns.push(Marked { name, ranges: vec![(range, event.series.clone())] }),
            }
        }
    }
    Ok(columns)
}

/// The offsets of a window, and what is put behind the name: the days themselves first.
fn offsets(before: usize, after: usize) -> impl Iterator<Item = (i64, String)> {
    let apart = (1..=before as i64).map(|by| -by).chain(1..=after as i64);
    [(0, String::new())].into_iter().chain(apart.map(|by| (by, format!("_{by:+}"))))
}

fn of_holidays(holidays: &Holidays, first: i64, last: i64) -> Vec<Marked> {
    let country = holidays.country;
    // A day of the first year can be one after a holiday of the year before.
    let all: Vec<_> = (first - 1..=last + 1).flat_map(|year| country.holidays(year)).collect();
    let named = |name: Option<&'static str>| -> Vec<i64> {
        all.iter().filter(|holiday| name.is_none_or(|name| name == holiday.name)).map(|holiday| holiday.day).collect()
    };
    let groups = match holidays.separate {
        false => vec![(country.name().to_string(), named(None))],
        true => {
            let names = country.holiday_names().into_iter();
            names.map(|name| (format!("{} {name}", country.name()), named(Some(name)))).collect()
        }
    };
    let columns = groups.into_iter().flat_map(|(name, days)| {
        offsets(holidays.before, holidays.after).map(move |(by, suffix)| Marked {
            name: format!("{name}{suffix}"),
            ranges: days.iter().map(|day| ((day + by, day + by), Vec::new())).collect(),
        })
    });
    columns.collect()
}

fn of_event(event: &Event, (from, to): Range) -> Vec<(String, Range)> {
    let one = |(by, suffix): (i64, String)| {
        let range = match by {
            0 => (from, to),
            ..0 => (from + by, from + by),
            _ => (to + by, to + by),
        };
        (format!("{}{suffix}", event.name), range)
    };
    offsets(event.before, event.after).map(one).collect()
}

impl Marked {
    /// The days of the series `id`: ranges in order, of which none touches another.
    pub(super) fn of(&self, id: &str) -> Vec<Range> {
        let own = |(_, series): &&(Range, Vec<String>)| series.is_empty() || series.iter().any(|series| series == id);
        let mut ranges: Vec<Range> = self.ranges.iter().filter(own).map(|(range, _)| *range).collect();
        ranges.sort_unstable();
        ranges.dedup_by(|next, before| {
            let joined = next.0 <= before.1;
            if joined {
                before.1 = before.1.max(next.1);
            }
            joined
        });
        ranges
    }
}

/// How many of the days `first` to `last` lie in `ranges`.
pub(super) fn count(ranges: &[Range], first: i64, last: i64) -> f64 {
    let begun = ranges.partition_point(|(_, to)| *to < first);
    let within = ranges[begun..].iter().take_while(|(from, _)| *from <= last);
    within.map(|(from, to)| last.min(*to) - first.max(*from) + 1).sum::<i64>() as f64
}

/// The first and the last day of step `step`.
pub(super) fn span(series: &Series, frequency: Frequency, step: usize) -> Range {
    let day = |step: i64| frequency.after(series.start(), step).div_euclid(DAY);
    let step = step as i64;
    match frequency {
        Frequency::Months { end: true, .. } => (day(step - 1) + 1, day(step)),
        Frequency::Months { end: false, .. } => (day(step), day(step + 1) - 1),
        Frequency::Fixed { seconds } => (day(step), day(step) + (i64::from(seconds) / DAY).max(1) - 1),
        Frequency::Steps => (day(step), day(step)),
    }
}

/// A part of the date at the beginning of a step from day `first` to day `last`; of weekends and ends of months, how many.
pub(super) fn part(part: CalendarPart, time: i64, (first, last): Range) -> f64 {
    let (year, month, of_month) = civil(first);
    let count = |is: &dyn Fn(i64) -> bool| (first..=last).filter(|day| is(*day)).count() as f64;
    match part {
        CalendarPart::Hour => (time.rem_euclid(DAY) / 3600) as f64,
        CalendarPart::DayOfWeek => weekday(first) as f64,
        CalendarPart::Weekend => count(&|day| weekday(day) >= SATURDAY),
        CalendarPart::DayOfMonth => f64::from(of_month),
        CalendarPart::MonthStart => count(&|day| civil(day).2 == 1),
        CalendarPart::MonthEnd => count(&|day| civil(day + 1).2 == 1),
        CalendarPart::DayOfYear => (first - days(year, 1, 1) + 1) as f64,
        CalendarPart::Month => f64::from(month),
    }
}
