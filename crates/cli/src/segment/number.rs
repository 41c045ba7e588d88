//! How many segments: as an option, and why.

use crate::numbers::segments_in;
use adflux::{
    clustering::{Choice, MixtureChoice, WEAK_SILHOUETTE},
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

/// Why there are fewer segments than were asked for, where there are.
pub fn fewer(asked: Number, k: usize, language: Language) -> Option<String> {
    let Number::Is(asked) = asked else { return None };
    (k < asked).then(|| match language {
        Language::En => {
            format!("{}: the others of the {asked} that were asked for have no rows.", segments_in(k, language))
        }
        Language::Es => {
            format!("{}: los demás de los {asked} que se pidieron no tienen filas.", segments_in(k, language))
        }
    })
}

/// Why there are `k` segments, in a sentence or two: those of `choice`, or as many as were asked for. `max` is the greatest number that
/// was asked for, where another can be.
pub fn why(
    choice: Option<&Choice>,
    k: usize,
    silhouette: Option<f64>,
    max: Option<usize>,
    language: Language,
) -> String {
    let Some(choice) = choice else {
        let overlap = silhouette.is_some_and(|s| s < WEAK_SILHOUETTE);
        let asked = language.pick("as asked for", if k == 1 { "el que se pidió" } else { "los que se pidieron" });
        let mut text = format!("{}, {asked}", segments_in(k, language));
        if overlap {
            text.push_str(language.pick(
                "; they overlap: the data has no such clear segments",
                "; se solapan: los datos no tienen segmentos tan claros",
            ));
        }
        return text + ".";
    };
    let edge = max.filter(|max| best(choice) == *max).map_or(String::new(), |max| beyond(max, language));
    match language {
        // The model says it in English.
        Language::En => format!("{}.{edge}", choice.reason),
        Language::Es => format!("{}.{edge}", spanish(choice, max)),
    }
}

/// How more segments are tried than were.
fn beyond(max: usize, language: Language) -> String {
    let more = max.saturating_mul(2);
    match language {
        Language::En => {
            format!(" --param max={more} tries more, and adflux choose-k --max {more} shows every measure.")
        }
        Language::Es => {
            format!(" Con --param max={more} se prueban más, y adflux choose-k --max {more} enseña todas las medidas.")
        }
    }
}

/// The number of the greatest silhouette, the fewest of equals.
fn best(choice: &Choice) -> usize {
    let first = (choice.n_clusters, f64::NEG_INFINITY);
    let greater = |best: (usize, f64), (k, s): (usize, f64)| if s > best.1 { (k, s) } else { best };
    choice.table.iter().map(|q| (q.n_clusters, q.silhouette)).fold(first, greater).0
}

fn spanish(choice: &Choice, max: Option<usize>) -> String {
    let (k, best) = (choice.n_clusters, best(choice));
    let of = |k: usize| choice.table.iter().find(|q| q.n_clusters == k).map_or(f64::NAN, |q| q.silhouette);
    let shown = |k: usize| Language::Es.number(of(k), 2);
    let mut text = if k == best {
        format!("{k} segmentos son los que mejor se separan (silueta {})", shown(k))
    } else {
        format!(
            "{k} segmentos se separan casi tan bien (silueta {}) como los {best} que mejor lo hacen ({})",
            shown(k),
            shown(best)
        )
    };
    text.push_str(if choice.elbow == Some(k) {
        ", y con más la inercia baja poco (codo)"
    } else {
        ", y la inercia no tiene codo entre los que se separan así"
    });
    // As many as there are different rows are all that can be.
    let last = choice.table.last().is_some_and(|last| last.n_clusters == best);
    if last && max.is_none_or(|max| max == best) {
        text.push_str(&format!("; no se probaron más de {best}"));
    }
    if of(k) < WEAK_SILHOUETTE {
        text.push_str("; se solapan: los datos no tienen segmentos claros");
    }
    text
}

/// Why a mixture has so many segments; `max` is the greatest number that was asked for.
pub fn of_mixture(choice: &MixtureChoice, max: usize, language: Language) -> String {
    let (k, name) = (choice.n_components, choice.criterion.name());
    let edge = if k == max { beyond(max, language) } else { String::new() };
    if language == Language::En {
        return format!("{}.{edge}", choice.reason);
    }
    let have = if k == 1 { "tiene" } else { "tienen" };
    let mut text = format!("{} {have} el {name} más bajo", segments_in(k, language));
    let value = |chosen: bool| {
        let of = choice.table.iter().filter(|q| (q.n_components == k) == chosen).map(|q| q.value(choice.criterion));
        of.fold(f64::INFINITY, f64::min)
    };
    let by = value(false) - value(true);
    if by.is_finite() {
        text.push_str(&format!(", {} por debajo del siguiente", language.number(by, 1)));
    }
    if k == 1 {
        text.push_str("; las filas son una sola nube: los datos no tienen segmentos de esta forma");
    }
    format!("{text}.{edge}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux::clustering::Quality;

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
        assert_eq!(why(None, 3, Some(0.4), None, Language::En), "3 segments, as asked for.");
        assert!(why(None, 3, Some(0.1), None, Language::Es).contains("se solapan"));
    }
    #[test]
    fn the_edge_is_told_with_what_tries_more() {
        let quality = |n_clusters, silhouette| Quality {
            n_clusters,
            silhouette,
            inertia: 1.0,
            calinski_harabasz: 1.0,
            davies_bouldin: 1.0,
        };
        let table = vec![quality(2, 0.2), quality(3, 0.4)];
        let choice = Choice { table, n_clusters: 3, reason: "3 segments".into(), elbow: Some(3) };
        assert!(why(Some(&choice), 3, None, Some(3), Language::En).contains("--param max=6 tries more"));
        assert_eq!(why(Some(&choice), 3, None, Some(9), Language::En), "3 segments.", "more than 3 cannot be");
        let spanish = why(Some(&choice), 3, None, Some(3), Language::Es);
        assert!(
            spanish.contains("(codo)") && spanish.contains("silueta 0,40") && spanish.contains("más de 3"),
            "{spanish}"
        );
        assert!(!why(Some(&choice), 3, None, Some(9), Language::Es).contains("no se probaron"));
    }
}
