//! What every campaign shares: the calendar of the simulated market.

use crate::Date;
use std::f64::consts::TAU;

/// Days of the table after the last start; longer flights are computed day by day.
const TABLE_TAIL: u32 = 60;

/// A century: the most that a table holds, and the longest flight.
pub(crate) const MOST_DAYS: u32 = 36_525;

/// How a day differs from the average day, as factors around 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DayFactors {
    /// Relative number of impressions delivered.
    pub volume: f64,
    /// Factor of the click-through rate.
    pub ctr: f64,
    /// Factor of the conversion rate from click to application.
    pub conversion_rate: f64,
    /// Factor of the cost of a thousand impressions.
    pub cpm: f64,
}

/// The averages of [`DayFactors`] over a flight, weighted so that they hold for the flight's totals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FlightFactors {
    pub ctr: f64,
    pub conversion_rate: f64,
    pub cpm: f64,
}

/// The calendar of a simulated market: weekly and yearly season, and a slow trend that starts at `first_date`.
///
/// For the day t days after `first_date`, with weekday w and day of the year y:
///
/// ```text
/// volume = V[w]
/// ctr    = exp(C[w] + 0.05 cos(2π (y − 15)/365.25) − 0.04 t/365.25)
/// rate   = exp(R[w] + 0.04 cos(2π (y − 15)/365.25))
/// cpm    = exp(M[w] + 0.10 cos(2π (y − 335)/365.25) + 0.06 t/365.25)
/// ```
///
/// People look for jobs in January and early in the week; advertisers outbid each other before Christmas; the market
/// grows dearer and more tired every year.
#[derive(Clone, Debug)]
pub struct Market {
    first: Date,
    table: Vec<DayFactors>,
}

impl Market {
    /// The market whose trend starts at `first`, prepared for flights that start within `days` days of it. Other days
    /// give the same kind of answer, more slowly.
    pub fn new(first: Date, days: u32) -> Self {
        let days = days.min(MOST_DAYS) + TABLE_TAIL;
        let table = (0..days).map(|t| factors(first, first.plus(t as i32))).collect();
        Market { first, table }
    }

    /// The factors of a day.
    pub fn day(&self, date: Date) -> DayFactors {
        let t = date.epoch() - self.first.epoch();
        match usize::try_from(t).ok().and_then(|t| self.table.get(t)) {
            Some(factors) => *factors,
            None => factors(self.first, date),
        }
    }

    /// The expected share of a flight's impressions on its day `k` (from 0), up to a common factor: `volume · pacing`.
    /// Platforms learn for three days before they deliver in full.
    pub(crate) fn delivery(&self, date: Date, k: u32) -> f64 {
        const LEARNING: [f64; 3] = [0.7, 0.85, 0.95];
        self.day(date).volume * LEARNING.get(k as usize).copied().unwrap_or(1.0)
    }

    /// With pₖ the delivery of day k: CTR is averaged by impressions (pₖ), conversion by clicks (pₖ ctrₖ), CPM by
    /// impressions.
    pub(crate) fn flight(&self, start: Date, days: u32) -> FlightFactors {
        let (mut impressions, mut clicks, mut applications, mut cost) = (0.0, 0.0, 0.0, 0.0);
        for k in 0..days.clamp(1, MOST_DAYS) {
            let date = start.plus(k as i32);
            let (day, p) = (self.day(date), self.delivery(date, k));
            impressions += p;
            clicks += p * day.ctr;
            applications += p * day.ctr * day.conversion_rate;
            cost += p * day.cpm;
        }
        FlightFactors { ctr: clicks / impressions, conversion_rate: applications / clicks, cpm: cost / impressions }
    }
}

fn factors(first: Date, date: Date) -> DayFactors {
    const VOLUME: [f64; 7] = [1.08, 1.10, 1.08, 1.04, 0.96, 0.82, 0.92];
    const CTR: [f64; 7] = [0.06, 0.07, 0.04, 0.01, -0.06, -0.10, -0.02];
    const CONVERSION: [f64; 7] = [0.05, 0.05, 0.03, 0.00, -0.04, -0.06, -0.03];
    const CPM: [f64; 7] = [0.03, 0.04, 0.03, 0.02, 0.00, -0.06, -0.06];
    let weekday = date.weekday();
    let years = f64::from(date.epoch() - first.epoch()) / 365.25;
    // 1970-01-01 was the first day of a year: the remainder is the day of the year to within a day.
    let day_of_year = f64::from(date.epoch()).rem_euclid(365.25);
    let wave = |peak: f64| (TAU * (day_of_year - peak) / 365.25).cos();
    DayFactors {
        volume: VOLUME[weekday],
        ctr: (CTR[weekday] + 0.05 * wave(15.0) - 0.04 * years).exp(),
        conversion_rate: (CONVERSION[weekday] + 0.04 * wave(15.0)).exp(),
        cpm: (CPM[weekday] + 0.10 * wave(335.0) + 0.06 * years).exp(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_outside_the_table_follow_the_same_formula() {
        let start: Date = "2024-01-01".parse().unwrap();
        let (small, large) = (Market::new(start, 1), Market::new(start, 900));
        for t in [-40, 0, 59, 60, 61, 500, 900, 2000] {
            assert_eq!(small.day(start.plus(t)), large.day(start.plus(t)));
        }
    }

    #[test]
    fn a_flight_is_its_days_added_up() {
        let market = Market::new("2024-01-01".parse().unwrap(), 30);
        let one = market.flight("2024-01-06".parse().unwrap(), 1);
        let saturday = market.day("2024-01-06".parse().unwrap());
        approx::assert_relative_eq!(one.ctr, saturday.ctr, max_relative = 1e-12);
        approx::assert_relative_eq!(one.conversion_rate, saturday.conversion_rate, max_relative = 1e-12);
        let weekend = market.flight("2024-01-06".parse().unwrap(), 2);
        let week = market.flight("2024-01-01".parse().unwrap(), 5);
        assert!(weekend.ctr < week.ctr && weekend.cpm < week.cpm);
    }
}
