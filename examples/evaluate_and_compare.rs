//! Is the larger forest better, or was it luck? Two pipelines on the same folds, and a difference with an interval.
//!
//! `cargo run --release --example evaluate_and_compare`

use adflux::{
    core::{Context, Rows as _},
    evaluation::{
        paired::PairedTest,
        splits::{KFold, RowKeys, train_test_split},
    },
    pipeline::CrossValidation,
    prelude::*,
};

fn main() -> Result<()> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/data/telco_churn.csv");
    let frame = Frame::read_csv(path)?.with_role("churn", Role::Target)?;
    let columns: Vec<String> = frame.names_with(Role::Feature).into_iter().map(str::to_string).collect();
    let data = frame.training()?;

    // A fifth is held back, with its share of those who left; it takes no part in any choice.
    let split = train_test_split(data.len(), 0.2, &RowKeys::of(&data).options(Some(42)))?;
    let (train, test) = (data.take(&split.train), frame.take(&split.test));
    println!("{} customers to learn from, {} held back", train.len(), test.rows());

    // Two recipes that differ in the size of a leaf.
    let columns = ColumnTransformer::auto(&frame, &columns)?;
    let forest = RandomForestClassifier { n_estimators: 50, ..RandomForestClassifier::default() };
    let full = Pipeline::new(columns.clone(), forest.clone());
    let pruned = Pipeline::new(columns, RandomForestClassifier { min_samples_leaf: 10, ..forest });

    // The same ten splits for both: five folds, drawn twice.
    let how = CrossValidation::new(KFold::new(5).repeats(2).seed(42)).train_scores(true);
    let context = Context::default();
    let a = full.cross_validate(&train, how.clone(), &context)?;
    let b = pruned.cross_validate(&train, how, &context)?;
    for (name, judged) in [("full trees", &a), ("pruned trees", &b)] {
        let auc = judged.measure("roc_auc").unwrap_or_default();
        let (least, most) = auc.iter().fold((1.0f64, 0.0f64), |(l, m), v| (l.min(*v), m.max(*v)));
        let mean = judged.mean().get("roc_auc").unwrap_or(f64::NAN);
        let learned = judged.folds[0].train_scores.as_ref().and_then(|s| s.get("roc_auc")).unwrap_or(f64::NAN);
        println!("{name}: ROC AUC {mean:.3} on average, {least:.3} to {most:.3}; {learned:.3} on what it learned from");
    }

    // Folds share training rows, so an ordinary t-test would be too sure of itself; this one is corrected.
    println!("\nPruned against full trees:");
    for (measure, test) in a.compare(&b, 0.95)? {
        println!("  {measure}: {}", in_words(&measure, &test));
    }

    // Out-of-fold predictions: who is most at risk, according to models that did not see them.
    let out_of_fold = b.out_of_fold(0)?;
    let risk = out_of_fold.classes()?.probabilities.column(1).to_vec();
    println!("\n{} of {} have a risk above one half", risk.iter().filter(|p| **p > 0.5).count(), risk.len());

    let better = if b.mean().get("roc_auc") > a.mean().get("roc_auc") { pruned } else { full };
    let scores = better.fit(train)?.score(&test)?;
    println!("The better one on the customers held back: ROC AUC {:.3}", scores.get("roc_auc").unwrap_or(f64::NAN));
    Ok(())
}

fn in_words(measure: &str, test: &PairedTest) -> String {
    let PairedTest { a, b, difference, lower, upper, p_value, .. } = test;
    let p = if *p_value < 0.001 { "p < 0.001".into() } else { format!("p = {p_value:.3}") };
    let numbers = format!("{a:.3} to {b:.3}, a difference of {difference:+.4} ({lower:+.4} to {upper:+.4}, {p})");
    match adflux::evaluation::higher_is_better(measure) {
        _ if *lower <= 0.0 && *upper >= 0.0 => format!("{numbers}: as well by chance"),
        Some(more) if (*difference > 0.0) == more => format!("{numbers}: better"),
        Some(_) => format!("{numbers}: worse"),
        None => format!("{numbers}: different"),
    }
}
