//! A recipe with the parameters of `--param`: of the methods whose parameters are worth a choice.

use super::{method::Method, number::Number};
use crate::train::Param;
use adflux::core::{AnyModelRecipe, Error, Result, Spec};

/// A recipe with its parameters.
pub struct Given {
    pub recipe: AnyModelRecipe,
    /// Those that were set, by name.
    pub parameters: toml::Table,
}

impl Given {
    /// The recipe of a kind.
    ///
    /// # Errors
    /// When a parameter is unknown or of the wrong type.
    pub fn new(kind: &str, parameters: toml::Table) -> Result<Self> {
        let spec = Spec { kind: kind.into(), params: parameters, steps: Vec::new() };
        let recipe = adflux::registry()?.build::<AnyModelRecipe>(&spec);
        let recipe = recipe.map_err(|e| Error::data(format!("--param: {e}")))?;
        Ok(Given { recipe, parameters: spec.params })
    }

    /// The recipe of a method that is told how many segments there are; `None` of other methods.
    ///
    /// # Errors
    /// As [`new`](Self::new); when the number of segments is given twice.
    pub fn told(method: Method, k: Number, given: &[Param], seed: u64) -> Result<Option<Self>> {
        let (Some((kind, number)), Number::Is(k)) = (method.told(), k) else { return Ok(None) };
        let mut parameters = by_name(given);
        if parameters.contains_key(number) {
            return Err(Error::data(format!("--param {number}: give the number of segments with -k")));
        }
        parameters.insert(number.into(), i64::try_from(k).unwrap_or(i64::MAX).into());
        let seed = i64::try_from(seed).map_err(|_| Error::parameter("seed", seed, "must be at most 2^63 − 1"))?;
        parameters.entry("seed").or_insert(seed.into());
        Given::new(kind, parameters).map(Some)
    }
}

/// The parameters by name: of those given twice the last.
pub fn by_name(given: &[Param]) -> toml::Table {
    given.iter().map(|param| (param.name.clone(), param.value.clone())).collect()
}
