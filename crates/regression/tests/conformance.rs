//! Every component of the crate through the conformance kit.

use crate::data::{dense, hierarchy, smooth, sparse};
use adflux_core::{ClassTarget, Features, MultiTarget, Rows as _, Target, Training};
use adflux_regression::{
    CountFamily, DecisionTreeClassifier, DecisionTreeRegressor, ElasticNet, ElasticNetCV, EmpiricalBayesRates,
    ExtraTreesClassifier, ExtraTreesRegressor, Family, FtrlClassifier, FunnelRegressor, GammaRegressor,
    GeneralizedLinearRegressor, GradientBoostingClassifier, GradientBoostingRegressor, HuberRegressor, Lasso, LassoCV,
    LinearRegression, LogisticRegression, Loss, MaxFeatures, Penalty, PoissonRegressor, QuantileRegressor,
    RandomForestClassifier, RandomForestRegressor, Ridge, RidgeCV, TweedieRegressor, Voting, register,
};
use adflux_testing::conformance;
use ndarray::{Array2, Axis, concatenate};

fn numbers() -> Training<Features> {
    let (x, y) = smooth(80, 3);
    Training::new(dense(x)).with_target(Target::Values(y))
}

fn classes() -> Training<Features> {
    let (x, y) = smooth(80, 3);
    let labels: Vec<&str> = y
        .iter()
        .map(|y| {
            if *y < 2.0 {
                "few"
            } else if *y < 5.0 {
                "some"
            } else {
                "many"
            }
        })
        .collect();
    Training::new(dense(x)).with_target(Target::Classes(ClassTarget::from_labels(&labels)))
}

/// Campaigns: what they brought of their budget, which is the exposure.
fn campaigns() -> Training<Features> {
    let (x, _) = smooth(80, 3);
    let budget = x.column(0).mapv(|v| 100.0 + 900.0 * v);
    let spend = &budget * 0.9;
    let impressions = (&spend * 100.0).mapv(f64::round);
    let clicks = (&impressions * 0.02).mapv(f64::round);
    let applications = (&clicks * 0.1).mapv(f64::round);
    let columns = [impressions, clicks, applications, spend];
    let views: Vec<_> = columns.iter().map(|c| c.view().insert_axis(Axis(1))).collect();
    let names: Vec<String> = ["impressions", "clicks", "applications", "spend"].map(String::from).into();
    let target = MultiTarget { names: names.into(), values: concatenate(Axis(1), &views).unwrap() };
    Training::new(dense(x)).with_target(Target::Multi(target)).with_exposure(budget)
}

#[test]
fn random_forest_regressor() {
    let recipe = RandomForestRegressor::new(8);
    conformance::model(recipe.clone(), numbers())
        .registry(register)
        .takes_missing_values()
        .refuses("n_estimators", RandomForestRegressor::new(0))
        .refuses("max_depth", recipe.clone().max_depth(0))
        .refuses("min_samples_split", recipe.clone().min_samples_split(1))
        .refuses("min_samples_leaf", recipe.clone().min_samples_leaf(0))
        .refuses("max_features", recipe.clone().max_features(MaxFeatures::Fraction(0.0)))
        .refuses("max_features", recipe.clone().max_features(MaxFeatures::Count(0)))
        .refuses("max_samples", recipe.clone().max_samples(1.5))
        .refuses("max_bins", recipe.clone().max_bins(1))
        .refuses("monotone_decreasing", recipe.clone().monotone_increasing(["x0"]).monotone_decreasing(["x0"]))
        .refuses("oob_score", recipe.clone().bootstrap(false).oob_score(true))
        .refuses("max_bins", recipe.max_bins(256))
        .check();
}

#[test]
fn a_forest_of_several_targets_and_without_bootstrap() {
    let (x, y) = smooth(80, 4);
    let values = Array2::from_shape_fn((80, 2), |(row, column)| if column == 0 { y[row] } else { x[[row, 1]] });
    let names: Vec<String> = ["a", "b"].map(String::from).into();
    let data = Training::new(dense(x)).with_target(Target::Multi(MultiTarget { names: names.into(), values }));
    let recipe = RandomForestRegressor::new(5).bootstrap(false).max_depth(4);
    conformance::model(recipe, data).registry(register).takes_missing_values().check();
}

#[test]
fn a_forest_of_sparse_features() {
    let (x, y) = smooth(80, 5);
    let data = Training::new(sparse(&x)).with_target(Target::Values(y));
    let forest = conformance::model(RandomForestRegressor::new(5), data);
    forest.registry(register).takes_missing_values().check();
}

#[test]
fn trees_of_categories_beside_constrained_numbers() {
    let data = crate::data::categories(90, 6, 9);
    let codes = data.values("test").unwrap().mapv(|y| u32::from(y > 4.0));
    let classes = data.clone().with_target(crate::data::labels(&codes, 2));
    let forest = RandomForestRegressor::new(5).monotone_increasing(["number"]);
    conformance::model(forest, data.clone()).registry(register).takes_missing_values().check();
    let extra = ExtraTreesClassifier::new(5).monotone_decreasing(["number"]);
    conformance::model(extra, classes).registry(register).takes_missing_values().check();
    let boosting = GradientBoostingRegressor::new(5).min_child_samples(3).monotone_increasing(["number"]);
    conformance::model(boosting, data).registry(register).takes_missing_values().check();
}

#[test]
fn random_forest_classifier() {
    let recipe = RandomForestClassifier::new(8);
    assert_eq!(classes().len(), 80);
    conformance::model(recipe.clone(), classes())
        .registry(register)
        .takes_missing_values()
        .refuses("n_estimators", RandomForestClassifier::new(0))
        .refuses("min_samples_leaf", recipe.clone().min_samples_leaf(0))
        .refuses("max_samples", recipe.max_samples(f64::NAN))
        .check();
}

#[test]
fn funnel_regressor() {
    let recipe = FunnelRegressor::default().forest(RandomForestRegressor::new(5));
    conformance::model(recipe.clone(), campaigns())
        .registry(register)
        .takes_missing_values()
        .refuses("oob_score", recipe.clone().forest(RandomForestRegressor::new(5).oob_score(true)))
        .refuses("smoothing", recipe.clone().smoothing(0.0))
        .refuses("dispersion", recipe.clone().dispersion(-0.1))
        .refuses("n_estimators", recipe.forest(RandomForestRegressor::new(0)))
        .check();
}

#[test]
fn linear_regression() {
    conformance::model(LinearRegression::default(), numbers()).registry(register).check();
}

#[test]
fn a_linear_regression_with_inference_of_sparse_features() {
    let (x, y) = smooth(80, 5);
    let data = Training::new(sparse(&x)).with_target(Target::Values(y));
    conformance::model(LinearRegression::default().inference(true), data).registry(register).check();
}

#[test]
fn ridge() {
    conformance::model(Ridge::default(), numbers())
        .registry(register)
        .refuses("alpha", Ridge::new(-1.0))
        .refuses("alpha", Ridge::new(f64::NAN))
        .check();
}

/// Amounts above 0 with an exposure.
fn amounts() -> Training<Features> {
    let (x, y) = smooth(80, 3);
    let exposure = x.column(1).mapv(|v| 1.0 + v);
    Training::new(dense(x)).with_target(Target::Values(y.mapv(|y| (0.2 * y).exp()))).with_exposure(exposure)
}

#[test]
fn generalized_linear_regressor() {
    let recipe = GeneralizedLinearRegressor::new(Family::Tweedie(1.7));
    conformance::model(recipe.clone(), amounts())
        .registry(register)
        .refuses("power", GeneralizedLinearRegressor::new(Family::Tweedie(0.5)))
        .refuses("alpha", recipe.clone().alpha(-1.0))
        .refuses("max_iter", recipe.clone().max_iter(0))
        .refuses("tol", recipe.tol(0.0))
        .check();
}

#[test]
fn poisson_regressor() {
    let recipe = PoissonRegressor::default();
    conformance::model(recipe.clone(), amounts()).registry(register).refuses("alpha", recipe.alpha(-1.0)).check();
}

#[test]
fn gamma_regressor() {
    let recipe = GammaRegressor::default();
    conformance::model(recipe.clone(), amounts()).registry(register).refuses("alpha", recipe.alpha(f64::NAN)).check();
}

#[test]
fn tweedie_regressor() {
    let recipe = TweedieRegressor::default();
    conformance::model(recipe.clone(), amounts()).registry(register).refuses("power", recipe.power(0.5)).check();
}

#[test]
fn logistic_regression() {
    let recipe = LogisticRegression::default();
    conformance::model(recipe.clone(), classes())
        .registry(register)
        .refuses("c", recipe.clone().c(0.0))
        .refuses("l1_ratio", recipe.clone().l1_ratio(-0.1))
        .refuses("max_iter", recipe.clone().max_iter(0))
        .refuses("tol", recipe.tol(f64::NAN))
        .check();
}

#[test]
fn a_logistic_regression_of_two_classes_with_an_elastic_net() {
    let (x, y) = smooth(80, 3);
    let labels: Vec<&str> = y.iter().map(|y| if *y < 3.0 { "no" } else { "yes" }).collect();
    let data = Training::new(dense(x)).with_target(Target::Classes(ClassTarget::from_labels(&labels)));
    conformance::model(LogisticRegression::new(Penalty::ElasticNet), data).registry(register).check();
}

#[test]
fn elastic_net() {
    let recipe = ElasticNet::new(0.05, 0.5);
    conformance::model(recipe.clone(), numbers())
        .registry(register)
        .refuses("alpha", ElasticNet::new(-1.0, 0.5))
        .refuses("l1_ratio", ElasticNet::new(1.0, 1.5))
        .refuses("max_iter", recipe.clone().max_iter(0))
        .refuses("tol", recipe.tol(0.0))
        .check();
}

#[test]
fn lasso() {
    conformance::model(Lasso::new(0.05), numbers()).registry(register).refuses("alpha", Lasso::new(-1.0)).check();
}

#[test]
fn elastic_net_cv() {
    let recipe = ElasticNetCV::default().n_alphas(20);
    conformance::model(recipe.clone(), numbers())
        .registry(register)
        .refuses("l1_ratio", recipe.clone().l1_ratio([0.0]))
        .refuses("l1_ratio", recipe.clone().l1_ratio([]))
        .refuses("eps", recipe.clone().eps(1.0))
        .refuses("n_alphas", recipe.clone().n_alphas(0))
        .refuses("cv", recipe.clone().cv(1))
        .refuses("cv", recipe.cv(81))
        .check();
}

#[test]
fn ridge_cv() {
    conformance::model(RidgeCV::default(), numbers())
        .registry(register)
        .refuses("alphas", RidgeCV::new([]))
        .refuses("alphas", RidgeCV::new([1.0, 0.0]))
        .refuses("alphas", RidgeCV::new([f64::INFINITY]))
        .check();
}

#[test]
fn lasso_cv() {
    let recipe = LassoCV::default().n_alphas(20);
    conformance::model(recipe.clone(), numbers()).registry(register).refuses("cv", recipe.cv(1)).check();
}

#[test]
fn huber_regressor() {
    let recipe = HuberRegressor::default();
    conformance::model(recipe.clone(), numbers())
        .registry(register)
        .refuses("epsilon", HuberRegressor::new(0.5))
        .refuses("alpha", recipe.clone().alpha(-1.0))
        .refuses("max_iter", recipe.clone().max_iter(0))
        .refuses("tol", recipe.tol(0.0))
        .check();
}

#[test]
fn quantile_regressor() {
    let recipe = QuantileRegressor::new(0.3).alpha(0.01);
    conformance::model(recipe, numbers())
        .registry(register)
        .refuses("quantile", QuantileRegressor::new(0.0))
        .refuses("alpha", QuantileRegressor::new(0.5).alpha(-1.0))
        .check();
}

#[test]
fn gradient_boosting_regressor() {
    let recipe = GradientBoostingRegressor::new(8).min_child_samples(3);
    conformance::model(recipe.clone(), numbers())
        .registry(register)
        .takes_missing_values()
        .refuses("n_estimators", GradientBoostingRegressor::new(0))
        .refuses("learning_rate", recipe.clone().learning_rate(0.0))
        .refuses("num_leaves", recipe.clone().num_leaves(1))
        .refuses("max_depth", recipe.clone().max_depth(0))
        .refuses("min_child_samples", recipe.clone().min_child_samples(0))
        .refuses("min_child_weight", recipe.clone().min_child_weight(-1.0))
        .refuses("min_split_gain", recipe.clone().min_split_gain(f64::NAN))
        .refuses("reg_lambda", recipe.clone().reg_lambda(-1.0))
        .refuses("subsample", recipe.clone().subsample(0.0))
        .refuses("colsample_bytree", recipe.clone().colsample_bytree(1.1))
        .refuses("max_bins", recipe.clone().max_bins(256))
        .refuses("cat_smooth", recipe.clone().cat_smooth(-1.0))
        .refuses("cat_l2", recipe.clone().cat_l2(-1.0))
        .refuses("monotone_decreasing", recipe.clone().monotone_increasing(["x0"]).monotone_decreasing(["x0"]))
        .refuses("n_iter_no_change", recipe.clone().n_iter_no_change(0))
        .refuses("validation_fraction", recipe.clone().validation_fraction(1.0))
        .refuses("alpha", recipe.clone().alpha(1.0))
        .refuses("tweedie_power", recipe.tweedie_power(2.0))
        .check();
}

#[test]
fn boosting_of_other_losses_drawn_rows_and_sparse_features() {
    let (x, y) = smooth(80, 5);
    let data = Training::new(sparse(&x)).with_target(Target::Values(y.mapv(f64::abs)));
    for loss in [Loss::Huber, Loss::Quantile, Loss::Poisson, Loss::Tweedie] {
        let recipe = GradientBoostingRegressor::new(6).loss(loss).min_child_samples(3).subsample(0.6);
        conformance::model(recipe.colsample_bytree(0.5), data.clone())
            .registry(register)
            .takes_missing_values()
            .check();
    }
}

#[test]
fn gradient_boosting_classifier() {
    let recipe = GradientBoostingClassifier::new(6).min_child_samples(3);
    conformance::model(recipe.clone(), classes())
        .registry(register)
        .takes_missing_values()
        .refuses("n_estimators", GradientBoostingClassifier::new(0))
        .refuses("subsample", recipe.clone().subsample(f64::NAN))
        .refuses("monotone_increasing", recipe.monotone_increasing(["x0"]))
        .check();
}

#[test]
fn decision_tree_regressor() {
    let recipe = DecisionTreeRegressor::default();
    conformance::model(recipe.clone(), numbers())
        .registry(register)
        .takes_missing_values()
        .refuses("max_depth", recipe.clone().max_depth(0))
        .refuses("min_samples_split", recipe.clone().min_samples_split(1))
        .refuses("min_samples_leaf", recipe.clone().min_samples_leaf(0))
        .refuses("max_features", recipe.clone().max_features(MaxFeatures::Fraction(0.0)))
        .refuses("max_bins", recipe.max_bins(1))
        .check();
}

#[test]
fn decision_tree_classifier() {
    let recipe = DecisionTreeClassifier::default().max_depth(5);
    let refused = recipe.clone().min_samples_leaf(0);
    conformance::model(recipe, classes())
        .registry(register)
        .takes_missing_values()
        .refuses("min_samples_leaf", refused)
        .check();
}

#[test]
fn extra_trees_regressor() {
    let recipe = ExtraTreesRegressor::new(8);
    conformance::model(recipe.clone(), numbers())
        .registry(register)
        .takes_missing_values()
        .refuses("n_estimators", ExtraTreesRegressor::new(0))
        .refuses("max_samples", recipe.max_samples(0.5))
        .check();
}

#[test]
fn extra_trees_classifier() {
    let recipe = ExtraTreesClassifier::new(8);
    conformance::model(recipe.clone(), classes())
        .registry(register)
        .takes_missing_values()
        .refuses("max_bins", recipe.max_bins(256))
        .check();
}

#[test]
fn voting() {
    let recipe = Voting::new().model(Ridge::default()).model(RandomForestRegressor::new(4)).weights([1.0, 2.0]);
    conformance::model(recipe.clone(), numbers())
        .registry(register)
        .refuses("steps", Voting::new())
        .refuses("weights", recipe.weights([1.0]))
        .check();
}

#[test]
fn a_vote_on_classes() {
    let recipe = Voting::new().model(LogisticRegression::default()).model(RandomForestClassifier::new(4));
    conformance::model(recipe, classes()).registry(register).check();
}

/// Ads beneath campaigns beneath platforms, with their impressions.
fn ads() -> Training<Features> {
    let path = |row: usize| [format!("p{}", row % 3), format!("c{}", row % 12 / 3), format!("a{row}")];
    let paths: Vec<[String; 3]> = (0..80).map(path).collect();
    let impressions = (0..80).map(|row| 20.0 + f64::from(row * 37 % 400)).collect();
    let clicks = (0..80).map(|row| f64::from(row * 7 % 5 + row % 3)).collect();
    let x = hierarchy(["platform", "campaign", "ad"], &paths);
    Training::new(x).with_target(Target::Values(clicks)).with_exposure(impressions)
}

#[test]
fn empirical_bayes_rates() {
    conformance::model(EmpiricalBayesRates::default(), ads())
        .registry(register)
        .refuses("level", EmpiricalBayesRates::default().level(0.0))
        .refuses("level", EmpiricalBayesRates::default().level(1.0))
        .check();
}

#[test]
fn empirical_bayes_rates_of_an_exposure() {
    conformance::model(EmpiricalBayesRates::new(CountFamily::GammaPoisson), ads()).registry(register).check();
}

/// Two classes of dense or sparse numbers.
fn two_classes(x: fn(&Array2<f64>) -> Features) -> Training<Features> {
    let (numbers, y) = smooth(80, 3);
    let labels: Vec<&str> = y.iter().map(|y| if *y < 4.0 { "few" } else { "many" }).collect();
    Training::new(x(&numbers)).with_target(Target::Classes(ClassTarget::from_labels(&labels)))
}

#[test]
fn ftrl_classifier() {
    let recipe = FtrlClassifier::default();
    conformance::model(recipe.clone(), two_classes(|x| dense(x.clone())))
        .registry(register)
        .refuses("alpha", FtrlClassifier::new(0.0))
        .refuses("beta", recipe.clone().beta(0.0))
        .refuses("l1", recipe.clone().l1(-1.0))
        .refuses("l2", recipe.clone().l2(f64::NAN))
        .refuses("epochs", recipe.epochs(0))
        .check();
}

#[test]
fn ftrl_of_sparse_features() {
    conformance::model(FtrlClassifier::default().l1(0.1).epochs(2), two_classes(sparse)).registry(register).check();
}
