//! One prediction taken apart.

use super::{
    Explained,
    units::{Unit, bar, shown},
};
use crate::{
    format::{Format, print_json, print_text},
    numbers::rows,
    tables::{indented, paragraph, table},
};
use adflux::{
    core::{Context, Error, Result, Rows as _, Scale},
    pipeline::{Attributions, Contribution, Explanation},
    postprocessing::Language,
};
use serde::Serialize;

#[derive(Serialize)]
struct Report<'a> {
    row: usize,
    method: &'a str,
    scale: Scale,
    output: Option<&'a str>,
    base: f64,
    prediction: f64,
    sum: f64,
    contributions: Vec<Part<'a>>,
}

#[derive(Serialize)]
struct Part<'a> {
    column: &'a str,
    value: &'a str,
    effect: f64,
}

/// Rows of the table that are shown one by one.
const SHOWN: usize = 12;
/// Letters of a value.
const VALUE: usize = 24;

pub fn report(explained: &Explained, row: usize, context: &Context) -> Result<()> {
    let all_rows = explained.frame.rows();
    if row == 0 || row > all_rows {
        let reason = format!("the table has {}, of which the first is 1", rows(all_rows));
        return Err(Error::parameter("row", row, reason));
    }
    let frame = explained.frame.take(&[row - 1]);
    let all = explained.attributions(&frame, context)?;
    let one = all.row(&frame, 0)?;
    match explained.arguments.format {
        Format::Json => print_json(&Report {
            row,
            method: all.method,
            scale: all.scale,
            output: all.output.as_deref(),
            base: one.base,
            prediction: all.predictions[0],
            sum: one.prediction,
            contributions: (one.contributions.iter())
                .map(|c| Part { column: &c.column, value: &c.value, effect: c.effect })
                .collect(),
        }),
        Format::Table => print_text(&words(explained, row, &all, &one)),
    }
}

fn words(explained: &Explained, row: usize, all: &Attributions, one: &Explanation) -> String {
    let unit = Unit::of(explained, all);
    let what = explained.subject(all);
    let (predicted, usual) = (unit.prediction(all.predictions[0]), unit.back(one.base));
    let mut title = match explained.language {
        Language::En => format!("Row {row}: {what} is predicted to be {predicted}."),
        Language::Es => format!("Fila {row}: {what} se predice en {predicted}."),
    };
    if let Some(usual) = usual {
        title.push_str(&match explained.language {
            Language::En => format!(" Every row starts from {usual}."),
            Language::Es => format!(" Toda fila parte de {usual}."),
        });
    }
    let mut out = format!("{}\n\n", paragraph(&title, 0));
    out.push_str(&format!("{}\n\n", paragraph(&in_words(explained, one), 0)));

    let most = one.contributions.first().map_or(0.0, |c| c.effect.abs()).max(f64::MIN_POSITIVE);
    let header = ["", explained.say("value", "valor"), explained.say("adds", "aporta"), ""];
    let mut lines = table(&header, 2);
    let line = |c: &Contribution| {
        let (sign, share) = (if c.effect < 0.0 { "◂" } else { "▸" }, c.effect.abs() / most);
        let drawn = if share < 1e-3 { String::new() } else { format!("{sign}{}", bar(share, 14)) };
        [short(&c.column), shown(&c.value, VALUE, explained), unit.effect(c.effect), format!("{drawn:<15}")]
    };
    lines.add_row(["".into(), explained.say("base", "base").into(), base(&unit, one.base), String::new()]);
    let shown_rows = if one.contributions.len() == SHOWN + 1 { SHOWN + 1 } else { SHOWN };
    for c in one.contributions.iter().take(shown_rows) {
        lines.add_row(line(c));
    }
    if let rest @ [_, ..] = &one.contributions[shown_rows.min(one.contributions.len())..] {
        let others = match explained.language {
            Language::En => format!("{} other columns", rest.len()),
            Language::Es => format!("otras {} columnas", rest.len()),
        };
        let sum: f64 = rest.iter().map(|c| c.effect).sum();
        lines.add_row([others, String::new(), unit.effect(sum), String::new()]);
    }
    let total = match unit.back(one.prediction) {
        Some(back) if all.scale != Scale::Outcome => format!("= {back}"),
        _ => String::new(),
    };
    lines.add_row([total_name(explained), String::new(), base(&unit, one.prediction), total]);
    out.push_str(&indented(&lines));
    out.push_str(&format!("\n{}\n{}", paragraph(unit.says(explained), 0), explained.notes(all)));
    out
}

fn total_name(explained: &Explained) -> String {
    explained.say("sum: the prediction", "suma: la predicción").into()
}

/// A base or a sum: a number on the scale, with its sign only below 0.
fn base(unit: &Unit, value: f64) -> String {
    unit.effect(value).trim_start_matches('+').to_string()
}

/// A column's name, cut to fit.
pub fn short(column: &str) -> String {
    const MOST: usize = 22;
    match column.chars().count() {
        0..=MOST => column.into(),
        _ => column.chars().take(MOST - 1).chain("…".chars()).collect(),
    }
}

/// What pushed the prediction where it is, and what pulled the other way.
fn in_words(explained: &Explained, one: &Explanation) -> String {
    let most = one.contributions.first().map_or(0.0, |c| c.effect.abs());
    let counts = |c: &&Contribution| c.effect.abs() >= 0.2 * most && c.effect != 0.0;
    let named = |up: bool| -> Vec<String> {
        let same_way = one.contributions.iter().filter(|c| (c.effect > 0.0) == up);
        let name = |c: &Contribution| format!("{} = {}", c.column, shown(&c.value, VALUE, explained));
        same_way.filter(counts).take(3).map(name).collect()
    };
    let (up, down) = (named(true).join(", "), named(false).join(", "));
    match (explained.language, up.is_empty(), down.is_empty()) {
        (Language::En, true, true) => "No column moves it.".into(),
        (Language::En, false, true) => format!("Raised by {up}."),
        (Language::En, true, false) => format!("Lowered by {down}."),
        (Language::En, false, false) => format!("Raised by {up}; lowered by {down}."),
        (Language::Es, true, true) => "Ninguna columna la mueve.".into(),
        (Language::Es, false, true) => format!("La suben {up}."),
        (Language::Es, true, false) => format!("La bajan {down}."),
        (Language::Es, false, false) => format!("La suben {up}; la bajan {down}."),
    }
}
