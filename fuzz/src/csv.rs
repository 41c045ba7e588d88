//! A table that someone uploads, as CSV or JSON: read, looked at, learned from, written.

use super::{or_refused, sure};
use adflux::{
    core::{Categories, Error, Fit as _, Result, Training, Transform as _},
    data::{ColumnKind, Frame, Role},
    preprocessing::ColumnTransformer,
};

/// Larger tables are read and written, not learned from.
const MOST_ROWS: usize = 100;
const MOST_COLUMNS: usize = 12;

/// Reads `bytes` as CSV, and when they begin like JSON as that too, and does with the table what the commands do. Says
/// whether there was a table.
///
/// # Panics
/// When a table that was read cannot be used, or is another after it was written and read again.
pub fn run(bytes: &[u8]) -> bool {
    let csv = or_refused(Frame::read_csv_bytes(bytes, "fuzz.csv"));
    if let Some(frame) = &csv {
        use_it(frame);
        let mut written = Vec::new();
        sure(frame.write_csv_to(&mut written), "a frame can be written");
        same(frame, Frame::read_csv_bytes(&written, "written.csv"), &written);
    }
    if !matches!(bytes.first(), Some(b'{' | b'[')) {
        return csv.is_some();
    }
    let of_a_request = or_refused(str::from_utf8(bytes).map_err(Error::backend).and_then(Frame::from_json));
    let lines = or_refused(Frame::read_ndjson_bytes(bytes, "fuzz.ndjson"));
    if let Some(frame) = &lines {
        use_it(frame);
        let mut written = Vec::new();
        // JSON has no infinite numbers.
        if or_refused(frame.write_ndjson_to(&mut written)).is_some() {
            same(frame, Frame::read_ndjson_bytes(&written, "written.ndjson"), &written);
        }
    }
    csv.is_some() || of_a_request.is_some() || lines.is_some()
}

fn use_it(frame: &Frame) {
    look_at(frame);
    if frame.rows() <= MOST_ROWS && frame.names().count() <= MOST_COLUMNS {
        learn_from(frame);
    }
}

pub(super) fn look_at(frame: &Frame) {
    assert_eq!(frame.schema().fields.len(), frame.names().count(), "every column has a kind");
    for field in frame.schema().fields {
        let name = &field.name;
        let categories = sure(frame.categories(name), "any column as categories");
        let known = |code: &u32| *code == Categories::MISSING || (*code as usize) < categories.levels.len();
        assert!(categories.codes.len() == frame.rows() && categories.codes.iter().all(known));
        assert_eq!(sure(frame.texts(name), "any column as text").len(), frame.rows());
        assert!(sure(frame.missing_in(name), "any column can be counted") <= frame.rows());
        let numbers = frame.numbers(name);
        match field.kind {
            ColumnKind::Text => drop(or_refused(numbers)),
            _ => assert_eq!(sure(numbers, "a column that is not text as numbers").len(), frame.rows()),
        }
    }
}

fn learn_from(frame: &Frame) {
    let names: Vec<&str> = frame.names().collect();
    if let Some(transformer) = or_refused(ColumnTransformer::auto(frame, &names))
        && let Some(fitted) = or_refused(transformer.fit(Training::new(frame.clone())))
    {
        let x = sure(fitted.transform(frame.clone()), "what was learned from");
        assert_eq!((x.rows(), x.width()), (frame.rows(), fitted.feature_names().count()));
    }
    for role in [Role::Target, Role::Time, Role::Group] {
        or_refused(frame.clone().with_role(names[0], role).and_then(|frame| frame.training()));
    }
}

/// Checks that a table that was written and read again is the one it was.
pub(super) fn same(frame: &Frame, back: Result<Frame>, written: &[u8]) {
    let written = String::from_utf8_lossy(written);
    let back = sure(back, &format!("what was written is read: {written:?}"));
    assert_eq!(back.schema(), frame.schema(), "{written:?}");
    assert_eq!(back.rows(), frame.rows(), "{written:?}");
    for name in frame.names() {
        let categories = |frame: &Frame| sure(frame.categories(name), "any column as categories");
        assert_eq!(categories(&back), categories(frame), "{name:?} of {written:?}");
    }
}
