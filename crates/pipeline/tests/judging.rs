//! The truth for later data, scores on it and on parts of it, and cross-validation.

use crate::{campaigns, columns, known::Known, parts::Memory, training};
use adflux_core::{Context, MultiTarget, Progress, Rows as _, Target, Training};
use adflux_data::{Frame, Role, Task};
use adflux_evaluation::{
    score,
    splits::{FoldOptions, k_fold},
};
use adflux_pipeline::{FittedPipeline, Pipeline};
use adflux_postprocessing::{ConformalInterval, Identity};
use adflux_preprocessing::{Branch, ColumnTransformer, FittedColumnTransformer};
use adflux_testing::assert_close;
use ndarray::{Array1, array};
use std::sync::{Arc, Mutex};

type Fitted = FittedPipeline<FittedColumnTransformer, crate::known::KnownModel, Identity>;

fn numbers() -> ColumnTransformer {
    ColumnTransformer::new().branch(Branch::new("x", ["x"]))
}

fn csv(text: &str) -> Frame {
    Frame::read_csv_bytes(text.as_bytes(), "test").unwrap()
}

/// A pipeline for the column `y` of a frame with `x`, which predicts `x`.
fn fit(text: &str, task: Task) -> Fitted {
    let data = csv(text).with_role("y", Role::Target).unwrap().training_as(task).unwrap();
    Pipeline::new(numbers(), Known::new(&[("x", 1.0)])).fit(data).unwrap()
}

fn codes(fitted: &Fitted, text: &str) -> Vec<u32> {
    let Target::Classes(classes) = fitted.target_of(&csv(text)).unwrap() else { panic!() };
    assert_eq!(classes.labels.to_vec(), fitted.training.target);
    classes.codes.to_vec()
}

#[test]
fn the_truth_of_later_data_is_in_the_form_of_training() {
    let values = fit("x,y\n1,2\n3,4\n", Task::Auto);
    assert_eq!(values.target_of(&csv("y\n7.5\n8\n")).unwrap(), Target::Values(array![7.5, 8.0]));

    let text = fit("x,y\n1,no\n2,yes\n3,maybe\n", Task::Auto);
    assert_eq!(codes(&text, "y\nyes\nno\nyes\n"), [2, 1, 2]);
    // 0 and 1 as classes, later as numbers with a decimal point, and one of them only.
    let flags = fit("x,y\n1,0\n2,1\n", Task::Classification);
    assert_eq!(flags.training.target, ["0", "1"]);
    assert_eq!(codes(&flags, "y\n1.0\n1.0\n0.0\n"), [1, 1, 0]);
    assert_eq!(codes(&flags, "y\n1\n"), [1]);
    let truths = fit("x,y\n1,true\n2,false\n", Task::Auto);
    assert_eq!(truths.training.target, ["false", "true"]);
    assert_eq!(codes(&truths, "y\ntrue\n"), [1]);

    let several = csv("x,a,b\n1,2,3\n2,3,4\n");
    let several = several.with_role("a", Role::Target).and_then(|f| f.with_role("b", Role::Target)).unwrap();
    let several = Pipeline::new(numbers(), Known::new(&[("x", 1.0)])).fit(several.training().unwrap()).unwrap();
    let names = ["a".to_string(), "b".into()].into();
    let truth = Target::Multi(MultiTarget { names, values: array![[1.0, 5.0]] });
    assert_eq!(several.target_of(&csv("b,x,a\n5,0,1\n")).unwrap(), truth);
}

#[test]
fn what_is_missing_or_unknown_is_named() {
    let says = |fitted: &Fitted, text: &str| fitted.target_of(&csv(text)).unwrap_err().to_string();
    let values = fit("x,y\n1,2\n3,4\n", Task::Auto);
    assert!(says(&values, "x,z\n1,2\n").starts_with("missing column `y`"));
    assert_eq!(
        says(&values, "x,y\n1,2\n2,\n"),
        "column `y`, row 2: the target is missing: drop the row, or fill the value"
    );
    let text = fit("x,y\n1,no\n2,yes\n", Task::Auto);
    assert!(says(&text, "x,y\n1,no\n2,\n").contains("row 2: the target is missing"));
    let unknown = "column `y`, row 2: `maybe` is none of the classes of training (no, yes): drop the row";
    assert_eq!(says(&text, "y\nno\nmaybe\n"), unknown);
    let flags = fit("x,y\n1,0\n2,1\n", Task::Classification);
    assert!(says(&flags, "y\n0\n2\n").contains("`2` is none of the classes of training (0, 1)"));
    assert!(says(&flags, "y\n0.5\n").contains("0.5: classes are text"));
    let nameless = Training::new(csv("x\n1\n")).with_target(Target::Values(array![1.0]));
    let nameless = Pipeline::new(numbers(), Known::default()).fit(nameless).unwrap();
    assert!(says(&nameless, "y\n1\n").starts_with("this pipeline does not know the column of its target"));
}

#[test]
fn scores_are_those_of_the_predictions_with_the_weights_of_the_frame() {
    let fitted = fit("x,y\n1,2\n3,4\n", Task::Auto);
    let later = csv("y,x,w\n1,1,2\n2,4,1\n5,5,0\n");
    let plain = fitted.score(&later).unwrap();
    assert_eq!(plain, score(&Target::Values(array![1.0, 2.0, 5.0]), &fitted.run(&later).unwrap(), None).unwrap());
    assert_close(plain.get("mae").unwrap(), 2.0 / 3.0, 1e-15);
    // 0, 2 and nothing.
    let weighted = fitted.score(&later.with_role("w", Role::Weight).unwrap()).unwrap();
    assert_close(weighted.get("mae").unwrap(), 2.0 / 3.0, 1e-15);
    assert_close(weighted.get("rmse").unwrap(), (4.0f64 / 3.0).sqrt(), 1e-15);
}

#[test]
fn each_level_has_its_scores() {
    let fitted = fit("x,y\n1,2\n3,4\n", Task::Auto);
    let frame = csv("x,y,platform,w\n1,1,b,1\n2,3,a,1\n3,3,b,1\n4,9,,1\n5,6,a,1\n6,6,b,1\n7,9,c,0\n");
    let by = |frame: &Frame, column: &str| {
        let all = fitted.score_by(frame, column).unwrap();
        all.into_iter().map(|l| (l.level, l.rows, l.scores.get("mae").unwrap())).collect::<Vec<_>>()
    };
    let level = |name: &str, rows, mae| (name.to_string(), rows, mae);
    let platforms = [level("b", 3, 0.0), level("a", 2, 1.0), level("c", 1, 2.0), level("", 1, 5.0)];
    assert_eq!(by(&frame, "platform"), platforms);
    let weighted = fitted.score_by(&frame.clone().with_role("w", Role::Weight).unwrap(), "platform").unwrap();
    assert!(weighted[2].level == "c" && weighted[2].scores.iter().all(|(_, value)| value.is_nan()));
    assert_eq!(weighted[2].scores.len(), 3);
    // Numbers of few values are taken one by one, by size; `r2` of one row is not defined.
    assert_eq!(by(&frame, "w"), [level("0", 1, 2.0), level("1", 6, 7.0 / 6.0)]);
    assert!(fitted.score_by(&frame, "w").unwrap()[0].scores.get("r2").unwrap().is_nan());
    assert!(fitted.score_by(&frame, "nothing").unwrap_err().to_string().contains("`nothing`"));
}

#[test]
fn numbers_of_many_values_are_cut_into_quarters() {
    let fitted = fit("x,y\n1,2\n3,4\n", Task::Auto);
    let rows = |r: usize| if r == 20 { format!("{r},{r},\n") } else { format!("{r},{r},{}.5\n", 20 - r) };
    let frame = csv(&("x,y,age\n".to_string() + &(0..21).map(rows).collect::<String>()));
    let all = fitted.score_by(&frame, "age").unwrap();
    let all: Vec<(&str, usize)> = all.iter().map(|l| (l.level.as_str(), l.rows)).collect();
    let quarters = [("1.5 to 5.5", 5), ("6.5 to 10.5", 5), ("11.5 to 15.5", 5), ("16.5 to 20.5", 5), ("", 1)];
    assert_eq!(all, quarters);
    let infinite = Frame::builder()
        .numbers("x", vec![1.0; 12])
        .numbers("y", (0..12).map(f64::from).collect())
        .numbers("odd", (0..12).map(|r| if r > 9 { f64::INFINITY } else { f64::from(r) - 5.0 }).collect())
        .build()
        .unwrap();
    let last = fitted.score_by(&infinite, "odd").unwrap().pop().unwrap();
    assert_eq!((last.level.as_str(), last.rows), ("4 to inf", 3));
}

#[test]
fn every_fold_is_judged_by_a_pipeline_that_did_not_see_it() {
    // `Memory` predicts below 0 for rows that it did not see, and the truth is above 1000.
    let data = training(20);
    let pipeline = Pipeline::new(columns(), Memory::default()).seed(7);
    let scores = pipeline.cross_validate(&data, 4, &Context::default()).unwrap().scores();
    let folds = k_fold(20, 4, &FoldOptions { shuffle: Some(7), ..FoldOptions::default() }).unwrap();
    assert_eq!(scores.len(), 4);
    for (scores, fold) in scores.iter().zip(&folds) {
        let fitted = pipeline.fit(data.take(&fold.train)).unwrap();
        let truth = data.target.as_ref().unwrap().take(&fold.test);
        assert_eq!(*scores, score(&truth, &fitted.run(&data.x.take(&fold.test)).unwrap(), None).unwrap());
        assert!(scores.get("mae").unwrap() > 1000.0);
    }
}

#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Progress for Heard {
    fn update(&self, task: &str, _: u64, _: Option<u64>) {
        self.0.lock().unwrap().push(task.into());
    }
}

#[test]
fn the_postprocessor_is_cross_validated_too_and_groups_stay_together() {
    let groups: Array1<u32> = (0..40).map(|r| r / 8).collect();
    let data = training(40).with_groups(groups.clone()).with_weights((0..40).map(|r| 1.0 + f64::from(r % 3)).collect());
    let heard = Arc::new(Heard::default());
    let context = Context::default().with_progress(heard.clone());
    let pipeline = Pipeline::new(columns(), Memory::default())
        .with_postprocessor(ConformalInterval { folds: 2, ..ConformalInterval::default() });
    let scores = pipeline.cross_validate(&data, 5, &context).unwrap().scores();
    assert!(scores.iter().all(|s| s.get("coverage").is_some()));
    // Eight rows of one group, none of which was seen.
    assert!(scores.iter().all(|s| s.get("mae").unwrap() > 1000.0));
    let heard = heard.0.lock().unwrap();
    for fold in 1..=5 {
        assert!(heard.iter().any(|task| task.starts_with(&format!("fold {fold} of 5: "))), "{heard:?}");
    }
    assert!(pipeline.cross_validate(&data, 6, &context).unwrap_err().to_string().contains("only 5 groups"));
    let says = |data: &Training<Frame>| pipeline.cross_validate(data, 2, &context).unwrap_err().to_string();
    assert!(says(&Training::new(campaigns(8))).contains("needs a target"));
    context.cancel_token().cancel();
    assert_eq!(says(&data), adflux_core::Error::Cancelled.to_string());
}
