//! Input is found by name and parsed to the kinds of training.

use crate::{
    campaigns, columns,
    parts::{Memory, Witness},
    training,
};
use adflux_core::{Rows as _, Training};
use adflux_data::{ColumnKind, Frame};
use adflux_pipeline::{FittedPipeline, Pipeline};

type Fitted =
    FittedPipeline<adflux_preprocessing::FittedColumnTransformer, crate::parts::MemoryModel, crate::parts::Seen>;

fn fitted() -> Fitted {
    Pipeline::new(columns(), Memory::default()).with_postprocessor(Witness::default()).fit(training(9)).unwrap()
}

fn says(frame: &Frame) -> String {
    fitted().run(frame).unwrap_err().to_string()
}

#[test]
fn only_the_columns_that_some_part_reads_are_asked_for() {
    let fields: Vec<(String, ColumnKind)> = fitted().schema.fields.into_iter().map(|f| (f.name, f.kind)).collect();
    let expected = [("key", ColumnKind::Number), ("platform", ColumnKind::Text), ("bonus", ColumnKind::Number)];
    assert_eq!(fields, expected.map(|(name, kind)| (name.to_string(), kind)));
}

#[test]
fn other_columns_and_another_order_change_nothing() {
    let all = campaigns(9);
    let expected = fitted().run(&all).unwrap();
    let turned = all.select(&["bonus", "platform", "key"]).unwrap();
    assert_eq!(fitted().run(&turned).unwrap(), expected);
    let more = Frame::builder().texts("unheard of", ["x"; 9]).build().unwrap();
    assert_eq!(fitted().run(&turned.with_columns_of(&more).unwrap()).unwrap(), expected);
    assert_eq!(fitted().run(&all.take(&[4])).unwrap(), expected.take(&[4]));
}

#[test]
fn missing_columns_are_listed_at_once() {
    let frame = Frame::builder().numbers("keys", vec![1.0]).texts("platform", ["META"]).build().unwrap();
    let message = "missing columns `key` (did you mean `keys`?), `bonus`; the data has keys, platform";
    assert_eq!(says(&frame), message);
}

#[test]
fn values_are_parsed_to_the_kinds_of_training_or_named() {
    let all = campaigns(9);
    let with = |keys: [&str; 9]| all.with_columns_of(&Frame::builder().texts("key", keys).build().unwrap()).unwrap();
    let parsed = with(["0", "1.0", " 2", "3e0", "4", "5", "6", "7", "8"]);
    assert_eq!(fitted().run(&parsed).unwrap(), fitted().run(&all).unwrap());
    let wrong = with(["0", "1", "two", "3", "4", "5", "6", "7", "many"]);
    assert_eq!(says(&wrong), "column `key`, row 3: `two` where a number is wanted");
    // A platform that is a number is a platform that was never seen, not an error.
    let numbers = Frame::builder().integers("platform", vec![1; 9]).build().unwrap();
    assert!(fitted().run(&all.with_columns_of(&numbers).unwrap()).is_ok());
}

#[test]
fn the_fingerprint_tells_whether_what_was_learned_from_is_the_same() {
    let fingerprint = |data: Training<Frame>| {
        let pipeline = Pipeline::new(columns(), Memory::default()).with_postprocessor(Witness::default());
        pipeline.fit(data).unwrap().training.fingerprint
    };
    let original = fingerprint(training(9));
    assert_eq!(original.len(), 64);
    let with = |column: Frame| Training { x: campaigns(9).with_columns_of(&column).unwrap(), ..training(9) };
    let unread = Frame::builder().texts("note", ["other"; 9]).build().unwrap();
    assert_eq!(fingerprint(with(unread)), original);
    let read = Frame::builder().texts("platform", ["META"; 9]).build().unwrap();
    assert_ne!(fingerprint(with(read)), original);
    let mut outcome = training(9);
    outcome.target = Some(adflux_core::Target::Values(ndarray::Array1::zeros(9)));
    assert_ne!(fingerprint(outcome), original);
}
