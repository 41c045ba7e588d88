//! [`MaxFeatures`]: how many columns a split may choose from.

use adflux_core::{Result, parameter::ensure};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// How many columns are drawn for each split.
///
/// In files it is written as scikit-learn's users write it: `"all"`, `"sqrt"`, `"log2"`, a number with a point for a
/// fraction of the columns, a whole number for a count.
///
/// ```
/// use adflux_regression::{MaxFeatures, RandomForestRegressor};
/// let forest: RandomForestRegressor = toml::from_str("max_features = 0.5")?;
/// assert_eq!(forest.max_features, MaxFeatures::Fraction(0.5));
/// let forest: RandomForestRegressor = toml::from_str("max_features = 3")?;
/// assert_eq!(forest.max_features, MaxFeatures::Count(3));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MaxFeatures {
    /// All columns.
    All,
    /// The square root of the number of columns, rounded down.
    Sqrt,
    /// The binary logarithm of the number of columns, rounded down.
    Log2,
    /// This share of the columns, rounded down: above 0, at most 1.
    Fraction(f64),
    /// So many columns, or all when there are fewer.
    Count(usize),
}

impl MaxFeatures {
    pub(super) fn check(self) -> Result<()> {
        match self {
            MaxFeatures::Fraction(f) => {
                ensure(f > 0.0 && f <= 1.0, "max_features", f, "a fraction must be above 0 and at most 1")
            }
            MaxFeatures::Count(n) => ensure(n >= 1, "max_features", n, "a count must be at least 1"),
            _ => Ok(()),
        }
    }

    /// The number of columns drawn of `width`: at least 1.
    pub(super) fn of(self, width: usize) -> usize {
        let drawn = match self {
            MaxFeatures::All => width,
            MaxFeatures::Sqrt => width.isqrt(),
            MaxFeatures::Log2 => width.checked_ilog2().unwrap_or(0) as usize,
            MaxFeatures::Fraction(f) => (f * width as f64) as usize,
            MaxFeatures::Count(n) => n,
        };
        drawn.clamp(1, width.max(1))
    }
}

impl Serialize for MaxFeatures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            MaxFeatures::All => serializer.serialize_str("all"),
            MaxFeatures::Sqrt => serializer.serialize_str("sqrt"),
            MaxFeatures::Log2 => serializer.serialize_str("log2"),
            MaxFeatures::Fraction(f) => serializer.serialize_f64(*f),
            MaxFeatures::Count(n) => serializer.serialize_u64(*n as u64),
        }
    }
}

impl<'de> Deserialize<'de> for MaxFeatures {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Read)
    }
}

struct Read;

impl de::Visitor<'_> for Read {
    type Value = MaxFeatures;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"all\", \"sqrt\", \"log2\", a fraction such as 0.5, or a whole number")
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<MaxFeatures, E> {
        match text {
            "all" => Ok(MaxFeatures::All),
            "sqrt" => Ok(MaxFeatures::Sqrt),
            "log2" => Ok(MaxFeatures::Log2),
            _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }
    fn visit_f64<E: de::Error>(self, share: f64) -> Result<MaxFeatures, E> {
        Ok(MaxFeatures::Fraction(share))
    }
    fn visit_u64<E: de::Error>(self, count: u64) -> Result<MaxFeatures, E> {
        usize::try_from(count)
            .map(MaxFeatures::Count)
            .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(count), &self))
    }
    fn visit_i64<E: de::Error>(self, count: i64) -> Result<MaxFeatures, E> {
        usize::try_from(count)
            .map(MaxFeatures::Count)
            .map_err(|_| E::invalid_value(de::Unexpected::Signed(count), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_columns_is_scikit_learns() {
        let drawn = |m: MaxFeatures| [1, 2, 20, 100].map(|width| m.of(width));
        assert_eq!(drawn(MaxFeatures::All), [1, 2, 20, 100]);
        assert_eq!(drawn(MaxFeatures::Sqrt), [1, 1, 4, 10]);
        assert_eq!(drawn(MaxFeatures::Log2), [1, 1, 4, 6]);
        assert_eq!(drawn(MaxFeatures::Fraction(0.3)), [1, 1, 6, 30]);
        assert_eq!(drawn(MaxFeatures::Count(7)), [1, 2, 7, 7]);
    }

    #[test]
    fn every_form_comes_back_from_toml() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Holder {
            m: MaxFeatures,
        }
        let all =
            [MaxFeatures::All, MaxFeatures::Sqrt, MaxFeatures::Log2, MaxFeatures::Fraction(1.0), MaxFeatures::Count(1)];
        for m in all {
            let text = toml::to_string(&Holder { m }).unwrap();
            assert_eq!(toml::from_str::<Holder>(&text).unwrap(), Holder { m }, "{text}");
        }
        assert!(toml::from_str::<Holder>("m = 'cube'").unwrap_err().to_string().contains("sqrt"));
        assert!(toml::from_str::<Holder>("m = -1").is_err());
    }
}
