//! [`Dimension`]: the values that one parameter may take.

use adflux_core::{Error, Result, random::Rng};
use rand::RngExt as _;
use serde::{Deserialize, Serialize};
use toml::Value;

/// The values that one parameter may take.
///
/// | in TOML | on a command line | |
/// |---|---|---|
/// | `{ low = 4, high = 20 }` | `4..20` | whole numbers, both ends included |
/// | `{ low = 0.01, high = 1.0, log = true }` | `0.01..1.0:log` | numbers, as often between 0.01 and 0.1 as between 0.1 and 1 |
/// | `["sqrt", "log2", 0.4]` or `{ choices = […] }` | `sqrt\|log2\|0.4` | any values |
///
/// A number is whole when both ends are written without a point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub enum Dimension {
    /// Whole numbers from `low` to `high`, both included.
    Integer {
        /// The least.
        low: i64,
        /// The greatest.
        high: i64,
        /// Whether the logarithm is spread evenly.
        log: bool,
    },
    /// Numbers from `low` to `high`.
    Float {
        /// The least.
        low: f64,
        /// The greatest.
        high: f64,
        /// Whether the logarithm is spread evenly.
        log: bool,
    },
    /// One of these.
    Choice(Vec<Value>),
}

impl Dimension {
    /// Whole numbers from `low` to `high`, both included.
    pub fn integer(low: i64, high: i64) -> Self {
        Dimension::Integer { low, high, log: false }
    }

    /// Numbers from `low` to `high`.
    pub fn float(low: f64, high: f64) -> Self {
        Dimension::Float { low, high, log: false }
    }

    /// One of `values`.
    pub fn choice<V: Into<Value>>(values: impl IntoIterator<Item = V>) -> Self {
        Dimension::Choice(values.into_iter().map(Into::into).collect())
    }

    /// Spreads the logarithm evenly. Without effect on choices.
    pub fn log(self) -> Self {
        match self {
            Dimension::Integer { low, high, .. } => Dimension::Integer { low, high, log: true },
            Dimension::Float { low, high, .. } => Dimension::Float { low, high, log: true },
            choice => choice,
        }
    }

    /// Why it holds no values that could be drawn.
    pub(super) fn wrong(&self) -> Option<String> {
        // Whole numbers beyond are not all distinct as numbers with a point, which the samplers work on.
        const LARGEST: i64 = 1 << 53;
        match self {
            Dimension::Integer { low, high, .. } if low > high => Some(format!("{low} is above {high}")),
            Dimension::Integer { low, high, .. } if *low < -LARGEST || *high > LARGEST => {
                Some("whole numbers must lie within ±2^53".into())
            }
            Dimension::Integer { low, log: true, .. } if *low < 1 => {
                Some(format!("a log scale needs a low end of 1 or more, not {low}"))
            }
            Dimension::Float { low, high, .. } if !(low.is_finite() && high.is_finite() && low <= high) => {
                Some(format!("{low} to {high} is no range of finite numbers"))
            }
            Dimension::Float { low, log: true, .. } if *low <= 0.0 => {
                Some(format!("a log scale needs a low end above 0, not {low}"))
            }
            Dimension::Choice(values) if values.is_empty() => Some("there are no choices".into()),
            Dimension::Choice(values) if values.iter().any(|v| v.as_float().is_some_and(|v| !v.is_finite())) => {
                Some("a choice is not finite".into())
            }
            _ => None,
        }
    }

    /// How many values there are; `None` of numbers with a point.
    pub(super) fn size(&self) -> Option<u64> {
        match self {
            Dimension::Integer { low, high, .. } => Some(low.abs_diff(*high) + 1),
            Dimension::Float { low, high, .. } => (low == high).then_some(1),
            Dimension::Choice(values) => Some(values.len() as u64),
        }
    }

    /// Any value, all as likely.
    pub(super) fn draw(&self, random: &mut Rng) -> Value {
        match self {
            Dimension::Choice(values) => values[random.random_range(0..values.len())].clone(),
            _ => self.at(self.range(), random.random::<f64>()),
        }
    }

    /// At most `points` values, evenly spread, both ends among them.
    pub(super) fn spread(&self, points: usize) -> Vec<Value> {
        match self {
            Dimension::Choice(values) => values.clone(),
            Dimension::Integer { low, high, .. } if self.size().is_some_and(|size| size <= points as u64) => {
                (*low..=*high).map(Value::Integer).collect()
            }
            _ => {
                let (low, high) = self.ends();
                let last = points.saturating_sub(1).max(1) as f64;
                let mut values: Vec<Value> = (0..points).map(|i| self.at((low, high), i as f64 / last)).collect();
                values.dedup();
                values
            }
        }
    }

    /// The ends on the scale that values are evenly spread on.
    fn ends(&self) -> (f64, f64) {
        let scaled = |low: f64, high: f64, log: bool| if log { (low.ln(), high.ln()) } else { (low, high) };
        match self {
            Dimension::Integer { low, high, log } => scaled(*low as f64, *high as f64, *log),
            Dimension::Float { low, high, log } => scaled(*low, *high, *log),
            Dimension::Choice(_) => (0.0, 1.0),
        }
    }

    /// The ends of what rounds to a value: for whole numbers half a step wider than [`ends`](Self::ends), so that the outermost
    /// are as likely as the others.
    pub(super) fn range(&self) -> (f64, f64) {
        match self {
            Dimension::Integer { low, high, log } => {
                let (low, high) = (*low as f64 - 0.5, *high as f64 + 0.5);
                if *log { (low.ln(), high.ln()) } else { (low, high) }
            }
            _ => self.ends(),
        }
    }

    fn at(&self, (low, high): (f64, f64), share: f64) -> Value {
        self.value(low + share * (high - low))
    }

    /// The value at a place of the scale.
    pub(super) fn value(&self, place: f64) -> Value {
        let unscaled = |log: bool| if log { place.exp() } else { place };
        match self {
            Dimension::Integer { low, high, log } => Value::Integer((unscaled(*log).round() as i64).clamp(*low, *high)),
            Dimension::Float { low, high, log } => Value::Float(unscaled(*log).clamp(*low, *high)),
            Dimension::Choice(values) => values[(place as usize).min(values.len() - 1)].clone(),
        }
    }

    /// The place of a value on the scale, and of what rounds to it: a point, or for a whole number the ends of its cell.
    pub(super) fn cell(&self, value: &Value) -> Option<(f64, f64)> {
        match self {
            Dimension::Integer { log, .. } => {
                let n = value.as_integer()? as f64;
                Some(if *log { ((n - 0.5).ln(), (n + 0.5).ln()) } else { (n - 0.5, n + 0.5) })
            }
            Dimension::Float { log, .. } => {
                let v = value.as_float()?;
                let place = if *log { v.ln() } else { v };
                Some((place, place))
            }
            Dimension::Choice(values) => {
                let place = values.iter().position(|v| v == value)? as f64;
                Some((place, place))
            }
        }
    }

    /// What stands behind the `=` of a command line.
    pub(super) fn from_line(given: &str) -> Result<Self, String> {
        let (range, log) = match given.strip_suffix(":log") {
            Some(range) => (range, true),
            None => (given, false),
        };
        let read = |text: &str| {
            let text = text.trim();
            let value =
                toml::from_str::<toml::Table>(&format!("value = {text}")).ok().and_then(|mut t| t.remove("value"));
            value.unwrap_or_else(|| Value::String(text.into()))
        };
        match range.split_once("..") {
            Some((low, high)) => from_ends(&read(low), &read(high), log),
            None if log => Err(format!("`{range}` is no range, so that it has no log scale: give it as LOW..HIGH:log")),
            None => Ok(Dimension::Choice(range.split('|').map(read).collect())),
        }
    }
}

fn from_ends(low: &Value, high: &Value, log: bool) -> Result<Dimension, String> {
    let number = |v: &Value| v.as_float().or(v.as_integer().map(|v| v as f64));
    match (low, high) {
        (Value::Integer(low), Value::Integer(high)) => Ok(Dimension::Integer { low: *low, high: *high, log }),
        _ => match (number(low), number(high)) {
            (Some(low), Some(high)) => Ok(Dimension::Float { low, high, log }),
            _ => Err(format!("{low} to {high} is no range of numbers")),
        },
    }
}

impl TryFrom<Value> for Dimension {
    type Error = String;

    fn try_from(given: Value) -> Result<Self, String> {
        const FORMS: &str = "give { low, high }, { low, high, log = true }, or a list of choices";
        match given {
            Value::Array(values) => Ok(Dimension::Choice(values)),
            Value::String(line) => Dimension::from_line(&line),
            Value::Table(mut table) => {
                let (choices, low, high) = (table.remove("choices"), table.remove("low"), table.remove("high"));
                let log = match table.remove("log") {
                    None => false,
                    Some(log) => log.as_bool().ok_or("`log` is true or false")?,
                };
                if let Some(other) = table.keys().next() {
                    return Err(format!("unknown `{other}`: {FORMS}"));
                }
                match (choices, low, high) {
                    (Some(Value::Array(values)), None, None) => Ok(Dimension::Choice(values)),
                    (None, Some(low), Some(high)) => from_ends(&low, &high, log),
                    _ => Err(FORMS.into()),
                }
            }
            other => Err(format!("{other}: {FORMS}")),
        }
    }
}

impl From<Dimension> for Value {
    fn from(dimension: Dimension) -> Self {
        let range = |low: Value, high: Value, log: bool| {
            let mut table = toml::Table::from_iter([("low".to_string(), low), ("high".to_string(), high)]);
            if log {
                table.insert("log".into(), Value::Boolean(true));
            }
            Value::Table(table)
        };
        match dimension {
            Dimension::Integer { low, high, log } => range(low.into(), high.into(), log),
            Dimension::Float { low, high, log } => range(low.into(), high.into(), log),
            Dimension::Choice(values) => Value::Array(values),
        }
    }
}

/// For messages about the dimension at `path`.
pub(super) fn at_path(path: &str, reason: impl std::fmt::Display) -> Error {
    Error::data(format!("search space, `{path}`: {reason}"))
}
