//! Predictions from structs and from JSON are those of a frame.

use crate::{campaigns, fitted};
use adflux_core::{Error, Prediction, Rows as _};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Campaign {
    note: String,
    platform: Option<String>,
    bonus: f32,
    key: u16,
}

fn rows() -> Vec<Campaign> {
    campaigns(8).to_rows().unwrap()
}

#[test]
fn structs_and_json_give_what_a_frame_gives() {
    let pipeline = fitted();
    let expected = pipeline.run(&campaigns(8)).unwrap();
    assert_eq!(pipeline.run_rows(&rows()).unwrap(), expected);
    assert_eq!(pipeline.run_json(&serde_json::to_string(&rows()).unwrap()).unwrap(), expected);
    let one = serde_json::to_string(&rows()[3]).unwrap();
    assert_eq!(pipeline.run_json(&one).unwrap(), expected.take(&[3]));
}

#[test]
fn fields_that_are_missing_are_listed_at_once() {
    #[derive(Serialize)]
    struct Other {
        platforms: &'static str,
    }
    let expected = "missing columns `key`, `platform` (did you mean `platforms`?); the data has platforms";
    let error: Error = fitted().run_rows::<_, Prediction>(&[Other { platforms: "META" }]).unwrap_err();
    assert_eq!(error.to_string(), expected);
    let error = fitted().run_json::<_, Prediction>(r#"{"platforms": "META"}"#).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_value_of_another_kind_is_named_by_row() {
    let json = r#"[{"key": 1, "platform": "META"}, {"key": "many", "platform": "META"}]"#;
    let error = fitted().run_json::<_, Prediction>(json).unwrap_err();
    assert_eq!(error.to_string(), "column `key`, row 2: `many` where a number is wanted");
    let error = fitted().run_json::<_, Prediction>(r#"[{"key": 1}, {"key": 2}"#).unwrap_err();
    assert_eq!(error.to_string(), "row 3: the JSON ends in the middle");
}
