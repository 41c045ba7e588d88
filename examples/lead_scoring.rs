//! Whom to call first? A network with learned vectors for categories beside boosted trees, on real customers of whom some left.
//!
//! `cargo run --release --features neural --example lead_scoring`

use adflux::{
    core::Rows as _,
    evaluation::{
        metrics::gain_at,
        splits::{RowKeys, train_test_split},
    },
    neural::MlpClassifier,
    prelude::*,
};
use std::time::Instant;

fn main() -> Result<()> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/data/telco_churn.csv");
    // `female` is kept beside, for measures of fairness, and is nothing to learn from.
    let frame = Frame::read_csv(path)?.with_role("churn", Role::Target)?.with_role("female", Role::Sensitive)?;
    let columns: Vec<String> = frame.names_with(Role::Feature).into_iter().map(str::to_string).collect();
    let data = frame.training()?;
    let split = train_test_split(data.len(), 0.2, &RowKeys::of(&data).options(Some(42)))?;
    let (train, held_back) = (data.take(&split.train), frame.take(&split.test));
    let target = data.classes("lead_scoring")?;
    let left: Vec<bool> = split.test.iter().map(|row| target.codes[*row] == 1).collect();
    println!(
        "{} customers to learn from, {} held back, of whom {} left\n",
        train.len(),
        left.len(),
        left.iter().filter(|l| **l).count()
    );

    println!("{:<22}{:>9}{:>28}{:>9}", "", "ROC AUC", "leavers in the first tenth", "seconds");
    let report = |name: &str, fitted: &dyn Fn() -> Result<(f64, ndarray::Array1<f64>)>| -> Result<()> {
        let start = Instant::now();
        let (auc, scores) = fitted()?;
        let first = gain_at(&left, scores.view(), 0.1, None)?;
        println!("{name:<22}{auc:>9.3}{:>26.0} %{:>9.1}", 100.0 * first, start.elapsed().as_secs_f64());
        Ok(())
    };
    let preprocessor = ColumnTransformer::auto(&frame, &columns)?;
    report("boosted trees", &|| {
        let model = GradientBoostingClassifier::new(100).learning_rate(0.05).num_leaves(15);
        let fitted = Pipeline::new(preprocessor.clone(), model).fit(train.clone())?;
        let auc = fitted.score(&held_back)?.get("roc_auc").unwrap_or(f64::NAN);
        Ok((auc, fitted.run(&held_back)?.classes()?.probabilities.column(1).to_owned()))
    })?;
    report("network", &|| {
        let fitted =
            Pipeline::new(preprocessor.clone(), MlpClassifier::new([64, 32]).dropout(0.2)).fit(train.clone())?;
        let auc = fitted.score(&held_back)?.get("roc_auc").unwrap_or(f64::NAN);
        Ok((auc, fitted.run(&held_back)?.classes()?.probabilities.column(1).to_owned()))
    })?;
    println!("\nA tenth called at random would hold a tenth of them.");
    Ok(())
}
