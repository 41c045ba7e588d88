//! Days of the calendar, without times or zones.

use adflux_core::{Error, Result};
use adflux_data::calendar;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A day of the Gregorian calendar between the years 1 and 9999, written and read as `2025-03-31`.
///
/// ```
/// use adflux_simulation::Date;
/// let date: Date = "2024-02-28".parse()?;
/// assert_eq!(date.plus(2).to_string(), "2024-03-01");
/// assert_eq!(date.weekday(), 2); // Wednesday: Monday is 0
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date(i32);

const FIRST: i32 = -719_162;
const LAST: i32 = 2_932_896;

impl Date {
    /// The day `days` days after 1970-01-01, moved into the years 1 to 9999 when it lies outside.
    pub const fn from_epoch(days: i32) -> Self {
        if days < FIRST {
            Date(FIRST)
        } else if days > LAST {
            Date(LAST)
        } else {
            Date(days)
        }
    }

    /// Days since 1970-01-01, negative before.
    pub const fn epoch(self) -> i32 {
        self.0
    }

    /// The day `days` days later.
    pub const fn plus(self, days: i32) -> Self {
        Date::from_epoch(self.0.saturating_add(days))
    }

    /// 0 for Monday to 6 for Sunday.
    pub const fn weekday(self) -> usize {
        calendar::weekday(self.0 as i64)
    }

    /// Year, month (1 to 12) and day (1 to 31).
    pub const fn civil(self) -> (i32, u32, u32) {
        let (year, month, day) = calendar::civil(self.0 as i64);
        (year as i32, month, day)
    }

    const fn from_civil(year: i32, month: u32, day: u32) -> Self {
        Date(calendar::days(year as i64, month, day) as i32)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Date {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refuse = || Error::data(format!("`{text}` is not a date: write it as 2025-03-31"));
        let mut parts = text
            .splitn(3, '-')
            .map(|part| if part.bytes().all(|b| b.is_ascii_digit()) { part.parse::<u32>().ok() } else { None });
        let (Some(Some(year)), Some(Some(month)), Some(Some(day))) = (parts.next(), parts.next(), parts.next()) else {
            return Err(refuse());
        };
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return Err(refuse());
        }
        let date = Date::from_civil(year as i32, month, day);
        // The 31st of April would come back as the 1st of May.
        if date.civil() == (year as i32, month, day) { Ok(date) } else { Err(refuse()) }
    }
}

impl TryFrom<String> for Date {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> String {
        date.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_nine_centuries_is_read_back_as_written() {
        let start: Date = "1600-01-01".parse().unwrap();
        for day in 0..330_000 {
            let date = start.plus(day);
            assert_eq!(date.to_string().parse::<Date>().unwrap(), date);
        }
        assert_eq!("1970-01-01".parse::<Date>().unwrap().epoch(), 0);
        assert_eq!("0001-01-01".parse::<Date>().unwrap().epoch(), FIRST);
        assert_eq!("9999-12-31".parse::<Date>().unwrap().epoch(), LAST);
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in
            ["2023-02-29", "2024-04-31", "2024-13-01", "2024-00-10", "today", "2024-1", "+024-01-01", "", "0000-01-01"]
        {
            let error = text.parse::<Date>().unwrap_err().to_string();
            assert!(error.contains("is not a date"), "{error}");
        }
        assert!("2024-02-29".parse::<Date>().is_ok());
    }
}
