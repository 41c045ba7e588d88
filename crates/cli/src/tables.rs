//! Tables for a terminal of 80 columns.

use adflux::postprocessing::Language;
use comfy_table::{CellAlignment, Table, presets};

/// The table with every line indented as the report around it.
pub fn indented(table: &Table) -> String {
    table.lines().map(|line| format!("   {}\n", line.trim_end())).collect()
}

/// A table without borders, the first `text` columns to the left and the others to the right.
pub fn table(header: &[&str], text: usize) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(header);
    for (i, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if i == 0 { 0 } else { 2 }, 0));
        column.set_cell_alignment(if i < text { CellAlignment::Left } else { CellAlignment::Right });
    }
    table
}

/// What a reader must know before believing the rest, a paragraph each, behind an empty line; nothing without warnings.
pub fn warned(warnings: &[String]) -> String {
    warned_in(warnings, Language::En)
}

/// The same in the language.
pub fn warned_in(warnings: &[String], language: Language) -> String {
    let head = language.pick("Warning:", "Aviso:");
    warnings.iter().map(|warning| format!("\n\n{}", paragraph(&format!("{head} {warning}"), 0))).collect()
}

/// Text broken into lines of at most 78 characters, each behind `indent` spaces.
pub fn paragraph(text: &str, indent: usize) -> String {
    const WIDTH: usize = 78;
    let mut out = String::new();
    let mut length = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let word_length = word.chars().count();
        if length > 0 && length + 1 + word_length > WIDTH {
            out.push('\n');
            length = 0;
        }
        if length == 0 {
            out.push_str(&" ".repeat(indent));
            length = indent;
        } else {
            out.push(' ');
            length += 1;
        }
        out.push_str(word);
        length += word_length;
    }
    out
}
