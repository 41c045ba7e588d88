//! How much each column moves predictions, on the average.

use super::{
    Explained,
    one::short,
    units::{Unit, bar, shown},
};
use crate::{
    format::{Format, print_json, print_text},
    numbers::{count_in, percent},
    tables::{indented, paragraph, table},
};
use adflux::{
    core::{Categories, Result, Scale},
    data::{ColumnKind, Frame},
    pipeline::Attributions,
    postprocessing::Language,
};
use serde::Serialize;
use std::path::Path;

#[derive(Serialize)]
struct Report<'a> {
    rows: usize,
    method: &'a str,
    scale: Scale,
    output: Option<&'a str>,
    base: f64,
    columns: Vec<Strength>,
    #[serde(skip_serializing_if = "Option::is_none")]
    saved: Option<&'a Path>,
}

#[derive(Serialize)]
struct Strength {
    column: String,
    /// The mean of the absolute contributions.
    mean_absolute: f64,
    /// Of the sum over the columns.
    share: f64,
    /// What goes with the larger predictions.
    raised_by: Option<String>,
}

const SHOWN: usize = 15;

pub fn report(explained: &Explained, rows: &Frame, all: &Attributions) -> Result<()> {
    let strengths = all.strengths();
    let total: f64 = strengths.iter().map(|(_, value)| value).sum();
    let mut columns = Vec::with_capacity(strengths.len());
    for (column, value) in strengths {
        let place = all.columns.iter().position(|c| *c == column).unwrap_or_default();
        let effects = all.values.column(place).to_vec();
        let raised_by = if value > 0.0 { raised_by(explained, rows, &column, &effects)? } else { None };
        let share = if total > 0.0 { value / total } else { 0.0 };
        columns.push(Strength { column, mean_absolute: value, share, raised_by });
    }
    let saved = explained.arguments.output.as_deref();
    let (output, base) = (all.output.as_deref(), all.base);
    let report =
        Report { rows: all.predictions.len(), method: all.method, scale: all.scale, output, base, columns, saved };
    match explained.arguments.format {
        Format::Json => print_json(&report),
        Format::Table => print_text(&words(explained, &report, all)),
    }
}

/// Which values of a column raise predictions: high or low numbers, or the level that adds most on the average; none where
/// numbers raise them neither way.
fn raised_by(explained: &Explained, rows: &Frame, column: &str, effects: &[f64]) -> Result<Option<String>> {
    // Numbers of two values are classes in other words.
    let few = rows.categories(column)?;
    match rows.kind_of(column)? {
        kind if kind != ColumnKind::Time && (kind != ColumnKind::Number || few.levels.len() <= 2) => {
            let Categories { codes, levels } = few;
            let mut sums = vec![(0.0, 0_usize); levels.len()];
            for (code, effect) in codes.iter().zip(effects) {
                if let Some((sum, rows)) = sums.get_mut(*code as usize) {
                    (*sum, *rows) = (*sum + effect, *rows + 1);
                }
            }
            // Free text has as many levels as rows, and none of them says anything.
            if levels.len() * 2 > codes.len().max(4) {
                return Ok(None);
            }
            let mean = |level: &usize| sums[*level].0 / sums[*level].1.max(1) as f64;
            let best = (0..levels.len()).max_by(|a, b| mean(a).total_cmp(&mean(b)));
            Ok(best.and_then(|level| levels.get(level).cloned()))
        }
        _ => {
            let values = rows.numbers(column)?;
            let known: Vec<(f64, f64)> =
                values.into_iter().zip(effects.iter().copied()).filter(|(v, _)| v.is_finite()).collect();
            let turns = correlation(&known);
            Ok(match turns {
                r if r > 0.3 => Some(explained.say("high values", "valores altos").into()),
                r if r < -0.3 => Some(explained.say("low values", "valores bajos").into()),
                _ => None,
            })
        }
    }
}

/// Pearson's, 0 where it is not defined.
fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len().max(1) as f64;
    let (x, y) = pairs.iter().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / n, b + y / n));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        xx += (a - x) * (a - x);
        yy += (b - y) * (b - y);
        xy += (a - x) * (b - y);
    }
    let r = xy / (xx * yy).sqrt();
    if r.is_finite() { r } else { 0.0 }
}

fn words(explained: &Explained, report: &Report, all: &Attributions) -> String {
    let unit = Unit::of(explained, all);
    let (what, language) = (explained.subject(all), explained.language);
    let of_rows = |rows: usize| count_in(rows as f64, language);
    let whole = explained.frame.rows();
    let title = match (language, report.rows == whole) {
        (Language::En, true) => format!("What moves {what}, over {} rows", of_rows(whole)),
        (Language::En, false) => format!("What moves {what}, over {} of {} rows", of_rows(report.rows), of_rows(whole)),
        (Language::Es, true) => format!("Qué mueve {what}, en {} filas", of_rows(whole)),
        (Language::Es, false) => format!("Qué mueve {what}, en {} de {} filas", of_rows(report.rows), of_rows(whole)),
    };
    let mut out = format!("{}\n\n", paragraph(&title, 0));
    let mut lines = table(&["", explained.say("moves by", "mueve"), "", "", explained.say("raised by", "la suben")], 1);
    if let Some(column) = lines.column_mut(2) {
        column.set_cell_alignment(comfy_table::CellAlignment::Left);
    }
    if let Some(column) = lines.column_mut(4) {
        column.set_cell_alignment(comfy_table::CellAlignment::Left);
    }
    let most = report.columns.first().map_or(0.0, |c| c.mean_absolute).max(f64::MIN_POSITIVE);
    let moving: Vec<&Strength> = report.columns.iter().filter(|c| c.mean_absolute > 0.0).collect();
    for c in moving.iter().take(SHOWN) {
        let raised = c.raised_by.as_deref().map_or("–".into(), |value| shown(value, 20, explained));
        let drawn = bar(c.mean_absolute / most, 12);
        lines.add_row([short(&c.column), unit.amount(c.mean_absolute), drawn, percent(c.share, 0), raised]);
    }
    if let rest @ [_, ..] = &moving[SHOWN.min(moving.len())..] {
        let others = match language {
            Language::En => format!("{} other columns", rest.len()),
            Language::Es => format!("otras {} columnas", rest.len()),
        };
        let sum = |of: fn(&Strength) -> f64| rest.iter().map(|c| of(c)).sum::<f64>();
        let amount = unit.amount(sum(|c| c.mean_absolute));
        lines.add_row([others, amount, String::new(), percent(sum(|c| c.share), 0), String::new()]);
    }
    if moving.is_empty() {
        out.push_str(explained.say("No column moves it.", "Ninguna columna la mueve."));
        out.push('\n');
    } else {
        out.push_str(&indented(&lines));
    }
    let unused = report.columns.len() - moving.len();
    if unused > 0 && !moving.is_empty() {
        let more = match (language, unused) {
            (Language::En, 1) => "One of the columns it reads adds nothing to any of these rows.".into(),
            (Language::En, n) => format!("{n} of the columns it reads add nothing to any of these rows."),
            (Language::Es, 1) => "Una de las columnas que lee no aporta nada a ninguna de estas filas.".into(),
            (Language::Es, n) => format!("{n} de las columnas que lee no aportan nada a ninguna de estas filas."),
        };
        out.push_str(&format!("\n{}", paragraph(&more, 0)));
    }
    let note = explained.say(
        "Moves by: the mean of what the column adds to a row, whichever way; the share is of all columns.",
        "Mueve: la media de lo que la columna aporta a una fila, en un sentido u otro; el porcentaje es del total.",
    );
    out.push_str(&format!(
        "\n{}\n{}\n{}",
        paragraph(note, 0),
        paragraph(unit.says(explained), 0),
        explained.notes(all)
    ));
    match report.saved {
        Some(path) => out + &format!("\n\n{} {}", explained.say("Written:", "Escrito:"), path.display()),
        None => {
            let hint = explained.say("--row N takes one prediction apart.", "--row N desglosa una predicción.");
            out + "\n" + hint
        }
    }
}
