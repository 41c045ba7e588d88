//! Contributions of whole pipelines, by input column.

use crate::known::{Known, KnownModel};
use adflux_core::{CancelToken, ClassTarget, Context, Error, MultiTarget, Scale, Target, Training};
use adflux_data::Frame;
use adflux_pipeline::{Attribution, Background, FittedPipeline, Method, Pipeline};
use adflux_postprocessing::{Clip, Identity};
use adflux_preprocessing::{Branch, ColumnTransformer, FittedColumnTransformer, OneHotEncoder, Ratio, RatioFeatures};
use adflux_testing::{assert_all_close, assert_close, fixture};
use ndarray::{Array1, Array2};
use serde::Deserialize;

const WEIGHTS: [(&str, f64); 4] = [("budget", 0.01), ("days", -0.5), ("platform=META", 2.0), ("platform=GOOGLE", -1.0)];

fn frame() -> Frame {
    Frame::builder()
        .texts("platform", ["META", "GOOGLE", "META", "TIKTOK", "GOOGLE", "TIKTOK"])
        .texts("note", ["a", "b", "c", "d", "e", "f"])
        .numbers("days", vec![7.0, 14.0, 3.0, 28.0, 5.0, 9.0])
        .numbers("budget", vec![100.0, 300.0, 50.0, 800.0, 20.0, 650.0])
        .build()
        .unwrap()
}

type Fitted = FittedPipeline<FittedColumnTransformer, KnownModel, Identity>;

fn fitted(tells: bool, target: Target) -> Fitted {
    let columns = ColumnTransformer::new()
        .branch(Branch::new("numbers", ["budget", "days"]))
        .branch(Branch::new("platform", ["platform"]).step(OneHotEncoder::default()));
    let model = Known { tells, ..Known::new(&WEIGHTS) };
    let input = frame().without(&["note"]);
    Pipeline::new(columns, model).fit(Training::new(input).with_target(target)).unwrap()
}

fn numbers() -> Target {
    Target::Values(Array1::zeros(6))
}

fn classes(labels: &[&str]) -> Target {
    let codes = (0..6).map(|i| i % labels.len() as u32).collect();
    Target::Classes(ClassTarget { codes, labels: labels.iter().map(|l| l.to_string()).collect() })
}

fn of(method: Method) -> Attribution {
    Attribution { method, permutations: 6, ..Attribution::default() }
}

/// What platform, days and budget add to each row beside the mean of all.
fn additive() -> Array2<f64> {
    let frame = frame();
    let of_platform = |p: &String| {
        if p == "META" {
            2.0
        } else if p == "GOOGLE" {
            -1.0
        } else {
            0.0
        }
    };
    let platform: Vec<f64> = frame.texts("platform").unwrap().iter().map(of_platform).collect();
    let days: Vec<f64> = frame.numbers("days").unwrap().iter().map(|d| -0.5 * d).collect();
    let budget: Vec<f64> = frame.numbers("budget").unwrap().iter().map(|b| 0.01 * b).collect();
    let mut all = Array2::from_shape_fn((6, 3), |(i, j)| [&platform, &days, &budget][j][i]);
    let means = all.mean_axis(ndarray::Axis(0)).unwrap();
    all -= &means;
    all
}

#[test]
fn exact_and_sampled_contributions_of_an_additive_pipeline_are_the_same() {
    let all = frame();
    for (tells, method, said) in [
        (true, Method::Auto, "linear"),
        (true, Method::Linear, "linear"),
        (true, Method::Permutation, "permutation"),
        (false, Method::Auto, "permutation"),
    ] {
        let fitted = fitted(tells, numbers());
        let found = of(method).explain(&fitted, &all, Background::Learned(&all), &Context::default()).unwrap();
        assert_eq!((found.method, found.scale, &found.output), (said, Scale::Outcome, &None));
        assert_eq!(found.columns, ["platform", "days", "budget"], "in the order of the table");
        assert_all_close(&found.values, &additive(), 1e-12);
        let sums = found.values.sum_axis(ndarray::Axis(1)) + found.base;
        assert_all_close(&sums, &found.predictions, 1e-12);
        assert_all_close(&found.predictions, fitted.run(&all).unwrap().point().unwrap(), 0.0);
    }
}

#[test]
fn every_background_row_is_walked_from_as_often() {
    use adflux_core::Rows as _;
    let (all, fitted) = (frame(), fitted(false, numbers()));
    let background = all.take(&[0, 1, 3]);
    let sampled = Attribution { permutations: 4, ..of(Method::Permutation) };
    let found = sampled.explain(&fitted, &all, Background::Rows(&background), &Context::default()).unwrap();
    let mean = fitted.run(&background).unwrap().point().unwrap().mean().unwrap();
    assert_close(found.base, mean, 1e-12);
    assert_all_close(&(found.values.sum_axis(ndarray::Axis(1)) + found.base), &found.predictions, 1e-12);
}

#[test]
fn a_row_is_told_with_its_values_and_columns_by_strength() {
    let (all, fitted) = (frame(), fitted(true, numbers()));
    let found = of(Method::Auto).explain(&fitted, &all, Background::Learned(&all), &Context::default()).unwrap();
    let row = found.row(&all, 3).unwrap();
    let said: Vec<(&str, &str)> = row.contributions.iter().map(|c| (c.column.as_str(), c.value.as_str())).collect();
    assert_eq!(said, [("days", "28"), ("budget", "800"), ("platform", "TIKTOK")]);
    assert_close(row.prediction, found.predictions[3], 1e-12);
    assert!(found.row(&all, 6).unwrap_err().to_string().contains("no row 7"));
    let strengths = found.strengths();
    assert_eq!(strengths[0].0, "days");
    let of_days = additive().column(1).mapv(f64::abs).mean().unwrap();
    assert_close(strengths[0].1, of_days, 1e-12);
}

#[test]
fn the_other_of_two_classes_has_the_opposite_log_odds() {
    let (all, two) = (frame(), fitted(true, classes(&["no", "yes"])));
    let explain = |output: Option<&str>| {
        let attribution = Attribution { output: output.map(str::to_string), ..of(Method::Auto) };
        attribution.explain(&two, &all, Background::Learned(&all), &Context::default()).unwrap()
    };
    let (usual, yes, no) = (explain(None), explain(Some("yes")), explain(Some("no")));
    assert_eq!((usual.output.as_deref(), usual.scale), (Some("yes"), Scale::LogOdds));
    assert_eq!(usual, yes);
    assert_all_close(&no.values, &yes.values.mapv(|v| -v), 1e-12);
    for found in [&yes, &no] {
        let odds = found.values.sum_axis(ndarray::Axis(1)) + found.base;
        assert_all_close(&odds.mapv(|v| 1.0 / (1.0 + (-v).exp())), &found.predictions, 1e-12);
    }
    // Without exact contributions they are of the probability.
    let sampled = of(Method::Permutation).explain(&two, &all, Background::Rows(&all), &Context::default()).unwrap();
    assert_eq!(sampled.scale, Scale::Outcome);
    assert_all_close(&(sampled.values.sum_axis(ndarray::Axis(1)) + sampled.base), &sampled.predictions, 1e-12);
}

#[test]
fn of_several_classes_the_usual_and_of_several_numbers_the_first_is_explained() {
    let all = frame();
    let explain = |fitted: &Fitted, output: Option<&str>| {
        let attribution = Attribution { output: output.map(str::to_string), ..of(Method::Auto) };
        attribution.explain(fitted, &all, Background::Learned(&all), &Context::default())
    };
    let three = fitted(false, classes(&["a", "b", "c"]));
    let most = three.run(&all).unwrap().classes().unwrap().most_probable();
    let c = most.iter().filter(|class| **class == 2).count();
    assert_eq!(explain(&three, None).unwrap().output.as_deref(), Some(if c > 3 { "c" } else { "a" }));
    let names = ["clicks".to_string(), "spend".into()];
    let two = fitted(false, Target::Multi(MultiTarget { names: names.into(), values: Array2::zeros((6, 2)) }));
    let (clicks, spend) = (explain(&two, None).unwrap(), explain(&two, Some("spend")).unwrap());
    assert_eq!(
        (clicks.output.as_deref(), &clicks.outputs[..]),
        (Some("clicks"), &["clicks".to_string(), "spend".into()][..])
    );
    assert_all_close(&spend.values, &clicks.values.mapv(|v| -v), 1e-12);
    let said = explain(&two, Some("spent")).unwrap_err().to_string();
    assert!(said.contains("must be one of what is predicted: clicks, spend"), "{said}");
    let said = explain(&fitted(true, numbers()), Some("clicks")).unwrap_err().to_string();
    assert!(said.contains("the prediction is one number"), "{said}");
}

#[test]
fn what_a_postprocessor_changes_or_no_column_owns_is_sampled_or_refused() {
    let all = frame();
    let input = all.without(&["note"]);
    let columns = ColumnTransformer::new().branch(Branch::new("numbers", ["budget", "days"]));
    let model = Known { tells: true, ..Known::new(&[("budget", 0.01), ("days", -0.5)]) };
    let clipped = Pipeline::new(columns, model.clone()).with_postprocessor(Clip::default().min(0.0));
    let clipped = clipped.fit(Training::new(input.clone()).with_target(numbers())).unwrap();
    let background = Background::Learned(&all);
    let found = of(Method::Auto).explain(&clipped, &all, background, &Context::default()).unwrap();
    assert_eq!(found.method, "permutation");
    assert_all_close(&(found.values.sum_axis(ndarray::Axis(1)) + found.base), &found.predictions, 1e-12);
    let said = |method| of(method).explain(&clipped, &all, background, &Context::default()).unwrap_err().to_string();
    assert!(said(Method::Linear).contains("the postprocessor of this pipeline changes"), "{}", said(Method::Linear));

    let ratios = RatioFeatures::new([Ratio::new("days", "budget").name("rate")]).prior_strength(1.0);
    let columns = ColumnTransformer::new().branch(Branch::new("numbers", ["budget", "days"]).step(ratios));
    let with_ratio = |weight: f64| {
        let model = Known { tells: true, ..Known::new(&[("budget", 0.01), ("rate", weight)]) };
        Pipeline::new(columns.clone(), model).fit(Training::new(input.clone()).with_target(numbers())).unwrap()
    };
    let explain = |fitted: &Fitted, method| of(method).explain(fitted, &all, background, &Context::default());
    assert_eq!(explain(&with_ratio(3.0), Method::Auto).unwrap().method, "permutation");
    let said = explain(&with_ratio(3.0), Method::Linear).unwrap_err().to_string();
    assert!(said.contains("`rate` was made from several columns"), "{said}");
    assert_eq!(explain(&with_ratio(0.0), Method::Auto).unwrap().method, "linear", "a feature that adds nothing");

    let said = explain(&fitted(true, numbers()), Method::Tree).unwrap_err().to_string();
    assert!(said.contains("is explained by another, `linear`: take permutation, or auto"), "{said}");
    let said = explain(&fitted(false, numbers()), Method::Tree).unwrap_err().to_string();
    assert!(said.contains("cannot tell exactly"), "{said}");
}

#[test]
fn what_is_said_of_a_row_depends_on_no_other_row_and_no_thread() {
    use adflux_core::Rows as _;
    let (all, fitted) = (frame(), fitted(false, classes(&["no", "yes"])));
    let explain = |rows: &Frame, seed: u64, context: &Context| {
        let attribution = Attribution { seed, permutations: 3, ..of(Method::Auto) };
        attribution.explain(&fitted, rows, Background::Rows(&all), context).unwrap()
    };
    let [one, two] = [1, 2].map(|n| explain(&all, 1, &Context::default().with_threads(n).unwrap()));
    assert_eq!(one, two);
    let alone = explain(&all.take(&[4]), 1, &Context::default());
    assert_eq!((alone.base, alone.values.row(0)), (one.base, one.values.row(4)));
    assert_ne!(explain(&all, 2, &Context::default()).values, one.values, "another seed draws others");
}

#[test]
fn whole_numbers_and_others_are_compared() {
    let (all, fitted) = (frame(), fitted(false, numbers()));
    let whole = all.with_columns_of(&Frame::builder().integers("days", vec![7; 6]).build().unwrap()).unwrap();
    let found = of(Method::Auto).explain(&fitted, &all, Background::Rows(&whole), &Context::default()).unwrap();
    let days = all.numbers("days").unwrap();
    assert_all_close(
        &found.values.column(1).to_vec(),
        &days.iter().map(|d| -0.5 * (d - 7.0)).collect::<Vec<_>>(),
        1e-12,
    );
}

#[test]
fn what_cannot_be_explained_is_refused() {
    use adflux_core::Rows as _;
    let (all, fitted) = (frame(), fitted(true, numbers()));
    let says = |attribution: &Attribution, rows: &Frame, background: &Frame| {
        let explained = attribution.explain(&fitted, rows, Background::Rows(background), &Context::default());
        explained.unwrap_err().to_string()
    };
    assert_eq!(says(&of(Method::Auto), &all, &all.take(&[])), "an explanation needs a row to compare with");
    let lacking = all.without(&["days", "budget"]);
    for said in [says(&of(Method::Auto), &lacking, &all), says(&of(Method::Auto), &all, &lacking)] {
        assert!(said.contains("`days`") && said.contains("`budget`"), "{said}");
    }
    let none = Attribution { permutations: 0, ..Attribution::default() };
    assert_eq!(says(&none, &all, &all), "parameter `permutations` = 0: must be at least 1");
    let none = Attribution { background_rows: 0, ..Attribution::default() };
    assert_eq!(says(&none, &all, &all), "parameter `background_rows` = 0: must be at least 1");
    let stopped = CancelToken::default();
    stopped.cancel();
    let context = Context::default().with_cancel(stopped);
    let explained = of(Method::Auto).explain(&fitted, &all, Background::Rows(&all), &context);
    assert!(matches!(explained, Err(Error::Cancelled)));
    let nobody =
        of(Method::Auto).explain(&fitted, &all.take(&[]), Background::Rows(&all), &Context::default()).unwrap();
    assert_eq!(nobody.values.dim(), (0, 3), "no rows are no error");
}

#[derive(Deserialize)]
struct Permuted {
    background: Vec<Vec<f64>>,
    x: Vec<Vec<f64>>,
    base: f64,
    values: Vec<Vec<f64>>,
}

/// `values` of rows of three columns a, b and c.
fn columns_of(rows: &[Vec<f64>]) -> Frame {
    let column = |j: usize| rows.iter().map(|row| row[j]).collect();
    Frame::builder().numbers("a", column(0)).numbers("b", column(1)).numbers("c", column(2)).build().unwrap()
}

#[test]
fn permutations_are_those_of_shap_where_columns_act_in_pairs() {
    let case: Permuted = fixture("explain/permutation.json");
    let (x, background) = (columns_of(&case.x), columns_of(&case.background));
    // a · b − 2 b · c + 3 a, of features that a polynomial step makes: no feature of two columns is anybody's.
    let names = [("a b", 1.0), ("b c", -2.0), ("a", 3.0)];
    let columns = ColumnTransformer::new()
        .branch(Branch::new("numbers", ["a", "b", "c"]).step(adflux_preprocessing::PolynomialFeatures::default()));
    let target = Target::Values(Array1::zeros(background.rows()));
    let fitted = Pipeline::new(columns, Known { tells: true, ..Known::new(&names) });
    let fitted = fitted.fit(Training::new(background.clone()).with_target(target)).unwrap();
    let attribution = Attribution { permutations: background.rows(), ..Attribution::default() };
    let found = attribution.explain(&fitted, &x, Background::Rows(&background), &Context::default()).unwrap();
    assert_eq!(found.method, "permutation");
    assert_close(found.base, case.base, 1e-6);
    assert_all_close(&found.values, case.values.iter().flatten(), 1e-6);
}
