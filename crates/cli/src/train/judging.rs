//! Judging a trained pipeline on rows that it did not see.

use super::{
    behind::{Calibrated, Method},
    remarks,
    report::{Importance, Report},
};
use adflux::{
    core::{Context, Error, Predict as _, Result, Rows as _, Target, Training, Transform as _},
    data::Frame,
    evaluation::{
        Measures, baseline, score,
        splits::{RowKeys, train_test_split},
    },
    pipeline::{AnyFittedPipeline, ImportanceOptions, permutation_importance},
};
use ndarray::Array1;
use std::time::Instant;

/// Rows to judge by.
pub struct Test {
    pub frame: Frame,
    pub truth: Target,
    pub weights: Option<Array1<f64>>,
}

/// Fills in what the rows held back say.
pub fn judge(
    report: &mut Report,
    fitted: &AnyFittedPipeline,
    train: &Training<Frame>,
    test: &Test,
    calibrated: Option<Method>,
    measures: &Measures,
) -> Result<()> {
    let start = Instant::now();
    let prediction = fitted.run(&test.frame)?;
    report.seconds.predict = start.elapsed().as_secs_f64();
    report.warnings.extend(remarks::below_zero(train.target.as_ref(), &prediction));
    report.rows.test = test.frame.rows();
    let weights = test.weights.as_ref().map(Array1::view);
    let usual = score(&test.truth, &prediction, weights)?;
    report.metrics = measures.score(&test.truth, &prediction, weights)?;
    let learned = train.target.as_ref().ok_or_else(|| Error::data("there is no target"))?;
    let constant = baseline(learned, train.weights.as_ref().map(Array1::view), test.frame.rows())?;
    // Named measures of a constant need not be defined, nor those of intervals.
    report.baseline = match measures.is_default() {
        true => score(&test.truth, &constant, weights)?,
        false => measures.score_where_defined(&test.truth, &constant, weights).unwrap_or_default(),
    };

    if let Some(method) = calibrated {
        let x = fitted.preprocessor.transform(test.frame.conform(&fitted.schema)?)?;
        let before = score(&test.truth, &fitted.model.predict(&x)?, weights)?;
        report.calibration = Some(Calibrated::new(method, &before, &usual));
    }
    Ok(())
}

/// Fills in how much the model relies on each column.
pub fn weigh(
    report: &mut Report,
    fitted: &AnyFittedPipeline,
    test: &Test,
    repeats: usize,
    context: &Context,
) -> Result<()> {
    report.unweighed = repeats == 0;
    if report.unweighed {
        return Ok(());
    }
    // Where the measure is not defined (one row, one class), neither is how much worse it gets.
    let main = score(&test.truth, &fitted.run(&test.frame)?, test.weights.as_ref().map(Array1::view))?;
    if main.main().is_none_or(|(_, value)| value.is_nan()) {
        return Ok(());
    }
    let start = Instant::now();
    let rows = some_rows(&test.truth, IMPORTANCE_ROWS, fitted.training.seed)?;
    let mut data = Training::new(test.frame.take(&rows)).with_target(test.truth.take(&rows));
    data.weights = test.weights.as_ref().map(|w| w.take(&rows));
    let options = ImportanceOptions { seed: fitted.training.seed, repeats };
    let importance = permutation_importance(fitted, &data, &options, context)?;
    report.importance = importance.into_iter().map(Importance::from).collect();
    report.seconds.importance = start.elapsed().as_secs_f64();
    Ok(())
}

/// At most `most` rows, drawn, with the classes in the shares they have.
fn some_rows(truth: &Target, most: usize, seed: u64) -> Result<Vec<usize>> {
    if truth.len() <= most {
        return Ok((0..truth.len()).collect());
    }
    let keys = RowKeys::of(&Training::new(()).with_target(truth.clone()));
    Ok(train_test_split(truth.len(), most as f64 / truth.len() as f64, &keys.options(Some(seed)))?.test)
}

/// Rows that the importance of columns is measured on, so that it takes seconds on any table.
const IMPORTANCE_ROWS: usize = 1000;

/// Of more columns it takes longer than all else, and is not measured unless it is asked for.
pub const IMPORTANCE_COLUMNS: usize = 300;
