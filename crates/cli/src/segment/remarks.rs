//! What a reader must know beside the segments: what was learned from that should not be, what was filled in, what does not come back.

use super::found::Found;
use crate::numbers::percent_in;
use adflux::{
    core::{AnyModel, Features, Predict as _, Prediction, Result},
    data::Frame,
    postprocessing::Language,
};
use serde::Serialize;

/// Words in the name of a column that is about whom the law protects.
const PROTECTED: [&str; 33] = [
    "gender",
    "sex",
    "race",
    "ethnicity",
    "ethnic",
    "age",
    "birthdate",
    "birthday",
    "religion",
    "nationality",
    "disability",
    "disabled",
    "pregnant",
    "pregnancy",
    "marital",
    "orientation",
    "female",
    "male",
    "género",
    "genero",
    "sexo",
    "raza",
    "etnia",
    "edad",
    "nacimiento",
    "religión",
    "nacionalidad",
    "discapacidad",
    "embarazo",
    "mujer",
    "hombre",
    "woman",
    "man",
];

/// A warning where columns are learned from that by their names are about whom the law protects.
pub fn sensitive(columns: &[String], language: Language) -> Vec<String> {
    let found: Vec<&str> = columns.iter().map(String::as_str).filter(|column| is_protected(column)).collect();
    if found.is_empty() {
        return Vec::new();
    }
    let (listed, given) = (found.join(", "), found.join(","));
    vec![match language {
        Language::En => format!(
            "segments are made of {listed}. With --sensitive {given} they are left out, with what gives them away, and their shares are \
             reported."
        ),
        Language::Es => format!(
            "los segmentos se hacen con {listed}. Con --sensitive {given} se dejan fuera, con lo que los delata, y se informa de sus \
             proporciones."
        ),
    }]
}

/// Whether a word of the name is a protected one.
fn is_protected(column: &str) -> bool {
    let mut words = vec![String::new()];
    let mut before_is_small = false;
    for letter in column.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && before_is_small) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
        before_is_small = letter.is_lowercase();
    }
    words.iter().any(|word| PROTECTED.contains(&word.as_str()))
}

/// A warning where the probabilities of a mixture tell rows apart no more.
pub fn certain(found: &Found, language: Language) -> Option<String> {
    let strength = found.strength.as_ref().filter(|_| found.mixture.is_some())?;
    let several = found.finest().iter().any(|segment| *segment != found.finest()[0]);
    let sure = strength.iter().filter(|p| **p > 0.999).count() as f64 / strength.len().max(1) as f64;
    (several && sure > 0.99).then(|| {
        let percent = percent_in(sure, 0, language);
        match language {
            Language::En => format!(
                "{percent} of the rows belong to their segment with a probability above 0.999: in these columns the segments do not \
                 overlap, and strength says little. A larger --param reg_covar lets them."
            ),
            Language::Es => format!(
                "el {percent} de las filas pertenece a su segmento con una probabilidad de más de 0,999: en estas columnas los segmentos \
                 no se solapan, y strength dice poco. Con un --param reg_covar mayor se solapan."
            ),
        }
    })
}

/// The share of a column that has no value.
#[derive(Debug, Serialize)]
pub struct Missing {
    pub column: String,
    pub share: f64,
}

/// The columns that were learned from of which more than this has no value are told.
const WORTH_TELLING: f64 = 0.05;

/// The columns with more than a few missing values.
pub fn missing(frame: &Frame, columns: &[String]) -> Result<Vec<Missing>> {
    let mut all = Vec::new();
    for column in columns {
        let share = frame.missing_in(column)? as f64 / frame.rows().max(1) as f64;
        if share > WORTH_TELLING {
            all.push(Missing { column: column.clone(), share });
        }
    }
    Ok(all)
}

/// The share of the rows that the fitted model puts into the segment that they have in the tree.
pub fn returning(found: &Found, model: &AnyModel, features: &Features) -> Result<f64> {
    let predicted = match model.predict(features)? {
        Prediction::Multi(levels) => match levels.into_iter().last() {
            Some((_, finest)) => finest,
            None => return Ok(1.0),
        },
        one => one,
    };
    let again = &predicted.segments()?.ids;
    let same = found.finest().iter().zip(again).filter(|(own, again)| own == again).count();
    Ok(same as f64 / again.len().max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protected_columns_are_known_by_a_word_of_their_name() {
        for name in ["gender", "Age", "MaritalStatus", "applicant_race", "edad", "Género", "senior female"] {
            assert!(is_protected(name), "{name}");
        }
        for name in ["language", "wage", "page_views", "mortgage", "Manager", "trace_id", "YearsAtCompany"] {
            assert!(!is_protected(name), "{name}");
        }
        let warned = sensitive(&["pay".into(), "edad".into(), "sexo".into()], Language::Es);
        assert!(warned[0].contains("--sensitive edad,sexo "), "{warned:?}");
        assert!(sensitive(&["pay".into()], Language::En).is_empty());
    }
}
