//! Segments where rows lie dense: the parameters of `dbscan` and `hdbscan` that the data tell, and what is told of the result.

use super::method::Method;
use crate::{
    failure::Failure,
    numbers::{percent_in, rows_in, segments_in},
};
use adflux::{clustering::suggest_eps, core::Features, postprocessing::Language};
use toml::{Table, Value};

/// The rows of a core row unless told otherwise, as in the library.
const MIN_SAMPLES: usize = 5;
/// The radius where the distances have no elbow, as in the library.
const EPS: f64 = 0.5;
/// A segment of `hdbscan` has at least one in so many rows unless told otherwise: fewer are not worth a message of their own.
const SHARE: usize = 50;
/// More segments than anybody acts on.
const MANY: usize = 30;

/// A method of density.
pub struct Density {
    method: Method,
    eps: Eps,
}

/// Where `eps` comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Eps {
    /// From the command line, or there is none.
    Given,
    /// It is the elbow of the distances.
    Elbow,
    /// The distances have no elbow.
    Default,
}

impl Density {
    /// Adds to the parameters that are `set` what is not `given`: `eps` is the elbow of the distances to the `min_samples`-th row of
    /// `features`, and `min_cluster_size` a share of the rows.
    ///
    /// # Errors
    /// When more rows are asked of a segment than there are.
    pub fn new(method: Method, given: &Table, features: &Features, set: &mut Table) -> Result<Self, Failure> {
        let rows = features.rows();
        set.insert("min_samples".into(), (MIN_SAMPLES.min(rows) as i64).into());
        if method == Method::Hdbscan {
            let size = (rows / SHARE).max(MIN_SAMPLES);
            set.insert("min_cluster_size".into(), (size as i64).into());
            let asked = given.get("min_cluster_size").and_then(Value::as_integer);
            if let Some(asked) = asked.filter(|asked| *asked > rows as i64) {
                let there = rows_in(rows, Language::En);
                return Err(Failure::usage(format!("--param min_cluster_size={asked}: there are only {there}")));
            }
            return Ok(Density { method, eps: Eps::Given });
        }
        if given.contains_key("eps") {
            return Ok(Density { method, eps: Eps::Given });
        }
        let nearest = given.get("min_samples").or(set.get("min_samples")).and_then(Value::as_integer);
        let nearest = nearest.and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
        let x = features.dense(method.name())?.view();
        let suggested = nearest.map(|nearest| suggest_eps(x, nearest)).transpose()?.flatten();
        set.insert("eps".into(), suggested.map_or(EPS, four_digits).into());
        Ok(Density { method, eps: if suggested.is_some() { Eps::Elbow } else { Eps::Default } })
    }

    /// Why there are `k` segments, how many rows are in none, and what to change where that is of no use.
    pub fn reason(&self, parameters: &Table, k: usize, outliers: usize, rows: usize, language: Language) -> String {
        let min_samples = parameters.get("min_samples").map(Value::to_string).unwrap_or_default();
        let told: Vec<String> = parameters.iter().map(|(name, value)| format!("{name} {value}")).collect();
        let told = told.join(", ");
        let share = outliers as f64 / rows.max(1) as f64;
        let (apart, percent) = (rows_in(outliers, language), percent_in(share, 0, language));
        let elbow = match (self.eps, language) {
            (Eps::Given, _) => String::new(),
            (Eps::Elbow, Language::En) => {
                format!(
                    "; eps is the elbow of the distances to the nearest {min_samples} rows: change it with --param eps=N"
                )
            }
            (Eps::Elbow, Language::Es) => format!(
                "; eps es el codo de las distancias a las {min_samples} filas más cercanas: cámbialo con --param eps=N"
            ),
            (Eps::Default, Language::En) => {
                "; the distances have no elbow, so eps is a guess: change it with --param eps=N".into()
            }
            (Eps::Default, Language::Es) => {
                "; las distancias no tienen codo, así que eps es un tanteo: cámbialo con --param eps=N".into()
            }
        };
        let segments = segments_in(k, language);
        let mut text = match language {
            Language::En => format!(
                "{segments} where rows lie dense ({told}{elbow}). {apart} ({percent}) lie apart and are in none."
            ),
            Language::Es => format!(
                "{segments} donde las filas están juntas ({told}{elbow}). {apart} ({percent}) quedan apartadas y no están en \
                 ninguno."
            ),
        };
        if outliers > 0 && k > 1 {
            text.push_str(language.pick(
                " The measures are of the rows in segments only: do not compare them with those of a method that leaves none out.",
                " Las medidas son solo de las filas que están en segmentos: no se comparan con las de un método que no deja \
                 ninguna fuera.",
            ));
        }
        if let Some(advice) = self.advice(k, share, language) {
            text.push_str(advice);
        }
        text
    }

    fn advice(&self, k: usize, apart: f64, language: Language) -> Option<&'static str> {
        let hdbscan = self.method == Method::Hdbscan;
        Some(match (k, hdbscan) {
            (0, true) => language.pick(
                " Nothing is dense enough: lower --param min_cluster_size or min_samples, learn from fewer columns, or use --method \
                 kmeans.",
                " Nada es bastante denso: baja --param min_cluster_size o min_samples, aprende de menos columnas, o usa --method \
                 kmeans.",
            ),
            (0, false) => language.pick(
                " Nothing is dense enough: raise --param eps, learn from fewer columns, or use --method kmeans.",
                " Nada es bastante denso: sube --param eps, aprende de menos columnas, o usa --method kmeans.",
            ),
            (_, true) if apart > 0.5 => language.pick(
                " Most rows are in no segment: lower --param min_cluster_size or min_samples, or use --method kmeans, which leaves none \
                 out.",
                " La mayoría no está en ningún segmento: baja --param min_cluster_size o min_samples, o usa --method kmeans, que no \
                 deja ninguna fila fuera.",
            ),
            (_, false) if apart > 0.5 => language.pick(
                " Most rows are in no segment: raise --param eps, or use --method kmeans, which leaves none out.",
                " La mayoría no está en ningún segmento: sube --param eps, o usa --method kmeans, que no deja ninguna fila fuera.",
            ),
            (MANY.., true) => language.pick(
                " That is more than anybody acts on: raise --param min_cluster_size.",
                " Son más de los que sirven: sube --param min_cluster_size.",
            ),
            (MANY.., false) => language.pick(
                " That is more than anybody acts on: columns of 0 and 1 make heaps of equal rows. Raise --param eps or min_samples, or \
                 use --method kmeans.",
                " Son más de los que sirven: las columnas de 0 y 1 hacen montones de filas iguales. Sube --param eps o min_samples, o \
                 usa --method kmeans.",
            ),
            _ => return None,
        })
    }
}

/// The least number of four digits that is not below: as it is told, so that the same number, given with --param, finds the same.
fn four_digits(eps: f64) -> f64 {
    let read = |text: String| text.parse().unwrap_or(eps);
    let rounded: f64 = read(format!("{eps:.3e}"));
    if rounded >= eps {
        return rounded;
    }
    let (digits, exponent) = format!("{eps:.3e}")
        .split_once('e')
        .map_or((eps, 0), |(digits, exponent)| (digits.parse().unwrap_or(eps), exponent.parse::<i32>().unwrap_or(0)));
    read(format!("{:.3}e{exponent}", digits + 0.001))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_radius_is_rounded_up() {
        for (eps, shown) in
            [(0.12341, 0.1235), (0.12349, 0.1235), (0.5, 0.5), (9.99949, 10.0), (1234.1, 1235.0), (1e-9, 1e-9)]
        {
            assert_eq!(four_digits(eps), shown);
            assert!(four_digits(eps) >= eps);
        }
    }

    #[test]
    fn results_of_no_use_are_told_with_what_to_change() {
        let says = |method, k, outliers, language| {
            Density { method, eps: Eps::Given }.reason(&Table::new(), k, outliers, 100, language)
        };
        assert!(says(Method::Hdbscan, 0, 100, Language::En).contains("lower --param min_cluster_size"));
        assert!(says(Method::Dbscan, 2, 80, Language::En).contains("raise --param eps"));
        assert!(says(Method::Dbscan, 70, 10, Language::Es).contains("más de los que sirven"));
        assert!(!says(Method::Dbscan, 3, 10, Language::En).contains("--param"));
        assert!(says(Method::Dbscan, 1, 1, Language::Es).starts_with("1 segmento donde"));
        let guess = Density { method: Method::Dbscan, eps: Eps::Default };
        assert!(guess.reason(&Table::new(), 3, 0, 9, Language::En).contains("eps is a guess"));
    }
}
