//! Sets of classes: the promised coverage, whatever the probabilities are worth.

use crate::{frame, reloaded};
use adflux_core::{
    ClassTarget, Classes, DynComponent as _, Fit, Needs, Postprocess, Prediction, Rows as _, Target, Training,
    Transform, random::stream,
};
use adflux_data::Frame;
use adflux_evaluation::{baseline, score};
use adflux_postprocessing::{ConformalSet, FittedConformalSet, SetMethod};
use ndarray::{Array1, Array2};
use rand::RngExt as _;

const LABELS: [&str; 4] = ["a", "b", "c", "d"];

/// Rows of two platforms: on META the model knows a good deal, on TIKTOK it is as sure and knows little.
fn rows(count: usize, seed: u64) -> Training<(Frame, Prediction)> {
    let mut rng = stream(seed, &[]);
    let (mut said, mut codes) = (Array2::zeros((count, 4)), Array1::zeros(count));
    for (row, (mut said, code)) in said.rows_mut().into_iter().zip(&mut codes).enumerate() {
        let p: Array1<f64> = (0..4).map(|_| rng.random::<f64>().powi(3) + 0.01).collect();
        let p = &p / p.sum();
        let honest = if row % 2 == 0 { p.clone() } else { 0.4 * &p + 0.15 };
        let mut draw = rng.random::<f64>();
        let came = honest.iter().position(|h| {
            draw -= h;
            draw < 0.0
        });
        *code = came.unwrap_or(3) as u32;
        said.assign(&p);
    }
    let labels: std::sync::Arc<[String]> = LABELS.map(str::to_string).into();
    let frame = Frame::builder().texts("platform", (0..count).map(|row| ["META", "TIKTOK"][row % 2])).build().unwrap();
    let said = Classes { labels: labels.clone(), probabilities: said };
    Training::new((frame, said.into())).with_target(Target::Classes(ClassTarget { codes, labels }))
}

/// Whether the class that came is in the set, for each row.
fn holds(fitted: &FittedConformalSet, fresh: &Training<(Frame, Prediction)>) -> Vec<bool> {
    let answer = fitted.transform(fresh.x.clone()).unwrap();
    let members = &answer.sets().unwrap().members;
    let codes = &fresh.classes("test").unwrap().codes;
    codes.iter().enumerate().map(|(row, code)| members[[row, *code as usize]]).collect()
}

#[test]
fn sets_hold_the_class_that_comes_as_often_as_promised_over_200_repetitions() {
    // Of 39 rows the 36th score: an exact coverage of 36 / 40. The error as in the test of intervals.
    const FITS: u64 = 200;
    const FRESH: usize = 20;
    for method in [SetMethod::Lac, SetMethod::Aps] {
        let held: usize = (0..FITS)
            .map(|seed| {
                let fitted = ConformalSet::new(0.9).method(method).fit(rows(39, seed)).unwrap();
                holds(&fitted, &rows(FRESH, seed + 1_000_000)).into_iter().filter(|h| *h).count()
            })
            .sum();
        let count = FITS as usize * FRESH;
        let error = 3.5 * (0.9 * 0.1 / count as f64 + 0.9 * 0.1 / 41.0 / FITS as f64).sqrt();
        let coverage = held as f64 / count as f64;
        assert!((coverage - 0.9).abs() < error, "{method:?}: {coverage} ± {error}");
    }
}

#[test]
fn each_group_keeps_the_promise_where_one_threshold_for_all_does_not() {
    let fresh = rows(8_000, 2);
    let coverage = |recipe: ConformalSet| {
        let held = holds(&recipe.fit(rows(4_000, 1)).unwrap(), &fresh);
        [0, 1].map(|group| held.iter().skip(group).step_by(2).filter(|h| **h).count() as f64 / 4_000.0)
    };
    let overall = coverage(ConformalSet::new(0.8));
    let by_group = coverage(ConformalSet::new(0.8).by("platform"));
    // 2,000 learned and 4,000 fresh rows a group: 3.5 standard errors are 4 points.
    assert!(by_group.iter().all(|c| (c - 0.8).abs() < 0.04), "{by_group:?}");
    assert!(overall[0] > 0.86 && overall[1] < 0.76, "{overall:?}");
}

#[test]
fn a_row_has_the_same_set_alone_and_among_others_and_harder_rows_have_larger_ones() {
    let fresh = rows(300, 3);
    for method in [SetMethod::Lac, SetMethod::Aps] {
        let fitted = ConformalSet::new(0.9).method(method).by("platform").fit(rows(400, 1)).unwrap();
        let all = fitted.transform(fresh.x.clone()).unwrap();
        for row in [0, 7, 299] {
            assert_eq!(fitted.transform(fresh.x.take(&[row])).unwrap(), all.take(&[row]));
        }
        let x = fresh.x.clone();
        assert_eq!(reloaded(&fitted).transform(x.clone()).unwrap(), fitted.transform(x).unwrap());
        assert_eq!(fitted.inputs(), ["platform"]);
        let size = |group: usize| {
            let members = &all.sets().unwrap().members;
            members.rows().into_iter().skip(group).step_by(2).map(|r| r.iter().filter(|m| **m).count()).sum::<usize>()
        };
        assert!(size(0) < size(1), "{method:?}");
    }
}

#[test]
fn sets_are_scored_by_coverage_and_size_beside_the_probabilities() {
    let (learned, fresh) = (rows(400, 1), rows(1_000, 5));
    let fitted = ConformalSet::new(0.8).fit(learned.clone()).unwrap();
    let sets = fitted.transform(fresh.x.clone()).unwrap();
    let truth = fresh.target.unwrap();
    let scores = score(&truth, &sets, None).unwrap();
    let plain = score(&truth, &fresh.x.1, None).unwrap();
    assert!(plain.iter().all(|(name, value)| scores.get(name) == Some(value)));
    assert_eq!(scores.len(), plain.len() + 2);
    assert!((scores.get("coverage").unwrap() - 0.8).abs() < 0.08);
    // Who knows nothing but the shares of the classes needs nearly all of them.
    let nobody = baseline(learned.target.as_ref().unwrap(), None, 400).unwrap();
    let data = Training::new((frame(400), nobody.clone())).with_target(learned.target.unwrap());
    let blind = ConformalSet::new(0.8).fit(data).unwrap().transform((frame(400), nobody)).unwrap();
    let sizes = blind.sets().unwrap().members.iter().filter(|m| **m).count() as f64 / 400.0;
    assert!(sizes > scores.get("set_size").unwrap() + 0.5, "{sizes}");
}

#[test]
fn what_cannot_be_is_named() {
    let says = |recipe: ConformalSet, data| recipe.fit(data).unwrap_err().to_string();
    let few = says(ConformalSet::new(0.95), rows(18, 1));
    assert_eq!(few, "a set of level 0.95 needs at least 19 rows to learn from, and there are 18");
    assert!(says(ConformalSet::new(1.0), rows(18, 1)).starts_with("parameter `level` = 1.0"));
    let missing = says(ConformalSet::new(0.8).by("plattform"), rows(18, 1));
    assert!(missing.contains("missing column `plattform` (did you mean `platform`?)"), "{missing}");
    let needs = Postprocess::<Frame, Prediction>::needs(&ConformalSet::default().folds(3));
    assert_eq!(needs, Needs::OutOfFold(3));

    let numbers = Training::new((frame(20), Prediction::Values(Array1::zeros(20))));
    let error = says(ConformalSet::default(), numbers.with_target(Target::Values(Array1::zeros(20))));
    assert_eq!(error, "the prediction is a number, where class probabilities are wanted");
    let fitted = ConformalSet::new(0.8).fit(rows(50, 1)).unwrap();
    let labels = ["x", "y", "z", "w"].map(str::to_string);
    let other = Classes { labels: labels.into(), probabilities: Array2::from_elem((1, 4), 0.25) };
    let error = fitted.transform((frame(1), other.into())).unwrap_err().to_string();
    assert_eq!(error, "probabilities of the classes x, y, z, w, where sets of a, b, c, d were fitted");
}
