//! The one number of a prediction that is explained.

use adflux_core::{Classes, Error, Prediction, Result};

/// The names that the numbers of a prediction go by: the labels of classes, the names of several; none of a single number.
pub(super) fn names(prediction: &Prediction) -> Vec<String> {
    match prediction {
        Prediction::Classes(classes) => classes.labels.to_vec(),
        Prediction::Sets(sets) => sets.classes.labels.to_vec(),
        Prediction::Multi(several) => several.iter().map(|(name, _)| name.clone()).collect(),
        _ => Vec::new(),
    }
}

/// The name that is explained: the one that was asked for, or the second of two classes, of more the one that is predicted most
/// often, of several predictions the first.
///
/// # Errors
/// Listing the names when there is none like it.
pub(super) fn chosen(prediction: &Prediction, asked: Option<&str>) -> Result<Option<String>> {
    let names = names(prediction);
    match asked {
        Some(asked) if names.iter().any(|name| name == asked) => Ok(Some(asked.into())),
        Some(asked) if names.is_empty() => {
            Err(Error::parameter("output", asked, "the prediction is one number, which has no name: leave it out"))
        }
        Some(asked) => {
            Err(Error::parameter("output", asked, format!("must be one of what is predicted: {}", names.join(", "))))
        }
        None => Ok(match prediction {
            Prediction::Classes(classes) => Some(usual(classes)),
            Prediction::Sets(sets) => Some(usual(&sets.classes)),
            _ => names.into_iter().next(),
        }),
    }
}

fn usual(classes: &Classes) -> String {
    if let [_, second] = &classes.labels[..] {
        return second.clone();
    }
    let mut rows = vec![0_usize; classes.labels.len()];
    classes.most_probable().into_iter().for_each(|class| rows[class] += 1);
    let best = (0..rows.len()).rev().max_by_key(|class| rows[*class]).unwrap_or(0);
    classes.labels.get(best).cloned().unwrap_or_default()
}

/// The number called `name` of every row.
///
/// # Errors
/// When the prediction is no number, or one is not finite.
pub(super) fn numbers(prediction: &Prediction, name: Option<&str>) -> Result<Vec<f64>> {
    let values = match (prediction, name) {
        (Prediction::Classes(_) | Prediction::Sets(_), Some(name)) => {
            let classes = prediction.classes()?;
            match classes.labels.iter().position(|label| label == name) {
                Some(place) => classes.probabilities.column(place).to_vec(),
                None => return Err(Error::data(format!("`{name}` is none of the classes"))),
            }
        }
        (Prediction::Multi(_), Some(name)) => prediction.named(name)?.point()?.to_vec(),
        (Prediction::Segments(_), _) => {
            return Err(Error::data("this pipeline puts rows into segments: there is no prediction to explain"));
        }
        _ => prediction.point()?.to_vec(),
    };
    match values.iter().position(|v| !v.is_finite()) {
        Some(row) => {
            let what = name.map_or("the prediction".into(), |name| format!("`{name}`"));
            Err(Error::data(format!("row {}: {what} is no finite number, which cannot be explained", row + 1)))
        }
        None => Ok(values),
    }
}
