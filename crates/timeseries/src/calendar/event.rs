//! Events of one's own, and how holidays become columns.

use super::Country;
use adflux_core::{Error, Result, calendar::parse, parameter::ensure};
use serde::{Deserialize, Serialize};

/// The most days before or after that can have columns of their own.
const MOST_DAYS: usize = 60;

/// Something that lasts from a day to another: a job fair, a campaign flight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// What its column is called. Events of one name share it: a fair that comes back each year.
    pub name: String,
    /// The first day, such as `2024-11-29`.
    pub from: String,
    /// The last day, that day included.
    pub to: String,
    /// Days before the first that have columns of their own, `NAME_-1` the nearest. Default 0, at most 60.
    #[serde(default)]
    pub before: usize,
    /// Days after the last that have columns of their own, `NAME_+1` the nearest. Default 0, at most 60.
    #[serde(default)]
    pub after: usize,
    /// The series that it concerns: the campaigns that are flown. Default: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<String>,
}

impl Event {
    /// From a day to another, both included: `2024-11-29`.
    pub fn new(name: impl Into<String>, from: impl Into<String>, to: impl Into<String>) -> Self {
        Event { name: name.into(), from: from.into(), to: to.into(), before: 0, after: 0, series: Vec::new() }
    }

    /// With columns for so many days before it.
    pub fn before(mut self, days: usize) -> Self {
        self.before = days;
        self
    }

    /// With columns for so many days after it.
    pub fn after(mut self, days: usize) -> Self {
        self.after = days;
        self
    }

    /// Of these series alone.
    pub fn series<S: Into<String>>(mut self, ids: impl IntoIterator<Item = S>) -> Self {
        self.series = ids.into_iter().map(Into::into).collect();
        self
    }

    /// The first day and the last, as days since 1970-01-01.
    pub(super) fn days(&self) -> Result<(i64, i64)> {
        let wrong = |reason: String| Error::parameter("events", &self.name, reason);
        let day = |text: &str| {
            let day = parse(text).filter(|day| day.fract() == 0.0);
            day.map(|day| day as i64).ok_or_else(|| wrong(format!("`{text}` is not a day such as 2024-11-29")))
        };
        let (from, to) = (day(&self.from)?, day(&self.to)?);
        if from > to {
            return Err(wrong(format!("it ends on {} before it begins on {}", self.to, self.from)));
        }
        window(self.before, self.after)?;
        Ok((from, to))
    }
}

/// The public holidays of a country as columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holidays {
    /// Whose.
    pub country: Country,
    /// Days before a holiday that have columns of their own, `NAME_-1` the nearest. Default 0, at most 60.
    #[serde(default)]
    pub before: usize,
    /// Days after a holiday that have columns of their own, `NAME_+1` the nearest. Default 0, at most 60.
    #[serde(default)]
    pub after: usize,
    /// Whether each holiday has a column of its own, such as `colombia Navidad`, rather than all one, `colombia`. Default false.
    #[serde(default)]
    pub separate: bool,
}

impl Holidays {
    /// All of a country as one column.
    pub fn new(country: Country) -> Self {
        Holidays { country, before: 0, after: 0, separate: false }
    }

    /// With columns for so many days before each.
    pub fn before(mut self, days: usize) -> Self {
        self.before = days;
        self
    }

    /// With columns for so many days after each.
    pub fn after(mut self, days: usize) -> Self {
        self.after = days;
        self
    }

    /// Each in a column of its own.
    pub fn separate(mut self) -> Self {
        self.separate = true;
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        window(self.before, self.after)
    }
}

impl From<Country> for Holidays {
    fn from(country: Country) -> Self {
        Holidays::new(country)
    }
}

fn window(before: usize, after: usize) -> Result<()> {
    let most = format!("must be at most {MOST_DAYS} days");
    ensure(before <= MOST_DAYS, "before", before, &most)?;
    ensure(after <= MOST_DAYS, "after", after, &most)
}
