//! Measures of association: references, limits, and the first names of real résumés.

use adflux_evaluation::association::*;
use adflux_testing::{assert_close, fixture};
use ndarray::Array1;
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Expected {
    a: Vec<u32>,
    b: Vec<u32>,
    values: Vec<f64>,
    cramers_v: f64,
    uncertainty: f64,
    correlation_ratio: f64,
}

#[test]
fn coefficients_equal_their_references() {
    let e: Expected = fixture("evaluation/association.json");
    assert_close(cramers_v(&e.a, &e.b).unwrap(), e.cramers_v, 1e-10);
    assert_close(cramers_v(&e.b, &e.a).unwrap(), e.cramers_v, 1e-10);
    assert_close(uncertainty_coefficient(&e.a, &e.b).unwrap(), e.uncertainty, 1e-10);
    assert_close(correlation_ratio(&e.a, Array1::from(e.values).view()).unwrap(), e.correlation_ratio, 1e-10);
}

#[test]
fn a_level_for_each_row_tells_nothing() {
    let id: Vec<u32> = (0..100).collect();
    let b: Vec<u32> = (0..100).map(|row| u32::from(row % 4 == 0)).collect();
    let p = predictability(&id, &b).unwrap();
    assert_eq!((p.share, p.baseline, p.gain()), (0.75, 0.75, 0.0));
    assert_eq!(cramers_v(&id, &b).unwrap(), 0.0);
    assert_eq!(uncertainty_coefficient(&id, &b).unwrap(), 1.0, "the coefficient that is biased, as documented");
}

#[test]
fn constant_columns_give_nothing_away() {
    let (constant, varied) = ([5; 6], [0, 1, 0, 1, 2, 0]);
    for (a, b) in [(&constant, &varied), (&varied, &constant)] {
        assert_eq!(cramers_v(a, b).unwrap(), 0.0);
        assert_eq!(uncertainty_coefficient(a, b).unwrap(), 0.0);
    }
    assert_eq!(predictability(&varied, &constant).unwrap().gain(), 0.0);
    assert_eq!(correlation_ratio(&varied, Array1::from_elem(6, 2.5).view()).unwrap(), 0.0);
    // 0.1 has no exact form in binary: the mean of six is another number.
    assert_eq!(correlation_ratio(&varied, Array1::from_elem(6, 0.1).view()).unwrap(), 0.0);
    assert!(cramers_v(&[], &[]).is_err() && predictability(&[1], &[1, 2]).is_err());
}

/// The definition, row by row.
fn guessed_row_by_row(a: &[u32], b: &[u32]) -> f64 {
    let credit = |row: usize, voters: &[usize]| {
        let mut votes = BTreeMap::new();
        voters.iter().for_each(|&voter| *votes.entry(b[voter]).or_insert(0) += 1);
        let most = votes.values().copied().max().unwrap_or(0);
        let ties = votes.values().filter(|v| **v == most).count();
        if votes.get(&b[row]) == Some(&most) { 1.0 / ties as f64 } else { 0.0 }
    };
    let all: Vec<usize> = (0..a.len()).collect();
    let of_row = |&row: &usize| {
        let others: Vec<usize> = all.iter().copied().filter(|&o| o != row && a[o] == a[row]).collect();
        if others.is_empty() { credit(row, &all) } else { credit(row, &others) }
    };
    all.iter().map(of_row).sum::<f64>() / a.len() as f64
}

proptest! {
    #[test]
    fn predictability_is_its_definition(rows in prop::collection::vec((0u32..6, 0u32..4), 1..40)) {
        let (a, b): (Vec<u32>, Vec<u32>) = rows.into_iter().unzip();
        prop_assert!((predictability(&a, &b).unwrap().share - guessed_row_by_row(&a, &b)).abs() < 1e-12);
    }

    #[test]
    fn coefficients_lie_between_0_and_1(rows in prop::collection::vec((0u32..6, 0u32..4, -9i8..9), 2..40)) {
        let a: Vec<u32> = rows.iter().map(|r| r.0).collect();
        let b: Vec<u32> = rows.iter().map(|r| r.1).collect();
        let values: Array1<f64> = rows.iter().map(|r| f64::from(r.2)).collect();
        for value in [cramers_v(&a, &b), uncertainty_coefficient(&a, &b), correlation_ratio(&a, values.view())] {
            prop_assert!((0.0..=1.0).contains(&value.unwrap()));
        }
    }
}

#[test]
fn a_first_name_gives_race_and_gender_away() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/resume.csv")).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let codes = |name: &str| -> Vec<u32> {
        let column = header.iter().position(|h| *h == name).unwrap();
        let mut seen = BTreeMap::new();
        rows.iter()
            .map(|row| {
                let next = seen.len() as u32;
                *seen.entry(row[column]).or_insert(next)
            })
            .collect()
    };
    for sensitive in ["race", "gender"] {
        let gain = predictability(&codes("firstname"), &codes(sensitive)).unwrap().gain();
        assert!(gain > 0.99, "{sensitive}: {gain}");
        let gain = predictability(&codes("years_experience"), &codes(sensitive)).unwrap().gain();
        assert!(gain < 0.2, "{sensitive}: {gain}");
    }
}
