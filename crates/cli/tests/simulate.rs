//! `adflux simulate`: tables with known columns, the same for the same seed.

use crate::{adflux, err, out, text};
use adflux::{
    data::Frame,
    simulation::{CAMPAIGN_INPUTS, CAMPAIGN_OUTCOMES},
};

fn table(arguments: &[&str]) -> Frame {
    let done = adflux(&[&["simulate"], arguments].concat());
    assert!(done.status.success(), "{}", err(&done));
    Frame::read_csv_bytes(out(&done).as_bytes(), "standard output").unwrap()
}

#[test]
fn every_table_has_the_rows_that_were_asked_for() {
    for what in ["candidates", "jobs", "campaigns"] {
        assert_eq!(table(&[what, "--rows", "37"]).rows(), 37, "{what}");
    }
    assert_eq!(table(&["daily-metrics", "--rows", "37"]).rows(), 37);
    let excel = adflux(&["simulate", "jobs", "--rows", "3", "-o", "jobs.xlsx"]);
    assert!(String::from_utf8_lossy(&excel.stderr).contains("spreadsheets are not read or written"));
    assert_eq!(excel.status.code(), Some(1));
}

#[test]
fn campaigns_have_the_columns_that_the_demo_reads() {
    let frame = table(&["campaigns", "--rows", "20"]);
    let names: Vec<&str> = frame.names().collect();
    let expected = ["campaign_id"].iter().chain(CAMPAIGN_INPUTS).chain(CAMPAIGN_OUTCOMES);
    assert_eq!(names, expected.copied().collect::<Vec<_>>());
}

#[test]
fn the_seed_decides_and_a_file_holds_what_is_printed() {
    let printed = |seed: &str| out(&adflux(&["simulate", "campaigns", "--rows", "50", "--seed", seed]));
    assert_eq!(printed("7"), printed("7"));
    assert_ne!(printed("7"), printed("8"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("campaigns.csv");
    let done = adflux(&["simulate", "campaigns", "--rows", "50", "--seed", "7", "-o", text(&file)]);
    assert!(done.status.success() && out(&done).is_empty(), "{}", err(&done));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), printed("7"));
}
