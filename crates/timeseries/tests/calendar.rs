//! Calendars beside the Python package holidays.

use adflux_core::{Frequency, Panel, Series, calendar::days, calendar::format};
use adflux_testing::fixture;
use adflux_timeseries::{Calendar, CalendarPart, Country, Event, Holidays};
use serde::Deserialize;
use std::collections::HashMap;

const DAY: i64 = 86_400;

#[derive(Deserialize)]
struct Said {
    names: Vec<String>,
    /// The day, the place of its name, whether it is not the date itself.
    days: Vec<(String, usize, bool)>,
}

#[test]
fn holidays_are_those_of_the_package_from_2008_to_2035() {
    let said: HashMap<Country, Said> = fixture("timeseries/holidays.json");
    assert_eq!(said.len(), 4);
    for (country, said) in &said {
        let mut theirs: Vec<(String, &str, bool)> =
            said.days.iter().map(|(day, name, moved)| (day.clone(), said.names[*name].as_str(), *moved)).collect();
        let all = (2008..=2035).flat_map(|year| country.holidays(year));
        let mut ours: Vec<(String, &str, bool)> =
            all.map(|holiday| (format(holiday.day * DAY), holiday.name, holiday.observed)).collect();
        theirs.sort();
        ours.sort();
        let missing: Vec<_> = theirs.iter().filter(|day| !ours.contains(day)).take(9).collect();
        let beyond: Vec<_> = ours.iter().filter(|day| !theirs.contains(day)).take(9).collect();
        assert!(missing.is_empty() && beyond.is_empty(), "{country:?}: missing {missing:?}, beyond {beyond:?}");
        assert!(ours.len() > 190, "{}", ours.len());
    }
}

fn panel(frequency: Frequency, start: i64, steps: usize) -> Panel {
    Panel::new(frequency, vec![Series::new("meta", start, vec![1.0; steps])]).unwrap()
}

fn column(panel: &Panel, name: &str) -> Vec<f64> {
    let place = panel.covariates().iter().position(|column| column == name).unwrap();
    panel.get("meta").unwrap().covariates().column(place).to_vec()
}

#[test]
fn longer_steps_count_their_days_and_shorter_ones_are_of_theirs() {
    let calendar = Calendar::new()
        .part(CalendarPart::Weekend)
        .part(CalendarPart::MonthEnd)
        .part(CalendarPart::Hour)
        .part(CalendarPart::Month)
        .holidays(Country::UnitedStates);
    let of = |frequency, start, steps| calendar.on(&panel(frequency, start, steps)).unwrap();
    let weeks = of(Frequency::WEEKLY, days(2024, 12, 23) * DAY, 2);
    assert_eq!(column(&weeks, "united_states"), [1.0, 1.0], "Christmas, New Year's Day");
    assert_eq!(column(&weeks, "weekend"), [2.0, 2.0]);
    let months = of(Frequency::MONTHLY, days(2024, 11, 1) * DAY, 2);
    let ends = of(Frequency::MONTH_END, days(2024, 11, 30) * DAY, 2);
    for (name, counts) in [("united_states", [2.0, 1.0]), ("month_end", [1.0, 1.0]), ("weekend", [9.0, 9.0])] {
        assert_eq!(column(&months, name), counts, "{name}");
        assert_eq!(column(&ends, name), counts, "{name}");
    }
    assert_eq!(column(&ends, "month"), [11.0, 12.0]);
    let hours = of(Frequency::HOURLY, days(2024, 12, 24) * DAY + 22 * 3600, 4);
    assert_eq!(column(&hours, "hour"), [22.0, 23.0, 0.0, 1.0]);
    assert_eq!(column(&hours, "united_states"), [0.0, 0.0, 1.0, 1.0]);
}

#[test]
fn windows_reach_over_the_turn_of_the_year_and_flights_are_of_their_campaigns() {
    let start = days(2024, 12, 30) * DAY;
    let series = ["meta", "google"].map(|id| Series::new(id, start, vec![0.0; 5]));
    let panel = Panel::new(Frequency::DAILY, series.to_vec()).unwrap();
    let calendar = Calendar::new()
        .holidays(Holidays::new(Country::Spain).before(2).after(1).separate())
        .event(Event::new("flight", "2024-12-31", "2025-01-01").series(["meta"]).after(1))
        .event(Event::new("flight", "2025-01-01", "2025-01-02"));
    let on = calendar.on(&panel).unwrap();
    assert_eq!(on.covariates().len(), 10 * 4 + 2);
    assert_eq!(column(&on, "spain Año Nuevo"), [0.0, 0.0, 1.0, 0.0, 0.0]);
    assert_eq!(column(&on, "spain Año Nuevo_-2"), [1.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(column(&on, "spain Año Nuevo_+1"), [0.0, 0.0, 0.0, 1.0, 0.0]);
    assert_eq!(column(&on, "flight"), [0.0, 1.0, 1.0, 1.0, 0.0]);
    assert_eq!(column(&on, "flight_+1"), [0.0, 0.0, 0.0, 1.0, 0.0]);
    let google = on.get("google").unwrap().covariates();
    assert_eq!(google.column(40).to_vec(), [0.0, 0.0, 1.0, 1.0, 0.0]);
}

#[test]
fn what_cannot_be_says_why() {
    let daily = panel(Frequency::DAILY, 0, 3);
    let said = |calendar: &Calendar, panel: &Panel| calendar.on(panel).unwrap_err().to_string();
    let event = |from: &str, to: &str| Calendar::new().event(Event::new("fair", from, to));
    assert_eq!(
        said(&event("2024-05-02", "2024-05-01"), &daily),
        "parameter `events` = \"fair\": it ends on 2024-05-01 before it begins on 2024-05-02"
    );
    assert_eq!(
        said(&event("2024-02-30", "2024-05-01"), &daily),
        "parameter `events` = \"fair\": `2024-02-30` is not a day such as 2024-11-29"
    );
    let wide = Calendar::new().holidays(Holidays::new(Country::Mexico).before(61));
    assert_eq!(said(&wide, &daily), "parameter `before` = 61: must be at most 60 days");
    let twice = Calendar::new().holidays(Country::Mexico);
    assert_eq!(said(&twice, &twice.on(&daily).unwrap()), "column `mexico`: two covariates have this name");
    let event = Calendar::new().holidays(Country::Mexico).event(Event::new("mexico", "2024-01-01", "2024-01-01"));
    assert_eq!(said(&event, &daily), "column `mexico`: two covariates have this name");
    let plain = panel(Frequency::Steps, 0, 3);
    assert!(said(&twice, &plain).starts_with("a calendar needs series with dates"));
    for start in [i64::MIN, i64::MAX - 1, days(10_000, 1, 1) * DAY] {
        for frequency in [Frequency::DAILY, Frequency::MONTH_END, Frequency::YEARLY] {
            let far = said(&twice, &panel(frequency, start, 2));
            assert_eq!(far, "series `meta`: times beyond the years 1 to 9999");
        }
    }
}

#[test]
fn a_calendar_is_written_and_read() {
    let calendar = Calendar::new().part(CalendarPart::DayOfYear).holidays(Country::Colombia).event(Event::new(
        "fair",
        "2024-05-01",
        "2024-05-02",
    ));
    let text = serde_json::to_string(&calendar).unwrap();
    assert_eq!(serde_json::from_str::<Calendar>(&text).unwrap(), calendar);
    assert!(text.contains(r#""country":"colombia""#), "{text}");
}
