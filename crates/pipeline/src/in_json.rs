//! Numbers that JSON cannot write: NaN and the infinite ones. A recipe may hold them (`max = inf`), and so may a measure of
//! quality; a manifest that had them as `null` could not be read again.

/// The description of a recipe, in which such a number stands as `{"$number": "inf"}`. For `#[serde(with = "…")]`.
pub(crate) mod spec {
    use serde::{
        Deserialize, Deserializer, Serialize, Serializer,
        de::{DeserializeOwned, Error as _},
        ser::Error as _,
    };
    use toml::Value;

    const MARK: &str = "$number";

    pub(crate) fn serialize<T: Serialize, S: Serializer>(spec: &T, serializer: S) -> Result<S::Ok, S::Error> {
        let mut value = Value::try_from(spec).map_err(S::Error::custom)?;
        each(&mut value, &mut |value| match value {
            Value::Float(number) if !number.is_finite() => {
                Some(Value::Table([(MARK.to_string(), Value::String(number.to_string()))].into_iter().collect()))
            }
            _ => None,
        });
        value.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        let mut value = Value::deserialize(deserializer)?;
        each(&mut value, &mut |value| {
            let table = value.as_table().filter(|table| table.len() == 1)?;
            table.get(MARK)?.as_str()?.parse().ok().map(Value::Float)
        });
        value.try_into().map_err(D::Error::custom)
    }

    /// Puts what `other` gives in the place of each value, the outer ones first.
    fn each(value: &mut Value, other: &mut impl FnMut(&Value) -> Option<Value>) {
        if let Some(other) = other(value) {
            *value = other;
            return;
        }
        match value {
            Value::Table(table) => table.iter_mut().for_each(|(_, value)| each(value, other)),
            Value::Array(values) => values.iter_mut().for_each(|value| each(value, other)),
            _ => {}
        }
    }
}

/// Measures by name, in which such a number is `null`, and NaN when it is read. For `#[serde(deserialize_with = "…")]`.
pub(crate) fn measures<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<std::collections::BTreeMap<String, f64>, D::Error> {
    use serde::Deserialize as _;
    let read = std::collections::BTreeMap::<String, Option<f64>>::deserialize(deserializer)?;
    Ok(read.into_iter().map(|(name, value)| (name, value.unwrap_or(f64::NAN))).collect())
}
