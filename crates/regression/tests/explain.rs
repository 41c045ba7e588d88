//! What every explanation of a model must keep to, and linear ones beside the package shap.

use crate::data::{dense, labels, rows, smooth, sparse, values};
use adflux_core::{
    AnyModel, Block, CancelToken, Categories, Column, Component, Context, Contributions, Features, Fit, MultiTarget,
    Predict, Scale, Target, Training, Values,
};
use adflux_regression::*;
use adflux_testing::{assert_all_close, assert_close, fixture};
use ndarray::{Array1, Array2, Axis, s};
use proptest::prelude::*;
use serde::Deserialize;

fn explained(model: &impl Predict<Features>, x: &Features, background: Option<&Features>) -> Contributions {
    model.contributions(x, background, &Context::default()).unwrap().expect("a model that can tell")
}

/// Base and contributions of each row: rows × outputs.
fn sums(contributions: &Contributions) -> Array2<f64> {
    contributions.values.sum_axis(Axis(1)) + &contributions.base
}

fn codes(y: &Array1<f64>, classes: u32) -> Array1<u32> {
    y.mapv(|v| u32::from(v > 3.0) + if classes > 2 { u32::from(v > 6.0) } else { 0 })
}

/// A numeric and a categorical block, with missing values in both.
fn mixed(rows: usize, seed: u64) -> (Features, Array1<f64>) {
    let (mut x, y) = smooth(rows, seed);
    let codes: Vec<u32> = (0..rows as u32).map(|i| if i % 11 == 0 { Categories::MISSING } else { i * i % 7 }).collect();
    let y = y.iter().zip(&codes).map(|(y, code)| y + if matches!(code, 2 | 4) { 5.0 } else { 0.0 }).collect();
    x.column_mut(1).iter_mut().step_by(5).for_each(|v| *v = f64::NAN);
    let names: Vec<Column> = (0..6).map(|i| Column::input(format!("x{i}"))).collect();
    let levels = Categories { codes, levels: (0..7).map(|i| format!("level {i}")).collect() };
    let blocks = vec![
        Block::new(names, Values::Dense(x)).unwrap(),
        Block::new(vec![Column::input("platform")], Values::Category(levels)).unwrap(),
    ];
    (Features::new(rows, blocks).unwrap(), y)
}

#[test]
fn base_and_contributions_of_forests_add_up_to_the_prediction() {
    let (x, y) = smooth(240, 1);
    let (few, background) = (dense(x.slice(s![..23, ..]).to_owned()), dense(x.slice(s![100..170, ..]).to_owned()));
    let two = Array2::from_shape_fn((240, 2), |(i, j)| if j == 0 { y[i] } else { -y[i].powi(2) });
    let two = Target::Multi(MultiTarget { names: ["clicks".to_string(), "spend".into()].into(), values: two });
    let data = |target: Target| Training::new(dense(x.clone())).with_target(target);
    for background in [None, Some(&background)] {
        let method = if background.is_some() { "tree-interventional" } else { "tree-path-dependent" };
        let one = RandomForestRegressor::new(7).fit(data(Target::Values(y.clone()))).unwrap();
        let found = explained(&one, &few, background);
        assert_eq!((found.method, found.scale, found.outputs.len()), (method, Scale::Outcome, 0));
        assert_eq!(found.columns[2].name, "x2");
        assert_all_close(&sums(&found), &one.predict_values(&few).unwrap(), 1e-10);

        let both = ExtraTreesRegressor::new(5).max_depth(6).fit(data(two.clone())).unwrap();
        let found = explained(&both, &few, background);
        assert_eq!(found.outputs, ["clicks", "spend"]);
        assert_all_close(&sums(&found), &both.predict_values(&few).unwrap(), 1e-10);

        let tree = DecisionTreeRegressor::default().fit(data(Target::Values(y.clone()))).unwrap();
        assert_all_close(&sums(&explained(&tree, &few, background)), &tree.predict_values(&few).unwrap(), 1e-10);

        let classes = data(labels(&codes(&y, 3), 3));
        let forest = RandomForestClassifier::new(6).fit(classes.clone()).unwrap();
        let found = explained(&forest, &few, background);
        assert_eq!(found.outputs, ["0", "1", "2"]);
        assert_all_close(&sums(&found), &forest.predict_proba(&few).unwrap(), 1e-10);
        let extra = ExtraTreesClassifier::new(3).fit(classes.clone()).unwrap();
        assert_all_close(&sums(&explained(&extra, &few, background)), &extra.predict_proba(&few).unwrap(), 1e-10);
        let tree = DecisionTreeClassifier::default().fit(classes).unwrap();
        assert_all_close(&sums(&explained(&tree, &few, background)), &tree.predict_proba(&few).unwrap(), 1e-10);
    }
}

#[test]
fn those_of_boosted_trees_add_up_on_the_scale_they_name() {
    use adflux_core::Rows as _;
    let (x, y) = mixed(300, 2);
    let (few, background) = (x.take(&(0..20).collect::<Vec<_>>()), x.take(&(50..90).collect::<Vec<_>>()));
    let data = |target| Training::new(x.clone()).with_target(target);
    for background in [None, Some(&background)] {
        for (loss, scale) in [(Loss::SquaredError, Scale::Outcome), (Loss::Poisson, Scale::Log)] {
            let counts = Target::Values(y.mapv(|v| v.max(0.0)));
            let model = GradientBoostingRegressor::new(15).loss(loss).fit(data(counts)).unwrap();
            let found = explained(&model, &few, background);
            assert_eq!(found.scale, scale);
            let back = |v: f64| if scale == Scale::Log { v.exp() } else { v };
            assert_all_close(sums(&found).mapv(back).column(0), &model.predict(&few).unwrap(), 1e-9);
            assert!(found.values.index_axis(Axis(1), 6).iter().any(|v| v.abs() > 0.01), "the platform counts");
        }
        let two = GradientBoostingClassifier::new(10).fit(data(labels(&codes(&y, 2), 2))).unwrap();
        let found = explained(&two, &few, background);
        assert_eq!((found.scale, &found.outputs[..]), (Scale::LogOdds, &["1".to_string()][..]));
        let probability = sums(&found).mapv(|v| 1.0 / (1.0 + (-v).exp()));
        assert_all_close(probability.column(0), two.predict_proba(&few).unwrap().column(1), 1e-10);

        let three = GradientBoostingClassifier::new(5).fit(data(labels(&codes(&y, 3), 3))).unwrap();
        let found = explained(&three, &few, background);
        assert_eq!((found.scale, found.outputs.len()), (Scale::Scores, 3));
        let mut shares = sums(&found).mapv(f64::exp);
        shares.rows_mut().into_iter().for_each(|mut row| row /= row.sum());
        assert_all_close(&shares, &three.predict_proba(&few).unwrap(), 1e-10);
    }
}

#[test]
fn those_of_linear_models_add_up_on_the_scale_of_their_link() {
    let (x, y) = smooth(200, 3);
    let (few, background) = (dense(x.slice(s![..9, ..]).to_owned()), dense(x.slice(s![100..140, ..]).to_owned()));
    let counts = Training::new(dense(x.clone())).with_target(Target::Values(y.mapv(|v| v.max(0.0))));
    let shares = values(x.clone(), y.mapv(|v| 1.0 / (1.0 + (-v / 4.0).exp())));
    let log_odds = |p: f64| (p / (1.0 - p)).ln();
    type Case = (AnyModel, Scale, fn(f64) -> f64);
    let models: [Case; 7] = [
        (AnyModel::new(Ridge::new(1.0).fit(counts.clone()).unwrap()), Scale::Outcome, |v| v),
        (AnyModel::new(Lasso::new(0.1).fit(counts.clone()).unwrap()), Scale::Outcome, |v| v),
        (AnyModel::new(LassoCV::default().fit(counts.clone()).unwrap()), Scale::Outcome, |v| v),
        (AnyModel::new(HuberRegressor::default().fit(counts.clone()).unwrap()), Scale::Outcome, |v| v),
        (AnyModel::new(QuantileRegressor::default().fit(counts.clone()).unwrap()), Scale::Outcome, |v| v),
        (AnyModel::new(PoissonRegressor::new(0.0).fit(counts).unwrap()), Scale::Log, f64::ln),
        (
            AnyModel::new(GeneralizedLinearRegressor::new(Family::Binomial).fit(shares).unwrap()),
            Scale::LogOdds,
            log_odds,
        ),
    ];
    for (model, scale, link) in &models {
        let found = explained(model, &few, Some(&background));
        assert_eq!((found.method, found.scale), ("linear", *scale));
        let predicted = model.predict(&few).unwrap();
        assert_all_close(sums(&found).column(0), &predicted.point().unwrap().mapv(link), 1e-9);
        assert!(model.contributions(&few, None, &Context::default()).unwrap().is_none(), "they remember no rows");
    }
}

#[derive(Deserialize)]
struct Linear {
    name: String,
    classes: usize,
    train: Vec<Vec<Option<f64>>>,
    y: Vec<f64>,
    background: (usize, usize),
    x: Vec<Vec<Option<f64>>>,
    base: Vec<f64>,
    values: Vec<Vec<Vec<f64>>>,
}

#[test]
fn linear_models_are_explained_as_by_shap() {
    for case in fixture::<Vec<Linear>>("explain/linear.json") {
        println!("{}", case.name);
        let train = rows(&case.train);
        let background = dense(train.slice(s![case.background.0..case.background.1, ..]).to_owned());
        let data = Training::new(dense(train));
        let y: Array1<f64> = case.y.into();
        let codes = labels(&y.mapv(|y| y as u32), case.classes);
        let model = match case.classes {
            0 => AnyModel::new(LinearRegression::default().fit(data.with_target(Target::Values(y))).unwrap()),
            2 => {
                let recipe = LogisticRegression::new(Penalty::None).tol(1e-10).max_iter(10_000);
                AnyModel::new(recipe.fit(data.with_target(codes)).unwrap())
            }
            _ => {
                let recipe = LogisticRegression::default().tol(1e-10).max_iter(10_000);
                AnyModel::new(recipe.fit(data.with_target(codes)).unwrap())
            }
        };
        let found = explained(&model, &dense(rows(&case.x)), Some(&background));
        assert_all_close(&found.base, &case.base, 1e-6);
        assert_all_close(&found.values, case.values.iter().flatten().flatten(), 1e-6);
    }
}

#[test]
fn sparse_and_dense_features_are_explained_alike() {
    let (mut x, y) = smooth(150, 4);
    x.mapv_inplace(|v| if v < 0.4 { 0.0 } else { v });
    let target = Target::Values(y);
    let forest =
        RandomForestRegressor::new(4).fit(Training::new(dense(x.clone())).with_target(target.clone())).unwrap();
    let line = Ridge::new(1.0).fit(Training::new(dense(x.clone())).with_target(target)).unwrap();
    let (a, b) = (dense(x.clone()), sparse(&x));
    assert_eq!(explained(&forest, &a, None), explained(&forest, &b, None));
    assert_eq!(explained(&forest, &a, Some(&b)), explained(&forest, &b, Some(&a)));
    assert_eq!(explained(&line, &a, Some(&b)), explained(&line, &b, Some(&a)));
}

#[test]
fn one_thread_and_two_and_a_saved_model_explain_to_the_same_bits() {
    let (x, y) = smooth(500, 5);
    let data = values(x.clone(), y);
    let forest = RandomForestRegressor::new(9).fit(data).unwrap();
    let loaded = FittedRandomForestRegressor::from_state(1, &forest.state().unwrap(), &Default::default()).unwrap();
    let (x, background) = (dense(x.clone()), dense(x.slice(s![..70, ..]).to_owned()));
    for background in [None, Some(&background)] {
        let [one, two] = [1, 2].map(|n| {
            forest.contributions(&x, background, &Context::default().with_threads(n).unwrap()).unwrap().unwrap()
        });
        assert!(one == two, "the number of threads changes something");
        assert!(one == explained(&loaded, &x, background), "saving changes something");
    }
}

#[test]
fn rows_and_backgrounds_that_do_not_fit_are_refused() {
    let (x, y) = smooth(60, 6);
    let forest = AnyModel::new(RandomForestRegressor::new(2).fit(values(x.clone(), y.clone())).unwrap());
    let boosted = AnyModel::new(GradientBoostingRegressor::new(2).fit(values(x.clone(), y.clone())).unwrap());
    let line = AnyModel::new(Ridge::new(1.0).fit(values(x.clone(), y)).unwrap());
    let (fits, none) = (dense(x.clone()), dense(x.slice(s![..0, ..]).to_owned()));
    let mut infinite = x.slice(s![..2, ..]).to_owned();
    infinite[[1, 3]] = f64::INFINITY;
    let (narrow, infinite) = (dense(x.slice(s![.., ..3]).to_owned()), dense(infinite));
    for model in [&forest, &boosted, &line] {
        let says = |x: &Features, background: Option<&Features>, context: &Context| {
            model.contributions(x, background, context).unwrap_err().to_string()
        };
        let context = Context::default();
        assert_eq!(says(&fits, Some(&none), &context), "the background has no row to compare with");
        for said in [says(&narrow, Some(&fits), &context), says(&fits, Some(&narrow), &context)] {
            assert!(said.contains("was fitted on 6 columns and is given 3"), "{said}");
        }
        for said in [says(&infinite, Some(&fits), &context), says(&fits, Some(&infinite), &context)] {
            assert!(said.starts_with("column `x3`, row 2: an infinite value"), "{said}");
        }
        let stopped = CancelToken::default();
        stopped.cancel();
        assert_eq!(says(&fits, Some(&fits), &context.with_cancel(stopped)), adflux_core::Error::Cancelled.to_string());
        assert_eq!(explained(model, &none, Some(&fits)).values.dim(), (0, 6, 1), "no rows are no error");
    }
}

#[test]
fn models_that_cannot_tell_say_so() {
    use adflux_core::{Predict, Result};
    struct Two;
    impl Predict<Features> for Two {
        type Output = Array1<f64>;
        fn predict(&self, x: &Features) -> Result<Array1<f64>> {
            Ok(Array1::from_elem(x.rows(), 2.0))
        }
    }
    let x = dense(smooth(3, 7).0);
    assert!(Two.contributions(&x, Some(&x), &Context::default()).unwrap().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A column that no tree asks for adds nothing; a row compared with itself differs in nothing.
    #[test]
    fn what_makes_no_difference_adds_nothing(seed in 0_u64..1000, depth in 1_usize..7) {
        let (mut x, y) = smooth(80, seed);
        x.column_mut(2).fill(0.5);
        let tree = ExtraTreesRegressor::new(3).max_depth(depth).fit(values(x.clone(), y)).unwrap();
        let (all, one) = (dense(x.clone()), dense(x.slice(s![..1, ..]).to_owned()));
        for background in [None, Some(&all)] {
            let found = explained(&tree, &all, background);
            prop_assert!(found.values.index_axis(Axis(1), 2).iter().all(|v| *v == 0.0));
            for (sum, said) in sums(&found).iter().zip(&tree.predict_values(&all).unwrap()) {
                prop_assert!((sum - said).abs() < 1e-10);
            }
        }
        let itself = explained(&tree, &one, Some(&one));
        prop_assert!(itself.values.iter().all(|v| *v == 0.0));
        assert_close(itself.base[0], tree.predict_values(&one).unwrap()[[0, 0]], 1e-12);
    }

    /// Base and contributions are the prediction, whatever the trees, the gaps and the levels.
    #[test]
    fn contributions_of_trees_sum_to_the_prediction(
        seed in 0_u64..10_000,
        n in 20_usize..120,
        depth in 1_usize..12,
        leaf in 1_usize..6,
        compared in any::<bool>(),
        direction in 0_usize..3,
    ) {
        let (x, y) = mixed(n, seed);
        let background = compared.then_some(&x);
        let rising: &[&str] = if direction == 1 { &["x0"] } else { &[] };
        let falling: &[&str] = if direction == 2 { &["x0"] } else { &[] };
        let numbers = Training::new(x.clone()).with_target(Target::Values(y.clone()));
        let classes = Training::new(x.clone()).with_target(labels(&codes(&y, 3), 3));
        let unit = y.iter().fold(1.0, |most: f64, v| most.max(v.abs()));
        let mut apart = Vec::new();
        let mut add = |found: Contributions, predicted: Array2<f64>| {
            apart.push((sums(&found) - predicted).iter().fold(0.0, |most: f64, v| most.max(v.abs())));
        };
        let recipe = RandomForestRegressor::new(3).max_depth(depth).min_samples_leaf(leaf).seed(seed);
        let model = recipe.monotone_increasing(rising.to_vec()).monotone_decreasing(falling.to_vec());
        let model = model.fit(numbers.clone()).unwrap();
        add(explained(&model, &x, background), model.predict_values(&x).unwrap());
        let model = ExtraTreesClassifier::new(3).max_depth(depth).min_samples_leaf(leaf).seed(seed).fit(classes.clone()).unwrap();
        add(explained(&model, &x, background), model.predict_proba(&x).unwrap());
        let recipe = GradientBoostingRegressor::new(5).num_leaves(depth + 1).min_child_samples(leaf).seed(seed);
        let model = recipe.monotone_increasing(rising.to_vec()).monotone_decreasing(falling.to_vec());
        let model = model.fit(numbers).unwrap();
        add(explained(&model, &x, background), model.predict(&x).unwrap().insert_axis(Axis(1)));
        // Scores of classes are on the scale of log odds: their softmax is the prediction.
        let model = GradientBoostingClassifier::new(3).num_leaves(depth + 1).min_child_samples(leaf).fit(classes).unwrap();
        let mut scores = sums(&explained(&model, &x, background)).mapv(f64::exp);
        let totals = scores.sum_axis(Axis(1)).insert_axis(Axis(1));
        scores /= &totals;
        apart.push((scores - model.predict_proba(&x).unwrap()).iter().fold(0.0, |most: f64, v| most.max(v.abs())));
        prop_assert!(apart.iter().all(|apart| *apart < 1e-9 * unit), "{apart:?}");
    }
}
