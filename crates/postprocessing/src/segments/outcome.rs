//! [`Outcome`]: what became of the rows of a segment.

use adflux_core::{Categories, Error, Result};
use adflux_data::{ColumnKind, Frame};
use serde::{Deserialize, Serialize};

/// The mean of an outcome in a segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The column.
    pub column: String,
    /// Its mean in the segment; NaN when it is missing in every row.
    pub mean: f64,
    /// Its mean over all rows.
    pub overall: f64,
    /// The lower end of the mean's 95 % interval (Wilson's for an outcome of 0 and 1, else normal).
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
    /// Whether the mean is the share of rows where it happened: the column is one of 0 and 1, of truth values, or of yes and no.
    pub rate: bool,
}

/// The column of an outcome, read once.
pub(super) struct OutcomeColumn<'a> {
    name: &'a str,
    values: Vec<f64>,
    overall: f64,
    rate: bool,
}

/// What is written where an outcome happened, in lower case.
const YES: [&str; 6] = ["yes", "y", "true", "sí", "si", "s"];

impl<'a> OutcomeColumn<'a> {
    pub(super) fn read(frame: &Frame, name: &'a str) -> Result<Self> {
        let values = match yes_and_no(frame, name)? {
            Some(values) => values,
            None => numbers(frame, name)?,
        };
        let known: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        let rate = known.iter().all(|v| *v == 0.0 || *v == 1.0);
        Ok(OutcomeColumn { name, overall: mean(&known), values, rate })
    }

    /// The mean over `rows` with its interval.
    pub(super) fn of(&self, rows: &[usize]) -> Outcome {
        let inside: Vec<f64> = rows.iter().map(|r| self.values[*r]).filter(|v| v.is_finite()).collect();
        let (n, average) = (inside.len() as f64, mean(&inside));
        const Z: f64 = 1.959_963_984_540_054;
        let (middle, half) = if self.rate {
            let widened = 1.0 + Z * Z / n;
            let spread = (average * (1.0 - average) / n + Z * Z / (4.0 * n * n)).sqrt();
            ((average + Z * Z / (2.0 * n)) / widened, Z / widened * spread)
        } else {
            let variance = inside.iter().map(|v| (v - average).powi(2)).sum::<f64>() / (n - 1.0);
            (average, Z * (variance / n).sqrt())
        };
        Outcome {
            column: self.name.into(),
            mean: average,
            overall: self.overall,
            lower: middle - half,
            upper: middle + half,
            rate: self.rate,
        }
    }
}

/// The column as numbers, or what it would have to be.
fn numbers(frame: &Frame, name: &str) -> Result<Vec<f64>> {
    let values = frame.numbers(name);
    match (&values, frame.kind_of(name)?) {
        (Err(_), ColumnKind::Text) => {
            Err(Error::column(name, "is text: an outcome is a number, a truth value, or text that is yes or no"))
        }
        _ => values,
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// A text column of two levels, one of which says yes, as 1 and 0.
fn yes_and_no(frame: &Frame, name: &str) -> Result<Option<Vec<f64>>> {
    if frame.kind_of(name)? != ColumnKind::Text {
        return Ok(None);
    }
    let Categories { codes, levels } = frame.categories(name)?;
    let yes = levels.iter().position(|level| YES.contains(&level.trim().to_lowercase().as_str()));
    let Some(yes) = yes.filter(|_| levels.len() == 2) else { return Ok(None) };
    let value = |code: u32| match code {
        Categories::MISSING => f64::NAN,
        code => f64::from(u8::from(code as usize == yes)),
    };
    Ok(Some(codes.into_iter().map(value).collect()))
}
