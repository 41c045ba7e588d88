//! Segments where rows lie dense: the recipe of `dbscan` or `hdbscan` with its parameters, and what is told of them.

use super::method::Method;
use crate::{
    numbers::{count, percent},
    train::Param,
};
use adflux::{
    clustering::suggest_eps,
    core::{AnyModelRecipe, Error, Features, Result, Spec},
    postprocessing::Language,
};

/// The rows of a core row unless told otherwise, as in the library.
const MIN_SAMPLES: i64 = 5;
/// A segment of `hdbscan` has at least one in so many rows unless told otherwise: fewer are not worth a message of their own.
const SHARE: usize = 50;

/// A method of density with its parameters.
pub struct Density {
    pub recipe: AnyModelRecipe,
    /// Those that matter, by name.
    pub parameters: toml::Table,
    /// Whether `eps` was read off the data.
    suggested: bool,
}

impl Density {
    /// The recipe with `given` parameters. Where they leave them out, `eps` is the elbow of the distances to the `min_samples`-th row
    /// of `features`, and `min_cluster_size` a share of the rows.
    ///
    /// # Errors
    /// When a parameter is unknown or of the wrong type.
    pub fn new(method: Method, given: &[Param], features: &Features) -> Result<Self> {
        let mut params: toml::Table = given.iter().map(|param| (param.name.clone(), param.value.clone())).collect();
        let min_samples = params.entry("min_samples").or_insert(MIN_SAMPLES.into()).clone();
        let mut suggested = false;
        if method == Method::Hdbscan {
            let size = (features.rows() / SHARE).max(MIN_SAMPLES as usize) as i64;
            params.entry("min_cluster_size").or_insert(size.into());
        } else if !params.contains_key("eps") {
            let nearest = min_samples.as_integer().and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
            let x = features.dense(method.name())?.view();
            let eps = nearest.map(|nearest| suggest_eps(x, nearest)).transpose()?.flatten();
            if let Some(eps) = eps {
                // As it is told: so that the same number, given with --param, finds the same segments.
                let eps = format!("{eps:.3e}").parse::<f64>().unwrap_or(eps);
                params.insert("eps".into(), eps.into());
                suggested = true;
            }
        }
        let spec = Spec { kind: method.name().into(), params, steps: Vec::new() };
        let recipe = adflux::registry()?.build::<AnyModelRecipe>(&spec).map_err(|e| in_param(&e))?;
        Ok(Density { recipe, parameters: spec.params, suggested })
    }

    /// Why there are `k` segments, and how many rows are in none, in two sentences.
    pub fn reason(&self, k: usize, outliers: usize, rows: usize, language: Language) -> String {
        let parameters: Vec<String> = self.parameters.iter().map(|(name, value)| format!("{name} {value}")).collect();
        let parameters = parameters.join(", ");
        let (outliers, share) = (count(outliers as f64), percent(outliers as f64 / rows.max(1) as f64, 0));
        let min_samples = self.parameters.get("min_samples").map(toml::Value::to_string).unwrap_or_default();
        let elbow = match (self.suggested, language) {
            (false, _) => String::new(),
            (true, Language::En) => {
                format!(
                    "; eps is the elbow of the distances to the nearest {min_samples} rows: change it with --param eps=N"
                )
            }
            (true, Language::Es) => {
                format!(
                    "; eps es el codo de las distancias a las {min_samples} filas más cercanas: cámbialo con --param eps=N"
                )
            }
        };
        match language {
            Language::En => format!(
                "{k} segments where rows lie dense ({parameters}{elbow}). {outliers} rows ({share}) lie apart and are in none."
            ),
            Language::Es => format!(
                "{k} segmentos donde las filas están juntas ({parameters}{elbow}). {outliers} filas ({share}) quedan apartadas y no \
                 están en ninguno."
            ),
        }
    }
}

/// An error about parameters, in the words of the command line.
fn in_param(error: &Error) -> Error {
    Error::data(format!("--param: {error}"))
}
