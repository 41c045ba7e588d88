//! The recipes of splits: repeats, shares at random, windows of time, and their names in files and on command lines.

use adflux_core::{ClassTarget, Target, Training};
use adflux_evaluation::splits::{
    Fold, FoldOptions, KFold, RowKeys, ShuffleSplit, Split, TimeSeriesSplit, k_fold, train_test_split,
    train_validation_test_split,
};
use adflux_testing::fixture;
use ndarray::{Array1, array};
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::HashSet;

const NONE: FoldOptions<'static> = FoldOptions { groups: None, time: None, strata: None, shuffle: None };

#[derive(Deserialize)]
struct TimeCase {
    rows: usize,
    folds: usize,
    gap: usize,
    test_size: Option<usize>,
    max_train_size: Option<usize>,
    train: Vec<Vec<usize>>,
    test: Vec<Vec<usize>>,
}

#[test]
fn time_series_splits_are_scikit_learns() {
    for case in fixture::<Vec<TimeCase>>("splits/time_series.json") {
        let TimeCase { folds, gap, test_size, max_train_size, .. } = case;
        let split = TimeSeriesSplit { folds, gap, test_size, max_train_size };
        let found = split.folds(case.rows, &NONE).unwrap();
        assert_eq!(found.iter().map(|f| f.train.clone()).collect::<Vec<_>>(), case.train, "{split:?}");
        assert_eq!(found.iter().map(|f| f.test.clone()).collect::<Vec<_>>(), case.test, "{split:?}");
        // Rows that stand in another order are found by their times.
        let place = |row: usize| (row * 7 + 3) % case.rows;
        if case.rows % 7 != 0 {
            let mut time = vec![0; case.rows];
            (0..case.rows).for_each(|row| time[place(row)] = row as i64 * 86_400);
            let by_time = split.folds(case.rows, &FoldOptions { time: Some(&time), ..NONE }).unwrap();
            for (fold, expected) in by_time.iter().zip(&case.test) {
                let mut expected: Vec<usize> = expected.iter().map(|&row| place(row)).collect();
                expected.sort_unstable();
                assert_eq!(fold.test, expected);
            }
        }
    }
}

#[test]
fn the_first_repeat_is_the_plain_split_and_the_others_differ() {
    let strata: Vec<u32> = (0..40).map(|row| u32::from(row % 4 == 0)).collect();
    let options = FoldOptions { strata: Some(&strata), ..NONE };
    let folds = KFold::new(4).repeats(3).seed(7).folds(40, &options).unwrap();
    assert_eq!(folds[..4], k_fold(40, 4, &FoldOptions { shuffle: Some(7), ..options }).unwrap());
    for repeat in folds.chunks(4) {
        let mut all: Vec<usize> = repeat.iter().flat_map(|fold| fold.test.clone()).collect();
        all.sort_unstable();
        assert_eq!(all, (0..40).collect::<Vec<_>>());
        for fold in repeat {
            let ones = fold.test.iter().filter(|row| strata[**row] == 1).count();
            assert!((2..=3).contains(&ones));
        }
    }
    assert!(folds[0] != folds[4] && folds[4] != folds[8]);
    // The seed of the split goes before that of the options, which goes before 0.
    let by_options = KFold::new(4).folds(40, &FoldOptions { shuffle: Some(7), ..options }).unwrap();
    assert_eq!(by_options, folds[..4]);
    let as_they_stand = KFold::new(4).shuffle(false).folds(40, &NONE).unwrap();
    assert_eq!(as_they_stand, k_fold(40, 4, &NONE).unwrap());
}

#[test]
fn shares_are_drawn_again_and_again_with_strata_and_by_groups() {
    let strata: Vec<u32> = (0..60).map(|row| u32::from(row % 3 == 0)).collect();
    let folds = ShuffleSplit::new(5, 0.2).seed(1).folds(60, &FoldOptions { strata: Some(&strata), ..NONE }).unwrap();
    for fold in &folds {
        assert_eq!(fold.test.iter().filter(|row| strata[**row] == 1).count(), 4);
        assert_eq!((fold.test.len(), fold.train.len()), (12, 48));
    }
    assert!(folds.windows(2).all(|pair| pair[0] != pair[1]));

    // Groups of 1, 2, …, 10 rows: a fifth of the groups, whatever their size.
    let groups: Vec<u32> = (1..=10u32).flat_map(|group| vec![group; group as usize]).collect();
    let options = FoldOptions { groups: Some(&groups), ..NONE };
    let folds = ShuffleSplit::new(20, 0.2).folds(groups.len(), &options).unwrap();
    let held: HashSet<Vec<u32>> = folds
        .iter()
        .map(|fold| {
            let mut held: Vec<u32> = fold.test.iter().map(|&row| groups[row]).collect();
            held.dedup();
            assert_eq!(held.len(), 2);
            assert!(fold.train.iter().all(|&row| !held.contains(&groups[row])));
            held
        })
        .collect();
    assert!(held.len() > 10, "the groups are drawn: {held:?}");
}

#[test]
fn two_shares_are_held_back_in_one_call() {
    let time: Vec<i64> = (0..100).map(|row| (row * 37 % 100) / 2).collect();
    let parts = train_validation_test_split(100, 0.2, 0.1, &FoldOptions { time: Some(&time), ..NONE }).unwrap();
    let range =
        |rows: &[usize]| (rows.iter().map(|r| time[*r]).min().unwrap(), rows.iter().map(|r| time[*r]).max().unwrap());
    assert_eq!((range(&parts.train), range(&parts.validation), range(&parts.test)), ((0, 34), (35, 44), (45, 49)));

    let strata: Vec<u32> = (0..100).map(|row| u32::from(row % 10 == 0)).collect();
    let options = FoldOptions { strata: Some(&strata), shuffle: Some(5), ..NONE };
    let parts = train_validation_test_split(100, 0.3, 0.2, &options).unwrap();
    let ones = |rows: &[usize]| rows.iter().filter(|row| strata[**row] == 1).count();
    assert_eq!((parts.train.len(), parts.validation.len(), parts.test.len()), (50, 30, 20));
    assert_eq!((ones(&parts.train), ones(&parts.validation), ones(&parts.test)), (5, 3, 2));
    assert_eq!(parts.test, train_test_split(100, 0.2, &options).unwrap().test);
    let says = |validation, test| train_validation_test_split(10, validation, test, &NONE).unwrap_err().to_string();
    assert!(says(0.5, 0.5).contains("leaves nothing to learn from"));
    assert!(says(0.0, 0.5).contains("`validation_share`") && says(0.2, 1.5).contains("`test_share`"));
}

#[test]
fn splits_are_named_in_files_and_on_command_lines() {
    let splits = [
        Split::from(7),
        KFold::new(3).repeats(2).shuffle(true).seed(9).into(),
        ShuffleSplit::new(4, 0.25).into(),
        TimeSeriesSplit::new(3).gap(2).test_size(10).max_train_size(100).into(),
    ];
    for split in &splits {
        assert_eq!(toml::from_str::<Split>(&toml::to_string(split).unwrap()).unwrap(), *split);
    }
    let line = |given: &str| given.parse::<Split>();
    assert_eq!(line("k-fold,folds=3,repeats=2,seed=9").unwrap(), splits[1]);
    assert_eq!(line("shuffle, splits=4, test_size=0.25").unwrap(), splits[2]);
    assert_eq!(line("time-series,folds=3,gap=2,test_size=10,max_train_size=100").unwrap(), splits[3]);
    let says = |given: &str| line(given).unwrap_err().to_string();
    assert!(
        says("time-series,fold=3").contains("unknown field `fold`, expected one of `folds`"),
        "{}",
        says("time-series,fold=3")
    );
    assert!(says("kfold").contains("`k-fold`") && says("k-fold,folds").contains("`folds` is not NAME=VALUE"));
    let names = |split: &Split, at: [usize; 2]| at.map(|i| split.name(i));
    assert_eq!(names(&splits[0], [0, 6]), ["fold 1 of 7", "fold 7 of 7"]);
    assert_eq!(names(&splits[1], [2, 3]), ["repeat 1 of 2, fold 3 of 3", "repeat 2 of 2, fold 1 of 3"]);
    assert_eq!(names(&splits[2], [0, 3]), ["split 1 of 4", "split 4 of 4"]);
}

#[test]
fn what_cannot_be_split_so_is_named() {
    let time = [1, 1, 1, 1, 1, 2];
    let with_time = FoldOptions { time: Some(&time), ..NONE };
    let says = |split: Split, rows, options: &FoldOptions| split.folds(rows, options).unwrap_err().to_string();
    let series = |folds| Split::from(TimeSeriesSplit::new(folds));
    assert!(says(series(5), 5, &NONE).contains("5 rows make at most 4 folds"));
    assert!(says(series(1), 5, &NONE).contains("at least 2 folds"));
    assert!(
        says(TimeSeriesSplit::new(2).test_size(3).into(), 6, &NONE)
            .contains("2 folds of 3 rows with a gap of 0 leave none of 6")
    );
    assert!(says(TimeSeriesSplit::new(2).max_train_size(0).into(), 6, &NONE).contains("`max_train_size`"));
    assert!(says(series(2), 6, &with_time).contains("fold 1 of 2: too many rows share one time"));
    assert!(says(ShuffleSplit::default().into(), 6, &with_time).contains("use the split `time-series`"));
    assert!(says(KFold::new(2).repeats(2).into(), 6, &with_time).contains("blocks of time"));
    assert!(says(KFold::new(2).repeats(2).shuffle(false).into(), 6, &NONE).contains("set shuffle = true"));
    assert!(says(KFold::new(2).repeats(0).into(), 6, &NONE).contains("`repeats`"));
    let rows = 1_000_000;
    assert!(says(KFold::new(5).repeats(usize::MAX).into(), rows, &NONE).contains("at most 1000 fit a memory"));
    assert!(says(ShuffleSplit::new(1001, 0.1).into(), rows, &NONE).contains("at most 1000 fit a memory"));
    assert!(says(TimeSeriesSplit::new(1001).into(), rows, &NONE).contains("at most 1000 fit a memory"));
    let groups = FoldOptions { groups: Some(&[3, 3, 3, 4]), ..NONE };
    assert!(says(ShuffleSplit::new(2, 0.9).into(), 4, &groups).contains("leaves no group of 2"));
    // scikit-learn refuses as well when no class has a row for every fold, and goes on when one has.
    let rare = FoldOptions { strata: Some(&[0, 0, 1, 1, 2, 2]), ..NONE };
    assert!(says(Split::from(3), 6, &rare).contains("the largest of the strata (classes) has 2 rows"));
    assert!(k_fold(6, 3, &FoldOptions { strata: Some(&[0, 0, 0, 1, 1, 2]), ..NONE }).is_ok());
}

#[test]
fn a_class_that_cannot_be_learned_in_a_fold_is_named() {
    let classes = ClassTarget::from_labels(&["no", "no", "yes", "no"]);
    let fold = |test: &[usize]| Fold { train: (0..4).filter(|row| !test.contains(row)).collect(), test: test.to_vec() };
    let says = fold(&[2]).check_classes(&classes).unwrap_err().to_string();
    assert!(says.starts_with("class `yes` has 1 row to judge by and none to learn from: "), "{says}");
    assert!(fold(&[0]).check_classes(&classes).is_ok());
}

#[test]
fn keys_are_those_of_the_training_data() {
    let data = Training::new(Array1::<f64>::zeros(3))
        .with_target(Target::Classes(ClassTarget::from_labels(&["b", "a", "b"])))
        .with_time(array![3, 1, 2]);
    let keys = RowKeys::of(&data);
    assert_eq!(keys, RowKeys { groups: None, time: Some(vec![3, 1, 2]), strata: Some(vec![1, 0, 1]) });
    assert_eq!(keys.take(&[2, 0]), RowKeys { groups: None, time: Some(vec![2, 3]), strata: Some(vec![1, 1]) });
}

proptest! {
    #[test]
    fn no_window_of_time_looks_ahead_or_splits_a_moment(
        time in prop::collection::vec(-9i64..9, 8..60), folds in 2usize..5, gap in 0usize..4,
        test_size in prop::option::of(1usize..6), max_train_size in prop::option::of(1usize..12),
    ) {
        let split = TimeSeriesSplit { folds, gap, test_size, max_train_size };
        // Too many rows of one moment are refused; whatever is not refused must hold.
        let Ok(found) = split.folds(time.len(), &FoldOptions { time: Some(&time), ..NONE }) else { return Ok(()) };
        prop_assert_eq!(found.len(), folds);
        let mut tested = HashSet::new();
        for fold in found {
            let last = fold.train.iter().map(|&row| time[row]).max().unwrap();
            let (first, end) = fold.test.iter().fold((i64::MAX, i64::MIN), |(a, b), &row| (a.min(time[row]), b.max(time[row])));
            prop_assert!(last < first);
            prop_assert!(fold.test.iter().all(|row| tested.insert(*row)));
            let of_test = time.iter().filter(|at| (first..=end).contains(*at)).count();
            prop_assert_eq!(of_test, fold.test.len());
            let between = time.iter().filter(|at| **at > last && **at < first).count();
            prop_assert!(between >= gap);
            prop_assert!(max_train_size.is_none_or(|most| fold.train.len() <= most));
        }
    }
}
