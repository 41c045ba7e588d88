//! What every split keeps, and scikit-learn's folds.

use adflux_evaluation::splits::{Fold, FoldOptions, k_fold, train_test_split};
use adflux_testing::fixture;
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::HashSet;

#[derive(Deserialize)]
struct Expected {
    rows: usize,
    strata: Vec<u32>,
    groups: Vec<u32>,
    k_fold: Vec<Vec<usize>>,
    stratified: Vec<Vec<usize>>,
    group_sizes: Vec<usize>,
}

fn tests(folds: &[Fold]) -> Vec<Vec<usize>> {
    folds.iter().map(|fold| fold.test.clone()).collect()
}

#[test]
fn folds_are_scikit_learns() {
    let expected: Expected = fixture("evaluation/splits.json");
    let rows = expected.rows;
    assert_eq!(tests(&k_fold(rows, 5, &FoldOptions::default()).unwrap()), expected.k_fold);
    let strata = FoldOptions { strata: Some(&expected.strata), ..FoldOptions::default() };
    assert_eq!(tests(&k_fold(rows, 4, &strata).unwrap()), expected.stratified);
    // Equally large groups may go to different folds; the sizes of the folds are the same.
    let groups = FoldOptions { groups: Some(&expected.groups), ..FoldOptions::default() };
    let mut sizes: Vec<usize> = k_fold(rows, 3, &groups).unwrap().iter().map(|fold| fold.test.len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, expected.group_sizes);
}

#[test]
fn blocks_of_time_are_contiguous_and_do_not_split_a_moment() {
    let time = [5, 1, 1, 3, 2, 9, 9, 4];
    let folds = k_fold(8, 3, &FoldOptions { time: Some(&time), ..FoldOptions::default() }).unwrap();
    assert_eq!(tests(&folds), [vec![1, 2, 4], vec![3, 7], vec![0, 5, 6]]);
}

#[test]
fn the_latest_rows_are_held_back() {
    let time = [5, 1, 1, 3, 2, 9, 9, 4, 0, 0];
    let split = |share| train_test_split(10, share, &FoldOptions { time: Some(&time), ..FoldOptions::default() });
    assert_eq!(split(0.2).unwrap().test, [5, 6]);
    assert_eq!(split(0.3).unwrap().test, [0, 5, 6]);
    assert_eq!(train_test_split(10, 0.21, &FoldOptions::default()).unwrap().test, [7, 8, 9]);
    // 100 · 0.07 is 7.000000000000001.
    assert_eq!(train_test_split(100, 0.07, &FoldOptions::default()).unwrap().test.len(), 7);
}

#[test]
fn strata_keep_their_shares_with_groups_too() {
    let strata: Vec<u32> = (0..400).map(|row| u32::from(row % 10 == 0)).collect();
    let groups: Vec<u32> = (0..400).map(|row| row / 4).collect();
    let options =
        FoldOptions { strata: Some(&strata), groups: Some(&groups), shuffle: Some(3), ..FoldOptions::default() };
    let ones = |rows: &[usize]| rows.iter().filter(|&&row| strata[row] == 1).count();
    for fold in k_fold(400, 5, &options).unwrap() {
        assert_eq!((fold.test.len(), ones(&fold.test)), (80, 8));
    }
    let split = train_test_split(400, 0.25, &options).unwrap();
    assert_eq!((split.test.len(), ones(&split.test)), (100, 10));
    let rows_only = FoldOptions { groups: None, ..options };
    let split = train_test_split(400, 0.25, &rows_only).unwrap();
    assert_eq!((split.test.len(), ones(&split.test)), (100, 10));
}

#[test]
fn shuffling_changes_the_folds_and_is_repeatable() {
    let of = |seed| k_fold(50, 5, &FoldOptions { shuffle: seed, ..FoldOptions::default() }).unwrap();
    assert_eq!(of(Some(1)), of(Some(1)));
    assert_ne!(of(Some(1)), of(Some(2)));
    assert_ne!(of(Some(1)), of(None));
}

#[test]
fn impossible_splits_are_named() {
    let says = |k, options: &FoldOptions| k_fold(4, k, options).unwrap_err().to_string();
    let none = FoldOptions::default();
    assert_eq!(says(1, &none), "parameter `k` = 1: at least 2 folds are needed");
    assert_eq!(says(5, &none), "parameter `k` = 5: there are only 4 rows to put into folds");
    let groups = FoldOptions { groups: Some(&[1, 1, 2, 2]), ..none };
    assert_eq!(says(3, &groups), "parameter `k` = 3: 3 parts are wanted, and there are only 2 groups");
    let time = FoldOptions { time: Some(&[1, 1, 1, 2]), ..none };
    assert!(says(3, &time).ends_with("there are only 2 different times"));
    assert_eq!(says(2, &FoldOptions { strata: Some(&[1]), ..none }), "strata of 1 rows beside 4 rows to split");
    let many = k_fold(100_000, 100_000, &none).unwrap_err().to_string();
    assert!(many.contains("at most 10000 fit a memory"), "{many}");
    for share in [0.0, 1.0, 0.9, f64::NAN] {
        assert!(train_test_split(4, share, &none).unwrap_err().to_string().contains("`test_share`"), "{share}");
    }
    let one = FoldOptions { groups: Some(&[1, 1, 1, 1]), ..none };
    assert!(train_test_split(4, 0.5, &one).unwrap_err().to_string().contains("only 1 group"));
}

prop_compose! {
    fn table()(rows in prop::collection::vec((0u32..12, -6i64..6, 0u32..3), 6..60), k in 2usize..5,
               given in any::<(bool, bool, bool)>(), seed in prop::option::of(any::<u64>()), share in 0.05f64..0.8)
        -> (Vec<(u32, i64, u32)>, usize, (bool, bool, bool), Option<u64>, f64) {
        (rows, k, given, seed, share)
    }
}

proptest! {
    #[test]
    fn every_row_is_tested_once_and_what_belongs_together_stays_together((rows, k, given, seed, share) in table()) {
        let n = rows.len();
        let groups: Vec<u32> = rows.iter().map(|r| r.0).collect();
        let time: Vec<i64> = rows.iter().map(|r| r.1).collect();
        let strata: Vec<u32> = rows.iter().map(|r| r.2).collect();
        let options = FoldOptions {
            groups: given.0.then_some(&groups[..]),
            time: given.1.then_some(&time[..]),
            strata: given.2.then_some(&strata[..]),
            shuffle: seed,
        };
        // Too few groups or moments for k are refused; whatever is not refused must hold.
        let whole = train_test_split(n, share, &options).ok().into_iter();
        let folds = k_fold(n, k, &options).ok();
        if !given.0 && !given.1 && !given.2 {
            prop_assert!(folds.is_some());
        }
        for fold in folds.iter().flatten().cloned().chain(whole) {
            prop_assert!(!fold.test.is_empty() && !fold.train.is_empty());
            let test: HashSet<usize> = fold.test.iter().copied().collect();
            prop_assert!(fold.train.iter().all(|row| !test.contains(row)));
            prop_assert_eq!(test.len() + fold.train.len(), n);
            if given.0 {
                let held: HashSet<u32> = fold.test.iter().map(|&row| groups[row]).collect();
                prop_assert!(fold.train.iter().all(|&row| !held.contains(&groups[row])));
            } else if given.1 {
                let (first, last) = fold.test.iter().fold((i64::MAX, i64::MIN), |(a, b), &row| (a.min(time[row]), b.max(time[row])));
                prop_assert!(fold.train.iter().all(|&row| time[row] < first || time[row] > last));
            } else if given.2 {
                for stratum in 0..3 {
                    let held = fold.test.iter().filter(|&&row| strata[row] == stratum).count() as f64;
                    let all = strata.iter().filter(|s| **s == stratum).count() as f64;
                    let even = fold.test.len() as f64 / n as f64 * all;
                    prop_assert!((held - even).abs() < 2.0, "{} of {} in {} of {}", held, all, fold.test.len(), n);
                }
            }
        }
        if let Some(folds) = folds {
            let mut all: Vec<usize> = folds.iter().flat_map(|fold| fold.test.clone()).collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..n).collect::<Vec<_>>());
        }
    }
}
