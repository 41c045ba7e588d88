//! Shapley values against functions whose values are known.

use adflux_core::{Context, Error, Result};
use adflux_data::Frame;
use adflux_pipeline::{Explanation, Shapley};
use adflux_testing::assert_close;
use std::cell::RefCell;

fn columns() -> Vec<String> {
    ["budget", "platform", "audience"].map(String::from).into()
}

fn background() -> Frame {
    Frame::builder()
        .numbers("audience", vec![100.0, 300.0, 700.0, 1100.0, 1300.0])
        .numbers("budget", vec![10.0, 20.0, 40.0, 80.0, 160.0])
        .texts("platform", ["META", "GOOGLE", "META", "TIKTOK", "GOOGLE"])
        .numbers("unused", vec![0.0; 5])
        .build()
        .unwrap()
}

fn row() -> Frame {
    Frame::builder()
        .numbers("budget", vec![50.0])
        .texts("platform", ["TIKTOK"])
        .numbers("audience", vec![500.0])
        .build()
        .unwrap()
}

fn of_platform(platform: &str) -> f64 {
    [("META", 5.0), ("GOOGLE", -3.0)].into_iter().find(|(p, _)| *p == platform).map_or(20.0, |(_, v)| v)
}

/// budget² / 100 + a number for the platform: the audience does not matter.
fn additive(frame: &Frame) -> Result<Vec<f64>> {
    let budget = frame.numbers("budget")?;
    Ok(budget.iter().zip(frame.texts("platform")?.iter()).map(|(b, p)| b * b / 100.0 + of_platform(p)).collect())
}

/// All three columns at once.
fn interacting(frame: &Frame) -> Result<Vec<f64>> {
    let (additive, audience) = (additive(frame)?, frame.numbers("audience")?);
    Ok(additive.iter().zip(audience).map(|(a, b)| a * b.sqrt() - if b > 400.0 { a * a } else { 0.0 }).collect())
}

fn explain(predict: impl Fn(&Frame) -> Result<Vec<f64>>, shapley: &Shapley) -> Explanation {
    shapley.explain(&row(), &background(), &columns(), predict, &Context::default()).unwrap()
}

fn effect(explanation: &Explanation, column: &str) -> f64 {
    explanation.contributions.iter().find(|c| c.column == column).unwrap().effect
}

#[test]
fn effects_add_up_to_the_prediction_less_the_base() {
    for (permutations, seed) in [(1, 0), (7, 1), (64, 42)] {
        let explanation = explain(interacting, &Shapley { permutations, seed });
        let sum: f64 = explanation.contributions.iter().map(|c| c.effect).sum();
        assert_close(sum, explanation.prediction - explanation.base, 1e-12);
        assert_close(explanation.prediction, interacting(&row()).unwrap()[0], 1e-12);
    }
}

#[test]
fn an_additive_function_is_explained_exactly() {
    // The first row of every walk is the background row it starts from.
    let used = RefCell::new(Vec::new());
    let watched = |frame: &Frame| {
        let (budget, platform) = (frame.numbers("budget")?, frame.texts("platform")?);
        used.replace((0..frame.rows()).step_by(4).map(|r| (budget[r], platform[r].clone())).collect());
        additive(frame)
    };
    let explanation = explain(watched, &Shapley { permutations: 10, seed: 3 });
    let used = used.into_inner();
    assert_eq!(used.len(), 20, "each order is walked backwards too");
    let mean = |of: &dyn Fn(&(f64, String)) -> f64| used.iter().map(of).sum::<f64>() / used.len() as f64;
    assert_close(effect(&explanation, "budget"), 25.0 - mean(&|(b, _)| b * b / 100.0), 1e-12);
    assert_close(effect(&explanation, "platform"), 20.0 - mean(&|(_, p)| of_platform(p)), 1e-12);
    assert_close(explanation.base, mean(&|(b, p)| b * b / 100.0 + of_platform(p)), 1e-12);
}

#[test]
fn a_column_that_does_not_matter_gets_nothing_and_comes_last() {
    let explanation = explain(additive, &Shapley::default());
    assert_eq!(effect(&explanation, "audience"), 0.0);
    let order: Vec<&str> = explanation.contributions.iter().map(|c| c.column.as_str()).collect();
    assert_eq!(order.last(), Some(&"audience"));
    let sizes: Vec<f64> = explanation.contributions.iter().map(|c| c.effect.abs()).collect();
    assert!(sizes.windows(2).all(|w| w[0] >= w[1]), "{sizes:?}");
    let values: Vec<&str> = ["budget", "platform"]
        .map(|c| explanation.contributions.iter().find(|p| p.column == c).unwrap().value.as_str())
        .into();
    assert_eq!(values, ["50", "TIKTOK"]);
}

#[test]
fn a_product_is_shared_as_shapley_says() {
    // From (2, 3) to (10, 7): ½ [(10 − 2)·3 + (10 − 2)·7] = 40 for a, ½ [(7 − 3)·2 + (7 − 3)·10] = 24 for b.
    let of = |a: f64, b: f64| Frame::builder().numbers("a", vec![a]).numbers("b", vec![b]).build().unwrap();
    let product = |f: &Frame| Ok(f.numbers("a")?.iter().zip(f.numbers("b")?).map(|(a, b)| a * b).collect());
    let shapley = Shapley { permutations: 1, seed: 9 };
    let explanation = shapley
        .explain(&of(10.0, 7.0), &of(2.0, 3.0), &["a".into(), "b".into()], product, &Context::default())
        .unwrap();
    assert_eq!((explanation.base, explanation.prediction), (6.0, 70.0));
    assert_eq!((effect(&explanation, "a"), effect(&explanation, "b")), (40.0, 24.0));
}

#[test]
fn the_seed_decides() {
    let of = |seed| explain(interacting, &Shapley { permutations: 5, seed });
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
}

#[test]
fn what_cannot_be_explained_is_an_error() {
    let says = |shapley: &Shapley, row: &Frame, background: &Frame, columns: &[String]| {
        shapley.explain(row, background, columns, additive, &Context::default()).unwrap_err().to_string()
    };
    let shapley = Shapley::default();
    let needs = "an explanation needs one row, a background of at least one, and a column";
    assert_eq!(says(&shapley, &background(), &background(), &columns()), needs);
    use adflux_core::Rows as _;
    assert_eq!(says(&shapley, &row(), &background().take(&[]), &columns()), needs);
    assert_eq!(says(&shapley, &row(), &background(), &[]), needs);
    let none = Shapley { permutations: 0, seed: 0 };
    assert_eq!(says(&none, &row(), &background(), &columns()), "parameter `permutations` = 0: must be at least 1");
    let misspelt = ["budgets".to_string()];
    assert!(says(&shapley, &row(), &background(), &misspelt).contains("`budgets` (did you mean `budget`?)"));

    let with = |predict: fn(&Frame) -> Result<Vec<f64>>, context: &Context| {
        shapley.explain(&row(), &background(), &columns(), predict, context).unwrap_err()
    };
    let short = with(|_| Ok(vec![1.0]), &Context::default());
    assert_eq!(short.to_string(), "`predict` must give one number a row");
    let failing = with(|_| Err(Error::data("no")), &Context::default());
    assert_eq!(failing.to_string(), "no");
    let context = Context::default();
    context.cancel_token().cancel();
    assert!(matches!(with(additive, &context), Error::Cancelled));
}
