//! The report in words, 80 columns wide.

use super::{Drift, Moved, Report};
use crate::{
    numbers::{count, percent},
    tables::{paragraph, table},
};
use adflux::{data::ColumnReport, pipeline::Shift};

/// How much of a name is shown.
const NAME: usize = 24;
/// How many letters of a line are left for a name and what comes most often, the numbers between them taken off.
const BESIDE: usize = 80 - 9 - 10 - 2;

pub(super) fn of(report: &Report) -> String {
    let s = |n: usize| if n == 1 { "" } else { "s" };
    let copies = match report.duplicates {
        0 => "no row twice".to_string(),
        n => format!("{} row{} {} an earlier one", count(n as f64), s(n), if n == 1 { "repeats" } else { "repeat" }),
    };
    let (rows, columns) = (report.rows, report.columns.len());
    let title = format!(
        "{}: {} row{}, {columns} column{}, {copies}",
        report.file.display(),
        count(rows as f64),
        s(rows),
        s(columns)
    );
    let mut parts = vec![paragraph(&title, 0)];
    parts.extend(numbers(report.columns));
    parts.extend(infinite(report.columns));
    parts.extend(times(report.columns));
    parts.extend(levels(report.columns, rows));
    if !report.suspects.is_empty() {
        let lines = report.suspects.iter().map(|s| paragraph(&format!("{} {}", s.column, s.reason), 3));
        parts.push(format!("Not to be learned from as they are\n{}", lines.collect::<Vec<_>>().join("\n")));
    }
    if let Some(found) = &report.drift {
        parts.push(drift(found));
    }
    parts.join("\n\n")
}

/// Columns of numbers.
fn numbers(columns: &[ColumnReport]) -> Option<String> {
    let mut rows = table(&["numbers", "missing", "min", "median", "mean", "max", "outliers"], 1);
    for column in columns {
        let Some(n) = column.numbers.filter(|_| is_measured(column)) else { continue };
        let places = [n.min, n.median, n.mean, n.max].map(short);
        let around = [name(&column.name), share(column.missing_share)].into_iter();
        rows.add_row(around.chain(places).chain([if n.outliers == 0 {
            "–".into()
        } else {
            count(n.outliers as f64)
        }]));
    }
    filled(rows)
}

/// Columns with numbers that are infinite, which nothing can be learned from.
fn infinite(columns: &[ColumnReport]) -> Option<String> {
    let of = |column: &ColumnReport| match column.numbers {
        Some(numbers) if numbers.infinite > 0 => Some(format!("{} ({})", column.name, count(numbers.infinite as f64))),
        _ => None,
    };
    let all: Vec<String> = columns.iter().filter_map(of).collect();
    (!all.is_empty()).then(|| paragraph(&format!("Infinite values: {}", all.join(", ")), 0))
}

fn times(columns: &[ColumnReport]) -> Option<String> {
    let mut rows = table(&["times", "missing", "first", "last"], 1);
    for column in columns {
        let Some([first, last]) = &column.times else { continue };
        let short = |time: &String| time.chars().take(19).collect::<String>();
        rows.add_row([name(&column.name), share(column.missing_share), short(first), short(last)]);
    }
    filled(rows)
}

/// Whether a column of numbers has more to say than how often each of two values comes.
fn is_measured(column: &ColumnReport) -> bool {
    column.distinct > 2 || column.levels.is_empty()
}

/// Columns of text and truth values, numbers of one value or two, and columns without any value.
fn levels(columns: &[ColumnReport], rows: usize) -> Option<String> {
    let mut lines = table(&["levels", "missing", "values"], 1);
    let mut often = Vec::new();
    let shown = |c: &&ColumnReport| c.times.is_none() && (c.numbers.is_none() || !is_measured(c));
    let of_names = columns.iter().filter(shown).map(|c| name(&c.name).chars().count()).max().unwrap_or_default();
    for column in columns.iter().filter(shown) {
        lines.add_row([name(&column.name), share(column.missing_share), count(column.distinct as f64)]);
        often.push(most_frequent(column, rows, BESIDE.saturating_sub(of_names.max("levels".len()))));
    }
    // Beside the table rather than in it: its last column is ragged.
    let mut beside = vec!["most frequent".to_string()];
    beside.extend(often);
    let lines: Vec<String> = lines.lines().zip(&beside).map(|(line, often)| format!("{line}  {often}")).collect();
    (lines.len() > 1).then(|| lines.join("\n"))
}

/// The most frequent values with their shares, as many as fit into `room` letters.
fn most_frequent(column: &ColumnReport, rows: usize, room: usize) -> String {
    let present = rows - column.missing;
    if column.levels.is_empty() && present > 0 && column.numbers.is_none() {
        return "(not shown)".into();
    }
    // Where no value comes twice, none is frequent.
    if column.distinct == present && present > 1 {
        return "(all different)".into();
    }
    let mut shown = String::new();
    for level in &column.levels {
        let value = cut(&level.value, 18);
        let value = if value.is_empty() { "(empty)" } else { &value };
        let next = format!("{value} {}", share(level.rows as f64 / rows as f64));
        let separator = if shown.is_empty() { "" } else { ", " };
        if shown.chars().count() + separator.len() + next.chars().count() > room {
            break;
        }
        shown.push_str(separator);
        shown.push_str(&next);
    }
    shown
}

fn drift(found: &Drift) -> String {
    /// So many columns that have not moved are shown.
    const STILL: usize = 3;
    let moved = found.columns.iter().filter(|c| c.shift != Shift::None).count();
    let total = found.columns.len();
    let rows = count(found.rows as f64);
    let title = format!("Since {} ({rows} rows): {moved} of {total} columns have moved", found.against.display());
    let mut lines = table(&["column", "shift", "PSI", "by chance", "KS gap", "p"], 2);
    let shown = total.min(moved + STILL);
    for column in &found.columns[..shown] {
        let (gap, p) = match &column.ks {
            Some(ks) => (format!("{:.3}", ks.statistic), p_value(ks.p_value)),
            None => ("–".into(), "–".into()),
        };
        let shift = match column.shift {
            Shift::None => "none",
            Shift::Moderate => "moderate",
            Shift::Large => "large",
        };
        let (psi, chance) = (format!("{:.3}", column.psi), format!("{:.3}", column.psi_by_chance));
        lines.add_row([name(&column.column), shift.into(), psi, chance, gap, p]);
    }
    let mut parts = vec![paragraph(&title, 0)];
    parts.extend(filled(lines));
    let mut notes: Vec<String> = found.columns.iter().flat_map(changes).collect();
    let listed = |what: &str, names: &[String]| (!names.is_empty()).then(|| format!("{what}: {}", few(names)));
    notes.extend(listed("columns only in the reference", &found.only_in_reference));
    notes.extend(listed("columns only here", &found.only_in_file));
    if shown < total {
        notes.push(format!("{} more columns have not moved", total - shown));
    }
    if !notes.is_empty() {
        parts.push(notes.iter().map(|note| paragraph(note, 3)).collect::<Vec<_>>().join("\n"));
    }
    let reading = "PSI is read so: below 0.1 little has moved, from 0.25 on much; it counts when it is larger than what \
        chance makes of so few rows. KS gap: the widest gap between the shares of rows up to each number; p: how likely \
        chance makes one as wide.";
    parts.push(paragraph(reading, 0));
    parts.join("\n\n")
}

/// What is new in a column and what is gone.
fn changes(column: &Moved) -> Vec<String> {
    let mut notes = Vec::new();
    // Texts that are different in nearly every row have no levels.
    const LEVELS: usize = 50;
    if column.kind != column.kind_in_file {
        notes.push(format!("{} was {} and is {}", column.column, column.kind, column.kind_in_file));
    }
    for (what, levels) in [("has new values", &column.new_levels), ("no longer has", &column.vanished_levels)] {
        if !levels.is_empty() && levels.len() <= LEVELS {
            notes.push(format!("{} {what}: {}", column.column, few(levels)));
        } else if column.shift > Shift::None && !levels.is_empty() {
            notes.push(format!("{} {what}: {} of them", column.column, levels.len()));
        }
    }
    let (before, now) = (column.missing.reference, column.missing.file);
    if (before - now).abs() >= 0.05 {
        notes.push(format!(
            "{} is missing in {} of the rows, before in {}",
            column.column,
            percent(now, 0),
            percent(before, 0)
        ));
    }
    notes
}

/// The first of some names.
fn few(names: &[String]) -> String {
    const SHOWN: usize = 6;
    let shown: Vec<String> =
        names.iter().take(SHOWN).map(|n| if n.is_empty() { "(empty)".into() } else { cut(n, 40) }).collect();
    let more = if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

/// A table that has rows.
fn filled(table: comfy_table::Table) -> Option<String> {
    let text = table.lines().map(|line| line.trim_end().to_string()).collect::<Vec<_>>();
    (table.row_count() > 0).then(|| text.join("\n"))
}

fn name(name: &str) -> String {
    cut(name, NAME)
}

/// The beginning of `text`, in one line.
fn cut(text: &str, most: usize) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    match text.chars().count() > most {
        true => text.chars().take(most - 1).map(clean).chain(['…']).collect(),
        false => text.chars().map(clean).collect(),
    }
}

fn share(missing: f64) -> String {
    match missing {
        0.0 => "–".into(),
        m if m < 0.01 => format!("<{}", percent(0.01, 0)),
        m => percent(m, 0),
    }
}

fn p_value(p: f64) -> String {
    if p < 0.001 { "<0.001".into() } else { format!("{p:.3}") }
}

/// A number in seven letters or eight.
fn short(value: f64) -> String {
    let size = value.abs();
    // A number of eight digits may be a day: 20240131.
    if (1e7..1e8).contains(&size) {
        return format!("{value:.0}");
    }
    if size != 0.0 && !(1e-4..1e7).contains(&size) {
        return format!("{value:.1e}");
    }
    if size >= 1000.0 {
        return count(value);
    }
    // Four digits that count, without zeros at the end.
    let decimals = if size >= 1.0 || size == 0.0 { 3 - (size.max(1.0).log10().floor() as usize) } else { 4 };
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let numbers = [0.0, 0.5, 1.0, 12.3456, 999.94, 1234.5, -0.00012, 12345678.0, 1e-9, 0.1234567];
        let shown = ["0", "0.5", "1", "12.35", "999.9", "1,234", "-0.0001", "12345678", "1.0e-9", "0.1235"];
        assert_eq!(numbers.map(short), shown);
        assert_eq!(
            (short(20240101.0), short(2e9), short(20240101.4)),
            ("20240101".into(), "2.0e9".into(), "20240101".into())
        );
        assert_eq!((cut("a\nb", 5), cut("abcdef", 4)), ("a b".into(), "abc…".into()));
        assert_eq!((share(0.0), share(0.001), share(0.5)), ("–".into(), "<1\u{a0}%".into(), "50\u{a0}%".into()));
    }
}
