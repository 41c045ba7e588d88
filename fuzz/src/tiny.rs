//! Small tables to learn from and to predict.

use super::sure;
use adflux::{
    core::{ClassTarget, MultiTarget, Target, Training},
    data::{ColumnKind, Frame, Schema},
};
use ndarray::{Array1, Array2};

const ROWS: usize = 24;

/// Two dozen campaigns as they are known before their launch.
pub fn campaigns() -> Frame {
    let each = |value: fn(usize) -> f64| (0..ROWS).map(value).collect::<Vec<f64>>();
    let pick = |of: [&'static str; 3]| (0..ROWS).map(move |i| of[(i * i + i / 5) % 3]);
    let frame = Frame::builder()
        .numbers("budget", each(|i| 100.0 + 37.0 * ((i * 7) % 11) as f64))
        .optional_numbers("duration_days", (0..ROWS).map(|i| (i % 9 != 4).then_some((i % 5) as f64 * 7.0)).collect())
        .texts("platform", pick(["META", "GOOGLE", "LINKEDIN"]))
        .optional_texts("level", (0..ROWS).map(|i| (i % 7 != 3).then_some(["JUNIOR", "SENIOR"][i % 2])))
        .texts("title", pick(["Java developer (remote)", "sales manager", "Desarrollador de software"]))
        .booleans("live", (0..ROWS).map(|i| i % 3 == 0).collect())
        .build();
    sure(frame, "the campaigns")
}

/// The campaigns with the target that a model of this kind learns.
pub fn training(model: &str) -> Training<Frame> {
    let frame = campaigns();
    let budgets = sure(frame.numbers("budget"), "budgets");
    let data = Training::new(frame);
    match model {
        "funnel-regressor" => {
            let totals = |row: usize| {
                let spend = budgets[row] * 0.9;
                let clicks = (spend * (0.5 + (row % 3) as f64)).round();
                [clicks * 40.0, clicks, (clicks / 10.0).round(), spend]
            };
            let names: Vec<String> = ["impressions", "clicks", "applications", "spend"].map(String::from).into();
            let values = Array2::from_shape_fn((ROWS, 4), |(row, column)| totals(row)[column]);
            data.with_target(Target::Multi(MultiTarget { names: names.into(), values })).with_exposure(budgets.into())
        }
        "random-forest-classifier" | "logistic-regression" | "gradient-boosting-classifier" => {
            let labels: Vec<&str> = (0..ROWS).map(|i| ["hired", "rejected", "open"][(i * i) % 3]).collect();
            data.with_target(Target::Classes(ClassTarget::from_labels(&labels)))
        }
        _ => data.with_target(Target::Values(budgets.iter().map(|b| b.sqrt()).collect::<Array1<f64>>())),
    }
}

/// A table of `rows` rows with the columns of `schema`, each once; `None` when there are too many to be worth it, or
/// dates, which only a file can hold.
pub fn like(schema: &Schema, rows: usize) -> Option<Frame> {
    const MOST_COLUMNS: usize = 32;
    if schema.fields.len() > MOST_COLUMNS {
        return None;
    }
    let mut seen = std::collections::HashSet::new();
    let mut frame = Frame::builder().booleans("beside", vec![true; rows]);
    seen.insert("beside");
    for field in schema.fields.iter().filter(|f| seen.insert(&f.name)) {
        let (name, rows) = (&field.name, 0..rows);
        frame = match field.kind {
            ColumnKind::Number => {
                let numbers = [250.0, -1.5, 0.0, f64::NAN, 1e300, 14.0];
                frame.numbers(name, rows.map(|row| numbers[row % numbers.len()]).collect())
            }
            ColumnKind::Boolean => frame.booleans(name, rows.map(|row| row % 2 == 0).collect()),
            ColumnKind::Text => {
                let texts =
                    [Some("META"), None, Some(""), Some("Java developer (remoto) 漢字 é"), Some("SENIOR"), Some("1")];
                frame.optional_texts(name, rows.map(|row| texts[row % texts.len()]))
            }
            _ => return None,
        };
    }
    Some(sure(frame.build(), "a table of these columns"))
}
