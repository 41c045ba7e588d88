//! Generalised linear models beside statsmodels and scikit-learn, and what must hold of them.

use crate::data::{dense, smooth, sparse};
use adflux_core::{Features, Fit, Predict, Rows as _, Target, Training};
use adflux_regression::{Family, GammaRegressor, GeneralizedLinearRegressor, Link, PoissonRegressor, TweedieRegressor};
use adflux_testing::{assert_all_close, assert_close, fixture};
use ndarray::{Array1, Array2, Axis, array, concatenate, s};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    x: Vec<Vec<f64>>,
    weights: Vec<f64>,
    fits: Vec<OfStatsmodels>,
    penalised: Vec<OfScikitLearn>,
}

#[derive(Deserialize)]
struct OfStatsmodels {
    family: String,
    link: String,
    y: Vec<f64>,
    weights: Option<Vec<f64>>,
    exposure: Option<Vec<f64>>,
    /// The intercept first.
    coefficients: Vec<f64>,
}

#[derive(Deserialize)]
struct OfScikitLearn {
    name: String,
    alpha: f64,
    y: Vec<f64>,
    coefficients: Vec<f64>,
}

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

fn all(coefficients: &Array2<f64>, intercepts: &Array1<f64>) -> Vec<f64> {
    intercepts.iter().chain(coefficients).copied().collect()
}

fn family(name: &str) -> Family {
    match name {
        "gaussian" => Family::Gaussian,
        "binomial" => Family::Binomial,
        "poisson" => Family::Poisson,
        "gamma" => Family::Gamma,
        _ => Family::Tweedie(1.5),
    }
}

fn link(name: &str) -> Link {
    match name {
        "identity" => Link::Identity,
        "log" => Link::Log,
        "logit" => Link::Logit,
        "probit" => Link::Probit,
        "cloglog" => Link::Cloglog,
        _ => Link::Inverse,
    }
}

#[test]
fn every_family_and_link_is_that_of_statsmodels_with_weights_and_exposure() {
    let golden = fixture::<Golden>("linear/glm.json");
    for wanted in golden.fits {
        for x in [dense(matrix(&golden.x)), sparse(&matrix(&golden.x))] {
            let mut data = Training::new(x).with_target(Target::Values(wanted.y.clone().into()));
            data.weights = wanted.weights.clone().map(Into::into);
            data.exposure = wanted.exposure.clone().map(Into::into);
            let recipe = GeneralizedLinearRegressor::new(family(&wanted.family)).link(link(&wanted.link));
            let model = recipe.fit(data).unwrap();
            println!("{} {} {:?}", wanted.family, wanted.link, model.iterations());
            assert!(model.converged() && model.iterations() < 40);
            assert_all_close(&all(model.coefficients(), model.intercepts()), &wanted.coefficients, 1e-6);
        }
    }
}

#[test]
fn penalised_kinds_are_those_of_scikit_learn() {
    let golden = fixture::<Golden>("linear/glm.json");
    for wanted in golden.penalised {
        let data = Training::new(dense(matrix(&golden.x)))
            .with_target(Target::Values(wanted.y.clone().into()))
            .with_weights(golden.weights.clone().into());
        let found = match wanted.name.as_str() {
            "poisson" => PoissonRegressor::new(wanted.alpha).fit(data).map(|m| all(m.coefficients(), m.intercepts())),
            "gamma" => GammaRegressor::new(wanted.alpha).fit(data).map(|m| all(m.coefficients(), m.intercepts())),
            _ => TweedieRegressor::new(wanted.alpha).fit(data).map(|m| all(m.coefficients(), m.intercepts())),
        };
        assert_all_close(&found.unwrap(), &wanted.coefficients, 1e-6);
    }
}

#[derive(Deserialize)]
struct Offsets {
    x: Vec<Vec<f64>>,
    offset: Vec<f64>,
    fits: Vec<WithOffset>,
}

#[derive(Deserialize)]
struct WithOffset {
    family: String,
    link: String,
    intercept: bool,
    y: Vec<f64>,
    weights: Option<Vec<f64>>,
    exposure: Option<Vec<f64>>,
    coefficients: Vec<f64>,
    /// The first means, their offsets included.
    means: Vec<f64>,
}

#[test]
fn an_offset_is_that_of_statsmodels_also_in_predictions() {
    let golden = fixture::<Offsets>("linear/offset.json");
    // It is one column among others: here the second.
    let x = matrix(&golden.x);
    let offset = Array1::from(golden.offset.clone()).insert_axis(Axis(1));
    let x = concatenate![Axis(1), x.slice(s![.., ..1]), offset, x.slice(s![.., 1..])];
    for wanted in golden.fits {
        for x in [dense(x.clone()), sparse(&x)] {
            let mut data = Training::new(x.clone()).with_target(Target::Values(wanted.y.clone().into()));
            data.weights = wanted.weights.clone().map(Into::into);
            data.exposure = wanted.exposure.clone().map(Into::into);
            let recipe = GeneralizedLinearRegressor::new(family(&wanted.family)).link(link(&wanted.link)).offset("x1");
            let model = recipe.fit_intercept(wanted.intercept).fit(data).unwrap();
            assert!(model.converged());
            assert_eq!(model.coefficients()[[0, 1]], 1.0);
            let mut found = model.coefficients().row(0).to_vec();
            found.remove(1);
            if wanted.intercept {
                found.insert(0, model.intercepts()[0]);
            }
            assert_all_close(&found, &wanted.coefficients, 1e-6);
            let means = model.predict(&x).unwrap().point().unwrap().slice(s![..5]).to_vec();
            assert_all_close(&means, &wanted.means, 1e-6);
        }
    }
}

#[test]
fn an_offset_is_not_penalised_may_be_constant_and_must_be_there() {
    let data = counts(60, 6);
    let x = data.x.dense("test").unwrap();
    let with = |values: Array1<f64>| concatenate![Axis(1), *x, values.insert_axis(Axis(1))];
    let recipe = GeneralizedLinearRegressor::new(Family::Poisson);
    let place = format!("x{}", x.ncols());
    // A constant is taken off the intercept.
    let constant = Training { x: dense(with(Array1::from_elem(60, 0.7))), ..data.clone() };
    let (a, b) = (recipe.clone().offset(&place).fit(constant).unwrap(), recipe.fit(data.clone()).unwrap());
    assert_close(a.intercepts()[0] + 0.7, b.intercepts()[0], 1e-8);
    let moved = Training { x: dense(with(x.column(0).mapv(|v| 3.0 * v))), ..data.clone() };
    let kept = recipe.clone().alpha(1e6).offset(&place).fit(moved).unwrap();
    assert_eq!(kept.coefficients()[[0, x.ncols()]], 1.0);
    assert!(kept.coefficients().iter().take(x.ncols()).all(|b| b.abs() < 1e-3));
    let said = recipe.clone().offset("prior").fit(data.clone()).unwrap_err().to_string();
    assert!(said.contains("`prior`"), "{said}");
    let far = Training { x: dense(with(x.column(0).mapv(|v| 1e6 * v))), ..data };
    let said = recipe.offset(&place).fit(far).unwrap_err().to_string();
    assert!(said.starts_with(&format!("column `{place}`: with this offset a mean is outside the family")), "{said}");
}

/// Counts of a smooth table, with an exposure.
fn counts(rows: usize, seed: u64) -> Training<Features> {
    let (x, y) = smooth(rows, seed);
    let exposure = x.column(1).mapv(|v| 1.0 + 50.0 * v);
    let clicks = (&exposure * &y.mapv(|y| (0.1 * y).exp())).mapv(f64::round);
    Training::new(dense(x)).with_target(Target::Values(clicks)).with_exposure(exposure)
}

#[test]
fn an_exposure_is_a_rate_with_a_weight_and_predictions_are_rates() {
    let data = counts(60, 4);
    let exposure = data.exposure.clone().unwrap();
    let clicks = data.totals("test").unwrap().clone();
    let rates =
        Training::new(data.x.clone()).with_target(Target::Values(&clicks / &exposure)).with_weights(exposure.clone());
    let (a, b) =
        (PoissonRegressor::new(0.1).fit(data.clone()).unwrap(), PoissonRegressor::new(0.1).fit(rates).unwrap());
    assert_all_close(a.coefficients(), b.coefficients(), 1e-9);
    let model = PoissonRegressor::new(0.0).fit(data.clone()).unwrap();
    let expected = model.predict(&data.x).unwrap().point().unwrap() * &exposure;
    // With an intercept the totals agree.
    assert_close(expected.sum(), clicks.sum(), 1e-9);
}

#[test]
fn separation_collinear_columns_and_empty_outcomes_have_a_finite_answer_or_say_why() {
    let x = array![[0.0], [1.0], [2.0], [3.0]];
    let separated = Training::new(dense(x.clone())).with_target(Target::Values(array![0.0, 0.0, 1.0, 1.0]));
    let model = GeneralizedLinearRegressor::new(Family::Binomial).fit(separated).unwrap();
    let p = model.predict(&dense(x.clone())).unwrap();
    assert!(p.point().unwrap()[1] < 1e-6 && p.point().unwrap()[2] > 1.0 - 1e-6, "{p:?}");
    let one = Training::new(dense(x.clone())).with_target(Target::Values(Array1::ones(4)));
    assert!(GeneralizedLinearRegressor::new(Family::Binomial).fit(one).unwrap().intercepts()[0] > 5.0);

    let data = counts(60, 5);
    let base = PoissonRegressor::new(0.0).fit(data.clone()).unwrap();
    let x = data.x.dense("test").unwrap().clone();
    let twice = Training { x: dense(concatenate![Axis(1), x, x.slice(s![.., ..2])]), ..data.clone() };
    let model = PoissonRegressor::new(0.0).fit(twice.clone()).unwrap();
    let (a, b) = (model.predict(&twice.x).unwrap(), base.predict(&data.x).unwrap());
    assert!(model.converged());
    assert_all_close(a.point().unwrap(), b.point().unwrap(), 1e-7);

    let zeros = data.clone().with_target(Target::Values(Array1::zeros(60)));
    let says = PoissonRegressor::default().fit(zeros).unwrap_err().to_string();
    assert_eq!(says, "column `target`: all are zero: there is no rate to learn");
}

#[test]
fn the_unit_of_the_outcome_does_not_stop_the_steps_early_or_late() {
    let x = dense(array![[0.0], [1.0], [2.0]]);
    for unit in [1e-13, 1e-8, 1e-6, 1.0, 1e8] {
        for family in [Family::Gaussian, Family::Poisson, Family::Tweedie(1.5), Family::Gamma] {
            let y = array![1.0, 2.0, 4.0] * unit;
            let data = Training::new(x.clone()).with_target(Target::Values(y));
            let model = GeneralizedLinearRegressor::new(family).link(Link::Log).fit(data).unwrap();
            let slope = model.coefficients()[[0, 0]];
            assert!(model.converged(), "{family:?} in units of {unit}");
            assert!((slope - 2.0_f64.ln()).abs() < 1e-6, "{family:?} in units of {unit}: {slope}");
        }
    }
}

#[test]
fn outcomes_whose_variance_is_no_number_are_refused() {
    let fit = |family: Family, unit: f64| {
        let data = Training::new(dense(array![[0.0], [1.0], [2.0]]));
        let data = data.with_target(Target::Values(array![1.0, 2.0, 4.0] * unit));
        GeneralizedLinearRegressor::new(family).link(Link::Log).fit(data).unwrap_err().to_string()
    };
    for (family, unit) in [(Family::Gamma, 1e160), (Family::Gamma, 1e-160), (Family::Gaussian, 1e-160)] {
        let says = fit(family, unit);
        assert!(says.starts_with("column `target`") && says.contains("another unit"), "{family:?}: {says}");
    }
}

#[test]
fn a_mean_of_zero_without_zeros_asks_for_another_link() {
    for link in [Link::Log, Link::Inverse] {
        let data = Training::new(dense(array![[0.0], [1.0]])).with_target(Target::Values(array![-1.0, 1.0]));
        let says = GeneralizedLinearRegressor::new(Family::Gaussian).link(link).fit(data).unwrap_err().to_string();
        assert!(says.contains("choose another link"), "{says}");
    }
}

#[test]
fn a_row_of_weight_zero_may_lie_outside_the_family() {
    let x = array![[0.0], [1.0], [2.0], [3.0], [9.0]];
    let weights = array![1.0, 1.0, 1.0, 1.0, 0.0];
    for (family, outside) in [(Family::Gamma, 0.0), (Family::Poisson, -1.0), (Family::Binomial, 2.0)] {
        let y = array![0.1, 0.3, 0.2, 0.6, outside];
        let data = Training::new(dense(x.clone())).with_target(Target::Values(y));
        let recipe = GeneralizedLinearRegressor::new(family);
        let alone = recipe.fit(data.take(&[0, 1, 2, 3])).unwrap();
        let beside = recipe.fit(data.with_weights(weights.clone())).unwrap();
        assert_all_close(beside.coefficients(), alone.coefficients(), 1e-6);
    }
}

#[test]
fn outcomes_outside_the_family_and_parameters_out_of_range_are_named() {
    let training = |y: Array1<f64>| Training::new(dense(array![[0.0], [1.0], [2.0]])).with_target(Target::Values(y));
    let says = |recipe: GeneralizedLinearRegressor, y: Array1<f64>| recipe.fit(training(y)).unwrap_err().to_string();
    let of = GeneralizedLinearRegressor::new;
    assert!(
        says(of(Family::Poisson), array![1.0, -1.0, 2.0]).starts_with("column `target`, row 2: -1: must be 0 or more")
    );
    assert!(says(of(Family::Gamma), array![1.0, 0.0, 2.0]).starts_with("column `target`, row 2: 0: must be above 0"));
    assert!(
        says(of(Family::Binomial), array![1.0, 0.0, 2.0])
            .starts_with("column `target`, row 3: 2: a share lies between")
    );
    assert!(says(of(Family::Tweedie(0.5)), array![1.0, 1.0, 2.0]).starts_with("parameter `power` = 0.5"));
    assert!(says(of(Family::Gaussian).alpha(-1.0), array![1.0, 1.0, 2.0]).starts_with("parameter `alpha` = -1.0"));
    assert!(says(of(Family::Gaussian).max_iter(0), array![1.0, 1.0, 2.0]).starts_with("parameter `max_iter` = 0"));
    assert!(says(of(Family::Gaussian).tol(0.0), array![1.0, 1.0, 2.0]).starts_with("parameter `tol` = 0.0"));
    let inverse = of(Family::Gamma).link(Link::Inverse).fit_intercept(false);
    assert!(says(inverse, array![1.0, 1.0, 2.0]).starts_with("parameter `fit_intercept` = false"));
    assert!(says(of(Family::Gaussian).link(Link::Log), array![-1.0, -1.0, -2.0]).contains("choose another link"));
    let exposed = training(array![1.0, 1.0, 2.0]).with_exposure(array![1.0, 0.0, 2.0]);
    let says = of(Family::Poisson).fit(exposed.clone()).unwrap_err().to_string();
    assert_eq!(says, "column `target`, row 2: 1 from an exposure of 0");
    assert!(of(Family::Gaussian).fit(exposed).unwrap_err().to_string().contains("an exposure multiplies the mean"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn a_row_of_weight_two_is_the_row_twice(seed in 0u64..1000, alpha in 0.0f64..1.0) {
        let data = counts(40, seed);
        let mut weights = Array1::ones(40);
        weights[7] = 2.0;
        let mut twice: Vec<usize> = (0..40).collect();
        twice.push(7);
        let recipe = PoissonRegressor::new(alpha);
        let weighted = recipe.fit(data.clone().with_weights(weights)).unwrap();
        let repeated = recipe.fit(data.take(&twice)).unwrap();
        assert_all_close(weighted.coefficients(), repeated.coefficients(), 1e-7);
    }

    #[test]
    fn a_column_times_a_number_divides_its_coefficient(seed in 0u64..1000, factor in 1e-6f64..1e6) {
        let data = counts(40, seed);
        let mut x = data.x.dense("test").unwrap().clone();
        x.column_mut(2).mapv_inplace(|v| v * factor);
        let scaled = PoissonRegressor::new(0.0).fit(Training { x: dense(x), ..data.clone() }).unwrap();
        let mut coefficients = scaled.coefficients().clone();
        coefficients[[0, 2]] *= factor;
        assert_all_close(&coefficients, PoissonRegressor::new(0.0).fit(data).unwrap().coefficients(), 1e-6);
    }
}
