//! How predictions follow one column.

use super::{
    Explained,
    one::short,
    units::{bar, number, shown},
};
use crate::{
    format::{Format, print_json, print_text},
    numbers::{count_in, percent},
    tables::{indented, paragraph, table},
};
use adflux::{
    core::{Context, Result},
    evaluation::quantiles::quantiles,
    pipeline::{Dependence, Grid, PartialDependence},
    postprocessing::Language,
};
use serde::Serialize;

#[derive(Serialize)]
struct Report<'a> {
    column: &'a str,
    output: Option<&'a str>,
    rows: usize,
    values: Vec<At<'a>>,
    /// Rarer levels that are not shown.
    levels_left_out: usize,
}

/// What is predicted at a value: the mean, and where the middle 80 % of the rows are.
#[derive(Serialize)]
struct At<'a> {
    value: Value<'a>,
    mean: f64,
    lower: f64,
    upper: f64,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Value<'a> {
    Number(f64),
    Level(&'a str),
}

/// Values of the column.
const SHOWN: usize = 12;

pub fn report(explained: &Explained, column: &str, context: &Context) -> Result<()> {
    let rows = explained.sampled();
    let grid = PartialDependence { grid_resolution: SHOWN, ..PartialDependence::default() };
    let found = grid.run(explained.fitted, &rows, column, explained.arguments.of.as_deref(), context)?;
    let value = |i: usize| match &found.grid {
        Grid::Numbers(values) => Value::Number(values[i]),
        Grid::Levels(levels) => Value::Level(&levels[i]),
    };
    let at = |(i, (mean, of_rows)): (usize, (&f64, ndarray::ArrayView1<f64>))| {
        let ends = quantiles(&mut of_rows.to_vec(), &[0.1, 0.9]);
        At { value: value(i), mean: *mean, lower: ends[0], upper: ends[1] }
    };
    let values = found.average.iter().zip(found.individual.columns()).enumerate().map(at).collect();
    let (output, levels_left_out) = (found.output.as_deref(), found.levels_left_out);
    let report = Report { column, output, rows: rows.rows(), values, levels_left_out };
    match explained.arguments.format {
        Format::Json => print_json(&report),
        Format::Table => print_text(&words(explained, &report, &found)),
    }
}

fn words(explained: &Explained, report: &Report, found: &Dependence) -> String {
    let share = found.output.is_some() && explained.fitted.training.target_column.is_some();
    let show = |v: f64| if share { percent(v, 1) } else { number(v) };
    let what = explained.called(found.output.as_deref());
    let rows = count_in(report.rows as f64, explained.language);
    let title = match explained.language {
        Language::En => format!("How {what} follows {} when the rest of {rows} rows stays as it is", report.column),
        Language::Es => format!("Cómo sigue {what} a {} cuando lo demás de {rows} filas queda igual", report.column),
    };
    let column = short(report.column);
    let header =
        [&column[..], explained.say("mean", "media"), "", explained.say("80 % of the rows", "80 % de las filas")];
    let mut lines = table(&header, 1);
    if let Some(column) = lines.column_mut(2) {
        column.set_cell_alignment(comfy_table::CellAlignment::Left);
    }
    // Bars begin at 0 where all predictions are on one side of it.
    let (least, most) = (found.average.iter()).fold((0.0_f64, 0.0_f64), |(a, b), v| (a.min(*v), b.max(*v)));
    for at in &report.values {
        let value = match &at.value {
            Value::Number(value) if value.fract() == 0.0 => format!("{value}"),
            Value::Number(value) => number(*value),
            Value::Level(level) => shown(level, 22, explained),
        };
        let drawn = bar((at.mean - least) / (most - least).max(f64::MIN_POSITIVE), 20);
        lines.add_row([value, show(at.mean), drawn, format!("{} – {}", show(at.lower), show(at.upper))]);
    }
    let note = explained.say(
        "It says what the model makes of the column alone. Where columns hang together, some of these rows could not be.",
        "Dice qué hace el modelo de la columna sola. Donde las columnas van juntas, algunas de estas filas no podrían darse.",
    );
    let more = count_in(report.levels_left_out as f64, explained.language);
    let note = match (report.levels_left_out, explained.language) {
        (0, _) => note.to_string(),
        (_, Language::En) => format!("Levels that are rarer and not shown: {more}. {note}"),
        (_, Language::Es) => format!("Niveles menos frecuentes que no se muestran: {more}. {note}"),
    };
    format!("{}\n\n{}\n{}", paragraph(&title, 0), indented(&lines), paragraph(&note, 0))
}
