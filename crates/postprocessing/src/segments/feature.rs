//! [`SegmentFeature`]: one column in which a segment differs from all rows.

use super::{
    column::{Compared, Values},
    language::{Language, feminine_and_plural, percent, readable},
};
use adflux_core::Categories;
use serde::{Deserialize, Serialize};

/// How a column was compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "as")]
#[non_exhaustive]
pub enum Measure {
    /// Means of a number.
    Mean,
    /// Shares of rows where a column of 0 and 1 is 1.
    Share,
    /// Shares of rows at one level of a text column.
    Level {
        /// The level.
        level: String,
    },
    /// Shares of rows without a value.
    Missing,
}

/// Which way a segment differs from all rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// A mean above that of all rows.
    High,
    /// A mean below it.
    Low,
    /// A share, of ones or of a level, above that of all rows.
    MoreOften,
    /// A share below it.
    LessOften,
}

impl Direction {
    fn of(measure: &Measure, effect: f64) -> Self {
        match (measure, effect > 0.0) {
            (Measure::Mean, true) => Direction::High,
            (Measure::Mean, false) => Direction::Low,
            (_, true) => Direction::MoreOften,
            (_, false) => Direction::LessOften,
        }
    }
}

/// One column in which a segment differs from all rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SegmentFeature {
    /// The column.
    pub column: String,
    /// How it was compared.
    pub measure: Measure,
    /// Which way the segment differs.
    pub direction: Direction,
    /// Mean or share in the segment.
    pub inside: f64,
    /// Mean or share of all rows.
    pub overall: f64,
    /// The difference in standard deviations of all rows: 0.2 is small, 0.5 medium, 0.8 large (Cohen 1988). Its sign is that of
    /// the direction.
    pub effect: f64,
    /// Of shares, the one in the segment over that of all rows: 2 is twice as often. `None` for means.
    #[serde(default)]
    pub lift: Option<f64>,
    /// The column of a stronger feature that says the same of these rows: over all rows the two are correlated by 0.8 or more, either
    /// way. Found for the strongest, until eight differ.
    #[serde(default)]
    pub same_as: Option<String>,
}

/// A share from which on a name says it of the whole segment.
const MOST: f64 = 0.7;

impl SegmentFeature {
    fn new(column: &str, measure: Measure, inside: f64, overall: f64, effect: f64) -> Self {
        let direction = Direction::of(&measure, effect);
        // What nobody has is no level, so that `overall` is above 0.
        let lift = (measure != Measure::Mean).then_some(inside / overall);
        SegmentFeature { column: column.into(), measure, direction, inside, overall, effect, lift, same_as: None }
    }

    /// The feature as a phrase: what it is here, and for everyone.
    pub fn text(&self, language: Language) -> String {
        let column = readable(&self.column);
        let everyone = language.pick("everyone", "total");
        match &self.measure {
            Measure::Mean => {
                let average = language.pick("on average", "de media");
                format!(
                    "{column} {} {average} ({everyone}: {})",
                    language.digits(self.inside),
                    language.digits(self.overall)
                )
            }
            Measure::Share => format!("{column} {} ({everyone}: {})", percent(self.inside), percent(self.overall)),
            Measure::Level { level } => {
                format!("{column} = {level} {} ({everyone}: {})", percent(self.inside), percent(self.overall))
            }
            Measure::Missing => {
                let missing = language.pick("missing", "sin dato");
                format!("{column} {missing} {} ({everyone}: {})", percent(self.inside), percent(self.overall))
            }
        }
    }

    /// Whether a name may say it of the segment: a mean, or what most of its rows have or have not.
    pub(super) fn holds(&self) -> bool {
        match (&self.measure, self.effect > 0.0) {
            (Measure::Mean, _) => true,
            (_, true) => self.inside >= MOST,
            (_, false) => self.inside <= 1.0 - MOST,
        }
    }

    /// The feature in a name of rows of which it does not hold: "more often with volunteer".
    pub(super) fn tendency(&self, language: Language) -> String {
        let often = match self.effect > 0.0 {
            true => language.pick("more often", "más a menudo"),
            false => language.pick("less often", "menos a menudo"),
        };
        format!("{often} {}", self.phrase(true, language))
    }

    /// The feature in a name.
    pub(super) fn short(&self, language: Language) -> String {
        self.phrase(self.effect > 0.0, language)
    }

    fn phrase(&self, more: bool, language: Language) -> String {
        let column = readable(&self.column);
        match (&self.measure, more) {
            (Measure::Mean, true) if counted(&column) => format!("{} {column}", language.pick("more", "más")),
            (Measure::Mean, false) if counted(&column) => format!("{} {column}", language.pick("fewer", "menos")),
            (Measure::Mean, more) => match language {
                Language::En => format!("{} {column}", if more { "high" } else { "low" }),
                Language::Es => format!("{column} {}", high_or_low(&column, more)),
            },
            (Measure::Share, true) => format!("{} {column}", language.pick("with", "con")),
            (Measure::Share, false) => format!("{} {column}", language.pick("without", "sin")),
            (Measure::Level { level }, true) => match level.to_lowercase().as_str() {
                "yes" | "true" | "sí" => format!("{} {column}", language.pick("with", "con")),
                "no" | "false" => format!("{} {column}", language.pick("without", "sin")),
                _ => format!("{column} {level}"),
            },
            (Measure::Level { level }, false) => format!("{column} {} {level}", language.pick("not", "no")),
            (Measure::Missing, true) => format!("{column} {}", language.pick("missing", "sin dato")),
            (Measure::Missing, false) => format!("{column} {}", language.pick("known", "con dato")),
        }
    }
}

/// Whether a column, as it is read, counts things: more and fewer of them, not high and low.
fn counted(column: &str) -> bool {
    const THINGS: [&str; 17] = [
        "years", "months", "weeks", "days", "hours", "times", "number", "num", "count", "total", "años", "meses",
        "semanas", "días", "horas", "veces", "hijos",
    ];
    column.split(' ').any(|word| THINGS.contains(&word))
}

/// "alto", "alta", "bajos" or what else agrees with the column in Spanish.
fn high_or_low(column: &str, high: bool) -> String {
    let (feminine, plural) = feminine_and_plural(column);
    let (stem, gender, number) =
        (if high { "alt" } else { "baj" }, if feminine { "a" } else { "o" }, if plural { "s" } else { "" });
    format!("{stem}{gender}{number}")
}

impl Compared {
    /// In what the `rows` of a segment differ from all: a mean of a number, a share of each level of a text, and of missing values.
    pub(super) fn features(&self, rows: &[usize]) -> Vec<SegmentFeature> {
        let mut features = self.of_values(rows);
        let overall = self.missing as f64 / self.rows() as f64;
        let deviation = (overall * (1.0 - overall)).sqrt();
        if deviation > 0.0 && !rows.is_empty() {
            let inside = rows.iter().filter(|row| self.is_missing(**row)).count() as f64 / rows.len() as f64;
            let effect = (inside - overall) / deviation;
            features.push(SegmentFeature::new(&self.name, Measure::Missing, inside, overall, effect));
        }
        features
    }

    fn of_values(&self, rows: &[usize]) -> Vec<SegmentFeature> {
        match &self.values {
            Values::Number { values, mean, deviation, share, .. } => {
                let inside: Vec<f64> = rows.iter().map(|r| values[*r]).filter(|v| v.is_finite()).collect();
                if inside.is_empty() || *deviation == 0.0 {
                    return Vec::new();
                }
                let average = inside.iter().sum::<f64>() / inside.len() as f64;
                let measure = if *share { Measure::Share } else { Measure::Mean };
                vec![SegmentFeature::new(&self.name, measure, average, *mean, (average - mean) / deviation)]
            }
            Values::Text { categories, counts } => {
                let mut inside = vec![0_usize; counts.len()];
                rows.iter()
                    .map(|r| categories.codes[*r])
                    .filter(|c| *c != Categories::MISSING)
                    .for_each(|c| inside[c as usize] += 1);
                let total = categories.codes.len() as f64;
                let of = |(level, (&here, &everywhere)): (usize, (&usize, &usize))| {
                    let (here, everywhere) = (here as f64 / rows.len() as f64, everywhere as f64 / total);
                    let deviation = (everywhere * (1.0 - everywhere)).sqrt();
                    let effect = (here - everywhere) / deviation;
                    let level = Measure::Level { level: categories.levels[level].clone() };
                    // Of two levels, one says it all.
                    (deviation > 0.0 && (counts.len() != 2 || here > everywhere))
                        .then(|| SegmentFeature::new(&self.name, level, here, everywhere, effect))
                };
                inside.iter().zip(counts).enumerate().filter_map(of).collect()
            }
        }
    }
}
