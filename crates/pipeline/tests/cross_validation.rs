//! Cross-validation: what is kept of it, threads, errors, and the comparison of two recipes.

use crate::{campaigns, columns, parts::Memory, training};
use adflux_core::{Context, Prediction, Rows as _, Target, Training};
use adflux_data::{Frame, Role};
use adflux_evaluation::{
    score,
    splits::{KFold, ShuffleSplit, Split, TimeSeriesSplit},
};
use adflux_pipeline::{CrossValidation, Pipeline};
use adflux_postprocessing::{Clip, ConformalInterval};
use adflux_preprocessing::{Branch, ColumnTransformer};
use ndarray::Array1;

#[test]
fn out_of_fold_predictions_stand_beside_the_scores() {
    let data = training(20);
    let pipeline = Pipeline::new(columns(), Memory::default());
    let how = CrossValidation::new(KFold::new(4).repeats(2)).train_scores(true);
    let found = pipeline.cross_validate(&data, how, &Context::default()).unwrap();
    assert_eq!(found.folds.len(), 8);
    let target = data.target.as_ref().unwrap();
    for fold in &found.folds {
        assert_eq!((fold.train_rows, fold.rows.len(), fold.prediction.len()), (15, 5, 5));
        assert_eq!(fold.scores, score(&target.take(&fold.rows), &fold.prediction, None).unwrap());
        // It knows by heart what it saw, and nothing else.
        assert_eq!(fold.train_scores.as_ref().unwrap().get("mae"), Some(0.0));
        assert!(fold.scores.get("mae").unwrap() > 1000.0);
    }
    assert_eq!(found.folds[5].name, "repeat 2 of 2, fold 2 of 4");
    for repeat in 0..2 {
        let whole = found.out_of_fold(repeat).unwrap();
        for fold in &found.folds[4 * repeat..4 * repeat + 4] {
            assert_eq!(whole.take(&fold.rows), fold.prediction);
        }
        assert!(whole.point().unwrap().iter().all(|p| *p < 0.0), "no row was seen");
    }
    assert!(found.out_of_fold(2).is_err());
    assert_eq!(found.mean().get("mae").unwrap(), found.measure("mae").unwrap().iter().sum::<f64>() / 8.0);
    assert_eq!(found.measure("no such measure"), None);
    // Without being asked for there are no scores of the training rows; shares at random do not make up all rows.
    let shuffled = pipeline.cross_validate(&data, ShuffleSplit::new(3, 0.2), &Context::default()).unwrap();
    assert!(shuffled.folds.iter().all(|fold| fold.train_scores.is_none() && fold.rows.len() == 4));
    assert!(shuffled.out_of_fold(0).unwrap_err().to_string().contains("do not make up all rows"));
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    let data = training(60).with_weights((0..60).map(|r| 1.0 + f64::from(r % 3)).collect());
    let pipeline = Pipeline::new(columns(), Memory::default())
        .with_postprocessor(ConformalInterval { folds: 3, ..ConformalInterval::default() });
    let found = |threads| {
        let context = Context::default().with_threads(threads).unwrap();
        pipeline.cross_validate(&data, KFold::new(5).repeats(2), &context).unwrap()
    };
    let one = found(1);
    assert_eq!(one, found(2));
    assert_eq!(one, found(7));
    // From inside a pool, whose threads it must not wait for.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let inside =
        pool.install(|| pipeline.cross_validate(&data, KFold::new(5).repeats(2), &Context::default()).unwrap());
    assert_eq!(one, inside);
}

#[test]
fn times_are_looked_back_on_only() {
    let data = training(30).with_time((0..30).map(|r| i64::from(29 - r)).collect());
    let pipeline = Pipeline::new(columns(), Memory::default());
    let split = TimeSeriesSplit::new(4).gap(1).max_train_size(10);
    let found = pipeline.cross_validate(&data, split, &Context::default()).unwrap();
    // The latest rows stand first.
    assert_eq!(found.folds[3].rows, (0..6).collect::<Vec<_>>());
    assert_eq!(found.folds.iter().map(|f| f.train_rows).collect::<Vec<_>>(), [5, 10, 10, 10]);
}

#[test]
fn errors_name_the_fold_and_the_row_of_the_whole_table() {
    // The text in row 8 cannot be read as a number; it is learned from in every fold but one.
    let frame = Frame::builder().texts("key", (0..10).map(|r| if r == 7 { "?".into() } else { r.to_string() })).build();
    let data = Training::new(frame.unwrap()).with_target(Target::Values((0..10).map(f64::from).collect()));
    let columns = ColumnTransformer::new().branch(Branch::new("key", ["key"]).as_numbers());
    let pipeline = Pipeline::new(columns, Memory::default());
    let says = |how: Split| pipeline.cross_validate(&data, how, &Context::default()).unwrap_err().to_string();
    let said = says(KFold::new(5).shuffle(false).into());
    assert!(
        said.starts_with("fold 1 of 5: step 1 (preprocessor): ") && said.contains("column `key`, row 8: "),
        "{said}"
    );
    // Row 8 is in the test set of the last window only.
    let said = says(TimeSeriesSplit::new(2).test_size(3).into());
    assert!(said.starts_with("fold 2 of 2: step 1") && said.contains("column `key`, row 8: "), "{said}");
    let said = pipeline.cross_validate(&data, 1, &Context::default()).unwrap_err().to_string();
    assert_eq!(said, "parameter `k` = 1: at least 2 folds are needed");
}

#[test]
fn a_class_that_a_fold_cannot_learn_is_named_before_the_first_fit() {
    // All rows of `yes` are of one group.
    let frame = campaigns(12);
    let labels: Vec<String> = (0..12).map(|r| if r < 3 { "yes".into() } else { "no".to_string() }).collect();
    let data = Training::new(frame)
        .with_target(Target::Classes(adflux_core::ClassTarget::from_labels(&labels)))
        .with_groups((0..12).map(|r| r / 3).collect());
    let pipeline = Pipeline::new(columns(), Memory::default());
    let said = pipeline.cross_validate(&data, 3, &Context::default()).unwrap_err().to_string();
    assert!(said.contains(" of 3: class `yes` has 3 rows to judge by and none to learn from: "), "{said}");
}

#[test]
fn constant_columns_and_weights_of_a_fold_are_no_obstacle_or_are_named() {
    // Constant in the first fold's training rows.
    let frame =
        Frame::builder().numbers("key", (0..12).map(|r| if r < 3 { f64::from(r) } else { 5.0 }).collect()).build();
    let target = Target::Values((0..12).map(f64::from).collect());
    let data = Training::new(frame.unwrap()).with_target(target);
    let columns = ColumnTransformer::new()
        .branch(Branch::new("key", ["key"]).step(adflux_preprocessing::StandardScaler::default()));
    let pipeline = Pipeline::new(columns, Memory::default());
    let how: Split = KFold::new(4).shuffle(false).into();
    assert!(pipeline.cross_validate(&data, how.clone(), &Context::default()).is_ok());
    let weighted = data.with_weights((0..12).map(|r| f64::from(u8::from(r < 3))).collect());
    let said = pipeline.cross_validate(&weighted, how, &Context::default()).unwrap_err().to_string();
    assert_eq!(said, "fold 1 of 4: column `weights`: all are zero: nothing is left to learn from");
}

#[test]
fn two_recipes_are_compared_on_the_same_folds() {
    let data = training(60);
    let how = CrossValidation::new(KFold::new(5).repeats(3).seed(1));
    let plain = Pipeline::new(columns(), Memory::default());
    let clipped = plain.clone().with_postprocessor(Clip::default().min(900.0));
    let a = plain.cross_validate(&data, how.clone(), &Context::default()).unwrap();
    let b = clipped.cross_validate(&data, how, &Context::default()).unwrap();
    let tests = a.compare(&b, 0.95).unwrap();
    let (_, mae) = tests.iter().find(|(name, _)| name == "mae").unwrap();
    assert!(mae.difference < -900.0 && mae.upper < 0.0 && mae.p_value < 1e-6, "{mae:?}");
    assert_eq!((mae.degrees, mae.level), (14.0, 0.95));
    let same = a.compare(&a, 0.95).unwrap();
    assert!(same.iter().all(|(_, test)| test.difference == 0.0 && test.p_value == 1.0));

    let other = clipped.cross_validate(&data, KFold::new(5).repeats(3).seed(2), &Context::default()).unwrap();
    let said = a.compare(&other, 0.95).unwrap_err().to_string();
    assert!(said.contains("give both the same split and seed"), "{said}");
    let fewer = clipped.cross_validate(&data, 5, &Context::default()).unwrap();
    assert!(a.compare(&fewer, 0.95).unwrap_err().to_string().contains("different folds"));
}

#[test]
fn a_fold_without_a_class_leaves_its_measure_undefined_as_in_scikit_learn() {
    // `x` is 1 for `yes`; the last block of time has one class only.
    let frame = Frame::builder()
        .numbers("x", (0..12).map(|r| f64::from(u8::from(r % 2 == 0 && r < 8))).collect())
        .texts("y", (0..12).map(|r| if r % 2 == 0 && r < 8 { "yes" } else { "no" }))
        .build()
        .unwrap()
        .with_role("y", Role::Target)
        .unwrap();
    let data = frame.training().unwrap().with_time(Array1::from_iter(0..12));
    let columns = ColumnTransformer::new().branch(Branch::new("x", ["x"]));
    let model = shares::Shares;
    let found =
        Pipeline::new(columns, model).cross_validate(&data, TimeSeriesSplit::new(2), &Context::default()).unwrap();
    let auc = found.measure("roc_auc").unwrap();
    assert!(auc[0].is_finite() && auc[1].is_nan());
    assert_eq!(found.mean().get("roc_auc"), Some(auc[0]));
    assert!(matches!(found.folds[0].prediction, Prediction::Classes(_)));
}

/// A classifier that gives every row the shares of the classes.
mod shares {
    use adflux_core::{Classes, Context, Features, Fit, Predict, Result, Training};
    use ndarray::Array2;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Shares;
    #[derive(Debug, Serialize, Deserialize)]
    pub struct SharesModel {
        labels: Vec<String>,
        shares: Vec<f64>,
    }
    adflux_core::component!(SharesModel, "shares", version = 1);

    impl adflux_core::Recipe for Shares {
        const KIND: &'static str = "shares";
        fn spec(&self) -> Result<adflux_core::Spec> {
            Ok(adflux_core::Spec { kind: "shares".into(), params: Default::default(), steps: Vec::new() })
        }
        fn from_spec(_: &adflux_core::Spec, _: &adflux_core::Registry) -> Result<Self> {
            Ok(Shares)
        }
    }

    impl Fit<Training<Features>> for Shares {
        type Fitted = SharesModel;
        fn fit_with(&self, data: Training<Features>, _: &Context) -> Result<SharesModel> {
            let classes = data.classes("shares")?;
            let share =
                |code: u32| classes.codes.iter().filter(|c| **c == code).count() as f64 / classes.codes.len() as f64;
            let shares = (0..classes.labels.len() as u32).map(share).collect();
            Ok(SharesModel { labels: classes.labels.to_vec(), shares })
        }
    }

    impl Predict<Features> for SharesModel {
        type Output = Classes;
        fn predict(&self, x: &Features) -> Result<Classes> {
            let probabilities = Array2::from_shape_fn((x.rows(), self.shares.len()), |(_, class)| self.shares[class]);
            Ok(Classes { labels: self.labels.clone().into(), probabilities })
        }
    }
}
