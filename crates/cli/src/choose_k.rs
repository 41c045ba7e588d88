//! `adflux choose-k`: how many segments, by every usual measure.

use crate::{
    columns::{Columns, Excluded, left_out},
    failure::Failure,
    format::{Format, print_report},
    numbers::{count_in, percent_in, rows_in},
    segment::{Chosen, Lang, remarks},
    tables::{indented, paragraph, table, warned_in},
};
use adflux::{
    clustering::{Candidate, ChooseK, ChosenK, MAJORITY, UNSTABLE, Votes, WEAK_SILHOUETTE},
    core::{Context, Error, FitTransform as _, Training},
    data::Frame,
    postprocessing::Language,
};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Say how many segments a table has: elbow, silhouette, gap statistic and more side by side, and one recommendation.
///
/// Columns are chosen as by `adflux segment`, whose -k takes the number. Each number of segments is also tried on rows drawn again:
/// segments that do not come back are not recommended.
///
/// Example: adflux choose-k resumes.csv --sensitive gender,race --outcome received_callback
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The table: .csv, .tsv, .ndjson or .parquet; `-` is standard input.
    file: PathBuf,
    /// The greatest number of segments. The time grows with its square.
    #[arg(long, value_name = "N", default_value_t = 10)]
    max: usize,
    /// How often rows without segments are drawn, for the gap statistic.
    #[arg(long, value_name = "N", default_value_t = 20)]
    references: usize,
    /// How often the rows are drawn again, for the stability; 0 leaves it out.
    #[arg(long, value_name = "N", default_value_t = 20)]
    resamples: usize,
    /// The most rows that are looked at; of more a sample is.
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    sample_size: usize,
    /// The language of the report.
    #[arg(long, visible_alias = "describe", value_enum, value_name = "LANGUAGE", default_value_t = Lang::En)]
    lang: Lang,
    /// The seed of everything drawn.
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// What became of each row (a callback, a hire): never learned from.
    #[arg(long, value_name = "COL", help_heading = "Columns")]
    outcome: Option<String>,
    #[command(flatten)]
    columns: Columns,
}

/// The report. Field names are a contract with scripts.
#[derive(Serialize)]
struct Report {
    k: usize,
    reason: String,
    /// What must be known before the rest is believed.
    warnings: Vec<String>,
    rows: usize,
    /// The rows that were looked at.
    sampled: usize,
    columns: Vec<String>,
    votes: Votes,
    table: Vec<Row>,
    excluded: Vec<Excluded>,
}

/// One number of segments; null is what is not defined.
#[derive(Serialize)]
struct Row {
    k: usize,
    inertia: f64,
    silhouette: Option<f64>,
    gap: f64,
    gap_error: f64,
    calinski_harabasz: Option<f64>,
    davies_bouldin: Option<f64>,
    stability: Option<f64>,
    least_stable: Option<f64>,
    /// How many of the five measures ask for it.
    votes: usize,
}

impl Row {
    fn of(candidate: &Candidate, votes: &Votes) -> Self {
        Row {
            k: candidate.n_clusters,
            inertia: candidate.inertia,
            silhouette: candidate.silhouette,
            gap: candidate.gap.gap,
            gap_error: candidate.gap.error,
            calinski_harabasz: candidate.calinski_harabasz,
            davies_bouldin: candidate.davies_bouldin,
            stability: candidate.stability.map(|s| s.mean),
            least_stable: candidate.stability.map(|s| s.least),
            votes: votes.count(candidate.n_clusters),
        }
    }
}

/// Runs the command.
pub fn run(arguments: &Arguments, context: &Context) -> Result<(), Failure> {
    let language = Language::from(arguments.lang);
    let frame = Frame::read(&arguments.file)?;
    let rows = frame.rows();
    let here = |e: Error| e.in_file(&arguments.file);
    arguments.columns.named(&frame).map_err(|e| Failure::Usage(here(e)))?;
    if let Some(outcome) = &arguments.outcome {
        frame.require(&[outcome]).map_err(|e| Failure::Usage(here(e)))?;
    }
    let chosen = Chosen::of(frame, &arguments.columns, arguments.outcome.as_deref(), false, language).map_err(here)?;
    let (_, features) = chosen.preprocessor.fit_transform(Training::new(chosen.frame), context).map_err(here)?;
    let recipe = ChooseK::new(arguments.max)
        .references(arguments.references)
        .resamples(arguments.resamples)
        .sample_size(arguments.sample_size)
        .seed(arguments.seed);
    let found = recipe.choose_with(&features, context).map_err(wrong)?;
    let edge = if found.n_clusters == arguments.max { beyond(arguments.max, language) } else { String::new() };
    let report = Report {
        k: found.n_clusters,
        reason: match language {
            Language::En => format!("{}.{edge}", found.reason),
            Language::Es => format!("{}{edge}", spanish(&found, arguments.max)),
        },
        warnings: remarks::sensitive(&chosen.columns, language),
        rows,
        sampled: found.rows,
        columns: chosen.columns,
        votes: found.votes,
        table: found.candidates.iter().map(|candidate| Row::of(candidate, &found.votes)).collect(),
        excluded: chosen.excluded,
    };
    Ok(print_report(arguments.format, &report, || words(&report, &arguments.file, language), false)?)
}

/// An error of a parameter, in the words of the command line.
fn wrong(error: Error) -> Failure {
    match error {
        Error::Parameter { name, value, reason } => {
            Failure::usage(format!("--{} {value}: {reason}", name.replace('_', "-")))
        }
        other => other.into(),
    }
}

/// What is said where the greatest number that was tried is recommended.
fn beyond(max: usize, language: Language) -> String {
    let more = max.saturating_mul(2);
    match language {
        Language::En => format!(" It is the largest number tried: --max {more} tries more."),
        Language::Es => format!(" Es el mayor número que se probó: con --max {more} se prueban más."),
    }
}

/// The names of the measures of [`Votes::all`], in Spanish.
const MEASURES: [&str; 5] = ["codo", "silueta", "estadístico gap", "Caliński–Harabasz", "Davies–Bouldin"];

/// The reason in Spanish; the model says it in English.
fn spanish(found: &ChosenK, max: usize) -> String {
    let (k, all) = (found.n_clusters, found.votes.all());
    let named = |wanted: &dyn Fn(usize) -> bool| -> Vec<(&'static str, usize)> {
        let votes = MEASURES.into_iter().zip(all).filter_map(|(name, (_, vote))| Some((name, vote?)));
        votes.filter(|(_, vote)| wanted(*vote)).collect()
    };
    let with: Vec<&str> = named(&|vote| vote == k).into_iter().map(|(name, _)| name).collect();
    let mut text = match with.split_last() {
        None => format!("{k} segmentos, aunque ninguna medida los pide: los que se piden no son estables"),
        Some((last, [])) => format!("{k} segmentos: los pide 1 de 5 medidas ({last}): no hay mayoría"),
        Some((last, rest)) => {
            let majority = if with.len() < MAJORITY { ": no hay mayoría" } else { "" };
            format!("{k} segmentos: los piden {} de 5 medidas ({} y {last}){majority}", with.len(), rest.join(", "))
        }
    };
    if k == max {
        text.push_str("; no se probaron más");
    }
    let chosen = found.candidates.iter().find(|c| c.n_clusters == k);
    if let Some(stability) = chosen.and_then(|c| c.stability) {
        let no = if stability.mean < UNSTABLE { "no " } else { "" };
        text.push_str(&format!(
            "; {no}vuelven a salir con filas remuestreadas (estabilidad {})",
            Language::Es.number(stability.mean, 2)
        ));
    }
    let others: Vec<String> =
        named(&|vote| vote != k && vote != 1).into_iter().map(|(name, vote)| format!("{vote} ({name})")).collect();
    if !others.is_empty() {
        text.push_str(&format!("; otras respuestas: {}", others.join(", ")));
    }
    if found.votes.gap == Some(1) {
        text.push_str("; el estadístico gap pide 1: ningún segmento");
    }
    if chosen.and_then(|c| c.silhouette).is_some_and(|s| s < WEAK_SILHOUETTE) {
        text.push_str("; los segmentos se solapan");
    }
    text + "."
}

/// The report for people, 80 columns wide.
fn words(report: &Report, file: &Path, language: Language) -> String {
    let say = |en, es| language.pick(en, es);
    let mut title = format!("{}: {}", file.display(), rows_in(report.rows, language));
    if report.sampled < report.rows {
        title.push_str(&format!(
            " ({} {})",
            say("a sample of", "una muestra de"),
            count_in(report.sampled as f64, language)
        ));
    }
    let learned = format!("{} {}", say("Learned from:", "Se aprende de:"), report.columns.join(", "));
    let reason = paragraph(&report.reason, 0) + &warned_in(&report.warnings, language);
    let mut parts = vec![title, reason, paragraph(&learned, 0)];
    if !report.excluded.is_empty() {
        let found = left_out(&report.excluded, language);
        parts.push(format!("{}\n{}", say("Left out:", "Se dejan fuera:"), found.trim_end()));
    }
    let header = [
        "k",
        say("inertia", "inercia"),
        say("silhouette", "silueta"),
        "gap",
        say("error", "error"),
        "C–H",
        "D–B",
        say("stability", "estabilidad"),
        say("votes", "votos"),
    ];
    let mut rows = table(&header, 0);
    let shown = |value: Option<f64>, decimals: usize| match value {
        Some(value) if !value.is_nan() => language.number(value, decimals),
        _ => "–".into(),
    };
    // One number of decimals a column.
    let decimals = |values: &dyn Fn(&Row) -> Option<f64>| {
        let most = report.table.iter().filter_map(values).fold(0.0, f64::max);
        if most >= 100.0 { 0 } else { 3 }
    };
    let of_inertia = decimals(&|row| Some(row.inertia));
    let of_index = decimals(&|row| row.calinski_harabasz);
    for row in &report.table {
        let mark = if row.k == report.k { "→ " } else { "" };
        rows.add_row([
            format!("{mark}{}", row.k),
            shown(Some(row.inertia), of_inertia),
            shown(row.silhouette, 3),
            shown(Some(row.gap), 3),
            shown(Some(row.gap_error), 3),
            shown(row.calinski_harabasz, of_index),
            shown(row.davies_bouldin, 3),
            row.stability.map_or("–".into(), |s| percent_in(s, 0, language)),
            row.votes.to_string(),
        ]);
    }
    parts.push(indented(&rows).trim_end().to_string());
    parts.push(paragraph(
        say(
            "Inertia falls with every segment more: its elbow counts. Larger is better: silhouette, C–H (Caliński–Harabasz). \
             Smaller is better: D–B (Davies–Bouldin). Gap: the fewest segments whose gap is not below the next one's less its \
             error. Stability: how much of a segment comes back when the rows are drawn again; below 60 % it is not to be trusted.",
            "La inercia baja con cada segmento más: cuenta su codo. Mejor cuanto más alto: silueta, C–H (Caliński–Harabasz). Mejor \
             cuanto más bajo: D–B (Davies–Bouldin). Gap: el menor número cuyo gap no es inferior al del siguiente menos su error. \
             Estabilidad: cuánto de un segmento vuelve a salir con filas remuestreadas; por debajo del 60 % no es de fiar.",
        ),
        0,
    ));
    parts.join("\n\n")
}
