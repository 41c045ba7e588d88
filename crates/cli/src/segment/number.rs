//! How many segments: as an option, and why.

use super::method::Method;
use crate::numbers::count;
use adflux::{
    clustering::{Choice, WEAK_SILHOUETTE},
    core::Error,
    postprocessing::Language,
};
use std::{fmt, str::FromStr};

/// How many segments are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// As many as separate the rows best.
    Auto,
    /// So many.
    Is(usize),
}

impl FromStr for Number {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.parse::<usize>()) {
            ("auto", _) => Ok(Number::Auto),
            (_, Ok(k)) if k > 0 => Ok(Number::Is(k)),
            _ => Err("give `auto`, or a whole number from 1".into()),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Number::Auto => f.write_str("auto"),
            Number::Is(k) => k.fmt(f),
        }
    }
}

impl Number {
    /// The error of a fit in the words of the command line.
    pub fn explained(self, error: Error, method: Method) -> Error {
        match error {
            Error::Step { source, .. } if matches!(*source, Error::Parameter { name: "levels" | "max_memory", .. }) => {
                match *source {
                    Error::Parameter { name: "levels", reason, .. } => Error::data(format!("--levels: {reason}")),
                    // The limit is that of the library.
                    Error::Parameter { reason, .. } => {
                        let reason = reason.trim_end_matches(", or raise the limit");
                        Error::data(format!("--method {}: {reason}", method.name()))
                    }
                    other => other,
                }
            }
            Error::Step { source, .. }
                if matches!(*source, Error::Parameter { name: "n_clusters" | "n_components" | "min", .. }) =>
            {
                match (*source, self) {
                    (Error::Parameter { reason, .. }, Number::Is(k)) => {
                        Error::data(format!("-k {}: {reason}", count(k as f64)))
                    }
                    _ => Error::data(
                        "-k auto: too few rows differ from each other to make two segments: give more rows, or other columns",
                    ),
                }
            }
            other => other,
        }
    }
}

/// Why there are fewer segments than were asked for, where there are.
pub fn fewer(asked: Number, k: usize, language: Language) -> Option<String> {
    let Number::Is(asked) = asked else { return None };
    (k < asked).then(|| match language {
        Language::En => format!("{k} segments: the others of the {asked} that were asked for have no rows."),
        Language::Es => format!("{k} segmentos: los demás de los {asked} que se pidieron no tienen filas."),
    })
}

/// Why there are `k` segments, in one sentence: those of `choice`, or as many as were asked for.
pub fn why(choice: Option<&Choice>, k: usize, silhouette: Option<f64>, language: Language) -> String {
    let Some(choice) = choice else {
        let overlap = silhouette.is_some_and(|s| s < WEAK_SILHOUETTE);
        let mut text = match language {
            Language::En => format!("{k} segments, as asked for"),
            Language::Es => format!("{k} segmentos, los que se pidieron"),
        };
        if overlap {
            text.push_str(language.pick(
                "; they overlap: the data has no such clear segments",
                "; se solapan: los datos no tienen segmentos tan claros",
            ));
        }
        return text + ".";
    };
    match language {
        // The model says it in English.
        Language::En => format!("{}.", choice.reason),
        Language::Es => spanish(choice),
    }
}

fn spanish(choice: &Choice) -> String {
    let k = choice.n_clusters;
    let best = choice.table.iter().fold((k, f64::NEG_INFINITY), |best, q| {
        if q.silhouette > best.1 { (q.n_clusters, q.silhouette) } else { best }
    });
    let silhouette = choice.table.iter().find(|q| q.n_clusters == k).map_or(f64::NAN, |q| q.silhouette);
    let mut text = if k == best.0 {
        format!("{k} segmentos son los que mejor se separan (silueta {silhouette:.2})")
    } else {
        format!(
            "{k} segmentos se separan casi tan bien (silueta {silhouette:.2}) como los {} que mejor lo hacen ({:.2}), y son \
             más fáciles de usar",
            best.0, best.1
        )
    };
    if choice.table.last().is_some_and(|last| last.n_clusters == best.0) {
        text.push_str(&format!("; no se probaron más de {}", best.0));
    }
    if silhouette < WEAK_SILHOUETTE {
        text.push_str("; se solapan: los datos no tienen segmentos claros");
    }
    text + "."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_auto_or_a_number() {
        assert_eq!("auto".parse(), Ok(Number::Auto));
        assert_eq!("12".parse(), Ok(Number::Is(12)));
        for wrong in ["0", "-3", "2.5", "many", ""] {
            assert!(wrong.parse::<Number>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn segments_without_rows_are_told() {
        assert_eq!(fewer(Number::Is(3), 3, Language::En), None);
        assert!(fewer(Number::Is(3), 2, Language::En).unwrap().starts_with("2 segments: the others of the 3"));
    }

    #[test]
    fn overlapping_segments_that_were_asked_for_are_told() {
        assert_eq!(why(None, 3, Some(0.4), Language::En), "3 segments, as asked for.");
        assert!(why(None, 3, Some(0.1), Language::Es).contains("se solapan"));
    }
}
