//! `adflux segment`: who is in a table, as groups of rows with names and rules.

mod chosen;
mod density;
mod found;
mod given;
mod levels;
mod method;
mod number;
pub mod remarks;
mod report;

pub use chosen::Chosen;
pub use number::why;

use crate::{
    columns::{Columns, expanded},
    failure::Failure,
    format::{Format, print_report},
    places::{apart, is_for_a_pipeline},
    train::Param,
};
use adflux::{
    clustering::usual_starts,
    core::{
        AnyPostprocessRecipe, AnyTransformRecipe, Context, Error, Features, Fit as _, Result, Training, Transform as _,
    },
    data::{Frame, TableFormat},
    pipeline::Pipeline,
    postprocessing::{Identity, Language, describe_segments},
};
use clap::ValueEnum;
use density::Density;
use found::{Found, measure, points};
use given::{Given, by_name, explained};
use levels::LevelReport;
use method::Method;
use number::{Number, fewer, of_mixture};
use report::Report;
use std::path::PathBuf;

/// Find groups of similar rows in a table, and say in words what sets each apart.
///
/// Columns that name a row, hold one value only, leak the outcome, or give a sensitive column away are found, reported and left
/// out. Each segment gets a name, what sets it apart, and a rule of at most four conditions to search for. The report goes to
/// standard output, except with `-o -`: then the rows do, and the report goes to standard error.
///
/// Example: adflux segment resumes.csv --sensitive gender,race --outcome received_callback -o segments.csv
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The table: .csv, .tsv, .ndjson or .parquet; `-` is standard input.
    file: PathBuf,
    /// The method; kmeans, or ward where --levels are asked for.
    #[arg(long, value_enum, value_name = "M")]
    method: Option<Method>,
    /// How many segments: a number, or `auto` for the number from 2 to 10 that separates the rows best, and with gmm from 1 to 10 the one
    /// of the lowest BIC. --param max=20 tries more.
    #[arg(short, value_name = "auto|N", default_value_t = Number::Auto)]
    k: Number,
    /// A parameter of the method, by its name in docs/specification.md, such as n_init=100 or eps=0.8; may be given again with another
    /// name.
    #[arg(long, value_name = "NAME=VALUE")]
    param: Vec<Param>,
    /// Segments within segments: how many at each level, such as 3,8. Of the methods that make a tree.
    #[arg(long, value_name = "N,N", value_delimiter = ',', conflicts_with = "k")]
    levels: Vec<usize>,
    /// The language of names, rules and report.
    #[arg(long, visible_alias = "lang", value_enum, value_name = "LANGUAGE", default_value_t = Lang::En)]
    describe: Lang,
    /// The seed of everything drawn.
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// Write the fitted pipeline here: `adflux predict` puts new rows into its segments. It puts them to the nearest centre, so that of a
    /// tree some rows of this table come into another segment; the report says how many.
    #[arg(long, value_name = "M.adflux")]
    model: Option<PathBuf>,
    /// Write the rows here in their order, with a column `segment`, and one more for each of --levels, or with gmm and
    /// hdbscan `strength`, how firmly the row is in it (of gmm the probability); with --id, those columns and these only.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// What became of each row (a callback, a hire): never learned from, reported for each segment.
    #[arg(long, value_name = "COL", help_heading = "Columns")]
    outcome: Option<String>,
    #[command(flatten)]
    columns: Columns,
}

/// A language, as an option.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Lang {
    En,
    Es,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Language::En,
            Lang::Es => Language::Es,
        }
    }
}

/// The column that the result has.
const SEGMENT: &str = "segment";
/// The column of how firmly rows are in their segments.
const STRENGTH: &str = "strength";

/// Runs the command.
pub fn run(arguments: &Arguments, context: &Context) -> Result<(), Failure> {
    let language = Language::from(arguments.describe);
    let levels = arguments.levels();
    let method = Method::meant(arguments.method, arguments.k, &levels)?;
    let parameters = by_name(&arguments.param)?;
    if levels.contains(&0) {
        return Err(Failure::usage("--levels: must be numbers from 1"));
    }
    // What cannot be written is refused before the work.
    arguments.output.as_ref().map(TableFormat::of).transpose().map_err(Failure::Usage)?;
    if let Some(path) = &arguments.model {
        is_for_a_pipeline(path)?;
    }
    let files = [Some(&arguments.file), arguments.output.as_ref(), arguments.model.as_ref()];
    apart(files).map_err(Failure::Usage)?;
    let frame = Frame::read(&arguments.file)?;
    let in_file = |e: Error| e.in_file(&arguments.file);
    arguments.columns.named(&frame).map_err(|e| Failure::Usage(in_file(e)))?;
    if let Some(outcome) = &arguments.outcome {
        frame.require(&[outcome]).map_err(|e| Failure::Usage(in_file(e)))?;
    }
    arguments.check(&frame, method).map_err(in_file)?;
    let outcome = arguments.outcome.as_deref();
    let chosen = Chosen::of(frame, &arguments.columns, outcome, method.takes_categories(), language);
    let Chosen { frame, columns, excluded, preprocessor } = chosen.map_err(in_file)?;

    let seed = i64::try_from(arguments.seed).map_err(|_| Failure::usage("--seed: must be at most 2^63 − 1"))?;
    let (kind, mut set) = method.kind(arguments.k, &levels, seed);
    let mut density = None;
    if method.is_dense() || method == Method::Gmm {
        let features = preprocessor.fit_with(Training::new(frame.clone()), context)?.transform(frame.clone())?;
        if method.is_dense() {
            density = Some(Density::new(method, &parameters, &features, &mut set)?);
        } else if has_flags(&features)? {
            flat(kind, &mut set);
        }
    } else if kind == "k-means" {
        set.insert("n_init".into(), i64::try_from(usual_starts(frame.rows())).unwrap_or(i64::MAX).into());
    }
    let Given { recipe, parameters } = Given::new(kind, set, parameters)?;
    let pipeline = Pipeline::new(AnyTransformRecipe::new(preprocessor), recipe)
        .with_postprocessor(AnyPostprocessRecipe::new(Identity::default()));
    let fitted = pipeline.fit_with(Training::new(frame.clone()), context);
    let mut fitted = fitted.map_err(|e| explained(e, method, arguments.k, &arguments.param))?;
    let features = fitted.preprocessor.transform(frame.clone())?;
    let found = Found::new(&fitted.model, &features)?;
    let describe = |segments: &[Option<u32>]| describe_segments(&frame, &columns, segments, outcome, language);
    let mut of_levels = Vec::new();
    for ((k, segments), parents) in levels.iter().zip(&found.levels).zip(&found.parents) {
        of_levels.push(LevelReport::new(*k, describe(segments)?, parents));
    }
    let described = match of_levels.last() {
        Some(finest) => finest.segments.iter().map(|segment| segment.description.clone()).collect(),
        None => describe(found.finest())?,
    };

    let metrics = measure(&found, points(&fitted.model, &features)?.view(), arguments.seed)?;
    let k = described.iter().filter(|s| s.id.is_some()).count();
    let max = parameters.get("max").and_then(toml::Value::as_integer).map_or(MAX, |max| max.max(0) as usize);
    let compared = found.mixture.as_ref().and_then(|mixture| mixture.choice.as_ref());
    let reason = match (&density, compared) {
        (Some(density), _) => density.reason(&parameters, k, found.outliers(), frame.rows(), language),
        (None, Some(choice)) => of_mixture(choice, max, language),
        (None, None) if of_levels.is_empty() => fewer(arguments.k, k, language)
            .unwrap_or_else(|| why(found.choice.as_ref(), k, metrics.silhouette, Some(max), language)),
        (None, None) => levels::reason(&of_levels, language),
    };
    let mut warnings = remarks::sensitive(&columns, language);
    warnings.extend(remarks::certain(&found, language));
    let ids = arguments.columns.row_names(&frame)?;
    fitted.training.ids = ids.clone();
    fitted.training.metrics = metrics.defined();
    let returning = match method.linkage() {
        Some(_) => Some(remarks::returning(&found, &fitted.model, &features)?),
        None => None,
    };

    if let Some(path) = &arguments.model {
        fitted.save(path)?;
    }
    if let Some(path) = &arguments.output {
        arguments.table(&frame, &found)?.write(path)?;
    }
    let inside = frame.rows() - found.outliers();
    let report = Report {
        method: method.name(),
        k,
        outliers: density.is_some().then(|| found.outliers()),
        parameters,
        reason,
        warnings,
        rows: frame.rows(),
        missing: remarks::missing(&frame, &columns)?,
        columns,
        ids,
        metrics,
        silhouette_rows: (inside > found::SAMPLE && metrics.silhouette.is_some()).then_some(found::SAMPLE),
        bic: found.mixture.as_ref().map(|mixture| mixture.bic),
        aic: found.mixture.as_ref().map(|mixture| mixture.aic),
        compared: compared.map(|choice| choice.table.clone()).unwrap_or_default(),
        segments: described,
        levels: of_levels,
        excluded,
        output: arguments.output.clone().filter(|path| path.as_os_str() != "-"),
        model: arguments.model.clone(),
        returning,
    };
    let beside_rows = arguments.output.as_ref().is_some_and(|path| path.as_os_str() == "-");
    Ok(print_report(arguments.format, &report, || report.words(&arguments.file, language), beside_rows)?)
}

/// The greatest number of segments that is tried unless `--param max=` says another, as in the library.
const MAX: usize = 10;

/// Whether a column holds two values only: a category, or a column of 0 and 1.
fn has_flags(features: &Features) -> Result<bool> {
    let x = features.dense("gaussian-mixture")?;
    Ok(x.columns().into_iter().any(|column| {
        let other = column.iter().find(|v| **v != column[0]);
        other.is_some_and(|other| column.iter().all(|v| *v == column[0] || v == other))
    }))
}

/// Mixtures of columns of 0 and 1: their covariances are singular where a segment has one value, and with `full` where two columns
/// complement each other. Along the columns, and with a spread of a tenth of a deviation, rows can still be between segments.
fn flat(kind: &str, set: &mut toml::Table) {
    match kind {
        "auto-gaussian-mixture" => set.insert("covariance_types".into(), toml::Value::Array(vec!["diag".into()])),
        _ => set.insert("covariance_type".into(), "diag".into()),
    };
    set.insert("reg_covar".into(), 0.01.into());
}

impl Arguments {
    fn check(&self, frame: &Frame, method: Method) -> Result<()> {
        if frame.rows() == 1 {
            return Err(Error::data("one row cannot be put into segments: give more rows"));
        }
        if let Some(outcome) = &self.outcome {
            // An outcome that is no number is refused before the work, not after it.
            let none = vec![None; frame.rows()];
            describe_segments::<&str>(frame, &[], &none, Some(outcome), Language::En)?;
        }
        let strength = matches!(method, Method::Gmm | Method::Hdbscan).then(|| STRENGTH.to_string());
        let results = self.levels().into_iter().map(levels::column).chain([SEGMENT.to_string()]).chain(strength);
        for column in results {
            if self.output.is_some() && self.columns.id.is_empty() && frame.has(&column) {
                let reason = "is the name of the result: rename it, or name the columns to write with --id";
                return Err(Error::column(column, reason));
            }
        }
        Ok(())
    }

    /// The numbers of segments of the levels, from the coarsest, each once.
    fn levels(&self) -> Vec<usize> {
        let mut levels = self.levels.clone();
        levels.sort_unstable();
        levels.dedup();
        levels
    }

    /// The rows with their segments: of the finest level, and of each when there are several.
    fn table(&self, frame: &Frame, found: &Found) -> Result<Frame> {
        let rows = match &self.columns.id[..] {
            [] => frame.clone(),
            named => frame.select(&expanded(named, frame)?)?,
        };
        let numbers = |ids: &[Option<u32>]| ids.iter().map(|s| s.map(i64::from)).collect();
        let mut results = Frame::builder();
        for (k, segments) in self.levels().into_iter().zip(&found.levels) {
            results = results.optional_integers(&levels::column(k), numbers(segments));
        }
        results = results.optional_integers(SEGMENT, numbers(found.finest()));
        if let Some(strength) = &found.strength {
            results = results.numbers(STRENGTH, strength.clone());
        }
        rows.with_columns_of(&results.build()?)
    }
}
