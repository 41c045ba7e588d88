//! [`describe_segments`]: what sets each segment apart, in numbers and in words.

use adflux_core::{Categories, Error, Result};
use adflux_data::{ColumnKind, Frame};
use serde::{Deserialize, Serialize};

/// The language of names and sentences. Column names and values stay as they are in the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Spanish.
    Es,
}

impl Language {
    /// The text in this language.
    pub fn pick(self, en: &'static str, es: &'static str) -> &'static str {
        match self {
            Language::En => en,
            Language::Es => es,
        }
    }
}

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

/// One column in which a segment differs from all rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distinction {
    /// The column.
    pub column: String,
    /// How it was compared.
    pub measure: Measure,
    /// Mean or share in the segment.
    pub inside: f64,
    /// Mean or share of all rows.
    pub overall: f64,
    /// The difference in standard deviations of all rows: 0.2 is small, 0.5 medium, 0.8 large (Cohen 1988).
    pub effect: f64,
}

/// The mean of an outcome in a segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The column.
    pub column: String,
    /// Its mean in the segment.
    pub mean: f64,
    /// Its mean over all rows.
    pub overall: f64,
    /// The lower end of the mean's 95 % interval (Wilson's for an outcome of 0 and 1, else normal).
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
}

/// What is to be said of one segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SegmentDescription {
    /// The segment; `None` for the rows that belong to none.
    pub id: Option<u32>,
    /// Its rows.
    pub size: usize,
    /// Its share of all rows.
    pub share: f64,
    /// A name made of what sets it apart most.
    pub name: String,
    /// What sets it apart, the strongest first: all columns with an effect of at least [`SMALL_EFFECT`].
    pub distinctions: Vec<Distinction>,
    /// The mean outcome, when one was asked for.
    pub outcome: Option<Outcome>,
}

/// Differences below this many standard deviations are not worth a recruiter's attention.
pub const SMALL_EFFECT: f64 = 0.25;

/// Describes each segment by the columns in which it differs from all rows, the largest segment first. `outcome` names a
/// column of numbers whose mean is told as well (a callback rate). O(rows · columns).
///
/// ```
/// use adflux_data::Frame;
/// use adflux_postprocessing::{Language, describe_segments};
/// let frame = Frame::builder()
///     .numbers("years_experience", vec![1.0, 2.0, 9.0, 10.0])
///     .booleans("volunteer", vec![true, true, false, false])
///     .build()?;
/// let segments = [Some(0), Some(0), Some(1), Some(1)];
/// let all = describe_segments(&frame, &["years_experience", "volunteer"], &segments, None, Language::En)?;
/// assert_eq!(all[0].name, "with volunteer, low years experience");
/// assert_eq!(all[1].distinctions[1].text(Language::En), "years experience 9.50 on average (everyone: 5.50)");
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When a column is missing or `segments` has another number of rows.
pub fn describe_segments<S: AsRef<str>>(
    frame: &Frame,
    columns: &[S],
    segments: &[Option<u32>],
    outcome: Option<&str>,
    language: Language,
) -> Result<Vec<SegmentDescription>> {
    if segments.len() != frame.rows() {
        return Err(Error::data(format!("{} segments for {} rows", segments.len(), frame.rows())));
    }
    frame.require(columns)?;
    let columns = columns.iter().map(|c| Compared::read(frame, c.as_ref())).collect::<Result<Vec<_>>>()?;
    let outcome = outcome.map(|name| Ok((name, frame.numbers(name)?))).transpose()?;

    let mut ids = segments.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let mut all = Vec::with_capacity(ids.len());
    for id in ids {
        let rows: Vec<usize> = (0..segments.len()).filter(|r| segments[*r] == id).collect();
        let mut distinctions: Vec<Distinction> = columns.iter().flat_map(|c| c.distinctions(&rows)).collect();
        distinctions.retain(|d| d.effect.abs() >= SMALL_EFFECT);
        distinctions.sort_by(|a, b| b.effect.abs().total_cmp(&a.effect.abs()));
        all.push(SegmentDescription {
            id,
            size: rows.len(),
            share: rows.len() as f64 / segments.len() as f64,
            name: String::new(),
            distinctions,
            outcome: outcome.as_ref().map(|(name, values)| mean_outcome(name, values, &rows)),
        });
    }
    all.sort_by(|a, b| (a.id.is_none(), b.size, a.id).cmp(&(b.id.is_none(), a.size, b.id)));
    // As short as keeps the names apart.
    let mut parts = vec![SHORTEST_NAME; all.len()];
    loop {
        all.iter_mut().zip(&parts).for_each(|(segment, parts)| segment.name = name(segment, *parts, language));
        let longer: Vec<usize> = (0..all.len())
            .filter(|i| parts[*i] < LONGEST_NAME && all.iter().filter(|other| other.name == all[*i].name).count() > 1)
            .collect();
        if longer.is_empty() {
            return Ok(all);
        }
        longer.into_iter().for_each(|i| parts[i] += 1);
    }
}

/// How many distinctions a name is made of.
const SHORTEST_NAME: usize = 2;
/// How many it may be made of to differ from the others.
const LONGEST_NAME: usize = 5;

/// A column, ready to be compared.
enum Compared {
    Number { name: String, values: Vec<f64>, mean: f64, deviation: f64, share: bool },
    Text { name: String, categories: Categories, counts: Vec<usize> },
}

impl Compared {
    fn read(frame: &Frame, name: &str) -> Result<Self> {
        let owned = name.to_string();
        if frame.kind_of(name)? == ColumnKind::Text {
            let categories = frame.categories(name)?;
            let mut counts = vec![0; categories.levels.len()];
            categories.codes.iter().filter(|c| **c != Categories::MISSING).for_each(|c| counts[*c as usize] += 1);
            return Ok(Compared::Text { name: owned, categories, counts });
        }
        let values = frame.numbers(name)?;
        let known: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        let mean = known.iter().sum::<f64>() / known.len() as f64;
        // The mean of equal numbers may differ from them by rounding, which is no difference between segments.
        let constant = known.iter().all(|v| *v == known[0]);
        let squares = if constant { 0.0 } else { known.iter().map(|v| (v - mean).powi(2)).sum() };
        let deviation = (squares / known.len() as f64).sqrt();
        let share = known.iter().all(|v| *v == 0.0 || *v == 1.0);
        Ok(Compared::Number { name: owned, values, mean, deviation, share })
    }

    fn distinctions(&self, rows: &[usize]) -> Vec<Distinction> {
        match self {
            Compared::Number { name, values, mean, deviation, share } => {
                let inside: Vec<f64> = rows.iter().map(|r| values[*r]).filter(|v| v.is_finite()).collect();
                if inside.is_empty() || *deviation == 0.0 {
                    return Vec::new();
                }
                let average = inside.iter().sum::<f64>() / inside.len() as f64;
                vec![Distinction {
                    column: name.clone(),
                    measure: if *share { Measure::Share } else { Measure::Mean },
                    inside: average,
                    overall: *mean,
                    effect: (average - mean) / deviation,
                }]
            }
            Compared::Text { name, categories, counts } => {
                let mut inside = vec![0_usize; counts.len()];
                rows.iter()
                    .map(|r| categories.codes[*r])
                    .filter(|c| *c != Categories::MISSING)
                    .for_each(|c| inside[c as usize] += 1);
                let total = categories.codes.len() as f64;
                let of = |(level, (&here, &everywhere)): (usize, (&usize, &usize))| {
                    let (here, everywhere) = (here as f64 / rows.len() as f64, everywhere as f64 / total);
                    let deviation = (everywhere * (1.0 - everywhere)).sqrt();
                    // Of two levels, one says it all.
                    (deviation > 0.0 && (counts.len() != 2 || here > everywhere)).then(|| Distinction {
                        column: name.clone(),
                        measure: Measure::Level { level: categories.levels[level].clone() },
                        inside: here,
                        overall: everywhere,
                        effect: (here - everywhere) / deviation,
                    })
                };
                inside.iter().zip(counts).enumerate().filter_map(of).collect()
            }
        }
    }
}

impl Distinction {
    /// The distinction as a phrase: what it is here, and for everyone.
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

    fn short(&self, language: Language) -> String {
        let column = readable(&self.column);
        match (&self.measure, self.effect > 0.0) {
            (Measure::Mean, true) => format!("{} {column}", language.pick("high", "alto:")),
            (Measure::Mean, false) => format!("{} {column}", language.pick("low", "bajo:")),
            (Measure::Share, true) => format!("{} {column}", language.pick("with", "con")),
            (Measure::Share, false) => format!("{} {column}", language.pick("without", "sin")),
            (Measure::Level { level }, true) => format!("{column} {level}"),
            (Measure::Level { level }, false) => format!("{column} {} {level}", language.pick("not", "no")),
        }
    }
}

fn name(segment: &SegmentDescription, parts: usize, language: Language) -> String {
    if segment.id.is_none() {
        return language.pick("in no segment", "en ningún segmento").into();
    }
    let mut columns: Vec<&str> = Vec::new();
    let mut phrases = Vec::new();
    for distinction in &segment.distinctions {
        if phrases.len() < parts && !columns.contains(&distinction.column.as_str()) {
            columns.push(&distinction.column);
            phrases.push(distinction.short(language));
        }
    }
    if phrases.is_empty() {
        return language.pick("close to the average", "cerca de la media").into();
    }
    phrases.join(", ")
}

fn mean_outcome(column: &str, values: &[f64], rows: &[usize]) -> Outcome {
    let mean_of = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let known: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let inside: Vec<f64> = rows.iter().map(|r| values[*r]).filter(|v| v.is_finite()).collect();
    let (n, mean) = (inside.len() as f64, mean_of(&inside));
    const Z: f64 = 1.959_963_984_540_054;
    let (middle, half) = if known.iter().all(|v| *v == 0.0 || *v == 1.0) {
        let widened = 1.0 + Z * Z / n;
        ((mean + Z * Z / (2.0 * n)) / widened, Z / widened * (mean * (1.0 - mean) / n + Z * Z / (4.0 * n * n)).sqrt())
    } else {
        let variance = inside.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
        (mean, Z * (variance / n).sqrt())
    };
    Outcome { column: column.into(), mean, overall: mean_of(&known), lower: middle - half, upper: middle + half }
}

/// `has_email_address` reads "email address": with or without it is said beside.
fn readable(column: &str) -> String {
    let words = column.replace('_', " ");
    words.strip_prefix("has ").map_or(words.clone(), str::to_string)
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// Three digits that count.
fn number(value: f64) -> String {
    let decimals = (2 - value.abs().max(1e-6).log10().floor() as i32).clamp(0, 8);
    format!("{value:.*}", decimals as usize)
}
