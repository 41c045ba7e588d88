//! `adflux train`: learn from a table, judge on rows held back, save one file.

mod recipe;
mod report;

use crate::{
    columns::{Columns, Excluded, in_order, none_left, unusable},
    format::{Format, print_json, print_text},
    places::{apart, is_for_a_pipeline},
};
use adflux::{
    core::{Context, Error, Result, Rows as _, Target, Training},
    data::{ColumnKind, Frame, Role, Task as TargetTask},
    evaluation::{
        baseline, score,
        splits::{FoldOptions, train_test_split},
    },
    pipeline::{AnyFittedPipeline, ImportanceOptions, permutation_importance},
    postprocessing::Language,
    preprocessing::ColumnTransformer,
};
use clap::ValueEnum;
use ndarray::Array1;
use recipe::{ModelType, Param, SpecFile, Wish};
use report::{CrossValidation, Importance, Report, RowCounts, Seconds};
use std::{path::PathBuf, time::Instant};

/// Train a model on a table, judge it on rows held back, and save it as one file.
///
/// Columns that name a row, hold one value only, give the target away, or give a sensitive column away are found, reported
/// and left out. The saved pipeline is the one that was judged: with `--test-size 0` it learns from all rows and is not
/// judged.
///
/// Example: adflux train customers.csv --target churn -o churn.adflux
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The table: .csv, .tsv or .ndjson; `-` is standard input.
    file: PathBuf,
    /// The column to predict; several (a,b,c) for a specification whose model predicts several.
    #[arg(long, required = true, value_name = "COL", value_delimiter = ',')]
    target: Vec<String>,
    /// Numbers or classes. Default: classes for text, truth values, and numbers that are only 0 and 1.
    #[arg(long, value_enum)]
    task: Option<Task>,
    /// The model.
    #[arg(long, value_enum, value_name = "T", default_value = "random-forest", conflicts_with = "spec")]
    model_type: ModelType,
    /// A TOML file that describes preprocessor, model and postprocessor (docs/specification.md).
    #[arg(long, value_name = "F.toml")]
    spec: Option<PathBuf>,
    /// A parameter of the model, by its name in docs/specification.md; may be given again.
    #[arg(long, value_name = "NAME=VALUE")]
    param: Vec<Param>,
    /// Put an interval around each number that holds this share of outcomes, for example 0.8.
    #[arg(long, value_name = "P")]
    interval: Option<f64>,
    /// The seed of everything drawn. Default 42, or what the specification says.
    #[arg(long)]
    seed: Option<u64>,
    /// The pipeline file to write.
    #[arg(short, long, value_name = "M.adflux")]
    output: Option<PathBuf>,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    columns: Columns,
    /// How much each row counts.
    #[arg(long, value_name = "COL", help_heading = "Columns")]
    weight: Option<String>,
    /// What the target is counted over, for models that use it (funnel-regressor).
    #[arg(long, value_name = "COL", help_heading = "Columns", requires = "spec")]
    exposure: Option<String>,
    /// Rows with the same value here are never split between learning and judging.
    #[arg(long, value_name = "COL", help_heading = "Columns")]
    group: Option<String>,
    /// When a row happened: the latest rows are held back.
    #[arg(long, value_name = "COL", help_heading = "Columns")]
    time: Option<String>,
    /// The share of rows to hold back; 0 for none.
    #[arg(long, value_name = "SHARE", default_value_t = 0.2, help_heading = "Judging")]
    test_size: f64,
    /// Judge on this table, and learn from all rows of the other.
    #[arg(long, value_name = "F2", conflicts_with = "test_size", help_heading = "Judging")]
    test: Option<PathBuf>,
    /// Judge by cross-validation on the learning rows as well, with this many folds.
    #[arg(long, value_name = "K", help_heading = "Judging")]
    cv: Option<usize>,
}

/// What is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Task {
    /// A number.
    Regression,
    /// A class, with probabilities.
    Classification,
}

impl Task {
    fn of(target: Option<&Target>) -> Self {
        if matches!(target, Some(Target::Classes(_))) { Task::Classification } else { Task::Regression }
    }

    fn name(self) -> &'static str {
        match self {
            Task::Regression => "regression",
            Task::Classification => "classification",
        }
    }
}

/// Rows to judge by.
struct Test {
    frame: Frame,
    truth: Target,
    weights: Option<Array1<f64>>,
}

/// Runs the command.
pub fn run(arguments: &Arguments, context: &Context) -> Result<()> {
    let registry = adflux::registry()?;
    // What cannot work is found out before the work.
    if let Some(path) = &arguments.output {
        is_for_a_pipeline(path)?;
    }
    let input = Some(&arguments.file);
    apart([input, arguments.output.as_ref(), arguments.spec.as_ref()])?;
    let spec = arguments.spec.as_deref().map(SpecFile::read).transpose()?;
    let here = |e: Error| e.in_file(&arguments.file);
    let (mut frame, mut excluded) = arguments.roles(Frame::read(&arguments.file)?).map_err(here)?;
    if spec.as_ref().is_none_or(|spec| spec.chooses_columns()) {
        frame = left_out_by_itself(frame, &mut excluded).map_err(here)?;
    }
    let data = arguments.training(&frame).map_err(here)?;
    data.validate().map_err(|e| here(arguments.in_columns(e)))?;
    let other = arguments.other_table(&frame)?;
    let task = Task::of(data.target.as_ref());
    let wish = Wish {
        model_type: arguments.model_type,
        spec,
        params: &arguments.param,
        interval: arguments.interval,
        seed: arguments.seed,
    };
    let (pipeline, model) = wish.pipeline(&frame, task, &registry)?;

    let (train, held_back) = arguments.split(&frame, data, pipeline.seed)?;
    let mut fitted = pipeline.fit_with(train.clone(), context).map_err(|e| explained(e, &excluded))?;
    fitted.training.ids = arguments.columns.row_names(&frame)?;

    let mut report = Report::new(model, task, &arguments.target, train.target.as_ref(), excluded);
    report.rows = RowCounts { train: train.len(), test: 0 };
    report.seconds = Seconds {
        preprocess: fitted.training.preprocess_seconds,
        fit: fitted.training.seconds - fitted.training.preprocess_seconds,
        predict: 0.0,
    };
    let judged = arguments.test.as_ref().unwrap_or(&arguments.file);
    if let Some(test) = arguments.test_rows(held_back, other, &fitted)? {
        judge(&mut report, &fitted, &train, &test, context).map_err(|e| e.in_file(judged))?;
        fitted.training.metrics =
            report.metrics.iter().filter(|(_, v)| v.is_finite()).map(|(n, v)| (n.to_string(), v)).collect();
    }
    if let Some(folds) = arguments.cv {
        let scores = pipeline.cross_validate(&train, folds, context)?;
        report.cv = Some(CrossValidation::of(&scores));
    }
    if let Some(path) = &arguments.output {
        fitted.save(path)?;
        report.saved = Some(path.clone());
    }
    match arguments.format {
        Format::Json => print_json(&report),
        Format::Table => print_text(&report.words()),
    }
}

impl Arguments {
    /// Gives every column its role.
    fn roles(&self, mut frame: Frame) -> Result<(Frame, Vec<Excluded>)> {
        frame.require(&self.target)?;
        if let Some(twice) = (1..self.target.len()).find(|i| self.target[..*i].contains(&self.target[*i])) {
            return Err(Error::column(&self.target[twice], "named twice as target"));
        }
        for column in &self.target {
            frame = frame.with_role(column, Role::Target)?;
        }
        for (column, role) in [(&self.weight, Role::Weight), (&self.group, Role::Group), (&self.time, Role::Time)] {
            if let Some(column) = column {
                frame = frame.with_role(column, role)?;
            }
        }
        self.columns.choose(frame, Language::En)
    }

    fn training(&self, frame: &Frame) -> Result<Training<Frame>> {
        let task = match self.task {
            Some(Task::Regression) => TargetTask::Regression,
            Some(Task::Classification) => TargetTask::Classification,
            None if self.is_yes_or_no(frame)? => TargetTask::Classification,
            None => TargetTask::Auto,
        };
        let data = frame.training_as(task)?;
        if let (Some(value), [target]) = (data.target.as_ref().and_then(only_value), &self.target[..]) {
            return Err(Error::column(target, format!("has one value only ({value}): there is nothing to predict")));
        }
        if let (Some(Target::Classes(c)), [target]) = (&data.target, &self.target[..])
            && c.labels.len() > 20
            && 2 * c.labels.len() > data.len()
        {
            let (labels, rows) = (c.labels.len(), data.len());
            let reason = format!(
                "{labels} different values in {rows} rows are no classes; numbers are written with a point for the fraction and \
                 without separators of thousands, such as 39185.47"
            );
            return Err(Error::column(target, reason));
        }
        match &self.exposure {
            // It stays among the columns: a specification may learn from it too, as from the budget of a campaign.
            Some(column) => Ok(data.with_exposure(frame.numbers(column)?.into())),
            None => Ok(data),
        }
    }

    /// Whether the only target is a column of 0 and 1: asked for without a task, that is a class.
    fn is_yes_or_no(&self, frame: &Frame) -> Result<bool> {
        let [target] = &self.target[..] else { return Ok(false) };
        Ok(frame.kind_of(target)? == ColumnKind::Number
            && frame.numbers(target)?.iter().all(|v| *v == 0.0 || *v == 1.0 || v.is_nan()))
    }

    /// The rows to learn from, and those held back.
    fn split(&self, frame: &Frame, data: Training<Frame>, seed: u64) -> Result<(Training<Frame>, Option<Test>)> {
        if self.test.is_some() || self.test_size == 0.0 {
            return Ok((data, None));
        }
        let strata = match &data.target {
            Some(Target::Classes(c)) => Some(c.codes.to_vec()),
            _ => None,
        };
        let (groups, time) = (data.groups.as_ref().map(Array1::to_vec), data.time.as_ref().map(Array1::to_vec));
        let options = FoldOptions {
            groups: groups.as_deref(),
            time: time.as_deref(),
            strata: strata.as_deref(),
            shuffle: Some(seed),
        };
        let fold = train_test_split(data.len(), self.test_size, &options)?;
        let test = data.take(&fold.test);
        let held_back = test.target.map(|truth| Test { frame: frame.take(&fold.test), truth, weights: test.weights });
        Ok((data.take(&fold.train), held_back))
    }

    /// The table of `--test`, its columns read as those of `frame`.
    fn other_table(&self, frame: &Frame) -> Result<Option<Frame>> {
        let Some(path) = &self.test else { return Ok(None) };
        let other = Frame::read_with(path, &frame.schema())?;
        let needed: Vec<&String> = self.target.iter().chain(&self.weight).collect();
        other.require(&needed).map_err(|e| e.in_file(path))?;
        Ok(Some(other))
    }

    /// The rows to judge by: those held back, or those of `--test`.
    fn test_rows(
        &self,
        held_back: Option<Test>,
        other: Option<Frame>,
        fitted: &AnyFittedPipeline,
    ) -> Result<Option<Test>> {
        let (Some(path), Some(frame)) = (&self.test, other) else { return Ok(held_back) };
        let of_file = |e: Error| e.in_file(path);
        let truth = fitted.target_of(&frame).map_err(of_file)?;
        let weights = self.weight.as_ref().map(|w| frame.numbers(w)).transpose().map_err(of_file)?;
        Ok(Some(Test { frame, truth, weights: weights.map(Into::into) }))
    }

    /// An error about the training data, with the names that the columns have in the file.
    fn in_columns(&self, error: Error) -> Error {
        let Error::Column { column, row, reason } = error else { return error };
        let named = match (column.as_str(), &self.target[..]) {
            ("weights", _) => self.weight.clone(),
            ("exposure", _) => self.exposure.clone(),
            ("target", [target]) => Some(target.clone()),
            _ => None,
        };
        Error::Column { column: named.unwrap_or(column), row, reason }
    }
}

/// What the automatic preprocessor makes nothing of is left out, and said so.
fn left_out_by_itself(mut frame: Frame, excluded: &mut Vec<Excluded>) -> Result<Frame> {
    let features: Vec<String> = frame.names_with(Role::Feature).into_iter().map(str::to_string).collect();
    let used: Vec<String> = match ColumnTransformer::auto(&frame, &features) {
        Ok(all) => all.branches().iter().flat_map(|branch| branch.columns().to_vec()).collect(),
        Err(_) => Vec::new(),
    };
    for column in features.iter().filter(|column| !used.contains(column)) {
        excluded.push(Excluded { column: column.clone(), reason: unusable(&frame, column, Language::En)?.into() });
        frame = frame.with_role(column, Role::Ignore)?;
    }
    in_order(excluded, &frame);
    if used.is_empty() { Err(none_left(excluded)) } else { Ok(frame) }
}

/// The value of a target that has no other.
fn only_value(target: &Target) -> Option<String> {
    match target {
        Target::Values(y) => y.first().filter(|first| y.iter().all(|v| v == *first)).map(f64::to_string),
        Target::Classes(c) => c.labels.first().filter(|_| c.labels.len() == 1).cloned(),
        _ => None,
    }
}

/// Fills in what the rows held back say.
fn judge(
    report: &mut Report,
    fitted: &AnyFittedPipeline,
    train: &Training<Frame>,
    test: &Test,
    context: &Context,
) -> Result<()> {
    let start = Instant::now();
    let prediction = fitted.run(&test.frame)?;
    report.seconds.predict = start.elapsed().as_secs_f64();
    report.rows.test = test.frame.rows();
    let weights = test.weights.as_ref().map(Array1::view);
    report.metrics = score(&test.truth, &prediction, weights)?;
    let learned = train.target.as_ref().ok_or_else(|| Error::data("there is no target"))?;
    let constant = baseline(learned, train.weights.as_ref().map(Array1::view), test.frame.rows())?;
    report.baseline = score(&test.truth, &constant, weights)?;

    // Where the measure is not defined (one row, one class), neither is how much worse it gets.
    if report.metrics.main().is_none_or(|(_, value)| value.is_nan()) {
        return Ok(());
    }
    let rows = some_rows(&test.truth, IMPORTANCE_ROWS, fitted.training.seed)?;
    let mut data = Training::new(test.frame.take(&rows)).with_target(test.truth.take(&rows));
    data.weights = test.weights.as_ref().map(|w| w.take(&rows));
    let options = ImportanceOptions { seed: fitted.training.seed, ..Default::default() };
    let importance = permutation_importance(fitted, &data, &options, context)?;
    report.importance = importance.into_iter().map(Importance::from).collect();
    Ok(())
}

/// At most `most` rows, drawn, with the classes in the shares they have.
fn some_rows(truth: &Target, most: usize, seed: u64) -> Result<Vec<usize>> {
    if truth.len() <= most {
        return Ok((0..truth.len()).collect());
    }
    let strata = match truth {
        Target::Classes(c) => Some(c.codes.to_vec()),
        _ => None,
    };
    let options = FoldOptions { strata: strata.as_deref(), shuffle: Some(seed), ..Default::default() };
    Ok(train_test_split(truth.len(), most as f64 / truth.len() as f64, &options)?.test)
}

/// Rows that the importance of columns is measured on, so that it takes seconds on any table.
const IMPORTANCE_ROWS: usize = 1000;

/// A specification may name a column that was left out: then it is not the file that lacks it.
fn explained(error: Error, excluded: &[Excluded]) -> Error {
    let Error::Step { position, name, source } = error else { return error };
    let source = match *source {
        Error::MissingColumns { missing, available } => match excluded.iter().find(|e| missing.contains(&e.column)) {
            Some(e) => Error::column(
                &e.column,
                format!(
                    "{}, and is left out: take it out of the specification, or give --allow {}",
                    e.reason, e.column
                ),
            ),
            None => Error::MissingColumns { missing, available },
        },
        other => explained(other, excluded),
    };
    Error::Step { position, name, source: Box::new(source) }
}
