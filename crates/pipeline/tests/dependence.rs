//! Partial dependence beside scikit-learn's, and of categories.

use crate::known::{Known, KnownModel};
use adflux_core::{ClassTarget, Context, Target, Training};
use adflux_data::Frame;
use adflux_pipeline::{FittedPipeline, Grid, PartialDependence, Pipeline};
use adflux_postprocessing::Identity;
use adflux_preprocessing::{Branch, ColumnTransformer, FittedColumnTransformer, OneHotEncoder};
use adflux_testing::{assert_all_close, fixture};
use ndarray::{Array1, s};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    x: Vec<Vec<f64>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    column: usize,
    grid_resolution: usize,
    grid: Vec<f64>,
    average: Vec<f64>,
    /// Of the first rows.
    individual: Vec<Vec<f64>>,
}

type Fitted = FittedPipeline<FittedColumnTransformer, KnownModel, Identity>;

#[test]
fn grid_lines_and_mean_of_a_linear_model_are_scikit_learns() {
    let golden: Golden = fixture("explain/dependence.json");
    let column = |j: usize| golden.x.iter().map(|row| row[j]).collect();
    let ones = vec![1.0; golden.x.len()];
    let frame = Frame::builder().numbers("days", column(0)).numbers("budget", column(1)).numbers("one", ones);
    let frame = frame.build().unwrap();
    let columns = ColumnTransformer::new().branch(Branch::new("numbers", ["days", "budget", "one"]));
    let model = Known::new(&[("days", 2.0), ("budget", -0.5), ("one", 3.0)]);
    let target = Target::Values(Array1::zeros(golden.x.len()));
    let fitted = Pipeline::new(columns, model).fit(Training::new(frame.clone()).with_target(target)).unwrap();
    for case in golden.cases {
        let options = PartialDependence { grid_resolution: case.grid_resolution, ..PartialDependence::default() };
        let found = options.run(&fitted, &frame, ["days", "budget"][case.column], None, &Context::default()).unwrap();
        let Grid::Numbers(grid) = &found.grid else { panic!("a number has a grid of numbers") };
        assert_all_close(grid, &case.grid, 1e-9);
        assert_all_close(&found.average, &case.average, 1e-9);
        let first = found.individual.slice(s![..case.individual.len(), ..]);
        assert_all_close(first, case.individual.iter().flatten(), 1e-9);
    }
}

fn candidates() -> (Fitted, Frame) {
    let frame = Frame::builder()
        .optional_texts("platform", [Some("META"), Some("GOOGLE"), None, Some("META"), Some("TIKTOK")])
        .booleans("remote", vec![true, false, false, false, false])
        .optional_numbers("years", vec![Some(1.0), None, Some(4.0), Some(1.0), Some(2.0)])
        .optional_numbers("nothing", vec![None; 5])
        .build()
        .unwrap();
    let columns = ColumnTransformer::new()
        .branch(Branch::new("remote", ["remote"]))
        .branch(Branch::new("platform", ["platform"]).step(OneHotEncoder::default()));
    let target = ClassTarget::from_labels(&["no", "yes", "no", "yes", "no"]);
    let model = Known::new(&[("remote", 1.0), ("platform=META", 2.0)]);
    let input = frame.without(&["nothing"]);
    let fitted = Pipeline::new(columns, model).fit(Training::new(input).with_target(Target::Classes(target))).unwrap();
    (fitted, frame)
}

#[test]
fn categories_and_truth_values_are_set_to_each_of_their_values() {
    let (fitted, frame) = candidates();
    let run = |column: &str, output: Option<&str>| {
        PartialDependence::default().run(&fitted, &frame, column, output, &Context::default()).unwrap()
    };
    let found = run("platform", None);
    assert_eq!(found.output.as_deref(), Some("yes"));
    let Grid::Levels(levels) = &found.grid else { panic!("a text has a grid of levels") };
    assert_eq!(levels[0], "META", "the most frequent first");
    assert_eq!(found.individual.dim(), (5, levels.len()));
    // Row 0 is remote: log odds of 3 on META and of 1 elsewhere.
    let p = |odds: f64| 1.0 / (1.0 + (-odds).exp());
    assert_all_close(found.individual.row(0).slice(s![..2]), &[p(3.0), p(1.0)], 1e-12);
    let no = run("platform", Some("no"));
    assert_all_close(&no.average, &found.average.mapv(|v| 1.0 - v), 1e-12);
    let Grid::Levels(levels) = run("remote", None).grid else { panic!("truth values have levels") };
    assert_eq!(levels, ["false", "true"]);
    assert_eq!(found.levels_left_out, 0);
}

#[test]
fn levels_that_the_grid_has_no_place_for_are_counted() {
    let (fitted, frame) = candidates();
    let two = PartialDependence { grid_resolution: 2, ..PartialDependence::default() };
    let found = two.run(&fitted, &frame, "platform", None, &Context::default()).unwrap();
    let whole = PartialDependence::default().run(&fitted, &frame, "platform", None, &Context::default()).unwrap();
    assert_eq!((found.grid.len(), found.levels_left_out), (2, whole.grid.len() - 2));
    let remote = two.run(&fitted, &frame, "remote", None, &Context::default()).unwrap();
    assert_eq!((remote.grid.len(), remote.levels_left_out), (2, 0));
}

#[test]
fn columns_that_have_no_grid_and_parameters_out_of_range_are_refused() {
    let (fitted, frame) = candidates();
    let says = |options: &PartialDependence, column: &str| {
        options.run(&fitted, &frame, column, None, &Context::default()).unwrap_err().to_string()
    };
    let options = PartialDependence::default();
    assert!(says(&options, "nothing").contains("`nothing`"), "a column that the pipeline does not read");
    assert!(says(&options, "platfrom").contains("did you mean `platform`?"));
    let one = PartialDependence { grid_resolution: 1, ..options.clone() };
    assert_eq!(says(&one, "platform"), "parameter `grid_resolution` = 1: must be at least 2");
    let turned = PartialDependence { percentiles: (0.9, 0.1), ..options };
    assert!(says(&turned, "platform").contains("the first below the second"));
}
