//! Public holidays by rule.

use adflux_core::calendar::{civil, days, weekday};
use serde::{Deserialize, Serialize};

/// A country whose public holidays are known, those of the whole country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Country {
    /// Colombia: 18 a year, 19 from 2026 on. Many are kept on the Monday after their date (Ley 51 de 1983, "Ley Emiliani").
    Colombia,
    /// Spain: the national ones of the yearly list in the BOE; those that fall on a Sunday are not in it, as each region moves them or
    /// not. Days that only regions keep are not here.
    Spain,
    /// Mexico: the days of rest of article 74 of the Ley Federal del Trabajo, without those of elections.
    Mexico,
    /// USA: federal holidays. One on a Saturday is also kept on the Friday before, one on a Sunday also on the Monday after.
    UnitedStates,
}

/// A public holiday of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holiday {
    /// Days since 1970-01-01.
    pub day: i64,
    /// Its name in the language of the country.
    pub name: &'static str,
    /// Whether the day is not the date of the holiday but another on which it is kept.
    pub observed: bool,
}

const MONDAY: usize = 0;
const THURSDAY: usize = 3;
const SATURDAY: usize = 5;
const SUNDAY: usize = 6;

/// On which day of a year.
#[derive(Clone, Copy)]
enum When {
    /// Month and day.
    Date(u32, u32),
    /// So many days after Easter Sunday.
    Easter(i64),
    /// The first, second, … of a weekday in a month.
    Nth(i64, usize, u32),
    /// The last of a weekday in a month.
    Last(usize, u32),
}

/// What becomes of it on some days of the week.
#[derive(Clone, Copy)]
enum Kept {
    /// Always on its day.
    There,
    /// On its day if that is a Monday, on the next Monday if not.
    NextMonday,
    /// Not in the list when it falls on a Sunday.
    NotOnSunday,
    /// Also on the nearest working day when it falls on a weekend.
    AlsoNearest,
}

struct Rule {
    name: &'static str,
    when: When,
    kept: Kept,
    /// The first year, the last, and how many years apart.
    years: (i64, i64, i64),
}

const fn rule(name: &'static str, when: When, kept: Kept) -> Rule {
    Rule { name, when, kept, years: (i64::MIN, i64::MAX, 1) }
}

impl Rule {
    const fn from(self, year: i64) -> Self {
        Rule { years: (year, self.years.1, 1), ..self }
    }

    const fn until(self, year: i64) -> Self {
        Rule { years: (self.years.0, year, 1), ..self }
    }

    const fn every(self, years: i64) -> Self {
        Rule { years: (self.years.0, self.years.1, years), ..self }
    }

    fn holds_in(&self, year: i64) -> bool {
        let (first, last, apart) = self.years;
        (first..=last).contains(&year) && (apart == 1 || (year - first) % apart == 0)
    }
}

use Kept::{AlsoNearest, NextMonday, NotOnSunday, There};
use When::{Date, Easter, Last, Nth};

const COLOMBIA: &[Rule] = &[
    rule("Año Nuevo", Date(1, 1), There),
    rule("Día de los Reyes Magos", Date(1, 6), NextMonday),
    rule("Día de San José", Date(3, 19), NextMonday),
    rule("Jueves Santo", Easter(-3), There),
    rule("Viernes Santo", Easter(-2), There),
    rule("Día del Trabajo", Date(5, 1), There),
    rule("Ascensión del señor", Easter(39), NextMonday),
    rule("Corpus Christi", Easter(60), NextMonday),
    rule("Sagrado Corazón", Easter(68), NextMonday),
    rule("San Pedro y San Pablo", Date(6, 29), NextMonday),
    // Ley 2578 de 2026.
    rule("Día de Nuestra Señora del Rosario de Chiquinquirá", Date(7, 9), NextMonday).from(2026),
    rule("Día de la Independencia", Date(7, 20), There),
    rule("Batalla de Boyacá", Date(8, 7), There),
    rule("La Asunción", Date(8, 15), NextMonday),
    rule("Día de la Raza", Date(10, 12), NextMonday),
    rule("Día de Todos los Santos", Date(11, 1), NextMonday),
    rule("Independencia de Cartagena", Date(11, 11), NextMonday),
    rule("La Inmaculada Concepción", Date(12, 8), There),
    rule("Navidad", Date(12, 25), There),
];

const SPAIN: &[Rule] = &[
    rule("Año Nuevo", Date(1, 1), NotOnSunday),
    rule("Epifanía del Señor", Date(1, 6), NotOnSunday),
    rule("Viernes Santo", Easter(-2), There),
    rule("Fiesta del Trabajo", Date(5, 1), NotOnSunday),
    rule("Asunción de la Virgen", Date(8, 15), NotOnSunday),
    rule("Fiesta Nacional de España", Date(10, 12), NotOnSunday),
    rule("Todos los Santos", Date(11, 1), NotOnSunday),
    rule("Día de la Constitución Española", Date(12, 6), NotOnSunday),
    rule("Inmaculada Concepción", Date(12, 8), NotOnSunday),
    rule("Natividad del Señor", Date(12, 25), NotOnSunday),
];

const MEXICO: &[Rule] = &[
    rule("Año Nuevo", Date(1, 1), There),
    rule("Día de la Constitución", Date(2, 5), There).until(2005),
    rule("Día de la Constitución", Nth(1, MONDAY, 2), There).from(2006),
    rule("Natalicio de Benito Juárez", Date(3, 21), There).until(2006),
    rule("Natalicio de Benito Juárez", Nth(3, MONDAY, 3), There).from(2007),
    rule("Día del Trabajo", Date(5, 1), There),
    rule("Día de la Independencia", Date(9, 16), There),
    rule("Día de la Revolución", Date(11, 20), There).until(2005),
    rule("Día de la Revolución", Nth(3, MONDAY, 11), There).from(2006),
    rule("Transmisión del Poder Ejecutivo Federal", Date(12, 1), There).from(1970).until(2018).every(6),
    rule("Transmisión del Poder Ejecutivo Federal", Date(10, 1), There).from(2024).every(6),
    rule("Navidad", Date(12, 25), There),
];

const UNITED_STATES: &[Rule] = &[
    rule("New Year's Day", Date(1, 1), AlsoNearest),
    rule("Martin Luther King Jr. Day", Nth(3, MONDAY, 1), There).from(1986),
    rule("Washington's Birthday", Nth(3, MONDAY, 2), There),
    rule("Memorial Day", Last(MONDAY, 5), There),
    rule("Juneteenth National Independence Day", Date(6, 19), AlsoNearest).from(2021),
    rule("Independence Day", Date(7, 4), AlsoNearest),
    rule("Labor Day", Nth(1, MONDAY, 9), There),
    rule("Columbus Day", Nth(2, MONDAY, 10), There),
    rule("Veterans Day", Date(11, 11), AlsoNearest),
    rule("Thanksgiving Day", Nth(4, THURSDAY, 11), There),
    rule("Christmas Day", Date(12, 25), AlsoNearest),
];

impl Country {
    fn rules(self) -> &'static [Rule] {
        match self {
            Country::Colombia => COLOMBIA,
            Country::Spain => SPAIN,
            Country::Mexico => MEXICO,
            Country::UnitedStates => UNITED_STATES,
        }
    }

    /// As columns and files call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Country::Colombia => "colombia",
            Country::Spain => "spain",
            Country::Mexico => "mexico",
            Country::UnitedStates => "united_states",
        }
    }

    /// The names of its holidays, in the order of the year.
    pub fn holiday_names(self) -> Vec<&'static str> {
        let mut names: Vec<&str> = Vec::new();
        for rule in self.rules() {
            if !names.contains(&rule.name) {
                names.push(rule.name);
            }
        }
        names
    }

    /// The days of `year` on which something is kept, in order; a day can have two.
    ///
    /// The rules are those of today and of the years since 2008, for which they are tested against the Python package `holidays`.
    /// For years before they are what was law in 2008, apart from Mexico's Mondays (2006), Martin Luther King's day (1986) and
    /// Juneteenth (2021).
    ///
    /// ```
    /// use adflux_core::calendar::days;
    /// use adflux_timeseries::Country;
    /// let holidays = Country::Colombia.holidays(2025);
    /// let kings = &holidays[1];
    /// assert_eq!((kings.name, kings.day, kings.observed), ("Día de los Reyes Magos", days(2025, 1, 6), false));
    /// assert_eq!(holidays[2].day, days(2025, 3, 24), "San José, on the Monday after March 19");
    /// ```
    pub fn holidays(self, year: i64) -> Vec<Holiday> {
        // New Year's Day of the next year can be kept on December 31st.
        let mut holidays: Vec<Holiday> = [year, year.saturating_add(1)]
            .into_iter()
            .flat_map(|of| {
                self.rules().iter().filter(move |rule| rule.holds_in(of)).flat_map(move |rule| kept(rule, of))
            })
            .filter(|holiday| civil(holiday.day).0 == year)
            .collect();
        holidays.sort_by_key(|holiday| holiday.day);
        holidays
    }
}

/// The days of `year` on which a holiday is kept.
fn kept(rule: &Rule, year: i64) -> Vec<Holiday> {
    let day = match rule.when {
        Date(month, day) => days(year, month, day),
        Easter(after) => easter(year) + after,
        Nth(nth, on, month) => {
            let first = days(year, month, 1);
            first + (on + 7 - weekday(first)) as i64 % 7 + 7 * (nth - 1)
        }
        Last(on, month) => {
            let last = days(year, month + 1, 1) - 1;
            last - (weekday(last) + 7 - on) as i64 % 7
        }
    };
    let at = |day: i64, observed: bool| Holiday { day, name: rule.name, observed };
    match (rule.kept, weekday(day)) {
        (NotOnSunday, SUNDAY) => Vec::new(),
        (NextMonday, on) if on != MONDAY => vec![at(day + 7 - on as i64, true)],
        (AlsoNearest, SATURDAY) => vec![at(day - 1, true), at(day, false)],
        (AlsoNearest, SUNDAY) => vec![at(day, false), at(day + 1, true)],
        _ => vec![at(day, false)],
    }
}

/// Easter Sunday of the Gregorian calendar: the computus of Meeus, Jones and Butcher (*Astronomical Algorithms*, chapter 8).
fn easter(year: i64) -> i64 {
    let (golden, century, of_century) = (year.rem_euclid(19), year.div_euclid(100), year.rem_euclid(100));
    let solar = century - century.div_euclid(4);
    let lunar = (century - (century + 8).div_euclid(25) + 1).div_euclid(3);
    let epact = (19 * golden + solar - lunar + 15).rem_euclid(30);
    let to_sunday = (32 + 2 * century.rem_euclid(4) + 2 * (of_century / 4) - epact - of_century % 4).rem_euclid(7);
    let late = (golden + 11 * epact + 22 * to_sunday) / 451;
    let of_march = epact + to_sunday - 7 * late + 114;
    days(year, (of_march / 31) as u32, (of_march % 31) as u32 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the tables of the U.S. Census Bureau.
    #[test]
    fn easter_is_where_the_tables_have_it() {
        for (year, month, day) in [
            (1818, 3, 22),
            (1943, 4, 25),
            (1954, 4, 18),
            (2000, 4, 23),
            (2008, 3, 23),
            (2024, 3, 31),
            (2038, 4, 25),
            (2285, 3, 22),
        ] {
            assert_eq!(civil(easter(year)), (year, month, day));
        }
        assert!((1600..2600).all(|year| weekday(easter(year)) == SUNDAY));
    }
}
