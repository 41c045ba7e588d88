//! What `adflux segment` says: as JSON with the fields of docs/cli.md, and in words.

use super::{
    levels::{LevelReport, listed as numbers_of, tree},
    remarks::Missing,
};
use crate::{
    columns::{Excluded, left_out},
    numbers::{count_in, percent_in, rows_in, segments_in},
    tables::{indented, paragraph, table, warned_in},
};
use adflux::{
    clustering::MixtureQuality,
    postprocessing::{Language, Medoid, Outcome, SegmentDescription, SegmentFeature, SensitiveShares},
};
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
    /// Those of the method that were set.
    pub parameters: toml::Table,
    /// Why so many, in a sentence or two.
    pub reason: String,
    /// What must be known before the rest is believed.
    pub warnings: Vec<String>,
    pub rows: usize,
    /// What was learned from although more than a few of its values are missing.
    pub missing: Vec<Missing>,
    /// What was learned from.
    pub columns: Vec<String>,
    /// Columns that name a row.
    pub ids: Vec<String>,
    pub metrics: Metrics,
    /// The rows that the silhouette was computed on, where that is a sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silhouette_rows: Option<usize>,
    /// Of a mixture: lower is better.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bic: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aic: Option<f64>,
    /// The mixtures that were compared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub compared: Vec<MixtureQuality>,
    pub segments: Vec<SegmentDescription>,
    /// From the coarsest to the finest, whose segments are those above; none unless several levels were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<LevelReport>,
    pub excluded: Vec<Excluded>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<PathBuf>,
    /// Of a tree: the share of these rows that `adflux predict` puts into their own segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returning: Option<f64>,
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
/// The segments that are told at most, the largest: nobody reads more.
const SEGMENTS: usize = 20;

impl Report {
    /// The report for people, 80 columns wide.
    pub fn words(&self, file: &Path, language: Language) -> String {
        let say = |en, es| language.pick(en, es);
        let segments = match self.levels.is_empty() {
            true => segments_in(self.k, language),
            false => format!("{} {}", numbers_of(&self.levels, language), say("segments", "segmentos")),
        };
        let title = format!("{}: {}, {segments} ({})", file.display(), rows_in(self.rows, language), self.method);
        let learned = format!("{} {}", say("Learned from:", "Se aprende de:"), self.columns.join(", "));
        let reason = paragraph(&self.reason, 0) + &warned_in(&self.warnings, language);
        let mut parts = vec![title, reason, paragraph(&learned, 0)];
        if !self.missing.is_empty() {
            parts.push(paragraph(&self.filled(language), 0));
        }
        if !self.excluded.is_empty() {
            let found = left_out(&self.excluded, language);
            parts.push(format!("{}\n{}", say("Left out:", "Se dejan fuera:"), found.trim_end()));
        }
        if self.levels.is_empty() {
            let id = |segment: &SegmentDescription| segment.id.map_or("–".to_string(), |id| id.to_string());
            let (told, more) = self.segments.split_at(self.segments.len().min(SEGMENTS));
            parts.extend(told.iter().map(|s| words_of(s, &id(s), 0, id(s).len() + 2, language)));
            if !more.is_empty() {
                let rows: usize = more.iter().map(|segment| segment.size).sum();
                let (more, rows) = (more.len(), rows_in(rows, language));
                parts.push(match language {
                    Language::En => format!("{more} more, of {rows}: --format json has all."),
                    Language::Es => format!("{more} más, con {rows}: --format json los tiene todos."),
                });
            }
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
        parts.extend(self.quality(language));
        if let (Some(share), true) = (self.returning, self.model.is_some()) {
            let share = percent_in(share, 1, language);
            parts.push(paragraph(
                &match language {
                    Language::En => format!(
                        "adflux predict puts a row to the nearest centre: of these rows {share} come into the segment they have here."
                    ),
                    Language::Es => format!(
                        "adflux predict pone cada fila con el centro más cercano: de estas filas, el {share} cae en el segmento que \
                         tiene aquí."
                    ),
                },
                0,
            ));
        }
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

    /// Which values were missing, and what became of them.
    fn filled(&self, language: Language) -> String {
        let shares = self.missing.iter().map(|m| format!("{} {}", m.column, percent_in(m.share, 0, language)));
        let shares: Vec<String> = shares.collect();
        let what = language.pick(
            "Numbers are filled in with the median, and a category without a value is a category of its own.",
            "Los números se rellenan con la mediana, y una categoría sin dato es una categoría más.",
        );
        format!("{} {}. {what}", language.pick("Missing values:", "Faltan datos:"), shares.join(", "))
    }

    /// A table of the measures that are defined; none where none is.
    fn quality(&self, language: Language) -> Option<String> {
        let say = |en, es| language.pick(en, es);
        let (higher, lower) =
            (say("higher is better", "mejor cuanto más alto"), say("lower is better", "mejor cuanto más bajo"));
        let sampled = self.silhouette_rows.map_or(String::new(), |rows| {
            format!(" ({} {})", say("a sample of", "muestra de"), rows_in(rows, language))
        });
        let inertia = match self.method {
            // Differences of categories are weighted in it: no number beside that of other methods.
            "kprototypes" => say("cost", "coste"),
            _ => say("inertia", "inercia"),
        };
        let falls = say("falls with every segment more", "baja con cada segmento más");
        let measures = [
            ("silhouette", say("silhouette", "silueta"), format!("{higher}, −1 {} 1{sampled}", say("to", "a"))),
            ("calinski_harabasz", "Caliński–Harabasz", higher.into()),
            ("davies_bouldin", "Davies–Bouldin", lower.into()),
            ("inertia", inertia, falls.into()),
            ("bic", "BIC", lower.into()),
            ("aic", "AIC", lower.into()),
        ];
        let mixture = [("bic", self.bic), ("aic", self.aic)];
        let values: Vec<(&str, f64)> =
            self.metrics.all().into_iter().chain(mixture).filter_map(|(name, value)| Some((name, value?))).collect();
        if values.is_empty() {
            return None;
        }
        let mut rows = table(&[say("How well they stand apart", "Cómo se separan"), "", ""], 1);
        for (name, shown, better) in measures {
            if let Some((_, value)) = values.iter().find(|(measure, _)| *measure == name) {
                let decimals = if value.abs() >= 100.0 { 0 } else { 3 };
                rows.add_row([shown.to_string(), language.number(*value, decimals), better]);
            }
        }
        if let Some(words) = rows.column_mut(2) {
            words.set_cell_alignment(CellAlignment::Left);
        }
        Some(indented(&rows).trim_end().to_string())
    }
}

/// A segment in words: the first line behind `label`, at `from`; all that is told of it `further` in.
pub fn words_of(segment: &SegmentDescription, label: &str, from: usize, further: usize, language: Language) -> String {
    let say = |en, es| language.pick(en, es);
    let indent = from + further;
    let size = format!("{} ({})", rows_in(segment.size, language), percent_in(segment.share, 0, language));
    // The name stands two columns behind the label; where it needs more lines, they begin further in.
    let head = paragraph(&format!("{} · {size}", segment.name), from + label.chars().count() + 2);
    let head = head.trim_start();
    let mut lines = vec![format!("{}{label}  {head}", " ".repeat(from))];
    if let Some(outcome) = &segment.outcome {
        lines.push(paragraph(&words_of_outcome(outcome, language), indent));
    }
    lines.extend(told(segment).map(|feature| listed(&feature.text(language), indent)));
    lines.extend(segment.sensitive.iter().map(|shares| paragraph(&words_of_groups(shares, language), indent)));
    if let Some(medoid) = segment.medoid.as_ref().filter(|_| segment.id.is_some()) {
        lines.push(paragraph(&words_of_medoid(segment, medoid, language), indent));
    }
    if let Some(rule) = &segment.rule {
        let quality = format!(
            "({} {}, {} {})",
            say("precision", "precisión"),
            percent_in(rule.precision, 0, language),
            say("recall", "exhaustividad"),
            percent_in(rule.recall, 0, language)
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

/// The features that are told: the strongest that say each its own.
fn told(segment: &SegmentDescription) -> impl Iterator<Item = &SegmentFeature> {
    segment.features.iter().filter(|feature| feature.same_as.is_none()).take(FEATURES)
}

fn words_of_outcome(outcome: &Outcome, language: Language) -> String {
    let show = |value: f64| match (outcome.rate, value.is_finite()) {
        (true, true) => percent_in(value, 1, language),
        (_, true) => language.digits(value),
        (_, false) => "–".into(),
    };
    let everyone = language.pick("everyone", "total");
    let interval = match outcome.lower.is_finite() && outcome.upper.is_finite() {
        true => format!("95 %: {}–{}; ", show(outcome.lower).trim_end_matches("\u{a0}%"), show(outcome.upper)),
        false => String::new(),
    };
    let average = if outcome.rate { "" } else { language.pick(" on average", " de media") };
    format!("{} {}{average} ({interval}{everyone}: {})", outcome.column, show(outcome.mean), show(outcome.overall))
}

/// Groups of a sensitive column that are told.
const GROUPS: usize = 6;

fn words_of_groups(shares: &SensitiveShares, language: Language) -> String {
    let known = shares.groups.iter().filter(|group| group.share.is_finite()).take(GROUPS).enumerate();
    // Said once what stands in brackets.
    let everyone = |i: usize| if i == 0 { language.pick("everyone: ", "total: ") } else { "" };
    let mut told: Vec<String> = known
        .map(|(i, g)| {
            let (here, all) = (percent_in(g.share, 0, language), percent_in(g.overall, 0, language));
            format!("{} {here} ({}{all})", named(&g.group, language), everyone(i))
        })
        .collect();
    if shares.missing > 0.0 {
        told.push(format!("{} {}", language.pick("not known:", "sin dato:"), percent_in(shares.missing, 0, language)));
    }
    format!("{} = {}", shares.column, told.join(", "))
}

/// A group as it is read before its share: "30 or less:", "f:".
fn named(group: &str, language: Language) -> String {
    match (group.strip_prefix("≤ "), group.strip_prefix("> ")) {
        (Some(most), _) => format!("{most} {}:", language.pick("or less", "o menos")),
        (_, Some(least)) => format!("{} {least}:", language.pick("over", "más de")),
        _ => format!("{group}:"),
    }
}

/// The row that stands for the segment: who it is, and what it holds in the columns that set the segment apart.
fn words_of_medoid(segment: &SegmentDescription, medoid: &Medoid, language: Language) -> String {
    let mut columns: Vec<&str> = Vec::new();
    for feature in told(segment) {
        if !columns.contains(&feature.column.as_str()) {
            columns.push(&feature.column);
        }
    }
    let values = medoid.values.iter().filter(|(column, _)| columns.contains(&column.as_str()));
    let missing = language.pick("missing", "sin dato");
    let values = values.map(|(column, value)| format!("{column} {}", value.as_deref().unwrap_or(missing)));
    let row = format!("{} {}", language.pick("data row", "fila de datos"), count_in(medoid.row as f64 + 1.0, language));
    let who: Vec<String> = medoid.ids.iter().map(|(column, id)| format!("{column} {id}")).collect();
    let values: Vec<String> = values.collect();
    let head = language.pick("Typical:", "Representativa:");
    match (who.is_empty(), values.is_empty()) {
        (true, true) => format!("{head} {row}"),
        (true, false) => format!("{head} {row} ({})", values.join(", ")),
        (false, true) => format!("{head} {} ({row})", who.join(", ")),
        (false, false) => format!("{head} {} ({row}: {})", who.join(", "), values.join(", ")),
    }
}
