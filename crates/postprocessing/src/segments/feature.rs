//! [`SegmentFeature`]: one column in which a segment differs from all rows.

use super::{
    column::{Compared, Values},
    language::{Language, number, percent, readable},
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
}

impl SegmentFeature {
    fn new(column: &str, measure: Measure, inside: f64, overall: f64, effect: f64) -> Self {
        let direction = Direction::of(&measure, effect);
        // What nobody has is no level, so that `overall` is above 0.
        let lift = (measure != Measure::Mean).then_some(inside / overall);
        SegmentFeature { column: column.into(), measure, direction, inside, overall, effect, lift }
    }

    /// The feature as a phrase: what it is here, and for everyone.
    pub fn text(&self, language: Language) -> String {
        let column = readable(&self.column);
        let everyone = language.pick("everyone", "total");
        match &self.measure {
            Measure::Mean => {
                let average = language.pick("on average", "de media");
                format!("{column} {} {average} ({everyone}: {})", number(self.inside), number(self.overall))
            }
            Measure::Share => format!("{column} {} ({everyone}: {})", percent(self.inside), percent(self.overall)),
            Measure::Level { level } => {
                format!("{column} = {level} {} ({everyone}: {})", percent(self.inside), percent(self.overall))
            }
        }
    }

    /// The feature in a name.
    pub(super) fn short(&self, language: Language) -> String {
        let column = readable(&self.column);
        match (&self.measure, self.effect > 0.0) {
            (Measure::Mean, true) if counted(&column) => format!("{} {column}", language.pick("more", "más")),
            (Measure::Mean, false) if counted(&column) => format!("{} {column}", language.pick("fewer", "menos")),
            // Without the gender that "alto" and "bajo" would need.
            (Measure::Mean, true) => format!("{} {column}", language.pick("high", "más")),
            (Measure::Mean, false) => format!("{} {column}", language.pick("low", "menos")),
            (Measure::Share, true) => format!("{} {column}", language.pick("with", "con")),
            (Measure::Share, false) => format!("{} {column}", language.pick("without", "sin")),
            (Measure::Level { level }, true) => match level.to_lowercase().as_str() {
                "yes" | "true" | "sí" => format!("{} {column}", language.pick("with", "con")),
                "no" | "false" => format!("{} {column}", language.pick("without", "sin")),
                _ => format!("{column} {level}"),
            },
            (Measure::Level { level }, false) => format!("{column} {} {level}", language.pick("not", "no")),
        }
    }
}

/// Whether a column, as it is read, counts things: more and fewer of them, not high and low.
fn counted(column: &str) -> bool {
    const THINGS: [&str; 10] =
        ["years", "months", "weeks", "days", "hours", "times", "number", "num", "count", "total"];
    column.split(' ').any(|word| THINGS.contains(&word))
}

impl Compared {
    /// In what the `rows` of a segment differ from all: at most one feature of a number, one a level of a text.
    pub(super) fn features(&self, rows: &[usize]) -> Vec<SegmentFeature> {
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
