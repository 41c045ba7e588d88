//! `adflux choose-k`: how many segments, by every usual measure.

use crate::{
    columns::{Columns, Excluded, left_out},
    format::{Format, print_json, print_text},
    numbers::{count_in, percent},
    segment::{Chosen, Lang},
    tables::{indented, paragraph, table},
};
use adflux::{
    clustering::{Candidate, ChooseK, ChosenK, UNSTABLE, Votes, WEAK_SILHOUETTE},
    core::{Context, FitTransform as _, Result, Training},
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
    /// The greatest number of segments.
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
    #[arg(long, value_enum, value_name = "LANGUAGE", default_value_t = Lang::En)]
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
pub fn run(arguments: &Arguments, context: &Context) -> Result<()> {
    let language = Language::from(arguments.lang);
    let frame = Frame::read(&arguments.file)?;
    let rows = frame.rows();
    let here = |e: adflux::core::Error| e.in_file(&arguments.file);
    let chosen = Chosen::of(frame, &arguments.columns, arguments.outcome.as_deref(), false, language).map_err(here)?;
    let (_, features) = chosen.preprocessor.fit_transform(Training::new(chosen.frame), context).map_err(here)?;
    let recipe = ChooseK::new(arguments.max)
        .references(arguments.references)
        .resamples(arguments.resamples)
        .sample_size(arguments.sample_size)
        .seed(arguments.seed);
    let found = recipe.choose_with(&features, context).map_err(here)?;
    let report = Report {
        k: found.n_clusters,
        reason: match language {
            Language::En => format!("{}.", found.reason),
            Language::Es => spanish(&found),
        },
        rows,
        sampled: found.rows,
        columns: chosen.columns,
        votes: found.votes,
        table: found.candidates.iter().map(|candidate| Row::of(candidate, &found.votes)).collect(),
        excluded: chosen.excluded,
    };
    match arguments.format {
        Format::Json => print_json(&report),
        Format::Table => print_text(&words(&report, &arguments.file, language)),
    }
}

/// The names of the measures of [`Votes::all`], in Spanish.
const MEASURES: [&str; 5] = ["codo", "silueta", "estadístico gap", "Caliński–Harabasz", "Davies–Bouldin"];

/// The reason in Spanish; the model says it in English.
fn spanish(found: &ChosenK) -> String {
    let (k, all) = (found.n_clusters, found.votes.all());
    let named = |wanted: &dyn Fn(usize) -> bool| -> Vec<(&'static str, usize)> {
        let votes = MEASURES.into_iter().zip(all).filter_map(|(name, (_, vote))| Some((name, vote?)));
        votes.filter(|(_, vote)| wanted(*vote)).collect()
    };
    let with: Vec<&str> = named(&|vote| vote == k).into_iter().map(|(name, _)| name).collect();
    let mut text = match with.split_last() {
        None => format!("{k} segmentos, aunque ninguna medida los pide: los que se piden no son estables"),
        Some((last, [])) => format!("{k} segmentos: los pide 1 de 5 medidas ({last})"),
        Some((last, rest)) => {
            format!("{k} segmentos: los piden {} de 5 medidas ({} y {last})", with.len(), rest.join(", "))
        }
    };
    let chosen = found.candidates.iter().find(|c| c.n_clusters == k);
    if let Some(stability) = chosen.and_then(|c| c.stability) {
        let no = if stability.mean < UNSTABLE { "no " } else { "" };
        text.push_str(&format!(
            "; {no}vuelven a salir al sortear las filas de nuevo (estabilidad {:.2})",
            stability.mean
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
    let mut title = format!("{}: {} {}", file.display(), count_in(report.rows as f64, language), say("rows", "filas"));
    if report.sampled < report.rows {
        title.push_str(&format!(
            " ({} {})",
            say("a sample of", "una muestra de"),
            count_in(report.sampled as f64, language)
        ));
    }
    let learned = format!("{} {}", say("Learned from:", "Se aprende de:"), report.columns.join(", "));
    let mut parts = vec![title, paragraph(&report.reason, 0), paragraph(&learned, 0)];
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
        Some(value) if value.is_finite() => format!("{value:.decimals$}"),
        Some(_) => "∞".into(),
        None => "–".into(),
    };
    let large = |value: f64| if value >= 100.0 { count_in(value, language) } else { format!("{value:.3}") };
    for row in &report.table {
        let mark = if row.k == report.k { "→ " } else { "" };
        rows.add_row([
            format!("{mark}{}", row.k),
            large(row.inertia),
            shown(row.silhouette, 3),
            shown(Some(row.gap), 3),
            shown(Some(row.gap_error), 3),
            row.calinski_harabasz.map_or("–".into(), large),
            shown(row.davies_bouldin, 3),
            row.stability.map_or("–".into(), |s| percent(s, 0)),
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
             Estabilidad: cuánto de un segmento vuelve a salir al sortear las filas de nuevo; por debajo del 60 % no es de fiar.",
        ),
        0,
    ));
    parts.join("\n\n")
}
