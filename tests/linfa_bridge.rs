//! linfa's estimators in adflux's pipelines, and adflux's models behind linfa's traits.

use adflux::{
    clustering::KMeans,
    core::{
        AnyModelRecipe, ClassTarget, Context, Error, Features, Fit as _, Predict as _, Prediction, Target, Training,
        Transform as _,
    },
    data::Frame,
    linfa::{
        Classification, Clustering, DatasetOf, FitError, FromLinfa, IntoLinfa, LinfaEstimator, NO_PREDICTION,
        Regression,
    },
    pipeline::{AnyFittedPipeline, Pipeline},
    preprocessing::{Branch, ColumnTransformer, OneHotEncoder, StandardScaler},
    regression::{RandomForestClassifier, RandomForestRegressor},
};
use linfa::{
    Dataset, DatasetBase,
    dataset::Pr,
    prelude::{SilhouetteScore as _, SingleTargetRegression as _, ToConfusionMatrix as _},
    traits::{Fit as _, Predict as _},
};
use linfa_clustering::{GaussianMixtureModel, KMeansInit};
use linfa_linear::{FittedLinearRegression, LinearRegression, TweedieRegressor};
use linfa_trees::DecisionTree;
use ndarray::{Array1, Array2, array};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LeastSquares {}

impl LinfaEstimator for LeastSquares {
    const KIND: &'static str = "linfa-least-squares";
    type Task = Regression;
    type Model = FittedLinearRegression<f64>;
    fn fit(&self, dataset: &DatasetOf<Regression>) -> Result<Self::Model, FitError> {
        Ok(LinearRegression::default().fit(dataset)?)
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Tweedie {
    power: f64,
    alpha: f64,
}

impl Default for Tweedie {
    fn default() -> Self {
        Tweedie { power: 1.0, alpha: 1.0 }
    }
}

impl LinfaEstimator for Tweedie {
    const KIND: &'static str = "linfa-tweedie";
    type Task = Regression;
    type Model = TweedieRegressor<f64>;
    fn fit(&self, dataset: &DatasetOf<Regression>) -> Result<Self::Model, FitError> {
        Ok(TweedieRegressor::params().power(self.power).alpha(self.alpha).fit(dataset)?)
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Tree {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_depth: Option<usize>,
}

impl LinfaEstimator for Tree {
    const KIND: &'static str = "linfa-tree";
    type Task = Classification;
    type Model = DecisionTree<f64, usize>;
    fn fit(&self, dataset: &DatasetOf<Classification>) -> Result<Self::Model, FitError> {
        Ok(DecisionTree::params().max_depth(self.max_depth).fit(dataset)?)
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mixture {
    n_clusters: usize,
}

impl LinfaEstimator for Mixture {
    const KIND: &'static str = "linfa-mixture";
    type Task = Clustering;
    type Model = GaussianMixtureModel<f64>;
    fn fit(&self, dataset: &DatasetOf<Clustering>) -> Result<Self::Model, FitError> {
        adflux::core::parameter::at_least_one("n_clusters", self.n_clusters)?;
        Ok(GaussianMixtureModel::params(self.n_clusters).fit(dataset)?)
    }
}

const ROWS: usize = 300;

/// Budgets, durations and platforms without two equal numbers.
fn ads() -> Frame {
    let budget = (0..ROWS).map(|i| 100.0 + (i * 37 % ROWS) as f64 * 1.7).collect();
    let days = (0..ROWS).map(|i| 5.0 + (i * 101 % ROWS) as f64 * 0.13).collect();
    let platform = (0..ROWS).map(|i| ["META", "GOOGLE", "TIKTOK"][i * i % 3]);
    Frame::builder().numbers("budget", budget).numbers("days", days).texts("platform", platform).build().unwrap()
}

fn clicks() -> Array1<f64> {
    let frame = ads();
    let (budget, days) = (frame.numbers("budget").unwrap(), frame.numbers("days").unwrap());
    (0..ROWS).map(|i| 20.0 + 0.3 * budget[i] + 2.0 * days[i] + (i * 13 % 11) as f64).collect()
}

/// The same over 100: linfa's Tweedie does not come to an end on the large sums of the clicks themselves.
fn rates() -> Array1<f64> {
    clicks() / 100.0
}

fn preprocessor() -> ColumnTransformer {
    ColumnTransformer::new()
        .branch(Branch::new("numbers", ["budget", "days"]).step(StandardScaler::default()))
        .branch(Branch::new("platform", ["platform"]).step(OneHotEncoder::default()))
}

/// Only numbers: one-hot columns sum to one, which least squares with an intercept cannot solve.
fn numbers() -> ColumnTransformer {
    ColumnTransformer::new().branch(Branch::new("numbers", ["budget", "days"]).step(StandardScaler::default()))
}

/// The features of `ads` as the pipeline's model sees them.
fn records(preprocessor: &ColumnTransformer) -> Array2<f64> {
    let fitted = preprocessor.fit(Training::new(ads())).unwrap();
    fitted.transform(ads()).unwrap().dense("test").unwrap().clone()
}

fn bits(values: &Array1<f64>) -> Vec<u64> {
    values.iter().map(|v| v.to_bits()).collect()
}

fn features(x: Array2<f64>) -> Features {
    let names: Vec<String> = (0..x.ncols()).map(|i| format!("x{i}")).collect();
    Features::from_dense(x, names).unwrap()
}

#[test]
fn linear_models_in_a_pipeline_predict_what_linfa_predicts() {
    let data = Training::new(ads()).with_target(Target::Values(clicks()));
    let fitted = Pipeline::new(numbers(), FromLinfa(LeastSquares {})).fit(data).unwrap();
    let x = records(&numbers());
    let direct = LinearRegression::default().fit(&Dataset::new(x.clone(), clicks())).unwrap();
    let (ours, theirs) = (fitted.run(&ads()).unwrap(), direct.predict(&x));
    assert_eq!(bits(ours.point().unwrap()), bits(&theirs));
    assert_eq!(fitted.model.model(), &direct, "linfa's own model can be looked at");
    assert!(theirs.r2(&clicks()).unwrap() > 0.99);

    let data = Training::new(ads()).with_target(Target::Values(rates()));
    let fitted = Pipeline::new(preprocessor(), FromLinfa(Tweedie { power: 1.0, alpha: 2.0 })).fit(data).unwrap();
    let x = records(&preprocessor());
    let direct = TweedieRegressor::params().alpha(2.0).fit(&Dataset::new(x.clone(), rates())).unwrap();
    let (ours, theirs) = (fitted.run(&ads()).unwrap(), direct.predict(&x));
    assert_eq!(bits(ours.point().unwrap()), bits(&theirs));
    assert_eq!(fitted.training.spec.model.params["alpha"].as_float(), Some(2.0));
}

#[test]
fn a_tree_in_a_pipeline_predicts_linfas_classes_with_their_labels() {
    let wanted = |y: f64| {
        if y < 120.0 {
            "low"
        } else if y < 190.0 {
            "middle"
        } else {
            "high"
        }
    };
    let labels: Vec<&str> = clicks().iter().map(|&y| wanted(y)).collect();
    let target = ClassTarget::from_labels(&labels);
    let data = Training::new(ads()).with_target(Target::Classes(target.clone()));
    let fitted = Pipeline::new(preprocessor(), FromLinfa(Tree { max_depth: Some(4) })).fit(data).unwrap();
    let run = fitted.run(&ads()).unwrap();
    let classes = run.classes().unwrap();
    assert_eq!(classes.labels[..], ["high", "low", "middle"]);
    assert!(classes.probabilities.iter().all(|p| [0.0, 1.0].contains(p)));

    // Two fits of linfa's tree may differ where classes are equally frequent: the same fitted tree is asked.
    let codes = fitted.model.model().predict(&records(&preprocessor()));
    assert_eq!(classes.most_probable(), codes.to_vec());
    let right = classes.most_probable().iter().zip(&target.codes).filter(|(a, b)| **a == **b as usize).count();
    assert!(right > ROWS * 8 / 10, "{right} of {ROWS} right");
}

/// Three groups far apart, of 40, 30 and 20 rows.
fn groups() -> Array2<f64> {
    let center = |row: usize| {
        if row < 40 {
            (0.0, 0.0)
        } else if row < 70 {
            (50.0, 0.0)
        } else {
            (0.0, 80.0)
        }
    };
    Array2::from_shape_fn((90, 2), |(row, column)| {
        let (x, y) = center(row);
        [x, y][column] + (row * (7 + 6 * column) % 17) as f64 * 0.1
    })
}

#[test]
fn clusterings_give_segments() {
    let data = Training::new(features(groups()));
    let model = FromLinfa::clusterer(linfa_clustering::KMeans::params(3)).fit(data.clone()).unwrap();
    let segments = model.predict(&data.x).unwrap();
    let direct = linfa_clustering::KMeans::params(3).fit(&DatasetBase::from(groups())).unwrap();
    let theirs: Array1<usize> = direct.predict(&groups());
    assert_eq!(segments.ids, theirs.iter().map(|&s| Some(s as u32)).collect::<Vec<_>>());
    assert!(segments.strength.iter().all(|s| *s == 1.0));

    let x = groups();
    let frame = Frame::builder().numbers("a", x.column(0).to_vec()).numbers("b", x.column(1).to_vec()).build().unwrap();
    let columns = ColumnTransformer::new().branch(Branch::new("all", ["a", "b"]));
    let fitted =
        Pipeline::new(columns, FromLinfa(Mixture { n_clusters: 3 })).fit(Training::new(frame.clone())).unwrap();
    let ids = fitted.run(&frame).unwrap().segments().unwrap().ids.clone();
    for group in [0..40, 40..70, 70..90] {
        assert!(ids[group.clone()].iter().all(|id| *id == ids[group.start]), "{group:?} is not one segment");
    }
    assert!(ids[0] != ids[40] && ids[40] != ids[70] && ids[0] != ids[70]);
}

#[test]
fn a_saved_pipeline_holds_linfas_model() {
    let mut registry = adflux::registry().unwrap();
    registry.model::<FromLinfa<Tweedie>>().unwrap();
    registry.model::<FromLinfa<Tree>>().unwrap().model::<FromLinfa<Mixture>>().unwrap();
    let numbers_in = Training::new(ads()).with_target(Target::Values(rates()));
    let labels: Vec<&str> = clicks().iter().map(|y| if *y < 150.0 { "low" } else { "high" }).collect();
    let classes_in = Training::new(ads()).with_target(Target::Classes(ClassTarget::from_labels(&labels)));

    let tweedie = Pipeline::new(preprocessor(), FromLinfa(Tweedie::default())).fit(numbers_in.clone()).unwrap();
    let tree = Pipeline::new(preprocessor(), FromLinfa(Tree::default())).fit(classes_in).unwrap();
    let mixture = Pipeline::new(numbers(), FromLinfa(Mixture { n_clusters: 2 })).fit(Training::new(ads())).unwrap();
    let cases: [(Vec<u8>, Prediction); 3] = [
        (tweedie.to_bytes().unwrap(), tweedie.run(&ads()).unwrap()),
        (tree.to_bytes().unwrap(), tree.run(&ads()).unwrap()),
        (mixture.to_bytes().unwrap(), mixture.run(&ads()).unwrap()),
    ];
    for (bytes, before) in &cases {
        let loaded = AnyFittedPipeline::from_bytes(bytes, "saved", &registry).unwrap();
        let after: Prediction = loaded.run(&ads()).unwrap();
        assert_eq!(&after, before);
        assert_eq!(loaded.to_bytes().unwrap(), *bytes, "what is loaded is saved the same");
    }

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clicks.adflux");
    tweedie.save(&path).unwrap();
    let unknown = AnyFittedPipeline::load(&path, &adflux::registry().unwrap()).unwrap_err().to_string();
    assert!(unknown.contains("unknown model `linfa-tweedie`"), "{unknown}");
    assert!(AnyFittedPipeline::load(&path, &registry).is_ok());

    // The recipe in the file builds the same pipeline again, and a wrong parameter is named.
    let spec = tweedie.training.spec.clone();
    let again = spec.build(&registry).unwrap().fit(numbers_in).unwrap();
    assert_eq!(again.run(&ads()).unwrap(), cases[0].1);
    let mut wrong = spec.model;
    wrong.params.insert("powr".into(), 1.5.into());
    let error = registry.build::<AnyModelRecipe>(&wrong).unwrap_err().to_string();
    assert!(error.contains("linfa-tweedie") && error.contains("powr"), "{error}");
}

#[test]
fn forests_go_through_linfas_cross_validation() {
    let mut dataset = Dataset::new(records(&preprocessor()), clicks());
    let forests = [1, 25].map(|trees| IntoLinfa::new(RandomForestRegressor::new(trees).seed(3)));
    let errors = dataset.cross_validate_single(5, &forests, |predicted, truth| predicted.mean_squared_error(truth));
    let errors = errors.unwrap();
    assert!(errors[1] < errors[0], "one tree {}, 25 trees {}", errors[0], errors[1]);
    let spread = dataset.targets.var(0.0);
    assert!(errors[1] < 0.1 * spread, "{} of a variance of {spread}", errors[1]);

    // Through linfa's traits or directly: the same forest.
    let through: Array1<f64> = forests[1].fit(&dataset).unwrap().predict(&dataset);
    let data = Training::new(features(dataset.records.clone())).with_target(Target::Values(dataset.targets.clone()));
    let directly = RandomForestRegressor::new(25).seed(3).fit(data.clone()).unwrap().predict(&data.x).unwrap();
    assert_eq!(bits(&through), bits(directly.point().unwrap()));
}

#[test]
fn segments_go_through_linfas_silhouette() {
    let score = |k| {
        let dataset = DatasetBase::from(groups());
        let model = IntoLinfa::new(KMeans::new(k).seed(1)).fit(&dataset).unwrap();
        let segments: Array1<usize> = model.predict(&dataset);
        Dataset::new(groups(), segments).silhouette_score().unwrap()
    };
    assert!(score(3) > 0.95 && score(3) > score(2) && score(3) > score(5), "{} {} {}", score(2), score(3), score(5));
}

#[test]
fn classes_go_through_linfas_metrics_as_the_targets_name_them() {
    // Out of order, and 10 after 2: the codes are the targets' own.
    let targets: Array1<usize> = (0..90)
        .map(|row| {
            if row < 40 {
                10
            } else if row < 70 {
                2
            } else {
                7
            }
        })
        .collect();
    let dataset = Dataset::new(groups(), targets.clone());
    let forest = RandomForestClassifier::new(10).seed(1);
    let model = IntoLinfa::new(forest.clone()).fit(&dataset).unwrap();
    let predicted: Array1<usize> = model.predict(&dataset);
    assert_eq!(predicted, targets);
    assert_eq!(predicted.confusion_matrix(&dataset).unwrap().accuracy(), 1.0);
    let inside = model.model().predict(&features(groups())).unwrap();
    assert_eq!(inside.labels[..], ["2", "7", "10"]);

    let names = targets.mapv(|t| format!("group {t}"));
    let model = IntoLinfa::new(forest.clone()).fit(&Dataset::new(groups(), names.clone())).unwrap();
    let predicted: Array1<String> = model.predict(&groups());
    assert_eq!(predicted, names);
    let positions: Array1<usize> = model.predict(&groups());
    assert_eq!(positions[0], 0, "`group 10` stands first among the labels");
    assert!(model.try_predict::<Pr>(&groups()).unwrap_err().to_string().starts_with("3 classes"));

    let large = targets.mapv(|t| t == 10);
    let model = IntoLinfa::new(forest).fit(&Dataset::new(groups(), large.clone())).unwrap();
    let probable: Array1<Pr> = model.predict(&groups());
    assert!(probable.iter().zip(&large).all(|(p, large)| (**p > 0.5) == *large));
}

#[test]
fn weights_and_names_carry_over_both_ways() {
    // A stump of depth 0 predicts the heavier class.
    let x = array![[0.0], [1.0], [2.0]];
    let target = Target::Classes(ClassTarget::from_labels(&["a", "a", "b"]));
    let data = Training::new(features(x.clone())).with_target(target);
    let heavier = |data: Training<Features>| {
        let stump = FromLinfa(Tree { max_depth: Some(0) }).fit(data).unwrap();
        stump.predict(&features(x.clone())).unwrap().most_probable()[0]
    };
    assert_eq!(heavier(data.clone()), 0);
    assert_eq!(heavier(data.clone().with_weights(array![1.0, 1.0, 5.0])), 1);

    // The other way: rows of weight 0 are as good as not there.
    let y = array![1.0, 1.0, 1.0, 9.0, 9.0, 9.0];
    let x = Array2::zeros((6, 1));
    let weights = array![1.0, 1.0, 1.0, 0.0, 0.0, 0.0];
    let dataset = Dataset::new(x.clone(), y).with_weights(weights).with_feature_names(vec!["budget"]);
    let model = IntoLinfa::new(RandomForestRegressor::new(5).seed(1)).fit(&dataset).unwrap();
    let predicted: Array1<f64> = model.predict(&x);
    assert_eq!(predicted[0], 1.0);
    assert_eq!(model.model().columns()[0].name, "budget");

    // And linfa's tree, inside adflux, inside linfa.
    let dataset = Dataset::new(array![[0.0], [1.0]], array![3, 8]).with_weights(array![1.0, 2.0]);
    let model = IntoLinfa::new(FromLinfa(Tree { max_depth: Some(0) })).fit(&dataset).unwrap();
    assert_eq!(model.model().model().iter_nodes().count(), 1);
    let predicted: Array1<usize> = model.predict(&dataset);
    assert_eq!(predicted, array![8, 8]);
}

#[test]
fn bad_input_is_an_error_of_adflux() {
    let x = || features(array![[0.0, 1.0], [1.0, 5.0], [2.0, 2.0], [3.0, 3.5]]);
    let data = || Training::new(x()).with_target(Target::Values(array![1.0, 2.0, 3.0, 4.0]));
    let classes = || Target::Classes(ClassTarget::from_labels(&["a", "b", "a", "b"]));
    let regress = |data: Training<Features>| FromLinfa(LeastSquares {}).fit(data).unwrap_err().to_string();
    let with = |x: Array2<f64>| data().replace(features(x));

    assert_eq!(regress(with(Array2::zeros((0, 2)))), "the training data has no rows");
    assert!(regress(with(Array2::zeros((4, 0)))).contains("no columns"));
    let hole = array![[0.0, 1.0], [1.0, f64::NAN], [2.0, 2.0], [3.0, 3.0]];
    assert!(
        regress(with(hole.clone())).starts_with("column `x1`, row 2: a missing value, which `linfa-least-squares`")
    );
    assert!(regress(data().with_target(classes())).contains("`linfa-least-squares` needs a numeric target"));
    assert!(regress(Training::new(x())).contains("needs a numeric target"));
    assert!(regress(data().with_weights(array![1.0, 1e200, 1.0, 1.0])).starts_with("column `weights`, row 2: "));
    let holes_in_a_tree = Training::new(features(hole)).with_target(classes());
    assert!(FromLinfa(Tree::default()).fit(holes_in_a_tree).unwrap_err().to_string().contains("row 2"));
    let no_classes = FromLinfa(Tree::default()).fit(data()).unwrap_err().to_string();
    assert!(no_classes.contains("`linfa-tree` needs a target of classes"), "{no_classes}");

    // linfa's own errors, and adflux's from inside an estimator.
    let constant = regress(with(Array2::ones((4, 2))));
    assert!(constant.starts_with("`linfa-least-squares`, in linfa: "), "{constant}");
    let negative = data().with_target(Target::Values(array![1.0, 2.0, 3.0, -4.0]));
    let error = FromLinfa(Tweedie::default()).fit(negative).unwrap_err();
    assert!(matches!(error, Error::Backend(_)) && error.to_string().contains("out of the valid range"), "{error}");
    let power = FromLinfa(Tweedie { power: 0.5, alpha: 1.0 }).fit(data()).unwrap_err().to_string();
    assert!(power.contains("tweedie distribution power"), "{power}");
    let none = FromLinfa(Mixture { n_clusters: 0 }).fit(data()).unwrap_err();
    assert!(matches!(none, Error::Parameter { name: "n_clusters", .. }), "{none}");

    // What linfa asserts.
    let too_many = linfa_clustering::KMeans::params(9).init_method(KMeansInit::Random);
    let panicked = FromLinfa::clusterer(too_many).fit(data()).unwrap_err().to_string();
    assert!(panicked.starts_with("`linfa`, in linfa: it panicked: "), "{panicked}");

    // At prediction.
    let model = FromLinfa(LeastSquares {}).fit(data()).unwrap();
    let narrow = model.predict(&features(array![[1.0]])).unwrap_err().to_string();
    assert_eq!(narrow, "`linfa-least-squares` was fitted on 2 columns and is given 1");
    let swapped = Features::from_dense(array![[1.0, 2.0]], ["x1", "x0"]).unwrap();
    assert!(
        model.predict(&swapped).unwrap_err().to_string().starts_with("column `x1`: `linfa-least-squares` was fitted")
    );
    assert!(model.predict(&features(array![[1.0, f64::INFINITY]])).is_err());
    let far = model.predict(&features(array![[0.0, 0.0], [f64::MAX, -f64::MAX]])).unwrap_err().to_string();
    assert!(far.contains("for row 2"), "{far}");
    assert_eq!(model.predict(&features(Array2::zeros((0, 2)))).unwrap().len(), 0);

    let cancelled = Context::default();
    cancelled.cancel_token().cancel();
    assert!(matches!(FromLinfa(LeastSquares {}).fit_with(data(), &cancelled), Err(Error::Cancelled)));
}

#[test]
fn linfas_predict_that_cannot_fail_looks_good_on_no_metric() {
    let dataset = Dataset::new(groups(), Array1::from_iter((0..90).map(f64::from)));
    let model = IntoLinfa::new(RandomForestRegressor::new(3).seed(1)).fit(&dataset).unwrap();
    let narrow = groups().slice_move(ndarray::s![.., ..1]);
    let predicted: Array1<f64> = model.predict(&narrow);
    assert_eq!(predicted.len(), 90);
    assert!(predicted.iter().all(|v| v.is_nan()));
    assert!(predicted.mean_squared_error(&dataset.targets).unwrap().is_nan());
    let error = model.try_predict::<f64>(&narrow).unwrap_err().to_string();
    assert_eq!(error, "the model was fitted on 2 columns and is given 1");

    let of_another_sort: Array1<usize> = model.predict(&groups());
    assert!(of_another_sort.iter().all(|class| *class == NO_PREDICTION));
    assert!(model.try_predict::<usize>(&groups()).unwrap_err().to_string().contains("class probabilities are wanted"));
    assert!(model.try_predict::<f64>(&groups()).is_ok());

    let empty = Dataset::new(Array2::<f64>::zeros((0, 2)), Array1::<f64>::zeros(0));
    let error = IntoLinfa::new(RandomForestRegressor::new(3)).fit(&empty).unwrap_err();
    assert_eq!(error.to_string(), "the training data has no rows");
}
