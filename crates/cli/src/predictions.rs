//! Predictions as columns of a table.

use adflux::{
    core::{Prediction, Result, Rows as _},
    data::{Frame, FrameBuilder},
};
use ndarray::Array1;

/// The prediction as columns: `prediction`, with `lower` and `upper` for an interval, with `label` and `p_<label>` for
/// classes, and `set` for sets of them (labels with `|` between; one in a label is written `\|`); `segment` and `strength` for
/// segments; several by name with the name in place of `prediction` or `segment` and before `_`.
///
/// A number that is not finite (a cost for no click) is left empty.
pub fn columns(prediction: &Prediction) -> Result<Frame> {
    add(Frame::builder(), prediction, None)?.build()
}

fn add(mut frame: FrameBuilder, prediction: &Prediction, name: Option<&str>) -> Result<FrameBuilder> {
    let called = |own: &str| match name {
        Some(name) if own == "prediction" || own == "segment" => name.to_string(),
        Some(name) => format!("{name}_{own}"),
        None => own.to_string(),
    };
    Ok(match prediction {
        Prediction::Values(values) => frame.optional_numbers(&called("prediction"), finite(values)),
        Prediction::Intervals(intervals) => frame
            .optional_numbers(&called("prediction"), finite(&intervals.mean))
            .optional_numbers(&called("lower"), finite(&intervals.lower))
            .optional_numbers(&called("upper"), finite(&intervals.upper)),
        Prediction::Classes(classes) => {
            let best: Vec<&str> = classes.most_probable().into_iter().map(|c| classes.labels[c].as_str()).collect();
            frame = frame.texts(&called("prediction"), &best).texts(&called("label"), &best);
            for (label, share) in classes.labels.iter().zip(classes.probabilities.columns()) {
                frame = frame.numbers(&called(&format!("p_{label}")), share.to_vec());
            }
            frame
        }
        Prediction::Sets(sets) => {
            let members =
                |row: usize| sets.labels(row).map(|label| label.replace('|', "\\|")).collect::<Vec<_>>().join("|");
            let of_rows: Vec<String> = (0..prediction.len()).map(members).collect();
            let classes = Prediction::Classes(sets.classes.clone());
            add(frame, &classes, name)?.texts(&called("set"), &of_rows)
        }
        Prediction::Segments(segments) => frame
            .optional_integers(&called("segment"), segments.ids.iter().map(|id| id.map(i64::from)).collect())
            .optional_numbers(&called("strength"), finite(&segments.strength)),
        Prediction::Multi(several) => {
            for (name, prediction) in several {
                frame = add(frame, prediction, Some(name))?;
            }
            frame
        }
        _ => frame,
    })
}

fn finite(values: &Array1<f64>) -> Vec<Option<f64>> {
    values.iter().map(|v| v.is_finite().then_some(*v)).collect()
}
