//! Measures by name: each is the function it is called after, and what cannot be is said.

use adflux_core::{ClassTarget, Classes, Context, Intervals, MultiTarget, Prediction, Target};
use adflux_evaluation::{
    BootstrapOptions, Measures,
    calibration::Bins,
    higher_is_better,
    metrics::{self, Average, ConfusionMatrix, Disagreement},
    score, score_intervals_of,
};
use ndarray::{Array1, Array2, array};

fn numbers() -> (Array1<f64>, Array1<f64>) {
    let truth = Array1::from_shape_fn(60, |i| 1.0 + (i * 7 % 13) as f64);
    let predicted = Array1::from_shape_fn(60, |i| truth[i] * (0.8 + (i % 5) as f64 / 10.0));
    (truth, predicted)
}

fn classes() -> (ClassTarget, Classes) {
    let truth: Vec<&str> = (0..80).map(|i| if i * 7 % 10 < 3 { "yes" } else { "no" }).collect();
    let probabilities = Array2::from_shape_fn((80, 2), |(i, label)| {
        let yes = 0.1 + 0.8 * ((i * 7 % 10 < 4) as u8 as f64) * ((i % 9) as f64 / 9.0);
        if label == 1 { yes } else { 1.0 - yes }
    });
    (ClassTarget::from_labels(&truth), Classes { labels: vec!["no".to_string(), "yes".into()].into(), probabilities })
}

#[test]
fn each_name_is_its_function_and_has_a_better_end() {
    let (y, p) = numbers();
    let weights = Array1::from_shape_fn(60, |i| 1.0 + (i % 3) as f64);
    let (truth, predicted) = (Target::Values(y.clone()), Prediction::Values(p.clone()));
    let names = Measures::available(&truth, &predicted).unwrap();
    let found = Measures::new(names.clone()).score(&truth, &predicted, Some(weights.view())).unwrap();
    assert_eq!(found.len(), 3 + 12);
    assert!(names.iter().all(|name| higher_is_better(name).is_some()), "{names:?}");
    let (y, p, w) = (y.view(), p.view(), Some(weights.view()));
    for (name, expected) in [
        ("mse", metrics::mse(y, p, w)),
        ("median_absolute_error", metrics::median_absolute_error(y, p, w)),
        ("max_error", metrics::max_error(y, p, w)),
        ("explained_variance", metrics::explained_variance(y, p, w)),
        ("mape", metrics::mape(y, p, w)),
        ("smape", metrics::smape(y, p, w)),
        ("wape", metrics::wape(y, p, w)),
        ("poisson_deviance", metrics::poisson_deviance(y, p, w)),
        ("gamma_deviance", metrics::gamma_deviance(y, p, w)),
        ("d2_poisson", metrics::d2_tweedie(y, p, 1.0, w)),
        ("d2_gamma", metrics::d2_tweedie(y, p, 2.0, w)),
        ("d2_absolute_error", metrics::d2_absolute_error(y, p, w)),
    ] {
        assert_eq!(found.get(name), expected.ok(), "{name}");
    }
    let (lower, upper) = (&p - 1.0, &p + 1.0);
    let intervals = Prediction::Intervals(Intervals { mean: p.to_owned(), lower, upper, level: 0.9 });
    assert_eq!(Measures::new(["wape"]).score(&truth, &intervals, w).unwrap().get("wape"), found.get("wape"));

    let (y, p) = classes();
    let codes: Array1<u32> = y.codes.clone();
    let is_yes: Vec<bool> = codes.iter().map(|code| *code == 1).collect();
    let best: Array1<u32> = p.most_probable().into_iter().map(|c| c as u32).collect();
    let table = ConfusionMatrix::new(codes.view(), best.view(), 2, None).unwrap();
    let said = p.probabilities.column(1).to_owned();
    let (truth, predicted) = (Target::Classes(y), Prediction::Classes(p));
    let names = Measures::available(&truth, &predicted).unwrap();
    let found = Measures::new(names.clone()).score(&truth, &predicted, None).unwrap();
    assert!(found.len() == 6 + 8 && names.iter().all(|name| higher_is_better(name).is_some()), "{names:?}");
    for (name, expected) in [
        ("balanced_accuracy", table.balanced_accuracy()),
        ("mcc", table.mcc()),
        ("cohen_kappa", table.cohen_kappa(Disagreement::Any).unwrap()),
        ("precision", table.precision(Average::Binary).unwrap()),
        ("recall", table.recall(Average::Binary).unwrap()),
        ("ece", metrics::ece(&is_yes, said.view(), Bins::EqualWidth(10), None).unwrap()),
        ("gain_at_10", metrics::gain_at(&is_yes, said.view(), 0.1, None).unwrap()),
        ("lift_at_10", metrics::lift_at(&is_yes, said.view(), 0.1, None).unwrap()),
    ] {
        assert_eq!(found.get(name), Some(expected), "{name}");
    }
}

#[test]
fn of_several_targets_a_name_stands_for_each_and_no_name_for_the_usual() {
    let (y, p) = numbers();
    let values = ndarray::stack![ndarray::Axis(1), y, y.mapv(|v| 2.0 * v)];
    let names = vec!["clicks".to_string(), "views".into()];
    let truth = Target::Multi(MultiTarget { names: names.into(), values });
    let predicted = Prediction::Multi(vec![
        ("clicks".into(), Prediction::Values(p.clone())),
        ("views".into(), Prediction::Values(p)),
    ]);
    let of = |given: &str| {
        let scores = given.parse::<Measures>().unwrap().score(&truth, &predicted, None).unwrap();
        scores.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(of("wape, views.mae"), ["clicks.wape", "views.wape", "views.mae"]);
    assert_eq!(of(""), score(&truth, &predicted, None).unwrap().iter().map(|(n, _)| n).collect::<Vec<_>>());
}

#[test]
fn what_is_not_there_or_not_defined_is_said() {
    let (truth, predicted) = (Target::Values(array![0.0, 0.0]), Prediction::Values(array![1.0, 0.0]));
    let says = |name: &str| Measures::new([name]).score(&truth, &predicted, None).unwrap_err().to_string();
    assert!(says("wapee").contains("did you mean `wape`? this target can be judged by r2, rmse, mae, mse"));
    assert!(says("mcc").contains("this target can be judged by"));
    assert!(says("wape").contains("`measures` = \"wape\"") && says("wape").contains("all are 0"), "{}", says("wape"));
    let found = Measures::new(["wape", "mae"]).score_where_defined(&truth, &predicted, None).unwrap();
    assert!(found.get("wape").unwrap().is_nan() && found.get("mae") == Some(0.5));
}

#[test]
fn a_named_measure_has_an_interval() {
    let (y, p) = numbers();
    let options = BootstrapOptions { resamples: 200, ..BootstrapOptions::default() };
    let (truth, predicted) = (Target::Values(y), Prediction::Values(p));
    let wanted = Measures::new(["wape"]);
    let found = score_intervals_of(&wanted, &truth, &predicted, None, None, &options, &Context::default()).unwrap();
    let [only] = &found[..] else { panic!("{found:?}") };
    assert!(only.measure == "wape" && only.lower < only.value && only.value < only.upper, "{only:?}");
}
