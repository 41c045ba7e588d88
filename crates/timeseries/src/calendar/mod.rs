//! Calendars: parts of the date, public holidays and events of one's own as covariates that are known ahead.

mod columns;
mod event;
mod holidays;

pub use event::{Event, Holidays};
pub use holidays::{Country, Holiday};

use adflux_core::{Error, Frequency, Panel, Result, Series, calendar::civil};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// A part of the date as a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalendarPart {
    /// `hour`: 0 to 23.
    Hour,
    /// `day_of_week`: 0 for Monday to 6 for Sunday.
    DayOfWeek,
    /// `weekend`: 1 on Saturdays and Sundays.
    Weekend,
    /// `day_of_month`: 1 to 31.
    DayOfMonth,
    /// `month_start`: 1 on the first day of a month.
    MonthStart,
    /// `month_end`: 1 on the last day of a month.
    MonthEnd,
    /// `day_of_year`: 1 to 366.
    DayOfYear,
    /// `month`: 1 to 12.
    Month,
}

impl CalendarPart {
    fn name(self) -> &'static str {
        match self {
            CalendarPart::Hour => "hour",
            CalendarPart::DayOfWeek => "day_of_week",
            CalendarPart::Weekend => "weekend",
            CalendarPart::DayOfMonth => "day_of_month",
            CalendarPart::MonthStart => "month_start",
            CalendarPart::MonthEnd => "month_end",
            CalendarPart::DayOfYear => "day_of_year",
            CalendarPart::Month => "month",
        }
    }
}

/// What is known of days ahead of time: their place in week, month and year, public holidays, events and flights. It is put
/// [on](Calendar::on) a panel as covariates, on that of the past and on that of the future alike.
///
/// Where a step is longer than a day, columns of holidays, events, weekends and ends of months hold how many such days it has, and the
/// others are of its first day. A week or month of a series lasts from its time to the next; with
/// [`Frequency::MONTH_END`] it is the month that ends there. Where a step is shorter than a day, columns are of the day that it is in.
/// Days are those of the times as they are, without time zones.
///
/// ```
/// use adflux_core::{Frequency, Panel, Series, calendar::days};
/// use adflux_timeseries::{Calendar, CalendarPart, Country, Event, Holidays};
///
/// let clicks = Series::new("meta", days(2024, 12, 20) * 86_400, vec![10.0, 4.0, 3.0, 9.0, 8.0]);
/// let panel = Panel::new(Frequency::DAILY, vec![clicks])?;
/// let calendar = Calendar::new()
///     .part(CalendarPart::Weekend)
///     .holidays(Holidays::new(Country::Colombia).before(1))
///     .event(Event::new("fair", "2024-12-23", "2024-12-26").series(["meta"]));
///
/// let (past, future) = (calendar.on(&panel)?, calendar.on(&panel.ahead(3)?)?);
/// assert_eq!(past.covariates(), ["weekend", "colombia", "colombia_-1", "fair"]);
/// let eve = past.get("meta")?.covariates().row(4).to_vec();
/// assert_eq!(eve, [0.0, 0.0, 1.0, 1.0], "December 24th: the day before Navidad, and the fair is on");
/// assert_eq!(future.get("meta")?.covariates().column(1).to_vec(), [1.0, 0.0, 0.0]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Calendar {
    /// Parts of the date. Default none.
    pub parts: Vec<CalendarPart>,
    /// Public holidays. Default none.
    pub holidays: Vec<Holidays>,
    /// Events of one's own. Default none.
    pub events: Vec<Event>,
}

impl Calendar {
    /// Without columns.
    pub fn new() -> Self {
        Calendar::default()
    }

    /// A part of the date.
    pub fn part(mut self, part: CalendarPart) -> Self {
        self.parts.push(part);
        self
    }

    /// The public holidays of a country: a [`Country`], or [`Holidays`] with days before and after.
    pub fn holidays(mut self, holidays: impl Into<Holidays>) -> Self {
        self.holidays.push(holidays.into());
        self
    }

    /// An event or a flight.
    pub fn event(mut self, event: Event) -> Self {
        self.events.push(event);
        self
    }

    /// Whether there are no columns.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.holidays.is_empty() && self.events.is_empty()
    }

    /// `panel` with the columns of this calendar as covariates beside its own. O(steps · columns).
    ///
    /// # Errors
    /// When the panel has no dates (`Frequency::Steps`) or they are beyond the years 1 to 9999, an event ends before it begins or
    /// its days cannot be read, or a covariate of the name of a column is there already.
    pub fn on(&self, panel: &Panel) -> Result<Panel> {
        let frequency = panel.frequency();
        if frequency == Frequency::Steps {
            return Err(Error::data("a calendar needs series with dates: these have plain steps, so set a frequency"));
        }
        let (mut earliest, mut latest) = (9999, 1);
        for series in panel.series() {
            let steps = series.values().len();
            if steps == 0 {
                continue;
            }
            let ends = (columns::span(series, frequency, 0).0, columns::span(series, frequency, steps - 1).1);
            let years = [ends.0, ends.1].map(|day| civil(day.clamp(-1_000_000, 10_000_000)).0);
            if !(years[0] >= 1 && years[1] <= 9999) {
                return Err(Error::data(format!("series `{}`: times beyond the years 1 to 9999", series.id())));
            }
            (earliest, latest) = (years[0].min(earliest), years[1].max(latest));
        }
        let marked = columns::marked(self, earliest, latest)?;
        let names = self.parts.iter().map(|part| part.name()).chain(marked.iter().map(|column| column.name.as_str()));
        panel.with(names, |series| Ok(self.of(series, frequency, &marked)))
    }

    /// Steps × columns.
    fn of(&self, series: &Series, frequency: Frequency, marked: &[columns::Marked]) -> Array2<f64> {
        let mut values = Array2::zeros((series.values().len(), self.parts.len() + marked.len()));
        let marked: Vec<_> = marked.iter().map(|column| column.of(series.id())).collect();
        for (step, mut row) in values.outer_iter_mut().enumerate() {
            let (first, last) = columns::span(series, frequency, step);
            let time = frequency.after(series.start(), step as i64);
            let parts = self.parts.iter().map(|part| columns::part(*part, time, (first, last)));
            let counts = marked.iter().map(|ranges| columns::count(ranges, first, last));
            row.iter_mut().zip(parts.chain(counts)).for_each(|(to, value)| *to = value);
        }
        values
    }
}
