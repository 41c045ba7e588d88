//! A table in chunks: the same predictions, and errors that name the row of the file.

use crate::{campaigns, fitted};
use adflux_core::Prediction;
use adflux_data::Frame;

#[test]
fn chunks_are_predicted_as_the_whole() {
    let (fitted, folder) = (fitted(), tempfile::tempdir().unwrap());
    let all = campaigns(53);
    let whole: Prediction = fitted.run(&all).unwrap();
    for ending in ["csv", "ndjson", "parquet"] {
        let path = folder.path().join(format!("all.{ending}"));
        all.write(&path).unwrap();
        for rows in [1, 10, 53, 100] {
            let (mut point, mut upper) = (Vec::new(), Vec::new());
            for done in fitted.run_chunks(Frame::chunks(&path, rows, &fitted.schema).unwrap()) {
                let (chunk, prediction): (_, Prediction) = done.unwrap();
                assert_eq!(chunk.first_row, point.len());
                point.extend(prediction.point().unwrap().to_vec());
                upper.extend(prediction.intervals().unwrap().upper.to_vec());
            }
            let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&point), bits(whole.point().unwrap().as_slice().unwrap()), "{ending}, {rows}");
            assert_eq!(bits(&upper), bits(whole.intervals().unwrap().upper.as_slice().unwrap()), "{ending}, {rows}");
        }
    }
}

#[test]
fn the_row_of_an_error_is_that_of_the_file() {
    let (fitted, folder) = (fitted(), tempfile::tempdir().unwrap());
    let path = folder.path().join("later.csv");
    let rows: String =
        (0..30).map(|row| if row == 25 { "many,META\n".into() } else { format!("{row},META\n") }).collect();
    std::fs::write(&path, format!("key,platform\n{rows}")).unwrap();
    let said = |rows| {
        let mut done = fitted.run_chunks(Frame::chunks(&path, rows, &fitted.schema).unwrap());
        done.find_map(|done: adflux_core::Result<(_, Prediction)>| done.err()).unwrap().to_string()
    };
    for rows in [1, 7, 100] {
        let expected = format!("{}: column `key`, row 26: `many` where a number is wanted", path.display());
        assert_eq!(said(rows), expected, "{rows}");
    }
    std::fs::write(&path, "platform\nMETA\n").unwrap();
    assert!(said(10).starts_with(&format!("{}: missing column `key`", path.display())));
}
