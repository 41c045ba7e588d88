//! The recipe of a method: what the command line sets by itself, and over it what `--param` does.

use super::{method::Method, number::Number};
use crate::{failure::Failure, train::Param};
use adflux::core::{AnyModelRecipe, Error, Spec};

/// A recipe with its parameters.
pub struct Given {
    pub recipe: AnyModelRecipe,
    /// Those that were set, by name.
    pub parameters: toml::Table,
}

/// What other options say, and `--param` does not.
const ELSEWHERE: [(&str, &str); 4] =
    [("n_clusters", "-k"), ("n_components", "-k"), ("levels", "--levels"), ("linkage", "--method")];

impl Given {
    /// The recipe of `kind` with the parameters `set`, those that were `given` over them.
    ///
    /// # Errors
    /// When a parameter is unknown or of the wrong type.
    pub fn new(kind: &str, mut set: toml::Table, mut given: toml::Table) -> Result<Self, Failure> {
        if kind == "auto-gaussian-mixture"
            && let Some(shape) = given.remove("covariance_type")
        {
            // One shape is a choice among one.
            given.insert("covariance_types".into(), toml::Value::Array(vec![shape]));
        }
        set.extend(given);
        let spec = Spec { kind: kind.into(), params: set, steps: Vec::new() };
        let recipe = adflux::registry()?.build::<AnyModelRecipe>(&spec);
        let recipe = recipe.map_err(|e| Failure::usage(format!("--param: {e}")))?;
        Ok(Given { recipe, parameters: spec.params })
    }
}

/// The parameters by name.
///
/// # Errors
/// When one is given twice, or belongs to another option.
pub fn by_name(given: &[Param]) -> Result<toml::Table, Failure> {
    let mut table = toml::Table::new();
    for Param { name, value } in given {
        if let Some((_, option)) = ELSEWHERE.iter().find(|(parameter, _)| parameter == name) {
            return Err(Failure::usage(format!("--param {name}: give it with {option}")));
        }
        if table.insert(name.clone(), value.clone()).is_some() {
            return Err(Failure::usage(format!("--param {name}: given twice")));
        }
    }
    Ok(table)
}

/// The error of a fit in the words of the command line.
pub fn explained(error: Error, method: Method, k: Number, given: &[Param]) -> Failure {
    let Error::Step { source, position, name } = error else { return error.into() };
    let Error::Parameter { name: parameter, value, reason } = *source else {
        return Error::Step { source, position, name }.into();
    };
    if parameter != "max_memory"
        && let Some(wrong) = given.iter().find(|param| param.name == parameter)
    {
        return Failure::usage(format!("--param {parameter}={}: {reason}", wrong.value));
    }
    let say = |text: String| Error::data(text).into();
    match (parameter, k) {
        ("levels", _) => say(format!("--levels: {reason}")),
        ("max_memory", _) => {
            let limit = value.parse::<f64>().map_or(String::new(), |bytes| format!(" of {:.1} GB", bytes / 1e9));
            let more = format!("or raise the limit{limit} with --param max_memory=BYTES");
            say(format!("--method {}: {}", method.name(), grouped(&reason.replace("or raise the limit", &more))))
        }
        ("n_clusters" | "n_components" | "min", Number::Is(k)) => {
            say(format!("-k {}: {reason}", grouped(&k.to_string())))
        }
        ("n_clusters" | "n_components" | "min", Number::Auto) => {
            say("-k auto: too few rows differ from each other to make two segments: give more rows, or other columns"
                .into())
        }
        _ => {
            let source = Box::new(Error::Parameter { name: parameter, value, reason });
            Error::Step { position, name, source }.into()
        }
    }
}

/// The text with commas in numbers of four digits or more.
fn grouped(text: &str) -> String {
    let mut out = String::new();
    let mut digits = String::new();
    for letter in text.chars().chain(['\0']) {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        digits.clear();
        if letter != '\0' {
            out.push(letter);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_in_a_text_are_grouped() {
        assert_eq!(grouped("2.3 GB for 24000 rows, at most 23170, k 4"), "2.3 GB for 24,000 rows, at most 23,170, k 4");
    }

    #[test]
    fn a_parameter_is_given_once_and_numbers_of_segments_with_k() {
        let given = |texts: &[&str]| {
            let given: Vec<Param> = texts.iter().map(|text| text.parse().unwrap()).collect();
            by_name(&given).map_err(|e| e.error().to_string())
        };
        assert_eq!(given(&["eps=1", "min_samples=3"]).unwrap().len(), 2);
        assert_eq!(given(&["eps=1", "eps=2"]).unwrap_err(), "--param eps: given twice");
        assert_eq!(given(&["n_clusters=1"]).unwrap_err(), "--param n_clusters: give it with -k");
    }
}
