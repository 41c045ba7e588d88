//! What a level becomes: its mean, drawn towards that of all rows.

use ndarray::Array2;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// How much the mean of a level is drawn towards that of all rows. In a file `"auto"` or a number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Smooth {
    /// By the variance within the level and over all rows.
    #[default]
    Auto,
    /// As if the level had so many more rows, each with the mean of all: 0 or more.
    Rows(f64),
}

impl Serialize for Smooth {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Smooth::Auto => serializer.serialize_str("auto"),
            Smooth::Rows(rows) => serializer.serialize_f64(*rows),
        }
    }
}

impl<'de> Deserialize<'de> for Smooth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Smooth;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"auto\" or a number of rows (10.0)")
            }
            fn visit_str<E: de::Error>(self, word: &str) -> Result<Smooth, E> {
                if word == "auto" { Ok(Smooth::Auto) } else { Err(E::invalid_value(de::Unexpected::Str(word), &self)) }
            }
            fn visit_f64<E: de::Error>(self, rows: f64) -> Result<Smooth, E> {
                Ok(Smooth::Rows(rows))
            }
            fn visit_i64<E: de::Error>(self, rows: i64) -> Result<Smooth, E> {
                Ok(Smooth::Rows(rows as f64))
            }
            fn visit_u64<E: de::Error>(self, rows: u64) -> Result<Smooth, E> {
                Ok(Smooth::Rows(rows as f64))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// What is to be averaged, and how much each row counts.
pub(super) struct Outcomes {
    /// Of each: what it adds to the name of a feature, and its values.
    pub(super) columns: Vec<(String, Vec<f64>)>,
    pub(super) weights: Option<Vec<f64>>,
}

/// Mean and variance (divisor n) of an outcome.
pub(super) struct Moments {
    pub(super) mean: f64,
    variance: f64,
}

impl Outcomes {
    pub(super) fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, values)| values.len())
    }

    fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |w| w[row])
    }

    /// Those of each outcome over `rows`; of rows that all weigh nothing, those of no outcome: 0.
    pub(super) fn moments(&self, rows: &[usize]) -> Vec<Moments> {
        let count: f64 = rows.iter().map(|row| self.weight(*row)).sum();
        let per_count = |sum: f64| if count > 0.0 { sum / count } else { 0.0 };
        let of = |(_, y): &(String, Vec<f64>)| {
            let mean = per_count(rows.iter().map(|row| self.weight(*row) * y[*row]).sum());
            let squares = rows.iter().map(|row| self.weight(*row) * (y[*row] - mean).powi(2));
            Moments { mean, variance: per_count(squares.sum()) }
        };
        self.columns.iter().map(of).collect()
    }
}

/// What each level becomes, levels × outcomes, from `rows`. A level without weight becomes the mean.
pub(super) fn encode(
    rows: &[usize],
    codes: &[u32],
    levels: usize,
    outcomes: &Outcomes,
    of_all: &[Moments],
    smooth: Smooth,
) -> Array2<f64> {
    let mut counts = vec![0.0; levels];
    rows.iter().for_each(|row| counts[codes[*row] as usize] += outcomes.weight(*row));
    let mut encodings = Array2::zeros((levels, of_all.len()));
    for (((_, y), all), mut encoding) in outcomes.columns.iter().zip(of_all).zip(encodings.columns_mut()) {
        let mut sums = vec![0.0; levels];
        rows.iter().for_each(|row| sums[codes[*row] as usize] += outcomes.weight(*row) * y[*row]);
        match smooth {
            Smooth::Rows(more) => {
                for ((encoding, sum), count) in encoding.iter_mut().zip(&sums).zip(&counts) {
                    let all_counts = count + more;
                    *encoding = if all_counts > 0.0 { (sum + more * all.mean) / all_counts } else { all.mean };
                }
            }
            Smooth::Auto => {
                let means: Vec<f64> = sums.iter().zip(&counts).map(|(sum, count)| sum / count).collect();
                let mut squares = vec![0.0; levels];
                for row in rows {
                    let level = codes[*row] as usize;
                    squares[level] += outcomes.weight(*row) * (y[*row] - means[level]).powi(2);
                }
                for (level, encoding) in encoding.iter_mut().enumerate() {
                    let between = all.variance * counts[level];
                    let share = between / (between + squares[level] / counts[level]);
                    // Not a number without rows, and when neither the level nor the whole varies.
                    *encoding = if share.is_nan() { all.mean } else { share * means[level] + (1.0 - share) * all.mean };
                }
            }
        }
    }
    encodings
}
