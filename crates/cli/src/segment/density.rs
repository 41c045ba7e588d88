//! Segments where rows lie dense: the recipe of `dbscan` or `hdbscan` with its parameters, and what is told of them.

use super::{
    given::{Given, by_name},
    method::Method,
};
use crate::{
    numbers::{count, percent},
    train::Param,
};
use adflux::{
    clustering::suggest_eps,
    core::{Features, Result},
    postprocessing::Language,
};

/// The rows of a core row unless told otherwise, as in the library.
const MIN_SAMPLES: i64 = 5;
/// A segment of `hdbscan` has at least one in so many rows unless told otherwise: fewer are not worth a message of their own.
const SHARE: usize = 50;

/// A method of density with its parameters.
pub struct Density {
    pub given: Given,
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
        let mut params = by_name(given);
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
        Ok(Density { given: Given::new(method.name(), params)?, suggested })
    }

    /// Why there are `k` segments, and how many rows are in none, in two sentences.
    pub fn reason(&self, k: usize, outliers: usize, rows: usize, language: Language) -> String {
        let parameters = &self.given.parameters;
        let min_samples = parameters.get("min_samples").map(toml::Value::to_string).unwrap_or_default();
        let parameters: Vec<String> = parameters.iter().map(|(name, value)| format!("{name} {value}")).collect();
        let parameters = parameters.join(", ");
        let (outliers, share) = (count(outliers as f64), percent(outliers as f64 / rows.max(1) as f64, 0));
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
