//! Days since 1970-01-01 and the dates of the Gregorian calendar: what a frame gives
//! for times, and back.
//!
//! ```
//! use adflux_core::calendar::{civil, days, parse, weekday};
//! assert_eq!(days(1970, 1, 2), 1);
//! assert_eq!(civil(days(2024, 2, 28) + 1), (2024, 2, 29));
//! assert_eq!(weekday(0), 3, "a Thursday: Monday is 0");
//! assert_eq!(parse("2024-02-29T12:00:00Z"), Some(days(2024, 2, 29) as f64 + 0.5));
//! assert_eq!(parse("2023-02-29"), None);
//! ```

/// From the 1 March of year 0 to 1970-01-01.
const SHIFT: i64 = 719_468;
/// Days of an era of 400 years.
const ERA: i64 = 146_097;

/// Year, month (1 to 12) and day (1 to 31) of a number of days since 1970-01-01, which is negative before.
///
/// Eras of 400 years that begin on 1 March, so that the leap day is the last of its year: Hinnant, "chrono-compatible
/// low-level date algorithms" (2013).
pub const fn civil(days: i64) -> (i64, u32, u32) {
    let shifted = days + SHIFT;
    let (era, of_era) = (shifted.div_euclid(ERA), shifted.rem_euclid(ERA));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + (month <= 2) as i64, month as u32, day as u32)
}

/// Days since 1970-01-01 of a date; a month or day beyond its range gives a day of a neighbouring month.
pub const fn days(year: i64, month: u32, day: u32) -> i64 {
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let of_year = (153 * month as i64 + 2) / 5 + day as i64 - 1;
    let year_of_era = year.rem_euclid(400);
    year.div_euclid(400) * ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - SHIFT
}

/// 0 for Monday to 6 for Sunday, of a number of days since 1970-01-01.
pub const fn weekday(days: i64) -> usize {
    (days + 3).rem_euclid(7) as usize
}

/// Days since 1970-01-01, with the time of day as a fraction, of a date as ISO 8601 writes it: `2024-12-31`,
/// `2024-12-31 18:30`, `2024-12-31T18:30:05.250Z`. Years are 0001 to 9999, and times are those of UTC. `None` of
/// anything else, also of days that no month has and of times with another offset than `Z`.
pub fn parse(text: &str) -> Option<f64> {
    let text = text.trim();
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, time_of_day(time)?),
        None => (text, 0.0),
    };
    let mut parts = date.split('-');
    let mut number = |digits| parts.next().filter(|part| part.len() == digits).and_then(whole);
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    let found = days(i64::from(year), month, day);
    // The 31st of April would come back as the 1st of May.
    let is_date = parts.next().is_none() && year >= 1 && civil(found) == (i64::from(year), month, day);
    is_date.then_some(found as f64 + time)
}

/// A time in seconds since 1970-01-01 as ISO 8601 writes it, as short as it can be: `2024-12-31`, `2024-12-31T18:30`,
/// `2024-12-31T18:30:05`. What [`parse`] reads.
pub fn format(seconds: i64) -> String {
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, of_month) = civil(day);
    let date = format!("{year:04}-{month:02}-{of_month:02}");
    match (second / 3600, second / 60 % 60, second % 60) {
        (0, 0, 0) => date,
        (hour, minute, 0) => format!("{date}T{hour:02}:{minute:02}"),
        (hour, minute, second) => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
    }
}

/// The part of the day that has passed at `18:30` or `18:30:05.250`, with or without `Z`.
fn time_of_day(text: &str) -> Option<f64> {
    let mut parts = text.strip_suffix('Z').unwrap_or(text).splitn(3, ':');
    let (hour, minute) = (whole(parts.next()?)?, whole(parts.next()?)?);
    let second = match parts.next() {
        None => 0.0,
        Some(text) if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') => text.parse::<f64>().ok()?,
        Some(_) => return None,
    };
    let in_day = hour < 24 && minute < 60 && second < 60.0;
    in_day.then_some((f64::from(hour * 3600 + minute * 60) + second) / 86_400.0)
}

fn whole(text: &str) -> Option<u32> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_four_centuries_comes_back_and_follows_the_day_before() {
        let mut before = civil(days(1799, 12, 31));
        for day in days(1800, 1, 1)..=days(2200, 12, 31) {
            let (year, month, of_month) = civil(day);
            assert_eq!(days(year, month, of_month), day);
            let next_day = (year, month) == (before.0, before.1) && of_month == before.2 + 1;
            assert!(next_day || of_month == 1, "{year}-{month}-{of_month} after {before:?}");
            before = (year, month, of_month);
        }
        assert_eq!((civil(0), weekday(0), weekday(-1)), ((1970, 1, 1), 3, 2));
    }

    #[test]
    fn what_is_written_is_read_again() {
        for (seconds, text) in [(0, "1970-01-01"), (-1800, "1969-12-31T23:30"), (86_400 + 65, "1970-01-02T00:01:05")] {
            assert_eq!(format(seconds), text);
            assert_eq!(parse(text).map(|days| (days * 86_400.0).round()), Some(seconds as f64));
        }
    }

    #[test]
    fn dates_are_read_as_iso_writes_them_and_not_otherwise() {
        assert_eq!(parse(" 1970-01-02 "), Some(1.0));
        assert_eq!(parse("1969-12-31 18:00"), Some(-0.25));
        assert_eq!(parse("1970-01-01T00:00:43.2Z"), Some(0.0005));
        for other in [
            "",
            "2024",
            "2024-1-1",
            "2024-13-01",
            "2024-04-31",
            "0000-01-01",
            "31/12/2024",
            "2024-01-01T25:00",
            "10:00",
            "2024-01-01T10:00+01:00",
            "2024-01-01-01",
            "+024-01-01",
            "2024-01-01 1e1:00",
            "2024-01-01 10:00:1e1",
            "2024-01-01 10:00:",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
