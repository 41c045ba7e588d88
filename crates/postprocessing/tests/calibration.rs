//! Calibrated probabilities: closer to what happens, with labels and order kept.

use crate::{frame, reloaded};
use adflux_core::{
    ClassSets, ClassTarget, Classes, Fit, Needs, Postprocess, Prediction, Target, Training, Transform, random::stream,
};
use adflux_data::Frame;
use adflux_evaluation::score;
use adflux_postprocessing::{Calibration, CalibrationMethod, ConformalSet, Sequence};
use ndarray::{Array1, Array2, array};
use rand::RngExt as _;

const METHODS: [CalibrationMethod; 4] =
    [CalibrationMethod::Platt, CalibrationMethod::Isotonic, CalibrationMethod::Beta, CalibrationMethod::Temperature];

/// Probabilities that are too sure of themselves, and what came. The truth has its labels in another order.
fn overconfident(rows: usize, labels: &[&str], seed: u64) -> (Prediction, Target) {
    let mut rng = stream(seed, &[]);
    let k = labels.len();
    let (mut said, mut codes) = (Array2::zeros((rows, k)), Array1::zeros(rows));
    for (mut row, code) in said.rows_mut().into_iter().zip(&mut codes) {
        let honest: Vec<f64> = (0..k).map(|_| rng.random::<f64>() + 0.05).collect();
        let (sum, mut draw) = (honest.iter().sum::<f64>(), rng.random::<f64>());
        let came = honest.iter().position(|h| {
            draw -= h / sum;
            draw < 0.0
        });
        *code = (k - 1 - came.unwrap_or(k - 1)) as u32;
        let sharp: Array1<f64> = honest.iter().map(|h| (h / sum).powi(3)).collect();
        row.assign(&(&sharp / sharp.sum()));
    }
    let names = |of: Vec<&str>| of.into_iter().map(str::to_string).collect();
    let reversed: Vec<&str> = labels.iter().rev().copied().collect();
    let said = Classes { labels: names(labels.to_vec()), probabilities: said };
    (said.into(), Target::Classes(ClassTarget { codes, labels: names(reversed) }))
}

fn training(rows: usize, labels: &[&str]) -> Training<(Frame, Prediction)> {
    let (said, truth) = overconfident(rows, labels, 1);
    Training::new((frame(rows), said)).with_target(truth)
}

#[test]
fn log_loss_falls_and_the_order_of_the_rows_stays() {
    for labels in [&["no", "yes"][..], &["a", "b", "c"]] {
        let (said, truth) = overconfident(2_000, labels, 2);
        let before = score(&truth, &said, None).unwrap();
        for method in METHODS {
            let fitted = Calibration::new(method).fit(training(2_000, labels)).unwrap();
            let calibrated = fitted.transform((frame(2_000), said.clone())).unwrap();
            let after = score(&truth, &calibrated, None).unwrap();
            let change = |name: &str| after.get(name).unwrap() - before.get(name).unwrap();
            assert!(change("log_loss") < -0.05, "{method:?}: {after:?} after {before:?}");
            assert_eq!(calibrated.classes().unwrap().labels, said.classes().unwrap().labels);
            if labels.len() == 2 {
                // Isotonic regression makes neighbours equal, which may cost the area a little.
                assert!(change("brier") < 0.0 && change("roc_auc").abs() < 2e-3, "{method:?}");
            }
            if method == CalibrationMethod::Temperature {
                let best = |p: &Prediction| p.classes().unwrap().most_probable();
                assert_eq!(best(&calibrated), best(&said));
            }
        }
    }
}

#[test]
fn row_weights_count() {
    // Twice the weight of the rows that are `yes` makes twice the odds.
    let probabilities = Array2::from_elem((90, 2), 0.5);
    let labels: Vec<&str> = (0..90).map(|row| if row % 3 == 0 { "yes" } else { "no" }).collect();
    let target = ClassTarget::from_labels(&labels);
    let said = Prediction::Classes(Classes { labels: target.labels.clone(), probabilities });
    let weights = labels.iter().map(|label| if *label == "yes" { 2.0 } else { 1.0 }).collect();
    let data = Training::new((frame(90), said.clone())).with_target(Target::Classes(target)).with_weights(weights);
    let fitted = Calibration::new(CalibrationMethod::Isotonic).fit(data).unwrap();
    let calibrated = fitted.transform((frame(90), said)).unwrap();
    assert!((calibrated.classes().unwrap().probabilities[[0, 1]] - 0.5).abs() < 1e-12);
}

#[test]
fn a_file_keeps_every_bit_and_out_of_fold_predictions_are_asked_for() {
    let needs = Postprocess::<Frame, Prediction>::needs(&Calibration::default().folds(7));
    assert_eq!(needs, Needs::OutOfFold(7));
    let (said, _) = overconfident(50, &["a", "b", "c"], 3);
    for method in METHODS {
        let fitted = Calibration::new(method).fit(training(200, &["a", "b", "c"])).unwrap();
        let x = (frame(50), said.clone());
        assert_eq!(reloaded(&fitted).transform(x.clone()).unwrap(), fitted.transform(x).unwrap());
    }
}

#[test]
fn sets_are_made_of_calibrated_probabilities() {
    let sequence = Sequence::new().step(Calibration::new(CalibrationMethod::Beta)).step(ConformalSet::new(0.9));
    assert_eq!(sequence.needs(), Needs::OutOfFold(5));
    let fitted = sequence.fit(training(500, &["a", "b", "c"])).unwrap();
    let (said, truth) = overconfident(2_000, &["a", "b", "c"], 4);
    let sets = fitted.transform((frame(2_000), said)).unwrap();
    let coverage = score(&truth, &sets, None).unwrap().get("coverage").unwrap();
    assert!((coverage - 0.9).abs() < 0.05, "{coverage}");
}

#[test]
fn a_class_without_rows_and_predictions_of_another_kind_are_named() {
    let says = |data: Training<(Frame, Prediction)>| Calibration::default().fit(data).unwrap_err().to_string();
    let labels = ["no", "yes"].map(str::to_string);
    let classes = || Classes { labels: labels.clone().into(), probabilities: array![[0.5, 0.5], [0.2, 0.8]] };
    let with = |codes: Array1<u32>| {
        let target = Target::Classes(ClassTarget { codes, labels: labels.clone().into() });
        Training::new((frame(2), classes().into())).with_target(target)
    };
    let absent = "column `target`: class `no` has no row that counts, so its probability cannot be calibrated: add rows \
                  of it, or drop the calibration";
    assert_eq!(says(with(array![1, 1])), absent);
    assert_eq!(says(with(array![0, 1]).with_weights(array![0.0, 1.0])), absent);
    assert!(says(with(array![0, 1]).with_weights(array![0.0, 0.0])).contains("all are zero"));

    let numbers = Training::new((frame(2), Prediction::Values(array![1.0, 2.0])));
    let error = says(numbers.with_target(Target::Values(array![1.0, 2.0])));
    assert_eq!(error, "the prediction is a number, where class probabilities are wanted");
    let sets = ClassSets { classes: classes(), members: Array2::from_elem((2, 2), true), level: 0.9 };
    let error = says(Training::new((frame(2), sets.into())).with_target(with(array![0, 1]).target.unwrap()));
    assert!(error.contains("put `calibration` before `conformal-set`"), "{error}");

    let fitted = Calibration::default().fit(with(array![0, 1])).unwrap();
    let other = Classes { labels: ["0", "1"].map(str::to_string).into(), probabilities: array![[0.5, 0.5]] };
    let error = fitted.transform((frame(1), other.into())).unwrap_err().to_string();
    assert_eq!(error, "probabilities of the classes 0, 1, where no, yes were calibrated");
}
