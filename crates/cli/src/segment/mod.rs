//! `adflux segment`: who is in a table, as groups of rows with names and rules.

mod chosen;
mod density;
mod given;
mod levels;
mod method;
mod number;
mod report;

pub use chosen::Chosen;
pub use number::why;

use crate::places::{apart, is_for_a_pipeline};
use crate::{
    columns::{Columns, expanded},
    format::{Format, print_json, print_text},
    train::Param,
};
use adflux::{
    core::{AnyPostprocessRecipe, AnyTransformRecipe, Context, Error, Fit as _, Result, Training, Transform as _},
    data::{Frame, TableFormat},
    evaluation::metrics::{calinski_harabasz, davies_bouldin, silhouette_sampled},
    pipeline::Pipeline,
    postprocessing::{Identity, Language, describe_segments},
};
use clap::ValueEnum;
use density::Density;
use given::Given;
use levels::LevelReport;
use method::{Found, Method};
use number::{Number, fewer};
use report::{Metrics, Report};
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
    /// How many segments: a number, or `auto` for the number from 2 to 10 that separates the rows best; minibatch and gmm take a
    /// number.
    #[arg(short, value_name = "auto|N", default_value_t = Number::Auto)]
    k: Number,
    /// A parameter of minibatch, gmm, dbscan or hdbscan, by its name in docs/specification.md, such as eps=0.8; may be given again.
    #[arg(long, value_name = "NAME=VALUE")]
    param: Vec<Param>,
    /// Segments within segments: how many at each level, such as 3,8. Of the methods that make a tree.
    #[arg(long, value_name = "N,N", value_delimiter = ',', conflicts_with = "k")]
    levels: Vec<usize>,
    /// The language of names, rules and report.
    #[arg(long, value_enum, value_name = "LANGUAGE", default_value_t = Lang::En)]
    describe: Lang,
    /// The seed of everything drawn.
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// Write the fitted pipeline here: `adflux predict` puts new rows into the same segments.
    #[arg(long, value_name = "M.adflux")]
    model: Option<PathBuf>,
    /// Write the rows here in their order, with a column `segment`, and one more for each of --levels, or with gmm `strength`, the
    /// probability of the segment; with --id, those columns and these only.
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
/// The column of the probabilities of a mixture.
const STRENGTH: &str = "strength";

/// Runs the command.
pub fn run(arguments: &Arguments, context: &Context) -> Result<()> {
    let language = Language::from(arguments.describe);
    let levels = arguments.levels();
    let method = Method::meant(arguments.method, arguments.k, &levels)?;
    if !arguments.param.is_empty() && !method.takes_parameters() {
        let reason = "is told how many segments with -k, and takes no more";
        return Err(Error::data(format!(
            "--param: for --method minibatch, gmm, dbscan and hdbscan; {} {reason}",
            method.name()
        )));
    }
    // What cannot be written is refused before the work.
    arguments.output.as_ref().map(TableFormat::of).transpose()?;
    if let Some(path) = &arguments.model {
        is_for_a_pipeline(path)?;
    }
    apart([Some(&arguments.file), arguments.output.as_ref(), arguments.model.as_ref()])?;
    let frame = Frame::read(&arguments.file)?;
    arguments.check(&frame).map_err(|e| e.in_file(&arguments.file))?;
    let outcome = arguments.outcome.as_deref();
    let chosen = Chosen::of(frame, &arguments.columns, outcome, method.takes_categories(), language);
    let Chosen { frame, columns, excluded, preprocessor } = chosen.map_err(|e| e.in_file(&arguments.file))?;

    let density = match method.is_dense() {
        true => {
            let features = preprocessor.fit_with(Training::new(frame.clone()), context)?.transform(frame.clone())?;
            Some(Density::new(method, &arguments.param, &features)?)
        }
        false => None,
    };
    let told = Given::told(method, arguments.k, &arguments.param, arguments.seed)?;
    let given = density.as_ref().map(|density| &density.given).or(told.as_ref());
    let recipe = match given {
        Some(given) => given.recipe.clone(),
        None => method.recipe(arguments.k, &levels, arguments.seed),
    };
    let parameters = given.map(|given| given.parameters.clone());
    let pipeline = Pipeline::new(AnyTransformRecipe::new(preprocessor), recipe)
        .with_postprocessor(AnyPostprocessRecipe::new(Identity::default()));
    let fitted = pipeline.fit_with(Training::new(frame.clone()), context);
    let mut fitted = fitted.map_err(|e| arguments.k.explained(e, method))?;
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

    let metrics = measure(&found, method::points(&fitted.model, &features)?.view(), arguments.seed)?;
    let k = described.iter().filter(|s| s.id.is_some()).count();
    let reason = match &density {
        Some(density) => density.reason(k, found.outliers(), frame.rows(), language),
        None if of_levels.is_empty() => fewer(arguments.k, k, language)
            .unwrap_or_else(|| why(found.choice.as_ref(), k, metrics.silhouette, language)),
        None => levels::reason(&of_levels, language),
    };
    let ids = arguments.columns.row_names(&frame)?;
    fitted.training.ids = ids.clone();
    fitted.training.metrics = metrics.defined();

    if let Some(path) = &arguments.model {
        fitted.save(path)?;
    }
    if let Some(path) = &arguments.output {
        arguments.table(&frame, &found)?.write(path)?;
    }
    let report = Report {
        method: method.name(),
        k,
        outliers: density.is_some().then(|| found.outliers()),
        parameters,
        reason,
        rows: frame.rows(),
        columns,
        ids,
        metrics,
        segments: described,
        levels: of_levels,
        excluded,
        output: arguments.output.clone().filter(|path| path.as_os_str() != "-"),
        model: arguments.model.clone(),
    };
    if arguments.output.as_ref().is_some_and(|path| path.as_os_str() == "-") {
        match arguments.format {
            Format::Json => eprintln!("{}", serde_json::to_string_pretty(&report).map_err(Error::backend)?),
            Format::Table => eprintln!("{}", report.words(&arguments.file, language)),
        }
        return Ok(());
    }
    match arguments.format {
        Format::Json => print_json(&report),
        Format::Table => print_text(&report.words(&arguments.file, language)),
    }
}

impl Arguments {
    fn check(&self, frame: &Frame) -> Result<()> {
        if frame.rows() == 1 {
            return Err(Error::data("one row cannot be put into segments: give more rows"));
        }
        if let Some(outcome) = &self.outcome {
            // An outcome that is no number is refused before the work, not after it.
            let none = vec![None; frame.rows()];
            describe_segments::<&str>(frame, &[], &none, Some(outcome), Language::En)?;
        }
        let strength = (self.method == Some(Method::Gmm)).then(|| STRENGTH.to_string());
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
        if let Some(probability) = &found.probability {
            results = results.numbers(STRENGTH, probability.clone());
        }
        rows.with_columns_of(&results.build()?)
    }
}

/// Silhouettes are computed on at most so many rows.
const SAMPLE: usize = 5_000;

/// How well the segments of the finest level stand apart, over the features that were learned from.
fn measure(found: &Found, x: ndarray::ArrayView2<f64>, seed: u64) -> Result<Metrics> {
    let of_choice = found.choice.as_ref().and_then(|c| c.table.iter().find(|q| q.n_clusters == c.n_clusters));
    if let Some(chosen) = of_choice {
        return Ok(Metrics {
            silhouette: Some(chosen.silhouette),
            calinski_harabasz: Some(chosen.calinski_harabasz),
            davies_bouldin: Some(chosen.davies_bouldin),
            inertia: Some(chosen.inertia),
        });
    }
    // Outliers are in no segment: they say nothing of how well segments stand apart.
    let inside: Vec<usize> = (0..found.finest().len()).filter(|row| found.finest()[*row].is_some()).collect();
    let ids: Vec<u32> = found.finest().iter().flatten().copied().collect();
    let (k, inertia) = (ids.iter().collect::<std::collections::HashSet<_>>().len(), found.inertia);
    if k < 2 || k >= ids.len() {
        return Ok(Metrics { inertia, ..Metrics::default() });
    }
    let of_inside = (inside.len() < x.nrows()).then(|| x.select(ndarray::Axis(0), &inside));
    let x = of_inside.as_ref().map_or(x.view(), |inside| inside.view());
    Ok(Metrics {
        silhouette: Some(silhouette_sampled(x, &ids, SAMPLE, seed)?),
        calinski_harabasz: Some(calinski_harabasz(x, &ids)?),
        davies_bouldin: Some(davies_bouldin(x, &ids)?),
        inertia,
    })
}
