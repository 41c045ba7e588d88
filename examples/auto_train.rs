//! Which model suits a table? Several are tried on the same folds, and the best is kept, or the mean of some where that is better.
//!
//! `cargo run --release --example auto_train`

use adflux::{
    core::{AnyModelRecipe, AnyPostprocessRecipe, AnyTransformRecipe, Context, Rows as _},
    evaluation::splits::{RowKeys, train_test_split},
    pipeline::{AnyPipeline, AutoSearch, Outcome},
    postprocessing::Identity,
    prelude::*,
    regression::{LogisticRegression, candidates},
};

fn main() -> Result<()> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/data/telco_churn.csv");
    // `female` is kept beside, for measures of fairness, and is nothing to learn from.
    let frame = Frame::read_csv(path)?.with_role("churn", Role::Target)?.with_role("female", Role::Sensitive)?;
    let columns: Vec<String> = frame.names_with(Role::Feature).into_iter().map(str::to_string).collect();
    let data = frame.training()?;
    let split = train_test_split(data.len(), 0.2, &RowKeys::of(&data).options(Some(42)))?;
    let (train, test) = (data.take(&split.train), frame.take(&split.test));
    println!("{} customers to learn from, {} held back\n", train.len(), test.rows());

    // What stands before and behind the model, whichever it will be.
    let pipeline: AnyPipeline = Pipeline {
        preprocessor: AnyTransformRecipe::new(ColumnTransformer::auto(&frame, &columns)?),
        model: AnyModelRecipe::new(LogisticRegression::default()),
        postprocessor: AnyPostprocessRecipe::new(Identity::default()),
        seed: 42,
    };
    let target = train.target.as_ref().ok_or_else(|| Error::data("no target"))?;
    let context = Context::default();
    let found = AutoSearch::new(candidates(target, 42)).max_seconds(60.0).explore(
        &pipeline,
        &train,
        &adflux::registry()?,
        &context,
    )?;

    for tried in &found.tried {
        let how = match &tried.outcome {
            Outcome::Judged { .. } => format!("{} {:.3}", found.measure, tried.value().unwrap_or(f64::NAN)),
            Outcome::Failed(reason) => format!("failed: {reason}"),
            _ => "no time was left".into(),
        };
        println!("{:<26}{how}", tried.name);
    }
    println!("\n{}:", found.reason);
    for (place, share) in &found.chosen {
        println!("  {:>3.0} % {}", 100.0 * share, found.tried[*place].name);
    }

    // The recipe that was found is an ordinary one: fitted, judged, saved like any other.
    let fitted = found.best.fit(train)?;
    let scores = fitted.score(&test)?;
    println!("\nOn the customers held back: ROC AUC {:.3}", scores.get("roc_auc").unwrap_or(f64::NAN));
    Ok(())
}
