//! `adflux train`: learn from a table, judge on rows held back, save one file.

mod auto;
mod behind;
mod judging;
mod rates;
mod recipe;
mod remarks;
mod report;
mod search;
mod target;

use crate::{
    columns::{Columns, Excluded, Screened, in_order, none_left, renamed, unusable},
    format::{Format, print_json, print_text},
    places::{apart, is_for_a_pipeline},
    progress::Heard,
};
use adflux::{
    core::{Context, Error, Result, Rows as _, Target, Training},
    data::{ColumnKind, Frame, Role, Task as TargetTask},
    evaluation::{
        Measures, baseline,
        splits::{KFold, RowKeys, Split, train_test_split},
    },
    pipeline::{AnyFittedPipeline, CrossValidation, ImportanceOptions},
    postprocessing::Language,
    preprocessing::ColumnTransformer,
};
use auto::{AutoReport, TimeBudget};
use behind::Behind;
use clap::ValueEnum;
use judging::{IMPORTANCE_COLUMNS, Test, judge, weigh};
pub use recipe::Param;
use recipe::{ModelType, SpecFile, Wish};
use report::{Report, RowCounts, Seconds};
use search::{SearchReport, Wanted};
use std::path::PathBuf;

/// Train a model on a table, judge it on rows held back, and save it as one file.
///
/// Columns that name a row, hold one value only, give the target away, or give a sensitive column away are found, reported
/// and left out. The saved pipeline is the one that was judged: with `--test-size 0` it learns from all rows and is not
/// judged.
///
/// Example: adflux train customers.csv --target churn -o churn.adflux
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The table: .csv, .tsv, .ndjson or .parquet; `-` is standard input.
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
    #[command(flatten)]
    behind: Behind,
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
    /// What the target is counted over (clicks of impressions). It is learned, judged and predicted for one unit of this (the CTR), with
    /// --model-type poisson, gamma, tweedie or auto, or a --spec whose model uses an exposure.
    #[arg(long, value_name = "COL", help_heading = "Columns")]
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
    /// What to measure, by name, in place of the usual; one that is not there names all.
    #[arg(long, value_name = "NAMES", help_heading = "Judging")]
    measures: Option<Measures>,
    /// How often each column is shuffled to see how much the model relies on it; 0 leaves that out. Default: 5, and 0 for more than
    /// 300 columns, of which it would take longer than all else.
    #[arg(long, value_name = "N", help_heading = "Judging")]
    importance: Option<usize>,
    /// Judge by cross-validation on the learning rows as well: a number of folds, or a split with its parameters such as
    /// time-series,folds=5,gap=7 (docs/evaluation.md).
    #[arg(long, value_name = "K", help_heading = "Judging")]
    cv: Option<Split>,
    /// Cross-validate so many times over, with other folds each time.
    #[arg(long, value_name = "R", requires = "cv", help_heading = "Judging")]
    cv_repeats: Option<usize>,
    /// Search for the best parameters by cross-validation (the folds of --cv, or else five) on the learning rows: a TOML file with
    /// [search] and [space], or a space such as "model.max_depth=4..20,model.min_samples_leaf=1..50:log".
    #[arg(long, value_name = "SPACE", help_heading = "Search")]
    search: Option<String>,
    /// How many points the search tries. Default: that of the file, or 50.
    #[arg(long, value_name = "N", requires = "search", help_heading = "Search")]
    trials: Option<usize>,
    /// How long --model-type auto or a search may take: 60s, 5m, 1h. What was tried by then counts.
    #[arg(long, value_name = "T", help_heading = "Search")]
    time_budget: Option<TimeBudget>,
    /// Write every trial to this file, and go on with those that are there.
    #[arg(long, value_name = "F.ndjson", requires = "search", help_heading = "Search")]
    search_log: Option<PathBuf>,
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

/// Runs the command.
pub fn run(arguments: &Arguments, context: &Context) -> Result<()> {
    let registry = adflux::registry()?;
    // What cannot work is found out before the work.
    if let Some(path) = &arguments.output {
        is_for_a_pipeline(path)?;
    }
    let input = Some(&arguments.file);
    let search_file = arguments.search.as_ref().filter(|given| given.ends_with(".toml")).map(PathBuf::from);
    apart([input, arguments.output.as_ref(), arguments.spec.as_ref()])?;
    apart([input, arguments.output.as_ref(), arguments.search_log.as_ref(), search_file.as_ref()])?;
    arguments.check_auto()?;
    let (spec, wanted) = arguments.recipes()?;
    arguments.check_exposure(spec.is_some())?;
    let split = arguments.cv_split()?;
    arguments.has_times(split.as_ref().or(wanted.as_ref().map(|wanted| &wanted.search.split)))?;
    if let Some(test) = &arguments.test {
        remarks::another_file(&arguments.file, test)?;
    }
    let here = |e: Error| e.in_file(&arguments.file);
    let Screened { mut frame, left_out: mut excluded, suspects } =
        arguments.roles(Frame::read(&arguments.file)?).map_err(here)?;
    if spec.as_ref().is_none_or(|spec| spec.chooses_columns()) {
        frame = left_out_by_itself(frame, &mut excluded).map_err(here)?;
    }
    let data = arguments.training(&frame).map_err(here)?;
    data.validate().map_err(|e| here(arguments.in_columns(e)))?;
    arguments.can_be_measured(data.target.as_ref())?;
    let other = arguments.other_table(&frame)?;
    let task = Task::of(data.target.as_ref());
    let wish = Wish {
        model_type: arguments.model_type,
        spec,
        params: &arguments.param,
        behind: &arguments.behind,
        seed: arguments.seed,
    };
    let (pipeline, model) = wish.pipeline(&frame, task, &registry)?;

    let (train, held_back) = arguments.split(&frame, data, pipeline.seed).map_err(|e| here(arguments.in_columns(e)))?;
    let learned = arguments.learned(&train).map_err(|e| here(arguments.in_columns(e)))?;
    let mut tried = None;
    let (pipeline, searched) = match wanted {
        None if arguments.is_auto() => {
            let found = arguments.find_model(&pipeline, &learned, &registry, context).map_err(of_cv)?;
            tried = Some(AutoReport::of(&found));
            (found.best, None)
        }
        Some(wanted) => {
            let log = arguments.search_log.as_deref();
            let search = wanted.with(arguments.trials, arguments.seed, split.clone(), log, arguments.time_budget);
            let searched =
                search.explore(&pipeline, &learned, &registry, context).map_err(|e| explained(of_cv(e), &excluded))?;
            let report = SearchReport::of(&search, &searched);
            (searched.best, Some(report))
        }
        None => (pipeline, None),
    };
    let heard = Heard::on_terminal();
    let of_fit = context.clone().with_progress(heard.clone());
    let mut fitted = pipeline.fit_with(learned.clone(), &of_fit).map_err(|e| explained(e, &excluded))?;
    fitted.training.ids = arguments.columns.row_names(&frame)?;
    if let (Some(truth @ Target::Values(_)), true) =
        (&train.target, learned.exposure.is_none() && train.exposure.is_some())
    {
        // It learned rates that were made of these totals, by which later data is judged.
        fitted.training.fingerprint = fitted.fingerprint_of(&train.x, truth)?;
        (fitted.training.per_exposure, fitted.training.exposure_column) = (true, arguments.exposure.clone());
    }

    let mut report = Report::new(model, task, &arguments.target_names(task), train.target.as_ref(), excluded);
    report.rows = RowCounts { train: train.len(), test: 0 };
    report.seconds = Seconds {
        preprocess: fitted.training.preprocess_seconds,
        fit: fitted.training.seconds - fitted.training.preprocess_seconds,
        ..Seconds::default()
    };
    let judged = arguments.test.as_ref().unwrap_or(&arguments.file);
    let measures = arguments.measures.clone().unwrap_or_default();
    if held_back.is_some() {
        let held_back = frame.rows() - train.len();
        report.warnings.extend(remarks::share_of_groups(
            arguments.group.as_ref(),
            arguments.test_size,
            held_back,
            frame.rows(),
        ));
    }
    if let Some(other) = &other {
        let read = fitted.schema.fields.iter().map(|field| field.name.clone());
        let columns: Vec<String> = read.chain(arguments.target.clone()).collect();
        let same = remarks::same_rows(&frame, other, &columns).map_err(|e| e.in_file(judged))?;
        report.seen = same.is_some();
        report.warnings.extend(same);
    }
    report.warnings.extend(suspects.iter().map(remarks::suspect));
    report.warnings.extend(heard.warnings());
    report.warnings.extend(remarks::small_groups(&train, arguments.behind.interval_by.as_ref())?);
    if let Some(test) = arguments.test_rows(held_back, other, &fitted)? {
        let (calibrated, repeats) = (arguments.behind.calibrate, arguments.repeats(fitted.schema.fields.len()));
        judge(&mut report, &fitted, &train.clone().into_rates()?, &test, calibrated, &measures)
            .and_then(|()| weigh(&mut report, &fitted, &test, repeats, context))
            .map_err(|e| arguments.in_columns(e).in_file(judged))?;
        fitted.training.metrics =
            report.metrics.iter().filter(|(_, v)| v.is_finite()).map(|(n, v)| (n.to_string(), v)).collect();
    }
    report.search = searched;
    report.auto = tried;
    if let Some(split) = split {
        let judged = pipeline
            .cross_validate(&learned, CrossValidation::new(split).measures(measures), context)
            .map_err(of_cv)?;
        report.cv = Some(report::CrossValidation::of(&judged));
    }
    if let Some(path) = &arguments.output {
        if train.len() < frame.rows() {
            fitted.training.table = Some(fitted.fingerprint_of(&frame, &fitted.target_of(&frame)?)?);
        }
        fitted.save(path)?;
        report.saved = Some(path.clone());
    }
    match arguments.format {
        Format::Json => print_json(&report),
        Format::Table => print_text(&report.words()),
    }
}

impl Arguments {
    /// The pipeline and the search that files describe.
    fn recipes(&self) -> Result<(Option<SpecFile>, Option<Wanted>)> {
        let spec = self.spec.as_deref().map(SpecFile::read).transpose()?;
        let mut wanted = self.search.as_deref().map(Wanted::read).transpose()?;
        match (spec, wanted.as_mut().and_then(|wanted| wanted.pipeline.take())) {
            (Some(_), Some(_)) => Err(Error::data(
                "--spec beside a --search file that has a pipeline: put both in one file, or take it out of one",
            )),
            (spec, other) => Ok((spec.or(other), wanted)),
        }
    }

    /// The split of `--cv`, as often over as `--cv-repeats` says.
    fn cv_split(&self) -> Result<Option<Split>> {
        match (self.cv.clone(), self.cv_repeats) {
            (Some(Split::KFold(split)), Some(repeats)) => Ok(Some(KFold { repeats, ..split }.into())),
            (Some(_), Some(_)) => Err(Error::data(
                "--cv-repeats is for k folds: a shuffle split has `splits`, and times are what they are",
            )),
            (split, _) => Ok(split),
        }
    }

    /// Checks the names of `--measures`, as far as they are not of what stands behind the model.
    fn can_be_measured(&self, target: Option<&Target>) -> Result<()> {
        let (Some(measures), Some(target)) = (&self.measures, target) else { return Ok(()) };
        if self.behind.interval.is_some() || self.spec.is_some() {
            return Ok(());
        }
        measures.score_where_defined(target, &baseline(target, None, target.len())?, None).map(drop)
    }

    /// Folds that look back need to know when a row happened.
    fn has_times(&self, split: Option<&Split>) -> Result<()> {
        match (split, &self.time) {
            (Some(Split::TimeSeries(_)), None) => Err(Error::data(
                "a time-series split needs --time COL, when each row happened: without it the order of the file would count as \
                 time, and rows would be held back at random",
            )),
            _ => Ok(()),
        }
    }

    /// Gives every column its role.
    fn roles(&self, mut frame: Frame) -> Result<Screened> {
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
        let frame = self.with_exposure(frame)?;
        self.columns.screened(frame, Language::En)
    }

    fn training(&self, frame: &Frame) -> Result<Training<Frame>> {
        let task = match self.task {
            Some(Task::Regression) => TargetTask::Regression,
            Some(Task::Classification) => TargetTask::Classification,
            None if self.is_yes_or_no(frame)? => TargetTask::Classification,
            None => TargetTask::Auto,
        };
        for target in &self.target {
            target::check_numbers(frame, target, self.task)?;
        }
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
        let data = self.with_groups_of_intervals(frame, data)?;
        match &self.exposure {
            Some(column) if data.exposure.is_none() => Ok(data.with_exposure(frame.numbers(column)?.into())),
            _ => Ok(data),
        }
    }

    /// The column of `--interval-by` beside the others, though it is not learned from.
    fn with_groups_of_intervals(&self, frame: &Frame, mut data: Training<Frame>) -> Result<Training<Frame>> {
        if let Some(by) = &self.behind.interval_by {
            frame.require(&[by])?;
            if self.target.contains(by) {
                return Err(Error::column(by, "is the target: --interval-by takes what is known before it"));
            }
            if !data.x.has(by) {
                data.x = data.x.with_columns_of(&frame.select(&[by])?)?;
            }
        }
        Ok(data)
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
        let fold = train_test_split(data.len(), self.test_size, &RowKeys::of(&data).options(Some(seed)))?;
        let test = data.take(&fold.test).into_rates()?;
        let held_back = test.target.map(|truth| Test { frame: frame.take(&fold.test), truth, weights: test.weights });
        Ok((data.take(&fold.train), held_back))
    }

    /// How often each of so many columns is shuffled.
    fn repeats(&self, columns: usize) -> usize {
        let default = if columns > IMPORTANCE_COLUMNS { 0 } else { ImportanceOptions::default().repeats };
        self.importance.unwrap_or(default)
    }

    /// The table of `--test`, its columns read as those of `frame`.
    fn other_table(&self, frame: &Frame) -> Result<Option<Frame>> {
        let Some(path) = &self.test else { return Ok(None) };
        let other = Frame::read_with(path, &frame.schema())?;
        let needed: Vec<&String> = self.target.iter().chain(&self.weight).chain(&self.exposure).collect();
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
        let weights = self.weight.as_ref().map(|w| frame.numbers(w)).transpose().map_err(of_file)?;
        let (truth, weights) =
            fitted.truth_of(&frame, weights.map(Into::into)).map_err(|e| of_file(self.in_columns(e)))?;
        Ok(Some(Test { frame, truth, weights }))
    }

    /// An error about the training data, with the names that the columns have in the file.
    fn in_columns(&self, error: Error) -> Error {
        let target = if let [target] = &self.target[..] { Some(target) } else { None };
        let names = [("weights", self.weight.as_ref()), ("exposure", self.exposure.as_ref()), ("target", target)];
        renamed(error, &names)
    }
}

/// An error of the folds in the words of the command line.
fn of_cv(error: Error) -> Error {
    match error {
        Error::Parameter { name: "k", value, reason } => Error::data(format!(
            "--cv {value}: {reason} among the rows to learn from; give fewer folds, or --test-size 0 to hold none back"
        )),
        other => other,
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
        excluded.push(Excluded { column: column.clone(), reason: unusable(&frame, column, Language::En)? });
        frame = frame.with_role(column, Role::Ignore)?;
    }
    in_order(excluded, &frame);
    if used.is_empty() { Err(none_left(excluded, Language::En)) } else { Ok(frame) }
}

/// The value of a target that has no other.
fn only_value(target: &Target) -> Option<String> {
    match target {
        Target::Values(y) => y.first().filter(|first| y.iter().all(|v| v == *first)).map(f64::to_string),
        Target::Classes(c) => c.labels.first().filter(|_| c.labels.len() == 1).cloned(),
        _ => None,
    }
}

/// A specification may name a column that was left out: then it is not the file that lacks it.
fn explained(error: Error, excluded: &[Excluded]) -> Error {
    let (position, name, source) = match error {
        Error::Step { position, name, source } => (position, name, source),
        Error::Part { part, source } => return Error::Part { part, source: Box::new(explained(*source, excluded)) },
        other => return other,
    };
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
