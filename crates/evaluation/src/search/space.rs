//! [`Space`]: what is searched over.

use super::dimension::{Dimension, at_path};
use adflux_core::{Error, Result, random::Rng};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, str::FromStr};
use toml::{Table, Value};

/// The parameters that are searched over, by their paths, each with the values it may take.
///
/// ```
/// use adflux_evaluation::search::{Dimension, Space};
/// let file: Space = toml::from_str("
///     model.max_depth = { low = 4, high = 20 }
///     'model.min_samples_leaf' = { low = 1, high = 50, log = true }
///     model.max_features = ['sqrt', 0.4]
/// ")?;
/// let line: Space = "model.max_depth=4..20,model.min_samples_leaf=1..50:log,model.max_features=sqrt|0.4".parse()?;
/// let code = Space::new()
///     .with("model.max_depth", Dimension::integer(4, 20))
///     .with("model.min_samples_leaf", Dimension::integer(1, 50).log())
///     .with("model.max_features", Dimension::Choice(vec!["sqrt".into(), 0.4.into()]));
/// assert!(file == line && line == code);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Table")]
pub struct Space(BTreeMap<String, Dimension>);

impl Space {
    /// A space of nothing.
    pub fn new() -> Self {
        Space::default()
    }

    /// Adds a dimension, or replaces the one of the same path.
    pub fn with(mut self, path: impl Into<String>, dimension: Dimension) -> Self {
        self.0.insert(path.into(), dimension);
        self
    }

    /// The dimensions, by path.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Dimension)> {
        self.0.iter().map(|(path, dimension)| (path.as_str(), dimension))
    }

    /// # Errors
    /// Naming the first dimension that has no values, or a space without dimensions.
    pub fn check(&self) -> Result<()> {
        if self.0.is_empty() {
            return Err(Error::data(
                "the search space is empty: give a parameter and its values, as in model.max_depth=4..20",
            ));
        }
        match self.iter().find_map(|(path, dimension)| Some((path, dimension.wrong()?))) {
            Some((path, reason)) => Err(at_path(path, reason)),
            None => Ok(()),
        }
    }

    /// How many points there are; `None` of numbers with a point, and of more than fit a number.
    pub(super) fn size(&self) -> Option<u64> {
        self.0.values().try_fold(1u64, |product, dimension| product.checked_mul(dimension.size()?))
    }

    /// Any point.
    pub(super) fn draw(&self, random: &mut Rng) -> Table {
        self.0.iter().map(|(path, dimension)| (path.clone(), dimension.draw(random))).collect()
    }
}

impl TryFrom<Table> for Space {
    type Error = String;

    /// Tables within tables are paths: `[space.model]` with `max_depth` is `model.max_depth`.
    fn try_from(table: Table) -> Result<Self, String> {
        fn add(space: &mut BTreeMap<String, Dimension>, outer: &str, table: Table) -> Result<(), String> {
            for (name, value) in table {
                let path = if outer.is_empty() { name } else { format!("{outer}.{name}") };
                match value {
                    Value::Table(inner) if !(inner.contains_key("low") || inner.contains_key("choices")) => {
                        add(space, &path, inner)?;
                    }
                    value => {
                        let dimension = Dimension::try_from(value).map_err(|reason| format!("`{path}`: {reason}"))?;
                        space.insert(path, dimension);
                    }
                }
            }
            Ok(())
        }
        let mut space = BTreeMap::new();
        add(&mut space, "", table)?;
        Ok(Space(space))
    }
}

impl FromStr for Space {
    type Err = Error;

    /// `PATH=LOW..HIGH[:log]` or `PATH=A|B|C`, several of them with commas between.
    fn from_str(given: &str) -> Result<Self> {
        let mut space = Space::new();
        for part in given.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (path, values) = part.split_once('=').ok_or_else(|| {
                Error::data(format!("search space: `{part}` is not PATH=VALUES, as in model.max_depth=4..20"))
            })?;
            let (path, values) = (path.trim(), values.trim());
            let dimension = Dimension::from_line(values).map_err(|reason| at_path(path, reason))?;
            if space.0.insert(path.into(), dimension).is_some() {
                return Err(at_path(path, "named twice"));
            }
        }
        space.check()?;
        Ok(space)
    }
}
