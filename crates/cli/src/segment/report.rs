//! What `adflux segment` says: as JSON with the fields of docs/cli.md, and in words.

use super::levels::{LevelReport, listed as numbers_of, tree};
use crate::{
    columns::{Excluded, left_out},
    measures,
    numbers::{count_in, percent},
    tables::{indented, paragraph, table},
};
use adflux::postprocessing::{Language, Medoid, Outcome, SegmentDescription, SensitiveShares};
use comfy_table::CellAlignment;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The report. Field names are a contract with scripts.
#[derive(Debug, Serialize)]
pub struct Report {
    pub method: &'static str,
    pub k: usize,
    /// The rows in no segment; of methods that leave rows out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outliers: Option<usize>,
    /// Those of the method, where it has any to choose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<toml::Table>,
    /// Why so many, in one sentence.
    pub reason: String,
    pub rows: usize,
    /// What was learned from.
    pub columns: Vec<String>,
    /// Columns that name a row.
    pub ids: Vec<String>,
    pub metrics: Metrics,
    pub segments: Vec<SegmentDescription>,
    /// From the coarsest to the finest, whose segments are those above; none unless several levels were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<LevelReport>,
    pub excluded: Vec<Excluded>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<PathBuf>,
}

/// How well the segments stand apart; `None` where it is not defined, as for one segment.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Metrics {
    pub silhouette: Option<f64>,
    pub calinski_harabasz: Option<f64>,
    pub davies_bouldin: Option<f64>,
    pub inertia: Option<f64>,
}

impl Metrics {
    fn all(&self) -> [(&'static str, Option<f64>); 4] {
        [
            ("silhouette", self.silhouette),
            ("calinski_harabasz", self.calinski_harabasz),
            ("davies_bouldin", self.davies_bouldin),
            ("inertia", self.inertia),
        ]
    }

    /// Those that are defined, by name.
    pub fn defined(&self) -> BTreeMap<String, f64> {
        let finite = |(name, value): (&str, Option<f64>)| Some((name.to_string(), value.filter(|v| v.is_finite())?));
        self.all().into_iter().filter_map(finite).collect()
    }
}

/// What is told of a segment at most.
const FEATURES: usize = 4;

impl Report {
    /// The report for people, 80 columns wide.
    pub fn words(&self, file: &Path, language: Language) -> String {
        let say = |en, es| language.pick(en, es);
        let title = format!(
            "{}: {} {}, {} {} ({})",
            file.display(),
            count_in(self.rows as f64, language),
            say("rows", "filas"),
            if self.levels.is_empty() { self.k.to_string() } else { numbers_of(&self.levels, language) },
            say("segments", "segmentos"),
            self.method
        );
        let learned = format!("{} {}", say("Learned from:", "Se aprende de:"), self.columns.join(", "));
        let mut parts = vec![title, paragraph(&self.reason, 0), paragraph(&learned, 0)];
        if !self.excluded.is_empty() {
            let found = left_out(&self.excluded, language);
            parts.push(format!("{}\n{}", say("Left out:", "Se dejan fuera:"), found.trim_end()));
        }
        if self.levels.is_empty() {
            let id = |segment: &SegmentDescription| segment.id.map_or("–".to_string(), |id| id.to_string());
            parts.extend(self.segments.iter().map(|s| words_of(s, &id(s), 0, id(s).len() + 2, language)));
        } else {
            parts.extend(tree(&self.levels, language));
        }
        if self.segments.iter().any(|s| s.rule.is_some()) {
            parts.push(paragraph(
                say(
                    "Precision: the share of the rows that meet the rule which are in the segment. Recall: the share of the \
                     segment that meets the rule.",
                    "Precisión: qué parte de las filas que cumplen la regla está en el segmento. Exhaustividad: qué parte del \
                     segmento cumple la regla.",
                ),
                0,
            ));
        }
        parts.push(self.quality(language));
        let written = [
            (&self.output, say("Rows with their segments", "Filas con su segmento")),
            (&self.model, say("Pipeline for new rows", "Modelo para filas nuevas")),
        ];
        let lines = written.iter().filter_map(|(path, what)| Some(format!("{what}: {}", path.as_ref()?.display())));
        let written: Vec<String> = lines.collect();
        if !written.is_empty() {
            parts.push(written.join("\n"));
        }
        parts.join("\n\n")
    }

    fn quality(&self, language: Language) -> String {
        let say = |en, es| language.pick(en, es);
        let (higher, lower) =
            (say("higher is better", "mejor cuanto más alto"), say("lower is better", "mejor cuanto más bajo"));
        let better = |name: &str| match name {
            "silhouette" => format!("{higher}, −1 {} 1", say("to", "a")),
            "calinski_harabasz" => higher.into(),
            "davies_bouldin" => lower.into(),
            _ => say("falls with every segment more", "baja con cada segmento más").into(),
        };
        let shown = |name: &str| match name {
            "silhouette" => say("silhouette", "silueta").to_string(),
            "calinski_harabasz" => "Calinski-Harabasz".into(),
            "davies_bouldin" => "Davies-Bouldin".into(),
            _ => say("inertia", "inercia").into(),
        };
        let figure = |name: &str, value: Option<f64>| match (name, value) {
            ("calinski_harabasz" | "inertia", Some(value)) if value >= 100.0 => count_in(value, language),
            (_, value) => measures::value(name, value.unwrap_or(f64::NAN)),
        };
        let mut rows = table(&[say("How well they stand apart", "Cómo se separan"), "", ""], 1);
        for (name, value) in self.metrics.all() {
            rows.add_row([shown(name), figure(name, value), better(name)]);
        }
        if let Some(words) = rows.column_mut(2) {
            words.set_cell_alignment(CellAlignment::Left);
        }
        indented(&rows).trim_end().to_string()
    }
}

/// A segment in words: the first line behind `label`, at `from`; all that is told of it `further` in.
pub fn words_of(segment: &SegmentDescription, label: &str, from: usize, further: usize, language: Language) -> String {
    let say = |en, es| language.pick(en, es);
    let indent = from + further;
    let size =
        format!("{} {} ({})", count_in(segment.size as f64, language), say("rows", "filas"), percent(segment.share, 0));
    // The name stands two columns behind the label; where it needs more lines, they begin further in.
    let head = paragraph(&format!("{} · {size}", segment.name), from + label.chars().count() + 2);
    let head = head.trim_start();
    let mut lines = vec![format!("{}{label}  {head}", " ".repeat(from))];
    if let Some(outcome) = &segment.outcome {
        lines.push(paragraph(&words_of_outcome(outcome, language), indent));
    }
    let features = segment.features.iter().take(FEATURES);
    lines.extend(features.map(|feature| listed(&feature.text(language), indent)));
    lines.extend(segment.sensitive.iter().map(|shares| paragraph(&words_of_groups(shares, language), indent)));
    if let Some(medoid) = segment.medoid.as_ref().filter(|_| segment.id.is_some()) {
        lines.push(paragraph(&words_of_medoid(segment, medoid, language), indent));
    }
    if let Some(rule) = &segment.rule {
        let quality = format!(
            "({} {}, {} {})",
            say("precision", "precisión"),
            percent(rule.precision, 0),
            say("recall", "exhaustividad"),
            percent(rule.recall, 0)
        );
        lines.push(paragraph(&format!("{} {} {quality}", say("Rule:", "Regla:"), rule.text), indent));
    }
    lines.join("\n")
}

/// A line of a list; further lines begin under the text.
fn listed(text: &str, indent: usize) -> String {
    let text = paragraph(text, indent + 2);
    format!("{}- {}", " ".repeat(indent), text.trim_start())
}

fn words_of_outcome(outcome: &Outcome, language: Language) -> String {
    let show = |value: f64| match outcome.rate {
        true if value.is_finite() => percent(value, 1),
        _ => measures::value("", value),
    };
    let everyone = language.pick("everyone", "total");
    let interval = match outcome.lower.is_finite() && outcome.upper.is_finite() {
        true => format!("95 %: {}–{}; ", show(outcome.lower).trim_end_matches("\u{a0}%"), show(outcome.upper)),
        false => String::new(),
    };
    format!("{} {} ({interval}{everyone}: {})", outcome.column, show(outcome.mean), show(outcome.overall))
}

/// Groups of a sensitive column that are told.
const GROUPS: usize = 6;

fn words_of_groups(shares: &SensitiveShares, language: Language) -> String {
    let told = shares.groups.iter().filter(|group| group.share.is_finite()).take(GROUPS).enumerate();
    // Said once what stands in brackets.
    let everyone = |i: usize| if i == 0 { language.pick("everyone: ", "total: ") } else { "" };
    let told =
        told.map(|(i, g)| format!("{} {} ({}{})", g.group, percent(g.share, 0), everyone(i), percent(g.overall, 0)));
    format!("{}: {}", shares.column, told.collect::<Vec<_>>().join(", "))
}

/// The row that stands for the segment, by the columns that set it apart.
fn words_of_medoid(segment: &SegmentDescription, medoid: &Medoid, language: Language) -> String {
    let mut told: Vec<&str> = Vec::new();
    for feature in &segment.features {
        if told.len() < FEATURES && !told.contains(&feature.column.as_str()) {
            told.push(&feature.column);
        }
    }
    let values = medoid.values.iter().filter(|(column, _)| told.contains(&column.as_str()));
    let values = values.filter_map(|(column, value)| Some(format!("{column} {}", value.as_ref()?)));
    let row = count_in(medoid.row as f64 + 1.0, language);
    let values = values.collect::<Vec<_>>().join(", ");
    match values.is_empty() {
        true => format!("{} {row}", language.pick("Typical: row", "Típica: la fila")),
        false => format!("{} {row} ({values})", language.pick("Typical: row", "Típica: la fila")),
    }
}
